use super::*;
use crate::testing::{NOW, chain, client_session, id, session, with_tls12, without_id};
use alloc::{format, vec, vec::Vec};
use cairn_handshake::{
    KeyExchangeEvidence, MaxFragmentLength, Proof, QuicSession, Tls12Session, Tls12Ticket, Tls13Reference,
    Tls13Session,
};
use cairn_schedule::{MasterSecret, Protection, SUITES};
use cairn_wire::{EncodeError, NamedGroup, SessionId, SignatureScheme};
use core::num::NonZeroU32;
use proptest::{collection::vec as bytes, option, prelude::*, sample::select};
use strategies::any_session;

mod strategies;

fn encoded(session: &Session) -> Vec<u8> {
    encode_session(session).unwrap().expose().to_vec()
}

#[test]
fn encoding_of_version_6_is_stable() {
    let mut session = session(7);
    session.peer_chain = Some(chain(8));
    session.side = SessionSide::Server { tls_server_end_point: Some([0xee; 2].into()) };
    session.evidence = KeyExchangeEvidence {
        group: Some(NamedGroup::X25519),
        key_exchange_bits: 128,
        server_proof: Some(Proof {
            key_bits: 112,
            scheme: Some(SignatureScheme::RSA_PSS_RSAE_SHA256),
            delegated: false,
        }),
        client_proof: Some(Proof { key_bits: 192, scheme: None, delegated: false }),
        psk_bits: Some(256),
        peer_verified: true,
    };
    let expected = [
        &[6, 0b1_0001][..],
        &NOW.as_millis().to_be_bytes(),
        &(NOW.as_millis() + 1_000_000_000).to_be_bytes(),
        &[0xc0; 16],
        &[0xbe; 16],
        b"\x0f\0\x1d\0\x80\0\x70\x08\x04\0\xc0\0\0\x01\0",
        b"\x0bexample.com",
        b"\x02h2",
        b"\x02\xee\xee",
        &u16::from(session.suite().id()).to_be_bytes(),
        b"\x01",
        &[7; 48],
        b"\x04\0\x04\0\0\0\x07",
        b"\0\0\x05\0\0\x02\xce\xce",
    ]
    .concat();
    assert_eq!(encoded(&session), expected);
    assert_eq!(decode_session(&expected), Ok(session));

    let session = client_session(7, ticket(b"sealed", Some(NOW)));
    let expected = [
        &[6, 0b111][..],
        &NOW.as_millis().to_be_bytes(),
        &(NOW.as_millis() + 1_000_000_000).to_be_bytes(),
        &[0xc0; 16],
        &[0xbe; 16],
        &[0; 5],
        b"\x0bexample.com",
        b"\x02h2",
        b"\x0bexample.com\x01\xbb",
        &u16::from(session.suite().id()).to_be_bytes(),
        b"\x01",
        &[7; 48],
        b"\x04\x02\x04\0\0\0\x09",
        &NOW.as_millis().to_be_bytes(),
        b"\0\x06sealed",
    ]
    .concat();
    assert_eq!(encoded(&session), expected);
    assert_eq!(decode_session(&expected), Ok(session));
}

/// A session of TLS 1.3.
fn tls13_session(reference: Tls13Reference) -> Session {
    let state = SessionState::Tls13(Tls13Session {
        reference,
        suite: cairn_schedule::tls13::suite(CipherSuite::TLS_AES_128_GCM_SHA256).unwrap(),
        psk: SecretBytes::from(vec![0x99; 32]),
        issued_at: NOW,
        expires: crate::testing::after(60),
        age_add: 0x0102_0304,
        max_early_data: 0x4000,
        quic: None,
    });
    Session { state, ..session(1) }
}

#[test]
fn encoding_of_tls13_sessions_is_stable() {
    let tail = |reference: &[u8]| {
        [
            &[0x13, 0x01, 32][..],
            &[0x99; 32],
            &NOW.as_millis().to_be_bytes(),
            &(NOW.as_millis() + 60_000).to_be_bytes(),
            &[1, 2, 3, 4, 0, 0, 0x40, 0],
            reference,
        ]
        .concat()
    };
    for (reference, encoding) in [
        (Tls13Reference::Ticket(b"sealed".to_vec()), &b"\0\0\x06sealed\0\0\0\0"[..]),
        (Tls13Reference::Stored(id(7)), b"\x01\x04\0\0\0\x07\0\0\0\0"),
        (Tls13Reference::InTicket, b"\x03\0\0\0\0"),
    ] {
        let session = tls13_session(reference);
        let bytes = encoded(&session);
        assert!(bytes.ends_with(&tail(encoding)), "{session:?}");
        assert_eq!(decode_session(&bytes), Ok(session));
    }
}

/// The part of a session of QUIC, with settings of this length.
fn of_quic(length: usize) -> QuicSession {
    QuicSession { version: NonZeroU32::MIN, settings: vec![0x9c; length].into() }
}

/// A server's settings are inside its tickets, so they are short; a client's are an extension of the server.
#[test]
fn settings_of_quic_are_as_long_as_their_side_permits() {
    let with_quic = |reference, length| {
        let mut session = tls13_session(reference);
        let SessionState::Tls13(tls13) = &mut session.state else { panic!("a session of TLS 1.2") };
        tls13.quic = Some(of_quic(length));
        session
    };
    let of_client = || Tls13Reference::Ticket(b"sealed".to_vec());
    for (reference, max) in
        [(of_client(), 0xffff), (Tls13Reference::Stored(id(7)), 255), (Tls13Reference::InTicket, 255)]
    {
        for length in [0, 1, max] {
            let session = with_quic(reference.clone(), length);
            assert_eq!(decode_session(&encoded(&session)), Ok(session));
        }
        let too_long = with_quic(reference, max + 1);
        assert!(matches!(encode_session(&too_long), Err(SessionError::Encode(_))), "{too_long:?}");
    }
}

#[test]
fn psk_is_as_long_as_the_hash_of_its_suite() {
    let mut session = tls13_session(Tls13Reference::InTicket);
    let bytes = encoded(&session);
    let suite = bytes.len() - (tls13::MAX_LEN_IN_TICKET - 2 - 255 - 48 + 32) - 2;
    let other = [&bytes[..suite], &[0x13, 0x02], &bytes[suite + 2..]].concat();
    assert_eq!(decode_session(&other), Err(SessionError::PskLength { length: 32 }));
    let SessionState::Tls13(tls13) = &mut session.state else { panic!("a session of TLS 1.2") };
    tls13.psk = SecretBytes::from(vec![0x99; 48]);
    assert_eq!(encode_session(&session), Err(SessionError::PskLength { length: 48 }));
}

fn ticket(ticket: &[u8], expires: Option<UnixTime>) -> Tls12Ticket {
    Tls12Ticket { ticket: ticket.to_vec(), session_id: id(9), expires }
}

#[test]
fn present_but_empty_values_are_rejected() {
    let changes: [fn(&mut Session); 3] = [
        |s| s.server_name = Some([].into()),
        |s| s.alpn = Some(vec![].into()),
        |s| s.side = SessionSide::Server { tls_server_end_point: Some([].into()) },
    ];
    for change in changes {
        let mut session = session(1);
        change(&mut session);
        assert!(matches!(
            encode_session(&session),
            Err(SessionError::Encode(EncodeError::TooShort { length: 0, min: 1, .. }))
        ));
    }
}

#[test]
fn values_that_are_too_long_are_rejected() {
    let changes: [fn(&mut Session, usize); 3] = [
        |s, length| s.server_name = Some(vec![b'a'; length].into()),
        |s, length| s.alpn = Some(vec![b'a'; length].into()),
        |s, length| {
            let endpoint = Some(Endpoint { host: vec![b'a'; length].into(), port: None });
            s.side = SessionSide::Client { endpoint };
        },
    ];
    for change in changes {
        let mut session = session(1);
        change(&mut session, 255);
        assert_eq!(decode_session(&encoded(&session)), Ok(session.clone()));
        change(&mut session, 256);
        assert!(matches!(
            encode_session(&session),
            Err(SessionError::Encode(EncodeError::TooLong { length: 256, max: 255, .. }))
        ));
    }
    let with_ticket = |length| client_session(1, ticket(&vec![0; length], None));
    let longest = with_ticket(0xffff);
    assert_eq!(decode_session(&encoded(&longest)), Ok(longest));
    assert!(matches!(
        encode_session(&with_ticket(0x1_0000)),
        Err(SessionError::Encode(EncodeError::TooLong { length: 0x1_0000, max: 0xffff, .. }))
    ));
}

#[test]
fn chain_is_kept_entirely_or_rejected() {
    let mut session = session(1);
    session.peer_chain = Some(chain(MAX_CHAIN_LEN));
    let longest = encoded(&session);
    assert_eq!(decode_session(&longest), Ok(session.clone()));
    session.peer_chain = Some(chain(MAX_CHAIN_LEN + 1));
    let too_long = SessionError::ChainTooLong { length: MAX_CHAIN_LEN + 1 };
    assert_eq!(encode_session(&session), Err(too_long));
    assert_eq!(decode_session(&[&longest[..], &[0]].concat()), Err(too_long));
    // An empty chain means that there is no chain (RFC 5246 section 7.4.6), and is never encoded.
    session.peer_chain = Some(chain(8));
    let mut empty = encoded(&session);
    empty.truncate(empty.len() - 8);
    empty.extend_from_slice(&[0; 3]);
    assert!(matches!(
        decode_session(&empty),
        Err(SessionError::Encode(EncodeError::TooShort { length: 0, min: 1, .. }))
    ));
}

#[test]
fn raw_public_key_and_certificate_are_distinct() {
    // Both may consist of the same bytes: only the flag differs.
    let spki = [0, 0, 2, 0xce, 0xce];
    let raw = Session {
        peer_chain: Some(Arc::new(CertificateChain::raw_public_key(&spki).unwrap())),
        ..session(1)
    };
    let certificate = Session { peer_chain: Some(chain(8)), ..session(1) };
    let (raw_bytes, certificate_bytes) = (encoded(&raw), encoded(&certificate));
    assert_eq!(raw_bytes[2..], certificate_bytes[2..]);
    assert_eq!(raw_bytes[1] ^ certificate_bytes[1], 32);
    assert_eq!(decode_session(&raw_bytes), Ok(raw.clone()));
    assert_eq!(decode_session(&certificate_bytes), Ok(certificate.clone()));
    assert_ne!(raw, certificate);

    let mut too_long = raw;
    too_long.peer_chain = Some(Arc::new(CertificateChain::raw_public_key(&[7; MAX_CHAIN_LEN]).unwrap()));
    let length = MAX_CHAIN_LEN + 3;
    assert_eq!(encode_session(&too_long), Err(SessionError::ChainTooLong { length }));
}

#[test]
fn max_fragment_length_has_four_values() {
    for length in MaxFragmentLength::ALL.map(Some).into_iter().chain([None]) {
        let session = with_tls12(session(1), |tls12| tls12.max_fragment_length = length);
        assert_eq!(decode_session(&encoded(&session)), Ok(session));
    }
    let mut bytes = encoded(&without_id(session(1)));
    let place = bytes.len() - 2;
    bytes[place] = 5;
    assert_eq!(decode_session(&bytes), Err(SessionError::MaxFragmentLengthCode(5)));
}

#[test]
fn unknown_versions_flags_and_suites_are_reported() {
    let good = encoded(&session(1));
    for version in (0..=255).filter(|version| *version != ENCODING_VERSION) {
        let bytes = [&[version], &good[1..]].concat();
        assert_eq!(decode_session(&bytes), Err(SessionError::UnknownVersion(version)));
    }
    // An undefined flag, a raw public key without a chain, and a server's session with an endpoint.
    let contradicts = |flags: &u8| flags & 0b11_0000 == 0b10_0000 || flags & 0b110 == 0b100;
    for flags in (64..=255).chain((0..64).filter(contradicts)) {
        let bytes = [&[good[0], flags], &good[2..]].concat();
        assert_eq!(decode_session(&bytes), Err(SessionError::UnknownFlags(flags)));
    }
    let evidence = 2 + 8 + 8 + 2 * Digest::LEN;
    // An undefined flag, and delegated credentials without proofs.
    let contradicts = |flags: &u8| flags & 0b1_0001 == 0b1_0000 || flags & 0b10_0010 == 0b10_0000;
    for flags in (64..=255).chain((0..64).filter(contradicts)) {
        let bytes = [&good[..evidence], &[flags], &good[evidence + 1..]].concat();
        assert_eq!(decode_session(&bytes), Err(SessionError::UnknownFlags(flags)));
    }
    let good = encoded(&without_id(session(1)));
    let suite = good.len() - tls12::FIXED_LEN - 2;
    let bytes = [&good[..suite], &[0x13, 0x0f], &good[suite + 2..]].concat();
    let unknown = CipherSuite::from(0x130f);
    assert_eq!(decode_session(&bytes), Err(SessionError::UnknownSuite(unknown)));
    for reference in 4..=255 {
        let bytes = [&good[..good.len() - 1], &[reference]].concat();
        assert_eq!(decode_session(&bytes), Err(SessionError::UnknownReference(reference)));
    }
}

/// RFC 7366 section 3: encrypt-then-MAC is for block ciphers only.
#[test]
fn encrypt_then_mac_needs_a_cbc_suite() {
    let is_cbc = |suite: &&cairn_schedule::Tls12Suite| matches!(suite.protection, Protection::Cbc { .. });
    for suite in SUITES {
        let with = suite.protection.with_encrypt_then_mac();
        assert_eq!(with.is_some(), is_cbc(&suite), "{}", suite.id);
        let of_suite = with_tls12(without_id(session(1)), |tls12| {
            (tls12.suite, tls12.protection) = (suite, with.unwrap_or(suite.protection));
        });
        let mut bytes = encoded(&of_suite);
        assert_eq!(decode_session(&bytes), Ok(of_suite));
        let flags = bytes.len() - tls12::FIXED_LEN;
        bytes[flags] |= 2;
        let refused = decode_session(&bytes).err();
        assert_eq!(refused, with.is_none().then_some(SessionError::UnknownFlags(3)), "{}", suite.id);
    }
    let cbc = SUITES.iter().find(is_cbc).unwrap();
    let mixed = with_tls12(session(1), |tls12| tls12.protection = cbc.protection);
    let suite = SUITES[0].id;
    assert_eq!(encode_session(&mixed), Err(SessionError::ProtectionOfAnotherSuite(suite)));
}

#[test]
fn error_messages_say_what_is_wrong() {
    let errors = [
        (SessionError::UnknownVersion(9), "version 9"),
        (SessionError::UnknownFlags(0x40), "0x40"),
        (SessionError::UnknownSuite(CipherSuite::from(0x1301)), "suite"),
        (SessionError::MaxFragmentLengthCode(5), "code"),
        (SessionError::ProtectionOfAnotherSuite(CipherSuite::from(0xc02f)), "AES_128_GCM"),
        (SessionError::UnknownReference(4), "reference 4"),
        (SessionError::PskLength { length: 7 }, "7 bytes"),
        (SessionError::ClientSession, "only a server's"),
        (SessionError::ChainTooLong { length: 20_000 }, "20000"),
        (decode_session(&[]).unwrap_err(), "version"),
        (SessionError::Crypto(cairn_crypto::CryptoError::RandomFailed), "randomness"),
        (SessionError::NotATicketKey, "not a ticket key"),
        (SessionError::UnknownTicketAead(1), "AEAD number 1"),
        (SessionError::ZeroTicketKey, "zero"),
    ];
    for (error, part) in errors {
        assert!(format!("{error}").contains(part), "{error}");
    }
}

/// No input causes a panic, and if it decodes to a session, it is the only encoding of it.
fn one_encoding_only(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(session) = decode_session(bytes) {
        let again = encode_session(&session);
        prop_assert_eq!(again.as_ref().map(SecretBytes::expose), Ok(bytes));
    }
    Ok(())
}

proptest! {
    #[test]
    fn every_session_round_trips(session in any_session()) {
        let bytes = encoded(&session);
        prop_assert_eq!(decode_session(&bytes), Ok(session));
    }

    #[test]
    fn every_truncated_encoding_is_an_error(session in any_session()) {
        let bytes = encoded(&session);
        for length in 0..bytes.len() {
            prop_assert!(decode_session(&bytes[..length]).is_err());
        }
        let longer = [&bytes[..], &[0]].concat();
        prop_assert!(decode_session(&longer).is_err());
    }

    #[test]
    fn every_flipped_byte_gives_another_session_or_an_error(session in any_session(), flip in 1..=255_u8) {
        let mut bytes = encoded(&session);
        for place in 0..bytes.len() {
            bytes[place] ^= flip;
            one_encoding_only(&bytes)?;
            prop_assert_ne!(decode_session(&bytes), Ok(session.clone()));
            bytes[place] ^= flip;
        }
    }

    #[test]
    fn arbitrary_bytes_are_a_session_or_an_error(tail in bytes(any::<u8>(), 0..300)) {
        one_encoding_only(&tail)?;
        one_encoding_only(&[&[ENCODING_VERSION, 0][..], &tail].concat())?;
        // As far as the suite.
        let start = encoded(&without_id(session(1)));
        let start = &start[..start.len() - tls12::FIXED_LEN];
        one_encoding_only(&[start, &tail].concat())?;
    }
}

#[test]
fn encoded_length_is_known_in_advance() {
    let variable = b"example.com".len() + b"h2".len() + NOT_AFTER_LEN;
    assert_eq!(encoded(&without_id(session(1))).len(), FIXED_LEN + tls12::FIXED_LEN + variable + 1);
    assert_eq!(encoded(&session(1)).len(), FIXED_LEN + tls12::FIXED_LEN + variable + 1 + 1 + 4);
    let endpoint = ENDPOINT_LEN + b"example.com".len();
    let client = client_session(1, ticket(b"sealed", None));
    let tls12 = tls12::FIXED_LEN + 1 + 4 + 2 + b"sealed".len();
    assert_eq!(encoded(&client).len(), FIXED_LEN + variable + endpoint + tls12);
}

#[test]
fn only_tickets_omit_the_session_id() {
    let session = session(1);
    let without = encode_in_ticket(&session).unwrap();
    assert_eq!(decode_session(without.expose()), Ok(without_id(session)));
}

/// A ticket within a ticket would grow with each renewal.
#[test]
fn client_session_is_not_sealed_into_a_ticket() {
    let session = client_session(1, ticket(&[0x77; 500], Some(NOW)));
    assert_eq!(decode_session(&encoded(&session)), Ok(session.clone()), "but it is stored with its ticket");
    assert_eq!(encode_in_ticket(&session), Err(SessionError::ClientSession));
}

#[test]
fn bounds_for_a_ticket_are_reached() {
    let mut session = Session { server_name: None, alpn: None, not_after: None, ..session(1) };
    assert_eq!(encode_in_ticket(&session).unwrap().len(), *LEN_IN_TICKET.start());
    session.server_name = Some(vec![b'a'; 255].into());
    session.alpn = Some(vec![b'a'; 255].into());
    session.not_after = Some(NOW);
    session.psk_identity = Some(vec![b'a'; 255]);
    session.side = SessionSide::Server { tls_server_end_point: Some([0xee; 64].into()) };
    let proof = Some(Proof { key_bits: 128, scheme: None, delegated: false });
    session.evidence = KeyExchangeEvidence {
        server_proof: proof,
        client_proof: proof,
        psk_bits: Some(1),
        ..KeyExchangeEvidence::default()
    };
    session.peer_chain = Some(chain(MAX_CHAIN_LEN));
    let SessionState::Tls13(mut tls13) = tls13_session(Tls13Reference::InTicket).state else {
        panic!("a session of TLS 1.2")
    };
    tls13.suite = cairn_schedule::tls13::suite(CipherSuite::TLS_AES_256_GCM_SHA384).unwrap();
    tls13.psk = SecretBytes::from(vec![0x99; 48]);
    tls13.quic = Some(of_quic(255));
    session.state = SessionState::Tls13(tls13);
    assert_eq!(encode_in_ticket(&session).unwrap().len(), *LEN_IN_TICKET.end());
}
