//! The client's credentials.

use super::ClientConfigBuilder;
use crate::{error::ConfigError, psks::Psks};
use cairn_wire::CertificateType;

/// # Client credentials
///
/// Certificates, for servers that request one, and a pre-shared key.
///
/// ```
/// # #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
/// # fn mutual(ca: &[u8], chain: &[u8], key: &[u8]) -> Result<(), cairn_config::ConfigError> {
/// use cairn_config::ClientConfig;
///
/// let config = ClientConfig::builder().trust_pem(ca)?.credential_pem(chain, key)?.build()?;
/// # Ok(()) }
/// ```
impl ClientConfigBuilder {
    /// Adds a certificate chain and its private key, both in PEM, for servers that request a certificate. Of
    /// several credentials, the first that the server accepts is presented.
    ///
    /// # Errors
    /// [`ConfigError::Pem`], [`ConfigError::Key`], [`ConfigError::Credential`],
    /// [`ConfigError::ChainOutOfOrder`].
    pub fn credential_pem(mut self, chain: &[u8], key: &[u8]) -> Result<Self, ConfigError> {
        self.credentials.add_pem(&self.policy.provider, chain, key)?;
        Ok(self)
    }

    /// Presents a certificate regardless of the authorities in the server's request. By default a certificate
    /// that none of them issued is not sent (RFC 5246 section 7.4.4), and [`crate::CertificateWithheld`] is
    /// the reason. The issuers of all certificates of the chain count. It applies to the credentials of the
    /// configuration, not to those that the caller chooses.
    pub const fn show_certificate_to_any_authority(mut self) -> Self {
        self.any_authority = true;
        self
    }

    /// Asks the caller to choose a credential: [`cairn_handshake::Question::ChooseClientCredential`].
    pub const fn ask_for_credentials(mut self) -> Self {
        self.ask_for_credentials = true;
        self
    }

    /// The certificate types that this client can present, most preferred first: X.509, raw public keys, or
    /// both (RFC 7250 section 4.1). They are sent in ClientHello. Set them if the caller chooses credentials
    /// ([`ClientConfigBuilder::ask_for_credentials`]); otherwise they follow from the credentials of the
    /// configuration.
    pub fn credential_types(mut self, types: &[CertificateType]) -> Self {
        self.credential_types = Some(types.to_vec());
        self
    }

    /// The pre-shared key that this client shares with its servers, and the identity of the key, which is
    /// sent in the clear (RFC 4279). Replaces an earlier key. The key must be random: an eavesdropper can
    /// test guesses of a password offline. With a key, the policy's pre-shared-key suites are offered;
    /// without trusted certificates or keys, only those.
    ///
    /// # Errors
    /// [`ConfigError::PskLength`].
    pub fn psk(mut self, identity: &[u8], key: &[u8]) -> Result<Self, ConfigError> {
        self.psks = Psks::None;
        self.psks.add(identity, key)?;
        Ok(self)
    }
}
