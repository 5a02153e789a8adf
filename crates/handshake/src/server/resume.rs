//! The conditions for resuming a session that do not depend on the version.

use crate::{
    ext,
    policy::{ClientAuthentication, ResumptionPolicy, ServerPolicy},
    resumption::{NotResumed, Rule, unless},
    session::Session,
    time::UnixTime,
};
use alloc::sync::Arc;
use cairn_schedule::Side;

/// Whether a session may be resumed for this host name under this policy, and if not, why.
pub(crate) fn check(
    session: &Session,
    server_name: Option<&Arc<[u8]>>,
    resumption: &ResumptionPolicy,
    now: UnixTime,
    policy: &ServerPolicy,
) -> Result<(), NotResumed> {
    // "A server that implements this extension MUST NOT accept the request to resume the session if the
    // server_name extension contains a different name. Instead, it proceeds with a full handshake" (RFC 6066
    // section 3). TLS 1.3 leaves it to the server (RFC 9846 section 4.3.11); a name can stand for a tenant.
    unless(session.server_name.as_ref() == server_name, NotResumed::OtherServerName)?;
    Rule { side: Side::Server, now, policy: resumption, floor: &policy.floor }.check(session)?;
    // A resumption requests no certificate (RFC 5246 section 7.3, RFC 9846 section 4.4.2), so the session
    // must already have what the policy requires.
    let has_chain = session.peer_chain.is_some();
    match policy.client_authentication {
        ClientAuthentication::Require { .. } => unless(has_chain, NotResumed::ClientNotAuthenticated)?,
        ClientAuthentication::Request { .. } => {}
        // A resumption would keep the client authenticated although this policy does not request a
        // certificate.
        ClientAuthentication::None => unless(!has_chain, NotResumed::ClientNotAsked)?,
    }
    // The other checks are not from an RFC: a session must not bring back parameters that the policy would
    // now refuse in a full handshake.
    let group = session.evidence.group;
    let takes_group = group.is_none_or(|group| ext::supported_groups::is_taken(policy, group));
    unless(takes_group, NotResumed::Group)?;
    let certificate_type = session.peer_chain.as_ref().map(|chain| chain.certificate_type());
    let takes_type = certificate_type
        .is_none_or(|certificate_type| policy.client_certificate_types.contains(&certificate_type));
    unless(takes_type, NotResumed::CertificateType)?;
    let (schemes, delegated) = (&policy.signature_schemes, &policy.tls13.delegated_credential_schemes);
    let takes_scheme = session.evidence.client_proof.is_none_or(|proof| proof.is_taken(schemes, delegated));
    unless(takes_scheme, NotResumed::SignatureScheme)
}
