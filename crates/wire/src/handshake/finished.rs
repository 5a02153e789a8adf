//! The last message of a side.

use super::HandshakeBody;
use crate::{Decode, DecodeError, Encode, EncodeError, HandshakeType, Reader, Writer};

/// The check over the whole handshake (RFC 5246 section 7.4.9).
///
/// Decoding reads all that the reader has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished<'a> {
    /// The check: as many bytes as the suite says, which is 12 in TLS 1.2 for every suite that there is. Whoever
    /// compares it checks its length.
    pub verify_data: &'a [u8],
}

impl<'a> Decode<'a> for Finished<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self { verify_data: r.rest() })
    }
}

impl Encode for Finished<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.bytes(self.verify_data)
    }
}

impl HandshakeBody for Finished<'_> {
    const TYPE: HandshakeType = HandshakeType::FINISHED;
}
