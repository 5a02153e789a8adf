//! Ed25519 keys (RFC 8032, RFC 8410).

use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{CryptoError, KeyKind, PublicKey, SecretBytes, SigningKey};
use cairn_wire::SignatureScheme;
use ed25519_dalek::ed25519::KeypairBytes;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use ed25519_dalek::{Signer, SigningKey as DalekKey};
use rand_core::TryCryptoRng;

/// An Ed25519 key. It is erased on drop.
struct Ed25519Key {
    public: PublicKey,
    key: DalekKey,
}

/// Loads PKCS #8, with or without the public key.
pub(super) fn load(pkcs8: &[u8]) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let key = DalekKey::from_pkcs8_der(pkcs8).map_err(|_| CryptoError::BadPrivateKey)?;
    let public = PublicKey { kind: KeyKind::Ed25519, bits: key.verifying_key().as_bytes().to_vec() };
    Ok(Arc::new(Ed25519Key { public, key }))
}

pub(super) fn generate(rng: &mut dyn TryCryptoRng<Error = CryptoError>) -> Result<SecretBytes, CryptoError> {
    // Version 1, without the public key, is the form that most other software reads.
    let mut key = KeypairBytes { secret_key: [0; 32], public_key: None };
    rng.try_fill_bytes(&mut key.secret_key)?;
    let der = key.to_pkcs8_der().map_err(|_| CryptoError::Failed)?;
    Ok(SecretBytes::from(der.as_bytes()))
}

impl SigningKey for Ed25519Key {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// RFC 8422 section 5.9: "EdDSA keys using the Ed25519 algorithm MUST use the ed25519 signature
    /// algorithm", and "Ed25519, Ed25519ph, Ed448, and Ed448ph keys MUST NOT be used with ECDSA."
    fn schemes(&self) -> &[SignatureScheme] {
        &[SignatureScheme::ED25519]
    }

    /// The message is not hashed first (RFC 8422 section 5.4). RFC 8422 section 5.10: "All EdDSA computations
    /// MUST be performed according to [RFC8032] or its successors."
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError> {
        if scheme != SignatureScheme::ED25519 {
            return Err(CryptoError::Unsupported);
        }
        let signature = self.key.try_sign(message).map_err(|_| CryptoError::Failed)?;
        Ok(signature.to_bytes().to_vec())
    }
}
