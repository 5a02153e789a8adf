//! Private keys: loading, generation, signatures.

mod ec;
mod ed25519;
mod ml_dsa;
mod rsa;

use crate::names::NAME;
use alloc::sync::Arc;
use cairn_crypto::{Algorithm, CryptoError, KeySpec, KeyStore, PrivateKeyDer, SecretBytes, SigningKey};
use cairn_provider_parts::encoding::{self, Curve, KeyAlgorithm, Pkcs8, ml_dsa::MlDsa};
use p256::NistP256;
use p384::NistP384;
use p521::NistP521;
use rand_core::TryCryptoRng;

/// The key store for keys in memory.
pub(crate) struct Keys {
    /// Whether keys support SHA-224 and SHA-1, as the last of their schemes.
    pub(crate) legacy: bool,
}

impl Algorithm for Keys {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl Keys {
    fn load_ec(&self, curve: Curve, key: PrivateKeyDer<'_>) -> Result<Arc<dyn SigningKey>, CryptoError> {
        match curve {
            Curve::P256 => ec::load::<NistP256>(key, self.legacy),
            Curve::P384 => ec::load::<NistP384>(key, self.legacy),
            Curve::P521 => ec::load::<NistP521>(key, self.legacy),
        }
    }
}

impl KeyStore for Keys {
    fn load(&self, key: PrivateKeyDer<'_>) -> Result<Arc<dyn SigningKey>, CryptoError> {
        match key {
            PrivateKeyDer::Pkcs8(der) => {
                let info = Pkcs8::parse(der).map_err(|_| CryptoError::BadPrivateKey)?;
                match info.algorithm {
                    KeyAlgorithm::Rsa => rsa::load(info.private_key, self.legacy),
                    KeyAlgorithm::RsaPss(hashes) => rsa::load_pss(info.private_key, hashes),
                    KeyAlgorithm::Ec(curve) => self.load_ec(curve, key),
                    KeyAlgorithm::Ed25519 => ed25519::load(der),
                    KeyAlgorithm::MlDsa(set) => ml_dsa::load(set, info.private_key),
                }
            }
            PrivateKeyDer::Pkcs1(der) => rsa::load(der, self.legacy),
            PrivateKeyDer::Sec1(der) => {
                let curve = encoding::sec1_curve(der).map_err(|_| CryptoError::BadPrivateKey)?;
                self.load_ec(curve, key)
            }
            _ => Err(CryptoError::BadPrivateKey),
        }
    }

    #[cfg(feature = "legacy")]
    fn load_decrypting(
        &self,
        key: PrivateKeyDer<'_>,
    ) -> Result<Arc<dyn cairn_crypto::DecryptingKey>, CryptoError> {
        cairn_provider_parts::rsa::load_decrypting(key)
    }

    fn generate(
        &self,
        spec: KeySpec,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<SecretBytes, CryptoError> {
        match spec {
            KeySpec::Rsa { bits } => rsa::generate(bits, rng),
            KeySpec::EcP256 => ec::generate::<NistP256>(rng),
            KeySpec::EcP384 => ec::generate::<NistP384>(rng),
            KeySpec::EcP521 => ec::generate::<NistP521>(rng),
            KeySpec::Ed25519 => ed25519::generate(rng),
            KeySpec::MlDsa44 => ml_dsa::generate(MlDsa::Set44, rng),
            KeySpec::MlDsa65 => ml_dsa::generate(MlDsa::Set65, rng),
            KeySpec::MlDsa87 => ml_dsa::generate(MlDsa::Set87, rng),
            _ => Err(CryptoError::Unsupported),
        }
    }
}

#[cfg(test)]
mod tests;
