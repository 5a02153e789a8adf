//! Messages after the handshake (RFC 9846 section 4.7).

use super::super::context::Cx;
use super::states::{Established, State};
use crate::error::HandshakeErrorKind;
use crate::flight::Event;
use crate::raw_message::RawMessage;
use alloc::sync::Arc;
use cairn_wire::KeyUpdateRequest;

impl Established {
    /// Stores a session for the ticket.
    pub(super) fn on_new_session_ticket(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        if let Some(session) = cx.connection.receive_ticket(message)? {
            cx.out.event(Event::SaveSession(Arc::new(session)));
        }
        Ok(self.into())
    }

    pub(super) fn on_key_update(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        cx.connection.receive_key_update(message, &cx.policy.limits, &mut cx.out)?;
        Ok(self.into())
    }

    pub(super) fn on_update_keys(
        self,
        request_update: KeyUpdateRequest,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        cx.connection.send_key_update(request_update, &mut cx.out)?;
        Ok(self.into())
    }
}
