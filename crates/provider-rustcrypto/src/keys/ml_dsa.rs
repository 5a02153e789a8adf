//! ML-DSA keys (FIPS 204, RFC 9881).

use crate::recording::with_infallible;
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_crypto::{CryptoError, PublicKey, SecretBytes, SigningKey, ct_eq};
use cairn_provider_parts::encoding::ml_dsa::{MlDsa, MlDsaPrivateKey, SEED_LEN};
use cairn_wire::SignatureScheme;
use ml_dsa::{ExpandedSigningKey, MlDsa44, MlDsa65, MlDsa87, MlDsaParams};
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

/// An ML-DSA key. It is erased on drop.
struct MlDsaKey<P: MlDsaParams> {
    public: PublicKey,
    scheme: [SignatureScheme; 1],
    key: Box<ExpandedSigningKey<P>>,
}

/// Loads the `privateKey` field of PKCS #8: the seed, or the seed with the expanded key, which must then
/// agree (RFC 9881 section 6).
///
/// An expanded key alone is refused: the crate does not validate it, and a malformed one may cause a panic.
pub(super) fn load(set: MlDsa, private_key: &[u8]) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let key = MlDsaPrivateKey::parse(set, private_key).map_err(|_| CryptoError::BadPrivateKey)?;
    match set {
        MlDsa::Set44 => load_with::<MlDsa44>(set, &key),
        MlDsa::Set65 => load_with::<MlDsa65>(set, &key),
        MlDsa::Set87 => load_with::<MlDsa87>(set, &key),
    }
}

fn load_with<P: MlDsaParams + 'static>(
    set: MlDsa,
    private_key: &MlDsaPrivateKey<'_>,
) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let (seed, expanded) = match *private_key {
        MlDsaPrivateKey::Seed(seed) => (seed, None),
        MlDsaPrivateKey::Both { seed, expanded } => (seed, Some(expanded)),
        MlDsaPrivateKey::Expanded(_) => return Err(CryptoError::BadPrivateKey),
    };
    let key = Box::new(ExpandedSigningKey::<P>::from_seed(seed.into()));
    if let Some(expanded) = expanded {
        #[expect(deprecated, reason = "the encoding is only compared with")]
        let from_seed = Zeroizing::new(key.to_expanded());
        if !ct_eq(&from_seed, expanded) {
            return Err(CryptoError::BadPrivateKey);
        }
    }
    let public = PublicKey { kind: set.kind(), bits: key.verifying_key().encode().to_vec() };
    let scheme = set.kind().only_scheme().ok_or(CryptoError::Failed)?;
    Ok(Arc::new(MlDsaKey { public, scheme: [scheme], key }))
}

pub(super) fn generate(
    set: MlDsa,
    rng: &mut dyn TryCryptoRng<Error = CryptoError>,
) -> Result<SecretBytes, CryptoError> {
    let mut seed = Zeroizing::new([0; SEED_LEN]);
    rng.try_fill_bytes(&mut *seed)?;
    Ok(set.pkcs8(&seed))
}

impl<P: MlDsaParams> SigningKey for MlDsaKey<P>
where
    ExpandedSigningKey<P>: Send + Sync,
{
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &self.scheme
    }

    /// The context is empty, as draft-ietf-tls-mldsa requires. The signature is hedged (FIPS 204 section
    /// 3.4): it depends on fresh randomness and on the key, so a weak generator does not reveal the key.
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError> {
        if self.scheme != [scheme] {
            return Err(CryptoError::Unsupported);
        }
        let signature = with_infallible(rng, |rng| self.key.sign_randomized(message, &[], rng))?;
        Ok(signature.map_err(|_| CryptoError::Failed)?.encode().to_vec())
    }
}
