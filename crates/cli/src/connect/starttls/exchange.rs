//! The exchange before TLS, without I/O: bytes of the server in, bytes for the server out.

use crate::show::printable;
use core::fmt;

/// The maximum length of a line or message of the server.
pub(super) const MAX_UNIT: usize = 8192;

/// The maximum number of bytes that the server may send before TLS.
const MAX_TOTAL: usize = 1 << 16;

/// The part of an exchange that depends on the protocol. The server's bytes reach it in units: lines,
/// messages or elements.
pub(super) trait Machine {
    /// The bytes to send before the server says anything; none if the server speaks first.
    fn opening(&self) -> Vec<u8> {
        Vec::new()
    }

    /// The length of the first unit of these bytes, or `None` if more bytes are needed.
    fn unit(&self, bytes: &[u8]) -> Result<Option<usize>, Trouble> {
        Ok(line(bytes))
    }

    /// Takes one unit.
    fn take(&mut self, unit: &[u8]) -> Result<Step, Trouble>;

    /// Whether the server may have sent a unit that starts like this before our last command reached it.
    fn may_be_unasked(&self, _start: &[u8]) -> bool {
        false
    }
}

/// What a machine does after a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It waits for the next unit.
    Wait,
    /// It sends this, and waits for the answer.
    Send(Vec<u8>),
    /// TLS starts, after this has been sent.
    Start(Vec<u8>),
}

/// Why TLS does not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The server does not offer TLS.
    NotOffered,
    /// The server refuses, in these words.
    Refused(String),
    /// The server sent this; something else was expected.
    Unexpected { expected: &'static str, got: String },
    /// The server sent this before the command that it would answer.
    Unasked(String),
    /// The server sends a longer line or message, or more of them, than any server needs to.
    TooLong,
    /// The server sent this many bytes in plain text after the point where TLS starts.
    Injected(usize),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOffered => f.write_str("the server does not offer TLS"),
            Self::Refused(line) => write!(f, "the server refuses TLS: {line}"),
            Self::Unexpected { expected, got } => write!(f, "expected {expected}, and the server sent {got}"),
            Self::Unasked(got) => {
                write!(f, "the server answered a command before it was sent: {got}")
            }
            Self::TooLong => f.write_str("the server sends too much before TLS"),
            Self::Injected(bytes) => write!(
                f,
                "the server sent {} in plain text after it had agreed to start TLS",
                crate::show::count(*bytes, "byte")
            ),
        }
    }
}

/// A running exchange.
pub(super) struct Exchange {
    machine: Box<dyn Machine>,
    /// Bytes of an incomplete unit.
    buffer: Vec<u8>,
    /// The bytes at the start of the buffer that came before our last command was sent.
    unasked: usize,
    total: usize,
    done: bool,
}

impl Exchange {
    pub(super) fn new(machine: Box<dyn Machine>) -> Self {
        Self { machine, buffer: Vec::new(), unasked: 0, total: 0, done: false }
    }

    /// The bytes to send first.
    pub(super) fn opening(&self) -> Vec<u8> {
        self.machine.opening()
    }

    /// Whether TLS starts now.
    pub(super) const fn is_done(&self) -> bool {
        self.done
    }

    /// Takes bytes of the server, and returns those to send.
    pub(super) fn receive(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Trouble> {
        self.total = self.total.saturating_add(bytes.len());
        if self.total > MAX_TOTAL {
            return Err(Trouble::TooLong);
        }
        self.buffer.extend_from_slice(bytes);
        let mut answer = Vec::new();
        while !self.done {
            if self.unasked > 0 && !self.machine.may_be_unasked(&self.buffer) {
                return Err(Trouble::Unasked(shown(&self.buffer)));
            }
            let Some(length) = self.machine.unit(&self.buffer)? else { break };
            let unit: Vec<u8> = self.buffer.drain(..length.min(self.buffer.len())).collect();
            self.unasked = self.unasked.saturating_sub(unit.len());
            match self.machine.take(&unit)? {
                Step::Wait => {}
                Step::Send(bytes) => {
                    answer.extend(bytes);
                    self.unasked = self.buffer.len();
                }
                Step::Start(bytes) => {
                    answer.extend(bytes);
                    self.done = true;
                }
            }
        }
        // CVE-2011-0411: what came in plain text after the server's agreement must not count as protected.
        if self.done && !self.buffer.is_empty() {
            return Err(Trouble::Injected(self.buffer.len()));
        }
        if self.buffer.len() > MAX_UNIT {
            return Err(Trouble::TooLong);
        }
        Ok(answer)
    }
}

/// The length of the first line with its end.
pub(super) fn line(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte == b'\n').map(|end| end.saturating_add(1))
}

/// A line without its end.
pub(super) fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Words of the server for a message: bounded, and without control characters.
pub(super) fn shown(bytes: &[u8]) -> String {
    const SHOWN: usize = 200;
    let text: String = String::from_utf8_lossy(without_end(bytes)).chars().take(SHOWN).collect();
    format!("\"{}\"", printable(&text))
}
