//! Messages after the handshake (RFC 9846 section 4.7).

use super::super::context::Cx;
use super::states::{Authenticable, ChoosingLaterCredential, Established, Requests, SigningLater, State};
use crate::error::HandshakeErrorKind;
use crate::raw_message::{self, RawMessage};
use crate::tls13::post_handshake::MainHandshake;
use alloc::boxed::Box;
use alloc::vec::Vec;
use cairn_wire::{KeyUpdateRequest, Tls13NewSessionTicket};

/// The handshake is complete. `main` is what a later authentication needs of it.
pub(super) fn established(main: Option<MainHandshake>) -> State {
    match main {
        Some(main) => Authenticable { requests: Box::new(Requests { main, contexts: Vec::new() }) }.into(),
        None => Established.into(),
    }
}

/// The states after the handshake. They have what every connection has then.
pub(super) trait AfterHandshake: Into<State> {
    /// Sessions of TLS 1.3 are not resumed, so a ticket has no use.
    fn on_new_session_ticket(
        self,
        message: RawMessage<'_>,
        _cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let _: Tls13NewSessionTicket<'_> = raw_message::read(message)?;
        Ok(self.into())
    }

    fn on_key_update(self, message: RawMessage<'_>, cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        cx.connection.receive_key_update(message, &cx.policy.limits, &mut cx.out)?;
        Ok(self.into())
    }

    fn on_update_keys(
        self,
        request_update: KeyUpdateRequest,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        cx.connection.send_key_update(request_update, &mut cx.out)?;
        Ok(self.into())
    }
}

impl AfterHandshake for Established {}
impl AfterHandshake for Authenticable {}
impl AfterHandshake for ChoosingLaterCredential {}
impl AfterHandshake for SigningLater {}
