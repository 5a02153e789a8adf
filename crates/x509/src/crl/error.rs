//! The errors of certificate revocation lists.

use crate::{pem::PemError, time::Time};
use core::fmt;

/// The reason why a CRL was rejected, or that it is missing. A revoked certificate is
/// [`crate::CertificateError::Revoked`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CrlError {
    /// The file is not valid PEM or holds something else.
    Pem(PemError),
    /// The CRL is malformed (RFC 5280 section 5.1).
    BadEncoding,
    /// The CRL or one of its entries has an unrecognized critical extension (RFC 5280 sections 5.2 and 5.3).
    /// Every delta CRL has one.
    UnknownCriticalExtension,
    /// The CRL is limited to some revocation reasons or to attribute certificates, or is an indirect CRL (RFC
    /// 5280 section 5.2.5).
    UnsupportedScope,
    /// No CRL covers the certificate.
    Missing,
    /// The CRL is not signed by the certificate's issuer, or the issuer may not sign CRLs.
    BadSignature,
    /// The CRL's `thisUpdate` lies in the future.
    NotYetValid {
        /// `thisUpdate`, in seconds since 1970.
        this_update: u64,
        /// The time of the check, in seconds since 1970.
        now: u64,
    },
    /// The CRL's `nextUpdate` has passed.
    Outdated {
        /// `nextUpdate`, in seconds since 1970.
        next_update: u64,
        /// The time of the check, in seconds since 1970.
        now: u64,
    },
}

impl CrlError {
    /// The RFC section that the error refers to.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.row(|section, _| section)
    }

    /// The table: the section and the message of each kind, which are passed to `read`. The alert is always
    /// certificate_unknown.
    #[rustfmt::skip]
    fn row<R>(&self, read: impl FnOnce(&'static str, fmt::Arguments<'_>) -> R) -> R {
        match self {
            Self::Pem(error) => read("RFC 7468 section 7", format_args!("{error}")),
            Self::BadEncoding => read("RFC 5280 section 5.1",
                format_args!("the CRL is not well-formed")),
            Self::UnknownCriticalExtension => read("RFC 5280 section 5.2",
                format_args!("the CRL has a critical extension that is not understood (is it a \
                  delta CRL?)")),
            Self::UnsupportedScope => read("RFC 5280 section 5.2.5",
                format_args!("the CRL is for some reasons only, for attribute certificates, or \
                  indirect, which is not supported")),
            Self::Missing => read("RFC 5280 section 6.3",
                format_args!("there is no CRL of the certificate's issuer, and one is required")),
            Self::BadSignature => read("RFC 5280 section 6.3.3",
                format_args!("the CRL is not signed by the certificate's issuer")),
            Self::NotYetValid { this_update, now } => read("RFC 5280 section 5.1.2.4",
                format_args!("the CRL is only valid from {} (it is now {})",
                  Time(*this_update), Time(*now))),
            Self::Outdated { next_update, now } => read("RFC 5280 section 6.3.3",
                format_args!("the CRL was to be replaced at {} (it is now {}): fetch a newer one",
                  Time(*next_update), Time(*now))),
        }
    }
}

/// Prints the message, without the section.
impl fmt::Display for CrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row(|_, message| f.write_fmt(message))
    }
}

impl core::error::Error for CrlError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Pem(error) => Some(error),
            _ => None,
        }
    }
}
