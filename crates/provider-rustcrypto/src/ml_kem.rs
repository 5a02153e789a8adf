//! ML-KEM (FIPS 203).

use crate::names::NAME;
use crate::recording::with_infallible;
use alloc::{boxed::Box, sync::Arc, vec, vec::Vec};
use cairn_crypto::{Algorithm, CryptoError, Encapsulated, EphemeralKey, KeyAgreement, SecretBytes};
use cairn_wire::NamedGroup;
use core::marker::PhantomData;
use ml_kem::kem::{Decapsulate, Decapsulator, Encapsulate, Kem, KeyExport, KeyInit, TryKeyInit};
use ml_kem::{MlKem512, MlKem768, MlKem1024};
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

/// All parameter sets, the one for most uses first.
pub(crate) fn all() -> Vec<Arc<dyn KeyAgreement>> {
    vec![
        Arc::new(MlKem::<MlKem768> { group: NamedGroup::MLKEM768, set: PhantomData }),
        Arc::new(MlKem::<MlKem1024> { group: NamedGroup::MLKEM1024, set: PhantomData }),
        Arc::new(MlKem::<MlKem512> { group: NamedGroup::MLKEM512, set: PhantomData }),
    ]
}

/// A parameter set of the crate, with the bounds that its functions require.
trait Set:
    Kem<
        DecapsulationKey: KeyInit + Decapsulate + Decapsulator<Kem = Self> + Send + Sync,
        EncapsulationKey: TryKeyInit + KeyExport + Encapsulate<Kem = Self>,
    >
{
}

impl Set for MlKem512 {}
impl Set for MlKem768 {}
impl Set for MlKem1024 {}

struct MlKem<S> {
    group: NamedGroup,
    set: PhantomData<fn() -> S>,
}

/// The length of the seed of a key pair: d and z (FIPS 203 algorithm 19).
const SEED_LEN: usize = 64;

impl<S> Algorithm for MlKem<S> {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl<S: Set> KeyAgreement for MlKem<S> {
    fn group(&self) -> NamedGroup {
        self.group
    }

    fn generate(
        &self,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Box<dyn EphemeralKey>, CryptoError> {
        let mut seed = Zeroizing::new([0; SEED_LEN]);
        rng.try_fill_bytes(&mut *seed)?;
        let private = S::DecapsulationKey::new_from_slice(&*seed).map_err(|_| CryptoError::Failed)?;
        let share = private.encapsulation_key().to_bytes().to_vec();
        Ok(Box::new(Key::<S> { private, share }))
    }

    /// "For all groups, the server MUST perform the encapsulation key check described in Section 7.2 of
    /// [FIPS203] on the client's encapsulation key, and abort with an illegal_parameter alert if it fails"
    /// (draft-ietf-tls-ecdhe-mlkem). The crate checks length and modulus when it reads the key.
    fn encapsulate(
        &self,
        peer_share: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Encapsulated, CryptoError> {
        let key = S::EncapsulationKey::new_from_slice(peer_share).map_err(|_| CryptoError::BadPeerShare)?;
        let (ciphertext, secret) = with_infallible(rng, |rng| {
            let (ciphertext, secret) = key.encapsulate_with_rng(rng);
            (ciphertext, Zeroizing::new(secret))
        })?;
        Ok(Encapsulated { share: ciphertext.to_vec(), secret: SecretBytes::from(&secret[..]) })
    }
}

/// The decapsulation key is erased on drop.
struct Key<S: Set> {
    private: S::DecapsulationKey,
    share: Vec<u8>,
}

impl<S: Set> EphemeralKey for Key<S> {
    fn share(&self) -> &[u8] {
        &self.share
    }

    /// "For all groups, the client MUST check if the ciphertext length matches the selected group, and abort
    /// with an illegal_parameter alert if it fails" (draft-ietf-tls-ecdhe-mlkem). Nothing else can fail.
    fn agree(self: Box<Self>, peer_share: &[u8]) -> Result<SecretBytes, CryptoError> {
        let secret = self.private.decapsulate_slice(peer_share).map_err(|_| CryptoError::BadPeerShare)?;
        Ok(SecretBytes::from(&Zeroizing::new(secret)[..]))
    }
}

#[cfg(test)]
mod tests;
