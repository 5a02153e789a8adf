//! Tests with broken AEADs and block ciphers.

use crate::{empty, found, sound};
use cairn_crypto::{
    Aead, AeadAlgorithm, AeadKey, Algorithm, BlockCipher, BlockCipherAlgorithm, BlockCipherKey, CryptoError,
    Provider, UsageLimits,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
    OtherAlgorithm,
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
    fn algorithm(&self) -> AeadAlgorithm {
        match self.1 {
            Wrong::OtherAlgorithm => AeadAlgorithm::Aes256Gcm,
            _ => self.0.algorithm(),
        }
    }

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

#[test]
fn key_of_another_algorithm_is_found() {
    let said = "the algorithm of the key: expected ChaCha20Poly1305, got Aes256Gcm";
    found(&with_aead(Wrong::OtherAlgorithm), CHACHA, &["lengths"], said);
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
