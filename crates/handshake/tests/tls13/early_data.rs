//! Early data (RFC 9846 sections 2.3, 4.3.10 and 4.6).

use super::pair::{NOW, Pair, Sent, only_share, resuming_policies};
use cairn_handshake::{
    ClientPolicy, EarlyData, EarlyDataPolicy, HandshakeErrorKind as Kind, KnownPsk, Misuse, PskUse,
    Resumption, ServerPolicy, Session, SessionState, Tls13Reference, UnixTime,
};
use cairn_schedule::{Direction, Epoch, Gate};
use cairn_wire::{AlertDescription as A, HandshakeType as T, NamedGroup};
use core::time::Duration;
use std::sync::Arc;

const HANDSHAKE: Epoch = Epoch::Handshake;

/// Policies that permit 1,000 bytes of early data.
fn policies() -> (ClientPolicy, ServerPolicy) {
    let (mut client, mut server) = resuming_policies();
    client.tls13.early_data = true;
    server.tls13.early_data = Some(EarlyDataPolicy::new(1000));
    client.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    server.alpn_protocols = vec![b"h2".to_vec()];
    (client, server)
}

/// A pair after a full handshake, whose client offers the newest ticket. `change` sees both policies and the
/// client's session.
fn pair(change: impl FnOnce(&mut ClientPolicy, &mut ServerPolicy, &mut Session)) -> Pair {
    let (client, server) = policies();
    let first = Pair::shake(client, server);
    let (mut client, mut server) = policies();
    let mut session = Session::clone(first.client.saved.last().unwrap());
    change(&mut client, &mut server, &mut session);
    let mut pair = Pair::new(client, server);
    pair.client.offers = Some(Arc::new(session));
    pair.server.known = first
        .server
        .saved
        .iter()
        .map(|session| {
            let Tls13Reference::Stored(id) = &session.tls13().unwrap().reference else { panic!("a ticket") };
            (id.as_bytes().to_vec(), KnownPsk::Session(Arc::clone(session)))
        })
        .collect();
    pair
}

fn early_data(pair: &Pair) -> [EarlyData; 2] {
    [&pair.client, &pair.server].map(|end| end.summary.as_ref().unwrap().tls13().unwrap().early_data)
}

#[test]
fn accepted_early_data_has_the_messages_of_figure_4() {
    let mut pair = pair(|_, _, _| {});
    pair.start();
    let early = Gate::Open { epoch: Epoch::EarlyData };
    assert_eq!(pair.client.gates, [Gate::Closed, early], "the client may send at once");
    assert_eq!(pair.client.ccs, 1, "ChangeCipherSpec precedes early data");
    pair.pass(&mut |_, _| {});
    assert_eq!(
        pair.server.gates,
        [early, Gate::Closed],
        "the server takes early data, and sends nothing yet"
    );
    pair.run();
    pair.check();
    assert_eq!(early_data(&pair), [EarlyData::Accepted; 2]);
    assert_eq!(
        pair.client.sent,
        [
            (Epoch::Initial, T::CLIENT_HELLO),
            (Epoch::EarlyData, T::END_OF_EARLY_DATA),
            (HANDSHAKE, T::FINISHED),
        ]
    );
    assert_eq!(pair.client.ccs, 1);
    let epochs = |keys: Vec<(Epoch, Vec<u8>)>| keys.into_iter().map(|(epoch, _)| epoch).collect::<Vec<_>>();
    let expected = [Epoch::EarlyData, HANDSHAKE, Epoch::Application(0)];
    assert_eq!(epochs(pair.client.secrets(Direction::Write)), expected);
    assert_eq!(epochs(pair.server.secrets(Direction::Read)), expected);
    assert_eq!(pair.client.secrets(Direction::Write), pair.server.secrets(Direction::Read));
    assert_eq!(epochs(pair.client.secrets(Direction::Read)), expected[1..]);
}

#[test]
fn early_traffic_secret_is_in_the_key_log() {
    let mut pair = pair(|client, server, _| (client.key_log, server.key_log) = (true, true));
    pair.start();
    pair.run();
    for end in [&pair.client, &pair.server] {
        for label in ["CLIENT_EARLY_TRAFFIC_SECRET", "EARLY_EXPORTER_SECRET"] {
            assert_eq!(end.key_log.iter().filter(|known| **known == label).count(), 1, "{label}");
        }
    }
}

#[test]
fn early_exporter_is_the_same_on_both_sides_and_ends_with_a_rejection() {
    let export = |pair: &Pair| {
        [&pair.client, &pair.server].map(|end| {
            let mut out = [0; 32];
            end.machine.export_early_keying_material(b"EXPERIMENTAL test", b"context", &mut out).map(|()| out)
        })
    };
    let mut accepted = pair(|_, _, _| {});
    accepted.start();
    assert!(export(&accepted)[0].is_ok(), "a client has it with its ClientHello");
    accepted.pass(&mut |_, _| {});
    let [ours, theirs] = export(&accepted);
    assert_eq!(ours, theirs);
    accepted.run();
    assert_eq!(export(&accepted), [ours, theirs]);
    let mut later = [0; 32];
    accepted
        .client
        .machine
        .export_keying_material(b"EXPERIMENTAL test", Some(b"context"), &mut later)
        .unwrap();
    assert_ne!(ours, Ok(later));
    let mut refused = pair(|_, server, _| server.tls13.early_data = None);
    refused.start();
    refused.run();
    assert_eq!(export(&refused), [Err(Misuse::NoEarlyData); 2]);
}

/// The server resumes the session and rejects the early data.
fn rejected(what: &str, mut pair: Pair) {
    pair.start();
    assert_eq!(pair.client.gates[1], Gate::Open { epoch: Epoch::EarlyData }, "{what}");
    pair.run();
    pair.check();
    assert_eq!(early_data(&pair), [EarlyData::Rejected; 2], "{what}");
    assert!(!pair.client.sent.contains(&(Epoch::EarlyData, T::END_OF_EARLY_DATA)), "{what}");
    assert!(pair.server.skips > 0, "{what}");
}

#[test]
fn server_rejects_early_data_that_is_not_of_this_connection() {
    rejected("the server accepts none", pair(|_, server, _| server.tls13.early_data = None));
    rejected(
        "another application protocol",
        pair(|_, server, _| server.alpn_protocols = vec![b"http/1.1".to_vec()]),
    );
    let other_suite = pair(|_, server, session| {
        let suite = session.tls13().unwrap().suite;
        server.tls13.suites.retain(|other| *other != suite);
    });
    rejected("another suite", other_suite);
    let mut refused = pair(|_, _, _| {});
    refused.server.psk_use = PskUse::WithoutEarlyData;
    rejected("the ClientHello was seen before", refused);
    let mut used = pair(|_, _, _| {});
    used.server.psk_use = PskUse::AlreadyUsed;
    rejected("the ticket was used", used);
    let mut unknown = pair(|_, _, _| {});
    unknown.server.known.clear();
    rejected("the ticket is unknown", unknown);
}

#[test]
fn early_data_must_be_fresh() {
    for (milliseconds, expected) in
        [(0, EarlyData::Accepted), (10_000, EarlyData::Accepted), (10_001, EarlyData::Rejected)]
    {
        let late = |time: UnixTime| time.saturating_add(Duration::from_millis(milliseconds));
        // The hello is late.
        let mut delayed = pair(|_, _, _| {});
        delayed.server.now = late(NOW);
        // The client's clock is fast.
        let mut fast = pair(|_, _, _| {});
        fast.client.now = late(NOW);
        // The server's clock has gone back since it issued the ticket.
        let mut back = pair(|_, _, session| {
            let SessionState::Tls13(tls13) = &mut session.state else { panic!("a session of TLS 1.2") };
            tls13.issued_at = late(NOW);
        });
        for (_, known) in &mut back.server.known {
            let KnownPsk::Session(session) = known else { panic!("an external PSK") };
            let SessionState::Tls13(tls13) = &mut Arc::make_mut(session).state else { panic!("TLS 1.2") };
            tls13.issued_at = late(NOW);
        }
        for mut pair in [delayed, fast, back] {
            pair.start();
            pair.run();
            pair.check();
            assert_eq!(early_data(&pair), [expected; 2], "{milliseconds}");
            assert_eq!(pair.server.summary.unwrap().resumption, Resumption::ByPsk);
        }
    }
}

#[test]
fn hello_retry_request_rejects_early_data() {
    let mut pair = pair(|client, server, session| {
        only_share(client, NamedGroup::X25519);
        server.groups = vec![NamedGroup::SECP256R1, session.evidence.group.unwrap()];
    });
    pair.start();
    pair.run();
    pair.check();
    assert_eq!(early_data(&pair), [EarlyData::Rejected; 2]);
    let hellos = pair.client.sent.iter().filter(|sent| **sent == (Epoch::Initial, T::CLIENT_HELLO)).count();
    assert_eq!(hellos, 2, "the second hello is not encrypted");
    assert_eq!(pair.client.ccs, 1);
    assert!(pair.server.skips > 0);
}

#[test]
fn client_offers_early_data_only_where_it_can_be_accepted() {
    type Change = fn(&mut ClientPolicy, &mut ServerPolicy, &mut Session);
    let cases: [(&str, Change); 4] = [
        ("the policy offers none", |client, _, _| client.tls13.early_data = false),
        ("the ticket permits none", |_, _, session| {
            let SessionState::Tls13(tls13) = &mut session.state else { panic!("a session of TLS 1.2") };
            tls13.max_early_data = 0;
        }),
        ("its protocol is not offered", |client, _, _| client.alpn_protocols = vec![b"http/1.1".to_vec()]),
        ("its suite is not offered", |client, _, session| {
            let suite = session.tls13().unwrap().suite;
            client.tls13.suites.retain(|other| *other != suite);
        }),
    ];
    for (what, change) in cases {
        let mut pair = pair(change);
        pair.server.machine = {
            let (_, mut server) = policies();
            server.alpn_protocols.push(b"http/1.1".to_vec());
            cairn_handshake::Machine::server(Arc::new(server))
        };
        pair.start();
        assert_eq!(pair.client.gates[1], Gate::Closed, "{what}");
        pair.run();
        pair.check();
        assert_eq!(early_data(&pair), [EarlyData::NotOffered; 2], "{what}");
    }
}

/// The first ServerHello or EncryptedExtensions, rewritten.
fn rewritten(mut pair: Pair, msg_type: T, change: impl Fn(&mut Vec<u8>)) -> Pair {
    pair.start();
    while pair.pass(&mut |from_client, sent| {
        if let Sent::Message(_, bytes) = sent
            && !from_client
            && bytes[0] == msg_type.0
        {
            change(bytes);
        }
    }) {}
    pair
}

/// EncryptedExtensions with early_data besides.
fn add_early_data(message: &mut Vec<u8>) {
    message.extend_from_slice(&[0, 42, 0, 0]);
    for place in [3, 5] {
        message[place] += 4;
    }
}

/// A handshake with accepted early data, whose client sends `message` in place of EndOfEarlyData.
fn ended_by(message: &[u8]) -> Pair {
    let mut pair = pair(|_, _, _| {});
    pair.start();
    while pair.pass(&mut |from_client, sent| {
        if let Sent::Message(_, bytes) = sent
            && from_client
            && bytes[0] == T::END_OF_EARLY_DATA.0
        {
            message.clone_into(bytes);
        }
    }) {}
    pair
}

#[test]
fn only_an_empty_end_of_early_data_ends_early_data() {
    ended_by(&[T::END_OF_EARLY_DATA.0, 0, 0, 0]).check();
    let finished = [&[T::FINISHED.0, 0, 0, 32][..], &[0; 32]].concat();
    let cases: [(&str, &[u8], A); 5] = [
        ("a byte of content", &[T::END_OF_EARLY_DATA.0, 0, 0, 1, 0], A::DECODE_ERROR),
        ("HelloRequest", &[T::HELLO_REQUEST.0, 0, 0, 0], A::UNEXPECTED_MESSAGE),
        ("Finished", &finished, A::UNEXPECTED_MESSAGE),
        ("KeyUpdate", &[T::KEY_UPDATE.0, 0, 0, 1, 0], A::UNEXPECTED_MESSAGE),
        ("an unknown message", &[99, 0, 0, 0], A::UNEXPECTED_MESSAGE),
    ];
    for (what, message, alert) in cases {
        let pair = ended_by(message);
        assert_eq!(pair.server.error.unwrap().alert(), Some(alert), "{what}");
        assert!(pair.server.summary.is_none(), "{what}");
    }
}

#[test]
fn client_refuses_acceptance_of_early_data_that_does_not_fit() {
    // A full handshake, and then another application protocol.
    let mut unknown = pair(|_, _, _| {});
    unknown.server.known.clear();
    let other_protocol = pair(|_, server, _| server.alpn_protocols = vec![b"http/1.1".to_vec()]);
    for pair in [unknown, other_protocol] {
        let pair = rewritten(pair, T::ENCRYPTED_EXTENSIONS, add_early_data);
        assert_eq!(pair.client.error, Some(Kind::EarlyDataNotAcceptable));
        assert_eq!(pair.client.error.unwrap().alert(), Some(A::ILLEGAL_PARAMETER));
    }
}

#[test]
fn client_that_has_offered_early_data_refuses_tls12() {
    let pair = pair(|_, _, _| {});
    let mut pair = Pair {
        server: {
            let mut server = pair.server;
            let (_, mut policy) = policies();
            policy.tls13.suites.clear();
            server.machine = cairn_handshake::Machine::server(Arc::new(policy));
            server
        },
        ..pair
    };
    pair.start();
    pair.run();
    assert_eq!(pair.client.error, Some(Kind::EarlyDataWithOlderVersion));
    assert_eq!(pair.client.error.unwrap().alert(), Some(A::PROTOCOL_VERSION));
}

/// RFC 9846 appendix E.3: the client of [`client_that_has_offered_early_data_refuses_tls12`] "can then retry
/// the connection with 0-RTT disabled", and "SHOULD NOT disable TLS 1.3, only 0-RTT": without early data, it
/// offers TLS 1.3 and the same ticket.
#[test]
fn client_with_early_data_disabled_offers_tls13_and_its_ticket() {
    for early in [true, false] {
        let mut pair = pair(|client, _, _| client.tls13.early_data = early);
        pair.start();
        pair.run();
        pair.check();
        assert_eq!(pair.client.summary.as_ref().unwrap().resumption, Resumption::ByPsk);
        let expected = if early { EarlyData::Accepted } else { EarlyData::NotOffered };
        assert_eq!(early_data(&pair), [expected; 2]);
    }
}
