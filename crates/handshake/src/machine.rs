//! The machine: takes inputs, sorts them, steps through the table of its role, and says what comes next.

use crate::{
    Answer, ClientPolicy, ErrorKind, Event, Flight, HandshakeError, Input, Misuse, Question, QuestionId,
    ServerPolicy, client,
    flight::{Epochs, Out},
    server,
    table::Table,
    trigger::{self, CheckedKey, FoundSession, Trigger},
};
use alloc::{boxed::Box, sync::Arc};
use cairn_crypto::Provider;
use cairn_schedule::{Epoch, Side, VERIFY_DATA_LEN, VerifyData};
use cairn_wire::{Alert, AlertDescription, AlertLevel, HelloRequest, SessionId};
use core::fmt;

/// What comes after the flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The peer's turn.
    AwaitPeer,
    /// A question is pending: see [`Machine::question`].
    Ask(QuestionId),
    /// The handshake, or the connection, is over. What the flight holds was decided before the fault and is still to be
    /// done, in order, and then the error's alert, if it has one, is to be sent under the keys that are then in force.
    /// Such a flight never reports [`Event::Complete`].
    Failed(HandshakeError),
}

/// All transition tables: of the client and of the server, the hello stage and TLS 1.2.
#[must_use]
pub const fn transitions() -> [Table; 4] {
    [client::hello::TABLE, client::tls12::TABLE, server::hello::TABLE, server::tls12::TABLE]
}

/// One end of a TLS handshake, and of what comes after it.
pub struct Machine {
    role: Role,
    epochs: Epochs,
    asked: u64,
    pending: Option<QuestionId>,
    session_in_use: SessionId,
    hello_requests: u8,
}

enum Role {
    Client {
        policy: Arc<ClientPolicy>,
        server_name: Option<client::HostName>,
        state: client::State,
    },
    Server {
        policy: Arc<ServerPolicy>,
        state: server::State,
    },
    /// It is over, and no secret is left.
    Failed {
        side: Side,
        error: HandshakeError,
    },
}

impl Machine {
    /// A client. `server_name` is the host name for the extension of that name (RFC 6066 section 3): DNS names only,
    /// in ASCII, without a trailing dot; `None` when the server is known by its address.
    #[must_use]
    pub fn client(policy: Arc<ClientPolicy>, server_name: Option<&str>) -> Self {
        let server_name = server_name.map(|name| Box::from(name.as_bytes()));
        Self::new(Role::Client { policy, server_name, state: client::State::new() })
    }

    /// A server.
    #[must_use]
    pub fn server(policy: Arc<ServerPolicy>) -> Self {
        Self::new(Role::Server { policy, state: server::State::new() })
    }

    const fn new(role: Role) -> Self {
        Self {
            role,
            epochs: Epochs { read: Epoch::INITIAL, write: Epoch::INITIAL },
            asked: 0,
            pending: None,
            session_in_use: SessionId::EMPTY,
            hello_requests: 0,
        }
    }

    /// Which end this is.
    #[must_use]
    pub const fn side(&self) -> Side {
        match &self.role {
            Role::Client { .. } => Side::Client,
            Role::Server { .. } => Side::Server,
            Role::Failed { side, .. } => *side,
        }
    }

    /// The name of the state it is in, as the transition tables have it.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        self.place().0
    }

    const fn place(&self) -> (&'static str, &'static Table) {
        match &self.role {
            Role::Client { state, .. } => state.name(),
            Role::Server { state, .. } => state.name(),
            Role::Failed { error, .. } => (error.state, error.table),
        }
    }

    /// Whether the handshake is complete and the connection has not failed.
    #[must_use]
    pub fn is_established(&self) -> bool {
        self.established().is_some()
    }

    /// Whether the version is chosen: until then records may say any (RFC 5246 appendix E.1).
    #[must_use]
    pub const fn version_is_chosen(&self) -> bool {
        matches!(
            &self.role,
            Role::Client { state: client::State::Tls12(_), .. }
                | Role::Server { state: server::State::Tls12(_), .. }
        )
    }

    /// The keys in force for reading: what [`Input::Message`] must have come under.
    #[must_use]
    pub const fn read_epoch(&self) -> Epoch {
        self.epochs.read
    }

    /// The pending question.
    #[must_use]
    pub fn question(&self) -> Option<(QuestionId, Question<'_>)> {
        Some((self.pending?, self.state_question()?))
    }

    fn state_question(&self) -> Option<Question<'_>> {
        match &self.role {
            Role::Client { state, server_name, .. } => state.question(server_name.as_deref()),
            Role::Server { state, .. } => state.question(),
            Role::Failed { .. } => None,
        }
    }

    /// Takes one input and appends what is to be done to `flight`.
    ///
    /// A fault of the peer is [`Next::Failed`], not an error of this call.
    ///
    /// # Errors
    /// [`Misuse`] when the caller breaks the contract; nothing has changed then.
    pub fn step(&mut self, input: Input<'_>, flight: &mut Flight) -> Result<Next, Misuse> {
        if let Role::Failed { error, .. } = &self.role {
            return Err(Misuse::Failed(*error));
        }
        match self.sort(input)? {
            Sorted::Trigger(trigger) => {
                self.pending = None;
                Ok(self.take(trigger, flight))
            }
            Sorted::Fault(kind) => Ok(self.fail(kind, self.place(), flight)),
            Sorted::PeerClosed => {
                flight_out(flight, &mut self.epochs).event(Event::PeerClosed);
                Ok(self.next())
            }
            Sorted::Nothing => Ok(self.next()),
        }
    }

    /// What an input means before any table is asked.
    fn sort<'a>(&mut self, input: Input<'a>) -> Result<Sorted<'a>, Misuse> {
        let started = !matches!(
            &self.role,
            Role::Client { state: client::State::Hello(client::hello::State::Idle(_)), .. }
                | Role::Server { state: server::State::Hello(server::hello::State::Idle(_)), .. }
        );
        if started == matches!(input, Input::Start { .. }) && !matches!(input, Input::Abort(_)) {
            return Err(Misuse::NotStartedOnce);
        }
        if self.pending.is_some() && matches!(input, Input::Message { .. } | Input::ChangeCipherSpec) {
            return Err(Misuse::QuestionPending);
        }
        Ok(match input {
            Input::Start { now } => Sorted::Trigger(Trigger::Start(now)),
            Input::Message { epoch, .. } if epoch != self.epochs.read => {
                Sorted::Fault(ErrorKind::WrongEpoch { expected: self.epochs.read, got: epoch })
            }
            Input::Message { message, .. } => match Trigger::message(message) {
                Trigger::HelloRequest(message) if self.ignores_hello_request() => {
                    match trigger::read::<HelloRequest>(message) {
                        Ok(_) => self.count_hello_request(),
                        Err(kind) => Sorted::Fault(kind),
                    }
                }
                trigger => Sorted::Trigger(trigger),
            },
            Input::ChangeCipherSpec => Sorted::Trigger(Trigger::ChangeCipherSpec(())),
            Input::Alert(alert) => self.sort_alert(alert),
            Input::Answer(id, answer) => self.sort_answer(id, answer)?,
            Input::Abort(alert) => Sorted::Fault(ErrorKind::Aborted(alert)),
            Input::NotJoined(kind) => Sorted::Fault(kind),
        })
    }

    /// A client in the middle of a handshake ignores HelloRequest, which is in no transcript (RFC 5246 section
    /// 7.4.1.1).
    fn ignores_hello_request(&self) -> bool {
        matches!(self.role, Role::Client { .. }) && !self.is_established()
    }

    fn count_hello_request<'a>(&mut self) -> Sorted<'a> {
        let limit = match &self.role {
            Role::Client { policy, .. } => policy.limits.max_hello_requests,
            Role::Server { .. } | Role::Failed { .. } => 0,
        };
        if self.hello_requests >= limit {
            return Sorted::Fault(ErrorKind::TooManyHelloRequests { limit });
        }
        self.hello_requests = self.hello_requests.saturating_add(1);
        Sorted::Nothing
    }

    /// RFC 5246 section 7.2: fatal alerts end the connection, closure before the end of a handshake too, and other
    /// warnings say nothing that we act on. How many of them are borne is the record layer's business.
    fn sort_alert<'a>(&self, alert: Alert) -> Sorted<'a> {
        if alert.level != AlertLevel::WARNING && alert.level != AlertLevel::FATAL {
            return Sorted::Fault(ErrorKind::BadAlertLevel(alert.level));
        }
        let closes = alert.description == AlertDescription::CLOSE_NOTIFY;
        if closes && self.is_established() {
            Sorted::PeerClosed
        } else if closes {
            Sorted::Fault(ErrorKind::ClosedDuringHandshake)
        } else if alert.level == AlertLevel::FATAL {
            Sorted::Fault(ErrorKind::PeerAlert(alert.description))
        } else {
            Sorted::Nothing
        }
    }

    fn sort_answer<'a>(&self, id: QuestionId, answer: Answer) -> Result<Sorted<'a>, Misuse> {
        let Some((_, question)) = self.question().filter(|(pending, _)| *pending == id) else {
            return Err(Misuse::StaleAnswer);
        };
        let name = question.name();
        Ok(match (question, answer) {
            // That a premaster secret could not be decrypted must not show.
            (Question::DecryptPremaster(_), Answer::Failed) => {
                Sorted::Trigger(Trigger::PremasterDecrypted(None))
            }
            (Question::DecryptPremaster(_), Answer::Premaster(secret)) => {
                Sorted::Trigger(Trigger::PremasterDecrypted(Some(secret)))
            }
            (Question::FindPsk(_), Answer::Psk(psk)) => Sorted::Trigger(Trigger::PskFound(psk)),
            (_, Answer::Failed) => Sorted::Fault(ErrorKind::QuestionFailed),
            (Question::FindSession(_), Answer::Session(answer)) => {
                Sorted::Trigger(Trigger::SessionFound(FoundSession { answer, renew: false }))
            }
            (Question::FindSession(_), Answer::SessionWithOldTicket(answer)) => {
                Sorted::Trigger(Trigger::SessionFound(FoundSession { answer, renew: true }))
            }
            (Question::SealTicket(_), Answer::Ticket(ticket)) => {
                Sorted::Trigger(Trigger::TicketSealed(ticket))
            }
            (
                Question::ChooseServerCredential(_) | Question::ChooseClientCredential(_),
                Answer::Credential(chosen),
            ) => Sorted::Trigger(Trigger::CredentialChosen(chosen)),
            (Question::Sign(_), Answer::Signature(signature)) => Sorted::Trigger(Trigger::Signed(signature)),
            (Question::VerifyPeer(_), Answer::PeerVerified(key)) => {
                Sorted::Trigger(Trigger::PeerVerified(CheckedKey { key, verified: true }))
            }
            (Question::VerifyPeer(_), Answer::PeerNotChecked(key)) => {
                Sorted::Trigger(Trigger::PeerVerified(CheckedKey { key, verified: false }))
            }
            (Question::VerifyPeer(_), Answer::PeerRejected { alert }) => {
                Sorted::Fault(ErrorKind::PeerRejected(alert))
            }
            _ => return Err(Misuse::WrongAnswer { question: name }),
        })
    }

    /// Steps through the table.
    fn take(&mut self, trigger: Trigger<'_>, flight: &mut Flight) -> Next {
        let place = self.place();
        // Should the step fail, this is what stands: the old state and its secrets are gone by then.
        let gone = Role::Failed {
            side: self.side(),
            error: HandshakeError {
                kind: ErrorKind::Aborted(AlertDescription::INTERNAL_ERROR),
                state: place.0,
                table: place.1,
            },
        };
        let stepped = match core::mem::replace(&mut self.role, gone) {
            Role::Client { policy, server_name, state } => {
                let mut cx = client::Cx {
                    policy: &policy,
                    server_name: server_name.as_deref(),
                    out: Out { flight, epochs: &mut self.epochs },
                    session_in_use: &mut self.session_in_use,
                };
                let stepped = state.step(trigger, &mut cx);
                stepped.map(|state| Role::Client { policy, server_name, state })
            }
            Role::Server { policy, state } => {
                let mut cx = server::Cx {
                    policy: &policy,
                    out: Out { flight, epochs: &mut self.epochs },
                    session_in_use: &mut self.session_in_use,
                };
                let stepped = state.step(trigger, &mut cx);
                stepped.map(|state| Role::Server { policy, state })
            }
            Role::Failed { error, .. } => Err(error.kind),
        };
        match stepped {
            Ok(role) => {
                self.role = role;
                if self.state_question().is_some() {
                    self.asked = self.asked.wrapping_add(1);
                    self.pending = Some(QuestionId(self.asked));
                }
                self.next()
            }
            Err(kind) => self.fail(kind, place, flight),
        }
    }

    fn next(&self) -> Next {
        self.pending.map_or(Next::AwaitPeer, Next::Ask)
    }

    /// Ends it: the state goes, and the session may not be resumed again, unless the end is a closure and no fault (RFC
    /// 5246 sections 7.2.1 and 7.2.2).
    fn fail(
        &mut self,
        kind: ErrorKind,
        (state, table): (&'static str, &'static Table),
        flight: &mut Flight,
    ) -> Next {
        let error = HandshakeError { kind, state, table };
        self.role = Role::Failed { side: self.side(), error };
        self.pending = None;
        if !self.session_in_use.is_empty() && kind.alert() != Some(AlertDescription::CLOSE_NOTIFY) {
            flight_out(flight, &mut self.epochs).event(Event::ForgetSession(self.session_in_use));
        }
        Next::Failed(error)
    }

    fn established(&self) -> Option<&crate::established::Established> {
        match &self.role {
            Role::Client { state, .. } => state.established(),
            Role::Server { state, .. } => state.established(),
            Role::Failed { .. } => None,
        }
    }

    fn provider(&self) -> Option<&Provider> {
        match &self.role {
            Role::Client { policy, .. } => Some(&policy.provider),
            Role::Server { policy, .. } => Some(&policy.provider),
            Role::Failed { .. } => None,
        }
    }

    /// Fills `out` with keying material for an application (RFC 5705). An empty context differs from none.
    ///
    /// # Errors
    /// [`Misuse::NotComplete`], [`Misuse::NoExtendedMasterSecret`], or [`Misuse::Schedule`] when the label is one of
    /// TLS's own or the provider fails.
    pub fn export_keying_material(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        out: &mut [u8],
    ) -> Result<(), Misuse> {
        let established = self.established().ok_or(Misuse::NotComplete)?;
        let provider = self.provider().ok_or(Misuse::NotComplete)?;
        established.export(provider, label, context, out)
    }

    /// The channel binding `tls-unique`: the first Finished of the latest handshake (RFC 5929 section 3).
    ///
    /// # Errors
    /// [`Misuse::NotComplete`]; [`Misuse::NoExtendedMasterSecret`]: without it a server in between can give its two
    /// connections one master secret and resume both, and then their Finished are alike (the triple handshake, RFC 7627
    /// section 1).
    pub fn tls_unique(&self) -> Result<[u8; VERIFY_DATA_LEN], Misuse> {
        self.established().ok_or(Misuse::NotComplete)?.tls_unique()
    }

    /// The channel binding `tls-exporter` (RFC 9266 section 2): 32 bytes of keying material under the label
    /// `EXPORTER-Channel-Binding` and a context that is there and empty.
    ///
    /// # Errors
    /// As [`Machine::export_keying_material`].
    pub fn tls_exporter(&self) -> Result<[u8; 32], Misuse> {
        let mut out = [0; 32];
        self.export_keying_material(b"EXPORTER-Channel-Binding", Some(&[]), &mut out)?;
        Ok(out)
    }

    /// The client's and the server's verify_data of the complete handshake: what renegotiation_info (RFC 5746) is made
    /// of.
    #[must_use]
    pub fn verify_data(&self) -> Option<&(VerifyData, VerifyData)> {
        self.established()?.verify_data()
    }
}

/// An [`Input`], sorted.
enum Sorted<'a> {
    Trigger(Trigger<'a>),
    Fault(ErrorKind),
    PeerClosed,
    Nothing,
}

const fn flight_out<'a>(flight: &'a mut Flight, epochs: &'a mut Epochs) -> Out<'a> {
    Out { flight, epochs }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("side", &self.side())
            .field("state", &self.state())
            .field("question", &self.question().map(|(_, question)| question.name()))
            .finish_non_exhaustive()
    }
}
