//! The errors of certificates and chains. The alert, the section and the message of each kind are in its
//! table.

mod table;

use crate::{crl::error::CrlError, delegated_credential::error::DelegationError, ocsp::error::OcspError};

/// The reason why a certificate or a chain was rejected.
///
/// [`crate::ChainError`] adds the place of the fault in the chain. [`crate::CertificateFacts`] has the
/// contents of the certificate, such as its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CertificateError {
    /// There is no certificate.
    EmptyChain,
    /// The peer sent more certificates than the limit.
    ChainTooLong {
        /// The limit.
        limit: usize,
        /// The number of certificates sent.
        got: usize,
    },
    /// A certificate is malformed (RFC 5280 section 4.1).
    BadEncoding,
    /// A certificate has an unrecognized critical extension (RFC 5280 section 4.2).
    UnknownCriticalExtension,
    /// The algorithm of a public key or signature is missing from the provider or not accepted.
    UnsupportedAlgorithm,
    /// A signature uses MD5, or SHA-1 although it is not accepted (RFC 9846 section 4.5.1.3).
    WeakHash,
    /// An RSA key is too small.
    KeyTooWeak {
        /// The size of its modulus in bits.
        bits: usize,
        /// The minimum accepted size.
        minimum: usize,
    },
    /// An RSA key is too large.
    KeyTooLarge {
        /// The size of its modulus in bits.
        bits: usize,
        /// The maximum accepted size.
        maximum: usize,
    },
    /// A certificate has expired (RFC 5280 section 4.1.2.5).
    Expired {
        /// The last second of its validity, since 1970.
        not_after: u64,
        /// The time of the check, in seconds since 1970.
        now: u64,
    },
    /// A certificate is not valid yet (RFC 5280 section 4.1.2.5).
    NotYetValid {
        /// The first second of its validity, since 1970.
        not_before: u64,
        /// The time of the check, in seconds since 1970.
        now: u64,
    },
    /// A certificate expires before it becomes valid.
    BadValidity,
    /// The issuer of the last certificate was neither sent nor trusted: the peer omits an intermediate
    /// certificate, or the issuer is a root that must be added to the trusted ones.
    UnknownIssuer,
    /// The chain leads to a root that is not trusted.
    UnknownAuthority,
    /// The peer's certificate is self-signed and not trusted.
    SelfSigned,
    /// A trusted authority has the issuer's name but another key. Either the authority has changed its key
    /// and the trusted certificate is of another generation, or a different party uses its name.
    OtherAuthorityKey,
    /// A certificate's signature does not verify under its issuer's key.
    BadSignature,
    /// The certificate is not valid for the expected name (RFC 6125 section 6).
    NameMismatch,
    /// The certificate has no DNS name or IP address in its subjectAltName, so it is valid for no server. The
    /// common name is not used (RFC 6125 section 6.4.4).
    NoNames,
    /// The certificate's extended key usage excludes this purpose (RFC 5280 section 4.2.1.12).
    NotForThisUse,
    /// The issuer of a certificate is not a certification authority, or may not sign certificates (RFC 5280
    /// sections 4.2.1.3 and 4.2.1.9).
    NotCa,
    /// The path below an authority exceeds its `pathLenConstraint` (RFC 5280 section 4.2.1.9).
    PathTooLong,
    /// A name in the certificate violates the name constraints of an authority (RFC 5280 section 4.2.1.10).
    NameConstraint,
    /// An authority constrains a name form that is not supported, and a certificate below it has such a name
    /// (RFC 5280 section 4.2.1.10).
    UnsupportedConstraint,
    /// An authority requires a certificate policy, and none is valid for the whole path (RFC 5280 section
    /// 6.1.5 (g)).
    NoValidPolicy,
    /// The chain exceeds the work limit of verification.
    TooComplex,
    /// The certificate's issuer has revoked it (RFC 5280 section 6.3, RFC 6960 section 2.2).
    Revoked {
        /// The revocation date, in seconds since 1970.
        since: u64,
    },
    /// The raw public key is not trusted (RFC 7250).
    UnknownKey,
    /// The OCSP response is missing or was rejected.
    Ocsp(OcspError),
    /// The CRL is missing or was rejected.
    Crl(CrlError),
    /// The delegated credential is not valid.
    Delegation(DelegationError),
    /// A fault without further details.
    Other,
}

impl core::error::Error for CertificateError {}

impl From<CrlError> for CertificateError {
    fn from(error: CrlError) -> Self {
        Self::Crl(error)
    }
}

impl From<OcspError> for CertificateError {
    fn from(error: OcspError) -> Self {
        Self::Ocsp(error)
    }
}

impl From<DelegationError> for CertificateError {
    fn from(error: DelegationError) -> Self {
        Self::Delegation(error)
    }
}
