//! The errors of OCSP responses.

use crate::time::Time;
use core::fmt;

/// The reason why an OCSP response was rejected, or that it is missing. A revoked certificate is
/// [`crate::CertificateError::Revoked`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OcspError {
    /// There is no response, but the configuration requires one.
    Missing,
    /// There is no response, but the certificate promises one (RFC 7633).
    MissingButPromised,
    /// The response is malformed (RFC 6960 section 4.2.1).
    BadEncoding,
    /// The responder reports an error instead of a status (RFC 6960 section 2.3).
    NotSuccessful {
        /// `OCSPResponseStatus`.
        status: u8,
    },
    /// The response is not of the basic type, the only one defined.
    UnknownType,
    /// The response has an unrecognized critical extension (RFC 6960 section 4.4).
    UnknownCriticalExtension,
    /// The issuer of the certificate is unknown, because the certificate itself is trusted.
    UnknownIssuer,
    /// The response is signed neither by the certificate's issuer nor by a responder that the issuer
    /// authorized (RFC 6960 section 4.2.2.2).
    UnknownResponder,
    /// The responder's certificate is not valid now, or not valid for this purpose (RFC 6960 section
    /// 4.2.2.2).
    BadResponder,
    /// The provider lacks the algorithm of the signature, or the algorithm is rejected, as SHA-1 is.
    UnsupportedAlgorithm,
    /// The signature does not verify.
    BadSignature,
    /// The response does not concern this certificate.
    OtherCertificate,
    /// The response's `thisUpdate` lies in the future.
    NotYetValid {
        /// `thisUpdate`, in seconds since 1970.
        this_update: u64,
        /// The time of the check, in seconds since 1970.
        now: u64,
    },
    /// The response is too old.
    Outdated {
        /// The last second of its validity, since 1970.
        until: u64,
        /// The time of the check, in seconds since 1970.
        now: u64,
    },
    /// The responder does not know the certificate.
    UnknownCertificate,
    /// A primitive of the provider failed.
    ProviderFailed,
}

impl OcspError {
    /// The RFC section that the error refers to.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.row(|section, _| section)
    }

    /// The table: the section and the message of each kind, which are passed to `read`. The alert is always
    /// bad_certificate_status_response (RFC 6066 section 8).
    #[rustfmt::skip]
    fn row<R>(&self, read: impl FnOnce(&'static str, fmt::Arguments<'_>) -> R) -> R {
        match self {
            Self::Missing => read("RFC 6066 section 8",
                format_args!("no OCSP response was stapled to the certificate, and one is required")),
            Self::MissingButPromised => read("RFC 7633 section 4",
                format_args!("no OCSP response was stapled to the certificate, which requires one")),

            // The form of the response.
            Self::BadEncoding => read("RFC 6960 section 4.2.1",
                format_args!("the OCSP response is not well-formed")),
            Self::NotSuccessful { status } => {
                let meaning = match status {
                    1 => " (malformedRequest)",
                    2 => " (internalError)",
                    3 => " (tryLater)",
                    5 => " (sigRequired)",
                    6 => " (unauthorized)",
                    _ => "",
                };
                read("RFC 6960 section 2.3",
                    format_args!("the OCSP responder returned an error: status {status}{meaning}"))
            }
            Self::UnknownType => read("RFC 6960 section 4.2.1",
                format_args!("the OCSP response is not of the basic type")),
            Self::UnknownCriticalExtension => read("RFC 6960 section 4.4",
                format_args!("the OCSP response has a critical extension that is not understood")),

            // The signer.
            Self::UnknownIssuer => read("RFC 6960 section 3.2",
                format_args!("the OCSP response cannot be checked: the issuer of the certificate \
                  is unknown")),
            Self::UnknownResponder => read("RFC 6960 section 4.2.2.2",
                format_args!("the OCSP response is not from the issuer of the certificate, nor on \
                  its behalf")),
            Self::BadResponder => read("RFC 6960 section 4.2.2.2",
                format_args!("the OCSP responder's certificate is not valid now, or not for this \
                  use")),
            Self::UnsupportedAlgorithm => read("RFC 6960 section 4.3",
                format_args!("the OCSP response is signed with an algorithm that is not \
                  supported")),
            Self::BadSignature => read("RFC 6960 section 3.2",
                format_args!("the signature of the OCSP response does not verify")),

            // The statement.
            Self::OtherCertificate => read("RFC 6960 section 3.2",
                format_args!("the OCSP response is about another certificate")),
            Self::NotYetValid { this_update, now } => read("RFC 6960 section 4.2.2.1",
                format_args!("the OCSP response is only valid from {} (it is now {})",
                  Time(*this_update), Time(*now))),
            Self::Outdated { until, now } => read("RFC 6960 section 4.2.2.1",
                format_args!("the OCSP response was valid until {} (it is now {})",
                  Time(*until), Time(*now))),
            Self::UnknownCertificate => read("RFC 6960 section 2.2",
                format_args!("the OCSP responder does not know the certificate")),

            Self::ProviderFailed => read("RFC 6960 section 3.2",
                format_args!("the OCSP response could not be checked")),
        }
    }
}

/// Prints the message, without the section.
impl fmt::Display for OcspError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row(|_, message| f.write_fmt(message))
    }
}

impl core::error::Error for OcspError {}
