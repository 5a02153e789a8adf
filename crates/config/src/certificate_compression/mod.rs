//! Algorithms for the compression of certificates (RFC 8879), each behind a cargo feature.
//!
//! Each decompresses into the caller's buffer and never holds more than a small multiple of its length,
//! whatever the peer sends. A window that a stream declares does not count: the content cannot refer to more
//! than itself.

#[cfg(feature = "brotli")]
mod brotli;
#[cfg(feature = "std")]
mod kept;
#[cfg(test)]
mod tests;
#[cfg(feature = "zlib")]
mod zlib;
#[cfg(feature = "zstd")]
mod zstd;

#[cfg(feature = "brotli")]
pub use brotli::Brotli;
#[cfg(feature = "zlib")]
pub use zlib::Zlib;
#[cfg(feature = "zstd")]
pub use zstd::Zstd;

use alloc::{sync::Arc, vec::Vec};
use cairn_handshake::CertificateCompression;

/// The algorithms for the compression of certificates that this build has, those with the shortest results
/// first: Brotli, zlib, Zstandard, each with the cargo feature of its name. Without these features the list
/// is empty.
///
/// ```
/// # #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
/// # {
/// use cairn_config::{ClientConfig, Versions, certificate_compressions};
///
/// let client = ClientConfig::builder()
///     .versions(Versions::Both)
///     .certificate_compression(certificate_compressions());
/// # }
/// ```
#[must_use]
pub fn certificate_compressions() -> Vec<Arc<dyn CertificateCompression>> {
    let all: &[fn() -> Arc<dyn CertificateCompression>] = &[
        #[cfg(feature = "brotli")]
        || Arc::new(Brotli),
        #[cfg(feature = "zlib")]
        || Arc::new(Zlib),
        #[cfg(feature = "zstd")]
        || Arc::new(Zstd),
    ];
    all.iter().map(|new| new()).collect()
}

/// The fields of CompressedCertificate besides the compressed message: the algorithm and two lengths, in
/// bytes.
#[cfg(any(feature = "zlib", feature = "brotli", feature = "zstd"))]
const OVERHEAD: usize = 2 + 3 + 3;

/// The result of a compression, if it makes the message shorter.
#[cfg(any(feature = "zlib", feature = "brotli", feature = "zstd"))]
fn if_shorter(compressed: Vec<u8>, certificate: &[u8]) -> Option<Arc<[u8]>> {
    (compressed.len().saturating_add(OVERHEAD) < certificate.len()).then(|| compressed.into())
}

/// The algorithms of a configuration, which keeps their results for later handshakes.
#[cfg(feature = "std")]
pub(crate) fn kept(
    algorithms: impl IntoIterator<Item = Arc<dyn CertificateCompression>>,
) -> Vec<Arc<dyn CertificateCompression>> {
    algorithms
        .into_iter()
        .map(|each| -> Arc<dyn CertificateCompression> { Arc::new(kept::Kept::new(each)) })
        .collect()
}

/// Without `std` there is no lock, so every handshake compresses its certificate.
#[cfg(not(feature = "std"))]
pub(crate) fn kept(
    algorithms: impl IntoIterator<Item = Arc<dyn CertificateCompression>>,
) -> Vec<Arc<dyn CertificateCompression>> {
    algorithms.into_iter().collect()
}
