//! A TCP connection with a deadline for the handshake, and a count of its bytes.

use crate::{
    failure::{Code, Failure},
    names::Host,
};
use core::{net::SocketAddr, time::Duration};
use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream, ToSocketAddrs},
    time::Instant,
};

/// The time to wait for a peer to notice that we closed.
pub(crate) const LINGER: Duration = Duration::from_secs(1);

/// The bytes of its data that are discarded meanwhile.
pub(crate) const LINGER_BYTES: usize = 1 << 20;

/// The first bytes of the peer that are kept to explain failures.
const HEARD: usize = 512;

/// A TCP connection with time limits.
#[derive(Debug)]
pub(crate) struct Transport {
    tcp: TcpStream,
    /// The deadline of all reads and writes.
    deadline: Option<Instant>,
    /// The timeout last set on the socket.
    socket_timeout: Option<Duration>,
    /// Bytes received.
    pub(crate) came: u64,
    /// Bytes sent.
    pub(crate) went: u64,
    /// The first bytes received.
    heard: Vec<u8>,
}

impl Transport {
    /// Wraps a connection.
    pub(crate) fn new(tcp: TcpStream) -> io::Result<Self> {
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(None)?;
        tcp.set_write_timeout(None)?;
        Ok(Self { tcp, deadline: None, socket_timeout: None, came: 0, went: 0, heard: Vec::new() })
    }

    /// A second handle of the same connection.
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        let Self { deadline, socket_timeout, .. } = *self;
        Ok(Self { tcp: self.tcp.try_clone()?, deadline, socket_timeout, came: 0, went: 0, heard: Vec::new() })
    }

    /// Sets a deadline this far from now for all further I/O; `None` removes it.
    pub(crate) fn set_deadline(&mut self, time: Option<Duration>) {
        self.deadline = time.and_then(|time| Instant::now().checked_add(time));
    }

    /// The first bytes that the peer has sent, at most 512 of them.
    pub(crate) fn heard(&self) -> &[u8] {
        &self.heard
    }

    /// Forgets the first bytes: another protocol starts.
    pub(crate) fn forget(&mut self) {
        self.heard.clear();
    }

    /// The connection itself.
    pub(crate) const fn tcp(&self) -> &TcpStream {
        &self.tcp
    }

    /// Shuts down sending, and waits briefly for the peer to do the same. Otherwise the operating system may
    /// discard our last data, such as an alert, if the peer has sent data that was not read.
    pub(crate) fn linger(&mut self) {
        let end = Instant::now() + LINGER;
        let _gone = self.tcp.shutdown(Shutdown::Write);
        let mut sink = [0; 4096];
        let mut taken = 0;
        while taken < LINGER_BYTES {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || self.tcp.set_read_timeout(Some(left)).is_err() {
                return;
            }
            match self.tcp.read(&mut sink) {
                Ok(0) | Err(_) => return,
                Ok(came) => taken += came,
            }
        }
    }

    /// Sets the socket timeout for the next call.
    fn prepare(&mut self) -> io::Result<()> {
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left.is_zero()) {
            return Err(late());
        }
        if left != self.socket_timeout {
            self.tcp.set_read_timeout(left)?;
            self.tcp.set_write_timeout(left)?;
            self.socket_timeout = left;
        }
        Ok(())
    }
}

/// Converts the socket's `WouldBlock` at a timeout.
fn in_time<T>(result: io::Result<T>) -> io::Result<T> {
    result.map_err(|error| if error.kind() == io::ErrorKind::WouldBlock { late() } else { error })
}

fn late() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the peer took too long")
}

impl Read for Transport {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.prepare()?;
        let came = in_time(self.tcp.read(buf))?;
        self.came = self.came.saturating_add(u64::try_from(came).unwrap_or(u64::MAX));
        let room = HEARD.saturating_sub(self.heard.len());
        self.heard.extend_from_slice(buf.get(..came.min(room)).unwrap_or_default());
        Ok(came)
    }
}

impl Write for Transport {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.prepare()?;
        let went = in_time(self.tcp.write(buf))?;
        self.went = self.went.saturating_add(u64::try_from(went).unwrap_or(u64::MAX));
        Ok(went)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// The addresses of a host.
pub(crate) fn addresses(host: &Host, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let unknown = |why: String| {
        let failure =
            Failure::new(Code::Unreachable, format!("{host}: no address is known for this name{why}"));
        match host.zone() {
            Some(zone) => failure.hint(format!(
                "{zone} must be a network interface of this machine; only link-local addresses (fe80::) have \
                a zone."
            )),
            None => failure.hint("The name may be misspelt, or this machine cannot reach its DNS server."),
        }
    };
    let found = (host.for_resolver().as_str(), port).to_socket_addrs();
    let found: Vec<SocketAddr> = found.map_err(|error| unknown(format!(": {error}")))?.collect();
    if found.is_empty() { Err(unknown(String::new())) } else { Ok(found) }
}

/// Connects, trying each address of the host in turn.
pub(crate) fn connect(host: &Host, port: u16, timeout: Duration) -> Result<Transport, Failure> {
    let mut last = None;
    for address in addresses(host, port)? {
        match connect_to(address, timeout) {
            Ok(transport) => return Ok(transport),
            Err(failure) => last = Some(failure),
        }
    }
    Err(last.unwrap_or_else(|| Failure::new(Code::Unreachable, format!("{host}: no address"))))
}

/// Connects to one address.
pub(crate) fn connect_to(address: SocketAddr, timeout: Duration) -> Result<Transport, Failure> {
    let connected = TcpStream::connect_timeout(&address, timeout).and_then(Transport::new);
    connected.map_err(|error| unreachable(address, &error))
}

/// The failure for an address to which there is no connection.
fn unreachable(address: SocketAddr, error: &io::Error) -> Failure {
    let failure = Failure::new(Code::Unreachable, format!("no connection to {address}: {error}"));
    match error.kind() {
        io::ErrorKind::ConnectionRefused => failure.hint("Nothing listens on this port."),
        io::ErrorKind::TimedOut => {
            failure.hint("Nothing answers at this address; --timeout SECONDS waits longer.")
        }
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
            failure.hint("This machine has no route to the address.")
        }
        _ => match address {
            SocketAddr::V6(v6) if v6.ip().is_unicast_link_local() && v6.scope_id() == 0 => {
                failure.hint("A link-local address needs the interface: [fe80::1%eth0]:443.")
            }
            _ => failure,
        },
    }
}
