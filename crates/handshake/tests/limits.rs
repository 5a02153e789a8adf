//! What a peer can make us hold or do is bounded, by each limit.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod support;

use cairn_crypto::KeySpec;
use cairn_handshake::{ErrorKind, Joiner, Limits};
use cairn_schedule::Epoch;
use cairn_wire::{ClientExtension, HandshakeType, SignatureScheme};
use support::{End, Wire, agree, edit, pair, run};

fn limits(set: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    set(&mut limits);
    limits
}

/// The error of joining a message of this type and length.
fn joined(limits: Limits, msg_type: HandshakeType, length: u32) -> Option<ErrorKind> {
    let mut header = vec![msg_type.0];
    header.extend_from_slice(&length.to_be_bytes()[1..]);
    let mut joiner = Joiner::new(limits);
    joiner.next(Epoch(0), &mut header.as_slice()).err()
}

#[test]
fn the_defaults_are_what_they_say() {
    let limits = Limits::default();
    for (msg_type, limit) in [
        (HandshakeType::CERTIFICATE, limits.max_certificate_message),
        (HandshakeType::CLIENT_HELLO, limits.max_message),
        (HandshakeType(77), limits.max_message),
    ] {
        assert_eq!(joined(limits, msg_type, limit), None);
        let length = limit + 1;
        assert_eq!(joined(limits, msg_type, length), Some(ErrorKind::MessageTooLong { limit, length }));
    }
}

#[test]
fn each_limit_of_length_is_its_own() {
    let short = limits(|limits| limits.max_message = 10);
    assert!(joined(short, HandshakeType::CERTIFICATE, 100_000).is_none());
    assert!(joined(short, HandshakeType::CLIENT_HELLO, 11).is_some());
    let short = limits(|limits| limits.max_certificate_message = 10);
    assert!(joined(short, HandshakeType::CERTIFICATE, 11).is_some());
    assert!(joined(short, HandshakeType::CLIENT_HELLO, 60_000).is_none());
}

#[test]
fn hello_requests_are_counted_in_the_handshake_and_after_it() {
    for limit in [0, 1, 4] {
        let asked = |client: &mut End, times: u8| {
            let epoch = client.machine.read_epoch();
            for _ in 0..times {
                client.receive(&Wire::Handshake(epoch, vec![0; 4]));
            }
        };
        let new = || {
            pair(
                KeySpec::EcP256,
                |client| client.limits.max_hello_requests = limit,
                |server| {
                    server.limits.max_hello_requests = limit;
                },
            )
        };
        let too_many = Some(ErrorKind::TooManyHelloRequests { limit });
        // As many as are allowed do not disturb, they are in no transcript.
        let (mut client, mut server) = new();
        server.start();
        client.start();
        asked(&mut client, limit);
        support::go_on(&mut client, &mut server, |_, _| {});
        assert!(agree(&client, &server));
        // One more after it: they are counted together.
        asked(&mut client, 1);
        assert_eq!(client.kind(), too_many);
        let (mut client, mut server) = new();
        run(&mut client, &mut server, |_, _| {});
        asked(&mut client, limit);
        assert_eq!(client.kind(), None);
        asked(&mut client, 1);
        assert_eq!(client.kind(), too_many);
        // One more during it.
        let (mut client, _) = new();
        client.start();
        asked(&mut client, limit);
        assert_eq!(client.kind(), None);
        asked(&mut client, 1);
        assert_eq!(client.kind(), too_many);
        // And the server, which clients ask by saying hello.
        let (mut client, mut server) = new();
        let mut hello = None;
        run(&mut client, &mut server, |_, wire| {
            if edit::body_of(wire, HandshakeType::CLIENT_HELLO).is_some() {
                hello = Some(wire.clone());
            }
        });
        let Some(Wire::Handshake(_, hello)) = hello else { panic!("no hello") };
        for _ in 0..limit {
            server.receive(&Wire::Handshake(Epoch(1), hello.clone()));
            assert_eq!(server.kind(), None);
        }
        server.receive(&Wire::Handshake(Epoch(1), hello));
        assert_eq!(server.kind(), too_many);
    }
}

#[test]
fn a_hello_full_of_everything_costs_little() {
    // The longest lists that fit: the work is a walk through them for each of ours.
    let suites = vec![cairn_wire::CipherSuite(0x1301); 20_000];
    let schemes = vec![SignatureScheme(0x2a2a); 10_000];
    let started = std::time::Instant::now();
    for _ in 0..10 {
        let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
        run(&mut client, &mut server, |_, wire| {
            edit::client_hello(wire, |parts| {
                parts.suites.extend(suites.iter());
                // Only lists that live as long as the program fit in here.
                let schemes: &'static [SignatureScheme] = Vec::leak(schemes.clone());
                parts.remove(cairn_wire::ExtensionType::SIGNATURE_ALGORITHMS);
                parts
                    .extensions
                    .push(ClientExtension::SignatureAlgorithms(cairn_wire::List::from_items(schemes)));
            });
        });
        assert_eq!(server.kind(), Some(ErrorKind::NoSharedCipherSuite));
    }
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}
