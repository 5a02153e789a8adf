//! Handshakes, their errors and their time limits.

use super::support::{Slow, builders, connect, ends, identity, localhost, tcp, try_connect};
use cairn_tokio::{
    EarlyStream, HandshakeFailed, ReadHalf, TlsAcceptor, TlsConnector, TlsStream, WriteHalf,
    tls::{
        Versions, tls_error,
        wire::{AlertDescription, ProtocolVersion},
        x509::Roots,
    },
};
use core::time::Duration;
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[test]
fn streams_can_be_shared_by_threads_and_halves_can_be_moved() {
    fn check<T: Send + Sync + Unpin + 'static>() {}
    type Tcp = tokio::net::TcpStream;
    check::<TlsConnector>();
    check::<TlsAcceptor>();
    check::<TlsStream<Tcp>>();
    check::<EarlyStream<Tcp>>();
    fn check_moved<T: Send + Unpin + 'static>() {}
    check_moved::<ReadHalf<Tcp>>();
    check_moved::<WriteHalf<Tcp>>();
    check::<HandshakeFailed<Tcp>>();
}

#[tokio::test]
async fn streams_speak_both_versions_over_tcp() {
    for (versions, version) in
        [(Versions::Tls12, ProtocolVersion::TLS_1_2), (Versions::Tls13, ProtocolVersion::TLS_1_3)]
    {
        let (mut client, mut server) = connect(&ends(versions), tcp().await).await;
        assert_eq!(client.summary().unwrap().version(), version);
        client.write_all(b"ping").await.unwrap();
        let mut ping = [0; 4];
        server.read_exact(&mut ping).await.unwrap();
        assert_eq!(&ping, b"ping");
        server.write_all(b"pong").await.unwrap();
        server.shutdown().await.unwrap();
        let mut pong = Vec::new();
        client.read_to_end(&mut pong).await.unwrap();
        assert_eq!(pong, b"pong");
    }
}

#[tokio::test]
async fn streams_work_over_a_transport_that_is_rarely_ready() {
    let data: Vec<u8> = (0..100_000_u32).map(|i| i as u8).collect();
    for seed in 1..20 {
        let versions = if seed % 2 == 0 { Versions::Tls12 } else { Versions::Tls13 };
        let (mut client, mut server) = connect(&ends(versions), Slow::pair(seed * 77_777)).await;
        let sending = async {
            client.write_all(&data).await.unwrap();
            client.shutdown().await.unwrap();
        };
        let mut received = Vec::new();
        let (_, result) = tokio::join!(sending, server.read_to_end(&mut received));
        result.unwrap();
        assert!(received == data);
    }
}

#[tokio::test]
async fn a_failed_handshake_returns_the_transport() {
    let (_, server) = ends(Versions::Both);
    // It does not trust the server.
    let (client, _) = builders(Versions::Both);
    let ends = (TlsConnector::new(client.build().unwrap()), server);
    let (client, server) = try_connect(&ends, tcp().await).await;
    let (client, server) = (client.unwrap_err(), server.unwrap_err());
    assert_eq!(tls_error(&client.error).unwrap().alert, Some(AlertDescription::UNKNOWN_CA));
    assert!(tls_error(&server.error).is_some(), "{server}");
    let (mut client, mut server) = (client.transport, server.transport);
    client.write_all(b"plain").await.unwrap();
    let mut plain = [0; 5];
    server.read_exact(&mut plain).await.unwrap();
    assert_eq!(&plain, b"plain");
}

#[tokio::test(start_paused = true)]
async fn a_handshake_with_a_silent_peer_ends_at_its_time_limit() {
    let (client, server) = ends(Versions::Both);
    let (to_server, to_client) = tokio::io::duplex(100_000);
    let begun = tokio::time::Instant::now();
    let failed = client.connect(localhost(), to_server).await.unwrap_err();
    assert_eq!(failed.error.kind(), io::ErrorKind::TimedOut);
    assert_eq!(
        failed.to_string(),
        "the handshake was not complete within 30s: it waits for the peer, in state AwaitServerHello"
    );
    assert_eq!(begun.elapsed(), Duration::from_secs(30));
    drop(to_client);
    let (mut silent, to_client) = tokio::io::duplex(100_000);
    let short = server.handshake_timeout(Some(Duration::from_millis(10)));
    let failed = short.accept(to_client).await.unwrap_err();
    assert_eq!(failed.error.kind(), io::ErrorKind::TimedOut);
    drop(failed);
    // The silent client learns that nothing will follow: a warning alert, close_notify.
    let mut answer = Vec::new();
    silent.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer, [21, 3, 3, 0, 2, 1, 0]);
}

#[test]
fn without_time_limits_no_timer_is_needed() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let (client, server) = ends(Versions::Both);
        let ends = (client.handshake_timeout(None), server.handshake_timeout(None));
        connect(&ends, tcp().await).await;
    });
}

#[tokio::test]
async fn a_peer_without_tls_is_an_error() {
    let (client, _) = ends(Versions::Both);
    let (to_server, mut to_client) = tcp().await;
    to_client.write_all(b"HTTP/1.0 400 Bad Request\r\n\r\n").await.unwrap();
    let failed = client.connect(localhost(), to_server).await.unwrap_err();
    assert!(tls_error(&failed.error).is_some(), "{failed}");
}

#[tokio::test]
async fn a_handshake_behind_much_unread_data_is_an_error_and_does_not_hang() {
    let (client, server) = builders(Versions::Tls13);
    let mut roots = Roots::new();
    roots.add_der(identity().certificate()).unwrap();
    let server = server.request_client_certificates_later(roots);
    let ends = (
        TlsConnector::new(client.post_handshake_auth().build().unwrap()),
        TlsAcceptor::new(server.build().unwrap()),
    );
    let (mut client, mut server) = connect(&ends, tcp().await).await;
    server.request_client_certificate().unwrap();
    let flood = tokio::spawn(async move {
        let _cut = client.write_all(&vec![0; 1_000_000]).await;
        client
    });
    let waiting = tokio::time::timeout(Duration::from_secs(60), server.handshake()).await.unwrap();
    assert!(waiting.unwrap_err().to_string().contains("must be read first"));
    // Nothing is lost.
    let mut received = vec![1; 1000];
    server.read_exact(&mut received).await.unwrap();
    assert_eq!(received, [0; 1000]);
    flood.abort();
}
