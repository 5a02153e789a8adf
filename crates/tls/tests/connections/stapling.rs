//! OCSP responses that come with the certificate.

use crate::faults::expect;
use crate::support::{
    Kind, LATER, NOW, Pair, SetClock, authority, client, provider, server, server_identity,
};
use cairn_tls::{
    Answer, ClientConfig, ConfigError, PeerKey, Question, ServerConfigBuilder, Stapling, session,
    x509::{
        OcspError,
        issue::{Identity, OcspTemplate, Template},
        ocsp::State,
    },
};
use std::sync::Arc;

fn response(state: State, identity: &Identity) -> Vec<u8> {
    let template = OcspTemplate::new(state, NOW - 10, Some(NOW + 10));
    template.sign(provider(), identity.certificate(), authority(), authority()).unwrap()
}

fn stapling(state: State) -> ServerConfigBuilder {
    server(Kind::P256).ocsp_response(&response(state, server_identity(Kind::P256))).unwrap()
}

#[test]
fn good_ocsp_response_is_requested_checked_and_reported() {
    for how in [Stapling::Check, Stapling::Require] {
        let response = response(State::Good, server_identity(Kind::P256));
        let server = server(Kind::P256).ocsp_response(&response).unwrap().build().unwrap();
        let pair = Pair::ready(&client().stapling(how).build().unwrap(), &server);
        assert_eq!(pair.client.summary().stapled().unwrap().ocsp_response, Some(response), "{how:?}");
        assert!(pair.server.summary().stapled().is_none());
    }
}

#[test]
fn client_that_ignores_stapling_does_not_request_it() {
    let client = client().stapling(Stapling::Ignore).build().unwrap();
    let pair = Pair::ready(&client, &stapling(State::Revoked { since: 5 }).build().unwrap());
    assert!(pair.client.summary().stapled().unwrap().is_empty());
}

#[test]
fn invalid_ocsp_response_ends_the_handshake() {
    expect(
        client(),
        stapling(State::Revoked { since: 5 }),
        "Us in VerifyingPeer, certificate_revoked, RFC 5280 section 6.1.3: Certificate(Revoked { since: 5 })",
        "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: PeerAlert(certificate_revoked)",
    );
    expect(
        client(),
        stapling(State::Unknown),
        "Us in VerifyingPeer, bad_certificate_status_response, RFC 6960 section 2.2: \
         Certificate(Ocsp(UnknownCertificate))",
        "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: \
         PeerAlert(bad_certificate_status_response)",
    );
}

#[test]
fn missing_required_ocsp_response_ends_the_handshake() {
    let peer = "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: \
                PeerAlert(bad_certificate_status_response)";
    expect(
        client().stapling(Stapling::Require),
        server(Kind::P256),
        "Us in VerifyingPeer, bad_certificate_status_response, RFC 6066 section 8: \
         Certificate(Ocsp(Missing))",
        peer,
    );
    let template = Template::server("server").dns("server.test").valid(0, LATER).must_staple();
    let identity = template.issue(provider(), Kind::P256.spec(), authority()).unwrap();
    let showing = || {
        let chain: Vec<&[u8]> = identity.chain().collect();
        let builder = crate::support::tls12_server(provider().clone()).clock(SetClock::new());
        builder.credential(&chain, identity.signing_key().clone()).unwrap()
    };
    expect(
        client(),
        showing(),
        "Us in VerifyingPeer, bad_certificate_status_response, RFC 7633 section 4: \
         Certificate(Ocsp(MissingButPromised))",
        peer,
    );
    let stapled = showing().ocsp_response(&response(State::Good, &identity)).unwrap();
    Pair::ready(&client().build().unwrap(), &stapled.build().unwrap());
}

#[test]
fn resumption_needs_no_ocsp_response() {
    let store = Arc::new(session::ClientCache::new(4));
    let client = client().stapling(Stapling::Require).sessions(store).build().unwrap();
    let server = stapling(State::Good).build().unwrap();
    Pair::ready(&client, &server);
    let again = Pair::ready(&client, &server);
    assert!(again.client.summary().is_resumed() && again.client.summary().stapled().unwrap().is_empty());
}

#[test]
fn caller_that_verifies_chains_gets_the_ocsp_response() {
    let builder = || crate::support::tls12_client(provider().clone()).clock(SetClock::new());
    let client = builder().ask_for_verification().build().unwrap();
    let server = stapling(State::Revoked { since: 5 }).build().unwrap();
    let mut pair = Pair::new(&client, &server);
    pair.run();
    let id = pair.client.asked.take().unwrap();
    let (_, Question::VerifyPeer(verify)) = pair.client.conn.question().unwrap() else { panic!() };
    let stapled = verify.stapled.ocsp_response.as_deref().unwrap();
    let statements = cairn_tls::x509::ocsp::statements(stapled).unwrap();
    assert_eq!(statements[0].state, State::Revoked { since: 5 });
    // The caller decides; here it accepts the response.
    let key = server_identity(Kind::P256).signing_key().public_key().clone();
    let answer = Answer::PeerVerified(
        PeerKey { public_key: key, may_sign: true, may_encrypt: true, only_scheme: None }.into(),
    );
    pair.client.conn.answer(id, answer, &mut pair.client.outbox).unwrap();
    pair.client.take(&[]);
    pair.run();
    assert!(pair.complete());
}

#[test]
fn timestamps_are_sent_only_on_request() {
    let server = server(Kind::P256).certificate_timestamps(&[b"one", b"another"]).unwrap().build().unwrap();
    let asks = client().ask_for_certificate_timestamps().build().unwrap();
    let pair = Pair::ready(&asks, &server);
    let came = &pair.client.summary().stapled().unwrap().signed_certificate_timestamps;
    assert_eq!(came[..], [b"one".to_vec(), b"another".to_vec()]);
    assert!(Pair::ready(&asks, &server).client.summary().stapled().unwrap().is_empty(), "a resumed session");
    let silent = Pair::ready(&client().build().unwrap(), &server);
    assert!(silent.client.summary().stapled().unwrap().is_empty());
}

#[test]
fn inconsistent_configurations_are_rejected() {
    fn refused<T: core::fmt::Debug>(result: Result<T, ConfigError>) -> String {
        result.unwrap_err().to_string()
    }
    let builder = || crate::support::tls12_client(provider().clone()).clock(SetClock::new());
    for unchecked in [builder().ask_for_verification(), builder().danger_accept_any_certificate()] {
        let error = refused(unchecked.stapling(Stapling::Require).build());
        assert!(error.starts_with("OCSP responses are required"), "{error}");
    }
    let good = response(State::Good, server_identity(Kind::P256));
    let nothing = crate::support::tls12_server(provider().clone());
    assert!(refused(nothing.ocsp_response(&good)).starts_with("a server needs a certificate"));
    let error = server(Kind::Rsa).ocsp_response(&good).unwrap_err();
    assert!(matches!(error, ConfigError::Ocsp(OcspError::OtherCertificate)), "{error}");
    let words = |length: usize| {
        format!(
            "the signed certificate timestamps have {length} bytes, expected at most 65535, and none empty \
             (RFC 6962 section 3.3)"
        )
    };
    assert_eq!(refused(server(Kind::P256).certificate_timestamps(&[b""])), words(2));
    let long = [7; 0x8000];
    assert_eq!(refused(server(Kind::P256).certificate_timestamps(&[&long, &long])), words(65_540));
    assert_eq!(
        refused(server(Kind::P256).ocsp_response(b"no DER")),
        "OCSP response to staple: the OCSP response is not well-formed"
    );
}

#[test]
fn client_that_cannot_receive_certificates_sends_no_status_request() {
    let client = crate::support::tls12_client(provider().clone()).clock(SetClock::new());
    let client = client.psk(b"client", &[7; 16]).unwrap().build().unwrap();
    assert!(!client.policy().status_request);
}

#[test]
fn required_ocsp_response_without_verification_is_a_configuration_error() {
    use crate::support::{name, roots};
    let required = || client().stapling(Stapling::Require);
    let unchecked = |result: Result<ClientConfig, ConfigError>| {
        assert!(matches!(result, Err(ConfigError::StaplingUnchecked)), "{result:?}");
    };
    let bare = || crate::support::tls12_client(provider().clone()).clock(SetClock::new());
    unchecked(bare().ask_for_verification().stapling(Stapling::Require).build());
    unchecked(bare().danger_accept_any_certificate().stapling(Stapling::Require).build());
    unchecked(required().build().unwrap().with_verification_asked());
    let key = cairn_tls::x509::raw_key::encode(server_identity(Kind::P256).signing_key().public_key());
    unchecked(required().trust_raw_public_key(&key.clone().unwrap()).unwrap().build());
    unchecked(required().trust_raw_public_key_for(&name(), &key.unwrap()).unwrap().build());
    assert!(bare().trust(roots()).stapling(Stapling::Require).build().is_ok());
}

#[test]
fn crls_without_verification_are_a_configuration_error() {
    use cairn_tls::x509::{CrlPolicy, Crls};
    let crls = |builder: cairn_tls::ClientConfigBuilder| builder.crls(Crls::new(), CrlPolicy::default());
    let bare = || crate::support::tls12_client(provider().clone()).clock(SetClock::new());
    for config in [
        crls(bare().ask_for_verification()).build(),
        crls(bare().danger_accept_any_certificate()).build(),
        crls(client()).build().unwrap().with_verification_asked(),
    ] {
        assert!(matches!(config, Err(ConfigError::CrlsUnchecked)), "{config:?}");
    }
    let server = server(Kind::P256).client_crls(Crls::new(), CrlPolicy::default()).build();
    assert!(matches!(server, Err(ConfigError::CrlsUnchecked)), "{server:?}");
    // By default, either side rejects a certificate that no CRL covers.
    expect(
        crls(client()),
        crate::support::server(Kind::P256),
        "Us in VerifyingPeer, certificate_unknown, RFC 5280 section 6.3: Certificate(Crl(Missing))",
        "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: PeerAlert(certificate_unknown)",
    );
}
