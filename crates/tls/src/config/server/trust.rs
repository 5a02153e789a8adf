//! How a server verifies clients.

use super::ServerConfigBuilder;
use crate::ConfigError;
use cairn_handshake::ClientAuthentication;
use cairn_x509::Roots;

/// # Client authentication
///
/// Whether clients are asked for a certificate, and which are believed. By default they are not asked.
impl ServerConfigBuilder {
    /// Asks clients for a certificate that leads to these roots, and lets those in that send none.
    pub fn request_client_certificates(mut self, roots: Roots) -> Self {
        let authorities = roots.authority_names();
        self.policy.client_authentication = ClientAuthentication::Request { authorities };
        self.client_roots = Some(roots);
        self
    }

    /// Asks clients for a certificate that leads to these roots, and refuses those that send none.
    pub fn require_client_certificates(mut self, roots: Roots) -> Self {
        let authorities = roots.authority_names();
        self.policy.client_authentication = ClientAuthentication::Require { authorities };
        self.client_roots = Some(roots);
        self
    }

    /// Trusts clients that show this key in place of a certificate, a `SubjectPublicKeyInfo` in DER (RFC 7250), besides those
    /// with certificates. Whether clients are asked at all is said with
    /// [`ServerConfigBuilder::require_client_certificates`] or [`ServerConfigBuilder::request_client_certificates`], whose
    /// roots may be empty then.
    ///
    /// # Errors
    /// [`ConfigError::Certificate`] when it is no key that can be used.
    pub fn trust_client_raw_public_key(mut self, spki: &[u8]) -> Result<Self, ConfigError> {
        self.client_raw_keys.add(spki)?;
        Ok(self)
    }

    /// The same with all public keys of a file in PEM.
    ///
    /// # Errors
    /// [`ConfigError::Pem`], [`ConfigError::Certificate`].
    pub fn trust_client_raw_public_keys_pem(mut self, file: &[u8]) -> Result<Self, ConfigError> {
        self.client_raw_keys.add_pem(file)?;
        Ok(self)
    }

    /// Lets clients show raw public keys in place of certificates (RFC 7250), where the caller checks them
    /// ([`ServerConfigBuilder::ask_for_client_verification`]).
    pub const fn accept_client_raw_public_keys(mut self) -> Self {
        self.any_raw_key = true;
        self
    }

    /// Hands each client's chain to the caller to check: [`crate::Question::VerifyPeer`].
    pub fn ask_for_client_verification(mut self, authentication: ClientAuthentication) -> Self {
        self.policy.client_authentication = authentication;
        self.ask_for_verification = true;
        self
    }
}
