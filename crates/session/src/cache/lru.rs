//! A map that knows which entry was used least recently: look-up, insertion and removal in constant time.
//!
//! In a large cache nearly all the time of a look-up is waiting for memory, one strange cache line after the other.
//! Hence the layout: the table (`hashbrown`'s) leads straight to the entry, where key and value lie together, and the
//! order lies apart from both, three words an entry.

use super::order::{Order, Place};
use alloc::sync::Arc;
use hashbrown::HashTable;

/// A key and its value, together, so that comparing the one fetches the other.
#[derive(Debug)]
pub(super) struct Entry<K, V> {
    pub(super) key: K,
    pub(super) value: V,
}

#[derive(Debug)]
struct Node<K, V> {
    place: Place,
    entry: Arc<Entry<K, V>>,
}

/// See the module. The caller hashes the keys, with one and the same function always.
#[derive(Debug)]
pub(super) struct Lru<K, V> {
    table: HashTable<Node<K, V>>,
    order: Order,
}

impl<K: Eq, V> Lru<K, V> {
    /// What one entry takes, in bytes, beside what key and value own on the heap: with the counters of its `Arc` and
    /// the table's byte of tag.
    pub(super) const ENTRY_SIZE: usize =
        size_of::<Entry<K, V>>() + 2 * size_of::<usize>() + size_of::<Node<K, V>>() + 1 + Order::ENTRY_SIZE;

    /// An empty map; memory comes with the first entry.
    pub(super) const fn new() -> Self {
        Self { table: HashTable::new(), order: Order::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// The entry with this key, without using it.
    pub(super) fn peek(&self, hash: u64, key: &K) -> Option<&Arc<Entry<K, V>>> {
        self.table.find(hash, |node| node.entry.key == *key).map(|node| &node.entry)
    }

    /// The entry with this key, which thereby is the one used most recently.
    pub(super) fn get(&mut self, hash: u64, key: &K) -> Option<&Arc<Entry<K, V>>> {
        let node = self.table.find(hash, |node| node.entry.key == *key)?;
        self.order.touch(node.place);
        Some(&node.entry)
    }

    /// Puts an entry, as the one used most recently. One that had the same key goes, and is returned.
    pub(super) fn insert(&mut self, hash: u64, key: K, value: V) -> Option<Arc<Entry<K, V>>> {
        let replaced = self.remove(hash, &key);
        let node = Node { place: self.order.add(hash), entry: Arc::new(Entry { key, value }) };
        let order = &self.order;
        self.table.insert_unique(hash, node, |node| order.hash(node.place).unwrap_or_default());
        replaced
    }

    /// Takes the entry with this key out.
    pub(super) fn remove(&mut self, hash: u64, key: &K) -> Option<Arc<Entry<K, V>>> {
        self.remove_where(hash, |node| node.entry.key == *key)
    }

    /// The entry that was used least recently.
    pub(super) fn oldest(&self) -> Option<&Arc<Entry<K, V>>> {
        let place = self.order.oldest()?;
        self.table.find(self.order.hash(place)?, |node| node.place == place).map(|node| &node.entry)
    }

    /// Takes the entry out that was used least recently.
    pub(super) fn remove_oldest(&mut self) -> Option<Arc<Entry<K, V>>> {
        let place = self.order.oldest()?;
        self.remove_where(self.order.hash(place)?, |node| node.place == place)
    }

    /// Takes out each entry for which `condition` holds, and hands it to `taken`.
    pub(super) fn remove_all_if(
        &mut self,
        condition: impl Fn(&Entry<K, V>) -> bool,
        mut taken: impl FnMut(Arc<Entry<K, V>>),
    ) {
        for node in self.table.extract_if(|node| condition(&node.entry)) {
            self.order.remove(node.place);
            taken(node.entry);
        }
    }

    fn remove_where(&mut self, hash: u64, is_it: impl Fn(&Node<K, V>) -> bool) -> Option<Arc<Entry<K, V>>> {
        let (node, _) = self.table.find_entry(hash, is_it).ok()?.remove();
        self.order.remove(node.place);
        Some(node.entry)
    }
}
