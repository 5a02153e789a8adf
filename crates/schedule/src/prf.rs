//! The pseudorandom function of TLS 1.2 (RFC 5246 section 5).

#[cfg(test)]
mod tests;

use crate::error::ScheduleError;
use alloc::{boxed::Box, sync::Arc};
use cairn_crypto::{CryptoError, Hmac, HmacKey, MAX_HASH_LEN, SecretBytes};
use core::fmt;
use zeroize::Zeroize;

/// The function `PRF(secret, label, seed)` with a fixed secret. The HMAC key is created once and used for all
/// labels.
pub struct Prf {
    inner: Inner,
}

enum Inner {
    /// Our P_hash over HMAC.
    Keyed { key: Box<dyn HmacKey>, hash_len: usize },
    /// A module that performs the whole PRF. It needs the secret in each call.
    Module(Box<Module>),
}

struct Module {
    hmac: Arc<dyn Hmac>,
    secret: SecretBytes,
}

impl Prf {
    /// Creates the PRF from `hmac` and `secret`.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn new(hmac: &Arc<dyn Hmac>, secret: &[u8]) -> Result<Self, ScheduleError> {
        let inner = if hmac.tls12_prf().is_some() {
            Inner::Module(Box::new(Module { hmac: Arc::clone(hmac), secret: secret.into() }))
        } else {
            Inner::Keyed { key: hmac.key(secret)?, hash_len: hmac.hash_algorithm().output_len() }
        };
        Ok(Self { inner })
    }

    /// Fills `out` with `PRF(secret, label, seed)`. The seed is the concatenation of its parts.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn expand(&self, label: &[u8], seed: [&[u8]; 2], out: &mut [u8]) -> Result<(), ScheduleError> {
        match &self.inner {
            Inner::Keyed { key, hash_len } => Ok(p_hash(&**key, *hash_len, label, seed, out)?),
            Inner::Module(module) => {
                let prf = module.hmac.tls12_prf().ok_or(CryptoError::Unsupported)?;
                Ok(prf.expand(module.secret.expose(), label, &seed, out)?)
            }
        }
    }
}

impl fmt::Debug for Prf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prf")
    }
}

/// Computes `P_hash(secret, label + seed)` (RFC 5246 section 5) without concatenating label and seed.
fn p_hash(
    key: &dyn HmacKey,
    hash_len: usize,
    label: &[u8],
    [seed, more_seed]: [&[u8]; 2],
    out: &mut [u8],
) -> Result<(), CryptoError> {
    let (mut a, mut last) = (HashSized::new(hash_len), HashSized::new(hash_len));
    let (Some(a), Some(last)) = (a.bytes(), last.bytes()) else {
        return Err(CryptoError::WrongLength { expected: MAX_HASH_LEN, got: hash_len });
    };
    let mut chunks = out.chunks_mut(hash_len.max(1)).peekable();
    // A(0) = seed, A(1) = HMAC(secret, A(0)).
    key.sign(&[label, seed, more_seed], a)?;
    while let Some(chunk) = chunks.next() {
        if chunk.len() == hash_len {
            key.sign(&[a, label, seed, more_seed], chunk)?;
        } else {
            key.sign(&[a, label, seed, more_seed], last)?;
            for (to, from) in chunk.iter_mut().zip(last.iter()) {
                *to = *from;
            }
        }
        if chunks.peek().is_some() {
            // A(i) = HMAC(secret, A(i-1)). `sign` cannot read and write the same buffer.
            key.sign(&[a], last)?;
            a.copy_from_slice(last);
        }
    }
    Ok(())
}

/// Secret bytes of the length of the hash, erased on drop. Only the used part of the buffer is erased.
struct HashSized {
    bytes: [u8; MAX_HASH_LEN],
    len: usize,
}

impl HashSized {
    const fn new(len: usize) -> Self {
        Self { bytes: [0; MAX_HASH_LEN], len }
    }

    /// `None` if the hash is longer than the buffer.
    fn bytes(&mut self) -> Option<&mut [u8]> {
        self.bytes.get_mut(..self.len)
    }
}

impl Drop for HashSized {
    fn drop(&mut self) {
        if let Some(bytes) = self.bytes() {
            bytes.zeroize();
        }
    }
}
