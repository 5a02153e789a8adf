//! The side that is examined, its model, and an honest peer that generates the messages.

use crate::automaton::Model;
use crate::support::{End, Wire};
use cairn_handshake::{HandshakeErrorKind, Input, Misuse};
use cairn_schedule::Side;
use cairn_wire::{Alert, AlertDescription};
use std::collections::VecDeque;

/// The word for a message of a side, if it can be a step of the other one.
pub type Letter = fn(Side, &Wire) -> Option<&'static str>;

/// The effect of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Taken,
    /// As `unexpected_message`, or as misuse by this side.
    Refused,
    /// The input was in order, but the two sides differed before, so that for example `Finished` does not
    /// match.
    Unequal,
    /// The input would be expected, but cannot be generated.
    Unsaid,
}

/// Both sides, and the messages between them.
pub struct Pair {
    pub own: Side,
    pub end: End,
    pub peer: End,
    letter: Letter,
    pub model: Model,
    /// Messages of the peer that the machine has not received.
    pub queue: VecDeque<Wire>,
    /// The transcripts of the two sides differ.
    pub unequal: bool,
    logged: usize,
}

impl Pair {
    /// Both sides, started.
    pub fn new((client, server): (End, End), own: Side, letter: Letter, model: Model) -> Self {
        let (end, peer) = if own == Side::Client { (client, server) } else { (server, client) };
        let queue = VecDeque::new();
        let mut pair = Self { own, end, peer, letter, model, queue, unequal: false, logged: 0 };
        pair.peer.start();
        pair.end.start();
        pair.listen();
        pair
    }

    /// Stores the peer's messages.
    pub fn listen(&mut self) {
        let (peer, letter) = (self.own.peer(), self.letter);
        let said = self.peer.out.drain(..).filter(|wire| letter(peer, wire).is_some());
        self.queue.extend(said);
    }

    /// The word for the peer's next message.
    pub fn next(&self) -> Option<&'static str> {
        (self.letter)(self.own.peer(), self.queue.front()?)
    }

    /// The peer's message for this word.
    pub fn find(&self, wanted: &str) -> Option<usize> {
        self.queue.iter().position(|wire| (self.letter)(self.own.peer(), wire) == Some(wanted))
    }

    /// Takes the peer's message for this word, and omits those before it.
    pub fn pass(&mut self, wanted: &str) -> Option<Wire> {
        let at = self.find(wanted)?;
        self.unequal |= at > 0;
        self.queue.drain(..=at).next_back()
    }

    /// Gives this to the machine, in fragments of this many bytes.
    pub fn deliver(&mut self, wire: &Wire, piece: usize) {
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

    /// The messages and log entries of the machine since the last call.
    pub fn done(&mut self) -> (Vec<Wire>, Vec<String>) {
        let log = self.end.log[self.logged..].to_vec();
        self.logged = self.end.log.len();
        (self.end.out.drain(..).collect(), log)
    }

    /// Gives the peer the messages that the machine has sent before it waits.
    pub fn hand_over(&mut self, sent: &[Wire]) -> Result<(), String> {
        if !self.model.may_wait() {
            return Err("it waits, and it is its turn".to_owned());
        }
        for wire in sent {
            // A peer with a different transcript may have failed.
            if self.peer.error().is_none() {
                self.peer.receive(wire);
            }
            self.listen();
        }
        Ok(())
    }

    /// A fragment must have no effect before the rest comes.
    pub fn waits_for_the_rest(&self, letter: &str) -> Result<(), String> {
        if self.end.kind().is_some() || self.end.log.len() != self.logged {
            return Err(format!("a piece of {letter} was acted on"));
        }
        Ok(())
    }

    /// The input was in order, and was refused.
    pub fn refused_in_place(&self, letter: &str, kind: HandshakeErrorKind) -> Result<Fate, String> {
        // Differences between the two transcripts affect only values that are computed from them.
        let computed = ["Finished", "CertificateVerify"].contains(&letter);
        let content = kind.alert() != Some(AlertDescription::UNEXPECTED_MESSAGE);
        // An authenticated peer must not become anonymous. That is policy and not message order.
        let is_identity = kind == HandshakeErrorKind::PeerIdentityChanged;
        if self.unequal && (computed && content || is_identity) {
            return Ok(Fate::Unequal);
        }
        Err(format!("{letter} is in its place, and was refused: {kind}"))
    }

    /// The input was out of order: the only effect must be that the connection fails, with this alert.
    pub fn refused(&mut self, what: &str, alert: AlertDescription) -> Result<(), String> {
        match self.end.kind() {
            Some(kind) if kind.alert() == Some(alert) => {}
            Some(other) => return Err(format!("{what} is out of place, and was refused as: {other}")),
            None => return Err(format!("{what} is out of place, and was taken")),
        }
        let (sent, log) = self.done();
        if sent != [Wire::Alert(Alert::fatal(alert))] {
            return Err(format!("{what} is out of place, and was answered with {sent:?}"));
        }
        if log.len() != 1 || !log[0].starts_with("failed") {
            return Err(format!("{what} is out of place, and this was done: {log:?}"));
        }
        let after = self.end.machine.step(Input::ChangeCipherSpec, &mut self.end.flight);
        if !matches!(after, Err(Misuse::Failed(_))) {
            return Err(format!("{what} is out of place, and it goes on"));
        }
        Ok(())
    }
}
