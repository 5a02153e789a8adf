//! A TCP proxy that records what passes through it, as a capture file.

#[path = "../../../src/capture/testing.rs"]
pub(crate) mod pcap;

use alloc::sync::Arc;
use core::net::{Ipv4Addr, SocketAddrV4};
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::Mutex,
    thread::{self, JoinHandle},
};

/// The bytes of a connection in their order; `true` is the client.
pub(crate) type Sent = Vec<(bool, Vec<u8>)>;

/// Forwards a number of connections to a server and records them.
#[derive(Debug)]
pub(crate) struct Recorder {
    /// `127.0.0.1:port`.
    pub(crate) address: String,
    accepting: JoinHandle<Vec<Sent>>,
}

impl Recorder {
    /// Starts it for this many connections.
    pub(crate) fn start(server: &str, connections: usize) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = server.to_owned();
        let accepting = thread::spawn(move || {
            let forward = |(client, _)| {
                let server = server.clone();
                thread::spawn(move || forward(client, &server))
            };
            let each: Vec<_> = (0..connections).map(|_| forward(listener.accept().unwrap())).collect();
            each.into_iter().map(|connection| connection.join().unwrap()).collect()
        });
        Self { address, accepting }
    }

    /// The recorded connections.
    pub(crate) fn finish(self) -> Vec<Sent> {
        self.accepting.join().unwrap()
    }
}

/// Records a connection until both sides have closed it.
fn forward(client: TcpStream, server: &str) -> Sent {
    let server = TcpStream::connect(server).unwrap();
    let sent: Arc<Mutex<Sent>> = Arc::default();
    let copy = |from_client: bool, mut from: TcpStream, mut to: TcpStream| {
        let sent = Arc::clone(&sent);
        thread::spawn(move || {
            let mut buffer = vec![0; 1 << 14];
            // The end of one direction, also by a reset, is passed on.
            while let Ok(length @ 1..) = from.read(&mut buffer) {
                // Recorded before it can be answered.
                sent.lock().unwrap().push((from_client, buffer[..length].to_vec()));
                if to.write_all(&buffer[..length]).is_err() {
                    break;
                }
            }
            let _is_gone_already = to.shutdown(Shutdown::Write);
        })
    };
    let there = copy(true, client.try_clone().unwrap(), server.try_clone().unwrap());
    let back = copy(false, server, client);
    there.join().unwrap();
    back.join().unwrap();
    core::mem::take(&mut sent.lock().unwrap())
}

/// The port of the server in a capture: the one on which `tshark` expects TLS.
const SERVER_PORT: u16 = 443;

/// The packets of these connections, each with a client port of its own.
pub(crate) fn packets(connections: &[Sent]) -> Vec<Vec<u8>> {
    let server = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 2), SERVER_PORT);
    let each = (50_000..).zip(connections).flat_map(|(port, sent)| {
        let client = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), port);
        pcap::Tcp { ends: [client, server], next: [1_000, 0xffff_ff00] }.packets(sent)
    });
    each.collect()
}
