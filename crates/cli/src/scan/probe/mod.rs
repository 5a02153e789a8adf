//! Probes: a connection, a ClientHello, and the answer of the server.

pub(super) mod flight;
pub(super) mod hello;

use super::pace::Pace;
use crate::{
    connect::starttls::{self, NotStarted},
    failure::{Code, Failure},
    names::Protocol,
    net::{self, Transport},
};
use cairn_tls::{Provider, ServerName, wire::AlertDescription};
use core::{net::SocketAddr, time::Duration};
use flight::{Flight, Heard, MAX_FLIGHT, hear};
use hello::{Hello, HelloError};
use std::{
    io::{self, Read, Write},
    thread,
};

/// The number of attempts to open a connection.
const ATTEMPTS: u32 = 3;
/// The time between two attempts.
const PAUSE: Duration = Duration::from_millis(300);

/// The answer to a hello.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// A flight.
    Flight(Box<Flight>),
    /// An alert.
    Alert(AlertDescription),
    /// The server closed or reset the connection.
    Closed,
    /// The server was silent for the time limit.
    Silent,
    /// The server sent something else.
    Malformed(String),
}

impl Answer {
    /// The flight.
    pub(super) fn flight(self) -> Option<Flight> {
        match self {
            Self::Flight(flight) => Some(*flight),
            _ => None,
        }
    }
}

/// Opens connections to one server.
#[derive(Debug)]
pub(super) struct Probe {
    address: SocketAddr,
    /// The name of the server.
    pub(super) name: ServerName,
    /// The protocol that is spoken before TLS.
    starttls: Option<Protocol>,
    /// The provider of randomness.
    pub(super) provider: Provider,
    /// The time limit of a connection and of an answer.
    pub(super) timeout: Duration,
    pub(super) pace: Pace,
    /// Whether a connection was open, so that the scan has begun.
    has_begun: bool,
    /// The answers that could not be decoded, as far as they differ.
    pub(super) malformed: Vec<String>,
    /// What cannot be tested, and why.
    pub(super) not_tested: Vec<String>,
}

/// The maximum number of answers that are kept because they could not be decoded.
const MAX_MALFORMED: usize = 8;

impl Probe {
    /// All connections go to the address of `first`.
    pub(super) fn new(
        first: &Transport,
        name: &ServerName,
        starttls: Option<Protocol>,
        provider: Provider,
        timeout: Duration,
        pace: Pace,
    ) -> Result<Self, Failure> {
        let address = first.tcp().peer_addr();
        let address = address
            .map_err(|error| Failure::new(Code::Unreachable, format!("the connection ended: {error}")))?;
        Ok(Self {
            address,
            name: name.clone(),
            starttls,
            provider,
            timeout,
            pace,
            has_begun: false,
            malformed: Vec::new(),
            not_tested: Vec::new(),
        })
    }

    /// The address of the server.
    pub(super) fn address(&self) -> String {
        self.address.ip().to_string()
    }

    /// Notes what cannot be tested, once.
    pub(super) fn not_tested(&mut self, what: String) {
        if !self.not_tested.contains(&what) {
            self.not_tested.push(what);
        }
    }

    /// Opens a connection, with the time limit as deadline.
    pub(super) fn open(&mut self) -> Result<Transport, Failure> {
        let mut attempt = 1;
        loop {
            self.pace.next();
            let connected = net::connect_to(self.address, self.timeout).map_err(NotStarted::from).and_then(
                |mut transport| {
                    transport.set_deadline(Some(self.timeout));
                    if let Some(protocol) = self.starttls {
                        starttls::start(&mut transport, protocol, &self.name)?;
                        transport.set_deadline(Some(self.timeout));
                    }
                    Ok(transport)
                },
            );
            match connected {
                Ok(transport) => {
                    self.has_begun = true;
                    return Ok(transport);
                }
                // The server may limit connections only if it has accepted some.
                Err(why) if !self.has_begun && (why.is_answer || attempt >= ATTEMPTS) => {
                    return Err(why.into());
                }
                Err(why) if why.is_answer || attempt >= ATTEMPTS => {
                    let done = self.pace.connections;
                    return Err(Failure::from(why).hint(format!(
                        "The scan is incomplete: connection {done} failed. The server may limit connections; \
                        --rate N opens at most N per second."
                    )));
                }
                Err(_) => thread::sleep(PAUSE.saturating_mul(attempt)),
            }
            attempt = attempt.saturating_add(1);
        }
    }

    /// Sends a hello, and reads the answer.
    pub(super) fn ask(&mut self, hello: &Hello) -> Result<Answer, Failure> {
        let mut transport = self.open()?;
        self.ask_on(&mut transport, hello)
    }

    /// Sends a hello on this connection, and reads the answer.
    pub(super) fn ask_on(&mut self, transport: &mut Transport, hello: &Hello) -> Result<Answer, Failure> {
        let mut hello = hello.clone();
        hello.server_name = self.name.sni().map(str::to_owned);
        let records = hello.records(&self.provider).map_err(|error| match error {
            HelloError::Crypto(error) => Failure::new(Code::Local, format!("no random numbers: {error}")),
            HelloError::Encode(error) => Failure::new(Code::Local, format!("no ClientHello: {error}")),
        })?;
        let answer = match transport.write_all(&records) {
            Ok(()) => listen(transport),
            Err(error) => ended(&error),
        };
        if let Answer::Malformed(why) = &answer
            && !self.malformed.contains(why)
            && self.malformed.len() < MAX_MALFORMED
        {
            self.malformed.push(why.clone());
        }
        Ok(answer)
    }
}

/// Reads a flight.
fn listen(transport: &mut Transport) -> Answer {
    let mut all = Vec::new();
    let mut chunk = [0; 4096];
    while all.len() < MAX_FLIGHT {
        match transport.read(&mut chunk) {
            Ok(0) => return Answer::Closed,
            Ok(came) => all.extend_from_slice(chunk.get(..came).unwrap_or_default()),
            Err(error) => return ended(&error),
        }
        match hear(&all) {
            Heard::Part => {}
            Heard::Flight(flight) => return Answer::Flight(flight),
            Heard::Alert(description) => return Answer::Alert(description),
            Heard::Malformed(why) => return Answer::Malformed(why),
        }
    }
    Answer::Malformed("the answer is too long".into())
}

/// The answer if the transport failed.
pub(super) fn ended(error: &io::Error) -> Answer {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Answer::Silent,
        _ => Answer::Closed,
    }
}
