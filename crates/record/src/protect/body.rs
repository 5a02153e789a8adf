//! The parts of a record body, and the fields that are authenticated beside it.

use crate::error::RecordError;
use cairn_wire::{ContentType, ProtocolVersion};

/// The authenticated fields of a record that are not encrypted.
#[derive(Clone, Copy)]
pub(super) struct Context {
    pub(super) seq: u64,
    pub(super) content_type: ContentType,
    pub(super) version: ProtocolVersion,
}

/// `seq_num + type + version + length` (RFC 5246 sections 6.2.3.1 and 6.2.3.3). The length, in network byte
/// order, is that of the text; with encrypt-then-MAC it is that of the encrypted data (RFC 7366 section 3).
pub(super) const fn additional_data(context: Context, length: [u8; 2]) -> [u8; 13] {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = context.seq.to_be_bytes();
    let [major, minor] = context.version.0.to_be_bytes();
    let [high, low] = length;
    [s0, s1, s2, s3, s4, s5, s6, s7, context.content_type.0, major, minor, high, low]
}

/// The prefix, text and suffix of a body.
pub(super) fn parts(body: &mut [u8], prefix: usize, text_len: u16) -> Result<[&mut [u8]; 3], RecordError> {
    let text_len = usize::from(text_len);
    let too_small = RecordError::BufferTooSmall { needed: prefix.saturating_add(text_len), got: body.len() };
    let (prefix, rest) = body.split_at_mut_checked(prefix).ok_or(too_small)?;
    let (text, suffix) = rest.split_at_mut_checked(text_len).ok_or(too_small)?;
    Ok([prefix, text, suffix])
}
