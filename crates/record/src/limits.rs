//! Limits on the length of records, and on consecutive records that carry no data.

use cairn_wire::RecordHeader;

/// Length of a record header in bytes (RFC 5246 section 6.2.1).
pub const HEADER_LEN: usize = RecordHeader::LEN;

/// The maximum length of `TLSPlaintext.fragment` in bytes: 2^14 (RFC 5246 section 6.2.1).
pub const MAX_PLAINTEXT_LEN: u16 = 1 << 14;

/// The maximum length of `TLSCiphertext.fragment` in bytes: 2^14 + 2048 (RFC 5246 section 6.2.3).
pub const MAX_CIPHERTEXT_LEN: u16 = MAX_PLAINTEXT_LEN + 2048;

/// The maximum length of `TLSCiphertext.encrypted_record` in bytes: 2^14 + 256 (RFC 9846 section 5.2).
pub(crate) const MAX_ENCRYPTED_RECORD_LEN: u16 = MAX_PLAINTEXT_LEN + 256;

/// The maximum length of a record in bytes, including its header. A buffer of this size can hold any record.
pub const MAX_RECORD_LEN: usize = HEADER_LEN + (1 << 14) + 2048;

/// Limits of a reader and a writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordLimits {
    /// The maximum plaintext length of a fragment in bytes, for reading and for writing. It is 2^14 unless a
    /// smaller limit was negotiated (`max_fragment_length`, RFC 6066 section 4, or `record_size_limit`, RFC
    /// 8449). Values outside 1 to 2^14 are clamped.
    pub max_plaintext: u16,
    /// The maximum number of consecutive empty records.
    ///
    /// Empty application data is legal as a countermeasure to traffic analysis (RFC 5246 section 6.2.1).
    /// However, each record costs a decryption and delivers nothing, so a peer could keep this side busy
    /// indefinitely. Typical senders put at most one empty record before each full one. The default of 32
    /// leaves room for senders that pad more.
    pub max_empty_records: u16,
    /// The maximum number of consecutive alerts that do not end the connection, regardless of how many
    /// records carry them. An alert that is split over two records counts twice.
    ///
    /// A warning costs the sender nothing and makes no progress. A conforming peer sends only a few in
    /// sequence (`unrecognized_name`, `no_renegotiation`, `user_canceled` and then `close_notify`), so the
    /// default is 4. Only a record with other content resets the count. An empty record does not, because a
    /// peer could otherwise alternate the two kinds indefinitely.
    pub max_warning_alerts: u16,
}

impl Default for RecordLimits {
    fn default() -> Self {
        Self { max_plaintext: MAX_PLAINTEXT_LEN, max_empty_records: 32, max_warning_alerts: 4 }
    }
}

/// The minimum is 1, because fragmentation with a limit of 0 would never end.
pub(crate) fn clamp_plaintext(max_plaintext: u16) -> u16 {
    max_plaintext.clamp(1, MAX_PLAINTEXT_LEN)
}
