use super::*;
use crate::testing::{Always, NOW, NoRandom, provider, provider_with, ticket_key};
use alloc::{format, sync::Arc};

#[test]
fn generated_keys_are_unique() {
    let provider = provider();
    let a = TicketKey::generate(&provider, NOW).unwrap();
    let b = TicketKey::generate(&provider, NOW).unwrap();
    assert_ne!(a.name(), b.name());
    assert_ne!(a.secret(), b.secret());
    assert_eq!(a.aead(), TicketAead::Aes256Gcm);
    assert_eq!(a.created(), UnixTime::from_secs(NOW.as_secs()), "without fractions, as it is encoded");
}

#[test]
fn aead_depends_on_the_provider() {
    let mut lacking = Arc::unwrap_or_clone(provider());
    lacking.aeads.retain(|aead| aead.algorithm() != AeadAlgorithm::Aes256Gcm);
    assert_eq!(TicketKey::generate(&lacking, NOW).unwrap().aead(), TicketAead::ChaCha20Poly1305);
    lacking.aeads.retain(|aead| aead.algorithm() != AeadAlgorithm::ChaCha20Poly1305);
    let unsupported = SessionError::Crypto(CryptoError::Unsupported);
    assert_eq!(TicketKey::generate(&lacking, NOW), Err(unsupported));

    let mut lacking = Arc::unwrap_or_clone(provider());
    lacking.hmacs.retain(|hmac| hmac.hash_algorithm() != HashAlgorithm::Sha256);
    assert_eq!(TicketKey::generate(&lacking, NOW), Err(unsupported));
}

#[test]
fn no_key_is_generated_without_randomness() {
    let failed = SessionError::Crypto(CryptoError::RandomFailed);
    assert_eq!(TicketKey::generate(&provider_with(NoRandom), NOW), Err(failed));
    assert_eq!(TicketKey::generate(&provider_with(Always(0)), NOW), Err(SessionError::ZeroTicketKey));
    assert!(TicketKey::generate(&provider_with(Always(1)), NOW).is_ok());
}

#[test]
fn key_encoding_is_stable() {
    for (aead, number) in [(TicketAead::Aes256Gcm, 2), (TicketAead::ChaCha20Poly1305, 29)] {
        let key = TicketKey::from_parts(TicketKeyName([7; 16]), aead, Secret::from(&[8; 32]), NOW).unwrap();
        let bytes = key.encode();
        let expected =
            [&b"CTK1"[..], &[0, number], &[7; 16], &NOW.as_secs().to_be_bytes(), &[8; 32]].concat();
        assert_eq!(bytes.expose(), expected);
        assert_eq!(bytes.len(), TicketKey::ENCODED_LEN);
        assert_eq!(TicketKey::decode(&expected), Ok(key));
    }
}

#[test]
fn invalid_key_encodings_are_rejected() {
    let good = ticket_key(1).encode();
    let good = good.expose();
    for length in 0..good.len() {
        assert!(matches!(TicketKey::decode(&good[..length]), Err(SessionError::Decode(_))), "{length}");
    }
    let longer = [good, &[0]].concat();
    assert!(matches!(TicketKey::decode(&longer), Err(SessionError::Decode(_))));

    let changed = |place: usize, byte: u8| {
        let mut bytes = good.to_vec();
        bytes[place] = byte;
        TicketKey::decode(&bytes)
    };
    assert_eq!(changed(0, b'c'), Err(SessionError::NotATicketKey));
    assert_eq!(changed(3, b'2'), Err(SessionError::NotATicketKey));
    assert_eq!(changed(5, 1), Err(SessionError::UnknownTicketAead(1)));
    let zero = [&good[..good.len() - 32], &[0; 32]].concat();
    assert_eq!(TicketKey::decode(&zero), Err(SessionError::ZeroTicketKey));
}

/// Found by the fuzz target `sessions`.
#[test]
fn key_with_a_time_that_cannot_be_represented_is_refused() {
    let encoded = ticket_key(0x41).encode();
    let time = encoded.expose().len() - TicketKey::SECRET_LEN - 8;
    for (seconds, is_valid) in [(u64::MAX / 1000, true), (u64::MAX / 1000 + 1, false), (u64::MAX, false)] {
        let mut bytes = encoded.expose().to_vec();
        bytes[time..time + 8].copy_from_slice(&seconds.to_be_bytes());
        match TicketKey::decode(&bytes) {
            Ok(key) => assert!(is_valid && key.encode().expose() == bytes),
            Err(error) => assert_eq!((error, is_valid), (SessionError::TicketKeyTime(seconds), false)),
        }
    }
}

#[test]
fn debug_output_of_a_key_shows_only_its_name() {
    let key = ticket_key(0x41);
    let shown = format!("{key:?} {:?} {}", key.encode(), key.name());
    assert!(shown.contains("TicketKeyName(41414141414141414141414141414141)"), "{shown}");
    assert!(!shown.contains("4242") && !shown.contains("66, 66"), "{shown}");
}
