//! Flows that succeed.

use super::pair::{NOW, Pair, only_share, policies};
use cairn_crypto::KeySpec;
use cairn_handshake::{
    ClientAuthentication, ClientPolicy, Input, Misuse, PeerProof, Phase, Resumption, ServerPolicy,
};
use cairn_schedule::{Direction, Epoch, Suite, tls13::SUITES};
use cairn_wire::{HandshakeType as T, KeyUpdateRequest, NamedGroup, ProtocolVersion};

const HANDSHAKE: Epoch = Epoch::Handshake;

#[test]
fn full_handshake_has_the_messages_of_figure_1() {
    let (client, server) = policies();
    let mut pair = Pair::new(client, server);
    pair.start();
    assert_eq!(pair.client.machine.phase(), Phase::Negotiating);
    pair.run();
    pair.check();
    assert_eq!(pair.client.sent, [(Epoch::Initial, T::CLIENT_HELLO), (HANDSHAKE, T::FINISHED)]);
    assert_eq!(
        pair.server.sent,
        [
            (Epoch::Initial, T::SERVER_HELLO),
            (HANDSHAKE, T::ENCRYPTED_EXTENSIONS),
            (HANDSHAKE, T::CERTIFICATE),
            (HANDSHAKE, T::CERTIFICATE_VERIFY),
            (HANDSHAKE, T::FINISHED),
        ]
    );
    for end in [&pair.client, &pair.server] {
        let summary = end.summary.as_ref().unwrap();
        assert_eq!(summary.version(), ProtocolVersion::TLS_1_3);
        assert_eq!(summary.resumption, Resumption::Full(None));
        assert!(!summary.tls13().unwrap().retried);
        assert_eq!(summary.server_name.as_deref(), Some(&b"cairn.example"[..]));
        let security = summary.security();
        assert!(security.forward_secrecy && security.bound_to_handshake);
        assert_eq!(end.ccs, 1, "in compatibility mode each side sends one ChangeCipherSpec");
        assert_eq!(end.machine.tls_unique(), Err(Misuse::NoTlsUnique));
    }
    assert_eq!(pair.client.machine.tls_exporter().unwrap(), pair.server.machine.tls_exporter().unwrap());
    let client = pair.client.summary.unwrap();
    assert_eq!(client.security().peer, PeerProof::Certificate);
    assert_eq!(client.peer_chain.unwrap().iter().count(), 2);
}

#[test]
fn without_compatibility_mode_no_change_cipher_spec_is_sent() {
    let (mut client, server) = policies();
    client.tls13.middlebox_compatibility = false;
    let pair = Pair::shake(client, server);
    assert_eq!((pair.client.ccs, pair.server.ccs), (0, 0));
}

#[test]
fn every_suite_works() {
    for suite in SUITES {
        let (mut client, server) = policies();
        if !server.tls13.suites.contains(&suite) {
            continue;
        }
        client.tls13.suites = vec![suite];
        let pair = Pair::shake(client, server);
        assert_eq!(pair.server.summary.unwrap().suite(), Suite::Tls13(suite));
    }
}

#[test]
fn every_group_works_with_a_share_and_with_hello_retry_request() {
    let (_, server) = policies();
    for group in server.groups.clone() {
        for retries in [false, true] {
            let (mut client, mut server) = policies();
            let other = server.groups.iter().copied().find(|other| *other != group).unwrap();
            only_share(&mut client, if retries { other } else { group });
            server.groups = vec![group];
            // TLS 1.2 has no group then.
            server.tls12.suites.clear();
            let pair = Pair::shake(client, server);
            for end in [&pair.client, &pair.server] {
                let summary = end.summary.as_ref().unwrap();
                assert_eq!(summary.group(), Some(group));
                assert_eq!(summary.tls13().unwrap().retried, retries);
                assert_eq!(summary.security().post_quantum, group.is_post_quantum());
                assert_eq!(end.ccs, 1);
            }
            let hellos = pair.client.sent.iter().filter(|(_, sent)| *sent == T::CLIENT_HELLO).count();
            assert_eq!(hellos, if retries { 2 } else { 1 });
        }
    }
}

#[test]
fn default_client_sends_a_hybrid_share_and_a_classical_one() {
    let (client, server) = policies();
    let hybrid = client.groups.iter().any(|group| group.components().is_some());
    assert_eq!(client.tls13.key_shares.len(), if hybrid { 2 } else { 1 });
    let pair = Pair::shake(client, server);
    let security = pair.client.summary.unwrap().security();
    assert_eq!(security.post_quantum, hybrid);
}

#[test]
fn every_kind_of_key_authenticates_the_server() {
    for spec in [KeySpec::EcP256, KeySpec::EcP384, KeySpec::EcP521, KeySpec::Ed25519] {
        let (client, server) = policies();
        let mut pair = Pair::with_key(client, server, spec);
        pair.start();
        pair.run();
        pair.check();
    }
}

#[test]
fn client_authenticates_if_it_is_asked() {
    for authorities in [vec![], vec![b"an authority".to_vec()]] {
        for required in [false, true] {
            for has_certificate in [true, required] {
                let (client, mut server) = policies();
                let authorities = authorities.clone();
                server.client_authentication = if required {
                    ClientAuthentication::Require { authorities }
                } else {
                    ClientAuthentication::Request { authorities }
                };
                let mut pair = Pair::new(client, server);
                if !has_certificate {
                    pair.client.credential = None;
                }
                pair.start();
                pair.run();
                pair.check();
                let security = pair.server.summary.as_ref().unwrap().security();
                let expected = if has_certificate { PeerProof::Certificate } else { PeerProof::None };
                assert_eq!(security.peer, expected);
                assert!(pair.client.sent.contains(&(HANDSHAKE, T::CERTIFICATE)));
                assert_eq!(pair.client.sent.contains(&(HANDSHAKE, T::CERTIFICATE_VERIFY)), has_certificate);
            }
        }
    }
}

#[test]
fn application_protocol_and_record_sizes_are_in_encrypted_extensions() {
    let (mut client, mut server) = policies();
    client.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    client.record_size_limit = Some(1000);
    server.record_size_limit = Some(2000);
    let pair = Pair::shake(client, server);
    for end in [&pair.client, &pair.server] {
        assert_eq!(end.summary.as_ref().unwrap().alpn.as_deref(), Some(&b"http/1.1"[..]));
    }
    // The limit includes the content type (RFC 8449 section 4).
    assert_eq!(pair.client.limits, [(Direction::Read, 999), (Direction::Write, 1999)]);
    assert_eq!(pair.server.limits, [(Direction::Write, 999), (Direction::Read, 1999)]);
}

/// RFC 8449 section 4: "TLS 1.3 uses a limit of 2^14+1 octets", and "For TLS 1.2 and earlier, that limit is
/// 2^14 octets". A client that offers both states the greater one, and a server what the version has.
#[test]
fn record_size_limit_of_records_of_any_size_is_16385_with_tls13() {
    let stated = |change: fn(&mut ClientPolicy, &mut ServerPolicy)| {
        let (mut client, mut server) = policies();
        change(&mut client, &mut server);
        let pair = Pair::shake(client, server);
        // Nothing is limited: a record may have 2^14 bytes of data and its content type.
        assert!(pair.client.limits.is_empty() && pair.server.limits.is_empty());
        let limits = pair.server.summary.unwrap().record_size_limits.unwrap();
        let of_client = pair.client.summary.unwrap().record_size_limits.unwrap();
        assert_eq!((of_client.ours, of_client.theirs), (limits.theirs, limits.ours));
        (limits.theirs, limits.ours)
    };
    assert_eq!(stated(|_, _| {}), (16_385, 16_385), "both versions");
    let tls13_only = |client: &mut ClientPolicy, server: &mut ServerPolicy| {
        client.tls12.suites.clear();
        server.tls12.suites.clear();
    };
    assert_eq!(stated(tls13_only), (16_385, 16_385));
}

#[test]
fn keys_are_logged_with_the_labels_of_rfc_9850() {
    let (mut client, mut server) = policies();
    client.key_log = true;
    server.key_log = true;
    let pair = Pair::shake(client, server);
    for end in [&pair.client, &pair.server] {
        assert_eq!(
            end.key_log,
            [
                "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                "CLIENT_TRAFFIC_SECRET_0",
                "SERVER_TRAFFIC_SECRET_0",
                "EXPORTER_SECRET",
            ]
        );
    }
}

#[test]
fn key_update_changes_one_direction_or_both() {
    for from_client in [true, false] {
        for (request_update, expected) in
            [(KeyUpdateRequest::UpdateNotRequested, [1, 0]), (KeyUpdateRequest::UpdateRequested, [1, 1])]
        {
            let (client, server) = policies();
            let mut pair = Pair::shake(client, server);
            let end = if from_client { &mut pair.client } else { &mut pair.server };
            end.step(Input::UpdateKeys { request_update });
            pair.run();
            pair.check();
            let [end, peer] =
                if from_client { [&pair.client, &pair.server] } else { [&pair.server, &pair.client] };
            let epochs = [end, peer].map(|end| end.secrets(Direction::Write).last().unwrap().0);
            assert_eq!(epochs, expected.map(Epoch::Application));
        }
    }
}

#[test]
fn a_second_update_is_requested_only_after_the_peers() {
    let (client, server) = policies();
    let mut pair = Pair::shake(client, server);
    for _ in 0..3 {
        pair.client.step(Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateRequested });
    }
    pair.run();
    pair.check();
    let epochs = [&pair.client, &pair.server].map(|end| end.secrets(Direction::Write).last().unwrap().0);
    assert_eq!(epochs, [Epoch::Application(3), Epoch::Application(1)]);
}

#[test]
fn one_hello_negotiates_either_version() {
    for (tls13, version) in [(true, ProtocolVersion::TLS_1_3), (false, ProtocolVersion::TLS_1_2)] {
        let (client, mut server) = policies();
        if !tls13 {
            server.tls13.suites.clear();
        }
        let mut pair = Pair::new(client, server);
        pair.start();
        let Some(super::pair::Sent::Message(_, hello)) = pair.client.queue.pop_front() else { panic!() };
        let message = cairn_handshake::RawMessage { msg_type: T::CLIENT_HELLO, bytes: &hello };
        pair.server.step(Input::Message { epoch: Epoch::Initial, message });
        assert_eq!(pair.server.error, None);
        assert_eq!(pair.server.machine.phase(), Phase::Handshake(version));
        let _ = NOW;
    }
}

#[test]
fn named_groups_of_the_default_are_in_our_order() {
    let (client, _) = policies();
    let first = client.groups.first().copied();
    assert!(matches!(first, Some(NamedGroup::X25519MLKEM768 | NamedGroup::X25519)));
}
