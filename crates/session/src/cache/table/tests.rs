use super::*;
use alloc::{collections::BTreeMap, sync::Arc, vec::Vec};
use proptest::prelude::*;

/// A deterministic hash that spreads well enough.
fn spread(key: u32) -> u64 {
    u64::from(key).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

fn filled(keys: core::ops::Range<u32>) -> Table<u32> {
    let mut table = Table::new();
    keys.for_each(|key| table.insert(spread(key), key));
    table
}

fn has(table: &Table<u32>, key: u32) -> bool {
    table.find(spread(key), |entry| *entry == key).is_some()
}

/// Advances the hand by one round and removes the entries that have not been used since the last one.
fn round(table: &mut Table<u32>) -> Vec<u32> {
    (table.hand, table.round) = (0, 0);
    let mut taken = Vec::new();
    for _ in 0..table.buckets.len() * SLOTS {
        taken.extend(table.pass(|_, used| !mem::take(used)));
    }
    taken.sort_unstable();
    taken
}

#[test]
fn bucket_of_pointers_is_one_cache_line() {
    assert_eq!(size_of::<Bucket<Arc<u64>>>(), 64);
    assert_eq!(align_of::<Bucket<Arc<u64>>>(), 64);
}

#[test]
fn entries_used_since_the_last_visit_stay() {
    let mut table = filled(0..1000);
    // Enough room that all entries lie at home: an entry that moves up may be visited twice.
    table.resize(400);
    assert_eq!(round(&mut table), [], "insertion counts as use");
    for key in (0..1000).filter(|key| key % 3 != 0) {
        let spot = table.find(spread(key), |entry| *entry == key).unwrap();
        assert_eq!(table.get(spot), Some(&key));
    }
    // `peek` does not count as use.
    let spot = table.find(spread(0), |entry| *entry == 0).unwrap();
    assert_eq!(table.peek(spot), Some(&0));
    let unused: Vec<u32> = (0..1000).filter(|key| key % 3 == 0).collect();
    assert_eq!(round(&mut table), unused);
    assert!((0..1000).all(|key| has(&table, key) == (key % 3 != 0)));
}

#[test]
fn use_bits_move_with_their_entries() {
    let mut table = filled(0..100);
    table.resize(30);
    round(&mut table);
    for key in 0..50 {
        let spot = table.find(spread(key), |entry| *entry == key).unwrap();
        table.get(spot);
    }
    table.resize(20);
    table.resize(30);
    assert_eq!(round(&mut table), (50..100).collect::<Vec<_>>());
}

/// The average number of buckets that a lookup visits, for entries that are present and for ones that are
/// not.
fn buckets_seen(table: &Table<u32>) -> (f64, f64) {
    let mean = |seen: usize, of: usize| {
        f64::from(u32::try_from(seen).unwrap()) / f64::from(u32::try_from(of).unwrap())
    };
    let entries = table.buckets.iter().flat_map(|bucket| bucket.entries.iter().flatten());
    let found = entries.map(|key| {
        let spot = table.find(spread(*key), |entry| entry == key).unwrap();
        table.steps(table.home(half(spread(*key))), spot.bucket) + 1
    });
    let not_found = (0..table.buckets.len()).map(|home| {
        let full = (0..)
            .take_while(|step| table.buckets[(home + step) % table.buckets.len()].empty_slot().is_none());
        full.count() + 1
    });
    (mean(found.sum(), table.len()), mean(not_found.sum(), table.buckets.len()))
}

#[test]
fn lookups_visit_one_bucket_and_rarely_two_after_any_number_of_rounds() {
    // As full as possible.
    let mut table = filled(0..1);
    while table.len() < 10_000 || table.len() < table.buckets.len() * FILLED {
        let key = u32::try_from(table.len()).unwrap();
        table.insert(spread(key), key);
    }
    let (found, not_found) = buckets_seen(&table);
    assert!(found < 1.1 && not_found < 2.0, "{found} {not_found}");
    let count = u32::try_from(table.len()).unwrap();
    for key in count..5 * count {
        while table.pass(|_, used| !mem::take(used)).is_none() {}
        table.insert(spread(key), key);
    }
    let (found, not_found) = buckets_seen(&table);
    assert!(found < 1.1 && not_found < 2.2, "{found} {not_found}");
    assert_eq!(u32::try_from(table.len()).unwrap(), count);
}

#[test]
fn distance_between_two_entries_is_bounded() {
    // As empty as possible.
    let mut table = filled(0..1000);
    table.resize(1000 * 4 / FILLED);
    let mut since = 0;
    for _ in 0..table.buckets.len() * SLOTS {
        let mut met = false;
        table.pass(|_, _| {
            met = true;
            false
        });
        since = if met { 0 } else { since + 1 };
        assert!(since < 60);
    }
}

#[test]
fn growth_is_limited() {
    for count in [100, 1_000, 10_000, 50_000] {
        let table = filled(0..count);
        assert!(table.buckets.len() * FILLED <= table.len() * 5 / 4 + 2 * FILLED);
    }
}

#[test]
fn table_shrinks() {
    let mut table = filled(0..10_000);
    let buckets = table.buckets.len();
    let mut taken = 0;
    table.remove_all_if(|key| *key >= 100, |_| taken += 1);
    assert_eq!(taken, 9_900);
    assert!((0..100).all(|key| has(&table, key)));
    assert!(table.buckets.len() * 50 < buckets, "{} of {buckets}", table.buckets.len());
    for key in 0..100 {
        let spot = table.find(spread(key), |entry| *entry == key).unwrap();
        assert_eq!(table.remove(spot), Some(key));
    }
    assert_eq!((table.len(), table.buckets.len()), (0, 0));
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

#[test]
fn bucket_index_wraps_around() {
    for buckets in 1..=40 {
        let mut table = Table::<u32>::new();
        table.resize(buckets);
        for from in 0..buckets {
            assert_eq!(table.after(from), (from + 1) % buckets);
            for to in 0..buckets {
                let steps = table.steps(from, to);
                let there = (0..steps).fold(from, |place, _| table.after(place));
                assert!(steps < buckets && there == to, "{buckets} {from} {to}");
            }
        }
        // Homes are in the order of the hashes, so the last hash has its home in the last bucket.
        let halves = (0..=0xffff_u32).map(|high| high << 16 | 0xffff);
        let homes: Vec<usize> = halves.map(|half| table.home(half)).collect();
        assert!(homes.is_sorted() && homes.iter().all(|home| *home < buckets), "{buckets}");
        assert_eq!((table.home(0), table.home(u32::MAX)), (0, buckets - 1));
    }
    // Operations on a table without buckets find nothing.
    let mut table = Table::<u32>::new();
    assert!(table.find(0, |_| true).is_none() && table.pass(|_, _| true).is_none());
    assert_eq!((table.home(u32::MAX), table.after(0)), (0, 0));
}

/// Checks that every lookup can reach its entry: no bucket from the home of an entry up to the one before its
/// own has an empty slot.
fn nothing_is_lost(table: &Table<(u32, u64)>) {
    let mut count = 0;
    for number in 0..table.buckets.len() {
        for (slot, entry) in table.buckets[number].entries.iter().enumerate() {
            let Some((_, hash)) = entry else { continue };
            assert_eq!(table.half_at(Spot { bucket: number, slot }), Some(half(*hash)));
            let mut place = table.home(half(*hash));
            while place != number {
                assert!(table.buckets[place].empty_slot().is_none());
                place = table.after(place);
            }
            count += 1;
        }
    }
    assert_eq!(count, table.len());
}

/// Every sequence of four operations on a table whose first and last buckets are full, so that runs of full
/// buckets wrap around: insertions and removals of keys with three homes, and steps of the hand.
#[test]
fn every_short_sequence_of_operations_keeps_all_entries_reachable() {
    // The last bucket, the first, and the one in the middle.
    let hash = |key: u32| u64::from([0xffff_ffff_u32, 0, 0x8000_0000][usize::try_from(key % 3).unwrap()]);
    let start = 0..17_u32;
    for number in 0..14_u32.pow(4) {
        let mut table = Table::new();
        table.resize(3);
        let mut model: Vec<u32> = start.clone().collect();
        for key in start.clone() {
            table.place(
                half(hash(key)),
                Moved { tag: tag(hash(key)), used: key % 2 == 0, entry: (key, hash(key)) },
            );
        }
        for step in (0..4).map(|place| number / 14_u32.pow(place) % 14) {
            match step {
                // The initial entries, some at home and some farther on.
                0..=7 => {
                    let key = step * 2;
                    let spot = table.find(hash(key), |(other, _)| *other == key);
                    assert_eq!(spot.and_then(|spot| table.remove(spot)).is_some(), model.contains(&key));
                    model.retain(|other| *other != key);
                }
                8..=12 => {
                    let key = 20 + step;
                    if !model.contains(&key) {
                        table.insert(hash(key), (key, hash(key)));
                        model.push(key);
                    }
                }
                _ => {
                    if let Some((key, _)) = table.pass(|_, used| !mem::take(used)) {
                        model.retain(|other| *other != key);
                    }
                }
            }
            nothing_is_lost(&table);
            assert_eq!(table.len(), model.len());
            let found = |key: &u32| table.find(hash(*key), |(other, _)| other == key).is_some();
            assert!(model.iter().all(found), "{number}");
        }
    }
}

proptest! {
    /// Compares the table with a map. Many hashes collide, also at the end of the table, so that runs of full
    /// buckets wrap around.
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
                let value = spot.and_then(|spot| table.peek(spot)).map(|(_, value)| value);
                prop_assert_eq!(value, model.get(&key));
            }
        }
    }
}
