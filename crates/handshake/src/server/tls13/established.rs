//! Messages after the handshake (RFC 9846 section 4.7).

use super::super::context::Cx;
use super::states::{
    Authenticable, AwaitLaterCertificateVerify, AwaitLaterFinished, CertificateRequested, Established, State,
    VerifyingLater,
};
use crate::error::HandshakeErrorKind;
use crate::raw_message::RawMessage;
use cairn_wire::KeyUpdateRequest;

/// The states after the handshake, which can update our keys.
pub(super) trait AfterHandshake: Into<State> {
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
impl AfterHandshake for CertificateRequested {}
impl AfterHandshake for VerifyingLater {}
impl AfterHandshake for AwaitLaterCertificateVerify {}
impl AfterHandshake for AwaitLaterFinished {}

/// Those of them between the client's flights.
pub(super) trait BetweenFlights: Into<State> {
    fn on_key_update(self, message: RawMessage<'_>, cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        cx.connection.receive_key_update(message, &cx.policy.limits, &mut cx.out)?;
        Ok(self.into())
    }
}

impl BetweenFlights for Established {}
impl BetweenFlights for Authenticable {}
impl BetweenFlights for CertificateRequested {}
