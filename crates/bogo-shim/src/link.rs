//! The socket to the runner.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
};

use crate::flags::Connection;

/// The socket and its buffers.
#[derive(Debug)]
pub(crate) struct Link {
    socket: TcpStream,
    /// Whether received bytes are delivered one at a time.
    byte_by_byte: bool,
    /// Received, but not delivered yet.
    arrived: Vec<u8>,
    /// Not sent yet.
    held: Vec<u8>,
}

impl Link {
    /// Connects to the runner and identifies the test.
    pub(crate) fn connect(options: &Connection) -> io::Result<Self> {
        let host: IpAddr = if options.ipv6 { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() };
        let mut socket = TcpStream::connect((host, options.port))?;
        socket.set_nodelay(true)?;
        socket.write_all(&options.shim_id.to_le_bytes())?;
        Ok(Self { socket, byte_by_byte: options.r#async, arrived: Vec::new(), held: Vec::new() })
    }

    /// Waits for bytes and appends them. Returns `false` at the end of the stream.
    pub(crate) fn fill(&mut self, input: &mut Vec<u8>) -> io::Result<bool> {
        if self.arrived.is_empty() {
            let mut chunk = [0; 16_384];
            let length = self.socket.read(&mut chunk)?;
            self.arrived.extend_from_slice(chunk.get(..length).unwrap_or_default());
        }
        let length = if self.byte_by_byte { self.arrived.len().min(1) } else { self.arrived.len() };
        input.extend(self.arrived.drain(..length));
        Ok(length > 0)
    }

    /// Sends the held back bytes, then `bytes`.
    pub(crate) fn send(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        self.held.append(bytes);
        let sent = self.socket.write_all(&self.held);
        self.held.clear();
        sent
    }

    /// Sends one byte and holds back the rest until the next [`Link::send`].
    pub(crate) fn send_one_byte_of(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        self.held.append(bytes);
        let Some(first) = self.held.first().copied() else { return Ok(()) };
        self.socket.write_all(&[first])?;
        self.held.remove(0);
        Ok(())
    }

    /// Shuts down the sending direction and reads until the runner closes. Otherwise the runner could lose
    /// the last bytes sent.
    pub(crate) fn close(mut self) {
        let _runner_may_be_gone = self.socket.shutdown(Shutdown::Write);
        let _nobody_reads_it = io::copy(&mut self.socket, &mut io::sink());
    }
}
