//! CompressedCertificate as received (RFC 8879 section 4).

use crate::{
    certificate_compression::CertificateCompression,
    error::HandshakeErrorKind,
    policy::Limits,
    raw_message::{self, RawMessage},
};
use alloc::{sync::Arc, vec::Vec};
use cairn_wire::{CertificateCompressionAlgorithm, CompressedCertificate, HandshakeType};

/// A Certificate message that was compressed.
pub(crate) struct Decompressed {
    /// The message with a header, as if it had come without compression.
    bytes: Vec<u8>,
    pub(crate) algorithm: CertificateCompressionAlgorithm,
}

impl Decompressed {
    /// Decompresses the message in CompressedCertificate with one of our algorithms. The transcript contains
    /// CompressedCertificate, not the result.
    pub(crate) fn read<'a>(
        message: RawMessage<'_>,
        ours: impl IntoIterator<Item = &'a Arc<dyn CertificateCompression>>,
        limits: &Limits,
    ) -> Result<Self, HandshakeErrorKind> {
        let mut ours = ours.into_iter().peekable();
        if ours.peek().is_none() {
            return Err(HandshakeErrorKind::CompressedCertificateNotOffered);
        }
        let CompressedCertificate { algorithm, uncompressed_length: length, compressed_certificate_message } =
            raw_message::read(message)?;
        // RFC 8879 section 4: "The algorithm MUST be one of the algorithms listed in the peer's
        // compress_certificate extension."
        let ours = ours.find(|each| each.algorithm() == algorithm);
        let ours = ours.ok_or(HandshakeErrorKind::CertificateCompressionNotOffered(algorithm))?;
        // RFC 8879 section 5: "in both cases, they MUST apply the same limit as if no compression were used."
        let limit = limits.max_certificate_message;
        let too_long = HandshakeErrorKind::MessageTooLong { limit, length };
        let size = usize::try_from(length).ok().filter(|_| length <= limit).ok_or(too_long)?;
        let [_, header @ ..] = length.to_be_bytes();
        let mut bytes = Vec::with_capacity(RawMessage::HEADER_LEN.saturating_add(size));
        bytes.push(HandshakeType::CERTIFICATE.0);
        bytes.extend_from_slice(&header);
        bytes.resize(RawMessage::HEADER_LEN.saturating_add(size), 0);
        let body = bytes.get_mut(RawMessage::HEADER_LEN..).unwrap_or_default();
        // RFC 8879 section 4: "If the received CompressedCertificate message cannot be decompressed, the
        // connection MUST be terminated with the "bad_certificate" alert."
        ours.decompress(compressed_certificate_message, body)
            .map_err(HandshakeErrorKind::CertificateNotDecompressed)?;
        Ok(Self { bytes, algorithm })
    }

    /// The Certificate message. RFC 8879 section 5: "After decompression, the Certificate message MUST be
    /// processed as if it were encoded without being compressed."
    pub(crate) fn certificate(&self) -> RawMessage<'_> {
        RawMessage { msg_type: HandshakeType::CERTIFICATE, bytes: &self.bytes }
    }
}
