//! How much a record may hold: max_fragment_length (RFC 6066 section 4).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod support;

use cairn_crypto::KeySpec;
use cairn_handshake::ServerPolicy;
use cairn_wire::{Decode, ExtensionType as X, HandshakeType, ServerHello};
use support::{
    End, agree,
    edit::{body_of, server_hello},
    pair, run,
};

/// A client that asks for this length, and a server.
fn asking(length: Option<u16>, server: impl FnOnce(&mut ServerPolicy)) -> (End, End) {
    pair(KeySpec::EcP256, |client| client.max_fragment_length = length, server)
}

/// Runs a handshake; gives the extensions of its ServerHello.
fn run_and_see(client: &mut End, server: &mut End) -> Vec<X> {
    let mut seen = Vec::new();
    run(client, server, |_, wire| {
        if let Some(body) = body_of(wire, HandshakeType::SERVER_HELLO) {
            let hello = ServerHello::decode_exact(&body).unwrap();
            seen = hello.extensions.iter().flat_map(|extensions| extensions.types()).collect();
        }
    });
    assert!(agree(client, server), "{:?} {:?}", client.log, server.log);
    seen
}

/// What an end says of limits, and where.
fn limits(end: &End) -> Vec<&str> {
    end.log.iter().map(String::as_str).filter(|line| line.contains("at most")).collect()
}

#[test]
fn a_length_that_is_agreed_on_binds_both_at_once() {
    for length in [512, 1024, 2048, 4096] {
        let (mut client, mut server) = asking(Some(length), |_| {});
        assert!(run_and_see(&mut client, &mut server).contains(&X::MAX_FRAGMENT_LENGTH));
        // The server's own ServerHello is short already, and the client's next message.
        let (write, read) = (format!("write at most {length}"), format!("read at most {length}"));
        assert_eq!(server.log[..3], [&write, &read, "send server_hello"]);
        assert_eq!(client.log[..4], ["send client_hello", &write, &read, "send client_key_exchange"]);
        assert_eq!(
            (limits(&client).len(), limits(&server).len()),
            (2, 2),
            "and nothing changes with the keys"
        );
        assert_eq!(server.complete.unwrap().max_fragment_length, Some(length));
        assert_eq!(server.saved.unwrap().max_fragment_length, Some(length));
        assert_eq!(client.saved.unwrap().max_fragment_length, Some(length));
    }
}

#[test]
fn a_server_may_ignore_it_and_nobody_does_more_than_is_asked() {
    for (length, takes_up) in [(None, true), (Some(512), false)] {
        let (mut client, mut server) = asking(length, |server| server.max_fragment_length = takes_up);
        assert!(!run_and_see(&mut client, &mut server).contains(&X::MAX_FRAGMENT_LENGTH));
        assert!(limits(&client).is_empty() && limits(&server).is_empty());
        assert_eq!(client.complete.unwrap().max_fragment_length, None);
    }
}

/// A handshake with the sessions of another; whether they were resumed, and the ServerHello's extensions.
fn again(before: Option<u16>, now: Option<u16>, server: fn(&mut ServerPolicy)) -> (End, End, Vec<X>) {
    let (mut client, mut server_end) = asking(before, server);
    run(&mut client, &mut server_end, |_, _| {});
    let sessions = (client.saved, server_end.saved);
    let (mut client, mut server_end) = asking(now, server);
    (client.session, server_end.session) = sessions;
    let seen = run_and_see(&mut client, &mut server_end);
    (client, server_end, seen)
}

#[test]
fn a_resumed_session_has_the_length_it_had() {
    let (client, server, seen) = again(Some(1024), Some(1024), |_| {});
    // RFC 6066 section 1.1: the ServerHello of a resumption has none of that RFC's extensions.
    assert!(!seen.contains(&X::MAX_FRAGMENT_LENGTH));
    assert_eq!(limits(&client), ["write at most 1024", "read at most 1024"]);
    assert_eq!(limits(&server), ["write at most 1024", "read at most 1024"]);
    let summary = client.complete.unwrap();
    assert_eq!((summary.resumed, summary.max_fragment_length), (true, Some(1024)));
    // Where the server has not taken it up before, it does not now.
    let (client, _, _) = again(Some(512), Some(512), |server| server.max_fragment_length = false);
    assert!(client.complete.unwrap().resumed && client.log.iter().all(|line| !line.contains("at most")));
}

#[test]
fn who_wants_another_length_gets_another_session() {
    for (before, now) in [(Some(512), None), (Some(512), Some(1024)), (None, Some(512))] {
        let (client, server, _) = again(before, now, |_| {});
        assert!(!client.complete.as_ref().unwrap().resumed, "{before:?}, then {now:?}");
        assert_eq!(server.complete.unwrap().max_fragment_length, now);
    }
    // A server notices by itself.
    let (mut client, mut server) = asking(Some(512), |_| {});
    run(&mut client, &mut server, |_, _| {});
    let mut ours = client.saved.unwrap();
    ours.max_fragment_length = None;
    let theirs = server.saved;
    (client, server) = asking(None, |_| {});
    (client.session, server.session) = (Some(ours), theirs);
    run_and_see(&mut client, &mut server);
    assert!(!client.complete.unwrap().resumed);
}

#[test]
fn a_server_that_says_the_sessions_length_again_is_borne() {
    let (mut client, mut server) = asking(Some(512), |_| {});
    run(&mut client, &mut server, |_, _| {});
    let sessions = (client.saved, server.saved);
    (client, server) = asking(Some(512), |_| {});
    (client.session, server.session) = sessions;
    run(&mut client, &mut server, |_, wire| {
        server_hello(wire, |parts| {
            let code = cairn_wire::MaxFragmentLengthCode::POW_2_9;
            parts.extensions.push(cairn_wire::ServerExtension::MaxFragmentLength(code));
        });
    });
    // The transcripts differ then, which shows at Finished: the extension itself was taken.
    assert_eq!(limits(&client), ["write at most 512", "read at most 512"]);
    assert_eq!(client.kind(), Some(cairn_handshake::ErrorKind::WrongFinished));
}
