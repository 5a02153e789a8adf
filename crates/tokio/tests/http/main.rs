//! HTTP/1.1 and HTTP/2 over TLS: axum, the client of hyper-util, and curl.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs,
    reason = "a test fails by panicking"
)]

use axum::{Router, extract::Request, routing::get};
use cairn_tokio::{
    HttpsConnector, TlsAcceptor, TlsConnector, TlsListener,
    tls::{
        ClientConfig, ClientConfigBuilder, ServerConfig,
        crypto::KeySpec,
        x509::issue::{Identity, Template},
    },
};
use core::time::Duration;
use http_body_util::BodyExt;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use std::{
    net::SocketAddr,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A server that says which HTTP version a request has.
struct Server {
    identity: Identity,
    address: SocketAddr,
    acceptor: TlsAcceptor,
    failures: Arc<AtomicUsize>,
}

fn config(identity: &Identity, alpn: &[&str]) -> ServerConfig {
    let chain: Vec<&[u8]> = identity.chain().collect();
    let config = ServerConfig::builder().credential(&chain, identity.signing_key().clone()).unwrap();
    config.alpn(alpn).build().unwrap()
}

async fn serve(alpn: &[&str], max_handshakes: usize) -> Server {
    let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
    let identity = template.self_signed(&cairn_tokio::tls::default_provider(), KeySpec::EcP256).unwrap();
    let config = config(&identity, alpn);
    let tcp = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = tcp.local_addr().unwrap();
    let failures = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&failures);
    let acceptor = TlsAcceptor::new(config);
    let listener =
        TlsListener::new(tcp, acceptor.clone()).max_handshakes(max_handshakes).on_failure(move |_, _| {
            counted.fetch_add(1, Ordering::Relaxed);
        });
    let version = get(|request: Request| async move { format!("{:?}", request.version()) });
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", version)).await });
    Server { identity, address, acceptor, failures }
}

impl Server {
    fn client(&self) -> ClientConfigBuilder {
        ClientConfig::builder().trust_pem(self.identity.certificate_pem().as_bytes()).unwrap()
    }

    /// The response to a request with these protocols.
    async fn get(&self, alpn: &[&str]) -> String {
        let https = HttpsConnector::new(TlsConnector::new(self.client().alpn(alpn).build().unwrap()));
        let client = Client::builder(TokioExecutor::new()).build::<_, String>(https);
        let uri = format!("https://localhost:{}/", self.address.port()).parse().unwrap();
        let response = client.get(uri).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }
}

#[tokio::test]
async fn alpn_decides_between_http1_and_http2() {
    let server = serve(&["h2", "http/1.1"], 1000).await;
    assert_eq!(server.get(&["h2", "http/1.1"]).await, "HTTP/2.0");
    assert_eq!(server.get(&["http/1.1"]).await, "HTTP/1.1");
    assert_eq!(server.get(&[]).await, "HTTP/1.1");
    let old = serve(&["http/1.1"], 1000).await;
    assert_eq!(old.get(&["h2", "http/1.1"]).await, "HTTP/1.1");
}

#[tokio::test]
async fn a_connection_without_encryption_needs_permission() {
    let server = serve(&["http/1.1"], 1000).await;
    let tls = TlsConnector::new(server.client().build().unwrap());
    let client = Client::builder(TokioExecutor::new()).build::<_, String>(HttpsConnector::new(tls));
    let uri: http::Uri = format!("http://localhost:{}/", server.address.port()).parse().unwrap();
    let error = client.get(uri).await.unwrap_err();
    assert!(format!("{error:?}").contains("allow_http"), "{error:?}");
}

#[tokio::test]
async fn clients_that_say_nothing_do_not_delay_others() {
    let server = serve(&["h2", "http/1.1"], 1000).await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(TcpStream::connect(server.address).await.unwrap());
    }
    let response = tokio::time::timeout(Duration::from_secs(20), server.get(&["h2"])).await.unwrap();
    assert_eq!(response, "HTTP/2.0");
    // A client without TLS is a failure that is reported.
    let mut plain = TcpStream::connect(server.address).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    while server.failures.load(Ordering::Relaxed) == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn one_handshake_too_many_ends_the_oldest() {
    let server = serve(&["h2"], 3).await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(TcpStream::connect(server.address).await.unwrap());
    }
    let limit = Duration::from_secs(20);
    let response = tokio::time::timeout(limit, server.get(&["h2"])).await.unwrap();
    assert_eq!(response, "HTTP/2.0");
    // It gets close_notify, a warning alert.
    let mut said = Vec::new();
    tokio::time::timeout(limit, silent[0].read_to_end(&mut said)).await.unwrap().unwrap();
    assert_eq!(said, [21, 3, 3, 0, 2, 1, 0]);
    // The last ones have time until the time limit of the handshake.
    let last = silent.last_mut().unwrap();
    tokio::time::timeout(Duration::from_millis(200), last.read(&mut [0])).await.unwrap_err();
    assert!((17..20).contains(&server.failures.load(Ordering::Relaxed)));
}

#[tokio::test]
async fn a_configuration_is_replaced_for_new_connections() {
    let server = serve(&["h2"], 1000).await;
    assert_eq!(server.get(&["h2", "http/1.1"]).await, "HTTP/2.0");
    server.acceptor.set_config(config(&server.identity, &["http/1.1"]));
    assert_eq!(server.get(&["h2", "http/1.1"]).await, "HTTP/1.1");
}

/// Whether there is a curl with HTTP/2. If not, `xtask/tests/not_tested.rs`, which runs last in the
/// workspace, lists the test as ignored.
fn has_curl() -> bool {
    let note = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("not-tested");
    std::fs::create_dir_all(&note).unwrap();
    let note = note.join("cairn-tokio--curl_speaks_http1_and_http2");
    let version = Command::new("curl").arg("--version").output();
    if version.is_ok_and(|done| String::from_utf8_lossy(&done.stdout).contains("HTTP2")) {
        let _there_was_none = std::fs::remove_file(note);
        return true;
    }
    assert!(
        std::env::var_os("CAIRN_REQUIRE_PEERS").is_none_or(|value| value != "1"),
        "there is no curl with HTTP/2, and CAIRN_REQUIRE_PEERS=1 says that there must be"
    );
    std::fs::write(note, "there is no curl with HTTP/2").unwrap();
    false
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn curl_speaks_http1_and_http2() {
    if !has_curl() {
        return;
    }
    let server = serve(&["h2", "http/1.1"], 1000).await;
    let folder = std::env::temp_dir().join(format!("cairn-tokio-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let ca = folder.join("ca.pem");
    std::fs::write(&ca, server.identity.certificate_pem()).unwrap();
    for (option, expected) in [("--http1.1", "HTTP/1.1"), ("--http2", "HTTP/2.0")] {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--max-time", "20", option, "--cacert"]).arg(&ca);
        curl.arg(format!("https://localhost:{}/", server.address.port()));
        let output = tokio::task::spawn_blocking(move || curl.output()).await.unwrap();
        let output = output.unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{errors}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
