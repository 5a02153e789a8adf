//! Messages after the handshake, and messages that share a record with one that changes the keys (RFC 9846
//! sections 4.7 and 5.1).

use crate::{
    outcome::{MALFORMED, MISPLACED, Refusal},
    support::{End, NOW, Wire, edit::message, raw, run, tls13_mutual_pair, tls13_pair, tls13_ticket_pair},
};
use cairn_crypto::KeySpec::EcP256;
use cairn_handshake::{HandshakeErrorKind as Kind, Input, Misuse, Renegotiation};
use cairn_schedule::{Epoch, Side};
use cairn_wire::{AlertDescription as A, ExtensionType as X, HandshakeType as H, KeyUpdateRequest};
use core::time::Duration;

/// Two sides with a complete handshake.
fn established() -> (End, End) {
    let (mut client, mut server) = tls13_pair(EcP256, |_| {}, |_| {});
    run(&mut client, &mut server, |_, _| {});
    assert!(client.machine.is_established() && server.machine.is_established());
    (client, server)
}

fn of(side: Side) -> End {
    let (client, server) = established();
    if side == Side::Client { client } else { server }
}

fn hear(end: &mut End, bytes: Vec<u8>) {
    end.receive(&Wire::Handshake(end.machine.read_epoch(), bytes));
}

/// Checks an error after the handshake.
fn refused(end: &End, refusal: Refusal, what: &str) {
    let kind = end.kind().unwrap_or_else(|| panic!("{what}: accepted"));
    match refusal {
        Refusal::As(expected, alert) => assert_eq!((kind, kind.alert()), (expected, Some(alert)), "{what}"),
        Refusal::Decode(alert) => {
            assert!(matches!(kind, Kind::Decode(_)), "{what}: {kind:?}");
            assert_eq!(kind.alert(), Some(alert), "{what}");
        }
    }
}

#[test]
fn each_field_of_new_session_ticket_is_checked() {
    type Change = fn(&mut raw::NewSessionTicket);
    let cases: [(&str, Change, Refusal); 10] = [
        ("an empty ticket", |ticket| ticket.ticket.clear(), MALFORMED),
        ("an early_data of three bytes", |ticket| ticket.extensions.add(X::EARLY_DATA, &[0; 3]), MALFORMED),
        ("an early_data of five bytes", |ticket| ticket.extensions.add(X::EARLY_DATA, &[0; 5]), MALFORMED),
        (
            "an unknown extension twice",
            |ticket| {
                ticket.extensions.add(X(0xffce), &[]);
                ticket.extensions.add(X(0xffce), &[]);
            },
            MALFORMED,
        ),
        ("an early_data of two bytes", |ticket| ticket.extensions.add(X::EARLY_DATA, &[0, 1]), MALFORMED),
        ("an empty early_data", |ticket| ticket.extensions.add(X::EARLY_DATA, &[]), MALFORMED),
        (
            "early_data twice",
            |ticket| {
                ticket.extensions.add(X::EARLY_DATA, &[0, 0, 0, 1]);
                ticket.extensions.add(X::EARLY_DATA, &[0, 0, 0, 1]);
            },
            MALFORMED,
        ),
        ("key_share", |ticket| ticket.extensions.add(X::KEY_SHARE, &[0, 29]), MISPLACED),
        ("pre_shared_key", |ticket| ticket.extensions.add(X::PRE_SHARED_KEY, &[0, 0]), MISPLACED),
        ("server_name", |ticket| ticket.extensions.add(X::SERVER_NAME, &[]), MISPLACED),
    ];
    for (what, change, refusal) in cases {
        let mut client = of(Side::Client);
        let mut ticket = raw::NewSessionTicket::new();
        change(&mut ticket);
        hear(&mut client, ticket.message());
        refused(&client, refusal, what);
    }
    let mut client = of(Side::Client);
    hear(&mut client, message(H::NEW_SESSION_TICKET, &[0; 5]));
    refused(&client, MALFORMED, "five bytes");
}

#[test]
fn unknown_extensions_of_new_session_ticket_are_ignored() {
    let mut client = of(Side::Client);
    let mut ticket = raw::NewSessionTicket::new();
    ticket.nonce.clear();
    ticket.extensions.add(X(0xffce), &[1, 2, 3]);
    ticket.extensions.add(X(0x4a4a), &[]);
    hear(&mut client, ticket.message());
    assert_eq!(client.kind(), None);
    assert!(client.machine.is_established());
}

/// Only early_data belongs there. An extension of a feature that the stack does not have is ignored.
#[test]
fn every_other_known_extension_of_new_session_ticket_is_illegal_parameter() {
    let mut known = 0;
    for extension_type in X::KNOWN.iter().filter(|known| **known != X::EARLY_DATA) {
        let mut client = of(Side::Client);
        let mut ticket = raw::NewSessionTicket::new();
        ticket.extensions.add(*extension_type, &[]);
        hear(&mut client, ticket.message());
        if let Some(kind) = client.kind() {
            known += 1;
            assert_eq!(kind.alert(), Some(A::ILLEGAL_PARAMETER), "{extension_type}: {kind:?}");
        }
    }
    assert!(known >= 25, "{known}");
}

/// RFC 9846 section 4.7.1: neither is an error. A lifetime of more than 7 days is a fault of the server, but
/// "Clients MUST NOT use tickets for longer than 7 days after issuance, regardless of the ticket_lifetime".
#[test]
fn every_lifetime_and_nonce_of_new_session_ticket_is_accepted() {
    const WEEK: u32 = 604_800;
    type Change = fn(&mut raw::NewSessionTicket);
    let cases: [(&str, Change, Option<u32>); 9] = [
        ("a lifetime of 0", |ticket| ticket.lifetime = 0, None),
        ("a lifetime of 1", |ticket| ticket.lifetime = 1, Some(1)),
        ("a lifetime of 7 days", |ticket| ticket.lifetime = WEEK, Some(WEEK)),
        ("a lifetime of more than 7 days", |ticket| ticket.lifetime = WEEK + 1, Some(WEEK)),
        ("the longest lifetime", |ticket| ticket.lifetime = u32::MAX, Some(WEEK)),
        ("an empty nonce", |ticket| ticket.nonce.clear(), Some(3600)),
        ("a nonce of 255 bytes", |ticket| ticket.nonce = vec![7; 255], Some(3600)),
        ("a ticket of one byte", |ticket| ticket.ticket = vec![1], Some(3600)),
        ("the longest age_add", |ticket| ticket.age_add = u32::MAX, Some(3600)),
    ];
    for (what, change, lifetime) in cases {
        let (mut client, mut server) = tls13_ticket_pair(|_| {}, |_| {});
        run(&mut client, &mut server, |_, _| {});
        client.saved = None;
        let mut ticket = raw::NewSessionTicket::new();
        change(&mut ticket);
        hear(&mut client, ticket.message());
        assert_eq!(client.kind(), None, "{what}");
        let expires = client.saved.map(|session| session.tls13().unwrap().expires);
        let expected = lifetime.map(|seconds| NOW.saturating_add(Duration::from_secs(seconds.into())));
        assert_eq!(expires, expected, "{what}");
    }
}

/// The uniqueness of ticket_nonce binds the server. A client that gets one twice has two tickets with the
/// same PSK, which is no error.
#[test]
fn repeated_nonce_of_new_session_ticket_is_accepted() {
    let (mut client, mut server) = tls13_ticket_pair(|_| {}, |_| {});
    run(&mut client, &mut server, |_, _| {});
    let mut psks = Vec::new();
    for nonce in [&b"1"[..], b"1", b"2"] {
        let mut ticket = raw::NewSessionTicket::new();
        ticket.nonce = nonce.to_vec();
        hear(&mut client, ticket.message());
        assert_eq!(client.kind(), None);
        psks.push(client.saved.take().unwrap().tls13().unwrap().psk.clone());
    }
    assert!(psks[0] == psks[1] && psks[0] != psks[2]);
}

#[test]
fn key_update_has_one_byte_that_is_zero_or_one() {
    for side in [Side::Client, Side::Server] {
        for (body, refusal) in [
            (&[][..], MALFORMED),
            (&[0, 0], MALFORMED),
            (&[2], Refusal::Decode(A::ILLEGAL_PARAMETER)),
            (&[255], Refusal::Decode(A::ILLEGAL_PARAMETER)),
        ] {
            let mut end = of(side);
            hear(&mut end, message(H::KEY_UPDATE, body));
            refused(&end, refusal, &format!("{side:?}, {body:?}"));
        }
    }
}

/// RFC 9846 section 5.1: "Handshake messages MUST NOT span key changes." What follows such a message in its
/// record was not protected with the next keys.
#[test]
fn nothing_follows_a_message_that_changes_the_keys_in_its_record() {
    for side in [Side::Client, Side::Server] {
        for request in [0, 1] {
            let mut end = of(side);
            let update = message(H::KEY_UPDATE, &[request]);
            hear(&mut end, [update.clone(), update].concat());
            let kind = Kind::WrongEpoch { expected: Epoch::Application(1), got: Epoch::Application(0) };
            refused(&end, Refusal::As(kind, A::UNEXPECTED_MESSAGE), "two KeyUpdates in one record");
        }
    }
    // The message before, with the start of another: ServerHello, and both Finished.
    for (side, last, current, next) in [
        (Side::Client, H::SERVER_HELLO, Epoch::Initial, Epoch::Handshake),
        (Side::Client, H::FINISHED, Epoch::Handshake, Epoch::Application(0)),
        (Side::Server, H::FINISHED, Epoch::Handshake, Epoch::Application(0)),
    ] {
        let follows = if last == H::SERVER_HELLO { H::ENCRYPTED_EXTENSIONS } else { H::KEY_UPDATE };
        let body: &[u8] = if last == H::SERVER_HELLO { &[0, 0] } else { &[0] };
        let whole = message(follows, body);
        let (mut client, mut server) = tls13_pair(EcP256, |_| {}, |_| {});
        run(&mut client, &mut server, |from_client, wire| {
            if let Wire::Handshake(_, bytes) = wire
                && from_client == (side == Side::Server)
                && bytes[0] == last.0
            {
                bytes.extend_from_slice(&whole);
            }
        });
        let end = if side == Side::Client { client } else { server };
        let kind = Kind::WrongEpoch { expected: next, got: current };
        refused(&end, Refusal::As(kind, A::UNEXPECTED_MESSAGE), &format!("{side:?}, {last}"));
    }
}

#[test]
fn hello_request_and_renegotiation_do_not_exist() {
    let mut client = of(Side::Client);
    hear(&mut client, message(H::HELLO_REQUEST, &[]));
    let kind = Kind::UnexpectedMessage { got: "HelloRequest" };
    refused(&client, Refusal::As(kind, A::UNEXPECTED_MESSAGE), "HelloRequest");
    // RFC 9846 section 4.2.2: "If a server has negotiated TLS 1.3 and receives a ClientHello at any other
    // time, it MUST terminate the connection with an "unexpected_message" alert."
    let mut server = of(Side::Server);
    let mut again = tls13_pair(EcP256, |_| {}, |_| {}).0;
    again.start();
    let Some(Wire::Handshake(_, hello)) = again.out.pop_front() else { panic!("no hello") };
    hear(&mut server, hello);
    let kind = Kind::UnexpectedMessage { got: "ClientHello" };
    refused(&server, Refusal::As(kind, A::UNEXPECTED_MESSAGE), "ClientHello");
    // Nor can our side ask for it, whatever its policy permits.
    let allow = Renegotiation::Allowed;
    let pair = tls13_pair(
        EcP256,
        |client| client.tls12.renegotiation = allow,
        |server| server.tls12.renegotiation = allow,
    );
    let (mut client, mut server) = pair;
    run(&mut client, &mut server, |_, _| {});
    for (side, mut end) in [
        (Side::Client, of(Side::Client)),
        (Side::Server, of(Side::Server)),
        (Side::Client, client),
        (Side::Server, server),
    ] {
        let misuse = end.machine.step(Input::Renegotiate { now: NOW }, &mut end.flight).unwrap_err();
        assert_eq!(misuse, Misuse::NoRenegotiation, "{side:?}");
    }
}

/// A client that has not sent post_handshake_auth answers CertificateRequest with unexpected_message (RFC
/// 9846 section 4.7.2).
#[test]
fn certificate_request_after_the_handshake_is_unexpected_message() {
    let mut client = of(Side::Client);
    hear(&mut client, message(H::CERTIFICATE_REQUEST, &[1, 7, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3]));
    let kind = Kind::UnexpectedMessage { got: "CertificateRequest" };
    refused(&client, Refusal::As(kind, A::UNEXPECTED_MESSAGE), "CertificateRequest");
}

#[test]
fn keys_are_updated_only_after_the_handshake() {
    let update = || Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateNotRequested };
    // During the handshake, and in TLS 1.2.
    let (mut client, mut server) = tls13_mutual_pair(EcP256, |_| {}, |_| {});
    client.start();
    server.start();
    for end in [&mut client, &mut server] {
        assert_eq!(end.machine.step(update(), &mut end.flight).unwrap_err(), Misuse::NoKeyUpdate);
    }
    let hello = client.out.pop_front().unwrap();
    server.receive(&hello);
    assert_eq!(server.machine.step(update(), &mut server.flight).unwrap_err(), Misuse::NoKeyUpdate);
    let (mut client, mut server) = crate::support::pair(EcP256, |_| {}, |_| {});
    run(&mut client, &mut server, |_, _| {});
    assert_eq!(client.machine.step(update(), &mut client.flight).unwrap_err(), Misuse::NoKeyUpdate);
}
