//! A client's verification of servers.

use super::{ClientConfigBuilder, Trust};
use crate::error::ConfigError;
use cairn_wire::SignatureScheme;
use cairn_x509::{CrlPolicy, Crls, Roots, ServerName, Stapling};

/// # Trust
///
/// Servers are authenticated against trusted certificates and raw public keys, or by the caller. A
/// configuration needs one of these, unless its suites authenticate with a pre-shared key alone.
///
/// ```
/// # #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
/// # fn roots(pem: &[u8]) -> Result<(), cairn_config::ConfigError> {
/// use cairn_config::ClientConfig;
/// use cairn_x509::Stapling;
///
/// let config = ClientConfig::builder()
///     .trust_pem(pem)?
///     .stapling(Stapling::Require)
///     .ask_for_certificate_timestamps()
///     .build()?;
/// # Ok(()) }
/// ```
impl ClientConfigBuilder {
    /// Trusts the certificates in a PEM file, or the one in a DER file. Adds to the certificates trusted so
    /// far.
    ///
    /// A version 3 certificate of a certificate authority is trusted as one: its owner can issue a
    /// certificate for any name, within the constraints in the certificate. `openssl req -x509` makes such
    /// certificates by default. Each certificate is also trusted exactly: a server that presents it needs no
    /// issuer. [`Self::trust_exactly_pem`] grants that alone.
    ///
    /// Certificates that cannot be used are skipped; [`Roots::add_pem`] reports which, and why.
    ///
    /// # Errors
    /// [`ConfigError::Trust`] when the file has no usable certificate.
    pub fn trust_pem(mut self, file: &[u8]) -> Result<Self, ConfigError> {
        let _skipped = self.roots().add_pem(file)?;
        Ok(self)
    }

    /// Trusts servers that present one of the certificates in a PEM file, or the one in a DER file. The
    /// certificate must contain the server's name and be valid. Its owner cannot issue certificates for other
    /// servers, even if it is a certificate authority. Adds to the certificates trusted so far.
    ///
    /// # Errors
    /// [`ConfigError::Trust`] when the file has no usable certificate.
    pub fn trust_exactly_pem(mut self, file: &[u8]) -> Result<Self, ConfigError> {
        let _skipped = self.roots().add_exactly_pem(file)?;
        Ok(self)
    }

    /// Also checks servers' certificates against these CRLs (RFC 5280 section 6.3). `policy` determines how
    /// stale CRLs, and certificates that no CRL covers, are treated; by default both are refused.
    pub fn crls(mut self, crls: Crls, policy: CrlPolicy) -> Self {
        self.crls = Some((crls, policy));
        self
    }

    /// Trusts these roots. Replaces the certificates trusted so far.
    pub fn trust(mut self, roots: Roots) -> Self {
        self.roots = Some(roots);
        self
    }

    /// Trusts the platform's roots. Adds to the certificates trusted so far. Needs the feature
    /// `platform-roots`.
    #[cfg(feature = "platform-roots")]
    pub fn trust_platform(mut self) -> Self {
        let _counts = self.roots().add_platform();
        self
    }

    /// Trusts a server of this name that presents this raw public key instead of a certificate (RFC 7250).
    /// `spki` is a `SubjectPublicKeyInfo` in DER. The key is accepted on connections to `name` only. Adds to
    /// the keys trusted so far.
    ///
    /// # Errors
    /// [`ConfigError::Certificate`] when `spki` is not a usable public key.
    pub fn trust_raw_public_key_for(mut self, name: &ServerName, spki: &[u8]) -> Result<Self, ConfigError> {
        self.raw_keys.add(spki, Some(name))?;
        Ok(self)
    }

    /// Like [`Self::trust_raw_public_key_for`], with every public key in a PEM file (`PUBLIC KEY`, as
    /// `openssl pkey -pubout` writes it).
    ///
    /// # Errors
    /// [`ConfigError::Pem`], [`ConfigError::Certificate`].
    pub fn trust_raw_public_keys_pem_for(
        mut self,
        name: &ServerName,
        file: &[u8],
    ) -> Result<Self, ConfigError> {
        self.raw_keys.add_pem(file, Some(name))?;
        Ok(self)
    }

    /// Trusts every server that presents this raw public key instead of a certificate (RFC 7250), regardless
    /// of its name: the owner of the key can impersonate any server. If a configuration is for more than one
    /// server, use [`Self::trust_raw_public_key_for`]. `spki` is a `SubjectPublicKeyInfo` in DER. Adds to the
    /// keys trusted so far.
    ///
    /// # Errors
    /// [`ConfigError::Certificate`] when `spki` is not a usable public key.
    pub fn trust_raw_public_key(mut self, spki: &[u8]) -> Result<Self, ConfigError> {
        self.raw_keys.add(spki, None)?;
        Ok(self)
    }

    /// Like [`Self::trust_raw_public_key`], with every public key in a PEM file (`PUBLIC KEY`, as `openssl
    /// pkey -pubout` writes it).
    ///
    /// # Errors
    /// [`ConfigError::Pem`], [`ConfigError::Certificate`].
    pub fn trust_raw_public_keys_pem(mut self, file: &[u8]) -> Result<Self, ConfigError> {
        self.raw_keys.add_pem(file, None)?;
        Ok(self)
    }

    /// Accepts raw public keys instead of certificates (RFC 7250) without a list of trusted keys:
    /// with [`Self::ask_for_verification`] or [`Self::danger_accept_any_certificate`].
    pub const fn accept_raw_public_keys(mut self) -> Self {
        self.any_raw_key = true;
        self
    }

    /// Asks the caller to verify each server's chain: [`cairn_handshake::Question::VerifyPeer`].
    pub fn ask_for_verification(mut self) -> Self {
        self.without_roots = Some(Trust::Ask);
        self
    }

    /// Accepts any certificate of any server. The connection is then protected against passive attackers
    /// only. For diagnosis.
    pub fn danger_accept_any_certificate(mut self) -> Self {
        self.without_roots = Some(Trust::Anyone);
        self
    }

    /// The treatment of OCSP responses that servers staple to their certificates (RFC 6066 section 8). By
    /// default a response is requested; if there is one, or the certificate requires one (RFC 7633), it must
    /// be valid and have the status good. With [`Self::ask_for_verification`] the caller receives the
    /// response with the question and must check it. [`Stapling::Require`] cannot be combined with settings
    /// that leave no response to check: verification by the caller, no verification, and raw public keys
    /// ([`ConfigError::StaplingUnchecked`]).
    pub const fn stapling(mut self, stapling: Stapling) -> Self {
        self.stapling = stapling;
        self
    }

    /// Requests signed certificate timestamps (RFC 6962 section 3.3.1). They are part of
    /// [`cairn_handshake::Question::VerifyPeer`] and of the summary. The application must check them, because
    /// the list of trusted logs changes often.
    pub const fn ask_for_certificate_timestamps(mut self) -> Self {
        self.policy.signed_certificate_timestamps = true;
        self
    }

    /// The signature schemes to accept in certificates, most preferred first, if they differ from
    /// [`Self::signature_schemes`]. They are sent in signature_algorithms_cert (RFC 9846 section 4.3.3), and
    /// a chain that is signed with any other scheme is refused.
    ///
    /// By default the extension is not sent, and every scheme that the provider can verify is accepted in
    /// certificates.
    pub fn certificate_signature_schemes(mut self, schemes: &[SignatureScheme]) -> Self {
        self.policy.certificate_signature_schemes = schemes.to_vec();
        self
    }

    fn roots(&mut self) -> &mut Roots {
        self.roots.get_or_insert_default()
    }
}
