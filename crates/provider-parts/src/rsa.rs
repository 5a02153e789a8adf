//! RSA private keys: the raw private key operation without padding (RSADP and RSASP1, RFC 8017 sections 5.1.2
//! and 5.2.1) of the `rsa` crate, and the decryption of premaster secrets based on it.
//!
//! # RUSTSEC-2023-0071
//!
//! The `rsa` crate was vulnerable to the Marvin attack: up to version 0.9 its integers had variable width, so
//! timing revealed the length of a decrypted number. Version 0.10 uses the fixed-width integers of
//! `crypto-bigint` and blinds base, exponents and moduli with fresh randomness for each operation. The
//! advisory's remarks on release candidates of 0.10 concern their padding check, which this crate does not
//! use: the raw operation returns a number as wide as the modulus, and `load_decrypting` checks its padding
//! in constant time.

#[cfg(feature = "legacy")]
mod decrypting;
pub mod pkcs1;
#[cfg(feature = "legacy")]
mod premaster;

use crate::encoding::{RsaPrivateKey, RsaPublicKey};
use alloc::{vec, vec::Vec};
use cairn_crypto::{CryptoError, SecretBytes};
#[cfg(feature = "legacy")]
pub use decrypting::load_decrypting;
use rand_core::{TryCryptoRng, TryRng};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, Error, PrivateKey, hazmat};
use zeroize::Zeroizing;

/// The supported sizes of the modulus, in bits.
pub const SIZES: core::ops::RangeInclusive<usize> = 2048..=8192;

/// The maximum number of calls to the generator in one operation; if they do not suffice, the generator is
/// broken. Five are needed. One of them, which draws a number below the modulus, may have to be repeated,
/// with probability below one half.
const DRAWS: u32 = 128;

/// An RSA private key of 2048 to 8192 bits. It is erased on drop.
#[allow(missing_debug_implementations, reason = "it is a secret")]
pub struct RsaKey {
    key: PrivateKey,
    /// The length of the modulus in bytes.
    len: usize,
}

impl RsaKey {
    /// Parses an `RSAPrivateKey` with two primes (RFC 8017 appendix A.1.2). The integers must be consistent.
    /// Primality is not checked.
    ///
    /// # Errors
    /// [`CryptoError::BadPrivateKey`] if the key is malformed, inconsistent, or of another size.
    pub fn load(pkcs1: &[u8]) -> Result<Self, CryptoError> {
        Self::read(pkcs1).ok_or(CryptoError::BadPrivateKey)
    }

    fn read(pkcs1: &[u8]) -> Option<Self> {
        let parts = RsaPrivateKey::parse(pkcs1).ok()?;
        // Check lengths first, because they bound the work that follows.
        let others = [parts.e, parts.d, parts.p, parts.q, parts.dp, parts.dq, parts.qinv];
        if parts.n.len() > SIZES.end().div_ceil(8) || others.iter().any(|part| part.len() > parts.n.len()) {
            return None;
        }
        let number = BoxedUint::from_be_slice_vartime;
        let n = number(parts.n);
        if !SIZES.contains(&usize::try_from(n.bit_width_vartime()).ok()?) {
            return None;
        }
        let primes = vec![number(parts.p), number(parts.q)];
        let key = PrivateKey::from_components(n, number(parts.e), number(parts.d), primes).ok()?;
        // `from_components` recomputes these values; different ones indicate a damaged file.
        let same = |own: &BoxedUint, given: &[u8]| *own == number(given);
        let fits = same(key.dp()?, parts.dp)
            && same(key.dq()?, parts.dq)
            && same(&Zeroizing::new(key.qinv()?.retrieve()), parts.qinv);
        let len = key.size();
        fits.then_some(Self { key, len })
    }

    /// The key as a type of the `rsa` crate.
    #[must_use]
    pub fn inner(&self) -> &PrivateKey {
        &self.key
    }

    /// The length of the modulus in bytes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "no modulus is empty")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The public key encoded as [`cairn_crypto::PublicKey::bits`]: `RSAPublicKey` in DER.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] if it cannot be encoded, which does not happen for supported sizes.
    pub fn public_key(&self) -> Result<Vec<u8>, CryptoError> {
        let (n, e) = (self.key.n().to_be_bytes(), self.key.e().to_be_bytes());
        RsaPublicKey { n: &n, e: &e }.to_der().map_err(|_| CryptoError::Failed)
    }

    /// Decrypts a number of the length of the modulus; the result has the same length. A number that is not
    /// below the modulus decrypts to 1; the comparison is public.
    ///
    /// The operation is blinded. RFC 5246 section 7.4.7.1: "implementations that use static RSA keys MUST use
    /// RSA blinding or some other anti-timing technique".
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] for any other length; [`CryptoError::RandomFailed`] if `rng` fails;
    /// [`CryptoError::Failed`].
    pub fn decrypt(
        &self,
        ciphertext: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<SecretBytes, CryptoError> {
        let number = self.number(ciphertext)?;
        let below = number.cmp_vartime(self.key.n().as_ref()).is_lt();
        let number = if below { number } else { BoxedUint::one_with_precision(self.key.n_bits_precision()) };
        let mut rng = Bounded::new(rng, DRAWS);
        self.bytes(hazmat::rsa_decrypt(Some(&mut rng), &self.key, &number))
    }

    /// Signs an encoded message. The result is verified with the public key, because a faulty signature would
    /// reveal the private key.
    ///
    /// # Errors
    /// As [`RsaKey::decrypt`], and [`CryptoError::Failed`] if `encoded` is not below the modulus.
    pub fn sign(
        &self,
        encoded: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<SecretBytes, CryptoError> {
        let number = self.number(encoded)?;
        let mut rng = Bounded::new(rng, DRAWS);
        self.bytes(hazmat::rsa_decrypt_and_check(&self.key, Some(&mut rng), &number))
    }

    fn number(&self, bytes: &[u8]) -> Result<BoxedUint, CryptoError> {
        if bytes.len() != self.len {
            return Err(CryptoError::WrongLength { expected: self.len, got: bytes.len() });
        }
        BoxedUint::from_be_slice(bytes, self.key.n_bits_precision()).map_err(|_| CryptoError::Failed)
    }

    fn bytes(&self, number: rsa::Result<BoxedUint>) -> Result<SecretBytes, CryptoError> {
        let number = Zeroizing::new(number.map_err(|why| error(&why))?);
        let bytes = Zeroizing::new(number.to_be_bytes());
        // The number consists of whole limbs, so leading bytes beyond the length are zero.
        let start = bytes.len().checked_sub(self.len).ok_or(CryptoError::Failed)?;
        bytes.get(start..).map(SecretBytes::from).ok_or(CryptoError::Failed)
    }
}

/// Maps an error of the `rsa` crate to a [`CryptoError`].
#[must_use]
pub fn error(error: &Error) -> CryptoError {
    match error {
        Error::Rng => CryptoError::RandomFailed,
        _ => CryptoError::Failed,
    }
}

/// Limits the number of calls to a generator. With a broken generator, the search for a blinding factor or
/// for nonzero padding bytes would never end.
#[allow(missing_debug_implementations, reason = "the wrapped type has none")]
pub struct Bounded<'a> {
    rng: &'a mut dyn TryCryptoRng<Error = CryptoError>,
    left: u32,
}

impl<'a> Bounded<'a> {
    /// Wraps `rng`; it fails after `draws` calls.
    pub fn new(rng: &'a mut dyn TryCryptoRng<Error = CryptoError>, draws: u32) -> Self {
        Self { rng, left: draws }
    }

    fn draw(&mut self) -> Result<&mut dyn TryCryptoRng<Error = CryptoError>, CryptoError> {
        self.left = self.left.checked_sub(1).ok_or(CryptoError::RandomFailed)?;
        Ok(self.rng)
    }
}

impl TryRng for Bounded<'_> {
    type Error = CryptoError;

    fn try_next_u32(&mut self) -> Result<u32, CryptoError> {
        self.draw()?.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, CryptoError> {
        self.draw()?.try_next_u64()
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.draw()?.try_fill_bytes(out)
    }
}

impl TryCryptoRng for Bounded<'_> {}
