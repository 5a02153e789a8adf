//! The header of a handshake message.

use crate::bounds::MAX_24;
use crate::codec::{Decode, Encode};
use crate::codes::HandshakeType;
use crate::error::{DecodeError, DecodeErrorKind, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// The header of a handshake message (RFC 5246 section 7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandshakeHeader {
    /// The type of the message.
    pub msg_type: HandshakeType,
    /// The length of the body, in bytes; 24 bits on the wire.
    pub length: u32,
}

impl HandshakeHeader {
    /// The size of the header, in bytes.
    pub const LEN: usize = 4;

    /// Checks that the body has at most `max` bytes.
    ///
    /// # Errors
    ///
    /// [`LengthOutOfRange`](DecodeErrorKind::LengthOutOfRange) at offset 1, the position of the length.
    pub fn check_length(&self, max: u32) -> Result<(), DecodeError> {
        if self.length <= max {
            return Ok(());
        }
        let in_usize = |length: u32| usize::try_from(length).unwrap_or(usize::MAX);
        let (length, max) = (in_usize(self.length), in_usize(max));
        let kind = DecodeErrorKind::LengthOutOfRange { length, min: 0, max };
        Err(DecodeError::new(kind, 1, "Handshake.length"))
    }
}

impl<'a> Decode<'a> for HandshakeHeader {
    const SIZE: Option<usize> = Some(Self::LEN);

    #[inline]
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self { msg_type: HandshakeType(r.u8("Handshake.msg_type")?), length: r.u24("Handshake.length")? })
    }
}

impl Encode for HandshakeHeader {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.msg_type.encode(w)?;
        w.u24(self.length)
    }
}

/// The body of a handshake message of a known type.
pub trait HandshakeBody: Encode {
    /// The message type in the header.
    const TYPE: HandshakeType;

    /// Writes the message: the header, then the body.
    ///
    /// # Errors
    ///
    /// As [`Encode::encode`].
    fn write_message(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        write_handshake(w, Self::TYPE, |w| self.encode(w))
    }
}

/// Writes a handshake message whose body is written by `f`.
///
/// # Errors
///
/// The errors of `f`, [`EncodeError::BufferFull`], and [`EncodeError::TooLong`] for a body of more than
/// 2^24-1 bytes.
pub fn write_handshake(
    w: &mut Writer<'_>,
    msg_type: HandshakeType,
    f: impl FnOnce(&mut Writer<'_>) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    msg_type.encode(w)?;
    w.vec24(0, MAX_24, "Handshake.body", |w| f(w))
}
