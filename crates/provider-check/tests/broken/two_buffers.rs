//! Tests with AEADs that are correct in place but not between two buffers.

use crate::{empty, found, sound};
use cairn_crypto::{Aead, AeadAlgorithm, AeadKey, Algorithm, CryptoError, Provider};
use std::sync::Arc;

/// The defect.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    TagNotChecked,
    PlaintextLeft,
    PlaintextKept,
    OtherBytes,
    AadCut,
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
        if self.1 == Wrong::PlaintextKept && nonce.len() != 12 {
            let len = plaintext.len();
            sealed[..len].copy_from_slice(plaintext);
            let (text, tag) = sealed.split_at_mut(len);
            return self.0.seal(nonce, aad, text, tag);
        }
        let aad = if self.1 == Wrong::AadCut { &aad[..aad.len().min(13)] } else { aad };
        self.0.seal_into(nonce, aad, plaintext, suffix, sealed)?;
        if self.1 == Wrong::OtherBytes && suffix.is_empty() {
            sealed[..plaintext.len()].iter_mut().skip(256).for_each(|byte| *byte ^= 1);
        }
        Ok(())
    }

    fn open_into(
        &self,
        nonce: &[u8],
        aad: &[u8],
        sealed: &mut [u8],
        plaintext: &mut [u8],
    ) -> Result<(), CryptoError> {
        let aad = if self.1 == Wrong::AadCut { &aad[..aad.len().min(13)] } else { aad };
        let before = sealed.to_vec();
        let opened = self.0.open_into(nonce, aad, sealed, plaintext);
        let unchecked = matches!(self.1, Wrong::TagNotChecked | Wrong::PlaintextLeft);
        if unchecked && opened == Err(CryptoError::BadTag) && before.len() >= 16 {
            // Sealing a ciphertext decrypts it: both are an XOR with the key stream.
            plaintext.copy_from_slice(&before[..plaintext.len()]);
            self.0.seal(nonce, aad, plaintext, &mut [0; 16])?;
            return if self.1 == Wrong::TagNotChecked { Ok(()) } else { opened };
        }
        opened
    }
}

#[test]
fn defects_between_two_buffers_are_found() {
    for (wrong, checks, fault) in [
        (Wrong::TagNotChecked, &["Wycheproof", "two buffers"][..], "bit 0 flipped: accepted"),
        (Wrong::PlaintextLeft, &["Wycheproof", "two buffers"], "plaintext was left behind"),
        (
            Wrong::PlaintextKept,
            &["two buffers"],
            "sealing, a nonce of 0 bytes: the plaintext was left behind",
        ),
        (
            Wrong::AadCut,
            &["two buffers"],
            "14 bytes of associated data: other bytes than sealed in place; with nonce ",
        ),
        (Wrong::OtherBytes, &["Wycheproof", "two buffers"], "257 bytes: other bytes than sealed in place"),
    ] {
        let chacha = Arc::clone(sound().aead(AeadAlgorithm::ChaCha20Poly1305).unwrap());
        let aeads: Vec<Arc<dyn Aead>> = vec![Arc::new(Bad(chacha, wrong))];
        found(&Provider { aeads, ..empty() }, "ChaCha20-Poly1305", checks, fault);
    }
}
