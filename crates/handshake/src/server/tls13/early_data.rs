//! Early data (RFC 9846 sections 2.3, 4.3.10 and 4.6): whether it is accepted, and its end.
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::super::context::Cx;
use super::judged::{Hello, SelectedPsk};
use super::states::{AwaitEndOfEarlyData, AwaitFinished, State};
use crate::error::HandshakeErrorKind;
use crate::policy::{EarlyDataPolicy, ServerPolicy};
use crate::quic::Quic;
use crate::raw_message::{self, RawMessage};
use crate::session::{Session, Tls13Session};
use crate::time::UnixTime;
use cairn_schedule::Direction;
use cairn_wire::EndOfEarlyData;

/// The maximum early data that may be accepted with this PSK, in bytes; `None` if none may.
///
/// RFC 9846 section 4.3.10: "In order to accept early data, the server MUST have selected the first key
/// offered in the client's "pre_shared_key" extension. In addition, it MUST verify that the following values
/// are the same as those associated with the selected PSK: The selected TLS version number; The selected
/// cipher suite; The selected ALPN protocol, if any".
pub(super) fn acceptable(
    hello: &Hello,
    psk: &SelectedPsk,
    session: &Session,
    quic: Option<&Quic>,
    policy: &ServerPolicy,
    now: UnixTime,
) -> Option<u32> {
    let (early, tls13) = (policy.tls13.early_data?, session.tls13()?);
    // There is none after HelloRetryRequest.
    let is_offered = hello.early_data && hello.retry.is_none() && psk.index == 0;
    let is_same = hello.suite == tls13.suite && hello.alpn == session.alpn;
    let has_same_settings = quic.is_none_or(|quic| quic.accepts_early_data_of(tls13));
    let max_bytes = tls13.max_early_data.min(early.max_bytes);
    (is_offered && is_same && has_same_settings && max_bytes > 0 && is_fresh(psk, tls13, early, now))
        .then_some(max_bytes)
}

/// Whether the client has sent its hello just now, as far as its clock and its ticket tell. "a server MUST
/// validate that the ticket age for the selected PSK identity [...] is within a small tolerance of the time
/// since the ticket was issued".
///
/// The times of arrival are compared (section 8.3), so that a hello is fresh for two windows at most, even if
/// the clock has gone back since the ticket was issued or was that of another server.
fn is_fresh(psk: &SelectedPsk, session: &Tls13Session, early: EarlyDataPolicy, now: UnixTime) -> bool {
    let stated = u64::from(psk.obfuscated_age.wrapping_sub(session.age_add));
    let expected = session.issued_at.as_millis().saturating_add(stated);
    expected.abs_diff(now.as_millis()) <= u64::from(early.window)
}

impl AwaitEndOfEarlyData {
    /// The client's handshake messages follow, under their own keys.
    pub(super) fn on_end_of_early_data(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let mut answered = self.answered;
        let EndOfEarlyData = raw_message::read(message)?;
        answered.negotiated.transcript.add(message.bytes)?;
        answered.secrets.end_early_data(Direction::Read, &answered.negotiated, &mut cx.out)?;
        answered.negotiated.limit_records(Direction::Read, &mut cx.out);
        Ok(AwaitFinished { answered }.into())
    }
}
