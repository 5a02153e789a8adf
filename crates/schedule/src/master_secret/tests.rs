use super::*;
use crate::testing::{Failing, RANDOMS, hash_of_abc, hmac, secret};
use alloc::format;
use cairn_crypto::{CryptoError, HashAlgorithm};
use hex_literal::hex;

/// Generated with OpenSSL by `tests/vectors.sh`.
#[test]
fn known_answers() {
    for (algorithm, plain, extended) in [
        (
            HashAlgorithm::Sha256,
            hex!(
                "a93d5f2fba11e21cbde8e2519d1669e49fc0562cd70424dd"
                "f8d7a5c649f527a16997aa93a3ba746b36fa2234aacfddb1"
            ),
            hex!(
                "7a294a987f0f2142139752d80f585b8147fb79aa5eca58d7"
                "9cd26a66679d5f969cb1cdb652331802cf8e27aaddd29e1d"
            ),
        ),
        (
            HashAlgorithm::Sha384,
            hex!(
                "bf2cccbde60a12baab04dea73bd3697060e9425a035756d9"
                "ddb02a785a956c2ad03d023213fd5351d5e897a60410b0c6"
            ),
            hex!(
                "e102bd2451475167b3a0f4b6fadc5505265da3b12aed9ac0"
                "9b7acaffb1e56e5b14377edd4fbd6dac5482e1a0e39f6e47"
            ),
        ),
    ] {
        let hmac = hmac(algorithm);
        assert_eq!(MasterSecret::derive(&hmac, &secret(), &RANDOMS).unwrap().expose(), &plain);
        let session_hash = hash_of_abc(algorithm);
        let made = MasterSecret::derive_extended(&hmac, &secret(), session_hash.as_bytes()).unwrap();
        assert_eq!(made.expose(), &extended);
    }
}

#[test]
fn failing_module_yields_no_master_secret() {
    let failing: Arc<dyn Hmac> = Arc::new(Failing(2));
    let error = Err(ScheduleError::Crypto(CryptoError::Failed));
    assert_eq!(MasterSecret::derive(&failing, &secret(), &RANDOMS), error);
    assert_eq!(MasterSecret::derive_extended(&failing, &secret(), &[0; 32]), error);
}

#[test]
fn master_secret_is_not_printed() {
    let master = MasterSecret::from(Secret::from(&[0x41; 48]));
    assert_eq!(format!("{master:?}"), "MasterSecret([48 bytes])");
}
