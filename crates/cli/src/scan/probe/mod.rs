//! Probes: a connection, a ClientHello, and the answer of the server.

pub(super) mod flight;
pub(super) mod hello;

use super::pace::Pace;
use crate::{
    failure::{Code, Failure},
    names::Target,
    net::{self, Transport},
};
use cairn_tls::{Provider, wire::AlertDescription};
use core::time::Duration;
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
    target: Target,
    /// The name for server_name.
    sni: Option<String>,
    /// The provider of randomness.
    pub(super) provider: Provider,
    /// The time limit of a connection and of an answer.
    pub(super) timeout: Duration,
    pub(super) pace: Pace,
    /// The answers that could not be decoded, as far as they differ.
    pub(super) malformed: Vec<String>,
}

/// The maximum number of answers that are kept because they could not be decoded.
const MAX_MALFORMED: usize = 8;

impl Probe {
    /// Opens a first connection, so that all others go to the same address.
    pub(super) fn new(
        target: &Target,
        sni: Option<String>,
        provider: Provider,
        timeout: Duration,
        mut pace: Pace,
    ) -> Result<Self, Failure> {
        pace.next();
        let first = net::connect(target, timeout)?;
        let mut target = target.clone();
        if let Ok(address) = first.tcp().peer_addr() {
            target.host = address.ip().to_string();
        }
        Ok(Self { target, sni, provider, timeout, pace, malformed: Vec::new() })
    }

    /// The address of the server.
    pub(super) fn address(&self) -> &str {
        &self.target.host
    }

    /// Opens a connection, with the time limit as deadline.
    pub(super) fn open(&mut self) -> Result<Transport, Failure> {
        let mut attempt = 1;
        loop {
            self.pace.next();
            match net::connect(&self.target, self.timeout) {
                Ok(mut transport) => {
                    transport.set_deadline(Some(self.timeout));
                    return Ok(transport);
                }
                Err(failure) if attempt >= ATTEMPTS => {
                    let done = self.pace.connections;
                    return Err(failure.hint(format!(
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
        hello.server_name.clone_from(&self.sni);
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
