use super::*;
use cairn_crypto::CryptoError;
use hex_literal::hex;

fn aead_of(algorithm: AeadAlgorithm) -> Arc<dyn Aead> {
    all().into_iter().find(|aead| aead.algorithm() == algorithm).unwrap()
}

fn check(algorithm: AeadAlgorithm, key: &[u8], nonce: &[u8], aad: &[u8], text: &[u8], sealed: &[u8]) {
    let key = aead_of(algorithm).key(key).unwrap();
    let (mut in_out, mut tag) = (text.to_vec(), vec![0; algorithm.tag_len()]);
    key.seal(nonce, aad, &mut in_out, &mut tag).unwrap();
    in_out.extend_from_slice(&tag);
    assert_eq!(in_out, sealed);
    assert_eq!(key.open(nonce, aad, &mut in_out), Ok(text.len()));
    assert_eq!(in_out[..text.len()], *text);
}

#[test]
fn gcm_specification_test_cases() {
    // McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B: test cases 2, 4 and 16.
    check(
        AeadAlgorithm::Aes128Gcm,
        &[0; 16],
        &[0; 12],
        &[],
        &[0; 16],
        &hex!("0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"),
    );
    let nonce = hex!("cafebabefacedbaddecaf888");
    let aad = hex!("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    let text = hex!(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    );
    check(
        AeadAlgorithm::Aes128Gcm,
        &hex!("feffe9928665731c6d6a8f9467308308"),
        &nonce,
        &aad,
        &text,
        &hex!(
            "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
            "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091"
            "5bc94fbc3221a5db94fae95ae7121a47"
        ),
    );
    check(
        AeadAlgorithm::Aes256Gcm,
        &hex!("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
        &nonce,
        &aad,
        &text,
        &hex!(
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
            "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
            "76fc6ece0f4e1768cddf8853bb2d551b"
        ),
    );
}

#[test]
fn rfc_8439_example() {
    check(
        AeadAlgorithm::ChaCha20Poly1305,
        &hex!("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"),
        &hex!("070000004041424344454647"),
        &hex!("50515253c0c1c2c3c4c5c6c7"),
        b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
          sunscreen would be it.",
        &hex!(
            "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
            "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
            "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
            "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"
        ),
    );
}

#[test]
fn tampered_record_leaves_no_plaintext() {
    for aead in all() {
        let key = aead.key(&vec![7; aead.algorithm().key_len()]).unwrap();
        // Long enough for code paths that process several blocks, with a partial block at the end.
        let text: Vec<u8> = (1..=255).cycle().take(1000 + 7).collect();
        let (mut sealed, mut tag) = (text.clone(), vec![0; aead.algorithm().tag_len()]);
        key.seal(&[1; 12], b"aad", &mut sealed, &mut tag).unwrap();
        sealed.extend_from_slice(&tag);
        for position in [0, 500, 1006, 1007, sealed.len() - 1] {
            let mut tampered = sealed.clone();
            tampered[position] ^= 0x10;
            assert_eq!(key.open(&[1; 12], b"aad", &mut tampered), Err(CryptoError::BadTag));
            assert!(tampered.iter().all(|byte| *byte == 0), "{}", aead.algorithm());
        }
        assert_eq!(key.open(&[1; 12], b"AAD", &mut sealed.clone()), Err(CryptoError::BadTag));
        assert_eq!(key.open(&[2; 12], b"aad", &mut sealed.clone()), Err(CryptoError::BadTag));
        assert_eq!(key.open(&[1; 12], b"aad", &mut sealed), Ok(text.len()));
    }
}

#[test]
fn wrong_lengths_are_rejected() {
    for aead in all() {
        let expected = aead.algorithm().key_len();
        for got in [0, 15, 17, 31, 33] {
            assert_eq!(aead.key(&vec![0; got]).err(), Some(CryptoError::WrongLength { expected, got }));
        }
        let key = aead.key(&vec![7; expected]).unwrap();
        let expected = aead.algorithm().tag_len();
        for got in [0, 7, 9, 15, 17] {
            let mut text = *b"untouched";
            let error = CryptoError::WrongLength { expected, got };
            assert_eq!(key.seal(&[0; 12], &[], &mut text, &mut vec![0; got]), Err(error));
            assert_eq!(&text, b"untouched");
        }
        let error = CryptoError::WrongLength { expected: 12, got: 11 };
        assert_eq!(key.open(&[0; 11], &[], &mut [0; 32]), Err(error));
    }
}
