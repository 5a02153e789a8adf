//! How much plaintext a record may hold, and from when on.

use crate::{flight::Out, negotiated::Negotiated};
use cairn_schedule::{Direction, Epoch};

/// What a record may hold where nothing was agreed, in bytes: 2^14 (RFC 5246 section 6.2.1).
pub(crate) const MAX_PLAINTEXT: u16 = 1 << 14;

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
        if out.epochs.read == Epoch::INITIAL {
            out.limit_records(Direction::Read, length);
        }
    }

    /// The limit under the keys of this handshake.
    pub(crate) fn limit_records_with_keys(&self, direction: Direction, out: &mut Out<'_>) {
        out.limit_records(direction, self.max_fragment_length.unwrap_or(MAX_PLAINTEXT).min(MAX_PLAINTEXT));
    }
}
