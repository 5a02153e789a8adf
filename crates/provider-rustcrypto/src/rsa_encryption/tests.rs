use super::*;
use crate::keys::Keys;
use alloc::vec;
use cairn_crypto::{KeyStore, PrivateKeyDer, Secret};
use cairn_provider_parts::encoding::RsaPublicKey;
use cairn_provider_parts::testing::{Constant, Replay, Seeded};

const KEYS: [(&[u8], usize); 2] = [
    (include_bytes!("../../../provider-aws-lc/tests/keys/rsa-2048.pkcs8.der"), 256),
    (include_bytes!("../../../provider-aws-lc/tests/keys/rsa-3072.pkcs8.der"), 384),
];

fn public() -> Vec<u8> {
    Keys { legacy: false }.load(PrivateKeyDer::Pkcs8(KEYS[0].0)).unwrap().public_key().bits.clone()
}

#[test]
fn encrypted_premaster_secret_decrypts() {
    for (der, len) in KEYS {
        let key = Keys { legacy: false }.load_decrypting(PrivateKeyDer::Pkcs8(der)).unwrap();
        let premaster: Vec<u8> = (3..51).collect();
        let encrypt =
            |seed| Pkcs1.encrypt(&key.public_key().bits, &premaster, &mut Seeded::new(seed)).unwrap();
        assert_eq!(encrypt(1).len(), len);
        let fallback = Secret::from(&[0xee; 48]);
        let got = key.decrypt_premaster(&encrypt(1), [3, 4], &fallback, &mut Seeded::new(2)).unwrap();
        assert_eq!(got.expose()[..], premaster);
        let other = key.decrypt_premaster(&encrypt(1), [3, 3], &fallback, &mut Seeded::new(2)).unwrap();
        assert_eq!(other, fallback);
        assert_eq!(encrypt(1), encrypt(1));
        assert_ne!(encrypt(1), encrypt(2));
    }
}

#[test]
fn message_too_long_for_the_modulus_is_rejected() {
    let encrypt = |len| Pkcs1.encrypt(&public(), &vec![7; len], &mut Seeded::new(1));
    assert_eq!(encrypt(246), Err(CryptoError::InputTooLong));
    for len in [0, 1, 48, 245] {
        assert_eq!(encrypt(len).map(|ciphertext| ciphertext.len()), Ok(256));
    }
}

#[test]
fn broken_generator_fails_without_hanging() {
    let key = public();
    assert_eq!(Pkcs1.encrypt(&key, &[1; 48], &mut Constant(0)), Err(CryptoError::RandomFailed));
    assert_eq!(Pkcs1.encrypt(&key, &[1; 48], &mut Replay(&[])), Err(CryptoError::RandomFailed));
}

#[test]
fn unusable_keys_are_rejected() {
    let good = public();
    let mut trailing = good.clone();
    trailing.push(0);
    let mut even = good.clone();
    *even.last_mut().unwrap() &= 0xfe;
    // 2040 and 8200 bits.
    let sized = |len| RsaPublicKey { n: &vec![0xff; len], e: &[3] }.to_der().unwrap();
    let (small, large) = (sized(255), sized(1025));
    let no_exponent = RsaPublicKey { n: &[0xff; 256], e: &[1] }.to_der().unwrap();
    for bad in [&[][..], &trailing, &good[..good.len() - 1], &[0x30, 0], &even, &small, &large, &no_exponent]
    {
        assert_eq!(Pkcs1.encrypt(bad, &[1; 48], &mut Seeded::new(1)), Err(CryptoError::BadPeerShare));
    }
    assert!(public_key(&sized(256)).is_some() && public_key(&sized(1024)).is_some());
}
