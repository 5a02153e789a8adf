//! One side that follows a path of the model and is compared with it at each step.

use super::{
    automaton::Model,
    model::{Config, Exchange, LANGUAGE, figure},
    sides::{elsewhere, letter, sides},
};
use crate::support::{
    End, NOW, Wire,
    walk::{Version, takes},
};
use cairn_handshake::{HandshakeErrorKind, Input, Misuse};
use cairn_schedule::{Direction, Epoch, Side};
use cairn_wire::{Alert, AlertDescription};
use std::collections::VecDeque;

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The peer sends this, in one fragment.
    Hear(&'static str),
    /// The same in fragments of this many bytes.
    HearInPieces(&'static str, usize),
    /// This side requests a renegotiation.
    Renegotiate,
}

/// The effect of the peer's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Taken,
    /// As `unexpected_message`.
    Refused,
    /// The input was in order, but the two sides differed before, so that for example `Finished` does not
    /// match.
    Unequal,
    /// The input would be expected, but cannot be generated.
    Unsaid,
}

/// One side, its model, and an honest peer that generates the messages.
pub struct Run {
    pub config: &'static Config,
    own: Side,
    pub end: End,
    peer: End,
    pub model: Model,
    /// Messages of the peer that the machine has not received.
    queue: VecDeque<Wire>,
    pub read: u16,
    write: u16,
    /// The handshakes started and completed, according to the model.
    begun: usize,
    pub completed: usize,
    /// Between the peer's ChangeCipherSpec and its Finished.
    finishing: bool,
    /// Between this side's hello and the end of its handshake.
    negotiating: bool,
    /// The gates for application data, as the items of the flights have stated them.
    pub reads_data: bool,
    pub writes_data: bool,
    /// The transcripts of the two sides differ.
    unequal: bool,
    logged: usize,
}

impl Run {
    /// One side before its first step.
    pub fn new(config: &'static Config, own: Side) -> Result<Self, String> {
        let (client, server) = sides(config.name);
        let (end, peer) = if own == Side::Client { (client, server) } else { (server, client) };
        let mut run = Self {
            config,
            own,
            end,
            peer,
            model: Model::new(LANGUAGE, &figure(config), own),
            queue: VecDeque::new(),
            read: 0,
            write: 0,
            begun: 0,
            completed: 0,
            finishing: false,
            negotiating: false,
            reads_data: false,
            writes_data: false,
            unequal: false,
            logged: 0,
        };
        run.peer.start();
        run.end.start();
        run.listen();
        run.said(None)?;
        Ok(run)
    }

    fn peer_side(&self) -> Side {
        if self.own == Side::Client { Side::Server } else { Side::Client }
    }

    /// Executes a step that the model permits, and compares the result with the model.
    pub fn take(&mut self, step: Step) -> Result<Fate, String> {
        match step {
            Step::Renegotiate => {
                self.end.step(Input::Renegotiate { now: NOW });
                self.said(None)?;
                Ok(Fate::Taken)
            }
            Step::Hear(letter) => self.hear(letter, usize::MAX),
            Step::HearInPieces(letter, length) => self.hear(letter, length),
        }
    }

    /// Whether this side may request a renegotiation: a handshake is complete and none is in progress.
    pub fn may_renegotiate(&self) -> bool {
        self.config.renegotiation && self.end.machine.is_established() && !self.end.machine.is_renegotiating()
    }

    /// The number of handshakes that have started.
    pub const fn begun(&self) -> usize {
        self.begun
    }

    fn hear(&mut self, letter: &'static str, piece: usize) -> Result<Fate, String> {
        let Some(next) = self.model.heard(letter) else {
            let wire = elsewhere(letter);
            self.deliver(&wire, piece);
            return self.refused(letter).map(|()| Fate::Refused);
        };
        let Some(wire) = self.in_place(letter) else { return Ok(Fate::Unsaid) };
        self.deliver(&wire, piece);
        if let Some(kind) = self.end.kind() {
            let content = !matches!(
                kind,
                HandshakeErrorKind::UnexpectedMessage { .. }
                    | HandshakeErrorKind::WrongEpoch { .. }
                    | HandshakeErrorKind::SplitAcrossKeyChange
            );
            // Differences between the two transcripts affect only values that are computed from them.
            let computed = ["Finished", "CertificateVerify"].contains(&letter);
            // An authenticated peer must not become anonymous. That is policy and not message order.
            let nobody = kind == HandshakeErrorKind::PeerIdentityChanged;
            if self.unequal && (computed && content || nobody) {
                return Ok(Fate::Unequal);
            }
            return Err(format!("{letter} is in its place, and was refused: {kind}"));
        }
        if letter == "NoRenegotiation" && self.own == Side::Client && next != *self.model.at() {
            // The peer's messages for the refused hello do not fit another one.
            self.queue.clear();
            self.unequal = true;
            self.negotiating = false;
        }
        self.model.go(next);
        match letter {
            "ChangeCipherSpec" => {
                self.read += 1;
                self.finishing = true;
            }
            "Finished" => self.finishing = false,
            "ClientHello" => self.begun += 1,
            _ => {}
        }
        self.said((letter == "ChangeCipherSpec").then_some(self.read))?;
        Ok(Fate::Taken)
    }

    fn deliver(&mut self, wire: &Wire, piece: usize) {
        match wire {
            Wire::Handshake(_, bytes) => {
                let epoch = self.end.machine.read_epoch();
                for piece in bytes.chunks(piece) {
                    self.end.receive(&Wire::Handshake(epoch, piece.to_vec()));
                }
            }
            other => self.end.receive(other),
        }
    }

    /// The next message of the honest peer, if this word is expected, possibly after optional ones.
    fn in_place(&mut self, wanted: &str) -> Option<Wire> {
        let peer = self.peer_side();
        let find = |queue: &VecDeque<Wire>| queue.iter().position(|wire| letter(peer, wire) == Some(wanted));
        if let Some(at) = find(&self.queue) {
            self.unequal |= at > 0;
            return self.queue.drain(..=at).next_back();
        }
        match wanted {
            // Not part of a transcript.
            "HelloRequest" | "NoRenegotiation" => Some(elsewhere(wanted)),
            "EmptyCertificate" => {
                if self.queue.front().is_some_and(|wire| letter(peer, wire) == Some("Certificate")) {
                    self.queue.pop_front();
                }
                self.unequal = true;
                Some(elsewhere(wanted))
            }
            // It will be refused, so its contents do not matter.
            "ClientHello" if !self.config.renegotiation => Some(elsewhere(wanted)),
            "ClientHello" if self.peer.machine.is_established() => {
                self.peer.step(Input::Renegotiate { now: NOW });
                self.listen();
                find(&self.queue).and_then(|at| self.queue.drain(..=at).next_back())
            }
            _ => None,
        }
    }

    /// Stores the peer's messages.
    fn listen(&mut self) {
        let peer = self.peer_side();
        let said = self.peer.out.drain(..).filter(|wire| letter(peer, wire).is_some());
        self.queue.extend(said);
    }

    /// Compares this side's output since the last call with the model, and delivers it.
    fn said(&mut self, read_keys: Option<u16>) -> Result<(), String> {
        let mut read_keys = read_keys.map(|epoch| format!("read keys, epoch {}", Epoch::tls12(epoch)));
        let mut write_keys: Option<String> = None;
        let out: Vec<Wire> = self.end.out.drain(..).collect();
        let mut wires = out.iter();
        let log: Vec<String> = self.end.log[self.logged..].to_vec();
        self.logged = self.end.log.len();
        // A gate opens when a handshake is complete or its request is refused.
        let mut opening = false;
        for entry in log {
            if let Some(change) = entry.strip_prefix("read data ") {
                opening |= self.gate(Direction::Read, change)?;
                continue;
            }
            if let Some(change) = entry.strip_prefix("write data ") {
                opening |= self.gate(Direction::Write, change)?;
                continue;
            }
            if core::mem::take(&mut opening) && entry != "complete" && entry != "renegotiation refused" {
                return Err(format!("application data is permitted, and then: {entry}"));
            }
            let (way, _) = entry.split_once(" keys").unwrap_or_default();
            if way == "read" && self.reads_data || way == "write" && self.writes_data {
                return Err(format!("{entry}, while application data is permitted"));
            }
            if entry.starts_with("read keys") {
                if read_keys.take().as_ref() != Some(&entry) {
                    return Err(format!("{entry}, too early"));
                }
            } else if read_keys.is_some() {
                return Err(format!("new reading keys must follow ChangeCipherSpec, got: {entry}"));
            } else if entry.starts_with("write keys") {
                if write_keys.take().as_ref() != Some(&entry) {
                    return Err(format!("{entry}, too early"));
                }
            } else if write_keys.is_some() {
                return Err(format!("ChangeCipherSpec was sent, and what followed is: {entry}"));
            } else if entry == "complete" {
                if !self.model.says("Complete") || self.finishing {
                    return Err("complete before its time".to_owned());
                }
                self.completed += 1;
                self.negotiating = false;
            } else if entry.starts_with("send ") {
                let wire =
                    wires.by_ref().find(|wire| !matches!(wire, Wire::Alert(_))).ok_or("nothing sent")?;
                write_keys = self.sent(wire)?;
            } else if !(entry.starts_with("read at most")
                || entry.starts_with("write at most")
                || entry == "renegotiation refused")
            {
                return Err(format!("unexpected entry: {entry}"));
            }
        }
        if opening {
            return Err("application data is permitted, and nothing follows".to_owned());
        }
        if let Some(keys) = read_keys.or(write_keys) {
            return Err(format!("ChangeCipherSpec, and not: {keys}"));
        }
        for wire in &out {
            if let Wire::Alert(alert) = wire {
                let word = letter(self.own, wire).ok_or_else(|| format!("sent {alert:?}"))?;
                if *alert != Alert::warning(AlertDescription::NO_RENEGOTIATION) || !self.model.says(word) {
                    return Err(format!("sent {alert:?}"));
                }
            }
        }
        if !self.model.may_wait() {
            return Err("it waits, and it is its turn".to_owned());
        }
        self.stands()?;
        for wire in out {
            // A peer with a different transcript may have failed.
            if self.peer.error().is_none() {
                self.peer.receive(&wire);
            }
            self.listen();
        }
        Ok(())
    }

    /// Records the change of a gate. Returns whether it opens.
    fn gate(&mut self, direction: Direction, change: &str) -> Result<bool, String> {
        let gate = match direction {
            Direction::Read => &mut self.reads_data,
            Direction::Write => &mut self.writes_data,
        };
        let opens = change == "opens";
        if *gate == opens {
            return Err(format!("the gate for {direction:?} {change} again"));
        }
        *gate = opens;
        Ok(opens)
    }

    /// Checks one sent item. Returns the keys that must follow immediately.
    fn sent(&mut self, wire: &Wire) -> Result<Option<String>, String> {
        let word = letter(self.own, wire).ok_or("sent something unknown")?;
        if !self.model.says(word) {
            return Err(format!("sent {word}, and it is not its turn"));
        }
        self.begun += usize::from(word == "ClientHello");
        self.negotiating |= ["ClientHello", "ServerHello"].contains(&word);
        if self.negotiating && self.writes_data {
            return Err(format!("sent {word}, and application data may be sent after it"));
        }
        match wire {
            Wire::Handshake(epoch, _) if *epoch != Epoch::tls12(self.write) => {
                Err(format!("sent {word} in epoch {epoch} and not {}", self.write))
            }
            Wire::ChangeCipherSpec => {
                self.write += 1;
                Ok(Some(format!("write keys, epoch {}", Epoch::tls12(self.write))))
            }
            _ => Ok(None),
        }
    }

    /// The state that the machine reports.
    fn stands(&self) -> Result<(), String> {
        let machine = &self.end.machine;
        if machine.read_epoch() != Epoch::tls12(self.read) {
            return Err(format!("it reads in epoch {} and not {}", machine.read_epoch(), self.read));
        }
        // RFC 5246 section 7.4.9, and our own rule for what we send.
        let gates = (self.completed > 0 && !self.finishing, self.completed > 0 && !self.negotiating);
        if (self.reads_data, self.writes_data) != gates {
            return Err(format!("the gates for reading and writing should be {gates:?}"));
        }
        if machine.is_complete() != (self.completed > 0) {
            return Err("is_complete() disagrees with the model".to_owned());
        }
        Ok(())
    }

    /// The input was out of order: the only effect must be that the connection fails.
    fn refused(&mut self, what: &str) -> Result<(), String> {
        let mut alert = AlertDescription::UNEXPECTED_MESSAGE;
        match self.end.kind() {
            // RFC 5246 section 7.4.4 defines a specific alert for this case.
            Some(HandshakeErrorKind::RequestByAnonymousServer)
                if self.own == Side::Client
                    && self.config.exchange == Exchange::Anonymous
                    && what == "CertificateRequest" =>
            {
                alert = AlertDescription::HANDSHAKE_FAILURE;
            }
            Some(
                HandshakeErrorKind::UnexpectedMessage { .. }
                | HandshakeErrorKind::SplitAcrossKeyChange
                | HandshakeErrorKind::WrongEpoch { .. },
            ) => {}
            Some(other) => return Err(format!("{what} is out of place, and was refused as: {other}")),
            None => return Err(format!("{what} is out of place, and was taken")),
        }
        let sent: Vec<Wire> = self.end.out.drain(..).collect();
        if sent != [Wire::Alert(Alert::fatal(alert))] {
            return Err(format!("{what} is out of place, and was answered with {sent:?}"));
        }
        let log = &self.end.log[self.logged..];
        if log.len() != 1 || !log[0].starts_with("failed") {
            return Err(format!("{what} is out of place, and this was done: {log:?}"));
        }
        let machine = &mut self.end.machine;
        let after = machine.step(Input::ChangeCipherSpec, &mut self.end.flight);
        if !matches!(after, Err(Misuse::Failed(_))) {
            return Err(format!("{what} is out of place, and it goes on"));
        }
        Ok(())
    }

    /// A message of which only the first `length` bytes precede ChangeCipherSpec. A message out of order is
    /// refused earlier, at its header.
    pub fn cut(&mut self, letter: &'static str, length: usize) -> Result<(), String> {
        let wire = self.peek(letter);
        let Wire::Handshake(_, bytes) = wire else { return Ok(()) };
        let (epoch, state) = (self.end.machine.read_epoch(), self.end.machine.state());
        self.end.receive(&Wire::Handshake(epoch, bytes[..length.min(bytes.len() - 1)].to_vec()));
        let ignored = self.own == Side::Client && letter == "HelloRequest";
        let message = if letter == "EmptyCertificate" { "Certificate" } else { letter };
        if length >= 4 && !ignored && !takes(self.own, Version::Tls12, state, message) {
            return self.refused(letter);
        }
        if self.end.kind().is_some() || self.end.log.len() != self.logged {
            return Err(format!("a piece of {letter} was acted on"));
        }
        self.end.receive(&Wire::ChangeCipherSpec);
        self.refused("ChangeCipherSpec in the middle of a message")
    }

    /// A message in order, under keys that are not yet or no longer in use.
    pub fn under_other_keys(&mut self, letter: &'static str, epoch: u16) -> Result<(), String> {
        let wire = self.peek(letter);
        let Wire::Handshake(_, bytes) = wire else { return Ok(()) };
        self.end.receive(&Wire::Handshake(Epoch::tls12(epoch), bytes));
        self.refused("a message under other keys")
    }

    /// The message as the peer sent it, or as another peer would.
    fn peek(&self, wanted: &str) -> Wire {
        let peer = self.peer_side();
        let found = self.queue.iter().find(|wire| letter(peer, wire) == Some(wanted));
        found.cloned().unwrap_or_else(|| elsewhere(wanted))
    }
}
