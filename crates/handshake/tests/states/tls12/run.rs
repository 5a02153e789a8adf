//! One side that follows a path of the model and is compared with it at each step.

use super::{
    model::{Config, Exchange, LANGUAGE, figure},
    sides::{elsewhere, letter, sides},
};
use crate::support::{
    NOW, Wire,
    walk::{Version, takes},
};
use crate::{
    automaton::Model,
    pair::{Fate, Pair},
};
use cairn_handshake::{HandshakeErrorKind, Input};
use cairn_schedule::{Direction, Epoch, Side};
use cairn_wire::{Alert, AlertDescription};

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The peer sends this, in fragments of this many bytes.
    Hear(&'static str, usize),
    /// This side requests a renegotiation.
    Renegotiate,
}

/// One side, its model, and an honest peer that generates the messages.
pub struct Run {
    pub config: &'static Config,
    pub pair: Pair,
    pub read: u16,
    write: u16,
    /// The handshakes started and completed, according to the model.
    pub begun: usize,
    pub completed: usize,
    /// Between the peer's ChangeCipherSpec and its Finished.
    finishing: bool,
    /// Between this side's hello and the end of its handshake.
    negotiating: bool,
    /// The gates for application data, as the items of the flights have stated them.
    pub reads_data: bool,
    pub writes_data: bool,
}

impl Run {
    /// One side before its first step.
    pub fn start(config: &'static Config, own: Side) -> Result<Self, String> {
        let mut run = Self {
            config,
            pair: Pair::new(sides(config.name), own, letter, Model::new(LANGUAGE, &figure(config), own)),
            read: 0,
            write: 0,
            begun: 0,
            completed: 0,
            finishing: false,
            negotiating: false,
            reads_data: false,
            writes_data: false,
        };
        run.said(None)?;
        Ok(run)
    }

    /// Requests a renegotiation, and compares the result with the model.
    pub fn renegotiate(&mut self) -> Result<Fate, String> {
        self.pair.end.step(Input::Renegotiate { now: NOW });
        self.said(None)?;
        Ok(Fate::Taken)
    }

    /// Whether this side may request a renegotiation: a handshake is complete and none is in progress.
    pub fn may_renegotiate(&self) -> bool {
        self.config.renegotiation
            && self.pair.end.machine.is_established()
            && !self.pair.end.machine.is_renegotiating()
    }

    /// Receives a message of the peer, and compares the result with the model.
    pub fn hear(&mut self, letter: &'static str, piece: usize) -> Result<Fate, String> {
        let Some(next) = self.pair.model.heard(letter) else {
            self.pair.deliver(&elsewhere(letter), piece);
            return self.refused(letter).map(|()| Fate::Refused);
        };
        let Some(wire) = self.in_place(letter) else { return Ok(Fate::Unsaid) };
        self.pair.deliver(&wire, piece);
        if let Some(kind) = self.pair.end.kind() {
            return self.pair.refused_in_place(letter, kind);
        }
        if letter == "NoRenegotiation" && self.pair.own == Side::Client && next != *self.pair.model.at() {
            // The peer's messages for the refused hello do not fit another one.
            self.pair.queue.clear();
            self.pair.unequal = true;
            self.negotiating = false;
        }
        self.pair.model.go(next);
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

    /// The next message of the honest peer, if this word is expected, possibly after optional ones.
    fn in_place(&mut self, wanted: &str) -> Option<Wire> {
        if let Some(wire) = self.pair.pass(wanted) {
            return Some(wire);
        }
        match wanted {
            // Not part of a transcript.
            "HelloRequest" | "NoRenegotiation" => Some(elsewhere(wanted)),
            "EmptyCertificate" => {
                if self.pair.next() == Some("Certificate") {
                    self.pair.queue.pop_front();
                }
                self.pair.unequal = true;
                Some(elsewhere(wanted))
            }
            // It will be refused, so its contents do not matter.
            "ClientHello" if !self.config.renegotiation => Some(elsewhere(wanted)),
            "ClientHello" if self.pair.peer.machine.is_established() => {
                self.pair.peer.step(Input::Renegotiate { now: NOW });
                self.pair.listen();
                let at = self.pair.find(wanted)?;
                self.pair.queue.drain(..=at).next_back()
            }
            _ => None,
        }
    }

    /// Compares this side's output since the last call with the model, and delivers it.
    fn said(&mut self, read_keys: Option<u16>) -> Result<(), String> {
        let mut read_keys = read_keys.map(|epoch| format!("read keys, epoch {}", Epoch::tls12(epoch)));
        let mut write_keys: Option<String> = None;
        let (out, log) = self.pair.done();
        let mut wires = out.iter();
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
                if !self.pair.model.says("Complete") || self.finishing {
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
                let word = letter(self.pair.own, wire).ok_or_else(|| format!("sent {alert:?}"))?;
                if *alert != Alert::warning(AlertDescription::NO_RENEGOTIATION) || !self.pair.model.says(word)
                {
                    return Err(format!("sent {alert:?}"));
                }
            }
        }
        self.stands()?;
        self.pair.hand_over(&out)
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
        let word = letter(self.pair.own, wire).ok_or("sent something unknown")?;
        if !self.pair.model.says(word) {
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
        let machine = &self.pair.end.machine;
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
        // RFC 5246 section 7.4.4 defines a specific alert for a request by an anonymous server.
        let is_anonymous = self.pair.own == Side::Client
            && self.config.exchange == Exchange::Anonymous
            && what == "CertificateRequest"
            && self.pair.end.kind() == Some(HandshakeErrorKind::RequestByAnonymousServer);
        self.pair.refused(
            what,
            if is_anonymous {
                AlertDescription::HANDSHAKE_FAILURE
            } else {
                AlertDescription::UNEXPECTED_MESSAGE
            },
        )
    }

    /// A message of which only the first `length` bytes precede ChangeCipherSpec. A message out of order is
    /// refused earlier, at its header.
    pub fn cut(&mut self, letter: &'static str, length: usize) -> Result<(), String> {
        let wire = self.peek(letter);
        let Wire::Handshake(_, bytes) = wire else { return Ok(()) };
        let (epoch, state) = (self.pair.end.machine.read_epoch(), self.pair.end.machine.state());
        self.pair.end.receive(&Wire::Handshake(epoch, bytes[..length.min(bytes.len() - 1)].to_vec()));
        let ignored = self.pair.own == Side::Client && letter == "HelloRequest";
        let message = if letter == "EmptyCertificate" { "Certificate" } else { letter };
        if length >= 4 && !ignored && !takes(self.pair.own, Version::Tls12, state, message) {
            return self.refused(letter);
        }
        self.pair.waits_for_the_rest(letter)?;
        self.pair.end.receive(&Wire::ChangeCipherSpec);
        self.refused("ChangeCipherSpec in the middle of a message")
    }

    /// A message in order, under keys that are not yet or no longer in use.
    pub fn under_other_keys(&mut self, letter: &'static str, epoch: u16) -> Result<(), String> {
        let wire = self.peek(letter);
        let Wire::Handshake(_, bytes) = wire else { return Ok(()) };
        self.pair.end.receive(&Wire::Handshake(Epoch::tls12(epoch), bytes));
        self.refused("a message under other keys")
    }

    /// The message as the peer sent it, or as another peer would.
    fn peek(&self, wanted: &str) -> Wire {
        self.pair.find(wanted).map_or_else(|| elsewhere(wanted), |at| self.pair.queue[at].clone())
    }
}
