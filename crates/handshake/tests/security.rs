//! The security report in every key exchange and after resumption, the floor, and channel bindings.
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
    ClientPolicy, Floor, HandshakeErrorKind, Integrity, Misuse, Part, PeerProof, Security, ServerPolicy,
    Session, Shortfall,
};
use cairn_schedule::{Authentication, Protection, SUITES, Tls12Suite};
use cairn_wire::{AlertDescription, KeyExchangeAlgorithm as Kx, NamedGroup, SignatureScheme};
use support::{
    End, Wire, agree, legacy, mutual_pair, pair, resuming_pair, run, ticket_pair, walk::named_suite,
};

const RSA: KeySpec = KeySpec::Rsa { bits: 2048 };
const P256: KeySpec = KeySpec::EcP256;

fn spec(suite: &Tls12Suite) -> KeySpec {
    if suite.authentication == Authentication::Ecdsa { P256 } else { RSA }
}

fn suite_pair(suite: &'static Tls12Suite, spec: KeySpec) -> (End, End) {
    pair(spec, |policy| policy.tls12.suites = vec![suite], |policy| policy.tls12.suites = vec![suite])
}

fn complete((mut client, mut server): (End, End)) -> (End, End) {
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server), "{:?} {:?}", client.log, server.log);
    (client, server)
}

fn security(end: &End) -> Security {
    end.complete.as_ref().unwrap().security()
}

fn client_security(pair: (End, End)) -> Security {
    security(&complete(pair).0)
}

#[test]
fn both_sides_report_the_same_security_also_on_resumption() {
    for suite in SUITES {
        let new = |sessions: Option<(Box<Session>, Box<Session>)>| {
            let (mut client, mut server) = suite_pair(suite, spec(suite));
            (client.session, server.session) = sessions.unzip();
            complete((client, server))
        };
        let (client, server) = new(None);
        let (ours, theirs) = (security(&client), security(&server));
        assert_eq!(ours.strength, theirs.strength, "{}", suite.id);
        assert_eq!(ours.forward_secrecy, suite.is_forward_secret(), "{}", suite.id);
        assert_eq!(ours.resumed_since, None);
        let origins = [&client, &server].map(|end| {
            let mut evidence = end.complete.as_ref().unwrap().evidence;
            // Only this differs between them.
            evidence.peer_verified = false;
            evidence
        });
        assert_eq!(origins[0], origins[1], "{}", suite.id);

        let expected = match suite.authentication {
            _ if suite.shows_certificate() => PeerProof::Certificate,
            Authentication::Psk => PeerProof::Psk,
            _ => PeerProof::None,
        };
        assert_eq!(ours.peer, expected, "{}", suite.id);
        let expected = if suite.uses_psk() { PeerProof::Psk } else { PeerProof::None };
        assert_eq!(theirs.peer, expected, "{}", suite.id);

        let key_exchange = match suite.key_exchange {
            Kx::Ecdhe | Kx::EcdhAnon | Kx::EcdhePsk => 128,
            // The pre-shared key of these tests has 32 bytes.
            Kx::Psk => 256,
            // ffdhe2048, and a modulus of 2048 bits.
            _ => 112,
        };
        assert_eq!(ours.strength.key_exchange, key_exchange, "{}", suite.id);
        if let Protection::Null { .. } = suite.protection {
            assert_eq!((ours.strength.bits(), ours.integrity), (0, Integrity::MacOnly), "{}", suite.id);
        }

        let (client, server) = new(client.saved.zip(server.saved));
        for (end, first) in [(client, ours), (server, theirs)] {
            let summary = end.complete.as_ref().unwrap();
            assert!(summary.is_resumed() && summary.group().is_none());
            let mut expected = first;
            expected.resumed_since = Some(summary.authenticated_at);
            assert_eq!(summary.security(), expected, "{}", suite.id);
        }
    }
}

#[test]
fn strength_is_that_of_the_weakest_part() {
    const GCM_256: &str = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
    let with_group = |spec, group| {
        let suite = named_suite(GCM_256);
        let policy = |policy: &mut ClientPolicy| {
            policy.tls12.suites = vec![suite];
            policy.groups = vec![group, NamedGroup::SECP256R1, NamedGroup::SECP384R1, NamedGroup::SECP521R1];
        };
        let server =
            |policy: &mut ServerPolicy| (policy.tls12.suites, policy.groups) = (vec![suite], vec![group]);
        client_security(pair(spec, policy, server)).strength
    };
    for (spec, group, part, bits) in [
        (KeySpec::EcP384, NamedGroup::SECP384R1, Part::KeyExchange, 192),
        (KeySpec::EcP384, NamedGroup::X25519, Part::KeyExchange, 128),
        (KeySpec::EcP521, NamedGroup::SECP521R1, Part::Hash, 192),
        (KeySpec::EcP256, NamedGroup::SECP384R1, Part::Proof, 128),
        (KeySpec::Ed25519, NamedGroup::SECP384R1, Part::Proof, 128),
    ] {
        assert_eq!(with_group(spec, group).weakest(), (part, bits), "{spec:?} {group}");
    }
    // A weak key of the client weakens its authentication too.
    let suite = named_suite("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    let (client, server) =
        complete(mutual_pair(P256, RSA, |p| p.tls12.suites = vec![suite], |p| p.tls12.suites = vec![suite]));
    for end in [&client, &server] {
        assert_eq!(security(end).strength.weakest(), (Part::Proof, 112));
        assert_eq!(security(end).peer, PeerProof::Certificate);
    }
    let triple_des = suite_pair(named_suite("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"), RSA);
    assert_eq!(client_security(triple_des).strength.weakest(), (Part::Cipher, 112));
}

#[test]
fn integrity_reports_kind_and_tag_length() {
    let of = |name| {
        let security = client_security(suite_pair(named_suite(name), RSA));
        (security.integrity, security.tag_bits)
    };
    assert_eq!(of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), (Integrity::Aead, 128));
    assert_eq!(of("TLS_DHE_RSA_WITH_AES_128_CCM_8"), (Integrity::Aead, 64));
    assert_eq!(of("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"), (Integrity::EncryptThenMac, 160));
    let suite = named_suite("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384");
    let (client, server) = pair(
        RSA,
        |policy| (policy.tls12.suites, policy.tls12.encrypt_then_mac) = (vec![suite], false),
        |policy| policy.tls12.suites = vec![suite],
    );
    let security = client_security((client, server));
    assert_eq!((security.integrity, security.tag_bits), (Integrity::MacThenEncrypt, 384));
}

#[test]
fn unverified_chain_does_not_authenticate_also_on_resumption() {
    let (mut client, server) = pair(P256, |_| {}, |_| {});
    client.credulous = true;
    let (client, server) = complete((client, server));
    assert_eq!(security(&client).peer, PeerProof::Unchecked);
    let (mut again, mut other) = pair(P256, |_| {}, |_| {});
    (again.session, other.session) = (client.saved, server.saved);
    let (again, _) = complete((again, other));
    assert!(again.complete.as_ref().unwrap().is_resumed());
    assert_eq!(security(&again).peer, PeerProof::Unchecked);
}

#[test]
fn handshake_below_the_floor_completes_on_neither_side() {
    let suite = named_suite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    for at_client in [true, false] {
        let (mut client, mut server) = pair(
            RSA,
            |policy| {
                policy.tls12.suites = vec![suite];
                policy.floor.bits = if at_client { 128 } else { 0 };
            },
            |policy| {
                policy.tls12.suites = vec![suite];
                policy.floor.bits = if at_client { 0 } else { 128 };
            },
        );
        run(&mut client, &mut server, |_, _| {});
        let (end, peer) = if at_client { (&client, &server) } else { (&server, &client) };
        let shortfall = Shortfall::TooWeak { expected: 128, got: 112, part: Part::Proof };
        assert_eq!(end.kind(), Some(HandshakeErrorKind::BelowFloor(shortfall)), "{:?}", end.log);
        assert_eq!(peer.kind(), Some(HandshakeErrorKind::PeerAlert(AlertDescription::INSUFFICIENT_SECURITY)));
        assert!(!end.log.iter().any(|line| line == "send finished"), "{:?}", end.log);
        assert!(end.complete.is_none() && peer.complete.is_none());
        assert!(end.error().unwrap().to_string().contains("at least 128 bits"), "{}", end.error().unwrap());
    }
}

#[test]
fn session_below_the_floor_leads_to_a_full_handshake() {
    // The session's full handshake no longer satisfies the floor, but a new one does.
    for at_client in [true, false] {
        let (mut client, mut server) = resuming_pair(
            |policy| policy.floor.bits = if at_client { 128 } else { 0 },
            |policy| policy.floor.bits = if at_client { 0 } else { 128 },
        );
        let session = if at_client { &mut client.session } else { &mut server.session };
        session.as_mut().unwrap().evidence.key_exchange_bits = 112;
        let (client, _) = complete((client, server));
        assert!(!client.complete.as_ref().unwrap().is_resumed(), "at the client: {at_client}");
    }
    // A session at the floor is still resumed.
    let (client, _) = complete(resuming_pair(|p| p.floor.bits = 128, |p| p.floor.bits = 128));
    assert!(client.complete.as_ref().unwrap().is_resumed());
}

#[test]
fn handshake_at_the_floor_completes() {
    let floor = Floor { authenticated_peer: true, forward_secrecy: true, bits: 128, ..Floor::default() };
    complete(mutual_pair(P256, P256, |policy| policy.floor = floor, |policy| policy.floor = floor));
}

/// The first Finished on the wire, as its receiver decrypts it.
fn with_first_finished((mut client, mut server): (End, End)) -> (End, End, Vec<u8>) {
    let mut first = None;
    run(&mut client, &mut server, |_, wire| {
        if let Wire::Handshake(_, message) = wire
            && message[0] == 20
            && first.is_none()
        {
            first = Some(message[4..].to_vec());
        }
    });
    assert!(agree(&client, &server));
    (client, server, first.unwrap())
}

#[test]
fn tls_unique_is_the_first_finished() {
    for pair in
        [pair(P256, |_| {}, |_| {}), resuming_pair(|_| {}, |_| {}), ticket_pair(false), ticket_pair(true)]
    {
        let (client, server, first) = with_first_finished(pair);
        for end in [client, server] {
            assert_eq!(end.machine.tls_unique().unwrap()[..], first[..]);
        }
    }
}

#[test]
fn tls_exporter_uses_an_empty_context_not_an_absent_one() {
    let (client, server) = complete(pair(P256, |_| {}, |_| {}));
    let binding = client.machine.tls_exporter().unwrap();
    assert_eq!(server.machine.tls_exporter().unwrap(), binding);
    let label = b"EXPORTER-Channel-Binding";
    let mut exported = [0; 32];
    server.machine.export_keying_material(label, Some(b""), &mut exported).unwrap();
    assert_eq!(exported, binding);
    server.machine.export_keying_material(label, None, &mut exported).unwrap();
    assert_ne!(exported, binding);
    // It differs between connections, also with the same session.
    let (again, _) = complete(resuming_pair(|_| {}, |_| {}));
    assert_ne!(again.machine.tls_exporter().unwrap(), binding);
}

#[test]
fn channel_binding_requires_completion_and_extended_master_secret() {
    let (client, _) = pair(P256, |_| {}, |_| {});
    assert_eq!(client.machine.tls_unique(), Err(Misuse::NotComplete));
    assert_eq!(client.machine.tls_exporter(), Err(Misuse::NotComplete));
    let (_, mut server) = pair(P256, |_| {}, |_| {});
    assert!(legacy::client(&mut server, &[], &legacy::old_extensions()).finished);
    assert_eq!(server.machine.tls_unique(), Err(Misuse::NoExtendedMasterSecret));
    assert_eq!(server.machine.tls_exporter(), Err(Misuse::NoExtendedMasterSecret));
    assert!(!security(&server).bound_to_handshake);
}

#[test]
fn session_reports_its_signature_schemes() {
    let (client, _) = complete(pair(RSA, |_| {}, |_| {}));
    let proof = client.saved.unwrap().evidence.server_proof.unwrap();
    assert_eq!(proof.scheme, Some(SignatureScheme::RSA_PSS_RSAE_SHA256));
    assert_eq!(proof.bits(), 112);
}
