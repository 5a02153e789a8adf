//! Tests with AEADs that are correct without a suffix but not with one.

use crate::{empty, found, sound};
use cairn_crypto::{Aead, AeadAlgorithm, AeadKey, Algorithm, CryptoError, Provider};
use std::sync::Arc;

/// The defect.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    /// Encrypts zeros in place of the suffix.
    Zeros,
    /// Encrypts only the first byte of a longer suffix, and zeros in place of the others.
    OnlyContentType,
    /// Encrypts suffixes of up to 256 bytes only.
    OnlyShort,
    /// Is right only if the suffix starts at a multiple of 64 bytes.
    OnlyAtBlocks,
    /// Writes the suffix in the clear, although it authenticates it.
    InTheClear,
    /// Encrypts the suffix, but does not authenticate it.
    NotAuthenticated,
    /// Puts the suffix in front.
    InFront,
    /// Accepts a buffer without room for the suffix, and omits the suffix.
    RoomNotChecked,
    /// Copies both, and leaves them after a failure.
    TextKept,
    /// Compares the plaintext alone with the maximum length.
    SuffixNotCounted,
}

struct Bad(Arc<dyn Aead>, Wrong);
struct BadKey(Box<dyn AeadKey>, Wrong);

impl Algorithm for Bad {
    fn implementation(&self) -> &'static str {
        "broken"
    }
}

impl Aead for Bad {
    fn algorithm(&self) -> AeadAlgorithm {
        self.0.algorithm()
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>, CryptoError> {
        Ok(Box::new(BadKey(self.0.key(key)?, self.1)))
    }
}

impl BadKey {
    fn tag_len(&self) -> usize {
        self.0.algorithm().tag_len()
    }

    fn seal_both(
        &self,
        nonce: &[u8],
        aad: &[u8],
        text: &[&[u8]],
        sealed: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.0.seal_into(nonce, aad, &text.concat(), b"", sealed)
    }
}

impl AeadKey for BadKey {
    fn algorithm(&self) -> AeadAlgorithm {
        self.0.algorithm()
    }

    fn seal(&self, nonce: &[u8], aad: &[u8], in_out: &mut [u8], tag: &mut [u8]) -> Result<(), CryptoError> {
        self.0.seal(nonce, aad, in_out, tag)
    }

    fn open(&self, nonce: &[u8], aad: &[u8], in_out: &mut [u8]) -> Result<usize, CryptoError> {
        self.0.open(nonce, aad, in_out)
    }

    fn seal_into(
        &self,
        nonce: &[u8],
        aad: &[u8],
        plaintext: &[u8],
        suffix: &[u8],
        sealed: &mut [u8],
    ) -> Result<(), CryptoError> {
        let text_len = plaintext.len() + suffix.len();
        let zeros = vec![0; suffix.len()];
        let fits = sealed.len() == text_len + self.tag_len();
        match self.1 {
            Wrong::Zeros => self.seal_both(nonce, aad, &[plaintext, &zeros], sealed),
            Wrong::OnlyContentType if suffix.len() > 1 => {
                self.seal_both(nonce, aad, &[plaintext, &suffix[..1], &zeros[1..]], sealed)
            }
            Wrong::OnlyShort if suffix.len() > 256 => {
                self.seal_both(nonce, aad, &[plaintext, &suffix[..256], &zeros[256..]], sealed)
            }
            Wrong::OnlyAtBlocks if !plaintext.len().is_multiple_of(64) => {
                self.seal_both(nonce, aad, &[plaintext, &zeros], sealed)
            }
            Wrong::InFront => self.seal_both(nonce, aad, &[suffix, plaintext], sealed),
            Wrong::InTheClear if fits => {
                self.0.seal_into(nonce, aad, plaintext, suffix, sealed)?;
                sealed[plaintext.len()..text_len].copy_from_slice(suffix);
                Ok(())
            }
            Wrong::NotAuthenticated if fits => {
                self.0.seal_into(nonce, aad, plaintext, suffix, sealed)?;
                let (mut text, mut tag) = (plaintext.to_vec(), vec![0; self.tag_len()]);
                self.0.seal(nonce, aad, &mut text, &mut tag)?;
                sealed[text_len..].copy_from_slice(&tag);
                Ok(())
            }
            Wrong::RoomNotChecked if sealed.len() == plaintext.len() + self.tag_len() => {
                self.0.seal_into(nonce, aad, plaintext, b"", sealed)
            }
            Wrong::TextKept if fits => {
                let (text, tag) = sealed.split_at_mut(text_len);
                text.copy_from_slice(&[plaintext, suffix].concat());
                self.0.seal(nonce, aad, text, tag)
            }
            Wrong::SuffixNotCounted if text_len >= 1 << 24 && plaintext.len() < 1 << 24 => Ok(()),
            _ => self.0.seal_into(nonce, aad, plaintext, suffix, sealed),
        }
    }
}

#[test]
fn defects_of_sealing_with_a_suffix_are_found() {
    let other = "other bytes than sealed in place";
    let (first, second) = (format!("0 bytes and a suffix of 1: {other}"), format!("suffix of 2: {other}"));
    for (wrong, vectors, fault) in [
        (Wrong::Zeros, true, first.as_str()),
        (Wrong::OnlyContentType, true, &second),
        (Wrong::OnlyShort, true, &format!("0 bytes and a suffix of 257: {other}")),
        (Wrong::OnlyAtBlocks, true, &format!("1 bytes and a suffix of 1: {other}")),
        (Wrong::InTheClear, true, &first),
        (Wrong::NotAuthenticated, true, &first),
        (Wrong::InFront, true, &format!("1 bytes and a suffix of 1: {other}")),
        (Wrong::RoomNotChecked, false, "sealing with a suffix, room for 112 bytes: accepted"),
        (Wrong::TextKept, false, "sealing with a suffix, a nonce of 0 bytes: text was left behind"),
    ] {
        let checks: &[&str] = if vectors { &["Wycheproof", "suffix"] } else { &["suffix"] };
        found(&with(AeadAlgorithm::ChaCha20Poly1305, wrong), "ChaCha20-Poly1305", checks, fault);
    }
    let said = "2^24 - 1 bytes and a suffix of 1, more than the length field can state: accepted";
    found(&with(AeadAlgorithm::Aes128Ccm, Wrong::SuffixNotCounted), "AES-128-CCM", &["suffix"], said);
}

fn with(algorithm: AeadAlgorithm, wrong: Wrong) -> Provider {
    let inner = Arc::clone(sound().aead(algorithm).unwrap());
    let aeads: Vec<Arc<dyn Aead>> = vec![Arc::new(Bad(inner, wrong))];
    Provider { aeads, ..empty() }
}
