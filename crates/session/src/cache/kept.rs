//! A session as the cache keeps it.

use alloc::sync::Arc;
use cairn_handshake::{Session, UnixTime};
use cairn_schedule::MasterSecret;
use cairn_wire::SessionId;

/// A session as the cache keeps it.
#[derive(Debug)]
pub(super) struct Kept {
    session: Arc<Session>,
}

impl Kept {
    pub(super) const fn new(session: Arc<Session>) -> Self {
        Self { session }
    }

    pub(super) fn session(&self) -> Arc<Session> {
        Arc::clone(&self.session)
    }

    pub(super) fn id(&self) -> SessionId {
        self.session.session_id
    }

    /// Whether the session has expired, or a client's ticket for it has: when that time has come, the session goes with
    /// the ticket (RFC 5077 section 3.3).
    pub(super) fn is_expired(&self, now: UnixTime, lifetime: u32) -> bool {
        let ticket_expires = self.session.ticket.as_ref().and_then(|ticket| ticket.expires);
        self.session.is_expired(now, lifetime) || ticket_expires.is_some_and(|expires| now >= expires)
    }

    /// How many bytes it has on the heap, its chain included as if nobody else held it.
    pub(super) fn weight(&self) -> usize {
        MasterSecret::LEN
            + self.session.server_name.as_ref().map_or(0, |name| name.len())
            + self.session.alpn.as_ref().map_or(0, |protocol| protocol.len())
            + self.session.context_id.len()
            + self.session.end_point.as_ref().map_or(0, |hash| hash.len())
            + self.session.ticket.as_ref().map_or(0, |ticket| ticket.ticket.len())
            + self.session.peer_chain.as_ref().map_or(0, |chain| chain.as_message_body().len())
    }
}
