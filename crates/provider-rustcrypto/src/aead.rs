//! AES-GCM and ChaCha20-Poly1305.

use aes_gcm::{Aes128Gcm, Aes256Gcm};
use alloc::{sync::Arc, vec, vec::Vec};
use cairn_crypto::{Aead, AeadAlgorithm};
use cairn_provider_parts::aead::{aead, ccm};
use chacha20poly1305::ChaCha20Poly1305;

/// NIST SP 800-38D section 5.2.1.1: 2^39 - 256 bits.
const GCM_MAX: u64 = (1 << 36) - 32;
/// RFC 8439 section 2.8: 2^32 - 1 blocks of 64 bytes.
const CHACHA_MAX: u64 = (1 << 38) - 64;

/// All AEADs in order of preference.
pub(crate) fn all() -> Vec<Arc<dyn Aead>> {
    let mut all = vec![
        aead::<Aes128Gcm>(AeadAlgorithm::Aes128Gcm, GCM_MAX),
        aead::<Aes256Gcm>(AeadAlgorithm::Aes256Gcm, GCM_MAX),
        aead::<ChaCha20Poly1305>(AeadAlgorithm::ChaCha20Poly1305, CHACHA_MAX),
    ];
    all.extend(ccm());
    all
}

#[cfg(test)]
mod tests;
