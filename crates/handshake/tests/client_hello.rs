//! Padding (RFC 7685), GREASE (RFC 8701) and signature_algorithms_cert (RFC 9846 section 4.3.3) in
//! ClientHello.
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
    ClientPolicy, HandshakeErrorKind, Input, Machine, Question, Tls12Reference, Tls12Ticket,
};
use cairn_wire::{
    CipherSuite, ClientExtension, ClientHello, Decode, ExtensionType as X, HandshakeType as H, List,
    NamedGroup, ProtocolName, ProtocolVersion, ServerExtension, SignatureScheme,
};
use std::{collections::BTreeSet, sync::Arc};
use support::{
    End, NOW, Wire, agree, client_policy,
    edit::{body, body_of, client_hello, server_hello},
    go_on, pair, resuming_pair, run, tls12_mut,
    walk::{named_suite, renegotiating_pair},
};

/// The ClientHello of a client with this policy, including its header.
fn hello_of(set: impl FnOnce(&mut ClientPolicy), server_name: Option<&str>) -> Vec<u8> {
    let mut policy = client_policy();
    set(&mut policy);
    let mut client = End::new(Machine::client(Arc::new(policy), server_name.map(Arc::from), None));
    client.start();
    let Some(Wire::Handshake(_, bytes)) = client.out.pop_front() else {
        panic!("no hello: {:?}", client.log)
    };
    bytes
}

fn decoded(bytes: &[u8]) -> ClientHello<'_> {
    ClientHello::decode_exact(&bytes[4..]).unwrap()
}

fn extension(hello: &ClientHello<'_>, extension_type: X) -> Option<Vec<u8>> {
    let raw = hello.extensions.unwrap().raw().unwrap();
    raw.into_iter().find(|raw| raw.extension_type == extension_type).map(|raw| raw.data.to_vec())
}

/// The groups and the point formats of a client with these suites.
fn for_exchanges(suites: &[&str], set: impl FnOnce(&mut ClientPolicy)) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let hello = hello_of(
        |policy| {
            policy.tls12.suites = suites.iter().map(|name| named_suite(name)).collect();
            policy.groups = vec![NamedGroup::X25519, NamedGroup::SECP256R1];
            policy.grease = true;
            set(policy);
        },
        None,
    );
    let hello = decoded(&hello);
    // Without the length prefix and GREASE values.
    let groups = extension(&hello, X::SUPPORTED_GROUPS).map(|groups| groups[4..].to_vec());
    (groups, extension(&hello, X::EC_POINT_FORMATS))
}

const ECDHE: &str = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
const DHE: &str = "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256";
const RSA: &str = "TLS_RSA_WITH_AES_128_GCM_SHA256";

#[test]
fn supported_groups_and_ec_point_formats_are_sent_only_with_suites_that_use_them() {
    let curves = [0, 29, 0, 23];
    let fields = [1, 0, 1, 1, 1, 2];
    let uncompressed = Some(vec![1, 0]);
    // RFC 8422 section 4 and RFC 7919 section 2.
    assert_eq!(for_exchanges(&[RSA], |_| {}), (None, None));
    assert_eq!(for_exchanges(&[DHE, RSA], |_| {}), (Some(fields.to_vec()), None));
    assert_eq!(for_exchanges(&[ECDHE, RSA], |_| {}), (Some(curves.to_vec()), uncompressed.clone()));
    let both = [&curves[..], &fields].concat();
    assert_eq!(for_exchanges(&[ECDHE, DHE], |_| {}), (Some(both), uncompressed.clone()));
    // Finite fields of the policy are offered in its order, and only with a suite that uses them.
    let own = |policy: &mut ClientPolicy| policy.groups.insert(0, NamedGroup::FFDHE8192);
    assert_eq!(for_exchanges(&[ECDHE], own), (Some(curves.to_vec()), uncompressed.clone()));
    let mixed = [&[1, 4][..], &curves].concat();
    assert_eq!(for_exchanges(&[ECDHE, DHE], own), (Some(mixed), uncompressed));
}

#[test]
fn client_offers_no_finite_field_that_it_would_refuse() {
    let of = |min: u16, max: u16, own: &[NamedGroup]| {
        for_exchanges(&[DHE], |policy| {
            policy.tls12.finite_field_bits = min..=max;
            policy.groups.extend(own);
        })
        .0
    };
    assert_eq!(of(2048, 8192, &[]), Some(vec![1, 0, 1, 1, 1, 2]));
    assert_eq!(of(2049, 4096, &[]), Some(vec![1, 1, 1, 2]));
    assert_eq!(of(4097, 8192, &[]), None);
    let own = [NamedGroup::FFDHE2048, NamedGroup::FFDHE6144];
    assert_eq!(of(3072, 8192, &own), Some(vec![1, 3]));
    assert_eq!(of(1024, 2048, &own), Some(vec![1, 0]));
}

#[test]
fn hello_of_256_to_511_bytes_is_padded() {
    // Host names of each length give hellos of each length in the range.
    let name = "a".repeat(250);
    let mut padded = 0;
    for length in 1..=250 {
        let name = &name[..length];
        let plain = hello_of(|_| {}, Some(name));
        let hello = hello_of(|policy| policy.padding = true, Some(name));
        assert!(!(256..512).contains(&hello.len()), "{} bytes", hello.len());
        let padding = extension(&decoded(&hello), X::PADDING);
        assert_eq!(padding.is_some(), (256..512).contains(&plain.len()));
        match padding {
            None => assert_eq!(hello.len(), plain.len()),
            Some(padding) => {
                padded += 1;
                assert!(!padding.is_empty() && padding.iter().all(|byte| *byte == 0));
                assert_eq!(decoded(&hello).extensions.unwrap().types().last(), Some(X::PADDING));
                assert_eq!(hello.len(), (plain.len() + 5).max(512));
            }
        }
    }
    assert!(padded > 100, "{padded}");
}

#[test]
fn padded_hellos_complete_in_full_and_resumed_handshakes() {
    let (mut client, mut server) = resuming_pair(|client| client.padding = true, |_| {});
    // The ticket makes the hello long.
    let session = tls12_mut(client.session.as_mut().unwrap());
    let ticket = Tls12Ticket { ticket: vec![7; 200], session_id: *session.session_id(), expires: None };
    session.reference = Tls12Reference::Ticket(ticket);
    let mut lengths = Vec::new();
    run(&mut client, &mut server, |from_client, wire| {
        lengths.extend(body_of(wire, H::CLIENT_HELLO).filter(|_| from_client).map(|body| body.len() + 4));
    });
    assert!(agree(&client, &server), "{:?} {:?}", client.log, server.log);
    assert!(lengths.iter().all(|length| !(256..512).contains(length)), "{lengths:?}");
}

#[test]
fn only_the_first_hello_of_a_connection_is_padded() {
    let (mut client, mut server) = renegotiating_pair(
        |client| {
            client.padding = true;
            client.alpn_protocols = vec![b"a".repeat(200)];
        },
        |_| {},
    );
    let mut hellos = Vec::new();
    run(&mut client, &mut server, |_, wire| hellos.extend(body_of(wire, H::CLIENT_HELLO)));
    client.step(Input::Renegotiate { now: NOW });
    go_on(&mut client, &mut server, |_, wire| hellos.extend(body_of(wire, H::CLIENT_HELLO)));
    let padded =
        |body: &[u8]| ClientHello::decode_exact(body).unwrap().extensions.unwrap().contains(X::PADDING);
    assert_eq!(hellos.iter().map(|body| padded(body)).collect::<Vec<_>>(), [true, false]);
    assert!(agree(&client, &server));
}

#[test]
fn server_accepts_zero_padding_of_any_length() {
    for length in [0, 1, 300] {
        let zeros: &'static [u8] = vec![0; length].leak();
        let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
        run(&mut client, &mut server, |_, wire| {
            client_hello(wire, |parts| parts.extensions.push(ClientExtension::Padding(zeros)));
        });
        assert!(server.log.iter().any(|line| line == "send server_hello_done"), "{:?}", server.log);
    }
}

fn greasing(policy: &mut ClientPolicy) {
    policy.grease = true;
    policy.alpn_protocols = vec![b"h2".to_vec()];
    policy.certificate_signature_schemes = policy.signature_schemes.clone();
}

/// The GREASE values of a hello.
#[derive(Clone, Copy, Debug)]
struct Nothings {
    suite: CipherSuite,
    group: NamedGroup,
    scheme: SignatureScheme,
    extensions: [X; 2],
}

fn nothings(hello: &ClientHello<'_>) -> Nothings {
    let extensions = hello.extensions.unwrap();
    let suites: Vec<_> = hello.cipher_suites.iter().filter(|suite| suite.is_grease()).collect();
    let Some(ClientExtension::SupportedGroups(groups)) = extensions.get(X::SUPPORTED_GROUPS) else {
        panic!()
    };
    let Some(ClientExtension::SignatureAlgorithms(schemes)) = extensions.get(X::SIGNATURE_ALGORITHMS) else {
        panic!()
    };
    let Some(ClientExtension::SignatureAlgorithmsCert(for_certificates)) =
        extensions.get(X::SIGNATURE_ALGORITHMS_CERT)
    else {
        panic!()
    };
    assert_eq!(for_certificates.iter().filter(|scheme| scheme.is_grease()).count(), 1);
    let Some(ClientExtension::ApplicationLayerProtocolNegotiation(protocols)) =
        extensions.get(X::APPLICATION_LAYER_PROTOCOL_NEGOTIATION)
    else {
        panic!()
    };
    let [first, second] = protocols.iter().map(|name| name.0).collect::<Vec<_>>()[..] else { panic!() };
    assert!(SignatureScheme(u16::from_be_bytes(first.try_into().unwrap())).is_grease() && second == b"h2");
    let found: Vec<X> = extensions.types().filter(|extension| extension.is_grease()).collect();
    assert_eq!(suites.len(), 1);
    Nothings {
        suite: suites[0],
        group: groups.iter().find(|group| group.is_grease()).unwrap(),
        scheme: schemes.iter().find(|scheme| scheme.is_grease()).unwrap(),
        extensions: found.try_into().unwrap(),
    }
}

#[test]
fn grease_values_are_random_and_in_every_list() {
    let mut seen: BTreeSet<u16> = BTreeSet::new();
    for _ in 0..200 {
        let bytes = hello_of(greasing, None);
        let hello = decoded(&bytes);
        let Nothings { suite, group, scheme, extensions: [first, last] } = nothings(&hello);
        assert_ne!(first, last);
        assert_eq!((hello.cipher_suites.first(), hello.cipher_suites.len()), (Some(suite), 7));
        assert_eq!(extension(&hello, first), Some(vec![]));
        assert_eq!(extension(&hello, last).unwrap().len(), 1);
        let types: Vec<X> = hello.extensions.unwrap().types().collect();
        assert_eq!((types.first(), types.last()), (Some(&first), Some(&last)));
        seen.extend([suite.0, group.0, scheme.0, first.0, last.0]);
    }
    assert_eq!(seen.len(), 16, "each of the values occurs eventually");
    // Lists that are not sent contain no values.
    let bytes = hello_of(|policy| policy.grease = true, None);
    let hello = decoded(&bytes);
    assert!(extension(&hello, X::SIGNATURE_ALGORITHMS_CERT).is_none());
    assert!(extension(&hello, X::APPLICATION_LAYER_PROTOCOL_NEGOTIATION).is_none());
}

#[test]
fn extensions_are_in_random_order_between_the_grease_values() {
    let mut orders = BTreeSet::new();
    for _ in 0..20 {
        let bytes = hello_of(
            |policy| {
                greasing(policy);
                policy.permute_extensions = true;
            },
            Some("cairn.example"),
        );
        let types: Vec<X> = decoded(&bytes).extensions.unwrap().types().collect();
        let [first, between @ .., last] = types.as_slice() else { panic!("{types:?}") };
        assert!(first.is_grease() && last.is_grease());
        assert!(!between.iter().any(|extension_type| extension_type.is_grease()));
        orders.insert(between.iter().map(|extension_type| extension_type.0).collect::<Vec<_>>());
    }
    assert!(orders.len() > 10, "{orders:?}");
    let sorted = |order: &Vec<u16>| order.iter().copied().collect::<BTreeSet<_>>();
    assert_eq!(orders.iter().map(sorted).collect::<BTreeSet<_>>().len(), 1, "they have the same extensions");
}

/// A client that sends GREASE, and a server.
fn greased() -> (End, End) {
    pair(KeySpec::EcP256, greasing, |server| server.alpn_protocols = vec![b"h2".to_vec()])
}

#[test]
fn server_ignores_grease() {
    for client_order in [false, true] {
        let (mut client, mut server) = pair(KeySpec::EcP256, greasing, |server| {
            server.alpn_protocols = vec![b"h2".to_vec()];
            if client_order {
                server.suite_order = cairn_handshake::SuiteOrder::Client;
            }
        });
        run(&mut client, &mut server, |_, wire| {
            client_hello(wire, |_| {});
        });
        assert!(agree(&client, &server), "{:?} {:?}", client.log, server.log);
        assert_eq!(client.complete.unwrap().alpn.as_deref(), Some(&b"h2"[..]));
    }
    // GREASE is skipped among versions too: the error reports a real version.
    let (mut client, mut server) = greased();
    run(&mut client, &mut server, |_, wire| {
        client_hello(wire, |parts| {
            let versions = &[ProtocolVersion(0x9a9a), ProtocolVersion(0x0304)];
            parts.extensions.push(ClientExtension::SupportedVersions(List::from_items(versions)));
        });
    });
    let peer = ProtocolVersion(0x0304);
    assert_eq!(server.kind(), Some(HandshakeErrorKind::VersionNotSupported { peer }));
}

/// A client whose server chooses a GREASE value.
fn answered(tamper: impl Fn(&mut Wire, Nothings)) -> Option<HandshakeErrorKind> {
    let (mut client, mut server) = greased();
    let mut sent = None;
    run(&mut client, &mut server, |_, wire| {
        if let Some(body) = body_of(wire, H::CLIENT_HELLO) {
            sent = Some(nothings(&ClientHello::decode_exact(&body).unwrap()));
        } else {
            tamper(wire, sent.unwrap());
        }
    });
    client.kind()
}

#[test]
fn client_refuses_a_grease_choice_of_the_server() {
    let suite = answered(|wire, sent| server_hello(wire, |parts| parts.hello.cipher_suite = sent.suite));
    assert!(
        matches!(suite, Some(HandshakeErrorKind::CipherSuiteNotOffered(suite)) if suite.is_grease()),
        "{suite:?}"
    );
    for place in [0, 1] {
        let kind = answered(|wire, sent| {
            server_hello(wire, |parts| {
                let extension_type = sent.extensions[place];
                parts.extensions.push(ServerExtension::Unknown { extension_type, data: &[] });
            });
        });
        assert!(
            matches!(kind, Some(HandshakeErrorKind::ExtensionNotOffered(x)) if x.is_grease()),
            "{kind:?}"
        );
    }
    let version =
        answered(|wire, _| server_hello(wire, |parts| parts.hello.server_version = ProtocolVersion(0x2a2a)));
    assert!(matches!(version, Some(HandshakeErrorKind::VersionNotSupported { .. })), "{version:?}");
    let group = answered(|wire, sent| {
        body(wire, H::SERVER_KEY_EXCHANGE, |body| body[1..3].copy_from_slice(&sent.group.0.to_be_bytes()));
    });
    assert!(
        matches!(group, Some(HandshakeErrorKind::GroupNotOffered(group)) if group.is_grease()),
        "{group:?}"
    );
    let scheme = answered(|wire, sent| {
        body(wire, H::SERVER_KEY_EXCHANGE, |body| {
            let at = 4 + usize::from(body[3]);
            body[at..at + 2].copy_from_slice(&sent.scheme.0.to_be_bytes());
        });
    });
    assert!(
        matches!(scheme, Some(HandshakeErrorKind::SchemeNotOffered(scheme)) if scheme.is_grease()),
        "{scheme:?}"
    );
    for name in 0..16 {
        let name: &'static [u8] = vec![name << 4 | 0x0a; 2].leak();
        let protocol = answered(|wire, _| {
            server_hello(wire, |parts| {
                parts.remove(X::APPLICATION_LAYER_PROTOCOL_NEGOTIATION);
                let chosen = ServerExtension::ApplicationLayerProtocolNegotiation(ProtocolName(name));
                parts.extensions.push(chosen);
            });
        });
        assert_eq!(protocol, Some(HandshakeErrorKind::ApplicationProtocolNotOffered));
    }
}

/// The schemes in the server's question that the client accepts in certificates.
fn schemes_for_certificates(
    client: impl FnOnce(&mut ClientPolicy),
    tamper: impl Fn(&mut Wire),
) -> Vec<SignatureScheme> {
    let (mut client, mut server) = pair(KeySpec::EcP256, client, |_| {});
    server.start();
    client.start();
    let mut hello = client.out.pop_front().unwrap();
    tamper(&mut hello);
    // One step leads to the question.
    server.steps_left = 1;
    server.receive(&hello);
    match server.machine.question() {
        Some((_, Question::ChooseServerCredential(choose))) => choose.certificate_schemes().to_vec(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn signature_algorithms_cert_may_differ_from_signature_algorithms() {
    let own = vec![SignatureScheme::ECDSA_SECP384R1_SHA384, SignatureScheme::RSA_PKCS1_SHA512];
    let list = own.clone();
    let heard = schemes_for_certificates(|client| client.certificate_signature_schemes = list, |_| {});
    assert_eq!(heard, own);
    // Without signature_algorithms_cert, signature_algorithms applies.
    let heard = schemes_for_certificates(|client| client.signature_schemes.truncate(3), |_| {});
    assert_eq!(heard, client_policy().signature_schemes[..3]);
    // Unregistered schemes are ignored.
    let heard = schemes_for_certificates(greasing, |_| {});
    assert_eq!(heard, client_policy().signature_schemes);
    let heard = schemes_for_certificates(
        |_| {},
        |wire| {
            client_hello(wire, |parts| {
                let list = &[SignatureScheme(0x5a5a), SignatureScheme(0xfe00), SignatureScheme::ECDSA_SHA1];
                parts.extensions.push(ClientExtension::SignatureAlgorithmsCert(List::from_items(list)));
            });
        },
    );
    assert_eq!(heard, [SignatureScheme::ECDSA_SHA1]);
}

#[test]
fn signature_algorithms_cert_does_not_affect_handshake_signatures() {
    let (mut client, mut server) = pair(
        KeySpec::EcP256,
        |client| client.certificate_signature_schemes = vec![SignatureScheme::RSA_PKCS1_SHA256],
        |_| {},
    );
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server), "{:?}", client.log);
    let scheme = client.complete.unwrap().server_signature_scheme();
    assert_eq!(scheme, Some(SignatureScheme::ECDSA_SECP256R1_SHA256));
}
