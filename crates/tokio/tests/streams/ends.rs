//! The ends of streams.

use super::support::{connect, ends, tcp};
use cairn_tokio::tls::Versions;
use std::io;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt};

#[tokio::test]
async fn an_end_without_close_notify_is_an_error() {
    let (mut client, server) = connect(&ends(Versions::Both), tcp().await).await;
    drop(server);
    let error = client.read(&mut [0; 10]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn tls13_writes_after_the_peer_has_closed_its_side() {
    let (mut client, mut server) = connect(&ends(Versions::Tls13), tcp().await).await;
    client.write_all(b"request").await.unwrap();
    client.shutdown().await.unwrap();
    let mut request = Vec::new();
    server.read_to_end(&mut request).await.unwrap();
    assert_eq!(request, b"request");
    server.write_all(b"response").await.unwrap();
    server.shutdown().await.unwrap();
    let mut response = Vec::new();
    client.read_to_end(&mut response).await.unwrap();
    assert_eq!(response, b"response");
}

#[tokio::test]
async fn tls12_answers_close_notify_and_cannot_write_then() {
    let (mut client, mut server) = connect(&ends(Versions::Tls12), tcp().await).await;
    client.shutdown().await.unwrap();
    assert_eq!(server.read(&mut [0; 10]).await.unwrap(), 0);
    server.write_all(b"late").await.unwrap_err();
    assert_eq!(client.read(&mut [0; 10]).await.unwrap(), 0);
}

#[tokio::test]
async fn close_notify_returns_the_transport_for_another_protocol() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let (mut client, mut server) = connect(&ends(versions), tcp().await).await;
        server.write_all(b"last words").await.unwrap();
        client.write_all(b"bye").await.unwrap();
        let mut bye = [0; 3];
        server.read_exact(&mut bye).await.unwrap();
        let (client, server) = tokio::join!(client.close_notify(), server.close_notify());
        let (mut client, server) = (client.unwrap(), server.unwrap());
        assert_eq!(client.unread, b"last words");
        assert!(client.unopened.is_empty() && server.unread.is_empty());
        let mut server = server.transport;
        server.write_all(b"plain").await.unwrap();
        let mut plain = [0; 5];
        client.transport.read_exact(&mut plain).await.unwrap();
        assert_eq!(&plain, b"plain");
    }
}

#[tokio::test]
async fn vectored_writes_share_a_record_and_lines_can_be_read() {
    let (mut client, mut server) = connect(&ends(Versions::Both), tcp().await).await;
    let slices = [b"one ".as_slice(), b"", b"record"].map(io::IoSlice::new);
    assert!(AsyncWrite::is_write_vectored(&client));
    assert_eq!(client.write_vectored(&slices).await.unwrap(), 10);
    // A read returns the data of one record.
    let mut record = [0; 100];
    let length = server.read(&mut record).await.unwrap();
    assert_eq!(&record[..length], b"one record");
    client.write_all(b"one line\ntwo").await.unwrap();
    client.shutdown().await.unwrap();
    let mut line = String::new();
    server.read_line(&mut line).await.unwrap();
    assert_eq!(line, "one line\n");
    server.read_line(&mut line).await.unwrap();
    assert_eq!(line, "one line\ntwo");
}

#[tokio::test]
async fn tokio_copies_in_both_directions_at_once() {
    let data: Vec<u8> = (0..1_000_000_u32).map(|i| (i / 7) as u8).collect();
    for versions in [Versions::Tls12, Versions::Tls13] {
        let (mut client, server) = connect(&ends(versions), tcp().await).await;
        // The server echoes, in one task with both directions.
        let echo = tokio::spawn(async move {
            let (mut read, mut write) = tokio::io::split(server);
            tokio::io::copy(&mut read, &mut write).await.unwrap();
            write.shutdown().await
        });
        let (mut read, mut write) = tokio::io::split(&mut client);
        let mut received = vec![0; data.len()];
        let sending = async {
            write.write_all(&data).await.unwrap();
            write.flush().await.unwrap();
        };
        let (_, result) = tokio::join!(sending, read.read_exact(&mut received));
        result.unwrap();
        assert!(received == data);
        client.shutdown().await.unwrap();
        // In TLS 1.2 our close_notify closes the server's side too.
        let _closed = echo.await.unwrap();
    }
}
