//! The CompressedCertificate message.

use crate::bounds::MAX_24;
use crate::codec::{Decode, Encode};
use crate::codes::{CertificateCompressionAlgorithm, HandshakeType};
use crate::error::{DecodeError, EncodeError};
use crate::handshake::HandshakeBody;
use crate::reader::Reader;
use crate::writer::Writer;

/// A compressed Certificate (RFC 8879 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompressedCertificate<'a> {
    /// The algorithm.
    pub algorithm: CertificateCompressionAlgorithm,
    /// The length of the Certificate message without its header, in bytes; 24 bits on the wire.
    pub uncompressed_length: u32,
    /// The compressed Certificate message, without its header: `<1..2^24-1>` bytes.
    pub compressed_certificate_message: &'a [u8],
}

const MESSAGE: &str = "CompressedCertificate.compressed_certificate_message";

impl<'a> Decode<'a> for CompressedCertificate<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            algorithm: CertificateCompressionAlgorithm(r.u16("CompressedCertificate.algorithm")?),
            uncompressed_length: r.u24("CompressedCertificate.uncompressed_length")?,
            compressed_certificate_message: r.vec24(1, MAX_24, MESSAGE)?.rest(),
        })
    }
}

impl Encode for CompressedCertificate<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.algorithm.encode(w)?;
        w.u24(self.uncompressed_length)?;
        w.vec24(1, MAX_24, MESSAGE, |w| w.bytes(self.compressed_certificate_message))
    }
}

impl HandshakeBody for CompressedCertificate<'_> {
    const TYPE: HandshakeType = HandshakeType::COMPRESSED_CERTIFICATE;
}
