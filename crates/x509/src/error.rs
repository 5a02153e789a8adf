//! The errors of certificates and chains.

use crate::{crl::CrlError, ocsp::OcspError, time::Time};
use cairn_wire::AlertDescription;
use core::fmt;

/// Why a certificate or a chain was rejected.
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
    /// The algorithm of a public key or signature is missing from the provider or rejected, as SHA-1 is.
    UnsupportedAlgorithm,
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
    /// A fault without further details.
    Other,
}

impl CertificateError {
    /// The alert to send (RFC 5246 section 7.2.2).
    #[must_use]
    pub const fn alert(&self) -> AlertDescription {
        match self {
            Self::EmptyChain
            | Self::BadEncoding
            | Self::BadSignature
            | Self::BadValidity
            | Self::NameMismatch
            | Self::NoNames
            | Self::KeyTooWeak { .. }
            | Self::KeyTooLarge { .. } => AlertDescription::BAD_CERTIFICATE,
            Self::UnknownCriticalExtension | Self::UnsupportedAlgorithm | Self::NotForThisUse => {
                AlertDescription::UNSUPPORTED_CERTIFICATE
            }
            // "A certificate has expired or is not currently valid."
            Self::Expired { .. } | Self::NotYetValid { .. } => AlertDescription::CERTIFICATE_EXPIRED,
            // "The certificate was not accepted because the CA certificate could not be located or couldn't
            // be matched with a known, trusted CA."
            Self::UnknownIssuer
            | Self::UnknownAuthority
            | Self::SelfSigned
            | Self::OtherAuthorityKey
            | Self::NotCa
            | Self::PathTooLong
            | Self::ChainTooLong { .. } => AlertDescription::UNKNOWN_CA,
            Self::Revoked { .. } => AlertDescription::CERTIFICATE_REVOKED,
            // RFC 6066 section 8.
            Self::Ocsp(_) => AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE,
            Self::UnknownKey
            | Self::NameConstraint
            | Self::UnsupportedConstraint
            | Self::NoValidPolicy
            | Self::TooComplex
            | Self::Crl(_)
            | Self::Other => AlertDescription::CERTIFICATE_UNKNOWN,
        }
    }
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::EmptyChain => f.write_str("there is no certificate"),
            Self::ChainTooLong { limit, got } => {
                write!(f, "the chain has {got} certificates, and the limit is {limit}")
            }
            Self::BadEncoding => f.write_str("a certificate is not well-formed X.509"),
            Self::UnknownCriticalExtension => {
                f.write_str("a certificate has a critical extension that is not understood")
            }
            Self::UnsupportedAlgorithm => {
                f.write_str("a certificate uses a key or signature algorithm that is not supported")
            }
            Self::KeyTooWeak { bits, minimum } => {
                write!(f, "an RSA key of {bits} bits is too weak: the minimum is {minimum}")
            }
            Self::KeyTooLarge { bits, maximum } => {
                write!(f, "an RSA key of {bits} bits is too large: the maximum is {maximum}")
            }
            Self::Expired { not_after, now } => {
                write!(f, "a certificate expired at {} (it is now {})", Time(not_after), Time(now))
            }
            Self::NotYetValid { not_before, now } => {
                write!(f, "a certificate is only valid from {} (it is now {})", Time(not_before), Time(now))
            }
            Self::BadValidity => f.write_str("a certificate expires before it becomes valid"),
            Self::UnknownIssuer => {
                f.write_str("the issuer of the last certificate was not sent and is not trusted")
            }
            Self::UnknownAuthority => f.write_str("the chain leads to a root that is not trusted"),
            Self::SelfSigned => f.write_str("the certificate is self-signed, and not trusted"),
            Self::OtherAuthorityKey => f.write_str(
                "a trusted authority has the issuer's name, but another key than the one that signed the \
                certificate",
            ),
            Self::BadSignature => f.write_str("the signature of a certificate does not verify"),
            Self::NameMismatch => f.write_str("the certificate is not for this name"),
            Self::NoNames => {
                f.write_str("the certificate has no subject alternative name, and is valid for no server")
            }
            Self::NotForThisUse => {
                f.write_str("the certificate's extended key usage does not allow this use")
            }
            Self::NotCa => f.write_str("the issuer of a certificate may not issue certificates"),
            Self::PathTooLong => {
                f.write_str("there are more certificates below a certification authority than it allows")
            }
            Self::NameConstraint => f.write_str("a name violates the name constraints of an issuer"),
            Self::UnsupportedConstraint => {
                f.write_str("a name is of a kind that its issuer constrains and that is not supported")
            }
            Self::NoValidPolicy => {
                f.write_str("an issuer requires a certificate policy, and none is valid for the whole chain")
            }
            Self::TooComplex => f.write_str("the chain takes too much work to check"),
            Self::Revoked { since } => {
                write!(f, "the certificate was revoked by its issuer, since {}", Time(since))
            }
            Self::UnknownKey => f.write_str("the raw public key is not one of those that are trusted"),
            Self::Ocsp(error) => error.fmt(f),
            Self::Crl(error) => error.fmt(f),
            Self::Other => f.write_str("a certificate is not acceptable"),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn error_messages_contain_dates() {
        let error = CertificateError::Expired { not_after: 1_700_000_000, now: 1_700_000_001 };
        assert_eq!(
            error.to_string(),
            "a certificate expired at 2023-11-14T22:13:20Z (it is now 2023-11-14T22:13:21Z)"
        );
        let far = CertificateError::NotYetValid { not_before: u64::MAX, now: 0 };
        assert!(far.to_string().contains("18446744073709551615 seconds after 1970"), "{far}");
    }

    #[test]
    fn unknown_ca_and_expiry_have_their_own_alerts() {
        assert_eq!(CertificateError::UnknownIssuer.alert(), AlertDescription::UNKNOWN_CA);
        let expired = CertificateError::Expired { not_after: 0, now: 1 };
        assert_eq!(expired.alert(), AlertDescription::CERTIFICATE_EXPIRED);
        assert_eq!(CertificateError::BadSignature.alert(), AlertDescription::BAD_CERTIFICATE);
        assert_eq!(CertificateError::NotForThisUse.alert(), AlertDescription::UNSUPPORTED_CERTIFICATE);
        assert_eq!(CertificateError::Other.alert(), AlertDescription::CERTIFICATE_UNKNOWN);
    }
}
