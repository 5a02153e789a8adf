//! A store without sessions.

use crate::client_key::ClientKey;
use crate::store::{ClientSessionStore, ServerSessionStore};
use alloc::sync::Arc;
use cairn_handshake::{Session, UnixTime};
use cairn_wire::SessionId;

/// Stores nothing and finds nothing, for servers and clients: every handshake is a full one.
///
/// Sessions are dropped at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoSessions;

impl ServerSessionStore for NoSessions {
    fn put(&self, _session: Arc<Session>, _now: UnixTime) {}

    fn get(&self, _id: &SessionId, _now: UnixTime) -> Option<Arc<Session>> {
        None
    }

    fn remove(&self, _id: &SessionId) -> bool {
        false
    }
}

impl ClientSessionStore for NoSessions {
    fn put(&self, _key: &ClientKey, _session: Arc<Session>, _now: UnixTime) {}

    fn take(&self, _key: &ClientKey, _now: UnixTime) -> Option<Arc<Session>> {
        None
    }

    fn remove(&self, _key: &ClientKey, _id: &SessionId) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, id, session};

    #[test]
    fn no_sessions_stores_nothing() {
        let key = ClientKey::new(b"configuration", b"server");
        ServerSessionStore::put(&NoSessions, Arc::new(session(1)), NOW);
        ClientSessionStore::put(&NoSessions, &key, Arc::new(session(1)), NOW);
        assert_eq!(ServerSessionStore::get(&NoSessions, &id(1), NOW), None);
        assert_eq!(ClientSessionStore::take(&NoSessions, &key, NOW), None);
        assert!(!ServerSessionStore::remove(&NoSessions, &id(1)));
        ClientSessionStore::remove(&NoSessions, &key, &id(1));
    }
}
