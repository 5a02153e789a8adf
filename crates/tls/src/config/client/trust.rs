//! How a client verifies servers.

use super::{ClientConfigBuilder, Trust};
use crate::ConfigError;
use cairn_wire::SignatureScheme;
use cairn_x509::{Roots, Stapling};

/// # Trust
///
/// Which servers the client believes. One of these methods must be called, unless the suites need no certificate.
impl ClientConfigBuilder {
    /// Trusts the certificates in a PEM file (or one in DER): authorities, and self-signed certificates of servers by
    /// exact match. Adds to what was trusted before.
    ///
    /// # Errors
    /// [`ConfigError::Trust`] when the file holds none that can be used.
    pub fn trust_pem(mut self, file: &[u8]) -> Result<Self, ConfigError> {
        self.roots().add_pem(file)?;
        Ok(self)
    }

    /// Trusts these roots. Replaces what was trusted before.
    pub fn trust(mut self, roots: Roots) -> Self {
        self.roots = Some(roots);
        self
    }

    /// Trusts the roots of the platform. Adds to what was trusted before.
    #[cfg(feature = "platform-roots")]
    pub fn trust_platform(mut self) -> Self {
        let _counts = self.roots().add_platform();
        self
    }

    /// Trusts servers that show this key in place of a certificate, a `SubjectPublicKeyInfo` in DER (RFC 7250): the key alone
    /// says who the server is, whatever its name. Adds to what was trusted before.
    ///
    /// # Errors
    /// [`ConfigError::Certificate`] when it is no key that can be used.
    pub fn trust_raw_public_key(mut self, spki: &[u8]) -> Result<Self, ConfigError> {
        self.raw_keys.add(spki)?;
        Ok(self)
    }

    /// The same with all public keys of a file in PEM (`PUBLIC KEY`, as `openssl pkey -pubout` writes it).
    ///
    /// # Errors
    /// [`ConfigError::Pem`], [`ConfigError::Certificate`].
    pub fn trust_raw_public_keys_pem(mut self, file: &[u8]) -> Result<Self, ConfigError> {
        self.raw_keys.add_pem(file)?;
        Ok(self)
    }

    /// Lets servers show raw public keys in place of certificates (RFC 7250), where the caller checks them
    /// ([`ClientConfigBuilder::ask_for_verification`]) or nobody does.
    pub const fn accept_raw_public_keys(mut self) -> Self {
        self.any_raw_key = true;
        self
    }

    /// Hands each server's chain to the caller to check: [`crate::Question::VerifyPeer`].
    pub fn ask_for_verification(mut self) -> Self {
        self.without_roots = Some(Trust::Ask);
        self
    }

    /// Accepts any certificate of any server: the connection is private against who only listens, and against nobody
    /// else. For diagnosis.
    pub fn danger_accept_any_certificate(mut self) -> Self {
        self.without_roots = Some(Trust::Anyone);
        self
    }

    /// What to make of OCSP responses that servers staple to their certificates (RFC 6066 section 8). By default one is
    /// asked for, and when it comes, or the certificate says that it will, it must be good. Who checks chains without
    /// roots gets it with the question and judges for itself.
    pub const fn stapling(mut self, stapling: Stapling) -> Self {
        self.stapling = stapling;
        self
    }

    /// Asks for signed certificate timestamps (RFC 6962 section 3.3.1). They come with [`crate::Question::VerifyPeer`] and
    /// with the summary, and checking them is the application's: which logs are trusted changes from month to month.
    pub const fn ask_for_certificate_timestamps(mut self) -> Self {
        self.policy.signed_certificate_timestamps = true;
        self
    }

    /// The signature schemes to accept in certificates, most preferred first, where they are not those of
    /// [`ClientConfigBuilder::signature_schemes`]: servers are told (signature_algorithms_cert, RFC 8446 section 4.2.3), and a
    /// chain that is signed otherwise is refused.
    ///
    /// By default servers are told nothing of their own, and a chain may be signed in any way that the provider can check.
    pub fn certificate_signature_schemes(mut self, schemes: &[SignatureScheme]) -> Self {
        self.policy.certificate_signature_schemes = schemes.to_vec();
        self
    }

    fn roots(&mut self) -> &mut Roots {
        self.roots.get_or_insert_default()
    }
}
