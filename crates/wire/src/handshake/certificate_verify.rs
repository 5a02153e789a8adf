//! The CertificateVerify message and the `digitally-signed` structure.

use super::HandshakeBody;
use crate::bounds::MAX_16;
use crate::codec::{Decode, Encode};
use crate::codes::{HandshakeType, SignatureScheme};
use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// A signature and its algorithm (RFC 5246 section 4.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigitallySigned<'a> {
    /// The signature and hash algorithm.
    pub algorithm: SignatureScheme,
    /// The signature: `opaque signature<0..2^16-1>`.
    pub signature: &'a [u8],
}

impl<'a> Decode<'a> for DigitallySigned<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            algorithm: SignatureScheme(r.u16("DigitallySigned.algorithm")?),
            signature: r.vec16(0, MAX_16, "DigitallySigned.signature")?.rest(),
        })
    }
}

impl Encode for DigitallySigned<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.algorithm.encode(w)?;
        w.vec16(0, MAX_16, "DigitallySigned.signature", |w| w.bytes(self.signature))
    }
}

/// A signature over the handshake messages so far: the client's in TLS 1.2 (RFC 5246 section 7.4.8), that of
/// either endpoint in TLS 1.3 (RFC 9846 section 4.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateVerify<'a> {
    /// The signature. RFC 5246 does not name this field; in RFC 9846 its two fields stand alone.
    pub signed: DigitallySigned<'a>,
}

impl<'a> Decode<'a> for CertificateVerify<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self { signed: DigitallySigned::decode(r)? })
    }
}

impl Encode for CertificateVerify<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.signed.encode(w)
    }
}

impl HandshakeBody for CertificateVerify<'_> {
    const TYPE: HandshakeType = HandshakeType::CERTIFICATE_VERIFY;
}
