//! An adapter for RustCrypto AEADs with 12-byte nonces, and AES-CCM (RFC 3610) with tags of 16 or 8 bytes
//! (RFC 6655).
//!
//! AES uses processor instructions if available and a bitsliced implementation otherwise. Tags are compared
//! in constant time.

use crate::NAME;
use aead::consts::{U8, U12, U16};
use aead::inout::InOutBuf;
use aead::{AeadInOut, KeyInit, Nonce, Tag};
use aes::{Aes128, Aes256};
use alloc::{boxed::Box, sync::Arc, vec, vec::Vec};
use cairn_crypto::{Aead, AeadAlgorithm, AeadKey, Algorithm, CryptoError};
use ccm::Ccm;
use core::marker::PhantomData;

/// AES-CCM with 16-byte tags, then with 8-byte tags.
#[must_use]
pub fn ccm() -> Vec<Arc<dyn Aead>> {
    vec![
        aead::<Ccm<Aes128, U16, U12>>(AeadAlgorithm::Aes128Ccm, CCM_MAX),
        aead::<Ccm<Aes256, U16, U12>>(AeadAlgorithm::Aes256Ccm, CCM_MAX),
        aead::<Ccm<Aes128, U8, U12>>(AeadAlgorithm::Aes128Ccm8, CCM_MAX),
        aead::<Ccm<Aes256, U8, U12>>(AeadAlgorithm::Aes256Ccm8, CCM_MAX),
    ]
}

/// A 12-byte nonce leaves 3 bytes for the length (RFC 3610 section 2).
const CCM_MAX: u64 = (1 << 24) - 1;

/// Adapts a RustCrypto AEAD. `algorithm` must be the algorithm that `C` implements; `max_len` is the maximum
/// length of a plaintext in bytes.
#[must_use]
pub fn aead<C: Cipher>(algorithm: AeadAlgorithm, max_len: u64) -> Arc<dyn Aead> {
    Arc::new(RustCryptoAead::<C> { algorithm, max_len, cipher: PhantomData })
}

/// The bounds on a RustCrypto AEAD.
pub trait Cipher: AeadInOut<NonceSize = U12> + KeyInit + Send + Sync + 'static {}

impl<C: AeadInOut<NonceSize = U12> + KeyInit + Send + Sync + 'static> Cipher for C {}

struct RustCryptoAead<C> {
    algorithm: AeadAlgorithm,
    max_len: u64,
    cipher: PhantomData<fn() -> C>,
}

impl<C> Algorithm for RustCryptoAead<C> {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl<C: Cipher> Aead for RustCryptoAead<C> {
    fn algorithm(&self) -> AeadAlgorithm {
        self.algorithm
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>, CryptoError> {
        let wrong = CryptoError::WrongLength { expected: self.algorithm.key_len(), got: key.len() };
        let cipher = C::new_from_slice(key).map_err(|_| wrong)?;
        Ok(Box::new(Key { algorithm: self.algorithm, cipher, max_len: self.max_len }))
    }
}

struct Key<C> {
    algorithm: AeadAlgorithm,
    cipher: C,
    max_len: u64,
}

impl<C: Cipher> Key<C> {
    fn is_too_long(&self, plaintext: usize) -> bool {
        u64::try_from(plaintext).map_or(true, |len| len > self.max_len)
    }

    /// Encrypts in place or between buffers.
    fn encrypt(
        &self,
        nonce_bytes: &[u8],
        aad: &[u8],
        text: InOutBuf<'_, '_, u8>,
        tag: &mut [u8],
    ) -> Result<(), CryptoError> {
        let nonce = nonce::<C>(nonce_bytes)?;
        let expected = self.algorithm.tag_len();
        let place: &mut Tag<C> = match tag.len() {
            len if len == expected => tag.try_into().map_err(|_| CryptoError::Failed)?,
            got => return Err(CryptoError::WrongLength { expected, got }),
        };
        if self.is_too_long(text.len()) {
            return Err(CryptoError::InputTooLong);
        }
        *place = self.cipher.encrypt_inout_detached(nonce, aad, text).map_err(|_| CryptoError::Failed)?;
        Ok(())
    }
}

fn nonce<C: Cipher>(bytes: &[u8]) -> Result<&Nonce<C>, CryptoError> {
    bytes.try_into().map_err(|_| CryptoError::WrongLength { expected: 12, got: bytes.len() })
}

impl<C: Cipher> AeadKey for Key<C> {
    fn algorithm(&self) -> AeadAlgorithm {
        self.algorithm
    }

    fn seal(
        &self,
        nonce_bytes: &[u8],
        aad: &[u8],
        in_out: &mut [u8],
        tag: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.encrypt(nonce_bytes, aad, InOutBuf::from(in_out), tag)
    }

    fn open(&self, nonce_bytes: &[u8], aad: &[u8], in_out: &mut [u8]) -> Result<usize, CryptoError> {
        let nonce = nonce::<C>(nonce_bytes)?;
        let plaintext = in_out.len().checked_sub(self.algorithm.tag_len());
        let opened = plaintext.filter(|len| !self.is_too_long(*len)).and_then(|len| {
            let (text, tag) = in_out.split_at_mut_checked(len)?;
            let tag: &Tag<C> = (&*tag).try_into().ok()?;
            self.cipher.decrypt_inout_detached(nonce, aad, InOutBuf::from(text), tag).ok()?;
            Some(len)
        });
        opened.ok_or_else(|| {
            // RustCrypto erases unauthenticated plaintext but does not document it. Erasing it here costs
            // little, because a failed record terminates the connection.
            in_out.fill(0);
            CryptoError::BadTag
        })
    }

    fn seal_into(
        &self,
        nonce_bytes: &[u8],
        aad: &[u8],
        plaintext: &[u8],
        suffix: &[u8],
        sealed: &mut [u8],
    ) -> Result<(), CryptoError> {
        let text_len = plaintext.len().saturating_add(suffix.len());
        let expected = text_len.saturating_add(self.algorithm.tag_len());
        let wrong = CryptoError::WrongLength { expected, got: sealed.len() };
        if sealed.len() != expected {
            return Err(wrong);
        }
        let (place, tag) = sealed.split_at_mut_checked(text_len).ok_or(wrong)?;
        let text = if suffix.is_empty() {
            between(plaintext, place)?
        } else {
            // RustCrypto's AEADs take the text as one slice, so plaintext and suffix are first joined in
            // `sealed`. The copy is cheap beside their two passes over the text. An AEAD assembled here from
            // cipher and MAC would not need it, but would not be the audited implementation.
            let (start, end) = place.split_at_mut_checked(plaintext.len()).ok_or(wrong)?;
            start.copy_from_slice(plaintext);
            end.copy_from_slice(suffix);
            InOutBuf::from(place)
        };
        let outcome = self.encrypt(nonce_bytes, aad, text, tag);
        if outcome.is_err() {
            sealed.fill(0);
        }
        outcome
    }

    fn open_into(
        &self,
        nonce_bytes: &[u8],
        aad: &[u8],
        sealed: &mut [u8],
        plaintext: &mut [u8],
    ) -> Result<(), CryptoError> {
        let nonce = nonce::<C>(nonce_bytes)?;
        let length = sealed.len().checked_sub(self.algorithm.tag_len()).ok_or(CryptoError::BadTag)?;
        let (ciphertext, tag) = sealed.split_at_checked(length).ok_or(CryptoError::BadTag)?;
        let text = between(ciphertext, plaintext)?;
        let opened = if self.is_too_long(length) { None } else { tag.try_into().ok() }
            .and_then(|tag: &Tag<C>| self.cipher.decrypt_inout_detached(nonce, aad, text, tag).ok());
        opened.ok_or_else(|| {
            // As above.
            plaintext.fill(0);
            CryptoError::BadTag
        })
    }
}

fn between<'i, 'o>(from: &'i [u8], to: &'o mut [u8]) -> Result<InOutBuf<'i, 'o, u8>, CryptoError> {
    let wrong = CryptoError::WrongLength { expected: from.len(), got: to.len() };
    InOutBuf::new(from, to).map_err(|_| wrong)
}

#[cfg(test)]
mod tests;
