//! Raw public keys in place of certificates (RFC 7250).

use crate::faults::expect;
use crate::support::{
    Kind, Pair, SetClock, client, client_identity, provider, roots, server, server_identity,
};
use cairn_tls::{
    ClientAuthentication, ClientConfigBuilder, ConfigError, PeerProof, Question, ServerConfigBuilder,
    ServerName, session,
    x509::{Roots, issue::Identity, pem, raw_key},
};
use std::sync::Arc;

fn spki(identity: &Identity) -> Vec<u8> {
    raw_key::encode(identity.signing_key().public_key()).unwrap()
}

fn bare_client() -> ClientConfigBuilder {
    crate::support::tls12_client(provider().clone()).clock(SetClock::new())
}

fn bare_server() -> ServerConfigBuilder {
    crate::support::tls12_server(provider().clone()).clock(SetClock::new())
}

/// A client that knows the server by its key.
fn trusting(kind: Kind) -> ClientConfigBuilder {
    bare_client().trust_raw_public_key(&spki(server_identity(kind))).unwrap()
}

/// A server with a key and no certificate.
fn showing(kind: Kind) -> ServerConfigBuilder {
    bare_server().raw_public_key(server_identity(kind).signing_key().clone()).unwrap()
}

#[test]
fn server_authenticates_with_a_raw_public_key() {
    for kind in [Kind::P256, Kind::Ed25519, Kind::Rsa] {
        let (client, server) = (trusting(kind).build().unwrap(), showing(kind).build().unwrap());
        let pair = Pair::ready(&client, &server);
        let chain = pair.client.summary().peer_chain.as_ref().unwrap();
        assert_eq!(chain.as_raw_public_key(), Some(&spki(server_identity(kind))[..]));
        assert!(chain.end_entity().is_none());
        let again = Pair::ready(&client, &server);
        let summary = again.client.summary();
        assert!(summary.is_resumed() && summary.peer_chain.as_ref().unwrap().as_raw_public_key().is_some());
    }
}

#[test]
fn both_sides_authenticate_with_raw_public_keys_also_with_tickets() {
    let known = spki(client_identity(Kind::P256));
    let client = trusting(Kind::P256).raw_public_key(client_identity(Kind::P256).signing_key().clone());
    let client = client.unwrap().build().unwrap();
    let server = showing(Kind::P256)
        .require_client_certificates(Roots::new())
        .trust_client_raw_public_key(&known)
        .unwrap()
        .own_tickets()
        .build()
        .unwrap();
    for resumed in [false, true] {
        let pair = Pair::ready(&client, &server);
        let summary = pair.server.summary();
        assert_eq!(summary.is_resumed(), resumed);
        assert_eq!(summary.peer_chain.as_ref().unwrap().as_raw_public_key(), Some(&known[..]));
    }
}

#[test]
fn raw_public_key_bound_to_a_name_is_accepted_only_for_it() {
    let key = spki(server_identity(Kind::P256));
    let bound = |name: &str| {
        let name = ServerName::parse(name).unwrap();
        bare_client().trust_raw_public_key_for(&name, &key).unwrap()
    };
    let here = Pair::ready(&bound("server.test").build().unwrap(), &showing(Kind::P256).build().unwrap());
    let security = here.client.summary().security();
    assert_eq!(security.peer, PeerProof::RawPublicKey);
    assert!(security.peer.is_authenticated());
    expect(
        bound("other.test"),
        showing(Kind::P256),
        "Us in VerifyingPeer, certificate_unknown, RFC 7250 section 6: Certificate(UnknownKey)",
        "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: PeerAlert(certificate_unknown)",
    );
}

#[test]
fn untrusted_raw_public_key_is_rejected() {
    expect(
        trusting(Kind::P384),
        showing(Kind::P256),
        "Us in VerifyingPeer, certificate_unknown, RFC 7250 section 6: Certificate(UnknownKey)",
        "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: PeerAlert(certificate_unknown)",
    );
    // The key that was sent must be the one that signs.
    let chain = cairn_tls::CertificateChain::raw_public_key(&spki(server_identity(Kind::P256))).unwrap();
    let thief = cairn_tls::Credential::new(chain, client_identity(Kind::P256).signing_key().clone());
    expect(
        trusting(Kind::P256),
        bare_server().credential_value(Arc::new(thief)).unwrap(),
        "Us in VerifyingPeer, decrypt_error, RFC 5246 section 4.7: BadSignature",
        "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: PeerAlert(decrypt_error)",
    );
}

#[test]
fn server_with_certificates_and_client_with_raw_keys_have_no_shared_type() {
    let at_client =
        "Peer in AwaitServerHello, no alert, RFC 5246 section 7.2.2: PeerAlert(unsupported_certificate)";
    let at_server =
        "Us in ChoosingCredential, unsupported_certificate, RFC 7250 section 4.2: NoSharedCertificateType";
    expect(trusting(Kind::P256), server(Kind::P256), at_client, at_server);
    expect(client(), showing(Kind::P256), at_client, at_server);
}

#[test]
fn client_that_accepts_both_types_gets_the_available_one() {
    let both = client().trust_raw_public_key(&spki(server_identity(Kind::P256))).unwrap().build().unwrap();
    let by_key = Pair::ready(&both, &showing(Kind::P256).build().unwrap());
    assert!(by_key.client.summary().peer_chain.as_ref().unwrap().as_raw_public_key().is_some());
    let by_certificate = Pair::ready(&both, &server(Kind::P384).build().unwrap());
    assert!(by_certificate.client.summary().peer_chain.as_ref().unwrap().end_entity().is_some());
    // A server with both types sends each client one that it accepts.
    let server = server(Kind::P256).raw_public_key(server_identity(Kind::P256).signing_key().clone());
    let server = server.unwrap().build().unwrap();
    Pair::ready(&client().build().unwrap(), &server);
    Pair::ready(&trusting(Kind::P256).build().unwrap(), &server);
}

#[test]
fn raw_public_key_session_is_not_resumed_if_only_x509_is_accepted() {
    let store = Arc::new(session::ServerCache::new(16));
    let with =
        |builder: ServerConfigBuilder| builder.sessions(store.clone()).context_id(b"one").build().unwrap();
    let known = spki(client_identity(Kind::P256));
    let key = client_identity(Kind::P256).signing_key().clone();
    let identity = client_identity(Kind::P256);
    let chain: Vec<&[u8]> = identity.chain().collect();
    // It prefers its raw public key, and has a certificate too.
    let client = trusting(Kind::P256).raw_public_key(key.clone()).unwrap().credential(&chain, key).unwrap();
    let client = client.build().unwrap();
    let by_key = with(
        showing(Kind::P256)
            .require_client_certificates(Roots::new())
            .trust_client_raw_public_key(&known)
            .unwrap(),
    );
    let by_certificate = with(showing(Kind::P256).require_client_certificates(roots()));
    let first = Pair::ready(&client, &by_key);
    assert!(first.server.summary().peer_chain.as_ref().unwrap().as_raw_public_key().is_some());
    let second = Pair::ready(&client, &by_certificate);
    assert!(!second.server.summary().is_resumed());
    assert!(second.server.summary().peer_chain.as_ref().unwrap().end_entity().is_some());
}

#[test]
fn caller_that_verifies_raw_keys_gets_them_with_the_question() {
    let client = bare_client().ask_for_verification().accept_raw_public_keys().build().unwrap();
    let mut pair = Pair::new(&client, &showing(Kind::P256).build().unwrap());
    pair.run();
    assert!(pair.client.asked.is_some());
    let (_, Question::VerifyPeer(verify)) = pair.client.conn.question().unwrap() else { panic!() };
    assert_eq!(verify.chain.as_raw_public_key(), Some(&spki(server_identity(Kind::P256))[..]));
    // Without verification, for diagnosis.
    let anyone = bare_client().danger_accept_any_certificate().accept_raw_public_keys().build().unwrap();
    Pair::ready(&anyone, &showing(Kind::P256).build().unwrap());
}

#[test]
fn raw_public_keys_can_be_loaded_from_files() {
    let identity = server_identity(Kind::P256);
    let public = pem::encode_public_key(&spki(identity));
    let client = bare_client().trust_raw_public_keys_pem(public.as_bytes()).unwrap().build().unwrap();
    let server = bare_server().raw_public_key_pem(identity.key().to_pem().as_bytes()).unwrap();
    Pair::ready(&client, &server.build().unwrap());
}

#[test]
fn inconsistent_configurations_are_rejected() {
    #[track_caller]
    fn refused<T: core::fmt::Debug>(result: Result<T, ConfigError>, words: &str) {
        let error = result.unwrap_err().to_string();
        assert!(error.starts_with(words), "{error}");
    }
    let key = spki(server_identity(Kind::P256));
    refused(
        bare_client().trust_raw_public_key(b"no key"),
        "certificate chain: a certificate is not well-formed",
    );
    refused(
        bare_client().trust_raw_public_keys_pem(b"none"),
        "certificate or key file: there is no public key",
    );
    refused(client().accept_raw_public_keys().build(), "raw public keys are to be accepted");
    refused(trusting(Kind::P256).ask_for_verification().build(), "roots are given");
    let server = || server(Kind::P256).trust_client_raw_public_key(&key).unwrap();
    let asked = server().ask_for_client_verification(ClientAuthentication::Request { authorities: vec![] });
    refused(asked.build(), "roots are given");
    refused(
        showing(Kind::P256).accept_client_raw_public_keys().build(),
        "raw public keys are to be accepted",
    );
    refused(showing(Kind::P256).ocsp_response(b""), "certificate chain: there is no certificate");
}
