use super::*;
use crate::testing::{NOW, chain, id, session};
use alloc::vec::Vec;
use cairn_wire::SessionId;
use proptest::prelude::*;

/// Without bounds on bytes, in one shard: there the order of use is exact.
fn one_shard(sessions: usize) -> Sharded<SessionId> {
    Sharded::with_shards(CacheLimits { bytes: usize::MAX, ..CacheLimits::new(sessions) }, 1)
}

fn put(cache: &Sharded<SessionId>, n: u32) {
    cache.put(&id(n), session(n).into(), NOW);
}

fn found(cache: &Sharded<SessionId>, n: u32) -> bool {
    cache.get(&id(n), NOW).is_some()
}

#[test]
fn the_least_recently_used_goes_first() {
    let cache = one_shard(3);
    for n in [1, 2, 3] {
        put(&cache, n);
    }
    assert!(found(&cache, 1)); // 2 is the oldest now
    put(&cache, 3); // and still is
    put(&cache, 4);
    assert_eq!(cache.sessions(), 3);
    assert!(!found(&cache, 2));
    put(&cache, 5); // 1 was used before 3 and 4
    assert!(!found(&cache, 1));
    assert!([3, 4, 5].into_iter().all(|n| found(&cache, n)));
}

#[test]
fn what_is_looked_up_to_be_removed_is_not_used() {
    let cache = one_shard(2);
    put(&cache, 1);
    put(&cache, 2);
    cache.remove_if(&id(1), |_| false);
    put(&cache, 3);
    assert!(!found(&cache, 1));
    assert!(found(&cache, 2));
}

#[test]
fn each_shard_fills_as_it_comes_until_all_are_full() {
    let cache = Sharded::with_shards(CacheLimits::new(4096), 16);
    assert_eq!(cache.shards.len(), 16);
    for n in 0..4096 {
        put(&cache, n);
    }
    assert_eq!(cache.sessions(), 4096);
    assert!((0..4096).all(|n| found(&cache, n)));
    for n in 4096..6000 {
        put(&cache, n);
        assert_eq!(cache.sessions(), 4096);
        assert!(found(&cache, n));
    }
    let used: usize =
        (0..16).filter_map(|shard| cache.lock(shard)).map(|shard| usize::from(shard.len() > 0)).sum();
    assert_eq!(used, 16, "every shard has its share");
}

#[test]
fn the_newest_stays_when_another_shard_must_give_way() {
    for sessions in [1, 2, 3] {
        let cache = Sharded::with_shards(CacheLimits::new(sessions), 64);
        for n in 0..200 {
            put(&cache, n);
            assert!(found(&cache, n));
            assert!(cache.sessions() <= sessions);
        }
    }
}

#[test]
fn a_poisoned_shard_loses_its_sessions_and_works_on() {
    let cache = one_shard(8);
    put(&cache, 1);
    std::thread::scope(|scope| {
        let died = scope.spawn(|| {
            let _shard = cache.lock(0);
            panic!("while the lock is held");
        });
        assert!(died.join().is_err());
    });
    assert!(cache.shards[0].0.is_poisoned());
    assert!(!found(&cache, 1));
    assert_eq!((cache.sessions(), cache.bytes()), (0, 0));
    assert!(!cache.shards[0].0.is_poisoned());
    put(&cache, 2);
    assert!(found(&cache, 2));
}

#[test]
fn the_count_of_bytes_comes_back_to_nothing() {
    let cache = one_shard(4);
    for n in 0..8 {
        let mut session = session(n);
        session.peer_chain = Some(chain(1000));
        cache.put(&id(n % 5), session.into(), NOW);
    }
    assert!(cache.bytes() > 4 * 1000);
    cache.remove_all_if(|_| true);
    assert_eq!((cache.sessions(), cache.bytes()), (0, 0));
}

/// The same rules in the plainest way: the newest at the end.
struct Model {
    limits: CacheLimits,
    sessions: Vec<(u32, Session)>,
}

impl Model {
    fn weight(session: &Session) -> usize {
        Lru::<SessionId, Kept>::ENTRY_SIZE + Kept::new(Arc::new(session.clone())).weight()
    }

    fn expired(&self, session: &Session, now: UnixTime) -> bool {
        session.is_expired(now, self.limits.lifetime)
    }

    fn take(&mut self, n: u32) -> Option<(u32, Session)> {
        let place = self.sessions.iter().position(|(key, _)| *key == n)?;
        Some(self.sessions.remove(place))
    }

    fn put(&mut self, n: u32, session: Session, now: UnixTime) {
        if self.expired(&session, now)
            || self.limits.sessions == 0
            || Self::weight(&session) > self.limits.bytes
        {
            return;
        }
        self.take(n);
        self.sessions.push((n, session));
        for _ in 0..EXPIRED_PER_PUT {
            if self.expired(&self.sessions[0].1, now) {
                self.sessions.remove(0);
            } else {
                break;
            }
        }
        let bytes =
            |sessions: &[(u32, Session)]| -> usize { sessions.iter().map(|s| Self::weight(&s.1)).sum() };
        while self.sessions.len() > self.limits.sessions || bytes(&self.sessions) > self.limits.bytes {
            self.sessions.remove(0);
        }
    }

    fn get(&mut self, n: u32, now: UnixTime) -> Option<Session> {
        let taken = self.take(n)?;
        if self.expired(&taken.1, now) {
            return None;
        }
        self.sessions.push(taken.clone());
        Some(taken.1)
    }
}

#[derive(Clone, Debug)]
enum Step {
    Put { key: u32, chain: usize, authenticated_at: u64 },
    Get(u32),
    Remove(u32),
    Purge,
    Wait(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let key = 0..12_u32;
    prop_oneof![
        4 => (key.clone(), 7..2000_usize, 0..30_u64)
            .prop_map(|(key, chain, age)| Step::Put { key, chain, authenticated_at: age }),
        4 => key.clone().prop_map(Step::Get),
        1 => key.prop_map(Step::Remove),
        1 => (0..40_u64).prop_map(Step::Wait),
        1 => Just(Step::Purge),
    ]
}

proptest! {
    #[test]
    fn it_does_what_the_model_does(
        sessions in 0..8_usize,
        bytes in 500..8000_usize,
        steps in proptest::collection::vec(any_step(), 1..80),
    ) {
        let limits = CacheLimits { sessions, bytes, lifetime: 60 };
        let cache = Sharded::<SessionId>::with_shards(limits, 1);
        let mut model = Model { limits, sessions: Vec::new() };
        let mut now = NOW;
        for step in steps {
            match step {
                Step::Put { key, chain: length, authenticated_at: age } => {
                    let mut session = session(key);
                    session.peer_chain = Some(chain(length));
                    session.authenticated_at = UnixTime(now.0 - age);
                    cache.put(&id(key), session.clone().into(), now);
                    model.put(key, session, now);
                }
                Step::Get(key) => prop_assert_eq!(cache.get(&id(key), now), model.get(key, now).map(Arc::new)),
                Step::Remove(key) => {
                    cache.remove_if(&id(key), |_| true);
                    model.take(key);
                }
                Step::Purge => {
                    cache.remove_all_if(|kept| kept.is_expired(now, limits.lifetime));
                    model.sessions.retain(|(_, session)| !session.is_expired(now, limits.lifetime));
                }
                Step::Wait(seconds) => now.0 += seconds,
            }
            prop_assert_eq!(cache.sessions(), model.sessions.len());
            let weight: usize = model.sessions.iter().map(|(_, session)| Model::weight(session)).sum();
            prop_assert_eq!(cache.bytes(), weight);
        }
    }
}
