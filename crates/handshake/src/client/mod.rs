//! The client.

pub(crate) mod hello;
pub(crate) mod tls12;

use crate::phase::Phase;
use crate::{
    ClientPolicy, Endpoint, HandshakeErrorKind, Question, connection::ConnectionState, flight::Out,
    transition::Table, trigger::Trigger,
};
use alloc::sync::Arc;
use cairn_wire::ProtocolVersion;

/// The context of every state.
pub(crate) struct Cx<'a> {
    pub(crate) policy: &'a Arc<ClientPolicy>,
    pub(crate) server_name: Option<&'a HostName>,
    pub(crate) endpoint: Option<&'a Endpoint>,
    pub(crate) out: Out<'a>,
    pub(crate) connection: &'a mut ConnectionState,
}

/// The client's state.
pub(crate) enum State {
    /// The version is not chosen yet.
    Hello(hello::State),
    /// TLS 1.2.
    Tls12(tls12::State),
}

impl State {
    pub(crate) fn new() -> Self {
        hello::Idle.into()
    }

    pub(crate) fn step(self, trigger: Trigger<'_>, cx: &mut Cx<'_>) -> Result<Self, HandshakeErrorKind> {
        match self {
            Self::Hello(state) => hello::step(state, trigger, cx),
            Self::Tls12(state) => tls12::step(state, trigger, cx),
        }
    }

    pub(crate) const fn name(&self) -> (&'static str, &'static Table) {
        match self {
            Self::Hello(state) => (state.name(), &hello::TABLE),
            Self::Tls12(state) => (state.name(), &tls12::TABLE),
        }
    }

    pub(crate) const fn phase(&self) -> Phase {
        match self {
            Self::Hello(hello::State::Idle(_)) => Phase::NotStarted,
            Self::Hello(_) => Phase::Negotiating,
            Self::Tls12(tls12::State::Established(_)) => Phase::Established,
            Self::Tls12(_) => Phase::Handshake(ProtocolVersion::TLS_1_2),
        }
    }

    /// Whether ClientHello has been sent and not answered.
    pub(crate) const fn awaits_server_hello(&self) -> bool {
        matches!(self, Self::Hello(hello::State::AwaitServerHello(_)))
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
        }
    }
}

/// A host name in the form of the server_name extension.
pub(crate) type HostName = Arc<[u8]>;
