//! The ServerHello message.

use super::{HandshakeBody, Random, SessionId};
use crate::codec::{Decode, Encode};
use crate::codes::{CipherSuite, CompressionMethod, HandshakeType, ProtocolVersion};
use crate::error::{DecodeError, EncodeError};
use crate::ext::{Extensions, ServerExtension};
use crate::reader::Reader;
use crate::writer::Writer;

/// The server's choice from the client's offer (RFC 5246 section 7.4.1.3).
///
/// Decoding consumes the whole reader, because extensions are present if and only if bytes remain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerHello<'a> {
    /// The selected version. It is TLS 1.2 if `supported_versions` selects TLS 1.3.
    pub server_version: ProtocolVersion,
    /// The server's random.
    pub random: Random,
    /// The ID of the new or resumed session, or empty if the session cannot be resumed by ID.
    pub session_id: SessionId,
    /// The selected cipher suite.
    pub cipher_suite: CipherSuite,
    /// The selected compression method.
    pub compression_method: CompressionMethod,
    /// The extensions, or `None` if the message ends before them. An empty block is `Some`.
    pub extensions: Option<Extensions<'a, ServerExtension<'a>>>,
}

impl<'a> ServerHello<'a> {
    /// Decodes the message and passes each extension to `each`, as [`Extensions::decode_each`].
    ///
    /// # Errors
    ///
    /// As [`Decode::decode`].
    pub fn decode_each(
        r: &mut Reader<'a>,
        each: impl FnMut(ServerExtension<'a>),
    ) -> Result<Self, DecodeError> {
        Ok(Self {
            server_version: ProtocolVersion(r.u16("ServerHello.server_version")?),
            random: Random(r.array("ServerHello.random")?),
            session_id: SessionId::decode(r)?,
            cipher_suite: CipherSuite(r.u16("ServerHello.cipher_suite")?),
            compression_method: CompressionMethod(r.u8("ServerHello.compression_method")?),
            extensions: Extensions::decode_optional(r, each)?,
        })
    }
}

impl<'a> Decode<'a> for ServerHello<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Self::decode_each(r, drop)
    }
}

impl Encode for ServerHello<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.server_version.encode(w)?;
        self.random.encode(w)?;
        self.session_id.encode(w)?;
        self.cipher_suite.encode(w)?;
        self.compression_method.encode(w)?;
        self.extensions.as_ref().map_or(Ok(()), |extensions| extensions.encode(w))
    }
}

impl HandshakeBody for ServerHello<'_> {
    const TYPE: HandshakeType = HandshakeType::SERVER_HELLO;
}
