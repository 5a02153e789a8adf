//! RSA keys (RFC 8017).

use super::rsa_legacy::LegacySigner;
use alloc::{sync::Arc, vec, vec::Vec};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, KeyPair, RsaEncoding, RsaKeyPair};
use cairn_crypto::{CryptoError, KeyKind, PublicKey, SecretBytes, SigningKey};
use cairn_provider_parts::encoding::PssHashes;
use cairn_wire::SignatureScheme;
use rand_core::TryCryptoRng;

struct RsaKey {
    public: PublicKey,
    schemes: &'static [SignatureScheme],
    pair: RsaKeyPair,
    /// The same key, for schemes that AWS-LC does not support.
    legacy: LegacySigner,
}

/// The schemes of `rsaEncryption` keys. The last two are legacy schemes, which must be requested.
const PLAIN: [SignatureScheme; 8] = [
    SignatureScheme::RSA_PSS_RSAE_SHA256,
    SignatureScheme::RSA_PSS_RSAE_SHA384,
    SignatureScheme::RSA_PSS_RSAE_SHA512,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA512,
    SignatureScheme::RSA_PKCS1_SHA224,
    SignatureScheme::RSA_PKCS1_SHA1,
];
const PSS_ALL: &[SignatureScheme] = &[
    SignatureScheme::RSA_PSS_PSS_SHA256,
    SignatureScheme::RSA_PSS_PSS_SHA384,
    SignatureScheme::RSA_PSS_PSS_SHA512,
];

/// Loads an `RSAPrivateKey` of 2048 to 8192 bits with algorithm `rsaEncryption`.
pub(super) fn load(pkcs1: &[u8], legacy: bool) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let [modern @ .., _, _] = &PLAIN;
    load_as(KeyKind::Rsa, if legacy { &PLAIN } else { modern }, pkcs1, legacy)
}

/// Loads an `RSAPrivateKey` for PSS signatures with these hash functions.
pub(super) fn load_pss(pkcs1: &[u8], hashes: PssHashes) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let schemes: &'static [SignatureScheme] = match hashes {
        PssHashes::All => PSS_ALL,
        PssHashes::Sha256 => &[SignatureScheme::RSA_PSS_PSS_SHA256],
        PssHashes::Sha384 => &[SignatureScheme::RSA_PSS_PSS_SHA384],
        PssHashes::Sha512 => &[SignatureScheme::RSA_PSS_PSS_SHA512],
    };
    load_as(KeyKind::RsaPss, schemes, pkcs1, false)
}

fn load_as(
    kind: KeyKind,
    schemes: &'static [SignatureScheme],
    pkcs1: &[u8],
    legacy: bool,
) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let pair = RsaKeyPair::from_der(pkcs1).map_err(|_| CryptoError::BadPrivateKey)?;
    let public = PublicKey { kind, bits: pair.public_key().as_ref().to_vec() };
    let legacy = LegacySigner::load(pkcs1, legacy)?;
    Ok(Arc::new(RsaKey { public, schemes, pair, legacy }))
}

/// Generates a key with AWS-LC's own generator.
pub(super) fn generate(bits: u16) -> Result<SecretBytes, CryptoError> {
    let size = match bits {
        2048 => KeySize::Rsa2048,
        3072 => KeySize::Rsa3072,
        4096 => KeySize::Rsa4096,
        _ => return Err(CryptoError::Unsupported),
    };
    let pair = RsaKeyPair::generate(size).map_err(|_| CryptoError::Failed)?;
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map_err(|_| CryptoError::Failed)?;
    Ok(SecretBytes::from(der.as_ref()))
}

/// The encoding of a scheme: RSASSA-PKCS1-v1_5 (RFC 5246 section 4.7) or RSASSA-PSS (RFC 9846 section 4.3.3),
/// both computed according to RFC 8017, as RFC 8422 section 5.10 requires.
fn padding(scheme: SignatureScheme) -> Option<&'static dyn RsaEncoding> {
    use SignatureScheme as S;
    Some(match scheme {
        S::RSA_PSS_RSAE_SHA256 | S::RSA_PSS_PSS_SHA256 => &signature::RSA_PSS_SHA256,
        S::RSA_PSS_RSAE_SHA384 | S::RSA_PSS_PSS_SHA384 => &signature::RSA_PSS_SHA384,
        S::RSA_PSS_RSAE_SHA512 | S::RSA_PSS_PSS_SHA512 => &signature::RSA_PSS_SHA512,
        S::RSA_PKCS1_SHA256 => &signature::RSA_PKCS1_SHA256,
        S::RSA_PKCS1_SHA384 => &signature::RSA_PKCS1_SHA384,
        S::RSA_PKCS1_SHA512 => &signature::RSA_PKCS1_SHA512,
        _ => return None,
    })
}

impl SigningKey for RsaKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn schemes(&self) -> &[SignatureScheme] {
        self.schemes
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
        if let Some(signature) = self.legacy.sign(scheme, message, rng) {
            return signature;
        }
        let padding = padding(scheme).ok_or(CryptoError::Unsupported)?;
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(padding, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| CryptoError::Failed)?;
        Ok(signature)
    }
}
