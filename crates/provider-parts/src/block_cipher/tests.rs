use super::*;
use crate::testing::Seeded;
use alloc::{vec, vec::Vec};
use hex_literal::hex;
use rand_core::TryRng;

const ALL: [&dyn BlockCipher; 3] = [&AES_128, &AES_256, &TRIPLE_DES];

fn check(cipher: &dyn BlockCipher, key: &[u8], iv: &[u8], plaintext: &[u8], ciphertext: &[u8]) {
    let key = cipher.key(key).unwrap();
    let mut text = plaintext.to_vec();
    key.encrypt_cbc(iv, &mut text).unwrap();
    assert_eq!(text, ciphertext);
    key.decrypt_cbc(iv, &mut text).unwrap();
    assert_eq!(text, plaintext);
}

#[test]
fn cbc_examples_of_sp_800_38a() {
    let iv = hex!("000102030405060708090a0b0c0d0e0f");
    let plaintext = hex!(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
    );
    check(
        &AES_128,
        &hex!("2b7e151628aed2a6abf7158809cf4f3c"),
        &iv,
        &plaintext,
        &hex!(
            "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
            "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7"
        ),
    );
    check(
        &AES_256,
        &hex!("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"),
        &iv,
        &plaintext,
        &hex!(
            "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
            "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b"
        ),
    );
}

#[test]
fn triple_des_matches_openssl() {
    // openssl enc -des-ede3-cbc -nopad -K 0102..18 -iv 0001..07
    let counting: Vec<u8> = (0..48).collect();
    check(
        &TRIPLE_DES,
        &counting[1..25],
        &counting[..8],
        &counting,
        &hex!(
            "c7b64ccccdb0d3046b717e6ca4bac00f451b55b2e93323e8"
            "4b9a1f6fdac31f0a2bf9b4ddb27d69e3444b9835c8a0dd37"
        ),
    );
}

#[test]
fn any_number_of_blocks_round_trips() {
    // Some implementations process several blocks at once.
    let mut rng = Seeded::new(3);
    for cipher in ALL {
        let (key_len, block) = (cipher.algorithm().key_len(), cipher.algorithm().block_len());
        let (mut key, mut iv, mut text) = (vec![0; key_len], vec![0; block], vec![0; block * 70]);
        for place in [&mut key, &mut iv, &mut text] {
            rng.try_fill_bytes(place).unwrap();
        }
        let key = cipher.key(&key).unwrap();
        let mut whole = text.clone();
        key.encrypt_cbc(&iv, &mut whole).unwrap();
        for blocks in 0..=70 {
            let mut some = text[..blocks * block].to_vec();
            key.encrypt_cbc(&iv, &mut some).unwrap();
            assert_eq!(some, whole[..blocks * block]);
            key.decrypt_cbc(&iv, &mut some).unwrap();
            assert_eq!(some, text[..blocks * block]);
        }
    }
}

#[test]
fn chunks_chain_with_the_last_block_as_iv() {
    for cipher in ALL {
        let block = cipher.algorithm().block_len();
        let key = cipher.key(&vec![9; cipher.algorithm().key_len()]).unwrap();
        let text: Vec<u8> = (0..).take(10 * block).collect();
        let mut whole = text.clone();
        key.encrypt_cbc(&vec![1; block], &mut whole).unwrap();
        let (mut left, mut right) = (text[..3 * block].to_vec(), text[3 * block..].to_vec());
        key.encrypt_cbc(&vec![1; block], &mut left).unwrap();
        key.encrypt_cbc(&left[2 * block..], &mut right).unwrap();
        assert_eq!([left, right].concat(), whole);
    }
}

#[test]
fn wrong_lengths_leave_the_text_unchanged() {
    for cipher in ALL {
        let (expected, block) = (cipher.algorithm().key_len(), cipher.algorithm().block_len());
        for got in [0, 1, 8, 15, 17, 23, 25, 31, 33] {
            assert_eq!(cipher.key(&vec![0; got]).err(), Some(CryptoError::WrongLength { expected, got }));
        }
        let key = cipher.key(&vec![7; expected]).unwrap();
        for got in [0, 1, block - 1, block + 1, 2 * block] {
            let error = Err(CryptoError::WrongLength { expected: block, got });
            let mut text = vec![7; 2 * block];
            assert_eq!(key.encrypt_cbc(&vec![0; got], &mut text), error);
            assert_eq!(key.decrypt_cbc(&vec![0; got], &mut text), error);
            assert_eq!(text, vec![7; 2 * block]);
        }
        for (got, expected) in [(1, block), (block - 1, block), (block + 1, 2 * block)] {
            let error = Err(CryptoError::WrongLength { expected, got });
            let mut text = vec![7; got];
            assert_eq!(key.encrypt_cbc(&vec![0; block], &mut text), error);
            assert_eq!(key.decrypt_cbc(&vec![0; block], &mut text), error);
            assert_eq!(text, vec![7; got]);
        }
    }
}

#[test]
fn implementation_is_rustcrypto() {
    for cipher in ALL {
        assert_eq!(cipher.implementation(), "RustCrypto");
        assert!(!cipher.fips());
    }
}
