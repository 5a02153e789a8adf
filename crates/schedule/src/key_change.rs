//! New keys on their way to the record layer.

use crate::{Suite, TrafficKeys};
use core::fmt;

/// Which set of keys is in force: 0 before any, one more at each change. In DTLS it is the epoch of RFC 6347
/// section 4.1; for QUIC it tells the encryption levels apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u16);

impl Epoch {
    /// Records in the clear, before the first ChangeCipherSpec.
    pub const INITIAL: Self = Self(0);

    /// The one after this; `None` after 65535 changes.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(next) => Some(Self(next)),
            None => None,
        }
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which way data flows, seen from our end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// What the peer sends.
    Read,
    /// What we send.
    Write,
}

/// The order to use new keys in one direction, from the next record on.
#[derive(Clone, Debug)]
pub struct KeyChange {
    /// The epoch that begins.
    pub epoch: Epoch,
    /// The direction it is for.
    pub direction: Direction,
    /// What the keys are to be used with.
    pub suite: &'static Suite,
    /// The keys.
    pub keys: TrafficKeys,
    /// Whether the MAC of a CBC suite is over the ciphertext, as both sides agreed (RFC 7366 section 3); if not, it is
    /// over the text (RFC 5246 section 6.2.3.2). Means nothing for other suites.
    pub encrypt_then_mac: bool,
}
