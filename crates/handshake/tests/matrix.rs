//! Every combination completes: suite, group, credential, signature scheme, client authentication,
//! resumption.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod support;

use cairn_crypto::KeySpec;
use cairn_handshake::{ClientAuthentication, ClientPolicy, Policy, ServerPolicy, SuiteOrder};
use cairn_schedule::{Authentication, Tls12Suite};
use cairn_wire::{AlertDescription, CipherSuite, NamedGroup, SignatureScheme};
use support::{KEY_SPECS, Wire, agree, credential, modern_suites, mutual_pair, pair, provider, run};

fn suites_for(spec: KeySpec) -> impl Iterator<Item = &'static Tls12Suite> {
    let rsa = matches!(spec, KeySpec::Rsa { .. });
    modern_suites().filter(move |suite| (suite.authentication == Authentication::Rsa) == rsa)
}

/// The groups that a client must list for the key exchange of a suite and for the curve of the certificate.
fn groups(exchange: NamedGroup, spec: KeySpec) -> Vec<NamedGroup> {
    let mut groups = vec![exchange];
    let curve = match spec {
        KeySpec::EcP256 => NamedGroup::SECP256R1,
        KeySpec::EcP384 => NamedGroup::SECP384R1,
        KeySpec::EcP521 => NamedGroup::SECP521R1,
        _ => return groups,
    };
    if curve != exchange {
        groups.push(curve);
    }
    groups
}

#[test]
fn every_suite_group_credential_and_scheme_completes_and_is_resumed() {
    let mut count = 0;
    for spec in KEY_SPECS {
        for suite in suites_for(spec) {
            // The groups of the preset are those for ECDHE.
            for group in ClientPolicy::tls12_only(Policy::Modern, provider()).groups {
                for scheme in credential(spec).0.schemes.clone() {
                    let limit = |client: &mut ClientPolicy| {
                        client.tls12.suites = vec![suite];
                        client.groups = groups(group, spec);
                        client.signature_schemes = vec![scheme];
                    };
                    let only = |server: &mut ServerPolicy| server.groups = vec![group];
                    let what = format!("{spec:?}, {}, {group}, {scheme}", suite.id);

                    let (mut client, mut server) = pair(spec, limit, only);
                    run(&mut client, &mut server, |_, _| {});
                    assert!(agree(&client, &server), "{what}: {:?} {:?}", client.log, server.log);
                    let summary = client.complete.unwrap();
                    assert_eq!(
                        (
                            summary.suite().id(),
                            summary.group(),
                            summary.server_signature_scheme(),
                            summary.is_resumed()
                        ),
                        (suite.id, Some(group), Some(scheme), false),
                        "{what}"
                    );

                    let (ours, theirs) = (client.saved.unwrap(), server.saved.unwrap());
                    let (mut client, mut server) = pair(spec, limit, only);
                    (client.session, server.session) = (Some(ours), Some(theirs));
                    run(&mut client, &mut server, |_, _| {});
                    assert!(agree(&client, &server), "{what}, resumed: {:?} {:?}", client.log, server.log);
                    let summary = client.complete.unwrap();
                    assert!(summary.is_resumed(), "{what}");
                    assert_eq!((summary.suite().id(), summary.group()), (suite.id, None), "{what}");
                    assert_eq!(summary.peer_chain.unwrap().iter().count(), 2, "{what}");
                    count += 1;
                }
            }
        }
    }
    assert!(count >= 100, "{count}");
}

#[test]
fn every_client_credential_and_scheme_is_accepted_with_every_server_credential() {
    for spec in KEY_SPECS {
        for client_spec in KEY_SPECS {
            for scheme in credential(client_spec).0.schemes.clone() {
                for suite in suites_for(spec) {
                    let what = format!("{spec:?}, {}, {client_spec:?}, {scheme}", suite.id);
                    let (mut client, mut server) = mutual_pair(
                        spec,
                        client_spec,
                        |client| client.tls12.suites = vec![suite],
                        |server| server.signature_schemes = vec![scheme],
                    );
                    run(&mut client, &mut server, |_, _| {});
                    assert!(agree(&client, &server), "{what}: {:?} {:?}", client.log, server.log);
                    assert_eq!(client.complete.unwrap().client_signature_scheme(), Some(scheme), "{what}");
                    let summary = server.complete.unwrap();
                    assert_eq!(summary.peer_chain.unwrap().end_entity(), Some(&b"end entity"[..]), "{what}");

                    // The session has the client's identity, also if the server no longer requests it.
                    let (ours, theirs) = (client.saved.unwrap(), server.saved.unwrap());
                    let (mut client, mut server) =
                        mutual_pair(spec, client_spec, |client| client.tls12.suites = vec![suite], |_| {});
                    (client.session, server.session) = (Some(ours), Some(theirs));
                    run(&mut client, &mut server, |_, _| {});
                    assert!(agree(&client, &server), "{what}, resumed");
                    let summary = server.complete.unwrap();
                    assert!(summary.is_resumed() && summary.peer_chain.is_some(), "{what}");
                    assert_eq!(summary.client_signature_scheme(), None, "{what}");
                }
            }
        }
    }
}

#[test]
fn client_credential_that_the_request_does_not_permit_is_not_sent() {
    let authentication = || ClientAuthentication::Request { authorities: Vec::new() };
    for (spec, schemes) in [
        (KeySpec::EcP256, vec![SignatureScheme::RSA_PKCS1_SHA256]),
        (KeySpec::Rsa { bits: 2048 }, vec![SignatureScheme::ECDSA_SECP256R1_SHA256]),
        (KeySpec::Ed25519, vec![SignatureScheme::ECDSA_SECP256R1_SHA256]),
    ] {
        let (mut client, mut server) = mutual_pair(
            KeySpec::EcP256,
            spec,
            |_| {},
            |server| {
                server.client_authentication = authentication();
                server.signature_schemes = schemes;
            },
        );
        run(&mut client, &mut server, |_, _| {});
        assert!(agree(&client, &server), "{spec:?}");
        assert!(server.complete.unwrap().peer_chain.is_none(), "{spec:?}");
    }
    // A client may sign with schemes that it does not accept.
    let accepts = vec![SignatureScheme::ECDSA_SECP256R1_SHA256];
    let (mut client, mut server) =
        mutual_pair(KeySpec::EcP256, KeySpec::Ed25519, |client| client.signature_schemes = accepts, |_| {});
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
    assert_eq!(server.complete.unwrap().client_signature_scheme(), Some(SignatureScheme::ED25519));
}

#[test]
fn client_without_a_requested_certificate_type_sends_an_empty_certificate() {
    let (mut client, mut server) = mutual_pair(KeySpec::EcP256, KeySpec::EcP256, |_| {}, |_| {});
    let mut types = None;
    run(&mut client, &mut server, |_, wire| {
        support::edit::body(wire, cairn_wire::HandshakeType::CERTIFICATE_REQUEST, |body| {
            types = Some(body[..3].to_vec());
            // Only rsa_sign, and an unknown type.
            body[1..3].copy_from_slice(&[1, 77]);
        });
    });
    assert_eq!(types.unwrap(), [2, 64, 1]);
    assert!(client.log.iter().any(|line| line == "send certificate"));
    assert!(!client.log.iter().any(|line| line == "send certificate_verify"));
}

#[test]
fn suite_is_chosen_in_the_order_of_the_configured_side() {
    use CipherSuite as S;
    const CHACHA: CipherSuite = S::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;
    let by_id =
        |ids: &[CipherSuite]| ids.iter().map(|id| cairn_schedule::suite(*id).unwrap()).collect::<Vec<_>>();
    let (aes128, aes256) =
        (S::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, S::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384);
    for (order, theirs, chosen) in [
        (SuiteOrder::Server, vec![aes256, aes128, CHACHA], aes128),
        (SuiteOrder::Server, vec![CHACHA, aes256, aes128], CHACHA),
        (SuiteOrder::Server, vec![aes256, CHACHA], aes256),
        (SuiteOrder::Client, vec![aes256, aes128, CHACHA], aes256),
        (SuiteOrder::Client, vec![CHACHA, aes256], CHACHA),
    ] {
        let (mut client, mut server) = pair(
            KeySpec::EcP256,
            |client| client.tls12.suites = by_id(&theirs),
            |server| server.suite_order = order,
        );
        run(&mut client, &mut server, |_, _| {});
        assert_eq!(client.complete.unwrap().suite().id(), chosen, "{order:?}, {theirs:?}");
    }
}

#[test]
fn handshake_completes_with_any_fragmentation() {
    for size in [1, 2, 3, 5, 64, usize::MAX] {
        let (mut client, mut server) = mutual_pair(KeySpec::EcP256, KeySpec::EcP256, |_| {}, |_| {});
        server.start();
        client.start();
        loop {
            let (wire, to) = match (client.out.pop_front(), server.out.front()) {
                (Some(wire), _) => (wire, &mut server),
                (None, Some(_)) => (server.out.pop_front().unwrap(), &mut client),
                (None, None) => break,
            };
            match wire {
                Wire::Handshake(epoch, bytes) => {
                    for piece in bytes.chunks(size) {
                        to.receive(&Wire::Handshake(epoch, piece.to_vec()));
                    }
                    assert!(to.joiner.is_empty());
                }
                other => to.receive(&other),
            }
        }
        assert!(agree(&client, &server), "pieces of {size}");
    }
}

#[test]
fn bytes_after_a_question_in_the_same_fragment_are_stored() {
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    server.start();
    client.start();
    let Wire::Handshake(epoch, mut both) = client.out.pop_front().unwrap() else { panic!("no hello") };
    // A second message in the fragment of ClientHello, which is unexpected.
    both.extend([14, 0, 0, 0]);
    server.receive(&Wire::Handshake(epoch, both));
    assert_eq!(server.error().unwrap().alert(), Some(AlertDescription::UNEXPECTED_MESSAGE));
    assert_eq!(server.error().unwrap().state, "AwaitClientKeyExchange");
}
