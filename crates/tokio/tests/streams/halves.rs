//! Halves in two tasks.

use super::support::{builders, connect, ends, localhost, tcp};
use cairn_tokio::{
    TlsAcceptor, TlsConnector,
    tls::{Renegotiation, Versions, wire::KeyUpdateRequest},
};
use core::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// A time that no test needs.
const LONG: Duration = Duration::from_secs(60);

fn data(length: u32) -> Vec<u8> {
    (0..length).map(|i| (i / 3) as u8).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_directions_are_full_at_the_same_time() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let (client, server) = connect(&ends(versions), tcp().await).await;
        let mut tasks = Vec::new();
        for stream in [client, server] {
            let (mut read, mut write) = stream.into_split().unwrap();
            tasks.push(tokio::spawn(async move {
                let mut received = vec![0; 5_000_000];
                read.read_exact(&mut received).await.unwrap();
                assert!(received == data(5_000_000));
                // In TLS 1.2 the peer may close before this side has.
                assert_eq!(read.read(&mut [0; 1]).await.unwrap(), 0);
            }));
            tasks.push(tokio::spawn(async move {
                write.write_all(&data(5_000_000)).await.unwrap();
                write.flush().await.unwrap();
                // Wait until the peer has sent everything, because in TLS 1.2 close_notify ends both sides.
                tokio::time::sleep(Duration::from_secs(1)).await;
                write.shutdown().await.unwrap();
            }));
        }
        for task in tasks {
            timeout(LONG, task).await.unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn keys_are_updated_by_the_reading_half() {
    let (client, mut server) = connect(&ends(Versions::Tls13), tcp().await).await;
    let (mut read, mut write) = client.into_split().unwrap();
    read.update_keys(KeyUpdateRequest::UpdateRequested).unwrap();
    write.write_all(b"under new keys").await.unwrap();
    let mut received = [0; 14];
    server.read_exact(&mut received).await.unwrap();
    assert_eq!(&received, b"under new keys");
    server.write_all(b"both").await.unwrap();
    let mut both = [0; 4];
    read.read_exact(&mut both).await.unwrap();
    assert_eq!(&both, b"both");
}

#[tokio::test]
async fn a_write_waits_for_a_renegotiation_in_the_other_half() {
    let (client, server) = builders(Versions::Tls12);
    let ends = (
        TlsConnector::new(client.renegotiation(Renegotiation::Allowed).build().unwrap()),
        TlsAcceptor::new(server.renegotiation(Renegotiation::Requested).build().unwrap()),
    );
    let (client, server) = connect(&ends, tcp().await).await;
    let (mut server_reads, mut server_writes) = server.into_split().unwrap();
    server_reads.renegotiate().unwrap();
    server_writes.flush().await.unwrap();
    let (mut client_reads, mut client_writes) = client.into_split().unwrap();
    let client_task = tokio::spawn(async move {
        let mut received = [0; 5];
        client_reads.read_exact(&mut received).await.unwrap();
        received
    });
    // A half that has nothing to write sends the messages that the other half orders.
    let orders = tokio::spawn(async move { client_writes.send_orders().await });
    let reader = tokio::spawn(async move { server_reads.read(&mut [0; 10]).await });
    while server_writes.writer().is_open() {
        server_writes.flush().await.unwrap();
        tokio::task::yield_now().await;
    }
    timeout(LONG, server_writes.write_all(b"after")).await.unwrap().unwrap();
    assert_eq!(&timeout(LONG, client_task).await.unwrap().unwrap(), b"after");
    reader.abort();
    orders.abort();
}

#[tokio::test]
async fn a_write_does_not_wait_for_a_half_that_was_dropped() {
    let (client, server) = builders(Versions::Tls12);
    let client = TlsConnector::new(client.build().unwrap());
    let server = TlsAcceptor::new(server.renegotiation(Renegotiation::Requested).build().unwrap());
    let (to_server, to_client) = tcp().await;
    let (client, server) = tokio::join!(client.connect(localhost(), to_server), server.accept(to_client));
    let (_client, server) = (client.unwrap(), server.unwrap());
    let (mut read, mut write) = server.into_split().unwrap();
    read.renegotiate().unwrap();
    drop(read);
    write.flush().await.unwrap();
    // HelloRequest does not close the gate, so data can be written.
    timeout(LONG, write.write_all(b"data")).await.unwrap().unwrap();
    timeout(LONG, write.send_orders()).await.unwrap().unwrap();
}

/// The halves are both kept, so nothing but the failure can wake the writing half.
#[tokio::test]
async fn the_writing_half_sees_that_the_reading_half_has_failed() {
    for is_reset in [false, true] {
        let (mut client, mut server) = connect(&ends(Versions::Tls13), tcp().await).await;
        if !is_reset {
            // A client that has read everything ends its transport in order.
            server.write_all(b"x").await.unwrap();
            client.read_exact(&mut [0]).await.unwrap();
        }
        let (mut read, mut write) = server.into_split().unwrap();
        let orders = tokio::spawn(async move {
            write.send_orders().await.unwrap();
            write
        });
        tokio::task::yield_now().await;
        drop(client);
        read.read(&mut [0; 10]).await.unwrap_err();
        timeout(LONG, orders).await.unwrap().unwrap();
        drop(read);
    }
}

/// The peer sends nothing, so nothing but the drop can wake the writing half.
#[tokio::test]
async fn the_writing_half_sees_that_the_reading_half_was_dropped() {
    let (_client, server) = connect(&ends(Versions::Tls13), tcp().await).await;
    let (read, mut write) = server.into_split().unwrap();
    let orders = tokio::spawn(async move { write.send_orders().await });
    tokio::task::yield_now().await;
    assert!(!orders.is_finished());
    drop(read);
    timeout(LONG, orders).await.unwrap().unwrap().unwrap();
}
