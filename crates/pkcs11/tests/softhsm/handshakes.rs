//! Handshakes with a key in a token.

use super::hsm::{Hsm, Kind, with_softhsm};
use cairn_pkcs11::{KeyOptions, Pkcs11Key, Signer};
use cairn_tls::{ClientConfig, ServerConfig, ServerName, Stream, Versions, crypto::PublicKey, x509::Roots};
use cairn_tokio::{Answerer, TlsAcceptor, TlsConnector};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The versions with a key of each kind.
const CASES: [(&str, Kind); 4] =
    [("rsa", Kind::Rsa), ("p256", Kind::P256), ("p384", Kind::P384), ("ed25519", Kind::Ed25519)];

fn roots(hsm: &Hsm) -> Roots {
    let mut roots = Roots::new();
    roots.add_der(hsm.ca.certificate()).unwrap();
    roots
}

fn localhost() -> ServerName {
    ServerName::parse("localhost").unwrap()
}

/// A client that requires a signature in each handshake.
pub(crate) fn client(hsm: &Hsm, versions: Versions) -> ClientConfig {
    ClientConfig::builder().trust(roots(hsm)).versions(versions).no_resumption().build().unwrap()
}

/// A connection on which both sides send a message.
fn connect(client: &ClientConfig, server: &ServerConfig) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let tcp = |tcp: TcpStream| {
        tcp.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        tcp
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut tls = Stream::server(server, tcp(listener.accept().unwrap().0)).unwrap();
            let mut received = [0; 5];
            tls.read_exact(&mut received).unwrap();
            assert_eq!(&received, b"hello");
            tls.write_all(b"signed in a token").unwrap();
            tls.close().unwrap();
        });
        let mut tls = Stream::client(client, localhost(), tcp(TcpStream::connect(address).unwrap())).unwrap();
        tls.write_all(b"hello").unwrap();
        let mut received = String::new();
        tls.read_to_string(&mut received).unwrap();
        assert_eq!(received, "signed in a token");
        tls.close().unwrap();
    });
}

#[test]
fn a_server_signs_in_both_versions() {
    with_softhsm("handshakes::a_server_signs_in_both_versions", |hsm| {
        for (label, kind) in CASES {
            let (_, public) = hsm.token_with(label, kind);
            let key = hsm.open(label, &public).unwrap();
            for versions in [Versions::Tls12, Versions::Tls13] {
                let server = ServerConfig::builder().credential(&[key.certificate()], Arc::new(key.clone()));
                connect(&client(hsm, versions), &server.unwrap().build().unwrap());
            }
        }
    });
}

#[test]
fn a_client_signs_in_both_versions() {
    with_softhsm("handshakes::a_client_signs_in_both_versions", |hsm| {
        let (_, server_public) = hsm.token_with("server", Kind::P256);
        let server_key = hsm.open("server", &server_public).unwrap();
        for (label, kind) in CASES {
            let (_, public) = hsm.token_with(label, kind);
            let certificate = client_certificate(hsm, &public);
            let filter = cairn_pkcs11::KeyFilter::any().label("server");
            let provider = cairn_tls::default_provider();
            let key = hsm.token(label).key(&filter, &certificate, &provider, KeyOptions::default()).unwrap();
            for versions in [Versions::Tls12, Versions::Tls13] {
                let server = ServerConfig::builder()
                    .credential(&[server_key.certificate()], Arc::new(server_key.clone()))
                    .unwrap()
                    .require_client_certificates(roots(hsm))
                    .build()
                    .unwrap();
                let client = ClientConfig::builder()
                    .trust(roots(hsm))
                    .versions(versions)
                    .credential(&[&certificate], Arc::new(key.clone()))
                    .unwrap();
                connect(&client.build().unwrap(), &server);
            }
        }
    });
}

fn client_certificate(hsm: &Hsm, public: &PublicKey) -> Vec<u8> {
    let template = cairn_tls::x509::issue::Template::client("a client").valid(0, 4_000_000_000);
    hsm.ca.sign(&template, &cairn_tls::default_provider(), public).unwrap()
}

/// A runtime, because the tests are not async functions.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// An acceptor whose signatures come from a key.
pub(crate) fn acceptor(key: &Pkcs11Key) -> TlsAcceptor {
    let signer = Signer::new(key.clone()).time_limit(Duration::from_secs(20));
    let credential = signer.credential(&[key.certificate()]).unwrap();
    let config = ServerConfig::builder().credential_value(credential).unwrap().build().unwrap();
    TlsAcceptor::new(config).answerer(signer).answer_timeout(Some(Duration::from_secs(20)))
}

/// A connection on which the server sends a message.
pub(crate) async fn connect_async(connector: &TlsConnector, acceptor: &TlsAcceptor) {
    let (to_server, to_client) = tokio::io::duplex(10_000);
    let server = async {
        let mut tls = acceptor.accept(to_client).await.unwrap();
        tls.write_all(b"signed in a token").await.unwrap();
        tls.shutdown().await.unwrap();
    };
    let client = async {
        let mut tls = connector.connect(localhost(), to_server).await.unwrap();
        let mut received = String::new();
        tls.read_to_string(&mut received).await.unwrap();
        assert_eq!(received, "signed in a token");
    };
    tokio::join!(server, client);
}

#[test]
fn a_signer_signs_in_both_versions() {
    with_softhsm("handshakes::a_signer_signs_in_both_versions", |hsm| {
        for (label, kind) in CASES {
            let (_, public) = hsm.token_with(label, kind);
            let acceptor = acceptor(&hsm.open(label, &public).unwrap());
            for versions in [Versions::Tls12, Versions::Tls13] {
                let connector = TlsConnector::new(client(hsm, versions));
                runtime().block_on(connect_async(&connector, &acceptor));
            }
        }
    });
}

#[test]
fn each_signer_answers_for_its_own_certificate() {
    with_softhsm("handshakes::each_signer_answers_for_its_own_certificate", |hsm| {
        let [first, second] = ["first", "second"].map(|label| {
            let (_, public) = hsm.token_with(label, Kind::P256);
            hsm.open(label, &public).unwrap()
        });
        let signers = [&first, &second].map(|key| Signer::new(key.clone()));
        for signer in &signers {
            let is_first = signer.credential(&[first.certificate()]).is_ok();
            assert_ne!(is_first, signer.credential(&[second.certificate()]).is_ok());
        }
        let [one, other] = signers;
        let credential = other.credential(&[second.certificate()]).unwrap();
        let config = ServerConfig::builder().credential_value(credential).unwrap().build().unwrap();
        let connector = TlsConnector::new(client(hsm, Versions::Both));
        let both = TlsAcceptor::new(config.clone()).answerer(one.clone().or(other));
        runtime().block_on(connect_async(&connector, &both));
        // Without the second key there is no answer.
        let alone = TlsAcceptor::new(config).answerer(one);
        runtime().block_on(async {
            let (to_server, to_client) = tokio::io::duplex(10_000);
            let (server, client) =
                tokio::join!(alone.accept(to_client), connector.connect(localhost(), to_server));
            let words = "the question Sign was not answered: no answerer is set that answers it";
            assert_eq!(server.unwrap_err().to_string(), words);
            client.unwrap_err();
        });
    });
}
