//! Messages after the handshake (RFC 9846 section 4.7).

use super::super::context::Cx;
use super::states::{Established, State};
use crate::error::HandshakeErrorKind;
use crate::raw_message::{self, RawMessage};
use cairn_wire::{KeyUpdateRequest, Tls13NewSessionTicket};

impl Established {
    /// Sessions of TLS 1.3 are not resumed, so a ticket has no use.
    pub(super) fn on_new_session_ticket(
        self,
        message: RawMessage<'_>,
        _cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let _: Tls13NewSessionTicket<'_> = raw_message::read(message)?;
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
