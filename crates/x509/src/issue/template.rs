//! The contents of a certificate to issue.

use super::{error::IssueError, subject::Subject, subtree::Subtree};
use crate::usage::{ExtendedKeyUsage, KeyUsage};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use cairn_crypto::{KeyKind, SigningKey};
use cairn_wire::SignatureScheme;
use core::net::IpAddr;

/// The contents of a certificate to issue.
#[derive(Clone, Debug)]
pub struct Template {
    pub(super) subject: Subject,
    pub(super) dns_names: Vec<String>,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) mailboxes: Vec<String>,
    pub(super) uris: Vec<String>,
    pub(super) not_before: u64,
    pub(super) not_after: u64,
    pub(super) serial: Option<[u8; 16]>,
    pub(super) is_ca: bool,
    pub(super) path_len: Option<u8>,
    pub(super) permitted: Vec<Subtree>,
    pub(super) excluded: Vec<Subtree>,
    pub(super) crl_urls: Vec<String>,
    pub(super) ocsp_urls: Vec<String>,
    pub(super) issuer_urls: Vec<String>,
    pub(super) key_usage: Option<Option<KeyUsage>>,
    pub(super) extended_key_usage: Option<ExtendedKeyUsage>,
    pub(super) must_staple: bool,
    pub(super) delegation_usage: bool,
    pub(super) scheme: Option<SignatureScheme>,
}

impl Template {
    fn new(common_name: &str) -> Self {
        Self {
            subject: Subject::CommonName(common_name.to_string()),
            dns_names: Vec::new(),
            addresses: Vec::new(),
            mailboxes: Vec::new(),
            uris: Vec::new(),
            not_before: 0,
            not_after: 0,
            serial: None,
            is_ca: false,
            path_len: None,
            permitted: Vec::new(),
            excluded: Vec::new(),
            crl_urls: Vec::new(),
            ocsp_urls: Vec::new(),
            issuer_urls: Vec::new(),
            key_usage: None,
            extended_key_usage: None,
            must_staple: false,
            delegation_usage: false,
            scheme: None,
        }
    }

    /// A server certificate (`serverAuth`). Add its names: the common name does not count as one.
    #[must_use]
    pub fn server(common_name: &str) -> Self {
        let usage = ExtendedKeyUsage { server_auth: true, ..ExtendedKeyUsage::NONE };
        Self::new(common_name).extended_key_usage(Some(usage))
    }

    /// A client certificate (`clientAuth`).
    #[must_use]
    pub fn client(common_name: &str) -> Self {
        let usage = ExtendedKeyUsage { client_auth: true, ..ExtendedKeyUsage::NONE };
        Self::new(common_name).extended_key_usage(Some(usage))
    }

    /// The certificate of an OCSP responder that signs for its issuer: `id-kp-OCSPSigning` (RFC 6960 section
    /// 4.2.2.2).
    #[must_use]
    pub fn ocsp_responder(common_name: &str) -> Self {
        let usage = ExtendedKeyUsage { ocsp_signing: true, ..ExtendedKeyUsage::NONE };
        Self::new(common_name).extended_key_usage(Some(usage))
    }

    /// A certification authority: a root if self-signed, an intermediate if issued by another.
    #[must_use]
    pub fn authority(common_name: &str) -> Self {
        Self::new(common_name).ca(true)
    }

    /// Adds a DNS name, which may begin with the wildcard `*.`.
    #[must_use]
    pub fn dns(mut self, name: &str) -> Self {
        self.dns_names.push(name.to_string());
        self
    }

    /// Adds an IP address.
    #[must_use]
    pub fn ip(mut self, address: IpAddr) -> Self {
        self.addresses.push(address);
        self
    }

    /// Adds an e-mail address (`rfc822Name`).
    #[must_use]
    pub fn mailbox(mut self, address: &str) -> Self {
        self.mailboxes.push(address.to_string());
        self
    }

    /// Adds a URI, such as the identity of a workload.
    #[must_use]
    pub fn uri(mut self, uri: &str) -> Self {
        self.uris.push(uri.to_string());
        self
    }

    /// Sets the whole distinguished name of the subject, in the form and order in which
    /// [`CertificateFacts`](crate::facts::CertificateFacts) prints it: `C=DE, O=Example, CN=example.com`. A
    /// backslash precedes a comma or a plus sign inside a value.
    #[must_use]
    pub fn subject(mut self, name: &str) -> Self {
        self.subject = Subject::Text(name.to_string());
        self
    }

    /// Sets the first and the last second of the validity period, both since 1970. There is no useful
    /// default: without this call the certificate expired in 1970.
    #[must_use]
    pub const fn valid(mut self, not_before: u64, not_after: u64) -> Self {
        self.not_before = not_before;
        self.not_after = not_after;
        self
    }

    /// Sets whether the certificate is a certification authority's. `openssl req -x509` sets it for every
    /// certificate.
    #[must_use]
    pub const fn ca(mut self, is_ca: bool) -> Self {
        self.is_ca = is_ca;
        self
    }

    /// Sets `pathLenConstraint`, the maximum number of intermediate certificates below this one (RFC 5280
    /// section 4.2.1.9).
    #[must_use]
    pub const fn path_len(mut self, path_len: u8) -> Self {
        self.path_len = Some(path_len);
        self
    }

    /// Adds a permitted subtree: the authority may certify only names within this DNS name or another one
    /// added in the same way (RFC 5280 section 4.2.1.10).
    #[must_use]
    pub fn permit_dns(self, name: &str) -> Self {
        self.permit(Subtree::Dns(name.to_string()))
    }

    /// Adds a permitted subtree: of the names of its kind, the authority may certify only those within this
    /// subtree or another one added in the same way (RFC 5280 section 4.2.1.10).
    #[must_use]
    pub fn permit(mut self, subtree: Subtree) -> Self {
        self.permitted.push(subtree);
        self
    }

    /// Adds an excluded subtree: the authority may not certify names within it (RFC 5280 section 4.2.1.10).
    #[must_use]
    pub fn exclude(mut self, subtree: Subtree) -> Self {
        self.excluded.push(subtree);
        self
    }

    /// Adds the address of a CRL that covers the certificate (RFC 5280 section 4.2.1.13).
    #[must_use]
    pub fn crl_url(mut self, url: &str) -> Self {
        self.crl_urls.push(url.to_string());
        self
    }

    /// Adds the address of an OCSP responder that knows the certificate's status (RFC 5280 section 4.2.2.1).
    #[must_use]
    pub fn ocsp_url(mut self, url: &str) -> Self {
        self.ocsp_urls.push(url.to_string());
        self
    }

    /// Adds the address of the issuer's certificate (`caIssuers`, RFC 5280 section 4.2.2.1).
    #[must_use]
    pub fn issuer_url(mut self, url: &str) -> Self {
        self.issuer_urls.push(url.to_string());
        self
    }

    /// Sets the key usage; `None` omits the extension. By default an authority signs certificates, an RSA key
    /// signs and decrypts, and any other key signs.
    #[must_use]
    pub const fn key_usage(mut self, usage: Option<KeyUsage>) -> Self {
        self.key_usage = Some(usage);
        self
    }

    /// Sets the extended key usage; `None` omits the extension. `others` is ignored.
    #[must_use]
    pub const fn extended_key_usage(mut self, usage: Option<ExtendedKeyUsage>) -> Self {
        self.extended_key_usage = usage;
        self
    }

    /// Adds the TLS feature status_request: the server always staples an OCSP response (RFC 7633).
    #[must_use]
    pub const fn must_staple(mut self) -> Self {
        self.must_staple = true;
        self
    }

    /// Adds DelegationUsage: the key may issue delegated credentials (RFC 9345 section 4.2).
    #[must_use]
    pub const fn delegation_usage(mut self) -> Self {
        self.delegation_usage = true;
        self
    }

    /// Sets the serial number, which is random by default. Its two highest bits become 01, so that it is
    /// positive and has its full length.
    #[must_use]
    pub const fn serial(mut self, serial: [u8; 16]) -> Self {
        self.serial = Some(serial);
        self
    }

    /// Sets the scheme that the issuer signs with. By default an RSA key signs with PKCS #1 v1.5 and SHA-256,
    /// which every client can verify, and any other key with the first of its schemes.
    #[must_use]
    pub const fn scheme(mut self, scheme: SignatureScheme) -> Self {
        self.scheme = Some(scheme);
        self
    }

    pub(super) fn scheme_for(&self, key: &dyn SigningKey) -> Result<SignatureScheme, IssueError> {
        match self.scheme {
            Some(scheme) if key.schemes().contains(&scheme) => Ok(scheme),
            Some(_) => Err(IssueError::Scheme),
            None => usual_scheme(key),
        }
    }

    pub(super) fn key_usage_for(&self, kind: KeyKind) -> Option<KeyUsage> {
        self.key_usage.unwrap_or_else(|| {
            Some(KeyUsage {
                digital_signature: !self.is_ca,
                key_encipherment: !self.is_ca && kind == KeyKind::Rsa,
                key_agreement: false,
                key_cert_sign: self.is_ca,
                crl_sign: self.is_ca,
            })
        })
    }
}

/// The most widely supported scheme of a key.
pub(super) fn usual_scheme(key: &dyn SigningKey) -> Result<SignatureScheme, IssueError> {
    let scheme = match key.public_key().kind {
        KeyKind::Rsa => Some(SignatureScheme::RSA_PKCS1_SHA256),
        _ => key.schemes().first().copied(),
    };
    scheme.filter(|scheme| key.schemes().contains(scheme)).ok_or(IssueError::Scheme)
}
