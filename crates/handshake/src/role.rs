//! The role of a machine, with its policy and its state.

use crate::{
    client,
    error::{HandshakeError, HandshakeErrorKind},
    kx::KeyExchange,
    phase::Phase,
    policy::{ClientPolicy, Limits, Renegotiation, RenegotiationLimits, ServerPolicy},
    question::Question,
    server,
    session::Endpoint,
    transition::Table,
    trigger::Trigger,
};
use alloc::sync::Arc;
use cairn_crypto::Provider;
use cairn_schedule::Side;

/// The role of a machine, with its policy and its state.
pub(crate) enum Role {
    Client {
        policy: Arc<ClientPolicy>,
        server_name: Option<client::context::HostName>,
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

impl Role {
    pub(crate) const fn side(&self) -> Side {
        match self {
            Self::Client { .. } => Side::Client,
            Self::Server { .. } => Side::Server,
            Self::Failed { side, .. } => *side,
        }
    }

    /// The name of the state and its table. After a failure, the state in which it occurred.
    pub(crate) const fn place(&self) -> (&'static str, &'static Table) {
        match self {
            Self::Client { state, .. } => state.name(),
            Self::Server { state, .. } => state.name(),
            Self::Failed { error, .. } => (error.state, error.table),
        }
    }

    pub(crate) const fn phase(&self) -> Phase {
        match self {
            Self::Client { state, .. } => state.phase(),
            Self::Server { state, .. } => state.phase(),
            Self::Failed { .. } => Phase::Failed,
        }
    }

    /// Whether TLS 1.3 has been chosen.
    pub(crate) const fn is_tls13(&self) -> bool {
        match self {
            Self::Client { state, .. } => matches!(state, client::State::Tls13(_)),
            Self::Server { state, .. } => matches!(state, server::State::Tls13(_)),
            Self::Failed { .. } => false,
        }
    }

    /// Whether ClientHello or HelloRequest has been sent, and the peer has not answered.
    pub(crate) const fn awaits_handshake(&self) -> bool {
        match self {
            Self::Client { state, .. } => state.awaits_server_hello(),
            Self::Server { state, .. } => state.has_requested_renegotiation(),
            Self::Failed { .. } => false,
        }
    }

    /// Checks whether the state accepts this message. A client accepts HelloRequest in every state but those
    /// of TLS 1.3, because it ignores it during a handshake (RFC 5246 section 7.4.1.1).
    pub(crate) fn accepts(&self, message: &Trigger<'_>) -> Result<(), HandshakeErrorKind> {
        let accepted = match self {
            Self::Client { .. } if matches!(message, Trigger::HelloRequest(_)) && !self.is_tls13() => true,
            Self::Client { state, .. } => match state.refusal(message) {
                Some(kind) => return Err(kind),
                None => state.takes(message),
            },
            Self::Server { state, .. } => state.takes(message),
            Self::Failed { error, .. } => return Err(error.kind),
        };
        if accepted && matches!(message, Trigger::CompressedCertificate(_)) && !self.offers_compression() {
            return Err(HandshakeErrorKind::CompressedCertificateNotOffered);
        }
        let got = message.name();
        if accepted { Ok(()) } else { Err(HandshakeErrorKind::UnexpectedMessage { got }) }
    }

    /// Whether the peer may compress its certificate in TLS 1.3 (RFC 8879).
    fn offers_compression(&self) -> bool {
        match self {
            Self::Client { policy, .. } => !policy.tls13.certificate_compression.is_empty(),
            Self::Server { policy, state } => match state.requests_offer_compression() {
                Some(is_offered) => is_offered,
                None => !policy.tls13.certificate_compression.is_empty(),
            },
            Self::Failed { .. } => false,
        }
    }

    /// The key exchange, if ClientKeyExchange is awaited.
    pub(crate) const fn awaited_key_exchange(&self) -> Option<&KeyExchange> {
        match self {
            Self::Server { state, .. } => state.awaited_key_exchange(),
            Self::Client { .. } | Self::Failed { .. } => None,
        }
    }

    /// Whether the state asks a question.
    pub(crate) const fn asks(&self) -> bool {
        match self {
            Self::Client { state, .. } => state.asks(),
            Self::Server { state, .. } => state.asks(),
            Self::Failed { .. } => false,
        }
    }

    /// The question that the state asks, if any.
    pub(crate) fn question(&self) -> Option<Question<'_>> {
        match self {
            Self::Client { state, server_name, endpoint, .. } => {
                state.question(server_name.as_deref(), endpoint.as_ref())
            }
            Self::Server { state, .. } => state.question(),
            Self::Failed { .. } => None,
        }
    }

    pub(crate) fn provider(&self) -> Option<&Provider> {
        match self {
            Self::Client { policy, .. } => Some(&policy.provider),
            Self::Server { policy, .. } => Some(&policy.provider),
            Self::Failed { .. } => None,
        }
    }

    pub(crate) fn limits(&self) -> Option<&Limits> {
        match self {
            Self::Client { policy, .. } => Some(&policy.limits),
            Self::Server { policy, .. } => Some(&policy.limits),
            Self::Failed { .. } => None,
        }
    }

    /// Whether the policy permits renegotiation, and its limits.
    pub(crate) fn renegotiation(&self) -> Option<(Renegotiation, RenegotiationLimits)> {
        match self {
            Self::Client { policy, .. } => {
                Some((policy.tls12.renegotiation, policy.tls12.renegotiation_limits))
            }
            Self::Server { policy, .. } => {
                Some((policy.tls12.renegotiation, policy.tls12.renegotiation_limits))
            }
            Self::Failed { .. } => None,
        }
    }
}
