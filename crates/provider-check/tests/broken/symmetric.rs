//! Tests with broken hashes, MACs and ciphers.

use crate::{empty, found, found_in, sound};
use cairn_crypto::{
    Aead, AeadAlgorithm, AeadKey, Algorithm, BlockCipher, BlockCipherAlgorithm, BlockCipherKey, Compression,
    CompressionState, CryptoError, Hash, HashAlgorithm, HashContext, HashOutput, Hmac, HmacKey, Provider,
    Tls12Prf, UsageLimits,
};
use cairn_provider_check::Check;
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use std::time::Duration;

/// The defect of an AEAD.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    TagNotChecked,
    PlaintextLeft,
    AadIgnored,
    AadCut,
    LongKeysTaken,
    PanicsOnShortInput,
    FailsForEver,
    LimitsTooWide,
    SealsNothing,
}

impl Wrong {
    /// The associated data that the AEAD actually uses.
    fn aad(self, aad: &[u8]) -> &[u8] {
        match self {
            Self::AadIgnored => &[],
            // Only as much as TLS 1.2 uses (RFC 5246 section 6.2.3.3).
            Self::AadCut => &aad[..aad.len().min(13)],
            _ => aad,
        }
    }
}

struct BadAead(Arc<dyn Aead>, Wrong);
struct BadAeadKey(Box<dyn AeadKey>, Wrong, AtomicBool);

impl Algorithm for BadAead {
    fn implementation(&self) -> &'static str {
        "broken"
    }
}

impl Aead for BadAead {
    fn algorithm(&self) -> AeadAlgorithm {
        self.0.algorithm()
    }

    fn usage_limits(&self) -> UsageLimits {
        let limits = self.0.usage_limits();
        if self.1 == Wrong::LimitsTooWide {
            UsageLimits { sealed_records: u64::MAX, ..limits }
        } else {
            limits
        }
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>, CryptoError> {
        let key = match self.1 {
            Wrong::LongKeysTaken => &key[..key.len().min(self.algorithm().key_len())],
            _ => key,
        };
        Ok(Box::new(BadAeadKey(self.0.key(key)?, self.1, AtomicBool::new(false))))
    }
}

impl AeadKey for BadAeadKey {
    fn seal(&self, nonce: &[u8], aad: &[u8], in_out: &mut [u8], tag: &mut [u8]) -> Result<(), CryptoError> {
        let aad = self.1.aad(aad);
        if self.1 == Wrong::SealsNothing {
            return self.0.seal(nonce, aad, &mut in_out.to_vec(), tag);
        }
        self.0.seal(nonce, aad, in_out, tag)
    }

    fn open(&self, nonce: &[u8], aad: &[u8], in_out: &mut [u8]) -> Result<usize, CryptoError> {
        let aad = self.1.aad(aad);
        if self.1 == Wrong::FailsForEver && self.2.load(Ordering::Relaxed) {
            return Err(CryptoError::BadTag);
        }
        if self.1 == Wrong::SealsNothing {
            return Ok(in_out.len().saturating_sub(16));
        }
        let before = in_out.to_vec();
        let opened = self.0.open(nonce, aad, in_out);
        if opened == Err(CryptoError::BadTag) {
            self.2.store(true, Ordering::Relaxed);
            if self.1 == Wrong::PanicsOnShortInput {
                assert!(before.len() >= 16, "no room for a tag");
            }
            if let (Some(len), Wrong::TagNotChecked | Wrong::PlaintextLeft) =
                (before.len().checked_sub(16), self.1)
            {
                // Sealing a ciphertext decrypts it: both are an XOR with the key stream.
                in_out.copy_from_slice(&before);
                self.0.seal(nonce, aad, &mut in_out[..len], &mut [0; 16])?;
                return if self.1 == Wrong::TagNotChecked { Ok(len) } else { opened };
            }
        }
        opened
    }
}

fn with_aead(wrong: Wrong) -> Provider {
    let aead: Arc<dyn Aead> =
        Arc::new(BadAead(Arc::clone(sound().aead(AeadAlgorithm::ChaCha20Poly1305).unwrap()), wrong));
    Provider { aeads: vec![aead], ..empty() }
}

const CHACHA: &str = "ChaCha20-Poly1305";

#[test]
fn unverified_tag_is_found() {
    found(&with_aead(Wrong::TagNotChecked), CHACHA, &["Wycheproof", "tampering"], "invalid, but accepted");
}

#[test]
fn plaintext_left_behind_is_found() {
    found(&with_aead(Wrong::PlaintextLeft), CHACHA, &["tampering"], "plaintext was left behind");
    found(&with_aead(Wrong::PlaintextLeft), CHACHA, &["Wycheproof"], "the plaintext was left behind");
}

#[test]
fn ignored_associated_data_is_found() {
    found(&with_aead(Wrong::AadIgnored), CHACHA, &["Wycheproof", "tampering"], "other associated data");
}

#[test]
fn associated_data_truncated_to_thirteen_bytes_is_found() {
    let said = "14 bytes of associated data, byte 13 changed: accepted; with nonce ";
    found(&with_aead(Wrong::AadCut), CHACHA, &["associated data"], said);
}

#[test]
fn accepted_long_keys_are_found() {
    found(&with_aead(Wrong::LongKeysTaken), CHACHA, &["lengths"], "a key of 33 bytes: accepted");
}

#[test]
fn panic_is_found() {
    found(&with_aead(Wrong::PanicsOnShortInput), CHACHA, &["lengths"], "panicked after");
}

#[test]
fn key_that_depends_on_previous_failures_is_found() {
    found(
        &with_aead(Wrong::FailsForEver),
        CHACHA,
        &["repetition"],
        "a valid ciphertext after an invalid one",
    );
}

#[test]
fn usage_limits_that_are_too_wide_are_found() {
    let gcm = Arc::clone(sound().aead(AeadAlgorithm::Aes128Gcm).unwrap());
    let aeads: Vec<Arc<dyn Aead>> = vec![Arc::new(BadAead(gcm, Wrong::LimitsTooWide))];
    found(&Provider { aeads, ..empty() }, "AES-128-GCM", &["lengths"], "usage limits");
}

#[test]
fn sealing_that_does_nothing_is_found() {
    found(
        &with_aead(Wrong::SealsNothing),
        CHACHA,
        &["lengths", "tampering", "repetition"],
        "another nonce gave the same ciphertext",
    );
}

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

    fn compression(&self) -> Option<&dyn Compression> {
        if self.1 == WrongHash::OtherStart { Some(self) } else { self.0.compression() }
    }
}

impl Compression for BadHash {
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
    found_in(&report, "SHA-384", &["agreement with the other"], "they differ");
}

/// The defect of an HMAC.
#[derive(Clone, Copy, PartialEq)]
enum WrongMac {
    TruncatedTags,
    NothingChecked,
    LastPartDropped,
    OwnPrf,
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
    let checks = ["TLS PRF of its own", "TLS PRF over it"];
    found(&with_mac(WrongMac::OwnPrf), MAC, &checks, "differ from RFC 5246 section 5");
}

#[test]
fn key_that_does_not_permit_concurrent_use_is_found() {
    found(&with_mac(WrongMac::OneAtATime), "all", &["threads"], "disturb each other");
}

/// The defect of a block cipher.
#[derive(Clone, Copy, PartialEq)]
enum WrongCbc {
    NoChain,
    PartOfABlock,
}

struct BadCbc(Arc<dyn BlockCipher>, WrongCbc);
struct BadCbcKey(Box<dyn BlockCipherKey>, WrongCbc);

impl Algorithm for BadCbc {
    fn implementation(&self) -> &'static str {
        "broken"
    }
}

impl BlockCipher for BadCbc {
    fn algorithm(&self) -> BlockCipherAlgorithm {
        self.0.algorithm()
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn BlockCipherKey>, CryptoError> {
        Ok(Box::new(BadCbcKey(self.0.key(key)?, self.1)))
    }
}

impl BadCbcKey {
    fn run(
        &self,
        in_out: &mut [u8],
        one: impl Fn(&mut [u8]) -> Result<(), CryptoError>,
    ) -> Result<(), CryptoError> {
        match self.1 {
            WrongCbc::NoChain if in_out.len().is_multiple_of(16) => in_out.chunks_mut(16).try_for_each(one),
            WrongCbc::PartOfABlock => {
                let whole = in_out.len() / 16 * 16;
                one(&mut in_out[..whole])
            }
            WrongCbc::NoChain => one(in_out),
        }
    }
}

impl BlockCipherKey for BadCbcKey {
    fn encrypt_cbc(&self, iv: &[u8], in_out: &mut [u8]) -> Result<(), CryptoError> {
        self.run(in_out, |text| self.0.encrypt_cbc(iv, text))
    }

    fn decrypt_cbc(&self, iv: &[u8], in_out: &mut [u8]) -> Result<(), CryptoError> {
        self.run(in_out, |text| self.0.decrypt_cbc(iv, text))
    }
}

fn with_cbc(wrong: WrongCbc) -> Provider {
    let cipher: Arc<dyn BlockCipher> =
        Arc::new(BadCbc(Arc::clone(sound().block_cipher(BlockCipherAlgorithm::Aes128).unwrap()), wrong));
    Provider { block_ciphers: vec![cipher], ..empty() }
}

#[test]
fn unchained_blocks_are_found() {
    let checks = ["Wycheproof", "known answers", "lengths"];
    found(&with_cbc(WrongCbc::NoChain), "AES-128-CBC", &checks, "at once differs from one at a time");
}

#[test]
fn accepted_partial_block_is_found() {
    found(&with_cbc(WrongCbc::PartOfABlock), "AES-128-CBC", &["lengths"], "1 bytes are not whole blocks");
}
