//! Two machines in memory, with answers at hand.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use cairn_crypto::{KeySpec, PrivateKeyDer, Provider, PublicKey, SigningKey};
use cairn_handshake::{
    Answer, CertificateChain, ClientAuthentication, ClientPolicy, Credential, ErrorKind, Event, Flight,
    HandshakeError, Input, Item, Joiner, Limits, Machine, Next, PeerKey, Question, Requirement, ServerPolicy,
    Session, SessionAnswer, SuiteOrder, Summary, UnixTime,
};
use cairn_schedule::{Direction, Epoch, KeyChange, SUITES};
use cairn_wire::{Alert, AlertDescription, SessionId};
use std::{collections::VecDeque, sync::Arc};

pub const NOW: UnixTime = UnixTime(1_700_000_000);

pub fn provider() -> Provider {
    cairn_provider_aws_lc::provider()
}

pub fn client_policy() -> ClientPolicy {
    let provider = provider();
    ClientPolicy {
        suites: SUITES.iter().collect(),
        groups: provider.groups.iter().map(|group| group.group()).collect(),
        signature_schemes: provider.schemes(),
        provider,
        alpn_protocols: Vec::new(),
        extended_master_secret: Requirement::Offer,
        secure_renegotiation: Requirement::Require,
        resumption: true,
        session_lifetime: 86_400,
        key_log: false,
        limits: Limits::default(),
    }
}

pub fn server_policy() -> ServerPolicy {
    let provider = provider();
    ServerPolicy {
        suites: SUITES.iter().collect(),
        suite_order: SuiteOrder::Server,
        groups: provider.groups.iter().map(|group| group.group()).collect(),
        signature_schemes: provider.schemes(),
        provider,
        alpn_protocols: Vec::new(),
        client_authentication: ClientAuthentication::None,
        extended_master_secret: Requirement::Offer,
        secure_renegotiation: Requirement::Offer,
        resumption: true,
        session_lifetime: 86_400,
        context_id: Vec::new(),
        key_log: false,
        limits: Limits::default(),
    }
}

/// A fresh key under a chain of one made-up certificate: the machine parses none.
pub fn credential(spec: KeySpec) -> (Arc<Credential>, PublicKey) {
    let provider = provider();
    let der = provider.keys.generate(spec, &mut provider.rng()).unwrap();
    let key: Arc<dyn SigningKey> = provider.keys.load(PrivateKeyDer::Pkcs8(der.expose())).unwrap();
    let public = key.public_key().clone();
    let chain = CertificateChain::new(&[b"end entity", b"intermediate"]).unwrap();
    (Arc::new(Credential::new(chain, key)), public)
}

/// One end: a machine and what it needs of the outside.
pub struct End {
    pub machine: Machine,
    pub joiner: Joiner,
    pub credential: Option<Arc<Credential>>,
    pub peer_key: Option<PublicKey>,
    pub session: Option<Box<Session>>,
    pub flight: Flight,
    pub next: Next,
    /// What happened, in order.
    pub log: Vec<String>,
    pub saved: Option<Box<Session>>,
    pub forgotten: Vec<SessionId>,
    pub complete: Option<Box<Summary>>,
    pub keys: Vec<KeyChange>,
    pub out: VecDeque<Wire>,
}

/// What goes over the wire, without records.
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
            joiner: Joiner::new(Limits::default()),
            credential: None,
            peer_key: None,
            session: None,
            flight: Flight::new(),
            next: Next::AwaitPeer,
            log: Vec::new(),
            saved: None,
            forgotten: Vec::new(),
            complete: None,
            keys: Vec::new(),
            out: VecDeque::new(),
        }
    }

    pub fn start(&mut self) {
        self.step(Input::Start { now: NOW });
    }

    /// Takes one input, does what the flight says, and answers questions until it is the peer's turn.
    pub fn step(&mut self, input: Input<'_>) {
        self.next = self.machine.step(input, &mut self.flight).unwrap();
        self.perform();
        while let Next::Ask(_) = self.next {
            let (id, answer) = self.answer();
            self.next = self.machine.step(Input::Answer(id, answer), &mut self.flight).unwrap();
            self.perform();
        }
    }

    fn answer(&self) -> (cairn_handshake::QuestionId, Answer) {
        let (id, question) = self.machine.question().unwrap();
        let answer = match question {
            Question::FindSession(_) => {
                Answer::Session(SessionAnswer { session: self.session.clone(), now: NOW })
            }
            Question::ChooseServerCredential(_) | Question::ChooseClientCredential(_) => {
                Answer::Credential(self.credential.clone())
            }
            Question::Sign(sign) => {
                let key = sign.credential.key.as_ref().unwrap();
                Answer::Signature(key.sign(sign.scheme, sign.message, &mut provider().rng()).unwrap())
            }
            Question::VerifyPeer(_) => match &self.peer_key {
                Some(key) => Answer::PeerVerified(PeerKey { public_key: key.clone(), may_sign: true }),
                None => Answer::PeerRejected { alert: AlertDescription::UNKNOWN_CA },
            },
            other => panic!("a question that this test does not know: {}", other.name()),
        };
        (id, answer)
    }

    fn perform(&mut self) {
        let mut flight = std::mem::take(&mut self.flight);
        let (bytes, items) = flight.drain();
        for item in items {
            match item {
                Item::Send { epoch, msg_type, bytes: range } => {
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
                    self.keys.push(change);
                }
                Item::Event(Event::Complete(summary)) => {
                    self.log.push("complete".into());
                    self.complete = Some(summary);
                }
                Item::Event(Event::SaveSession(session)) => self.saved = Some(session),
                Item::Event(Event::ForgetSession(id)) => self.forgotten.push(id),
                Item::Event(_) => {}
            }
        }
        if let Next::Failed(error) = self.next {
            self.log.push(format!("failed: {error}"));
            if let Some(alert) = error.alert() {
                self.out.push_back(Wire::Alert(Alert::fatal(alert)));
            }
        }
    }

    pub fn receive(&mut self, wire: &Wire) {
        match wire {
            Wire::Handshake(epoch, bytes) => {
                let mut piece = bytes.as_slice();
                let mut joiner = std::mem::replace(&mut self.joiner, Joiner::new(Limits::default()));
                while let Some(message) = joiner.next(*epoch, &mut piece).unwrap() {
                    self.step(Input::Message { epoch: *epoch, message });
                    if self.error().is_some() {
                        return;
                    }
                }
                self.joiner = joiner;
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

    pub fn kind(&self) -> Option<ErrorKind> {
        self.error().map(|error| error.kind)
    }
}

/// Passes what each says to the other until both are silent. `tamper` sees each message before it arrives.
pub fn run(client: &mut End, server: &mut End, mut tamper: impl FnMut(bool, &mut Wire)) {
    server.start();
    client.start();
    loop {
        let (from_client, mut wire) = match (client.out.pop_front(), server.out.front()) {
            (Some(wire), _) => (true, wire),
            (None, Some(_)) => (false, server.out.pop_front().unwrap()),
            (None, None) => return,
        };
        tamper(from_client, &mut wire);
        let to = if from_client { &mut *server } else { &mut *client };
        if to.error().is_none() {
            to.receive(&wire);
        }
    }
}

/// A client and a server that fit each other.
pub fn pair(
    spec: KeySpec,
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    let (mut client_policy, mut server_policy) = (client_policy(), server_policy());
    client(&mut client_policy);
    server(&mut server_policy);
    let (credential, public) = credential(spec);
    let mut client = End::new(Machine::client(Arc::new(client_policy), Some("cairn.example")));
    let mut server = End::new(Machine::server(Arc::new(server_policy)));
    client.peer_key = Some(public);
    server.credential = Some(credential);
    (client, server)
}
