//! A cache that consists of many shards, so that threads rarely wait for each other.

use super::sync::{AtomicUsize, Mutex, MutexGuard, RandomState, Relaxed};
use super::{
    CacheLimits,
    entry::Entry,
    table::{Spot, Table},
};
use alloc::{boxed::Box, vec::Vec};
use cairn_handshake::UnixTime;
use core::{
    hash::{BuildHasher, Hasher},
    mem,
};

/// The sharded cache; see the module documentation.
pub(super) struct Sharded<E> {
    limits: CacheLimits,
    /// The hash is randomly keyed, so that no peer can choose IDs that collide in a shard or in its table.
    hasher: RandomState,
    /// Their number is a power of two.
    shards: Box<[Shard<E>]>,
    sessions: AtomicUsize,
    bytes: AtomicUsize,
}

/// The result of a change of an entry.
pub(super) enum Change<E> {
    /// The entry stays as it is.
    Keep,
    /// This entry replaces it.
    Put(E, UnixTime),
    /// This entry replaces it, with fewer sessions, so that nothing is evicted for it.
    Less(E),
    /// The entry is removed.
    Remove,
}

/// Aligned to a cache line (on some processors, to a pair of them), so that two locks never share one.
#[repr(align(128))]
struct Shard<E>(Mutex<Table<E>>);

/// The maximum number of slots that the hand visits in search of unused sessions. After that, it evicts used
/// ones too.
const SEARCHED: usize = 112;
/// The number of slots that the hand visits in search of expired sessions when one is inserted.
const SWEPT: usize = 7;

impl<E: Entry> Sharded<E> {
    /// Creates a cache with at least this many shards, and at least one.
    pub(super) fn with_shards(limits: CacheLimits, shards: usize) -> Self {
        let shards: Vec<_> =
            (0..shards.max(1).next_power_of_two()).map(|_| Shard(Mutex::new(Table::new()))).collect();
        Self {
            limits,
            hasher: RandomState::new(),
            shards: shards.into(),
            sessions: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
        }
    }

    /// Inserts an entry and replaces one with the same key. The new entry stays; others are evicted for it.
    pub(super) fn put(&self, entry: E, now: UnixTime) {
        let hash = self.hash(entry.key());
        let home = self.shard_of(hash);
        {
            let Some(mut shard) = self.lock(home) else { return };
            let same = shard.find(hash, |other| other.key() == entry.key());
            self.replace(&mut shard, same, (hash, entry), now);
        }
        self.drop_excess(home);
    }

    /// Reads the entry with this key, which counts as used.
    pub(super) fn get<R>(&self, key: &E::Key, now: UnixTime, read: impl FnOnce(&E) -> R) -> Option<R> {
        let hash = self.hash(key);
        let mut shard = self.lock(self.shard_of(hash))?;
        let spot = shard.find(hash, |entry| entry.key() == key)?;
        let entry = shard.get(spot)?;
        if !entry.is_expired(now, self.limits.lifetime) {
            return Some(read(entry));
        }
        if let Some(expired) = shard.remove(spot) {
            self.uncount(&expired);
        }
        None
    }

    /// Changes the entry with this key, or the absence of one, in one step. `change` returns the result.
    pub(super) fn update<R>(
        &self,
        key: &E::Key,
        change: impl FnOnce(Option<&E>) -> (Change<E>, R),
    ) -> Option<R> {
        let hash = self.hash(key);
        let home = self.shard_of(hash);
        let result = {
            let mut shard = self.lock(home)?;
            let spot = shard.find(hash, |entry| entry.key() == key);
            let (changed, result) = change(spot.and_then(|spot| shard.get(spot)));
            match changed {
                Change::Keep => return Some(result),
                Change::Put(entry, now) => self.replace(&mut shard, spot, (hash, entry), now),
                Change::Less(entry) => {
                    if let Some(replaced) = spot.and_then(|spot| shard.remove(spot)) {
                        self.uncount(&replaced);
                        self.count(&entry);
                        shard.insert(hash, entry);
                    }
                }
                Change::Remove => {
                    if let Some(entry) = spot.and_then(|spot| shard.remove(spot)) {
                        self.uncount(&entry);
                    }
                }
            }
            result
        };
        self.drop_excess(home);
        Some(result)
    }

    /// Removes the entry with this key. Returns whether there was one.
    pub(super) fn remove(&self, key: &E::Key) -> bool {
        let hash = self.hash(key);
        let Some(mut shard) = self.lock(self.shard_of(hash)) else { return false };
        let spot = shard.find(hash, |entry| entry.key() == key);
        let removed = spot.and_then(|spot| shard.remove(spot));
        removed.inspect(|entry| self.uncount(entry)).is_some()
    }

    /// Puts an entry in the place of another with the same key, if there is one.
    fn replace(&self, shard: &mut Table<E>, same: Option<Spot>, (hash, entry): (u64, E), now: UnixTime) {
        let fits =
            self.limits.sessions >= entry.sessions().len() && entry_weight(&entry) <= self.limits.bytes;
        if entry.is_expired(now, self.limits.lifetime) || !fits {
            return;
        }
        if let Some(replaced) = same.and_then(|spot| shard.remove(spot)) {
            self.uncount(&replaced);
        }
        self.count(&entry);
        self.make_room(shard, now);
        // Inserted last, so that it is not evicted.
        shard.insert(hash, entry);
    }

    /// Evicts entries of other shards than this one. It is rare that the excess lies there.
    fn drop_excess(&self, home: usize) {
        for offset in 1..self.shards.len() {
            if !self.is_full() {
                break;
            }
            let Some(mut shard) = self.lock(home.wrapping_add(offset)) else { return };
            self.drop_any(&mut shard);
        }
    }

    /// Removes all sessions for which `condition` holds. It locks one shard at a time.
    pub(super) fn remove_all_if(&self, condition: impl Fn(&E) -> bool) {
        for number in 0..self.shards.len() {
            let Some(mut shard) = self.lock(number) else { return };
            shard.remove_all_if(&condition, |entry| self.uncount(&entry));
        }
    }

    pub(super) fn limits(&self) -> CacheLimits {
        self.limits
    }

    pub(super) fn sessions(&self) -> usize {
        self.sessions.load(Relaxed)
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Relaxed)
    }

    fn hash(&self, key: &E::Key) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        E::hash(key, &mut hasher);
        hasher.finish()
    }

    /// Bits of the upper half: the table uses the lower one.
    fn shard_of(&self, hash: u64) -> usize {
        usize::try_from((hash >> 32) & 0xffff).unwrap_or_default()
    }

    /// The shard with this number, modulo the number of shards.
    fn lock(&self, number: usize) -> Option<MutexGuard<'_, Table<E>>> {
        let Shard(mutex) = self.shards.get(number & self.shards.len().wrapping_sub(1))?;
        Some(mutex.lock().unwrap_or_else(|poisoned| {
            // A thread panicked during a change, so the state of the shard is unknown. All of it is
            // discarded.
            let mut shard = poisoned.into_inner();
            shard.remove_all_if(|_| true, |entry| self.uncount(&entry));
            *shard = Table::new();
            mutex.clear_poison();
            shard
        }))
    }

    fn count(&self, entry: &E) {
        self.sessions.fetch_add(entry.sessions().len(), Relaxed);
        self.bytes.fetch_add(entry_weight(entry), Relaxed);
    }

    fn uncount(&self, entry: &E) {
        self.sessions.fetch_sub(entry.sessions().len(), Relaxed);
        self.bytes.fetch_sub(entry_weight(entry), Relaxed);
    }

    /// Makes room for a new entry that has already been counted: evicts entries that have not been used since
    /// the hand last visited them.
    fn make_room(&self, shard: &mut Table<E>, now: UnixTime) {
        if !self.is_full() {
            // Expired secrets are removed when new sessions arrive, not only when they are looked up.
            for _ in 0..SWEPT {
                if let Some(entry) = shard.pass(|entry, _| entry.is_expired(now, self.limits.lifetime)) {
                    self.uncount(&entry);
                }
            }
            return;
        }
        for _ in 0..SEARCHED {
            if let Some(entry) = shard.pass(|_, used| !mem::take(used)) {
                self.uncount(&entry);
                if !self.is_full() {
                    return;
                }
            }
        }
        self.drop_any(shard);
    }

    /// Evicts entries of this shard at the hand, used or not, until the cache is within its limits.
    fn drop_any(&self, shard: &mut Table<E>) {
        while self.is_full() && shard.len() > 0 {
            if let Some(entry) = shard.pass(|_, _| true) {
                self.uncount(&entry);
            }
        }
    }

    fn is_full(&self) -> bool {
        self.sessions() > self.limits.sessions || self.bytes() > self.limits.bytes
    }
}

/// The size of an entry as counted for [`CacheLimits::bytes`].
fn entry_weight<E: Entry>(entry: &E) -> usize {
    Table::<E>::ENTRY_SIZE.saturating_add(entry.weight())
}

#[cfg(test)]
mod tests;
