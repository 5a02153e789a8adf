//! The order of use: a doubly linked list whose links are indices into a slab, so that it needs no pointers.

use alloc::vec::Vec;

/// An entry's place in the slab, as long as the entry is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place(usize);

/// No place: the end of the list. No slab is so long, so that the end needs no case of its own.
const NONE: Place = Place(usize::MAX);

#[derive(Clone, Copy, Debug)]
struct Links {
    newer: Place,
    /// In a free place: the next free place.
    older: Place,
    hash: u64,
}

/// What was used when, in relation to the others. Each entry brings its hash along, by which the table finds it.
#[derive(Debug)]
pub(super) struct Order {
    slab: Vec<Links>,
    newest: Place,
    oldest: Place,
    free: Place,
}

impl Order {
    /// What an entry takes, in bytes.
    pub(super) const ENTRY_SIZE: usize = size_of::<Links>();

    pub(super) const fn new() -> Self {
        Self { slab: Vec::new(), newest: NONE, oldest: NONE, free: NONE }
    }

    /// A place for a new entry, as the newest.
    pub(super) fn add(&mut self, hash: u64) -> Place {
        let links = Links { newer: NONE, older: NONE, hash };
        let mut place = self.free;
        match self.slab.get_mut(place.0) {
            Some(free) => {
                self.free = free.older;
                *free = links;
            }
            None => {
                place = Place(self.slab.len());
                self.slab.push(links);
            }
        }
        self.link(place);
        place
    }

    /// Frees a place.
    pub(super) fn remove(&mut self, place: Place) {
        self.unlink(place);
        if let Some(links) = self.slab.get_mut(place.0) {
            links.older = self.free;
            self.free = place;
        }
    }

    /// Makes an entry the newest.
    pub(super) fn touch(&mut self, place: Place) {
        if place != self.newest {
            self.unlink(place);
            self.link(place);
        }
    }

    /// The entry whose use is longest ago.
    pub(super) fn oldest(&self) -> Option<Place> {
        (self.oldest != NONE).then_some(self.oldest)
    }

    /// The hash that an entry came with.
    pub(super) fn hash(&self, place: Place) -> Option<u64> {
        self.slab.get(place.0).map(|links| links.hash)
    }

    fn unlink(&mut self, place: Place) {
        let Some(&Links { newer, older, .. }) = self.slab.get(place.0) else { return };
        match self.slab.get_mut(newer.0) {
            Some(links) => links.older = older,
            None => self.newest = older,
        }
        match self.slab.get_mut(older.0) {
            Some(links) => links.newer = newer,
            None => self.oldest = newer,
        }
    }

    fn link(&mut self, place: Place) {
        let second = core::mem::replace(&mut self.newest, place);
        if let Some(links) = self.slab.get_mut(place.0) {
            links.newer = NONE;
            links.older = second;
        }
        match self.slab.get_mut(second.0) {
            Some(links) => links.newer = place,
            None => self.oldest = place,
        }
    }
}
