//! An external provider for one algorithm, as described in `docs/providers.md`: ChaCha20-Poly1305 from a
//! library without any knowledge of TLS. It fits on one page and passes all checks.
#![allow(clippy::std_instead_of_alloc, reason = "tests have std")]

use cairn_crypto::{Aead, AeadAlgorithm, AeadKey, Algorithm, CryptoError, Provider};
use cairn_provider_check::Check;
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce, Tag};
use std::sync::Arc;

/// RFC 8439 section 2.8: 2^32 - 1 blocks of 64 bytes.
const MAX_LEN: u64 = (1 << 38) - 64;
const TAG: usize = 16;

struct ChaCha;
struct Key(ChaCha20Poly1305);

impl Algorithm for ChaCha {
    fn implementation(&self) -> &'static str {
        "one page"
    }
}

impl Aead for ChaCha {
    fn algorithm(&self) -> AeadAlgorithm {
        AeadAlgorithm::ChaCha20Poly1305
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>, CryptoError> {
        let wrong = CryptoError::WrongLength { expected: 32, got: key.len() };
        Ok(Box::new(Key(ChaCha20Poly1305::new_from_slice(key).map_err(|_| wrong)?)))
    }
}

fn nonce(bytes: &[u8]) -> Result<&Nonce, CryptoError> {
    bytes.try_into().map_err(|_| CryptoError::WrongLength { expected: 12, got: bytes.len() })
}

impl AeadKey for Key {
    fn algorithm(&self) -> AeadAlgorithm {
        AeadAlgorithm::ChaCha20Poly1305
    }

    fn seal(
        &self,
        nonce_bytes: &[u8],
        aad: &[u8],
        in_out: &mut [u8],
        tag: &mut [u8],
    ) -> Result<(), CryptoError> {
        let nonce = nonce(nonce_bytes)?;
        let wrong = CryptoError::WrongLength { expected: TAG, got: tag.len() };
        let tag: &mut Tag = tag.try_into().map_err(|_| wrong)?;
        if u64::try_from(in_out.len()).map_or(true, |len| len > MAX_LEN) {
            return Err(CryptoError::InputTooLong);
        }
        *tag = self.0.encrypt_inout_detached(nonce, aad, in_out.into()).map_err(|_| CryptoError::Failed)?;
        Ok(())
    }

    fn open(&self, nonce_bytes: &[u8], aad: &[u8], in_out: &mut [u8]) -> Result<usize, CryptoError> {
        let nonce = nonce(nonce_bytes)?;
        let Some((text, tag)) = in_out.split_last_chunk_mut::<TAG>() else { return Err(CryptoError::BadTag) };
        let opened = self.0.decrypt_inout_detached(nonce, aad, (&mut *text).into(), &Tag::from(*tag));
        match opened {
            Ok(()) => Ok(text.len()),
            Err(_) => {
                // No plaintext may remain.
                in_out.fill(0);
                Err(CryptoError::BadTag)
            }
        }
    }
}

#[test]
fn provider_on_one_page_passes_all_checks() {
    let other = cairn_provider_aws_lc::provider();
    let provider = Provider { aeads: vec![Arc::new(ChaCha)], ..Provider::empty(Arc::clone(&other.random)) };
    let report = Check::new(&provider).against(&other).run();
    report.assert_passed();
    assert!(report.rows.iter().any(|row| row.algorithm == "ChaCha20-Poly1305" && row.check == "Wycheproof"));
    // Combined with another provider it is complete, and its algorithm is preferred.
    let whole = provider.completed_by(&other);
    let chosen = whole.aead(AeadAlgorithm::ChaCha20Poly1305).map(|aead| aead.implementation());
    assert_eq!(chosen, Some("one page"));
    assert_eq!(whole.aeads.len(), other.aeads.len());
}
