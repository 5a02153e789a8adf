//! Diffie-Hellman over X25519 (RFC 7748) and the NIST curves (RFC 8422).

use crate::name::NAME;
use alloc::boxed::Box;
use aws_lc_rs::agreement;
use cairn_crypto::{Algorithm, CryptoError, EphemeralKey, KeyAgreement, SecretBytes};
use cairn_wire::NamedGroup;
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

/// AWS-LC key agreement in one group.
pub(crate) struct Ecdh {
    group: NamedGroup,
    curve: &'static Curve,
}

pub(crate) const X25519: Ecdh = Ecdh {
    group: NamedGroup::X25519,
    curve: &Curve {
        inner: &agreement::X25519,
        scalar_len: 32,
        top_mask: 0xff,
        share: Share::Bare { len: 32 },
    },
};
pub(crate) const P256: Ecdh = Ecdh { group: NamedGroup::SECP256R1, curve: &Curve::P256 };
pub(crate) const P384: Ecdh = Ecdh { group: NamedGroup::SECP384R1, curve: &Curve::P384 };
pub(crate) const P521: Ecdh = Ecdh { group: NamedGroup::SECP521R1, curve: &Curve::P521 };

/// The parameters of a curve.
pub(crate) struct Curve {
    inner: &'static agreement::Algorithm,
    scalar_len: usize,
    /// The bits of the first byte that may be set in a scalar.
    top_mask: u8,
    share: Share,
}

enum Share {
    /// The u-coordinate.
    Bare { len: usize },
    /// An uncompressed point: 4, x, y.
    Uncompressed { len: usize },
}

/// The length of the longest scalar, that of P-521.
const MAX_SCALAR: usize = 66;

/// The maximum number of draws of a scalar; if they all fail, the generator is broken. On each curve a draw
/// fails with probability below 2^-31.
const DRAWS: usize = 16;

impl Curve {
    pub(crate) const P256: Self = Self {
        inner: &agreement::ECDH_P256,
        scalar_len: 32,
        top_mask: 0xff,
        share: Share::Uncompressed { len: 65 },
    };
    pub(crate) const P384: Self = Self {
        inner: &agreement::ECDH_P384,
        scalar_len: 48,
        top_mask: 0xff,
        share: Share::Uncompressed { len: 97 },
    };
    pub(crate) const P521: Self = Self {
        inner: &agreement::ECDH_P521,
        scalar_len: 66,
        top_mask: 0x01,
        share: Share::Uncompressed { len: 133 },
    };

    /// Draws a private key by testing candidates (FIPS 186-5 appendix A.2.2). The key depends on the bytes
    /// from `rng` only.
    pub(crate) fn draw(
        &self,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<agreement::PrivateKey, CryptoError> {
        let mut place = Zeroizing::new([0; MAX_SCALAR]);
        let scalar = place.get_mut(..self.scalar_len).ok_or(CryptoError::Failed)?;
        for _ in 0..DRAWS {
            rng.try_fill_bytes(scalar)?;
            if let Some(first) = scalar.first_mut() {
                *first &= self.top_mask;
            }
            if let Ok(key) = agreement::PrivateKey::from_private_key(self.inner, scalar) {
                return Ok(key);
            }
        }
        Err(CryptoError::RandomFailed)
    }

    /// Returns `true` if `share` has the encoding that TLS requires. RFC 8422 section 5.1.2: implementations
    /// "MUST support the uncompressed format for all of their supported curves and MUST NOT support other
    /// formats". RFC 8422 section 5.4.1: "This specification supports only the uncompressed format for these
    /// curves." AWS-LC would also accept compressed and hybrid points and `SubjectPublicKeyInfo`.
    fn allows(&self, share: &[u8]) -> bool {
        match self.share {
            Share::Bare { len } => share.len() == len,
            Share::Uncompressed { len } => share.len() == len && share.first() == Some(&4),
        }
    }
}

impl Algorithm for Ecdh {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl KeyAgreement for Ecdh {
    fn group(&self) -> NamedGroup {
        self.group
    }

    fn generate(
        &self,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Box<dyn EphemeralKey>, CryptoError> {
        let private = self.curve.draw(rng)?;
        let public = private.compute_public_key().map_err(|_| CryptoError::Failed)?;
        Ok(Box::new(Key { curve: self.curve, private, public }))
    }
}

struct Key {
    curve: &'static Curve,
    private: agreement::PrivateKey,
    public: agreement::PublicKey,
}

impl EphemeralKey for Key {
    fn share(&self) -> &[u8] {
        self.public.as_ref()
    }

    fn agree(self: Box<Self>, peer_share: &[u8]) -> Result<SecretBytes, CryptoError> {
        if !self.curve.allows(peer_share) {
            return Err(CryptoError::BadPeerShare);
        }
        // AWS-LC performs both checks of RFC 8422 section 5.11 and fails otherwise: "A receiving party MUST
        // check that the x and y parameters from the peer's public value satisfy the curve equation", and
        // "With X25519 and X448, a receiving party MUST check whether the computed premaster secret is the
        // all-zero value and abort the handshake if so".
        let peer = agreement::UnparsedPublicKey::new(self.curve.inner, peer_share);
        //
        // The secret is the x-coordinate, whose "leading zeros [...] MUST NOT be truncated", or the output of
        // X25519, which "is used directly as the premaster secret" (RFC 8422 section 5.10). The key is used
        // only once, so that shares of small order reveal nothing (RFC 5246 section F.1.1.3).
        agreement::agree(&self.private, peer, CryptoError::BadPeerShare, |secret| {
            Ok(SecretBytes::from(secret))
        })
    }
}

#[cfg(test)]
mod tests;
