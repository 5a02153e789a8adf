//! AES-CCM (RFC 3610) with nonces of 12 bytes and tags of 16 or 8 (RFC 6655), from RustCrypto: `aws-lc-rs` does not
//! give AWS-LC's.
//!
//! AES uses the processor's instructions where there are some, and is bitsliced elsewhere; tags are compared in
//! constant time.

use crate::RUST_CRYPTO;
use aes::{Aes128, Aes256};
use alloc::boxed::Box;
use cairn_crypto::{Aead, AeadAlgorithm, AeadKey, Algorithm, CryptoError};
use ccm::aead::inout::InOutBuf;
use ccm::consts::{U8, U12, U16};
use ccm::{AeadInOut, Ccm, KeyInit, Nonce, Tag};
use core::marker::PhantomData;

/// An AES-CCM of RustCrypto.
pub(crate) struct CcmAead<C> {
    algorithm: AeadAlgorithm,
    cipher: PhantomData<fn() -> C>,
}

const fn row<C>(algorithm: AeadAlgorithm) -> CcmAead<C> {
    CcmAead { algorithm, cipher: PhantomData }
}

pub(crate) const AES_128_CCM: CcmAead<Ccm<Aes128, U16, U12>> = row(AeadAlgorithm::Aes128Ccm);
pub(crate) const AES_256_CCM: CcmAead<Ccm<Aes256, U16, U12>> = row(AeadAlgorithm::Aes256Ccm);
pub(crate) const AES_128_CCM_8: CcmAead<Ccm<Aes128, U8, U12>> = row(AeadAlgorithm::Aes128Ccm8);
pub(crate) const AES_256_CCM_8: CcmAead<Ccm<Aes256, U8, U12>> = row(AeadAlgorithm::Aes256Ccm8);

/// With a nonce of 12 bytes, 3 are left for the length (RFC 3610 section 2).
const MAX_LEN: usize = (1 << 24) - 1;

/// What these four have in common.
pub(crate) trait Cipher: AeadInOut<NonceSize = U12> + KeyInit + Send + Sync + 'static {}

impl<C: AeadInOut<NonceSize = U12> + KeyInit + Send + Sync + 'static> Cipher for C {}

impl<C> Algorithm for CcmAead<C> {
    fn implementation(&self) -> &'static str {
        RUST_CRYPTO
    }
}

impl<C: Cipher> Aead for CcmAead<C> {
    fn algorithm(&self) -> AeadAlgorithm {
        self.algorithm
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>, CryptoError> {
        let wrong = CryptoError::WrongLength { expected: self.algorithm.key_len(), got: key.len() };
        let cipher = C::new_from_slice(key).map_err(|_| wrong)?;
        Ok(Box::new(Key { cipher, tag_len: self.algorithm.tag_len() }))
    }
}

struct Key<C> {
    cipher: C,
    tag_len: usize,
}

fn nonce(bytes: &[u8]) -> Result<&Nonce<U12>, CryptoError> {
    bytes.try_into().map_err(|_| CryptoError::WrongLength { expected: 12, got: bytes.len() })
}

impl<C: Cipher> AeadKey for Key<C> {
    fn seal(
        &self,
        nonce_bytes: &[u8],
        aad: &[u8],
        in_out: &mut [u8],
        tag: &mut [u8],
    ) -> Result<(), CryptoError> {
        let nonce = nonce(nonce_bytes)?;
        let expected = self.tag_len;
        let place: &mut Tag<C::TagSize> = match tag.len() {
            len if len == expected => tag.try_into().map_err(|_| CryptoError::Failed)?,
            got => return Err(CryptoError::WrongLength { expected, got }),
        };
        if in_out.len() > MAX_LEN {
            return Err(CryptoError::InputTooLong);
        }
        *place = self
            .cipher
            .encrypt_inout_detached(nonce, aad, InOutBuf::from(in_out))
            .map_err(|_| CryptoError::Failed)?;
        Ok(())
    }

    fn open(&self, nonce_bytes: &[u8], aad: &[u8], in_out: &mut [u8]) -> Result<usize, CryptoError> {
        let nonce = nonce(nonce_bytes)?;
        let plaintext = in_out.len().checked_sub(self.tag_len);
        let opened = plaintext.filter(|len| *len <= MAX_LEN).and_then(|len| {
            let (text, tag) = in_out.split_at_mut_checked(len)?;
            let tag: &Tag<C::TagSize> = (&*tag).try_into().ok()?;
            self.cipher.decrypt_inout_detached(nonce, aad, InOutBuf::from(text), tag).ok()?;
            Some(len)
        });
        opened.ok_or_else(|| {
            // RustCrypto clears the plaintext itself, but does not promise it.
            in_out.fill(0);
            CryptoError::BadTag
        })
    }
}

#[cfg(test)]
mod tests;
