//! Raw public keys in place of certificates (RFC 7250).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod support;

use cairn_crypto::KeySpec;
use cairn_handshake::{CertificateChain, ClientAuthentication, Credential, HandshakeErrorKind};
use cairn_wire::{
    AlertDescription, CertificateType, ExtensionType as X, HandshakeType as H, ServerExtension,
};
use std::sync::Arc;
use support::{
    End, agree, certificate_body, credential,
    edit::{body_of, server_hello},
    pair, run, staple,
};

const X509: CertificateType = CertificateType::X509;
const RAW: CertificateType = CertificateType::RAW_PUBLIC_KEY;
const SPKI: &[u8] = b"a SubjectPublicKeyInfo";

fn raw(spec: KeySpec) -> Arc<Credential> {
    let chain = CertificateChain::raw_public_key(SPKI).unwrap();
    Arc::new(Credential { chain, ..Credential::clone(&credential(spec).0) })
}

/// The certificate types that each side has and accepts.
struct Types {
    server_takes: &'static [CertificateType],
    client_takes: &'static [CertificateType],
    client_has: &'static [CertificateType],
    server_shows: CertificateType,
    client_shows: CertificateType,
}

/// Only raw public keys, in both directions.
const BOTH: Types = Types {
    server_takes: &[RAW],
    client_takes: &[RAW],
    client_has: &[RAW],
    server_shows: RAW,
    client_shows: RAW,
};

fn ends(types: &Types, authentication: ClientAuthentication) -> (End, End) {
    let spec = KeySpec::EcP256;
    let (mut client, mut server) = pair(
        spec,
        |client| {
            client.server_certificate_types = types.client_takes.to_vec();
            client.client_certificate_types = types.client_has.to_vec();
        },
        |server| {
            server.client_certificate_types = types.server_takes.to_vec();
            server.client_authentication = authentication;
        },
    );
    let of = |shown| if shown == RAW { raw(spec) } else { credential(spec).0 };
    server.credential = Some(of(types.server_shows));
    client.credential = Some(of(types.client_shows));
    server.peer_key = Some(credential(spec).1);
    (client, server)
}

fn required() -> ClientAuthentication {
    ClientAuthentication::Require { authorities: Vec::new() }
}

fn requested() -> ClientAuthentication {
    ClientAuthentication::Request { authorities: Vec::new() }
}

/// Runs a pair, and returns it with the extensions of ServerHello and the bodies of both Certificate
/// messages.
fn run_and_look(client: &mut End, server: &mut End) -> (Vec<X>, Vec<Vec<u8>>) {
    let (mut types, mut bodies) = (Vec::new(), Vec::new());
    run(client, server, |_, wire| {
        server_hello(wire, |parts| types = parts.types());
        bodies.extend(body_of(wire, H::CERTIFICATE));
    });
    (types, bodies)
}

fn shown(end: &End) -> Option<(CertificateType, Option<Vec<u8>>, usize)> {
    let chain = end.complete.as_ref()?.peer_chain.as_ref()?;
    Some((chain.certificate_type(), chain.as_raw_public_key().map(<[u8]>::to_vec), chain.iter().count()))
}

#[test]
fn both_sides_authenticate_with_raw_public_keys() {
    let (mut client, mut server) = ends(&BOTH, required());
    let (types, bodies) = run_and_look(&mut client, &mut server);
    assert!(agree(&client, &server), "{:?} {:?}", client.log, server.log);
    assert!(types.contains(&X::SERVER_CERTIFICATE_TYPE) && types.contains(&X::CLIENT_CERTIFICATE_TYPE));
    // RFC 7250 section 3: one key with its length, and no list around it.
    let body = [&[0, 0, 22][..], SPKI].concat();
    assert_eq!(bodies, [body.clone(), body]);
    for end in [&client, &server] {
        assert_eq!(shown(end), Some((RAW, Some(SPKI.to_vec()), 0)));
        let chain = end.complete.as_ref().unwrap().peer_chain.as_ref().unwrap();
        assert_eq!((chain.end_entity(), format!("{chain:?}").contains("raw public key")), (None, true));
    }
}

#[test]
fn certificate_types_are_negotiated_per_direction() {
    let server_raw = Types { server_takes: &[X509], client_has: &[X509], client_shows: X509, ..BOTH };
    let client_raw = Types { client_takes: &[X509], server_shows: X509, ..BOTH };
    for (types, server_is, client_is) in [(server_raw, RAW, X509), (client_raw, X509, RAW)] {
        let (mut client, mut server) = ends(&types, required());
        let (answered, _) = run_and_look(&mut client, &mut server);
        assert!(agree(&client, &server));
        assert_eq!(shown(&client).unwrap().0, server_is);
        assert_eq!(shown(&server).unwrap().0, client_is);
        assert_eq!(answered.contains(&X::SERVER_CERTIFICATE_TYPE), server_is == RAW);
        assert_eq!(answered.contains(&X::CLIENT_CERTIFICATE_TYPE), client_is == RAW);
    }
}

#[test]
fn certificate_type_follows_the_available_credential() {
    let both: &[CertificateType] = &[RAW, X509];
    for shows in [RAW, X509] {
        let types = Types {
            client_takes: both,
            client_has: both,
            server_takes: both,
            server_shows: shows,
            client_shows: RAW,
        };
        let (mut client, mut server) = ends(&types, required());
        let (answered, _) = run_and_look(&mut client, &mut server);
        assert!(agree(&client, &server));
        assert_eq!(shown(&client).unwrap().0, shows);
        // A client that sends the extension gets a response, with X.509 too.
        assert!(answered.contains(&X::SERVER_CERTIFICATE_TYPE));
        assert_eq!(shown(&server).unwrap().0, RAW, "the server's first");
    }
}

#[test]
fn no_shared_certificate_type_is_unsupported_certificate() {
    let client_takes_x509 = Types { client_takes: &[X509], ..BOTH };
    let server_shows_x509 = Types { server_shows: X509, ..BOTH };
    let client_has_x509 = Types { client_has: &[X509], client_shows: X509, ..BOTH };
    let server_takes_x509 = Types { server_takes: &[X509], ..BOTH };
    for types in [client_takes_x509, server_shows_x509, client_has_x509, server_takes_x509] {
        let (mut client, mut server) = ends(&types, required());
        run(&mut client, &mut server, |_, _| {});
        assert_eq!(server.kind(), Some(HandshakeErrorKind::NoSharedCertificateType));
        let alert = AlertDescription::UNSUPPORTED_CERTIFICATE;
        assert_eq!(client.kind(), Some(HandshakeErrorKind::PeerAlert(alert)));
    }
}

#[test]
fn optional_client_certificate_of_an_unsupported_type_is_not_requested() {
    // The client listed no types, so it has X.509 certificates only, which the server does not accept.
    let types = Types { client_has: &[X509], client_shows: X509, ..BOTH };
    let (mut client, mut server) = ends(&types, requested());
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server) && shown(&server).is_none());
    assert!(!server.log.iter().any(|line| line == "send certificate_request"));
    // A client that listed types without a shared one is refused (RFC 7250 section 4.2).
    let types = Types { server_takes: &[X509], ..BOTH };
    let (mut client, mut server) = ends(&types, requested());
    run(&mut client, &mut server, |_, _| {});
    assert_eq!(server.kind(), Some(HandshakeErrorKind::NoSharedCertificateType));
}

#[test]
fn client_certificate_type_is_omitted_without_certificate_request() {
    let (mut client, mut server) = ends(&BOTH, ClientAuthentication::None);
    let (types, _) = run_and_look(&mut client, &mut server);
    assert!(agree(&client, &server));
    assert!(types.contains(&X::SERVER_CERTIFICATE_TYPE) && !types.contains(&X::CLIENT_CERTIFICATE_TYPE));
}

#[test]
fn client_without_raw_public_key_sends_an_empty_certificate_message() {
    for chosen in [None, Some(credential(KeySpec::EcP256).0)] {
        // No key, or a certificate in place of the requested key.
        let (mut client, mut server) = ends(&BOTH, requested());
        client.credential = chosen;
        let (_, bodies) = run_and_look(&mut client, &mut server);
        assert!(agree(&client, &server) && shown(&server).is_none());
        assert_eq!(bodies[1], [0, 0, 0]);
    }
}

#[test]
fn server_without_the_extension_sends_x509() {
    let (mut client, mut server) = ends(&BOTH, ClientAuthentication::None);
    run(&mut client, &mut server, |_, wire| {
        server_hello(wire, |parts| parts.remove(X::SERVER_CERTIFICATE_TYPE));
    });
    assert_eq!(client.kind(), Some(HandshakeErrorKind::NoSharedCertificateType));
}

#[test]
fn client_rejects_unoffered_certificate_type() {
    for chosen in [ServerExtension::ServerCertificateType(X509), ServerExtension::ClientCertificateType(X509)]
    {
        let (mut client, mut server) = ends(&BOTH, required());
        run(&mut client, &mut server, |_, wire| {
            server_hello(wire, |parts| {
                parts.remove(chosen.extension_type());
                parts.extensions.push(chosen);
            });
        });
        assert_eq!(client.kind(), Some(HandshakeErrorKind::CertificateTypeNotOffered(X509)));
    }
}

#[test]
fn empty_raw_public_key_of_a_server_is_rejected() {
    let (mut client, mut server) = ends(&BOTH, ClientAuthentication::None);
    run(&mut client, &mut server, |_, wire| {
        support::edit::body(wire, H::CERTIFICATE, |body| *body = vec![0, 0, 0]);
    });
    assert_eq!(client.kind(), Some(HandshakeErrorKind::EmptyCertificateList));
    let (mut client, mut server) = ends(&BOTH, ClientAuthentication::None);
    run(&mut client, &mut server, |_, wire| support::edit::body(wire, H::CERTIFICATE, |body| body.push(0)));
    assert!(matches!(client.kind(), Some(HandshakeErrorKind::Decode(_))), "{:?}", client.kind());
}

#[test]
fn raw_public_key_has_no_certificate_status() {
    let (mut client, mut server) = ends(&BOTH, ClientAuthentication::None);
    staple(&mut server);
    let (types, _) = run_and_look(&mut client, &mut server);
    assert!(agree(&client, &server) && client.stapled.unwrap().is_empty());
    assert!(!types.contains(&X::STATUS_REQUEST) && !types.contains(&X::SIGNED_CERTIFICATE_TIMESTAMP));
}

#[test]
fn session_is_resumed_only_if_its_certificate_type_is_still_accepted() {
    let (mut client, mut server) = ends(&BOTH, required());
    run(&mut client, &mut server, |_, _| {});
    let (ours, theirs) = (client.saved.unwrap(), server.saved.unwrap());
    assert_eq!(theirs.peer_chain.as_ref().unwrap().as_raw_public_key(), Some(SPKI));

    let both: &[CertificateType] = &[X509, RAW];
    let taking_both = Types { server_takes: both, client_takes: both, client_has: both, ..BOTH };
    for (types, resumes) in [
        (BOTH, true),
        (taking_both, true),
        (Types { client_takes: &[X509], server_shows: X509, ..BOTH }, false),
        (Types { server_takes: &[X509], client_has: both, client_shows: X509, ..BOTH }, false),
    ] {
        let (mut client, mut server) = ends(&types, required());
        (client.session, server.session) = (Some(ours.clone()), Some(theirs.clone()));
        let (answered, _) = run_and_look(&mut client, &mut server);
        assert!(agree(&client, &server), "{:?} {:?}", client.log, server.log);
        assert_eq!(client.complete.as_ref().unwrap().is_resumed(), resumes);
        if resumes {
            assert!(!answered.contains(&X::SERVER_CERTIFICATE_TYPE));
            assert_eq!(shown(&client), Some((RAW, Some(SPKI.to_vec()), 0)));
        }
    }
}

#[test]
fn raw_public_key_differs_from_a_certificate_of_the_same_bytes() {
    let spki = [0, 0, 2, 7, 7];
    let raw = CertificateChain::raw_public_key(&spki).unwrap();
    let certificate = CertificateChain::new(&[&[7, 7]]).unwrap();
    assert_eq!(certificate_body(&raw), certificate_body(&certificate));
    assert_ne!(raw, certificate);
    assert_eq!((raw.iter().count(), raw.as_raw_public_key()), (0, Some(&spki[..])));
    assert_eq!((certificate.iter().count(), certificate.as_raw_public_key()), (1, None));
    assert!(CertificateChain::raw_public_key(b"").is_err());
}

#[test]
fn policy_with_unknown_certificate_type_is_rejected() {
    for types in [vec![], vec![CertificateType::OPEN_PGP], vec![X509, CertificateType(9)]] {
        let mut policy = support::client_policy();
        policy.server_certificate_types = types.clone();
        assert!(policy.check().unwrap_err().to_string().starts_with("certificate types"));
        let mut policy = support::server_policy();
        policy.client_certificate_types = types;
        assert!(policy.check().unwrap_err().to_string().starts_with("certificate types"));
    }
}
