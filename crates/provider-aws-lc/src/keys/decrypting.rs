//! Decrypting premaster secrets (RFC 5246 section 7.4.7.1).

mod premaster;

use super::raw_rsa::RawRsa;
use alloc::sync::Arc;
use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use cairn_crypto::{CryptoError, DecryptingKey, KeyKind, PublicKey, Secret};
use rand_core::TryCryptoRng;

struct RsaKey {
    public: PublicKey,
    raw: RawRsa,
}

/// Reads an `RSAPrivateKey` of 2048 to 8192 bits.
pub(super) fn load(pkcs1: &[u8]) -> Result<Arc<dyn DecryptingKey>, CryptoError> {
    // The module looks at size and consistency, the same as for a key that signs.
    let pair = RsaKeyPair::from_der(pkcs1).map_err(|_| CryptoError::BadPrivateKey)?;
    let public = PublicKey { kind: KeyKind::Rsa, bits: pair.public_key().as_ref().to_vec() };
    Ok(Arc::new(RsaKey { public, raw: RawRsa::load(pkcs1)? }))
}

impl DecryptingKey for RsaKey {
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
