//! From ClientHello to ServerHello in TLS 1.2 (RFC 5246 sections 7.4.1.2 and 7.4.1.3), in steps:
//!
//! 1. judge the hello: all that the policy demands of it;
//! 2. resume a session, or negotiate in a full handshake.

pub(super) mod judge;
mod negotiate;
mod resume;
mod server_hello;

use super::states::{ChoosingCredential, FindingSession, State};
use crate::{
    credential::Credential,
    error::HandshakeErrorKind,
    ext::ClientExtensions,
    flight::Event,
    raw_message::RawMessage,
    resumption::NotResumed,
    server::{context::Cx, offer::Offer},
    trigger::FoundSession,
};
use alloc::{boxed::Box, sync::Arc};
use cairn_wire::ClientHello;
use judge::Hello;
use negotiate::negotiate;
use resume::{may_resume, resume};

/// Takes a ClientHello for which TLS 1.2 is chosen. Only the first handshake of a connection can resume a
/// session, because a resumption would skip the purpose of a renegotiation, such as client authentication.
pub(crate) fn take_client_hello(
    message: RawMessage<'_>,
    hello: &ClientHello<'_>,
    extensions: &ClientExtensions<'_>,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    cx.connection.choose_tls12();
    let hello = Hello::judge(message, hello, extensions, cx.policy, cx.connection)?;
    match cx.policy.resumption {
        Some(policy) if hello.asks_for_resumption() && !cx.connection.is_complete() => {
            Ok(FindingSession { hello, policy }.into())
        }
        _ => full_handshake(hello, cx),
    }
}

impl FindingSession {
    pub(crate) fn on_session_found(
        self,
        found: FoundSession,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let FoundSession { session, renew } = found;
        let mut hello = self.hello;
        let judged = match session.as_deref() {
            Some(session) => may_resume(&hello, session, &self.policy, cx).map(|tls12| (session, tls12)),
            None => Err(NotResumed::NotFound),
        };
        match judged {
            Ok(session) => resume(hello, session, renew, cx),
            Err(reason) => {
                cx.out.event(Event::NotResumed(reason));
                hello.not_resumed = Some(reason);
                full_handshake(hello, cx)
            }
        }
    }
}

/// Asks for a credential if the handshake needs one, and negotiates.
fn full_handshake(hello: Box<Hello>, cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
    let offer = Offer::new(cx.policy, &hello.lists);
    offer.check_full_handshake()?;
    if offer.wants_credential() {
        Ok(ChoosingCredential { hello, offer: Box::new(offer) }.into())
    } else {
        negotiate(hello, &offer, None, cx)
    }
}

impl ChoosingCredential {
    pub(crate) fn on_credential_chosen(
        self,
        chosen: Option<Arc<Credential>>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        negotiate(self.hello, &self.offer, chosen, cx)
    }
}
