//! Diffie-Hellman over finite fields (RFC 5246 section 8.1.2, RFC 7919), with the modular arithmetic of
//! `crypto-bigint`.
//!
//! The exponentiation takes fixed windows and reads its whole table for each, so its time and its memory accesses
//! depend on the lengths of prime and exponent alone, which are public.
//!
//! # What is checked of a group, and what is not
//!
//! The prime must be odd and have 1024 to 8192 bits, the generator must be in 2 to p - 2; lengths are looked at before
//! anything is computed. Whether the prime is one is not checked: the test would take longer than the handshake, and a
//! server that wants to give its secret away need not break Diffie-Hellman for it. A peer's share must be in 2 to
//! p - 2 and must not lead to the secret 1. In the groups of RFC 7919 and RFC 3526 that leaves no small subgroup.

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

/// The shortest prime in bits: what is below can be broken with modest means (RFC 7457 section 2.12).
const MIN_BITS: u32 = 1024;
/// The longest prime in bytes, that of ffdhe8192. It bounds the work that a peer can ask for.
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

/// A number without its leading zeros.
fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// The field that a prime makes.
struct Field {
    params: BoxedMontyParams,
    /// Length of the prime in bytes, and so of shares and secrets.
    width: usize,
    /// Length of the prime in bits.
    bits: u32,
}

impl Field {
    /// From a prime without leading zeros.
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

    /// A public number from 2 to p - 2 (RFC 7919 section 5.1).
    fn element(&self, number: &[u8]) -> Result<BoxedMontyForm, CryptoError> {
        let number = significant(number);
        if number.len() > self.width {
            return Err(CryptoError::BadPeerShare);
        }
        let number = BoxedUint::from_be_slice(number, self.params.bits_precision())
            .map_err(|_| CryptoError::BadPeerShare)?;
        let one = BoxedUint::one();
        // The prime is odd, so taking one from it borrows nothing.
        let last = self.params.modulus().wrapping_sub(&one);
        if number.cmp_vartime(&one).is_gt() && number.cmp_vartime(&last).is_lt() {
            Ok(BoxedMontyForm::new(number, &self.params))
        } else {
            Err(CryptoError::BadPeerShare)
        }
    }

    /// `base` to the power of `exponent`, as wide as the prime.
    #[expect(clippy::needless_pass_by_value, reason = "a base is raised once")]
    fn power(&self, base: BoxedMontyForm, exponent: &Exponent) -> Result<SecretBytes, CryptoError> {
        let power = Zeroizing::new(base.pow_bounded_exp(exponent.number(), exponent.bits()));
        let number = Zeroizing::new(power.retrieve());
        let bytes = Zeroizing::new(number.to_be_bytes());
        // Limbs are whole; what stands before the width is zero.
        let start = bytes.len().checked_sub(self.width).ok_or(CryptoError::Failed)?;
        bytes.get(start..).map(SecretBytes::from).ok_or(CryptoError::Failed)
    }
}

/// An ephemeral key. The exponent erases itself.
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
        if is_at_most_one(secret.expose()) { Err(CryptoError::BadPeerShare) } else { Ok(secret) }
    }
}

/// Whether a number is 1 or, which needs a modulus that is no prime, 0. It looks at all bytes whatever they are.
fn is_at_most_one(number: &[u8]) -> bool {
    let Some((last, others)) = number.split_last() else { return true };
    others.iter().fold(last & !1, |seen, byte| seen | byte) == 0
}

#[cfg(test)]
mod tests;
