//! A connection without I/O, driven by a loop of one's own: the whole of it, over a socket that does not block.
//!
//! ```text
//! cargo run -p cairn-tls --example sans_io -- localhost 8443 ca.pem
//! ```
//!
//! It sends what comes on standard input (all of it, first), shows what the server answers, and ends at the server's
//! close_notify. The rules of the loop stand beside the lines that keep them; [`Connection`] has them in one place.
//!
//! A program with many connections has one such [`Tls`] for each, and waits for all of its sockets with `poll`, `epoll` or an
//! event loop's crate where this one sleeps for a millisecond.

use cairn_tls::{ClientConfig, Connection, Progress, ServerName};
use std::{
    env, fs,
    io::{self, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

type Result<T> = core::result::Result<T, Box<dyn core::error::Error>>;

/// How long the server may be silent.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much is sealed at once: what is to be sent stays bounded.
const PIECE: usize = 1 << 14;

fn main() -> Result<()> {
    let [host, port, ca] =
        env::args().skip(1).collect::<Vec<_>>().try_into().map_err(|_| "HOST PORT CA-FILE")?;
    let config = ClientConfig::builder().trust_pem(&fs::read(ca)?)?.build()?;
    let mut request = Vec::new();
    io::stdin().read_to_end(&mut request)?;
    let tcp = TcpStream::connect((host.as_str(), port.parse()?))?;
    tcp.set_nonblocking(true)?;

    let mut tls = Tls::new(Connection::client(&config, ServerName::parse(&host)?))?;
    let mut to_say = request.as_slice();
    let mut last_progress = Instant::now();
    while !tls.is_over() {
        tls.say(&mut to_say)?;
        let sent = tls.send(&tcp)?;
        let came = tls.receive(&tcp, &mut io::stdout())?;
        if sent || came {
            last_progress = Instant::now();
        } else if last_progress.elapsed() > PATIENCE {
            return Err(format!("the server is silent in state {}", tls.connection.reader().state()).into());
        } else {
            // Here a program waits: for the socket to be readable, and also for it to be writable while `wants_write`.
            let _interest = (true, tls.wants_write());
            thread::sleep(Duration::from_millis(1));
        }
    }
    Ok(())
}

/// A connection with its two buffers.
struct Tls {
    connection: Connection,
    /// What came and is not consumed: at most what the connection asks for, a record.
    input: Vec<u8>,
    /// How many bytes there must be before a further look is of use.
    needed: usize,
    /// What is to be sent, oldest first.
    output: Vec<u8>,
    /// The transport has ended, in an orderly way.
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

    /// Wait for the socket to be writable only while this is so: it nearly always is, and would wake us for nothing.
    fn wants_write(&self) -> bool {
        !self.output.is_empty()
    }

    /// Seals what there is to say, once that is allowed (not before the handshake is complete, and not during another),
    /// and no more before the last is sent.
    fn say(&mut self, data: &mut &[u8]) -> Result<()> {
        while self.connection.writer().is_open() && !data.is_empty() && self.output.len() < PIECE {
            let (now, later) = data.split_at(data.len().min(PIECE));
            self.connection.write(now, &mut self.output)?;
            *data = later;
        }
        Ok(())
    }

    /// Sends as much as the socket takes. Whether it took anything.
    fn send(&mut self, mut socket: &TcpStream) -> Result<bool> {
        match socket.write(&self.output) {
            Ok(0) => Ok(false),
            Ok(sent) => {
                self.output.drain(..sent);
                Ok(true)
            }
            Err(error) if is_pause(&error) => Ok(false),
            // A server that has said close_notify may be gone, and needs no answer.
            Err(_) if self.ended => {
                self.output.clear();
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Reads once, and takes all records that are there. Whether anything came.
    fn receive(&mut self, mut socket: &TcpStream, show: &mut impl Write) -> Result<bool> {
        let mut chunk = [0; 4096];
        let came = match socket.read(&mut chunk) {
            Ok(came) => came,
            // Nothing: but time passes, and a renegotiation that lasts too long is ended by a look at the clock.
            Err(error) if is_pause(&error) => {
                self.take(show)?;
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        };
        if came == 0 {
            // Only the connection knows whether that is an orderly end, or somebody has cut it off.
            self.connection.transport_ended()?;
            self.ended = true;
            return Ok(true);
        }
        self.input.extend_from_slice(chunk.get(..came).unwrap_or_default());
        if self.input.len() >= self.needed {
            // What was appended to the output must go also when this fails: it is the alert that tells the server.
            if let Err(error) = self.take(show) {
                let _gone = self.send(socket);
                return Err(error);
            }
        }
        Ok(true)
    }

    /// Takes records until the connection wants more than is there.
    fn take(&mut self, show: &mut impl Write) -> Result<()> {
        loop {
            let received = self.connection.receive(&mut self.input, &mut self.output)?;
            if let Progress::Data(place) = &received.progress {
                // In the clear, inside of what was consumed: use it before that is thrown away.
                show.write_all(self.input.get(place.clone()).unwrap_or_default())?;
            }
            self.input.drain(..received.consumed);
            match received.progress {
                Progress::NeedMore { needed } => {
                    // Bytes in all, those that are there included.
                    self.needed = needed;
                    return Ok(());
                }
                Progress::Question(_) => {
                    return Err("the configuration leaves a question to the caller".into());
                }
                Progress::Closed => {
                    self.ended = true;
                    return Ok(());
                }
                Progress::Handled | Progress::Data(_) => {}
            }
        }
    }
}

fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
