use super::*;
use hex_literal::hex;

/// RFC 4231 section 4.7 and RFC 2202 section 3 test case 6: a key longer than any block.
const LONG: &[u8] = b"Test Using Larger Than Block-Size Key - Hash Key First";

#[test]
fn known_answers() {
    let sha256 = hex!("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    let sha384 = hex!(
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
        "8e2240ca5e69e2c78b3239ecfab21649"
    );
    let sha512 = hex!(
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
    );
    let sha1 = hex!("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    for (hmac, expected) in all().iter().zip([&sha256[..], &sha384, &sha512, &sha1]) {
        let key = hmac.key(b"Jefe").unwrap();
        let mut tag = vec![0; hmac.hash_algorithm().output_len()];
        // Twice, because a message must not change the key.
        for _ in 0..2 {
            tag.fill(0);
            key.sign(&[b"what do ya ", b"", b"want for nothing?"], &mut tag).unwrap();
            assert_eq!(tag, expected);
        }
        assert_eq!(key.verify(&[b"what do ya want for nothing?"], expected), Ok(()));
        tag[0] ^= 1;
        assert_eq!(key.verify(&[b"what do ya want for nothing?"], &tag), Err(CryptoError::BadTag));
    }
    let mut tag = [0; 32];
    all()[0].key(&[0xaa; 131]).unwrap().sign(&[LONG], &mut tag).unwrap();
    assert_eq!(tag, hex!("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
    let mut tag = [0; 20];
    all()[3].key(&[0xaa; 80]).unwrap().sign(&[LONG], &mut tag).unwrap();
    assert_eq!(tag, hex!("aa4ae5e15272d00e95705637ce8a3b55ed402112"));
}

#[test]
fn tags_of_wrong_length_are_rejected() {
    for hmac in all() {
        let expected = hmac.hash_algorithm().output_len();
        let key = hmac.key(&[]).unwrap();
        for got in [0, expected - 1, expected + 1] {
            let error = CryptoError::WrongLength { expected, got };
            assert_eq!(key.sign(&[b"x"], &mut vec![0; got]), Err(error));
        }
    }
}
