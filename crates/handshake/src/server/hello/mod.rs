//! The server's hello stage: from ClientHello to ServerHello (RFC 5246 sections 7.4.1.2 and 7.4.1.3), in
//! steps:
//!
//! 1. read the hello once, with all its extensions;
//! 2. choose the version;
//! 3. judge the hello: all that the policy demands of it;
//! 4. resume a session, or negotiate in a full handshake.

mod judge;
mod negotiate;
mod resume;
mod server_hello;

use super::{context::Cx, offer::Offer, tls12};
use crate::{
    credential::Credential,
    error::HandshakeErrorKind,
    ext::{
        ClientExtensions,
        supported_versions::{self, Version},
    },
    flight::Event,
    policy::ResumptionPolicy,
    question::{ChooseConfiguration, ChooseServerCredential, FindSession, Question},
    raw_message::{self, RawMessage},
    resumption::NotResumed,
    table::{self, states, transition_table},
    trigger::FoundSession,
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_wire::{ClientHello, HandshakeType};
use judge::Hello;
use negotiate::negotiate;
use resume::{may_resume, resume};

transition_table! {
    /// The server until it sends ServerHello.
    "server, hello" for Cx, leaving with tls12::State:
    Idle,                Start            => on_start;
    AwaitClientHello,    ClientHello      => on_client_hello;
    ChoosingConfiguration, Configured     => on_configured;
    FindingSession,      SessionFound     => on_session_found;
    ChoosingCredential,  CredentialChosen => on_credential_chosen;
}

states!(Idle, AwaitClientHello, ChoosingConfiguration, FindingSession, ChoosingCredential);

/// To a state of this stage, or to the stage of the chosen version.
type Step = table::Step<State, tls12::State>;

impl State {
    pub(super) fn question(&self) -> Option<Question<'_>> {
        Some(match self {
            Self::ChoosingConfiguration(state) => {
                Question::ChooseConfiguration(ChooseConfiguration { client_hello: &state.message })
            }
            Self::FindingSession(state) => Question::FindSession(match state.hello.ticket.as_deref() {
                Some(ticket) if !ticket.is_empty() => FindSession::ByTicket { ticket },
                _ => FindSession::ById { session_id: &state.hello.session_id },
            }),
            Self::ChoosingCredential(state) => Question::ChooseServerCredential(ChooseServerCredential {
                client_hello: state.hello.transcript.messages().ok()?,
                server_name: state.hello.server_name.as_deref(),
                offer: &state.offer,
            }),
            Self::Idle(_) | Self::AwaitClientHello(_) => return None,
        })
    }
}

/// Not started.
pub(crate) struct Idle;

impl Idle {
    fn on_start(self, (): (), _cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        Ok(AwaitClientHello.into())
    }
}

pub(crate) struct AwaitClientHello;

impl AwaitClientHello {
    fn on_client_hello(self, message: RawMessage<'_>, cx: &mut Cx<'_>) -> Result<Step, HandshakeErrorKind> {
        if cx.policy.ask_for_configuration && !cx.connection.is_complete() {
            let _valid: ClientHello<'_> = raw_message::read(message)?;
            let message = message.bytes.to_vec();
            return Ok(Step::Stay(ChoosingConfiguration { message }.into()));
        }
        take_client_hello(message, cx)
    }
}

/// The client starts a renegotiation with this ClientHello.
pub(super) fn renegotiate(message: RawMessage<'_>, cx: &mut Cx<'_>) -> Result<Step, HandshakeErrorKind> {
    AwaitClientHello.on_client_hello(message, cx)
}

/// Asks for the policy before the hello is judged.
pub(crate) struct ChoosingConfiguration {
    /// The ClientHello, header included.
    message: Vec<u8>,
}

impl ChoosingConfiguration {
    fn on_configured(self, (): (), cx: &mut Cx<'_>) -> Result<Step, HandshakeErrorKind> {
        let message = RawMessage { msg_type: HandshakeType::CLIENT_HELLO, bytes: &self.message };
        take_client_hello(message, cx)
    }
}

/// Takes a ClientHello under the policy in force. Only the first handshake of a connection can resume a
/// session, because a renegotiation is for what a resumption would skip.
fn take_client_hello(message: RawMessage<'_>, cx: &mut Cx<'_>) -> Result<Step, HandshakeErrorKind> {
    let (hello, extensions) = ClientExtensions::read(message)?;
    match supported_versions::choose(&hello, &extensions)? {
        Version::Tls12 => {
            cx.connection.choose_tls12();
            let hello = Hello::judge(message, &hello, &extensions, cx.policy, cx.connection)?;
            match cx.policy.resumption {
                Some(policy) if hello.asks_for_resumption() && !cx.connection.is_complete() => {
                    Ok(Step::Stay(FindingSession { hello, policy }.into()))
                }
                _ => full_handshake(hello, cx),
            }
        }
    }
}

/// Asks for the session of the client's session ID or ticket.
pub(crate) struct FindingSession {
    hello: Box<Hello>,
    policy: ResumptionPolicy,
}

impl FindingSession {
    fn on_session_found(self, found: FoundSession, cx: &mut Cx<'_>) -> Result<Step, HandshakeErrorKind> {
        let FoundSession { session, renew } = found;
        let mut hello = self.hello;
        let judged = match session {
            Some(session) => may_resume(&hello, &session, &self.policy, cx).map(|()| session),
            None => Err(NotResumed::NotFound),
        };
        match judged {
            Ok(session) => resume(hello, &session, renew, cx).map(Step::Leave),
            Err(reason) => {
                cx.out.event(Event::NotResumed(reason));
                hello.not_resumed = Some(reason);
                full_handshake(hello, cx)
            }
        }
    }
}

/// Asks for a credential if the handshake needs one, and negotiates.
fn full_handshake(hello: Box<Hello>, cx: &mut Cx<'_>) -> Result<Step, HandshakeErrorKind> {
    let offer = Offer::new(cx.policy, &hello.lists);
    offer.check_full_handshake()?;
    if offer.wants_credential() {
        Ok(Step::Stay(ChoosingCredential { hello, offer: Box::new(offer) }.into()))
    } else {
        negotiate(hello, &offer, None, cx).map(Step::Leave)
    }
}

/// Asks for the credential for this client.
pub(crate) struct ChoosingCredential {
    hello: Box<Hello>,
    offer: Box<Offer>,
}

impl ChoosingCredential {
    fn on_credential_chosen(
        self,
        chosen: Option<Arc<Credential>>,
        cx: &mut Cx<'_>,
    ) -> Result<Step, HandshakeErrorKind> {
        negotiate(self.hello, &self.offer, chosen, cx).map(Step::Leave)
    }
}
