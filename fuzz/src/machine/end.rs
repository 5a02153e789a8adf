//! One machine with its environment, and its invariants.

use crate::script::Script;
use crate::world::{NOW, PSK, Scenario, Tls13Psk, provider, ticket_key};
use cairn_crypto::SecretBytes;
use cairn_handshake::{
    Answer, Endpoint, Event, FindPsk, FindSession, Flight, HandshakeError, HandshakeErrorKind, Input, Item,
    Joiner, KnownPsk, Machine, Misuse, NewTicket, Next, PeerKey, Psk, PskChoice, PskUse, Question,
    QuestionId, RawMessage, SessionAnswer, Summary, WriteKeys, WriteKeysUpdate,
};
use cairn_schedule::{Direction, Epoch, Gate, Keys};
use cairn_session::{open_ticket, seal_ticket};
use cairn_tls::Side;
use cairn_tls::wire::{Alert, AlertDescription, AlertLevel, HandshakeType, KeyUpdateRequest};
use cairn_tls::x509::CertificateFacts;
use std::collections::VecDeque;
use std::sync::Arc;

/// The messages of a connection, without records. A message includes its header.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Said {
    Message(Epoch, Vec<u8>),
    ChangeCipherSpec,
    Alert(Alert),
}

/// The answers to questions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Answers {
    /// Correctly.
    Honestly,
    /// With [`Answer::Failed`].
    Failed,
    /// With `None`, if that is a valid answer.
    Nothing,
    /// With an answer of the right type and a wrong value, if there is one.
    Wrongly,
}

impl From<u8> for Answers {
    fn from(byte: u8) -> Self {
        [Self::Honestly, Self::Failed, Self::Nothing, Self::Wrongly][usize::from(byte & 3)]
    }
}

/// The keys or the traffic secret of a direction and an epoch.
type Secret = (Direction, Epoch, Vec<u8>);

/// The result of a complete handshake.
#[derive(Debug)]
pub(super) struct First {
    pub(super) summary: Box<Summary>,
    secrets: Vec<Secret>,
    /// The messages of the handshake, of both sides, in order.
    messages: Vec<Vec<u8>>,
}

/// A machine. For any input, its output is bounded, an error is final, and the driver never misuses it.
pub(super) struct End {
    scenario: &'static Scenario,
    side: Side,
    machine: Machine,
    joiner: Joiner,
    flight: Flight,
    pub(super) answers: Answers,
    pub(super) out: VecDeque<Said>,
    pub(super) error: Option<HandshakeError>,
    /// The result of the first handshake.
    pub(super) first: Option<First>,
    secrets: Vec<Secret>,
    /// The keys in use for writing and reading.
    epochs: [Epoch; 2],
    /// The gates for writing and reading application data.
    gates: [Gate; 2],
    /// Updates its keys itself.
    write_keys: Option<Box<WriteKeys>>,
    messages: Vec<Vec<u8>>,
}

/// The maximum output for one input in bytes: two chains and the other messages of a flight.
const MAX_FLIGHT: usize = 1 << 14;

impl End {
    pub(super) fn new(scenario: &'static Scenario, side: Side) -> Self {
        let machine = match side {
            Side::Client => {
                let endpoint = Endpoint { host: b"server.test"[..].into(), port: None };
                let policy = Arc::clone(scenario.client.policy());
                Machine::client(policy, Some("server.test".into()), Some(endpoint))
            }
            Side::Server => Machine::server(Arc::clone(scenario.server.policy())),
        };
        let mut end = Self {
            scenario,
            side,
            machine,
            joiner: Joiner::new(),
            flight: Flight::new(),
            answers: Answers::Honestly,
            out: VecDeque::new(),
            error: None,
            first: None,
            secrets: Vec::new(),
            epochs: [Epoch::Initial; 2],
            gates: [Gate::Closed; 2],
            write_keys: None,
            messages: Vec::new(),
        };
        end.step(Input::Start { now: NOW });
        end
    }

    pub(super) const fn read_epoch(&self) -> Epoch {
        self.machine.read_epoch()
    }

    /// Whether the record layer passes this on. It drops ChangeCipherSpec in TLS 1.3.
    pub(super) fn hears(&self, said: &Said) -> bool {
        *said != Said::ChangeCipherSpec || !self.machine.is_tls13()
    }

    /// Processes the peer's output.
    pub(super) fn take_from_peer(&mut self, said: &Said) {
        if self.hears(said) {
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

    /// Adds a message of the handshake. A server of TLS 1.3 sends tickets before it considers the handshake
    /// complete.
    fn note(&mut self, bytes: &[u8]) {
        let is_part = match HandshakeType(bytes[0]) {
            HandshakeType::HELLO_REQUEST => false,
            HandshakeType::NEW_SESSION_TICKET => !self.machine.is_tls13(),
            _ => true,
        };
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

    /// Does something of its own, which may be misuse.
    pub(super) fn act(&mut self, deed: u8) {
        let input = match deed & 7 {
            1 => Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateNotRequested },
            2 => Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateRequested },
            3 => Input::RequestCertificate,
            // So that no limit on KeyUpdate ends the connection.
            4 => return self.machine.application_data_came(),
            _ => Input::Renegotiate { now: NOW },
        };
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
                    let secret = match &change.keys {
                        Keys::Tls12(keys) => [keys.mac_key(), keys.cipher_key(), keys.fixed_iv()].concat(),
                        Keys::Tls13(secret) => secret.expose().to_vec(),
                    };
                    self.use_keys(change.direction, change.epoch);
                    self.secrets.push((change.direction, change.epoch, secret));
                }
                Item::DropEarlyKeys => self.use_keys(Direction::Write, Epoch::Initial),
                Item::WriteKeys(keys) => self.write_keys = Some(keys),
                Item::UpdateKeys(request_update) => self.send_key_update(request_update),
                // As if data followed.
                Item::AnswerKeyUpdate => self.send_key_update(KeyUpdateRequest::UpdateNotRequested),
                Item::SendFinished { transcript_hash } => {
                    let keys = self.write_keys.as_ref().expect("the handshake is complete");
                    let message = keys.finished(&transcript_hash).unwrap();
                    self.out.push_back(Said::Message(keys.epoch(), message));
                }
                Item::ApplicationData { direction, gate } => {
                    let place = usize::from(direction == Direction::Read);
                    if let Gate::Open { epoch } | Gate::HalfRtt { epoch } = gate {
                        assert_eq!(self.epochs[place], epoch, "a gate opens for the keys in use");
                    }
                    assert_ne!(self.gates[place], gate, "an item changes something");
                    self.gates[place] = gate;
                }
                Item::Event(Event::Complete(summary)) if self.first.is_none() => {
                    assert!(self.gates.iter().all(|gate| gate.is_open()));
                    let (secrets, messages) =
                        (core::mem::take(&mut self.secrets), core::mem::take(&mut self.messages));
                    self.first = Some(First { summary, secrets, messages });
                }
                Item::PeerChangeCipherSpec(_)
                | Item::SkipEarlyData { .. }
                | Item::LimitEarlyData { .. }
                | Item::PadRecords(_)
                | Item::LimitRecords { .. }
                | Item::Event(_) => {}
            }
        }
        flight.clear();
        self.flight = flight;
    }

    /// New keys close the gate.
    fn use_keys(&mut self, direction: Direction, epoch: Epoch) {
        let place = usize::from(direction == Direction::Read);
        (self.epochs[place], self.gates[place]) = (epoch, Gate::Closed);
    }

    fn answer(&self, id: QuestionId) -> Answer {
        let (pending, question) = self.machine.question().expect("something is asked");
        assert_eq!(pending, id);
        let honest = self.honest(&question);
        match (self.answers, question) {
            (Answers::Honestly, _) => honest,
            (Answers::Failed, _) => Answer::Failed,
            (_, Question::FindSession(_)) => Answer::Session(SessionAnswer { session: None, now: NOW }),
            (_, Question::SealTicket(_)) => Answer::Ticket(None),
            (_, Question::FindPsk(_)) => Answer::Psk(None),
            (_, Question::ChoosePsk(_)) => Answer::PskChoice(PskChoice { psk: None, now: NOW }),
            (_, Question::ConsumePsk(_)) => Answer::PskUse(PskUse::AlreadyUsed),
            (Answers::Nothing, Question::ChooseServerCredential(_) | Question::ChooseClientCredential(_)) => {
                Answer::Credential(None)
            }
            // Its own credential, which is of the wrong kind for the other side.
            (_, Question::ChooseServerCredential(_)) => {
                Answer::Credential(self.scenario.client_credential.clone())
            }
            (_, Question::ChooseClientCredential(_)) => {
                Answer::Credential(self.scenario.server_credential.clone())
            }
            (Answers::Nothing, Question::VerifyPeer(_)) => {
                Answer::PeerRejected { alert: AlertDescription::UNKNOWN_CA }
            }
            (_, Question::Sign(_)) => Answer::Signature(vec![0; 64]),
            (_, Question::VerifyPeer(_)) => match honest {
                Answer::PeerVerified(verified) => {
                    Answer::PeerNotChecked(PeerKey { may_sign: false, ..verified.key })
                }
                other => other,
            },
            (_, Question::DecryptPremaster(_)) => Answer::Configured,
            (_, _) => honest,
        }
    }

    fn honest(&self, question: &Question<'_>) -> Answer {
        let provider = provider(self.side);
        let rng = &mut provider.rng();
        match question {
            Question::FindSession(FindSession::ByTicket { ticket }) => {
                let session = open_ticket(provider, &ticket_key(), ticket).map(Arc::new);
                Answer::Session(SessionAnswer { session, now: NOW })
            }
            Question::FindSession(find) => {
                let session = self.scenario.session(self.side).filter(|session| match find {
                    FindSession::ById { session_id } => {
                        *session.tls12().unwrap().session_id() == **session_id
                    }
                    _ => true,
                });
                Answer::Session(SessionAnswer { session, now: NOW })
            }
            Question::ChoosePsk(choose) => {
                let known = |identity: &[u8]| match Tls13Psk::known(identity) {
                    Some(psk) => Some(KnownPsk::External(psk)),
                    None => {
                        open_ticket(provider, &ticket_key(), identity).map(Arc::new).map(KnownPsk::Session)
                    }
                };
                let psk = choose.identities().find_map(|(place, identity)| Some((place, known(identity)?)));
                Answer::PskChoice(PskChoice { psk, now: NOW })
            }
            Question::ConsumePsk(_) => Answer::PskUse(PskUse::Permitted),
            Question::SealTicket(seal) => {
                let ticket = seal_ticket(provider, &ticket_key(), seal.session).unwrap();
                Answer::Ticket(Some(NewTicket { ticket, lifetime_hint: 7200 }))
            }
            Question::ChooseServerCredential(_) => {
                Answer::Credential(self.scenario.server_credential.clone())
            }
            Question::ChooseClientCredential(_) => {
                Answer::Credential(self.scenario.client_credential.clone())
            }
            Question::Sign(sign) => {
                let key = sign.credential.key.as_ref().unwrap();
                Answer::Signature(key.sign(sign.scheme, sign.message, rng).unwrap())
            }
            Question::VerifyPeer(verify) => {
                let key = match (verify.chain.as_raw_public_key(), verify.chain.end_entity()) {
                    (Some(spki), _) => cairn_tls::x509::raw_key::decode(spki).ok(),
                    (None, Some(der)) => {
                        CertificateFacts::from_der(der).ok().and_then(|facts| facts.public_key)
                    }
                    (None, None) => None,
                };
                match key {
                    Some(public_key) => Answer::PeerVerified(
                        PeerKey { public_key, may_sign: true, may_encrypt: true, only_scheme: None }.into(),
                    ),
                    None => Answer::PeerRejected { alert: AlertDescription::BAD_CERTIFICATE },
                }
            }
            Question::DecryptPremaster(decrypt) => {
                let key = decrypt.credential.decrypting_key.as_ref().unwrap();
                let (ciphertext, version) = (decrypt.ciphertext, decrypt.client_version);
                key.decrypt_premaster(ciphertext, version, decrypt.fallback, rng)
                    .map_or(Answer::Failed, Answer::Premaster)
            }
            Question::FindPsk(find) => {
                let known = !matches!(find, FindPsk::ByIdentity { identity } if *identity != PSK.0);
                let psk = || Psk { identity: PSK.0.to_vec(), key: SecretBytes::from(PSK.1) };
                Answer::Psk(known.then(psk))
            }
            _ => Answer::Configured,
        }
    }
}

/// If both sides have completed their first handshake, they have the same messages, keys and parameters.
pub(super) fn agree(ends: &[End; 2]) {
    let [Some(client), Some(server)] = [&ends[0].first, &ends[1].first] else { return };
    assert_eq!(client.messages, server.messages, "two transcripts");
    // A server that rejects early data does not have its secret.
    let of = |first: &First, wanted: Direction| -> Vec<(Epoch, Vec<u8>)> {
        let secrets = first.secrets.iter();
        secrets
            .filter(|(direction, epoch, _)| *direction == wanted && *epoch != Epoch::EarlyData)
            .map(|(_, epoch, secret)| (*epoch, secret.clone()))
            .collect()
    };
    assert_eq!(of(client, Direction::Write), of(server, Direction::Read), "two secrets");
    assert_eq!(of(client, Direction::Read), of(server, Direction::Write), "two secrets");
    let (ours, theirs) = (&client.summary, &server.summary);
    assert_eq!(ours.parameters, theirs.parameters);
    assert_eq!(
        (ours.is_resumed(), ours.group(), &ours.alpn, &ours.psk_identity, &ours.server_name),
        (theirs.is_resumed(), theirs.group(), &theirs.alpn, &theirs.psk_identity, &theirs.server_name)
    );
}

/// A message with its header.
pub(super) fn message(msg_type: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[msg_type], &length[1..], body].concat()
}

pub(super) fn alert(script: &mut Script<'_>) -> Alert {
    Alert { level: AlertLevel(script.byte()), description: AlertDescription(script.byte()) }
}

pub(super) fn epoch(byte: u8) -> Epoch {
    match byte % 8 {
        6 => Epoch::EarlyData,
        7 => Epoch::Handshake,
        count => Epoch::tls12(count.into()),
    }
}
