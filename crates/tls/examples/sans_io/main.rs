//! A connection without I/O, driven by a custom loop over a non-blocking socket.
//!
//! ```text
//! cargo run -p cairn-tls --example sans_io -- localhost 8443 ca.pem
//! ```
//!
//! It sends its standard input (read completely before), prints the server's answer, and ends at the server's
//! close_notify. Comments state the rules of the loop at the lines that follow them; [`Connection`] documents
//! all of them.
//!
//! A program with many connections has one [`Tls`] for each, and waits for all sockets with `poll`, `epoll`
//! or the crate of an event loop, where this program sleeps for a millisecond.
#![allow(clippy::std_instead_of_core, reason = "an example has std")]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

#[cfg(test)]
mod tests;

use cairn_tls::{ClientConfig, Connection, Progress, ServerName};
use std::{
    env, fs,
    io::{self, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

type Result<T> = core::result::Result<T, Box<dyn core::error::Error>>;

/// The maximum time that the server may be silent.
const PATIENCE: Duration = Duration::from_secs(10);

/// The maximum data that is sealed at once, so that the output is bounded.
const PIECE: usize = 1 << 14;

fn main() -> Result<()> {
    let [host, port, ca] =
        env::args().skip(1).collect::<Vec<_>>().try_into().map_err(|_| "HOST PORT CA-FILE")?;
    let config = ClientConfig::builder().trust_pem(&fs::read(ca)?)?.build()?;
    let mut request = Vec::new();
    io::stdin().read_to_end(&mut request)?;
    let tcp = TcpStream::connect((host.as_str(), port.parse()?))?;
    let connection = Connection::client(&config, ServerName::parse(&host)?);
    run(connection, &tcp, &request, &mut io::stdout())
}

/// Sends the request, and prints everything until the server's close_notify.
fn run(connection: Connection, socket: &TcpStream, mut request: &[u8], show: &mut impl Write) -> Result<()> {
    socket.set_nonblocking(true)?;
    let mut tls = Tls::new(connection)?;
    let mut last_progress = Instant::now();
    while !tls.is_over() {
        tls.say(&mut request)?;
        let sent = tls.send(socket)?;
        let received = tls.receive(socket, show)?;
        if sent || received {
            last_progress = Instant::now();
        } else if last_progress.elapsed() > PATIENCE {
            return Err(format!("the server is silent in state {}", tls.connection.reader().state()).into());
        } else {
            // A real program waits here until the socket is readable, or writable while `wants_write` is
            // true.
            let _interest = (true, tls.wants_write());
            thread::sleep(Duration::from_millis(1));
        }
    }
    Ok(())
}

/// A connection with its two buffers.
struct Tls {
    connection: Connection,
    /// Received bytes that are not consumed: at most what the connection requests, which is a record.
    input: Vec<u8>,
    /// The number of bytes that are needed before the next call.
    needed: usize,
    /// The bytes to send, oldest first.
    output: Vec<u8>,
    /// Whether the transport has ended in an orderly way.
    ended: bool,
}

impl Tls {
    fn new(mut connection: Connection) -> Result<Self> {
        let mut output = Vec::new();
        connection.start(&mut output)?;
        Ok(Self { connection, input: Vec::new(), needed: 0, output, ended: false })
    }

    fn is_over(&self) -> bool {
        self.ended && !self.wants_write()
    }

    /// Wait for the socket to be writable only while this is true: a socket is nearly always writable, so
    /// that the program would wake up for nothing.
    fn wants_write(&self) -> bool {
        !self.output.is_empty()
    }

    /// Seals pending data if it is permitted (after the handshake, and not during another one), and only
    /// after the previous data has been sent.
    fn say(&mut self, data: &mut &[u8]) -> Result<()> {
        while self.connection.writer().is_open() && !data.is_empty() && self.output.len() < PIECE {
            let (now, later) = data.split_at(data.len().min(PIECE));
            self.connection.write(now, &mut self.output)?;
            *data = later;
        }
        Ok(())
    }

    /// Sends as much as the socket accepts. Returns whether it accepted anything.
    fn send(&mut self, mut socket: &TcpStream) -> Result<bool> {
        match socket.write(&self.output) {
            Ok(0) => Ok(false),
            Ok(sent) => {
                self.output.drain(..sent);
                Ok(true)
            }
            Err(error) if is_pause(&error) => Ok(false),
            // A server that has sent close_notify may be gone, and needs no answer.
            Err(_) if self.ended => {
                self.output.clear();
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Reads once and processes all available records. Returns whether anything arrived.
    fn receive(&mut self, mut socket: &TcpStream, show: &mut impl Write) -> Result<bool> {
        let mut chunk = [0; 4096];
        let received = match socket.read(&mut chunk) {
            Ok(received) => received,
            // Nothing has arrived. But time passes, and a renegotiation that takes too long is ended by a
            // check of the clock.
            Err(error) if is_pause(&error) => {
                self.take(show)?;
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        };
        if received == 0 {
            // Only the connection knows whether this is an orderly end or a truncation.
            self.connection.transport_ended()?;
            self.ended = true;
            return Ok(true);
        }
        self.input.extend_from_slice(chunk.get(..received).unwrap_or_default());
        if self.input.len() >= self.needed {
            // Even after an error the output must be sent, because it contains the alert.
            if let Err(error) = self.take(show) {
                let _gone = self.send(socket);
                return Err(error);
            }
        }
        Ok(true)
    }

    /// Processes records until the connection needs more bytes than are available.
    fn take(&mut self, show: &mut impl Write) -> Result<()> {
        loop {
            let received = self.connection.receive(&mut self.input, &mut self.output)?;
            if let Progress::Data(place) = &received.progress {
                // The plaintext is inside the consumed bytes: use it before they are discarded.
                show.write_all(self.input.get(place.clone()).unwrap_or_default())?;
            }
            self.input.drain(..received.consumed);
            match received.progress {
                Progress::NeedMore { needed } => {
                    // The total number of bytes, including those that are available.
                    self.needed = needed;
                    return Ok(());
                }
                Progress::Question(_) => {
                    return Err("the configuration leaves a question to the caller".into());
                }
                Progress::Closed => {
                    // There is nothing to say after the server's last word.
                    self.connection.close(&mut self.output)?;
                    self.ended = true;
                    return Ok(());
                }
                // This server accepts no early data.
                Progress::Handled
                | Progress::ClientAuthentication
                | Progress::Data(_)
                | Progress::EarlyData(_) => {}
            }
        }
    }
}

fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
