//! Connections of quinn over real sockets.
#![cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test may panic, and has std"
)]

use cairn_quinn::{
    HandshakeData, PeerIdentity, QuicClientConfig, QuicServerConfig, SetupError, endpoint_config,
    quic::{
        ClientConfig, ClientConfigBuilder, ServerConfig, ServerConfigBuilder,
        crypto::KeySpec,
        default_provider,
        handshake::{PeerProof, Resumption},
        x509::{
            Roots,
            issue::{Identity, Template},
        },
    },
    server_config,
};
use quinn::{Connection, ConnectionError, Endpoint, TokioRuntime};
use std::{
    net::{SocketAddr, UdpSocket},
    sync::{Arc, OnceLock},
    time::Duration,
};

fn authority() -> &'static Identity {
    static AUTHORITY: OnceLock<Identity> = OnceLock::new();
    AUTHORITY.get_or_init(|| {
        let template = Template::authority("Test CA").valid(0, 4_000_000_000);
        template.self_signed(&default_provider(), KeySpec::EcP256).unwrap()
    })
}

fn issue(template: Template) -> Identity {
    template.valid(0, 4_000_000_000).issue(&default_provider(), KeySpec::EcP256, authority()).unwrap()
}

fn roots() -> Roots {
    let mut roots = Roots::new();
    roots.add_der(authority().certificate()).unwrap();
    roots
}

fn client() -> ClientConfigBuilder {
    ClientConfig::builder().trust(roots()).alpn(["test"]).early_data()
}

fn server() -> ServerConfigBuilder {
    let identity = issue(Template::server("localhost").dns("localhost"));
    let chain: Vec<&[u8]> = identity.chain().collect();
    let builder = ServerConfig::builder().credential(&chain, identity.signing_key().clone()).unwrap();
    builder.alpn(["test"]).early_data(16_384)
}

fn socket() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").unwrap()
}

/// A server that returns what each stream of a client sends.
struct Server {
    address: SocketAddr,
    config: Arc<QuicServerConfig>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    /// `retries`: whether each client must prove its address first.
    fn start(config: ServerConfig, retries: bool) -> Self {
        let provider = default_provider();
        let config = Arc::new(QuicServerConfig::new(config).unwrap());
        let of_quinn = server_config(Arc::clone(&config), &provider).unwrap();
        let socket = socket();
        let address = socket.local_addr().unwrap();
        let endpoint = endpoint_config(&provider).unwrap();
        let endpoint = Endpoint::new(endpoint, Some(of_quinn), socket, Arc::new(TokioRuntime)).unwrap();
        let task = tokio::spawn(async move {
            while let Some(incoming) = endpoint.accept().await {
                if retries && !incoming.remote_address_validated() {
                    incoming.retry().unwrap();
                    continue;
                }
                tokio::spawn(async move {
                    // Also before the handshake is complete, for early data.
                    let connecting = incoming.accept().unwrap();
                    let (connection, _) = connecting.into_0rtt().unwrap();
                    while let Ok((mut send, mut receive)) = connection.accept_bi().await {
                        let bytes = receive.read_to_end(1 << 20).await.unwrap_or_default();
                        drop(send.write_all(&bytes).await);
                        drop(send.finish());
                    }
                });
            }
        });
        Self { address, config, task }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn of_quinn(config: &ClientConfig) -> quinn::ClientConfig {
    quinn::ClientConfig::new(Arc::new(QuicClientConfig::new(config.clone()).unwrap()))
}

fn endpoint() -> Endpoint {
    let config = endpoint_config(&default_provider()).unwrap();
    Endpoint::new(config, None, socket(), Arc::new(TokioRuntime)).unwrap()
}

async fn connect(config: &ClientConfig, server: &Server) -> Result<Connection, ConnectionError> {
    endpoint().connect_with(of_quinn(config), server.address, "localhost").unwrap().await
}

async fn echo(connection: &Connection, bytes: &[u8]) {
    let (mut send, mut receive) = connection.open_bi().await.unwrap();
    send.write_all(bytes).await.unwrap();
    send.finish().unwrap();
    assert_eq!(receive.read_to_end(1 << 20).await.unwrap(), bytes);
}

fn data(connection: &Connection) -> HandshakeData {
    *connection.handshake_data().unwrap().downcast().unwrap()
}

/// The ticket comes after the handshake.
async fn wait_for_ticket() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}

#[tokio::test]
async fn streams_pass_and_the_report_is_there() {
    let server = Server::start(server().build().unwrap(), false);
    let connection = connect(&client().build().unwrap(), &server).await.unwrap();
    echo(&connection, &[7; 300_000]).await;
    let data = data(&connection);
    assert_eq!(data.protocol.as_deref(), Some(&b"test"[..]));
    assert_eq!(data.summary.resumption, Resumption::Full(None));
    assert_eq!(data.summary.security().peer, PeerProof::Certificate);
    let identity: PeerIdentity = *connection.peer_identity().unwrap().downcast().unwrap();
    assert_eq!(identity.first().map(Vec::as_slice), data.summary.peer_certificate());
    let mut exported = [0; 32];
    connection.export_keying_material(&mut exported, b"EXPERIMENTAL test", b"").unwrap();
    assert_ne!(exported, [0; 32]);
}

#[tokio::test]
async fn client_proves_its_address_after_retry() {
    let server = Server::start(server().build().unwrap(), true);
    let connection = connect(&client().build().unwrap(), &server).await.unwrap();
    echo(&connection, b"after Retry").await;
}

#[tokio::test]
async fn keys_are_updated_underway() {
    let server = Server::start(server().build().unwrap(), false);
    let connection = connect(&client().build().unwrap(), &server).await.unwrap();
    for round in 0..5_u8 {
        echo(&connection, &[round; 5000]).await;
        connection.force_key_update();
    }
    echo(&connection, b"still").await;
}

#[tokio::test]
async fn early_data_is_accepted_and_the_session_resumed() {
    let server = Server::start(server().build().unwrap(), false);
    let config = client().build().unwrap();
    let endpoint = endpoint();
    let connect = || endpoint.connect_with(of_quinn(&config), server.address, "localhost").unwrap();
    assert!(connect().into_0rtt().is_err(), "no ticket yet");
    let first = connect().await.unwrap();
    echo(&first, b"full").await;
    wait_for_ticket().await;
    let (second, accepted) = connect().into_0rtt().expect("a ticket");
    echo(&second, b"early").await;
    assert!(accepted.await);
    assert_eq!(data(&second).summary.resumption, Resumption::ByPsk);
}

/// The early data of a client is lost, which quinn reports.
#[tokio::test]
async fn early_data_is_rejected_by_a_server_that_accepts_none() {
    let server = Server::start(server().build().unwrap(), false);
    let config = client().build().unwrap();
    let endpoint = endpoint();
    let connect = || endpoint.connect_with(of_quinn(&config), server.address, "localhost").unwrap();
    let first = connect().await.unwrap();
    echo(&first, b"full").await;
    wait_for_ticket().await;
    // A new configuration has sessions of its own.
    server.config.set_config(self::server().build().unwrap()).unwrap();
    let (second, accepted) = connect().into_0rtt().expect("a ticket");
    let mut early = second.open_uni().await.unwrap();
    drop(early.write_all(b"early").await);
    assert!(!accepted.await);
    echo(&second, b"again").await;
}

#[tokio::test]
async fn client_authenticates_with_a_certificate() {
    let ours = issue(Template::client("client"));
    let chain: Vec<&[u8]> = ours.chain().collect();
    let with_certificate = client().credential(&chain, ours.signing_key().clone()).unwrap().build().unwrap();
    let server = Server::start(server().require_client_certificates(roots()).build().unwrap(), false);
    let connection = connect(&with_certificate, &server).await.unwrap();
    echo(&connection, b"authenticated").await;

    let refused = connect(&client().build().unwrap(), &server).await;
    let error = match refused {
        // The client is complete before the server refuses it.
        Ok(connection) => connection.closed().await,
        Err(error) => error,
    };
    let ConnectionError::ConnectionClosed(close) = error else { panic!("{error:?}") };
    // certificate_required.
    assert_eq!(u64::from(close.error_code), 0x0174, "{close}");
}

#[tokio::test]
async fn failure_has_its_alert_and_its_words() {
    let server = Server::start(server().build().unwrap(), false);
    let other = ClientConfig::builder().trust(roots()).alpn(["other"]).build().unwrap();
    let error = connect(&other, &server).await.unwrap_err();
    let ConnectionError::ConnectionClosed(close) = error else { panic!("{error:?}") };
    assert_eq!(u64::from(close.error_code), 0x0178, "{close}");

    let mut wrong = Roots::new();
    let another = Template::authority("Another CA").valid(0, 4_000_000_000);
    wrong.add_der(another.self_signed(&default_provider(), KeySpec::EcP256).unwrap().certificate()).unwrap();
    let distrusting = ClientConfig::builder().trust(wrong).alpn(["test"]).build().unwrap();
    let error = connect(&distrusting, &server).await.unwrap_err();
    let ConnectionError::TransportError(error) = error else { panic!("{error:?}") };
    assert_eq!(u64::from(error.code), 0x0130, "{error}");
    assert!(error.reason.contains("unknown_ca"), "{error}");
}

#[test]
fn configuration_that_asks_is_refused_in_words() {
    let asking = client().ask_for_sessions().build().unwrap();
    let error = QuicClientConfig::new(asking).unwrap_err();
    assert!(error.to_string().contains("ask_for_sessions"), "{error}");
    let error = QuicServerConfig::new(server().ask_for_tickets().build().unwrap()).unwrap_err();
    assert!(matches!(&error, SetupError::Asks(asks) if *asks == ["ask_for_tickets"]), "{error}");
    let without_protocol = ClientConfig::builder().trust(roots()).build().unwrap();
    let error = QuicClientConfig::new(without_protocol).unwrap_err();
    assert!(error.to_string().contains("RFC 9001 section 8.1"), "{error}");
}

#[tokio::test]
async fn server_name_that_is_none_is_refused() {
    let config = of_quinn(&client().build().unwrap());
    let refused = endpoint().connect_with(config, "127.0.0.1:1".parse().unwrap(), "no name").unwrap_err();
    assert!(matches!(refused, quinn::ConnectError::InvalidServerName(_)), "{refused}");
}
