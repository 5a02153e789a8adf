//! A hash table for a clock cache. A lookup touches one cache line in addition to the entry, and the table
//! records which entries have not been used recently.
//!
//! In a large cache, nearly all the time of a lookup is spent waiting for memory, one missed cache line after
//! another, and each missed page costs as much again. Therefore seven pointers share one cache line with
//! their hash tags and their use bits. There is no list in order of use, whose links a lookup would have to
//! write in several places. Instead a hand goes around like that of a clock, and entries that have not been
//! used since its last visit may be evicted.
//!
//! An entry lies in the bucket that its hash selects (its home), or, if that is full, in the next one that is
//! not. A lookup therefore ends at the first bucket with an empty slot. When an entry is removed, another one
//! that is farther from its home than necessary moves up, so no tombstones are left.

use alloc::vec::Vec;
use core::mem;

/// Slots per bucket: with their tags and use bits, as many pointers as fill a cache line of 64 bytes.
pub(super) const SLOTS: usize = 7;
/// The maximum average number of entries per bucket. With more, lookups start to go beyond their first
/// bucket.
const FILLED: usize = 6;

/// One cache line, if an entry is a pointer.
#[derive(Debug)]
#[repr(align(64))]
struct Bucket<T> {
    /// One byte of the hash for each entry. It has no meaning for an empty slot.
    tags: [u8; SLOTS],
    /// One bit for each slot, from the lowest: whether the entry has been used since the hand last visited
    /// it.
    used: u8,
    entries: [Option<T>; SLOTS],
}

impl<T> Bucket<T> {
    const fn new() -> Self {
        Self { tags: [0; SLOTS], used: 0, entries: [const { None }; SLOTS] }
    }

    fn empty_slot(&self) -> Option<usize> {
        self.entries.iter().position(Option::is_none)
    }

    fn put(&mut self, slot: usize, moved: Moved<T>) {
        let (Some(tag), Some(entry)) = (self.tags.get_mut(slot), self.entries.get_mut(slot)) else { return };
        *tag = moved.tag;
        *entry = Some(moved.entry);
        self.set_used(slot, moved.used);
    }

    fn take(&mut self, slot: usize) -> Option<Moved<T>> {
        let entry = self.entries.get_mut(slot)?.take()?;
        let tag = self.tags.get(slot).copied().unwrap_or_default();
        Some(Moved { tag, used: self.is_used(slot), entry })
    }

    fn is_used(&self, slot: usize) -> bool {
        self.used & (1 << slot) != 0
    }

    fn set_used(&mut self, slot: usize, used: bool) {
        self.used = (self.used & !(1 << slot)) | (u8::from(used) << slot);
    }
}

/// An entry in transit between slots.
struct Moved<T> {
    tag: u8,
    used: bool,
    entry: T,
}

/// The position of an entry, valid until the next insertion or removal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    bucket: usize,
    slot: usize,
}

/// The table; see the module documentation. The caller hashes the keys, always with the same function.
#[derive(Debug)]
pub(super) struct Table<T> {
    buckets: Vec<Bucket<T>>,
    /// For each slot, the half of the hash that determines the home. It is stored separately because no
    /// lookup needs it.
    hashes: Vec<[u32; SLOTS]>,
    len: usize,
    /// The bucket that the hand visits next.
    hand: usize,
    /// The number of rounds of the hand, modulo [`SLOTS`].
    round: usize,
}

impl<T> Table<T> {
    /// The memory per entry of a table that is as full as possible, in bytes.
    pub(super) const ENTRY_SIZE: usize =
        (size_of::<Bucket<T>>() + size_of::<[u32; SLOTS]>()).div_ceil(FILLED);

    /// Creates an empty table. It allocates memory for the first entry.
    pub(super) const fn new() -> Self {
        Self { buckets: Vec::new(), hashes: Vec::new(), len: 0, hand: 0, round: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Finds the entry with this hash for which `is_it` holds.
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(&T) -> bool) -> Option<Spot> {
        let tag = tag(hash);
        let mut number = self.home(half(hash));
        for _ in 0..self.buckets.len() {
            let bucket = self.buckets.get(number)?;
            for (slot, (its_tag, entry)) in bucket.tags.iter().zip(&bucket.entries).enumerate() {
                if *its_tag == tag && entry.as_ref().is_some_and(&is_it) {
                    return Some(Spot { bucket: number, slot });
                }
            }
            if bucket.empty_slot().is_some() {
                return None;
            }
            number = self.after(number);
        }
        None
    }

    /// Returns the entry at this position without marking it as used.
    pub(super) fn peek(&self, spot: Spot) -> Option<&T> {
        self.buckets.get(spot.bucket)?.entries.get(spot.slot)?.as_ref()
    }

    /// Returns the entry at this position and marks it as used.
    pub(super) fn get(&mut self, spot: Spot) -> Option<&T> {
        let bucket = self.buckets.get_mut(spot.bucket)?;
        bucket.set_used(spot.slot, true);
        bucket.entries.get(spot.slot)?.as_ref()
    }

    /// Inserts an entry and marks it as used. The table must not contain an entry with the same key.
    pub(super) fn insert(&mut self, hash: u64, entry: T) {
        if self.len >= self.buckets.len().saturating_mul(FILLED) {
            // Grow by a quarter.
            self.resize(self.buckets.len().saturating_add(self.buckets.len() / 4).saturating_add(1));
        }
        self.place(half(hash), Moved { tag: tag(hash), used: true, entry });
    }

    /// Removes the entry at this position.
    pub(super) fn remove(&mut self, spot: Spot) -> Option<T> {
        let removed = self.remove_from(spot)?;
        self.shrink();
        Some(removed)
    }

    /// Advances the hand by one entry and removes that entry if `goes` holds for it. `goes` receives the use
    /// bit of the entry and may change it.
    pub(super) fn pass(&mut self, goes: impl FnOnce(&T, &mut bool) -> bool) -> Option<T> {
        // One slot of each bucket per round, and all of them in as many rounds as there are slots. Visiting
        // bucket after bucket would empty the table behind the hand while new entries crowd the buckets
        // before it. The slot differs from bucket to bucket because the last slots tend to be emptier.
        let slot = self.hand.wrapping_add(self.round) % SLOTS;
        let taken = self.take_if(Spot { bucket: self.hand, slot }, goes);
        self.hand = self.after(self.hand);
        if self.hand == 0 {
            self.round = self.round.wrapping_add(1) % SLOTS;
        }
        if taken.is_some() {
            self.shrink();
        }
        taken
    }

    /// Removes all entries for which `condition` holds and passes them to `taken`.
    pub(super) fn remove_all_if(&mut self, condition: impl Fn(&T) -> bool, mut taken: impl FnMut(T)) {
        for bucket in 0..self.buckets.len() {
            for slot in 0..SLOTS {
                // Another entry may have moved up into this slot.
                while let Some(entry) = self.take_if(Spot { bucket, slot }, |entry, _| condition(entry)) {
                    taken(entry);
                }
            }
        }
        self.shrink();
    }

    fn take_if(&mut self, spot: Spot, goes: impl FnOnce(&T, &mut bool) -> bool) -> Option<T> {
        let bucket = self.buckets.get_mut(spot.bucket)?;
        let mut used = bucket.is_used(spot.slot);
        let goes = goes(bucket.entries.get(spot.slot)?.as_ref()?, &mut used);
        bucket.set_used(spot.slot, used);
        if goes { self.remove_from(spot) } else { None }
    }

    /// The home bucket of a hash. Buckets are in the order of the hashes, so that a table of another size has
    /// its entries in the same order.
    fn home(&self, half: u32) -> usize {
        let buckets = u64::try_from(self.buckets.len()).unwrap_or_default();
        usize::try_from(u64::from(half).wrapping_mul(buckets) >> 32).unwrap_or_default()
    }

    fn after(&self, number: usize) -> usize {
        let next = number.wrapping_add(1);
        if next < self.buckets.len() { next } else { 0 }
    }

    /// The distance from one bucket to another, with wraparound.
    fn steps(&self, from: usize, to: usize) -> usize {
        if from <= to {
            to.wrapping_sub(from)
        } else {
            to.wrapping_sub(from).wrapping_add(self.buckets.len())
        }
    }

    /// Inserts an entry into the first empty slot from its home on. There is one, because a table is never
    /// full.
    fn place(&mut self, half: u32, moved: Moved<T>) {
        let mut number = self.home(half);
        for _ in 0..self.buckets.len() {
            let Some(bucket) = self.buckets.get_mut(number) else { return };
            if let Some(slot) = bucket.empty_slot() {
                bucket.put(slot, moved);
                self.set_half(Spot { bucket: number, slot }, half);
                self.len = self.len.saturating_add(1);
                return;
            }
            number = self.after(number);
        }
    }

    fn half_at(&self, spot: Spot) -> Option<u32> {
        self.hashes.get(spot.bucket)?.get(spot.slot).copied()
    }

    fn set_half(&mut self, spot: Spot, half: u32) {
        if let Some(place) = self.hashes.get_mut(spot.bucket).and_then(|hashes| hashes.get_mut(spot.slot)) {
            *place = half;
        }
    }

    fn remove_from(&mut self, mut hole: Spot) -> Option<T> {
        let bucket = self.buckets.get_mut(hole.bucket)?;
        let was_full = bucket.empty_slot().is_none();
        let removed = bucket.take(hole.slot)?;
        self.len = self.len.saturating_sub(1);
        if !was_full {
            return Some(removed.entry);
        }
        // Lookups have gone past this bucket until now. An entry behind it that no longer needs to be there
        // moves up.
        let mut number = self.after(hole.bucket);
        while number != hole.bucket
            && let Some(bucket) = self.buckets.get(number)
        {
            let is_full = bucket.empty_slot().is_none();
            if let Some(slot) = self.one_from_before(number, hole.bucket) {
                let from = Spot { bucket: number, slot };
                self.move_to(hole, from);
                hole = from;
            }
            if !is_full {
                break;
            }
            number = self.after(number);
        }
        Some(removed.entry)
    }

    /// The slot of an entry in `bucket` that could also lie in the earlier bucket.
    fn one_from_before(&self, number: usize, that: usize) -> Option<usize> {
        let distance = self.steps(that, number);
        let bucket = self.buckets.get(number)?;
        let halves = self.hashes.get(number)?;
        bucket
            .entries
            .iter()
            .zip(halves)
            .position(|(entry, half)| entry.is_some() && self.steps(self.home(*half), number) >= distance)
    }

    fn move_to(&mut self, to: Spot, from: Spot) {
        let half = self.half_at(from).unwrap_or_default();
        let moved = self.buckets.get_mut(from.bucket).and_then(|bucket| bucket.take(from.slot));
        if let (Some(moved), Some(bucket)) = (moved, self.buckets.get_mut(to.bucket)) {
            bucket.put(to.slot, moved);
            self.set_half(to, half);
        }
    }

    /// Shrinks the table when three quarters are unused. This also bounds the distance of the hand between
    /// two entries.
    fn shrink(&mut self) {
        if self.len < self.buckets.len().saturating_mul(FILLED) / 4 {
            self.resize(self.len.saturating_mul(5) / (4 * FILLED) + usize::from(self.len > 0));
        }
    }

    /// Resizes the table to this number of buckets, which must suffice. Only the pointers move.
    fn resize(&mut self, buckets: usize) {
        let hand = self.hand.saturating_mul(buckets).checked_div(self.buckets.len());
        let mut new = Self {
            buckets: core::iter::repeat_with(Bucket::new).take(buckets).collect(),
            hashes: alloc::vec![[0; SLOTS]; buckets],
            len: 0,
            hand: hand.unwrap_or_default(),
            round: self.round,
        };
        for (mut bucket, halves) in mem::take(&mut self.buckets).into_iter().zip(mem::take(&mut self.hashes))
        {
            for (slot, half) in halves.into_iter().enumerate() {
                if let Some(moved) = bucket.take(slot) {
                    new.place(half, moved);
                }
            }
        }
        *self = new;
    }
}

/// The half of a hash that determines the home.
fn half(hash: u64) -> u32 {
    u32::try_from(hash & 0xffff_ffff).unwrap_or_default()
}

/// One byte of the other half.
fn tag(hash: u64) -> u8 {
    hash.to_be_bytes()[0]
}

#[cfg(test)]
mod tests;
