//! The ClientHello message.

use super::{HandshakeBody, Random, SessionId};
use crate::bounds::{MAX_8, MAX_16};
use crate::codec::{Decode, Encode};
use crate::codes::{CipherSuite, CompressionMethod, HandshakeType, ProtocolVersion};
use crate::error::{DecodeError, EncodeError};
use crate::ext::{ClientExtension, Extensions};
use crate::list::List;
use crate::reader::Reader;
use crate::writer::Writer;

/// The client's offer (RFC 5246 section 7.4.1.2).
///
/// Decoding consumes the whole reader, because extensions are present if and only if bytes remain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientHello<'a> {
    /// The highest version that the client supports. With `supported_versions` it is at most TLS 1.2.
    pub client_version: ProtocolVersion,
    /// The client's random.
    pub random: Random,
    /// The ID of the session to resume, or empty.
    pub session_id: SessionId,
    /// The cipher suites in order of preference: `<2..2^16-2>` bytes, 1 to 32767 suites.
    pub cipher_suites: List<'a, CipherSuite>,
    /// The compression methods in order of preference: `<1..2^8-1>` bytes.
    pub compression_methods: List<'a, CompressionMethod>,
    /// The extensions, or `None` if the message ends before them. An empty block is `Some`.
    pub extensions: Option<Extensions<'a, ClientExtension<'a>>>,
}

impl<'a> ClientHello<'a> {
    /// Decodes the message and passes each extension to `each`, as [`Extensions::decode_each`].
    ///
    /// # Errors
    ///
    /// As [`Decode::decode`].
    pub fn decode_each(
        r: &mut Reader<'a>,
        each: impl FnMut(ClientExtension<'a>),
    ) -> Result<Self, DecodeError> {
        Ok(Self {
            client_version: ProtocolVersion(r.u16("ClientHello.client_version")?),
            random: Random(r.array("ClientHello.random")?),
            session_id: SessionId::decode(r)?,
            cipher_suites: List::decode(&mut r.vec16(2, MAX_16 - 1, "ClientHello.cipher_suites")?)?,
            compression_methods: List::decode(&mut r.vec8(1, MAX_8, "ClientHello.compression_methods")?)?,
            extensions: Extensions::decode_optional(r, each)?,
        })
    }
}

impl<'a> Decode<'a> for ClientHello<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Self::decode_each(r, drop)
    }
}

impl Encode for ClientHello<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.client_version.encode(w)?;
        self.random.encode(w)?;
        self.session_id.encode(w)?;
        w.vec16(2, MAX_16 - 1, "ClientHello.cipher_suites", |w| self.cipher_suites.encode(w))?;
        w.vec8(1, MAX_8, "ClientHello.compression_methods", |w| self.compression_methods.encode(w))?;
        self.extensions.as_ref().map_or(Ok(()), |extensions| extensions.encode(w))
    }
}

impl HandshakeBody for ClientHello<'_> {
    const TYPE: HandshakeType = HandshakeType::CLIENT_HELLO;
}
