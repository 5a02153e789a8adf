//! Connections with delegated credentials (RFC 9345), whose certificates and clocks are real.

use crate::support::{
    self, LATER, NOW, Pair, SetClock, authority, client_provider, provider, roots, server_provider,
};
use cairn_crypto::{KeySpec, PrivateKeyDer, SigningKey};
use cairn_tls::{
    CertificateError, CertificateWithheld, ChainError, ClientConfig, ClientConfigBuilder, ConfigError,
    Connection, ErrorKind, PeerProof, Question, ServerConfig, ServerConfigBuilder, Stapling, Versions,
    session::ServerCache,
    wire::{AlertDescription, SignatureScheme},
    x509::{
        DelegationError, Holder,
        delegated_credential::{Delegation, MAX_VALIDITY},
        issue::{Identity, OcspTemplate, Template},
        ocsp::State,
    },
};
use std::sync::{Arc, OnceLock};

/// A client that speaks both versions.
fn client() -> ClientConfigBuilder {
    support::client().versions(Versions::Both)
}

/// A server that speaks both versions, without credentials.
fn bare_server() -> ServerConfigBuilder {
    ServerConfig::builder_with(server_provider().clone()).clock(SetClock::new())
}

fn server_identity() -> &'static Identity {
    static MADE: OnceLock<Identity> = OnceLock::new();
    MADE.get_or_init(|| {
        let template = Template::server("server").dns("server.test").valid(1, LATER).delegation_usage();
        template.issue(provider(), KeySpec::EcP256, authority()).unwrap()
    })
}

fn client_identity() -> &'static Identity {
    static MADE: OnceLock<Identity> = OnceLock::new();
    MADE.get_or_init(|| {
        let template = Template::client("client").valid(1, LATER).delegation_usage();
        template.issue(provider(), KeySpec::EcP256, authority()).unwrap()
    })
}

fn new_key(spec: KeySpec) -> Arc<dyn SigningKey> {
    let pkcs8 = provider().keys.generate(spec, &mut provider().rng()).unwrap();
    provider().keys.load(PrivateKeyDer::Pkcs8(pkcs8.expose())).unwrap()
}

/// A delegated credential of this identity at this time, and its key.
fn issued(identity: &Identity, holder: Holder, now: u64, until: u64) -> (Vec<u8>, Arc<dyn SigningKey>) {
    let key = new_key(KeySpec::Ed25519);
    let delegation = Delegation::for_key(holder, &*key, until).unwrap();
    let signer = &**identity.signing_key();
    (delegation.issue(identity.certificate(), signer, provider(), now).unwrap(), key)
}

const DAY: u64 = 86_400;

/// A server with a delegated credential for a day, without the key of its certificate.
fn delegated_server() -> ServerConfigBuilder {
    let (encoded, key) = issued(server_identity(), Holder::Server, NOW, NOW + DAY);
    let chain: Vec<&[u8]> = server_identity().chain().collect();
    bare_server().delegated_credential(&chain, &encoded, key).unwrap()
}

/// As [`delegated_server`], with the key of the certificate for clients that accept nothing else. It is added
/// first.
fn either_server() -> ServerConfigBuilder {
    let (encoded, key) = issued(server_identity(), Holder::Server, NOW, NOW + DAY);
    let chain: Vec<&[u8]> = server_identity().chain().collect();
    bare_server()
        .credential(&chain, server_identity().signing_key().clone())
        .unwrap()
        .delegated_credential(&chain, &encoded, key)
        .unwrap()
}

fn accepting_client() -> ClientConfigBuilder {
    client().accept_delegated_credentials().no_resumption()
}

fn ready(client: ClientConfigBuilder, server: ServerConfigBuilder) -> Pair {
    Pair::ready(&client.build().unwrap(), &server.build().unwrap())
}

fn peer(pair: &Pair) -> PeerProof {
    pair.client.summary().security().peer
}

#[test]
fn server_needs_only_the_key_of_its_delegated_credential() {
    let pair = ready(accepting_client(), delegated_server());
    assert_eq!(peer(&pair), PeerProof::DelegatedCredential);
    let summary = pair.client.summary();
    assert_eq!(summary.server_signature_scheme(), Some(SignatureScheme::ED25519));
    assert_eq!(summary.peer_certificate(), Some(server_identity().certificate()));
    assert_eq!(summary.not_after.map(|until| until.as_secs()), Some(NOW + DAY));
}

#[test]
fn client_that_does_not_accept_delegated_credentials_gets_the_key_of_the_certificate() {
    assert_eq!(peer(&ready(client(), either_server())), PeerProof::Certificate);
    assert_eq!(peer(&ready(accepting_client(), either_server())), PeerProof::DelegatedCredential);
    let other = accepting_client().delegated_credential_schemes(&[SignatureScheme::ECDSA_SECP384R1_SHA384]);
    assert_eq!(peer(&ready(other, either_server())), PeerProof::Certificate);
    // TLS 1.2 has no delegated credentials.
    let tls12 = || accepting_client().versions(Versions::Tls12);
    assert_eq!(peer(&ready(tls12(), either_server())), PeerProof::Certificate);
    for client in [client(), tls12()] {
        let mut pair = Pair::new(&client.build().unwrap(), &delegated_server().build().unwrap());
        pair.run();
        assert!(!pair.complete());
        let alert = pair.server.error.unwrap().alert;
        assert_eq!(alert, Some(AlertDescription::HANDSHAKE_FAILURE));
    }
}

#[test]
fn clients_authenticate_with_delegated_credentials() {
    let mutual = |client: ClientConfigBuilder| {
        let (encoded, key) = issued(client_identity(), Holder::Client, NOW, NOW + DAY);
        let chain: Vec<&[u8]> = client_identity().chain().collect();
        client.delegated_credential(&chain, &encoded, key).unwrap()
    };
    let asking = || either_server().require_client_certificates(roots());
    let pair = ready(mutual(client()), asking().accept_delegated_credentials());
    let summary = pair.server.summary();
    assert_eq!(summary.security().peer, PeerProof::DelegatedCredential);
    assert_eq!(summary.peer_certificate(), Some(client_identity().certificate()));
    assert_eq!(summary.not_after.map(|until| until.as_secs()), Some(NOW + DAY));
    // The server does not accept it.
    let mut pair = Pair::new(&mutual(client()).build().unwrap(), &asking().build().unwrap());
    pair.run();
    assert_eq!(pair.server.error.unwrap().alert, Some(AlertDescription::CERTIFICATE_REQUIRED));
    let withheld = pair.client.conn.reader().certificate_withheld();
    assert_eq!(withheld, Some(CertificateWithheld::DelegatedCredential));
    // The client has the key of the certificate too.
    let chain: Vec<&[u8]> = client_identity().chain().collect();
    let both = mutual(client()).credential(&chain, client_identity().signing_key().clone()).unwrap();
    let pair = ready(both, asking());
    assert_eq!(pair.server.summary().security().peer, PeerProof::Certificate);
}

/// The reason for which the client refuses the server's credential, after both sides' clocks are set.
fn refusal(at: u64) -> (Option<AlertDescription>, ErrorKind) {
    let clock = SetClock::new();
    let client = client().clock(clock.clone()).accept_delegated_credentials().build().unwrap();
    let server = delegated_server().build().unwrap();
    clock.set(at);
    let mut pair = Pair::new(&client, &server);
    pair.run();
    let error = pair.client.error.expect("the client accepts it");
    (error.alert, error.kind)
}

fn invalid(error: DelegationError) -> (Option<AlertDescription>, ErrorKind) {
    let error = ErrorKind::Certificate(ChainError::from(CertificateError::Delegation(error)));
    (Some(AlertDescription::ILLEGAL_PARAMETER), error)
}

#[test]
fn expired_credential_is_illegal_parameter() {
    let until = NOW + DAY;
    let late = until + 1;
    assert_eq!(refusal(late), invalid(DelegationError::Expired { until, now: late }));
}

#[test]
fn credential_that_is_valid_for_more_than_seven_days_is_illegal_parameter() {
    let until = NOW + DAY;
    let early = until - MAX_VALIDITY - 1;
    assert_eq!(refusal(early), invalid(DelegationError::ValidTooLong { until, now: early }));
}

#[test]
fn chain_is_judged_before_the_credential() {
    // The certificate is not valid yet, and so is the credential.
    let (alert, kind) = refusal(0);
    assert_eq!(alert, Some(AlertDescription::CERTIFICATE_EXPIRED));
    let not_yet = CertificateError::NotYetValid { not_before: 1, now: 0 };
    assert!(matches!(kind, ErrorKind::Certificate(error) if error.reason == not_yet), "{kind:?}");
}

/// An OCSP response is about the certificate, whichever key signs.
#[test]
fn ocsp_response_of_the_certificate_is_checked_with_a_delegated_credential() {
    let response = |state| {
        let template = OcspTemplate::new(state, NOW - 10, Some(NOW + 10));
        template.sign(provider(), server_identity().certificate(), authority(), authority()).unwrap()
    };
    let good = response(State::Good);
    let server = delegated_server().ocsp_response(&good).unwrap().build().unwrap();
    for stapling in [Stapling::Check, Stapling::Require] {
        let client = accepting_client().stapling(stapling).build().unwrap();
        let pair = Pair::ready(&client, &server);
        assert_eq!(peer(&pair), PeerProof::DelegatedCredential);
        assert_eq!(pair.client.summary().stapled().unwrap().ocsp_response.as_ref(), Some(&good));
    }
    let revoked = delegated_server().ocsp_response(&response(State::Revoked { since: 5 })).unwrap();
    for (client, server, alert) in [
        (accepting_client(), revoked, AlertDescription::CERTIFICATE_REVOKED),
        (
            accepting_client().stapling(Stapling::Require),
            delegated_server(),
            AlertDescription::BAD_CERTIFICATE_STATUS_RESPONSE,
        ),
    ] {
        let mut pair = Pair::new(&client.build().unwrap(), &server.build().unwrap());
        pair.run();
        assert_eq!(pair.client.error.unwrap().alert, Some(alert));
    }
}

#[test]
fn credential_is_verified_although_the_chain_is_not() {
    let clock = SetClock::new();
    let credulous = || {
        ClientConfig::builder_with(client_provider().clone())
            .versions(Versions::Both)
            .danger_accept_any_certificate()
            .accept_delegated_credentials()
            .clock(clock.clone())
    };
    assert_eq!(peer(&ready(credulous(), delegated_server())), PeerProof::Unchecked);
    let (client, server) = (credulous().build().unwrap(), delegated_server().build().unwrap());
    clock.set(NOW + DAY + 1);
    let mut pair = Pair::new(&client, &server);
    pair.run();
    assert_eq!(pair.client.error.unwrap().alert, Some(AlertDescription::ILLEGAL_PARAMETER));
}

#[test]
fn expired_credential_is_not_presented() {
    let clock = SetClock::new();
    let either = either_server().clock(clock.clone()).build().unwrap();
    let only = delegated_server().clock(clock.clone()).build().unwrap();
    let client = accepting_client().build().unwrap();
    clock.set(NOW + DAY);
    assert_eq!(peer(&Pair::ready(&client, &either)), PeerProof::DelegatedCredential);
    clock.set(NOW + DAY + 1);
    assert_eq!(peer(&Pair::ready(&client, &either)), PeerProof::Certificate);
    let mut pair = Pair::new(&client, &only);
    pair.run();
    assert_eq!(pair.server.error.unwrap().alert, Some(AlertDescription::HANDSHAKE_FAILURE));
}

#[test]
fn client_does_not_present_an_expired_credential() {
    let clock = SetClock::new();
    let (encoded, key) = issued(client_identity(), Holder::Client, NOW, NOW + DAY);
    let chain: Vec<&[u8]> = client_identity().chain().collect();
    let client = client().clock(clock.clone()).delegated_credential(&chain, &encoded, key).unwrap();
    let client = client.build().unwrap();
    let server = either_server().request_client_certificates(roots()).accept_delegated_credentials();
    clock.set(NOW + DAY + 1);
    let pair = Pair::ready(&client, &server.build().unwrap());
    assert_eq!(pair.server.summary().security().peer, PeerProof::None);
    assert_eq!(
        pair.client.conn.reader().certificate_withheld(),
        Some(CertificateWithheld::DelegationExpired)
    );
}

/// The client stores a session of a connection whose credential expires before the certificate.
#[test]
fn session_is_not_resumed_after_the_credential_has_expired() {
    let clock = SetClock::new();
    let client = client().clock(clock.clone()).accept_delegated_credentials().build().unwrap();
    let until = NOW + 60;
    let (encoded, key) = issued(server_identity(), Holder::Server, NOW, until);
    let chain: Vec<&[u8]> = server_identity().chain().collect();
    let server = bare_server()
        .clock(clock.clone())
        .credential(&chain, server_identity().signing_key().clone())
        .unwrap()
        .delegated_credential(&chain, &encoded, key)
        .unwrap()
        .build()
        .unwrap();
    assert!(!Pair::ready(&client, &server).client.summary().is_resumed());
    clock.set(until);
    let resumed = Pair::ready(&client, &server);
    assert!(resumed.client.summary().is_resumed());
    assert_eq!(peer(&resumed), PeerProof::DelegatedCredential);
    clock.set(until + 1);
    let full = Pair::ready(&client, &server);
    assert!(!full.client.summary().is_resumed());
    assert_eq!(peer(&full), PeerProof::Certificate);
}

/// The certificate is the server's identity, whichever key signs.
#[test]
fn sessions_survive_the_replacement_of_the_credential() {
    let store = Arc::new(ServerCache::new(16));
    let config = |builder: ServerConfigBuilder| builder.sessions(store.clone()).build().unwrap();
    let client = client().accept_delegated_credentials().build().unwrap();
    let chain: Vec<&[u8]> = server_identity().chain().collect();
    let own_key = bare_server().credential(&chain, server_identity().signing_key().clone()).unwrap();
    for (server, is_resumed) in [(either_server(), false), (either_server(), true), (own_key, true)] {
        let pair = Pair::ready(&client, &config(server));
        assert_eq!(pair.client.summary().is_resumed(), is_resumed);
        assert_eq!(peer(&pair), PeerProof::DelegatedCredential);
    }
}

#[test]
fn configuration_verifies_its_own_credential() {
    let chain: Vec<&[u8]> = server_identity().chain().collect();
    let build = |encoded: &[u8], key: Arc<dyn SigningKey>, clock: Arc<SetClock>| {
        let builder = bare_server().clock(clock);
        builder.delegated_credential(&chain, encoded, key)?.build().map(|_| ())
    };
    let (encoded, key) = issued(server_identity(), Holder::Server, NOW, NOW + DAY);
    assert!(build(&encoded, key.clone(), SetClock::new()).is_ok());
    let other = build(&encoded, new_key(KeySpec::Ed25519), SetClock::new());
    assert!(matches!(other, Err(ConfigError::DelegatedKeyMismatch)), "{other:?}");
    let kind = build(&encoded, new_key(KeySpec::EcP256), SetClock::new());
    assert!(matches!(kind, Err(ConfigError::NoSuiteForCredentials | ConfigError::DelegatedKeyMismatch)));
    let truncated = build(&encoded[..9], key.clone(), SetClock::new());
    assert!(matches!(truncated, Err(ConfigError::DelegatedCredential(_))), "{truncated:?}");
    let clock = SetClock::new();
    clock.set(NOW + DAY + 1);
    let expired = build(&encoded, key, clock);
    let is_expired = |error: &ConfigError| {
        let ConfigError::Certificate(CertificateError::Delegation(error)) = error else { return false };
        matches!(error, DelegationError::Expired { .. })
    };
    assert!(expired.is_err_and(|error| is_expired(&error)));
    // A credential for clients.
    let (encoded, key) = issued(server_identity(), Holder::Client, NOW, NOW + DAY);
    let role = build(&encoded, key, SetClock::new());
    let is_unsigned = |error: &ConfigError| {
        matches!(error, ConfigError::Certificate(CertificateError::Delegation(DelegationError::BadSignature)))
    };
    assert!(role.is_err_and(|error| is_unsigned(&error)));
}

/// The private key of the credential can be elsewhere too.
#[test]
fn caller_signs_with_the_key_of_the_credential() {
    let (encoded, key) = issued(server_identity(), Holder::Server, NOW, NOW + DAY);
    let chain: Vec<&[u8]> = server_identity().chain().collect();
    let chain = cairn_tls::CertificateChain::new(&chain).unwrap();
    let schemes = vec![SignatureScheme::ED25519];
    let credential = cairn_tls::Credential::elsewhere(chain, key.public_key().kind, schemes)
        .with_delegated_credential(cairn_tls::DelegatedCredential::decode(&encoded).unwrap());
    let server = bare_server().credential_value(Arc::new(credential)).unwrap().build().unwrap();
    let client = accepting_client().build().unwrap();
    let mut pair = Pair::of(Connection::client(&client, support::name()), Connection::server(&server));
    pair.run();
    let id = pair.server.asked.take().unwrap();
    let Some((_, Question::Sign(sign))) = pair.server.conn.question() else { panic!("no signature") };
    assert!(sign.credential.delegated.is_some());
    let signature = key.sign(sign.scheme, sign.message, &mut provider().rng()).unwrap();
    let answer = cairn_tls::Answer::Signature(signature);
    pair.server.conn.answer(id, answer, &mut pair.server.outbox).unwrap();
    pair.run();
    assert!(pair.complete(), "{} / {}", pair.client.fault(), pair.server.fault());
    assert_eq!(peer(&pair), PeerProof::DelegatedCredential);
}
