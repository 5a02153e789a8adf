//! Diffie-Hellman over X25519 (RFC 7748) and the NIST curves (RFC 8422).

use crate::curve::{self, NistCurve};
use crate::names::{DALEK, NAME};
use alloc::{boxed::Box, sync::Arc, vec, vec::Vec};
use cairn_crypto::{Algorithm, CryptoError, EphemeralKey, KeyAgreement, SecretBytes};
use cairn_wire::NamedGroup;
use core::marker::PhantomData;
use ecdsa::elliptic_curve::SecretKey;
use p256::NistP256;
use p384::NistP384;
use p521::NistP521;
use rand_core::TryCryptoRng;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

/// All curves in order of preference.
pub(crate) fn all() -> Vec<Arc<dyn KeyAgreement>> {
    vec![
        Arc::new(X25519),
        Arc::new(Ecdh::<NistP256> { group: NamedGroup::SECP256R1, curve: PhantomData }),
        Arc::new(Ecdh::<NistP384> { group: NamedGroup::SECP384R1, curve: PhantomData }),
        Arc::new(Ecdh::<NistP521> { group: NamedGroup::SECP521R1, curve: PhantomData }),
    ]
}

struct X25519;

impl Algorithm for X25519 {
    fn implementation(&self) -> &'static str {
        DALEK
    }
}

impl KeyAgreement for X25519 {
    fn group(&self) -> NamedGroup {
        NamedGroup::X25519
    }

    fn generate(
        &self,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Box<dyn EphemeralKey>, CryptoError> {
        let mut scalar = Zeroizing::new([0; 32]);
        rng.try_fill_bytes(&mut *scalar)?;
        let private = StaticSecret::from(*scalar);
        let public = PublicKey::from(&private);
        Ok(Box::new(X25519Key { private, public }))
    }
}

/// An ephemeral key. It uses `StaticSecret`, because the crate's `EphemeralSecret` requires an infallible
/// generator.
struct X25519Key {
    private: StaticSecret,
    public: PublicKey,
}

impl EphemeralKey for X25519Key {
    fn share(&self) -> &[u8] {
        self.public.as_bytes()
    }

    fn agree(self: Box<Self>, peer_share: &[u8]) -> Result<SecretBytes, CryptoError> {
        let peer: [u8; 32] = peer_share.try_into().map_err(|_| CryptoError::BadPeerShare)?;
        let secret = self.private.diffie_hellman(&PublicKey::from(peer));
        // RFC 8422 section 5.11: "With X25519 and X448, a receiving party MUST check whether the computed
        // premaster secret is the all-zero value and abort the handshake if so". A point of small order
        // yields it (RFC 7748 section 6.1).
        if secret.was_contributory() {
            Ok(SecretBytes::from(&secret.as_bytes()[..]))
        } else {
            Err(CryptoError::BadPeerShare)
        }
    }
}

/// Key agreement on a NIST curve.
struct Ecdh<C> {
    group: NamedGroup,
    curve: PhantomData<fn() -> C>,
}

impl<C> Algorithm for Ecdh<C> {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl<C: NistCurve> KeyAgreement for Ecdh<C> {
    fn group(&self) -> NamedGroup {
        self.group
    }

    fn generate(
        &self,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Box<dyn EphemeralKey>, CryptoError> {
        let private = curve::draw::<C>(rng)?;
        let share = curve::public(&private);
        Ok(Box::new(EcdhKey { private, share }))
    }
}

/// An ephemeral key. The private key is erased on drop.
struct EcdhKey<C: NistCurve> {
    private: SecretKey<C>,
    share: Vec<u8>,
}

impl<C: NistCurve> EphemeralKey for EcdhKey<C> {
    fn share(&self) -> &[u8] {
        &self.share
    }

    fn agree(self: Box<Self>, peer_share: &[u8]) -> Result<SecretBytes, CryptoError> {
        let peer = curve::point(peer_share).ok_or(CryptoError::BadPeerShare)?;
        let secret = self.private.diffie_hellman(&peer);
        Ok(SecretBytes::from(&secret.raw_secret_bytes()[..]))
    }
}

#[cfg(test)]
mod tests;
