//! ECDSA keys.

use crate::curve::{self, NistCurve};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{CryptoError, PrivateKeyDer, PublicKey, SecretBytes, SigningKey};
use cairn_provider_parts::encoding::Curve;
use cairn_wire::SignatureScheme;
use ecdsa::elliptic_curve::SecretKey;
use ecdsa::elliptic_curve::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use ecdsa::signature::hazmat::RandomizedPrehashSigner;
use rand_core::TryCryptoRng;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

/// An ECDSA key. It is erased on drop.
struct EcKey<C: NistCurve> {
    public: PublicKey,
    schemes: Vec<SignatureScheme>,
    key: ecdsa::SigningKey<C>,
}

/// The signature schemes of a curve, starting with the hash of the curve's strength.
fn schemes(curve: Curve) -> [SignatureScheme; 3] {
    use SignatureScheme as S;
    match curve {
        Curve::P256 => [S::ECDSA_SECP256R1_SHA256, S::ECDSA_SECP384R1_SHA384, S::ECDSA_SECP521R1_SHA512],
        Curve::P384 => [S::ECDSA_SECP384R1_SHA384, S::ECDSA_SECP521R1_SHA512, S::ECDSA_SECP256R1_SHA256],
        Curve::P521 => [S::ECDSA_SECP521R1_SHA512, S::ECDSA_SECP384R1_SHA384, S::ECDSA_SECP256R1_SHA256],
    }
}

/// Loads PKCS #8 or SEC 1. If the public key is included, it must match the private key.
pub(super) fn load<C: NistCurve>(
    key: PrivateKeyDer<'_>,
    legacy: bool,
) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let key: SecretKey<C> = match key {
        PrivateKeyDer::Pkcs8(der) => {
            SecretKey::from_pkcs8_der(der).map_err(|_| CryptoError::BadPrivateKey)?
        }
        PrivateKeyDer::Sec1(der) => SecretKey::from_sec1_der(der).map_err(|_| CryptoError::BadPrivateKey)?,
        _ => return Err(CryptoError::BadPrivateKey),
    };
    let public = PublicKey { kind: C::CURVE.kind(), bits: curve::public(&key) };
    let mut schemes = schemes(C::CURVE).to_vec();
    if legacy {
        schemes.extend([SignatureScheme::ECDSA_SHA224, SignatureScheme::ECDSA_SHA1]);
    }
    Ok(Arc::new(EcKey { public, schemes, key: key.into() }))
}

pub(super) fn generate<C: NistCurve>(
    rng: &mut dyn TryCryptoRng<Error = CryptoError>,
) -> Result<SecretBytes, CryptoError> {
    let der = curve::draw::<C>(rng)?.to_pkcs8_der().map_err(|_| CryptoError::Failed)?;
    Ok(SecretBytes::from(der.as_bytes()))
}

impl<C: NistCurve> EcKey<C> {
    /// Signs a hash. The nonce is derived from key and hash (RFC 6979) and from fresh randomness (RFC 6979
    /// section 3.6). Neither a repeating generator nor two faults at the same place reveal the key.
    fn sign_hash(
        &self,
        hash: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError> {
        // Only the generator can fail.
        let signature: ecdsa::Signature<C> =
            self.key.sign_prehash_with_rng(rng, hash).map_err(|_| CryptoError::RandomFailed)?;
        Ok(signature.to_der().as_bytes().to_vec())
    }
}

impl<C: NistCurve> SigningKey for EcKey<C> {
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
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError> {
        if !self.schemes.contains(&scheme) {
            return Err(CryptoError::Unsupported);
        }
        match scheme {
            SignatureScheme::ECDSA_SECP256R1_SHA256 => self.sign_hash(&Sha256::digest(message), rng),
            SignatureScheme::ECDSA_SECP384R1_SHA384 => self.sign_hash(&Sha384::digest(message), rng),
            SignatureScheme::ECDSA_SECP521R1_SHA512 => self.sign_hash(&Sha512::digest(message), rng),
            SignatureScheme::ECDSA_SHA224 => self.sign_hash(&Sha224::digest(message), rng),
            SignatureScheme::ECDSA_SHA1 => self.sign_hash(&Sha1::digest(message), rng),
            _ => Err(CryptoError::Unsupported),
        }
    }
}
