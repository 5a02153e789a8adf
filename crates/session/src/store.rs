//! Where sessions are kept: what layer 7 asks, and what a store of one's own answers.
//!
//! These traits are for stores that answer at once. One that must wait (Redis, say) needs no trait: the handshake
//! *asks* for a session, and whoever drives it may answer later.

use crate::ClientKey;
use alloc::sync::Arc;
use cairn_handshake::{Session, UnixTime};
use cairn_wire::SessionId;
use core::fmt;

/// Keeps a server's sessions by their IDs (RFC 5246 appendix F.1.4).
///
/// A store must never answer with another session than the one that was put under this ID. Whether it may be resumed (by
/// suite, name, verification, pre-shared keys, context, age) is checked by the handshake, so configurations can share a
/// store. A store may forget at any time: a session that is not found costs a full handshake and nothing else.
pub trait ServerSessionStore: Send + Sync {
    /// Keeps a session under its own ID, in the place of one that has the same. The session is shared, not copied: its
    /// secret is in memory once for all who have it.
    fn put(&self, session: Arc<Session>, now: UnixTime);

    /// The session with this ID. It stays in the store: a session may be resumed many times, and at once.
    fn get(&self, id: &SessionId, now: UnixTime) -> Option<Arc<Session>>;

    /// Forgets a session, because a fatal alert ended a connection of it (RFC 5246 section 7.2.2).
    fn remove(&self, id: &SessionId);
}

/// Keeps a client's sessions, for each [`ClientKey`] the newest.
///
/// A session must be offered to no other endpoint and under no other configuration than its own: the server was verified
/// for that endpoint, against that configuration's trust anchors and policy (RFC 6066 section 3, RFC 5246 appendix F.1.4).
/// The handshake checks that, whatever a store answers; a store that compares keys whole finds the sessions that can be
/// offered.
pub trait ClientSessionStore: Send + Sync {
    /// Keeps a session, in the place of the one that was under this key.
    fn put(&self, key: &ClientKey, session: Arc<Session>, now: UnixTime);

    /// The session under this key. It stays in the store: several connections may offer it at once.
    fn get(&self, key: &ClientKey, now: UnixTime) -> Option<Arc<Session>>;

    /// Forgets the session with this ID, because a fatal alert ended a connection of it (RFC 5246 section 7.2.2).
    /// A session under the key with another ID, put there meanwhile, stays.
    fn remove(&self, key: &ClientKey, id: &SessionId);
}

impl<S: ServerSessionStore + ?Sized> ServerSessionStore for Arc<S> {
    fn put(&self, session: Arc<Session>, now: UnixTime) {
        (**self).put(session, now);
    }

    fn get(&self, id: &SessionId, now: UnixTime) -> Option<Arc<Session>> {
        (**self).get(id, now)
    }

    fn remove(&self, id: &SessionId) {
        (**self).remove(id);
    }
}

impl<S: ClientSessionStore + ?Sized> ClientSessionStore for Arc<S> {
    fn put(&self, key: &ClientKey, session: Arc<Session>, now: UnixTime) {
        (**self).put(key, session, now);
    }

    fn get(&self, key: &ClientKey, now: UnixTime) -> Option<Arc<Session>> {
        (**self).get(key, now)
    }

    fn remove(&self, key: &ClientKey, id: &SessionId) {
        (**self).remove(key, id);
    }
}

impl fmt::Debug for dyn ServerSessionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerSessionStore")
    }
}

impl fmt::Debug for dyn ClientSessionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSessionStore")
    }
}
