//! How long records may be, and how much of what leads nowhere is borne.

use cairn_wire::RecordHeader;

/// Length of a record's header in bytes (RFC 5246 section 6.2.1).
pub const HEADER_LEN: usize = RecordHeader::LEN;

/// The greatest length of `TLSPlaintext.fragment` in bytes: 2^14 (RFC 5246 section 6.2.1).
pub const MAX_PLAINTEXT_LEN: u16 = 1 << 14;

/// The greatest length of `TLSCiphertext.fragment` in bytes: 2^14 + 2048 (RFC 5246 section 6.2.3).
pub const MAX_CIPHERTEXT_LEN: u16 = MAX_PLAINTEXT_LEN + 2048;

/// The greatest length of a record in bytes, header and all. A buffer of this size always has room for one.
pub const MAX_RECORD_LEN: usize = HEADER_LEN + (1 << 14) + 2048;

/// What a reader bears and a writer keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordLimits {
    /// The greatest length of a fragment's plaintext in bytes, both of what is read and of what is written. 2^14 unless
    /// something smaller was agreed (`max_fragment_length`, RFC 6066 section 4, or `record_size_limit`, RFC 8449). Values
    /// outside 1 to 2^14 are brought to the nearer end.
    pub max_plaintext: u16,
    /// How many records without content may come in a row.
    ///
    /// Empty application data is legal, as cover against traffic analysis (RFC 5246 section 6.2.1), but each record
    /// costs us a decryption and brings nothing, so that a peer could keep us busy for ever. Honest senders put one
    /// empty record before each full one at most; the default of 32 leaves room for generous padding.
    pub max_empty_records: u16,
    /// How many alerts that do not end the connection may come in a row, in however many records; one that is cut in two
    /// counts twice.
    ///
    /// A warning costs the sender nothing and moves nothing forward. An honest peer has at most a few to say one after
    /// the other (`unrecognized_name`, `no_renegotiation`, `user_canceled` and then `close_notify`): the default is 4.
    /// Only records with other content end the row, and empty ones do not; else the two kinds could take turns.
    pub max_warning_alerts: u16,
}

impl RecordLimits {
    /// `max_plaintext`, brought into the range that makes sense.
    pub(crate) fn plaintext_len(self) -> usize {
        clamp_plaintext(self.max_plaintext)
    }
}

impl Default for RecordLimits {
    fn default() -> Self {
        Self { max_plaintext: MAX_PLAINTEXT_LEN, max_empty_records: 32, max_warning_alerts: 4 }
    }
}

/// A fragment must have room for a byte, or fragmentation would never end.
pub(crate) fn clamp_plaintext(max_plaintext: u16) -> usize {
    usize::from(max_plaintext.clamp(1, MAX_PLAINTEXT_LEN))
}
