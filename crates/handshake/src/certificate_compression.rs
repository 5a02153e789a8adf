//! The interface of algorithms that compress certificates.

use alloc::sync::Arc;
use cairn_wire::CertificateCompressionAlgorithm;
use core::fmt;

/// An algorithm that compresses Certificate messages (RFC 8879). The machine has none of its own: a policy
/// lists those that a side uses.
///
/// The input is the body of a Certificate message, without its header (RFC 8879 section 4). It is no secret,
/// so an implementation need not take care of its timing.
pub trait CertificateCompression: fmt::Debug + Send + Sync {
    /// The code point of the algorithm (RFC 8879 section 7.3).
    fn algorithm(&self) -> CertificateCompressionAlgorithm;

    /// Compresses the body of a Certificate message. `None` if that would not make the message shorter, or
    /// fails: then it is sent uncompressed. CompressedCertificate has 8 bytes besides the result.
    ///
    /// The machine calls this in each handshake with a certificate. An implementation may keep the result:
    /// the message depends on the chain, and on the client's requests for statements about it.
    fn compress(&self, certificate: &[u8]) -> Option<Arc<[u8]>>;

    /// Decompresses a Certificate message of the peer into `certificate`. Its length is the length that the
    /// peer states (`uncompressed_length`), within [`crate::Limits::max_certificate_message`].
    ///
    /// `compressed` is not trustworthy. Whatever it contains, the implementation must not panic, and its
    /// time must be linear in the two lengths. Its further allocations must have a bound that depends on the
    /// length of `certificate` alone, and not on a window that the stream declares.
    ///
    /// # Errors
    /// [`DecompressionError`] unless `compressed` is exactly one complete stream, without bytes after its
    /// end, and its content fills `certificate` exactly.
    fn decompress(&self, compressed: &[u8], certificate: &mut [u8]) -> Result<(), DecompressionError>;
}

/// The reason why a compressed Certificate message cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecompressionError {
    /// The stream is malformed or incomplete, has bytes after its end, or needs too much memory.
    Malformed,
    /// The content is shorter or longer than `uncompressed_length` (RFC 8879 section 4).
    WrongLength,
}

impl fmt::Display for DecompressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "it is not a complete stream of its algorithm",
            Self::WrongLength => "its content does not have uncompressed_length bytes",
        })
    }
}

impl core::error::Error for DecompressionError {}
