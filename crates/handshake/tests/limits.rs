//! Limits on the memory and work that a peer can cause.
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
    HandshakeErrorKind, Input, Joiner, Limits, Machine, RawMessage, Requirement, ServerPolicy, SuiteOrder,
};
use cairn_schedule::{Epoch, SUITES, Side};
use cairn_wire::{
    Alert, AlertDescription, CipherSuite, ClientExtension, ExtensionType, HandshakeHeader, HandshakeType,
    List, NamedGroup, SessionId, SignatureScheme,
};
use core::time::Duration;
use std::{sync::Arc, time::Instant};
use support::{
    End, Wire, agree, edit, pair, run,
    walk::{VERSIONS, Version, in_state, named_suite, states, takes},
};

fn limits(set: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = Limits::default();
    set(&mut limits);
    limits
}

/// The error of a machine for the header of a message of this type and length. The joiner returns the same
/// for every fragmentation of the header.
fn judged(end: &End, msg_type: HandshakeType, length: u32) -> Option<HandshakeErrorKind> {
    let mut header = vec![msg_type.0];
    header.extend_from_slice(&length.to_be_bytes()[1..]);
    let errors = (1..=4).map(|cut| {
        let mut joiner = Joiner::new();
        let mut pieces = [&header[..cut], &header[cut..]].into_iter();
        pieces.find_map(|mut piece| {
            joiner.next(Epoch::tls12(0), &mut piece, |header| end.machine.check_header(header)).err()
        })
    });
    let errors: Vec<_> = errors.collect();
    assert!(errors.windows(2).all(|pair| pair[0] == pair[1]), "{errors:?}");
    errors[0]
}

/// The error for a body longer than the maximum of its fields.
fn longer_than(max: u32, length: u32) -> HandshakeErrorKind {
    let header = HandshakeHeader { msg_type: HandshakeType(0), length };
    HandshakeErrorKind::Decode(header.check_length(max).unwrap_err())
}

/// A client and a server with these limits, after this many inputs each.
fn after(limits: Limits, inputs: usize) -> (End, End) {
    let (mut client, mut server) =
        pair(KeySpec::EcP256, |client| client.limits = limits, |server| server.limits = limits);
    server.start();
    client.start();
    for _ in 0..inputs {
        if let Some(wire) = client.out.pop_front() {
            server.receive(&wire);
        } else if let Some(wire) = server.out.pop_front() {
            client.receive(&wire);
        }
    }
    (client, server)
}

#[test]
fn maximum_length_of_client_hello_is_that_of_its_fields() {
    const LONGEST: u32 = 2 + 32 + 1 + 32 + 2 + 65_534 + 1 + 255 + 2 + 65_535;
    assert_eq!(Limits::default().max_message, LONGEST);
    let (_, server) = after(Limits::default(), 0);
    assert_eq!(judged(&server, HandshakeType::CLIENT_HELLO, LONGEST), None);
    for length in [LONGEST + 1, 200_000, 0xff_ffff] {
        let error = longer_than(LONGEST, length);
        assert_eq!(judged(&server, HandshakeType::CLIENT_HELLO, length), Some(error));
        assert_eq!(error.alert(), Some(AlertDescription::DECODE_ERROR));
    }
}

#[test]
fn policy_limits_apply_if_lower() {
    let few = limits(|limits| (limits.max_message, limits.max_certificate_message) = (10, 20));
    let (client, server) = after(few, 0);
    for (end, msg_type) in [(&server, HandshakeType::CLIENT_HELLO), (&client, HandshakeType::SERVER_HELLO)] {
        assert_eq!(judged(end, msg_type, 10), None);
        let error = HandshakeErrorKind::MessageTooLong { limit: 10, length: 11 };
        assert_eq!(judged(end, msg_type, 11), Some(error));
        // The message may be valid: the limit is ours.
        assert_eq!(error.alert(), Some(AlertDescription::INTERNAL_ERROR));
    }
    let few = limits(|limits| limits.max_certificate_message = 20);
    // The server has received ClientHello, and the client ServerHello.
    let (client, _) = after(few, 2);
    assert_eq!(judged(&client, HandshakeType::CERTIFICATE, 20), None);
    let error = HandshakeErrorKind::MessageTooLong { limit: 20, length: 21 };
    assert_eq!(judged(&client, HandshakeType::CERTIFICATE, 21), Some(error));
}

#[test]
fn unexpected_message_is_refused_at_its_header() {
    for side in [Side::Client, Side::Server] {
        let states_of = |version| states(side, version).into_iter().map(move |place| (version, place));
        for (version, (state, flow)) in VERSIONS.into_iter().flat_map(states_of) {
            let Some(end) = in_state(side, flow, state) else { continue };
            // No message is read before the start or while a question is pending.
            if end.machine.question().is_some() || state == "Idle" {
                continue;
            }
            for msg_type in (0..=255).map(HandshakeType) {
                // The tables use the names of the RFC, the registry has underscores.
                let words = msg_type.name().unwrap_or_default().split('_');
                let capital = |word: &str| word.get(..1).unwrap_or_default().to_uppercase();
                let name: String =
                    words.map(|word| capital(word) + word.get(1..).unwrap_or_default()).collect();
                let ignored = side == Side::Client
                    && version == Version::Tls12
                    && msg_type == HandshakeType::HELLO_REQUEST;
                let judged = judged(&end, msg_type, 0);
                // Most flows do not offer it (RFC 8879 section 3).
                let unsolicited =
                    msg_type == HandshakeType::COMPRESSED_CERTIFICATE && !flow.contains("compressed");
                if takes(side, version, state, &name) && !unsolicited || ignored {
                    assert_eq!(judged, None, "{side:?} {state} {name}");
                } else {
                    let alert = judged.and_then(|error| error.alert());
                    assert_eq!(alert, Some(AlertDescription::UNEXPECTED_MESSAGE), "{side:?} {state} {name}");
                }
            }
            let longest: &[(HandshakeType, u32)] = match version {
                Version::Tls12 => &[
                    (HandshakeType::HELLO_REQUEST, 0),
                    (HandshakeType::SERVER_HELLO, 65_607),
                    (HandshakeType::NEW_SESSION_TICKET, 65_541),
                    (HandshakeType::CERTIFICATE_REQUEST, 131_329),
                    (HandshakeType::SERVER_HELLO_DONE, 0),
                    (HandshakeType::CERTIFICATE_VERIFY, 65_539),
                    (HandshakeType::FINISHED, 12),
                ],
                // RFC 9846 section 4, and SHA-384 for the verify_data.
                Version::Tls13 => &[
                    (HandshakeType::SERVER_HELLO, 65_607),
                    (HandshakeType::ENCRYPTED_EXTENSIONS, 65_537),
                    (HandshakeType::CERTIFICATE_REQUEST, 65_793),
                    (HandshakeType::CERTIFICATE_VERIFY, 65_539),
                    (HandshakeType::FINISHED, 48),
                    (HandshakeType::NEW_SESSION_TICKET, 131_338),
                    (HandshakeType::KEY_UPDATE, 1),
                ],
            };
            for &(msg_type, longest) in longest {
                if judged(&end, msg_type, 0).is_none() {
                    assert_eq!(judged(&end, msg_type, longest), None, "{side:?} {state} {msg_type}");
                    let error = Some(longer_than(longest, longest + 1));
                    assert_eq!(judged(&end, msg_type, longest + 1), error, "{side:?} {state} {msg_type}");
                }
            }
        }
    }
}

/// A pair that negotiates this suite.
fn suite_pair(name: &str) -> (End, End) {
    let suite = named_suite(name);
    let spec = if name.contains("RSA") { KeySpec::Rsa { bits: 2048 } } else { KeySpec::EcP256 };
    pair(spec, |policy| policy.tls12.suites = vec![suite], |policy| policy.tls12.suites = vec![suite])
}

#[test]
fn maximum_length_of_client_key_exchange_depends_on_the_key_exchange() {
    for (name, max) in [
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 256),
        ("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", 2 + 1024),
        ("TLS_RSA_WITH_AES_128_GCM_SHA256", 2 + 2048),
        ("TLS_PSK_WITH_AES_128_GCM_SHA256", 2 + 65_535),
        ("TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256", 2 + 65_535 + 256),
        ("TLS_DHE_PSK_WITH_AES_128_GCM_SHA256", 2 + 65_535 + 2 + 1024),
        ("TLS_RSA_PSK_WITH_AES_128_GCM_SHA256", 2 + 65_535 + 2 + 2048),
    ] {
        let (mut client, mut server) = suite_pair(name);
        server.start();
        client.start();
        let hello = client.out.pop_front().unwrap();
        server.receive(&hello);
        assert_eq!(server.machine.state(), "AwaitClientKeyExchange", "{name}");
        let msg_type = HandshakeType::CLIENT_KEY_EXCHANGE;
        assert_eq!(judged(&server, msg_type, max), None, "{name}");
        assert_eq!(judged(&server, msg_type, max + 1), Some(longer_than(max, max + 1)), "{name}");
    }
}

#[test]
fn certificate_request_of_an_anonymous_server_is_refused_at_its_header() {
    let (mut client, mut server) = suite_pair("TLS_ECDH_anon_WITH_AES_128_CBC_SHA");
    server.start();
    client.start();
    let hello = client.out.pop_front().unwrap();
    server.receive(&hello);
    while client.machine.state() != "AwaitServerHelloDone" {
        let wire = server.out.pop_front().unwrap();
        client.receive(&wire);
    }
    let error = judged(&client, HandshakeType::CERTIFICATE_REQUEST, 100_000);
    assert_eq!(error, Some(HandshakeErrorKind::RequestByAnonymousServer));
    // The machine returns the same error for a message that no joiner refused.
    let message = RawMessage { msg_type: HandshakeType::CERTIFICATE_REQUEST, bytes: &[13, 0, 0, 0] };
    client.step(Input::Message { epoch: Epoch::tls12(0), message });
    assert_eq!(client.kind(), Some(HandshakeErrorKind::RequestByAnonymousServer));
}

#[test]
fn hello_requests_are_limited_during_and_after_the_handshake() {
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
                |client| client.tls12.renegotiation_limits.max_hello_requests = limit,
                |server| {
                    server.tls12.renegotiation_limits.max_hello_requests = limit;
                },
            )
        };
        let too_many = Some(HandshakeErrorKind::TooManyHelloRequests { limit });
        // Up to the limit they have no effect, because they are not part of the transcript.
        let (mut client, mut server) = new();
        server.start();
        client.start();
        asked(&mut client, limit);
        support::go_on(&mut client, &mut server, |_, _| {});
        assert!(agree(&client, &server));
        // One more after the handshake: they are counted together.
        asked(&mut client, 1);
        assert_eq!(client.kind(), too_many);
        let (mut client, mut server) = new();
        run(&mut client, &mut server, |_, _| {});
        asked(&mut client, limit);
        assert_eq!(client.kind(), None);
        asked(&mut client, 1);
        assert_eq!(client.kind(), too_many);
        // Application data in between resets the count.
        let (mut client, mut server) = new();
        run(&mut client, &mut server, |_, _| {});
        for _ in 0..3 {
            asked(&mut client, limit);
            assert_eq!(client.kind(), None);
            client.machine.application_data_came();
        }
        asked(&mut client, limit + 1);
        assert_eq!(client.kind(), too_many);
        // One more during the handshake.
        let (mut client, _) = new();
        client.start();
        asked(&mut client, limit);
        assert_eq!(client.kind(), None);
        asked(&mut client, 1);
        assert_eq!(client.kind(), too_many);
        // The same for a server, which clients ask with ClientHello.
        let (mut client, mut server) = new();
        let mut hello = None;
        run(&mut client, &mut server, |_, wire| {
            if edit::body_of(wire, HandshakeType::CLIENT_HELLO).is_some() {
                hello = Some(wire.clone());
            }
        });
        let Some(Wire::Handshake(_, hello)) = hello else { panic!("no hello") };
        for _ in 0..limit {
            server.receive(&Wire::Handshake(Epoch::tls12(1), hello.clone()));
            assert_eq!(server.kind(), None);
        }
        server.receive(&Wire::Handshake(Epoch::tls12(1), hello));
        assert_eq!(server.kind(), too_many);
    }
}

/// A peer that keeps requesting, with data in between, and does not read would make us store an unbounded
/// number of refusals.
#[test]
fn number_of_refused_renegotiations_is_limited() {
    const MAX: u8 = 64;
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    let mut hello = None;
    run(&mut client, &mut server, |_, wire| {
        if edit::body_of(wire, HandshakeType::CLIENT_HELLO).is_some() {
            hello = Some(wire.clone());
        }
    });
    let Some(Wire::Handshake(_, hello)) = hello else { panic!("no hello") };
    // The same with a server that has no secure renegotiation: RFC 5746 section 4.2 has each request
    // answered.
    let mut policy = support::client_policy();
    policy.tls12.secure_renegotiation = Requirement::Offer;
    let mut old = End::new(Machine::client(Arc::new(policy), Some("cairn.example".into()), None));
    let (own, public) = support::credential(KeySpec::EcP256);
    old.peer_key = Some(public);
    assert!(support::legacy::server(&mut old, &own, SessionId::new(b"legacy").unwrap(), &[]).finished);
    let too_many = Some(HandshakeErrorKind::TooManyHelloRequests { limit: MAX });
    for (end, request, error) in
        [(&mut client, vec![0; 4], None), (&mut server, hello, None), (&mut old, vec![0; 4], too_many)]
    {
        end.out.clear();
        for _ in 0..1_000 {
            end.receive(&Wire::Handshake(end.machine.read_epoch(), request.clone()));
            end.machine.application_data_came();
            if end.kind().is_some() {
                break;
            }
        }
        assert_eq!(end.kind(), error);
        let refusal = Wire::Alert(Alert::warning(AlertDescription::NO_RENEGOTIATION));
        assert_eq!(end.out.iter().filter(|wire| **wire == refusal).count(), MAX.into());
    }
}

/// The server's response to a modified hello: the error, the choice, and the time that it took.
fn with_hello(
    policy: impl Fn(&mut ServerPolicy),
    change: impl Fn(&mut edit::ClientParts<'_>),
) -> (Option<HandshakeErrorKind>, Option<CipherSuite>, Duration) {
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, policy);
    server.start();
    client.start();
    let mut hello = client.out.pop_front().unwrap();
    edit::client_hello(&mut hello, |parts| change(parts));
    let started = Instant::now();
    server.receive(&hello);
    let took = started.elapsed();
    let mut chosen = None;
    for wire in &mut server.out {
        edit::server_hello(wire, |parts| chosen = Some(parts.hello.cipher_suite));
    }
    (server.kind(), chosen, took)
}

/// List items with a static lifetime, as an edited message needs.
fn list<T: Clone>(items: &[T]) -> &'static [T] {
    Vec::leak(items.to_vec())
}

#[test]
fn suite_choice_does_not_depend_on_the_length_of_the_list() {
    for order in [SuiteOrder::Server, SuiteOrder::Client] {
        let chosen = |first: &[CipherSuite], unknown: u16| {
            let policy = |policy: &mut ServerPolicy| {
                policy.tls12.suites = SUITES.iter().collect();
                policy.suite_order = order;
            };
            let (error, chosen, _) = with_hello(policy, |parts| {
                let ours = core::mem::take(&mut parts.suites);
                parts.suites = (0..unknown).map(|number| CipherSuite(0x4000 + number)).collect();
                parts.suites.extend(first.iter().chain(&ours));
            });
            assert_eq!(error, None);
            chosen
        };
        for suite in [
            CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        ] {
            let short = chosen(&[suite], 0);
            assert!(short.is_some());
            // A duplicate counts once.
            for (first, unknown) in [(&[suite, suite][..], 0), (&[suite], 100), (&[suite, suite], 100)] {
                assert_eq!(chosen(first, unknown), short, "{suite} {order:?} {unknown}");
            }
            if order == SuiteOrder::Client {
                assert_eq!(short, Some(suite), "the client's first");
            }
        }
    }
}

#[test]
fn maximum_hello_is_processed_at_bounded_cost() {
    let every_suite = |policy: &mut ServerPolicy| policy.tls12.suites = SUITES.iter().collect();
    let schemes = list(&[SignatureScheme(0x2a2a), SignatureScheme::ED448].repeat(16_000));
    let with_good_scheme = list(&[schemes, &[SignatureScheme::ECDSA_SECP256R1_SHA256]].concat());
    let groups = list(&[NamedGroup(0x2a2a), NamedGroup::X448].repeat(16_000));
    let with_good_group = list(&[groups, &[NamedGroup::SECP256R1]].concat());
    let replace = |parts: &mut edit::ClientParts<'_>, extension: ClientExtension<'static>| {
        parts.remove(extension.extension_type());
        parts.extensions.push(extension);
    };
    let list_of = |schemes| ClientExtension::SignatureAlgorithms(List::from_items(schemes));
    for order in [SuiteOrder::Server, SuiteOrder::Client] {
        let policy = |policy: &mut ServerPolicy| {
            every_suite(policy);
            policy.suite_order = order;
        };
        // Suites: 4,000, and the maximum number, with the usable one at the end.
        for count in [4_000, 32_000] {
            let (error, chosen, took) = with_hello(policy, |parts| {
                let ours = core::mem::take(&mut parts.suites);
                parts.suites = (0..count).map(|number| CipherSuite(0x4000 + number % 0x4000)).collect();
                parts.suites.extend(ours);
            });
            assert_eq!(error, None, "{count} suites");
            assert!(chosen.is_some() && took < Duration::from_secs(1), "{count} suites: {took:?}");
        }
        // One suite, repeated.
        let (error, chosen, took) = with_hello(policy, |parts| {
            let first = parts.suites[0];
            parts.suites = vec![first; 32_000];
        });
        assert!(error.is_none() && chosen.is_some() && took < Duration::from_secs(1), "{error:?} {took:?}");
    }
    // Schemes and groups: a usable one after thousands of others.
    let (error, chosen, took) = with_hello(|_| {}, |parts| replace(parts, list_of(with_good_scheme)));
    assert!(error.is_none() && chosen.is_some() && took < Duration::from_secs(1), "{error:?} {took:?}");
    let (error, chosen, took) = with_hello(
        |_| {},
        |parts| replace(parts, ClientExtension::SupportedGroups(List::from_items(with_good_group))),
    );
    assert!(error.is_none() && chosen.is_some() && took < Duration::from_secs(1), "{error:?} {took:?}");
    // Nothing usable.
    let (error, _, took) = with_hello(|_| {}, |parts| replace(parts, list_of(schemes)));
    assert_eq!(error, Some(HandshakeErrorKind::NoSharedCipherSuite));
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn hello_with_many_extensions_is_accepted() {
    for count in [300, 16_000] {
        let (error, chosen, took) = with_hello(
            |_| {},
            |parts| {
                let unknown = (0..count).map(|number| ClientExtension::Unknown {
                    extension_type: ExtensionType(0x4000 + number),
                    data: &[],
                });
                parts.extensions.splice(0..0, unknown);
            },
        );
        assert_eq!(error, None, "{count} extensions");
        assert!(chosen.is_some() && took < Duration::from_secs(1), "{count} extensions: {took:?}");
    }
}

#[test]
fn usable_scheme_after_64_unusable_ones_is_found() {
    let schemes =
        [[SignatureScheme::ED448; 64].as_slice(), &[SignatureScheme::ECDSA_SECP256R1_SHA256]].concat();
    let schemes = list(&schemes);
    let (error, chosen, _) = with_hello(
        |_| {},
        |parts| {
            parts.remove(ExtensionType::SIGNATURE_ALGORITHMS);
            parts.extensions.push(ClientExtension::SignatureAlgorithms(List::from_items(schemes)));
        },
    );
    assert_eq!(error, None);
    assert!(chosen.is_some());
}
