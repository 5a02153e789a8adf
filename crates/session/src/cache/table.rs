//! A hash table in which a look-up touches one line of the processor's cache beside what it finds, and which can say
//! what was not used for a while.
//!
//! In a large cache nearly all the time of a look-up is waiting for memory, one strange line after the other, and each
//! strange page costs as much again. Hence the layout: seven pointers lie in one line with what tells which of them may
//! be meant, and with the marks of use. There is no list in the order of use, whose links a look-up would have to write in
//! several places; a hand goes round as that of a clock does, and what was not used since it last passed may go.
//!
//! An entry lies in the bucket that its hash says (its home), or, where that is full, in the next that is not. So a
//! look-up ends at the first bucket with an empty slot. When an entry leaves, one that is further from its home than
//! it need be moves up, and no trace of the first is left.

use alloc::vec::Vec;
use core::mem;

/// How many entries a bucket takes: with their tags and marks of use as many pointers as fill a line of 64 bytes.
pub(super) const SLOTS: usize = 7;
/// How many there are in a bucket at most, on average: with more, look-ups begin to go past their first bucket.
const FILLED: usize = 6;

/// A line of the processor's cache, if an entry is a pointer.
#[derive(Debug)]
#[repr(align(64))]
struct Bucket<T> {
    /// For each entry a byte of its hash; where there is none, it means nothing.
    tags: [u8; SLOTS],
    /// For each slot a bit, from the lowest: whether the entry was used since the hand last passed.
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

/// An entry on its way from slot to slot.
struct Moved<T> {
    tag: u8,
    used: bool,
    entry: T,
}

/// Where an entry lies, until something is put or taken out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    bucket: usize,
    slot: usize,
}

/// See the module. The caller hashes the keys, with one and the same function always.
#[derive(Debug)]
pub(super) struct Table<T> {
    buckets: Vec<Bucket<T>>,
    /// For each slot the half of the hash that tells the home. They are apart because no look-up wants them.
    hashes: Vec<[u32; SLOTS]>,
    len: usize,
    /// The slot that the hand comes to next.
    hand: Spot,
}

impl<T> Table<T> {
    /// What the table takes for an entry when it is as full as it becomes, in bytes.
    pub(super) const ENTRY_SIZE: usize =
        (size_of::<Bucket<T>>() + size_of::<[u32; SLOTS]>()).div_ceil(FILLED);

    /// An empty table; memory comes with the first entry.
    pub(super) const fn new() -> Self {
        Self { buckets: Vec::new(), hashes: Vec::new(), len: 0, hand: Spot { bucket: 0, slot: 0 } }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Where the entry with this hash is for which `is_it` holds.
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

    /// The entry that lies there, without using it.
    pub(super) fn peek(&self, spot: Spot) -> Option<&T> {
        self.buckets.get(spot.bucket)?.entries.get(spot.slot)?.as_ref()
    }

    /// The entry that lies there, which is thereby used.
    pub(super) fn get(&mut self, spot: Spot) -> Option<&T> {
        let bucket = self.buckets.get_mut(spot.bucket)?;
        bucket.set_used(spot.slot, true);
        bucket.entries.get(spot.slot)?.as_ref()
    }

    /// Puts an entry, as one that was just used. None with the same key may be there.
    pub(super) fn insert(&mut self, hash: u64, entry: T) {
        if self.len >= self.buckets.len().saturating_mul(FILLED) {
            // A quarter more.
            self.resize(self.buckets.len().saturating_add(self.buckets.len() / 4).saturating_add(1));
        }
        self.place(half(hash), Moved { tag: tag(hash), used: true, entry });
    }

    /// Takes the entry out that lies there.
    pub(super) fn remove(&mut self, spot: Spot) -> Option<T> {
        let removed = self.remove_from(spot)?;
        self.shrink();
        Some(removed)
    }

    /// Judges the entry that the hand has come to: if `goes` holds for it, it is taken out. `goes` sees whether the entry was
    /// used since it last saw it, and may change that. The hand moves on.
    pub(super) fn pass(&mut self, goes: impl FnOnce(&T, &mut bool) -> bool) -> Option<T> {
        let taken = self.take_if(self.hand, goes);
        // One slot of all buckets, then the next of all. Bucket after bucket, it would clear the table behind it while
        // what comes crowds the buckets before it.
        self.hand.bucket = self.after(self.hand.bucket);
        if self.hand.bucket == 0 {
            self.hand.slot = self.hand.slot.wrapping_add(1) % SLOTS;
        }
        if taken.is_some() {
            self.shrink();
        }
        taken
    }

    /// Takes out each entry for which `condition` holds, and hands it to `taken`.
    pub(super) fn remove_all_if(&mut self, condition: impl Fn(&T) -> bool, mut taken: impl FnMut(T)) {
        for bucket in 0..self.buckets.len() {
            for slot in 0..SLOTS {
                // Another one may move up to where one was taken out.
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

    /// The bucket that a hash begins at. In the order of the hashes, so that a table of another size has all in the same
    /// order.
    fn home(&self, half: u32) -> usize {
        let buckets = u64::try_from(self.buckets.len()).unwrap_or_default();
        usize::try_from(u64::from(half).wrapping_mul(buckets) >> 32).unwrap_or_default()
    }

    fn after(&self, number: usize) -> usize {
        let next = number.wrapping_add(1);
        if next < self.buckets.len() { next } else { 0 }
    }

    /// How many steps it is from one bucket to another, going round.
    fn steps(&self, from: usize, to: usize) -> usize {
        if from <= to {
            to.wrapping_sub(from)
        } else {
            to.wrapping_sub(from).wrapping_add(self.buckets.len())
        }
    }

    /// Puts an entry into the first empty slot from its home on. There is one, for a table is never full.
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
        // Look-ups went past this bucket until now: who lies behind it, and need not, moves up.
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

    /// The slot of an entry in this bucket that could as well lie in that one, further up.
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

    /// Gives memory back when three quarters are not needed; and so the hand never goes far between two entries.
    fn shrink(&mut self) {
        if self.len < self.buckets.len().saturating_mul(FILLED) / 4 {
            self.resize(self.len.saturating_mul(5) / (4 * FILLED) + usize::from(self.len > 0));
        }
    }

    /// So many buckets from now on, which must be enough. What moves are the entries alone, and not what they point to.
    fn resize(&mut self, buckets: usize) {
        let hand = self.hand.bucket.saturating_mul(buckets).checked_div(self.buckets.len());
        let mut new = Self {
            buckets: core::iter::repeat_with(Bucket::new).take(buckets).collect(),
            hashes: alloc::vec![[0; SLOTS]; buckets],
            len: 0,
            hand: Spot { bucket: hand.unwrap_or_default(), slot: self.hand.slot },
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

/// The half of a hash that tells the home.
fn half(hash: u64) -> u32 {
    u32::try_from(hash & 0xffff_ffff).unwrap_or_default()
}

/// A byte of the other half.
fn tag(hash: u64) -> u8 {
    hash.to_be_bytes()[0]
}

#[cfg(test)]
mod tests;
