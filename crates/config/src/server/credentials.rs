//! The server's credentials.

use super::ServerConfigBuilder;
use crate::error::ConfigError;

/// # Server credentials
///
/// Certificates with their OCSP responses and timestamps, and pre-shared keys. A server needs one or the
/// other.
///
/// ```
/// # #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
/// # fn two(chains: [&[u8]; 2], keys: [&[u8]; 2]) -> Result<(), cairn_config::ConfigError> {
/// use cairn_config::ServerConfig;
///
/// // Each client receives the certificate for the name that it requests.
/// let config = ServerConfig::builder()
///     .credential_pem(chains[0], keys[0])?
///     .credential_pem(chains[1], keys[1])?
///     .build()?;
/// # Ok(()) }
/// ```
impl ServerConfigBuilder {
    /// Adds a certificate chain and its private key, both in PEM. Of the credentials that the client accepts,
    /// the first with the requested name is presented, or the first of all if none has it. A key signs and
    /// decrypts only as the key usage of its certificate permits.
    ///
    /// # Errors
    /// [`ConfigError::Pem`], [`ConfigError::Key`], [`ConfigError::Credential`],
    /// [`ConfigError::ChainOutOfOrder`].
    pub fn credential_pem(mut self, chain: &[u8], key: &[u8]) -> Result<Self, ConfigError> {
        self.credentials.add_pem(&self.policy.provider, chain, key)?;
        Ok(self)
    }

    /// Adds an OCSP response, in DER, to the credential that was added last. It is sent to clients that
    /// request it (RFC 6066 section 8). A response expires. A server that runs longer must create a
    /// configuration with a new response, or choose credentials itself ([`Self::ask_for_credentials`]).
    ///
    /// # Errors
    /// [`ConfigError::NoCredential`]; [`ConfigError::Ocsp`] when the response cannot be read or is for
    /// another certificate.
    pub fn ocsp_response(mut self, response: &[u8]) -> Result<Self, ConfigError> {
        self.credentials.staple_to_last(response)?;
        Ok(self)
    }

    /// Adds signed certificate timestamps, each a `SerializedSCT`, to the credential that was added last.
    /// They are sent to clients that request them (RFC 6962 section 3.3.1).
    ///
    /// # Errors
    /// [`ConfigError::NoCredential`], and [`ConfigError::TimestampLength`].
    pub fn certificate_timestamps(mut self, timestamps: &[&[u8]]) -> Result<Self, ConfigError> {
        self.credentials.add_timestamps_to_last(timestamps)?;
        Ok(self)
    }

    /// Asks the caller to choose a credential. The caller receives the complete ClientHello:
    /// [`cairn_handshake::Question::ChooseServerCredential`].
    pub const fn ask_for_credentials(mut self) -> Self {
        self.ask_for_credentials = true;
        self
    }

    /// Asks the caller to choose the configuration for a client, after its ClientHello was received and
    /// before it is checked: [`cairn_handshake::Question::ChooseConfiguration`]. The caller may set another
    /// configuration with the transport's `set_server_config`, and answers with
    /// [`cairn_handshake::Answer::Configured`], immediately or later.
    pub const fn ask_for_configuration(mut self) -> Self {
        self.policy.ask_for_configuration = true;
        self
    }

    /// Adds a pre-shared key that this server shares with a client, and the identity of the key (RFC 4279).
    /// The key must be random: an eavesdropper can test guesses of a password offline. With a key, the
    /// policy's pre-shared-key suites are accepted; without a certificate, only those.
    ///
    /// # Errors
    /// [`ConfigError::PskLength`].
    pub fn psk(mut self, identity: &[u8], key: &[u8]) -> Result<Self, ConfigError> {
        self.psks.add(identity, key)?;
        Ok(self)
    }

    /// Hides which PSK identities exist. By default a client with an unknown identity receives the alert
    /// `unknown_psk_identity`, so identities can be found by guessing. With this setting the server continues
    /// with a random key, and the handshake fails at the client's Finished as with a wrong key (RFC 4279
    /// section 2). All keys should have the same length; otherwise the time of the computation may
    /// distinguish some identities.
    ///
    /// It applies to the keys of [`ServerConfigBuilder::psk`], in TLS 1.2. A caller that answers
    /// [`cairn_handshake::Question::FindPsk`] obtains the same effect by answering with a random key.
    ///
    /// TLS 1.3 needs no such setting for the keys of [`Self::external_psk`]. A server without certificates
    /// answers an unknown identity as it answers a wrong key. A server with certificates cannot hide which
    /// identities exist: a handshake with a certificate follows an unknown identity, and a wrong key ends the
    /// handshake (RFC 9846 appendix F.6).
    pub const fn hide_psk_identities(mut self) -> Self {
        self.hide_psk_identities = true;
        self
    }

    /// Asks the caller for the external PSKs of TLS 1.3 that are not in this configuration: the caller gets
    /// [`cairn_handshake::Question::ChoosePsk`] if none of the client's identities is a session of ours or a
    /// key of [`Self::external_psk`]. The answer is [`cairn_handshake::Answer::PskChoice`], with the first
    /// identity that the caller knows, or none.
    ///
    /// Sessions are then bound to a random value, unless [`Self::context_id`] names a context, because a
    /// configuration cannot tell whether another one has the same keys. A client has no such question: its
    /// PSKs are part of its first message, so they are in its configuration.
    pub const fn ask_for_external_psks(mut self) -> Self {
        self.ask_for_external_psks = true;
        self
    }

    /// The hint for clients which pre-shared key to use (RFC 4279 section 2).
    pub fn psk_identity_hint(mut self, hint: &[u8]) -> Self {
        self.policy.tls12.psk_identity_hint = Some(hint.to_vec());
        self
    }
}
