use super::*;
use crate::testing::{hash_of_abc, hmac, secret};
use alloc::format;
use cairn_crypto::HashAlgorithm;
use hex_literal::hex;

/// Generated with OpenSSL by `tests/vectors.sh`.
#[test]
fn known_answers() {
    for (algorithm, client, server) in [
        (HashAlgorithm::Sha256, hex!("2e723a1a81c1f0d7fed5d17c"), hex!("5f03db3de833f2d3ef6080fe")),
        (HashAlgorithm::Sha384, hex!("a210e97b6aa0f079074516b1"), hex!("888bc5824d825b022dea1407")),
    ] {
        let prf = Prf::new(&hmac(algorithm), &secret()).unwrap();
        let hash = hash_of_abc(algorithm);
        for (side, expected) in [(Side::Client, client), (Side::Server, server)] {
            let made = verify_data(&prf, side, hash.as_bytes()).unwrap();
            assert_eq!(made.as_bytes(), &expected, "{algorithm} {side}");
        }
    }
}

#[test]
fn verify_data_matches_only_in_full() {
    let prf = Prf::new(&hmac(HashAlgorithm::Sha256), &secret()).unwrap();
    let made = verify_data(&prf, Side::Client, &[0; 32]).unwrap();
    let right = *made.as_bytes();
    assert!(made.matches(&right));
    for at in 0..VERIFY_DATA_LEN {
        let mut wrong = right;
        wrong[at] ^= 1;
        assert!(!made.matches(&wrong), "{at}");
        assert!(!made.matches(&right[..at]), "{at}");
    }
    assert!(!made.matches(&[&right[..], &[0]].concat()));
    assert_eq!(format!("{made:?}"), "VerifyData([12 bytes])");
}
