//! Renegotiation (RFC 5246 section 7.4.1.1, RFC 5746).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod support;

use cairn_crypto::KeySpec;
use cairn_handshake::{
    Answer, ClientAuthentication, Flight, HandshakeErrorKind, Input, Misuse, Next, Renegotiation, UnixTime,
};
use cairn_wire::{Alert, AlertDescription, ClientExtension, ExtensionType, HandshakeType, ServerExtension};
use support::{
    End, NOW, Wire, agree, edit, encrypts_then_macs, go_on, mutual_pair, pair, resuming_pair, run,
    server_policy, ticket_pair,
    walk::{named_suite, renegotiating_pair},
};

const AGAIN: Input<'static> = Input::Renegotiate { now: NOW };

fn complete() -> (End, End) {
    let (mut client, mut server) = renegotiating_pair(|_| {}, |_| {});
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
    (client, server)
}

/// One side requests a renegotiation, and both perform it.
fn again(client: &mut End, server: &mut End, by_client: bool) {
    if by_client {
        client.step(AGAIN);
    } else {
        server.step(AGAIN);
    }
    go_on(client, server, |_, _| {});
}

/// Both verify_data of the last complete handshake.
fn last(end: &End) -> Vec<u8> {
    let (client, server) = end.machine.verify_data().unwrap();
    [*client.as_bytes(), *server.as_bytes()].concat()
}

fn misuse(end: &mut End) -> Misuse {
    end.machine.step(AGAIN, &mut Flight::new()).unwrap_err()
}

#[test]
fn either_side_can_renegotiate_and_the_keys_change() {
    for by_client in [true, false] {
        let (mut client, mut server) = complete();
        let mut exported = [[0; 32]; 3];
        let label = b"EXPERIMENTAL renegotiation";
        client.machine.export_keying_material(label, None, &mut exported[0]).unwrap();
        for round in 1..=3 {
            let before = last(&client);
            again(&mut client, &mut server, by_client);
            assert!(agree(&client, &server), "{:?} {:?}", client.log, server.log);
            assert_eq!(last(&client), last(&server));
            assert_ne!(last(&client), before);
            for end in [&client, &server] {
                assert_eq!(end.machine.renegotiations(), round);
                assert!(end.machine.is_established() && !end.machine.is_renegotiating());
                assert!(!end.complete.as_ref().unwrap().is_resumed());
            }
        }
        client.machine.export_keying_material(label, None, &mut exported[1]).unwrap();
        server.machine.export_keying_material(label, None, &mut exported[2]).unwrap();
        assert_eq!(exported[1], exported[2]);
        assert_ne!(exported[0], exported[1]);
    }
}

#[test]
fn tls_unique_follows_renegotiation_and_tls_exporter_is_undefined() {
    let (mut client, mut server) = complete();
    let before = client.machine.tls_unique().unwrap();
    assert_eq!(server.machine.tls_unique(), Ok(before));
    again(&mut client, &mut server, true);
    let after = client.machine.tls_unique().unwrap();
    assert_eq!(server.machine.tls_unique(), Ok(after));
    assert_ne!(before, after);
    // RFC 9266 section 2.
    for end in [client, server] {
        assert_eq!(end.machine.tls_exporter(), Err(Misuse::NotWithRenegotiation));
    }
}

#[test]
fn renegotiation_info_has_the_verify_data_of_the_last_handshake() {
    let (mut client, mut server) = complete();
    for round in 0..2 {
        let both = last(&client);
        let ours = &both[..12];
        let mut seen = 0;
        client.step(AGAIN);
        go_on(&mut client, &mut server, |_, wire| {
            edit::client_hello(wire, |parts| {
                assert!(parts.extensions.contains(&ClientExtension::RenegotiationInfo(ours)));
                assert!(!parts.suites.contains(&cairn_wire::CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV));
                seen += 1;
            });
            edit::server_hello(wire, |parts| {
                assert!(parts.extensions.contains(&ServerExtension::RenegotiationInfo(&both)));
                seen += 1;
            });
        });
        assert_eq!(seen, 2);
        assert!(agree(&client, &server), "{round}");
    }
}

#[test]
fn server_can_request_a_certificate_in_a_renegotiation() {
    let (mut client, mut server) = complete();
    assert!(server.complete.as_ref().unwrap().peer_chain.is_none());
    client.credential = server.credential.clone();
    server.peer_key = client.peer_key.clone();
    let mut policy = server_policy();
    policy.tls12.renegotiation = Renegotiation::Requested;
    policy.client_authentication = ClientAuthentication::Require { authorities: vec![] };
    server.machine.set_server_policy(policy.into()).unwrap();
    again(&mut client, &mut server, false);
    assert!(agree(&client, &server), "{:?}", server.log);
    assert!(server.complete.as_ref().unwrap().peer_chain.is_some());
    // The identity stays the same.
    again(&mut client, &mut server, false);
    assert!(agree(&client, &server), "{:?}", server.log);
}

#[test]
fn renegotiation_with_client_authentication_keeps_the_identities() {
    let spec = KeySpec::EcP256;
    let (mut client, mut server) = mutual_pair(
        spec,
        spec,
        |policy| policy.tls12.renegotiation = Renegotiation::Requested,
        |policy| policy.tls12.renegotiation = Renegotiation::Allowed,
    );
    run(&mut client, &mut server, |_, _| {});
    again(&mut client, &mut server, true);
    assert!(agree(&client, &server), "{:?}", server.log);
}

#[test]
fn renegotiation_of_a_resumed_connection_is_a_full_handshake() {
    for tickets in [false, true] {
        let renegotiating = |end: &mut Renegotiation| *end = Renegotiation::Allowed;
        let (mut client, mut server) = if tickets {
            let (first, second) = ticket_pair(true);
            let (mut client, mut server) = renegotiating_pair(
                |p| p.resumption.as_mut().unwrap().tickets = true,
                |p| p.resumption.as_mut().unwrap().tickets = true,
            );
            (client.session, server.session) = (first.session, second.session);
            (client, server)
        } else {
            resuming_pair(
                |p| renegotiating(&mut p.tls12.renegotiation),
                |p| renegotiating(&mut p.tls12.renegotiation),
            )
        };
        run(&mut client, &mut server, |_, _| {});
        assert!(client.complete.as_ref().unwrap().is_resumed(), "{:?}", client.log);
        let before = client.saved.take();
        again(&mut client, &mut server, true);
        assert!(agree(&client, &server), "{:?}", server.log);
        assert!(!client.complete.as_ref().unwrap().is_resumed());
        // The resulting session is new.
        assert!(client.saved.is_some() && client.saved != before);
    }
}

#[test]
fn server_resumes_no_session_in_a_renegotiation() {
    // A resumption would skip the authentication that the renegotiation may be for.
    let (mut client, mut server) = complete();
    let id = *client.saved.as_ref().unwrap().tls12().unwrap().session_id();
    client.step(AGAIN);
    let Some(Wire::Handshake(_, _)) = client.out.front() else { panic!("no hello") };
    edit::client_hello(client.out.front_mut().unwrap(), |parts| parts.hello.session_id = id);
    let hello = client.out.pop_front().unwrap();
    server.receive(&hello);
    let shown = server.log.iter().filter(|line| *line == "send certificate").count();
    assert_eq!(shown, 2, "{:?}", server.log);
}

#[test]
fn refused_renegotiation_is_no_renegotiation_and_the_connection_continues() {
    use Renegotiation::{Allowed, Never, Requested};
    // The requesting side, the policies of client and server, and whether a handshake follows.
    for (by_client, client, server, willing) in [
        (true, Requested, Allowed, true),
        (true, Allowed, Requested, false),
        (true, Requested, Never, false),
        (false, Allowed, Requested, true),
        (false, Requested, Allowed, false),
        (false, Never, Requested, false),
    ] {
        let what = (by_client, client, server);
        let (mut client, mut server) =
            pair(KeySpec::EcP256, |p| p.tls12.renegotiation = client, |p| p.tls12.renegotiation = server);
        run(&mut client, &mut server, |_, _| {});
        let before = last(&client);
        let mut alerts = Vec::new();
        if by_client {
            client.step(AGAIN);
        } else {
            server.step(AGAIN);
        }
        let asker = if by_client { &client } else { &server };
        assert!(asker.machine.is_renegotiating(), "{what:?}");
        go_on(&mut client, &mut server, |_, wire| {
            if let Wire::Alert(alert) = wire {
                alerts.push(*alert);
            }
        });
        let refused = Alert::warning(AlertDescription::NO_RENEGOTIATION);
        assert_eq!(alerts, if willing { vec![] } else { vec![refused] }, "{what:?}");
        for end in [&client, &server] {
            assert!(end.machine.is_established() && !end.machine.is_renegotiating(), "{what:?}");
            assert!(end.takes_application_data());
            assert_eq!(last(end) != before, willing, "{what:?}");
        }
        let asker = if by_client { &client } else { &server };
        let told = asker.log.iter().any(|line| line == "renegotiation refused");
        assert_eq!(told, !willing, "{what:?}");
    }
}

#[test]
fn unsolicited_no_renegotiation_is_ignored() {
    let (mut client, mut server) = complete();
    let refusal = Wire::Alert(Alert::warning(AlertDescription::NO_RENEGOTIATION));
    for end in [&mut client, &mut server] {
        end.receive(&refusal);
        assert!(end.machine.is_established());
        assert!(!end.log.iter().any(|line| line == "renegotiation refused"));
    }
    // The same in the first handshake.
    let mut client = pair(KeySpec::EcP256, |_| {}, |_| {}).0;
    client.start();
    client.receive(&refusal);
    assert_eq!((client.machine.state(), client.next), ("AwaitServerHello", Next::AwaitPeer));
}

#[test]
fn number_of_renegotiations_is_limited() {
    let limit = 3;
    for by_client in [true, false] {
        let (mut client, mut server) = renegotiating_pair(
            |p| p.tls12.renegotiation_limits.max_renegotiations = limit,
            |p| p.tls12.renegotiation_limits.max_renegotiations = limit,
        );
        run(&mut client, &mut server, |_, _| {});
        for _ in 0..limit {
            again(&mut client, &mut server, by_client);
            assert!(agree(&client, &server));
        }
        let asker = if by_client { &mut client } else { &mut server };
        assert_eq!(misuse(asker), Misuse::TooManyRenegotiations { limit });
    }
    // A request beyond the limit is refused as if renegotiation were not permitted.
    let (mut client, mut server) =
        renegotiating_pair(|_| {}, |p| p.tls12.renegotiation_limits.max_renegotiations = 1);
    run(&mut client, &mut server, |_, _| {});
    again(&mut client, &mut server, true);
    let before = last(&server);
    again(&mut client, &mut server, true);
    assert_eq!(client.log.last().unwrap(), "renegotiation refused");
    assert_eq!(last(&server), before);
}

#[test]
fn server_sends_one_hello_request_at_a_time() {
    let (mut client, mut server) = complete();
    server.step(AGAIN);
    server.step(AGAIN);
    assert_eq!(server.out.len(), 1);
    go_on(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server) && server.machine.renegotiations() == 1);
    // A client that has already sent ClientHello ignores the request.
    client.step(AGAIN);
    server.step(AGAIN);
    go_on(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
    assert_eq!((client.machine.renegotiations(), server.machine.renegotiations()), (2, 2));
}

#[test]
fn impossible_renegotiation_is_misuse() {
    let (mut client, mut server) = renegotiating_pair(|_| {}, |_| {});
    client.start();
    server.start();
    for end in [&mut client, &mut server] {
        assert_eq!(misuse(end), Misuse::NotComplete);
        assert_eq!(end.machine.set_server_policy(server_policy().into()), Err(Misuse::NotComplete));
    }
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    run(&mut client, &mut server, |_, _| {});
    for end in [&mut client, &mut server] {
        assert_eq!(misuse(end), Misuse::NoRenegotiation);
    }
    // A policy that is set later has no retained identity to compare with.
    let mut policy = server_policy();
    policy.tls12.renegotiation = Renegotiation::Allowed;
    server.machine.set_server_policy(policy.into()).unwrap();
    assert_eq!(misuse(&mut server), Misuse::NoRenegotiation);
}

#[test]
fn no_renegotiation_with_a_peer_without_rfc_5746() {
    let (mut client, mut server) = renegotiating_pair(|_| {}, |_| {});
    // Neither the extension nor the SCSV. The transcripts differ, so only the server's first flight can be
    // checked.
    run(&mut client, &mut server, |_, wire| {
        edit::client_hello(wire, |parts| parts.remove(ExtensionType::RENEGOTIATION_INFO));
    });
    assert_eq!(client.kind(), Some(HandshakeErrorKind::SecureRenegotiationMissing));
    // An old client completes the handshake: see `support::legacy`.
    let mut server = renegotiating_pair(|_| {}, |_| {}).1;
    let done = support::legacy::client(&mut server, &[], &support::legacy::old_extensions());
    assert!(done.finished && server.machine.is_established());
    assert_eq!(misuse(&mut server), Misuse::NoSecureRenegotiation);
    let mut hello = pair(KeySpec::EcP256, |_| {}, |_| {}).0;
    hello.start();
    let Wire::Handshake(_, bytes) = hello.out.pop_front().unwrap() else { panic!("no hello") };
    server.out.clear();
    server.receive(&Wire::Handshake(server.machine.read_epoch(), bytes));
    let refusal = Wire::Alert(Alert::warning(AlertDescription::NO_RENEGOTIATION));
    assert_eq!(server.out.pop_front(), Some(refusal));
}

#[test]
fn close_notify_during_a_renegotiation_is_an_orderly_end() {
    let closure = Wire::Alert(Alert::warning(AlertDescription::CLOSE_NOTIFY));
    let (mut client, mut server) = complete();
    client.step(AGAIN);
    client.receive(&closure);
    assert_eq!((client.kind(), client.log.last().unwrap().as_str()), (None, "peer closed"));
    // Not under keys that Finished has not confirmed yet.
    let hello = client.out.pop_front().unwrap();
    server.receive(&hello);
    let (mut client, mut server) = complete();
    client.step(AGAIN);
    while let Some(wire) = client.out.pop_front() {
        server.receive(&wire);
        while let Some(wire) = server.out.pop_front() {
            client.receive(&wire);
        }
        if server.machine.state() == "AwaitFinished" {
            server.receive(&closure);
            break;
        }
    }
    assert_eq!(server.kind(), Some(HandshakeErrorKind::ClosedDuringHandshake));
}

#[test]
fn failed_renegotiation_ends_the_connection_and_invalidates_its_session() {
    let (mut client, mut server) = complete();
    let id = *server.saved.as_ref().unwrap().tls12().unwrap().session_id();
    server.fails = Some("Sign");
    again(&mut client, &mut server, true);
    assert_eq!(server.kind(), Some(HandshakeErrorKind::QuestionFailed));
    assert_eq!(server.forgotten, [id]);
    for end in [&server, &client] {
        assert!(!end.takes_application_data() && end.machine.verify_data().is_none());
        let exported = end.machine.export_keying_material(b"EXPERIMENTAL x", None, &mut [0; 8]);
        assert_eq!(exported, Err(Misuse::NotComplete));
    }
}

#[test]
fn sessions_of_a_renegotiation_use_the_current_time() {
    let (mut client, mut server) = complete();
    let later = UnixTime::from_secs(NOW.as_secs() + 1000);
    server.machine.set_time(later);
    client.step(Input::Renegotiate { now: later });
    go_on(&mut client, &mut server, |_, _| {});
    for end in [&client, &server] {
        assert_eq!(end.complete.as_ref().unwrap().authenticated_at, later);
        assert_eq!(end.saved.as_ref().unwrap().authenticated_at, later);
    }
}

/// A server that has requested a renegotiation in which a client certificate is required.
fn demanding(client_is_willing: bool) -> (End, End) {
    let willing = |policy: &mut Renegotiation| *policy = Renegotiation::Allowed;
    let (mut client, mut server) = renegotiating_pair(
        |p| {
            p.tls12.renegotiation =
                if client_is_willing { Renegotiation::Allowed } else { Renegotiation::Never }
        },
        |p| willing(&mut p.tls12.renegotiation),
    );
    run(&mut client, &mut server, |_, _| {});
    let mut policy = server_policy();
    willing(&mut policy.tls12.renegotiation);
    policy.client_authentication = ClientAuthentication::Require { authorities: vec![] };
    server.machine.set_server_policy(policy.into()).unwrap();
    server.step(AGAIN);
    (client, server)
}

#[test]
fn client_cannot_refuse_a_renegotiation_that_requires_a_certificate() {
    let (mut client, mut server) = demanding(false);
    go_on(&mut client, &mut server, |_, _| {});
    assert_eq!(server.kind(), Some(HandshakeErrorKind::RenegotiationRefused));
    assert_eq!(server.kind().unwrap().alert(), Some(AlertDescription::HANDSHAKE_FAILURE));
    // Silence counts as a refusal.
    let mut server = demanding(false).1;
    server.step(Input::Time { now: UnixTime::from_secs(NOW.as_secs() + 61) });
    assert_eq!(server.kind(), Some(HandshakeErrorKind::RenegotiationRefused));
}

#[test]
fn client_cannot_close_to_avoid_required_authentication() {
    let (_, mut server) = demanding(true);
    server.step(Input::Alert(Alert::warning(AlertDescription::CLOSE_NOTIFY)));
    assert_eq!(server.kind(), Some(HandshakeErrorKind::ClosedDuringHandshake));
    // The same during that handshake.
    let (mut client, mut server) = demanding(true);
    let request = core::mem::take(&mut server.out);
    request.iter().for_each(|wire| client.receive(wire));
    let hello = core::mem::take(&mut client.out);
    hello.iter().for_each(|wire| server.receive(wire));
    assert_eq!(server.machine.state(), "AwaitCertificate");
    server.step(Input::Alert(Alert::warning(AlertDescription::CLOSE_NOTIFY)));
    assert_eq!(server.kind(), Some(HandshakeErrorKind::ClosedDuringHandshake));
}

#[test]
fn unchanged_policy_does_not_require_a_second_authentication() {
    let allow = |renegotiation: &mut Renegotiation| *renegotiation = Renegotiation::Allowed;
    let mut policy = server_policy();
    allow(&mut policy.tls12.renegotiation);
    policy.client_authentication = ClientAuthentication::Require { authorities: vec![] };
    let policy = std::sync::Arc::new(policy);
    let (mut client, mut server) =
        mutual_pair(KeySpec::EcP256, KeySpec::EcP256, |_| {}, |p| *p = (*policy).clone());
    run(&mut client, &mut server, |_, _| {});
    server.step(AGAIN);
    go_on(&mut client, &mut server, |_, _| {});
    assert_eq!((server.log.last().unwrap().as_str(), server.kind()), ("renegotiation refused", None));
    // The refused handshake would only have repeated the earlier authentication. After a new policy is set,
    // the client must not refuse.
    server.machine.set_server_policy(policy).unwrap();
    server.step(AGAIN);
    go_on(&mut client, &mut server, |_, _| {});
    assert_eq!(server.kind(), Some(HandshakeErrorKind::RenegotiationRefused));
}

#[test]
fn duration_of_a_renegotiation_is_limited() {
    let at = |seconds| Input::Time { now: UnixTime::from_secs(NOW.as_secs() + seconds) };
    // A client may ignore HelloRequest (RFC 5246 section 7.4.1.1). That counts as a refusal, and the
    // connection continues.
    let (mut client, mut server) = complete();
    server.step(AGAIN);
    server.step(at(60));
    assert!(server.machine.is_renegotiating());
    server.step(at(61));
    assert_eq!((server.log.last().unwrap().as_str(), server.kind()), ("renegotiation refused", None));
    assert!(!server.machine.is_renegotiating());
    server.out.clear();
    // A handshake in progress ends the connection.
    server.machine.set_time(NOW);
    client.step(AGAIN);
    let hello = core::mem::take(&mut client.out);
    hello.iter().for_each(|wire| server.receive(wire));
    for end in [&mut client, &mut server] {
        end.step(at(60));
        assert!(end.machine.is_renegotiating());
        end.step(at(61));
        assert_eq!(end.kind(), Some(HandshakeErrorKind::RenegotiationTimedOut { limit: 60 }));
    }
    // The next renegotiation has its own time limit; without one, the time has no effect.
    let (mut client, mut server) = complete();
    again(&mut client, &mut server, true);
    client.step(at(1000));
    client.step(Input::Renegotiate { now: UnixTime::from_secs(NOW.as_secs() + 1000) });
    client.step(at(1060));
    assert!(client.machine.is_renegotiating());
    go_on(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
}

#[test]
fn renegotiation_must_not_remove_encrypt_then_mac_from_a_block_cipher() {
    let cbc = named_suite("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA");
    let (mut client, mut server) =
        renegotiating_pair(|p| p.tls12.suites.push(cbc), |p| p.tls12.suites = vec![cbc]);
    run(&mut client, &mut server, |_, _| {});
    assert!(client.complete.as_ref().unwrap().tls12().unwrap().protection.is_encrypt_then_mac());
    let mut policy = server_policy();
    policy.tls12.renegotiation = Renegotiation::Allowed;
    server.machine.set_server_policy(policy.clone().into()).unwrap();
    again(&mut client, &mut server, true);
    assert!(
        agree(&client, &server)
            && !client.complete.as_ref().unwrap().tls12().unwrap().protection.is_encrypt_then_mac()
    );
    // A detour through an AEAD suite does not remove it (RFC 7366 section 3.1).
    policy.tls12.suites = vec![cbc];
    policy.tls12.encrypt_then_mac = false;
    server.machine.set_server_policy(policy.into()).unwrap();
    again(&mut client, &mut server, true);
    assert_eq!(server.kind(), Some(HandshakeErrorKind::EncryptThenMacDropped));
}

#[test]
fn renegotiation_may_add_encrypt_then_mac() {
    let cbc = named_suite("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA");
    let without = |policy: &mut cairn_handshake::ServerPolicy| {
        policy.tls12.suites = vec![cbc];
        policy.tls12.encrypt_then_mac = false;
    };
    let (mut client, mut server) = renegotiating_pair(|policy| policy.tls12.suites = vec![cbc], without);
    run(&mut client, &mut server, |_, _| {});
    assert!(!client.complete.as_ref().unwrap().tls12().unwrap().protection.is_encrypt_then_mac());
    let mut policy = server_policy();
    policy.tls12.renegotiation = Renegotiation::Allowed;
    policy.tls12.suites = vec![cbc];
    server.machine.set_server_policy(policy.into()).unwrap();
    again(&mut client, &mut server, true);
    assert!(
        agree(&client, &server)
            && client.complete.as_ref().unwrap().tls12().unwrap().protection.is_encrypt_then_mac()
    );
    // The order of MAC and encryption changes with ChangeCipherSpec (RFC 7366 section 3.1).
    for end in [&client, &server] {
        let orders: Vec<bool> = end.keys.iter().map(encrypts_then_macs).collect();
        assert_eq!(orders, [false, false, true, true]);
    }
}

#[test]
fn questions_of_a_renegotiation_can_be_answered_late() {
    let (mut client, mut server) = complete();
    server.steps_left = 0;
    client.step(AGAIN);
    server.steps_left = usize::MAX;
    let Wire::Handshake(epoch, bytes) = client.out.pop_front().unwrap() else { panic!("no hello") };
    let message =
        cairn_handshake::RawMessage { msg_type: HandshakeType::CLIENT_HELLO, bytes: bytes.as_slice() };
    server.step_once(Input::Message { epoch, message });
    assert!(matches!(server.next, Next::Ask(_)) && server.takes_application_data());
    // While it waits, neither side may request another renegotiation.
    assert_eq!(misuse(&mut server), Misuse::NotComplete);
    let (id, answer) = server.answer();
    assert!(matches!(answer, Answer::Credential(_)));
    server.step(Input::Answer(id, answer));
    go_on(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
}
