//! The client's hello stage: it sends ClientHello, with a session if there is one that the policy still
//! accepts, reads ServerHello once, with all its extensions, and accepts the version. The stage of that
//! version continues with the hellos that were sent and received.

pub(super) mod offer;
pub(super) mod psk;
pub(super) mod read;
mod resume;

use super::{context::Cx, tls12, tls13};
use crate::{
    error::HandshakeErrorKind,
    ext::supported_versions,
    flight::Event,
    policy::ResumptionPolicy,
    question::{FindSession, Question},
    raw_message::RawMessage,
    session::Endpoint,
    table::{self, states, transition_table},
    trigger::FoundSession,
};
use cairn_schedule::Direction;
use cairn_wire::ServerHelloForm;
use offer::{SentHello, send_client_hello};
use read::Received;
use resume::may_offer;

transition_table! {
    /// The client until it has received ServerHello.
    "client, hello" in None, for Cx, leaving with Chosen:
    Idle,              Start        => on_start;
    FindingSession,    SessionFound => on_session_found;
    AwaitServerHello,  NoRenegotiation => on_no_renegotiation;
    AwaitServerHello,  ServerHello  => on_server_hello;
}

states!(Idle, FindingSession, AwaitServerHello);

/// A state of the stage of the chosen version.
pub(crate) enum Chosen {
    Tls12(tls12::State),
    Tls13(tls13::State),
}

/// To a state of this stage, or to the stage of the chosen version.
type Step = table::Step<State, Chosen>;

impl State {
    pub(super) const fn question<'a>(
        &'a self,
        server_name: Option<&'a [u8]>,
        endpoint: Option<&'a Endpoint>,
    ) -> Option<Question<'a>> {
        match self {
            Self::FindingSession(_) => {
                Some(Question::FindSession(FindSession::ForServer { server_name, endpoint }))
            }
            Self::Idle(_) | Self::AwaitServerHello(_) => None,
        }
    }
}

/// Not started.
pub(crate) struct Idle;

impl Idle {
    fn on_start(self, (): (), cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        if let Some(policy) = cx.policy.resumption {
            return Ok(FindingSession { policy }.into());
        }
        Ok(AwaitServerHello { sent: send_client_hello(None, None, cx)? }.into())
    }
}

/// Starts a renegotiation, with a full handshake: a resumption would skip the possible purpose of the
/// renegotiation, such as client authentication.
pub(super) fn renegotiate(cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
    Ok(AwaitServerHello { sent: send_client_hello(None, None, cx)? }.into())
}

/// Asks for a session to offer.
pub(crate) struct FindingSession {
    policy: ResumptionPolicy,
}

impl FindingSession {
    fn on_session_found(self, found: FoundSession, cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        let (session, not_resumed) = match found.session {
            Some(session) => match may_offer(&session, &self.policy, cx) {
                Ok(()) => (Some(session), None),
                Err(reason) => {
                    cx.out.event(Event::NotResumed(reason));
                    (None, Some(reason))
                }
            },
            None => (None, None),
        };
        Ok(AwaitServerHello { sent: send_client_hello(session, not_resumed, cx)? }.into())
    }
}

/// ClientHello has been sent.
pub(crate) struct AwaitServerHello {
    sent: SentHello,
}

impl AwaitServerHello {
    /// The server refuses the handshake that we started. The application is told if the refused handshake is
    /// a renegotiation.
    fn on_no_renegotiation(self, (): (), cx: &mut Cx<'_>) -> Result<Step, HandshakeErrorKind> {
        cx.out.open_gate(Direction::Write);
        cx.out.event(Event::RenegotiationRefused);
        Ok(Step::Leave(Chosen::Tls12(tls12::Established.into())))
    }

    fn on_server_hello(self, message: RawMessage<'_>, cx: &mut Cx<'_>) -> Result<Step, HandshakeErrorKind> {
        let offers_tls13 = self.sent.tls13.is_some();
        let form = if offers_tls13 { ServerHelloForm::of(message.body()) } else { ServerHelloForm::Tls12 };
        Ok(Step::Leave(match form {
            ServerHelloForm::Tls12 => {
                let received = Received::read(message, self.sent.offered)?;
                let Received { hello, extensions, .. } = &received;
                let is_first = !cx.connection.is_complete();
                let is_quic = cx.connection.quic.is_some();
                supported_versions::accept_tls12(hello, extensions, cx.policy, is_first, is_quic)?;
                // RFC 9846 appendix E.3: "A client that attempts to send 0-RTT data MUST fail a connection if
                // it receives a ServerHello with TLS 1.2 or older."
                if self.sent.tls13.as_ref().is_some_and(|tls13| tls13.early_data) {
                    return Err(HandshakeErrorKind::EarlyDataWithOlderVersion);
                }
                Chosen::Tls12(tls12::take_server_hello(&received, self.sent, cx)?)
            }
            ServerHelloForm::Tls13 => Chosen::Tls13(tls13::take_server_hello(message, self.sent, cx)?),
            ServerHelloForm::HelloRetryRequest => {
                Chosen::Tls13(tls13::take_hello_retry_request(message, self.sent, cx)?)
            }
        }))
    }
}
