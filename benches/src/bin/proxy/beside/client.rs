//! The generator: connections in blocking threads, and what they measure.

use super::{contender::Version, upstream::HEADER};
use alloc::sync::Arc;
use cairn_tls::{
    ClientConfig, ServerName, Stream, Suite, Versions,
    session::NoSessions,
    wire::{CipherSuite, NamedGroup},
};
use core::{
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Mutex,
    thread,
    time::Instant,
};

/// The number of connections at the same time where the load is closed.
const CLOSED: usize = 4;
/// The number of threads that wait for their arrivals in an open loop, and thus of connections at most.
const OPEN: usize = 128;
/// The time limit of a read. A connection that takes longer has got stuck.
const PATIENCE: Duration = Duration::from_secs(20);
/// The most that is written or read at once in a transfer, in bytes.
const CHUNK: usize = 64 << 10;

/// Whether a connection resumes the session of an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handshake {
    Full,
    Resumed,
}

/// A client of one proxy.
#[derive(Debug)]
pub(crate) struct Client {
    address: SocketAddr,
    version: Version,
    root: String,
}

/// An open connection.
pub(crate) type Open = Stream<TcpStream>;

impl Client {
    /// A client that trusts this root, in PEM.
    pub(crate) fn new(address: SocketAddr, version: Version, root: &str) -> Self {
        Self { address, version, root: root.to_owned() }
    }

    /// One version, one cipher suite and one group that the proxies use. A client that makes full handshakes
    /// requests tickets too, as ordinary clients do, and stores none.
    fn config(&self, handshake: Handshake) -> ClientConfig {
        let (versions, suite) = match self.version {
            Version::Tls13 => (Versions::Tls13, CipherSuite::TLS_AES_128_GCM_SHA256),
            Version::Tls12 => (Versions::Tls12, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
        };
        let builder = ClientConfig::builder()
            .trust_pem(self.root.as_bytes())
            .and_then(|builder| builder.suites(&[suite]))
            .expect("a configuration")
            .versions(versions)
            // X25519 is used. In TLS 1.2, OpenSSL has no certificate for a client without P-256.
            .groups(&[NamedGroup::X25519, NamedGroup::SECP256R1])
            .key_shares(&[NamedGroup::X25519]);
        let builder = match handshake {
            Handshake::Full => builder.sessions(Arc::new(NoSessions)),
            Handshake::Resumed => builder,
        };
        builder.build().expect("a configuration")
    }

    /// Connects, and checks what was negotiated.
    fn connect(&self, config: &ClientConfig, expected: Handshake) -> Open {
        let tcp = TcpStream::connect(self.address).expect("a connection");
        tcp.set_nodelay(true).expect("a socket");
        tcp.set_read_timeout(Some(PATIENCE)).expect("a socket");
        let name = ServerName::parse("localhost").expect("a name");
        let mut stream = Stream::client(config, name, tcp).expect("a client");
        stream.handshake().expect("a handshake");
        let summary = stream.summary().expect("a summary");
        let is_tls13 = matches!(summary.suite(), Suite::Tls13(_));
        assert_eq!(is_tls13, self.version == Version::Tls13, "the proxy has chosen another version");
        let has_group = expected == Handshake::Full || is_tls13;
        let group = has_group.then_some(NamedGroup::X25519);
        assert_eq!(summary.group(), group, "the proxy has chosen another group");
        assert_eq!(summary.is_resumed(), expected == Handshake::Resumed, "resumption differs");
        stream
    }

    /// Makes connections one after the other in some threads at once. Each exchanges one byte in both
    /// directions and ends.
    pub(crate) fn handshakes(&self, handshake: Handshake, count: usize) {
        thread::scope(|scope| {
            for _ in 0..CLOSED {
                scope.spawn(|| {
                    let config = self.config(handshake);
                    let mut expected = Handshake::Full;
                    for _ in 0..count.div_ceil(CLOSED) {
                        let mut stream = self.connect(&config, expected);
                        exchange(&mut stream, 1, 1);
                        stream.close().expect("close_notify");
                        expected = handshake;
                    }
                });
            }
        });
    }

    /// The number of connections that [`Client::handshakes`] makes for this count.
    pub(crate) const fn made(count: usize) -> usize {
        count.div_ceil(CLOSED) * CLOSED
    }

    /// Opens connections that have exchanged one byte in both directions, and adds them to `open`.
    pub(crate) fn leave_idle(&self, open: &mut Vec<Open>, count: usize) {
        let config = self.config(Handshake::Full);
        for _ in 0..count {
            let mut stream = self.connect(&config, Handshake::Full);
            exchange(&mut stream, 1, 1);
            open.push(stream);
        }
    }

    /// Sends and receives so many bytes over one connection.
    pub(crate) fn transfer(&self, upload: u64, download: u64) {
        let mut stream = self.connect(&self.config(Handshake::Full), Handshake::Full);
        exchange(&mut stream, upload, download);
        stream.close().expect("close_notify");
    }

    /// Makes new connections at these times after the start, whatever becomes of the earlier ones. Each
    /// requests and receives 1 KiB. Returns the time from each intended start to the end of the response.
    pub(crate) fn open_loop(&self, arrivals: &[Duration]) -> Vec<Duration> {
        let (next, times) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(arrivals.len())));
        let config = self.config(Handshake::Full);
        let begun = Instant::now() + Duration::from_millis(50);
        thread::scope(|scope| {
            for _ in 0..OPEN {
                scope.spawn(|| {
                    let mut own = Vec::new();
                    while let Some(arrival) = arrivals.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let intended = begun + *arrival;
                        thread::sleep(intended.saturating_duration_since(Instant::now()));
                        let mut stream = self.connect(&config, Handshake::Full);
                        exchange(&mut stream, 1024, 1024);
                        // If all threads were busy, the wait for one counts as well.
                        own.push(intended.elapsed());
                        stream.close().expect("close_notify");
                    }
                    times.lock().expect("no thread has failed").extend(own);
                });
            }
        });
        times.into_inner().expect("no thread has failed")
    }
}

/// Sends a request with so many bytes, and reads a response of so many.
fn exchange(stream: &mut Open, upload: u64, download: u64) {
    let most = |bytes: u64| usize::try_from(bytes).unwrap_or(CHUNK).min(CHUNK);
    let mut chunk = vec![0; HEADER + most(upload.max(download))];
    let header: Vec<u8> = [upload, download].into_iter().flat_map(u64::to_be_bytes).collect();
    // A short request is one write.
    let first = most(upload);
    chunk.splice(..HEADER, header);
    stream.write_all(chunk.get(..HEADER + first).unwrap_or_default()).expect("a write");
    let mut rest = upload.saturating_sub(u64::try_from(first).unwrap_or(u64::MAX));
    while rest > 0 {
        let length = most(rest);
        stream.write_all(chunk.get(..length).unwrap_or_default()).expect("a write");
        rest = rest.saturating_sub(u64::try_from(length).unwrap_or(u64::MAX));
    }
    let mut rest = download;
    while rest > 0 {
        let part = chunk.get_mut(..most(rest)).unwrap_or_default();
        let length = stream.read(part).expect("the response");
        assert!(length > 0, "the connection has ended {rest} bytes before the end of the response");
        rest = rest.saturating_sub(u64::try_from(length).unwrap_or(u64::MAX));
    }
}
