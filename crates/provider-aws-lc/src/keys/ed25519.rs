//! Ed25519 keys (RFC 8032, RFC 8410).

use alloc::{sync::Arc, vec::Vec};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use cairn_crypto::{CryptoError, KeyKind, PublicKey, SecretBytes, SigningKey};
use cairn_wire::SignatureScheme;
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

struct Ed25519Key {
    public: PublicKey,
    pair: Ed25519KeyPair,
}

/// Loads PKCS #8, with or without the public key.
pub(super) fn load(pkcs8: &[u8]) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| CryptoError::BadPrivateKey)?;
    let public = PublicKey { kind: KeyKind::Ed25519, bits: pair.public_key().as_ref().to_vec() };
    Ok(Arc::new(Ed25519Key { public, pair }))
}

pub(super) fn generate(rng: &mut dyn TryCryptoRng<Error = CryptoError>) -> Result<SecretBytes, CryptoError> {
    let mut seed = Zeroizing::new([0; 32]);
    rng.try_fill_bytes(&mut *seed)?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&*seed).map_err(|_| CryptoError::Failed)?;
    // Version 1, without the public key, is the form that most other software reads.
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map_err(|_| CryptoError::Failed)?;
    Ok(SecretBytes::from(der.as_ref()))
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
        // By reference: the type has room for the longest signature of all, several kilobytes.
        match &self.pair.try_sign(message) {
            Ok(signature) => Ok(signature.as_ref().to_vec()),
            Err(_) => Err(CryptoError::Failed),
        }
    }
}
