//! Early data and 0.5-RTT data.

use super::support::{builders, connect, localhost, tcp};
use cairn_tokio::{TlsAcceptor, TlsConnector, tls::Versions};
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Both sides, after a connection from which the client has tickets.
async fn with_tickets() -> (TlsConnector, TlsAcceptor) {
    let (client, server) = builders(Versions::Tls13);
    let client = TlsConnector::new(client.early_data().build().unwrap());
    let server = TlsAcceptor::new(server.early_data(1000).half_rtt_data().build().unwrap());
    let ends = (client, server);
    let (mut client, mut server) = connect(&ends, tcp().await).await;
    server.write_all(b"x").await.unwrap();
    client.read_exact(&mut [0]).await.unwrap();
    ends
}

#[tokio::test]
async fn early_data_is_read_apart_and_answered_before_the_handshake_is_complete() {
    let (client, server) = with_tickets().await;
    let (to_server, to_client) = tcp().await;
    let serving = async {
        let mut early = server.accept_early(to_client).unwrap();
        let (mut request, mut part) = (Vec::new(), [0; 7]);
        while request.len() < 10 {
            let length = early.read_early(&mut part).await.unwrap();
            request.extend_from_slice(&part[..length]);
        }
        assert_eq!(early.write_half_rtt(b"early response").await.unwrap(), 14);
        assert_eq!(early.read_early(&mut part).await.unwrap(), 0);
        let mut stream = early.complete().await.unwrap();
        let mut rest = [0; 4];
        stream.read_exact(&mut rest).await.unwrap();
        (request, rest)
    };
    let connecting = async {
        let (mut stream, accepted) =
            client.connect_early(localhost(), to_server, b"GET /early").await.unwrap();
        assert_eq!(accepted, 10);
        stream.write_all(b"rest").await.unwrap();
        let mut response = [0; 14];
        stream.read_exact(&mut response).await.unwrap();
        assert_eq!(&response, b"early response");
        stream
    };
    let (served, _stream) = tokio::join!(serving, connecting);
    assert_eq!(served, (b"GET /early".to_vec(), *b"rest"));
}

#[tokio::test]
async fn unread_early_data_is_an_error() {
    let (client, server) = with_tickets().await;
    let (to_server, to_client) = tcp().await;
    let (_, served) =
        tokio::join!(client.connect_early(localhost(), to_server, b"GET /"), server.accept(to_client));
    assert_eq!(served.unwrap_err().error.kind(), io::ErrorKind::InvalidInput);
}

#[tokio::test]
async fn early_data_without_a_ticket_is_not_sent() {
    let (client, server) = builders(Versions::Tls13);
    let client = TlsConnector::new(client.early_data().build().unwrap());
    let server = TlsAcceptor::new(server.early_data(1000).build().unwrap());
    let (to_server, to_client) = tcp().await;
    let (connected, served) =
        tokio::join!(client.connect_early(localhost(), to_server, b"GET /"), server.accept(to_client));
    assert_eq!(connected.unwrap().1, 0);
    served.unwrap();
}
