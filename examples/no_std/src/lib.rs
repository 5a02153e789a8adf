//! Both ends of a handshake as on a small device without an operating system: no `std`, no threads, input
//! buffers of a fixed size, and an external clock and source of randomness. Only `alloc` is needed.
//!
//! `cargo run --release -p cairn-no-std-example` runs it on a host and measures its memory.
#![no_std]

extern crate alloc;

use alloc::{sync::Arc, vec, vec::Vec};
use cairn_crypto::{KeySpec, Provider, RandomSource};
use cairn_tls::x509::{Roots, issue::Template};
use cairn_tls::{ClientConfig, Clock, Connection, Progress, ServerConfig, ServerName, UnixTime};

/// Room for received bytes that are not consumed yet: the largest record of TLS 1.2 (RFC 5246 section 6.2.3).
pub const INPUT: usize = 5 + (1 << 14) + 2048;

/// An error, as a message.
pub type Failure = alloc::string::String;

/// An external clock: seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock(pub u64);

impl Clock for FixedClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.0)
    }
}

/// The configurations of both ends, which live as long as the device.
#[derive(Debug)]
pub struct Configs {
    /// The client's configuration.
    pub client: ClientConfig,
    /// The server's configuration.
    pub server: ServerConfig,
}

impl Configs {
    /// Creates a certificate and two configurations with it.
    ///
    /// # Errors
    /// If one of them cannot be created.
    pub fn new(random: Arc<dyn RandomSource>, now: u64) -> Result<Self, Failure> {
        let provider: Provider = cairn_provider_rustcrypto::provider_with(random);
        let clock = Arc::new(FixedClock(now));
        let template = Template::server("device").dns("device.test").valid(0, now.saturating_add(86_400));
        let identity = template.self_signed(&provider, KeySpec::EcP256).map_err(words)?;
        let mut roots = Roots::new();
        roots.add_der(identity.certificate()).map_err(words)?;
        let client = ClientConfig::builder_with(provider.clone())
            .trust(roots)
            .clock(clock.clone())
            .build()
            .map_err(words)?;
        let server = ServerConfig::builder_with(provider)
            .credential(&[identity.certificate()], Arc::clone(identity.signing_key()))
            .map_err(words)?
            .clock(clock)
            .build()
            .map_err(words)?;
        Ok(Self { client, server })
    }
}

/// One end: the connection and its buffers, which never grow.
#[derive(Debug)]
pub struct End {
    conn: Connection,
    input: Vec<u8>,
    filled: usize,
    /// Bytes to send.
    output: Vec<u8>,
    /// Received application data.
    pub data: Vec<u8>,
}

impl End {
    fn new(conn: Connection) -> Result<Self, Failure> {
        let mut end = Self {
            conn,
            input: vec![0; INPUT],
            filled: 0,
            output: Vec::with_capacity(INPUT),
            data: Vec::with_capacity(64),
        };
        end.conn.start(&mut end.output).map_err(words)?;
        Ok(end)
    }

    /// Receives the bytes that the other end sends, and processes them.
    fn take_from(&mut self, other: &mut Self) -> Result<(), Failure> {
        let end = self.filled.saturating_add(other.output.len());
        let place = self.input.get_mut(self.filled..end).ok_or("the buffer is full")?;
        place.copy_from_slice(&other.output);
        other.output.clear();
        self.filled = end;
        loop {
            let came = self.input.get_mut(..self.filled).ok_or("no buffer")?;
            let received = self.conn.receive(came, &mut self.output).map_err(words)?;
            match received.progress {
                Progress::NeedMore { .. } => break,
                Progress::Data(range) => {
                    self.data.extend_from_slice(self.input.get(range).ok_or("no data")?);
                }
                // This server accepts no early data.
                Progress::EarlyData(_)
                | Progress::Handled
                | Progress::ClientAuthentication
                | Progress::Closed => {}
                Progress::Question(_) => {
                    return Err("a question that the configuration does not answer".into());
                }
            }
            self.input.copy_within(received.consumed..self.filled, 0);
            self.filled = self.filled.saturating_sub(received.consumed);
        }
        if self.output.capacity() > INPUT { Err("the output has outgrown its buffer".into()) } else { Ok(()) }
    }

    /// Seals data for the other end.
    ///
    /// # Errors
    /// If the connection fails.
    pub fn write(&mut self, data: &[u8]) -> Result<(), Failure> {
        self.conn.write(data, &mut self.output).map_err(words)
    }
}

/// Both ends, after a handshake and a message in each direction.
#[derive(Debug)]
pub struct Pair {
    /// The client.
    pub client: End,
    /// The server.
    pub server: End,
}

impl Pair {
    /// Performs the handshake.
    ///
    /// # Errors
    /// If a connection fails.
    pub fn shake_hands(configs: &Configs) -> Result<Self, Failure> {
        let name = ServerName::parse("device.test").map_err(words)?;
        let mut pair = Self {
            client: End::new(Connection::client(&configs.client, name))?,
            server: End::new(Connection::server(&configs.server))?,
        };
        pair.run()?;
        if pair.client.conn.is_complete() && pair.server.conn.is_complete() {
            Ok(pair)
        } else {
            Err("neither end sends anything before the handshake is complete".into())
        }
    }

    /// Exchanges bytes until neither end has anything to send.
    ///
    /// # Errors
    /// If a connection fails.
    pub fn run(&mut self) -> Result<(), Failure> {
        while !(self.client.output.is_empty() && self.server.output.is_empty()) {
            self.server.take_from(&mut self.client)?;
            self.client.take_from(&mut self.server)?;
        }
        Ok(())
    }

    /// The name of the negotiated cipher suite.
    ///
    /// # Errors
    /// If the handshake is not complete.
    pub fn suite(&self) -> Result<Failure, Failure> {
        let summary = self.client.conn.summary().ok_or("no handshake yet")?;
        Ok(alloc::format!("{}", summary.suite().id()))
    }
}

fn words(error: impl core::fmt::Display) -> Failure {
    alloc::format!("{error}")
}
