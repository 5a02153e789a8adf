//! Ticket keys that a single server generates.

use super::TicketKeys;
use crate::ticket_key::{TicketKey, TicketKeyName};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::Provider;
use cairn_handshake::UnixTime;
use core::{fmt, time::Duration};
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Ticket keys of one server, which generates them and discards old ones. They exist only in memory, so no
/// ticket outlives the process. For several servers, or to survive a restart, see
/// [`SharedKeys`](super::SharedKeys).
///
/// A key seals tickets for `rotation` seconds after its creation, and opens them for `lifetime` seconds more.
/// It is then discarded and zeroized, which restores the forward secrecy of all sessions sealed with it. This
/// happens when the next key is created or the next ticket is presented; call [`RotatingKeys::purge`] from a
/// timer if an idle server must not keep expired keys. A new key is created when it is first needed.
///
/// Times are compared by their distance, so that connections whose clocks differ slightly use the same key.
/// If the clock is set back, a key seals for at most twice its time.
pub struct RotatingKeys {
    provider: Arc<Provider>,
    rotation: u32,
    lifetime: u32,
    /// The newest first.
    keys: RwLock<Vec<Arc<TicketKey>>>,
}

impl RotatingKeys {
    /// The number of seconds for which a key seals: 12 hours.
    pub const ROTATION: u32 = 12 * 60 * 60;

    /// The number of seconds for which a key still opens afterwards: 24 hours, the lifetime of a session.
    pub const LIFETIME: u32 = 24 * 60 * 60;

    /// The maximum number of keys. With the defaults there are three. If keys rotate more than 60 times per
    /// lifetime, the oldest are discarded early.
    pub const MAX_KEYS: usize = 64;

    /// Creates a ring of keys from the randomness of this provider, with the default times.
    #[must_use]
    pub fn new(provider: Arc<Provider>) -> Self {
        Self::with_times(provider, Self::ROTATION, Self::LIFETIME)
    }

    /// Creates a ring of keys that seal for `rotation` seconds (at least one) and open for `lifetime` seconds
    /// more.
    #[must_use]
    pub fn with_times(provider: Arc<Provider>, rotation: u32, lifetime: u32) -> Self {
        Self { provider, rotation: rotation.max(1), lifetime, keys: RwLock::new(Vec::new()) }
    }

    /// The number of keys, including expired ones that have not been removed yet.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Returns `true` if there are no keys, as before the first ticket.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Discards the expired keys.
    pub fn purge(&self, now: UnixTime) {
        self.write().retain(|key| self.opens(key, now));
    }

    fn seals(&self, key: &TicketKey, now: UnixTime) -> bool {
        age(key, now) < Duration::from_secs(self.rotation.into())
    }

    fn opens(&self, key: &TicketKey, now: UnixTime) -> bool {
        age(key, now) < Duration::from_secs(u64::from(self.rotation) + u64::from(self.lifetime))
    }

    fn newest(&self, keys: &[Arc<TicketKey>], now: UnixTime) -> Option<Arc<TicketKey>> {
        keys.first().filter(|key| self.seals(key, now)).cloned()
    }

    // Each change of the list is a single step, so a poisoned lock still guards a valid list.
    fn read(&self) -> RwLockReadGuard<'_, Vec<Arc<TicketKey>>> {
        self.keys.read().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn write(&self) -> RwLockWriteGuard<'_, Vec<Arc<TicketKey>>> {
        self.keys.write().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn age(key: &TicketKey, now: UnixTime) -> Duration {
    now.abs_diff(key.created())
}

impl TicketKeys for RotatingKeys {
    /// `None` if a new key is due and the provider cannot create one. An old key is never used instead.
    fn sealing_key(&self, now: UnixTime) -> Option<Arc<TicketKey>> {
        if let Some(key) = self.newest(&self.read(), now) {
            return Some(key);
        }
        // Without the lock, because the provider may be slow. If several threads create a key at once, one of
        // the keys is used.
        let key = Arc::new(TicketKey::generate(&self.provider, now).ok()?);
        let mut keys = self.write();
        if let Some(key) = self.newest(&keys, now) {
            return Some(key);
        }
        keys.retain(|key| self.opens(key, now));
        keys.truncate(Self::MAX_KEYS - 1);
        keys.insert(0, Arc::clone(&key));
        Some(key)
    }

    fn opening_key(&self, name: &TicketKeyName, now: UnixTime) -> Option<Arc<TicketKey>> {
        let (found, over) = {
            let keys = self.read();
            let found = keys.iter().find(|key| key.name() == name && self.opens(key, now)).cloned();
            (found, keys.iter().any(|key| !self.opens(key, now)))
        };
        if over {
            self.purge(now);
        }
        found
    }
}

impl fmt::Debug for RotatingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RotatingKeys")
            .field("rotation", &self.rotation)
            .field("lifetime", &self.lifetime)
            .field("keys", &*self.read())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
