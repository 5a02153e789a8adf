//! Which sessions are saved, offered and resumed.

use crate::support::{
    End, NOW, Wire, agree, client_policy, credential,
    edit::{client_hello, server_hello},
    legacy, mutual_pair, pair, resuming_pair, run, tls12_mut,
};
use cairn_crypto::KeySpec;
use cairn_handshake::{ClientAuthentication, Machine, Misuse, ServerPolicy, Tls12Reference, UnixTime};
use cairn_wire::{ExtensionType as X, ServerExtension, SessionId};
use std::sync::Arc;

/// Performs a resumption and returns whether the session was resumed. The handshake completes in any case.
fn resumes((mut client, mut server): (End, End)) -> bool {
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server), "{:?} {:?}", client.log, server.log);
    client.complete.unwrap().is_resumed()
}

#[test]
fn session_is_resumed_only_if_all_its_parameters_are_still_acceptable() {
    assert!(resumes(resuming_pair(|_| {}, |_| {})));

    // Not by a client or server whose policy no longer has the suite.
    assert!(!resumes(resuming_pair(
        |client| client.tls12.suites.retain(|suite| suite.id.0 != 0xc02b),
        |_| {}
    )));
    assert!(!resumes(resuming_pair(
        |_| {},
        |server| server.tls12.suites.retain(|suite| suite.id.0 != 0xc02b)
    )));
    // Not if it is too old or from the future for either side.
    let (mut client, server) = resuming_pair(|_| {}, |_| {});
    client.session.as_mut().unwrap().authenticated_at = UnixTime::from_secs(NOW.as_secs() - 86_400);
    assert!(!resumes((client, server)));
    let (client, mut server) = resuming_pair(|_| {}, |_| {});
    server.session.as_mut().unwrap().authenticated_at = UnixTime::from_secs(NOW.as_secs() - 86_400);
    assert!(!resumes((client, server)));
    let (client, mut server) = resuming_pair(|_| {}, |_| {});
    server.session.as_mut().unwrap().authenticated_at = UnixTime::from_secs(NOW.as_secs() + 1);
    assert!(!resumes((client, server)));
    let (mut client, mut server) = resuming_pair(|_| {}, |_| {});
    client.session.as_mut().unwrap().authenticated_at = UnixTime::from_secs(NOW.as_secs() - 86_399);
    server.session.as_mut().unwrap().authenticated_at = UnixTime::from_secs(NOW.as_secs() - 86_399);
    assert!(resumes((client, server)));
    // Not by a server in another context.
    assert!(!resumes(resuming_pair(
        |_| {},
        |server| server.resumption.as_mut().unwrap().binding.context = cairn_handshake::Digest([1; 16])
    )));
    // Not for another name (RFC 6066 section 3), whichever side detects it.
    let (mut client, server) = resuming_pair(|_| {}, |_| {});
    client.session.as_mut().unwrap().server_name = Some(b"other.example"[..].into());
    assert!(!resumes((client, server)));
    for name in [Some(&b"other.example"[..]), None] {
        let (client, mut server) = resuming_pair(|_| {}, |_| {});
        server.session.as_mut().unwrap().server_name = name.map(Into::into);
        assert!(!resumes((client, server)));
    }
    // Not if either side has disabled resumption.
    assert!(!resumes(resuming_pair(|client| client.resumption = None, |_| {})));
    assert!(!resumes(resuming_pair(|_| {}, |server| server.resumption = None)));
    // Not if the store returned a different session.
    let (client, mut server) = resuming_pair(|_| {}, |_| {});
    let another = Tls12Reference::SessionId(SessionId::new(b"another").unwrap());
    tls12_mut(server.session.as_mut().unwrap()).reference = another;
    assert!(!resumes((client, server)));
}

#[test]
fn session_without_an_id_is_not_offered() {
    // A server without a store would echo its empty ID in ServerHello.
    let (mut client, server) = resuming_pair(|_| {}, |server| server.resumption = None);
    tls12_mut(client.session.as_mut().unwrap()).reference = Tls12Reference::SessionId(SessionId::EMPTY);
    assert!(!resumes((client, server)));
}

#[test]
fn server_may_send_another_session_id_or_none() {
    for id in [&b""[..], b"x", &[9; 32]] {
        let (mut client, _) = resuming_pair(
            |client| {
                client.tls12.secure_renegotiation = cairn_handshake::Requirement::Offer;
            },
            |_| {},
        );
        let own = credential(KeySpec::EcP256).0;
        let done = legacy::server(
            &mut client,
            &own,
            SessionId::new(id).unwrap(),
            &[ServerExtension::RenegotiationInfo(&[])],
        );
        assert!(done.finished);
        assert!(!client.complete.unwrap().is_resumed());
    }
}

#[test]
fn session_id_that_was_not_offered_is_a_new_session() {
    // The client offers no session, and the server sends the ID of a session from another connection.
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    let known = crate::support::sessions().0;
    run(&mut client, &mut server, |_, wire| {
        server_hello(wire, |parts| parts.hello.session_id = *known.tls12().unwrap().session_id());
    });
    // A full handshake follows. It fails at Finished because the transcripts differ.
    assert!(client.log.iter().any(|line| line == "send client_key_exchange"));
}

#[test]
fn client_authentication_requirements_apply_to_resumption() {
    let policy = |server: &mut ServerPolicy, which: &ClientAuthentication| {
        server.client_authentication = which.clone();
    };
    let none = ClientAuthentication::None;
    let request = ClientAuthentication::Request { authorities: Vec::new() };
    let require = ClientAuthentication::Require { authorities: Vec::new() };
    for (before, now, with_certificate, resumed) in [
        (&none, &none, false, true),
        (&none, &request, false, true),
        (&none, &require, false, false),
        (&request, &require, false, false),
        (&request, &require, true, true),
        (&require, &request, true, true),
        (&require, &none, true, false),
    ] {
        let made = |which: &ClientAuthentication| {
            let (mut client, server) =
                mutual_pair(KeySpec::EcP256, KeySpec::EcP256, |_| {}, |server| policy(server, which));
            if !with_certificate && which != now {
                client.credential = None;
            }
            (client, server)
        };
        let (mut client, mut server) = made(before);
        run(&mut client, &mut server, |_, _| {});
        let (ours, theirs) = (client.saved.unwrap(), server.saved.unwrap());
        let (mut client, mut server) = made(now);
        if now == &require {
            client.credential = Some(credential(KeySpec::EcP256).0);
        }
        (client.session, server.session) = (Some(ours), Some(theirs));
        assert_eq!(resumes((client, server)), resumed, "{before:?}, then {now:?}, {with_certificate}");
    }
}

#[test]
fn session_without_extended_master_secret_is_not_saved() {
    let mut policy = client_policy();
    policy.tls12.secure_renegotiation = cairn_handshake::Requirement::Offer;
    policy.tls12.renegotiation = cairn_handshake::Renegotiation::Allowed;
    let mut client = End::new(Machine::client(Arc::new(policy), Some("cairn.example".into()), None));
    let (own, public) = credential(KeySpec::EcP256);
    client.peer_key = Some(public);
    let done = legacy::server(&mut client, &own, SessionId::new(b"legacy").unwrap(), &[]);
    assert!(done.finished && client.machine.is_established(), "{:?}", client.log);
    assert!(client.saved.is_none());
    assert_eq!(client.complete.as_ref().unwrap().tls12().unwrap().session_id.as_bytes(), b"legacy");
    // RFC 5746 section 4.2: renegotiation with it is refused, whichever side requests it.
    let again = cairn_handshake::Input::Renegotiate { now: NOW };
    let asked = client.machine.step(again, &mut cairn_handshake::Flight::new());
    assert_eq!(asked.unwrap_err(), Misuse::NoSecureRenegotiation);
    client.out.clear();
    let epoch = client.machine.read_epoch();
    client.receive(&Wire::Handshake(epoch, vec![0, 0, 0, 0]));
    let refused = cairn_wire::Alert::warning(cairn_wire::AlertDescription::NO_RENEGOTIATION);
    assert_eq!(client.out.pop_front(), Some(Wire::Alert(refused)));
}

#[test]
fn sessions_without_extended_master_secret_are_not_resumed() {
    // RFC 7627 section 5.3. A client does not offer one.
    let (mut client, server) = resuming_pair(|_| {}, |_| {});
    tls12_mut(client.session.as_mut().unwrap()).extended_master_secret = false;
    assert!(!resumes((client, server)));
    // A server that supports the extension continues with a full handshake if the client sent it.
    let (client, mut server) = resuming_pair(|_| {}, |_| {});
    tls12_mut(server.session.as_mut().unwrap()).extended_master_secret = false;
    assert!(!resumes((client, server)));
    // The same for a client without the extension.
    let (mut client, mut server) = resuming_pair(|_| {}, |_| {});
    tls12_mut(server.session.as_mut().unwrap()).extended_master_secret = false;
    run(&mut client, &mut server, |_, wire| {
        client_hello(wire, |parts| parts.remove(X::EXTENDED_MASTER_SECRET));
    });
    assert!(server.log.iter().any(|line| line == "send certificate"), "{:?}", server.log);
}
