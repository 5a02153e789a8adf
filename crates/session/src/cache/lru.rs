//! A map that knows which entry was used least recently: look-up, insertion and removal in constant time.
//!
//! The look-up table is `hashbrown`'s. The order is a doubly linked list whose links are indices into a slab, so that
//! it needs no pointers. Links lie apart from what they link: moving an entry to the front touches two strangers, and
//! at eight bytes each their links of even a million entries stay in the processor's cache.

use alloc::vec::Vec;
use hashbrown::HashTable;

/// Where an entry is, until it is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(u32);

/// No entry: the end of the list.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Links {
    newer: u32,
    /// In a free place: the next free place.
    older: u32,
}

#[derive(Debug)]
struct Slot<K, V> {
    /// Kept so that growing the table hashes no key again.
    hash: u64,
    key: K,
    value: V,
}

/// See the module. The caller hashes the keys, with one and the same function always.
#[derive(Debug)]
pub(super) struct Lru<K, V> {
    table: HashTable<u32>,
    links: Vec<Links>,
    /// As long as `links`; `None` where a place is free.
    slots: Vec<Option<Slot<K, V>>>,
    newest: u32,
    oldest: u32,
    free: u32,
}

impl<K: Eq, V> Lru<K, V> {
    /// An empty map; memory comes with the first entry.
    pub(super) const fn new() -> Self {
        Self {
            table: HashTable::new(),
            links: Vec::new(),
            slots: Vec::new(),
            newest: NONE,
            oldest: NONE,
            free: NONE,
        }
    }

    /// What one entry takes, beside what key and value own on the heap.
    pub(super) const ENTRY_SIZE: usize =
        size_of::<Option<Slot<K, V>>>() + size_of::<Links>() + size_of::<u32>() + 1;

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// The place of the entry with this key.
    pub(super) fn find(&self, hash: u64, key: &K) -> Option<Place> {
        self.table.find(hash, |index| holds(&self.slots, *index, hash, key)).map(|index| Place(*index))
    }

    /// Key and value at a place.
    pub(super) fn at(&self, place: Place) -> Option<(&K, &V)> {
        slot(&self.slots, place.0).map(|slot| (&slot.key, &slot.value))
    }

    /// The place of the entry that was used least recently.
    pub(super) const fn oldest(&self) -> Option<Place> {
        match self.oldest {
            NONE => None,
            index => Some(Place(index)),
        }
    }

    /// Makes an entry the one that was used most recently.
    pub(super) fn touch(&mut self, place: Place) {
        if place.0 != self.newest {
            self.unlink(place.0);
            self.link_newest(place.0);
        }
    }

    /// Puts an entry, as the one used most recently, in the place of one with the same key, whose value it returns.
    /// When there is no place left (2^32 - 1 entries) it does nothing.
    pub(super) fn insert(&mut self, hash: u64, key: K, value: V) -> Option<V> {
        if let Some(place) = self.find(hash, &key) {
            self.touch(place);
            let slot = self.slots.get_mut(index_of(place.0))?.as_mut()?;
            return Some(core::mem::replace(&mut slot.value, value));
        }
        let index = self.take_free_place()?;
        if let Some(slot) = self.slots.get_mut(index_of(index)) {
            *slot = Some(Slot { hash, key, value });
        }
        let slots = &self.slots;
        self.table.insert_unique(hash, index, |index| slot(slots, *index).map_or(0, |slot| slot.hash));
        self.link_newest(index);
        None
    }

    /// Takes an entry out.
    pub(super) fn remove(&mut self, place: Place) -> Option<(K, V)> {
        let slot = self.slots.get_mut(index_of(place.0))?.take()?;
        if let Ok(entry) = self.table.find_entry(slot.hash, |index| *index == place.0) {
            entry.remove();
        }
        self.unlink(place.0);
        if let Some(links) = self.links.get_mut(index_of(place.0)) {
            links.older = self.free;
            self.free = place.0;
        }
        Some((slot.key, slot.value))
    }

    /// The places of all entries.
    pub(super) fn places(&self) -> Vec<Place> {
        self.table.iter().map(|index| Place(*index)).collect()
    }

    fn take_free_place(&mut self) -> Option<u32> {
        if self.free != NONE {
            let index = self.free;
            self.free = self.links.get(index_of(index))?.older;
            return Some(index);
        }
        let index = u32::try_from(self.slots.len()).ok().filter(|index| *index != NONE)?;
        self.slots.push(None);
        self.links.push(Links { newer: NONE, older: NONE });
        Some(index)
    }

    fn unlink(&mut self, index: u32) {
        let Some(&Links { newer, older }) = self.links.get(index_of(index)) else { return };
        match self.links.get_mut(index_of(newer)) {
            Some(links) => links.older = older,
            None => self.newest = older,
        }
        match self.links.get_mut(index_of(older)) {
            Some(links) => links.newer = newer,
            None => self.oldest = newer,
        }
    }

    fn link_newest(&mut self, index: u32) {
        let second = core::mem::replace(&mut self.newest, index);
        if let Some(links) = self.links.get_mut(index_of(index)) {
            *links = Links { newer: NONE, older: second };
        }
        match self.links.get_mut(index_of(second)) {
            Some(links) => links.newer = index,
            None => self.oldest = index,
        }
    }
}

/// `NONE` is beyond every slab, so that the end of the list needs no case of its own.
fn index_of(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

fn slot<K, V>(slots: &[Option<Slot<K, V>>], index: u32) -> Option<&Slot<K, V>> {
    slots.get(index_of(index))?.as_ref()
}

fn holds<K: Eq, V>(slots: &[Option<Slot<K, V>>], index: u32, hash: u64, key: &K) -> bool {
    slot(slots, index).is_some_and(|slot| slot.hash == hash && slot.key == *key)
}
