//! Tests with broken header protection.

use crate::{empty, found, found_in, sound};
use cairn_crypto::{
    Algorithm, CryptoError, HeaderProtection, HeaderProtectionAlgorithm, HeaderProtectionKey, Provider,
};
use cairn_provider_check::Check;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// The defect of header protection.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    /// ChaCha20 with a counter in network byte order.
    CounterBigEndian,
    /// ChaCha20 through an interface for streams, which has no last block.
    NoLastBlock,
    LongKeysTaken,
    KeyCut,
    SampleCut,
    /// Counts the calls with samples of this kind.
    CountsCalls,
    Panics,
    /// Wrong only for a sample that no known answer has.
    FirstByteZero,
}

struct Bad(Arc<dyn HeaderProtection>, Wrong);
struct BadKey(Box<dyn HeaderProtectionKey>, Wrong, AtomicU8);

impl Algorithm for Bad {
    fn implementation(&self) -> &'static str {
        "broken"
    }
}

impl HeaderProtection for Bad {
    fn algorithm(&self) -> HeaderProtectionAlgorithm {
        self.0.algorithm()
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn HeaderProtectionKey>, CryptoError> {
        let mut used = key.to_vec();
        match self.1 {
            Wrong::LongKeysTaken => used.truncate(self.algorithm().key_len()),
            Wrong::KeyCut if key.len() == 32 => used[31] = 0,
            _ => {}
        }
        Ok(Box::new(BadKey(self.0.key(&used)?, self.1, AtomicU8::new(0))))
    }
}

impl HeaderProtectionKey for BadKey {
    fn mask(&self, sample: &[u8; 16]) -> Result<[u8; 5], CryptoError> {
        let mut used = *sample;
        match self.1 {
            Wrong::CounterBigEndian => used[..4].reverse(),
            Wrong::NoLastBlock if sample[..4] == [0xff; 4] => return Err(CryptoError::Failed),
            Wrong::SampleCut => used[15] = 0,
            Wrong::FirstByteZero if sample[0] & 0xc0 == 0 => used[1] ^= 1,
            Wrong::Panics => panic!("no hardware"),
            _ => {}
        }
        let mut mask = self.0.mask(&used)?;
        if self.1 == Wrong::CountsCalls && sample[0] & 0x80 != 0 {
            mask[4] ^= self.2.fetch_add(1, Ordering::Relaxed);
        }
        Ok(mask)
    }
}

fn with(wrong: Wrong) -> Provider {
    let inner = sound().header_protection(HeaderProtectionAlgorithm::ChaCha20).cloned().unwrap();
    let bad: Arc<dyn HeaderProtection> = Arc::new(Bad(inner, wrong));
    Provider { header_protections: vec![bad], ..empty() }
}

const CHACHA: &str = "ChaCha20 header protection";

#[test]
fn block_counter_in_network_byte_order_is_found() {
    found(&with(Wrong::CounterBigEndian), CHACHA, &["known answers"], "the mask: expected Ok(");
}

#[test]
fn missing_last_block_is_found() {
    found(&with(Wrong::NoLastBlock), CHACHA, &["known answers"], "got Err(Failed)");
}

#[test]
fn accepted_long_keys_of_header_protection_are_found() {
    found(&with(Wrong::LongKeysTaken), CHACHA, &["lengths"], "a key of 33 bytes: accepted");
}

#[test]
fn ignored_bits_of_key_and_sample_are_found() {
    let checks = ["known answers", "repetition"];
    found(&with(Wrong::KeyCut), CHACHA, &checks, "bit 248 of the key was ignored");
    found(&with(Wrong::SampleCut), CHACHA, &checks, "bit 120 of the sample was ignored");
}

#[test]
fn masks_that_depend_on_previous_masks_are_found() {
    found(&with(Wrong::CountsCalls), CHACHA, &["repetition"], "the same sample gave another mask");
}

#[test]
fn panic_of_header_protection_is_found() {
    let report = cairn_provider_check::check(&with(Wrong::Panics));
    let told = report.failures().any(|row| row.algorithm == CHACHA && row.check == "known answers");
    assert!(told, "{report}");
    assert!(report.to_string().contains("panicked after 0 passed cases: no hardware"), "{report}");
}

#[test]
fn second_provider_finds_masks_that_no_known_answer_has() {
    let report = Check::new(&with(Wrong::FirstByteZero)).against(&sound()).run();
    found_in(&report, CHACHA, &["second provider"], "they differ");
}
