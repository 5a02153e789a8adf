//! The messages of a flight are written to the transport together: TCP holds back the second of two small
//! segments until the first is acknowledged.

use crate::{streams::builders_with, support::tcp};
use cairn_tls::{ServerName, Stream, Versions};
use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Counts the writes that follow a read.
struct Counting {
    inner: TcpStream,
    flights: Arc<AtomicUsize>,
    writes: Arc<AtomicUsize>,
    was_written: bool,
}

impl Counting {
    fn new(inner: TcpStream) -> (Self, [Arc<AtomicUsize>; 2]) {
        let [flights, writes] = [(); 2].map(|()| Arc::new(AtomicUsize::new(0)));
        let counts = [Arc::clone(&flights), Arc::clone(&writes)];
        (Self { inner, flights, writes, was_written: false }, counts)
    }
}

impl Read for Counting {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.was_written = false;
        self.inner.read(buf)
    }
}

impl Write for Counting {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        if !self.was_written {
            self.flights.fetch_add(1, Ordering::Relaxed);
        }
        self.was_written = true;
        self.inner.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[test]
fn each_flight_of_a_handshake_is_one_write() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let (client, server) = builders_with(versions, versions);
        let (client, server) = (client.build().unwrap(), server.build().unwrap());
        let (near, far) = tcp();
        let ((near, of_client), (far, of_server)) = (Counting::new(near), Counting::new(far));
        let serving = thread::spawn(move || Stream::server(&server, far).unwrap().handshake().unwrap());
        let name = ServerName::parse("localhost").unwrap();
        Stream::client(&client, name, near).unwrap().handshake().unwrap();
        serving.join().unwrap();
        for (counts, flights) in [(of_client, 2), (of_server, 2)] {
            let counts = counts.map(|count| count.load(Ordering::Relaxed));
            assert_eq!(counts, [flights, flights], "{versions:?}");
        }
    }
}
