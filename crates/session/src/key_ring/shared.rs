//! Keys that several servers have in common.

use super::TicketKeys;
use crate::{TicketKey, TicketKeyName};
use alloc::sync::Arc;
use cairn_handshake::UnixTime;
use std::sync::RwLock;

/// Ticket keys that come from outside, the same for several servers: the first seals, all of them open.
///
/// To rotate without losing a ticket, go over all servers in three rounds, so that none ever seals with a key that
/// another does not know: put the new key *behind* the old one; when all have it, put it first; when a session's
/// lifetime has passed, leave the old one out. [`TicketKey::encode`] and [`TicketKey::decode`] take a key from one
/// place to another.
///
/// Nothing here ends by itself: the sessions of a key that is never taken out never get their forward secrecy back.
/// That one is overdue shows in [`TicketKey::created`].
#[derive(Debug)]
pub struct SharedKeys(RwLock<Arc<[Arc<TicketKey>]>>);

impl SharedKeys {
    /// These keys; with none of them there are no tickets.
    pub fn new(keys: impl IntoIterator<Item = Arc<TicketKey>>) -> Self {
        Self(RwLock::new(keys.into_iter().collect()))
    }

    /// Other keys in their place, all at once: no look-up sees some of these and some of those.
    pub fn replace(&self, keys: impl IntoIterator<Item = Arc<TicketKey>>) {
        let keys = keys.into_iter().collect();
        let old = {
            let mut place = self.0.write().unwrap_or_else(|poisoned| poisoned.into_inner());
            core::mem::replace(&mut *place, keys)
        };
        // And zeroized after the lock is free again.
        drop(old);
    }

    /// The keys, the one that seals first.
    #[must_use]
    pub fn keys(&self) -> Arc<[Arc<TicketKey>]> {
        // What is in the lock is changed in one step, so a thread that died with it has left it whole.
        Arc::clone(&self.0.read().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }
}

impl TicketKeys for SharedKeys {
    fn sealing_key(&self, _now: UnixTime) -> Option<Arc<TicketKey>> {
        self.keys().first().cloned()
    }

    fn opening_key(&self, name: &TicketKeyName, _now: UnixTime) -> Option<Arc<TicketKey>> {
        self.keys().iter().find(|key| key.name() == name).cloned()
    }
}

#[cfg(test)]
mod tests;
