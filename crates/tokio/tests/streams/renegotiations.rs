//! The time limit of a renegotiation whose peer is silent.

use super::support::{Memory, builders, connect, tcp};
use cairn_tokio::{
    TlsAcceptor, TlsConnector, TlsStream,
    tls::{Handshake, Renegotiation, Versions},
};
use core::time::Duration;
use futures::FutureExt;
use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, sleep},
};

/// The default limit.
const LIMIT: Duration = Duration::from_secs(60);

/// A client that permits renegotiation, and a server that may request it.
fn ends() -> (TlsConnector, TlsAcceptor) {
    let (client, server) = builders(Versions::Tls12);
    (
        TlsConnector::new(client.renegotiation(Renegotiation::Allowed).build().unwrap()),
        TlsAcceptor::new(server.renegotiation(Renegotiation::Requested).build().unwrap()),
    )
}

/// Reads HelloRequest, and sends the first message of the renegotiation and no other.
fn begin(client: &mut TlsStream<Memory>) {
    assert!(client.read(&mut [0]).now_or_never().is_none());
    assert!(client.reader().is_renegotiating());
}

fn check_late(error: &io::Error) {
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted, "{error}");
    assert!(error.to_string().contains("the renegotiation was not complete within 60 seconds"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn halves_end_if_the_client_leaves_a_renegotiation_half_done() {
    let (mut client, server) = connect(&ends(), Memory::pair()).await;
    let (mut read, mut write) = server.into_split().unwrap();
    read.renegotiate().unwrap();
    write.flush().await.unwrap();
    begin(&mut client);
    let begun = Instant::now();
    let reading = tokio::spawn(async move {
        let first = read.read(&mut [0]).await.unwrap_err();
        (first, read.read(&mut [0]).await.unwrap_err(), read)
    });
    while write.writer().is_open() {
        write.flush().await.unwrap();
        tokio::task::yield_now().await;
    }
    // The reading half is kept, so nothing but its error ends this write.
    write.write_all(b"data").await.unwrap_err();
    assert_eq!(begun.elapsed(), LIMIT);
    let (first, second, _read) = reading.await.unwrap();
    check_late(&first);
    check_late(&second);
    write.shutdown().await.unwrap();
    let alert = client.read(&mut [0]).await.unwrap_err();
    assert!(alert.to_string().contains("handshake_failure"), "{alert}");
}

#[tokio::test(start_paused = true)]
async fn halves_go_on_if_the_client_does_not_begin_a_renegotiation() {
    let (mut client, server) = connect(&ends(), Memory::pair()).await;
    let (mut read, mut write) = server.into_split().unwrap();
    read.renegotiate().unwrap();
    write.flush().await.unwrap();
    let reading = tokio::spawn(async move {
        let mut received = [0; 4];
        read.read_exact(&mut received).await.unwrap();
        (received, read)
    });
    sleep(LIMIT + Duration::from_secs(1)).await;
    client.write_all(b"data").await.unwrap();
    let (received, read) = reading.await.unwrap();
    assert_eq!(&received, b"data");
    assert!(read.reader().is_renegotiation_refused() && !read.reader().is_renegotiating());
    write.write_all(b"more").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stream_has_the_time_limit_too() {
    let (mut client, mut server) = connect(&ends(), Memory::pair()).await;
    for _ in 0..2 {
        let begun = Instant::now();
        server.renegotiate().unwrap();
        assert_eq!(server.handshake().await.unwrap(), Handshake::Refused);
        assert_eq!(begun.elapsed(), LIMIT);
    }
    server.renegotiate().unwrap();
    server.flush().await.unwrap();
    begin(&mut client);
    let begun = Instant::now();
    check_late(&server.handshake().await.unwrap_err());
    assert_eq!(begun.elapsed(), LIMIT);
    server.write_all(b"data").await.unwrap_err();
}

#[test]
fn without_time_limits_a_renegotiation_needs_no_timer() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let (client, server) = ends();
        let ends = (client.handshake_timeout(None), server.handshake_timeout(None));
        let (mut client, mut server) = connect(&ends, tcp().await).await;
        server.renegotiate().unwrap();
        let server = async {
            assert_eq!(server.handshake().await.unwrap(), Handshake::Complete);
            server.write_all(b"x").await.unwrap();
        };
        let (read, ()) = tokio::join!(client.read_u8(), server);
        assert_eq!(read.unwrap(), b'x');
    });
}
