//! Superseded secrets do not stay in memory: each is dropped as soon as the next one is there. That a dropped
//! secret is zeroized is a property of the types for secrets.

use super::super::{ApplicationTrafficSecret, Kdf, Psk, SUITES};
use alloc::{boxed::Box, sync::Arc};
use cairn_crypto::{Algorithm, CryptoError, HashAlgorithm, Hmac, HmacKey, Provider, SecretBytes};
use core::sync::atomic::{AtomicUsize, Ordering};

/// HMAC that counts its keys. Each secret of the schedule that something is derived from is such a key.
struct Counting {
    inner: Arc<dyn Hmac>,
    live: Arc<AtomicUsize>,
}

struct Counted {
    inner: Box<dyn HmacKey>,
    live: Arc<AtomicUsize>,
}

impl Algorithm for Counting {
    fn implementation(&self) -> &'static str {
        self.inner.implementation()
    }
}

impl Hmac for Counting {
    fn hash_algorithm(&self) -> HashAlgorithm {
        self.inner.hash_algorithm()
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn HmacKey>, CryptoError> {
        self.live.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Counted { inner: self.inner.key(key)?, live: Arc::clone(&self.live) }))
    }
}

impl HmacKey for Counted {
    fn sign(&self, parts: &[&[u8]], tag: &mut [u8]) -> Result<(), CryptoError> {
        self.inner.sign(parts, tag)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.live.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A KDF, and the number of keys that exist.
fn counting() -> (Kdf, impl Fn() -> usize) {
    let provider = cairn_provider_aws_lc::provider();
    let live = Arc::new(AtomicUsize::new(0));
    let hmacs = provider.hmacs.iter().map(|hmac| -> Arc<dyn Hmac> {
        Arc::new(Counting { inner: Arc::clone(hmac), live: Arc::clone(&live) })
    });
    let provider = Provider { hmacs: hmacs.collect(), ..provider.clone() };
    let kdf = Kdf::new(&provider, HashAlgorithm::Sha256).unwrap();
    (kdf, move || live.load(Ordering::Relaxed))
}

/// RFC 9846 section 7.1: "Once all the values which are to be derived from a given secret have been computed,
/// that secret SHOULD be erased."
#[test]
fn each_secret_of_the_chain_is_dropped_with_the_step_to_the_next() {
    let (kdf, live) = counting();
    let hash = kdf.hash(&[b"messages"]).unwrap();
    let psk = Psk::external(SecretBytes::from(&[7; 32][..]), HashAlgorithm::Sha256).unwrap();
    let early = super::psk_secret(&kdf, &psk).into_early_secret();
    assert_eq!(live(), 1, "the Early Secret alone");
    let handshake = early.into_handshake_secret(Some(&[8; 32])).unwrap();
    assert_eq!(live(), 1, "the Handshake Secret alone");
    let traffic = handshake.traffic_secrets(&hash).unwrap();
    assert_eq!(live(), 3, "and both traffic secrets");
    let main = handshake.into_main_secret().unwrap();
    assert_eq!(live(), 3, "the Main Secret in place of the Handshake Secret");
    drop(traffic);
    assert_eq!(live(), 1, "the Main Secret alone");
    let _resumption = main.into_resumption_secret(&hash).unwrap();
    assert_eq!(live(), 0);
}

/// RFC 9846 section 7.2: "Once client_/server_application_traffic_secret_N+1 and its associated traffic keys
/// have been computed, implementations SHOULD delete client_/server_application_traffic_secret_N and its
/// associated traffic keys."
#[test]
fn an_update_drops_the_traffic_secret_before_it() {
    let (kdf, live) = counting();
    let bytes = SecretBytes::from(&[7; 32][..]);
    let mut secret = ApplicationTrafficSecret::new(&kdf, bytes).unwrap();
    let suite = &SUITES[0];
    for _ in 0..3 {
        let before = secret.expose().to_vec();
        let in_use = secret.for_suite(suite).unwrap();
        assert_eq!(live(), 1, "that of the transport");
        secret.update().unwrap();
        assert_ne!(secret.expose(), before);
        assert_eq!(live(), 1, "no key stays after the update");
        drop(in_use);
        assert_eq!(live(), 0, "the transport has the only copy");
    }
}
