//! One machine with its environment, and its invariants.

use crate::script::Script;
use crate::world::{NOW, PSK, Scenario, provider, ticket_key};
use cairn_crypto::SecretBytes;
use cairn_handshake::{
    Answer, Endpoint, Event, FindPsk, FindSession, Flight, HandshakeError, HandshakeErrorKind, Input, Item,
    Joiner, Machine, Misuse, NewTicket, Next, PeerKey, Psk, Question, QuestionId, RawMessage, SessionAnswer,
    Summary,
};
use cairn_schedule::{Direction, Epoch, Gate, KeyChange, Keys};
use cairn_session::{open_ticket, seal_ticket};
use cairn_tls::Side;
use cairn_tls::wire::{Alert, AlertDescription, AlertLevel, HandshakeType};
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

/// How questions are answered.
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

/// The result of a complete handshake.
#[derive(Debug)]
pub(super) struct First {
    pub(super) summary: Box<Summary>,
    /// The keys for writing and for reading.
    keys: [Vec<u8>; 2],
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
    keys: [Option<KeyChange>; 2],
    /// The gates for writing and reading application data.
    gates: [Gate; 2],
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
            keys: [None, None],
            gates: [Gate::Closed; 2],
            messages: Vec::new(),
        };
        end.step(Input::Start { now: NOW });
        end
    }

    pub(super) const fn read_epoch(&self) -> Epoch {
        self.machine.read_epoch()
    }

    /// Processes the peer's output.
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
        if self.first.is_none() && msg_type != HandshakeType::HELLO_REQUEST {
            self.messages.push(bytes.to_vec());
        }
        self.step(Input::Message { epoch, message: RawMessage { msg_type, bytes } });
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

    /// Starts a renegotiation, if it is permitted.
    pub(super) fn renegotiate(&mut self) {
        match self.machine.step(Input::Renegotiate { now: NOW }, &mut self.flight) {
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

    fn perform(&mut self) {
        let mut flight = core::mem::take(&mut self.flight);
        let (bytes, items) = flight.drain();
        for item in items {
            match item {
                Item::Send { epoch, msg_type, bytes: range } => {
                    let message = bytes[range].to_vec();
                    assert!(message.len() >= 4 && message[0] == msg_type.0);
                    if self.first.is_none() && msg_type != HandshakeType::HELLO_REQUEST {
                        self.messages.push(message.clone());
                    }
                    self.out.push_back(Said::Message(epoch, message));
                }
                Item::SendChangeCipherSpec { .. } => self.out.push_back(Said::ChangeCipherSpec),
                Item::SendAlert { alert, .. } => self.out.push_back(Said::Alert(alert)),
                Item::Keys(change) => {
                    let place = usize::from(change.direction == Direction::Read);
                    self.keys[place] = Some(change);
                }
                Item::PeerChangeCipherSpec(_)
                | Item::SkipEarlyData { .. }
                | Item::LimitEarlyData { .. }
                | Item::DropEarlyKeys
                | Item::PadRecords(_) => {}
                Item::WriteKeys(_)
                | Item::UpdateKeys(_)
                | Item::AnswerKeyUpdate
                | Item::SendFinished { .. } => {
                    unreachable!("the version is TLS 1.2")
                }
                Item::ApplicationData { direction, gate } => {
                    let place = usize::from(direction == Direction::Read);
                    if let Gate::Open { epoch } = gate {
                        let keys = self.keys[place].as_ref().expect("a gate opens for keys");
                        assert_eq!(keys.epoch, epoch, "a gate opens for the keys in use");
                    }
                    assert_ne!(self.gates[place], gate, "an item changes something");
                    self.gates[place] = gate;
                }
                Item::Event(Event::Complete(summary)) if self.first.is_none() => {
                    assert!(self.gates.iter().all(|gate| gate.is_open()));
                    let keys = [0, 1].map(|place| {
                        let change = self.keys[place].as_ref().expect("keys come before the end");
                        let Keys::Tls12(keys) = &change.keys else { panic!("the version is TLS 1.2") };
                        [keys.mac_key(), keys.cipher_key(), keys.fixed_iv()].concat()
                    });
                    let messages = core::mem::take(&mut self.messages);
                    self.first = Some(First { summary, keys, messages });
                }
                Item::LimitRecords { .. } | Item::Event(_) => {}
            }
        }
        flight.clear();
        self.flight = flight;
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

/// If both sides have completed their first handshake, they have the same keys and the same parameters.
pub(super) fn agree(ends: &[End; 2]) {
    let [Some(client), Some(server)] = [&ends[0].first, &ends[1].first] else { return };
    assert_eq!(client.messages, server.messages, "two transcripts");
    assert_eq!(client.keys[0], server.keys[1], "two keys");
    assert_eq!(client.keys[1], server.keys[0], "two keys");
    let (ours, theirs) = (&client.summary, &server.summary);
    assert_eq!(ours.parameters, theirs.parameters);
    assert_eq!(
        (ours.is_resumed(), ours.group(), &ours.alpn),
        (theirs.is_resumed(), theirs.group(), &theirs.alpn)
    );
    assert_eq!(ours.server_name, theirs.server_name);
    assert_eq!(ours.psk_identity, theirs.psk_identity);
}

/// A message with its header.
pub(super) fn message(msg_type: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[msg_type], &length[1..], body].concat()
}

pub(super) fn alert(script: &mut Script<'_>) -> Alert {
    Alert { level: AlertLevel(script.byte()), description: AlertDescription(script.byte()) }
}
