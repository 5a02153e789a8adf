//! Keys that also support SHA-1 signatures, for old peers: without `signature_algorithms` SHA-1 is the
//! default (RFC 5246 section 7.4.1.4.1). AWS-LC does not sign with SHA-1, so this module computes the hash
//! separately.

use super::Keys;
use crate::name::NAME;
use crate::sha1;
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use aws_lc_rs::digest;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm};
use cairn_crypto::{
    Algorithm, CryptoError, DecryptingKey, KeyKind, KeySpec, KeyStore, PrivateKeyDer, PublicKey, SecretBytes,
    SigningKey,
};
use cairn_provider_parts::encoding::rsa_private_key;
use cairn_provider_parts::rsa::RsaKey;
use cairn_wire::SignatureScheme;
use rand_core::TryCryptoRng;

/// As [`Keys`], but keys also support SHA-1, as the last of their schemes.
pub(crate) struct Sha1Keys;

impl Algorithm for Sha1Keys {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl KeyStore for Sha1Keys {
    fn load(&self, key: PrivateKeyDer<'_>) -> Result<Arc<dyn SigningKey>, CryptoError> {
        let inner = Keys.load(key)?;
        let (scheme, signer): (_, Box<dyn Signer>) = match inner.public_key().kind {
            KeyKind::Rsa => (SignatureScheme::RSA_PKCS1_SHA1, Box::new(RsaKey::load(rsa_private_key(key)?)?)),
            KeyKind::EcP256 => ec(&signature::ECDSA_P256_SHA256_ASN1_SIGNING, &digest::SHA256, key)?,
            KeyKind::EcP384 => ec(&signature::ECDSA_P384_SHA384_ASN1_SIGNING, &digest::SHA384, key)?,
            KeyKind::EcP521 => ec(&signature::ECDSA_P521_SHA512_ASN1_SIGNING, &digest::SHA512, key)?,
            _ => return Ok(inner),
        };
        let mut schemes = inner.schemes().to_vec();
        schemes.push(scheme);
        Ok(Arc::new(Key { inner, schemes, scheme, signer }))
    }

    fn load_decrypting(&self, key: PrivateKeyDer<'_>) -> Result<Arc<dyn DecryptingKey>, CryptoError> {
        Keys.load_decrypting(key)
    }

    fn generate(
        &self,
        spec: KeySpec,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<SecretBytes, CryptoError> {
        Keys.generate(spec, rng)
    }
}

/// A key with an additional scheme.
struct Key {
    inner: Arc<dyn SigningKey>,
    schemes: Vec<SignatureScheme>,
    scheme: SignatureScheme,
    signer: Box<dyn Signer>,
}

impl SigningKey for Key {
    fn public_key(&self) -> &PublicKey {
        self.inner.public_key()
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
        if scheme == self.scheme {
            self.signer.sign(message, rng)
        } else {
            self.inner.sign(scheme, message, rng)
        }
    }
}

/// Signs with SHA-1.
trait Signer: Send + Sync {
    fn sign(
        &self,
        message: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError>;
}

impl Signer for RsaKey {
    fn sign(
        &self,
        message: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError> {
        let encoded = sha1::emsa_pkcs1(message, self.len())?;
        // A signature is public.
        self.sign(&encoded, rng).map(|signature| signature.expose().to_vec())
    }
}

/// An ECDSA key that AWS-LC binds to a longer hash.
struct Ec {
    pair: EcdsaKeyPair,
    hash: &'static digest::Algorithm,
}

fn ec(
    algorithm: &'static EcdsaSigningAlgorithm,
    hash: &'static digest::Algorithm,
    key: PrivateKeyDer<'_>,
) -> Result<(SignatureScheme, Box<dyn Signer>), CryptoError> {
    let pair =
        EcdsaKeyPair::from_private_key_der(algorithm, key.der()).map_err(|_| CryptoError::BadPrivateKey)?;
    Ok((SignatureScheme::ECDSA_SHA1, Box::new(Ec { pair, hash })))
}

impl Signer for Ec {
    fn sign(
        &self,
        message: &[u8],
        _: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError> {
        let digest = sha1::widened(message, self.hash)?;
        let signature = self.pair.sign_digest(&digest).map_err(|_| CryptoError::Failed)?;
        Ok(signature.as_ref().to_vec())
    }
}

#[cfg(test)]
mod tests;
