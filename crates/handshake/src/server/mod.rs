//! The server.

pub(crate) mod any_offer;
pub(crate) mod context;
pub(crate) mod hello;
pub(crate) mod offer;
pub(crate) mod resume;
pub(crate) mod tls12;
pub(crate) mod tls13;
pub(crate) mod tls13_offer;

use crate::{
    error::HandshakeError, kx::KeyExchange, phase::Phase, question::Question, table::Step, transition::Table,
    trigger::Trigger,
};
use cairn_wire::ProtocolVersion;
use context::Cx;
use tls13::requests::Requests;

/// The server's state.
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
                Step::Leave(tls12::StartRenegotiation { message, state }) => hello::renegotiate(message, cx)
                    .map(Self::from)
                    .map_err(|kind| HandshakeError { kind, state, table: &tls12::TABLE }),
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
            Self::Tls12(tls12::State::Established(_) | tls12::State::RenegotiationRequested(_)) => {
                Phase::Established
            }
            Self::Tls12(_) => Phase::Handshake(ProtocolVersion::TLS_1_2),
            Self::Tls13(state) if state.is_after_handshake() => Phase::Established,
            Self::Tls13(_) => Phase::Handshake(ProtocolVersion::TLS_1_3),
        }
    }

    /// Whether HelloRequest has been sent and not answered.
    pub(crate) const fn has_requested_renegotiation(&self) -> bool {
        matches!(self, Self::Tls12(tls12::State::RenegotiationRequested(_)))
    }

    /// The number of requests for a certificate after the handshake that are not answered yet. `None` if
    /// there can be none.
    pub(crate) const fn outstanding_requests(&self) -> Option<usize> {
        match self {
            Self::Tls13(state) => state.outstanding_requests(),
            Self::Hello(_) | Self::Tls12(_) => None,
        }
    }

    /// Whether the client may compress the certificate that was requested after the handshake. `None` if
    /// none can be requested.
    pub(crate) fn requests_offer_compression(&self) -> Option<bool> {
        match self {
            Self::Tls13(state) => state.requests().map(Requests::offer_compression),
            Self::Hello(_) | Self::Tls12(_) => None,
        }
    }

    /// Whether the policy for this client is being chosen.
    pub(crate) const fn chooses_configuration(&self) -> bool {
        matches!(self, Self::Hello(hello::State::ChoosingConfiguration(_)))
    }

    /// Whether the table has a row for this input.
    pub(crate) const fn takes(&self, input: &Trigger<'_>) -> bool {
        match self {
            Self::Hello(state) => hello::takes(state, input),
            Self::Tls12(state) => tls12::takes(state, input),
            Self::Tls13(state) => tls13::takes(state, input),
        }
    }

    /// The key exchange, if ClientKeyExchange is awaited.
    pub(crate) const fn awaited_key_exchange(&self) -> Option<&KeyExchange> {
        match self {
            Self::Tls12(tls12::State::AwaitClientKeyExchange(state)) => Some(state.kx()),
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
    pub(crate) fn question(&self) -> Option<Question<'_>> {
        match self {
            Self::Hello(state) => state.question(),
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
