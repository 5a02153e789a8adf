//! The algorithms of the runner's tests of certificate compression (`cert_compression_tests.go`).

use alloc::sync::Arc;

use cairn_tls::{CertificateCompression, DecompressionError, wire::CertificateCompressionAlgorithm};

/// An algorithm of the runner.
#[derive(Clone, Copy, Debug)]
enum Algorithm {
    /// Removes the first two bytes, which are zero: the request context, and the length of the list.
    Shrinking,
    /// Adds four bytes in front.
    Expanding,
    /// Adds a random byte in front. Any will do.
    Random,
}

const SHRINKING_PREFIX: &[u8] = &[0, 0];
const EXPANDING_PREFIX: &[u8] = &[1, 2, 3, 4];
const RANDOM_PREFIX: &[u8] = &[9];

/// All algorithms, most preferred first, as the tests expect.
pub(crate) fn all() -> Vec<Arc<dyn CertificateCompression>> {
    vec![Arc::new(Algorithm::Expanding), Arc::new(Algorithm::Shrinking), Arc::new(Algorithm::Random)]
}

/// The algorithm with this code point.
pub(crate) fn one(code: u16) -> Vec<Arc<dyn CertificateCompression>> {
    all().into_iter().filter(|each| each.algorithm().0 == code).collect()
}

impl CertificateCompression for Algorithm {
    fn algorithm(&self) -> CertificateCompressionAlgorithm {
        CertificateCompressionAlgorithm(match self {
            Self::Shrinking => 0xff01,
            Self::Expanding => 0xff02,
            Self::Random => 0xff03,
        })
    }

    fn compress(&self, certificate: &[u8]) -> Option<Arc<[u8]>> {
        match self {
            Self::Shrinking => certificate.strip_prefix(SHRINKING_PREFIX).map(Into::into),
            Self::Expanding => Some([EXPANDING_PREFIX, certificate].concat().into()),
            Self::Random => Some([RANDOM_PREFIX, certificate].concat().into()),
        }
    }

    fn decompress(&self, compressed: &[u8], certificate: &mut [u8]) -> Result<(), DecompressionError> {
        let content = match self {
            Self::Shrinking => Some([SHRINKING_PREFIX, compressed].concat()),
            Self::Expanding => compressed.strip_prefix(EXPANDING_PREFIX).map(<[u8]>::to_vec),
            Self::Random => compressed.split_first().map(|(_, content)| content.to_vec()),
        };
        let content = content.ok_or(DecompressionError::Malformed)?;
        if content.len() != certificate.len() {
            return Err(DecompressionError::WrongLength);
        }
        certificate.copy_from_slice(&content);
        Ok(())
    }
}
