//! A server's verification of clients.

use super::ServerConfigBuilder;
use crate::error::ConfigError;
use cairn_handshake::ClientAuthentication;
use cairn_x509::{CrlPolicy, Crls, Roots};

/// # Client authentication
///
/// Whether clients must authenticate, and how. By default no certificate is requested.
///
/// ```
/// # #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
/// # fn mutual(chain: &[u8], key: &[u8], clients: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// use cairn_config::ServerConfig;
/// use cairn_x509::Roots;
///
/// let mut roots = Roots::new();
/// roots.add_pem(clients)?;
/// let config =
///     ServerConfig::builder().credential_pem(chain, key)?.require_client_certificates(roots).build()?;
/// # Ok(()) }
/// ```
impl ServerConfigBuilder {
    /// Requests a certificate that is issued under one of these roots. Clients that send none are accepted.
    pub fn request_client_certificates(mut self, roots: Roots) -> Self {
        let authorities = roots.authority_names();
        self.policy.client_authentication = ClientAuthentication::Request { authorities };
        self.client_roots = Some(roots);
        self
    }

    /// Requires a certificate that is issued under one of these roots.
    pub fn require_client_certificates(mut self, roots: Roots) -> Self {
        let authorities = roots.authority_names();
        self.policy.client_authentication = ClientAuthentication::Require { authorities };
        self.client_roots = Some(roots);
        self
    }

    /// Does not request a certificate in the handshake, but permits the application to request one later on
    /// connections of TLS 1.3 with clients that offer post_handshake_auth (RFC 9846 section 4.7.2). The
    /// certificate must be issued under one of these roots. Clients may decline.
    ///
    /// The handshake can request one too: call [`Self::request_client_certificates`] with the same roots
    /// before. The roots of the last call count.
    pub fn request_client_certificates_later(mut self, roots: Roots) -> Self {
        let authorities = roots.authority_names();
        self.policy.tls13.post_handshake_authentication = ClientAuthentication::Request { authorities };
        self.client_roots = Some(roots);
        self
    }

    /// As [`Self::request_client_certificates_later`]. A client that declines ends the connection.
    pub fn require_client_certificates_later(mut self, roots: Roots) -> Self {
        let authorities = roots.authority_names();
        self.policy.tls13.post_handshake_authentication = ClientAuthentication::Require { authorities };
        self.client_roots = Some(roots);
        self
    }

    /// Also checks clients' certificates against these CRLs (RFC 5280 section 6.3). `policy` determines how
    /// stale CRLs, and certificates that no CRL covers, are treated; by default both are refused.
    pub fn client_crls(mut self, crls: Crls, policy: CrlPolicy) -> Self {
        self.client_crls = Some((crls, policy));
        self
    }

    /// Trusts clients that present this raw public key instead of a certificate (RFC 7250). `spki` is a
    /// `SubjectPublicKeyInfo` in DER. A certificate is requested only with
    /// [`Self::require_client_certificates`] or [`Self::request_client_certificates`], whose roots may be
    /// empty in this case.
    ///
    /// # Errors
    /// [`ConfigError::Certificate`] when `spki` is not a usable public key.
    pub fn trust_client_raw_public_key(mut self, spki: &[u8]) -> Result<Self, ConfigError> {
        self.client_raw_keys.add(spki, None)?;
        Ok(self)
    }

    /// Like [`Self::trust_client_raw_public_key`], with every public key in a PEM file (`PUBLIC KEY`).
    ///
    /// # Errors
    /// [`ConfigError::Pem`], [`ConfigError::Certificate`].
    pub fn trust_client_raw_public_keys_pem(mut self, file: &[u8]) -> Result<Self, ConfigError> {
        self.client_raw_keys.add_pem(file, None)?;
        Ok(self)
    }

    /// Accepts raw public keys instead of certificates (RFC 7250), which the caller verifies:
    /// [`Self::ask_for_client_verification`].
    pub const fn accept_client_raw_public_keys(mut self) -> Self {
        self.any_raw_key = true;
        self
    }

    /// Asks the caller to verify each client's chain: [`cairn_handshake::Question::VerifyPeer`].
    pub fn ask_for_client_verification(mut self, authentication: ClientAuthentication) -> Self {
        self.policy.client_authentication = authentication;
        self.ask_for_verification = true;
        self
    }

    /// As [`Self::request_client_certificates_later`], and asks the caller to verify each client's chain.
    pub fn ask_for_client_verification_later(mut self, authentication: ClientAuthentication) -> Self {
        self.policy.tls13.post_handshake_authentication = authentication;
        self.ask_for_verification = true;
        self
    }
}
