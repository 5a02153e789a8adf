//! A handshake message of any type.

use super::{
    Certificate, CertificateRequest, CertificateStatus, CertificateVerify, ClientHello, Finished,
    HandshakeBody, HelloRequest, NewSessionTicket, ServerHello, ServerHelloDone, write_handshake,
};
use crate::bounds::MAX_24;
use crate::codec::{Decode, Encode};
use crate::codes::HandshakeType;
use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// A TLS 1.2 handshake message of any type (RFC 5246 section 7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HandshakeMessage<'a> {
    /// `hello_request` (RFC 5246 section 7.4.1.1).
    HelloRequest(HelloRequest),
    /// `client_hello` (RFC 5246 section 7.4.1.2).
    ClientHello(ClientHello<'a>),
    /// `server_hello` (RFC 5246 section 7.4.1.3).
    ServerHello(ServerHello<'a>),
    /// `new_session_ticket` (RFC 5077 section 3.3).
    NewSessionTicket(NewSessionTicket<'a>),
    /// `certificate` (RFC 5246 sections 7.4.2 and 7.4.6).
    Certificate(Certificate<'a>),
    /// `server_key_exchange`: the body. To decode it, pass the key exchange to
    /// [`ServerKeyExchange::decode`](super::ServerKeyExchange::decode).
    ServerKeyExchange(&'a [u8]),
    /// `certificate_request` (RFC 5246 section 7.4.4).
    CertificateRequest(CertificateRequest<'a>),
    /// `server_hello_done` (RFC 5246 section 7.4.5).
    ServerHelloDone(ServerHelloDone),
    /// `certificate_verify` (RFC 5246 section 7.4.8).
    CertificateVerify(CertificateVerify<'a>),
    /// `client_key_exchange`: the body. To decode it, pass the key exchange to
    /// [`ClientKeyExchange::decode`](super::ClientKeyExchange::decode).
    ClientKeyExchange(&'a [u8]),
    /// `finished` (RFC 5246 section 7.4.9).
    Finished(Finished<'a>),
    /// `certificate_status` (RFC 6066 section 8).
    CertificateStatus(CertificateStatus<'a>),
    /// A message that this crate does not decode.
    Unknown {
        /// Its type.
        msg_type: HandshakeType,
        /// Its body.
        body: &'a [u8],
    },
}

impl<'a> HandshakeMessage<'a> {
    /// Decodes the body of a message. `base_offset` is the offset of `body` in the outermost input and is
    /// added to the offset of an error; pass 0 if it does not matter.
    ///
    /// # Errors
    ///
    /// The errors of the message's fields, and [`TrailingBytes`](crate::DecodeErrorKind::TrailingBytes).
    pub fn decode_body(
        msg_type: HandshakeType,
        body: &'a [u8],
        base_offset: usize,
    ) -> Result<Self, DecodeError> {
        let mut r = Reader::at(base_offset, body);
        let message = match msg_type {
            HandshakeType::HELLO_REQUEST => Self::HelloRequest(Decode::decode(&mut r)?),
            HandshakeType::CLIENT_HELLO => Self::ClientHello(Decode::decode(&mut r)?),
            HandshakeType::SERVER_HELLO => Self::ServerHello(Decode::decode(&mut r)?),
            HandshakeType::NEW_SESSION_TICKET => Self::NewSessionTicket(Decode::decode(&mut r)?),
            HandshakeType::CERTIFICATE => Self::Certificate(Decode::decode(&mut r)?),
            HandshakeType::SERVER_KEY_EXCHANGE => Self::ServerKeyExchange(r.rest()),
            HandshakeType::CERTIFICATE_REQUEST => Self::CertificateRequest(Decode::decode(&mut r)?),
            HandshakeType::SERVER_HELLO_DONE => Self::ServerHelloDone(Decode::decode(&mut r)?),
            HandshakeType::CERTIFICATE_VERIFY => Self::CertificateVerify(Decode::decode(&mut r)?),
            HandshakeType::CLIENT_KEY_EXCHANGE => Self::ClientKeyExchange(r.rest()),
            HandshakeType::FINISHED => Self::Finished(Decode::decode(&mut r)?),
            HandshakeType::CERTIFICATE_STATUS => Self::CertificateStatus(Decode::decode(&mut r)?),
            _ => Self::Unknown { msg_type, body: r.rest() },
        };
        r.finish(msg_type.name().unwrap_or("Handshake.body"))?;
        Ok(message)
    }

    /// Reads a message with its header and advances the reader past it.
    ///
    /// # Errors
    ///
    /// As [`decode_body`](Self::decode_body), and [`Truncated`](crate::DecodeErrorKind::Truncated) if the
    /// reader has fewer bytes than the header states.
    pub fn read_message(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let msg_type = HandshakeType(r.u8("Handshake.msg_type")?);
        let mut body = r.vec24(0, MAX_24, "Handshake.body")?;
        let offset = body.offset();
        Self::decode_body(msg_type, body.rest(), offset)
    }

    /// The message type in the header.
    #[must_use]
    pub const fn msg_type(&self) -> HandshakeType {
        match self {
            Self::HelloRequest(_) => HelloRequest::TYPE,
            Self::ClientHello(_) => ClientHello::TYPE,
            Self::ServerHello(_) => ServerHello::TYPE,
            Self::NewSessionTicket(_) => NewSessionTicket::TYPE,
            Self::Certificate(_) => Certificate::TYPE,
            Self::ServerKeyExchange(_) => HandshakeType::SERVER_KEY_EXCHANGE,
            Self::CertificateRequest(_) => CertificateRequest::TYPE,
            Self::ServerHelloDone(_) => ServerHelloDone::TYPE,
            Self::CertificateVerify(_) => CertificateVerify::TYPE,
            Self::ClientKeyExchange(_) => HandshakeType::CLIENT_KEY_EXCHANGE,
            Self::Finished(_) => Finished::TYPE,
            Self::CertificateStatus(_) => CertificateStatus::TYPE,
            Self::Unknown { msg_type, .. } => *msg_type,
        }
    }

    /// Writes the message: the header, then the body.
    ///
    /// # Errors
    ///
    /// As [`Encode::encode`].
    pub fn write_message(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        write_handshake(w, self.msg_type(), |w| self.encode(w))
    }
}

/// Writes the body without the header.
impl Encode for HandshakeMessage<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        match self {
            Self::HelloRequest(message) => message.encode(w),
            Self::ClientHello(message) => message.encode(w),
            Self::ServerHello(message) => message.encode(w),
            Self::NewSessionTicket(message) => message.encode(w),
            Self::Certificate(message) => message.encode(w),
            Self::CertificateRequest(message) => message.encode(w),
            Self::ServerHelloDone(message) => message.encode(w),
            Self::CertificateVerify(message) => message.encode(w),
            Self::Finished(message) => message.encode(w),
            Self::CertificateStatus(message) => message.encode(w),
            Self::ServerKeyExchange(body) | Self::ClientKeyExchange(body) | Self::Unknown { body, .. } => {
                w.bytes(body)
            }
        }
    }
}
