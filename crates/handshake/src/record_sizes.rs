//! How much plaintext a record may hold, and from when on.

use crate::{flight::Out, negotiated::Negotiated};
use cairn_schedule::{Direction, Epoch};

/// What a record may hold where nothing was agreed, in bytes: 2^14 (RFC 5246 section 6.2.1).
pub(crate) const MAX_PLAINTEXT: u16 = 1 << 14;

/// What both sides said with record_size_limit (RFC 8449).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordSizeLimits {
    /// The most plaintext in a record that comes to us under the keys of this handshake, in bytes.
    pub ours: u16,
    /// The most in a record that we send, in bytes, as the peer said it: 64 at least, and maybe more than the 2^14 that
    /// a record can hold.
    pub theirs: u16,
}

impl Negotiated {
    /// max_fragment_length holds from the moment that it is agreed on, for handshake messages too (RFC 6066 section 4).
    ///
    /// In a handshake under old keys that goes for us, as far as the new length is shorter. What the peer sent before it
    /// heard of it may still be on its way, and what is longer must wait until the peer has heard: both come with the new
    /// keys.
    pub(crate) fn limit_records_at_once(&self, out: &mut Out<'_>) {
        let Some(length) = self.max_fragment_length else { return };
        let length = length.min(MAX_PLAINTEXT);
        out.limit_records(Direction::Write, length.min(out.epochs.max_write));
        if out.epochs.read == Epoch::INITIAL && self.record_size_limits.is_none() {
            out.limit_records(Direction::Read, length);
        }
    }

    /// The limit under the keys of this handshake.
    pub(crate) fn limit_records_with_keys(&self, direction: Direction, out: &mut Out<'_>) {
        let length = self.max_fragment_length.unwrap_or(MAX_PLAINTEXT);
        let limit = match (self.record_size_limits, direction) {
            (None, _) => length,
            (Some(limits), Direction::Read) => limits.ours,
            // Both at once: a session that had the one is resumed with the other. To us it may matter, to the peer not.
            (Some(limits), Direction::Write) => limits.theirs.min(length),
        };
        out.limit_records(direction, limit.min(MAX_PLAINTEXT));
    }
}
