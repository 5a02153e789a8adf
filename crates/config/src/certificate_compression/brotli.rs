//! Brotli (RFC 7932), with the crate `brotli`.

use super::if_shorter;
use alloc::{sync::Arc, vec, vec::Vec};
use brotli::{
    Allocator, BrotliDecompressStream, BrotliResult, BrotliState, CustomRead, CustomWrite, SliceWrapper,
    SliceWrapperMut,
    enc::{BrotliAlloc, BrotliCompressCustomIo, BrotliEncoderParams},
};
use cairn_handshake::{CertificateCompression, DecompressionError};
use cairn_wire::CertificateCompressionAlgorithm;
use core::cell::Cell;

/// Brotli (RFC 7932) for certificates. Its results are the shortest, and the slowest to make: a chain takes
/// some ten milliseconds.
///
/// The decompressor may allocate 1 MiB and four times the length of the certificate. A stream that needs more
/// is malformed: that can only be one with many Huffman codes that it does not use.
#[derive(Clone, Copy, Debug, Default)]
pub struct Brotli;

/// The maximum memory for the tables of a stream, in bytes. The tables of a compressed certificate need some
/// tens of KiB.
const TABLES: usize = 1 << 20;

/// The best compression.
const QUALITY: i32 = 11;

/// The window for compression: a power of two, from 2^16 to 2^24 bytes.
fn window_bits(length: usize) -> i32 {
    (16..24).find(|bits| length >> bits == 0).unwrap_or(24)
}

impl CertificateCompression for Brotli {
    fn algorithm(&self) -> CertificateCompressionAlgorithm {
        CertificateCompressionAlgorithm::BROTLI
    }

    fn compress(&self, certificate: &[u8]) -> Option<Arc<[u8]>> {
        let parameters = BrotliEncoderParams {
            quality: QUALITY,
            lgwin: window_bits(certificate.len()),
            size_hint: certificate.len(),
            ..BrotliEncoderParams::default()
        };
        let (mut source, mut compressed) = (Source(certificate), Target(Vec::new()));
        let mut input = vec![0; certificate.len().max(1)];
        let mut output = vec![0; BLOCK];
        let result = BrotliCompressCustomIo(
            &mut source,
            &mut compressed,
            &mut input,
            &mut output,
            &parameters,
            Memory::Unlimited,
            &mut |_, _, _, _| (),
            Ended,
        );
        result.ok().and_then(|_| if_shorter(compressed.0, certificate))
    }

    fn decompress(&self, compressed: &[u8], certificate: &mut [u8]) -> Result<(), DecompressionError> {
        let left = Cell::new(certificate.len().saturating_mul(4).saturating_add(TABLES));
        let memory = || Memory::Limited(&left);
        // Strict: without the larger windows that RFC 7932 does not have.
        let mut state = BrotliState::new_strict(memory(), memory(), memory());
        let (mut unread, mut read) = (compressed.len(), 0);
        let (mut room, mut written, mut total) = (certificate.len(), 0, 0);
        let result = BrotliDecompressStream(
            &mut unread,
            &mut read,
            compressed,
            &mut room,
            &mut written,
            certificate,
            &mut total,
            &mut state,
        );
        match result {
            BrotliResult::ResultSuccess if unread > 0 => Err(DecompressionError::Malformed),
            BrotliResult::ResultSuccess if room == 0 => Ok(()),
            BrotliResult::ResultSuccess | BrotliResult::NeedsMoreOutput => {
                Err(DecompressionError::WrongLength)
            }
            BrotliResult::NeedsMoreInput | BrotliResult::ResultFailure => Err(DecompressionError::Malformed),
        }
    }
}

/// The length of the compressor's output buffer.
const BLOCK: usize = 4096;

/// The memory that brotli may use.
#[derive(Clone, Copy)]
enum Memory<'a> {
    Unlimited,
    /// This many bytes more, together with all others that share the cell.
    Limited(&'a Cell<usize>),
}

/// Memory in use.
struct Cells<T>(Vec<T>);

impl<T> Default for Cells<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> SliceWrapper<T> for Cells<T> {
    fn slice(&self) -> &[T] {
        &self.0
    }
}

impl<T> SliceWrapperMut<T> for Cells<T> {
    fn slice_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T: Clone + Default> Allocator<T> for Memory<'_> {
    type AllocatedMemory = Cells<T>;

    /// An empty slice if there is not so much memory. Brotli takes that for a failed allocation.
    fn alloc_cell(&mut self, length: usize) -> Cells<T> {
        if let Self::Limited(left) = self {
            let Some(less) = left.get().checked_sub(length.saturating_mul(size_of::<T>())) else {
                return Cells::default();
            };
            left.set(less);
        }
        Cells(vec![T::default(); length])
    }

    fn free_cell(&mut self, cells: Cells<T>) {
        if let Self::Limited(left) = self {
            left.set(left.get().saturating_add(size_of_val(cells.slice())));
        }
    }
}

impl BrotliAlloc for Memory<'_> {}

/// The input of the compressor.
struct Source<'a>(&'a [u8]);

/// The compressed stream.
struct Target(Vec<u8>);

/// The end of the input, which is no error.
struct Ended;

impl CustomRead<Ended> for Source<'_> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Ended> {
        let length = into.len().min(self.0.len());
        let (now, later) = self.0.split_at_checked(length).ok_or(Ended)?;
        into.get_mut(..length).ok_or(Ended)?.copy_from_slice(now);
        self.0 = later;
        Ok(length)
    }
}

impl CustomWrite<Ended> for Target {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Ended> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Ended> {
        Ok(())
    }
}
