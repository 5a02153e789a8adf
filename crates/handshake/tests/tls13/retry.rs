//! HelloRetryRequest with each of its fields wrong (RFC 9846 section 4.2.4), and the ServerHello that follows
//! it, as the client judges them.

use crate::{
    outcome::{MALFORMED, MISPLACED, Refusal, illegal, receiving, unsolicited},
    support::{Wire, edit, raw, retried_pair, run},
};
use cairn_handshake::{ClientPolicy, HandshakeErrorKind as Kind};
use cairn_schedule::{Side, tls13::SUITES};
use cairn_wire::{
    AlertDescription as A, CipherSuite, CompressionMethod, ExtensionMessage, ExtensionType as X,
    HandshakeType, NamedGroup, ProtocolVersion,
};

/// RFC 9846 section 4.2.2: "the client MUST send the same ClientHello without modification, except as
/// follows".
#[test]
fn second_hello_keeps_a_random_order_of_extensions() {
    for _ in 0..10 {
        let (mut client, mut server) = retried_pair(|policy| policy.permute_extensions = true, |_| {});
        let mut orders = Vec::new();
        run(&mut client, &mut server, |_, wire| {
            raw::client_hello(wire, |hello| {
                orders.push(hello.extensions.0.iter().map(|(number, _)| *number).collect::<Vec<_>>());
            });
        });
        assert_eq!((client.kind(), server.kind()), (None, None));
        let [first, second] = orders.as_slice() else { panic!("{orders:?}") };
        assert_eq!(first, second);
    }
}

type Change = fn(&mut raw::ServerHello);

fn refused(what: &str, change: Change, refusal: Refusal) {
    let client = receiving(Side::Client, retried_pair(|_| {}, |_| {}), |wire| {
        raw::hello_retry_request(wire, change);
    });
    refusal.check(&client, what);
    assert_eq!(client.error().unwrap().state, "AwaitServerHello", "{what}");
}

fn selects(hello: &mut raw::ServerHello, group: NamedGroup) {
    hello.extensions.set(X::KEY_SHARE, &group.0.to_be_bytes());
}

#[test]
fn each_field_of_hello_retry_request_is_checked() {
    let legacy_version = |version| {
        let kind = Kind::WrongLegacyVersion(ProtocolVersion(version));
        Refusal::As(kind, A::PROTOCOL_VERSION)
    };
    let not_offered = |number| illegal(Kind::VersionNotOffered { peer: ProtocolVersion(number) });
    let cases: [(&str, Change, Refusal); 18] = [
        ("legacy_version of TLS 1.3", |hello| hello.version = 0x0304, legacy_version(0x0304)),
        ("another session ID", |hello| hello.session_id[0] ^= 1, illegal(Kind::SessionIdNotEchoed)),
        ("no session ID", |hello| hello.session_id.clear(), illegal(Kind::SessionIdNotEchoed)),
        (
            "a suite of TLS 1.2",
            |hello| hello.suite = CipherSuite(0xc02b),
            illegal(Kind::CipherSuiteNotOffered(CipherSuite(0xc02b))),
        ),
        (
            "compression",
            |hello| hello.compression = 1,
            illegal(Kind::CompressionNotOffered(CompressionMethod(1))),
        ),
        (
            "no supported_versions",
            |hello| hello.extensions.remove(X::SUPPORTED_VERSIONS),
            Refusal::As(Kind::MissingExtension(X::SUPPORTED_VERSIONS), A::MISSING_EXTENSION),
        ),
        ("TLS 1.2", |hello| hello.extensions.set(X::SUPPORTED_VERSIONS, &[3, 3]), not_offered(0x0303)),
        (
            "a later version",
            |hello| hello.extensions.set(X::SUPPORTED_VERSIONS, &[3, 5]),
            not_offered(0x0305),
        ),
        ("no change", |hello| hello.extensions.remove(X::KEY_SHARE), illegal(Kind::RetryWithoutChange)),
        (
            "the group of our share",
            |hello| selects(hello, NamedGroup::X25519),
            illegal(Kind::RetryWithoutChange),
        ),
        (
            "a group that is not offered",
            |hello| selects(hello, NamedGroup::FFDHE8192),
            illegal(Kind::GroupNotOffered(NamedGroup::FFDHE8192)),
        ),
        (
            "a reserved group",
            |hello| selects(hello, NamedGroup(0x1a1a)),
            illegal(Kind::GroupNotOffered(NamedGroup(0x1a1a))),
        ),
        (
            "a whole share",
            |hello| hello.extensions.set(X::KEY_SHARE, &raw::share(NamedGroup::SECP256R1, &[4; 65])),
            MALFORMED,
        ),
        ("an empty cookie", |hello| hello.extensions.add(X::COOKIE, &[0, 0]), MALFORMED),
        ("a cookie and a byte", |hello| hello.extensions.add(X::COOKIE, &[0, 1, 7, 7]), MALFORMED),
        (
            "two cookies",
            |hello| {
                hello.extensions.add(X::COOKIE, &[0, 1, 7]);
                hello.extensions.add(X::COOKIE, &[0, 1, 7]);
            },
            MALFORMED,
        ),
        ("server_name", |hello| hello.extensions.add(X::SERVER_NAME, &[]), MISPLACED),
        ("pre_shared_key", |hello| hello.extensions.add(X::PRE_SHARED_KEY, &[0, 0]), MISPLACED),
    ];
    for (what, change, refusal) in cases {
        refused(what, change, refusal);
    }
    let unknown = unsolicited(X(0xffce), ExtensionMessage::HelloRetryRequest);
    refused("an unknown extension", |hello| hello.extensions.add(X(0xffce), &[]), unknown);
}

#[test]
fn server_hello_agrees_with_hello_retry_request() {
    let cases: [(&str, Change, Refusal); 4] = [
        (
            "no supported_versions",
            |hello| hello.extensions.remove(X::SUPPORTED_VERSIONS),
            illegal(Kind::VersionChangedAfterRetry),
        ),
        (
            "TLS 1.2",
            |hello| hello.extensions.set(X::SUPPORTED_VERSIONS, &[3, 3]),
            illegal(Kind::VersionChangedAfterRetry),
        ),
        (
            "the group of the first share",
            |hello| hello.extensions.set(X::KEY_SHARE, &raw::share(NamedGroup::X25519, &[9; 32])),
            illegal(Kind::KeyShareNotRequested(NamedGroup::X25519)),
        ),
        ("another session ID", |hello| hello.session_id[0] ^= 1, illegal(Kind::SessionIdNotEchoed)),
    ];
    for (what, change, refusal) in cases {
        second_server_hello_is_refused(what, change, refusal);
    }
    let change: Change = |hello| hello.suite = SUITES[1].id;
    let pair = retried_pair(|_| {}, |server| server.tls13.suites.retain(|suite| suite.id == SUITES[0].id));
    let client = receiving(Side::Client, pair, |wire| raw::server_hello(wire, change));
    illegal(Kind::SuiteChangedAfterRetry(SUITES[1].id)).check(&client, "another suite");
}

fn second_server_hello_is_refused(what: &str, change: Change, refusal: Refusal) {
    let client =
        receiving(Side::Client, retried_pair(|_| {}, |_| {}), |wire| raw::server_hello(wire, change));
    refusal.check(&client, what);
    assert_eq!(client.error().unwrap().state, "AwaitSecondServerHello", "{what}");
}

#[test]
fn second_hello_retry_request_is_unexpected_message() {
    let mut request = None;
    let client = receiving(Side::Client, retried_pair(|_| {}, |_| {}), |wire| {
        if edit::body_of(wire, HandshakeType::SERVER_HELLO).is_some() {
            *wire = request.get_or_insert_with(|| wire.clone()).clone();
        }
    });
    let kind = Kind::UnexpectedMessage { got: "second HelloRetryRequest" };
    Refusal::As(kind, A::UNEXPECTED_MESSAGE).check(&client, "the same again");
}

/// The two hellos of a client whose HelloRetryRequest is changed.
fn hellos(policy: impl FnOnce(&mut ClientPolicy), change: Change) -> [Wire; 2] {
    let (mut client, mut server) = retried_pair(policy, |_| {});
    let mut hellos = Vec::new();
    run(&mut client, &mut server, |from_client, wire| {
        if from_client && edit::body_of(wire, HandshakeType::CLIENT_HELLO).is_some() {
            hellos.push(wire.clone());
        } else {
            raw::hello_retry_request(wire, change);
        }
    });
    hellos.try_into().unwrap()
}

/// RFC 9846 section 4.2.2: "the client MUST send the same ClientHello without modification, except as
/// follows".
#[test]
fn second_client_hello_differs_only_in_key_share_and_cookie() {
    let unchanged: Change = |_| {};
    let with_cookie: Change = |hello| hello.extensions.add(X::COOKIE, &[0, 3, 7, 8, 9]);
    let cookie_alone: Change = |hello| {
        hello.extensions.remove(X::KEY_SHARE);
        hello.extensions.add(X::COOKIE, &[0, 3, 7, 8, 9]);
    };
    for (change, cookie, retries) in [
        (unchanged, None, true),
        (with_cookie, Some(&[0, 3, 7, 8, 9][..]), true),
        (cookie_alone, Some(&[0, 3, 7, 8, 9]), false),
    ] {
        for grease in [false, true] {
            let [mut first, mut second] = hellos(|client| client.grease = grease, change);
            let mut shares = Vec::new();
            let mut found = None;
            raw::client_hello(&mut second, |hello| {
                shares = hello.shares();
                found = hello.extensions.get(X::COOKIE).map(<[u8]>::to_vec);
                hello.extensions.remove(X::COOKIE);
            });
            assert_eq!(found.as_deref(), cookie);
            raw::client_hello(&mut first, |hello| {
                assert!(hello.extensions.get(X::COOKIE).is_none());
                let before = hello.shares();
                if retries {
                    assert_eq!(shares.len(), 1);
                    assert_eq!(shares[0].0, NamedGroup::SECP256R1);
                    assert!(before.iter().all(|(group, _)| *group != NamedGroup::SECP256R1));
                    hello.set_shares(&shares);
                } else {
                    assert_eq!(shares, before);
                }
            });
            assert_eq!(first, second, "GREASE: {grease}, cookie: {cookie:?}");
        }
    }
}
