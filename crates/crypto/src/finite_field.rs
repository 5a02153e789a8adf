//! Diffie-Hellman over finite fields, in the group that the server specifies.

use crate::agreement::{Encapsulated, EphemeralKey};
use crate::algorithm::Algorithm;
use crate::error::CryptoError;
use alloc::boxed::Box;
use core::fmt;
use rand_core::TryCryptoRng;

/// A finite field group as in ServerDHParams (RFC 5246 section 7.4.3). The numbers are big-endian; leading
/// zeros are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiniteFieldGroup<'a> {
    /// The prime modulus.
    pub p: &'a [u8],
    /// The generator.
    pub g: &'a [u8],
}

/// Diffie-Hellman over finite fields. The interface is that of [`crate::KeyAgreement`], with the group as an
/// argument, because in TLS 1.2 the server may choose any group (RFC 5246 section 7.4.3) or one of RFC 7919.
///
/// Shares and secrets are as long as the prime, including leading zeros. The caller strips the zeros of the
/// secret where TLS 1.2 requires it (RFC 5246 section 8.1.2).
pub trait FiniteField: Algorithm {
    /// Generates an ephemeral key in this group.
    ///
    /// # Errors
    /// [`CryptoError::BadPeerShare`] if the group is invalid: an even modulus, or a generator outside 2 to
    /// p - 2; [`CryptoError::WrongLength`] if the prime exceeds the limit of the implementation, which is at
    /// least 8192 bits; [`CryptoError::RandomFailed`]; [`CryptoError::Failed`].
    fn generate(
        &self,
        group: FiniteFieldGroup<'_>,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Box<dyn EphemeralKey>, CryptoError>;

    /// Computes our share and the shared secret from the peer's share.
    ///
    /// # Errors
    /// [`CryptoError::BadPeerShare`] if the share is outside 2 to p - 2 (RFC 7919 section 5.1) or the secret
    /// is 1, and the errors of [`FiniteField::generate`].
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
