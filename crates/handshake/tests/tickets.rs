//! Session tickets (RFC 5077).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use cairn_crypto::KeySpec;
use cairn_handshake::{FindSession, HandshakeErrorKind, Input, Question, Tls12Reference, UnixTime};
use cairn_wire::{
    AlertDescription, ClientExtension, ClientHello, Decode, ExtensionType, HandshakeType, NewSessionTicket,
    ServerHello, SessionId,
};
use support::{
    End, NOW, TICKET, Wire, agree, credential,
    edit::{body, body_of, client_hello},
    legacy, pair, run, ticket_mut, ticket_pair,
};

fn sent(log: &[String]) -> Vec<&str> {
    log.iter().filter_map(|line| line.strip_prefix("send ")).collect()
}

#[test]
fn new_ticket_follows_figure_1_of_rfc_5077() {
    let (mut client, mut server) = ticket_pair(false);
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
    assert_eq!(
        sent(&server.log)[4..],
        ["new_session_ticket", "change_cipher_spec", "finished"],
        "{:?}",
        server.log
    );
    let session = client.saved.unwrap();
    let ticket = session.tls12().unwrap().ticket().unwrap();
    assert_eq!(ticket.ticket, TICKET);
    assert_eq!(ticket.expires, Some(UnixTime::from_secs(NOW.as_secs() + 7200)));
    assert!(!session.tls12().unwrap().session_id().is_empty(), "the client's own session ID");
    let sealed = server.sealed.unwrap();
    assert_eq!(sealed.tls12().unwrap().reference, Tls12Reference::InTicket);
    assert_eq!(sealed.tls12().unwrap().master_secret, session.tls12().unwrap().master_secret);
    assert!(server.saved.is_none(), "the server stores nothing");
    assert!(server.complete.unwrap().tls12().unwrap().session_id.is_empty(), "RFC 5077 section 3.4");
}

#[test]
fn ticket_is_not_renewed_unless_requested() {
    let (mut client, mut server) = ticket_pair(true);
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
    assert!(client.complete.unwrap().is_resumed());
    assert_eq!(sent(&server.log), ["server_hello", "change_cipher_spec", "finished"]);
    assert!(client.saved.is_none() && server.saved.is_none() && server.sealed.is_none());
}

#[test]
fn old_ticket_resumes_and_is_renewed() {
    let (mut client, mut server) = ticket_pair(true);
    server.old_ticket = true;
    let authenticated_at = client.session.as_ref().unwrap().authenticated_at;
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
    assert_eq!(sent(&server.log), ["server_hello", "new_session_ticket", "change_cipher_spec", "finished"]);
    let renewed = client.saved.unwrap();
    assert!(client.complete.unwrap().is_resumed());
    assert_eq!(renewed.authenticated_at, authenticated_at, "a new ticket does not extend the session");
    assert_eq!(renewed.peer_chain.as_ref().unwrap().iter().count(), 2, "it retains the server's identity");
    assert_eq!(server.sealed.unwrap().tls12().unwrap().master_secret, renewed.tls12().unwrap().master_secret);
}

#[test]
fn invalid_ticket_leads_to_a_full_handshake_and_a_new_ticket() {
    let (mut client, mut server) = ticket_pair(true);
    server.session = None;
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
    assert!(!client.complete.unwrap().is_resumed());
    assert!(client.saved.unwrap().tls12().unwrap().ticket().is_some());
}

#[test]
fn session_id_beside_a_ticket_is_not_looked_up() {
    let (mut client, mut server) = ticket_pair(true);
    server.start();
    server.steps_left = 1;
    client.start();
    let hello = client.out.pop_front().unwrap();
    server.receive(&hello);
    let Some((_, Question::FindSession(FindSession::ByTicket { ticket }))) = server.machine.question() else {
        panic!("{:?}", server.machine.question());
    };
    assert_eq!(ticket, TICKET);
}

#[test]
fn server_that_cannot_seal_sends_an_empty_ticket() {
    let (mut client, mut server) = ticket_pair(false);
    server.no_ticket = true;
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
    assert!(client.saved.is_none());
}

#[test]
fn new_session_ticket_is_accepted_if_and_only_if_announced() {
    for promised in [true, false] {
        let (mut client, mut server) = ticket_pair(false);
        if !promised {
            (client, server) =
                pair(KeySpec::EcP256, |client| client.resumption.as_mut().unwrap().tickets = true, |_| {});
        }
        let mut dropped = false;
        run(&mut client, &mut server, |from_client, wire| {
            // The ticket is replaced with another message, or inserted.
            if let Wire::Handshake(epoch, bytes) = wire
                && !from_client
                && bytes[0] == 4
            {
                *wire = Wire::Handshake(*epoch, vec![14, 0, 0, 0]);
                dropped = true;
            }
        });
        assert_eq!(dropped, promised);
        if promised {
            assert_eq!(client.kind(), Some(HandshakeErrorKind::UnexpectedMessage { got: "ServerHelloDone" }));
            assert_eq!(
                server.kind(),
                Some(HandshakeErrorKind::PeerAlert(AlertDescription::UNEXPECTED_MESSAGE))
            );
        } else {
            assert!(agree(&client, &server));
        }
    }
}

#[test]
fn fatal_alert_invalidates_a_session_with_a_ticket() {
    let (mut client, mut server) = ticket_pair(false);
    run(&mut client, &mut server, |_, _| {});
    let name = *client.saved.as_ref().unwrap().tls12().unwrap().session_id();
    client.step(Input::Abort(AlertDescription::BAD_RECORD_MAC));
    assert_eq!(client.forgotten, [name]);
}

#[test]
fn expired_ticket_is_not_offered() {
    let (mut client, mut server) = ticket_pair(true);
    ticket_mut(client.session.as_mut().unwrap()).expires = Some(NOW);
    run(&mut client, &mut server, |_, _| {});
    assert!(!client.complete.unwrap().is_resumed());
}

#[test]
fn tickets_are_optional_for_both_sides() {
    for (ours, theirs) in [(true, false), (false, true), (false, false)] {
        let (mut client, mut server) = pair(
            KeySpec::EcP256,
            |client| client.resumption.as_mut().unwrap().tickets = ours,
            |server| server.resumption.as_mut().unwrap().tickets = theirs,
        );
        run(&mut client, &mut server, |_, _| {});
        assert!(agree(&client, &server));
        assert!(client.saved.unwrap().tls12().unwrap().ticket().is_none());
        assert!(server.saved.is_some(), "a session ID instead");
    }
}

#[test]
fn client_sends_its_ticket_or_an_empty_extension() {
    let said = |tickets: bool, session: Option<Box<cairn_handshake::Session>>| {
        let (mut client, _) =
            pair(KeySpec::EcP256, |client| client.resumption.as_mut().unwrap().tickets = tickets, |_| {});
        client.session = session;
        client.start();
        let hello = body_of(&client.out.pop_front().unwrap(), HandshakeType::CLIENT_HELLO).unwrap();
        let extensions = ClientHello::decode_exact(&hello).unwrap().extensions.unwrap();
        extensions.get(ExtensionType::SESSION_TICKET).map(|extension| {
            let ClientExtension::SessionTicket(ticket) = extension else { panic!("{extension:?}") };
            ticket.to_vec()
        })
    };
    let (by_id, by_ticket) = (support::sessions().0, ticket_pair(true).0.session.unwrap());
    for session in [None, Some(by_id.clone()), Some(by_ticket.clone())] {
        assert_eq!(said(false, session), None, "one that does not support tickets");
    }
    assert_eq!(said(true, None), Some(Vec::new()));
    assert_eq!(said(true, Some(by_id)), Some(Vec::new()));
    assert_eq!(said(true, Some(by_ticket)), Some(TICKET.to_vec()));
}

/// A pair with tickets, new or resumed with an old ticket, with a modification.
fn tampered(resumed: bool, tamper: impl Fn(bool, &mut Wire)) -> (End, End) {
    let (mut client, mut server) = ticket_pair(resumed);
    server.old_ticket = resumed;
    run(&mut client, &mut server, |from_client, wire| tamper(from_client, wire));
    (client, server)
}

#[test]
fn finished_covers_new_session_ticket() {
    for resumed in [false, true] {
        let (client, _) = tampered(resumed, |_, wire| {
            body(wire, HandshakeType::NEW_SESSION_TICKET, |body| *body.last_mut().unwrap() ^= 1);
        });
        assert_eq!(client.kind(), Some(HandshakeErrorKind::WrongFinished));
    }
}

#[test]
fn client_saves_a_ticket_only_after_the_servers_finished() {
    for resumed in [false, true] {
        let (client, server) = tampered(resumed, |from_client, wire| {
            if !from_client {
                body(wire, HandshakeType::FINISHED, |body| body[0] ^= 1);
            }
        });
        assert!(sent(&server.log).contains(&"new_session_ticket"), "{:?}", server.log);
        assert_eq!(client.kind(), Some(HandshakeErrorKind::WrongFinished));
        assert!(client.saved.is_none());
        // The session of that connection is removed as well.
        let offered = client.session.map(|session| *session.tls12().unwrap().session_id());
        assert_eq!(client.forgotten, Vec::from_iter(offered));
    }
}

#[test]
fn client_with_wrong_finished_gets_no_ticket() {
    let (_, server) = tampered(false, |from_client, wire| {
        if from_client {
            body(wire, HandshakeType::FINISHED, |body| body[0] ^= 1);
        }
    });
    assert_eq!(server.kind(), Some(HandshakeErrorKind::WrongFinished));
    assert_eq!(sent(&server.log).last(), Some(&"server_hello_done"), "{:?}", server.log);
    assert!(server.sealed.is_none());
}

#[test]
fn server_repeats_any_session_id_beside_an_accepted_ticket() {
    for id in [&b""[..], b"x", &[9; 32]] {
        let id = SessionId::new(id).unwrap();
        let (mut client, mut server) = ticket_pair(true);
        let mut answered = None;
        run(&mut client, &mut server, |_, wire| {
            client_hello(wire, |parts| parts.hello.session_id = id);
            if let Some(body) = body_of(wire, HandshakeType::SERVER_HELLO) {
                answered = Some(ServerHello::decode_exact(&body).unwrap().session_id);
            }
        });
        assert_eq!(answered, Some(id));
        assert_eq!(sent(&server.log), ["server_hello", "change_cipher_spec", "finished"]);
    }
}

#[test]
fn session_id_beside_a_new_ticket_is_discarded_and_lifetime_zero_is_unspecified() {
    for (hint, expires) in [(0, None), (60, Some(UnixTime::from_secs(NOW.as_secs() + 60)))] {
        let (mut client, _) =
            pair(KeySpec::EcP256, |client| client.resumption.as_mut().unwrap().tickets = true, |_| {});
        let own = credential(KeySpec::EcP256).0;
        let id = SessionId::new(b"the server's").unwrap();
        let ticket = NewSessionTicket { ticket_lifetime_hint: hint, ticket: TICKET };
        assert!(legacy::server_with_ticket(&mut client, &own, id, &ticket).finished, "{:?}", client.log);
        let saved = client.saved.unwrap();
        assert!(
            !saved.tls12().unwrap().session_id().is_empty() && *saved.tls12().unwrap().session_id() != id
        );
        let ticket = saved.tls12().unwrap().ticket().unwrap();
        assert_eq!((ticket.ticket.as_slice(), ticket.expires), (TICKET, expires));
        assert_eq!(client.complete.unwrap().tls12().unwrap().session_id, id, "the server's session ID");
    }
}
