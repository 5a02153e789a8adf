//! Diffie-Hellman over finite fields (RFC 5246 section 8.1.2, RFC 7919), implemented with `crypto-bigint`.
//!
//! Exponentiation uses fixed windows and reads the whole table for each, so that its timing and memory
//! accesses depend only on the lengths of prime and exponent, which are public.
//!
//! # Validation of groups and shares
//!
//! The prime must be odd and have 1024 to 8192 bits. The generator must be in 2 to p - 2. Lengths are checked
//! before any computation. Primality is not checked, because the test takes longer than a handshake, and a
//! malicious server can disclose its secret without a weak group. A peer's share must be in 2 to p - 2 and
//! must not lead to the secret 1. For the groups of RFC 7919 and RFC 3526 this excludes all small subgroups.

mod exponent;

use crate::NAME;
use alloc::{boxed::Box, vec::Vec};
use cairn_crypto::{Algorithm, CryptoError, EphemeralKey, FiniteField, FiniteFieldGroup, SecretBytes};
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use exponent::Exponent;
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

/// Diffie-Hellman over finite fields with `crypto-bigint`.
#[derive(Debug)]
pub struct Dh;

/// The minimum length of a prime in bits. Shorter primes can be broken with moderate effort (RFC 7457 section
/// 2.12).
const MIN_BITS: u32 = 1024;
/// The maximum length of a prime in bytes, that of ffdhe8192. It limits the work that a peer can cause.
const MAX_LEN: usize = 1024;

impl Algorithm for Dh {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl FiniteField for Dh {
    fn generate(
        &self,
        group: FiniteFieldGroup<'_>,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Box<dyn EphemeralKey>, CryptoError> {
        let p = significant(group.p);
        let field = Field::new(p)?;
        let generator = field.element(group.g)?;
        let exponent = Exponent::draw(p, field.bits, rng)?;
        let share = field.power(generator, &exponent)?;
        Ok(Box::new(Key { field, exponent, share: share.expose().to_vec() }))
    }
}

/// Strips leading zeros, which may or may not be there. RFC 5246 section 4.4: integers in opaque vectors "are
/// represented as unsigned integers (i.e., leading zero octets are not required even if the most significant
/// bit is set)".
fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// A prime field.
struct Field {
    params: BoxedMontyParams,
    /// The length of the prime, of shares and of secrets, in bytes.
    width: usize,
    /// The length of the prime in bits.
    bits: u32,
}

impl Field {
    /// Creates the field of a prime without leading zeros.
    fn new(p: &[u8]) -> Result<Self, CryptoError> {
        if p.len() > MAX_LEN {
            return Err(CryptoError::WrongLength { expected: MAX_LEN, got: p.len() });
        }
        let number = BoxedUint::from_be_slice_vartime(p);
        let bits = number.bit_width_vartime();
        if bits < MIN_BITS {
            return Err(CryptoError::BadPeerShare);
        }
        let modulus = Odd::new(number).into_option().ok_or(CryptoError::BadPeerShare)?;
        Ok(Self { params: BoxedMontyParams::new_vartime(modulus), width: p.len(), bits })
    }

    /// Converts a generator or a peer's share, which must be from 2 to p - 2. RFC 7919 section 5.1: "Peers
    /// MUST validate each other's public key Y [...] by ensuring that 1 < Y < p-1." RFC 7919 section 3
    /// requires it of dh_Ys and RFC 7919 section 4 of dh_Yc. The client's check is also that of RFC 5246
    /// section F.1.1.3.
    fn element(&self, number: &[u8]) -> Result<BoxedMontyForm, CryptoError> {
        let number = significant(number);
        if number.len() > self.width {
            return Err(CryptoError::BadPeerShare);
        }
        let number = BoxedUint::from_be_slice(number, self.params.bits_precision())
            .map_err(|_| CryptoError::BadPeerShare)?;
        let one = BoxedUint::one();
        // The prime is odd, so this does not wrap.
        let last = self.params.modulus().wrapping_sub(&one);
        if number.cmp_vartime(&one).is_gt() && number.cmp_vartime(&last).is_lt() {
            Ok(BoxedMontyForm::new(number, &self.params))
        } else {
            Err(CryptoError::BadPeerShare)
        }
    }

    /// Computes `base` to the power of `exponent`, padded to the length of the prime. RFC 7919 section 8.6:
    /// "Any implementation of finite field Diffie-Hellman key exchange should use constant-time
    /// modular-exponentiation implementations."
    #[expect(clippy::needless_pass_by_value, reason = "a base is raised once")]
    fn power(&self, base: BoxedMontyForm, exponent: &Exponent) -> Result<SecretBytes, CryptoError> {
        let power = Zeroizing::new(base.pow_bounded_exp(exponent.number(), exponent.bits()));
        let number = Zeroizing::new(power.retrieve());
        let bytes = Zeroizing::new(number.to_be_bytes());
        // The number consists of whole limbs, so leading bytes beyond the length are zero.
        let start = bytes.len().checked_sub(self.width).ok_or(CryptoError::Failed)?;
        bytes.get(start..).map(SecretBytes::from).ok_or(CryptoError::Failed)
    }
}

/// An ephemeral key. The exponent is erased on drop. RFC 7919 section 8.8: "Implementations should wipe their
/// FFDHE secret key material from memory as soon as it is no longer needed".
struct Key {
    field: Field,
    exponent: Exponent,
    share: Vec<u8>,
}

impl EphemeralKey for Key {
    fn share(&self) -> &[u8] {
        &self.share
    }

    fn agree(self: Box<Self>, peer_share: &[u8]) -> Result<SecretBytes, CryptoError> {
        let base = self.field.element(peer_share)?;
        let secret = self.field.power(base, &self.exponent)?;
        // In an unknown group a share may generate a small subgroup (RFC 7919 section 5.1). The key is used
        // only once, which RFC 5246 section F.1.1.3 recommends against attacks with such shares, but the
        // secret 1 is known to everyone.
        if is_at_most_one(secret.expose()) { Err(CryptoError::BadPeerShare) } else { Ok(secret) }
    }
}

/// Returns `true` for 1 and for 0; 0 occurs only if the modulus is not prime. Reads all bytes, so timing does
/// not depend on the number.
fn is_at_most_one(number: &[u8]) -> bool {
    let Some((last, others)) = number.split_last() else { return true };
    others.iter().fold(last & !1, |seen, byte| seen | byte) == 0
}

#[cfg(test)]
mod tests;
