//! What can be wrong with a certificate or a chain.

use crate::ocsp::OcspError;
use cairn_wire::AlertDescription;
use core::{fmt, time::Duration};
use der::DateTime;

/// Why a certificate or a chain was refused.
///
/// It is `Copy`: what the certificate says in full (its names, say) is in [`crate::CertificateFacts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CertificateError {
    /// There is no certificate at all.
    EmptyChain,
    /// The peer sent more certificates than are looked at.
    ChainTooLong {
        /// How many are looked at.
        limit: usize,
        /// How many came.
        got: usize,
    },
    /// A certificate is not well-formed (RFC 5280 section 4.1), or not of version 3.
    BadEncoding,
    /// A certificate has a critical extension that is not understood (RFC 5280 section 4.2).
    UnknownCriticalExtension,
    /// A public key or a signature uses an algorithm that the provider does not have, or one that is refused, such as
    /// SHA-1.
    UnsupportedAlgorithm,
    /// An RSA key is too small.
    KeyTooWeak {
        /// The size of its modulus in bits.
        bits: usize,
        /// The least that is accepted.
        minimum: usize,
    },
    /// A certificate has expired (RFC 5280 section 4.1.2.5).
    Expired {
        /// The last second it was valid, since 1970.
        not_after: u64,
        /// The time it was checked for, in seconds since 1970.
        now: u64,
    },
    /// A certificate is not valid yet (RFC 5280 section 4.1.2.5).
    NotYetValid {
        /// The first second it will be valid, since 1970.
        not_before: u64,
        /// The time it was checked for, in seconds since 1970.
        now: u64,
    },
    /// A certificate expires before it becomes valid.
    BadValidity,
    /// The chain does not lead to a trusted certificate.
    UnknownIssuer,
    /// A certificate's signature does not verify under its issuer's key.
    BadSignature,
    /// The certificate is not for the name that was asked for (RFC 6125 section 6).
    NameMismatch,
    /// The certificate's extended key usage forbids this use (RFC 5280 section 4.2.1.12).
    NotForThisUse,
    /// The first certificate is one of a certification authority, and not itself listed as trusted.
    CaUsedAsEndEntity,
    /// A certificate that issued another one is not one of a certification authority, or may not sign certificates
    /// (RFC 5280 sections 4.2.1.3 and 4.2.1.9).
    NotCa,
    /// The chain is longer than a certification authority in it allows (RFC 5280 section 4.2.1.9), or than is followed.
    PathTooLong,
    /// A name in the certificate is outside of what its issuer may certify (RFC 5280 section 4.2.1.10).
    NameConstraint,
    /// The chain takes too much work to check.
    TooComplex,
    /// The certificate or an issuer is known to be misused.
    Distrusted,
    /// The certificate's issuer has revoked it (RFC 6960 section 2.2).
    Revoked {
        /// Since when, in seconds since 1970.
        since: u64,
    },
    /// The raw public key is not one of those that are trusted (RFC 7250).
    UnknownKey,
    /// The OCSP response that should vouch for the certificate does not.
    Ocsp(OcspError),
    /// Another fault, of which there is no more to say.
    Other,
}

impl CertificateError {
    /// The alert that tells the peer (RFC 5246 section 7.2.2).
    #[must_use]
    pub const fn alert(&self) -> AlertDescription {
        match self {
            Self::EmptyChain
            | Self::BadEncoding
            | Self::BadSignature
            | Self::BadValidity
            | Self::NameMismatch
            | Self::KeyTooWeak { .. } => AlertDescription::BAD_CERTIFICATE,
            Self::UnknownCriticalExtension
            | Self::UnsupportedAlgorithm
            | Self::NotForThisUse
            | Self::CaUsedAsEndEntity => AlertDescription::UNSUPPORTED_CERTIFICATE,
            // "A certificate has expired or is not currently valid."
            Self::Expired { .. } | Self::NotYetValid { .. } => AlertDescription::CERTIFICATE_EXPIRED,
            // "The certificate was not accepted because the CA certificate could not be located or couldn't be
            // matched with a known, trusted CA."
            Self::UnknownIssuer | Self::NotCa | Self::PathTooLong | Self::ChainTooLong { .. } => {
                AlertDescription::UNKNOWN_CA
            }
            Self::Revoked { .. } => AlertDescription::CERTIFICATE_REVOKED,
            // RFC 6066 section 8.
            Self::Ocsp(_) => AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE,
            Self::UnknownKey | Self::NameConstraint | Self::TooComplex | Self::Distrusted | Self::Other => {
                AlertDescription::CERTIFICATE_UNKNOWN
            }
        }
    }
}

impl fmt::Display for CertificateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::EmptyChain => f.write_str("there is no certificate"),
            Self::ChainTooLong { limit, got } => {
                write!(f, "there are {got} certificates, and no more than {limit} are looked at")
            }
            Self::BadEncoding => f.write_str("a certificate is not well-formed X.509 version 3"),
            Self::UnknownCriticalExtension => {
                f.write_str("a certificate has a critical extension that is not understood")
            }
            Self::UnsupportedAlgorithm => {
                f.write_str("a certificate uses a key or signature algorithm that is not supported")
            }
            Self::KeyTooWeak { bits, minimum } => {
                write!(f, "an RSA key of {bits} bits is too weak: {minimum} are the least")
            }
            Self::Expired { not_after, now } => {
                write!(f, "a certificate expired at {} (it is now {})", Time(not_after), Time(now))
            }
            Self::NotYetValid { not_before, now } => {
                write!(f, "a certificate is only valid from {} (it is now {})", Time(not_before), Time(now))
            }
            Self::BadValidity => f.write_str("a certificate expires before it becomes valid"),
            Self::UnknownIssuer => f.write_str("the chain does not lead to a trusted certificate"),
            Self::BadSignature => f.write_str("the signature of a certificate does not verify"),
            Self::NameMismatch => f.write_str("the certificate is not for this name"),
            Self::NotForThisUse => {
                f.write_str("the certificate's extended key usage does not allow this use")
            }
            Self::CaUsedAsEndEntity => f.write_str(
                "the certificate is that of a certification authority, and not listed as trusted itself",
            ),
            Self::NotCa => f.write_str("a certificate was issued by one that may not issue certificates"),
            Self::PathTooLong => f.write_str(
                "the chain is longer than a certification authority in it allows, or than is followed",
            ),
            Self::NameConstraint => f.write_str("a name is outside of what the issuer may certify"),
            Self::TooComplex => f.write_str("the chain takes too much work to check"),
            Self::Revoked { since } => {
                write!(f, "the certificate was revoked by its issuer, since {}", Time(since))
            }
            Self::UnknownKey => f.write_str("the raw public key is not one of those that are trusted"),
            Self::Ocsp(error) => error.fmt(f),
            Self::Distrusted => f.write_str("a certificate is known to be misused"),
            Self::Other => f.write_str("a certificate is not acceptable"),
        }
    }
}

impl core::error::Error for CertificateError {}

/// A number of seconds since 1970, shown as a date.
pub(crate) struct Time(pub(crate) u64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::from_unix_duration(Duration::from_secs(self.0)) {
            Ok(date) => write!(f, "{date}"),
            // Past the year 9999.
            Err(_) => write!(f, "{} seconds after 1970", self.0),
        }
    }
}

impl From<OcspError> for CertificateError {
    fn from(error: OcspError) -> Self {
        Self::Ocsp(error)
    }
}

impl From<webpki::Error> for CertificateError {
    // Of the deprecated names, each is still made by some version that the manifest allows.
    #[allow(deprecated)]
    fn from(error: webpki::Error) -> Self {
        use webpki::Error as E;
        match error {
            E::CertExpired { time, not_after } => {
                Self::Expired { not_after: not_after.as_secs(), now: time.as_secs() }
            }
            E::CertNotValidYet { time, not_before } => {
                Self::NotYetValid { not_before: not_before.as_secs(), now: time.as_secs() }
            }
            E::InvalidCertValidity => Self::BadValidity,
            E::CertNotValidForName(_) => Self::NameMismatch,
            E::UnknownIssuer => Self::UnknownIssuer,
            E::InvalidSignatureForPublicKey => Self::BadSignature,
            E::CaUsedAsEndEntity => Self::CaUsedAsEndEntity,
            E::EndEntityUsedAsCa => Self::NotCa,
            E::RequiredEkuNotFound | E::RequiredEkuNotFoundContext(_) | E::EmptyEkuExtension => {
                Self::NotForThisUse
            }
            E::PathLenConstraintViolated | E::MaximumPathDepthExceeded => Self::PathTooLong,
            E::NameConstraintViolation => Self::NameConstraint,
            E::CertDistrusted | E::CertRevoked => Self::Distrusted,
            E::UnsupportedCriticalExtension => Self::UnknownCriticalExtension,
            E::UnsupportedSignatureAlgorithm
            | E::UnsupportedSignatureAlgorithmContext(_)
            | E::UnsupportedSignatureAlgorithmForPublicKey
            | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => Self::UnsupportedAlgorithm,
            E::MaximumSignatureChecksExceeded
            | E::MaximumPathBuildCallsExceeded
            | E::MaximumNameConstraintComparisonsExceeded => Self::TooComplex,
            E::BadDer
            | E::BadDerTime
            | E::ExtensionValueInvalid
            | E::InvalidNetworkMaskConstraint
            | E::InvalidSerialNumber
            | E::MalformedDnsIdentifier
            | E::MalformedExtensions
            | E::MalformedNameConstraint
            | E::SignatureAlgorithmMismatch
            | E::TrailingData(_)
            | E::UnsupportedCertVersion => Self::BadEncoding,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn an_error_says_the_dates_in_words() {
        let error = CertificateError::Expired { not_after: 1_700_000_000, now: 1_700_000_001 };
        assert_eq!(
            error.to_string(),
            "a certificate expired at 2023-11-14T22:13:20Z (it is now 2023-11-14T22:13:21Z)"
        );
        let far = CertificateError::NotYetValid { not_before: u64::MAX, now: 0 };
        assert!(far.to_string().contains("18446744073709551615 seconds after 1970"), "{far}");
    }

    #[test]
    fn a_missing_anchor_and_an_old_date_have_alerts_of_their_own() {
        assert_eq!(CertificateError::UnknownIssuer.alert(), AlertDescription::UNKNOWN_CA);
        let expired = CertificateError::Expired { not_after: 0, now: 1 };
        assert_eq!(expired.alert(), AlertDescription::CERTIFICATE_EXPIRED);
        assert_eq!(CertificateError::BadSignature.alert(), AlertDescription::BAD_CERTIFICATE);
        assert_eq!(CertificateError::NotForThisUse.alert(), AlertDescription::UNSUPPORTED_CERTIFICATE);
        assert_eq!(CertificateError::Other.alert(), AlertDescription::CERTIFICATE_UNKNOWN);
    }
}
