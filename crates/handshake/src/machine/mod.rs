//! The state machine: takes an input, steps through the table of its role, and reports what comes next.

mod classify;
mod view;

use crate::{
    client,
    connection::ConnectionState,
    error::{HandshakeError, HandshakeErrorKind, Misuse},
    flight::{Event, Flight},
    input::{Input, QuestionId},
    interrupt,
    out::{Epochs, Out},
    phase::Phase,
    policy::{ClientAuthentication, ClientPolicy, ServerPolicy},
    quic::{Quic, QuicParameters},
    role::Role,
    server,
    session::Endpoint,
    time::UnixTime,
    transition::{InterruptRow, Table},
    trigger::Trigger,
};
use alloc::{boxed::Box, sync::Arc};
use cairn_wire::AlertDescription;
use core::mem;

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

/// All transition tables of handshakes: client and server, hello stage, TLS 1.2 and TLS 1.3.
#[must_use]
pub const fn transitions() -> [Table; 6] {
    [
        client::hello::TABLE,
        client::tls12::TABLE,
        client::tls13::TABLE,
        server::hello::TABLE,
        server::tls12::TABLE,
        server::tls13::TABLE,
    ]
}

/// The table of alerts and HelloRequest, which are not part of a handshake. Its states are coarser than those
/// of [`transitions`].
#[must_use]
pub const fn interrupts() -> &'static [InterruptRow] {
    interrupt::TABLE
}

/// One side of a TLS connection: its handshakes and the alerts between them.
pub struct Machine {
    role: Role,
    epochs: Epochs,
    /// The number of questions so far.
    asked: u64,
    pending: Option<QuestionId>,
    connection: ConnectionState,
}

/// A classified [`Input`].
enum Classified<'a> {
    /// The table of the state decides.
    Trigger(Trigger<'a>),
    Fault(HandshakeErrorKind),
    PeerClosed,
    Nothing,
}

impl Machine {
    /// Creates a client.
    ///
    /// `server_name` is the host name for the server_name extension (RFC 6066 section 3): a DNS name in ASCII
    /// without a trailing dot. Pass `None` if the server is addressed by IP address.
    ///
    /// `endpoint` is the server that the client connects to. A session is offered only to the endpoint of its
    /// full handshake. Without one, sessions are distinguished by `server_name` only.
    #[must_use]
    pub fn client(
        policy: Arc<ClientPolicy>,
        server_name: Option<Arc<str>>,
        endpoint: Option<Endpoint>,
    ) -> Self {
        let server_name: Option<client::context::HostName> = server_name.map(Arc::from);
        Self::new(Role::Client { policy, server_name, endpoint, state: client::State::new() })
    }

    /// Creates a server.
    #[must_use]
    pub fn server(policy: Arc<ServerPolicy>) -> Self {
        Self::new(Role::Server { policy, state: server::State::new() })
    }

    /// Makes this the machine of a connection over QUIC (RFC 9001), which negotiates TLS 1.3 only. Call this
    /// before the machine is started.
    ///
    /// The transport has the messages of each [`Epoch`](cairn_schedule::Epoch) in CRYPTO frames of its level,
    /// and takes the traffic secrets of [`Item::Keys`](crate::Item::Keys). Those of a level come together,
    /// for both directions, and stay in use beside those of the next level until the transport drops them. A
    /// server gets those of [`Epoch::Application`](cairn_schedule::Epoch::Application) with its Finished, and
    /// must not process packets of that level before [`Event::Complete`] (RFC 9001 section 5.7). The
    /// transport ignores the items about records, ChangeCipherSpec and gates.
    #[must_use]
    pub fn for_quic(mut self, parameters: QuicParameters) -> Self {
        self.connection.quic = Some(Box::new(Quic::new(parameters)));
        self
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

    /// Sets the current time, which determines the age of sessions. Call this before a message that may start
    /// a renegotiation. Otherwise the time of the latest input is used.
    pub const fn set_time(&mut self, now: UnixTime) {
        self.connection.now = now;
    }

    /// Reports that the peer has sent application data that is not empty. This resets the count of ignored
    /// requests for a handshake ([`crate::RenegotiationLimits::max_hello_requests`]).
    pub const fn application_data_came(&mut self) {
        self.connection.requests_since_data.reset();
    }

    /// Sets the policy for later handshakes, for example one that requests a client certificate. While
    /// [`crate::Question::ChooseConfiguration`] is pending, it sets the policy for this handshake.
    ///
    /// If the policy requires a client certificate, the next [`Input::Renegotiate`] must lead to a handshake:
    /// the connection ends with an error if the client refuses it or closes before it is complete.
    ///
    /// # Errors
    /// [`Misuse::NotComplete`] for a client, before the first handshake is complete, and while a handshake is
    /// in progress.
    pub fn set_server_policy(&mut self, policy: Arc<ServerPolicy>) -> Result<(), Misuse> {
        let Role::Server { policy: current, state } = &mut self.role else { return Err(Misuse::NotComplete) };
        if state.phase() != Phase::Established && !state.chooses_configuration() {
            return Err(Misuse::NotComplete);
        }
        let requires = matches!(policy.client_authentication, ClientAuthentication::Require { .. });
        let is_new = !Arc::ptr_eq(current, &policy);
        // The requirement concerns a renegotiation, so there is none before the first handshake is complete.
        if self.connection.is_complete()
            && let Some(connection) = self.connection.tls12_mut()
        {
            let demands = &mut connection.renegotiations.demands_certificate;
            *demands = requires && (is_new || *demands);
        }
        *current = policy;
        Ok(())
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
        match self.classify(input)? {
            Classified::Trigger(trigger) => {
                // An input of our own, such as UpdateKeys, does not answer a question.
                if trigger.is_answer() {
                    self.pending = None;
                }
                Ok(self.take(trigger, flight))
            }
            Classified::Fault(kind) => {
                let (state, table) = self.role.place();
                Ok(self.fail(HandshakeError { kind, state, table }, flight))
            }
            Classified::PeerClosed => {
                Out { flight, epochs: &mut self.epochs }.event(Event::PeerClosed);
                Ok(self.next())
            }
            Classified::Nothing => Ok(self.next()),
        }
    }

    /// Steps through the table.
    fn take(&mut self, trigger: Trigger<'_>, flight: &mut Flight) -> Next {
        let out = Out { flight: &mut *flight, epochs: &mut self.epochs };
        let connection = &mut self.connection;
        // If the state's action fails, the state and its secrets are already dropped. The machine is `Idle`
        // in between, until `fail` stores the error.
        let stepped = match &mut self.role {
            Role::Client { policy, server_name, endpoint, state } => {
                let (server_name, endpoint) = (server_name.as_ref(), endpoint.as_ref());
                let mut cx = client::context::Cx { policy, server_name, endpoint, out, connection };
                let current = mem::replace(state, client::State::new());
                current.step(trigger, &mut cx).map(|next| *state = next)
            }
            Role::Server { policy, state } => {
                let mut cx = server::context::Cx { policy, out, connection };
                let current = mem::replace(state, server::State::new());
                current.step(trigger, &mut cx).map(|next| *state = next)
            }
            Role::Failed { error, .. } => Err(*error),
        };
        match stepped {
            Ok(()) => {
                let now = self.connection.now;
                let is_renegotiating = self.is_after_first_handshake();
                if let Some(connection) = self.connection.tls12_mut() {
                    connection.renegotiations.set_in_progress(is_renegotiating, now);
                }
                if self.role.asks() && self.pending.is_none() {
                    self.asked = self.asked.wrapping_add(1);
                    self.pending = Some(QuestionId(self.asked));
                }
                self.next()
            }
            Err(error) => self.fail(error, flight),
        }
    }

    fn next(&self) -> Next {
        self.pending.map_or(Next::AwaitPeer, Next::Ask)
    }

    /// Ends the connection: drops the state and invalidates the session, unless the error is `close_notify`
    /// (RFC 5246 sections 7.2.1 and 7.2.2).
    fn fail(&mut self, error: HandshakeError, flight: &mut Flight) -> Next {
        self.role = Role::Failed { side: self.role.side(), error };
        self.pending = None;
        // "any connection terminated with a fatal alert MUST NOT be resumed" (RFC 5246 section 7.2.2). For
        // close_notify, closing early "no longer requires that a session not be resumed" (section 7.2.1).
        if let Some(session) = self.connection.fail()
            && error.kind.alert() != Some(AlertDescription::CLOSE_NOTIFY)
        {
            Out { flight, epochs: &mut self.epochs }.event(Event::ForgetSession(session));
        }
        Next::Failed(error)
    }
}
