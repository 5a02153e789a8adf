//! Clients that transfer, abort, close one side, read slowly, and resume, while the proxy is reloaded.

use super::child::{Running, echo};
use alloc::sync::Arc;
use cairn_tokio::{TlsConnector, tls::ServerName};
use core::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};
use std::time::Instant;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

/// The number of clients, and thus of concurrent connections.
const CLIENTS: u64 = 24;
/// A connection that takes longer has got stuck.
const PATIENCE: Duration = Duration::from_secs(60);
/// The permitted growth of the proxy between a quarter of the time and the end, in KiB: only what allocators
/// retain.
const GROWTH: u64 = 24 << 10;

#[derive(Debug, Default)]
struct Done {
    connections: AtomicU64,
    resumed: AtomicU64,
    aborted: AtomicU64,
    bytes: AtomicU64,
}

/// Runs the load for some seconds.
pub(crate) async fn run(seconds: u64) {
    let mut proxy = Running::start(echo().await).await;
    let (address, connector) = (proxy.address("tls"), proxy.connector());
    let (over, done) = (Arc::new(AtomicBool::new(false)), Arc::new(Done::default()));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (connector, over, done) = (connector.clone(), Arc::clone(&over), Arc::clone(&done));
            tokio::spawn(async move {
                let mut random = Random(number + 1);
                while !over.load(Ordering::Relaxed) {
                    let visit = visit(&connector, address, &mut random, &done);
                    timeout(PATIENCE, visit).await.expect("a connection has got stuck");
                }
            })
        })
        .collect();
    let begun = Instant::now();
    let (mut early, mut reloads) = (0, 0);
    while begun.elapsed() < Duration::from_secs(seconds) {
        sleep(Duration::from_millis(500)).await;
        proxy.reload().await;
        reloads += 1;
        if early == 0 && begun.elapsed() >= Duration::from_secs(seconds) / 4 {
            early = proxy.memory();
        }
    }
    over.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.expect("a client has failed");
    }
    let late = proxy.memory();
    proxy.stop().await;
    let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
    println!(
        "{} connections ({} resumed, {} aborted), {} MB echoed and compared, {reloads} reloads, none failed",
        of(&done.connections),
        of(&done.resumed),
        of(&done.aborted),
        of(&done.bytes) >> 20,
    );
    println!("memory of the proxy: {early} KiB after a quarter of the time, {late} KiB at the end");
    assert!(late.saturating_sub(early) <= GROWTH, "the proxy has grown by more than {GROWTH} KiB");
}

async fn visit(connector: &TlsConnector, address: SocketAddr, random: &mut Random, done: &Done) {
    let tcp = TcpStream::connect(address).await.expect("a connection");
    let name = ServerName::parse("localhost").expect("a name");
    if random.below(20) == 0 {
        // In the middle of the handshake.
        let connecting = connector.connect(name, tcp);
        let _late = timeout(Duration::from_micros(random.below(3000)), connecting).await;
        done.aborted.fetch_add(1, Ordering::Relaxed);
        return;
    }
    let stream = connector.connect(name, tcp).await.expect("a handshake");
    done.connections.fetch_add(1, Ordering::Relaxed);
    if stream.summary().is_some_and(cairn_tokio::tls::Summary::is_resumed) {
        done.resumed.fetch_add(1, Ordering::Relaxed);
    }
    let length = random.below(300_000);
    let data: Vec<u8> = (0..length).map(|_| random.byte()).collect();
    if random.below(10) == 0 {
        // In the middle of the data.
        let mut stream = stream;
        let _cut = timeout(Duration::from_micros(random.below(2000)), stream.write_all(&data)).await;
        done.aborted.fetch_add(1, Ordering::Relaxed);
        return;
    }
    let is_slow = random.below(8) == 0;
    let (mut read, mut write) = tokio::io::split(stream);
    let sending = async {
        write.write_all(&data).await.expect("a write");
        // Half-closed: the echo still comes.
        write.shutdown().await.expect("close_notify");
    };
    let receiving = async {
        let mut received: Vec<u8> = Vec::new();
        let mut chunk = vec![0; if is_slow { 3000 } else { 50_000 }];
        loop {
            match read.read(&mut chunk).await.expect("the echo") {
                0 => return received,
                length => received.extend(chunk.iter().take(length)),
            }
            if is_slow {
                sleep(Duration::from_millis(2)).await;
            }
        }
    };
    let ((), received) = tokio::join!(sending, receiving);
    assert!(received == data, "the echo differs: {} bytes of {}", received.len(), data.len());
    done.bytes.fetch_add(length, Ordering::Relaxed);
}

/// A small generator (xorshift64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn byte(&mut self) -> u8 {
        let [byte, ..] = self.next().to_le_bytes();
        byte
    }
}
