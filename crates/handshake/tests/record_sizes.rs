//! Record size limits: max_fragment_length (RFC 6066 section 4) and record_size_limit (RFC 8449).
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
    Input,
    MaxFragmentLength::{self, *},
    Policy, ServerPolicy,
};
use cairn_wire::{
    ClientExtension, Decode, ExtensionType as X, HandshakeType, MaxFragmentLengthCode, ServerExtension,
    ServerHello,
};
use support::{
    End, NOW, agree,
    edit::{body_of, client_hello, server_hello},
    go_on, pair, run, tls12_mut,
    walk::renegotiating_pair,
};

/// A client that requests this length, and a server.
fn asking(length: Option<MaxFragmentLength>, server: impl FnOnce(&mut ServerPolicy)) -> (End, End) {
    pair(KeySpec::EcP256, |client| client.tls12.max_fragment_length = length, server)
}

/// Performs a handshake and returns the extensions of ServerHello.
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

/// The limits that a side reports, and their positions.
fn limits(end: &End) -> Vec<&str> {
    end.log.iter().map(String::as_str).filter(|line| line.contains("at most")).collect()
}

#[test]
fn max_fragment_length_applies_to_both_sides_at_once() {
    for length in MaxFragmentLength::ALL {
        let (mut client, mut server) = asking(Some(length), |_| {});
        assert!(run_and_see(&mut client, &mut server).contains(&X::MAX_FRAGMENT_LENGTH));
        // ServerHello and the client's next message are limited already.
        let (write, read) =
            (format!("write at most {}", length.bytes()), format!("read at most {}", length.bytes()));
        assert_eq!(server.log[..3], [&write, &read, "send server_hello"]);
        assert_eq!(client.log[..4], ["send client_hello", &write, &read, "send client_key_exchange"]);
        assert_eq!(
            (limits(&client).len(), limits(&server).len()),
            (2, 2),
            "and nothing changes with the keys"
        );
        assert_eq!(server.complete.unwrap().tls12().unwrap().max_fragment_length, Some(length));
        assert_eq!(server.saved.unwrap().tls12().unwrap().max_fragment_length, Some(length));
        assert_eq!(client.saved.unwrap().tls12().unwrap().max_fragment_length, Some(length));
    }
}

#[test]
fn server_may_ignore_max_fragment_length() {
    for (length, takes_up) in [(None, true), (Some(Bytes512), false)] {
        let (mut client, mut server) = asking(length, |server| server.tls12.max_fragment_length = takes_up);
        assert!(!run_and_see(&mut client, &mut server).contains(&X::MAX_FRAGMENT_LENGTH));
        assert!(limits(&client).is_empty() && limits(&server).is_empty());
        assert_eq!(client.complete.unwrap().tls12().unwrap().max_fragment_length, None);
    }
}

/// A handshake with the sessions of another one. Returns whether they were resumed, and the extensions of
/// ServerHello.
fn again(
    before: Option<MaxFragmentLength>,
    now: Option<MaxFragmentLength>,
    server: fn(&mut ServerPolicy),
) -> (End, End, Vec<X>) {
    let (mut client, mut server_end) = asking(before, server);
    run(&mut client, &mut server_end, |_, _| {});
    let sessions = (client.saved, server_end.saved);
    let (mut client, mut server_end) = asking(now, server);
    (client.session, server_end.session) = sessions;
    let seen = run_and_see(&mut client, &mut server_end);
    (client, server_end, seen)
}

#[test]
fn resumption_keeps_max_fragment_length() {
    let (client, server, seen) = again(Some(Bytes1024), Some(Bytes1024), |_| {});
    // RFC 6066 section 1.1: a resuming ServerHello has none of that RFC's extensions.
    assert!(!seen.contains(&X::MAX_FRAGMENT_LENGTH));
    assert_eq!(limits(&client), ["write at most 1024", "read at most 1024"]);
    assert_eq!(limits(&server), ["write at most 1024", "read at most 1024"]);
    let summary = client.complete.unwrap();
    assert_eq!((summary.is_resumed(), summary.tls12().unwrap().max_fragment_length), (true, Some(Bytes1024)));
    // If the server did not negotiate it before, it does not now.
    let (client, _, _) =
        again(Some(Bytes512), Some(Bytes512), |server| server.tls12.max_fragment_length = false);
    assert!(client.complete.unwrap().is_resumed() && client.log.iter().all(|line| !line.contains("at most")));
}

#[test]
fn request_for_another_max_fragment_length_prevents_resumption() {
    for (before, now) in [(Some(Bytes512), None), (Some(Bytes512), Some(Bytes1024)), (None, Some(Bytes512))] {
        let (client, server, _) = again(before, now, |_| {});
        assert!(!client.complete.as_ref().unwrap().is_resumed(), "{before:?}, then {now:?}");
        assert_eq!(server.complete.unwrap().tls12().unwrap().max_fragment_length, now);
    }
    // The server refuses by itself.
    let (mut client, mut server) = asking(Some(Bytes512), |_| {});
    run(&mut client, &mut server, |_, _| {});
    let mut ours = client.saved.unwrap();
    tls12_mut(&mut ours).max_fragment_length = None;
    let theirs = server.saved;
    (client, server) = asking(None, |_| {});
    (client.session, server.session) = (Some(ours), theirs);
    run_and_see(&mut client, &mut server);
    assert!(!client.complete.unwrap().is_resumed());
}

#[test]
fn client_tolerates_repeated_max_fragment_length_on_resumption() {
    let (mut client, mut server) = asking(Some(Bytes512), |_| {});
    run(&mut client, &mut server, |_, _| {});
    let sessions = (client.saved, server.saved);
    (client, server) = asking(Some(Bytes512), |_| {});
    (client.session, server.session) = sessions;
    run(&mut client, &mut server, |_, wire| {
        server_hello(wire, |parts| {
            let code = MaxFragmentLengthCode::POW_2_9;
            parts.extensions.push(ServerExtension::MaxFragmentLength(code));
        });
    });
    // The transcripts differ, which Finished detects. The extension itself was accepted.
    assert_eq!(limits(&client), ["write at most 512", "read at most 512"]);
    assert_eq!(client.kind(), Some(cairn_handshake::HandshakeErrorKind::WrongFinished));
}

/// A client and a server with these values of record_size_limit.
fn taking(client: Option<u16>, server: Option<u16>) -> (End, End) {
    pair(
        KeySpec::EcP256,
        |policy| policy.record_size_limit = client,
        |policy| policy.record_size_limit = server,
    )
}

#[test]
fn record_size_limit_of_each_side_applies_with_the_new_keys() {
    let (mut client, mut server) = taking(Some(64), Some(1000));
    assert!(run_and_see(&mut client, &mut server).contains(&X::RECORD_SIZE_LIMIT));
    let from_keys = |end: &End| {
        let place = end.log.iter().position(|line| line == "send change_cipher_spec").unwrap();
        end.log[place..].to_vec()
    };
    assert_eq!(
        from_keys(&client),
        [
            "send change_cipher_spec",
            "write keys, epoch application 0",
            "write at most 1000",
            "send finished",
            "read keys, epoch application 0",
            "read at most 64",
            "write data opens",
            "read data opens",
            "complete",
        ]
    );
    assert_eq!(
        from_keys(&server)[..3],
        ["send change_cipher_spec", "write keys, epoch application 0", "write at most 64"]
    );
    assert_eq!((limits(&client).len(), limits(&server).len()), (2, 2), "nothing before the keys");
    let summary = client.complete.unwrap();
    let said = summary.record_size_limits.unwrap();
    assert_eq!((said.ours, said.theirs, summary.tls12().unwrap().max_fragment_length), (64, 1000, None));
}

#[test]
fn record_size_limit_requires_both_sides() {
    for (ours, theirs) in [(None, Some(64)), (Some(64), None), (None, None)] {
        let (mut client, mut server) = taking(ours, theirs);
        assert!(!run_and_see(&mut client, &mut server).contains(&X::RECORD_SIZE_LIMIT));
        assert!(limits(&client).is_empty() && limits(&server).is_empty());
        assert_eq!(client.complete.unwrap().record_size_limits, None);
    }
}

#[test]
fn record_size_limit_above_the_maximum_has_no_effect() {
    // RFC 8449 section 4: the server must accept larger values, because the client may support extensions
    // that it does not know.
    let (mut client, mut server) = taking(Some(16_384), Some(16_384));
    run_and_see(&mut client, &mut server);
    assert!(limits(&client).is_empty() && limits(&server).is_empty());
    let (mut client, mut server) = taking(Some(16_384), Some(100));
    run(&mut client, &mut server, |_, wire| {
        client_hello(wire, |parts| {
            parts.remove(X::RECORD_SIZE_LIMIT);
            parts.extensions.push(ClientExtension::RecordSizeLimit(u16::MAX));
        });
    });
    assert_eq!(limits(&server), ["read at most 100"], "{:?}", server.log);
}

/// RFC 8449 section 4: "A server MUST NOT enforce this restriction; a client might advertise a higher limit
/// that is enabled by an extension or version the server does not understand."
#[test]
fn client_of_both_versions_states_the_limit_of_tls13_to_a_server_of_tls12() {
    let (mut client, mut server) = pair(
        KeySpec::EcP256,
        |policy| {
            *policy = policy.clone().with_tls13(Policy::Modern);
            policy.record_size_limit = Some(16_384);
        },
        |policy| policy.record_size_limit = Some(16_384),
    );
    run_and_see(&mut client, &mut server);
    assert!(limits(&client).is_empty() && limits(&server).is_empty());
    let limits = client.complete.unwrap().record_size_limits.unwrap();
    assert_eq!((limits.ours, limits.theirs), (16_385, 16_384));
}

#[test]
fn record_size_limit_overrides_max_fragment_length() {
    let (mut client, mut server) = pair(
        KeySpec::EcP256,
        |client| {
            client.tls12.max_fragment_length = Some(Bytes512);
            client.record_size_limit = Some(300);
        },
        |server| server.record_size_limit = Some(200),
    );
    let seen = run_and_see(&mut client, &mut server);
    assert!(seen.contains(&X::RECORD_SIZE_LIMIT) && !seen.contains(&X::MAX_FRAGMENT_LENGTH));
    assert_eq!(limits(&client), ["write at most 200", "read at most 300"]);
    let (ours, theirs) = (client.saved.unwrap(), server.saved.unwrap());
    assert_eq!(
        (ours.tls12().unwrap().max_fragment_length, theirs.tls12().unwrap().max_fragment_length),
        (None, None)
    );
    // RFC 8449 section 5: max_fragment_length is then ignored, even if its value is invalid.
    let (mut client, mut server) = taking(Some(300), Some(200));
    run(&mut client, &mut server, |_, wire| {
        client_hello(wire, |parts| {
            parts.extensions.push(ClientExtension::MaxFragmentLength(MaxFragmentLengthCode(77)));
        });
    });
    assert!(server.log.iter().any(|line| line == "send server_hello_done"), "{:?}", server.log);
}

#[test]
fn resumption_negotiates_record_size_limit_again() {
    let (mut client, mut server) = taking(Some(300), Some(200));
    run(&mut client, &mut server, |_, _| {});
    let (ours, theirs) = (client.saved.unwrap(), server.saved.unwrap());
    for (now, then) in [(Some(100), Some(400)), (None, Some(400)), (Some(100), None)] {
        let (mut client, mut server) = taking(now, then);
        (client.session, server.session) = (Some(ours.clone()), Some(theirs.clone()));
        let seen = run_and_see(&mut client, &mut server);
        let in_use = now.is_some() && then.is_some();
        assert_eq!(seen.contains(&X::RECORD_SIZE_LIMIT), in_use);
        assert_eq!(limits(&client).len(), if in_use { 2 } else { 0 });
        let summary = client.complete.unwrap();
        assert!(summary.is_resumed());
        let said = summary.record_size_limits.map(|limits| (limits.ours, limits.theirs));
        assert_eq!(said, now.zip(then));
    }
}

#[test]
fn session_with_max_fragment_length_can_be_resumed_with_record_size_limit() {
    // Our server does not resume it.
    let (mut client, mut server) = asking(Some(Bytes512), |_| {});
    run(&mut client, &mut server, |_, _| {});
    let (ours, theirs) = (client.saved.unwrap(), server.saved.unwrap());
    let newer = || {
        pair(
            KeySpec::EcP256,
            |client| {
                client.tls12.max_fragment_length = Some(Bytes512);
                client.record_size_limit = Some(300);
            },
            |server| server.record_size_limit = Some(2000),
        )
    };
    let (mut client, mut server) = newer();
    (client.session, server.session) = (Some(ours.clone()), Some(theirs.clone()));
    run_and_see(&mut client, &mut server);
    assert!(!client.complete.unwrap().is_resumed());
    // Another server might use both. Then both limits apply to what we send.
    let (mut client, mut server) = newer();
    let mut forgetful = theirs;
    tls12_mut(&mut forgetful).max_fragment_length = None;
    (client.session, server.session) = (Some(ours), Some(forgetful));
    run(&mut client, &mut server, |_, _| {});
    assert!(client.complete.as_ref().unwrap().is_resumed());
    assert_eq!(limits(&client), ["write at most 512", "read at most 300"]);
}

#[test]
fn renegotiation_negotiates_record_size_limit_for_its_keys() {
    for (asks, record_size_limit) in [(Some(Bytes512), None), (None, Some(100)), (None, None)] {
        let (mut client, mut server) = renegotiating_pair(
            |client| {
                client.tls12.max_fragment_length = asks;
                client.record_size_limit = record_size_limit;
            },
            |server| server.record_size_limit = record_size_limit,
        );
        run(&mut client, &mut server, |_, _| {});
        let before = (limits(&client).len(), limits(&server).len());
        assert!(client.complete.take().is_some() && server.complete.take().is_some());
        client.step(Input::Renegotiate { now: NOW });
        go_on(&mut client, &mut server, |_, _| {});
        assert_eq!(client.keys.len(), 4);
        // The policies have not changed, so the limits do not change either.
        assert_eq!((limits(&client).len(), limits(&server).len()), before);
        let again = client.complete.as_ref().unwrap();
        assert_eq!(again.tls12().unwrap().max_fragment_length, asks);
        assert_eq!(again.record_size_limits.map(|limits| limits.ours), record_size_limit);
    }
}
