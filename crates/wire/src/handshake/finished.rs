//! The Finished message.

use super::HandshakeBody;
use crate::codec::{Decode, Encode};
use crate::codes::HandshakeType;
use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// The Finished message (RFC 5246 section 7.4.9, RFC 9846 section 4.5.3).
///
/// Decoding consumes the whole reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finished<'a> {
    /// The `verify_data`. Its length depends on the cipher suite: 12 bytes for all current TLS 1.2 suites,
    /// the length of the hash in TLS 1.3. Decoding accepts any length.
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
