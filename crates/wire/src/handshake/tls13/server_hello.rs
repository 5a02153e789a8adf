//! The ServerHello of TLS 1.3 and HelloRetryRequest, which has the same structure.

use crate::codec::{Decode, Encode};
use crate::codes::{CipherSuite, CompressionMethod, ExtensionType, HandshakeType, ProtocolVersion};
use crate::error::{DecodeError, DecodeErrorKind, EncodeError};
use crate::ext::{Extension, Extensions, HelloRetryExtension, RawExtension, Tls13ServerExtension};
use crate::handshake::{HandshakeBody, Random, ServerHello, SessionId};
use crate::reader::Reader;
use crate::writer::Writer;

/// The lower bound of `extensions<6..2^16-1>`, in bytes.
const MIN_EXTENSIONS: usize = 6;

/// A ServerHello that selects TLS 1.3 (RFC 9846 section 4.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tls13ServerHello<'a> {
    /// TLS 1.2 on the wire. Other values are illegal but decode.
    pub legacy_version: ProtocolVersion,
    /// The server's random. [`Random::HELLO_RETRY_REQUEST`] does not decode.
    pub random: Random,
    /// The `legacy_session_id` of the ClientHello.
    pub legacy_session_id_echo: SessionId,
    /// The selected cipher suite.
    pub cipher_suite: CipherSuite,
    /// `null` on the wire. Other values are illegal but decode.
    pub legacy_compression_method: CompressionMethod,
    /// The extensions: `<6..2^16-1>` bytes.
    pub extensions: Extensions<'a, Tls13ServerExtension<'a>>,
}

/// The server's request for another ClientHello (RFC 9846 section 4.2.4): a ServerHello whose random is
/// [`Random::HELLO_RETRY_REQUEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HelloRetryRequest<'a> {
    /// TLS 1.2 on the wire. Other values are illegal but decode.
    pub legacy_version: ProtocolVersion,
    /// The `legacy_session_id` of the ClientHello.
    pub legacy_session_id_echo: SessionId,
    /// The selected cipher suite.
    pub cipher_suite: CipherSuite,
    /// `null` on the wire. Other values are illegal but decode.
    pub legacy_compression_method: CompressionMethod,
    /// The extensions: `<6..2^16-1>` bytes.
    pub extensions: Extensions<'a, HelloRetryExtension<'a>>,
}

/// A message of type `server_hello`, by its form.
///
/// RFC 9846 section 4.2.3: "Upon receiving a message with type server_hello, implementations MUST first
/// examine the Random value", and section 4.3.1: "clients MUST check for this extension prior to
/// processing the rest of the ServerHello". Decoding does both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnyServerHello<'a> {
    /// A ServerHello without `supported_versions`, or whose `supported_versions` does not select TLS 1.3.
    Tls12(ServerHello<'a>),
    /// A ServerHello that selects TLS 1.3.
    Tls13(Tls13ServerHello<'a>),
    /// A HelloRetryRequest.
    HelloRetryRequest(HelloRetryRequest<'a>),
}

/// The fields that both messages have.
struct Fields<'a, E> {
    legacy_version: ProtocolVersion,
    random: Random,
    legacy_session_id_echo: SessionId,
    cipher_suite: CipherSuite,
    legacy_compression_method: CompressionMethod,
    extensions: Extensions<'a, E>,
}

const RANDOM: &str = "ServerHello.random";

impl<'a, E: Extension<'a>> Fields<'a, E> {
    /// Reads the fields. `expect_retry` says which random the message has.
    fn decode(r: &mut Reader<'a>, expect_retry: bool, each: impl FnMut(E)) -> Result<Self, DecodeError> {
        let legacy_version = ProtocolVersion(r.u16("ServerHello.legacy_version")?);
        let place = r.clone();
        let random = Random(r.array(RANDOM)?);
        if (random == Random::HELLO_RETRY_REQUEST) != expect_retry {
            let [first, second, third, fourth, ..] = random.0;
            let value = u32::from_be_bytes([first, second, third, fourth]);
            return Err(place.error(DecodeErrorKind::IllegalValue { value }, RANDOM));
        }
        Ok(Self {
            legacy_version,
            random,
            legacy_session_id_echo: SessionId::decode(r)?,
            cipher_suite: CipherSuite(r.u16("ServerHello.cipher_suite")?),
            legacy_compression_method: CompressionMethod(r.u8("ServerHello.legacy_compression_method")?),
            extensions: Extensions::decode_at_least(r, MIN_EXTENSIONS, each)?,
        })
    }

    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.legacy_version.encode(w)?;
        self.random.encode(w)?;
        self.legacy_session_id_echo.encode(w)?;
        self.cipher_suite.encode(w)?;
        self.legacy_compression_method.encode(w)?;
        self.extensions.encode_at_least(MIN_EXTENSIONS, w)
    }
}

impl<'a> Tls13ServerHello<'a> {
    /// Decodes the message and passes each extension to `each`, as [`Extensions::decode_each`].
    ///
    /// # Errors
    ///
    /// As [`Decode::decode`].
    pub fn decode_each(
        r: &mut Reader<'a>,
        each: impl FnMut(Tls13ServerExtension<'a>),
    ) -> Result<Self, DecodeError> {
        let fields = Fields::decode(r, false, each)?;
        Ok(Self {
            legacy_version: fields.legacy_version,
            random: fields.random,
            legacy_session_id_echo: fields.legacy_session_id_echo,
            cipher_suite: fields.cipher_suite,
            legacy_compression_method: fields.legacy_compression_method,
            extensions: fields.extensions,
        })
    }
}

impl<'a> Decode<'a> for Tls13ServerHello<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Self::decode_each(r, drop)
    }
}

impl Encode for Tls13ServerHello<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        let fields = Fields {
            legacy_version: self.legacy_version,
            random: self.random,
            legacy_session_id_echo: self.legacy_session_id_echo,
            cipher_suite: self.cipher_suite,
            legacy_compression_method: self.legacy_compression_method,
            extensions: self.extensions,
        };
        fields.encode(w)
    }
}

impl HandshakeBody for Tls13ServerHello<'_> {
    const TYPE: HandshakeType = HandshakeType::SERVER_HELLO;
}

impl<'a> HelloRetryRequest<'a> {
    /// Decodes the message and passes each extension to `each`, as [`Extensions::decode_each`].
    ///
    /// # Errors
    ///
    /// As [`Decode::decode`].
    pub fn decode_each(
        r: &mut Reader<'a>,
        each: impl FnMut(HelloRetryExtension<'a>),
    ) -> Result<Self, DecodeError> {
        let fields = Fields::decode(r, true, each)?;
        Ok(Self {
            legacy_version: fields.legacy_version,
            legacy_session_id_echo: fields.legacy_session_id_echo,
            cipher_suite: fields.cipher_suite,
            legacy_compression_method: fields.legacy_compression_method,
            extensions: fields.extensions,
        })
    }
}

impl<'a> Decode<'a> for HelloRetryRequest<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Self::decode_each(r, drop)
    }
}

impl Encode for HelloRetryRequest<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        let fields = Fields {
            legacy_version: self.legacy_version,
            random: Random::HELLO_RETRY_REQUEST,
            legacy_session_id_echo: self.legacy_session_id_echo,
            cipher_suite: self.cipher_suite,
            legacy_compression_method: self.legacy_compression_method,
            extensions: self.extensions,
        };
        fields.encode(w)
    }
}

impl HandshakeBody for HelloRetryRequest<'_> {
    const TYPE: HandshakeType = HandshakeType::SERVER_HELLO;
}

/// The form of a ServerHello message, before it is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServerHelloForm {
    /// A ServerHello of TLS 1.2 or earlier, or one that is malformed in every form.
    Tls12,
    /// A ServerHello of TLS 1.3.
    Tls13,
    /// A HelloRetryRequest.
    HelloRetryRequest,
}

impl ServerHelloForm {
    /// The form of a message with this body. RFC 9846 section 4.2.3: "Upon receiving a message with type
    /// server_hello, implementations MUST first examine the Random value". Then supported_versions decides.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        // The decoder of TLS 1.2 reports a message that is malformed in every form.
        form(Reader::new(body)).unwrap_or(Self::Tls12)
    }
}

fn form(mut r: Reader<'_>) -> Result<ServerHelloForm, DecodeError> {
    r.u16("ServerHello.legacy_version")?;
    if Random::decode(&mut r)? == Random::HELLO_RETRY_REQUEST {
        return Ok(ServerHelloForm::HelloRetryRequest);
    }
    SessionId::decode(&mut r)?;
    r.u16("ServerHello.cipher_suite")?;
    r.u8("ServerHello.legacy_compression_method")?;
    r.u16("extensions")?;
    while !r.is_empty() {
        let raw = RawExtension::decode(&mut r)?;
        if raw.extension_type == ExtensionType::SUPPORTED_VERSIONS {
            let is_tls13 = raw.data == ProtocolVersion::TLS_1_3.0.to_be_bytes();
            return Ok(if is_tls13 { ServerHelloForm::Tls13 } else { ServerHelloForm::Tls12 });
        }
    }
    Ok(ServerHelloForm::Tls12)
}

impl<'a> Decode<'a> for AnyServerHello<'a> {
    /// Consumes the whole reader if the message is of TLS 1.2.
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(match ServerHelloForm::of(r.peek()) {
            ServerHelloForm::Tls12 => Self::Tls12(ServerHello::decode(r)?),
            ServerHelloForm::Tls13 => Self::Tls13(Tls13ServerHello::decode(r)?),
            ServerHelloForm::HelloRetryRequest => Self::HelloRetryRequest(HelloRetryRequest::decode(r)?),
        })
    }
}

impl Encode for AnyServerHello<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        match self {
            Self::Tls12(hello) => hello.encode(w),
            Self::Tls13(hello) => hello.encode(w),
            Self::HelloRetryRequest(request) => request.encode(w),
        }
    }
}

impl HandshakeBody for AnyServerHello<'_> {
    const TYPE: HandshakeType = HandshakeType::SERVER_HELLO;
}
