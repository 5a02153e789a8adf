//! The accepted sizes of RSA keys.

use crate::{algorithms, error::CertificateError};
use cairn_crypto::PublicKey;

/// The minimum size of an RSA key in bits (NIST SP 800-131A; CA/Browser Forum Baseline Requirements section
/// 6.1.5).
pub const MIN_RSA_BITS: usize = 2048;

/// The maximum size of an RSA key in bits. The time of a signature check grows with the square of the size,
/// which the peer chooses. Web certificates have no larger keys, and other implementations have the same
/// limit.
pub const MAX_RSA_BITS: usize = 8192;

/// Rejects an RSA key that is too weak or too large.
pub(crate) fn check_strength(key: &PublicKey) -> Result<(), CertificateError> {
    match algorithms::rsa_bits(key) {
        Some(bits) if bits < MIN_RSA_BITS => {
            Err(CertificateError::KeyTooWeak { bits, minimum: MIN_RSA_BITS })
        }
        Some(bits) if bits > MAX_RSA_BITS => {
            Err(CertificateError::KeyTooLarge { bits, maximum: MAX_RSA_BITS })
        }
        _ => Ok(()),
    }
}
