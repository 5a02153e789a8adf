use super::*;
use crate::cache::entry::ById;
use crate::testing::{NOW, chain, id, session};
use alloc::{collections::BTreeMap, sync::Arc, vec::Vec};
use cairn_handshake::Session;
use proptest::prelude::*;

/// Limits without a bound on bytes.
fn one_shard(sessions: usize) -> Sharded<ById> {
    Sharded::with_shards(CacheLimits { bytes: usize::MAX, ..CacheLimits::new(sessions) }, 1)
}

fn put(cache: &Sharded<ById>, n: u32) {
    cache.put(ById(session(n).into()), NOW);
}

fn found(cache: &Sharded<ById>, n: u32) -> bool {
    cache.get(&id(n), NOW, |_| ()).is_some()
}

/// The table chooses the victim and has its own tests. Here: few sessions that are in constant use are
/// evicted for an unused one, and no session stays forever.
#[test]
fn sessions_in_use_outlive_unused_ones() {
    let cache = Sharded::with_shards(CacheLimits::new(4096), 4);
    for n in 0..4096 {
        put(&cache, n);
    }
    let mut in_use: Vec<u32> = (0..400).collect();
    for n in 4096..3 * 4096 {
        put(&cache, n);
        if n % 64 == 0 {
            in_use.retain(|n| found(&cache, *n));
        }
    }
    assert!(in_use.len() >= 300, "{} of 400", in_use.len());
    assert!((400..4096).all(|n| !found(&cache, n)));
}

#[test]
fn conditional_removal_moves_no_session_that_stays() {
    let cache = one_shard(2);
    put(&cache, 1);
    cache.update(&id(1), |_| (Change::Keep, ()));
    assert!(found(&cache, 1));
    cache.update(&id(1), |_| (Change::Remove, ()));
    assert!(!found(&cache, 1));
    assert!(!cache.remove(&id(1)));
    assert_eq!((cache.sessions(), cache.bytes()), (0, 0));
}

#[test]
fn shards_fill_independently_until_the_cache_is_full() {
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
    assert_eq!(used, 16, "every shard is used");
}

#[test]
fn newest_session_stays_if_another_shard_must_evict() {
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
fn poisoned_shard_loses_its_sessions_and_keeps_working() {
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
fn byte_count_returns_to_zero() {
    let cache = one_shard(4);
    for n in 0..8 {
        let mut session = session(n % 5);
        session.peer_chain = Some(chain(1000));
        cache.put(ById(session.into()), NOW);
    }
    assert!(cache.bytes() > 4 * 1000);
    cache.remove_all_if(|_| true);
    assert_eq!((cache.sessions(), cache.bytes()), (0, 0));
}

/// A model of a cache with one shard, and of its obligations.
struct Model {
    limits: CacheLimits,
    there: BTreeMap<u32, Arc<Session>>,
}

impl Model {
    fn weight(session: &Arc<Session>) -> usize {
        entry_weight(&ById(Arc::clone(session)))
    }

    fn bytes(&self) -> usize {
        self.there.values().map(Self::weight).sum()
    }

    /// Removes the missing sessions from the model, and checks that each had to be removed.
    fn put(&mut self, n: u32, session: Arc<Session>, now: UnixTime, cache: &Sharded<ById>) {
        let is_expired = |session: &Session| session.is_expired(now, self.limits.lifetime);
        let is_kept =
            !is_expired(&session) && self.limits.sessions > 0 && Self::weight(&session) <= self.limits.bytes;
        if is_kept {
            self.there.insert(n, session);
        }
        let shard = cache.lock(0).unwrap();
        let is_there = |n: u32| shard.find(cache.hash(&id(n)), |entry| *entry.key() == id(n)).is_some();
        let gone: Vec<_> = self.there.extract_if(.., |n, _| !is_there(*n)).collect();
        assert!(!is_kept || self.there.contains_key(&n), "a new session stays");
        assert!(is_kept || gone.is_empty(), "a session that is not stored evicts no other");
        let (expired, driven_out): (Vec<_>, Vec<_>) =
            gone.iter().partition(|(_, session)| is_expired(session));
        // One of the evicted sessions was the last, and the cache exceeded its limits before. Expired
        // sessions may have been removed after that.
        let sessions = self.there.len() + expired.len();
        let bytes = self.bytes() + expired.iter().map(|(_, session)| Self::weight(session)).sum::<usize>();
        let had_to = |session| {
            sessions + 1 > self.limits.sessions || bytes + Self::weight(session) > self.limits.bytes
        };
        assert!(
            driven_out.is_empty() || driven_out.iter().any(|(_, session)| had_to(session)),
            "a session was evicted without need"
        );
    }

    fn get(&mut self, n: u32, now: UnixTime) -> Option<Arc<Session>> {
        let session = Arc::clone(self.there.get(&n)?);
        if session.is_expired(now, self.limits.lifetime) {
            self.there.remove(&n);
            return None;
        }
        Some(session)
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
    fn cache_keeps_every_session_that_it_may(
        sessions in 0..8_usize,
        bytes in 500..8000_usize,
        steps in proptest::collection::vec(any_step(), 1..80),
    ) {
        let limits = CacheLimits { sessions, bytes, lifetime: 60, ..CacheLimits::new(0) };
        let cache = Sharded::<ById>::with_shards(limits, 1);
        let mut model = Model { limits, there: BTreeMap::new() };
        let mut now = NOW;
        for step in steps {
            match step {
                Step::Put { key, chain: length, authenticated_at: age } => {
                    let mut session = session(key);
                    session.peer_chain = Some(chain(length));
                    session.authenticated_at = UnixTime::from_secs(now.as_secs() - age);
                    let session = Arc::new(session);
                    cache.put(ById(Arc::clone(&session)), now);
                    model.put(key, session, now, &cache);
                }
                Step::Get(key) => {
                    let found = cache.get(&id(key), now, |entry| Arc::clone(&entry.0));
                    prop_assert_eq!(found, model.get(key, now));
                }
                Step::Remove(key) => {
                    let there = cache.remove(&id(key));
                    prop_assert_eq!(there, model.there.remove(&key).is_some());
                }
                Step::Purge => {
                    cache.remove_all_if(|entry| entry.is_expired(now, limits.lifetime));
                    model.there.retain(|_, session| !session.is_expired(now, limits.lifetime));
                }
                Step::Wait(seconds) => now = UnixTime::from_secs(now.as_secs() + seconds),
            }
            prop_assert_eq!(cache.sessions(), model.there.len());
            prop_assert_eq!(cache.bytes(), model.bytes());
            prop_assert!(cache.sessions() <= sessions && cache.bytes() <= bytes);
        }
    }
}
