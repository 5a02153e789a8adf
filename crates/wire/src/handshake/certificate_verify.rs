//! The proof that a client holds its certificate's key.

use super::HandshakeBody;
use crate::codec::MAX_16;
use crate::{Decode, DecodeError, Encode, EncodeError, HandshakeType, Reader, SignatureScheme, Writer};

/// A signature and how it was made (RFC 5246 section 4.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigitallySigned<'a> {
    /// How it was made.
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

/// The client's signature over the handshake so far (RFC 5246 section 7.4.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateVerify<'a> {
    /// The signature; the RFC gives the field no name.
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
