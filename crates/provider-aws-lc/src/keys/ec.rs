//! ECDSA keys.

use crate::{agreement, fitted::fitted_hash};
use alloc::{sync::Arc, vec::Vec};
use aws_lc_rs::digest;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair};
use cairn_crypto::{CryptoError, PublicKey, SecretBytes, SigningKey};
use cairn_provider_parts::encoding::Curve;
use cairn_wire::SignatureScheme;
use rand_core::TryCryptoRng;

/// AWS-LC's signature algorithm for a curve, and the hash that AWS-LC binds to it: the longest hash that is
/// no longer than the order.
///
/// RFC 8422 section 5.10: "All ECDSA computations MUST be performed according to ANSI X9.62 or its
/// successors." Signatures are "the DER encoding" of `Ecdsa-Sig-Value` (RFC 8422 section 5.4), as for DSA in
/// RFC 5246 section 4.7.
fn native_algorithm(curve: Curve) -> (&'static EcdsaSigningAlgorithm, &'static digest::Algorithm) {
    match curve {
        Curve::P256 => (&signature::ECDSA_P256_SHA256_ASN1_SIGNING, &digest::SHA256),
        Curve::P384 => (&signature::ECDSA_P384_SHA384_ASN1_SIGNING, &digest::SHA384),
        Curve::P521 => (&signature::ECDSA_P521_SHA512_ASN1_SIGNING, &digest::SHA512),
    }
}

/// The signature schemes of a curve, starting with the hash of the curve's strength. The last two are legacy
/// schemes; the others use "A secure hash function such as SHA-256, SHA-384, or SHA-512" (RFC 8422 section
/// 5.10).
fn schemes(curve: Curve) -> [SignatureScheme; 5] {
    use SignatureScheme as S;
    let [first, second, third] = match curve {
        Curve::P256 => [S::ECDSA_SECP256R1_SHA256, S::ECDSA_SECP384R1_SHA384, S::ECDSA_SECP521R1_SHA512],
        Curve::P384 => [S::ECDSA_SECP384R1_SHA384, S::ECDSA_SECP521R1_SHA512, S::ECDSA_SECP256R1_SHA256],
        Curve::P521 => [S::ECDSA_SECP521R1_SHA512, S::ECDSA_SECP384R1_SHA384, S::ECDSA_SECP256R1_SHA256],
    };
    [first, second, third, S::ECDSA_SHA224, S::ECDSA_SHA1]
}

/// The hash of an ECDSA scheme. In TLS 1.2 the scheme does not determine the curve (RFC 9846 section 4.3.3).
fn hash(scheme: SignatureScheme) -> Option<&'static digest::Algorithm> {
    Some(match scheme {
        SignatureScheme::ECDSA_SECP256R1_SHA256 => &digest::SHA256,
        SignatureScheme::ECDSA_SECP384R1_SHA384 => &digest::SHA384,
        SignatureScheme::ECDSA_SECP521R1_SHA512 => &digest::SHA512,
        SignatureScheme::ECDSA_SHA224 => &digest::SHA224,
        SignatureScheme::ECDSA_SHA1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        _ => return None,
    })
}

struct EcKey {
    public: PublicKey,
    schemes: Vec<SignatureScheme>,
    /// AWS-LC binds the key pair to `native_hash`.
    pair: EcdsaKeyPair,
    native_hash: &'static digest::Algorithm,
}

/// Loads PKCS #8 or SEC 1, which AWS-LC distinguishes. If the public key is included, AWS-LC checks that it
/// matches the private key. With `legacy` the key also supports SHA-224 and SHA-1.
pub(super) fn load(curve: Curve, der: &[u8], legacy: bool) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let (algorithm, native_hash) = native_algorithm(curve);
    let pair = EcdsaKeyPair::from_private_key_der(algorithm, der).map_err(|_| CryptoError::BadPrivateKey)?;
    let public = PublicKey { kind: curve.kind(), bits: pair.public_key().as_ref().to_vec() };
    let all = schemes(curve);
    let [modern @ .., _, _] = &all;
    let schemes = if legacy { all.to_vec() } else { modern.to_vec() };
    Ok(Arc::new(EcKey { public, schemes, pair, native_hash }))
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
        if !self.schemes.contains(&scheme) {
            return Err(CryptoError::Unsupported);
        }
        let hash = hash(scheme).ok_or(CryptoError::Unsupported)?;
        let signature = if hash == self.native_hash {
            self.pair.sign(&SystemRandom::new(), message)
        } else {
            self.pair.sign_digest(&fitted_hash(message, hash, self.native_hash)?)
        };
        // By reference: the type has room for the longest signature of all, several kilobytes.
        match &signature {
            Ok(signature) => Ok(signature.as_ref().to_vec()),
            Err(_) => Err(CryptoError::Failed),
        }
    }
}
