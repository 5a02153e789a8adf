//! A hash table for a clock cache: a [`HashTable`] whose slots record whether they have been used recently.
//!
//! There is no list in order of use, whose links a lookup would have to write in several places. Instead a
//! hand goes around like that of a clock, and entries that have not been used since its last visit may be
//! evicted.
//!
//! Each slot also has half of the hash, in bytes that would otherwise be padding. A table that is rebuilt
//! moves its slots and does not visit the entries, each of which may be a missed cache line.

use hashbrown::HashTable;

/// Of each eight slots, seven can be occupied: the maximum load of a [`HashTable`].
const SLOTS: usize = 8;
const FILLED: usize = 7;

/// The table shrinks when at most one slot in this number is occupied. This also bounds the average distance
/// of the hand between two entries.
const SPARSE: usize = 5;

#[derive(Debug)]
struct Slot<T> {
    entry: T,
    hash: u32,
    /// Whether the entry has been used since the hand last visited it.
    used: bool,
}

/// The position of an entry, valid until the next insertion or removal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot(usize);

/// The table; see the module documentation. The caller hashes the keys, always with the same function.
#[derive(Debug)]
pub(super) struct Table<T> {
    slots: HashTable<Slot<T>>,
    /// The slot that the hand visits next.
    hand: usize,
}

impl<T> Table<T> {
    /// The memory per entry of a table that is as full as possible, in bytes. A slot has one byte of the hash
    /// elsewhere.
    pub(super) const ENTRY_SIZE: usize = ((size_of::<Slot<T>>() + 1) * SLOTS).div_ceil(FILLED);

    /// Creates an empty table. It allocates memory for the first entry.
    pub(super) const fn new() -> Self {
        Self { slots: HashTable::new(), hand: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Finds the entry with this hash for which `is_it` holds.
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(&T) -> bool) -> Option<Spot> {
        self.slots.find_bucket_index(spread(half(hash)), |slot| is_it(&slot.entry)).map(Spot)
    }

    /// Returns the entry at this position and marks it as used.
    pub(super) fn get(&mut self, Spot(number): Spot) -> Option<&T> {
        let slot = self.slots.get_bucket_mut(number)?;
        slot.used = true;
        Some(&slot.entry)
    }

    /// Inserts an entry and marks it as used. The table must not contain an entry with the same key.
    pub(super) fn insert(&mut self, hash: u64, entry: T) {
        if self.len() >= self.slots.capacity() {
            // Either the entries or the traces of removed ones fill the table. A `HashTable` by itself would
            // double in both cases, as soon as half of it is occupied.
            self.rebuild(self.len().saturating_add(1));
        }
        let hash = half(hash);
        self.slots.insert_unique(spread(hash), Slot { entry, hash, used: true }, |slot| spread(slot.hash));
    }

    /// Removes the entry at this position.
    pub(super) fn remove(&mut self, Spot(number): Spot) -> Option<T> {
        let (removed, _) = self.slots.get_bucket_entry(number).ok()?.remove();
        self.shrink();
        Some(removed.entry)
    }

    /// Advances the hand by one slot, and removes the entry in it if `goes` holds for it. `goes` receives the
    /// use bit of the entry and may change it.
    pub(super) fn pass(&mut self, goes: impl FnOnce(&T, &mut bool) -> bool) -> Option<T> {
        let number = self.hand;
        let next = number.wrapping_add(1);
        self.hand = if next < self.slots.num_buckets() { next } else { 0 };
        let slot = self.slots.get_bucket_mut(number)?;
        if goes(&slot.entry, &mut slot.used) { self.remove(Spot(number)) } else { None }
    }

    /// Removes all entries for which `condition` holds and passes them to `taken`.
    pub(super) fn remove_all_if(&mut self, condition: impl Fn(&T) -> bool, taken: impl FnMut(T)) {
        self.slots.extract_if(|slot| condition(&slot.entry)).map(|slot| slot.entry).for_each(taken);
        self.shrink();
    }

    fn shrink(&mut self) {
        if self.len().saturating_mul(SPARSE) < self.slots.num_buckets() {
            self.rebuild(self.len());
        }
    }

    /// Moves the slots to a new table, for this number of entries and a quarter more. It is at least a third
    /// full, and is not rebuilt again before a fifth of the entries have been replaced.
    fn rebuild(&mut self, entries: usize) {
        let mut slots = HashTable::with_capacity(entries.saturating_add(entries / 4));
        for slot in self.slots.drain() {
            slots.insert_unique(spread(slot.hash), slot, |slot: &Slot<T>| spread(slot.hash));
        }
        self.slots = slots;
        if self.hand >= self.slots.num_buckets() {
            self.hand = 0;
        }
    }
}

/// The half of a hash that a slot has.
fn half(hash: u64) -> u32 {
    u32::try_from(hash & 0xffff_ffff).unwrap_or_default()
}

/// A [`HashTable`] starts its search in the slot that the lowest bits select, and compares the highest seven.
fn spread(half: u32) -> u64 {
    u64::from(half) | (u64::from(half) << 32)
}

#[cfg(test)]
mod tests;
