//! Tests with broken hashes and HMACs.

use crate::{empty, found, found_in, sound};
use cairn_crypto::{
    Algorithm, CompressionFunction, CompressionState, CryptoError, Hash, HashAlgorithm, HashContext,
    HashOutput, Hkdf, HkdfKey, Hmac, HmacKey, Provider, Tls12Prf, hkdf_extract,
};
use cairn_provider_check::Check;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The defect of a hash.
#[derive(Clone, Copy, PartialEq)]
enum WrongHash {
    ForksForget,
    OtherStart,
    LongMessages,
}

struct BadHash(Arc<dyn Hash>, WrongHash);
struct BadContext(Box<dyn HashContext>, Arc<dyn Hash>);

impl Algorithm for BadHash {
    fn implementation(&self) -> &'static str {
        "broken"
    }
}

impl Hash for BadHash {
    fn algorithm(&self) -> HashAlgorithm {
        self.0.algorithm()
    }

    fn start(&self) -> Result<Box<dyn HashContext>, CryptoError> {
        let inner = self.0.start()?;
        match self.1 {
            WrongHash::ForksForget => Ok(Box::new(BadContext(inner, Arc::clone(&self.0)))),
            _ => Ok(inner),
        }
    }

    fn hash(&self, parts: &[&[u8]]) -> Result<HashOutput, CryptoError> {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        if self.1 == WrongHash::LongMessages && (701..1000).contains(&len) {
            return self.0.hash(&[b"another"]);
        }
        self.0.hash(parts)
    }

    fn compression(&self) -> Option<&dyn CompressionFunction> {
        if self.1 == WrongHash::OtherStart { Some(self) } else { self.0.compression() }
    }
}

impl CompressionFunction for BadHash {
    /// Starts after an extra block.
    fn start(&self) -> Box<dyn CompressionState> {
        let mut state = self.0.compression().unwrap().start();
        state.compress(&vec![0; self.0.algorithm().block_len()]).unwrap();
        state
    }
}

impl HashContext for BadContext {
    fn update(&mut self, data: &[u8]) -> Result<(), CryptoError> {
        self.0.update(data)
    }

    fn fork(&self) -> Result<Box<dyn HashContext>, CryptoError> {
        self.1.start()
    }

    fn finish(self: Box<Self>) -> Result<HashOutput, CryptoError> {
        self.0.finish()
    }
}

fn with_hash(wrong: WrongHash) -> Provider {
    let hash: Arc<dyn Hash> =
        Arc::new(BadHash(Arc::clone(sound().hash(HashAlgorithm::Sha384).unwrap()), wrong));
    Provider { hashes: vec![hash], ..empty() }
}

#[test]
fn fork_that_loses_its_input_is_found() {
    found(&with_hash(WrongHash::ForksForget), "SHA-384", &["parts and forks"], "by way of a fork");
}

#[test]
fn compression_function_with_another_initial_state_is_found() {
    found(
        &with_hash(WrongHash::OtherStart),
        "SHA-384",
        &["compression function"],
        "differs from the hash function",
    );
}

#[test]
fn fault_that_only_a_second_provider_reveals_is_found() {
    let provider = with_hash(WrongHash::LongMessages);
    let alone = cairn_provider_check::check(&provider);
    assert!(alone.passed(), "{alone}");
    let other = sound();
    let report = Check::new(&provider).against(&other).run();
    found_in(&report, "SHA-384", &["second provider"], "they differ");
}

/// The defect of an HMAC.
#[derive(Clone, Copy, PartialEq)]
enum WrongMac {
    TruncatedTags,
    NothingChecked,
    LastPartDropped,
    OwnPrf,
    OwnHkdf,
    OneAtATime,
}

struct BadMac(Arc<dyn Hmac>, WrongMac);
struct BadMacKey(Box<dyn HmacKey>, WrongMac, AtomicUsize);

impl Algorithm for BadMac {
    fn implementation(&self) -> &'static str {
        "broken"
    }
}

impl Hmac for BadMac {
    fn hash_algorithm(&self) -> HashAlgorithm {
        self.0.hash_algorithm()
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn HmacKey>, CryptoError> {
        Ok(Box::new(BadMacKey(self.0.key(key)?, self.1, AtomicUsize::new(0))))
    }

    fn tls12_prf(&self) -> Option<&dyn Tls12Prf> {
        (self.1 == WrongMac::OwnPrf).then_some(self)
    }

    fn hkdf(&self) -> Option<&dyn Hkdf> {
        (self.1 == WrongMac::OwnHkdf).then_some(self)
    }
}

/// Ignores the info.
impl Hkdf for BadMac {
    fn extract(&self, salt: &[u8], ikm: &[u8], prk: &mut [u8]) -> Result<(), CryptoError> {
        hkdf_extract(&*self.0, salt, ikm, prk)
    }

    fn expand(&self, prk: &[u8], _: &[u8], out: &mut [u8]) -> Result<(), CryptoError> {
        HkdfKey::new(&self.0, prk)?.expand(b"", out)
    }
}

/// Ignores the label.
impl Tls12Prf for BadMac {
    fn expand(&self, secret: &[u8], _: &[u8], seed: &[&[u8]], out: &mut [u8]) -> Result<(), CryptoError> {
        let key = self.0.key(secret)?;
        let mut tag = vec![0; self.hash_algorithm().output_len()];
        for chunk in out.chunks_mut(tag.len()) {
            key.sign(seed, &mut tag)?;
            let len = chunk.len();
            chunk.copy_from_slice(&tag[..len]);
        }
        Ok(())
    }
}

impl HmacKey for BadMacKey {
    fn sign(&self, parts: &[&[u8]], tag: &mut [u8]) -> Result<(), CryptoError> {
        if self.1 == WrongMac::OneAtATime {
            let others = self.2.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_micros(50));
            let signed = self.0.sign(parts, tag);
            self.2.fetch_sub(1, Ordering::SeqCst);
            return if others == 0 { signed } else { Err(CryptoError::Failed) };
        }
        match (self.1, parts) {
            (WrongMac::LastPartDropped, [first @ .., _, _]) if first.len() > 4 => self.0.sign(first, tag),
            _ => self.0.sign(parts, tag),
        }
    }

    fn verify(&self, parts: &[&[u8]], tag: &[u8]) -> Result<(), CryptoError> {
        match self.1 {
            WrongMac::NothingChecked => Ok(()),
            WrongMac::TruncatedTags => {
                let mut whole = vec![0; 32];
                self.0.sign(parts, &mut whole)?;
                if whole.starts_with(tag) { Ok(()) } else { Err(CryptoError::BadTag) }
            }
            _ => self.0.verify(parts, tag),
        }
    }
}

fn with_mac(wrong: WrongMac) -> Provider {
    let hmac: Arc<dyn Hmac> =
        Arc::new(BadMac(Arc::clone(sound().hmac(HashAlgorithm::Sha256).unwrap()), wrong));
    Provider { hmacs: vec![hmac], ..empty() }
}

const MAC: &str = "HMAC-SHA-256";

#[test]
fn accepted_truncated_tags_are_found() {
    found(&with_mac(WrongMac::TruncatedTags), MAC, &["Wycheproof", "lengths", "tampering"], "truncated tag");
}

#[test]
fn mac_that_verifies_nothing_is_found() {
    found(
        &with_mac(WrongMac::NothingChecked),
        MAC,
        &["Wycheproof", "tampering"],
        "bit 0 of the tag: accepted",
    );
}

#[test]
fn mac_that_drops_a_part_is_found() {
    found(&with_mac(WrongMac::LastPartDropped), MAC, &["lengths"], "parts give another tag");
}

#[test]
fn wrong_prf_of_the_module_is_found() {
    let checks = ["TLS PRF of the module", "TLS PRF"];
    found(&with_mac(WrongMac::OwnPrf), MAC, &checks, "differ from RFC 5246 section 5");
}

#[test]
fn wrong_hkdf_of_the_module_is_found() {
    found(&with_mac(WrongMac::OwnHkdf), MAC, &["HKDF (Wycheproof, RFC 5869)"], "expected Ok(");
}

#[test]
fn key_that_does_not_permit_concurrent_use_is_found() {
    found(&with_mac(WrongMac::OneAtATime), "all", &["threads"], "disturb each other");
}
