//! A client and a server in memory, without records.

use cairn_crypto::{KeySpec, PrivateKeyDer, PublicKey};
use cairn_handshake::{
    Answer, CertificateChain, ClientPolicy, Credential, Event, Flight, HandshakeErrorKind, Input, Item,
    KnownPsk, Machine, NewTicket, Next, NotResumed, PeerKey, PskChoice, PskUse, Question, RawMessage,
    ServerPolicy, Session, SessionAnswer, Summary, UnixTime, WriteKeys, WriteKeysUpdate,
};
use cairn_schedule::{Direction, Epoch, Gate, Keys};
use cairn_wire::{Alert, HandshakeType, KeyUpdateRequest, NamedGroup};
use std::{collections::VecDeque, sync::Arc};

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// The output of one side, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Message(Epoch, Vec<u8>),
    ChangeCipherSpec(Epoch),
    Alert(Alert),
}

/// One side: its machine, and what it has done.
pub(crate) struct End {
    pub(crate) machine: Machine,
    pub(crate) credential: Option<Arc<Credential>>,
    /// The key that this side expects the peer to have.
    pub(crate) peer_key: Option<PublicKey>,
    pub(crate) queue: VecDeque<Sent>,
    /// The messages that it has sent, with the epochs of their keys.
    pub(crate) sent: Vec<(Epoch, HandshakeType)>,
    /// The epochs and secrets of each direction, in order.
    pub(crate) keys: Vec<(Direction, Epoch, Vec<u8>)>,
    pub(crate) gates: [Gate; 2],
    pub(crate) limits: Vec<(Direction, u16)>,
    pub(crate) key_log: Vec<&'static str>,
    pub(crate) summary: Option<Summary>,
    pub(crate) error: Option<HandshakeErrorKind>,
    pub(crate) questions: Vec<&'static str>,
    /// The session that a client offers.
    pub(crate) offers: Option<Arc<Session>>,
    /// The sessions to save, in order.
    pub(crate) saved: Vec<Arc<Session>>,
    /// The sessions that a server has sealed, in order. The ticket of the first is `[0]`.
    pub(crate) sealed: Vec<Arc<Session>>,
    /// The PSKs that a server knows, by their identities.
    pub(crate) known: Vec<(Vec<u8>, KnownPsk)>,
    /// The answer to the question whether a PSK may be used.
    pub(crate) psk_use: PskUse,
    /// The reasons why a session was not resumed.
    pub(crate) not_resumed: Vec<NotResumed>,
    pub(crate) now: UnixTime,
    pub(crate) ccs: usize,
    /// The transport parameters of the peer, as often as they were reported.
    pub(crate) transport_parameters: Vec<Arc<[u8]>>,
    /// How often a server was told to skip early data.
    pub(crate) skips: usize,
    write_keys: Option<Box<WriteKeys>>,
}

impl End {
    fn new(machine: Machine, credential: Option<Arc<Credential>>, peer_key: Option<PublicKey>) -> Self {
        Self {
            machine,
            credential,
            peer_key,
            queue: VecDeque::new(),
            sent: Vec::new(),
            keys: Vec::new(),
            gates: [Gate::Closed; 2],
            limits: Vec::new(),
            key_log: Vec::new(),
            summary: None,
            error: None,
            questions: Vec::new(),
            offers: None,
            saved: Vec::new(),
            sealed: Vec::new(),
            known: Vec::new(),
            psk_use: PskUse::Permitted,
            not_resumed: Vec::new(),
            now: NOW,
            ccs: 0,
            transport_parameters: Vec::new(),
            skips: 0,
            write_keys: None,
        }
    }

    fn answer(&mut self) -> Answer {
        let (_, question) = self.machine.question().unwrap();
        self.questions.push(question.name());
        match question {
            Question::FindSession(_) => {
                Answer::Session(SessionAnswer { session: self.offers.take(), now: self.now })
            }
            Question::SealTicket(seal) => {
                let ticket = vec![u8::try_from(self.sealed.len()).unwrap()];
                self.sealed.push(Arc::new(seal.session.clone()));
                Answer::Ticket(Some(NewTicket { ticket, lifetime_hint: 0 }))
            }
            Question::ChoosePsk(choose) => {
                let psk = choose.identities().find_map(|(index, identity)| {
                    let (_, psk) = self.known.iter().find(|(known, _)| known == identity)?;
                    Some((index, psk.clone()))
                });
                Answer::PskChoice(PskChoice { psk, now: self.now })
            }
            Question::ConsumePsk(_) => Answer::PskUse(self.psk_use),
            Question::ChooseServerCredential(choose) => {
                Answer::Credential(self.credential.clone().filter(|credential| choose.suits(credential)))
            }
            Question::ChooseClientCredential(choose) => {
                Answer::Credential(self.credential.clone().filter(|credential| choose.suits(credential)))
            }
            Question::Sign(sign) => {
                let provider = cairn_provider_aws_lc::provider();
                let key = sign.credential.key.as_ref().unwrap();
                Answer::Signature(key.sign(sign.scheme, sign.message, &mut provider.rng()).unwrap())
            }
            Question::VerifyPeer(_) => {
                let public_key = self.peer_key.clone().unwrap();
                let key = PeerKey { public_key, may_sign: true, may_encrypt: true, only_scheme: None };
                Answer::PeerVerified(key.into())
            }
            other => panic!("unexpected question {}", other.name()),
        }
    }

    pub(crate) fn step(&mut self, input: Input<'_>) {
        let mut flight = Flight::new();
        let mut next = self.machine.step(input, &mut flight).unwrap();
        while let Next::Ask(id) = next {
            let answer = self.answer();
            next = self.machine.step(Input::Answer(id, answer), &mut flight).unwrap();
        }
        self.perform(flight);
        if let Next::Failed(error) = next {
            self.error = Some(error.kind);
        }
    }

    /// Sends KeyUpdate.
    fn update_keys(&mut self, request_update: KeyUpdateRequest) {
        let keys = self.write_keys.as_mut().unwrap();
        let epoch = keys.epoch();
        let WriteKeysUpdate { message, change } = keys.update(request_update).unwrap().unwrap();
        self.sent.push((epoch, HandshakeType::KEY_UPDATE));
        self.queue.push_back(Sent::Message(epoch, message));
        let Keys::Tls13(secret) = &change.keys else { panic!("keys of TLS 1.2") };
        self.keys.push((Direction::Write, change.epoch, secret.expose().to_vec()));
        self.gates[1] = Gate::Open { epoch: change.epoch };
    }

    fn perform(&mut self, mut flight: Flight) {
        let (bytes, items) = flight.drain();
        for item in items {
            match item {
                Item::WriteKeys(keys) => self.write_keys = Some(keys),
                Item::UpdateKeys(request_update) => self.update_keys(request_update),
                Item::SendFinished { transcript_hash } => {
                    let keys = self.write_keys.as_ref().unwrap();
                    self.sent.push((keys.epoch(), HandshakeType::FINISHED));
                    let message = keys.finished(&transcript_hash).unwrap();
                    self.queue.push_back(Sent::Message(keys.epoch(), message));
                }
                // As if data followed.
                Item::AnswerKeyUpdate => self.update_keys(KeyUpdateRequest::UpdateNotRequested),
                Item::Send { epoch, msg_type, bytes: range } => {
                    let epoch = self.write_keys.as_ref().map_or(epoch, |keys| keys.epoch());
                    self.sent.push((epoch, msg_type));
                    self.queue.push_back(Sent::Message(epoch, bytes[range].to_vec()));
                }
                Item::SendChangeCipherSpec { epoch } => {
                    self.ccs += 1;
                    self.queue.push_back(Sent::ChangeCipherSpec(epoch));
                }
                Item::SendAlert { alert, .. } => self.queue.push_back(Sent::Alert(alert)),
                Item::Keys(change) => {
                    let Keys::Tls13(secret) = &change.keys else { panic!("keys of TLS 1.2") };
                    self.keys.push((change.direction, change.epoch, secret.expose().to_vec()));
                    self.gates[usize::from(change.direction == Direction::Write)] = Gate::Closed;
                }
                Item::LimitRecords { direction, max_plaintext } => {
                    self.limits.push((direction, max_plaintext));
                }
                Item::SkipEarlyData { .. } => self.skips += 1,
                Item::DropEarlyKeys => self.gates[1] = Gate::Closed,
                Item::ApplicationData { direction, gate } => {
                    self.gates[usize::from(direction == Direction::Write)] = gate;
                }
                Item::Event(Event::Complete(summary)) => self.summary = Some(*summary),
                Item::Event(Event::KeyLog(line)) => self.key_log.push(line.label),
                Item::Event(Event::SaveSession(session)) => self.saved.push(session),
                Item::Event(Event::NotResumed(reason)) => self.not_resumed.push(reason),
                Item::Event(Event::TransportParameters(theirs)) => self.transport_parameters.push(theirs),
                _ => {}
            }
        }
    }

    /// The secrets of a direction with their epochs.
    pub(crate) fn secrets(&self, of: Direction) -> Vec<(Epoch, Vec<u8>)> {
        let keys = self.keys.iter().filter(|(direction, ..)| *direction == of);
        keys.map(|(_, epoch, secret)| (*epoch, secret.clone())).collect()
    }
}

/// A client and a server.
pub(crate) struct Pair {
    pub(crate) client: End,
    pub(crate) server: End,
    /// The first ClientHello, as it arrived.
    pub(crate) client_hello: Option<Vec<u8>>,
}

/// A credential with a new key. The machine does not look into certificates.
pub(crate) fn credential(spec: KeySpec) -> (Arc<Credential>, PublicKey) {
    let provider = cairn_provider_aws_lc::provider();
    let pkcs8 = provider.keys.generate(spec, &mut provider.rng()).unwrap();
    let key = provider.keys.load(PrivateKeyDer::Pkcs8(pkcs8.expose())).unwrap();
    let public = key.public_key().clone();
    let chain = CertificateChain::new(&[b"a certificate in DER", b"its issuer"]).unwrap();
    (Arc::new(Credential::new(chain, key)), public)
}

/// The policies of TLS 1.3 and 1.2, of a server without tickets.
pub(crate) fn policies() -> (ClientPolicy, ServerPolicy) {
    let (client, mut server) = resuming_policies();
    server.resumption = None;
    (client, server)
}

/// The policies of TLS 1.3 and 1.2, with resumption.
pub(crate) fn resuming_policies() -> (ClientPolicy, ServerPolicy) {
    let provider = cairn_provider_aws_lc::provider();
    let client = ClientPolicy::modern(provider.clone());
    (client, ServerPolicy::modern(provider))
}

impl Pair {
    pub(crate) fn new(client: ClientPolicy, server: ServerPolicy) -> Self {
        Self::with_key(client, server, KeySpec::EcP256)
    }

    pub(crate) fn with_key(client: ClientPolicy, server: ServerPolicy, spec: KeySpec) -> Self {
        client.check().unwrap();
        server.check().unwrap();
        let (client_credential, client_key) = credential(KeySpec::EcP384);
        let (server_credential, server_key) = credential(spec);
        let client = Machine::client(Arc::new(client), Some("cairn.example".into()), None);
        let server = Machine::server(Arc::new(server));
        Self {
            client: End::new(client, Some(client_credential), Some(server_key)),
            server: End::new(server, Some(server_credential), Some(client_key)),
            client_hello: None,
        }
    }

    /// Starts both machines.
    pub(crate) fn start(&mut self) {
        for end in [&mut self.server, &mut self.client] {
            end.step(Input::Start { now: end.now });
        }
    }

    /// Passes one message. Returns `false` if both sides wait.
    pub(crate) fn pass(&mut self, change: &mut dyn FnMut(bool, &mut Sent)) -> bool {
        let (from, to, from_client) = if self.client.queue.is_empty() {
            (&mut self.server, &mut self.client, false)
        } else {
            (&mut self.client, &mut self.server, true)
        };
        let Some(mut sent) = from.queue.pop_front() else { return false };
        change(from_client, &mut sent);
        if to.error.is_some() {
            return true;
        }
        match sent {
            Sent::Message(epoch, bytes) => {
                if from_client {
                    self.client_hello.get_or_insert_with(|| bytes.clone());
                }
                let message = RawMessage { msg_type: HandshakeType(bytes[0]), bytes: &bytes };
                to.step(Input::Message { epoch, message });
            }
            // A transport drops it while TLS 1.3 tolerates it (RFC 9846 section 5).
            Sent::ChangeCipherSpec(_) => {}
            Sent::Alert(alert) => to.step(Input::Alert(alert)),
        }
        true
    }

    /// Runs until both sides wait.
    pub(crate) fn run(&mut self) {
        while self.pass(&mut |_, _| {}) {}
    }

    /// A handshake that succeeds.
    pub(crate) fn shake(client: ClientPolicy, server: ServerPolicy) -> Self {
        let mut pair = Self::new(client, server);
        pair.start();
        pair.run();
        pair.check();
        pair
    }

    /// Both sides are established with the same secrets and the same view.
    pub(crate) fn check(&self) {
        let Self { client, server, .. } = self;
        assert_eq!((client.error, server.error), (None, None));
        assert!(client.machine.is_established() && server.machine.is_established());
        for (write, read) in [(client, server), (server, client)] {
            // A server that rejects early data does not have its secret.
            let [ours, theirs] = [(write, Direction::Write), (read, Direction::Read)].map(|(end, of)| {
                let secrets = end.secrets(of).into_iter();
                secrets.filter(|(epoch, _)| *epoch != Epoch::EarlyData).collect::<Vec<_>>()
            });
            assert_eq!(ours, theirs);
            assert!(write.gates.iter().all(|gate| gate.is_open()));
        }
        let mut exported = [[0; 32]; 2];
        for (end, out) in [client, server].into_iter().zip(&mut exported) {
            end.machine.export_keying_material(b"EXPERIMENTAL test", Some(b"context"), out).unwrap();
        }
        assert_eq!(exported[0], exported[1]);
        assert_ne!(exported[0], [0; 32]);
    }
}

/// A share for this group alone.
pub(crate) fn only_share(client: &mut ClientPolicy, group: NamedGroup) {
    client.tls13.key_shares = vec![group];
}
