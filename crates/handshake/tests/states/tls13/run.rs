//! One side that follows a path of the model and is compared with it at each step.

use super::{
    model::{Config, LANGUAGE, figure},
    sides::{elsewhere, empty_certificate, letter, sides},
};
use crate::support::{Wire, compression::Words, edit::message};
use crate::{
    automaton::Model,
    pair::{Fate, Pair},
};
use cairn_handshake::{CertificateCompression, Input};
use cairn_schedule::{Epoch, Side};
use cairn_wire::{AlertDescription, CertificateCompressionAlgorithm, HandshakeType, KeyUpdateRequest};
use std::collections::VecDeque;

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The peer sends this, in fragments of this many bytes.
    Hear(&'static str, usize),
    /// This side sends KeyUpdate.
    UpdateKeys(KeyUpdateRequest),
    /// This side requests a certificate.
    RequestCertificate,
}

/// One side, its model, and an honest peer that generates the messages.
pub struct Run {
    config: &'static Config,
    pub pair: Pair,
    /// The epochs in use, according to the model.
    read: Epoch,
    write: Epoch,
    pub reads_data: bool,
    pub writes_data: bool,
    pub completed: bool,
    /// The contexts of the server's requests for a certificate that are not answered.
    requests: VecDeque<Vec<u8>>,
}

/// Every epoch that a path can have.
const EPOCHS: [Epoch; 5] =
    [Epoch::Initial, Epoch::EarlyData, Epoch::Handshake, Epoch::Application(0), Epoch::Application(1)];

impl Run {
    /// One side before its first step.
    pub fn start(config: &'static Config, own: Side) -> Result<Self, String> {
        let mut run = Self {
            config,
            pair: Pair::new(sides(config.name), own, letter, Model::new(LANGUAGE, &figure(config, own), own)),
            read: Epoch::Initial,
            write: Epoch::Initial,
            reads_data: false,
            writes_data: false,
            completed: false,
            requests: VecDeque::new(),
        };
        run.said()?;
        Ok(run)
    }

    /// An input of our own, which sends this message. Where the model does not permit the message, the input
    /// must be refused and have no effect.
    pub fn act(&mut self, input: Input<'_>, word: &str) -> Result<Fate, String> {
        if self.completed && self.pair.model.permits(word) {
            self.pair.end.step(input);
            self.said()?;
            return Ok(Fate::Taken);
        }
        let state = self.pair.end.machine.state();
        match self.pair.end.machine.step(input, &mut self.pair.end.flight) {
            Ok(_) => Err(format!("{word} is out of place, and was sent")),
            Err(_) if !self.pair.end.flight.is_empty() || self.pair.end.machine.state() != state => {
                Err(format!("{word} is out of place, was refused, and had an effect"))
            }
            Err(_) => Ok(Fate::Refused),
        }
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
        self.pair.model.go(next);
        if letter == "Finished" && self.pair.own == Side::Server {
            self.requests.pop_front();
        }
        self.said()?;
        Ok(Fate::Taken)
    }

    /// Takes the peer's next message if it is one of these.
    fn pop(&mut self, wanted: &[&str]) -> Option<Wire> {
        if wanted.contains(&self.pair.next()?) { self.pair.queue.pop_front() } else { None }
    }

    /// The next message of the honest peer, if this word is expected, possibly after optional ones.
    fn in_place(&mut self, wanted: &str) -> Option<Wire> {
        if let Some(wire) = self.pair.pass(wanted) {
            return Some(wire);
        }
        match wanted {
            // Not part of a transcript.
            "HelloRequest" | "NewSessionTicket" => Some(elsewhere(wanted)),
            "EmptyCertificate" => {
                self.pop(&["Certificate", "CompressedCertificate"])?;
                self.pop(&["CertificateVerify"]);
                self.pair.unequal = true;
                Some(empty_certificate(self.requests.front()?))
            }
            "Certificate" if self.config.compression => {
                let compressed = self.pair.pass("CompressedCertificate")?;
                self.pair.unequal = true;
                decompressed(&compressed)
            }
            "KeyUpdate" => {
                self.ask_peer(Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateNotRequested })
            }
            "KeyUpdateRequested" => {
                self.ask_peer(Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateRequested })
            }
            "CertificateRequest" if self.config.later => self.ask_peer(Input::RequestCertificate),
            _ => None,
        }
    }

    /// A message that the peer sends on its own after the handshake.
    fn ask_peer(&mut self, input: Input<'_>) -> Option<Wire> {
        if self.pair.peer.error().is_some() || !self.pair.peer.machine.is_complete() {
            return None;
        }
        // What is waiting was computed with the peer's earlier keys.
        self.pair.unequal |= !self.pair.queue.is_empty();
        self.pair.peer.step(input);
        self.pair.listen();
        self.pair.queue.pop_back()
    }

    /// Compares what this side has done since the last call with the model, and delivers what it has sent.
    fn said(&mut self) -> Result<(), String> {
        let (out, log) = self.pair.done();
        let mut wires = out.iter();
        for entry in log {
            let word = if entry.starts_with("send ") {
                let wire = wires.next().ok_or("nothing sent")?;
                self.sent(wire)?
            } else {
                match self.act_of(&entry)? {
                    Some(word) => word,
                    None => continue,
                }
            };
            if !self.pair.model.says(word) {
                return Err(format!("{word}, and it is not its turn"));
            }
        }
        if let Some(wire) = wires.next() {
            return Err(format!("sent {wire:?}"));
        }
        self.stands()?;
        self.pair.hand_over(&out)
    }

    /// The word for an entry of the log that sends nothing.
    fn act_of(&mut self, entry: &str) -> Result<Option<&'static str>, String> {
        Ok(Some(match entry {
            "read data opens" => {
                self.reads_data = true;
                "data-in"
            }
            "read data closes" => {
                self.reads_data = false;
                "no-data-in"
            }
            "write data opens" => {
                self.writes_data = true;
                "data-out"
            }
            "write data closes" => {
                self.writes_data = false;
                "no-data-out"
            }
            "write without keys" => {
                (self.write, self.writes_data) = (Epoch::Initial, false);
                "send=none"
            }
            "complete" => {
                self.completed = true;
                "Complete"
            }
            "client authentication" => "Identified",
            _ if entry.starts_with("skip at most") => "skip",
            _ if entry.starts_with("read at most")
                || entry.starts_with("write at most")
                || entry.starts_with("at most")
                || entry.starts_with("pad records") =>
            {
                return Ok(None);
            }
            _ => {
                // New keys close the gate.
                if let Some(epoch) = entry.strip_prefix("read keys, epoch ") {
                    self.reads_data = false;
                    let (word, next) = keys(self.read, epoch, READ_WORDS)?;
                    self.read = next;
                    word
                } else if let Some(epoch) = entry.strip_prefix("write keys, epoch ") {
                    self.writes_data = false;
                    let (word, next) = keys(self.write, epoch, WRITE_WORDS)?;
                    self.write = next;
                    word
                } else {
                    return Err(format!("unexpected entry: {entry}"));
                }
            }
        }))
    }

    /// The word for a sent message.
    fn sent(&mut self, wire: &Wire) -> Result<&'static str, String> {
        if *wire == Wire::ChangeCipherSpec {
            return Ok("ChangeCipherSpec");
        }
        let word = letter(self.pair.own, wire).ok_or_else(|| format!("sent {wire:?}"))?;
        if let Wire::Handshake(epoch, bytes) = wire {
            if *epoch != self.write {
                return Err(format!("sent {word} in epoch {epoch} and not {}", self.write));
            }
            if word == "CertificateRequest" {
                let context = &bytes[5..];
                self.requests.push_back(context[..usize::from(bytes[4])].to_vec());
            }
        }
        Ok(word)
    }

    /// The state that the machine reports.
    fn stands(&self) -> Result<(), String> {
        let machine = &self.pair.end.machine;
        if machine.read_epoch() != self.read {
            return Err(format!("it reads in epoch {} and not {}", machine.read_epoch(), self.read));
        }
        let gates = (self.pair.end.takes_application_data(), self.pair.end.sends_application_data());
        if gates != (self.reads_data, self.writes_data) {
            return Err(format!("the gates for reading and writing are {gates:?}"));
        }
        if machine.is_complete() != self.completed {
            return Err("is_complete() disagrees with the model".to_owned());
        }
        Ok(())
    }

    fn refused(&mut self, what: &str) -> Result<(), String> {
        self.pair.refused(what, AlertDescription::UNEXPECTED_MESSAGE)
    }

    /// The epochs in which nothing may be received now.
    pub fn other_epochs(&self) -> impl Iterator<Item = Epoch> + use<> {
        let read = self.read;
        EPOCHS.into_iter().filter(move |epoch| *epoch != read)
    }

    /// A message in order, the first `length` bytes of which have the right keys, and the others those of
    /// another epoch.
    pub fn under_other_keys(
        &mut self,
        letter: &'static str,
        length: usize,
        other: Epoch,
    ) -> Result<Fate, String> {
        let Some(wire) = self.in_place(letter) else { return Ok(Fate::Unsaid) };
        let Wire::Handshake(_, bytes) = &wire else { return Ok(Fate::Unsaid) };
        let (right, wrong) = bytes.split_at(length.min(bytes.len() - 1));
        if !right.is_empty() {
            self.pair.end.receive(&Wire::Handshake(self.read, right.to_vec()));
            self.pair.waits_for_the_rest(letter)?;
        }
        self.pair.end.receive(&Wire::Handshake(other, wrong.to_vec()));
        self.refused(letter).map(|()| Fate::Refused)
    }
}

/// The words for new keys: of early data, of the handshake, the first of application data, and later ones.
const READ_WORDS: [&str; 4] = ["recv=early", "recv=handshake", "recv=application", "recv=next"];
const WRITE_WORDS: [&str; 4] = ["send=early", "send=handshake", "send=application", "send=next"];

/// The word for a change of keys, and the epoch that it starts.
fn keys(
    current: Epoch,
    to: &str,
    [early, handshake, application, later]: [&'static str; 4],
) -> Result<(&'static str, Epoch), String> {
    let next = match current {
        Epoch::Application(number) => Epoch::Application(number + 1),
        _ => Epoch::Application(0),
    };
    let is_later = matches!(current, Epoch::Application(_));
    [
        (early, Epoch::EarlyData),
        (handshake, Epoch::Handshake),
        (if is_later { later } else { application }, next),
    ]
    .into_iter()
    .find(|(_, epoch)| epoch.to_string() == to)
    .ok_or_else(|| format!("keys of epoch {to} after those of {current}"))
}

/// The Certificate message that is compressed in this one (RFC 8879 section 4).
fn decompressed(wire: &Wire) -> Option<Wire> {
    let Wire::Handshake(epoch, bytes) = wire else { return None };
    let number = |at: core::ops::Range<usize>| {
        bytes[at].iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
    };
    let algorithm = CertificateCompressionAlgorithm(u16::try_from(number(4..6)).ok()?);
    let mut certificate = vec![0; number(6..9)];
    Words(algorithm).decompress(&bytes[12..], &mut certificate).ok()?;
    Some(Wire::Handshake(*epoch, message(HandshakeType::CERTIFICATE, &certificate)))
}
