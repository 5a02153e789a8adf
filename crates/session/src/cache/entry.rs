//! The entries of the cache's table.

use alloc::sync::Arc;
use cairn_handshake::{Session, SessionSide, SessionState, UnixTime};
use cairn_schedule::MasterSecret;
use cairn_wire::SessionId;
use core::hash::Hasher;

/// A session and its key, behind one pointer.
pub(super) trait Entry: Sized {
    /// The key of the entry.
    type Key: Eq;

    /// Hashes only the part in which keys differ, without a prefix or suffix.
    fn hash(key: &Self::Key, hasher: &mut impl Hasher);

    /// Its heap memory in bytes, without the session.
    fn heap_size(&self) -> usize;

    fn key(&self) -> &Self::Key;

    /// The sessions; at least one.
    fn sessions(&self) -> &[Arc<Session>];

    /// Returns `true` if all sessions have expired.
    fn is_expired(&self, now: UnixTime, lifetime: u32) -> bool {
        self.sessions().iter().all(|session| is_expired(session, now, lifetime))
    }

    /// Its heap memory in bytes.
    fn weight(&self) -> usize {
        let sessions = self.sessions().iter().map(|session| weight(session));
        sessions.fold(self.heap_size(), usize::saturating_add)
    }
}

/// Returns `true` if the session has expired. A session also expires with its ticket (RFC 5077 section 3.3,
/// RFC 9846 section 4.7.1).
pub(super) fn is_expired(session: &Session, now: UnixTime, lifetime: u32) -> bool {
    session.is_expired(now, lifetime) || session.ticket_expires().is_some_and(|expires| now >= expires)
}

/// The heap memory of a session in bytes, including the counters of an `Arc`. The chain counts in full, even
/// if it is shared.
fn weight(session: &Session) -> usize {
    let of_side = match &session.side {
        SessionSide::Client { endpoint } => endpoint.as_ref().map(|endpoint| endpoint.host.len()),
        SessionSide::Server { tls_server_end_point } => tls_server_end_point.as_ref().map(|hash| hash.len()),
    };
    let secret = match &session.state {
        SessionState::Tls12(_) => COUNTERS + MasterSecret::LEN,
        SessionState::Tls13(tls13) => {
            tls13.psk.len() + tls13.quic.as_ref().map_or(0, |quic| COUNTERS + quic.settings.len())
        }
    };
    COUNTERS
        + size_of::<Session>()
        + secret
        + session.server_name.as_ref().map_or(0, |name| name.len())
        + session.alpn.as_ref().map_or(0, |protocol| protocol.len())
        + of_side.unwrap_or(0)
        + session.psk_identity.as_ref().map_or(0, |identity| identity.len())
        + session.ticket().map_or(0, <[u8]>::len)
        + session.peer_chain.as_ref().map_or(0, |chain| chain.tls12_len())
}

/// The heap memory of an `Arc` in addition to its content.
pub(super) const COUNTERS: usize = 2 * size_of::<usize>();

/// A server's session, which contains its key.
#[derive(Debug)]
pub(super) struct ById(pub(super) Arc<Session>);

impl Entry for ById {
    type Key = SessionId;

    fn hash(key: &SessionId, hasher: &mut impl Hasher) {
        hasher.write(key.as_bytes());
    }

    fn heap_size(&self) -> usize {
        0
    }

    fn key(&self) -> &SessionId {
        self.0.id()
    }

    fn sessions(&self) -> &[Arc<Session>] {
        core::slice::from_ref(&self.0)
    }
}
