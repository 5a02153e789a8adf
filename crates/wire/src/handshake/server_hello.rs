//! What the server chooses.

use super::{HandshakeBody, Random, SessionId};
use crate::{
    CipherSuite, CompressionMethod, Decode, DecodeError, Encode, EncodeError, Extensions, HandshakeType,
    ProtocolVersion, Reader, ServerExtension, Writer,
};

/// What the server chooses from the client's offer (RFC 5246 section 7.4.1.3).
///
/// Decoding reads all that the reader has: whether extensions are there is told by whether bytes are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerHello<'a> {
    /// The version; TLS 1.2 stands here also where `supported_versions` chooses TLS 1.3.
    pub server_version: ProtocolVersion,
    /// The server's random.
    pub random: Random,
    /// The session that starts or is resumed, or empty where it will not be resumable by an id.
    pub session_id: SessionId,
    /// The suite.
    pub cipher_suite: CipherSuite,
    /// The compression method.
    pub compression_method: CompressionMethod,
    /// The extensions, or `None` where the message ends before them; a block that is there and empty is `Some`.
    pub extensions: Option<Extensions<'a, ServerExtension<'a>>>,
}

impl<'a> Decode<'a> for ServerHello<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            server_version: ProtocolVersion(r.u16("ServerHello.server_version")?),
            random: Random(r.array("ServerHello.random")?),
            session_id: SessionId::decode(r)?,
            cipher_suite: CipherSuite(r.u16("ServerHello.cipher_suite")?),
            compression_method: CompressionMethod(r.u8("ServerHello.compression_method")?),
            extensions: Extensions::decode_optional(r)?,
        })
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
