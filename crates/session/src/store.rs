//! The store traits.
//!
//! These traits are for stores that answer without blocking. A remote store (Redis, for example) does not
//! need a trait: the handshake *asks* for a session, and its caller may answer later.

use crate::client_key::ClientKey;
use alloc::sync::Arc;
use cairn_handshake::{Session, UnixTime};
use cairn_wire::SessionId;
use core::fmt;

/// Stores a server's sessions by their IDs (RFC 5246 appendix F.1.4).
///
/// A store must only return the session that was stored under the given ID. The handshake checks whether it
/// may be resumed (cipher suite, name, verification, pre-shared keys, context, age), so several
/// configurations can share a store. A store may discard a session at any time, which costs a full handshake
/// and nothing else.
pub trait ServerSessionStore: Send + Sync {
    /// Stores a session under its own ID and replaces one with the same ID. The session is shared, not
    /// copied, so its secret is in memory only once.
    fn put(&self, session: Arc<Session>, now: UnixTime);

    /// Returns the session with this ID. It stays in the store: a session may be resumed many times, even
    /// concurrently.
    fn get(&self, id: &SessionId, now: UnixTime) -> Option<Arc<Session>>;

    /// Removes a session: after a fatal alert on one of its connections (RFC 5246 section 7.2.2), or because
    /// a TLS 1.3 session is resumed, which happens once. Returns whether it was in the store. If several
    /// callers remove a session at the same time, one of them gets `true`.
    fn remove(&self, id: &SessionId) -> bool;
}

/// Stores a client's sessions: for each [`ClientKey`] the newest one of TLS 1.2, and several tickets of TLS 1.3.
///
/// A session must only be offered to its own endpoint and under its own configuration, because the server was
/// authenticated for that endpoint against the trust anchors and policy of that configuration (RFC 6066
/// section 3, RFC 5246 appendix F.1.4). The handshake checks this for every session that a store returns. A
/// store that compares entire keys finds the sessions that can be offered.
pub trait ClientSessionStore: Send + Sync {
    /// Stores a session. One of TLS 1.2 replaces the previous one with this key; one of TLS 1.3 is a ticket
    /// beside others.
    fn put(&self, key: &ClientKey, session: Arc<Session>, now: UnixTime);

    /// Returns a session with this key: the newest ticket of TLS 1.3, or else the session of TLS 1.2.
    ///
    /// The ticket leaves the store. RFC 9846 appendix C.4: "Clients SHOULD NOT reuse a ticket for multiple
    /// connections. Reuse of a ticket allows passive observers to correlate different connections." The
    /// session of TLS 1.2 stays: several connections may offer it concurrently.
    fn take(&self, key: &ClientKey, now: UnixTime) -> Option<Arc<Session>>;

    /// Removes the session with this ID after a fatal alert on one of its connections (RFC 5246 section
    /// 7.2.2). If the key now belongs to a session with another ID, that session stays.
    fn remove(&self, key: &ClientKey, id: &SessionId);
}

impl<S: ServerSessionStore + ?Sized> ServerSessionStore for Arc<S> {
    fn put(&self, session: Arc<Session>, now: UnixTime) {
        (**self).put(session, now);
    }

    fn get(&self, id: &SessionId, now: UnixTime) -> Option<Arc<Session>> {
        (**self).get(id, now)
    }

    fn remove(&self, id: &SessionId) -> bool {
        (**self).remove(id)
    }
}

impl<S: ClientSessionStore + ?Sized> ClientSessionStore for Arc<S> {
    fn put(&self, key: &ClientKey, session: Arc<Session>, now: UnixTime) {
        (**self).put(key, session, now);
    }

    fn take(&self, key: &ClientKey, now: UnixTime) -> Option<Arc<Session>> {
        (**self).take(key, now)
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
