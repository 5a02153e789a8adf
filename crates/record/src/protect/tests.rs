use super::*;
use crate::testing::{
    AEADS, AES_128_GCM, ENCRYPT_THEN_MAC, Failing, Kind, MAC_THEN_ENCRYPT, NULLS, kinds, provider, with_aeads,
};
use alloc::{sync::Arc, vec, vec::Vec};
use cairn_crypto::CryptoError;
use hex_literal::hex;

const TLS_1_2: ProtocolVersion = ProtocolVersion::TLS_1_2;

/// A text at its position in a body.
fn laid_out(keys: &RecordKeys, text: &[u8]) -> Vec<u8> {
    let mut body = vec![0; keys.overhead().prefix()];
    body.extend_from_slice(text);
    body.resize(keys.overhead().body_len(text.len()), 0);
    body
}

#[test]
fn protection_covers_sequence_number_type_version_and_length() {
    for id in kinds() {
        let keys = id.keys();
        let mut sealed = laid_out(&keys, b"text");
        keys.seal(7, ContentType::HANDSHAKE, TLS_1_2, &mut sealed, 4).unwrap();
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
        // The same record under the keys of the other direction.
        let theirs = id.traffic_keys().1;
        let other = RecordKeys::new(&provider(), &Keys::Tls12(theirs)).unwrap();
        let opened = other.open(7, ContentType::HANDSHAKE, TLS_1_2, &mut sealed.clone());
        assert_eq!(opened, Err(RecordError::BadRecordMac));
        assert!(keys.open(7, ContentType::HANDSHAKE, TLS_1_2, &mut sealed).is_ok());
    }
}

#[test]
fn sender_may_choose_the_explicit_nonce() {
    // OpenSSL starts at a random one. The associated data still contains the true sequence number.
    let ours = AES_128_GCM.keys();
    let (client, _) = AES_128_GCM.traffic_keys();
    let key =
        provider().aead(cairn_crypto::AeadAlgorithm::Aes128Gcm).unwrap().key(client.cipher_key()).unwrap();
    let explicit = hex!("fedcba9876543210");
    let nonce = [client.fixed_iv(), &explicit].concat();
    let aad = hex!("0000000000000005 17 0303 0004");
    let (mut text, mut tag) = (*b"text", [0; 16]);
    key.seal(&nonce, &aad, &mut text, &mut tag).unwrap();
    let mut body = [&explicit[..], &text, &tag].concat();
    let place = ours.open(5, ContentType::APPLICATION_DATA, TLS_1_2, &mut body).unwrap();
    assert_eq!(&body[place.1], b"text");
}

#[test]
fn bodies_that_are_too_short_are_rejected() {
    for id in kinds() {
        let keys = id.keys();
        let needed = keys.overhead().body_len(0);
        for length in 0..needed {
            let mut body = vec![1; length];
            let opened = keys.open(0, ContentType::APPLICATION_DATA, TLS_1_2, &mut body);
            assert_eq!(opened, Err(RecordError::BadRecordMac), "{length}");
            let sealed = keys.seal(0, ContentType::APPLICATION_DATA, TLS_1_2, &mut body, 0);
            assert_eq!(sealed, Err(RecordError::BufferTooSmall { needed, got: length }));
        }
    }
}

#[test]
fn bodies_longer_than_a_header_can_state_are_rejected() {
    for id in kinds() {
        let keys = id.keys();
        let max = keys.overhead().max_text_len(usize::from(u16::MAX)).unwrap();
        let mut body = laid_out(&keys, &vec![0; max]);
        let sealed = keys.seal(0, ContentType::APPLICATION_DATA, TLS_1_2, &mut body, max);
        assert_eq!(sealed, Ok(body.len()));
        assert!(keys.open(0, ContentType::APPLICATION_DATA, TLS_1_2, &mut body).is_ok());

        for length in [max + 1, 1 << 16, usize::MAX] {
            let sealed = keys.seal(0, ContentType::APPLICATION_DATA, TLS_1_2, &mut body, length);
            assert_eq!(sealed, Err(RecordError::PayloadTooLong { length, max }));
        }
        let mut body = laid_out(&keys, &vec![0; 1 << 16]);
        let opened = keys.open(0, ContentType::APPLICATION_DATA, TLS_1_2, &mut body);
        assert_eq!(opened, Err(RecordError::BadRecordMac));
    }
}

#[test]
fn bytes_after_the_body_are_not_modified() {
    for id in kinds() {
        let keys = id.keys();
        let mut room = laid_out(&keys, b"text");
        let body_len = room.len();
        room.extend_from_slice(&[0xee; 20]);
        assert_eq!(keys.seal(0, ContentType::HANDSHAKE, TLS_1_2, &mut room, 4), Ok(body_len));
        assert_eq!(room[body_len..], [0xee; 20]);
    }
}

#[test]
fn body_is_zeroed_if_the_provider_fails() {
    let provider = with_aeads(|aead| Arc::new(Failing(aead)));
    for id in AEADS {
        let keys = id.keys_by(&provider).unwrap();
        let text = b"half opened, say";
        let mut body = laid_out(&keys, text);
        let error = RecordError::Crypto(CryptoError::Failed);
        assert_eq!(keys.open(0, ContentType::HANDSHAKE, TLS_1_2, &mut body), Err(error));
        assert!(body.iter().all(|byte| *byte == 0));
        assert_eq!(keys.seal(0, ContentType::HANDSHAKE, TLS_1_2, &mut body, text.len()), Err(error));
    }
}

#[test]
fn missing_primitives_are_reported() {
    let poor = |spoil: fn(&mut Provider)| {
        let mut provider = provider();
        spoil(&mut provider);
        move |id: Kind| id.keys_by(&provider).err()
    };
    let no_aeads = poor(|provider| provider.aeads.clear());
    for id in AEADS {
        let Protection::Aead { algorithm, .. } = id.suite.protection else { panic!("{id:?}") };
        assert_eq!(no_aeads(id), Some(RecordError::AeadNotOffered(algorithm)));
    }
    let no_ciphers = poor(|provider| provider.block_ciphers.clear());
    let no_hmacs = poor(|provider| provider.hmacs.clear());
    let no_hashes = poor(|provider| provider.hashes.clear());
    for id in MAC_THEN_ENCRYPT.into_iter().chain(ENCRYPT_THEN_MAC) {
        let Protection::Cbc { cipher, mac, .. } = id.suite.protection else { panic!("{id:?}") };
        assert_eq!(no_ciphers(id), Some(RecordError::BlockCipherNotOffered(cipher)));
        assert_eq!(no_hmacs(id), Some(RecordError::HmacNotOffered(mac)));
        // Encrypt-then-MAC needs only an ordinary MAC.
        let refused = (!id.encrypt_then_mac).then_some(RecordError::CompressionNotOffered(mac));
        assert_eq!(no_hashes(id), refused);
    }
    for id in NULLS {
        let Protection::Null { mac } = id.suite.protection else { panic!("{id:?}") };
        assert_eq!(no_hmacs(id), Some(RecordError::HmacNotOffered(mac)));
    }
}

#[test]
fn usage_limits_are_those_of_the_cipher() {
    for id in AEADS {
        let Protection::Aead { algorithm, .. } = id.suite.protection else { panic!("{id:?}") };
        assert_eq!(id.keys().usage_limits(), algorithm.usage_limits());
    }
}

/// Text lengths around block boundaries, and the maximum of a record.
fn lengths() -> impl Iterator<Item = usize> {
    (0..70).chain([255, 256, 257, 1000, (1 << 14) - 1, 1 << 14])
}

#[test]
fn copying_and_in_place_operations_give_the_same_result() {
    const DATA: ContentType = ContentType::APPLICATION_DATA;
    // The same IV each time, so that the results are equal.
    let provider = crate::testing::with_random(crate::testing::FixedRandom);
    for id in kinds() {
        let keys = id.keys_by(&provider).unwrap();
        for length in lengths() {
            let text: Vec<u8> = (1..=251).cycle().take(length).collect();
            let mut in_place = laid_out(&keys, &text);
            let body_len = keys.seal(3, DATA, TLS_1_2, &mut in_place, length).unwrap();
            let mut room = vec![0xee; body_len + 20];
            assert_eq!(keys.seal_from(3, DATA, TLS_1_2, &text, &mut room), Ok(body_len), "{id:?} {length}");
            assert_eq!(room[..body_len], in_place, "{id:?} {length}");
            assert_eq!(room[body_len..], [0xee; 20], "bytes after the body were modified");

            let longest = keys.overhead().max_text_len(body_len).unwrap();
            let mut place = vec![0xee; longest + 20];
            let opened = keys.open_into(3, DATA, TLS_1_2, &mut room[..body_len], &mut place);
            assert_eq!(opened, Ok((DATA, length)), "{id:?}");
            assert_eq!(place[..length], text, "{id:?}");
            assert!(place[length..].iter().all(|byte| *byte == 0xee), "{id:?}");
        }
    }
}

#[test]
fn short_output_buffers_are_rejected_before_any_change() {
    for id in kinds() {
        let keys = id.keys();
        let mut sealed = laid_out(&keys, b"some text");
        let body_len = keys.seal(0, ContentType::APPLICATION_DATA, TLS_1_2, &mut sealed, 9).unwrap();
        let needed = keys.overhead().max_text_len(body_len).unwrap();
        let before = sealed.clone();
        for got in 0..needed {
            let mut place = vec![0xee; got];
            let opened = keys.open_into(0, ContentType::APPLICATION_DATA, TLS_1_2, &mut sealed, &mut place);
            assert_eq!(opened, Err(RecordError::BufferTooSmall { needed, got }));
            assert!(sealed == before && place.iter().all(|byte| *byte == 0xee));
        }
        for got in 0..body_len {
            let mut room = vec![0xee; got];
            let sealed = keys.seal_from(0, ContentType::APPLICATION_DATA, TLS_1_2, b"some text", &mut room);
            assert_eq!(sealed, Err(RecordError::BufferTooSmall { needed: body_len, got }));
            assert!(room.iter().all(|byte| *byte == 0xee));
        }
    }
}

#[test]
fn unauthentic_text_is_erased_from_both_buffers() {
    for id in kinds() {
        let keys = id.keys();
        let text: Vec<u8> = (1..=251).cycle().take(1000).collect();
        let mut sealed = laid_out(&keys, &text);
        keys.seal(0, ContentType::APPLICATION_DATA, TLS_1_2, &mut sealed, text.len()).unwrap();
        for at in [0, 20, 500, sealed.len() - 1] {
            let (mut body, mut place) = (sealed.clone(), vec![0xee; 1500]);
            body[at] ^= 1;
            let opened = keys.open_into(0, ContentType::APPLICATION_DATA, TLS_1_2, &mut body, &mut place);
            assert_eq!(opened, Err(RecordError::BadRecordMac), "{id:?} {at}");
            let longest = keys.overhead().max_text_len(body.len()).unwrap();
            assert!(body.iter().chain(&place[..longest]).all(|byte| *byte == 0), "{id:?} {at}");
            assert!(place[longest..].iter().all(|byte| *byte == 0xee), "{id:?} {at}");
        }
        for length in 0..keys.overhead().body_len(0) {
            let (mut body, mut place) = (vec![1; length], [0xee; 10]);
            let opened = keys.open_into(0, ContentType::APPLICATION_DATA, TLS_1_2, &mut body, &mut place);
            assert_eq!(opened, Err(RecordError::BadRecordMac), "{length}");
            assert_eq!(place, [0xee; 10]);
        }
    }
    let provider = with_aeads(|aead| Arc::new(Failing(aead)));
    for id in AEADS {
        let keys = id.keys_by(&provider).unwrap();
        let error = RecordError::Crypto(CryptoError::Failed);
        let (mut room, mut place) = (vec![0xee; 100], [0xee; 100]);
        let sealed = keys.seal_from(0, ContentType::HANDSHAKE, TLS_1_2, b"a text, in the clear", &mut room);
        assert_eq!(sealed, Err(error));
        let body_len = keys.overhead().body_len(20);
        assert!(room[..body_len].iter().all(|byte| *byte == 0));
        let opened = keys.open_into(0, ContentType::HANDSHAKE, TLS_1_2, &mut room, &mut place);
        assert_eq!(opened, Err(error));
        assert!(room.iter().all(|byte| *byte == 0));
    }
}
