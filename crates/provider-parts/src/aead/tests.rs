use super::*;
use alloc::{vec, vec::Vec};
use hex_literal::hex;

#[test]
fn ccm_example_3_of_sp_800_38c() {
    // The only example with a 12-byte nonce. Its tag has 8 bytes.
    let key = ccm()[2].key(&hex!("404142434445464748494a4b4c4d4e4f")).unwrap();
    let nonce = hex!("101112131415161718191a1b");
    let aad = hex!("000102030405060708090a0b0c0d0e0f10111213");
    let plaintext = hex!("202122232425262728292a2b2c2d2e2f3031323334353637");
    let (mut text, mut tag) = (plaintext, [0; 8]);
    key.seal(&nonce, &aad, &mut text, &mut tag).unwrap();
    assert_eq!(text, hex!("e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5"));
    assert_eq!(tag, hex!("484392fbc1b09951"));
    let mut sealed = [&text[..], &tag].concat();
    assert_eq!(key.open(&nonce, &aad, &mut sealed), Ok(24));
    assert_eq!(sealed[..24], plaintext);
}

#[test]
fn tampered_record_leaves_no_plaintext() {
    for aead in ccm() {
        let key = aead.key(&vec![7; aead.algorithm().key_len()]).unwrap();
        let plaintext: Vec<u8> = (0..=255).cycle().skip(1).take(1000 + 7).collect();
        let mut tag = vec![0; aead.algorithm().tag_len()];
        let mut sealed = plaintext.clone();
        key.seal(&[1; 12], b"aad", &mut sealed, &mut tag).unwrap();
        sealed.extend_from_slice(&tag);
        for position in [0, 500, 1006, 1007, sealed.len() - 1] {
            let mut tampered = sealed.clone();
            tampered[position] ^= 0x10;
            assert_eq!(key.open(&[1; 12], b"aad", &mut tampered), Err(CryptoError::BadTag));
            assert!(tampered.iter().all(|byte| *byte == 0), "{}", aead.algorithm());
        }
        for (nonce, aad) in [([2; 12], &b"aad"[..]), ([1; 12], b"AAD"), ([1; 12], b"")] {
            assert_eq!(key.open(&nonce, aad, &mut sealed.clone()), Err(CryptoError::BadTag));
        }
        assert_eq!(key.open(&[1; 12], b"aad", &mut sealed), Ok(plaintext.len()));
        assert_eq!(sealed[..plaintext.len()], plaintext);
    }
}

#[test]
fn inputs_of_invalid_length_do_not_open() {
    for aead in ccm() {
        let key = aead.key(&vec![7; aead.algorithm().key_len()]).unwrap();
        let tag = aead.algorithm().tag_len();
        for len in (0..=tag).chain([(1 << 24) + tag]) {
            let mut sealed = vec![1; len];
            assert_eq!(key.open(&[0; 12], &[], &mut sealed), Err(CryptoError::BadTag), "{len}");
            assert!(sealed.iter().all(|byte| *byte == 0));
        }
        let mut long = vec![0; 1 << 24];
        assert_eq!(key.seal(&[0; 12], &[], &mut long, &mut vec![0; tag]), Err(CryptoError::InputTooLong));
        assert!(long.iter().all(|byte| *byte == 0), "not encrypted");
    }
}

#[test]
fn wrong_lengths_are_rejected() {
    for aead in ccm() {
        let algorithm = aead.algorithm();
        for got in [0, 15, 17, 24, 31, 33, 64] {
            let expected = algorithm.key_len();
            assert_eq!(aead.key(&vec![0; got]).err(), Some(CryptoError::WrongLength { expected, got }));
        }
        let key = aead.key(&vec![7; algorithm.key_len()]).unwrap();
        for got in [0, 7, 11, 13] {
            let error = CryptoError::WrongLength { expected: 12, got };
            assert_eq!(key.seal(&vec![0; got], &[], &mut [], &mut [0; 16]), Err(error));
            assert_eq!(key.open(&vec![0; got], &[], &mut [0; 16]), Err(error));
        }
        for got in [0, 4, 7, 9, 15, 17] {
            let error = CryptoError::WrongLength { expected: algorithm.tag_len(), got };
            let mut text = *b"untouched";
            assert_eq!(key.seal(&[0; 12], &[], &mut text, &mut vec![0; got]), Err(error));
            assert_eq!(&text, b"untouched");
        }
    }
}
