//! The client.

pub(crate) mod context;
pub(crate) mod hello;
pub(crate) mod tls12;
pub(crate) mod tls13;

use crate::{
    error::{HandshakeError, HandshakeErrorKind},
    phase::Phase,
    question::Question,
    session::Endpoint,
    table::Step,
    transition::Table,
    trigger::Trigger,
};
use cairn_wire::ProtocolVersion;
use context::Cx;

/// The client's state.
pub(crate) enum State {
    /// The version is not chosen yet.
    Hello(hello::State),
    /// TLS 1.2.
    Tls12(tls12::State),
    /// TLS 1.3.
    Tls13(tls13::State),
}

impl State {
    pub(crate) fn new() -> Self {
        Self::Hello(hello::Idle.into())
    }

    pub(crate) fn step(self, trigger: Trigger<'_>, cx: &mut Cx<'_>) -> Result<Self, HandshakeError> {
        match self {
            Self::Hello(state) => hello::step(state, trigger, cx).map(Self::from),
            Self::Tls13(state) => match tls13::step(state, trigger, cx)? {
                Step::Stay(state) => Ok(Self::Tls13(state)),
                Step::Leave(never) => match never {},
            },
            Self::Tls12(state) => match tls12::step(state, trigger, cx)? {
                Step::Stay(state) => Ok(Self::Tls12(state)),
                Step::Leave(tls12::StartRenegotiation) => {
                    hello::renegotiate(cx).map(Self::Hello).map_err(after_tls12)
                }
            },
        }
    }

    pub(crate) const fn name(&self) -> (&'static str, &'static Table) {
        match self {
            Self::Hello(state) => (state.name(), &hello::TABLE),
            Self::Tls12(state) => (state.name(), &tls12::TABLE),
            Self::Tls13(state) => (state.name(), &tls13::TABLE),
        }
    }

    pub(crate) const fn phase(&self) -> Phase {
        match self {
            Self::Hello(hello::State::Idle(_)) => Phase::NotStarted,
            Self::Hello(_) => Phase::Negotiating,
            Self::Tls12(tls12::State::Established(_)) => Phase::Established,
            Self::Tls12(_) => Phase::Handshake(ProtocolVersion::TLS_1_2),
            Self::Tls13(state) if state.is_after_handshake() => Phase::Established,
            Self::Tls13(_) => Phase::Handshake(ProtocolVersion::TLS_1_3),
        }
    }

    /// Whether ClientHello has been sent and not answered.
    pub(crate) const fn awaits_server_hello(&self) -> bool {
        matches!(self, Self::Hello(hello::State::AwaitServerHello(_)))
    }

    /// Whether the table has a row for this input.
    pub(crate) const fn takes(&self, input: &Trigger<'_>) -> bool {
        match self {
            Self::Hello(state) => hello::takes(state, input),
            Self::Tls12(state) => tls12::takes(state, input),
            Self::Tls13(state) => tls13::takes(state, input),
        }
    }

    /// The error for a message that has a row and is always refused.
    pub(crate) const fn refusal(&self, message: &Trigger<'_>) -> Option<HandshakeErrorKind> {
        match (self, message) {
            (Self::Tls12(tls12::State::AwaitServerHelloDone(state)), Trigger::CertificateRequest(_)) => {
                Some(state.refuse_request())
            }
            _ => None,
        }
    }

    /// Whether the state asks a question.
    pub(crate) const fn asks(&self) -> bool {
        match self {
            Self::Hello(state) => hello::asks(state),
            Self::Tls12(state) => tls12::asks(state),
            Self::Tls13(state) => tls13::asks(state),
        }
    }

    /// The question that the state asks, if any.
    pub(crate) fn question<'a>(
        &'a self,
        server_name: Option<&'a [u8]>,
        endpoint: Option<&'a Endpoint>,
    ) -> Option<Question<'a>> {
        match self {
            Self::Hello(state) => state.question(server_name, endpoint),
            Self::Tls12(state) => state.question(),
            Self::Tls13(state) => state.question(),
        }
    }
}

impl From<Step<hello::State, hello::Chosen>> for State {
    fn from(next: Step<hello::State, hello::Chosen>) -> Self {
        match next {
            Step::Stay(state) => Self::Hello(state),
            Step::Leave(hello::Chosen::Tls12(state)) => Self::Tls12(state),
            Step::Leave(hello::Chosen::Tls13(state)) => Self::Tls13(state),
        }
    }
}

/// An error at the start of a renegotiation. It counts for the state in which the handshake before is
/// complete.
const fn after_tls12(kind: HandshakeErrorKind) -> HandshakeError {
    HandshakeError { kind, state: "Established", table: &tls12::TABLE }
}
