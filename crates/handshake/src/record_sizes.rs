//! The limits on the plaintext of records, and when they take effect.

use crate::{flight::Out, negotiated::Negotiated};
use cairn_schedule::{Direction, Epoch};

/// The maximum plaintext of a record without negotiation, in bytes: 2^14 (RFC 5246 section 6.2.1).
pub(crate) const MAX_PLAINTEXT: u16 = 1 << 14;

/// The limits of both sides from record_size_limit (RFC 8449).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordSizeLimits {
    /// The maximum plaintext of records that we receive with the keys of this handshake, in bytes.
    pub ours: u16,
    /// The maximum plaintext of records that we send, in bytes, as stated by the peer: at least 64, and
    /// possibly more than 2^14.
    pub theirs: u16,
}

impl Negotiated {
    /// max_fragment_length takes effect as soon as it is negotiated, also for handshake messages (RFC 6066
    /// section 4).
    ///
    /// During a renegotiation only what we send is limited at once, and only if the new length is shorter:
    /// records that the peer sent before may still arrive, and longer records must wait until the peer knows
    /// the new length. Both take effect with the new keys.
    pub(crate) fn limit_records_at_once(&self, out: &mut Out<'_>) {
        let Some(length) = self.max_fragment_length else { return };
        let length = length.min(MAX_PLAINTEXT);
        out.limit_records(Direction::Write, length.min(out.epochs.max_write));
        if out.epochs.read == Epoch::Initial && self.record_size_limits.is_none() {
            out.limit_records(Direction::Read, length);
        }
    }

    /// The limits with the keys of this handshake.
    pub(crate) fn limit_records_with_keys(&self, direction: Direction, out: &mut Out<'_>) {
        let length = self.max_fragment_length.unwrap_or(MAX_PLAINTEXT);
        let limit = match (self.record_size_limits, direction) {
            (None, _) => length,
            (Some(limits), Direction::Read) => limits.ours,
            // Both can be in force if a session with max_fragment_length is resumed with record_size_limit.
            // We may send longer records than our own limit, but the peer may not.
            (Some(limits), Direction::Write) => limits.theirs.min(length),
        };
        out.limit_records(direction, limit.min(MAX_PLAINTEXT));
    }
}
