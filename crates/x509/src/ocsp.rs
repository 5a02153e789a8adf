//! OCSP responses (RFC 6960), as servers staple them (RFC 6066 section 8).
//!
//! Nothing is fetched: the response arrives in the handshake. It must be signed by the certificate's issuer
//! or by a responder whose certificate that issuer signed for the purpose (section 4.2.2.2). The revocation
//! status of the responder's certificate is not checked; such certificates are meant to be short-lived.

mod check;
mod error;
mod read;

use crate::error::Time;
use alloc::vec::Vec;
use core::fmt;

pub(crate) use check::{Issuer, Tools, check};
pub use error::OcspError;

/// The tolerated difference between a responder's clock and ours, in seconds: five minutes.
pub const TOLERANCE: u64 = 300;

/// The maximum age of a response without `nextUpdate`, in seconds: a day. An absent `nextUpdate` means that
/// newer information is always available (RFC 6960 section 4.2.2.1).
pub const MAX_AGE: u64 = 86_400;

/// How a client treats stapled OCSP responses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stapling {
    /// The client does not request one.
    Ignore,
    /// The client requests one and rejects the connection if it is not good (RFC 6066 section 8). A response
    /// is required only if the certificate promises one (RFC 7633).
    #[default]
    Check,
    /// The client requests one and requires it to be present and good.
    Require,
}

/// The statement of a response about one certificate, parsed and not verified.
///
/// [`Display`](fmt::Display) prints one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statement {
    /// The certificate's serial number, big-endian as in the certificate.
    pub serial: Vec<u8>,
    /// The certificate's status.
    pub state: State,
    /// `thisUpdate`: when the status was known to be correct, in seconds since 1970.
    pub this_update: u64,
    /// `nextUpdate`: when newer information will be available at the latest, in seconds since 1970.
    pub next_update: Option<u64>,
}

impl Statement {
    /// The last second of its validity, since 1970: `nextUpdate`, or [`MAX_AGE`] after `thisUpdate` if that
    /// is absent.
    #[must_use]
    pub const fn until(&self) -> u64 {
        match self.next_update {
            Some(next_update) => next_update,
            None => self.this_update.saturating_add(MAX_AGE),
        }
    }
}

/// `CertStatus` (RFC 6960 section 4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// The certificate is not revoked.
    Good,
    /// The certificate is revoked.
    Revoked {
        /// The revocation date, in seconds since 1970.
        since: u64,
    },
    /// The responder does not know the certificate.
    Unknown,
}

/// The statements of a response, parsed and not verified.
///
/// # Errors
/// [`OcspError::BadEncoding`], [`OcspError::NotSuccessful`], [`OcspError::UnknownType`],
/// [`OcspError::UnknownCriticalExtension`].
pub fn statements(response: &[u8]) -> Result<Vec<Statement>, OcspError> {
    let mut all = Vec::new();
    let basic = read::basic(response)?;
    basic
        .find(|single| {
            all.push(single.statement);
            None::<()>
        })
        .map_err(|_| OcspError::BadEncoding)?;
    Ok(all)
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.state {
            State::Good => f.write_str("good")?,
            State::Revoked { since } => write!(f, "revoked since {}", Time(since))?,
            State::Unknown => f.write_str("unknown to the responder")?,
        }
        write!(f, ", as of {}", Time(self.this_update))?;
        match self.next_update {
            Some(next) => write!(f, " until {}", Time(next)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
