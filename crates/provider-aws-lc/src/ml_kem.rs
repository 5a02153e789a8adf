//! ML-KEM (FIPS 203).

use crate::name::NAME;
use alloc::{boxed::Box, vec::Vec};
use aws_lc_rs::kem::{self, Ciphertext, DecapsulationKey, EncapsulationKey};
use cairn_crypto::{Algorithm, CryptoError, Encapsulated, EphemeralKey, KeyAgreement, SecretBytes};
use cairn_wire::NamedGroup;
use rand_core::TryCryptoRng;

/// AWS-LC's ML-KEM with one parameter set.
///
/// AWS-LC draws the randomness of keys and ciphertexts from its own generator; `aws-lc-rs` does not accept
/// any other.
pub(crate) struct MlKem {
    group: NamedGroup,
    inner: &'static kem::Algorithm,
    /// The lengths of encapsulation key and ciphertext in bytes (FIPS 203 table 3).
    key_len: usize,
    ciphertext_len: usize,
}

pub(crate) const MLKEM512: MlKem =
    MlKem { group: NamedGroup::MLKEM512, inner: &kem::ML_KEM_512, key_len: 800, ciphertext_len: 768 };
pub(crate) const MLKEM768: MlKem =
    MlKem { group: NamedGroup::MLKEM768, inner: &kem::ML_KEM_768, key_len: 1184, ciphertext_len: 1088 };
pub(crate) const MLKEM1024: MlKem =
    MlKem { group: NamedGroup::MLKEM1024, inner: &kem::ML_KEM_1024, key_len: 1568, ciphertext_len: 1568 };

/// The prime q of FIPS 203.
const Q: u16 = 3329;

/// The length of the seed at the end of an encapsulation key, which can have any value.
const SEED_LEN: usize = 32;

/// The modulus check of FIPS 203 section 7.2: every coefficient, in 12 bits, is below q. The type check, that
/// of the length, comes before.
///
/// AWS-LC performs it too, but does not distinguish it from its own failures. The key is public.
fn is_reduced(key: &[u8]) -> bool {
    let Some(encoded) = key.len().checked_sub(SEED_LEN).and_then(|end| key.get(..end)) else { return false };
    let (pairs, rest) = encoded.as_chunks::<3>();
    rest.is_empty()
        && pairs.iter().all(|&[low, middle, high]| {
            let [low, middle, high] = [low, middle, high].map(u16::from);
            (low | (middle & 0x0f) << 8) < Q && (middle >> 4 | high << 4) < Q
        })
}

impl Algorithm for MlKem {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl KeyAgreement for MlKem {
    fn group(&self) -> NamedGroup {
        self.group
    }

    fn generate(
        &self,
        _: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Box<dyn EphemeralKey>, CryptoError> {
        let private = DecapsulationKey::generate(self.inner).map_err(|_| CryptoError::Failed)?;
        let public = private.encapsulation_key().and_then(|key| key.key_bytes());
        let share = public.map_err(|_| CryptoError::Failed)?.as_ref().to_vec();
        Ok(Box::new(Key { private, share, ciphertext_len: self.ciphertext_len }))
    }

    /// "For all groups, the server MUST perform the encapsulation key check described in Section 7.2 of
    /// [FIPS203] on the client's encapsulation key, and abort with an illegal_parameter alert if it fails"
    /// (draft-ietf-tls-ecdhe-mlkem).
    fn encapsulate(
        &self,
        peer_share: &[u8],
        _: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Encapsulated, CryptoError> {
        if peer_share.len() != self.key_len || !is_reduced(peer_share) {
            return Err(CryptoError::BadPeerShare);
        }
        let key = EncapsulationKey::new(self.inner, peer_share).map_err(|_| CryptoError::Failed)?;
        let (ciphertext, secret) = key.encapsulate().map_err(|_| CryptoError::Failed)?;
        Ok(Encapsulated { share: ciphertext.as_ref().to_vec(), secret: SecretBytes::from(secret.as_ref()) })
    }
}

/// AWS-LC erases the decapsulation key on drop.
struct Key {
    private: DecapsulationKey,
    share: Vec<u8>,
    ciphertext_len: usize,
}

impl EphemeralKey for Key {
    fn share(&self) -> &[u8] {
        &self.share
    }

    /// "For all groups, the client MUST check if the ciphertext length matches the selected group, and abort
    /// with an illegal_parameter alert if it fails. If ML-KEM decapsulation fails for any other reason, the
    /// connection MUST be aborted with an internal_error alert" (draft-ietf-tls-ecdhe-mlkem).
    fn agree(self: Box<Self>, peer_share: &[u8]) -> Result<SecretBytes, CryptoError> {
        if peer_share.len() != self.ciphertext_len {
            return Err(CryptoError::BadPeerShare);
        }
        let secret = self.private.decapsulate(Ciphertext::from(peer_share));
        Ok(SecretBytes::from(secret.map_err(|_| CryptoError::Failed)?.as_ref()))
    }
}

#[cfg(test)]
mod tests;
