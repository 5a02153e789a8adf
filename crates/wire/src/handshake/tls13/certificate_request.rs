//! The CertificateRequest message of TLS 1.3.

use crate::bounds::MAX_8;
use crate::codec::{Decode, Encode};
use crate::codes::HandshakeType;
use crate::error::{DecodeError, EncodeError};
use crate::ext::{CertificateRequestExtension, Extensions};
use crate::handshake::HandshakeBody;
use crate::reader::Reader;
use crate::writer::Writer;

/// The server's request for a client certificate (RFC 9846 section 4.4.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tls13CertificateRequest<'a> {
    /// An identifier that the client's Certificate repeats: `<0..2^8-1>` bytes; empty during the handshake.
    pub certificate_request_context: &'a [u8],
    /// The extensions. Decoding does not check that `signature_algorithms` is among them.
    pub extensions: Extensions<'a, CertificateRequestExtension<'a>>,
}

const CONTEXT: &str = "CertificateRequest.certificate_request_context";

impl<'a> Tls13CertificateRequest<'a> {
    /// Decodes the message and passes each extension to `each`, as [`Extensions::decode_each`].
    ///
    /// # Errors
    ///
    /// As [`Decode::decode`].
    pub fn decode_each(
        r: &mut Reader<'a>,
        each: impl FnMut(CertificateRequestExtension<'a>),
    ) -> Result<Self, DecodeError> {
        Ok(Self {
            certificate_request_context: r.vec8(0, MAX_8, CONTEXT)?.rest(),
            extensions: Extensions::decode_each(r, each)?,
        })
    }
}

impl<'a> Decode<'a> for Tls13CertificateRequest<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Self::decode_each(r, drop)
    }
}

impl Encode for Tls13CertificateRequest<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.vec8(0, MAX_8, CONTEXT, |w| w.bytes(self.certificate_request_context))?;
        self.extensions.encode(w)
    }
}

impl HandshakeBody for Tls13CertificateRequest<'_> {
    const TYPE: HandshakeType = HandshakeType::CERTIFICATE_REQUEST;
}
