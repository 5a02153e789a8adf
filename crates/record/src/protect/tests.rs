use super::*;
use crate::testing::{Gone, SUITES, keys, provider, with_aeads};
use alloc::{sync::Arc, vec, vec::Vec};
use cairn_crypto::CryptoError;
use cairn_schedule::suite;
use cairn_wire::CipherSuite;
use hex_literal::hex;

const TLS_1_2: ProtocolVersion = ProtocolVersion::TLS_1_2;

fn client_keys(id: CipherSuite) -> RecordKeys {
    RecordKeys::new(&provider(), suite(id).unwrap(), &keys(id).0).unwrap()
}

fn laid_out(keys: &RecordKeys, text: &[u8]) -> Vec<u8> {
    let Overhead { prefix, suffix } = keys.overhead();
    [&vec![0; prefix][..], text, &vec![0; suffix]].concat()
}

/// Made with Python's `hmac` and the package `cryptography`, by `tests/data/vectors.py`.
#[test]
fn records_are_those_that_another_implementation_makes() {
    let [aes_128, aes_256, chacha] = SUITES;
    let known: [(_, u64, &[u8], &[u8]); 9] = [
        (
            aes_128,
            0,
            b"stone upon stone",
            &hex!(
                "1603030028 0000000000000000 3273a90d08d31cbe7fb41dd532e63935 9c6b96889642eefd7f8caa6fa111e248"
            ),
        ),
        (
            aes_256,
            0,
            b"stone upon stone",
            &hex!(
                "1603030028 0000000000000000 1c843f37b7ba7796ee4dbb178350267e 138917ff15d025b8f50bef4aaa660c99"
            ),
        ),
        (
            chacha,
            0,
            b"stone upon stone",
            &hex!("1603030020 9701487a0a5921135d3a4e5feb93e206 d8abe7d50796a663b9cef2c63187d2e2"),
        ),
        (
            aes_128,
            0x0123_4567_89ab_cdef,
            b"",
            &hex!("1703030018 0123456789abcdef 539c75aeeed42d719bf01604185e969c"),
        ),
        (
            aes_256,
            0x0123_4567_89ab_cdef,
            b"",
            &hex!("1703030018 0123456789abcdef 2cc2697e8b1b83f70110e57f7dfea6d7"),
        ),
        (chacha, 0x0123_4567_89ab_cdef, b"", &hex!("1703030010 0d0bd0856eac108d56e878712b4c7930")),
        (aes_128, 1, b"\x01\x00", &hex!("150303001a 0000000000000001 3b91 fea36ee27a63954c35f2a3f53dcb247a")),
        (aes_256, 1, b"\x01\x00", &hex!("150303001a 0000000000000001 c79b 17475b1789844e39cc05186376375835")),
        (chacha, 1, b"\x01\x00", &hex!("1503030012 b986 2a0f0b78ded5bb7fedf9fbbc1ff9af76")),
    ];
    for (id, seq, text, record) in known {
        let keys = client_keys(id);
        let (content_type, body) = (ContentType(record[0]), &record[5..]);
        let mut made = laid_out(&keys, text);
        keys.seal(seq, content_type, TLS_1_2, &mut made).unwrap();
        assert_eq!(made, body, "{id} {seq}");
        let place = keys.open(seq, content_type, TLS_1_2, &mut made).unwrap();
        assert_eq!(&made[place], text, "{id} {seq}");
    }
}

#[test]
fn everything_that_the_record_says_of_itself_is_covered() {
    for id in SUITES {
        let keys = client_keys(id);
        let mut sealed = laid_out(&keys, b"text");
        keys.seal(7, ContentType::HANDSHAKE, TLS_1_2, &mut sealed).unwrap();
        for (seq, content_type, version) in [
            (8, ContentType::HANDSHAKE, TLS_1_2),
            (7, ContentType::ALERT, TLS_1_2),
            (7, ContentType::HANDSHAKE, ProtocolVersion::TLS_1_1),
        ] {
            let opened = keys.open(seq, content_type, version, &mut sealed.clone());
            assert_eq!(opened, Err(RecordError::BadRecordMac));
        }
        // One byte less, or one more.
        let mut longer = sealed.clone();
        longer.push(0);
        for body in [&mut sealed[1..].to_vec(), &mut longer] {
            let opened = keys.open(7, ContentType::HANDSHAKE, TLS_1_2, body);
            assert_eq!(opened, Err(RecordError::BadRecordMac));
        }
        // The same record under the other direction's keys.
        let other = RecordKeys::new(&provider(), suite(id).unwrap(), &crate::testing::keys(id).1).unwrap();
        let opened = other.open(7, ContentType::HANDSHAKE, TLS_1_2, &mut sealed.clone());
        assert_eq!(opened, Err(RecordError::BadRecordMac));
        assert!(keys.open(7, ContentType::HANDSHAKE, TLS_1_2, &mut sealed).is_ok());
    }
}

#[test]
fn the_explicit_nonce_is_the_senders_to_choose() {
    // OpenSSL begins at a random one. The associated data still holds the true sequence number.
    let id = SUITES[0];
    let ours = client_keys(id);
    let (client, _) = keys(id);
    let key =
        provider().aead(cairn_crypto::AeadAlgorithm::Aes128Gcm).unwrap().key(client.cipher_key()).unwrap();
    let explicit = hex!("fedcba9876543210");
    let nonce = [client.fixed_iv(), &explicit].concat();
    let aad = hex!("0000000000000005 17 0303 0004");
    let (mut text, mut tag) = (*b"text", [0; 16]);
    key.seal(&nonce, &aad, &mut text, &mut tag).unwrap();
    let mut body = [&explicit[..], &text, &tag].concat();
    let place = ours.open(5, ContentType::APPLICATION_DATA, TLS_1_2, &mut body).unwrap();
    assert_eq!(&body[place], b"text");
}

#[test]
fn what_is_too_short_was_never_sealed() {
    for id in SUITES {
        let keys = client_keys(id);
        for length in 0..keys.overhead().total() {
            let mut body = vec![1; length];
            let opened = keys.open(0, ContentType::APPLICATION_DATA, TLS_1_2, &mut body);
            assert_eq!(opened, Err(RecordError::BadRecordMac), "{length}");
            let sealed = keys.seal(0, ContentType::APPLICATION_DATA, TLS_1_2, &mut body);
            let needed = keys.overhead().total();
            assert_eq!(sealed, Err(RecordError::BufferTooSmall { needed, got: length }));
        }
    }
}

#[test]
fn a_length_that_no_header_can_state_is_refused() {
    for id in SUITES {
        let keys = client_keys(id);
        let (length, max) = (usize::from(u16::MAX) + 1, usize::from(u16::MAX));
        let mut body = laid_out(&keys, &vec![0; length]);
        let sealed = keys.seal(0, ContentType::APPLICATION_DATA, TLS_1_2, &mut body);
        assert_eq!(sealed, Err(RecordError::PayloadTooLong { length, max }));
        let opened = keys.open(0, ContentType::APPLICATION_DATA, TLS_1_2, &mut body);
        assert_eq!(opened, Err(RecordError::BadRecordMac));
    }
}

#[test]
fn nothing_is_left_when_the_module_fails() {
    let provider = with_aeads(|aead| Arc::new(Gone(aead)));
    for id in SUITES {
        let keys = RecordKeys::new(&provider, suite(id).unwrap(), &keys(id).0).unwrap();
        let mut body = laid_out(&keys, b"half opened, say");
        let error = RecordError::Crypto(CryptoError::Failed);
        assert_eq!(keys.open(0, ContentType::HANDSHAKE, TLS_1_2, &mut body), Err(error));
        assert!(body.iter().all(|byte| *byte == 0));
        assert_eq!(keys.seal(0, ContentType::HANDSHAKE, TLS_1_2, &mut body), Err(error));
    }
}

#[test]
fn a_provider_without_the_cipher_is_named() {
    let mut provider = provider();
    provider.aeads.clear();
    for id in SUITES {
        let suite = suite(id).unwrap();
        let Protection::Aead { algorithm, .. } = suite.protection else { panic!("{id}") };
        let error = RecordKeys::new(&provider, suite, &keys(id).0).err();
        assert_eq!(error, Some(RecordError::AeadNotOffered(algorithm)));
    }
}

#[test]
fn keys_of_another_suite_do_not_fit() {
    let [aes_128, _, chacha] = SUITES;
    for (id, other) in [(aes_128, chacha), (chacha, aes_128)] {
        let error = RecordKeys::new(&provider(), suite(id).unwrap(), &keys(other).0).err();
        assert!(matches!(error, Some(RecordError::Crypto(CryptoError::WrongLength { .. }))), "{error:?}");
    }
}

#[test]
fn limits_are_those_of_the_cipher() {
    for id in SUITES {
        let Protection::Aead { algorithm, .. } = suite(id).unwrap().protection else { panic!("{id}") };
        assert_eq!(client_keys(id).usage_limits(), algorithm.usage_limits());
    }
}
