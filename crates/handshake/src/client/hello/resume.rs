//! The client's sessions: whether one may be offered (RFC 5246 section 7.3, figure 2).

use crate::{
    client::context::Cx,
    kx::KeyExchange,
    policy::{ClientPolicy, ResumptionPolicy},
    quic,
    resumption::{NotResumed, Rule, unless},
    security::{KeyExchangeEvidence, strength},
    session::{Session, SessionSide, SessionState, Tls12Session, Tls13Session},
};
use cairn_schedule::Side;
use cairn_wire::KeyAgreement;

/// Whether the session may be offered to this server, and if not, why.
pub(super) fn may_offer(
    session: &Session,
    resumption: &ResumptionPolicy,
    cx: &Cx<'_>,
) -> Result<(), NotResumed> {
    let (policy, now) = (cx.policy, cx.connection.now);
    let SessionSide::Client { endpoint } = &session.side else { return Err(NotResumed::OtherSide) };
    unless(quic::is_of_transport(session, cx.connection.quic.as_deref()), NotResumed::OtherTransport)?;
    if let SessionState::Tls12(tls12) = &session.state {
        // The client recognizes a resumption by its session ID in ServerHello: "This indicates a resumed
        // session" (RFC 5246 section 7.4.1.3). With an empty ID, a full handshake could look like one.
        unless(!tls12.session_id().is_empty(), NotResumed::OtherId)?;
    }
    // The certificate of the full handshake was verified for this endpoint. A resumption verifies none.
    unless(endpoint.as_ref() == cx.endpoint, NotResumed::OtherEndpoint)?;
    // "The client SHOULD include the same server_name extension in the session resumption request as it did
    // in the full handshake that established the session" (RFC 6066 section 3). RFC 9846 section 4.7.1:
    // clients "SHOULD only resume if the SNI value matches the one used in the original session."
    unless(session.server_name.as_ref() == cx.server_name, NotResumed::OtherServerName)?;
    if session.ticket().is_some() {
        unless(resumption.tickets, NotResumed::NoTickets)?;
    }
    // "A client SHOULD delete the ticket and associated state when the time expires" (RFC 5077 section 3.3).
    // RFC 9846 section 4.3.11.1: "Clients MUST NOT attempt to use tickets which have ages greater than the
    // "ticket_lifetime" value which was provided with the ticket."
    unless(session.ticket_expires().is_none_or(|expires| now < expires), NotResumed::TicketTooOld)?;
    Rule { side: Side::Client, now, policy: resumption, floor: &policy.floor }.check(session)?;
    match &session.state {
        SessionState::Tls12(tls12) => may_offer_tls12(session, tls12, policy)?,
        SessionState::Tls13(tls13) => may_offer_tls13(session, tls13, cx)?,
    }
    // The other checks are not from an RFC: a session must not bring back parameters that the policy would
    // now refuse in a full handshake.
    let (schemes, delegated) = (&policy.signature_schemes, &policy.tls13.delegated_credential_schemes);
    let takes_scheme = session.evidence.server_proof.is_none_or(|proof| proof.is_taken(schemes, delegated));
    unless(takes_scheme, NotResumed::SignatureScheme)?;
    let certificate_type = session.peer_chain.as_ref().map(|chain| chain.certificate_type());
    let takes_type = certificate_type
        .is_none_or(|certificate_type| policy.server_certificate_types.contains(&certificate_type));
    unless(takes_type, NotResumed::CertificateType)
}

/// The conditions for a session of TLS 1.2 only.
fn may_offer_tls12(session: &Session, tls12: &Tls12Session, policy: &ClientPolicy) -> Result<(), NotResumed> {
    // "The client SHOULD NOT offer an abbreviated handshake to resume a session that does not use an extended
    // master secret" (RFC 7627 section 5.3).
    unless(tls12.extended_master_secret, NotResumed::NoExtendedMasterSecret)?;
    // "Implementations SHOULD retain the current session state across all rehandshakes for that session" (RFC
    // 7366 section 3.1), which is impossible if the extension is not offered.
    unless(
        policy.tls12.encrypt_then_mac || !tls12.protection.is_encrypt_then_mac(),
        NotResumed::EncryptThenMac,
    )?;
    // "The negotiated length applies for the duration of the session including session resumptions" (RFC 6066
    // section 4), so the session's length must be the one that the policy requests.
    let asked = policy.tls12.max_fragment_length;
    let length_fits = tls12.max_fragment_length.is_none_or(|length| asked == Some(length));
    unless(length_fits, NotResumed::MaxFragmentLength)?;
    // "If the session_id field is not empty (implying a session resumption request), this vector MUST include
    // at least the cipher_suite from that session" (RFC 5246 section 7.4.1.2).
    unless(policy.tls12.suites.contains(&tls12.suite), NotResumed::Suite)?;
    unless(takes_key_exchange(policy, tls12, &session.evidence), NotResumed::Group)
}

/// The conditions for a session of TLS 1.3 only.
fn may_offer_tls13(session: &Session, tls13: &Tls13Session, cx: &Cx<'_>) -> Result<(), NotResumed> {
    let policy = cx.policy;
    unless(tls13.ticket().is_some(), NotResumed::OtherId)?;
    // A connection that has negotiated TLS 1.2 keeps it.
    unless(!cx.connection.is_complete(), NotResumed::OtherVersion)?;
    // RFC 9846 section 4.7.1: "Any ticket MUST only be resumed with a cipher suite that has the same KDF hash
    // algorithm as that used to establish the original connection."
    unless(policy.tls13.suites.iter().any(|suite| suite.hash == tls13.hash()), NotResumed::Suite)?;
    let takes_group = session.evidence.group.is_none_or(|group| policy.groups.contains(&group));
    unless(takes_group, NotResumed::Group)
}

/// Whether the policy still accepts the server's share of the session's key exchange: its curve, or the size
/// of its field.
fn takes_key_exchange(policy: &ClientPolicy, session: &Tls12Session, evidence: &KeyExchangeEvidence) -> bool {
    let KeyExchangeEvidence { group, key_exchange_bits, .. } = *evidence;
    match KeyExchange::of(session.suite).map(|kx| kx.agreement) {
        Some(KeyAgreement::Ecdh) => group.is_none_or(|group| policy.groups.contains(&group)),
        Some(KeyAgreement::Dh) => {
            let bits = &policy.tls12.finite_field_bits;
            let sizes =
                strength::of_modulus((*bits.start()).into())..=strength::of_modulus((*bits.end()).into());
            sizes.contains(&key_exchange_bits)
        }
        _ => true,
    }
}
