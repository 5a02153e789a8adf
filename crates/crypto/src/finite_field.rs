//! Diffie-Hellman over finite fields, with whatever group the server names.

use crate::{Algorithm, CryptoError, Encapsulated, EphemeralKey};
use alloc::boxed::Box;
use core::fmt;
use rand_core::TryCryptoRng;

/// A finite-field group, as ServerDHParams has it (RFC 5246 section 7.4.3): big-endian, leading zeros of no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiniteFieldGroup<'a> {
    /// The prime modulus.
    pub p: &'a [u8],
    /// The generator.
    pub g: &'a [u8],
}

/// Diffie-Hellman over finite fields, in the shape of [`crate::KeyAgreement`]; the group is an argument, because in TLS
/// 1.2 the server makes it up (RFC 5246 section 7.4.3) or takes one of RFC 7919.
///
/// Shares and secrets are as wide as the prime. The secret keeps its leading zeros; TLS 1.2 strips them (RFC 5246
/// section 8.1.2), and that is the key schedule's to do.
pub trait FiniteField: Algorithm {
    /// Makes an ephemeral key in this group.
    ///
    /// # Errors
    /// [`CryptoError::BadPeerShare`] when the group cannot be used: an even prime, or a generator outside 2 to p - 2;
    /// [`CryptoError::WrongLength`] when the prime is longer than the implementation takes (8192 bits at least);
    /// [`CryptoError::RandomFailed`]; [`CryptoError::Failed`].
    fn generate(
        &self,
        group: FiniteFieldGroup<'_>,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Box<dyn EphemeralKey>, CryptoError>;

    /// Answers a peer's share: an ephemeral key of our own, agreed at once.
    ///
    /// # Errors
    /// [`CryptoError::BadPeerShare`] when the share is outside 2 to p - 2 (RFC 7919 section 5.1) or the secret is 1;
    /// else as [`FiniteField::generate`].
    fn encapsulate(
        &self,
        group: FiniteFieldGroup<'_>,
        peer_share: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Encapsulated, CryptoError> {
        let key = self.generate(group, rng)?;
        let share = key.share().to_vec();
        Ok(Encapsulated { share, secret: key.agree(peer_share)? })
    }
}

impl fmt::Debug for dyn FiniteField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FiniteField by {}", self.implementation())
    }
}
