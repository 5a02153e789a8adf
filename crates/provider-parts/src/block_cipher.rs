//! AES and 3DES in CBC mode.
//!
//! AES uses processor instructions if available and a bitsliced implementation otherwise. Its timing depends
//! on the length only. 3DES reads S-boxes from a 512-byte table at indices that depend on key and data. It
//! has no secret-dependent branches, but an attacker who can observe the processor's caches may gain
//! information, as with most implementations. This is another reason to avoid 3DES.

use crate::NAME;
use aes::{Aes128, Aes256};
use alloc::{boxed::Box, sync::Arc, vec, vec::Vec};
use cairn_crypto::{Algorithm, BlockCipher, BlockCipherAlgorithm, BlockCipherKey, CryptoError};
use cbc::cipher::{
    Block, BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit,
};
use core::marker::PhantomData;
use des::TdesEde3;

/// AES-128, AES-256 and 3DES.
#[must_use]
pub fn all() -> Vec<Arc<dyn BlockCipher>> {
    vec![Arc::new(AES_128), Arc::new(AES_256), Arc::new(TRIPLE_DES)]
}

struct Cbc<C> {
    algorithm: BlockCipherAlgorithm,
    cipher: PhantomData<fn() -> C>,
}

const AES_128: Cbc<Aes128> = Cbc { algorithm: BlockCipherAlgorithm::Aes128, cipher: PhantomData };
const AES_256: Cbc<Aes256> = Cbc { algorithm: BlockCipherAlgorithm::Aes256, cipher: PhantomData };
const TRIPLE_DES: Cbc<TdesEde3> = Cbc { algorithm: BlockCipherAlgorithm::TripleDes, cipher: PhantomData };

/// The bounds on a block cipher for CBC.
trait Cipher: BlockCipherEncrypt + BlockCipherDecrypt + KeyInit + Send + Sync + 'static {}

impl<C: BlockCipherEncrypt + BlockCipherDecrypt + KeyInit + Send + Sync + 'static> Cipher for C {}

impl<C> Algorithm for Cbc<C> {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl<C: Cipher> BlockCipher for Cbc<C> {
    fn algorithm(&self) -> BlockCipherAlgorithm {
        self.algorithm
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn BlockCipherKey>, CryptoError> {
        let wrong = CryptoError::WrongLength { expected: self.algorithm.key_len(), got: key.len() };
        // Weak DES keys are accepted. Their probability is below 2^-50, and RFC 5246 does not define how both
        // sides would reject them.
        let cipher = C::new_from_slice(key).map_err(|_| wrong)?;
        Ok(Box::new(Key { cipher, block_len: self.algorithm.block_len() }))
    }
}

struct Key<C> {
    cipher: C,
    block_len: usize,
}

type Blocks<'a, C> = &'a mut [Block<C>];

impl<C: Cipher> Key<C> {
    /// Splits `in_out` into whole blocks.
    fn blocks<'a>(
        &self,
        iv: &'a [u8],
        in_out: &'a mut [u8],
    ) -> Result<(&'a Block<C>, Blocks<'a, C>), CryptoError> {
        let expected = self.block_len;
        let iv = iv.try_into().map_err(|_| CryptoError::WrongLength { expected, got: iv.len() })?;
        let got = in_out.len();
        match Block::<C>::slice_as_chunks_mut(in_out) {
            (blocks, []) => Ok((iv, blocks)),
            (_, rest) => {
                let expected = got.saturating_sub(rest.len()).saturating_add(expected);
                Err(CryptoError::WrongLength { expected, got })
            }
        }
    }
}

impl<C: Cipher> BlockCipherKey for Key<C> {
    fn encrypt_cbc(&self, iv: &[u8], in_out: &mut [u8]) -> Result<(), CryptoError> {
        let (iv, blocks) = self.blocks(iv, in_out)?;
        cbc::Encryptor::inner_iv_init(&self.cipher, iv).encrypt_blocks(blocks);
        Ok(())
    }

    fn decrypt_cbc(&self, iv: &[u8], in_out: &mut [u8]) -> Result<(), CryptoError> {
        let (iv, blocks) = self.blocks(iv, in_out)?;
        cbc::Decryptor::inner_iv_init(&self.cipher, iv).decrypt_blocks(blocks);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
