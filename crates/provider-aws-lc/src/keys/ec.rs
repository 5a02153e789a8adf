//! ECDSA keys.

use crate::agreement;
use alloc::{sync::Arc, vec::Vec};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair};
use cairn_crypto::{CryptoError, PublicKey, SecretBytes, SigningKey};
use cairn_provider_parts::encoding::Curve;
use cairn_wire::SignatureScheme;
use rand_core::TryCryptoRng;

type Scheme = (SignatureScheme, &'static EcdsaSigningAlgorithm);

/// The signature schemes that AWS-LC supports for signing on a curve, starting with the hash of the curve's
/// strength. AWS-LC supports more combinations for verification, such as P-256 with SHA-384.
fn schemes_of(curve: Curve) -> &'static [Scheme] {
    match curve {
        Curve::P256 => {
            const { &[(SignatureScheme::ECDSA_SECP256R1_SHA256, &signature::ECDSA_P256_SHA256_ASN1_SIGNING)] }
        }
        Curve::P384 => {
            const { &[(SignatureScheme::ECDSA_SECP384R1_SHA384, &signature::ECDSA_P384_SHA384_ASN1_SIGNING)] }
        }
        Curve::P521 => {
            const {
                &[
                    (SignatureScheme::ECDSA_SECP521R1_SHA512, &signature::ECDSA_P521_SHA512_ASN1_SIGNING),
                    (SignatureScheme::ECDSA_SECP384R1_SHA384, &signature::ECDSA_P521_SHA384_ASN1_SIGNING),
                    (SignatureScheme::ECDSA_SECP256R1_SHA256, &signature::ECDSA_P521_SHA256_ASN1_SIGNING),
                ]
            }
        }
    }
}

struct EcKey {
    public: PublicKey,
    schemes: Vec<SignatureScheme>,
    /// One key pair for each scheme, because AWS-LC binds a key pair to a hash function.
    pairs: Vec<EcdsaKeyPair>,
}

/// Loads PKCS #8 or SEC 1, which AWS-LC distinguishes. If the public key is included, AWS-LC checks that it
/// matches the private key.
pub(super) fn load(curve: Curve, der: &[u8]) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let mut schemes = Vec::new();
    let mut pairs = Vec::new();
    for (scheme, algorithm) in schemes_of(curve) {
        let pair =
            EcdsaKeyPair::from_private_key_der(algorithm, der).map_err(|_| CryptoError::BadPrivateKey)?;
        schemes.push(*scheme);
        pairs.push(pair);
    }
    let bits = match pairs.first() {
        Some(pair) => pair.public_key().as_ref().to_vec(),
        None => return Err(CryptoError::Unsupported),
    };
    Ok(Arc::new(EcKey { public: PublicKey { kind: curve.kind(), bits }, schemes, pairs }))
}

pub(super) fn generate(
    curve: Curve,
    rng: &mut dyn TryCryptoRng<Error = CryptoError>,
) -> Result<SecretBytes, CryptoError> {
    let curve = match curve {
        Curve::P256 => &agreement::Curve::P256,
        Curve::P384 => &agreement::Curve::P384,
        Curve::P521 => &agreement::Curve::P521,
    };
    let key = curve.draw(rng)?;
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&key).map_err(|_| CryptoError::Failed)?;
    Ok(SecretBytes::from(der.as_ref()))
}

impl SigningKey for EcKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &self.schemes
    }

    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError> {
        let place = self.schemes.iter().position(|own| *own == scheme).ok_or(CryptoError::Unsupported)?;
        let pair = self.pairs.get(place).ok_or(CryptoError::Unsupported)?;
        let signature = pair.sign(&SystemRandom::new(), message).map_err(|_| CryptoError::Failed)?;
        Ok(signature.as_ref().to_vec())
    }
}
