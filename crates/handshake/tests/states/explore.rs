//! Drives a machine along every path of the model, and tries every input at each place.

use super::model::{Config, Exchange, LETTERS, Model, figure};
use crate::support::{
    End, NOW, Wire, mutual_pair, resuming_pair, run, staple,
    walk::{self, renegotiating_pair, takes},
};
use cairn_crypto::KeySpec;
use cairn_handshake::{ClientAuthentication, HandshakeErrorKind, Input, Misuse, Renegotiation};
use cairn_schedule::{Direction, Epoch, Side};
use cairn_wire::{Alert, AlertDescription};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::OnceLock,
};

/// Requests that come to nothing, and are so borne: below the machine's own limit.
const IDLE_REQUESTS: usize = 4;

/// One step of a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The peer sends this, in one fragment.
    Hear(&'static str),
    /// The same in pieces of so many bytes.
    HearInPieces(&'static str, usize),
    /// This side requests a renegotiation.
    Renegotiate,
}

/// The words that a side may be sent. An empty Certificate of a server is a fault of the message, and not of its place.
fn words(own: Side) -> impl Iterator<Item = &'static str> {
    LETTERS.into_iter().filter(move |letter| own == Side::Server || *letter != "EmptyCertificate")
}

/// The effect of the peer's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Taken,
    /// As `unexpected_message`.
    Refused,
    /// It was in its place, but the two sides have come to differ before: `Finished` does not match, say.
    Unequal,
    /// The input would be expected, but cannot be generated.
    Unsaid,
}

/// One side, its model, and an honest peer that generates the messages.
pub struct Run {
    config: &'static Config,
    own: Side,
    pub end: End,
    peer: End,
    pub model: Model,
    /// Messages of the peer that the machine has not received.
    queue: VecDeque<Wire>,
    read: u16,
    write: u16,
    /// The handshakes started and completed, according to the model.
    begun: usize,
    completed: usize,
    /// Between the peer's ChangeCipherSpec and its Finished.
    finishing: bool,
    /// Between this side's hello and the end of its handshake.
    negotiating: bool,
    /// The gates for application data, as the items of the flights have stated them.
    reads_data: bool,
    writes_data: bool,
    /// The two sides have not heard the same.
    unequal: bool,
    logged: usize,
}

/// The two sides of a configuration, not started.
fn sides(name: &str) -> (End, End) {
    let spec = KeySpec::EcP256;
    match name {
        "renegotiation" => renegotiating_pair(|_| {}, |_| {}),
        "renegotiation with client authentication" => mutual_pair(
            spec,
            spec,
            |client| client.tls12.renegotiation = Renegotiation::Allowed,
            |server| {
                server.tls12.renegotiation = Renegotiation::Allowed;
                server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
            },
        ),
        "renegotiation after a resumed session" => resuming_pair(
            |client| client.tls12.renegotiation = Renegotiation::Allowed,
            |server| server.tls12.renegotiation = Renegotiation::Allowed,
        ),
        "with everything" => {
            let (client, mut server) = mutual_pair(
                spec,
                spec,
                |client| client.tls12.tickets = true,
                |server| {
                    server.tls12.tickets = true;
                    server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
                },
            );
            staple(&mut server);
            (client, server)
        }
        "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256, hint, stapled"
        | "TLS_RSA_WITH_AES_128_GCM_SHA256, request, stapled" => {
            let (client, mut server) = walk::flow(name.trim_end_matches(", stapled"));
            staple(&mut server);
            (client, server)
        }
        // A client without a certificate is to be taken too: whether one must be shown is policy, and no question of
        // order.
        "with client authentication" => mutual_pair(
            spec,
            spec,
            |_| {},
            |server| {
                server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
            },
        ),
        "with a ticket and client authentication" => mutual_pair(
            spec,
            spec,
            |client| client.tls12.tickets = true,
            |server| {
                server.tls12.tickets = true;
                server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
            },
        ),
        "TLS_RSA_WITH_AES_128_GCM_SHA256, client authentication" => {
            let (suite, spec) =
                (walk::named_suite("TLS_RSA_WITH_AES_128_GCM_SHA256"), KeySpec::Rsa { bits: 2048 });
            mutual_pair(
                spec,
                spec,
                |client| client.tls12.suites = vec![suite],
                |server| {
                    server.tls12.suites = vec![suite];
                    server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
                },
            )
        }
        _ => walk::flow(name),
    }
}

/// The word for an item on the wire.
fn letter(from: Side, wire: &Wire) -> Option<&'static str> {
    match wire {
        Wire::Handshake(_, bytes) if from == Side::Client && bytes[..] == EMPTY_CERTIFICATE => {
            Some("EmptyCertificate")
        }
        Wire::Handshake(_, bytes) => walk::MESSAGES
            .iter()
            .find(|(msg_type, _)| msg_type.0 == bytes[0])
            .map(|(_, name)| *name)
            .or(Some("Unknown")),
        Wire::ChangeCipherSpec => Some("ChangeCipherSpec"),
        Wire::Alert(alert) => {
            (alert.description == AlertDescription::NO_RENEGOTIATION).then_some("NoRenegotiation")
        }
    }
}

const EMPTY_CERTIFICATE: [u8; 7] = [11, 0, 0, 3, 0, 0, 0];

/// A well-formed message for each word, from other runs, for where it is out of place.
fn elsewhere(letter_wanted: &str) -> Wire {
    static MADE: OnceLock<BTreeMap<&'static str, Wire>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let mut made = BTreeMap::from([
            ("HelloRequest", Wire::Handshake(Epoch::Initial, vec![0, 0, 0, 0])),
            ("EmptyCertificate", Wire::Handshake(Epoch::Initial, EMPTY_CERTIFICATE.to_vec())),
            ("Unknown", Wire::Handshake(Epoch::Initial, vec![99, 0, 0, 0])),
            ("ChangeCipherSpec", Wire::ChangeCipherSpec),
            ("NoRenegotiation", Wire::Alert(Alert::warning(AlertDescription::NO_RENEGOTIATION))),
        ]);
        let (mut client, mut server) = sides("with everything");
        run(&mut client, &mut server, |from_client, wire| {
            let from = if from_client { Side::Client } else { Side::Server };
            made.entry(letter(from, wire).unwrap()).or_insert_with(|| wire.clone());
        });
        made
    });
    made.get(letter_wanted).unwrap_or_else(|| panic!("no {letter_wanted}")).clone()
}

impl Run {
    /// One side at its beginning.
    pub fn new(config: &'static Config, own: Side) -> Result<Self, String> {
        let (client, server) = sides(config.name);
        let (end, peer) = if own == Side::Client { (client, server) } else { (server, client) };
        let mut run = Self {
            config,
            own,
            end,
            peer,
            model: Model::new(&figure(config), own),
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

    /// How many handshakes have begun.
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

    /// The honest peer's message here, if this word is expected, possibly after optional ones.
    fn in_place(&mut self, wanted: &str) -> Option<Wire> {
        let peer = self.peer_side();
        let find = |queue: &VecDeque<Wire>| queue.iter().position(|wire| letter(peer, wire) == Some(wanted));
        if let Some(at) = find(&self.queue) {
            self.unequal |= at > 0;
            return self.queue.drain(..=at).next_back();
        }
        match wanted {
            // In no transcript.
            "HelloRequest" | "NoRenegotiation" => Some(elsewhere(wanted)),
            "EmptyCertificate" => {
                if self.queue.front().is_some_and(|wire| letter(peer, wire) == Some("Certificate")) {
                    self.queue.pop_front();
                }
                self.unequal = true;
                Some(elsewhere(wanted))
            }
            // It will be refused, and need not fit.
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
        // A gate opens where a handshake is complete, or where its request is refused.
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
                    return Err(format!("{entry}, before their time"));
                }
            } else if read_keys.is_some() {
                return Err(format!("ChangeCipherSpec was taken, and what came first is: {entry}"));
            } else if entry.starts_with("write keys") {
                if write_keys.take().as_ref() != Some(&entry) {
                    return Err(format!("{entry}, before their time"));
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
                return Err(format!("what is this: {entry}"));
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
            // A peer that has heard something else may have given up.
            if self.peer.error().is_none() {
                self.peer.receive(&wire);
            }
            self.listen();
        }
        Ok(())
    }

    /// A gate changes. Returns whether it opens.
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

    /// One thing sent. What keys must follow at once.
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
            return Err("it has another mind of what is complete".to_owned());
        }
        Ok(())
    }

    /// What was heard was out of place: it must have ended all, and nothing else.
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

    /// A message of which only the first `length` bytes have come when ChangeCipherSpec does. One that is out of place is
    /// refused before that, at its header.
    pub fn cut(&mut self, letter: &'static str, length: usize) -> Result<(), String> {
        let wire = self.peek(letter);
        let Wire::Handshake(_, bytes) = wire else { return Ok(()) };
        let (epoch, state) = (self.end.machine.read_epoch(), self.end.machine.state());
        self.end.receive(&Wire::Handshake(epoch, bytes[..length.min(bytes.len() - 1)].to_vec()));
        let ignored = self.own == Side::Client && letter == "HelloRequest";
        let message = if letter == "EmptyCertificate" { "Certificate" } else { letter };
        if length >= 4 && !ignored && !takes(self.own, state, message) {
            return self.refused(letter);
        }
        if self.end.kind().is_some() || self.end.log.len() != self.logged {
            return Err(format!("a piece of {letter} was acted on"));
        }
        self.end.receive(&Wire::ChangeCipherSpec);
        self.refused("ChangeCipherSpec in the middle of a message")
    }

    /// A message that is in its place, under keys that are not yet or no longer to be used.
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

/// The inputs that were tried, and the results.
#[derive(Debug, Default)]
pub struct Figures {
    /// Places in the figures, of all configurations.
    pub places: BTreeSet<(&'static str, BTreeSet<usize>)>,
    /// The machine's states that received an input, and the inputs that they accepted.
    pub rows: BTreeSet<(&'static str, &'static str)>,
    /// The gates for reading and writing in each state, before and after the first handshake is complete.
    pub gates: BTreeMap<(&'static str, bool), BTreeSet<(bool, bool)>>,
    /// Ways that were gone, each to its end.
    pub sequences: u64,
    pub taken: u64,
    pub refused: u64,
    pub unequal: u64,
    pub unsaid: u64,
    pub differences: Vec<String>,
}

impl Figures {
    fn end(&mut self, config: &'static Config, own: Side, way: &[Step], came: Result<Fate, String>) {
        self.sequences += 1;
        match came {
            Ok(Fate::Taken) => self.taken += 1,
            Ok(Fate::Refused) => self.refused += 1,
            Ok(Fate::Unequal) => self.unequal += 1,
            Ok(Fate::Unsaid) => self.unsaid += 1,
            Err(why) => self.differences.push(format!("{own:?}, {}, {way:?}: {why}", config.name)),
        }
    }

    fn looked_at(&mut self, run: &Run) {
        self.places.insert((run.config.name, run.model.at().clone()));
        self.rows.extend(run.end.steps.iter().map(|(state, input, _)| (*state, *input)));
        if run.end.kind().is_none() {
            let state = (run.end.machine.state(), run.completed > 0);
            self.gates.entry(state).or_default().insert((run.reads_data, run.writes_data));
        }
    }
}

/// Goes a way again, all of whose steps were taken before.
fn again(config: &'static Config, own: Side, way: &[Step]) -> Result<Run, String> {
    let mut run = Run::new(config, own)?;
    for step in way {
        match run.take(*step)? {
            Fate::Taken => {}
            other => return Err(format!("{step:?} was taken before, and now: {other:?}")),
        }
    }
    Ok(run)
}

/// Every way of a configuration with up to `handshakes` handshakes and up to `idle` words more than the figure has, and at
/// each place on it every word.
pub fn exhaust(config: &'static Config, own: Side, handshakes: usize, idle: usize, figures: &mut Figures) {
    assert!(idle <= IDLE_REQUESTS);
    let mut todo: Vec<(Vec<Step>, usize)> = vec![(Vec::new(), 0)];
    while let Some((way, idled)) = todo.pop() {
        let here = match again(config, own, &way) {
            Ok(run) => run,
            Err(why) => {
                figures.end(config, own, &way, Err(why));
                continue;
            }
        };
        figures.looked_at(&here);
        let mut steps: Vec<Step> = words(own).map(Step::Hear).collect();
        // What is asked for and refused could be asked for again without end.
        let asked = way.iter().filter(|step| **step == Step::Renegotiate).count();
        steps.extend((here.may_renegotiate() && asked < handshakes).then_some(Step::Renegotiate));
        for step in steps {
            let mut way = way.clone();
            way.push(step);
            let went = again(config, own, &way[..way.len() - 1])
                .and_then(|mut run| run.take(step).map(|fate| (run, fate)));
            let (run, fate) = match went {
                Ok(went) => went,
                Err(why) => {
                    figures.end(config, own, &way, Err(why));
                    continue;
                }
            };
            figures.end(config, own, &way, Ok(fate));
            figures.rows.extend(run.end.steps.iter().map(|(state, input, _)| (*state, *input)));
            if fate == Fate::Taken {
                in_pieces(config, own, &way, figures);
                let idled = idled + usize::from(run.model.at() == here.model.at());
                if idled <= idle && run.begun() <= handshakes {
                    todo.push((way, idled));
                }
            }
        }
        cut(config, own, &way, "Finished", figures);
    }
}

/// The last message of a way in pieces, cut by ChangeCipherSpec, and under other keys.
fn in_pieces(config: &'static Config, own: Side, way: &[Step], figures: &mut Figures) {
    let Some((Step::Hear(letter), before)) = way.split_last() else { return };
    if ["ChangeCipherSpec", "NoRenegotiation"].contains(letter) {
        return;
    }
    let mut way = before.to_vec();
    way.push(Step::HearInPieces(letter, 3));
    let came = again(config, own, &way).map(|_| Fate::Taken);
    figures.end(config, own, &way, came);
    cut(config, own, before, letter, figures);
    for later in [true, false] {
        let came = again(config, own, before).and_then(|mut run| {
            let epoch = if later { Some(run.read + 1) } else { run.read.checked_sub(1) };
            epoch.map_or(Ok(()), |epoch| run.under_other_keys(letter, epoch))
        });
        figures.end(config, own, &way, came.map(|()| Fate::Refused));
    }
}

/// A message cut by ChangeCipherSpec: in its header, and before its end.
fn cut(config: &'static Config, own: Side, way: &[Step], letter: &'static str, figures: &mut Figures) {
    for length in [2, usize::MAX] {
        let came = again(config, own, way).and_then(|mut run| run.cut(letter, length));
        figures.end(config, own, way, came.map(|()| Fate::Refused));
    }
}

/// One way at random: mostly what is in its place, to the first that is not, or to so many steps.
pub fn stroll(config: &'static Config, own: Side, random: &mut Random, steps: usize, figures: &mut Figures) {
    let mut way = Vec::new();
    let mut idled = 0;
    let all: Vec<&'static str> = words(own).collect();
    let mut run = match Run::new(config, own) {
        Ok(run) => run,
        Err(why) => return figures.end(config, own, &way, Err(why)),
    };
    let mut came = Ok(Fate::Taken);
    for _ in 0..steps {
        let right: Vec<&'static str> =
            words(own).filter(|letter| run.model.heard(letter).is_some()).collect();
        let step = if random.below(12) == 0 {
            Step::Hear(all[random.below(all.len())])
        } else if run.may_renegotiate() && random.below(3) == 0 {
            Step::Renegotiate
        } else {
            let letter = right[random.below(right.len())];
            let pieces = [1, 2, 3, 5, 17, 100, usize::MAX];
            Step::HearInPieces(letter, pieces[random.below(pieces.len())])
        };
        let idle = match step {
            Step::Hear(letter) | Step::HearInPieces(letter, _) => {
                ["HelloRequest", "ClientHello"].contains(&letter) && run.model.heard(letter).is_some()
            }
            Step::Renegotiate => false,
        };
        if (idle && idled == IDLE_REQUESTS) || run.begun() > 6 {
            continue;
        }
        way.push(step);
        came = run.take(step);
        idled += usize::from(idle);
        figures.looked_at(&run);
        match came {
            Ok(Fate::Taken) => {}
            Ok(Fate::Unsaid) => {
                way.pop();
            }
            _ => break,
        }
    }
    figures.end(config, own, &way, came);
}

/// `SplitMix64`: numbers that are the same in every run.
pub struct Random(pub u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }
}

/// Whether a row's input comes from the peer, so that the path continues.
pub fn is_heard(input: &str) -> bool {
    LETTERS.contains(&input)
}
