//! Zstandard (RFC 8878, which obsoletes RFC 8478), with the crate `ruzstd`.

use super::if_shorter;
use alloc::sync::Arc;
use cairn_handshake::{CertificateCompression, DecompressionError};
use cairn_wire::CertificateCompressionAlgorithm;
use ruzstd::{
    decoding::{BlockDecodingStrategy, FrameDecoder},
    encoding::{CompressionLevel, compress_to_vec},
    io::Read,
};

/// Zstandard (RFC 8878) for certificates. The decompressor needs some four times the length of the
/// certificate, and some 100 KiB. It does not verify the checksum that a frame may have: the signature of the
/// handshake and that of the certificate protect the content.
///
/// A message must be a single frame. Its window is not that of its header but the shortest that can hold the
/// certificate, which changes nothing for a certificate of the stated length.
#[derive(Clone, Copy, Debug, Default)]
pub struct Zstd;

impl CertificateCompression for Zstd {
    fn algorithm(&self) -> CertificateCompressionAlgorithm {
        CertificateCompressionAlgorithm::ZSTD
    }

    fn compress(&self, certificate: &[u8]) -> Option<Arc<[u8]>> {
        if_shorter(compress_to_vec(certificate, CompressionLevel::Fastest), certificate)
    }

    fn decompress(&self, compressed: &[u8], certificate: &mut [u8]) -> Result<(), DecompressionError> {
        let header = Header::read(compressed).ok_or(DecompressionError::Malformed)?;
        let length = u64::try_from(certificate.len()).map_err(|_| DecompressionError::WrongLength)?;
        if header.content_size.is_some_and(|size| size != length) {
            return Err(DecompressionError::WrongLength);
        }
        let mut decoder = FrameDecoder::new();
        decoder
            .init(&header.with_window(certificate.len())[..])
            .map_err(|_| DecompressionError::Malformed)?;
        let (mut blocks, mut rest) = (header.blocks, certificate);
        // Each turn consumes the header of a block at least.
        loop {
            let ended = decoder
                .decode_blocks(&mut blocks, BlockDecodingStrategy::UptoBlocks(1))
                .map_err(|_| DecompressionError::Malformed)?;
            let count = decoder.read(rest).map_err(|_| DecompressionError::Malformed)?;
            rest = rest.get_mut(count..).unwrap_or_default();
            if decoder.can_collect() > 0 {
                return Err(DecompressionError::WrongLength);
            }
            if ended {
                break;
            }
        }
        match (blocks, rest) {
            ([], []) => Ok(()),
            ([], _) => Err(DecompressionError::WrongLength),
            _ => Err(DecompressionError::Malformed),
        }
    }
}

const MAGIC: [u8; 4] = 0xfd2f_b528_u32.to_le_bytes();

/// Content_Checksum_Flag of Frame_Header_Descriptor.
const CHECKSUM: u8 = 1 << 2;

/// A frame header (RFC 8878 section 3.1.1.1), and the blocks after it.
struct Header<'a> {
    has_checksum: bool,
    content_size: Option<u64>,
    blocks: &'a [u8],
}

impl<'a> Header<'a> {
    /// `None` if it is malformed, or if the frame needs a dictionary.
    fn read(frame: &'a [u8]) -> Option<Self> {
        let (descriptor, rest) = frame.strip_prefix(&MAGIC)?.split_first()?;
        let is_single_segment = descriptor >> 5 & 1 == 1;
        // "This bit is reserved for some future feature. Its value must be zero."
        if descriptor >> 3 & 1 == 1 {
            return None;
        }
        let (_window, rest) = rest.split_at_checked(if is_single_segment { 0 } else { 1 })?;
        let (dictionary, rest) = rest.split_at_checked(match descriptor & 3 {
            0 => 0,
            1 => 1,
            2 => 2,
            _ => 4,
        })?;
        if dictionary.iter().any(|byte| *byte != 0) {
            return None;
        }
        let (size, blocks) = rest.split_at_checked(match descriptor >> 6 {
            0 if is_single_segment => 1,
            0 => 0,
            1 => 2,
            2 => 4,
            _ => 8,
        })?;
        let value = size.iter().rev().fold(0, |value: u64, byte| value << 8 | u64::from(*byte));
        let content_size = match size.len() {
            0 => None,
            // "When FCS_Field_Size is 2, the offset of 256 is added."
            2 => Some(value + 256),
            _ => Some(value),
        };
        Some(Self { has_checksum: descriptor & CHECKSUM != 0, content_size, blocks })
    }

    /// The same header with the shortest window for a content of this length. A window is 2^10 bytes at
    /// least; the exponent beyond that has the upper five bits of Window_Descriptor.
    fn with_window(&self, length: usize) -> [u8; 6] {
        let exponent = (0..31).find(|exponent| (length >> 10) >> exponent == 0).unwrap_or(31_u8);
        let [a, b, c, d] = MAGIC;
        [a, b, c, d, if self.has_checksum { CHECKSUM } else { 0 }, exponent << 3]
    }
}
