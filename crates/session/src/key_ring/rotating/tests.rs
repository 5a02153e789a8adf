use super::*;
use crate::testing::{NOW, NoRandom, after, provider, provider_with};
use alloc::{collections::BTreeSet, format};

const HOUR: u64 = 60 * 60;

fn sealing(keys: &RotatingKeys, now: UnixTime) -> TicketKeyName {
    *keys.sealing_key(now).unwrap().name()
}

fn opens(keys: &RotatingKeys, name: &TicketKeyName, now: UnixTime) -> bool {
    keys.opening_key(name, now).is_some_and(|key| key.name() == name)
}

#[test]
fn key_seals_for_12_hours_and_opens_for_24_more() {
    let keys = RotatingKeys::new(provider());
    assert!(keys.is_empty());
    let first = sealing(&keys, NOW);
    assert_eq!(sealing(&keys, after(12 * HOUR - 1)), first);
    let second = sealing(&keys, after(12 * HOUR));
    assert_ne!(second, first);
    assert!(opens(&keys, &first, after(36 * HOUR - 1)));
    assert!(!opens(&keys, &first, after(36 * HOUR)));
    assert!(opens(&keys, &second, after(36 * HOUR)));
    assert!(!opens(&keys, &TicketKeyName([0; 16]), NOW));
}

#[test]
fn three_keys_suffice_with_the_defaults() {
    let keys = RotatingKeys::new(provider());
    let mut names = BTreeSet::new();
    for hour in 0..24 * 30 {
        names.insert(sealing(&keys, after(hour * HOUR)));
        assert!(keys.len() <= 3, "{hour}");
    }
    assert_eq!(names.len(), 60, "two per day");
    let open = names.iter().filter(|name| opens(&keys, name, after(24 * 30 * HOUR - 1))).count();
    assert_eq!(open, 3);
}

#[test]
fn idle_server_discards_expired_keys() {
    let keys = RotatingKeys::new(provider());
    let old = sealing(&keys, NOW);
    // No ticket was issued when the key was due for replacement; its time ran nevertheless.
    assert!(opens(&keys, &old, after(35 * HOUR)));
    assert!(!opens(&keys, &old, after(36 * HOUR)));
    assert!(keys.is_empty(), "discarded by the lookup");

    sealing(&keys, NOW);
    keys.purge(after(36 * HOUR - 1));
    assert_eq!(keys.len(), 1);
    keys.purge(after(36 * HOUR));
    assert!(keys.is_empty());

    let forgotten = Arc::downgrade(&keys.sealing_key(NOW).unwrap());
    assert!(forgotten.upgrade().is_some());
    sealing(&keys, after(36 * HOUR));
    assert!(forgotten.upgrade().is_none(), "dropped, and therefore zeroized");
}

#[test]
fn number_of_keys_is_limited() {
    let keys = RotatingKeys::with_times(provider(), 1, 1000);
    let names: Vec<_> = (0..100).map(|second| sealing(&keys, after(second))).collect();
    assert_eq!(keys.len(), RotatingKeys::MAX_KEYS);
    let found = names.iter().map(|name| opens(&keys, name, after(99)));
    assert!(found.eq((0..100).map(|second| second >= 100 - RotatingKeys::MAX_KEYS)), "the newest stay");
    // With a rotation of 0, no key would ever be new enough.
    let often = RotatingKeys::with_times(provider(), 0, 0);
    assert_eq!(sealing(&often, NOW), sealing(&often, NOW));
}

#[test]
fn slightly_different_clocks_use_the_same_key() {
    let keys = RotatingKeys::new(provider());
    let first = sealing(&keys, after(10));
    assert_eq!(sealing(&keys, NOW), first);
    assert!(opens(&keys, &first, NOW));
    assert_eq!(keys.len(), 1);
}

#[test]
fn key_created_with_a_wrong_clock_does_not_stay_for_years() {
    let keys = RotatingKeys::new(provider());
    let future = sealing(&keys, after(365 * 24 * HOUR));
    assert_ne!(sealing(&keys, NOW), future);
    assert!(!opens(&keys, &future, NOW));
    assert_eq!(keys.len(), 1);
    let last = sealing(&keys, UnixTime::from_secs(u64::MAX));
    assert_ne!(sealing(&keys, UnixTime::from_secs(0)), last);
}

#[test]
fn no_key_is_created_without_randomness() {
    let keys = RotatingKeys::new(provider_with(NoRandom));
    assert!(keys.sealing_key(NOW).is_none());
    assert!(keys.is_empty());
}

#[test]
fn poisoned_lock_does_not_block_other_threads() {
    let keys = RotatingKeys::new(provider());
    let first = sealing(&keys, NOW);
    std::thread::scope(|scope| {
        let died = scope.spawn(|| {
            let _keys = keys.write();
            panic!("while the lock is held");
        });
        assert!(died.join().is_err());
    });
    assert!(keys.keys.is_poisoned());
    assert!(opens(&keys, &first, NOW));
    assert_eq!(sealing(&keys, NOW), first);
    assert_ne!(sealing(&keys, after(12 * HOUR)), first);
    keys.purge(after(100 * HOUR));
    assert!(keys.is_empty());
}

#[test]
fn threads_that_rotate_at_once_use_one_key() {
    let keys = RotatingKeys::new(provider());
    let barrier = std::sync::Barrier::new(8);
    for round in 0..20 {
        let now = after(round * 12 * HOUR);
        let names: BTreeSet<_> = std::thread::scope(|scope| {
            let ask = || {
                barrier.wait();
                sealing(&keys, now)
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(names.len(), 1);
    }
}

#[test]
fn debug_output_shows_keys_by_name() {
    let keys = RotatingKeys::new(provider());
    let name = sealing(&keys, NOW);
    assert!(format!("{keys:?}").contains(&format!("{name}")));
}
