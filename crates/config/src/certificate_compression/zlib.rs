//! zlib (RFC 1950), with the crate `miniz_oxide`.

use super::if_shorter;
use alloc::{boxed::Box, sync::Arc};
use cairn_handshake::{CertificateCompression, DecompressionError};
use cairn_wire::CertificateCompressionAlgorithm;
use miniz_oxide::{
    deflate::compress_to_vec_zlib,
    inflate::{
        TINFLStatus,
        core::{DecompressorOxide, decompress, inflate_flags},
    },
};

/// zlib (RFC 1950) for certificates. It is the algorithm that most peers have.
///
/// The decompressor writes into the caller's buffer, which is also its window. Besides it needs some 10 KiB.
#[derive(Clone, Copy, Debug, Default)]
pub struct Zlib;

/// The best compression. A chain takes less than a millisecond.
const LEVEL: u8 = 9;

impl CertificateCompression for Zlib {
    fn algorithm(&self) -> CertificateCompressionAlgorithm {
        CertificateCompressionAlgorithm::ZLIB
    }

    fn compress(&self, certificate: &[u8]) -> Option<Arc<[u8]>> {
        if_shorter(compress_to_vec_zlib(certificate, LEVEL), certificate)
    }

    fn decompress(&self, compressed: &[u8], certificate: &mut [u8]) -> Result<(), DecompressionError> {
        let flags = inflate_flags::TINFL_FLAG_PARSE_ZLIB_HEADER
            | inflate_flags::TINFL_FLAG_COMPUTE_ADLER32
            | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        let mut state = Box::<DecompressorOxide>::default();
        let (status, read, written) = decompress(&mut state, compressed, certificate, 0, flags);
        match status {
            TINFLStatus::Done if read != compressed.len() => Err(DecompressionError::Malformed),
            TINFLStatus::Done if written == certificate.len() => Ok(()),
            TINFLStatus::Done | TINFLStatus::HasMoreOutput => Err(DecompressionError::WrongLength),
            _ => Err(DecompressionError::Malformed),
        }
    }
}
