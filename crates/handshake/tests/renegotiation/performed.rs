//! The parameters that a renegotiation changes, and those that it keeps.

use crate::again::{AGAIN, again, complete, last, misuse};
use crate::support::{
    NOW, Wire, agree, edit, go_on, mutual_pair, resuming_pair, run, server_policy, ticket_pair,
    walk::renegotiating_pair,
};
use cairn_crypto::KeySpec;
use cairn_handshake::{Answer, ClientAuthentication, Input, Misuse, Next, Renegotiation, UnixTime};
use cairn_wire::{ClientExtension, HandshakeType, ServerExtension};

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
