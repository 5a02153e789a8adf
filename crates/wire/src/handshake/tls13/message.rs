//! A handshake message of TLS 1.3 of any type.

use super::{
    AnyServerHello, CompressedCertificate, EncryptedExtensions, KeyUpdate, Tls13Certificate,
    Tls13CertificateRequest, Tls13NewSessionTicket,
};
use crate::bounds::MAX_24;
use crate::codec::{Decode, Encode};
use crate::codes::HandshakeType;
use crate::error::{DecodeError, EncodeError};
use crate::handshake::{
    CertificateVerify, ClientHello, EndOfEarlyData, Finished, HandshakeBody, write_handshake,
};
use crate::reader::Reader;
use crate::writer::Writer;

/// A TLS 1.3 handshake message of any type (RFC 9846 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tls13HandshakeMessage<'a> {
    /// `client_hello` (RFC 9846 section 4.2.2).
    ClientHello(ClientHello<'a>),
    /// `server_hello` (RFC 9846 sections 4.2.3 and 4.2.4).
    ServerHello(AnyServerHello<'a>),
    /// `new_session_ticket` (RFC 9846 section 4.7.1).
    NewSessionTicket(Tls13NewSessionTicket<'a>),
    /// `end_of_early_data` (RFC 9846 section 4.6).
    EndOfEarlyData(EndOfEarlyData),
    /// `encrypted_extensions` (RFC 9846 section 4.4.1).
    EncryptedExtensions(EncryptedExtensions<'a>),
    /// `certificate` (RFC 9846 section 4.5.1).
    Certificate(Tls13Certificate<'a>),
    /// `certificate_request` (RFC 9846 section 4.4.2).
    CertificateRequest(Tls13CertificateRequest<'a>),
    /// `certificate_verify` (RFC 9846 section 4.5.2).
    CertificateVerify(CertificateVerify<'a>),
    /// `finished` (RFC 9846 section 4.5.3).
    Finished(Finished<'a>),
    /// `key_update` (RFC 9846 section 4.7.3).
    KeyUpdate(KeyUpdate),
    /// `compressed_certificate` (RFC 8879 section 4).
    CompressedCertificate(CompressedCertificate<'a>),
    /// A message that this crate does not decode.
    Unknown {
        /// Its type.
        msg_type: HandshakeType,
        /// Its body.
        body: &'a [u8],
    },
}

impl<'a> Tls13HandshakeMessage<'a> {
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
            HandshakeType::CLIENT_HELLO => Self::ClientHello(Decode::decode(&mut r)?),
            HandshakeType::SERVER_HELLO => Self::ServerHello(Decode::decode(&mut r)?),
            HandshakeType::NEW_SESSION_TICKET => Self::NewSessionTicket(Decode::decode(&mut r)?),
            HandshakeType::END_OF_EARLY_DATA => Self::EndOfEarlyData(Decode::decode(&mut r)?),
            HandshakeType::ENCRYPTED_EXTENSIONS => Self::EncryptedExtensions(Decode::decode(&mut r)?),
            HandshakeType::CERTIFICATE => Self::Certificate(Decode::decode(&mut r)?),
            HandshakeType::CERTIFICATE_REQUEST => Self::CertificateRequest(Decode::decode(&mut r)?),
            HandshakeType::CERTIFICATE_VERIFY => Self::CertificateVerify(Decode::decode(&mut r)?),
            HandshakeType::FINISHED => Self::Finished(Decode::decode(&mut r)?),
            HandshakeType::KEY_UPDATE => Self::KeyUpdate(Decode::decode(&mut r)?),
            HandshakeType::COMPRESSED_CERTIFICATE => Self::CompressedCertificate(Decode::decode(&mut r)?),
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
            Self::ClientHello(_) => ClientHello::TYPE,
            Self::ServerHello(_) => AnyServerHello::TYPE,
            Self::NewSessionTicket(_) => Tls13NewSessionTicket::TYPE,
            Self::EndOfEarlyData(_) => EndOfEarlyData::TYPE,
            Self::EncryptedExtensions(_) => EncryptedExtensions::TYPE,
            Self::Certificate(_) => Tls13Certificate::TYPE,
            Self::CertificateRequest(_) => Tls13CertificateRequest::TYPE,
            Self::CertificateVerify(_) => CertificateVerify::TYPE,
            Self::Finished(_) => Finished::TYPE,
            Self::KeyUpdate(_) => KeyUpdate::TYPE,
            Self::CompressedCertificate(_) => CompressedCertificate::TYPE,
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
impl Encode for Tls13HandshakeMessage<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        match self {
            Self::ClientHello(message) => message.encode(w),
            Self::ServerHello(message) => message.encode(w),
            Self::NewSessionTicket(message) => message.encode(w),
            Self::EndOfEarlyData(message) => message.encode(w),
            Self::EncryptedExtensions(message) => message.encode(w),
            Self::Certificate(message) => message.encode(w),
            Self::CertificateRequest(message) => message.encode(w),
            Self::CertificateVerify(message) => message.encode(w),
            Self::Finished(message) => message.encode(w),
            Self::KeyUpdate(message) => message.encode(w),
            Self::CompressedCertificate(message) => message.encode(w),
            Self::Unknown { body, .. } => w.bytes(body),
        }
    }
}
