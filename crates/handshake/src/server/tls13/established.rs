//! Messages after the handshake (RFC 9846 section 4.7).

use super::super::context::Cx;
use super::states::{Established, State};
use crate::error::HandshakeErrorKind;
use crate::raw_message::RawMessage;
use cairn_wire::KeyUpdateRequest;

impl Established {
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
