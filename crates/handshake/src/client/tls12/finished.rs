//! The end of the handshake, and what follows it: NewSessionTicket, ChangeCipherSpec, Finished, renegotiation
//! (RFC 5246 sections 7.1, 7.4.1.1 and 7.4.9, RFC 5077 section 3.3).
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::super::context::Cx;
use super::states::{
    AwaitChangeCipherSpec, AwaitFinished, AwaitNewSessionTicket, Established, StartRenegotiation, State,
};
use crate::error::HandshakeErrorKind;
use crate::policy::Renegotiation;
use crate::raw_message::{self, RawMessage};
use crate::session::Tls12Ticket;
use crate::table::Step;
use crate::tls12::negotiated::SessionStorage;
use crate::tls12::secured::{Case, Either, Pending, Secured};
use cairn_wire::{NewSessionTicket, SessionId};
use core::time::Duration;

/// NewSessionTicket comes if and only if ServerHello announced it (RFC 5077 section 3.3).
pub(crate) fn await_finished(secured: Secured<Pending, Either>) -> State {
    match secured.negotiated.storage {
        SessionStorage::AwaitTicket { room } => AwaitNewSessionTicket { secured, room }.into(),
        _ => AwaitChangeCipherSpec { secured }.into(),
    }
}

impl AwaitNewSessionTicket {
    pub(super) fn on_new_session_ticket(
        mut self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let new: NewSessionTicket<'_> = raw_message::read(message)?;
        let negotiated = &mut *self.secured.negotiated;
        negotiated.transcript.add(message.bytes)?;
        negotiated.storage = if new.ticket.len() > self.room || !negotiated.extended_master_secret {
            // Either no later hello has room for this ticket, and the session ID beside a ticket must not be
            // used (RFC 5077 section 3.4). Or the session must not be resumed (RFC 7627 section 5.3).
            SessionStorage::NotStored
        } else if new.ticket.is_empty() && negotiated.common.resumption.is_resumed() {
            // It is in the store already.
            SessionStorage::NotStored
        } else if new.ticket.is_empty() {
            // "If the server determines that it does not want to include a ticket after it has included the
            // SessionTicket extension in the ServerHello, then it sends a zero-length ticket" (RFC 5077
            // section 3.3).
            SessionStorage::by_id(&negotiated.session_id)
        } else {
            // A resumed session is stored again with its new ticket.
            let hint = u64::from(new.ticket_lifetime_hint);
            let expires = (hint > 0).then(|| cx.connection.now.saturating_add(Duration::from_secs(hint)));
            let mut own_id = [0; SessionId::MAX];
            cx.policy.provider.random.fill(&mut own_id)?;
            SessionStorage::WithTicket(Tls12Ticket {
                ticket: new.ticket.to_vec(),
                session_id: SessionId::new(&own_id)?,
                expires,
            })
        };
        Ok(AwaitChangeCipherSpec { secured: self.secured }.into())
    }
}

impl AwaitChangeCipherSpec {
    pub(super) fn on_change_cipher_spec(self, (): (), cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        Ok(AwaitFinished { secured: self.secured.change_read_keys(&mut cx.out) }.into())
    }
}

impl AwaitFinished {
    pub(super) fn on_finished(
        self,
        message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let policy = cx.policy;
        let secured = match self.secured.check_finished(message)?.ours() {
            // In an abbreviated handshake the server sends Finished first (RFC 5246 section 7.3, figure 2).
            Case::Pending(secured) => secured.send_finished(&policy.floor, &mut cx.out)?,
            Case::Confirmed(secured) => secured,
        };
        if let Some(connection) = cx.connection.tls12_mut() {
            connection.session_in_use = secured.negotiated.name();
        }
        secured.complete(&mut cx.out, cx.connection, &policy.provider, policy.tls12.renegotiation)?;
        Ok(Established.into())
    }
}

impl Established {
    /// The server requests a renegotiation (RFC 5246 section 7.4.1.1). The message is empty, which is checked
    /// when it is classified.
    pub(super) fn on_hello_request(
        self,
        _message: RawMessage<'_>,
        cx: &mut Cx<'_>,
    ) -> Result<Step<State, StartRenegotiation>, HandshakeErrorKind> {
        let limits = &cx.policy.tls12.renegotiation_limits;
        let willing = cx.policy.tls12.renegotiation == Renegotiation::Allowed
            && cx.connection.check_renegotiation(limits.max_renegotiations).is_ok();
        if willing {
            return self.on_renegotiate((), cx);
        }
        cx.connection.refuse_renegotiation(limits.max_hello_requests, &mut cx.out)?;
        Ok(Step::Stay(self.into()))
    }

    pub(super) fn on_renegotiate(
        self,
        (): (),
        cx: &mut Cx<'_>,
    ) -> Result<Step<State, StartRenegotiation>, HandshakeErrorKind> {
        if let Some(connection) = cx.connection.tls12_mut() {
            connection.renegotiations.start();
        }
        Ok(Step::Leave(StartRenegotiation))
    }
}
