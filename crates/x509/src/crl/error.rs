//! What can be wrong with a list of revoked certificates.

use crate::{error::Time, pem::PemError};
use core::fmt;

/// Why a list of revoked certificates was refused, or that it was missed. That a certificate is revoked is
/// [`crate::CertificateError::Revoked`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CrlError {
    /// A file is not in the form it should have.
    Pem(PemError),
    /// It is not well-formed (RFC 5280 section 5.1).
    BadEncoding,
    /// It, or an entry of it, has a critical extension that is not understood (RFC 5280 sections 5.2 and 5.3). A list of
    /// differences (delta CRL) has one.
    UnknownCriticalExtension,
    /// It is only for some reasons of revocation, for attribute certificates, or in place of other issuers (RFC 5280
    /// section 5.2.5).
    UnsupportedScope,
    /// No list is about the certificate.
    Missing,
    /// The list about the certificate is not signed by its issuer, or its issuer may not sign lists.
    BadSignature,
    /// The list about the certificate is from the future.
    NotYetValid {
        /// When it will be right, in seconds since 1970.
        this_update: u64,
        /// The time it was checked for, in seconds since 1970.
        now: u64,
    },
    /// The list about the certificate should have been replaced by a newer one.
    Outdated {
        /// Until when it was to be taken, in seconds since 1970.
        next_update: u64,
        /// The time it was checked for, in seconds since 1970.
        now: u64,
    },
}

impl fmt::Display for CrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Pem(error) => error.fmt(f),
            Self::BadEncoding => f.write_str("the CRL is not well-formed"),
            Self::UnknownCriticalExtension => {
                f.write_str("the CRL has a critical extension that is not understood (is it a delta CRL?)")
            }
            Self::UnsupportedScope => f.write_str(
                "the CRL is for some reasons only, for attribute certificates, or indirect, which is not supported",
            ),
            Self::Missing => f.write_str("no CRL of the certificate's issuer is there, and one is required"),
            Self::BadSignature => f.write_str("the CRL is not signed by the certificate's issuer"),
            Self::NotYetValid { this_update, now } => {
                write!(f, "the CRL is only valid from {} (it is now {})", Time(this_update), Time(now))
            }
            Self::Outdated { next_update, now } => write!(
                f,
                "the CRL was to be replaced at {} (it is now {}): fetch a newer one",
                Time(next_update),
                Time(now)
            ),
        }
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
