//! The keys of an endpoint: of stateless resets, and of the tokens in Retry packets and NEW_TOKEN frames.

use crate::{error::SetupError, server::QuicServerConfig};
use alloc::sync::Arc;
use cairn_quic::{
    Provider,
    crypto::{Aead, AeadAlgorithm, CryptoError, HashAlgorithm, HkdfKey, Hmac, HmacKey, hkdf_extract},
};
use quinn_proto::{EndpointConfig, ServerConfig, crypto};
use zeroize::Zeroizing;

/// Length of the output of SHA-256.
const HASH_LEN: usize = 32;

/// Creates the configuration of an endpoint, with a random key for stateless resets (RFC 9000 section 10.3).
///
/// # Errors
/// [`SetupError::Crypto`] if the provider lacks HMAC with SHA-256, or fails.
pub fn endpoint_config(provider: &Provider) -> Result<EndpointConfig, SetupError> {
    let mut key = Zeroizing::new([0; HASH_LEN]);
    provider.random.fill(&mut *key)?;
    let key = hmac(provider)?.key(&*key)?;
    Ok(EndpointConfig::new(Arc::new(ResetKey(key))))
}

/// Creates the configuration of a server, with a random key for tokens (RFC 9000 section 8.1).
///
/// # Errors
/// [`SetupError::Crypto`] if the provider lacks HMAC with SHA-256 or AES-256-GCM, or fails.
pub fn server_config(config: Arc<QuicServerConfig>, provider: &Provider) -> Result<ServerConfig, SetupError> {
    let mut secret = Zeroizing::new([0; HASH_LEN]);
    provider.random.fill(&mut *secret)?;
    let hmac = hmac(provider)?;
    let mut key = Zeroizing::new([0; HASH_LEN]);
    hkdf_extract(&**hmac, &[], &*secret, &mut *key)?;
    let hkdf = HkdfKey::new(hmac, &*key)?;
    let aead = provider.aead(AeadAlgorithm::Aes256Gcm).ok_or(CryptoError::Failed)?;
    Ok(ServerConfig::new(config, Arc::new(TokenKey { hkdf, aead: Arc::clone(aead) })))
}

fn hmac(provider: &Provider) -> Result<&Arc<dyn Hmac>, SetupError> {
    Ok(provider.hmac(HashAlgorithm::Sha256).ok_or(CryptoError::Failed)?)
}

/// The key of stateless resets.
struct ResetKey(Box<dyn HmacKey>);

impl crypto::HmacKey for ResetKey {
    fn sign(&self, data: &[u8], signature_out: &mut [u8]) {
        // This call cannot fail: without a tag, the token must not be a known value.
        if self.0.sign(&[data], signature_out).is_err() {
            signature_out.fill(0);
        }
    }

    fn signature_len(&self) -> usize {
        HASH_LEN
    }

    fn verify(&self, data: &[u8], signature: &[u8]) -> Result<(), crypto::CryptoError> {
        self.0.verify(&[data], signature).map_err(|_| crypto::CryptoError)
    }
}

/// The key from which the key of each token is derived.
struct TokenKey {
    hkdf: HkdfKey,
    aead: Arc<dyn Aead>,
}

impl crypto::HandshakeTokenKey for TokenKey {
    fn aead_from_hkdf(&self, random_bytes: &[u8]) -> Box<dyn crypto::AeadKey> {
        let mut key = Zeroizing::new([0; 32]);
        let key = self.hkdf.expand(random_bytes, &mut *key).and_then(|()| self.aead.key(&*key));
        Box::new(OneTokenKey(key.ok()))
    }
}

/// The key of one token, which seals once. `None` if the provider has failed.
struct OneTokenKey(Option<Box<dyn cairn_quic::crypto::AeadKey>>);

/// The nonce: the key is used for one token.
const NONCE: [u8; 12] = [0; 12];

/// Length of the tag.
const TAG_LEN: usize = 16;

impl crypto::AeadKey for OneTokenKey {
    fn seal(&self, data: &mut Vec<u8>, additional_data: &[u8]) -> Result<(), crypto::CryptoError> {
        let key = self.0.as_ref().ok_or(crypto::CryptoError)?;
        let mut tag = [0; TAG_LEN];
        key.seal(&NONCE, additional_data, data, &mut tag).map_err(|_| crypto::CryptoError)?;
        data.extend_from_slice(&tag);
        Ok(())
    }

    fn open<'a>(
        &self,
        data: &'a mut [u8],
        additional_data: &[u8],
    ) -> Result<&'a mut [u8], crypto::CryptoError> {
        let key = self.0.as_ref().ok_or(crypto::CryptoError)?;
        let length = key.open(&NONCE, additional_data, data).map_err(|_| crypto::CryptoError)?;
        data.get_mut(..length).ok_or(crypto::CryptoError)
    }
}
