//! Peers on bare sockets, and the alerts that they receive.

use super::PATIENCE;
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    thread::{self, JoinHandle},
};

/// Reads until the end, or until the other side closes.
pub(crate) fn read_all(tcp: &mut TcpStream) -> Vec<u8> {
    tcp.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut all = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(came @ 1..) = tcp.read(&mut chunk) {
        all.extend_from_slice(&chunk[..came]);
    }
    all
}

/// Connects, sends these bytes, shuts down sending if `ends`, and returns what was received.
pub(crate) fn speak(address: &str, bytes: &[u8], ends: bool) -> Vec<u8> {
    let mut tcp = TcpStream::connect(address).unwrap();
    tcp.write_all(bytes).unwrap();
    if ends {
        tcp.shutdown(Shutdown::Write).unwrap();
    }
    read_all(&mut tcp)
}

/// The last fatal alert among unencrypted records.
pub(crate) fn alert_in(records: &[u8]) -> Option<u8> {
    let mut alert = None;
    let mut rest = records;
    while let [kind, _, _, high, low, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        if let (21, [2, description]) = (*kind, &after[..length]) {
            alert = Some(*description);
        }
        rest = &after[length..];
    }
    alert
}

/// A server without TLS: waits for the first bytes of one client, answers with its own bytes, and keeps what
/// follows.
#[derive(Debug)]
pub(crate) struct RawServer {
    pub(crate) address: String,
    came: JoinHandle<Vec<u8>>,
}

impl RawServer {
    /// Answers with these bytes, and then closes the transport if `ends`.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>, ends: bool) -> Self {
        let answer = answer.into();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let came = thread::spawn(move || {
            let (mut tcp, _) = listener.accept().unwrap();
            let mut first = [0; 16_384];
            let _hello = tcp.read(&mut first).unwrap();
            tcp.write_all(&answer).unwrap();
            if ends {
                tcp.shutdown(Shutdown::Write).unwrap();
            }
            read_all(&mut tcp)
        });
        Self { address, came }
    }

    /// The bytes received after the first ones.
    pub(crate) fn came(self) -> Vec<u8> {
        self.came.join().unwrap()
    }
}
