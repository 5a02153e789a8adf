//! The limits on the plaintext of records, and when they take effect.

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
