use super::*;
use crate::testing::{NOW, NoRandom, provider, provider_with};
use alloc::{collections::BTreeSet, format};

const HOUR: u64 = 60 * 60;

fn after(seconds: u64) -> UnixTime {
    UnixTime(NOW.0 + seconds)
}

fn sealing(keys: &RotatingKeys, now: UnixTime) -> TicketKeyName {
    *keys.sealing_key(now).unwrap().name()
}

fn opens(keys: &RotatingKeys, name: &TicketKeyName, now: UnixTime) -> bool {
    keys.opening_key(name, now).is_some_and(|key| key.name() == name)
}

#[test]
fn a_key_seals_for_12_hours_and_opens_for_24_more() {
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
fn three_keys_are_enough_for_ever() {
    let keys = RotatingKeys::new(provider());
    let mut names = BTreeSet::new();
    for hour in 0..24 * 30 {
        names.insert(sealing(&keys, after(hour * HOUR)));
        assert!(keys.len() <= 3, "{hour}");
    }
    assert_eq!(names.len(), 60, "two a day");
    let open = names.iter().filter(|name| opens(&keys, name, after(24 * 30 * HOUR - 1))).count();
    assert_eq!(open, 3);
}

#[test]
fn an_idle_server_keeps_no_key_beyond_its_time() {
    let keys = RotatingKeys::new(provider());
    let old = sealing(&keys, NOW);
    // Nobody asked when it should have been replaced: its time ran all the same.
    assert!(opens(&keys, &old, after(35 * HOUR)));
    assert!(!opens(&keys, &old, after(36 * HOUR)));
    assert!(keys.is_empty(), "forgotten when it was met");

    sealing(&keys, NOW);
    keys.purge(after(36 * HOUR - 1));
    assert_eq!(keys.len(), 1);
    keys.purge(after(36 * HOUR));
    assert!(keys.is_empty());

    let forgotten = Arc::downgrade(&keys.sealing_key(NOW).unwrap());
    assert!(forgotten.upgrade().is_some());
    sealing(&keys, after(36 * HOUR));
    assert!(forgotten.upgrade().is_none(), "dropped, and so zeroized");
}

#[test]
fn the_number_is_bounded() {
    let keys = RotatingKeys::with_times(provider(), 1, 1000);
    let names: Vec<_> = (0..100).map(|second| sealing(&keys, after(second))).collect();
    assert_eq!(keys.len(), RotatingKeys::MAX_KEYS);
    let found = names.iter().map(|name| opens(&keys, name, after(99)));
    assert!(found.eq((0..100).map(|second| second >= 100 - RotatingKeys::MAX_KEYS)), "the newest stay");
    // A rotation of 0 would never find a key that is new enough.
    let often = RotatingKeys::with_times(provider(), 0, 0);
    assert_eq!(sealing(&often, NOW), sealing(&often, NOW));
}

#[test]
fn clocks_that_differ_a_little_agree() {
    let keys = RotatingKeys::new(provider());
    let first = sealing(&keys, after(10));
    assert_eq!(sealing(&keys, NOW), first);
    assert!(opens(&keys, &first, NOW));
    assert_eq!(keys.len(), 1);
}

#[test]
fn a_clock_that_was_wrong_makes_no_key_for_years() {
    let keys = RotatingKeys::new(provider());
    let future = sealing(&keys, after(365 * 24 * HOUR));
    assert_ne!(sealing(&keys, NOW), future);
    assert!(!opens(&keys, &future, NOW));
    assert_eq!(keys.len(), 1);
    let last = sealing(&keys, UnixTime(u64::MAX));
    assert_ne!(sealing(&keys, UnixTime(0)), last);
}

#[test]
fn no_randomness_no_key() {
    let keys = RotatingKeys::new(provider_with(NoRandom));
    assert!(keys.sealing_key(NOW).is_none());
    assert!(keys.is_empty());
}

#[test]
fn a_thread_that_died_with_the_lock_stops_nobody() {
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
fn threads_that_rotate_at_once_agree_on_one_key() {
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
fn keys_are_shown_by_name() {
    let keys = RotatingKeys::new(provider());
    let name = sealing(&keys, NOW);
    assert!(format!("{keys:?}").contains(&format!("{name}")));
}
