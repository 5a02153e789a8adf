//! The second ClientHello with each of its fields changed (RFC 9846 section 4.2.2), as the server judges it.

use crate::{
    outcome::{MALFORMED, Refusal, illegal, receiving},
    support::{End, raw, retried_pair},
};
use cairn_handshake::HandshakeErrorKind as Kind;
use cairn_schedule::Side;
use cairn_wire::{AlertDescription as A, CipherSuite, ExtensionType as X, NamedGroup};

fn server(change: impl Fn(&mut raw::ClientHello)) -> End {
    let mut hellos = 0;
    let pair = retried_pair(|client| client.alpn_protocols = vec![b"h2".to_vec()], |_| {});
    receiving(Side::Server, pair, |wire| {
        raw::client_hello(wire, |hello| {
            hellos += 1;
            if hellos == 2 {
                change(hello);
            }
        });
    })
}

fn refused(what: &str, refusal: Refusal, change: impl Fn(&mut raw::ClientHello)) {
    let server = server(change);
    refusal.check(&server, what);
    assert_eq!(server.error().unwrap().state, "AwaitSecondClientHello", "{what}");
}

const CHANGED: Refusal = illegal(Kind::ClientHelloChanged);

#[test]
fn no_field_of_client_hello_may_change() {
    type Change = fn(&mut raw::ClientHello);
    let cases: [(&str, Change); 10] = [
        ("legacy_version", |hello| hello.version = 0x0304),
        ("random", |hello| hello.random[31] ^= 1),
        ("another session ID", |hello| hello.session_id[0] ^= 1),
        ("no session ID", |hello| hello.session_id.clear()),
        ("one suite less", |hello| hello.suites.truncate(1)),
        ("one suite more", |hello| hello.suites.push(CipherSuite(0x13ff))),
        ("suites in another order", |hello| hello.suites.reverse()),
        ("compression", |hello| hello.compression = vec![0, 1]),
        ("extensions in another order", |hello| hello.extensions.0.swap(0, 1)),
        ("an unknown extension more", |hello| hello.extensions.add(X(0xffce), &[])),
    ];
    for (what, change) in cases {
        refused(what, CHANGED, change);
    }
}

/// The extensions of the client's hello.
fn extensions() -> Vec<X> {
    let mut types = Vec::new();
    receiving(
        Side::Server,
        retried_pair(|client| client.alpn_protocols = vec![b"h2".to_vec()], |_| {}),
        |wire| {
            raw::client_hello(wire, |hello| {
                types = hello.extensions.0.iter().map(|(number, _)| X(*number)).collect();
            });
        },
    );
    types
}

#[test]
fn no_extension_but_key_share_and_padding_may_go_or_change() {
    let types = extensions();
    assert!(types.len() > 10 && types.contains(&X::KEY_SHARE));
    for extension_type in types {
        if extension_type == X::KEY_SHARE {
            continue;
        }
        let what = extension_type.to_string();
        refused(&what, CHANGED, |hello| hello.extensions.remove(extension_type));
        // The last byte of these is a length.
        if ![X::STATUS_REQUEST, X::RENEGOTIATION_INFO].contains(&extension_type) {
            refused(&what, CHANGED, |hello| {
                if let Some(last) = hello.extensions.get_mut(extension_type).last_mut() {
                    *last ^= 1;
                } else {
                    hello.extensions.remove(extension_type);
                }
            });
        }
    }
}

/// We send no cookie, so none comes back. Early data is "not permitted after a HelloRetryRequest".
#[test]
fn cookie_and_early_data_are_not_added() {
    refused("cookie", CHANGED, |hello| hello.extensions.add(X::COOKIE, &[0, 1, 7]));
    refused("early_data", CHANGED, |hello| hello.extensions.add(X::EARLY_DATA, &[]));
}

/// RFC 9846 section 4.3.10: after HelloRetryRequest the server skips early data "up to the configured
/// max_early_data_size". The second hello has none, so nothing is skipped after it.
#[test]
fn early_data_is_skipped_after_hello_retry_request() {
    let mut hellos = 0;
    let pair = retried_pair(|_| {}, |server| server.limits.max_skipped_early_data = 100);
    let server = receiving(Side::Server, pair, |wire| {
        raw::client_hello(wire, |hello| {
            hellos += 1;
            if hellos == 1 {
                hello.extensions.add(X::EARLY_DATA, &[]);
            }
        });
    });
    let log = server.log.iter().map(String::as_str).filter(|line| !line.starts_with("receive"));
    let log: Vec<_> = log.take(4).collect();
    assert_eq!(log[2], "skip at most 100 of early data", "{:?}", server.log);
    assert!(server.log.iter().any(|line| line == "read keys, epoch handshake"), "{:?}", server.log);
    assert_eq!(server.log.iter().filter(|line| line.starts_with("skip")).count(), 1);
}

#[test]
fn padding_may_change() {
    let server = server(|hello| hello.extensions.add(X::PADDING, &[0; 50]));
    assert!(server.log.iter().any(|line| line == "send encrypted_extensions"), "{:?}", server.log);
}

#[test]
fn key_share_has_exactly_the_share_of_the_requested_group() {
    let wrong = illegal(Kind::KeyShareNotRequested(NamedGroup::SECP256R1));
    refused("no share", wrong, |hello| hello.set_shares(&[]));
    refused("the first share", wrong, |hello| hello.set_shares(&[(NamedGroup::X25519, vec![9; 32])]));
    refused("one more share", wrong, |hello| {
        let mut shares = hello.shares();
        shares.push((NamedGroup::X25519, vec![9; 32]));
        hello.set_shares(&shares);
    });
    refused("the share twice", illegal(Kind::KeyShareNotInGroups(NamedGroup::SECP256R1)), |hello| {
        let share = hello.shares().remove(0);
        hello.set_shares(&[share.clone(), share]);
    });
    refused("malformed", MALFORMED, |hello| hello.extensions.get_mut(X::KEY_SHARE).push(0));
    let missing = Refusal::As(Kind::MissingExtension(X::KEY_SHARE), A::MISSING_EXTENSION);
    refused("none", missing, |hello| hello.extensions.remove(X::KEY_SHARE));
}
