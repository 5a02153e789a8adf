//! Tickets: NewSessionTicket (RFC 9846 section 4.7.1, RFC 9149).
//!
//! They follow the client's Finished. A session is stored under a random key, or is inside its ticket.

use super::super::context::Cx;
use super::requests::{Fingerprint, Requests};
use super::states::{Authenticable, Established, Issuing, SealingTicket, State};
use super::ticket_plan::TicketPlan;
use crate::error::HandshakeErrorKind;
use crate::flight::Event;
use crate::input::NewTicket;
use crate::out::NoTranscript;
use crate::policy::ResumptionPolicy;
use crate::quic::{MAX_EARLY_DATA, Quic};
use crate::session::{Session, SessionState, Tls13Reference, Tls13Session};
use crate::time::UnixTime;
use crate::tls13::negotiated::Tls13Negotiated;
use crate::tls13::secrets::{ApplicationSecrets, FinalSecrets};
use alloc::boxed::Box;
use alloc::sync::Arc;
use cairn_wire::{Extensions, NewSessionTicketExtension, SessionId, Tls13NewSessionTicket};
use core::time::Duration;

/// The client's Finished is in the transcript: sends the tickets, and completes the handshake.
pub(super) fn issue(
    negotiated: Tls13Negotiated,
    secrets: ApplicationSecrets,
    plan: TicketPlan,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    match cx.policy.resumption {
        Some(policy) if plan.count > 0 && lifetime(&negotiated, &policy, cx.connection.now) > 0 => {
            let (secrets, resumption) = secrets.with_resumption(&negotiated)?;
            let issuing = Issuing { negotiated, secrets, resumption, count: plan.count, sent: 0 };
            next(Box::new(issuing), &policy, cx)
        }
        _ => complete(negotiated, secrets.without_resumption(), cx),
    }
}

fn complete(
    negotiated: Tls13Negotiated,
    secrets: FinalSecrets,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    // Steps that can fail come before the event that the handshake is complete.
    let client = negotiated.common.peer_chain.as_ref().filter(|_| negotiated.post_handshake_auth);
    let fingerprint = |chain: &Arc<_>| Fingerprint::of(chain, negotiated.suite, &cx.policy.provider);
    let client = client.map(fingerprint).transpose()?;
    let (connection, main) = secrets.complete(negotiated, None, &mut cx.out);
    cx.connection.complete_tls13(connection);
    let Some(main) = main else { return Ok(Established.into()) };
    let requests = Requests::new(main, client);
    Ok(Authenticable { requests }.into())
}

/// The lifetime of a ticket in seconds. It ends with the session's: the time of authentication is that of the
/// full handshake, however often the session is resumed.
fn lifetime(negotiated: &Tls13Negotiated, policy: &ResumptionPolicy, now: UnixTime) -> u32 {
    let common = &negotiated.common;
    let age = now.checked_secs_since(common.authenticated_at).and_then(|age| u32::try_from(age).ok());
    let left = policy.lifetime.saturating_sub(age.unwrap_or(u32::MAX));
    // The last second of the certificates is included.
    let valid = common
        .not_after
        .map_or(u64::MAX, |last| last.checked_secs_since(now).map_or(0, |seconds| seconds.saturating_add(1)));
    left.min(Tls13Session::MAX_LIFETIME).min(u32::try_from(valid).unwrap_or(u32::MAX))
}

/// Sends the next ticket, or asks for it.
fn next(
    mut issuing: Box<Issuing>,
    policy: &ResumptionPolicy,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    while issuing.sent < issuing.count {
        if policy.tickets {
            let session = Box::new(issuing.session(Tls13Reference::InTicket, policy, cx)?);
            return Ok(SealingTicket { issuing, session }.into());
        }
        let mut id = [0; SessionId::MAX];
        cx.policy.provider.random.fill(&mut id)?;
        let session = issuing.session(Tls13Reference::Stored(SessionId::new(&id)?), policy, cx)?;
        issuing.send(&session, &id, cx)?;
        cx.out.event(Event::SaveSession(Arc::new(session)));
    }
    let Issuing { negotiated, secrets, .. } = *issuing;
    complete(negotiated, secrets, cx)
}

impl Issuing {
    /// The session of the next ticket.
    fn session(
        &self,
        reference: Tls13Reference,
        policy: &ResumptionPolicy,
        cx: &Cx<'_>,
    ) -> Result<Session, HandshakeErrorKind> {
        let now = cx.connection.now;
        // "The server MUST generate a fresh value for each ticket it sends."
        let mut age_add = [0; 4];
        cx.policy.provider.random.fill(&mut age_add)?;
        let psk = self.resumption.psk(&[self.sent])?.into_secret();
        let lifetime = lifetime(&self.negotiated, policy, now);
        let quic = cx.connection.quic.as_deref();
        Ok(self.negotiated.session(Tls13Session {
            reference,
            suite: self.negotiated.suite,
            psk,
            issued_at: now,
            expires: now.saturating_add(Duration::from_secs(lifetime.into())),
            age_add: u32::from_be_bytes(age_add),
            max_early_data: match (cx.policy.tls13.early_data, quic) {
                (None, _) => 0,
                (Some(early), Some(_)) if early.max_bytes > 0 => MAX_EARLY_DATA,
                (Some(early), _) => early.max_bytes,
            },
            quic: quic.map(Quic::server_session),
        }))
    }

    fn send(&mut self, session: &Session, ticket: &[u8], cx: &mut Cx<'_>) -> Result<(), HandshakeErrorKind> {
        let SessionState::Tls13(tls13) = &session.state else { return Ok(()) };
        let lifetime = tls13.expires.checked_secs_since(tls13.issued_at);
        let early_data = Some(tls13.max_early_data).filter(|size| *size > 0);
        let early_data = early_data.map(NewSessionTicketExtension::EarlyData);
        cx.out.send(
            &mut NoTranscript,
            &Tls13NewSessionTicket {
                ticket_lifetime: lifetime.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or_default(),
                ticket_age_add: tls13.age_add,
                // "A per-ticket value that is unique across all tickets issued on this connection."
                ticket_nonce: &[self.sent],
                ticket,
                extensions: Extensions::from_items(early_data.as_slice()),
            },
        )?;
        self.sent = self.sent.saturating_add(1);
        Ok(())
    }
}

/// The maximum length of a ticket in bytes.
const MAX_TICKET: usize = 0xffff;

impl SealingTicket {
    pub(super) fn on_ticket_sealed(
        self,
        sealed: Option<NewTicket>,
        cx: &mut Cx<'_>,
    ) -> Result<State, HandshakeErrorKind> {
        let Self { mut issuing, session } = self;
        let sealed = sealed.filter(|new| (1..=MAX_TICKET).contains(&new.ticket.len()));
        match (sealed, cx.policy.resumption) {
            (Some(new), Some(policy)) => {
                issuing.send(&session, &new.ticket, cx)?;
                next(issuing, &policy, cx)
            }
            // There is no ticket now, so there is none after it.
            _ => {
                let Issuing { negotiated, secrets, .. } = *issuing;
                complete(negotiated, secrets, cx)
            }
        }
    }
}
