//! External PSKs (RFC 9846 section 4.3.11).

use super::pair::{NOW, Pair, only_share, policies, resuming_policies};
use cairn_crypto::{HashAlgorithm, SecretBytes};
use cairn_handshake::{
    ClientAuthentication, ClientPolicy, Floor, HandshakeErrorKind as Kind, KnownPsk, OfferedPsk, PeerProof,
    PskModes, Resumption, ServerPolicy, Shortfall,
};
use cairn_schedule::tls13::Psk;
use cairn_wire::{AlertDescription, HandshakeType as T, NamedGroup, PskKeyExchangeMode as Mode};

fn psk(secret: u8, hash: HashAlgorithm) -> Psk {
    Psk::external(SecretBytes::from(vec![secret; 32]), hash).unwrap()
}

/// A pair with a PSK of both sides. `change` sees both policies.
fn pair(ours: Psk, theirs: Psk, change: impl FnOnce(&mut ClientPolicy, &mut ServerPolicy)) -> Pair {
    let (mut client, mut server) = policies();
    client.tls13.external_psks = vec![OfferedPsk { identity: b"device 7".to_vec(), psk: ours }];
    server.tls13.external_psks = true;
    change(&mut client, &mut server);
    let mut pair = Pair::new(client, server);
    pair.server.known = vec![(b"device 7".to_vec(), KnownPsk::External(theirs))];
    pair.start();
    pair.run();
    pair
}

fn same(change: impl FnOnce(&mut ClientPolicy, &mut ServerPolicy)) -> Pair {
    let key = psk(7, HashAlgorithm::Sha256);
    pair(key.clone(), key, change)
}

#[test]
fn external_psk_takes_the_place_of_certificates() {
    for (modes, mode) in [(PskModes::KeyExchange, Mode::PSK_DHE_KE), (PskModes::PskAlone, Mode::PSK_KE)] {
        let pair = same(|client, server| {
            client.tls13.psk_modes = modes;
            server.tls13.psk_ke = true;
            // A PSK leaves no room for a certificate of the client.
            server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
        });
        pair.check();
        let sent: Vec<_> = pair.server.sent.iter().map(|(_, msg_type)| *msg_type).collect();
        assert_eq!(sent, [T::SERVER_HELLO, T::ENCRYPTED_EXTENSIONS, T::FINISHED]);
        assert_eq!(pair.server.questions, ["ChoosePsk"], "an external PSK is not used up");
        for end in [&pair.client, &pair.server] {
            let summary = end.summary.as_ref().unwrap();
            assert_eq!(summary.resumption, Resumption::Full(None));
            assert_eq!(summary.tls13().unwrap().psk, Some(mode));
            assert_eq!(summary.psk_identity.as_deref(), Some(&b"device 7"[..]));
            let security = summary.security();
            assert_eq!((security.peer, security.forward_secrecy), (PeerProof::Psk, mode == Mode::PSK_DHE_KE));
            assert!(summary.peer_chain.is_none());
        }
    }
}

/// RFC 9846 section 2.2: PSKs alone are used "at the cost of losing forward secrecy".
#[test]
fn floor_with_forward_secrecy_excludes_psk_ke() {
    let floor = Floor { forward_secrecy: true, ..Floor::default() };
    let alone = |client: &mut ClientPolicy, server: &mut ServerPolicy| {
        (client.tls13.psk_modes, server.tls13.psk_ke) = (PskModes::PskAlone, true);
    };
    let pair = same(|client, server| {
        alone(client, server);
        client.floor = floor;
    });
    assert!(matches!(pair.client.error, Some(Kind::BelowFloor(Shortfall::NoForwardSecrecy { .. }))));
    // The server does not use the PSK.
    let pair = same(|client, server| {
        alone(client, server);
        server.floor = floor;
    });
    pair.check();
    for end in [&pair.client, &pair.server] {
        let summary = end.summary.as_ref().unwrap();
        assert!(summary.tls13().unwrap().psk.is_none() && summary.security().forward_secrecy);
    }
}

#[test]
fn hash_of_the_psk_decides_the_cipher_suite() {
    for hash in [HashAlgorithm::Sha256, HashAlgorithm::Sha384] {
        let pair = pair(psk(7, hash), psk(7, hash), |_, _| {});
        pair.check();
        let summary = pair.server.summary.unwrap();
        let cairn_schedule::Suite::Tls13(suite) = summary.suite() else { panic!("TLS 1.2") };
        assert_eq!(suite.hash, hash);
        assert!(summary.tls13().unwrap().psk.is_some());
    }
}

#[test]
fn client_without_the_key_is_refused() {
    let pair = pair(psk(7, HashAlgorithm::Sha256), psk(8, HashAlgorithm::Sha256), |_, _| {});
    assert_eq!(pair.server.error, Some(Kind::WrongBinder));
}

/// RFC 9846 appendix F.6: "Servers which solely support PSK handshakes may be able to resist this form of
/// attack by treating the cases where there is no valid PSK identity and where there is an identity but it
/// has an invalid binder identically."
#[test]
fn server_without_certificates_treats_an_unknown_identity_as_a_wrong_binder() {
    let seen = |identity: &[u8], retry: bool, hash: HashAlgorithm| {
        let (mut client, mut server) = policies();
        let ours = psk(7, HashAlgorithm::Sha256);
        client.tls13.external_psks = vec![OfferedPsk { identity: b"device 7".to_vec(), psk: ours }];
        server.tls13.external_psks = true;
        server.tls13.only_psks = Some(hash);
        if retry {
            only_share(&mut client, NamedGroup::X25519);
            server.groups = vec![NamedGroup::SECP256R1];
        }
        let mut pair = Pair::new(client, server);
        pair.server.credential = None;
        let theirs = KnownPsk::External(psk(8, HashAlgorithm::Sha256));
        pair.server.known = vec![(identity.to_vec(), theirs)];
        pair.start();
        pair.run();
        assert_eq!(pair.server.error, Some(Kind::WrongBinder));
        (pair.server.questions, pair.server.sent, pair.server.ccs)
    };
    for retry in [false, true] {
        let known = seen(b"device 7", retry, HashAlgorithm::Sha256);
        let unknown = seen(b"device 8", retry, HashAlgorithm::Sha256);
        assert_eq!(known, unknown, "{retry}");
        assert_eq!(known.0, ["ChoosePsk"].repeat(if retry { 2 } else { 1 }));
    }
    // The other hash is the same but for HelloRetryRequest, which names a suite.
    assert_eq!(
        seen(b"device 8", false, HashAlgorithm::Sha384),
        seen(b"device 7", false, HashAlgorithm::Sha384)
    );
}

#[test]
fn server_without_certificates_still_accepts_the_right_key() {
    for hash in [HashAlgorithm::Sha256, HashAlgorithm::Sha384] {
        let pair = pair(psk(7, hash), psk(7, hash), |_, server| {
            server.tls13.only_psks = Some(HashAlgorithm::Sha256);
        });
        pair.check();
        assert!(pair.server.summary.unwrap().tls13().unwrap().psk.is_some());
    }
}

/// RFC 9257 section 6: "Each PSK [...] MUST be at least 128 bits long".
#[test]
fn external_psk_of_less_than_128_bits_is_insufficient_security_by_default() {
    for (length, bits) in [(1, 8), (2, 16), (15, 120)] {
        let key = || Psk::external(SecretBytes::from(vec![7; length]), HashAlgorithm::Sha256).unwrap();
        let too_short = Some(Kind::BelowFloor(Shortfall::PskTooShort { expected: 128, got: bits }));
        // The client learns first that the server has selected the PSK.
        let by_default = pair(key(), key(), |_, _| {});
        assert_eq!(by_default.client.error, too_short);
        assert_eq!(by_default.client.error.unwrap().alert(), Some(AlertDescription::INSUFFICIENT_SECURITY));
        let at_server = pair(key(), key(), |client, _| client.floor.psk_bits = 0);
        assert_eq!((at_server.client.error, at_server.server.error), (None, too_short));
        let accepted = pair(key(), key(), |client, server| {
            (client.floor.psk_bits, server.floor.psk_bits) = (0, 0);
        });
        accepted.check();
        assert_eq!(accepted.server.summary.unwrap().security().strength.proof, Some(bits));
    }
    let long = || Psk::external(SecretBytes::from(vec![7; 16]), HashAlgorithm::Sha256).unwrap();
    pair(long(), long(), |_, _| {}).check();
}

#[test]
fn psk_of_another_hash_on_the_server_leads_to_a_certificate() {
    // The suites of the client all have the hash of its key.
    let pair = pair(psk(7, HashAlgorithm::Sha256), psk(7, HashAlgorithm::Sha384), |client, _| {
        client.tls13.suites.retain(|suite| suite.hash == HashAlgorithm::Sha256);
    });
    pair.check();
    assert_eq!(pair.server.summary.unwrap().tls13().unwrap().psk, None);
}

#[test]
fn server_that_requires_a_client_certificate_selects_no_external_psk() {
    let pair = same(|_, server| {
        server.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
    });
    pair.check();
    let server = pair.server.summary.unwrap();
    assert!(server.peer_chain.is_some() && server.tls13().unwrap().psk.is_none());
}

#[test]
fn second_hello_omits_psks_of_another_hash() {
    for (hash, offered) in [(HashAlgorithm::Sha256, true), (HashAlgorithm::Sha384, false)] {
        let key = psk(7, hash);
        let pair = pair(key.clone(), key, |client, server| {
            only_share(client, NamedGroup::X25519);
            server.groups = vec![NamedGroup::SECP256R1];
            server.tls13.suites.retain(|suite| suite.hash == HashAlgorithm::Sha256);
        });
        pair.check();
        let summary = pair.client.summary.unwrap();
        assert!(summary.tls13().unwrap().retried);
        assert_eq!(summary.tls13().unwrap().psk.is_some(), offered, "{hash:?}");
        let asked = pair.server.questions.iter().filter(|question| **question == "ChoosePsk").count();
        assert_eq!(asked, if offered { 2 } else { 1 }, "{hash:?}");
    }
}

#[test]
fn obfuscated_ticket_age_of_an_external_psk_is_0() {
    let pair = same(|_, _| {});
    let hello = pair.client_hello.as_ref().unwrap();
    let place = hello.windows(8).position(|part| part == b"device 7").unwrap();
    assert_eq!(hello[place + 8..place + 12], [0; 4]);
}

#[test]
fn connection_with_an_external_psk_can_be_resumed() {
    let key = psk(7, HashAlgorithm::Sha256);
    let policies = || {
        let (mut client, mut server) = resuming_policies();
        client.tls13.external_psks = vec![OfferedPsk { identity: b"device 7".to_vec(), psk: key.clone() }];
        server.tls13.external_psks = true;
        (client, server)
    };
    let (client, server) = policies();
    let mut first = Pair::new(client, server);
    first.server.known = vec![(b"device 7".to_vec(), KnownPsk::External(key.clone()))];
    first.start();
    first.run();
    first.check();
    let session = first.client.saved.last().cloned().unwrap();
    assert_eq!(session.psk_identity.as_deref(), Some(&b"device 7"[..]));
    let (client, server) = policies();
    let mut pair = Pair::new(client, server);
    let theirs = first.server.saved.last().unwrap();
    pair.server.known = vec![(theirs.id().as_bytes().to_vec(), KnownPsk::Session(theirs.clone()))];
    pair.client.offers = Some(session);
    pair.start();
    pair.run();
    pair.check();
    let summary = pair.server.summary.unwrap();
    assert_eq!(summary.resumption, Resumption::ByPsk);
    assert_eq!(summary.psk_identity.as_deref(), Some(&b"device 7"[..]));
    assert_eq!(summary.authenticated_at, NOW);
}
