//! Whether a certificate is still good: OCSP responses (RFC 6960), as servers staple them (RFC 6066 section 8).
//!
//! Nothing is fetched: what is judged here came with the certificate. A response is taken from the certificate's issuer,
//! or from a responder whose certificate that issuer itself made for the purpose (section 4.2.2.2). Whether such a
//! responder's own certificate was revoked is not looked into; that it expires soon is what keeps it honest.

mod check;
mod error;
mod read;

use crate::error::Time;
use alloc::vec::Vec;
use core::fmt;

pub(crate) use check::{Issuer, Tools, check};
pub use error::OcspError;

/// How far the clock of a responder may be ahead of ours, or ours ahead of its, in seconds: five minutes.
pub const TOLERANCE: u64 = 300;

/// How old a response may be that does not say when the next one comes, in seconds: a day. It means that there is always
/// a newer one to be had (RFC 6960 section 4.2.2.1).
pub const MAX_AGE: u64 = 86_400;

/// What a client makes of OCSP responses that servers staple.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stapling {
    /// None is asked for.
    Ignore,
    /// One is asked for, and when it comes it must be good (RFC 6066 section 8). It must come where the certificate says
    /// that it will (RFC 7633).
    #[default]
    Check,
    /// One must come, and be good.
    Require,
}

/// What a response says of one certificate; who says so, and whether it is still so, is another matter.
///
/// Its [`Display`](fmt::Display) is in one line, for people to read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statement {
    /// The certificate's serial number, big-endian as in the certificate.
    pub serial: Vec<u8>,
    /// What is said of it.
    pub state: State,
    /// When this was known to be right, in seconds since 1970.
    pub this_update: u64,
    /// When there will be newer word at the latest, in seconds since 1970.
    pub next_update: Option<u64>,
}

impl Statement {
    /// The last second in which it counts, in seconds since 1970: `nextUpdate`, or [`MAX_AGE`] after `thisUpdate`
    /// where there is none.
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
    /// It is not revoked.
    Good,
    /// It is revoked.
    Revoked {
        /// Since when, in seconds since 1970.
        since: u64,
    },
    /// The responder does not know it.
    Unknown,
}

/// What a response says, certificate by certificate, read and not judged.
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
