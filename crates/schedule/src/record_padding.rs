//! The value that states how records are padded.

use core::num::NonZeroU16;

/// The padding of the records of application data that we send in TLS 1.3 (RFC 9846 section 5.4). It hides
/// the length of the data from an observer.
///
/// The encrypted content with its type and its padding (`TLSInnerPlaintext`) has a multiple of a number of
/// bytes, or the maximum length. The maximum is 2^14 + 1 bytes, or less if the peer has sent
/// record_size_limit, and padding never exceeds it.
///
/// It applies to application data only. Handshake messages and alerts are not padded, so the length of a
/// certificate can be seen. TLS 1.2 has no padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecordPadding {
    block: NonZeroU16,
}

impl RecordPadding {
    /// Records are not padded. This is the default.
    pub const NONE: Self = Self { block: NonZeroU16::MIN };

    /// All records have the maximum length. This costs much: a single byte of data becomes a record of 16
    /// KiB.
    pub const TO_MAXIMUM: Self = Self { block: NonZeroU16::MAX };

    /// Records are padded to a multiple of this many bytes, or to the maximum length.
    #[must_use]
    pub const fn to_multiple_of(block: NonZeroU16) -> Self {
        Self { block }
    }

    /// The number of bytes of which the length is a multiple: 1 without padding, and more than the maximum
    /// length if all records have that.
    #[must_use]
    pub const fn block(self) -> NonZeroU16 {
        self.block
    }
}

impl Default for RecordPadding {
    fn default() -> Self {
        Self::NONE
    }
}
