//! The statements of `docs/upgrade.md` that no other test checks. Each test names its row or section.

use crate::support::{
    Kind, Pair, Secrets, client as tls12_client, client_identity, name, records, roots,
    server as tls12_server, wires,
};
use cairn_tls::{
    ChannelBinding, ChannelBindingError, ClientConfig, ClientConfigBuilder, Connection, ErrorKind,
    HandshakeErrorKind, MaxFragmentLength, Misuse, Policy, Provider, ServerConfig, ServerConfigBuilder,
    Stream, Suite, Versions,
    session::{ClientCache, ServerCache},
    tls_error,
    wire::{
        AlertDescription, ClientExtension, ClientHello, Decode, ExtensionType, NamedGroup, SignatureScheme,
    },
};
use std::{io::Read, sync::Arc};

/// A client that does not choose its versions.
fn client() -> ClientConfigBuilder {
    tls12_client().versions(Versions::default())
}

/// A server that does not choose its versions.
fn server(kind: Kind) -> ServerConfigBuilder {
    tls12_server(kind).versions(Versions::default())
}

fn ready(client: ClientConfigBuilder, server: ServerConfigBuilder) -> Pair {
    Pair::ready(&client.build().unwrap(), &server.build().unwrap())
}

/// The first flight of this client, and the body of its ClientHello.
fn first_flight(client: ClientConfigBuilder) -> (Vec<u8>, Vec<u8>) {
    let mut sent = Vec::new();
    Connection::client(&client.build().unwrap(), name()).start(&mut sent).unwrap();
    let fragments: Vec<u8> = records(&sent).iter().flat_map(|record| record[5..].to_vec()).collect();
    (sent, fragments[4..].to_vec())
}

/// The groups of its key shares. `None` if it has no such extension.
fn shares(hello: &[u8]) -> Option<Vec<NamedGroup>> {
    let hello = ClientHello::decode_exact(hello).unwrap();
    match hello.extensions.unwrap().get(ExtensionType::KEY_SHARE)? {
        ClientExtension::KeyShare(shares) => {
            Some(shares.get().unwrap().client_shares.iter().map(|share| share.group).collect())
        }
        _ => None,
    }
}

/// "Groups", and "Middleboxes and old peers".
#[test]
fn client_sends_two_key_shares_and_key_shares_makes_its_hello_short() {
    let (sent, hello) = first_flight(client());
    assert_eq!(shares(&hello).unwrap(), [NamedGroup::X25519MLKEM768, NamedGroup::X25519]);
    assert!((1400..1600).contains(&sent.len()), "{}", sent.len());
    let (sent, hello) = first_flight(client().key_shares(&[NamedGroup::X25519]));
    assert_eq!(shares(&hello).unwrap(), [NamedGroup::X25519]);
    assert!(sent.len() < 600, "{}", sent.len());
    assert_eq!(
        ready(client(), server(Kind::P256)).client.summary().group(),
        Some(NamedGroup::X25519MLKEM768)
    );
}

/// "Middleboxes and old peers".
#[test]
fn hello_of_tls_1_2_alone_contains_nothing_of_tls_1_3() {
    let (sent, hello) = first_flight(tls12_client());
    assert!(sent.len() < 600, "{}", sent.len());
    let hello = ClientHello::decode_exact(&hello).unwrap();
    let extensions = hello.extensions.unwrap();
    for extension in [
        ExtensionType::SUPPORTED_VERSIONS,
        ExtensionType::KEY_SHARE,
        ExtensionType::PSK_KEY_EXCHANGE_MODES,
        ExtensionType::PRE_SHARED_KEY,
        ExtensionType::EARLY_DATA,
        ExtensionType::COOKIE,
        ExtensionType::COMPRESS_CERTIFICATE,
    ] {
        assert!(extensions.get(extension).is_none(), "{extension}");
    }
    assert!(hello.cipher_suites.iter().all(|suite| suite.0 >> 8 != 0x13));
}

/// "Suites" and "Signatures".
#[test]
fn signatures_of_tls_1_3_are_pss_or_determined_by_the_curve() {
    for (kind, scheme) in [
        (Kind::Rsa, SignatureScheme::RSA_PSS_RSAE_SHA256),
        (Kind::P256, SignatureScheme::ECDSA_SECP256R1_SHA256),
        (Kind::P384, SignatureScheme::ECDSA_SECP384R1_SHA384),
    ] {
        let pair = ready(client(), server(kind));
        assert!(matches!(pair.client.summary().suite(), Suite::Tls13(_)));
        assert_eq!(pair.client.summary().server_signature_scheme(), Some(scheme), "{kind:?}");
    }
    let pkcs1 = [SignatureScheme::RSA_PKCS1_SHA256, SignatureScheme::ECDSA_SECP256R1_SHA256];
    let pair = ready(tls12_client().signature_schemes(&pkcs1), server(Kind::Rsa));
    assert!(matches!(pair.client.summary().suite(), Suite::Tls12(_)));
    assert_eq!(pair.client.summary().server_signature_scheme(), Some(pkcs1[0]));
}

/// "Renegotiation".
#[test]
fn renegotiation_of_tls_1_3_is_an_error_whatever_is_permitted() {
    use cairn_tls::Renegotiation::Allowed;
    let mut pair = ready(client().renegotiation(Allowed), server(Kind::P256).renegotiation(Allowed));
    for end in [&mut pair.client, &mut pair.server] {
        assert_eq!(end.conn.renegotiate(&mut end.outbox), Err(Misuse::NoRenegotiation));
    }
}

/// "Client certificates".
#[test]
fn refusal_of_a_client_is_an_error_of_its_next_read_in_tls_1_3() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let (a, b) = wires();
        let server = server(Kind::P256).require_client_certificates(roots()).build().unwrap();
        let mut near = Stream::client(&client().versions(versions).build().unwrap(), name(), a).unwrap();
        let mut far = Stream::server(&server, b).unwrap();
        let alert_in = |error: &std::io::Error| {
            let kind = tls_error(error).map(|error| error.kind);
            match kind {
                Some(ErrorKind::Handshake(error)) => match error.kind {
                    HandshakeErrorKind::PeerAlert(alert) => Some(alert),
                    _ => None,
                },
                _ => None,
            }
        };
        let mut first = near.handshake();
        while first.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock) {
            let _waiting_or_failed = far.handshake();
            first = near.handshake();
        }
        far.handshake().unwrap_err();
        if versions == Versions::Tls13 {
            first.unwrap();
            let error = near.read(&mut [0]).unwrap_err();
            assert_eq!(alert_in(&error), Some(AlertDescription::CERTIFICATE_REQUIRED), "{error}");
        } else {
            let error = first.unwrap_err();
            assert_eq!(alert_in(&error), Some(AlertDescription::HANDSHAKE_FAILURE), "{error}");
        }
    }
}

/// "Client certificates": the server knows the client when its handshake is complete, in both versions.
#[test]
fn server_knows_the_client_at_the_end_of_its_handshake() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let identity = client_identity(Kind::P256);
        let client = client().versions(versions);
        let client = client.credential(&[identity.certificate()], identity.signing_key().clone()).unwrap();
        let pair = ready(client, server(Kind::P256).require_client_certificates(roots()));
        assert!(pair.server.summary().peer_chain.is_some(), "{versions:?}");
    }
}

/// Whether the second of two connections resumes, if the client ends the first in this way.
fn resumes_after(versions: Versions, end: impl Fn(&mut Stream<crate::support::Wire>)) -> bool {
    let client = client().versions(versions).build().unwrap();
    let server = server(Kind::P256).build().unwrap();
    let connect = || {
        let (a, b) = wires();
        (Stream::client(&client, name(), a).unwrap(), Stream::server(&server, b).unwrap())
    };
    let (mut near, mut far) = connect();
    while near.handshake().is_err() | far.handshake().is_err() {}
    end(&mut near);
    drop(near);
    let (mut near, mut far) = connect();
    while near.handshake().is_err() | far.handshake().is_err() {}
    near.summary().unwrap().is_resumed()
}

/// "Resumption".
#[test]
fn client_of_tls_1_3_gets_its_tickets_when_it_reads() {
    assert!(resumes_after(Versions::Tls12, |_| {}));
    assert!(!resumes_after(Versions::Tls13, |_| {}));
    assert!(!resumes_after(Versions::Tls13, |near| near.close_write().unwrap()));
    assert!(resumes_after(Versions::Tls13, |near| near.close().unwrap()), "it reads to the end");
    assert!(resumes_after(Versions::Tls13, |near| assert!(near.read(&mut [0]).is_err())));
}

/// "Resumption".
#[test]
fn session_of_one_version_is_not_resumed_in_the_other() {
    for (first, second) in [(Versions::Tls12, Versions::Tls13), (Versions::Tls13, Versions::Tls12)] {
        let store = Arc::new(ClientCache::new(4));
        let client = || client().sessions(store.clone()).build().unwrap();
        let sessions = Arc::new(ServerCache::new(4));
        let server =
            |versions| server(Kind::P256).versions(versions).sessions(sessions.clone()).build().unwrap();
        Pair::ready(&client(), &server(first));
        assert!(Pair::ready(&client(), &server(first)).client.summary().is_resumed());
        assert!(!Pair::ready(&client(), &server(second)).client.summary().is_resumed(), "{first:?}");
    }
}

/// "Early data".
#[test]
fn early_data_is_off_by_default_on_both_sides() {
    for (of_client, of_server) in [(false, false), (true, false), (false, true)] {
        let client = if of_client { client().early_data() } else { client() }.build().unwrap();
        let server = server(Kind::P256);
        let server = if of_server { server.early_data(1000) } else { server }.build().unwrap();
        Pair::ready(&client, &server);
        let mut pair = Pair::new(&client, &server);
        assert_eq!(pair.client.conn.write_early(b"x", &mut pair.client.outbox).unwrap(), 0);
        pair.run();
        assert!(pair.client.summary().is_resumed());
    }
}

/// "PSKs".
#[test]
fn external_psk_takes_the_place_of_certificates() {
    let key = [0x5c; 32];
    let client = client().imported_psk(b"device", &key, b"").unwrap();
    let server = server(Kind::P256).imported_psk(b"device", &key, b"").unwrap();
    let pair = ready(client, server);
    assert!(pair.client.summary().peer_chain.is_none());
}

/// "Channel bindings".
#[test]
fn tls_unique_does_not_exist_in_tls_1_3() {
    let pair = ready(client(), server(Kind::P256));
    for end in [&pair.client, &pair.server] {
        let binding = |kind| end.conn.reader().channel_binding(kind);
        assert!(matches!(binding(ChannelBinding::TlsUnique), Err(ChannelBindingError::Handshake(_))));
        assert!(binding(ChannelBinding::TlsServerEndPoint).is_ok());
        assert!(binding(ChannelBinding::TlsExporter).is_ok());
    }
}

/// "Key log".
#[test]
fn key_log_of_tls_1_3_has_a_line_for_each_traffic_secret() {
    let log = Arc::new(Secrets::default());
    ready(client().key_log(log.clone()), server(Kind::P256));
    let mut labels: Vec<&str> = log.lines().iter().map(|line| line.label).collect();
    labels.sort_unstable();
    let expected = [
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        "CLIENT_TRAFFIC_SECRET_0",
        "EXPORTER_SECRET",
        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "SERVER_TRAFFIC_SECRET_0",
    ];
    assert_eq!(labels, expected);
}

/// "max_fragment_length".
#[test]
fn max_fragment_length_of_a_client_limits_records_in_tls_1_3_too() {
    let length = MaxFragmentLength::Bytes512;
    let pair = ready(client().max_fragment_length(length), server(Kind::P256));
    assert!(matches!(pair.client.summary().suite(), Suite::Tls13(_)));
    assert_eq!(pair.client.summary().record_size_limits.unwrap().ours, 512);
    assert_eq!(pair.server.conn.writer().max_plaintext(), 511, "with the content type");
}

/// "Choose the versions".
#[test]
fn policies_of_the_machine_have_both_parts_unless_they_say_tls_1_2_only() {
    use cairn_handshake::{ClientPolicy, ServerPolicy};
    type Make<T> = fn(Provider) -> T;
    let provider = || crate::support::provider().clone();
    for make in [ClientPolicy::modern, ClientPolicy::compatible, ClientPolicy::legacy] as [Make<_>; 3] {
        let policy = make(provider());
        assert!(!policy.tls12.suites.is_empty() && !policy.tls13.suites.is_empty());
    }
    for make in [ServerPolicy::modern, ServerPolicy::compatible, ServerPolicy::legacy] as [Make<_>; 3] {
        let policy = make(provider());
        assert!(!policy.tls12.suites.is_empty() && !policy.tls13.suites.is_empty());
    }
    let client = ClientPolicy::tls12_only(Policy::Modern, provider());
    let server = ServerPolicy::tls12_only(Policy::Modern, provider());
    assert!(!client.tls12.suites.is_empty() && client.tls13.suites.is_empty());
    assert!(!server.tls12.suites.is_empty() && server.tls13.suites.is_empty());
}

/// "Choose the versions".
#[test]
fn raw_public_keys_and_questions_speak_both_versions() {
    let both = |client: &ClientConfig| {
        let policy = client.policy();
        !policy.tls12.suites.is_empty() && !policy.tls13.suites.is_empty()
    };
    let spki = cairn_tls::x509::CertificateFacts::from_der(client_identity(Kind::P256).certificate());
    let raw = ClientConfig::builder_with(crate::support::client_provider().clone());
    assert!(both(&raw.trust_raw_public_key(&spki.unwrap().spki).unwrap().build().unwrap()));
    let asking = ClientConfig::builder_with(crate::support::client_provider().clone());
    assert!(both(&asking.ask_for_verification().build().unwrap()));
    let asking = ServerConfig::builder_with(crate::support::server_provider().clone());
    let policy = asking.ask_for_credentials().build().unwrap().policy().clone();
    assert!(!policy.tls12.suites.is_empty() && !policy.tls13.suites.is_empty());
}
