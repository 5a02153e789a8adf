//! Masks for header protection (RFC 9001 sections 5.4.3 and 5.4.4), with AES and ChaCha20.
//!
//! AES uses processor instructions if available and a bitsliced implementation otherwise. ChaCha20 consists
//! of additions and rotations.

use crate::NAME;
use aes::cipher::{Block, BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes256};
use alloc::{boxed::Box, sync::Arc, vec, vec::Vec};
use cairn_crypto::{
    Algorithm, CryptoError, HeaderProtection, HeaderProtectionAlgorithm, HeaderProtectionKey, Secret,
};
use chacha20::cipher::consts::U16;
use chacha20::cipher::{BlockSizeUser, KeyIvInit, StreamCipherCore};
use chacha20::variants::Ietf;
use chacha20::{ChaChaCore, R20};
use core::marker::PhantomData;

/// AES-128, AES-256 and ChaCha20.
#[must_use]
pub fn all() -> Vec<Arc<dyn HeaderProtection>> {
    vec![Arc::new(AES_128), Arc::new(AES_256), Arc::new(ChaCha20)]
}

struct Aes<C> {
    algorithm: HeaderProtectionAlgorithm,
    cipher: PhantomData<fn() -> C>,
}

const AES_128: Aes<Aes128> = Aes { algorithm: HeaderProtectionAlgorithm::Aes128, cipher: PhantomData };
const AES_256: Aes<Aes256> = Aes { algorithm: HeaderProtectionAlgorithm::Aes256, cipher: PhantomData };

struct ChaCha20;

/// The bounds on a block cipher for masks.
trait Cipher: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit + Send + Sync + 'static {}

impl<C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit + Send + Sync + 'static> Cipher for C {}

impl<C> Algorithm for Aes<C> {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl Algorithm for ChaCha20 {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl<C: Cipher> HeaderProtection for Aes<C> {
    fn algorithm(&self) -> HeaderProtectionAlgorithm {
        self.algorithm
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn HeaderProtectionKey>, CryptoError> {
        let wrong = CryptoError::WrongLength { expected: self.algorithm.key_len(), got: key.len() };
        Ok(Box::new(AesKey(C::new_from_slice(key).map_err(|_| wrong)?)))
    }
}

impl HeaderProtection for ChaCha20 {
    fn algorithm(&self) -> HeaderProtectionAlgorithm {
        HeaderProtectionAlgorithm::ChaCha20
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn HeaderProtectionKey>, CryptoError> {
        let wrong = CryptoError::WrongLength { expected: self.algorithm().key_len(), got: key.len() };
        let key: &[u8; 32] = key.try_into().map_err(|_| wrong)?;
        Ok(Box::new(ChaCha20Key(Secret::from(key))))
    }
}

struct AesKey<C>(C);

impl<C: Cipher> HeaderProtectionKey for AesKey<C> {
    fn mask(&self, sample: &[u8; 16]) -> Result<[u8; 5], CryptoError> {
        let mut block = Block::<C>::from(*sample);
        self.0.encrypt_block(&mut block);
        block.first_chunk().copied().ok_or(CryptoError::Failed)
    }
}

struct ChaCha20Key(Secret<32>);

impl HeaderProtectionKey for ChaCha20Key {
    fn mask(&self, sample: &[u8; 16]) -> Result<[u8; 5], CryptoError> {
        let (counter, nonce) = sample.split_first_chunk::<4>().ok_or(CryptoError::Failed)?;
        let nonce = nonce.try_into().map_err(|_| CryptoError::Failed)?;
        let mut cipher = ChaChaCore::<R20, Ietf>::new(self.0.expose().into(), nonce);
        cipher.set_block_pos(u32::from_le_bytes(*counter));
        // The interface for streams would refuse the last block, whose counter is 2^32 - 1. Any counter can
        // occur in a sample.
        let mut block = Block::<ChaChaCore<R20, Ietf>>::default();
        cipher.write_keystream_block(&mut block);
        block.first_chunk().copied().ok_or(CryptoError::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    #[test]
    fn aes_examples_of_fips_197() {
        let sample = hex!("00112233445566778899aabbccddeeff");
        let key: Vec<u8> = (0..32).collect();
        assert_eq!(AES_128.key(&key[..16]).unwrap().mask(&sample), Ok(hex!("69c4e0d86a")));
        assert_eq!(AES_256.key(&key).unwrap().mask(&sample), Ok(hex!("8ea2b7ca51")));
    }

    #[test]
    fn chacha20_block_of_rfc_8439_section_2_3_2() {
        let key: Vec<u8> = (0..32).collect();
        let sample = hex!("01000000 000000090000004a00000000");
        assert_eq!(ChaCha20.key(&key).unwrap().mask(&sample), Ok(hex!("10f1e7e4d1")));
    }

    #[test]
    fn every_block_counter_has_a_mask() {
        // openssl enc -chacha20 -K 00..00 -iv ffffffff00..00, with five bytes of zeros.
        let key = ChaCha20.key(&[0; 32]).unwrap();
        assert_eq!(key.mask(&hex!("ffffffff 000000000000000000000000")), Ok(hex!("ace4cd09e2")));
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
