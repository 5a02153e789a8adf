//! The state machine: classifies inputs, steps through the table of its role, and reports what comes next.

use crate::{
    Answer, ClientAuthentication, ClientPolicy, Endpoint, Event, Flight, HandshakeError, HandshakeErrorKind,
    Input, Limits, Misuse, Question, QuestionId, Renegotiation, ServerPolicy, SessionAnswer, UnixTime,
    Verified, client,
    established::{ConnectionState, Established},
    flight::{Epochs, Out},
    server,
    table::Table,
    trigger::{self, CheckedKey, FoundSession, Trigger},
};
use alloc::sync::Arc;
use cairn_crypto::Provider;
use cairn_schedule::{Epoch, Side, VERIFY_DATA_LEN, VerifyData};
use cairn_wire::{Alert, AlertDescription, AlertLevel, HelloRequest};
use core::{fmt, mem, time::Duration};

/// The next step for the caller, after it has executed the flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The machine waits for the peer.
    AwaitPeer,
    /// A question is pending: see [`Machine::question`].
    Ask(QuestionId),
    /// The handshake or the connection has ended. First execute the items of the flight in order: they
    /// precede the error. Then send the alert of the error, if it has one, with the keys in force. Such a
    /// flight never contains [`Event::Complete`]. Application data may pass in neither direction any more.
    Failed(HandshakeError),
}

/// All transition tables: client and server, hello stage and TLS 1.2.
#[must_use]
pub const fn transitions() -> [Table; 4] {
    [client::hello::TABLE, client::tls12::TABLE, server::hello::TABLE, server::tls12::TABLE]
}

/// One side of a TLS connection: its handshakes and the alerts between them.
pub struct Machine {
    role: Role,
    epochs: Epochs,
    asked: u64,
    pending: Option<QuestionId>,
    connection: ConnectionState,
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
    /// The connection has ended. All secrets have been dropped.
    Failed {
        side: Side,
        error: HandshakeError,
    },
}

impl Machine {
    /// Creates a client. `server_name` is the host name for the server_name extension (RFC 6066 section 3): a
    /// DNS name in ASCII without a trailing dot. Pass `None` if the server is addressed by IP address.
    ///
    /// If you know the address or the port, also call [`Machine::to_endpoint`]. Otherwise sessions are
    /// distinguished by host name only.
    #[must_use]
    pub fn client(policy: Arc<ClientPolicy>, server_name: Option<Arc<str>>) -> Self {
        let server_name: Option<client::HostName> = server_name.map(Arc::from);
        let endpoint = server_name.clone().map(|host| Endpoint { host, port: 0 });
        Self::new(Role::Client { policy, server_name, endpoint, state: client::State::new() })
    }

    /// Sets the endpoint that the client connects to. A session is offered only to the endpoint of its full
    /// handshake. Has no effect on a server.
    #[must_use]
    pub fn to_endpoint(mut self, to: Endpoint) -> Self {
        if let Role::Client { endpoint, .. } = &mut self.role {
            *endpoint = Some(to);
        }
        self
    }

    /// Creates a server.
    #[must_use]
    pub fn server(policy: Arc<ServerPolicy>) -> Self {
        Self::new(Role::Server { policy, state: server::State::new() })
    }

    fn new(role: Role) -> Self {
        Self {
            role,
            epochs: Epochs::default(),
            asked: 0,
            pending: None,
            connection: ConnectionState::default(),
        }
    }

    /// The role of this side.
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

    /// The name of the current state, as in the transition tables.
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

    /// Whether a handshake is complete, no other is in progress, and the connection has not failed.
    #[must_use]
    pub const fn is_established(&self) -> bool {
        matches!(
            &self.role,
            Role::Client { state: client::State::Tls12(client::tls12::State::Established(_)), .. }
                | Role::Server { state: server::State::Tls12(server::tls12::State::Established(_)), .. }
        )
    }

    /// Whether the first handshake is complete and the connection has not failed. A renegotiation may be in
    /// progress.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.connection.last.is_some()
    }

    /// Whether a renegotiation is in progress or requested.
    #[must_use]
    #[inline]
    pub const fn is_renegotiating(&self) -> bool {
        self.connection.last.is_some()
            && match &self.role {
                Role::Server {
                    state: server::State::Tls12(server::tls12::State::Established(state)),
                    ..
                } => state.asked,
                _ => !self.is_established(),
            }
    }

    /// The number of renegotiations by either side, complete or not.
    #[must_use]
    pub const fn renegotiations(&self) -> u8 {
        self.connection.renegotiations
    }

    /// Sets the current time, which determines the age of sessions. Call this before a message that may start
    /// a renegotiation. Otherwise the time of the latest input is used.
    pub const fn set_time(&mut self, now: UnixTime) {
        self.connection.now = now;
    }

    /// Reports that the peer has sent application data that is not empty. This resets the count of ignored
    /// requests for a handshake ([`crate::RenegotiationLimits::max_hello_requests`]).
    pub const fn application_data_came(&mut self) {
        self.connection.ignored_requests = 0;
    }

    /// Sets the policy for later handshakes, for example one that requests a client certificate. While
    /// [`Question::ChooseConfiguration`] is pending, it sets the policy for this handshake.
    ///
    /// If the policy requires a client certificate, the next [`Input::Renegotiate`] must lead to a handshake:
    /// the connection ends with an error if the client refuses it or closes before it is complete.
    ///
    /// # Errors
    /// [`Misuse::NotComplete`] for a client, before the first handshake is complete, and while a handshake is
    /// in progress.
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
                self.connection.demands_certificate = requires
                    && self.connection.last.is_some()
                    && (is_new || self.connection.demands_certificate);
                *current = policy;
                Ok(())
            }
            _ => Err(Misuse::NotComplete),
        }
    }

    /// Whether the version has been chosen. Before that, records may have any version (RFC 5246 appendix
    /// E.1).
    #[must_use]
    pub const fn version_is_chosen(&self) -> bool {
        self.connection.last.is_some()
            || matches!(
                &self.role,
                Role::Client { state: client::State::Tls12(_), .. }
                    | Role::Server { state: server::State::Tls12(_), .. }
            )
    }

    /// The epoch of the keys for reading: the `epoch` of [`Input::Message`] must equal it.
    #[must_use]
    pub const fn read_epoch(&self) -> Epoch {
        self.epochs.read
    }

    /// The inputs that the current state accepts, as named in the transition tables.
    pub fn expected(&self) -> impl Iterator<Item = &'static str> {
        let (state, table) = self.place();
        table.expected(state)
    }

    /// The pending question.
    #[must_use]
    pub fn question(&self) -> Option<(QuestionId, Question<'_>)> {
        Some((self.pending?, self.state_question()?))
    }

    /// Whether a question is pending.
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

    /// Processes one input and appends the resulting items to `flight`.
    ///
    /// An error of the peer is [`Next::Failed`], not an error of this call.
    ///
    /// # Errors
    /// [`Misuse`] if the caller violates the contract. The machine is unchanged.
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

    /// Classifies an input before the table is used.
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
                self.connection.now = now;
                Sorted::Trigger(Trigger::Start(()))
            }
            Input::Renegotiate { now } => {
                self.check_renegotiation()?;
                self.connection.now = now;
                Sorted::Trigger(Trigger::Renegotiate(()))
            }
            Input::Time { now } => self.sort_time(now),
            Input::Message { epoch, .. } if epoch != self.epochs.read => {
                Sorted::Fault(HandshakeErrorKind::WrongEpoch { expected: self.epochs.read, got: epoch })
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
            Input::Abort(alert) => Sorted::Fault(HandshakeErrorKind::Aborted(alert)),
            Input::NotJoined(kind) => Sorted::Fault(kind),
        })
    }

    /// Whether this side may request a renegotiation.
    fn check_renegotiation(&self) -> Result<(), Misuse> {
        let (renegotiation, limits) = match &self.role {
            Role::Client { policy, .. } => (policy.tls12.renegotiation, policy.tls12.renegotiation_limits),
            Role::Server { policy, .. } => (policy.tls12.renegotiation, policy.tls12.renegotiation_limits),
            Role::Failed { error, .. } => return Err(Misuse::Failed(*error)),
        };
        if !self.is_established() {
            return Err(Misuse::NotComplete);
        }
        if renegotiation == Renegotiation::Never {
            return Err(Misuse::NoRenegotiation);
        }
        self.connection.can_renegotiate(limits.max_renegotiations)
    }

    /// During a handshake a client ignores HelloRequest, which is not part of the transcript (RFC 5246
    /// section 7.4.1.1).
    fn ignores_hello_request(&self) -> bool {
        matches!(self.role, Role::Client { .. }) && !self.is_established()
    }

    fn count_hello_request<'a>(&mut self) -> Sorted<'a> {
        let limit = match &self.role {
            Role::Client { policy, .. } => policy.tls12.renegotiation_limits.max_hello_requests,
            Role::Server { .. } | Role::Failed { .. } => 0,
        };
        self.connection.count_ignored_request(limit).map_or_else(Sorted::Fault, |()| Sorted::Nothing)
    }

    /// Checks the time limit of a renegotiation. A client may ignore HelloRequest (RFC 5246 section 7.4.1.1),
    /// so its silence counts as a refusal.
    fn sort_time<'a>(&self, now: UnixTime) -> Sorted<'a> {
        let limit = match &self.role {
            Role::Client { policy, .. } => policy.tls12.renegotiation_limits.max_duration,
            Role::Server { policy, .. } => policy.tls12.renegotiation_limits.max_duration,
            Role::Failed { .. } => 0,
        };
        let is_over = self
            .connection
            .renegotiating_since
            .and_then(|since| now.checked_duration_since(since))
            .is_some_and(|duration| duration > Duration::from_secs(limit.into()));
        if !is_over {
            Sorted::Nothing
        } else if self.is_established() {
            Sorted::Trigger(Trigger::NoRenegotiation(()))
        } else {
            Sorted::Fault(HandshakeErrorKind::RenegotiationTimedOut { limit })
        }
    }

    /// The limits of the policy; `None` after a failure.
    pub(crate) fn limits(&self) -> Option<&Limits> {
        match &self.role {
            Role::Client { policy, .. } => Some(&policy.limits),
            Role::Server { policy, .. } => Some(&policy.limits),
            Role::Failed { .. } => None,
        }
    }

    /// Whether the server has requested a renegotiation that must authenticate the client.
    const fn owes_certificate(&self) -> bool {
        self.connection.demands_certificate && self.is_renegotiating()
    }

    /// RFC 5246 section 7.2: a fatal alert ends the connection, and so does `close_notify` while the peer may
    /// not send application data: it then comes instead of the handshake, or under keys that no Finished has
    /// confirmed. Other warnings are ignored, except for the refusal of a renegotiation that we
    /// requested. The record layer limits their number.
    fn sort_alert<'a>(&self, alert: Alert) -> Sorted<'a> {
        if alert.level != AlertLevel::WARNING && alert.level != AlertLevel::FATAL {
            return Sorted::Fault(HandshakeErrorKind::BadAlertLevel(alert.level));
        }
        let closes = alert.description == AlertDescription::CLOSE_NOTIFY;
        if closes && self.epochs.read_gate.is_open() && !self.owes_certificate() {
            Sorted::PeerClosed
        } else if closes {
            Sorted::Fault(HandshakeErrorKind::ClosedDuringHandshake)
        } else if alert.level == AlertLevel::FATAL {
            Sorted::Fault(HandshakeErrorKind::PeerAlert(alert.description))
        } else if alert.description == AlertDescription::NO_RENEGOTIATION && self.awaits_renegotiation() {
            Sorted::Trigger(Trigger::NoRenegotiation(()))
        } else {
            Sorted::Nothing
        }
    }

    /// Whether we have requested a renegotiation that has not started.
    const fn awaits_renegotiation(&self) -> bool {
        self.connection.last.is_some()
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
            // A failure to decrypt the premaster secret must not be observable.
            (Question::DecryptPremaster(_), Answer::Failed) => {
                Sorted::Trigger(Trigger::PremasterDecrypted(None))
            }
            (Question::DecryptPremaster(_), Answer::Premaster(secret)) => {
                Sorted::Trigger(Trigger::PremasterDecrypted(Some(secret)))
            }
            (Question::FindPsk(_), Answer::Psk(psk)) => Sorted::Trigger(Trigger::PskFound(psk)),
            (_, Answer::Failed) => Sorted::Fault(HandshakeErrorKind::QuestionFailed),
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
                Sorted::Fault(HandshakeErrorKind::PeerRejected(alert))
            }
            _ => return Err(Misuse::WrongAnswer { question: name }),
        })
    }

    fn session_found<'a>(&mut self, answer: SessionAnswer, renew: bool) -> Sorted<'a> {
        self.connection.now = answer.now;
        Sorted::Trigger(Trigger::SessionFound(FoundSession { session: answer.session, renew }))
    }

    /// Steps through the table.
    fn take(&mut self, trigger: Trigger<'_>, flight: &mut Flight) -> Next {
        let place = self.place();
        let out = Out { flight: &mut *flight, epochs: &mut self.epochs };
        let connection = &mut self.connection;
        // If the state's action fails, the state and its secrets are already dropped. The machine is `Idle`
        // in between, until `fail` stores the error.
        let stepped = match &mut self.role {
            Role::Client { policy, server_name, endpoint, state } => {
                let (server_name, endpoint) = (server_name.as_ref(), endpoint.as_ref());
                let mut cx = client::Cx { policy, server_name, endpoint, out, connection };
                let current = mem::replace(state, client::State::new());
                current.step(trigger, &mut cx).map(|next| *state = next)
            }
            Role::Server { policy, state } => {
                let mut cx = server::Cx { policy, out, connection };
                let current = mem::replace(state, server::State::new());
                current.step(trigger, &mut cx).map(|next| *state = next)
            }
            Role::Failed { error, .. } => Err(error.kind),
        };
        match stepped {
            Ok(()) => {
                // Before the first handshake is complete, this does nothing.
                if self.connection.last.is_some() {
                    let since = self.connection.renegotiating_since.unwrap_or(self.connection.now);
                    self.connection.renegotiating_since = self.is_renegotiating().then_some(since);
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

    /// Ends the connection: drops the state and invalidates the session, unless the error is `close_notify`
    /// (RFC 5246 sections 7.2.1 and 7.2.2).
    fn fail(
        &mut self,
        kind: HandshakeErrorKind,
        (state, table): (&'static str, &'static Table),
        flight: &mut Flight,
    ) -> Next {
        let error = HandshakeError { kind, state, table };
        self.role = Role::Failed { side: self.side(), error };
        self.pending = None;
        self.connection.last = None;
        if !self.connection.session_in_use.is_empty() && kind.alert() != Some(AlertDescription::CLOSE_NOTIFY)
        {
            flight_out(flight, &mut self.epochs).event(Event::ForgetSession(self.connection.session_in_use));
        }
        Next::Failed(error)
    }

    /// The result of the last complete handshake.
    fn established(&self) -> Option<&Established> {
        self.connection.last.as_deref()
    }

    fn provider(&self) -> Option<&Provider> {
        match &self.role {
            Role::Client { policy, .. } => Some(&policy.provider),
            Role::Server { policy, .. } => Some(&policy.provider),
            Role::Failed { .. } => None,
        }
    }

    /// Fills `out` with keying material of the last complete handshake (RFC 5705). An empty context differs
    /// from no context.
    ///
    /// # Errors
    /// [`Misuse::NotComplete`], [`Misuse::NoExtendedMasterSecret`], or [`Misuse::Schedule`] if the label is
    /// reserved for TLS or the provider fails.
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

    /// The channel binding `tls-unique`: the first Finished message of the latest handshake (RFC 5929 section
    /// 3).
    ///
    /// # Errors
    /// [`Misuse::NotComplete`], or [`Misuse::NoExtendedMasterSecret`]: without that extension a man in the
    /// middle can give two connections the same master secret and resume both, and then both have the same
    /// Finished messages (the triple handshake attack, RFC 7627 section 1).
    pub fn tls_unique(&self) -> Result<[u8; VERIFY_DATA_LEN], Misuse> {
        self.established().ok_or(Misuse::NotComplete)?.tls_unique()
    }

    /// The channel binding `tls-exporter` (RFC 9266 section 2): 32 bytes of keying material with the label
    /// `EXPORTER-Channel-Binding` and an empty context.
    ///
    /// # Errors
    /// As [`Machine::export_keying_material`], and [`Misuse::NotWithRenegotiation`] if the connection can
    /// renegotiate, because the binding is not defined then.
    pub fn tls_exporter(&self) -> Result<[u8; 32], Misuse> {
        let established = self.established().ok_or(Misuse::NotComplete)?;
        established.tls_exporter(self.provider().ok_or(Misuse::NotComplete)?)
    }

    /// The client's and the server's verify_data of the last complete handshake, as renegotiation_info uses
    /// them (RFC 5746).
    #[must_use]
    pub fn verify_data(&self) -> Option<&(VerifyData, VerifyData)> {
        self.established()?.verify_data()
    }
}

/// A classified [`Input`].
enum Sorted<'a> {
    Trigger(Trigger<'a>),
    Fault(HandshakeErrorKind),
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
