//! HMAC (RFC 2104).

use crate::{Algorithm, CryptoError, HashAlgorithm, ct_eq};
use alloc::boxed::Box;
use core::fmt;
use zeroize::Zeroize;

/// HMAC over one hash function.
pub trait Hmac: Algorithm {
    /// The hash function underneath; its output length is the tag's.
    fn hash_algorithm(&self) -> HashAlgorithm;

    /// Sets up a key of any length, so that many short messages cost no further key set-up.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the module cannot.
    fn key(&self, key: &[u8]) -> Result<Box<dyn HmacKey>, CryptoError>;

    /// The TLS 1.2 PRF of RFC 5246 section 5 as one operation, for a module that is only approved for the whole of
    /// it. Everybody else leaves the default: the key schedule builds the PRF over [`Hmac::key`].
    fn tls12_prf(&self) -> Option<&dyn Tls12Prf> {
        None
    }
}

/// An HMAC key, ready for use.
pub trait HmacKey: Send + Sync {
    /// Writes the tag of the concatenation of `parts` to `tag`.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] unless `tag` is exactly as long as the hash's output;
    /// [`CryptoError::Failed`] when the module cannot.
    fn sign(&self, parts: &[&[u8]], tag: &mut [u8]) -> Result<(), CryptoError>;

    /// Checks a full-length tag in constant time.
    ///
    /// # Errors
    /// [`CryptoError::BadTag`] when it does not match; else as [`HmacKey::sign`].
    fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> Result<(), CryptoError> {
        let mut expected = [0; crate::MAX_HASH_LEN];
        let Some(expected) = expected.get_mut(..tag.len()) else {
            return Err(CryptoError::WrongLength { expected: crate::MAX_HASH_LEN, got: tag.len() });
        };
        self.sign(parts, expected)?;
        let equal = ct_eq(expected, tag);
        expected.zeroize();
        if equal { Ok(()) } else { Err(CryptoError::BadTag) }
    }
}

/// The TLS 1.2 PRF as one operation (RFC 5246 section 5). See [`Hmac::tls12_prf`].
pub trait Tls12Prf: Send + Sync {
    /// Fills `out` with `PRF(secret, label, seed)`, the seed being the concatenation of its parts.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the module cannot.
    fn expand(&self, secret: &[u8], label: &[u8], seed: &[&[u8]], out: &mut [u8]) -> Result<(), CryptoError>;
}

impl fmt::Debug for dyn Hmac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HMAC-{} by {}", self.hash_algorithm(), self.implementation())
    }
}

impl fmt::Debug for dyn HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HmacKey")
    }
}
