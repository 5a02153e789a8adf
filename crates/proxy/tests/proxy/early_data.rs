//! Early data.

use super::support::{Folder, address, page, route, terminating};
use cairn_tokio::{
    TlsConnector, TlsStream,
    tls::{ServerName, Versions},
};
use core::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

const LONG: Duration = Duration::from_secs(20);

fn settings(upstream: SocketAddr, more: &str) -> String {
    let settings =
        terminating("web", "127.0.0.1:0").replace("[listener.tls]", &format!("[listener.tls]\n{more}"));
    format!("admin = '127.0.0.1:0'\n{settings}{}", route(upstream))
}

fn connector(folder: &Folder) -> TlsConnector {
    TlsConnector::new(folder.client().versions(Versions::Tls13).early_data().build().unwrap())
}

async fn connect(connector: &TlsConnector, to: SocketAddr, early: &[u8]) -> (TlsStream<TcpStream>, usize) {
    let tcp = TcpStream::connect(to).await.unwrap();
    connector.connect_early(ServerName::parse("a.example").unwrap(), tcp, early).await.unwrap()
}

/// Gets a ticket: the response comes after it.
async fn visit(connector: &TlsConnector, to: SocketAddr, upstream: &TcpListener) {
    let (mut tls, accepted) = connect(connector, to, b"none").await;
    assert_eq!(accepted, 0);
    tls.write_all(b"first").await.unwrap();
    let (mut tcp, _) = upstream.accept().await.unwrap();
    tcp.write_all(b"x").await.unwrap();
    tls.read_exact(&mut [0]).await.unwrap();
}

#[tokio::test]
async fn early_data_reaches_the_upstream_before_the_handshake_is_complete() {
    let folder = Folder::new();
    let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = folder.start(&settings(upstream.local_addr().unwrap(), "early_data = true")).await.unwrap();
    let (connector, web) = (connector(&folder), address(&proxy, "web"));
    visit(&connector, web, &upstream).await;

    // The second flight of the client is held back: its Finished cannot have come.
    let hold = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let between = hold.local_addr().unwrap();
    let client = tokio::spawn(async move { connect(&connector, between, b"early").await });
    let (mut near, _) = hold.accept().await.unwrap();
    let mut far = TcpStream::connect(web).await.unwrap();
    let (mut early, mut flight) = ([0; 5], vec![0; 16 << 10]);
    let mut sent = 0;
    let accepted = async {
        let (mut tcp, _) = upstream.accept().await.unwrap();
        tcp.read_exact(&mut early).await.unwrap();
        tcp
    };
    let passing = async {
        // ClientHello and the early data, as they come; nothing is returned to the client.
        loop {
            let length = near.read(&mut flight).await.unwrap();
            far.write_all(&flight[..length]).await.unwrap();
            sent += length;
        }
    };
    let mut tcp = tokio::select! {
        tcp = timeout(LONG, accepted) => tcp.unwrap(),
        () = passing => unreachable!("it never ends"),
    };
    assert_eq!(&early, b"early");
    assert!(sent > 0);
    let relaying = tokio::spawn(async move { tokio::io::copy_bidirectional(&mut near, &mut far).await });
    let (mut tls, accepted) = timeout(LONG, client).await.unwrap().unwrap();
    assert_eq!(accepted, 5);
    tls.write_all(b"late").await.unwrap();
    let mut late = [0; 4];
    tcp.read_exact(&mut late).await.unwrap();
    assert_eq!(&late, b"late");
    tcp.write_all(b"response").await.unwrap();
    tls.read_exact(&mut [0; 8]).await.unwrap();
    relaying.abort();
    let metrics = page(&proxy, "/metrics").await;
    assert!(metrics.contains("cairn_early_data_bytes_total{listener=\"web\"} 5"), "{metrics}");
}

/// A copy of the same bytes, as an attacker sends them.
#[tokio::test]
async fn a_replayed_hello_forwards_no_early_data() {
    let folder = Folder::new();
    let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let text = settings(upstream.local_addr().unwrap(), "early_data = true");
    let mut proxy = folder.start(&text).await.unwrap();
    let (connector, web) = (connector(&folder), address(&proxy, "web"));
    visit(&connector, web, &upstream).await;
    let hold = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let between = hold.local_addr().unwrap();
    let client = tokio::spawn(async move { connect(&connector, between, b"early").await });
    let (mut near, _) = hold.accept().await.unwrap();
    let mut flight = vec![0; 16 << 10];
    let mut length = 0;
    // The whole flight: the early data is its last record.
    while let Ok(more) = timeout(Duration::from_millis(300), near.read(&mut flight[length..])).await {
        length += more.unwrap();
    }
    let mut first = TcpStream::connect(web).await.unwrap();
    first.write_all(&flight[..length]).await.unwrap();
    let (mut tcp, _) = timeout(LONG, upstream.accept()).await.unwrap().unwrap();
    let mut early = [0; 5];
    tcp.read_exact(&mut early).await.unwrap();
    assert_eq!(&early, b"early");
    // A reload does not forget that the ticket was used.
    proxy.reload().await.unwrap();
    let mut replay = TcpStream::connect(web).await.unwrap();
    replay.write_all(&flight[..length]).await.unwrap();
    // The proxy has answered with a full handshake, and has not called the upstream.
    assert!(replay.read(&mut [0; 100]).await.unwrap() > 0);
    timeout(Duration::from_millis(500), upstream.accept()).await.unwrap_err();
    client.abort();
}

#[tokio::test]
async fn early_data_is_refused_unless_it_is_switched_on() {
    let folder = Folder::new();
    let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = folder.start(&settings(upstream.local_addr().unwrap(), "")).await.unwrap();
    let (connector, web) = (connector(&folder), address(&proxy, "web"));
    visit(&connector, web, &upstream).await;
    let (_tls, accepted) = connect(&connector, web, b"early").await;
    assert_eq!(accepted, 0);
}
