//! The statement of a response about a certificate.

use crate::time::Time;
use alloc::vec::Vec;
use core::fmt;

/// The maximum age of a response without `nextUpdate`, in seconds: a day. An absent `nextUpdate` means that
/// newer information is always available (RFC 6960 section 4.2.2.1).
pub const MAX_AGE: u64 = 86_400;

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
