//! The client's hello stage: from ClientHello to ServerHello (RFC 5246 sections 7.4.1.2 and 7.4.1.3), in
//! steps:
//!
//! 1. offer, with a session if there is one that the policy still accepts;
//! 2. read ServerHello once, with all its extensions;
//! 3. accept the version;
//! 4. judge the server's choice: it must be one that the client offered, and the policy must accept it;
//! 5. resume the session, or continue with a full handshake.

mod judge;
mod offer;
mod resume;

use super::{context::Cx, tls12};
use crate::{
    error::HandshakeErrorKind,
    ext::supported_versions::{self, Version},
    flight::Event,
    policy::ResumptionPolicy,
    question::{FindSession, Question},
    raw_message::RawMessage,
    session::Endpoint,
    table::{self, states, transition_table},
    trigger::FoundSession,
};
use cairn_schedule::Direction;
use judge::Received;
use offer::{SentHello, send_client_hello};
use resume::{may_offer, resume};

transition_table! {
    /// The client until it has received ServerHello.
    "client, hello" for Cx, leaving with tls12::State:
    Idle,              Start        => on_start;
    FindingSession,    SessionFound => on_session_found;
    AwaitServerHello,  NoRenegotiation => on_no_renegotiation;
    AwaitServerHello,  ServerHello  => on_server_hello;
}

states!(Idle, FindingSession, AwaitServerHello);

/// To a state of this stage, or to the stage of the chosen version.
type Step = table::Step<State, tls12::State>;

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
        Ok(AwaitServerHello { offer: send_client_hello(None, None, cx)? }.into())
    }
}

/// Starts a renegotiation, with a full handshake: a resumption would skip what the renegotiation may be for,
/// such as client authentication.
pub(super) fn renegotiate(cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
    Ok(AwaitServerHello { offer: send_client_hello(None, None, cx)? }.into())
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
        Ok(AwaitServerHello { offer: send_client_hello(session, not_resumed, cx)? }.into())
    }
}

/// ClientHello has been sent.
pub(crate) struct AwaitServerHello {
    offer: SentHello,
}

impl AwaitServerHello {
    /// The server refuses the handshake that we started. The application is told if the refused handshake is
    /// a renegotiation.
    fn on_no_renegotiation(self, (): (), cx: &mut Cx<'_>) -> Result<Step, HandshakeErrorKind> {
        cx.out.open_gate(Direction::Write);
        cx.out.event(Event::RenegotiationRefused);
        Ok(Step::Leave(tls12::Established.into()))
    }

    fn on_server_hello(self, message: RawMessage<'_>, cx: &mut Cx<'_>) -> Result<Step, HandshakeErrorKind> {
        let received = Received::read(message, self.offer.offered)?;
        let state = match supported_versions::accept(&received.hello)? {
            Version::Tls12 => {
                cx.connection.choose_tls12();
                match received.judge(self.offer, cx)? {
                    (negotiated, Some(session)) => resume(negotiated, &session, cx)?,
                    (negotiated, None) => received.full_handshake(negotiated, cx)?,
                }
            }
        };
        Ok(Step::Leave(state))
    }
}
