//! One side: a machine, and everything that it requires from its caller.

use super::{names, settings::provider};
use cairn_crypto::{HashOutput, PublicKey, SecretBytes};
use cairn_handshake::{
    Answer, Credential, Event, FindPsk, Flight, HandshakeError, HandshakeErrorKind, Input, Item, Joiner,
    KeyLogLine, KnownPsk, Machine, NewTicket, Next, NotResumed, PeerKey, Phase, PostHandshakeAuthentication,
    Psk, PskChoice, PskUse, Question, Session, SessionAnswer, Stapled, Summary, UnixTime, Verified,
    WriteKeys,
};
use cairn_schedule::{Direction, Epoch, Gate, KeyChange, Keys, tls13};
use cairn_wire::{Alert, AlertDescription, KeyUpdateRequest, ProtocolVersion, SessionId, SignatureScheme};
use std::{collections::VecDeque, sync::Arc};

/// The ticket of the tests' servers.
pub const TICKET: &[u8] = b"a ticket";

pub const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

/// One side: a machine with everything that it requires from its caller.
pub struct End {
    pub machine: Machine,
    pub joiner: Joiner,
    pub credential: Option<Arc<Credential>>,
    pub peer_key: Option<PublicKey>,
    pub may_sign: bool,
    pub may_encrypt: bool,
    /// The properties that it reports for its peer's key.
    pub only_scheme: Option<SignatureScheme>,
    /// Accepts any chain without verification.
    pub credulous: bool,
    /// The validity that it reports for its peer's chain.
    pub not_after: Option<UnixTime>,
    pub psk: Option<Psk>,
    pub session: Option<Box<Session>>,
    /// The external PSK of a server of TLS 1.3.
    pub external_psk: Option<tls13::Psk>,
    /// The answer to the question whether a ticket of TLS 1.3 may be used.
    pub psk_use: PskUse,
    /// Whether the session's ticket should be renewed.
    pub old_ticket: bool,
    /// The last session that was sealed into a ticket. No ticket is issued if it is `None`.
    pub sealed: Option<Box<Session>>,
    pub no_ticket: bool,
    /// The minimum length of the tickets that it seals.
    pub ticket_length: usize,
    /// Answers this question, by name, with `Failed`.
    pub fails: Option<&'static str>,
    pub flight: Flight,
    pub next: Next,
    /// The log of events.
    pub log: Vec<String>,
    pub saved: Option<Box<Session>>,
    pub forgotten: Vec<SessionId>,
    pub complete: Option<Box<Summary>>,
    /// The authentications of the client after the handshake.
    pub authentications: Vec<PostHandshakeAuthentication>,
    /// The stapled data in the question about the peer's chain.
    pub stapled: Option<Stapled>,
    pub keys: Vec<KeyChange>,
    /// Whether application data may be received.
    pub read_gate: Gate,
    /// Whether application data may be sent.
    pub write_gate: Gate,
    /// After the handshake of TLS 1.3.
    pub write_keys: Option<Box<WriteKeys>>,
    /// The labels of the key log's lines.
    pub key_log: Vec<KeyLogLine>,
    pub not_resumed: Option<NotResumed>,
    /// Each step: the state, the input, and the next state.
    pub steps: Vec<(&'static str, &'static str, &'static str)>,
    /// The number of steps up to the choice of TLS 1.3.
    pub steps_before_tls13: Option<usize>,
    /// The number of steps until it stops, for tests that inspect a state.
    pub steps_left: usize,
    pub out: VecDeque<Wire>,
    /// The `Debug` output of everything, if the test checks it.
    pub shown: Option<String>,
}

/// An item on the wire, without records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wire {
    Handshake(Epoch, Vec<u8>),
    ChangeCipherSpec,
    Alert(Alert),
}

impl End {
    pub fn new(machine: Machine) -> Self {
        Self {
            machine,
            joiner: Joiner::new(),
            credential: None,
            peer_key: None,
            may_sign: true,
            only_scheme: None,
            may_encrypt: true,
            credulous: false,
            not_after: None,
            psk: Some(Psk { identity: b"client".to_vec(), key: SecretBytes::from(&[7; 32][..]) }),
            session: None,
            external_psk: None,
            psk_use: PskUse::Permitted,
            old_ticket: false,
            sealed: None,
            no_ticket: false,
            ticket_length: 0,
            fails: None,
            flight: Flight::new(),
            next: Next::AwaitPeer,
            log: Vec::new(),
            saved: None,
            forgotten: Vec::new(),
            complete: None,
            authentications: Vec::new(),
            stapled: None,
            keys: Vec::new(),
            read_gate: Gate::Closed,
            write_gate: Gate::Closed,
            write_keys: None,
            key_log: Vec::new(),
            not_resumed: None,
            steps: Vec::new(),
            steps_before_tls13: None,
            steps_left: usize::MAX,
            out: VecDeque::new(),
            shown: None,
        }
    }

    pub fn start(&mut self) {
        self.step(Input::Start { now: NOW });
    }

    /// Processes one input, executes the flight, and answers questions until the peer's turn.
    pub fn step(&mut self, input: Input<'_>) {
        self.step_once(input);
        while let Next::Ask(_) = self.next
            && self.steps_left > 0
        {
            let (id, answer) = self.answer();
            self.step_once(Input::Answer(id, answer));
        }
    }

    /// Processes one input and executes the flight.
    pub fn step_once(&mut self, input: Input<'_>) {
        if self.steps_left == 0 {
            return;
        }
        self.steps_left -= 1;
        let (before, name) = (self.machine.state(), names::input_name(&input));
        if let Some(shown) = &mut self.shown {
            shown.push_str(&format!("{input:?}\n"));
        }
        self.next = self.machine.step(input, &mut self.flight).unwrap();
        if let Some(shown) = &mut self.shown {
            shown.push_str(&format!("{:?} {:#?} {:?}\n", self.machine, self.flight, self.next));
            shown.push_str(&format!("{:?}\n", self.machine.question()));
        }
        self.steps.push((before, name, self.machine.state()));
        if self.speaks_tls13() {
            self.steps_before_tls13.get_or_insert(self.steps.len());
        }
        self.perform();
    }

    /// Whether a handshake of TLS 1.3 is in progress.
    fn speaks_tls13(&self) -> bool {
        self.machine.phase() == Phase::Handshake(ProtocolVersion::TLS_1_3)
    }

    pub fn answer(&mut self) -> (cairn_handshake::QuestionId, Answer) {
        let (id, question) = self.machine.question().unwrap();
        if self.fails == Some(question.name()) {
            return (id, Answer::Failed);
        }
        let answer = match question {
            Question::ChooseConfiguration(_) => Answer::Configured,
            Question::FindSession(_) => {
                let answer = SessionAnswer { session: self.session.clone().map(Arc::from), now: NOW };
                if self.old_ticket { Answer::SessionWithOldTicket(answer) } else { Answer::Session(answer) }
            }
            Question::SealTicket(_) if self.no_ticket => Answer::Ticket(None),
            Question::SealTicket(seal) => {
                self.sealed = Some(Box::new(seal.session.clone()));
                let mut ticket = TICKET.to_vec();
                ticket.resize(self.ticket_length.max(ticket.len()), 0);
                Answer::Ticket(Some(NewTicket { ticket, lifetime_hint: 7200 }))
            }
            Question::ChooseServerCredential(_) | Question::ChooseClientCredential(_) => {
                Answer::Credential(self.credential.clone())
            }
            Question::Sign(sign) => {
                let key = sign.credential.key.as_ref().unwrap();
                Answer::Signature(key.sign(sign.scheme, sign.message, &mut provider().rng()).unwrap())
            }
            Question::VerifyPeer(verify) => {
                self.stapled = Some(verify.stapled.clone());
                match &self.peer_key {
                    Some(key) => {
                        let (may_sign, may_encrypt) = (self.may_sign, self.may_encrypt);
                        let key = PeerKey {
                            public_key: key.clone(),
                            may_sign,
                            may_encrypt,
                            only_scheme: self.only_scheme,
                        };
                        if self.credulous {
                            Answer::PeerNotChecked(key)
                        } else {
                            Answer::PeerVerified(Verified { key, not_after: self.not_after })
                        }
                    }
                    None => Answer::PeerRejected { alert: AlertDescription::UNKNOWN_CA },
                }
            }
            Question::DecryptPremaster(decrypt) => {
                let key = decrypt.credential.decrypting_key.as_ref().unwrap();
                let version = decrypt.client_version;
                let provider = provider();
                let rng = &mut provider.rng();
                match key.decrypt_premaster(decrypt.ciphertext, version, decrypt.fallback, rng) {
                    Ok(premaster) => Answer::Premaster(premaster),
                    Err(_) => Answer::Failed,
                }
            }
            Question::ChoosePsk(choose) => {
                let (place, _) = choose.identities().next().unwrap();
                let session = self.session.clone().map(|session| KnownPsk::Session(Arc::from(session)));
                let psk = session.or_else(|| self.external_psk.clone().map(KnownPsk::External));
                Answer::PskChoice(PskChoice { psk: psk.map(|psk| (place, psk)), now: NOW })
            }
            Question::ConsumePsk(_) => Answer::PskUse(self.psk_use),
            Question::FindPsk(FindPsk::ByHint { .. }) => Answer::Psk(self.psk.clone()),
            Question::FindPsk(FindPsk::ByIdentity { identity }) => {
                Answer::Psk(self.psk.clone().filter(|psk| psk.identity == identity))
            }
            other => panic!("a question that this test does not know: {}", other.name()),
        };
        (id, answer)
    }

    pub fn perform(&mut self) {
        let flight = core::mem::take(&mut self.flight);
        self.perform_items(flight);
        if let Next::Failed(error) = self.next {
            self.log.push(format!("failed: {error}"));
            if let Some(alert) = error.alert() {
                let close = alert == AlertDescription::CLOSE_NOTIFY;
                let alert = if close { Alert::warning(alert) } else { Alert::fatal(alert) };
                self.out.push_back(Wire::Alert(alert));
            }
        }
    }

    /// Sends KeyUpdate.
    fn update_keys(&mut self, request_update: KeyUpdateRequest) {
        let keys = self.write_keys.as_mut().expect("the handshake is complete");
        let epoch = keys.epoch();
        let update = keys.update(request_update).unwrap().unwrap();
        self.log.push("send key_update".into());
        self.out.push_back(Wire::Handshake(epoch, update.message));
        let gate = Gate::Open { epoch: update.change.epoch };
        self.log.push(format!("write keys, epoch {}", update.change.epoch));
        self.keys.push(update.change);
        self.set_gate(Direction::Write, gate);
    }

    /// Sends the Finished that ends an authentication after the handshake.
    fn send_finished(&mut self, transcript_hash: &HashOutput) {
        let keys = self.write_keys.as_ref().expect("the handshake is complete");
        self.log.push("send finished".into());
        self.out.push_back(Wire::Handshake(keys.epoch(), keys.finished(transcript_hash).unwrap()));
    }

    fn perform_items(&mut self, mut flight: Flight) {
        let (bytes, items) = flight.drain();
        for item in items {
            match item {
                Item::WriteKeys(keys) => self.write_keys = Some(keys),
                Item::UpdateKeys(request_update) => self.update_keys(request_update),
                Item::SendFinished { transcript_hash } => self.send_finished(&transcript_hash),
                // As if data followed.
                Item::AnswerKeyUpdate => self.update_keys(KeyUpdateRequest::UpdateNotRequested),
                Item::Send { epoch, msg_type, bytes: range } => {
                    let epoch = self.write_keys.as_ref().map_or(epoch, |keys| keys.epoch());
                    self.log.push(format!("send {msg_type}"));
                    self.out.push_back(Wire::Handshake(epoch, bytes[range].to_vec()));
                }
                Item::SendChangeCipherSpec { .. } => {
                    self.log.push("send change_cipher_spec".into());
                    self.out.push_back(Wire::ChangeCipherSpec);
                }
                Item::SendAlert { alert, .. } => self.out.push_back(Wire::Alert(alert)),
                Item::Keys(change) => {
                    let way = if change.direction == Direction::Read { "read" } else { "write" };
                    self.log.push(format!("{way} keys, epoch {}", change.epoch));
                    // New keys close the gate.
                    let gate = if change.direction == Direction::Read {
                        &mut self.read_gate
                    } else {
                        &mut self.write_gate
                    };
                    *gate = Gate::Closed;
                    self.keys.push(change);
                }
                Item::LimitEarlyData { max_bytes, .. } => {
                    self.log.push(format!("at most {max_bytes} of early data"));
                }
                Item::DropEarlyKeys => {
                    self.log.push("write without keys".into());
                    self.write_gate = Gate::Closed;
                }
                Item::LimitRecords { direction, max_plaintext } => {
                    let way = if direction == Direction::Read { "read" } else { "write" };
                    self.log.push(format!("{way} at most {max_plaintext}"));
                }
                Item::ApplicationData { direction, gate } => self.set_gate(direction, gate),
                Item::PeerChangeCipherSpec(_) => {}
                Item::PadRecords(padding) => self.log.push(format!("pad records: {padding:?}")),
                Item::SkipEarlyData { max_bytes } => {
                    self.log.push(format!("skip at most {max_bytes} of early data"));
                }
                Item::Event(Event::Complete(summary)) => {
                    self.log.push("complete".into());
                    self.complete = Some(summary);
                }
                Item::Event(Event::ClientAuthentication(authentication)) => {
                    self.log.push("client authentication".into());
                    self.authentications.push(*authentication);
                }
                Item::Event(Event::SaveSession(session)) => {
                    self.saved = Some(Box::new(Arc::unwrap_or_clone(session)));
                }
                Item::Event(Event::ForgetSession(id)) => self.forgotten.push(id),
                Item::Event(Event::KeyLog(line)) => self.key_log.push(line),
                Item::Event(Event::NotResumed(reason)) => self.not_resumed = Some(reason),
                Item::Event(Event::RenegotiationRefused) => self.log.push("renegotiation refused".into()),
                Item::Event(Event::PeerClosed) => self.log.push("peer closed".into()),
                Item::Event(Event::TransportParameters(_)) => self.log.push("transport parameters".into()),
                Item::Event(event) => panic!("an event that no test knows: {event:?}"),
            }
        }
    }

    fn set_gate(&mut self, direction: Direction, gate: Gate) {
        if let Gate::Open { epoch } = gate {
            let keys = self.keys.iter().rfind(|keys| keys.direction == direction);
            assert_eq!(keys.map(|keys| keys.epoch), Some(epoch), "a gate opens for the keys in use");
        }
        let (current, way) = match direction {
            Direction::Read => (&mut self.read_gate, "read"),
            Direction::Write => (&mut self.write_gate, "write"),
        };
        assert_ne!(*current, gate, "an item changes something");
        *current = gate;
        self.log.push(format!("{way} data {}", if gate.is_open() { "opens" } else { "closes" }));
    }

    /// Whether the peer may send application data.
    pub fn takes_application_data(&self) -> bool {
        self.error().is_none() && self.read_gate.is_open()
    }

    /// Whether this side may send application data.
    pub fn sends_application_data(&self) -> bool {
        self.error().is_none() && self.write_gate.is_open()
    }

    pub fn receive(&mut self, wire: &Wire) {
        match wire {
            Wire::Handshake(epoch, bytes) => {
                let mut piece = bytes.as_slice();
                let mut joiner = core::mem::replace(&mut self.joiner, Joiner::new());
                while self.error().is_none() && self.steps_left > 0 {
                    match joiner.next(*epoch, &mut piece, |header| self.machine.check_header(header)) {
                        Ok(Some(message)) => self.step(Input::Message { epoch: *epoch, message }),
                        Ok(None) => break,
                        Err(kind) => self.step(Input::NotJoined(kind)),
                    }
                }
                self.joiner = joiner;
            }
            // The record layer drops it (RFC 9846 section 5).
            Wire::ChangeCipherSpec if self.speaks_tls13() => {}
            Wire::ChangeCipherSpec if !self.joiner.is_empty() => {
                self.step(Input::NotJoined(HandshakeErrorKind::SplitAcrossKeyChange));
            }
            Wire::ChangeCipherSpec => self.step(Input::ChangeCipherSpec),
            Wire::Alert(alert) => self.step(Input::Alert(*alert)),
        }
    }

    pub fn error(&self) -> Option<HandshakeError> {
        match self.next {
            Next::Failed(error) => Some(error),
            _ => None,
        }
    }

    pub fn kind(&self) -> Option<HandshakeErrorKind> {
        self.error().map(|error| error.kind)
    }
}
