//! What can be wrong with an OCSP response.

use crate::error::Time;
use core::fmt;

/// Why an OCSP response was refused, or that it was missed. That a certificate is revoked is
/// [`crate::CertificateError::Revoked`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OcspError {
    /// None came, and one is required.
    Missing,
    /// None came, and the certificate says that one comes always (RFC 7633).
    MissingButPromised,
    /// It is not well-formed (RFC 6960 section 4.2.1).
    BadEncoding,
    /// It is the word of a responder that it has none to give (RFC 6960 section 2.3).
    NotSuccessful {
        /// `OCSPResponseStatus`.
        status: u8,
    },
    /// It is not of the basic type, the only one there is.
    UnknownType,
    /// It has a critical extension that is not understood (RFC 6960 section 4.4).
    UnknownCriticalExtension,
    /// Who issued the certificate is not known: it is trusted for itself.
    UnknownIssuer,
    /// It is neither from the certificate's issuer nor from a responder that the issuer named (RFC 6960 section 4.2.2.2).
    UnknownResponder,
    /// The certificate of the responder is not valid now, or not for this use (RFC 6960 section 4.2.2.2).
    BadResponder,
    /// Its signature uses an algorithm that the provider does not have, or one that is refused, such as SHA-1.
    UnsupportedAlgorithm,
    /// Its signature does not verify.
    BadSignature,
    /// It says nothing of this certificate.
    OtherCertificate,
    /// It is from the future.
    NotYetValid {
        /// When it will be right, in seconds since 1970.
        this_update: u64,
        /// The time it was checked for, in seconds since 1970.
        now: u64,
    },
    /// It is too old.
    Outdated {
        /// Until when it was to be taken, in seconds since 1970.
        until: u64,
        /// The time it was checked for, in seconds since 1970.
        now: u64,
    },
    /// The responder does not know the certificate.
    UnknownCertificate,
    /// A primitive of the provider failed.
    ProviderFailed,
}

impl fmt::Display for OcspError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Missing => f.write_str("no OCSP response came with the certificate, and one is required"),
            Self::MissingButPromised => {
                f.write_str("no OCSP response came with the certificate, which says that one comes always")
            }
            Self::BadEncoding => f.write_str("the OCSP response is not well-formed"),
            Self::NotSuccessful { status } => {
                let meaning = match status {
                    1 => " (malformedRequest)",
                    2 => " (internalError)",
                    3 => " (tryLater)",
                    5 => " (sigRequired)",
                    6 => " (unauthorized)",
                    _ => "",
                };
                write!(f, "the OCSP response says that there is none: status {status}{meaning}")
            }
            Self::UnknownType => f.write_str("the OCSP response is not of the basic type"),
            Self::UnknownCriticalExtension => {
                f.write_str("the OCSP response has a critical extension that is not understood")
            }
            Self::UnknownIssuer => {
                f.write_str("the OCSP response cannot be checked: who issued the certificate is not known")
            }
            Self::UnknownResponder => {
                f.write_str("the OCSP response is not from the issuer of the certificate, nor on its behalf")
            }
            Self::BadResponder => {
                f.write_str("the OCSP responder's certificate is not valid now, or not for this use")
            }
            Self::UnsupportedAlgorithm => {
                f.write_str("the OCSP response is signed with an algorithm that is not supported")
            }
            Self::BadSignature => f.write_str("the signature of the OCSP response does not verify"),
            Self::OtherCertificate => f.write_str("the OCSP response is about another certificate"),
            Self::NotYetValid { this_update, now } => write!(
                f,
                "the OCSP response is only valid from {} (it is now {})",
                Time(this_update),
                Time(now)
            ),
            Self::Outdated { until, now } => {
                write!(f, "the OCSP response was valid until {} (it is now {})", Time(until), Time(now))
            }
            Self::UnknownCertificate => f.write_str("the OCSP responder does not know the certificate"),
            Self::ProviderFailed => f.write_str("the OCSP response could not be checked"),
        }
    }
}

impl core::error::Error for OcspError {}
