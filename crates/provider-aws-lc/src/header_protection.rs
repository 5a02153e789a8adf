//! Masks for header protection.

use crate::name::NAME;
use alloc::{boxed::Box, sync::Arc, vec, vec::Vec};
use aws_lc_rs::aead::quic;
use cairn_crypto::{
    Algorithm, CryptoError, HeaderProtection, HeaderProtectionAlgorithm, HeaderProtectionKey,
};

/// Header protection by AWS-LC.
struct LcHeaderProtection {
    algorithm: HeaderProtectionAlgorithm,
    inner: &'static quic::Algorithm,
}

const AES_128: LcHeaderProtection =
    LcHeaderProtection { algorithm: HeaderProtectionAlgorithm::Aes128, inner: &quic::AES_128 };
const AES_256: LcHeaderProtection =
    LcHeaderProtection { algorithm: HeaderProtectionAlgorithm::Aes256, inner: &quic::AES_256 };
const CHACHA20: LcHeaderProtection =
    LcHeaderProtection { algorithm: HeaderProtectionAlgorithm::ChaCha20, inner: &quic::CHACHA20 };

/// AES-128, AES-256 and ChaCha20.
pub(crate) fn all() -> Vec<Arc<dyn HeaderProtection>> {
    vec![Arc::new(AES_128), Arc::new(AES_256), Arc::new(CHACHA20)]
}

impl Algorithm for LcHeaderProtection {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl HeaderProtection for LcHeaderProtection {
    fn algorithm(&self) -> HeaderProtectionAlgorithm {
        self.algorithm
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn HeaderProtectionKey>, CryptoError> {
        let expected = self.algorithm.key_len();
        if key.len() != expected {
            return Err(CryptoError::WrongLength { expected, got: key.len() });
        }
        let key = quic::HeaderProtectionKey::new(self.inner, key).map_err(|_| CryptoError::Failed)?;
        Ok(Box::new(Key(key)))
    }
}

struct Key(quic::HeaderProtectionKey);

impl HeaderProtectionKey for Key {
    fn mask(&self, sample: &[u8; 16]) -> Result<[u8; 5], CryptoError> {
        self.0.new_mask(sample).map_err(|_| CryptoError::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    #[test]
    fn masks_of_rfc_9001_appendix_a() {
        for (protection, key, sample, mask) in [
            (
                AES_128,
                &hex!("9f50449e04a0e810283a1e9933adedd2")[..],
                hex!("d1b1c98dd7689fb8ec11d242b123dc9b"),
                hex!("437b9aec36"),
            ),
            (
                CHACHA20,
                &hex!("25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4"),
                hex!("5e5cd55c41f69080575d7999c25a5bfb"),
                hex!("aefefe7d03"),
            ),
        ] {
            assert_eq!(protection.key(key).unwrap().mask(&sample), Ok(mask));
        }
    }

    #[test]
    fn keys_of_wrong_length_are_rejected() {
        for protection in all() {
            let expected = protection.algorithm().key_len();
            for got in [0, 15, 16, 17, 24, 31, 32, 33].into_iter().filter(|got| *got != expected) {
                let error = CryptoError::WrongLength { expected, got };
                assert_eq!(protection.key(&vec![0; got]).err(), Some(error));
            }
        }
    }
}
