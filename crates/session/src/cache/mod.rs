//! Sessions in memory: two thin faces, one for each side, over one cache.

mod kept;
mod limits;
mod lru;
mod order;
mod sharded;
mod sync;

pub use limits::CacheLimits;

use crate::{ClientKey, ClientSessionStore, ServerSessionStore};
use alloc::sync::Arc;
use cairn_handshake::{Session, UnixTime};
use cairn_wire::SessionId;
use core::fmt;
use sharded::{Key, Sharded};

impl Key for SessionId {
    fn heap_size(&self) -> usize {
        0
    }
}

impl Key for ClientKey {
    fn heap_size(&self) -> usize {
        self.len()
    }
}

macro_rules! cache {
    ($(#[$attribute:meta])* $name:ident, $key:ty) => {
        $(#[$attribute])*
        pub struct $name(Sharded<$key>);

        impl $name {
            /// A cache of at most `capacity` sessions, with the defaults of [`CacheLimits::new`]. Memory grows with
            /// what is kept.
            #[must_use]
            pub fn new(capacity: usize) -> Self {
                Self::with_limits(CacheLimits::new(capacity))
            }

            /// A cache with limits of one's own.
            #[must_use]
            pub fn with_limits(limits: CacheLimits) -> Self {
                Self(Sharded::new(limits))
            }

            /// The limits that it was made with.
            #[must_use]
            pub fn limits(&self) -> CacheLimits {
                self.0.limits()
            }

            /// How many sessions it keeps, those that expired and were not met since among them.
            #[must_use]
            pub fn len(&self) -> usize {
                self.0.sessions()
            }

            /// Whether it keeps none.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// How many bytes they take, as [`CacheLimits::bytes`] counts them.
            #[must_use]
            pub fn bytes(&self) -> usize {
                self.0.bytes()
            }

            /// Drops every session that has expired.
            ///
            /// An expired session is never found, and goes when it is met or when its place is needed. Call this from
            /// time to time where its secret must not stay in memory until then. It walks through all sessions, one
            /// shard after the other.
            pub fn purge(&self, now: UnixTime) {
                let lifetime = self.limits().lifetime;
                self.0.remove_all_if(|kept| kept.is_expired(now, lifetime));
            }

            /// Drops every session.
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
    /// A server's sessions in memory, shared by all its connections.
    ///
    /// The least recently used goes first when there are too many or when they are too large. No call waits longer
    /// than for another thread's look-up in the same shard.
    ServerCache, SessionId
}

cache! {
    /// A client's sessions in memory, shared by all its connections: for each [`ClientKey`] the newest.
    ///
    /// The least recently used goes first when there are too many or when they are too large. No call waits longer
    /// than for another thread's look-up in the same shard.
    ClientCache, ClientKey
}

impl ServerSessionStore for ServerCache {
    fn put(&self, session: Arc<Session>, now: UnixTime) {
        // No ID, no way to ask for it (RFC 5246 section 7.4.1.3).
        if !session.session_id.is_empty() {
            let id = session.session_id;
            self.0.put(&id, session, now);
        }
    }

    fn get(&self, id: &SessionId, now: UnixTime) -> Option<Arc<Session>> {
        self.0.get(id, now)
    }

    fn remove(&self, id: &SessionId) {
        self.0.remove_if(id, |_| true);
    }
}

impl ClientSessionStore for ClientCache {
    fn put(&self, key: &ClientKey, session: Arc<Session>, now: UnixTime) {
        if !session.session_id.is_empty() {
            self.0.put(key, session, now);
        }
    }

    fn get(&self, key: &ClientKey, now: UnixTime) -> Option<Arc<Session>> {
        self.0.get(key, now)
    }

    fn remove(&self, key: &ClientKey, id: &SessionId) {
        self.0.remove_if(key, |kept| kept.id() == *id);
    }
}

#[cfg(test)]
mod tests;
