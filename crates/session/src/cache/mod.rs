//! Session caches in memory: one for servers and one for clients, on top of the same table.

mod by_key;
mod entry;
mod limits;
mod sharded;
mod sync;
mod table;

pub use limits::CacheLimits;

use crate::client_key::ClientKey;
use crate::store::{ClientSessionStore, ServerSessionStore};
use alloc::sync::Arc;
use by_key::ByKey;
use cairn_handshake::{Session, UnixTime};
use cairn_wire::SessionId;
use core::fmt;
use entry::{ById, Entry};
use sharded::{Change, Sharded};

/// Shards per available thread, so many that two threads rarely meet.
const SHARDS_PER_THREAD: usize = 8;
/// The minimum average number of sessions per shard. All shards share the limits, so many shards waste no
/// room. However, eviction picks a victim within one shard, and a small shard is a poor sample of the entire
/// cache.
const MIN_SESSIONS_PER_SHARD: usize = 64;

/// The number of shards of a cache on this machine.
fn shards(limits: CacheLimits) -> usize {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    threads.saturating_mul(SHARDS_PER_THREAD).min(limits.sessions / MIN_SESSIONS_PER_SHARD)
}

macro_rules! cache {
    ($(#[$attribute:meta])* $name:ident, $entry:ty) => {
        $(#[$attribute])*
        pub struct $name(Sharded<$entry>);

        impl $name {
            /// Creates a cache of at most `capacity` sessions, with the defaults of [`CacheLimits::new`].
            /// Memory grows with the number of sessions.
            #[must_use]
            pub fn new(capacity: usize) -> Self {
                Self::with_limits(CacheLimits::new(capacity))
            }

            /// Creates a cache with the given limits.
            #[must_use]
            pub fn with_limits(limits: CacheLimits) -> Self {
                Self(Sharded::with_shards(limits, shards(limits)))
            }

            /// The limits of the cache.
            #[must_use]
            pub fn limits(&self) -> CacheLimits {
                self.0.limits()
            }

            /// The number of sessions, including expired ones that have not been removed yet.
            #[must_use]
            pub fn len(&self) -> usize {
                self.0.sessions()
            }

            /// Returns `true` if the cache contains no session.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// The size of the sessions in bytes, as counted for [`CacheLimits::bytes`].
            #[must_use]
            pub fn bytes(&self) -> usize {
                self.0.bytes()
            }

            /// Removes all expired sessions.
            ///
            /// An expired session is never found. It is removed by the next lookup of it, or when its place
            /// is needed. Call this method periodically if secrets must not stay in memory until then. It
            /// visits all sessions, one shard at a time.
            pub fn purge(&self, now: UnixTime) {
                let lifetime = self.limits().lifetime;
                self.0.remove_all_if(|entry| entry.is_expired(now, lifetime));
            }

            /// Removes all sessions.
            pub fn clear(&self) {
                self.0.remove_all_if(|_| true);
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("sessions", &self.len())
                    .field("bytes", &self.bytes())
                    .field("limits", &self.limits())
                    .finish()
            }
        }
    };
}

cache! {
    /// A server's sessions in memory, shared by all connections.
    ///
    /// When the cache exceeds its limits, it evicts sessions that have not been used recently. The eviction
    /// is a clock algorithm: a hand visits the sessions in turn and stops at the first that was neither
    /// inserted nor looked up since its last visit. After about a hundred recently used sessions it evicts
    /// the next one anyway. A lookup therefore does not update any order, and costs little more than its
    /// cache misses.
    ///
    /// Threads rarely contend: the sessions are distributed over many shards, each with its own lock. The
    /// time under a lock is short and does not depend on the number of sessions. The exceptions are resizes
    /// of a shard's table, which move the pointers in it but no session.
    ServerCache, ById
}

cache! {
    /// A client's sessions in memory, shared by all connections: for each [`ClientKey`] the newest session of
    /// TLS 1.2 and several tickets of TLS 1.3, each of which is handed out once.
    ///
    /// When the cache exceeds its limits, it evicts sessions that have not been used recently. The eviction
    /// is a clock algorithm: a hand visits the sessions in turn and stops at the first that was neither
    /// inserted nor looked up since its last visit. After about a hundred recently used sessions it evicts
    /// the next one anyway. A lookup therefore does not update any order, and costs little more than its
    /// cache misses.
    ///
    /// Threads rarely contend: the sessions are distributed over many shards, each with its own lock. The
    /// time under a lock is short and does not depend on the number of sessions. The exceptions are resizes
    /// of a shard's table, which move the pointers in it but no session.
    ClientCache, ByKey
}

impl ServerSessionStore for ServerCache {
    fn put(&self, session: Arc<Session>, now: UnixTime) {
        // A session with an empty ID cannot be resumed by ID (RFC 5246 section 7.4.1.3).
        if !session.id().is_empty() {
            self.0.put(ById(session), now);
        }
    }

    fn get(&self, id: &SessionId, now: UnixTime) -> Option<Arc<Session>> {
        self.0.get(id, now, |entry| Arc::clone(&entry.0))
    }

    fn remove(&self, id: &SessionId) -> bool {
        self.0.remove(id)
    }
}

impl ClientSessionStore for ClientCache {
    fn put(&self, key: &ClientKey, session: Arc<Session>, now: UnixTime) {
        // A session of TLS 1.2 with an empty ID cannot be offered.
        if session.tls13().is_none() && session.id().is_empty() {
            return;
        }
        let max_tickets = self.limits().tickets_per_key;
        self.0.update(key, |before| (Change::Put(ByKey::with(before, key, session, max_tickets), now), ()));
    }

    fn take(&self, key: &ClientKey, now: UnixTime) -> Option<Arc<Session>> {
        let lifetime = self.limits().lifetime;
        self.0.update(key, |entry| entry.map_or((Change::Keep, None), |entry| entry.take(now, lifetime)))?
    }

    fn remove(&self, key: &ClientKey, id: &SessionId) {
        self.0.update(key, |entry| {
            (entry.map_or(Change::Keep, |entry| entry.without(|session| session.id() == id)), ())
        });
    }
}

#[cfg(test)]
mod tests;
