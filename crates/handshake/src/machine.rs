//! The machine: takes inputs, sorts them, steps through the table of its role, and says what comes next.

use crate::{
    Answer, ClientAuthentication, ClientPolicy, Endpoint, ErrorKind, Event, Flight, HandshakeError, Input,
    Limits, Misuse, Question, QuestionId, Renegotiation, ServerPolicy, SessionAnswer, UnixTime, Verified,
    client,
    established::{Established, Kept},
    flight::{Epochs, Out},
    server,
    table::Table,
    trigger::{self, CheckedKey, FoundSession, Trigger},
};
use alloc::sync::Arc;
use cairn_crypto::Provider;
use cairn_schedule::{Epoch, Side, VERIFY_DATA_LEN, VerifyData};
use cairn_wire::{Alert, AlertDescription, AlertLevel, HelloRequest};
use core::{fmt, mem};

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
    kept: Kept,
}

pub(crate) enum Role {
    Client {
        policy: Arc<ClientPolicy>,
        server_name: Option<client::HostName>,
        endpoint: Option<Endpoint>,
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
    ///
    /// Where the address or the port is known, say so with [`Machine::to_endpoint`]: else sessions are told apart by the
    /// host name alone.
    #[must_use]
    pub fn client(policy: Arc<ClientPolicy>, server_name: Option<Arc<str>>) -> Self {
        let server_name: Option<client::HostName> = server_name.map(Arc::from);
        let endpoint = server_name.clone().map(|host| Endpoint { host, port: 0 });
        Self::new(Role::Client { policy, server_name, endpoint, state: client::State::new() })
    }

    /// Says whom a client connects to: a session is offered to no other endpoint. Without effect on a server.
    #[must_use]
    pub fn to_endpoint(mut self, to: Endpoint) -> Self {
        if let Role::Client { endpoint, .. } = &mut self.role {
            *endpoint = Some(to);
        }
        self
    }

    /// A server.
    #[must_use]
    pub fn server(policy: Arc<ServerPolicy>) -> Self {
        Self::new(Role::Server { policy, state: server::State::new() })
    }

    fn new(role: Role) -> Self {
        Self { role, epochs: Epochs::default(), asked: 0, pending: None, kept: Kept::default() }
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

    pub(crate) const fn role(&self) -> &Role {
        &self.role
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

    /// Whether a handshake is complete, no other is under way, and the connection has not failed.
    #[must_use]
    pub const fn is_established(&self) -> bool {
        matches!(
            &self.role,
            Role::Client { state: client::State::Tls12(client::tls12::State::Established(_)), .. }
                | Role::Server { state: server::State::Tls12(server::tls12::State::Established(_)), .. }
        )
    }

    /// Whether the first handshake is complete and the connection has not failed; a later one may be under way.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.kept.last.is_some()
    }

    /// Whether application data of the peer may come now: when a handshake is complete, and during a later one but for
    /// what comes under its new keys before its Finished (RFC 5246 section 7.4.9).
    #[must_use]
    pub const fn takes_application_data(&self) -> bool {
        self.kept.last.is_some()
            && !matches!(
                &self.role,
                Role::Client { state: client::State::Tls12(client::tls12::State::AwaitFinished(_)), .. }
                    | Role::Server {
                        state: server::State::Tls12(server::tls12::State::AwaitFinished(_)),
                        ..
                    }
            )
    }

    /// Whether a handshake after the first is under way, or is asked for and neither begun nor refused.
    #[must_use]
    #[inline]
    pub const fn is_renegotiating(&self) -> bool {
        self.kept.last.is_some()
            && match &self.role {
                Role::Server {
                    state: server::State::Tls12(server::tls12::State::Established(state)),
                    ..
                } => state.asked,
                _ => !self.is_established(),
            }
    }

    /// Handshakes after the first, complete or not, whoever asked for them.
    #[must_use]
    pub const fn renegotiations(&self) -> u8 {
        self.kept.renegotiations
    }

    /// Tells the time, for the age of sessions: of use before a message that may begin a renegotiation. Without it the
    /// last that was told with an input stands.
    pub const fn set_time(&mut self, now: UnixTime) {
        self.kept.now = now;
    }

    /// Tells that application data of the peer came, not empty: the connection is of use, and the requests for a handshake
    /// that nothing came of are counted anew ([`crate::Limits::max_hello_requests`]).
    pub const fn application_data_came(&mut self) {
        self.kept.unheeded = 0;
    }

    /// Another policy for the handshakes to come: one that asks for the client's certificate, say. Or for this one, while
    /// [`Question::ChooseConfiguration`] is pending.
    ///
    /// After a policy that requires the client's certificate the next [`Input::Renegotiate`] must lead to a handshake: a
    /// client that refuses it, or closes before it is complete, ends the connection with an error.
    ///
    /// # Errors
    /// [`Misuse::NotComplete`] for a client, and when no handshake is complete or one is under way.
    pub fn set_server_policy(&mut self, policy: Arc<ServerPolicy>) -> Result<(), Misuse> {
        let open = self.is_established()
            || matches!(
                &self.role,
                Role::Server {
                    state: server::State::Hello(server::hello::State::ChoosingConfiguration(_)),
                    ..
                }
            );
        match &mut self.role {
            Role::Server { policy: current, .. } if open => {
                let requires = matches!(policy.client_authentication, ClientAuthentication::Require { .. });
                let is_new = !Arc::ptr_eq(current, &policy);
                self.kept.demands_certificate =
                    requires && self.kept.last.is_some() && (is_new || self.kept.demands_certificate);
                *current = policy;
                Ok(())
            }
            _ => Err(Misuse::NotComplete),
        }
    }

    /// Whether the version is chosen: until then records may say any (RFC 5246 appendix E.1).
    #[must_use]
    pub const fn version_is_chosen(&self) -> bool {
        self.kept.last.is_some()
            || matches!(
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

    /// What the state it is in takes to go on, by the names in the transition tables: messages mostly.
    pub fn expected(&self) -> impl Iterator<Item = &'static str> {
        let (state, table) = self.place();
        table.expected(state)
    }

    /// The pending question.
    #[must_use]
    pub fn question(&self) -> Option<(QuestionId, Question<'_>)> {
        Some((self.pending?, self.state_question()?))
    }

    /// Whether a question is pending, without a look at what it is.
    pub(crate) const fn is_asking(&self) -> bool {
        self.pending.is_some()
    }

    fn state_question(&self) -> Option<Question<'_>> {
        match &self.role {
            Role::Client { state, server_name, endpoint, .. } => {
                state.question(server_name.as_deref(), endpoint.as_ref())
            }
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
            Input::Start { now } => {
                self.kept.now = now;
                Sorted::Trigger(Trigger::Start(()))
            }
            Input::Renegotiate { now } => {
                self.check_renegotiation()?;
                self.kept.now = now;
                Sorted::Trigger(Trigger::Renegotiate(()))
            }
            Input::Time { now } => self.sort_time(now),
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

    /// Whether this side may ask for another handshake.
    fn check_renegotiation(&self) -> Result<(), Misuse> {
        let (renegotiation, limits) = match &self.role {
            Role::Client { policy, .. } => (policy.renegotiation, &policy.limits),
            Role::Server { policy, .. } => (policy.renegotiation, &policy.limits),
            Role::Failed { error, .. } => return Err(Misuse::Failed(*error)),
        };
        if !self.is_established() {
            return Err(Misuse::NotComplete);
        }
        if renegotiation == Renegotiation::Never {
            return Err(Misuse::NoRenegotiation);
        }
        self.kept.can_renegotiate(limits.max_renegotiations)
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
        self.kept.count_unheeded(limit).map_or_else(Sorted::Fault, |()| Sorted::Nothing)
    }

    /// Whether a renegotiation lasts too long. A client need not answer HelloRequest (RFC 5246 section 7.4.1.1), so that its
    /// silence is a refusal.
    fn sort_time<'a>(&self, now: UnixTime) -> Sorted<'a> {
        let limit = self.limits().map_or(0, |limits| limits.max_renegotiation_time);
        let is_over = self
            .kept
            .renegotiating_since
            .is_some_and(|since| now.0.saturating_sub(since.0) > u64::from(limit));
        if !is_over {
            Sorted::Nothing
        } else if self.is_established() {
            Sorted::Trigger(Trigger::NoRenegotiation(()))
        } else {
            Sorted::Fault(ErrorKind::RenegotiationTimedOut { limit })
        }
    }

    /// Those of the policy; none once the handshake has failed.
    pub(crate) fn limits(&self) -> Option<&Limits> {
        match &self.role {
            Role::Client { policy, .. } => Some(&policy.limits),
            Role::Server { policy, .. } => Some(&policy.limits),
            Role::Failed { .. } => None,
        }
    }

    /// Whether the client is asked for a handshake in which it must show a certificate.
    const fn owes_certificate(&self) -> bool {
        self.kept.demands_certificate && self.is_renegotiating()
    }

    /// RFC 5246 section 7.2: fatal alerts end the connection, closure before the end of the first handshake too, and
    /// other warnings say nothing that we act on, but for the refusal of what we asked for. How many of them are borne
    /// is the record layer's business.
    fn sort_alert<'a>(&self, alert: Alert) -> Sorted<'a> {
        if alert.level != AlertLevel::WARNING && alert.level != AlertLevel::FATAL {
            return Sorted::Fault(ErrorKind::BadAlertLevel(alert.level));
        }
        let closes = alert.description == AlertDescription::CLOSE_NOTIFY;
        if closes && self.takes_application_data() && !self.owes_certificate() {
            Sorted::PeerClosed
        } else if closes {
            Sorted::Fault(ErrorKind::ClosedDuringHandshake)
        } else if alert.level == AlertLevel::FATAL {
            Sorted::Fault(ErrorKind::PeerAlert(alert.description))
        } else if alert.description == AlertDescription::NO_RENEGOTIATION && self.awaits_renegotiation() {
            Sorted::Trigger(Trigger::NoRenegotiation(()))
        } else {
            Sorted::Nothing
        }
    }

    /// Whether we have asked for a handshake and it has not begun.
    const fn awaits_renegotiation(&self) -> bool {
        self.kept.last.is_some()
            && match &self.role {
                Role::Client {
                    state: client::State::Hello(client::hello::State::AwaitServerHello(_)),
                    ..
                } => true,
                Role::Server {
                    state: server::State::Tls12(server::tls12::State::Established(state)),
                    ..
                } => state.asked,
                _ => false,
            }
    }

    fn sort_answer<'a>(&mut self, id: QuestionId, answer: Answer) -> Result<Sorted<'a>, Misuse> {
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
            (Question::ChooseConfiguration(_), Answer::Configured) => {
                Sorted::Trigger(Trigger::Configured(()))
            }
            (Question::FindSession(_), Answer::Session(answer)) => self.session_found(answer, false),
            (Question::FindSession(_), Answer::SessionWithOldTicket(answer)) => {
                self.session_found(answer, true)
            }
            (Question::SealTicket(_), Answer::Ticket(ticket)) => {
                Sorted::Trigger(Trigger::TicketSealed(ticket))
            }
            (
                Question::ChooseServerCredential(_) | Question::ChooseClientCredential(_),
                Answer::Credential(chosen),
            ) => Sorted::Trigger(Trigger::CredentialChosen(chosen)),
            (Question::Sign(_), Answer::Signature(signature)) => Sorted::Trigger(Trigger::Signed(signature)),
            (Question::VerifyPeer(_), Answer::PeerVerified(Verified { key, not_after })) => {
                Sorted::Trigger(Trigger::PeerVerified(CheckedKey { key, verified: true, not_after }))
            }
            (Question::VerifyPeer(_), Answer::PeerNotChecked(key)) => {
                Sorted::Trigger(Trigger::PeerVerified(CheckedKey { key, verified: false, not_after: None }))
            }
            (Question::VerifyPeer(_), Answer::PeerRejected { alert }) => {
                Sorted::Fault(ErrorKind::PeerRejected(alert))
            }
            _ => return Err(Misuse::WrongAnswer { question: name }),
        })
    }

    fn session_found<'a>(&mut self, answer: SessionAnswer, renew: bool) -> Sorted<'a> {
        self.kept.now = answer.now;
        Sorted::Trigger(Trigger::SessionFound(FoundSession { session: answer.session, renew }))
    }

    /// Steps through the table.
    fn take(&mut self, trigger: Trigger<'_>, flight: &mut Flight) -> Next {
        let place = self.place();
        let out = Out { flight: &mut *flight, epochs: &mut self.epochs };
        let kept = &mut self.kept;
        // A state that fails is gone, and its secrets with it: what stands in its place is that nothing has begun, until
        // `fail` says what has happened.
        let stepped = match &mut self.role {
            Role::Client { policy, server_name, endpoint, state } => {
                let (server_name, endpoint) = (server_name.as_ref(), endpoint.as_ref());
                let mut cx = client::Cx { policy, server_name, endpoint, out, kept };
                let current = mem::replace(state, client::State::new());
                current.step(trigger, &mut cx).map(|next| *state = next)
            }
            Role::Server { policy, state } => {
                let mut cx = server::Cx { policy, out, kept };
                let current = mem::replace(state, server::State::new());
                current.step(trigger, &mut cx).map(|next| *state = next)
            }
            Role::Failed { error, .. } => Err(error.kind),
        };
        match stepped {
            Ok(()) => {
                // Before the first handshake is complete there is none, and this costs nothing.
                if self.kept.last.is_some() {
                    let since = self.kept.renegotiating_since.unwrap_or(self.kept.now);
                    self.kept.renegotiating_since = self.is_renegotiating().then_some(since);
                }
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
        self.kept.last = None;
        if !self.kept.session_in_use.is_empty() && kind.alert() != Some(AlertDescription::CLOSE_NOTIFY) {
            flight_out(flight, &mut self.epochs).event(Event::ForgetSession(self.kept.session_in_use));
        }
        Next::Failed(error)
    }

    /// What the last complete handshake left.
    fn established(&self) -> Option<&Established> {
        self.kept.last.as_deref()
    }

    fn provider(&self) -> Option<&Provider> {
        match &self.role {
            Role::Client { policy, .. } => Some(&policy.provider),
            Role::Server { policy, .. } => Some(&policy.provider),
            Role::Failed { .. } => None,
        }
    }

    /// Fills `out` with keying material of the last complete handshake for an application (RFC 5705). An empty context differs from none.
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
    /// As [`Machine::export_keying_material`], and [`Misuse::NotWithRenegotiation`] where another handshake could change
    /// it: it is not defined then.
    pub fn tls_exporter(&self) -> Result<[u8; 32], Misuse> {
        let established = self.established().ok_or(Misuse::NotComplete)?;
        established.tls_exporter(self.provider().ok_or(Misuse::NotComplete)?)
    }

    /// The client's and the server's verify_data of the last complete handshake: what renegotiation_info (RFC 5746) is made
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
