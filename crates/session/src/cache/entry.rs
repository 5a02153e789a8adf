//! What the cache's table has an entry of.

use alloc::sync::Arc;
use cairn_handshake::{Session, UnixTime};
use cairn_schedule::MasterSecret;
use cairn_wire::SessionId;
use core::hash::Hasher;

/// A session and what it is found by, in one pointer.
pub(super) trait Entry: Sized {
    /// What it is found by.
    type Key: Eq;

    /// Feeds what keys differ by, and nothing before or after it: no other key is hashed along.
    fn hash(key: &Self::Key, hasher: &mut impl Hasher);

    /// How many bytes it takes on the heap beside the session.
    fn heap_size(&self) -> usize;

    fn key(&self) -> &Self::Key;

    fn session(&self) -> &Arc<Session>;

    /// Whether the session has expired, or a client's ticket for it has: when that time has come, the session goes with
    /// the ticket (RFC 5077 section 3.3).
    fn is_expired(&self, now: UnixTime, lifetime: u32) -> bool {
        let session = self.session();
        let ticket_expires = session.ticket.as_ref().and_then(|ticket| ticket.expires);
        session.is_expired(now, lifetime) || ticket_expires.is_some_and(|expires| now >= expires)
    }

    /// How many bytes it has on the heap, the session's chain included as if nobody else held it, with the counters of
    /// an `Arc`.
    fn weight(&self) -> usize {
        let session = self.session();
        self.heap_size()
            + COUNTERS
            + size_of::<Session>()
            + COUNTERS
            + MasterSecret::LEN
            + session.server_name.as_ref().map_or(0, |name| name.len())
            + session.alpn.as_ref().map_or(0, |protocol| protocol.len())
            + session.endpoint.as_ref().map_or(0, |endpoint| endpoint.host.len())
            + session.psk_identity.as_ref().map_or(0, |identity| identity.len())
            + session.end_point.as_ref().map_or(0, |hash| hash.len())
            + session.ticket.as_ref().map_or(0, |ticket| ticket.ticket.len())
            + session.peer_chain.as_ref().map_or(0, |chain| chain.as_message_body().len())
    }
}

/// What an `Arc` has on the heap beside what it holds.
pub(super) const COUNTERS: usize = 2 * size_of::<usize>();

/// A server's session: it has its key in itself.
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
        &self.0.session_id
    }

    fn session(&self) -> &Arc<Session> {
        &self.0
    }
}
