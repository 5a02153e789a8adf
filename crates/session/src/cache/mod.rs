//! Sessions in memory: two thin faces, one for each side, over one cache.

mod by_key;
mod entry;
mod limits;
mod sharded;
mod sync;
mod table;

pub use limits::CacheLimits;

use crate::{ClientKey, ClientSessionStore, ServerSessionStore};
use alloc::sync::Arc;
use by_key::ByKey;
use cairn_handshake::{Session, UnixTime};
use cairn_wire::SessionId;
use core::fmt;
use entry::{ById, Entry};
use sharded::Sharded;

macro_rules! cache {
    ($(#[$attribute:meta])* $name:ident, $entry:ty) => {
        $(#[$attribute])*
        pub struct $name(Sharded<$entry>);

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
                self.0.remove_all_if(|entry| entry.is_expired(now, lifetime));
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
    /// When there are too many, or when they are too large, those go first that were not looked up for a while. A hand goes
    /// round through all of them, and stops at the first that was neither put nor looked up since it last passed; where all
    /// of some hundred were, the next goes all the same. So a look-up need not write down an order, and costs little more
    /// than its waiting for memory.
    ///
    /// Threads seldom meet: each session lies in one of many shards, of which each has a lock. What is done under it takes
    /// the same short time, however many sessions there are, but for a put that makes the shard's table a quarter larger,
    /// or a call that makes it smaller: that moves the pointers in it, and no session.
    ServerCache, ById
}

cache! {
    /// A client's sessions in memory, shared by all its connections: for each [`ClientKey`] the newest.
    ///
    /// When there are too many, or when they are too large, those go first that were not looked up for a while. A hand goes
    /// round through all of them, and stops at the first that was neither put nor looked up since it last passed; where all
    /// of some hundred were, the next goes all the same. So a look-up need not write down an order, and costs little more
    /// than its waiting for memory.
    ///
    /// Threads seldom meet: each session lies in one of many shards, of which each has a lock. What is done under it takes
    /// the same short time, however many sessions there are, but for a put that makes the shard's table a quarter larger,
    /// or a call that makes it smaller: that moves the pointers in it, and no session.
    ClientCache, ByKey
}

impl ServerSessionStore for ServerCache {
    fn put(&self, session: Arc<Session>, now: UnixTime) {
        // No ID, no way to ask for it (RFC 5246 section 7.4.1.3).
        if !session.session_id.is_empty() {
            self.0.put(ById(session), now);
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
            self.0.put(ByKey::new(key, session), now);
        }
    }

    fn get(&self, key: &ClientKey, now: UnixTime) -> Option<Arc<Session>> {
        self.0.get(key, now)
    }

    fn remove(&self, key: &ClientKey, id: &SessionId) {
        self.0.remove_if(key, |session| session.session_id == *id);
    }
}

#[cfg(test)]
mod tests;
