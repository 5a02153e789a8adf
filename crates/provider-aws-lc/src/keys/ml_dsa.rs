//! ML-DSA keys (FIPS 204, RFC 9881).

use alloc::{sync::Arc, vec, vec::Vec};
use aws_lc_rs::signature::{
    KeyPair, ML_DSA_44_SIGNING, ML_DSA_65_SIGNING, ML_DSA_87_SIGNING, PqdsaKeyPair, PqdsaSigningAlgorithm,
};
use cairn_crypto::{CryptoError, PublicKey, SecretBytes, SigningKey};
use cairn_provider_parts::encoding::ml_dsa::{MlDsa, SEED_LEN};
use cairn_wire::SignatureScheme;
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

struct MlDsaKey {
    public: PublicKey,
    scheme: [SignatureScheme; 1],
    pair: PqdsaKeyPair,
}

const fn algorithm(set: MlDsa) -> &'static PqdsaSigningAlgorithm {
    match set {
        MlDsa::Set44 => &ML_DSA_44_SIGNING,
        MlDsa::Set65 => &ML_DSA_65_SIGNING,
        MlDsa::Set87 => &ML_DSA_87_SIGNING,
    }
}

/// Loads PKCS #8 with the seed, the expanded key or both, which must then agree (RFC 9881 section 6).
pub(super) fn load(set: MlDsa, pkcs8: &[u8]) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let pair = PqdsaKeyPair::from_pkcs8(algorithm(set), pkcs8).map_err(|_| CryptoError::BadPrivateKey)?;
    let public = PublicKey { kind: set.kind(), bits: pair.public_key().as_ref().to_vec() };
    let scheme = set.kind().only_scheme().ok_or(CryptoError::Failed)?;
    Ok(Arc::new(MlDsaKey { public, scheme: [scheme], pair }))
}

pub(super) fn generate(
    set: MlDsa,
    rng: &mut dyn TryCryptoRng<Error = CryptoError>,
) -> Result<SecretBytes, CryptoError> {
    let mut seed = Zeroizing::new([0; SEED_LEN]);
    rng.try_fill_bytes(&mut *seed)?;
    Ok(set.pkcs8(&seed))
}

impl SigningKey for MlDsaKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &self.scheme
    }

    /// The context is empty, as draft-ietf-tls-mldsa requires. AWS-LC draws the randomness of the signature
    /// from its own generator (FIPS 204 section 3.4, the hedged variant).
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError> {
        if self.scheme != [scheme] {
            return Err(CryptoError::Unsupported);
        }
        let mut signature = vec![0; self.pair.algorithm().signature_len()];
        let length = self.pair.sign(message, &mut signature).map_err(|_| CryptoError::Failed)?;
        signature.truncate(length);
        Ok(signature)
    }
}
