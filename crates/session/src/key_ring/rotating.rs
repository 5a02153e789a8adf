//! Keys of one server, which makes them itself.

use super::TicketKeys;
use crate::{TicketKey, TicketKeyName};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::Provider;
use cairn_handshake::UnixTime;
use core::fmt;
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Ticket keys of one server: it makes a new one from time to time, and forgets the old ones. They live in memory only,
/// so no ticket outlives the process; where several servers or a restart matter, see [`SharedKeys`](super::SharedKeys).
///
/// A key seals for `rotation` seconds after it was made, and goes on to open for `lifetime` seconds more; then it is
/// forgotten, and zeroized, and with it the forward secrecy of all sessions under it is back. That happens at the first
/// new key and the first ticket after its time; call [`RotatingKeys::purge`] from a timer where an idle server must not
/// keep it until then. A new key is made when it is first needed.
///
/// Times are taken by their distance, so that connections whose clocks differ a little agree on one key. A clock that
/// is set back makes a key seal for twice its time at most.
pub struct RotatingKeys {
    provider: Arc<Provider>,
    rotation: u32,
    lifetime: u32,
    /// The newest first.
    keys: RwLock<Vec<Arc<TicketKey>>>,
}

impl RotatingKeys {
    /// How many seconds a key seals: 12 hours.
    pub const ROTATION: u32 = 12 * 60 * 60;

    /// How many seconds a key opens when it seals no more: 24 hours, as long as a session lives.
    pub const LIFETIME: u32 = 24 * 60 * 60;

    /// How many keys there are at most. With the defaults there are three; who rotates more than 60 times in a lifetime
    /// loses the oldest before their time.
    pub const MAX_KEYS: usize = 64;

    /// Keys from this provider's randomness, with the default times.
    #[must_use]
    pub fn new(provider: Arc<Provider>) -> Self {
        Self::with_times(provider, Self::ROTATION, Self::LIFETIME)
    }

    /// Keys that seal for `rotation` seconds (at least one) and then open for `lifetime` seconds more.
    #[must_use]
    pub fn with_times(provider: Arc<Provider>, rotation: u32, lifetime: u32) -> Self {
        Self { provider, rotation: rotation.max(1), lifetime, keys: RwLock::new(Vec::new()) }
    }

    /// How many keys it has, those among them whose time is over and that were not met since.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Whether it has none, as before the first ticket.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets the keys whose time is over.
    pub fn purge(&self, now: UnixTime) {
        self.write().retain(|key| self.opens(key, now));
    }

    fn seals(&self, key: &TicketKey, now: UnixTime) -> bool {
        age(key, now) < u64::from(self.rotation)
    }

    fn opens(&self, key: &TicketKey, now: UnixTime) -> bool {
        age(key, now) < u64::from(self.rotation) + u64::from(self.lifetime)
    }

    fn newest(&self, keys: &[Arc<TicketKey>], now: UnixTime) -> Option<Arc<TicketKey>> {
        keys.first().filter(|key| self.seals(key, now)).cloned()
    }

    // Each change is one step on the list, so a thread that died with the lock has left it whole.
    fn read(&self) -> RwLockReadGuard<'_, Vec<Arc<TicketKey>>> {
        self.keys.read().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn write(&self) -> RwLockWriteGuard<'_, Vec<Arc<TicketKey>>> {
        self.keys.write().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn age(key: &TicketKey, now: UnixTime) -> u64 {
    now.0.abs_diff(key.created().0)
}

impl TicketKeys for RotatingKeys {
    /// None when a new key is due and the provider cannot make one: an old one never stands in.
    fn sealing_key(&self, now: UnixTime) -> Option<Arc<TicketKey>> {
        if let Some(key) = self.newest(&self.read(), now) {
            return Some(key);
        }
        // Without the lock, since the provider may take its time; of threads that meet here one has its way.
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
