//! HKDF (RFC 5869).

use crate::error::CryptoError;
use crate::hash::MAX_HASH_LEN;
use crate::hmac::{Hmac, HmacKey};
use crate::secret::SecretBytes;
use alloc::{boxed::Box, sync::Arc};
use core::fmt;
use zeroize::Zeroizing;

/// Writes `HKDF-Extract(salt, ikm)` to `prk` (RFC 5869 section 2.2: "PRK = HMAC-Hash(salt, IKM)"). An empty
/// salt equals a salt of zeros as long as the hash's output.
///
/// # Errors
/// [`CryptoError::WrongLength`] unless `prk` is as long as the hash's output; [`CryptoError::Failed`] if the
/// module fails.
pub fn hkdf_extract(hmac: &dyn Hmac, salt: &[u8], ikm: &[u8], prk: &mut [u8]) -> Result<(), CryptoError> {
    match hmac.hkdf() {
        Some(module) => module.extract(salt, ikm, prk),
        None => hmac.sign_once(salt, &[ikm], prk),
    }
}

/// The pseudorandom key of HKDF-Expand (RFC 5869 section 2.3). The HMAC key is created once and used for all
/// outputs.
pub struct HkdfKey {
    inner: Inner,
}

enum Inner {
    /// HKDF-Expand over HMAC.
    Keyed { key: Box<dyn HmacKey>, hash_len: usize },
    /// A module that performs HKDF-Expand. It needs the key in each call.
    Module(Box<Module>),
}

struct Module {
    hmac: Arc<dyn Hmac>,
    prk: SecretBytes,
}

impl HkdfKey {
    /// Creates the key from its bytes: the output of [`hkdf_extract`], or another secret with full entropy.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] if the module fails.
    pub fn new(hmac: &Arc<dyn Hmac>, prk: &[u8]) -> Result<Self, CryptoError> {
        let inner = if hmac.hkdf().is_some() {
            Inner::Module(Box::new(Module { hmac: Arc::clone(hmac), prk: prk.into() }))
        } else {
            Inner::Keyed { key: hmac.key(prk)?, hash_len: hmac.hash_algorithm().output_len() }
        };
        Ok(Self { inner })
    }

    /// Fills `out` with `HKDF-Expand(PRK, info, out.len())` (RFC 5869 section 2.3).
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] if `out` is longer than 255 outputs of the hash;
    /// [`CryptoError::Failed`] if the module fails. The content of `out` is then unspecified.
    pub fn expand(&self, info: &[u8], out: &mut [u8]) -> Result<(), CryptoError> {
        match &self.inner {
            Inner::Keyed { key, hash_len } => expand(&**key, *hash_len, info, out),
            Inner::Module(module) => {
                let hkdf = module.hmac.hkdf().ok_or(CryptoError::Unsupported)?;
                hkdf.expand(module.prk.expose(), info, out)
            }
        }
    }
}

impl fmt::Debug for HkdfKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HkdfKey")
    }
}

/// `T(i) = HMAC-Hash(PRK, T(i-1) | info | i)`, written in place.
fn expand(key: &dyn HmacKey, hash_len: usize, info: &[u8], out: &mut [u8]) -> Result<(), CryptoError> {
    let longest = hash_len.saturating_mul(255);
    if out.len() > longest {
        return Err(CryptoError::WrongLength { expected: longest, got: out.len() });
    }
    let (mut before, mut rest): (&[u8], _) = (&[], out);
    for counter in 1..=u8::MAX {
        let parts: [&[u8]; 3] = [before, info, &[counter]];
        if rest.len() < hash_len {
            return if rest.is_empty() { Ok(()) } else { last_block(key, hash_len, &parts, rest) };
        }
        let (block, after) = rest.split_at_mut_checked(hash_len).unwrap_or_default();
        key.sign(&parts, block)?;
        (before, rest) = (block, after);
    }
    Ok(())
}

/// Writes the start of a block, which ends the output.
fn last_block(
    key: &dyn HmacKey,
    hash_len: usize,
    parts: &[&[u8]],
    out: &mut [u8],
) -> Result<(), CryptoError> {
    let mut place = Zeroizing::new([0; MAX_HASH_LEN]);
    let Some(block) = place.get_mut(..hash_len) else {
        return Err(CryptoError::WrongLength { expected: MAX_HASH_LEN, got: hash_len });
    };
    key.sign(parts, block)?;
    for (to, from) in out.iter_mut().zip(block.iter()) {
        *to = *from;
    }
    Ok(())
}
