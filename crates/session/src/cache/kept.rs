//! A session as the cache keeps it.

use alloc::sync::Arc;
use cairn_handshake::{Session, UnixTime};
use cairn_wire::SessionId;

/// A session as the cache keeps it. A clone shares it: that is all that is done while a shard is locked.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    session: Arc<Session>,
    weight: usize,
}

impl Kept {
    pub(super) fn new(session: Session) -> Self {
        let weight = size_of::<Session>()
            + 48
            + session.server_name.as_ref().map_or(0, |name| name.len())
            + session.alpn.as_ref().map_or(0, alloc::vec::Vec::len)
            + session.context_id.len()
            + session.peer_chain.as_ref().map_or(0, |chain| chain.as_message_body().len());
        Self { session: Arc::new(session), weight }
    }

    /// A copy of the session, in which the chain is shared.
    pub(super) fn session(&self) -> Session {
        (*self.session).clone()
    }

    pub(super) fn id(&self) -> SessionId {
        self.session.session_id
    }

    pub(super) fn is_expired(&self, now: UnixTime, lifetime: u32) -> bool {
        self.session.is_expired(now, lifetime)
    }

    /// How many bytes it takes on the heap, its chain included, as if nobody shared it.
    pub(super) const fn weight(&self) -> usize {
        self.weight
    }
}
