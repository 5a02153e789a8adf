//! The lengths of records, and of their parts, under the current keys.

use super::RecordWriter;
use crate::{
    limits::HEADER_LEN,
    padding::{max_padding, padded_len},
    protect::{Overhead, RecordKeys},
};
use cairn_schedule::RecordPadding;
use cairn_wire::ContentType;

impl RecordWriter {
    /// The maximum plaintext length of a record in bytes.
    #[must_use]
    #[allow(clippy::as_conversions, reason = "widening; From is not const")]
    pub const fn max_plaintext(&self) -> usize {
        self.limit as usize
    }

    /// Length in bytes of the record, including its header, for `payload_len` bytes of application data.
    /// Other content is not padded, so its record may be shorter.
    #[must_use]
    pub fn record_len(&self, payload_len: usize) -> usize {
        let padding = self.padding_of(ContentType::APPLICATION_DATA);
        self.overhead().record_len(padded_len(padding, payload_len, self.max_plaintext()))
    }

    /// Length in bytes of the record of a handshake message, which is not padded.
    #[must_use]
    pub fn message_record_len(&self, message_len: usize) -> usize {
        self.overhead().record_len(message_len)
    }

    /// Total length in bytes of the records that [`RecordWriter::seal`] produces for application data of this
    /// length. [`RecordWriter::seal_slice`] needs a buffer of this length to seal the entire payload. Other
    /// content is not padded, so its records may be shorter.
    #[must_use]
    pub fn sealed_len(&self, payload_len: usize) -> usize {
        self.sealed_len_with(self.padding_of(ContentType::APPLICATION_DATA), payload_len)
    }

    /// Total length in bytes of the records for a payload of this length, with this padding.
    #[inline]
    pub(super) fn sealed_len_with(&self, padding: RecordPadding, payload_len: usize) -> usize {
        let (overhead, max) = (self.overhead(), self.max_plaintext());
        if payload_len <= max {
            return overhead.record_len(padded_len(padding, payload_len, max));
        }
        // All records except the last are full.
        let full = payload_len.div_ceil(max).saturating_sub(1);
        let last = payload_len.saturating_sub(full.saturating_mul(max));
        let full = full.saturating_mul(overhead.record_len(max));
        full.saturating_add(overhead.record_len(padded_len(padding, last, max)))
    }

    /// Bytes of room that a record needs between its header and its payload: [`Overhead::prefix`] of the
    /// current keys, or 0 without keys.
    #[must_use]
    pub fn prefix_len(&self) -> usize {
        self.overhead().prefix()
    }

    /// Bytes of room that a record needs after its payload: [`Overhead::max_suffix`] of the current keys and
    /// the longest padding, or 0 without keys.
    #[must_use]
    pub fn suffix_len(&self) -> usize {
        let padding = self.padding_of(ContentType::APPLICATION_DATA);
        self.overhead().max_suffix().saturating_add(max_padding(padding, self.max_plaintext()))
    }

    /// Offset of the payload in a record: [`HEADER_LEN`] and [`RecordWriter::prefix_len`] bytes.
    #[must_use]
    pub fn payload_offset(&self) -> usize {
        HEADER_LEN + self.prefix_len()
    }

    /// The padding of a record with this content.
    #[inline]
    pub(super) fn padding_of(&self, content_type: ContentType) -> RecordPadding {
        match &self.keys {
            Some(keys) if keys.hides_content_type() && content_type == ContentType::APPLICATION_DATA => {
                self.padding
            }
            _ => RecordPadding::NONE,
        }
    }

    pub(super) fn overhead(&self) -> Overhead {
        self.keys.as_ref().map(RecordKeys::overhead).unwrap_or_default()
    }
}
