//! Observes a connection: its messages are recorded or printed.

use super::{
    event::{Event, tree},
    gist,
    wanted::Wanted,
};
use crate::{fingerprint, output::note};
use alloc::sync::Arc;
use cairn_tls::{
    Direction, Epoch, NotResumed, Trace, Traced,
    wire::HandshakeType,
    wire::tree::{HandshakeTree, Negotiated},
};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// The part of each message that is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Print {
    /// Nothing.
    Nothing,
    /// One line.
    Lines,
    /// One line, and the contents of handshake messages.
    Contents,
}

impl Print {
    /// The amount for an option given this many times.
    pub(crate) const fn times(asked: u8) -> Self {
        match asked {
            0 => Self::Nothing,
            1 => Self::Lines,
            _ => Self::Contents,
        }
    }
}

/// An observer of a connection.
#[derive(Debug)]
pub(crate) struct Watch {
    start: Instant,
    print: Print,
    /// Printed before each line.
    label: String,
    keep_events: bool,
    state: Mutex<State>,
}

/// Messages that explain a failure.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// The peer's certificates as received, whether accepted or not.
    pub(crate) peer_chain: Vec<Vec<u8>>,
    /// The last ClientHello received, with its header.
    pub(crate) client_hello: Option<Vec<u8>>,
    /// The fingerprints of the first ClientHello received.
    pub(crate) fingerprints: Option<fingerprint::Client>,
    /// The requirements of the last CertificateRequest received.
    pub(crate) certificate_request: Option<Wanted>,
    /// The number of certificates in our own Certificate message, if one was sent.
    pub(crate) certificates_sent: Option<usize>,
    /// Whether the server asked for a renegotiation.
    pub(crate) hello_request: bool,
    /// The KeyUpdate messages sent and received.
    key_updates: (u64, u64),
}

impl Seen {
    /// A sentence about the updates of keys, if there were any.
    pub(crate) fn key_updates(&self) -> Option<String> {
        match self.key_updates {
            (0, 0) => None,
            (sent, received) => Some(format!("keys updated: {sent} KeyUpdate sent, {received} received")),
        }
    }

    fn note(
        &mut self,
        direction: Direction,
        msg_type: HandshakeType,
        message: &[u8],
        negotiated: Negotiated,
    ) {
        match (direction, msg_type) {
            (Direction::Read, HandshakeType::CERTIFICATE | HandshakeType::COMPRESSED_CERTIFICATE) => {
                self.peer_chain = gist::certificates(message, negotiated);
            }
            (Direction::Read, HandshakeType::CLIENT_HELLO) => {
                // After a HelloRetryRequest, or in a renegotiation, the client sends another.
                if self.client_hello.is_none() {
                    self.fingerprints = fingerprint::Client::of(message);
                }
                self.client_hello = Some(message.to_vec());
            }
            (Direction::Read, HandshakeType::CERTIFICATE_REQUEST) => {
                self.certificate_request = Wanted::decode(message, negotiated);
            }
            (Direction::Read, HandshakeType::HELLO_REQUEST) => self.hello_request = true,
            (Direction::Read, HandshakeType::KEY_UPDATE) => {
                self.key_updates.1 = self.key_updates.1.saturating_add(1);
            }
            (Direction::Write, HandshakeType::KEY_UPDATE) => {
                self.key_updates.0 = self.key_updates.0.saturating_add(1);
            }
            (Direction::Write, HandshakeType::CERTIFICATE | HandshakeType::COMPRESSED_CERTIFICATE) => {
                self.certificates_sent = Some(gist::certificates(message, negotiated).len());
            }
            _ => {}
        }
    }
}

#[derive(Debug, Default)]
struct State {
    events: Vec<Event>,
    seen: Seen,
    /// The parameters that the messages so far have negotiated.
    negotiated: Negotiated,
}

impl Watch {
    /// An observer that prints.
    pub(crate) fn printing(print: Print, label: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            print,
            label: label.into(),
            keep_events: false,
            state: Mutex::default(),
        })
    }

    /// An observer that records every message, with times since `start`.
    pub(crate) fn keeping(start: Instant) -> Arc<Self> {
        Arc::new(Self {
            start,
            print: Print::Nothing,
            label: String::new(),
            keep_events: true,
            state: Mutex::default(),
        })
    }

    /// The recorded messages.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.state().events.clone()
    }

    /// The messages that explain a failure.
    pub(crate) fn seen(&self) -> Seen {
        self.state().seen.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is valid even after a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Microseconds since the start.
    fn elapsed(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn keep(&self, state: &mut State, event: Event) {
        if self.keep_events {
            state.events.push(event);
        }
    }

    fn print_line(&self, event: &Event) {
        let gist = if event.gist.is_empty() { String::new() } else { format!("  {}", event.gist) };
        note(format_args!(
            "{}{:>9} µs {} {:<19} {:>6} bytes{}{gist}",
            self.label,
            event.at,
            if event.sent { "->" } else { "<-" },
            event.name,
            event.size,
            if event.protected { "  encrypted" } else { "" },
        ));
    }
}

impl Trace for Watch {
    fn not_resumed(&self, reason: NotResumed) {
        if self.print != Print::Nothing {
            note(format_args!("{}{:>9} µs    session not resumed: {reason}", self.label, self.elapsed()));
        }
    }

    fn trace(&self, direction: Direction, epoch: Epoch, message: Traced<'_>) {
        let at = self.elapsed();
        let mut state = self.state();
        let before = state.negotiated;
        if let Traced::Handshake { msg_type, message } = message {
            if msg_type == HandshakeType::SERVER_HELLO {
                state.negotiated = HandshakeTree::new(message).negotiated();
            }
            let negotiated = state.negotiated;
            state.seen.note(direction, msg_type, message, negotiated);
        }
        if self.print == Print::Nothing && !self.keep_events {
            return;
        }
        let mut event = Event::new(at, direction, epoch, message, state.negotiated);
        if self.print != Print::Nothing {
            self.print_line(&event);
        }
        let Traced::Handshake { message, .. } = message else {
            return self.keep(&mut state, event);
        };
        if self.print == Print::Contents || self.keep_events {
            event.tree = tree(message, before);
        }
        if self.print == Print::Contents {
            for line in event.tree.lines() {
                note(format_args!("{}             {line}", self.label));
            }
        }
        self.keep(&mut state, event);
    }
}
