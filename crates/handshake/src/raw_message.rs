//! A handshake message as received.

use crate::error::HandshakeErrorKind;
use cairn_wire::{Decode, DecodeError, HandshakeType, Reader};
use core::fmt;

/// One complete handshake message as received, header included.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RawMessage<'a> {
    /// `Handshake.msg_type` (RFC 5246 section 7.4).
    pub msg_type: HandshakeType,
    /// Header and body, as they enter the transcript.
    pub bytes: &'a [u8],
}

impl<'a> RawMessage<'a> {
    /// The length of the header in bytes: the type and a uint24 length.
    pub const HEADER_LEN: usize = 4;

    /// The body.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.bytes.get(Self::HEADER_LEN..).unwrap_or_default()
    }
}

impl fmt::Debug for RawMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}([{} bytes])", self.msg_type, self.bytes.len())
    }
}

/// Decodes the body of a message as `T`. Offsets count from the start of the message.
pub(crate) fn read<'a, T: Decode<'a>>(message: RawMessage<'a>) -> Result<T, HandshakeErrorKind> {
    read_with(message, T::decode)
}

/// Decodes the body of a message with `decode`. Offsets count from the start of the message.
#[inline]
pub(crate) fn read_with<'a, T>(
    message: RawMessage<'a>,
    decode: impl FnOnce(&mut Reader<'a>) -> Result<T, DecodeError>,
) -> Result<T, HandshakeErrorKind> {
    let mut reader = Reader::at(RawMessage::HEADER_LEN, message.body());
    let value = decode(&mut reader)?;
    reader.finish("end of handshake message")?;
    Ok(value)
}
