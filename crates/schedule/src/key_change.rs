//! The value that passes new keys to the record layer.

use crate::key_block::TrafficKeys;
use crate::suites::Suite;
use core::fmt;

/// The number of a set of keys: 0 before encryption, incremented with each key change. DTLS 1.2 sends this
/// number (RFC 6347 section 4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u16);

impl Epoch {
    /// Unencrypted records, before the first ChangeCipherSpec.
    pub const INITIAL: Self = Self(0);

    /// The next epoch, or `None` after 65535 changes.
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

/// The direction of data, from our point of view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Data sent by the peer.
    Read,
    /// Data sent by us.
    Write,
}

/// Instructs the record layer to use new keys in one direction, starting with the next record.
#[derive(Clone, Debug)]
pub struct KeyChange {
    /// The new epoch.
    pub epoch: Epoch,
    /// The direction.
    pub direction: Direction,
    /// The cipher suite.
    pub suite: &'static Suite,
    /// The keys.
    pub keys: TrafficKeys,
    /// For CBC suites: `true` if encrypt-then-MAC was negotiated, so that the MAC covers the ciphertext (RFC
    /// 7366 section 3); `false` if it covers the plaintext (RFC 5246 section 6.2.3.2). Ignored for other
    /// suites.
    pub encrypt_then_mac: bool,
}
