//! One cache out of many small ones, so that threads rarely wait for each other.

use super::lru::{Entry, Lru};
use super::sync::{AtomicUsize, Mutex, MutexGuard, RandomState, Relaxed};
use super::{CacheLimits, kept::Kept};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_handshake::{Session, UnixTime};
use core::hash::{BuildHasher, Hash};

/// What a session is found by.
pub(super) trait Key: Clone + Eq + Hash {
    /// How many bytes it has on the heap.
    fn heap_size(&self) -> usize;
}

/// See the module.
pub(super) struct Sharded<K> {
    limits: CacheLimits,
    /// Keyed at random, so that no peer can choose IDs that meet in one shard or one bucket.
    hasher: RandomState,
    /// A power of two of them.
    shards: Box<[Shard<K>]>,
    sessions: AtomicUsize,
    bytes: AtomicUsize,
}

/// A line of the processor's cache (on some a pair of them) for itself, so that two locks never share one.
#[repr(align(128))]
struct Shard<K>(Mutex<Lru<K, Kept>>);

/// Shards for each thread that can run at once: so many that two seldom meet.
const SHARDS_PER_THREAD: usize = 8;
/// No fewer sessions than this for each shard, on average. All shards share the limits, so that many shards waste no
/// room; but what goes first is decided in one shard, and in a small one that is far from the cache's oldest.
const MIN_SESSIONS_PER_SHARD: usize = 64;
/// How many expired sessions one [`Sharded::put`] lets go beyond what it must.
const EXPIRED_PER_PUT: usize = 2;

impl<K: Key> Sharded<K> {
    pub(super) fn new(limits: CacheLimits) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let wanted = threads.saturating_mul(SHARDS_PER_THREAD);
        Self::with_shards(limits, wanted.min(limits.sessions / MIN_SESSIONS_PER_SHARD))
    }

    /// With at least this many shards, and at least one.
    pub(super) fn with_shards(limits: CacheLimits, shards: usize) -> Self {
        let shards: Vec<_> =
            (0..shards.max(1).next_power_of_two()).map(|_| Shard(Mutex::new(Lru::new()))).collect();
        Self {
            limits,
            hasher: RandomState::new(),
            shards: shards.into(),
            sessions: AtomicUsize::new(0),
            bytes: AtomicUsize::new(0),
        }
    }

    pub(super) fn put(&self, key: &K, session: Arc<Session>, now: UnixTime) {
        let kept = Kept::new(session);
        if kept.is_expired(now, self.limits.lifetime) {
            return;
        }
        let weight = entry_weight(key, &kept);
        if self.limits.sessions == 0 || weight > self.limits.bytes {
            return;
        }
        let hash = self.hasher.hash_one(key);
        let home = self.shard_of(hash);
        {
            let Some(mut shard) = self.lock(home) else { return };
            self.insert(&mut shard, hash, key, kept, weight);
            self.drop_expired_at_the_end(&mut shard, now);
            // The newcomer is the last that would go, and stays.
            while self.is_full() && shard.len() > 1 {
                self.drop_oldest(&mut shard);
            }
        }
        // Seldom: what is too much lies in other shards.
        for offset in 1..self.shards.len() {
            if !self.is_full() {
                break;
            }
            let Some(mut shard) = self.lock(home.wrapping_add(offset)) else { return };
            while self.is_full() && shard.len() > 0 {
                self.drop_oldest(&mut shard);
            }
        }
    }

    pub(super) fn get(&self, key: &K, now: UnixTime) -> Option<Arc<Session>> {
        let hash = self.hasher.hash_one(key);
        let entry = {
            let mut shard = self.lock(self.shard_of(hash))?;
            let entry = Arc::clone(shard.get(hash, key)?);
            if entry.value.is_expired(now, self.limits.lifetime) {
                shard.remove(hash, key);
                self.uncount(&entry);
                return None;
            }
            entry
        };
        // The copy is made after the lock is free again.
        Some(entry.value.session())
    }

    /// Removes the session under this key if `condition` holds for it.
    pub(super) fn remove_if(&self, key: &K, condition: impl FnOnce(&Kept) -> bool) {
        let hash = self.hasher.hash_one(key);
        let Some(mut shard) = self.lock(self.shard_of(hash)) else { return };
        if shard.peek(hash, key).is_some_and(|entry| condition(&entry.value))
            && let Some(entry) = shard.remove(hash, key)
        {
            self.uncount(&entry);
        }
    }

    /// Removes each session for which `condition` holds. It locks one shard after the other.
    pub(super) fn remove_all_if(&self, condition: impl Fn(&Kept) -> bool) {
        for number in 0..self.shards.len() {
            let Some(mut shard) = self.lock(number) else { return };
            shard.remove_all_if(|entry| condition(&entry.value), |entry| self.uncount(&entry));
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

    /// The middle bits: the table takes its bucket from the low ones and its tag from the high ones.
    fn shard_of(&self, hash: u64) -> usize {
        usize::try_from((hash >> 32) & 0xffff).unwrap_or_default()
    }

    /// The shard of this number, counted round.
    fn lock(&self, number: usize) -> Option<MutexGuard<'_, Lru<K, Kept>>> {
        let Shard(mutex) = self.shards.get(number & self.shards.len().wrapping_sub(1))?;
        Some(mutex.lock().unwrap_or_else(|poisoned| {
            // A thread died in the middle of a change: nobody can say what holds there, so all of it goes.
            let mut shard = poisoned.into_inner();
            shard.remove_all_if(|_| true, |entry| self.uncount(&entry));
            *shard = Lru::new();
            mutex.clear_poison();
            shard
        }))
    }

    fn insert(&self, shard: &mut Lru<K, Kept>, hash: u64, key: &K, kept: Kept, weight: usize) {
        self.sessions.fetch_add(1, Relaxed);
        self.bytes.fetch_add(weight, Relaxed);
        if let Some(replaced) = shard.insert(hash, key.clone(), kept) {
            self.uncount(&replaced);
        }
    }

    fn uncount(&self, entry: &Entry<K, Kept>) {
        self.sessions.fetch_sub(1, Relaxed);
        self.bytes.fetch_sub(entry_weight(&entry.key, &entry.value), Relaxed);
    }

    fn drop_oldest(&self, shard: &mut Lru<K, Kept>) {
        if let Some(entry) = shard.remove_oldest() {
            self.uncount(&entry);
        }
    }

    /// Secrets that nobody can use any more leave when new ones come, and not only when they are asked for.
    fn drop_expired_at_the_end(&self, shard: &mut Lru<K, Kept>, now: UnixTime) {
        for _ in 0..EXPIRED_PER_PUT {
            if !shard.oldest().is_some_and(|entry| entry.value.is_expired(now, self.limits.lifetime)) {
                return;
            }
            self.drop_oldest(shard);
        }
    }

    fn is_full(&self) -> bool {
        self.sessions() > self.limits.sessions || self.bytes() > self.limits.bytes
    }
}

/// What an entry counts for against [`CacheLimits::bytes`].
fn entry_weight<K: Key>(key: &K, kept: &Kept) -> usize {
    Lru::<K, Kept>::ENTRY_SIZE.saturating_add(key.heap_size()).saturating_add(kept.weight())
}

#[cfg(test)]
mod tests;
