//! The private operation of RSA without any padding (RSADP, RFC 8017 section 5.1.2), from the `rsa` crate.
//!
//! AWS-LC has it, but `aws-lc-rs` does not give it: what it gives removes the padding too, and says whether it was
//! good. Its padding check runs in constant time, but then its result is an error or not, with another path, an entry
//! in a queue of errors and another length for each; a comment there (`rsa_padding_check_PKCS1_type_2`) says itself
//! that with such an interface Bleichenbacher's attack cannot be avoided, and to take the raw operation.
//!
//! The `rsa` crate had the flaw of RUSTSEC-2023-0071, the Marvin attack: up to version 0.9 its numbers had no fixed
//! width, so the time to handle a decrypted one told how long it was. Since 0.10 it stands on `crypto-bigint`, whose
//! numbers have one; base, exponents and moduli are blinded with fresh randomness for each operation besides. What
//! the advisory has said of the candidates for 0.10 was their padding check, and of that nothing is used here: this is
//! the raw operation, with a result of the modulus's width.

use super::encoding::RsaPrivateKey;
use alloc::vec;
use cairn_crypto::{CryptoError, SecretBytes};
use rand_core::{TryCryptoRng, TryRng};
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, Error, PrivateKey, hazmat};
use zeroize::Zeroizing;

/// How often randomness is asked for in one operation before the generator is held to be broken. Five times are
/// needed; one of them, a number below the modulus, may fail with a chance below one half.
const DRAWS: u32 = 128;

/// An RSA private key.
pub(super) struct RawRsa {
    key: PrivateKey,
    /// Length of the modulus in bytes.
    len: usize,
}

impl RawRsa {
    /// Reads an `RSAPrivateKey` that the module has read before, so its size is right and its parts fit.
    pub(super) fn load(pkcs1: &[u8]) -> Result<Self, CryptoError> {
        let parts = RsaPrivateKey::parse(pkcs1).map_err(|_| CryptoError::BadPrivateKey)?;
        let number = |bytes| BoxedUint::from_be_slice_vartime(bytes);
        let primes = vec![number(parts.p), number(parts.q)];
        let key = PrivateKey::from_components(number(parts.n), number(parts.e), number(parts.d), primes)
            .map_err(|_| CryptoError::BadPrivateKey)?;
        let len = key.size();
        Ok(Self { key, len })
    }

    /// Length of the modulus in bytes.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Decrypts a number as long as the modulus, into one as long as the modulus. One that is not below the modulus,
    /// as everybody can see, decrypts to 1.
    pub(super) fn decrypt(
        &self,
        ciphertext: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<SecretBytes, CryptoError> {
        let number = self.number(ciphertext)?;
        let below = number.cmp_vartime(self.key.n().as_ref()).is_lt();
        let number = if below { number } else { BoxedUint::one_with_precision(self.key.n_bits_precision()) };
        let mut rng = Bounded { rng, left: DRAWS };
        self.bytes(hazmat::rsa_decrypt(Some(&mut rng), &self.key, &number))
    }

    /// Signs: the same operation, and afterwards the public one, to see that no fault happened on the way, which would
    /// give the key away.
    pub(super) fn sign(
        &self,
        encoded: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<SecretBytes, CryptoError> {
        let number = self.number(encoded)?;
        let mut rng = Bounded { rng, left: DRAWS };
        self.bytes(hazmat::rsa_decrypt_and_check(&self.key, Some(&mut rng), &number))
    }

    fn number(&self, bytes: &[u8]) -> Result<BoxedUint, CryptoError> {
        if bytes.len() != self.len {
            return Err(CryptoError::WrongLength { expected: self.len, got: bytes.len() });
        }
        BoxedUint::from_be_slice(bytes, self.key.n_bits_precision()).map_err(|_| CryptoError::Failed)
    }

    fn bytes(&self, number: rsa::Result<BoxedUint>) -> Result<SecretBytes, CryptoError> {
        let number = Zeroizing::new(number.map_err(|error| match error {
            Error::Rng => CryptoError::RandomFailed,
            _ => CryptoError::Failed,
        })?);
        let bytes = Zeroizing::new(number.to_be_bytes());
        // Limbs are whole; what stands before the width is zero.
        let start = bytes.len().checked_sub(self.len).ok_or(CryptoError::Failed)?;
        bytes.get(start..).map(SecretBytes::from).ok_or(CryptoError::Failed)
    }
}

/// A generator that fails in the end: one that always gives the same would keep the search for a blinding factor
/// going for ever.
struct Bounded<'a> {
    rng: &'a mut dyn TryCryptoRng<Error = CryptoError>,
    left: u32,
}

impl Bounded<'_> {
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
