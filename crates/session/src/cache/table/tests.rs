use super::*;
use alloc::{collections::BTreeMap, sync::Arc, vec::Vec};
use core::mem;
use proptest::prelude::*;

/// A deterministic hash that spreads well enough.
fn hash(key: u32) -> u64 {
    u64::from(key).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

fn filled(keys: core::ops::Range<u32>) -> Table<u32> {
    let mut table = Table::new();
    keys.for_each(|key| table.insert(hash(key), key));
    table
}

fn spot(table: &Table<u32>, key: u32) -> Option<Spot> {
    table.find(hash(key), |entry| *entry == key)
}

/// Advances the hand by one round and removes the entries that have not been used since the last one.
fn round(table: &mut Table<u32>) -> Vec<u32> {
    let mut taken = Vec::new();
    for _ in 0..table.slots.num_buckets() {
        taken.extend(table.pass(|_, used| !mem::take(used)));
    }
    taken.sort_unstable();
    taken
}

#[test]
fn slot_of_a_pointer_has_16_bytes() {
    assert_eq!(size_of::<Slot<Arc<u64>>>(), 16);
    assert_eq!(Table::<Arc<u64>>::ENTRY_SIZE, 20);
}

#[test]
fn entries_used_since_the_last_visit_stay() {
    let mut table = filled(0..1000);
    assert_eq!(round(&mut table), [], "insertion counts as use");
    for key in (0..1000).filter(|key| key % 3 != 0) {
        let spot = spot(&table, key).unwrap();
        assert_eq!(table.get(spot), Some(&key));
    }
    let unused: Vec<u32> = (0..1000).filter(|key| key % 3 == 0).collect();
    assert_eq!(round(&mut table), unused);
    assert!((0..1000).all(|key| spot(&table, key).is_some() == (key % 3 != 0)));
}

#[test]
fn use_bits_move_with_their_entries() {
    let mut table = filled(0..100);
    round(&mut table);
    for key in 0..80 {
        let spot = spot(&table, key).unwrap();
        table.get(spot);
    }
    table.rebuild(1000);
    table.rebuild(100);
    assert_eq!(round(&mut table), (80..100).collect::<Vec<_>>());
}

/// In each round the hand visits each slot once, also after it was beyond the end of a smaller table.
#[test]
fn hand_visits_every_entry_in_each_round() {
    let mut table = filled(0..1000);
    for _ in 0..table.slots.num_buckets() - 1 {
        table.pass(|_, _| false);
    }
    table.remove_all_if(|key| *key >= 100, drop);
    for _ in 0..3 {
        let mut seen = Vec::new();
        for _ in 0..table.slots.num_buckets() {
            table.pass(|key, _| {
                seen.push(*key);
                false
            });
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..100).collect::<Vec<_>>());
    }
}

#[test]
fn table_is_at_least_a_third_full_after_any_number_of_evictions() {
    for count in [100, 1_000, 7_000, 7_200, 10_000] {
        let mut table = filled(0..count);
        let mut peak = table.slots.num_buckets();
        for key in count..10 * count {
            while table.pass(|_, used| !mem::take(used)).is_none() {}
            table.insert(hash(key), key);
            peak = peak.max(table.slots.num_buckets());
        }
        assert_eq!(u32::try_from(table.len()).unwrap(), count);
        assert!(peak <= 3 * table.len(), "{peak} slots for {count} entries");
    }
}

#[test]
fn table_shrinks() {
    let mut table = filled(0..10_000);
    let slots = table.slots.num_buckets();
    let mut taken = 0;
    table.remove_all_if(|key| *key >= 100, |_| taken += 1);
    assert_eq!(taken, 9_900);
    assert!((0..100).all(|key| spot(&table, key).is_some()));
    assert!(table.slots.num_buckets() * 50 < slots, "{} of {slots}", table.slots.num_buckets());
    for key in 0..100 {
        let spot = spot(&table, key).unwrap();
        assert_eq!(table.remove(spot), Some(key));
    }
    assert_eq!((table.len(), table.slots.allocation_size()), (0, 0));
}

#[test]
fn empty_table_finds_nothing() {
    let mut table = Table::<u32>::new();
    assert!(table.find(0, |_| true).is_none());
    assert!(table.pass(|_, _| true).is_none());
    assert!(table.get(Spot(0)).is_none());
    assert!(table.remove(Spot(0)).is_none() && table.remove(Spot(1)).is_none());
}

#[derive(Clone, Debug)]
enum Step {
    Put(u32),
    Take(u32),
    Pass,
    TakeWhere(u32),
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..80_u32).prop_map(Step::Put),
        4 => (0..80_u32).prop_map(Step::Take),
        12 => Just(Step::Pass),
        1 => (2..6_u32).prop_map(Step::TakeWhere),
    ]
}

proptest! {
    /// Compares the table with a map. Many hashes collide, also at the end of the table, so that searches
    /// wrap around.
    #[test]
    fn table_behaves_like_a_map(
        homes in 1..12_u64,
        tags in 1..4_u64,
        steps in proptest::collection::vec(any_step(), 1..200),
    ) {
        let hash = |key: u32| {
            let key = u64::from(key);
            (key % tags) << 56 | (0xffff_ffff - (key % homes) * 0x1357_9bdf % 0xffff_ffff)
        };
        let mut table = Table::new();
        let mut model = BTreeMap::new();
        for (value, step) in steps.into_iter().enumerate() {
            match step {
                Step::Put(key) => {
                    let spot = table.find(hash(key), |(other, _)| *other == key);
                    let replaced = spot.and_then(|spot| table.remove(spot));
                    table.insert(hash(key), (key, value));
                    prop_assert_eq!(replaced.map(|(_, value)| value), model.insert(key, value));
                }
                Step::Take(key) => {
                    let spot = table.find(hash(key), |(other, _)| *other == key);
                    let taken = spot.and_then(|spot| table.remove(spot));
                    prop_assert_eq!(taken.map(|(_, value)| value), model.remove(&key));
                }
                Step::Pass => {
                    if let Some((key, value)) = table.pass(|_, used| !mem::take(used)) {
                        prop_assert_eq!(model.remove(&key), Some(value));
                    }
                }
                Step::TakeWhere(divisor) => {
                    let mut taken = BTreeMap::new();
                    table.remove_all_if(|(key, _)| key % divisor == 0, |(key, value)| {
                        taken.insert(key, value);
                    });
                    let wanted = model.extract_if(.., |key, _| key % divisor == 0).collect();
                    prop_assert_eq!(taken, wanted);
                }
            }
            prop_assert_eq!(table.len(), model.len());
            for key in 0..80 {
                let spot = table.find(hash(key), |(other, _)| *other == key);
                prop_assert_eq!(spot.is_some(), model.contains_key(&key));
            }
        }
    }
}
