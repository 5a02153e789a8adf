//! Ticket keys that several servers share.

use super::TicketKeys;
use crate::ticket_key::{TicketKey, TicketKeyName};
use alloc::sync::Arc;
use cairn_handshake::UnixTime;
use std::sync::RwLock;

/// Ticket keys from an external source, the same for several servers. The first one seals, and all of them
/// open.
///
/// To rotate keys without losing a ticket, update all servers in three rounds, so that no server seals with a
/// key that another does not know: (1) add the new key *after* the old one; (2) when all servers have it,
/// move it to the first place; (3) after the lifetime of a session, remove the old one. [`TicketKey::encode`]
/// and [`TicketKey::decode`] serve to transfer a key.
///
/// These keys do not expire: sessions sealed with a key that is never removed never regain their forward
/// secrecy. Use [`TicketKey::created`] to detect overdue keys.
#[derive(Debug)]
pub struct SharedKeys(RwLock<Arc<[Arc<TicketKey>]>>);

impl SharedKeys {
    /// Creates a set of these keys. If it is empty, no tickets are issued.
    pub fn new(keys: impl IntoIterator<Item = Arc<TicketKey>>) -> Self {
        Self(RwLock::new(keys.into_iter().collect()))
    }

    /// Replaces all keys at once: no lookup sees a mixture of old and new keys.
    pub fn replace(&self, keys: impl IntoIterator<Item = Arc<TicketKey>>) {
        let keys = keys.into_iter().collect();
        let old = {
            let mut place = self.0.write().unwrap_or_else(|poisoned| poisoned.into_inner());
            core::mem::replace(&mut *place, keys)
        };
        // The old keys are zeroized after the lock has been released.
        drop(old);
    }

    /// The keys, the one that seals first.
    #[must_use]
    pub fn keys(&self) -> Arc<[Arc<TicketKey>]> {
        // The keys are replaced in a single step, so a poisoned lock still guards a valid list.
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
