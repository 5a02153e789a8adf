//! RSA signatures with SHA-224 and SHA-1, which AWS-LC does not create: this module encodes the hash and
//! signs it with the raw operation of `cairn_provider_parts`.

use alloc::vec::Vec;
#[cfg(feature = "legacy")]
use aws_lc_rs::digest;
use cairn_crypto::CryptoError;
#[cfg(feature = "legacy")]
use cairn_provider_parts::rsa::{
    RsaKey,
    pkcs1::{self, Parameters},
};
use cairn_wire::SignatureScheme;
use rand_core::TryCryptoRng;

/// An RSA key for legacy schemes, or `None` if they were not requested.
#[cfg(feature = "legacy")]
pub(super) struct LegacySigner(Option<RsaKey>);

#[cfg(feature = "legacy")]
impl LegacySigner {
    pub(super) fn load(pkcs1: &[u8], wanted: bool) -> Result<Self, CryptoError> {
        Ok(Self(if wanted { Some(RsaKey::load(pkcs1)?) } else { None }))
    }

    /// Returns `None` for schemes that AWS-LC supports.
    pub(super) fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Option<Result<Vec<u8>, CryptoError>> {
        let key = self.0.as_ref()?;
        let (hash, oid) = match scheme {
            SignatureScheme::RSA_PKCS1_SHA224 => (&digest::SHA224, pkcs1::oid::SHA224),
            SignatureScheme::RSA_PKCS1_SHA1 => (&digest::SHA1_FOR_LEGACY_USE_ONLY, pkcs1::oid::SHA1),
            _ => return None,
        };
        let hash = digest::digest(hash, message);
        let encoded = pkcs1::encode(oid, Parameters::Null, hash.as_ref(), key.len());
        // A signature is public.
        let sign = |encoded: Vec<u8>| key.sign(&encoded, rng).map(|signature| signature.expose().to_vec());
        Some(encoded.ok_or(CryptoError::Failed).and_then(sign))
    }
}

/// Without the feature `legacy` there are no legacy signatures.
#[cfg(not(feature = "legacy"))]
pub(super) struct LegacySigner;

#[cfg(not(feature = "legacy"))]
impl LegacySigner {
    #[expect(clippy::unnecessary_wraps, reason = "it can fail with the feature")]
    pub(super) const fn load(_: &[u8], _: bool) -> Result<Self, CryptoError> {
        Ok(Self)
    }

    pub(super) fn sign(
        &self,
        _: SignatureScheme,
        _: &[u8],
        _: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Option<Result<Vec<u8>, CryptoError>> {
        None
    }
}
