//! `cairn proxy` in a process, and an upstream.

use super::{Finished, PATIENCE, Peer, cairn};
use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Instant,
};

/// A running proxy with a listener `front` and an `admin` address.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) peer: Peer,
    /// Of the listener.
    pub(crate) address: String,
    admin: String,
}

impl Proxy {
    /// Starts it with these settings and variables of the environment.
    pub(crate) fn start(file: &str, environment: &[(&str, &str)]) -> Self {
        let mut peer = Peer::start(cairn(&["proxy", file]).envs(environment.iter().copied()));
        let mut address = |prefix: &str| {
            peer.wait_for(prefix, |text| {
                // Only whole lines.
                let lines = text.rsplit_once('\n')?.0;
                lines.lines().find_map(|line| line.strip_prefix(prefix)).map(str::to_owned)
            })
        };
        let (front, admin) = (address("front: "), address("metrics and health: "));
        Self { peer, address: front, admin }
    }

    /// A page of the server for metrics and health.
    pub(crate) fn page(&self, path: &str) -> String {
        let mut tcp = TcpStream::connect(&self.admin).unwrap();
        write!(tcp, "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
        let mut page = String::new();
        tcp.read_to_string(&mut page).unwrap();
        page
    }

    /// Waits until a page contains this text.
    pub(crate) fn wait_for_page(&self, path: &str, wanted: &str) {
        let begun = Instant::now();
        while !self.page(path).contains(wanted) {
            assert!(begun.elapsed() < PATIENCE, "no {wanted:?} in\n{}", self.page(path));
            thread::sleep(core::time::Duration::from_millis(20));
        }
    }

    /// Ends it in order.
    pub(crate) fn stop(self) -> Finished {
        self.peer.signal("TERM");
        self.peer.finish()
    }
}

/// An upstream that returns what it gets.
#[derive(Debug)]
pub(crate) struct Echo {
    pub(crate) address: String,
}

impl Echo {
    /// It ends with the test.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        thread::spawn(move || {
            for tcp in listener.incoming() {
                thread::spawn(move || {
                    let mut tcp = tcp?;
                    io::copy(&mut tcp.try_clone()?, &mut tcp)
                });
            }
        });
        Self { address }
    }
}
