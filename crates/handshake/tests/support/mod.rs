//! Two machines in memory, with answers to their questions.
#![allow(
    dead_code,
    unused_imports,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

use cairn_crypto::{KeySpec, PrivateKeyDer, Provider, PublicKey, SecretBytes, SigningKey};
use cairn_handshake::{
    Answer, Binding, CertificateChain, ClientAuthentication, ClientPolicy, Credential, Endpoint, Event,
    FindPsk, Flight, Floor, HandshakeError, HandshakeErrorKind, Input, Item, Joiner, KeyLogLine, Limits,
    Machine, NewTicket, Next, NotResumed, PeerKey, Phase, Policy, Psk, Question, Renegotiation,
    RenegotiationLimits, Requirement, ServerPolicy, Session, SessionAnswer, SessionState, Stapled,
    SuiteOrder, Summary, Tls12ClientPolicy, Tls12ServerPolicy, Tls12Session, UnixTime, Verified,
};
use cairn_schedule::{Direction, Epoch, Gate, Grade, KeyChange, Keys, SUITES, Tls12Suite};
use cairn_wire::{
    Alert, AlertDescription, CertificateType, NamedGroup, ProtocolVersion, SessionId, SignatureScheme,
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, OnceLock},
};

pub mod edit;
pub mod legacy;
pub mod names;
pub mod raw;
pub mod walk;

/// The ticket of the tests' servers.
pub const TICKET: &[u8] = b"a ticket";

pub const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);

/// The suites of a default configuration.
pub fn modern_suites() -> impl Iterator<Item = &'static Tls12Suite> {
    SUITES.iter().filter(|suite| suite.grade() == Grade::Modern && !suite.uses_psk())
}

/// The default provider, for operations that belong to neither side.
pub fn provider() -> Provider {
    cairn_provider_aws_lc::provider()
}

/// The client's provider.
pub fn client_provider() -> Provider {
    by_environment(0)
}

/// The server's provider.
pub fn server_provider() -> Provider {
    by_environment(1)
}

/// `CAIRN_TEST_PROVIDERS=client,server` selects the provider of each side: `aws-lc` or `rustcrypto`. Without
/// it, both use the first.
fn by_environment(end: usize) -> Provider {
    let Ok(names) = std::env::var("CAIRN_TEST_PROVIDERS") else { return provider() };
    let names: Vec<&str> = names.split(',').collect();
    assert_eq!(names.len(), 2, "CAIRN_TEST_PROVIDERS: expected client,server");
    match names[end] {
        "aws-lc" => cairn_provider_aws_lc::provider(),
        "rustcrypto" => cairn_provider_rustcrypto::provider(),
        other => panic!("CAIRN_TEST_PROVIDERS: no provider {other:?}"),
    }
}

pub fn client_policy() -> ClientPolicy {
    let mut policy = ClientPolicy::modern(client_provider());
    policy.record_size_limit = None;
    policy.status_request = true;
    policy.signed_certificate_timestamps = true;
    policy.resumption.as_mut().unwrap().unverified_peers = true;
    policy.padding = false;
    policy.resumption.as_mut().unwrap().tickets = false;
    policy
}

pub fn server_policy() -> ServerPolicy {
    let mut policy = ServerPolicy::modern(server_provider());
    policy.record_size_limit = None;
    policy.resumption.as_mut().unwrap().unverified_peers = true;
    policy
}

/// Every kind of key that a credential can have.
pub const KEY_SPECS: [KeySpec; 5] =
    [KeySpec::EcP256, KeySpec::EcP384, KeySpec::EcP521, KeySpec::Ed25519, KeySpec::Rsa { bits: 2048 }];

/// A key with an arbitrary chain, which the machine does not parse. There is one for each kind.
pub fn credential(spec: KeySpec) -> (Arc<Credential>, PublicKey) {
    type Made = Mutex<BTreeMap<String, (Arc<Credential>, PublicKey)>>;
    static MADE: OnceLock<Made> = OnceLock::new();
    let mut made = MADE.get_or_init(Made::default).lock().unwrap();
    made.entry(format!("{spec:?}")).or_insert_with(|| new_credential(spec)).clone()
}

fn new_credential(spec: KeySpec) -> (Arc<Credential>, PublicKey) {
    let provider = server_provider();
    let der = provider.keys.generate(spec, &mut provider.rng()).unwrap();
    let key: Arc<dyn SigningKey> = provider.keys.load(PrivateKeyDer::Pkcs8(der.expose())).unwrap();
    let public = key.public_key().clone();
    let chain = CertificateChain::new(&[b"end entity", b"intermediate"]).unwrap();
    let mut credential = Credential::new(chain, key);
    if let Ok(decrypting) = provider.keys.load_decrypting(PrivateKeyDer::Pkcs8(der.expose())) {
        credential = credential.with_decrypting_key(decrypting);
    }
    (Arc::new(credential), public)
}

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
    /// The stapled data in the question about the peer's chain.
    pub stapled: Option<Stapled>,
    pub keys: Vec<KeyChange>,
    /// Whether application data may be received.
    pub read_gate: Gate,
    /// Whether application data may be sent.
    pub write_gate: Gate,
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
            stapled: None,
            keys: Vec::new(),
            read_gate: Gate::Closed,
            write_gate: Gate::Closed,
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
            Question::FindPsk(FindPsk::ByHint { .. }) => Answer::Psk(self.psk.clone()),
            Question::FindPsk(FindPsk::ByIdentity { identity }) => {
                Answer::Psk(self.psk.clone().filter(|psk| psk.identity == identity))
            }
            other => panic!("a question that this test does not know: {}", other.name()),
        };
        (id, answer)
    }

    pub fn perform(&mut self) {
        let mut flight = core::mem::take(&mut self.flight);
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
                Item::LimitRecords { direction, max_plaintext } => {
                    let way = if direction == Direction::Read { "read" } else { "write" };
                    self.log.push(format!("{way} at most {max_plaintext}"));
                }
                Item::ApplicationData { direction, gate } => self.set_gate(direction, gate),
                Item::Event(Event::Complete(summary)) => {
                    self.log.push("complete".into());
                    self.complete = Some(summary);
                }
                Item::Event(Event::SaveSession(session)) => {
                    self.saved = Some(Box::new(Arc::unwrap_or_clone(session)));
                }
                Item::Event(Event::ForgetSession(id)) => self.forgotten.push(id),
                Item::Event(Event::KeyLog(line)) => self.key_log.push(line),
                Item::Event(Event::NotResumed(reason)) => self.not_resumed = Some(reason),
                Item::Event(Event::RenegotiationRefused) => self.log.push("renegotiation refused".into()),
                Item::Event(Event::PeerClosed) => self.log.push("peer closed".into()),
                Item::Event(event) => panic!("an event that no test knows: {event:?}"),
            }
        }
        if let Next::Failed(error) = self.next {
            self.log.push(format!("failed: {error}"));
            if let Some(alert) = error.alert() {
                let close = alert == AlertDescription::CLOSE_NOTIFY;
                let alert = if close { Alert::warning(alert) } else { Alert::fatal(alert) };
                self.out.push_back(Wire::Alert(alert));
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

    /// Whether a handshake of TLS 1.3 is in progress.
    fn speaks_tls13(&self) -> bool {
        self.machine.phase() == Phase::Handshake(ProtocolVersion::TLS_1_3)
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

/// Delivers messages in both directions until both sides are silent. `tamper` sees each message before it
/// arrives.
pub fn run(client: &mut End, server: &mut End, tamper: impl FnMut(bool, &mut Wire)) {
    server.start();
    client.start();
    go_on(client, server, tamper);
}

/// As [`run`], with sides that are started.
pub fn go_on(client: &mut End, server: &mut End, mut tamper: impl FnMut(bool, &mut Wire)) {
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

/// A client and a server with compatible policies.
pub fn pair(
    spec: KeySpec,
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    let (mut client_policy, mut server_policy) = (client_policy(), server_policy());
    client(&mut client_policy);
    server(&mut server_policy);
    let (credential, public) = credential(spec);
    let endpoint = Endpoint { host: b"cairn.example"[..].into(), port: None };
    let mut client =
        End::new(Machine::client(Arc::new(client_policy), Some("cairn.example".into()), Some(endpoint)));
    let mut server = End::new(Machine::server(Arc::new(server_policy)));
    client.peer_key = Some(public);
    server.credential = Some(credential);
    (client, server)
}

/// A client and a server that speak TLS 1.3, and TLS 1.2 with peers that do not.
pub fn tls13_pair(
    spec: KeySpec,
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    let add_to_client = |policy: &mut ClientPolicy| {
        *policy = policy.clone().with_tls13(Policy::Modern);
        client(policy);
    };
    let add_to_server = |policy: &mut ServerPolicy| {
        *policy = policy.clone().with_tls13(Policy::Modern);
        server(policy);
    };
    pair(spec, add_to_client, add_to_server)
}

/// As [`mutual_pair`], with TLS 1.3.
pub fn tls13_mutual_pair(
    client_spec: KeySpec,
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    let (mut client, mut server) = tls13_pair(KeySpec::EcP256, client, |policy| {
        policy.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
        server(policy);
    });
    let (own, public) = credential(client_spec);
    client.credential = Some(own);
    server.peer_key = Some(public);
    (client, server)
}

/// As [`tls13_pair`], with a client that has no share for the server's group.
pub fn retried_pair(
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    tls13_pair(
        KeySpec::EcP256,
        |policy| {
            policy.tls13.key_shares = vec![NamedGroup::X25519];
            client(policy);
        },
        |policy| {
            policy.groups = vec![NamedGroup::SECP256R1];
            server(policy);
        },
    )
}

/// The two sessions of a full handshake: the client's and the server's.
pub fn sessions() -> (Box<Session>, Box<Session>) {
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    run(&mut client, &mut server, |_, _| {});
    (client.saved.unwrap(), server.saved.unwrap())
}

/// A client and a server that can resume a session.
pub fn resuming_pair(
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    let (ours, theirs) = sessions();
    let (mut client, mut server) = pair(KeySpec::EcP256, client, server);
    client.session = Some(ours);
    server.session = Some(theirs);
    (client, server)
}

/// A client and a server that use tickets. If `resumed`, they have the session and ticket of an earlier
/// handshake.
pub fn ticket_pair(resumed: bool) -> (End, End) {
    let new = || {
        pair(
            KeySpec::EcP256,
            |client| client.resumption.as_mut().unwrap().tickets = true,
            |server| server.resumption.as_mut().unwrap().tickets = true,
        )
    };
    let (mut client, mut server) = new();
    if resumed {
        run(&mut client, &mut server, |_, _| {});
        let (ours, theirs) = (client.saved, server.sealed);
        (client, server) = new();
        client.session = ours;
        server.session = theirs;
    }
    (client, server)
}

/// A pair with client authentication, both with credentials of these kinds.
pub fn mutual_pair(
    spec: KeySpec,
    client_spec: KeySpec,
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    let (mut client, mut server) = pair(spec, client, |policy| {
        policy.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
        server(policy);
    });
    let (own, public) = credential(client_spec);
    client.credential = Some(own);
    server.peer_key = Some(public);
    (client, server)
}

/// The OCSP response of the tests' servers.
pub const OCSP_RESPONSE: &[u8] = b"an OCSP response";

/// The certificate timestamps of the tests' servers.
pub const TIMESTAMPS: [&[u8]; 2] = [b"one", b"another"];

/// Gives a server something to staple.
pub fn staple(server: &mut End) {
    let credential = server.credential.take().unwrap();
    let stapled = Stapled {
        ocsp_response: Some(OCSP_RESPONSE.to_vec()),
        signed_certificate_timestamps: TIMESTAMPS.map(<[u8]>::to_vec).to_vec(),
    };
    server.credential = Some(Arc::new(Credential::clone(&credential).with_stapled(stapled)));
}

/// The cipher key of a change.
pub fn cipher_key(change: &KeyChange) -> &[u8] {
    let Keys::Tls12(keys) = &change.keys else { panic!("keys of TLS 1.2") };
    keys.cipher_key()
}

/// Whether the keys are for CBC with encrypt-then-MAC.
pub fn encrypts_then_macs(change: &KeyChange) -> bool {
    let Keys::Tls12(keys) = &change.keys else { panic!("keys of TLS 1.2") };
    keys.protection().is_encrypt_then_mac()
}

/// Whether both sides are complete with the same keys and the same parameters.
pub fn agree(client: &End, server: &End) -> bool {
    let (Some(ours), Some(theirs)) = (&client.complete, &server.complete) else { return false };
    let key = |end: &End, direction| {
        let change = end.keys.iter().rfind(|change| change.direction == direction).unwrap();
        let Keys::Tls12(keys) = &change.keys else { panic!("keys of TLS 1.2") };
        let bytes = [keys.mac_key(), keys.cipher_key(), keys.fixed_iv()].concat();
        (bytes, keys.protection(), change.epoch)
    };
    key(client, Direction::Write) == key(server, Direction::Read)
        && key(client, Direction::Read) == key(server, Direction::Write)
        && ours.parameters == theirs.parameters
        && ours.group() == theirs.group()
        && ours.alpn == theirs.alpn
        && ours.record_size_limits.map(|limits| (limits.ours, limits.theirs))
            == theirs.record_size_limits.map(|limits| (limits.theirs, limits.ours))
        && ours.server_name == theirs.server_name
        && ours.is_resumed() == theirs.is_resumed()
        && (!ours.is_resumed() || ours.resumption == theirs.resumption)
        && ours.server_signature_scheme() == theirs.server_signature_scheme()
        && ours.client_signature_scheme() == theirs.client_signature_scheme()
        && ours.psk_identity == theirs.psk_identity
}

/// The body of a TLS 1.2 Certificate message.
pub fn certificate_body(chain: &CertificateChain) -> Vec<u8> {
    let mut body = Vec::new();
    chain.encode_tls12(&mut cairn_wire::Writer::vec(&mut body)).unwrap();
    assert_eq!(body.len(), chain.tls12_len());
    body
}

/// The part of a session for TLS 1.2.
pub const fn tls12_mut(session: &mut Session) -> &mut Tls12Session {
    let SessionState::Tls12(tls12) = &mut session.state;
    tls12
}
