//! What a server shows of itself.

use super::ServerConfigBuilder;
use crate::ConfigError;

/// # Credentials of a server
impl ServerConfigBuilder {
    /// A certificate chain and its key, both in PEM. Of several the first is shown that suits the client and has the
    /// name it asks for, else the first that suits. A key signs and decrypts only as the key usage of its certificate
    /// allows, where there is one.
    ///
    /// # Errors
    /// [`ConfigError::Pem`], [`ConfigError::Key`], [`ConfigError::Credential`], [`ConfigError::ChainOutOfOrder`].
    pub fn credential_pem(mut self, chain: &[u8], key: &[u8]) -> Result<Self, ConfigError> {
        self.credentials.add_pem(&self.policy.provider, chain, key)?;
        Ok(self)
    }

    /// An OCSP response in DER for the credential that was given last: clients that ask get it with the certificate (RFC
    /// 6066 section 8). It grows old; where connections go on for longer than it lasts, choose credentials yourself
    /// ([`ServerConfigBuilder::ask_for_credentials`]), each with the response of the day.
    ///
    /// # Errors
    /// [`ConfigError::NoCredential`], and [`ConfigError::Ocsp`] when it cannot be read or is about another certificate.
    pub fn ocsp_response(mut self, response: &[u8]) -> Result<Self, ConfigError> {
        self.credentials.staple_to_last(response)?;
        Ok(self)
    }

    /// Signed certificate timestamps for the credential that was given last, each a `SerializedSCT`: clients that ask get
    /// them (RFC 6962 section 3.3.1).
    ///
    /// # Errors
    /// [`ConfigError::NoCredential`], and [`ConfigError::TimestampLength`].
    pub fn certificate_timestamps(mut self, timestamps: &[&[u8]]) -> Result<Self, ConfigError> {
        self.credentials.add_timestamps_to_last(timestamps)?;
        Ok(self)
    }

    /// Hands the choice of a credential to the caller, who sees the whole ClientHello:
    /// [`crate::Question::ChooseServerCredential`].
    pub const fn ask_for_credentials(mut self) -> Self {
        self.ask_for_credentials = true;
        self
    }

    /// Asks the caller which configuration shall serve a client, when its ClientHello has come and before anything of it is
    /// judged: [`crate::Question::ChooseConfiguration`]. The caller names another with
    /// [`crate::Connection::set_server_config`], or leaves this one, and goes on with [`crate::Answer::Configured`]; at once
    /// or when a database has said which.
    pub const fn ask_for_configuration(mut self) -> Self {
        self.policy.ask_for_configuration = true;
        self
    }

    /// A key that this server shares with a client, and its identity (RFC 4279); several may be given. The key must be
    /// random: who hears a handshake can try passwords at leisure. The suites of the policy that use such a key are
    /// accepted then, and without a credential no others.
    ///
    /// # Errors
    /// [`ConfigError::PskLength`].
    pub fn psk(mut self, identity: &[u8], key: &[u8]) -> Result<Self, ConfigError> {
        self.psks.add(identity, key)?;
        Ok(self)
    }

    /// Tells clients which pre-shared key to use (RFC 4279 section 2).
    pub fn psk_identity_hint(mut self, hint: &[u8]) -> Self {
        self.policy.psk_identity_hint = Some(hint.to_vec());
        self
    }
}
