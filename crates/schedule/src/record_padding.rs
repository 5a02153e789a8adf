//! The value that states how records are padded.

use core::num::NonZeroU16;

/// The padding of the records of application data that we send in TLS 1.3 (RFC 9846 section 5.4). It hides
/// the length of the data from an observer.
///
/// It applies to application data only. Handshake messages and alerts are not padded, so the length of a
/// certificate can be seen. Padding never exceeds the maximum length of a record, which a record_size_limit
/// of the peer lowers. TLS 1.2 has no padding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RecordPadding {
    /// Records are not padded.
    #[default]
    None,
    /// The encrypted content with its type and its padding (`TLSInnerPlaintext`) has a multiple of this many
    /// bytes, or the maximum length.
    ToMultipleOf(NonZeroU16),
    /// All records have the maximum length. This costs much: a single byte of data becomes a record of 16
    /// KiB.
    ToMaximum,
}
