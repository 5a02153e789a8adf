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

    fn session(&self) -> &Arc<Session>;

    /// Returns `true` if the session has expired. A client's session also expires with its ticket (RFC 5077
    /// section 3.3).
    fn is_expired(&self, now: UnixTime, lifetime: u32) -> bool {
        let session = self.session();
        let SessionState::Tls12(tls12) = &session.state;
        let ticket_expires = tls12.ticket().and_then(|ticket| ticket.expires);
        session.is_expired(now, lifetime) || ticket_expires.is_some_and(|expires| now >= expires)
    }

    /// Its heap memory in bytes, including the counters of an `Arc`. The chain counts in full, even if it is
    /// shared.
    fn weight(&self) -> usize {
        let session = self.session();
        let SessionState::Tls12(tls12) = &session.state;
        let of_side = match &session.side {
            SessionSide::Client { endpoint } => endpoint.as_ref().map(|endpoint| endpoint.host.len()),
            SessionSide::Server { tls_server_end_point } => {
                tls_server_end_point.as_ref().map(|hash| hash.len())
            }
        };
        self.heap_size()
            + COUNTERS
            + size_of::<Session>()
            + COUNTERS
            + MasterSecret::LEN
            + session.server_name.as_ref().map_or(0, |name| name.len())
            + session.alpn.as_ref().map_or(0, |protocol| protocol.len())
            + of_side.unwrap_or(0)
            + session.psk_identity.as_ref().map_or(0, |identity| identity.len())
            + tls12.ticket().map_or(0, |ticket| ticket.ticket.len())
            + session.peer_chain.as_ref().map_or(0, |chain| chain.tls12_len())
    }
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
        let SessionState::Tls12(tls12) = &self.0.state;
        tls12.session_id()
    }

    fn session(&self) -> &Arc<Session> {
        &self.0
    }
}
