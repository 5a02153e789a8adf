//! The end of the handshake, and what follows it: ChangeCipherSpec, Finished, NewSessionTicket, renegotiation
//! (RFC 5246 sections 7.1, 7.4.1.1 and 7.4.9, RFC 5077 section 3.3).
#![allow(clippy::needless_pass_by_value, reason = "a table's action takes its input as the trigger holds it")]

use super::super::context::Cx;
use super::states::{
    AwaitChangeCipherSpec, AwaitFinished, Established, RenegotiationRequested, SealingTicket,
    StartRenegotiation, State,
};
use crate::error::HandshakeErrorKind;
use crate::flight::Event;
use crate::input::NewTicket;
use crate::policy::Renegotiation;
use crate::raw_message::{self, RawMessage};
use crate::resumption::Resumption;
use crate::table::Step;
use crate::tls12::secured::{Case, Confirmed, Either, Pending, Secured};
use alloc::boxed::Box;
use cairn_wire::{ClientHello, NewSessionTicket};

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
        let secured = match self.secured.check_finished(message)?.ours() {
            // In a full handshake the client sends Finished first (RFC 5246 section 7.3, figure 1).
            Case::Pending(secured) if secured.negotiated.storage.is_ticket_announced() => {
                return Ok(SealingTicket::start(secured.after_theirs()));
            }
            Case::Pending(secured) => secured.send_finished(&cx.policy.floor, &mut cx.out)?,
            Case::Confirmed(secured) => secured,
        };
        // From here on a fatal alert invalidates the session: the client has proved that it has the keys, so
        // no third party can invalidate it. The ID beside a ticket is chosen by the client and names no
        // session of ours (RFC 5077 section 3.4).
        if secured.negotiated.common.resumption != Resumption::ByTicket
            && let Some(connection) = cx.connection.tls12_mut()
        {
            connection.session_in_use = secured.negotiated.session_id;
        }
        Established::after(secured, cx)
    }
}

/// The maximum length of a ticket in bytes (RFC 5077 section 3.3).
const MAX_TICKET: usize = 0xffff;

impl SealingTicket {
    pub(crate) fn start(secured: Secured<Either, Pending>) -> State {
        let session = Box::new(secured.session());
        Self { secured, session }.into()
    }

    pub(super) fn on_ticket_sealed(
        mut self,
        sealed: Option<NewTicket>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        // An announced ticket must be sent; an empty one means that there is none (RFC 5077 section 3.3). A
        // ticket that is too long for the message is replaced with an empty one.
        let sealed = sealed.filter(|new| new.ticket.len() <= MAX_TICKET);
        let (ticket, ticket_lifetime_hint) =
            sealed.as_ref().map_or((&[][..], 0), |new| (new.ticket.as_slice(), new.lifetime_hint));
        let message = NewSessionTicket { ticket_lifetime_hint, ticket };
        cx.out.send(&mut self.secured.negotiated.transcript, &message)?;
        let secured = self.secured.send_finished(&cx.policy.floor, &mut cx.out)?;
        match secured.theirs() {
            Case::Pending(secured) => Ok(AwaitChangeCipherSpec { secured: secured.after_ours() }.into()),
            Case::Confirmed(secured) => Established::after(secured, cx),
        }
    }
}

impl Established {
    pub(super) fn after(
        secured: Secured<Confirmed, Confirmed>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let policy = cx.policy;
        secured.complete(&mut cx.out, cx.connection, &policy.provider, policy.tls12.renegotiation)?;
        Ok(Self.into())
    }

    /// Sends HelloRequest (RFC 5246 section 7.4.1.1).
    pub(super) fn on_renegotiate(self, (): (), cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        cx.out.send_hello_request()?;
        Ok(RenegotiationRequested.into())
    }

    /// The client starts a renegotiation (RFC 5246 section 7.4.1.2).
    pub(super) fn on_client_hello<'a>(
        self,
        message: RawMessage<'a>,
        cx: &mut Cx<'_>,
    ) -> Result<Step<State, StartRenegotiation<'a>>, HandshakeErrorKind> {
        let wanted = cx.policy.tls12.renegotiation == Renegotiation::Allowed;
        if wanted && may_renegotiate(cx) {
            return Ok(Step::Leave(StartRenegotiation { message, state: "Established" }));
        }
        refuse_renegotiation(message, cx)?;
        Ok(Step::Stay(self.into()))
    }
}

impl RenegotiationRequested {
    /// Sends no second HelloRequest: "After sending a HelloRequest, servers SHOULD NOT repeat the request
    /// until the subsequent handshake negotiation is complete" (RFC 5246 section 7.4.1.1).
    pub(super) fn on_renegotiate(self, (): (), _cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        Ok(self.into())
    }

    /// The client refuses a renegotiation. If the policy requires its certificate, the connection ends (RFC
    /// 5246 section 7.2.2: the requester decides whether to proceed).
    pub(super) fn on_no_renegotiation(self, (): (), cx: &mut Cx<'_>) -> Result<State, HandshakeErrorKind> {
        if cx.connection.tls12().is_some_and(|connection| connection.renegotiations.demands_certificate) {
            return Err(HandshakeErrorKind::RenegotiationRefused);
        }
        cx.out.event(Event::RenegotiationRefused);
        Ok(Established.into())
    }

    /// The client responds to HelloRequest (RFC 5246 section 7.4.1.2).
    pub(super) fn on_client_hello<'a>(
        self,
        message: RawMessage<'a>,
        cx: &mut Cx<'_>,
    ) -> Result<Step<State, StartRenegotiation<'a>>, HandshakeErrorKind> {
        let wanted = cx.policy.tls12.renegotiation != Renegotiation::Never;
        if wanted && may_renegotiate(cx) {
            return Ok(Step::Leave(StartRenegotiation { message, state: "RenegotiationRequested" }));
        }
        refuse_renegotiation(message, cx)?;
        Ok(Step::Stay(self.into()))
    }
}

/// Counts the renegotiation if it is possible.
pub(super) fn may_renegotiate(cx: &mut Cx<'_>) -> bool {
    let limit = cx.policy.tls12.renegotiation_limits.max_renegotiations;
    cx.connection.start_renegotiation(limit).is_ok()
}

/// The content of the hello is ignored, but it must be well-formed.
pub(super) fn refuse_renegotiation(
    message: RawMessage<'_>,
    cx: &mut Cx<'_>,
) -> Result<(), HandshakeErrorKind> {
    let _checked: ClientHello<'_> = raw_message::read(message)?;
    let limit = cx.policy.tls12.renegotiation_limits.max_hello_requests;
    cx.connection.refuse_renegotiation(limit, &mut cx.out)
}
