use super::*;
use crate::encode::MAX_CHAIN_LEN;
use crate::testing::{
    Always, NOW, NoRandom, chain, provider, provider_with, session, ticket_key, with_tls12, without_id,
};
use crate::ticket_key::TicketAead;
use alloc::{collections::BTreeSet, vec, vec::Vec};
use cairn_crypto::AeadAlgorithm;
use cairn_handshake::{
    KeyExchangeEvidence, Proof, QuicSession, SessionSide, SessionState, Tls13Reference, Tls13Session,
};
use cairn_wire::CipherSuite;
use core::num::NonZeroU32;
use hex_literal::hex;
use proptest::{collection::vec as bytes, prelude::*};

fn key_for(aead: TicketAead) -> TicketKey {
    TicketKey::from_parts(TicketKeyName([9; 16]), aead, Secret::from(&[10; 32]), NOW).unwrap()
}

#[test]
fn opened_session_has_no_id() {
    let provider = provider();
    for aead in [TicketAead::Aes256Gcm, TicketAead::ChaCha20Poly1305] {
        let key = key_for(aead);
        for session in [session(1), Session { peer_chain: Some(chain(3000)), ..session(2) }] {
            let ticket = seal_ticket(&provider, &key, &session).unwrap();
            assert_eq!(ticket_key_name(&ticket).as_ref(), Some(key.name()));
            assert_eq!(open_ticket(&provider, &key, &ticket), Some(without_id(session)));
        }
    }
}

/// Generated with Python's `cryptography` (hmac, HKDFExpand, AESGCM, ChaCha20Poly1305) from the description
/// in the module.
#[test]
fn ticket_format_is_stable() {
    let suite = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
    let suite = cairn_schedule::suite(suite).unwrap();
    let session = with_tls12(session(7), |tls12| (tls12.suite, tls12.protection) = (suite, suite.protection));
    for (aead, expected) in
        [(TicketAead::Aes256Gcm, &AES_256_GCM[..]), (TicketAead::ChaCha20Poly1305, &CHACHA20_POLY1305[..])]
    {
        let key = key_for(aead);
        assert_eq!(seal_ticket(&provider_with(Always(0x55)), &key, &session).unwrap(), expected);
        assert_eq!(open_ticket(&provider(), &key, expected), Some(without_id(session.clone())));
    }
}

const AES_256_GCM: [u8; 188] = hex!(
    "09090909090909090909090909090909e5e5da1db804976330e40e6e99e67d77741818081df379bde44037e256fd12bf"
    "bf78077f2da196dc9d657073f4c8d19ebfc8aa1dd8f141e8a126b793a548736468a6581e256d0a86f6203c3b6eb700a2"
    "fc51ce61b6ec21221d6d8c9f1153a0bfb9902ff9811f5ad3e7160faaaec1b98b559348c133b99a7954f56e8fc0f2b5fa"
    "6299ea18b0b11154ec58e93344f3fd3ba337ef21abd9ffe29607abaa156ee1d2d7568f03469d5103a25d7458"
);

const CHACHA20_POLY1305: [u8; 188] = hex!(
    "0909090909090909090909090909090968db7b4a01b28991d9fce3588a7fe6339cc35f8198618be3220bcf1f243250b8"
    "bd85d26e4175f0c1142d95f70e9300aac7ea8779a31204afdd8a16fa3acc86a606946fb5efcde2ec678982ccad1b3a31"
    "be2636b321a3457599bc5ca88a4950e2ea11588198a4b82693dee6b377605da4ffbaf06b6aa506603637d74efa2f4d8b"
    "7a03c3929a7e78770c75c2b3aee566a8a51ff1fbe3f77e576099750a90896dbbcf2cfa4a26f216c7985a31aa"
);

#[test]
fn modified_tickets_do_not_open() {
    let (provider, key) = (provider(), ticket_key(1));
    let mut ticket = seal_ticket(&provider, &key, &session(1)).unwrap();
    for place in 0..ticket.len() {
        for flip in [1, 0x80, 0xff] {
            ticket[place] ^= flip;
            assert_eq!(open_ticket(&provider, &key, &ticket), None, "byte {place} changed by {flip:#x}");
            ticket[place] ^= flip;
        }
    }
    for length in 0..ticket.len() {
        assert_eq!(open_ticket(&provider, &key, &ticket[..length]), None, "cut to {length}");
        assert_eq!(open_ticket(&provider, &key, &ticket[ticket.len() - length..]), None);
    }
    for more in [&[0][..], &[0; 16], &[0xff; 300]] {
        assert_eq!(open_ticket(&provider, &key, &[&ticket[..], more].concat()), None);
    }
    assert_eq!(open_ticket(&provider, &key, &[&ticket[..], &ticket].concat()), None);
    assert!(open_ticket(&provider, &key, &ticket).is_some());
}

#[test]
fn ticket_does_not_open_with_another_key() {
    let provider = provider();
    let ticket = seal_ticket(&provider, &ticket_key(1), &session(1)).unwrap();
    assert_eq!(open_ticket(&provider, &ticket_key(2), &ticket), None);

    let other = |name, secret, aead| {
        TicketKey::from_parts(TicketKeyName([name; 16]), aead, Secret::from(&[secret; 32]), NOW).unwrap()
    };
    assert!(open_ticket(&provider, &other(1, 2, TicketAead::Aes256Gcm), &ticket).is_some(), "the same key");
    assert_eq!(open_ticket(&provider, &other(1, 3, TicketAead::Aes256Gcm), &ticket), None);
    assert_eq!(open_ticket(&provider, &other(1, 2, TicketAead::ChaCha20Poly1305), &ticket), None);
    // A key with the right secret but another name fails, even if the name in the ticket is replaced
    // accordingly.
    let renamed = [&[2; 16], &ticket[16..]].concat();
    assert_eq!(open_ticket(&provider, &other(2, 2, TicketAead::Aes256Gcm), &renamed), None);
}

#[test]
fn parts_of_two_tickets_cannot_be_combined() {
    let (provider, key) = (provider(), ticket_key(1));
    let a = seal_ticket(&provider, &key, &session(1)).unwrap();
    let b = seal_ticket(&provider, &key, &session(2)).unwrap();
    for cut in [48, a.len() - TAG_LEN] {
        assert_eq!(open_ticket(&provider, &key, &[&a[..cut], &b[cut..]].concat()), None);
    }
}

#[test]
fn tickets_of_equal_sessions_differ() {
    let (provider, key) = (provider(), ticket_key(1));
    let seal = || seal_ticket(&provider, &key, &session(1)).unwrap();
    let tickets: Vec<_> = (0..100).map(|_| seal()).collect();
    let salts: BTreeSet<_> = tickets.iter().map(|ticket| &ticket[16..48]).collect();
    let states: BTreeSet<_> = tickets.iter().map(|ticket| &ticket[48..64]).collect();
    assert_eq!((salts.len(), states.len()), (100, 100));
}

/// With a constant random number generator, a plain random nonce would be used twice here, and the
/// ciphertexts would differ exactly where the sessions do.
#[test]
fn different_sessions_have_different_salts_with_a_broken_generator() {
    let (provider, key) = (provider_with(Always(0)), ticket_key(1));
    let seal = |n| seal_ticket(&provider, &key, &session(n)).unwrap();
    let (a, b) = (seal(1), seal(2));
    assert_ne!(a[16..48], b[16..48]);
    assert_ne!(a[48..52], b[48..52], "ciphertexts differ although the sessions start alike");
    assert_eq!(a, seal(1), "equal sessions have equal tickets");
}

#[test]
fn ticket_reveals_nothing_but_its_length() {
    let (provider, key) = (provider(), ticket_key(1));
    let session = Session {
        server_name: Some(b"a.name.that.is.long.enough.example"[..].into()),
        alpn: Some(b"a-protocol"[..].into()),
        peer_chain: Some(chain(2000)),
        ..session(0x33)
    };
    let plain = encode::encode_in_ticket(&session).unwrap();
    let runs: BTreeSet<&[u8]> = plain.expose().windows(4).collect();
    for _ in 0..20 {
        let ticket = seal_ticket(&provider, &key, &session).unwrap();
        // By chance alone, one in 2000 such tickets contains one of the few hundred distinct runs. Two
        // adjacent runs do not occur by chance.
        let neighbours = ticket.windows(5).filter(|w| runs.contains(&w[..4]) && runs.contains(&w[1..]));
        assert_eq!(neighbours.count(), 0);
        assert_eq!(ticket.len(), plain.len() + OVERHEAD, "only the length is visible");
    }
    // Nor does a ticket show whether two sessions have anything in common.
    let [a, b] = [1, 1].map(|n| seal_ticket(&provider, &key, &crate::testing::session(n)).unwrap());
    assert!(a[16..].iter().zip(&b[16..]).filter(|(a, b)| a == b).count() < 16);
}

#[test]
fn tickets_of_impossible_length_are_not_processed() {
    let (provider, key) = (provider(), ticket_key(1));
    let mut session = Session { server_name: None, alpn: None, not_after: None, ..session(1) };
    let shortest = seal_ticket(&provider, &key, &session).unwrap();
    assert_eq!(shortest.len(), MIN_TICKET_LEN);
    assert!(open_ticket(&provider, &key, &shortest).is_some());

    session.server_name = Some(vec![b'a'; 255].into());
    session.alpn = Some(vec![b'a'; 255].into());
    session.not_after = Some(NOW);
    session.psk_identity = Some(vec![b'a'; 255]);
    assert!(seal_ticket(&provider, &key, &session).unwrap().len() < 1200);
    session.side = SessionSide::Server { tls_server_end_point: Some([0xee; 64].into()) };
    let proof = Some(Proof { key_bits: 128, scheme: None, delegated: false });
    session.evidence = KeyExchangeEvidence {
        server_proof: proof,
        client_proof: proof,
        psk_bits: Some(1),
        ..KeyExchangeEvidence::default()
    };
    session.peer_chain = Some(chain(MAX_CHAIN_LEN));
    session.state = SessionState::Tls13(Tls13Session {
        reference: Tls13Reference::InTicket,
        suite: cairn_schedule::tls13::suite(CipherSuite::TLS_AES_256_GCM_SHA384).unwrap(),
        psk: SecretBytes::from(vec![1; 48]),
        issued_at: NOW,
        expires: NOW,
        age_add: 0,
        max_early_data: 0,
        quic: Some(QuicSession { version: NonZeroU32::MIN, settings: [0x9c; 255].into() }),
    });
    let longest = seal_ticket(&provider, &key, &session).unwrap();
    assert_eq!(longest.len(), MAX_TICKET_LEN);
    assert!(open_ticket(&provider, &key, &longest).is_some());
    // A ticket fits into NewSessionTicket and into the extension (RFC 5077 sections 3.2 and 3.3).
    assert!(u16::try_from(MAX_TICKET_LEN).is_ok());

    for length in [0, 1, 16, MIN_TICKET_LEN - 1, MAX_TICKET_LEN + 1, 1 << 20] {
        assert_eq!(ticket_key_name(&vec![1; length]), None, "{length}");
    }
    for length in [MIN_TICKET_LEN, MAX_TICKET_LEN] {
        assert_eq!(ticket_key_name(&vec![1; length]), Some(TicketKeyName([1; 16])));
    }
}

#[test]
fn seal_ticket_reports_why_it_fails() {
    let (good, key) = (provider(), ticket_key(1));
    let error = |provider: &Provider, session: &Session| seal_ticket(provider, &key, session).unwrap_err();
    let crypto = SessionError::Crypto;
    assert_eq!(error(&provider_with(NoRandom), &session(1)), crypto(CryptoError::RandomFailed));

    let too_long = Session { peer_chain: Some(chain(MAX_CHAIN_LEN + 1)), ..session(1) };
    assert_eq!(error(&good, &too_long), SessionError::ChainTooLong { length: MAX_CHAIN_LEN + 1 });

    let ticket = seal_ticket(&good, &key, &session(1)).unwrap();
    let mut no_hmac = Provider::clone(&good);
    no_hmac.hmacs.clear();
    let mut no_aead = Provider::clone(&good);
    no_aead.aeads.retain(|aead| aead.algorithm() != AeadAlgorithm::Aes256Gcm);
    for lacking in [no_hmac, no_aead] {
        assert_eq!(error(&lacking, &session(1)), crypto(CryptoError::Unsupported));
        assert_eq!(open_ticket(&lacking, &key, &ticket), None);
    }
}

/// The holder of a key can seal anything, for example an older program its own format. It need not be a valid
/// session.
#[test]
fn sealed_data_that_is_not_a_session_does_not_open() {
    let (provider, key) = (provider(), ticket_key(1));
    let (context, salt) = (context(&key), [3; SALT_LEN]);
    let hmac = hmac(&provider, &key).unwrap();
    let one_time_key = one_time_key(&provider, &key, &*hmac, &context, &salt).unwrap();
    let mut state = vec![0xee; 200];
    let mut tag = [0; TAG_LEN];
    one_time_key.seal(&NONCE, &context, &mut state, &mut tag).unwrap();
    let ticket = [&key.name().0[..], &salt, &state, &tag].concat();
    assert_eq!(open_ticket(&provider, &key, &ticket), None);
}

proptest! {
    #[test]
    fn arbitrary_bytes_are_not_a_ticket(tail in bytes(any::<u8>(), 0..600)) {
        let (provider, key) = (provider(), ticket_key(1));
        prop_assert_eq!(open_ticket(&provider, &key, &tail), None);
        let named = [&key.name().0[..], &tail].concat();
        prop_assert_eq!(open_ticket(&provider, &key, &named), None);
    }
}
