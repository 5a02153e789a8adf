//! One machine of TLS 1.3 with its environment, its invariants, and the scenarios.

use super::end::{Answers, Said};
use crate::world::{NOW, Scenario, Tls13Psk, provider, rewind, tls13_scenarios};
use cairn_handshake::{
    Answer, Endpoint, Event, Flight, HandshakeError, HandshakeErrorKind, Input, Item, Joiner, KnownPsk,
    Machine, Misuse, NewTicket, Next, PeerKey, PskChoice, PskUse, Question, QuestionId, RawMessage, Session,
    SessionAnswer, Summary, WriteKeys, WriteKeysUpdate,
};
use cairn_schedule::{Direction, Epoch, Keys};
use cairn_tls::Side;
use cairn_tls::wire::{Alert, AlertDescription, HandshakeType, KeyUpdateRequest};
use cairn_tls::x509::CertificateFacts;
use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

/// A scenario with what a run of it needs and leaves.
#[derive(Debug)]
pub(super) struct Recorded {
    scenario: Scenario,
    /// The session that the client offers, and the server's for the identity `[0]`.
    sessions: Option<Sessions>,
    /// The messages that the client and the server receive.
    pub(super) got: Received,
}

/// Every scenario. An input selects one by its index, so new ones come last.
pub(super) fn scenarios() -> &'static [Recorded] {
    static MADE: OnceLock<Vec<Recorded>> = OnceLock::new();
    MADE.get_or_init(|| {
        let mut made = Vec::new();
        for scenario in tls13_scenarios() {
            let mut recorded = Recorded { scenario, sessions: None, got: Default::default() };
            let (got, sessions) = shake_hands(&recorded);
            recorded.got = got;
            // A scenario that issues tickets is also one that resumes a session.
            if recorded.scenario.name.ends_with("ticket") {
                recorded.sessions = sessions;
                (recorded.got, _) = shake_hands(&recorded);
            }
            made.push(recorded);
        }
        made
    })
}

/// The messages that each side receives.
type Received = [Vec<Vec<u8>>; 2];

/// The session of each side.
type Sessions = [Arc<Session>; 2];

/// The messages of a run without interference, and the first sessions that both sides store.
fn shake_hands(recorded: &Recorded) -> (Received, Option<Sessions>) {
    rewind();
    let mut ends = [Side::Client, Side::Server].map(|side| End::of(recorded, side));
    let mut got = [Vec::new(), Vec::new()];
    while let Some(from) = ends.iter().position(|end| !end.out.is_empty()) {
        let Some(said) = ends[from].out.pop_front() else { break };
        if let Said::Message(_, bytes) = &said {
            got[1 - from].push(bytes.clone());
        }
        ends[1 - from].take_from_peer(&said);
    }
    for end in &ends {
        assert!(end.first.is_some() && end.error.is_none(), "{:?}: {:?}", recorded.scenario, end.error);
    }
    agree(&ends);
    let [client, server] = ends.map(|end| end.saved.into_iter().next());
    (got, client.zip(server).map(|(client, server)| [client, server]))
}

/// A secret of a direction and an epoch.
type Secret = (Direction, Epoch, Vec<u8>);

/// The result of a complete handshake.
#[derive(Debug)]
pub(super) struct First {
    summary: Box<Summary>,
    secrets: Vec<Secret>,
    /// The messages of the handshake, of both sides, in order.
    messages: Vec<Vec<u8>>,
}

/// A machine. For any input, its output is bounded, an error is final, and the driver never misuses it.
pub(super) struct End<'a> {
    recorded: &'a Recorded,
    side: Side,
    machine: Machine,
    joiner: Joiner,
    flight: Flight,
    pub(super) answers: Answers,
    pub(super) out: VecDeque<Said>,
    pub(super) error: Option<HandshakeError>,
    /// The result of the handshake.
    pub(super) first: Option<First>,
    secrets: Vec<Secret>,
    write_keys: Option<Box<WriteKeys>>,
    messages: Vec<Vec<u8>>,
    saved: Vec<Arc<Session>>,
}

/// The maximum output for one input in bytes: two chains and the other messages of a flight.
const MAX_FLIGHT: usize = 1 << 14;

impl End<'static> {
    pub(super) fn new(place: usize, side: Side) -> Self {
        Self::of(&scenarios()[place], side)
    }
}

impl<'a> End<'a> {
    fn of(recorded: &'a Recorded, side: Side) -> Self {
        let scenario = &recorded.scenario;
        let machine = match side {
            Side::Client => {
                let endpoint = Endpoint { host: b"server.test"[..].into(), port: None };
                let policy = Arc::clone(scenario.client.policy());
                Machine::client(policy, Some("server.test".into()), Some(endpoint))
            }
            Side::Server => Machine::server(Arc::clone(scenario.server.policy())),
        };
        let mut end = Self {
            recorded,
            side,
            machine,
            joiner: Joiner::new(),
            flight: Flight::new(),
            answers: Answers::Honestly,
            out: VecDeque::new(),
            error: None,
            first: None,
            secrets: Vec::new(),
            write_keys: None,
            messages: Vec::new(),
            saved: Vec::new(),
        };
        end.step(Input::Start { now: NOW });
        end
    }

    pub(super) const fn read_epoch(&self) -> Epoch {
        self.machine.read_epoch()
    }

    /// Processes the peer's output. The record layer drops ChangeCipherSpec.
    pub(super) fn take_from_peer(&mut self, said: &Said) {
        if *said != Said::ChangeCipherSpec {
            self.take(said);
        }
    }

    /// Processes any input.
    pub(super) fn take(&mut self, said: &Said) {
        match said {
            Said::Message(epoch, bytes) => self.message(*epoch, bytes),
            Said::ChangeCipherSpec if !self.joiner.is_empty() => {
                self.step(Input::NotJoined(HandshakeErrorKind::SplitAcrossKeyChange));
            }
            Said::ChangeCipherSpec => self.step(Input::ChangeCipherSpec),
            Said::Alert(alert) => self.step(Input::Alert(*alert)),
        }
    }

    fn message(&mut self, epoch: Epoch, bytes: &[u8]) {
        let msg_type = HandshakeType(bytes[0]);
        self.note(bytes);
        self.step(Input::Message { epoch, message: RawMessage { msg_type, bytes } });
    }

    /// Adds a message of the handshake. The server sends tickets before it considers the handshake complete.
    fn note(&mut self, bytes: &[u8]) {
        let is_part = !matches!(
            HandshakeType(bytes[0]),
            HandshakeType::HELLO_REQUEST | HandshakeType::NEW_SESSION_TICKET
        );
        if self.first.is_none() && is_part {
            self.messages.push(bytes.to_vec());
        }
    }

    /// Processes a fragment of messages.
    pub(super) fn piece(&mut self, epoch: Epoch, mut piece: &[u8]) {
        let mut joiner = core::mem::replace(&mut self.joiner, Joiner::new());
        while self.error.is_none() {
            match joiner.next(epoch, &mut piece, |header| self.machine.check_header(header)) {
                Ok(Some(message)) => {
                    let bytes = message.bytes.to_vec();
                    self.message(epoch, &bytes);
                }
                Ok(None) => {
                    assert!(piece.is_empty());
                    break;
                }
                Err(kind) => self.step(Input::NotJoined(kind)),
            }
        }
        self.joiner = joiner;
    }

    pub(super) fn abort(&mut self, alert: AlertDescription) {
        self.step(Input::Abort(alert));
        assert!(self.error.is_some());
    }

    pub(super) fn update_keys(&mut self, request_update: KeyUpdateRequest) {
        self.act(Input::UpdateKeys { request_update });
    }

    pub(super) fn request_certificate(&mut self) {
        self.act(Input::RequestCertificate);
    }

    /// Application data has arrived.
    pub(super) fn data_arrives(&mut self) {
        self.machine.application_data_came();
    }

    /// An input of our own, which may be misuse.
    fn act(&mut self, input: Input<'_>) {
        match self.machine.step(input, &mut self.flight) {
            Ok(next) => self.follow(next),
            Err(_) => assert!(self.flight.is_empty(), "misuse changes nothing"),
        }
    }

    fn step(&mut self, input: Input<'_>) {
        let stepped = self.machine.step(input, &mut self.flight);
        if let Some(error) = self.error {
            assert_eq!(stepped, Err(Misuse::Failed(error)), "a fault is final");
            assert!(self.flight.is_empty());
            return;
        }
        self.follow(stepped.expect("it is not misused"));
    }

    fn follow(&mut self, mut next: Next) {
        while let Next::Ask(id) = next {
            let answer = self.answer(id);
            next = match self.machine.step(Input::Answer(id, answer), &mut self.flight) {
                Ok(next) => next,
                // A wrong answer is rejected, and the question remains.
                Err(Misuse::WrongAnswer { .. }) => {
                    self.machine.step(Input::Answer(id, Answer::Failed), &mut self.flight).unwrap()
                }
                Err(misuse) => panic!("{misuse:?}"),
            };
        }
        assert!(self.flight.bytes().len() <= MAX_FLIGHT, "{} bytes", self.flight.bytes().len());
        self.perform();
        if let Next::Failed(error) = next {
            self.error = Some(error);
            assert!(!self.machine.is_complete() && !self.machine.is_established());
            if let Some(alert) = error.alert() {
                self.out.push_back(Said::Alert(Alert::fatal(alert)));
            }
        }
    }

    /// Sends KeyUpdate.
    fn send_key_update(&mut self, request_update: KeyUpdateRequest) {
        let keys = self.write_keys.as_mut().expect("the handshake is complete");
        let epoch = keys.epoch();
        // After the last epoch there is no other.
        if let Some(WriteKeysUpdate { message, .. }) = keys.update(request_update).unwrap() {
            self.out.push_back(Said::Message(epoch, message));
        }
    }

    fn perform(&mut self) {
        let mut flight = core::mem::take(&mut self.flight);
        let (bytes, items) = flight.drain();
        for item in items {
            match item {
                Item::Send { epoch, msg_type, bytes: range } => {
                    let message = bytes[range].to_vec();
                    assert!(message.len() >= 4 && message[0] == msg_type.0);
                    self.note(&message);
                    let epoch = self.write_keys.as_ref().map_or(epoch, |keys| keys.epoch());
                    self.out.push_back(Said::Message(epoch, message));
                }
                Item::SendChangeCipherSpec { .. } => self.out.push_back(Said::ChangeCipherSpec),
                Item::SendAlert { alert, .. } => self.out.push_back(Said::Alert(alert)),
                Item::Keys(change) => {
                    let Keys::Tls13(secret) = &change.keys else { panic!("the version is TLS 1.3") };
                    self.secrets.push((change.direction, change.epoch, secret.expose().to_vec()));
                }
                Item::WriteKeys(keys) => self.write_keys = Some(keys),
                Item::UpdateKeys(request_update) => self.send_key_update(request_update),
                // As if data followed.
                Item::AnswerKeyUpdate => self.send_key_update(KeyUpdateRequest::UpdateNotRequested),
                Item::SendFinished { transcript_hash } => {
                    let keys = self.write_keys.as_ref().expect("the handshake is complete");
                    let message = keys.finished(&transcript_hash).unwrap();
                    self.out.push_back(Said::Message(keys.epoch(), message));
                }
                Item::Event(Event::Complete(summary)) => {
                    assert!(self.first.is_none(), "a handshake is completed once");
                    let (secrets, messages) =
                        (core::mem::take(&mut self.secrets), core::mem::take(&mut self.messages));
                    self.first = Some(First { summary, secrets, messages });
                }
                Item::Event(Event::SaveSession(session)) => self.saved.push(session),
                _ => {}
            }
        }
        flight.clear();
        self.flight = flight;
    }

    fn answer(&mut self, id: QuestionId) -> Answer {
        let (pending, question) = self.machine.question().expect("something is asked");
        assert_eq!(pending, id);
        // A server that seals tickets keeps the session beside its identity.
        if let Question::SealTicket(seal) = &question {
            let session = Arc::new(seal.session.clone());
            let ticket = vec![u8::try_from(self.saved.len()).unwrap_or(u8::MAX)];
            self.saved.push(session);
            return match self.answers {
                Answers::Honestly => Answer::Ticket(Some(NewTicket { ticket, lifetime_hint: 7200 })),
                Answers::Failed => Answer::Failed,
                Answers::Nothing | Answers::Wrongly => Answer::Ticket(None),
            };
        }
        let honest = self.honest(&question);
        match (self.answers, question) {
            (Answers::Honestly, _) => honest,
            (Answers::Failed, _) => Answer::Failed,
            (_, Question::FindSession(_)) => Answer::Session(SessionAnswer { session: None, now: NOW }),
            (_, Question::ChoosePsk(_)) => Answer::PskChoice(PskChoice { psk: None, now: NOW }),
            (_, Question::ConsumePsk(_)) => Answer::PskUse(PskUse::AlreadyUsed),
            (Answers::Nothing, Question::ChooseServerCredential(_) | Question::ChooseClientCredential(_)) => {
                Answer::Credential(None)
            }
            // Its own credential, which is of the wrong kind for the other side.
            (_, Question::ChooseServerCredential(_)) => {
                Answer::Credential(self.recorded.scenario.client_credential.clone())
            }
            (_, Question::ChooseClientCredential(_)) => {
                Answer::Credential(self.recorded.scenario.server_credential.clone())
            }
            (_, Question::Sign(_)) => Answer::Signature(vec![0; 64]),
            (Answers::Nothing, Question::VerifyPeer(_)) => {
                Answer::PeerRejected { alert: AlertDescription::UNKNOWN_CA }
            }
            (_, _) => honest,
        }
    }

    fn honest(&self, question: &Question<'_>) -> Answer {
        let provider = provider(self.side);
        let Recorded { scenario, sessions, .. } = self.recorded;
        let session = |side: usize| sessions.as_ref().map(|both| Arc::clone(&both[side]));
        match question {
            Question::FindSession(_) => Answer::Session(SessionAnswer { session: session(0), now: NOW }),
            Question::ChoosePsk(choose) => {
                let known = |identity: &[u8]| match identity {
                    [0] => session(1).map(KnownPsk::Session),
                    _ => Tls13Psk::known(identity).map(KnownPsk::External),
                };
                let psk = choose.identities().find_map(|(place, identity)| Some((place, known(identity)?)));
                Answer::PskChoice(PskChoice { psk, now: NOW })
            }
            Question::ConsumePsk(_) => Answer::PskUse(PskUse::Permitted),
            Question::ChooseServerCredential(_) => Answer::Credential(scenario.server_credential.clone()),
            Question::ChooseClientCredential(_) => Answer::Credential(scenario.client_credential.clone()),
            Question::Sign(sign) => {
                let key = sign.credential.key.as_ref().unwrap();
                Answer::Signature(key.sign(sign.scheme, sign.message, &mut provider.rng()).unwrap())
            }
            Question::VerifyPeer(verify) => {
                let facts = verify.chain.end_entity().and_then(|der| CertificateFacts::from_der(der).ok());
                match facts.and_then(|facts| facts.public_key) {
                    Some(public_key) => Answer::PeerVerified(
                        PeerKey { public_key, may_sign: true, may_encrypt: true, only_scheme: None }.into(),
                    ),
                    None => Answer::PeerRejected { alert: AlertDescription::BAD_CERTIFICATE },
                }
            }
            _ => Answer::Configured,
        }
    }
}

/// If both sides have completed their handshake, they have the same messages, secrets and parameters.
pub(super) fn agree(ends: &[End<'_>; 2]) {
    let [Some(client), Some(server)] = [&ends[0].first, &ends[1].first] else { return };
    assert_eq!(client.messages, server.messages, "two transcripts");
    // A server that rejects early data does not have its secret.
    let of = |first: &First, wanted: Direction| -> Vec<(Epoch, Vec<u8>)> {
        let secrets = first
            .secrets
            .iter()
            .filter(|(direction, epoch, _)| *direction == wanted && *epoch != Epoch::EarlyData);
        secrets.map(|(_, epoch, secret)| (*epoch, secret.clone())).collect()
    };
    assert_eq!(of(client, Direction::Write), of(server, Direction::Read), "two secrets");
    assert_eq!(of(client, Direction::Read), of(server, Direction::Write), "two secrets");
    let (ours, theirs) = (&client.summary, &server.summary);
    assert_eq!(
        (ours.is_resumed(), ours.group(), &ours.alpn, &ours.psk_identity),
        (theirs.is_resumed(), theirs.group(), &theirs.alpn, &theirs.psk_identity)
    );
}
