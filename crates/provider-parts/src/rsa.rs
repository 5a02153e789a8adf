//! RSA private keys: the private operation without any padding (RSADP and RSASP1, RFC 8017 sections 5.1.2 and 5.2.1),
//! from the `rsa` crate, and the decryption of premaster secrets over it.
//!
//! # RUSTSEC-2023-0071
//!
//! The `rsa` crate had a flaw, the Marvin attack: up to version 0.9 its numbers had no fixed width, so the time to
//! handle a decrypted one told how long it was. Since 0.10 it stands on `crypto-bigint`, whose numbers have one; base,
//! exponents and moduli are blinded with fresh randomness for each operation besides. What the advisory has said of the
//! candidates for 0.10 was their padding check, and of that nothing is used here: the raw operation gives a number as
//! wide as the modulus, and `load_decrypting` looks at its padding without a trace.

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

/// The sizes of modulus that are taken, in bits.
pub const SIZES: core::ops::RangeInclusive<usize> = 2048..=8192;

/// How often randomness is asked for in one operation before the generator is held to be broken. Five times are
/// needed; one of them, a number below the modulus, may fail with a chance below one half.
const DRAWS: u32 = 128;

/// An RSA private key of 2048 to 8192 bits. It erases itself.
#[allow(missing_debug_implementations, reason = "it is a secret")]
pub struct RsaKey {
    key: PrivateKey,
    /// Length of the modulus in bytes.
    len: usize,
}

impl RsaKey {
    /// Reads an `RSAPrivateKey` with two primes (RFC 8017 appendix A.1.2). Its numbers must fit together; whether the
    /// primes are prime is not checked.
    ///
    /// # Errors
    /// [`CryptoError::BadPrivateKey`] when it is not that, or has another size.
    pub fn load(pkcs1: &[u8]) -> Result<Self, CryptoError> {
        Self::read(pkcs1).ok_or(CryptoError::BadPrivateKey)
    }

    fn read(pkcs1: &[u8]) -> Option<Self> {
        let parts = RsaPrivateKey::parse(pkcs1).ok()?;
        // Lengths first: they bound the work that follows.
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
        // What follows from the rest was computed anew; a file that says otherwise is damaged.
        let same = |own: &BoxedUint, given: &[u8]| *own == number(given);
        let fits = same(key.dp()?, parts.dp)
            && same(key.dq()?, parts.dq)
            && same(&Zeroizing::new(key.qinv()?.retrieve()), parts.qinv);
        let len = key.size();
        fits.then_some(Self { key, len })
    }

    /// The key as the `rsa` crate has it.
    #[must_use]
    pub fn inner(&self) -> &PrivateKey {
        &self.key
    }

    /// Length of the modulus in bytes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "no modulus is empty")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The public half as [`cairn_crypto::PublicKey::bits`] has it: `RSAPublicKey` in DER.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when it cannot be written, which no key comes to.
    pub fn public_key(&self) -> Result<Vec<u8>, CryptoError> {
        let (n, e) = (self.key.n().to_be_bytes(), self.key.e().to_be_bytes());
        RsaPublicKey { n: &n, e: &e }.to_der().map_err(|_| CryptoError::Failed)
    }

    /// Decrypts a number as long as the modulus, into one as long as the modulus. One that is not below the modulus,
    /// as everybody can see, decrypts to 1.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] for any other length; [`CryptoError::RandomFailed`] when `rng` does;
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

    /// Signs what is already encoded: the same operation, and afterwards the public one, to see that no fault happened
    /// on the way, which would give the key away.
    ///
    /// # Errors
    /// As [`RsaKey::decrypt`]; [`CryptoError::Failed`] also when `encoded` is not below the modulus.
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
        // Limbs are whole; what stands before the width is zero.
        let start = bytes.len().checked_sub(self.len).ok_or(CryptoError::Failed)?;
        bytes.get(start..).map(SecretBytes::from).ok_or(CryptoError::Failed)
    }
}

/// What an error of a private operation is to a provider.
#[must_use]
pub fn error(error: &Error) -> CryptoError {
    match error {
        Error::Rng => CryptoError::RandomFailed,
        _ => CryptoError::Failed,
    }
}

/// A generator that fails in the end: one that always gives the same would keep a search, for a blinding factor or for
/// padding without zeros, going for ever.
#[allow(missing_debug_implementations, reason = "what it wraps has none")]
pub struct Bounded<'a> {
    rng: &'a mut dyn TryCryptoRng<Error = CryptoError>,
    left: u32,
}

impl<'a> Bounded<'a> {
    /// Asks `rng` at most so many times.
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
