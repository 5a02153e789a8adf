//! External PSKs in TLS 1.3 (RFC 9846 section 4.3.11), plain and imported (RFC 9258).

use super::{
    streams::builders_with,
    support::{End, NOW, name, tcp},
};
use cairn_crypto::SecretBytes;
use cairn_schedule::tls13::Psk;
use cairn_tls::{
    Answer, ClientConfig, Connection, ErrorKind, Floor, HandshakeErrorKind, KnownPsk, PskChoice, Question,
    Resumption, ServerConfig, ServerName, Shortfall, Stream, Summary, UnixTime, Versions,
    crypto::HashAlgorithm,
    tls_error,
    wire::{AlertDescription, CipherSuite, NamedGroup, PskKeyExchangeMode},
};
use std::{
    io::{self, Read, Write},
    thread,
};

const KEY: &[u8] = &[0x42; 32];
const OTHER_KEY: &[u8] = &[0x43; 32];

/// One connection. Returns what the client and the server have negotiated.
fn connect(client: &ClientConfig, server: &ServerConfig) -> (io::Result<Summary>, io::Result<Summary>) {
    let (near, far) = tcp();
    let server = server.clone();
    let server = thread::spawn(move || {
        let mut tls = Stream::server(&server, far).unwrap();
        let mut came = Vec::new();
        tls.read_to_end(&mut came)?;
        assert_eq!(came, b"hello");
        tls.close()?;
        Ok(tls.summary().unwrap().clone())
    });
    let name = ServerName::parse("localhost").unwrap();
    let mut tls = Stream::client(client, name, near).unwrap();
    let client = (|| {
        tls.write_all(b"hello")?;
        tls.close()?;
        Ok(tls.summary().unwrap().clone())
    })();
    drop(tls);
    (client, server.join().unwrap())
}

fn kind(result: io::Result<Summary>) -> HandshakeErrorKind {
    match tls_error(&result.unwrap_err()).unwrap().kind {
        ErrorKind::Handshake(error) => error.kind,
        other => panic!("{other:?}"),
    }
}

/// The identities in the summaries of both sides.
fn identities(both: (io::Result<Summary>, io::Result<Summary>)) -> [Vec<u8>; 2] {
    let summaries = [both.0.unwrap(), both.1.unwrap()];
    summaries.map(|summary| {
        assert_eq!(summary.tls13().unwrap().psk, Some(PskKeyExchangeMode::PSK_DHE_KE));
        assert!(summary.peer_chain.is_none());
        summary.psk_identity.unwrap().to_vec()
    })
}

/// The PSK-only configurations of both sides. Each imports its key with its context.
fn imported(client: (&[u8], &[u8]), server: (&[u8], &[u8])) -> (ClientConfig, ServerConfig) {
    let of_client = ClientConfig::builder().versions(Versions::Tls13);
    let of_server = ServerConfig::builder().versions(Versions::Tls13);
    (
        of_client.imported_psk(b"device 7", client.0, client.1).unwrap().build().unwrap(),
        of_server.imported_psk(b"device 7", server.0, server.1).unwrap().build().unwrap(),
    )
}

#[test]
fn external_psk_authenticates_both_sides_without_certificates() {
    for hash in [HashAlgorithm::Sha256, HashAlgorithm::Sha384] {
        let client = ClientConfig::builder().versions(Versions::Tls13);
        let client = client.external_psk(b"device 7", KEY, hash).unwrap().build().unwrap();
        let server = ServerConfig::builder().versions(Versions::Tls13);
        let server = server.external_psk(b"device 8", OTHER_KEY, hash).unwrap();
        let server = server.external_psk(b"device 7", KEY, hash).unwrap().build().unwrap();
        assert_eq!(identities(connect(&client, &server)), [b"device 7", b"device 7"]);
        // The ticket of that connection is used first.
        let (of_client, of_server) = connect(&client, &server);
        assert_eq!(of_client.unwrap().resumption, Resumption::ByPsk);
        assert_eq!(of_server.unwrap().resumption, Resumption::ByPsk);
    }
}

#[test]
fn imported_psk_is_bound_to_its_context() {
    let (client, server) = imported((KEY, b"client 7, server 1"), (KEY, b"client 7, server 1"));
    let [of_client, of_server] = identities(connect(&client, &server));
    assert!(of_client.windows(8).any(|part| part == b"device 7"));
    assert_eq!(of_client, of_server);
    // With the roles exchanged there is no PSK in common.
    let (client, server) = imported((KEY, b"client 1, server 7"), (KEY, b"client 7, server 1"));
    let (of_client, of_server) = connect(&client, &server);
    // A server without certificates does not say that an identity is unknown.
    assert_eq!(kind(of_server), HandshakeErrorKind::WrongBinder);
    assert_eq!(kind(of_client), HandshakeErrorKind::PeerAlert(AlertDescription::DECRYPT_ERROR));
}

/// The keys may be elsewhere, for example in a database.
#[test]
fn server_asks_the_caller_for_external_psks_that_it_does_not_have() {
    let tls13 = |identity: &[u8]| {
        let client = ClientConfig::builder().versions(Versions::Tls13);
        client.external_psk(identity, KEY, HashAlgorithm::Sha256).unwrap().build().unwrap()
    };
    // Without certificates.
    let server = ServerConfig::builder().versions(Versions::Tls13).ask_for_external_psks();
    let server = server.external_psk(b"device 1", KEY, HashAlgorithm::Sha256).unwrap().build().unwrap();
    for (identity, key) in [("device 7", Some(KEY)), ("device 7", Some(OTHER_KEY)), ("device 7", None)] {
        let mut client = End::new(Connection::client(&tls13(identity.as_bytes()), name()));
        let mut server = End::new(Connection::server(&server));
        server.take(&core::mem::take(&mut client.outbox));
        let id = server.asked.take().unwrap();
        let Some((_, Question::ChoosePsk(choose))) = server.conn.question() else { panic!("another") };
        assert_eq!(choose.identities().collect::<Vec<_>>(), [(0, identity.as_bytes())]);
        let psk = key.map(|key| Psk::external(SecretBytes::from(key), HashAlgorithm::Sha256).unwrap());
        let psk = psk.map(|psk| (0, KnownPsk::External(psk)));
        let choice = PskChoice { psk, now: UnixTime::from_secs(NOW) };
        server.conn.answer(id, Answer::PskChoice(choice), &mut server.outbox).unwrap();
        server.take(&[]);
        client.take(&core::mem::take(&mut server.outbox));
        server.take(&core::mem::take(&mut client.outbox));
        let is_right = key == Some(KEY);
        assert_eq!((client.conn.is_complete(), server.conn.is_complete()), (is_right, is_right));
        let fault = server.error.map(|error| match error.kind {
            ErrorKind::Handshake(error) => error.kind,
            other => panic!("{other:?}"),
        });
        // An unknown identity is not distinguished from a wrong key.
        assert_eq!(fault, (!is_right).then_some(HandshakeErrorKind::WrongBinder));
    }
    // Its own are not asked for.
    let mut client = End::new(Connection::client(&tls13(b"device 1"), name()));
    let mut server = End::new(Connection::server(&server));
    server.take(&core::mem::take(&mut client.outbox));
    assert_eq!(server.asked, None);
    client.take(&core::mem::take(&mut server.outbox));
    assert!(client.conn.is_complete());
}

#[test]
fn external_psk_with_another_key_fails_at_the_binder() {
    let (client, server) = imported((KEY, b""), (OTHER_KEY, b""));
    let (of_client, of_server) = connect(&client, &server);
    assert_eq!(kind(of_server), HandshakeErrorKind::WrongBinder);
    assert_eq!(kind(of_client), HandshakeErrorKind::PeerAlert(AlertDescription::DECRYPT_ERROR));
}

#[test]
fn client_with_psks_alone_rejects_certificates() {
    let (_, server) = builders_with(Versions::Tls13, Versions::Tls13);
    let client = ClientConfig::builder().versions(Versions::Tls13);
    let client = client.external_psk(b"device 7", KEY, HashAlgorithm::Sha256).unwrap().build().unwrap();
    let (of_client, of_server) = connect(&client, &server.build().unwrap());
    let error = of_client.unwrap_err();
    assert!(matches!(tls_error(&error).unwrap().kind, ErrorKind::Certificate(_)), "{error:?}");
    assert_eq!(kind(of_server), HandshakeErrorKind::PeerAlert(AlertDescription::UNKNOWN_CA));
}

#[test]
fn certificate_is_used_if_the_psk_is_unknown() {
    let (client, server) = builders_with(Versions::Tls13, Versions::Tls13);
    let client = client.imported_psk(b"a", KEY, b"").unwrap().build().unwrap();
    let server = server.imported_psk(b"b", KEY, b"").unwrap().build().unwrap();
    let (of_client, _) = connect(&client, &server);
    let summary = of_client.unwrap();
    assert!(summary.psk_identity.is_none() && summary.peer_chain.is_some());
}

/// A session from a handshake with a PSK is resumed only by configurations that have this PSK.
#[test]
fn session_of_external_psk_needs_the_psk() {
    let store = std::sync::Arc::new(cairn_tls::session::ServerCache::new(10));
    let (client, server) = builders_with(Versions::Tls13, Versions::Tls13);
    let client = client.imported_psk(b"a", KEY, b"").unwrap().build().unwrap();
    let first = server.sessions(store.clone()).imported_psk(b"a", KEY, b"").unwrap().build().unwrap();
    identities(connect(&client, &first));
    let other = ServerConfig::builder().versions(Versions::Tls13).sessions(store);
    let other = other.imported_psk(b"a", OTHER_KEY, b"").unwrap().build().unwrap();
    // The ticket is passed over. The external PSK is next, and has another key.
    assert_eq!(kind(connect(&client, &other).1), HandshakeErrorKind::WrongBinder);
}

/// Its PSK does not suit the suite of HelloRetryRequest, so the second hello has none. The rest must stay.
#[test]
fn handshake_goes_on_with_certificates_if_hello_retry_request_excludes_the_psk() {
    let (client, server) = builders_with(Versions::Tls13, Versions::Tls13);
    let client = client.external_psk(b"device 7", KEY, HashAlgorithm::Sha256).unwrap().no_resumption();
    let client = client.groups(&[NamedGroup::X25519, NamedGroup::SECP256R1]);
    let client = client.build().unwrap();
    let server = server.suites(&[CipherSuite::TLS_AES_256_GCM_SHA384]).unwrap();
    let server = server.groups(&[NamedGroup::SECP256R1]);
    let (client, server) = connect(&client, &server.build().unwrap());
    let client = client.unwrap();
    assert_eq!((client.tls13().unwrap().psk, client.tls13().unwrap().retried), (None, true));
    assert!(server.unwrap().tls13().unwrap().retried);
}

/// RFC 9258 imports a key of any length, and its PSK is as long as a hash. That makes no short key strong.
#[test]
fn short_key_is_as_weak_imported_as_it_is_plain() {
    let configs = |import: bool| {
        let (client, server) = builders_with(Versions::Tls13, Versions::Tls13);
        if import {
            let client = client.imported_psk(b"device 7", &KEY[..2], b"").unwrap();
            return (client, server.imported_psk(b"device 7", &KEY[..2], b"").unwrap());
        }
        let client = client.external_psk(b"device 7", &KEY[..2], HashAlgorithm::Sha256).unwrap();
        (client, server.external_psk(b"device 7", &KEY[..2], HashAlgorithm::Sha256).unwrap())
    };
    for import in [false, true] {
        // RFC 9257 section 6: "Each PSK [...] MUST be at least 128 bits long".
        let (client, server) = configs(import);
        let (client, _) = connect(&client.build().unwrap(), &server.build().unwrap());
        let too_short = Shortfall::PskTooShort { expected: 128, got: 16 };
        assert_eq!(kind(client), HandshakeErrorKind::BelowFloor(too_short), "imported: {import}");
        let any = Floor { psk_bits: 0, ..Floor::default() };
        let (client, server) = configs(import);
        let (client, server) = (client.floor(any), server.floor(any));
        let (client, server) = connect(&client.build().unwrap(), &server.build().unwrap());
        for summary in [client.unwrap(), server.unwrap()] {
            assert_eq!(summary.evidence.psk_bits, Some(16), "imported: {import}");
        }
    }
}
