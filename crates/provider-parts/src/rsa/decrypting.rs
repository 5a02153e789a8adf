//! Decryption of premaster secrets (RFC 5246 section 7.4.7.1).

use super::{RsaKey, premaster};
use crate::encoding::rsa_private_key;
use alloc::sync::Arc;
use cairn_crypto::{CryptoError, DecryptingKey, KeyKind, PrivateKeyDer, PublicKey, Secret};
use rand_core::TryCryptoRng;

struct Key {
    public: PublicKey,
    raw: RsaKey,
}

/// Loads a private key that decrypts premaster secrets: an RSA key of 2048 to 8192 bits in PKCS #8 or PKCS
/// #1. RSASSA-PSS keys are rejected, because they are for signatures only (RFC 4055 section 1.2).
///
/// # Errors
/// [`CryptoError::BadPrivateKey`] for any other key.
pub fn load_decrypting(key: PrivateKeyDer<'_>) -> Result<Arc<dyn DecryptingKey>, CryptoError> {
    let raw = RsaKey::load(rsa_private_key(key)?)?;
    let public = PublicKey { kind: KeyKind::Rsa, bits: raw.public_key()? };
    Ok(Arc::new(Key { public, raw }))
}

impl DecryptingKey for Key {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn decrypt_premaster(
        &self,
        ciphertext: &[u8],
        client_version: [u8; 2],
        fallback: &Secret<48>,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Secret<48>, CryptoError> {
        let encoded = self.raw.decrypt(ciphertext, rng)?;
        premaster::select(encoded.expose(), client_version, fallback)
    }
}

#[cfg(test)]
mod tests;
