//! Renegotiations that are refused, impossible or interrupted.

use crate::again::{AGAIN, again, complete, last, misuse};
use crate::support::{Wire, edit, go_on, pair, run, server_policy, walk::renegotiating_pair};
use cairn_crypto::KeySpec;
use cairn_handshake::{HandshakeErrorKind, Misuse, Next, Renegotiation};
use cairn_wire::{Alert, AlertDescription, ExtensionType};

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
    let done = crate::support::legacy::client(&mut server, &[], &crate::support::legacy::old_extensions());
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
