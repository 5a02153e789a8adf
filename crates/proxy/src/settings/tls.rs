//! `[listener.tls]` and `[listener.route.tls]`.

use serde::Deserialize;
use std::path::PathBuf;

/// TLS of a listener.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerTls {
    /// The versions.
    #[serde(default)]
    pub versions: VersionRange,
    /// The application protocols, most preferred first.
    #[serde(default)]
    pub alpn: Vec<String>,
    /// The certificates. Each client gets one that it accepts, for the name that it requests.
    #[serde(default, rename = "certificate")]
    pub certificates: Vec<CertificateFiles>,
    /// Whether early data of TLS 1.3 (RFC 9846 section 2.3) is accepted and forwarded before the handshake is
    /// complete. **The upstream cannot tell a replayed request from another**: see `docs/proxy.md`.
    #[serde(default)]
    pub early_data: bool,
    /// The authorities of clients, in PEM.
    pub client_ca: Option<PathBuf>,
    /// Whether clients without a certificate are accepted although there is `client_ca`.
    #[serde(default)]
    pub client_certificate_optional: bool,
    /// The names that a client's certificate must have: exact DNS names, or `*.` and a domain for all names
    /// below it. Empty: every certificate of the authorities is accepted.
    #[serde(default)]
    pub client_names: Vec<String>,
    /// The certificate revocation lists for the certificates of clients, in PEM or DER. If there are any, a
    /// client whose certificate no list covers is refused.
    #[serde(default)]
    pub client_crl: Vec<PathBuf>,
    /// The treatment of clients whose list is older than its `nextUpdate`.
    #[serde(default)]
    pub client_crl_stale: StaleList,
}

/// The treatment of a certificate revocation list whose `nextUpdate` has passed.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum StaleList {
    /// Clients whose certificates it covers are refused.
    #[default]
    Refuse,
    /// It is used as if it were current.
    Accept,
}

/// The versions of TLS.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[non_exhaustive]
pub enum VersionRange {
    /// TLS 1.3 and TLS 1.2.
    #[default]
    #[serde(rename = "both")]
    Both,
    /// TLS 1.2 alone.
    #[serde(rename = "1.2")]
    Tls12,
    /// TLS 1.3 alone.
    #[serde(rename = "1.3")]
    Tls13,
}

/// A certificate with its key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateFiles {
    /// The chain, in PEM.
    pub chain: PathBuf,
    /// The private key.
    pub key: KeySource,
    /// A file with the passphrase of an encrypted private key in its first line.
    pub passphrase_file: Option<PathBuf>,
    /// An OCSP response, in DER.
    pub ocsp: Option<PathBuf>,
}

/// The place of a private key.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
#[non_exhaustive]
pub enum KeySource {
    /// A file in PEM or DER.
    File(PathBuf),
    /// A PKCS #11 URI (RFC 7512) with `module-path` and `pin-source`.
    Pkcs11(String),
}

impl From<String> for KeySource {
    fn from(text: String) -> Self {
        match text.split_once(':') {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("pkcs11") => Self::Pkcs11(text),
            _ => Self::File(text.into()),
        }
    }
}

/// TLS to an upstream.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientTls {
    /// The name in the upstream's certificate. By default it is the host of `upstream`.
    pub server_name: Option<String>,
    /// The authorities of the upstream, in PEM.
    pub ca: PathBuf,
    /// The versions.
    #[serde(default)]
    pub versions: VersionRange,
    /// The application protocols. Empty: that of the client's connection, if it has one.
    #[serde(default)]
    pub alpn: Vec<String>,
    /// The certificate of the proxy, for an upstream that requires one.
    pub certificate: Option<CertificateFiles>,
}

impl ServerTls {
    /// Checks the rules that the types do not express.
    pub(super) fn check(&self) -> Result<(), String> {
        let fault = if self.certificates.is_empty() {
            "tls needs a [[listener.tls.certificate]]"
        } else if self.client_ca.is_none()
            && (self.client_certificate_optional || !self.client_names.is_empty())
        {
            "client_names and client_certificate_optional need client_ca"
        } else if self.client_certificate_optional && !self.client_names.is_empty() {
            "client_names requires a certificate, so it cannot be optional"
        } else if self.client_ca.is_none() && !self.client_crl.is_empty() {
            "client_crl needs client_ca"
        } else if self.client_crl.is_empty() && self.client_crl_stale != StaleList::Refuse {
            "client_crl_stale needs client_crl"
        } else if self.early_data && self.versions == VersionRange::Tls12 {
            "early_data needs TLS 1.3"
        } else if self.early_data && self.client_ca.is_some() {
            "early_data comes before the client's certificate is checked, so it excludes client_ca"
        } else {
            return self.certificates.iter().try_for_each(CertificateFiles::check).map_err(Into::into);
        };
        Err(fault.into())
    }

    pub(super) fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let certificates = self.certificates.iter_mut().flat_map(CertificateFiles::paths_mut);
        certificates.chain(&mut self.client_ca).chain(&mut self.client_crl)
    }
}

impl ClientTls {
    pub(super) fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let certificate = self.certificate.iter_mut().flat_map(CertificateFiles::paths_mut);
        certificate.chain([&mut self.ca])
    }
}

impl CertificateFiles {
    /// Checks that no PIN is in the settings, and that a passphrase has a use. The message must not contain
    /// the PIN.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        match &self.key {
            KeySource::Pkcs11(uri) if uri.contains("pin-value=") => Err(
                "the URI of a key has the PIN in pin-value: put it into a file, and name that in pin-source",
            ),
            KeySource::Pkcs11(_) if self.passphrase_file.is_some() => Err(
                "passphrase_file is for a key in a file: name the file with the PIN of a token in pin-source",
            ),
            _ => Ok(()),
        }
    }

    fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let key = match &mut self.key {
            KeySource::File(file) => Some(file),
            KeySource::Pkcs11(_) => None,
        };
        [&mut self.chain].into_iter().chain(key).chain(&mut self.passphrase_file).chain(&mut self.ocsp)
    }
}
