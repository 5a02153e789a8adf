//! Runs many connections over loopback for some time, checks the data on both sides, and watches memory.
//!
//! ```sh
//! cargo run --release -p cairn-benches --bin soak -- 60
//! ```
//!
//! The argument is the duration in seconds. Clients connect to a server in the same process and usually
//! resume a session. They send messages of random lengths, check the echo, and end in one of three ways: an
//! orderly close by the client, an orderly close by the server, or dropping the connection. The program fails
//! if data is corrupted, if a connection fails without being dropped, or if the process uses much more memory
//! at the end than after a quarter of the time (Linux).
#![allow(clippy::expect_used, clippy::panic, reason = "a panic shows what went wrong, and where")]

extern crate alloc;

use alloc::sync::Arc;
use cairn_benches::{Resume, configs};
use cairn_crypto::KeySpec;
use cairn_tls::{ClientConfig, ServerConfig, ServerName, Stream, wire::CipherSuite};
use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::time::Duration;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::time::Instant;
use std::{env, fs, thread};

/// The number of clients, and thus of concurrent connections.
const CLIENTS: u64 = 8;
/// The time limit for reads and writes.
const PATIENCE: Duration = Duration::from_secs(30);
/// The maximum length of a message in bytes.
const LONGEST: u64 = 200_000;
/// The permitted growth of the process between a quarter of the time and the end, in KiB: only what
/// allocators retain.
const GROWTH: u64 = 16 << 10;

/// Counters.
#[derive(Debug, Default)]
struct Done {
    connections: AtomicU64,
    resumed: AtomicU64,
    dropped: AtomicU64,
    bytes: AtomicU64,
}

fn main() -> ExitCode {
    let Some(seconds) = env::args().nth(1).and_then(|argument| argument.parse().ok()) else {
        eprintln!("usage: soak SECONDS");
        return ExitCode::FAILURE;
    };
    let suite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    let (client, server) = configs(KeySpec::EcP256, suite, Resume::Id);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (over, done) = (Arc::new(AtomicBool::new(false)), Arc::new(Done::default()));
    thread::spawn(move || serve(&listener, &server));
    let begun = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let (client, over, done) = (client.clone(), Arc::clone(&over), Arc::clone(&done));
            thread::spawn(move || {
                let mut random = Random(number + 1);
                while !over.load(Ordering::Relaxed) {
                    connect(&client, address, &mut random, &done);
                }
            })
        })
        .collect();
    thread::sleep(Duration::from_secs(seconds) / 4);
    let early = memory();
    thread::sleep(Duration::from_secs(seconds).saturating_sub(begun.elapsed()));
    let late = memory();
    over.store(true, Ordering::Relaxed);
    let failed = clients.into_iter().filter_map(|client| client.join().err()).count();
    report(&done, begun.elapsed(), early, late);
    let grown = late.saturating_sub(early);
    if grown > GROWTH {
        eprintln!("the process has grown by {grown} KiB, expected at most {GROWTH}");
    }
    let count = done.connections.load(Ordering::Relaxed);
    if failed == 0 && count > 0 && grown <= GROWTH { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn report(done: &Done, time: Duration, early: u64, late: u64) {
    let number = |count: &AtomicU64| count.load(Ordering::Relaxed);
    println!(
        "{} connections in {:.0} s, {} of them resumed, {} dropped, {} MB echoed; \
         {early} KiB held early, {late} KiB late",
        number(&done.connections),
        time.as_secs_f64(),
        number(&done.resumed),
        number(&done.dropped),
        number(&done.bytes) / 1_000_000,
    );
}

/// Echoes to every client, each on its own thread, until the process ends: a listener that is closed earlier
/// resets connections that it has not accepted.
fn serve(listener: &TcpListener, config: &ServerConfig) {
    for tcp in listener.incoming() {
        let (tcp, config) = (patient(tcp.expect("a client")), config.clone());
        thread::spawn(move || {
            // A client that drops its connection is not a failure; other clients detect failures of the
            // server.
            let _dropped = echo(&config, tcp);
        });
    }
}

fn echo(config: &ServerConfig, tcp: TcpStream) -> io::Result<()> {
    let mut tls = Stream::server(config, tcp).map_err(io::Error::other)?;
    let mut buf = [0; 8192];
    loop {
        let read = tls.read(&mut buf)?;
        let data = buf.get(..read).unwrap_or_default();
        if data.is_empty() {
            return tls.close();
        }
        tls.write_all(data)?;
    }
}

/// Runs one connection.
fn connect(config: &ClientConfig, address: SocketAddr, random: &mut Random, done: &Done) {
    let tcp = patient(TcpStream::connect(address).expect("a connection"));
    let name = ServerName::parse("localhost").expect("a name");
    let mut tls = Stream::client(config, name, tcp).expect("a stream");
    for _ in 0..1 + random.below(3) {
        let message = random.message();
        let mut back = vec![0; message.len()];
        // In pieces, so that the two sides never block each other with full buffers.
        for (piece, place) in message.chunks(4096).zip(back.chunks_mut(4096)) {
            tls.write_all(piece).expect("written");
            tls.flush().expect("flushed");
            tls.read_exact(place).expect("echoed");
        }
        assert!(message == back, "the echo of {} bytes differs", message.len());
        done.bytes.fetch_add(u64::try_from(back.len()).unwrap_or_default(), Ordering::Relaxed);
    }
    if tls.summary().is_some_and(|summary| summary.is_resumed()) {
        done.resumed.fetch_add(1, Ordering::Relaxed);
    }
    done.connections.fetch_add(1, Ordering::Relaxed);
    if random.below(10) == 0 {
        done.dropped.fetch_add(1, Ordering::Relaxed);
        return;
    }
    tls.close().expect("closed");
    assert_eq!(tls.read(&mut [0; 16]).expect("an orderly end"), 0, "data after the end");
}

fn patient(tcp: TcpStream) -> TcpStream {
    tcp.set_read_timeout(Some(PATIENCE)).expect("a time limit");
    tcp.set_write_timeout(Some(PATIENCE)).expect("a time limit");
    tcp.set_nodelay(true).expect("no delay");
    tcp
}

/// The resident memory of the process in KiB, or 0 if unknown.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Xorshift (Marsaglia): the same lengths and bytes in each run.
#[derive(Debug)]
struct Random(u64);

impl Random {
    const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }

    fn message(&mut self) -> Vec<u8> {
        let length = self.below(LONGEST) >> self.below(12);
        (0..length).map(|_| self.next().to_be_bytes()[0]).collect()
    }
}
