//! Tests with broken randomness and tables, and of algorithms that are not supported.

use crate::{empty, found, sound};
use cairn_crypto::{CryptoError, Provider, RandomSource};
use cairn_provider_check::{Outcome, check};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

struct Constant(u8);
/// Counts in one byte, so it repeats after 256 bytes.
struct Counter(AtomicU8);
/// Does not write the last byte of a long buffer.
struct Short(Arc<dyn RandomSource>);
struct Silent;

impl RandomSource for Constant {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        out.fill(self.0);
        Ok(())
    }
}

impl RandomSource for Counter {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        for byte in out {
            *byte = self.0.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

impl RandomSource for Short {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        let len = if out.len() > 256 { out.len() - 1 } else { out.len() };
        self.0.fill(&mut out[..len])
    }
}

impl RandomSource for Silent {
    fn fill(&self, _: &mut [u8]) -> Result<(), CryptoError> {
        Err(CryptoError::RandomFailed)
    }
}

#[test]
fn defective_randomness_is_found() {
    for (random, fault) in [
        (Arc::new(Constant(0)) as Arc<dyn RandomSource>, "some are never written"),
        (Arc::new(Constant(7)), "is much too frequent"),
        (Arc::new(Counter(AtomicU8::new(0))), "the same 16 bytes occurred twice"),
        (Arc::new(Short(empty().random)), "257 bytes: some are never written"),
        (Arc::new(Silent), "source of randomness failed"),
    ] {
        let report = check(&Provider::empty(random));
        let told: Vec<_> = report.failures().filter(|row| row.algorithm == "randomness").collect();
        assert!(format!("{told:?}").contains(fault), "{fault}\n{report}");
    }
}

#[test]
fn duplicate_table_entries_are_found() {
    let mut provider = empty();
    let sha256 = sound().hashes.remove(0);
    provider.hashes = vec![Arc::clone(&sha256), sha256];
    found(&provider, "tables", &["unique entries"], "Sha256 occurs twice");
}

#[test]
fn unsupported_algorithms_are_listed_and_are_not_faults() {
    let report = check(&empty());
    assert!(report.passed(), "{report}");
    let absent: Vec<&str> = report.not_offered().collect();
    for name in [
        "SHA-1",
        "HMAC-SHA-256",
        "AES-128-CCM-8",
        "3DES-EDE-CBC",
        "AES-256 header protection",
        "x25519",
        "Ed25519",
        "rsa_pkcs1_sha1",
        "finite-field DH",
        "RSA encryption",
        "RSA premaster secret",
        "RSA key",
        "generation of RSA key",
    ] {
        assert!(absent.contains(&name), "{name} is missing\n{report}");
    }
    assert!(report.rows.iter().all(|row| row.outcome != Outcome::Passed || row.passed > 0));
    assert!(report.to_string().contains("not offered: "), "{report}");
}
