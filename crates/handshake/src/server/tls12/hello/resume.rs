//! The resumption of a session: whether it may be resumed, and ServerHello if so (RFC 5246 section 7.3,
//! figure 2).

use super::{
    judge::Hello,
    server_hello::{Responses, SessionChoice, send_server_hello},
};
use crate::{
    error::HandshakeErrorKind,
    kx::KeyExchange,
    policy::ResumptionPolicy,
    resumption::{NotResumed, Resumption, unless},
    server::{
        context::Cx,
        resume,
        tls12::states::{AwaitChangeCipherSpec, SealingTicket, State},
    },
    session::{Session, Tls12Reference, Tls12Session},
    tls12::{negotiated::SessionStorage, secured::Secured},
};
use alloc::boxed::Box;
use cairn_schedule::Side;

/// The part of the session for TLS 1.2 if the session can be resumed, and if not, why; a full handshake
/// follows then. [`resume`] checks that the client still offers the extended master secret, because its
/// absence ends the handshake.
pub(super) fn may_resume<'a>(
    hello: &Hello,
    session: &'a Session,
    resumption: &ResumptionPolicy,
    cx: &Cx<'_>,
) -> Result<&'a Tls12Session, NotResumed> {
    let policy = cx.policy;
    let tls12 = session.tls12().ok_or(NotResumed::OtherVersion)?;
    unless(session.side.side() == Side::Server, NotResumed::OtherSide)?;
    // "If a ticket is presented by the client, the server MUST NOT attempt to use the Session ID in the
    // ClientHello for stateful session resumption" (RFC 5077 section 3.4). Without one, the server looks "in
    // its session cache for a match" (RFC 5246 section 7.4.1.3).
    let is_named = match &tls12.reference {
        Tls12Reference::SessionId(id) => !hello.presents_ticket() && *id == hello.session_id,
        Tls12Reference::InTicket => hello.presents_ticket(),
        Tls12Reference::Ticket(_) => false,
    };
    unless(is_named, NotResumed::OtherId)?;
    resume::check(session, hello.server_name.as_ref(), resumption, cx.connection.now, policy)?;
    // "If the original session did not use the "extended_master_secret" extension but the new ClientHello
    // contains the extension, then the server MUST NOT perform the abbreviated handshake. Instead, it SHOULD
    // continue with a full handshake". If neither uses it, "the server SHOULD abort the handshake" rather
    // than resume (RFC 7627 section 5.3): a full handshake follows too, if the policy accepts one without it.
    unless(tls12.extended_master_secret, NotResumed::NoExtendedMasterSecret)?;
    // "If a session is resumed, it must be resumed using the same cipher suite it was originally negotiated
    // with" (RFC 5246 section 7.4.1.3), so the client must offer it, and the policy must permit it.
    unless(hello.lists.has(tls12.suite), NotResumed::Suite)?;
    // "Implementations SHOULD retain the current session state across all rehandshakes for that session" (RFC
    // 7366 section 3.1), which is impossible if the client does not offer encrypt-then-MAC.
    unless(hello.encrypt_then_mac || !tls12.protection.is_encrypt_then_mac(), NotResumed::EncryptThenMac)?;
    // "The negotiated length applies for the duration of the session including session resumptions" (RFC 6066
    // section 4). If the client requests another length now, only a full handshake can negotiate it.
    let same_length = tls12.max_fragment_length == hello.max_fragment_length;
    unless(same_length, NotResumed::MaxFragmentLength)?;
    Ok(tls12)
}

/// Resumes a session: sends ServerHello, and Finished unless a new ticket precedes it.
pub(super) fn resume(
    hello: Box<Hello>,
    (session, tls12): (&Session, &Tls12Session),
    renew: bool,
    cx: &mut Cx<'_>,
) -> Result<State, HandshakeErrorKind> {
    // "If the original session used the "extended_master_secret" extension but the new ClientHello does not
    // contain it, the server MUST abort the abbreviated handshake" (RFC 7627 section 5.3): an attacker may
    // have removed it.
    if tls12.extended_master_secret && !hello.extended_master_secret {
        return Err(HandshakeErrorKind::ResumedWithOtherMasterSecretRule);
    }
    // A resumed session stays where it is, unless its ticket is replaced (RFC 5077 section 3.3).
    let give_ticket = renew && hello.ticket.is_some();
    let storage = if give_ticket { SessionStorage::InTicket } else { SessionStorage::NotStored };
    // "If the server accepts the ticket and the Session ID is not empty, then it MUST respond with the same
    // Session ID present in the ClientHello" (RFC 5077 section 3.4), as for a session ID that it knows.
    let session_id = hello.session_id;
    let resumption = if hello.presents_ticket() { Resumption::ByTicket } else { Resumption::ById };
    let suite = tls12.suite;
    let kx = KeyExchange::of(suite).ok_or(HandshakeErrorKind::NotInProvider)?;
    let choice = SessionChoice { session_id, resumption, storage };
    let mut negotiated = send_server_hello(hello, (suite, kx), choice, &Responses::default(), cx)?;
    negotiated.transcript.discard_messages();
    negotiated.common.resume(session);
    negotiated.psk_identity.clone_from(&session.psk_identity);
    let secured = Secured::from_master(negotiated, &cx.policy.provider, tls12.master_secret.clone())?;
    if cx.policy.key_log {
        secured.log_key(&mut cx.out);
    }
    if give_ticket {
        return Ok(SealingTicket::start(secured.before_theirs()));
    }
    let secured = secured.send_finished(&cx.policy.floor, &mut cx.out)?;
    Ok(AwaitChangeCipherSpec { secured: secured.after_ours() }.into())
}
