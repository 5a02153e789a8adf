//! HMAC (RFC 2104).

use crate::algorithm::Algorithm;
use crate::error::CryptoError;
use crate::hash::HashAlgorithm;
use crate::secret::ct_eq;
use alloc::boxed::Box;
use core::fmt;
use zeroize::Zeroize;

/// An implementation of HMAC with one hash function.
pub trait Hmac: Algorithm {
    /// The hash function. Tags are as long as its output.
    fn hash_algorithm(&self) -> HashAlgorithm;

    /// Creates a key from any number of bytes.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] if the module fails.
    fn key(&self, key: &[u8]) -> Result<Box<dyn HmacKey>, CryptoError>;

    /// Writes the tag of the concatenation of `parts` to `tag`, with a key that is used only once. The
    /// default is [`Hmac::key`]; override it if the module needs no memory for such a key.
    ///
    /// # Errors
    /// As [`Hmac::key`] and [`HmacKey::sign`].
    fn sign_once(&self, key: &[u8], parts: &[&[u8]], tag: &mut [u8]) -> Result<(), CryptoError> {
        self.key(key)?.sign(parts, tag)
    }

    /// The TLS 1.2 PRF (RFC 5246 section 5) as one operation, for validated modules that must perform all of
    /// it. By default the key schedule builds the PRF from [`Hmac::key`].
    fn tls12_prf(&self) -> Option<&dyn Tls12Prf> {
        None
    }

    /// HKDF (RFC 5869) as one operation, for validated modules that must perform all of it. By default
    /// [`hkdf_extract`](crate::hkdf_extract) and [`HkdfKey`](crate::HkdfKey) use [`Hmac::key`].
    fn hkdf(&self) -> Option<&dyn Hkdf> {
        None
    }
}

/// An HMAC key.
pub trait HmacKey: Send + Sync {
    /// Writes the tag of the concatenation of `parts` to `tag`.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] unless `tag` is as long as the hash's output; [`CryptoError::Failed`] if
    /// the module fails.
    fn sign(&self, parts: &[&[u8]], tag: &mut [u8]) -> Result<(), CryptoError>;

    /// Verifies a full-length tag in constant time.
    ///
    /// # Errors
    /// [`CryptoError::BadTag`] if the tag does not match, and the errors of [`HmacKey::sign`].
    fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> Result<(), CryptoError> {
        let mut expected = [0; crate::hash::MAX_HASH_LEN];
        let Some(expected) = expected.get_mut(..tag.len()) else {
            return Err(CryptoError::WrongLength { expected: crate::hash::MAX_HASH_LEN, got: tag.len() });
        };
        self.sign(parts, expected)?;
        let equal = ct_eq(expected, tag);
        expected.zeroize();
        if equal { Ok(()) } else { Err(CryptoError::BadTag) }
    }
}

/// The TLS 1.2 PRF as one operation (RFC 5246 section 5). See [`Hmac::tls12_prf`].
pub trait Tls12Prf: Send + Sync {
    /// Fills `out` with `PRF(secret, label, seed)`. The seed is the concatenation of its parts.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] if the module fails.
    fn expand(&self, secret: &[u8], label: &[u8], seed: &[&[u8]], out: &mut [u8]) -> Result<(), CryptoError>;
}

/// HKDF as one operation, for validated modules that must perform all of it. See [`Hmac::hkdf`].
pub trait Hkdf: Send + Sync {
    /// Writes `HKDF-Extract(salt, ikm)` to `prk` (RFC 5869 section 2.2).
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] unless `prk` is as long as the hash's output; [`CryptoError::Failed`] if
    /// the module fails.
    fn extract(&self, salt: &[u8], ikm: &[u8], prk: &mut [u8]) -> Result<(), CryptoError>;

    /// Fills `out` with `HKDF-Expand(prk, info, out.len())` (RFC 5869 section 2.3).
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] if `out` is longer than 255 outputs of the hash;
    /// [`CryptoError::Failed`] if the module fails.
    fn expand(&self, prk: &[u8], info: &[u8], out: &mut [u8]) -> Result<(), CryptoError>;
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
