//! The session cache under every interleaving of its threads that the memory model of Rust permits, as far as
//! loom can explore them.
//!
//! The models run the cache's own source files; only locks, counters and hashing are replaced (`sync`). Each
//! model consists of a few operations on two or three threads; its invariants are asserted during and after
//! them. The program prints the number of interleavings of each model.

extern crate alloc;

#[path = "../../../crates/session/src/cache/entry.rs"]
mod entry;
#[path = "../../../crates/session/src/cache/limits.rs"]
mod limits;
#[path = "../../../crates/session/src/cache/sharded.rs"]
mod sharded;
mod sync;
#[path = "../../../crates/session/src/cache/table.rs"]
mod table;

use cairn_crypto::Secret;
use cairn_handshake::{
    KeyExchangeEvidence, Session, SessionSide, SessionState, Tls12Reference, Tls12Session, UnixTime,
};
use cairn_schedule::{MasterSecret, SUITES};
use cairn_wire::SessionId;
use core::hash::{BuildHasher, Hasher};
use core::sync::atomic::{AtomicU64, Ordering};
use entry::{ById, Entry};
pub use limits::CacheLimits;
use loom::{sync::Arc, thread};
use sharded::{Change, Sharded};

type Cache = Arc<Sharded<ById>>;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

fn id(n: u32) -> SessionId {
    SessionId::new(&n.to_be_bytes()).unwrap()
}

/// A session with the nth ID. Its secret distinguishes it from others with the same ID.
fn session(n: u32, secret: u8) -> Session {
    Session {
        psk_identity: None,
        server_name: None,
        alpn: None,
        peer_chain: None,
        evidence: KeyExchangeEvidence::default(),
        authenticated_at: NOW,
        not_after: None,
        context: Default::default(),
        verified_with: Default::default(),
        side: SessionSide::Server { tls_server_end_point: None },
        state: SessionState::Tls12(Tls12Session {
            reference: Tls12Reference::SessionId(id(n)),
            suite: &SUITES[0],
            protection: SUITES[0].protection,
            master_secret: MasterSecret::from(Secret::from(&[secret; 48])),
            extended_master_secret: true,
            max_fragment_length: None,
        }),
    }
}

/// IDs whose sessions belong to the first and to the second of two shards, two for each.
fn ids() -> [[u32; 2]; 2] {
    let shard = |n: &u32| {
        let mut hasher = sync::RandomState::new().build_hasher();
        ById::hash(&id(*n), &mut hasher);
        hasher.finish() >> 32 & 1
    };
    [0, 1].map(|wanted| {
        let mut ids = (0..).filter(|n| shard(n) == wanted);
        [ids.next().unwrap(), ids.next().unwrap()]
    })
}

fn cache(sessions: usize, shards: usize) -> Cache {
    Arc::new(Sharded::with_shards(CacheLimits::new(sessions), shards))
}

fn put(cache: &Cache, n: u32, secret: u8) {
    cache.put(ById(session(n, secret).into()), NOW);
}

/// Whether the session is found. It must be one that was stored with this ID and one of these secrets.
fn found(cache: &Cache, n: u32, secrets: &[u8]) -> bool {
    let Some(found) = cache.get(&id(n), NOW, |entry| std::sync::Arc::clone(&entry.0)) else { return false };
    assert_eq!(found.tls12().unwrap().session_id(), &id(n));
    assert!(secrets.iter().any(|secret| *found == session(n, *secret)), "a session that was never stored");
    true
}

/// After all operations, the counters match the content, which is within the limits.
fn settled(cache: &Cache, ids: &[u32], secrets: &[u8]) -> usize {
    let there = ids.iter().filter(|n| found(cache, **n, secrets)).count();
    assert_eq!(cache.sessions(), there, "sessions counted and sessions there");
    let one = {
        let alone = Sharded::with_shards(CacheLimits::new(1), 1);
        alone.put(ById(session(0, 0).into()), NOW);
        alone.bytes()
    };
    assert_eq!(cache.bytes(), one * there, "bytes counted and bytes there");
    assert!(there <= cache.limits().sessions, "{there} sessions are too many");
    there
}

/// Runs all operations, the last one on this thread.
fn together<const N: usize>(cache: &Cache, threads: [fn(&Cache); N]) {
    let (last, others) = threads.split_last().unwrap();
    let others: Vec<_> = others
        .iter()
        .map(|run| {
            let (cache, run) = (Arc::clone(cache), *run);
            thread::spawn(move || run(&cache))
        })
        .collect();
    last(cache);
    others.into_iter().for_each(|thread| thread.join().unwrap());
}

/// Two insertions into two shards with room for one: either may evict the other, and both may be evicted, but
/// both never stay.
fn two_newcomers() {
    let cache = cache(1, 2);
    together(&cache, [|cache| put(cache, ids()[0][0], 1), |cache| put(cache, ids()[1][0], 2)]);
    settled(&cache, &[ids()[0][0], ids()[1][0]], &[1, 2]);
}

/// The same in one shard: the last insertion stays.
fn two_newcomers_in_a_shard() {
    let cache = cache(1, 1);
    together(&cache, [|cache| put(cache, 1, 1), |cache| put(cache, 2, 2)]);
    assert_eq!(settled(&cache, &[1, 2], &[1, 2]), 1);
}

/// Two threads store the same ID and a third looks it up: the result is one of the two sessions, and it is
/// counted once.
fn one_id_put_twice() {
    let cache = cache(4, 2);
    together(
        &cache,
        [
            |cache| put(cache, 1, 1),
            |cache| put(cache, 1, 2),
            |cache| {
                found(cache, 1, &[1, 2]);
            },
        ],
    );
    assert_eq!(settled(&cache, &[1], &[1, 2]), 1);
}

/// A session is removed while it is stored again and looked up.
fn forgotten_meanwhile() {
    let cache = cache(4, 2);
    put(&cache, 1, 1);
    together(
        &cache,
        [
            |cache| put(cache, 1, 2),
            |cache| {
                cache.remove(&id(1));
            },
            |cache| {
                found(cache, 1, &[1, 2]);
            },
        ],
    );
    settled(&cache, &[1], &[1, 2]);
}

/// Two threads find an expired session, and a third removes all expired ones: it is removed once.
fn expired_for_all() {
    fn later() -> UnixTime {
        UnixTime::from_secs(NOW.as_secs() + u64::from(CacheLimits::LIFETIME))
    }
    let cache = cache(4, 2);
    put(&cache, 1, 1);
    together(
        &cache,
        [
            |cache| assert!(cache.get(&id(1), later(), |_| ()).is_none()),
            |cache| {
                cache.remove_all_if(|entry| entry.is_expired(later(), CacheLimits::LIFETIME));
            },
            |cache| assert!(cache.get(&id(1), later(), |_| ()).is_none()),
        ],
    );
    assert!(cache.get(&id(1), later(), |_| ()).is_none());
    assert_eq!(settled(&cache, &[1], &[1]), 0);
}

/// A full cache: one thread looks up a session that an insertion of another thread may evict.
fn driven_out_while_looked_up() {
    let cache = cache(2, 2);
    let [[a, b], [c, _]] = ids();
    put(&cache, a, 1);
    put(&cache, c, 1);
    together(
        &cache,
        [
            |cache| put(cache, ids()[0][1], 2),
            |cache| {
                found(cache, ids()[0][0], &[1]);
                found(cache, ids()[1][0], &[1]);
            },
        ],
    );
    assert_eq!(settled(&cache, &[a, b, c], &[1, 2]), 2);
    assert!(found(&cache, b, &[2]), "the newcomer stays");
}

/// Three insertions, each into a shard that another may be evicting from, with room for one.
fn three_newcomers() {
    let cache = cache(1, 2);
    together(
        &cache,
        [
            |cache| put(cache, ids()[0][0], 1),
            |cache| put(cache, ids()[0][1], 2),
            |cache| put(cache, ids()[1][0], 3),
        ],
    );
    let [[a, b], [c, _]] = ids();
    settled(&cache, &[a, b, c], &[1, 2, 3]);
}

/// The cache is cleared during two insertions.
fn cleared_meanwhile() {
    let cache = cache(4, 2);
    put(&cache, ids()[0][0], 1);
    together(
        &cache,
        [
            |cache| cache.remove_all_if(|_| true),
            |cache| {
                put(cache, ids()[0][0], 2);
                put(cache, ids()[1][0], 2);
            },
        ],
    );
    settled(&cache, &[ids()[0][0], ids()[1][0]], &[1, 2]);
}

/// The session with this ID, which is removed in the same step, as a ticket that is used once.
fn taken(cache: &Cache, n: u32) -> bool {
    let take = |entry: Option<&ById>| match entry {
        Some(_) => (Change::Remove, true),
        None => (Change::Keep, false),
    };
    cache.update(&id(n), take).unwrap()
}

/// Three threads want one session that may be used once: one gets it.
fn handed_out_once() {
    static HANDED_OUT: AtomicU64 = AtomicU64::new(0);
    fn take(cache: &Cache) {
        HANDED_OUT.fetch_add(u64::from(taken(cache, 1)), Ordering::Relaxed);
    }
    HANDED_OUT.store(0, Ordering::Relaxed);
    let cache = cache(4, 2);
    put(&cache, 1, 1);
    together(&cache, [take, take, take]);
    assert_eq!(HANDED_OUT.load(Ordering::Relaxed), 1);
    assert_eq!(settled(&cache, &[1], &[1]), 0);
}

/// Two threads change one entry, each according to what it finds: neither change is lost.
fn changed_in_one_step() {
    fn next(cache: &Cache) {
        let change = |entry: Option<&ById>| {
            let secret = (1..4).find(|secret| entry.is_some_and(|entry| *entry.0 == session(1, *secret)));
            (Change::Put(ById(session(1, secret.unwrap_or_default() + 1).into()), NOW), ())
        };
        cache.update(&id(1), change).unwrap();
    }
    let cache = cache(4, 2);
    put(&cache, 1, 1);
    together(&cache, [next, next]);
    assert_eq!(settled(&cache, &[1], &[3]), 1);
}

/// An entry takes the place of another, for which nothing is evicted, while a newcomer may evict it.
fn replaced_while_driven_out() {
    let cache = cache(1, 2);
    put(&cache, ids()[0][0], 1);
    together(
        &cache,
        [
            |cache| put(cache, ids()[1][0], 2),
            |cache| {
                let less = |entry: Option<&ById>| match entry {
                    Some(_) => (Change::Less(ById(session(ids()[0][0], 3).into())), ()),
                    None => (Change::Keep, ()),
                };
                cache.update(&id(ids()[0][0]), less).unwrap();
            },
        ],
    );
    settled(&cache, &[ids()[0][0], ids()[1][0]], &[1, 2, 3]);
}

/// A model, and the maximum number of times that a thread is preempted; without a number it is unlimited.
type Model = (&'static str, fn(), Option<usize>);

const MODELS: &[Model] = &[
    ("two newcomers, a place for one", two_newcomers, None),
    ("two newcomers in a shard", two_newcomers_in_a_shard, None),
    ("one ID put twice, and looked up", one_id_put_twice, None),
    ("forgotten while put and looked up", forgotten_meanwhile, None),
    ("expired for three", expired_for_all, None),
    ("driven out while looked up", driven_out_while_looked_up, None),
    ("three newcomers, a place for one", three_newcomers, Some(2)),
    ("cleared while two come", cleared_meanwhile, None),
    ("handed out once to three", handed_out_once, None),
    ("changed by two in one step each", changed_in_one_step, None),
    ("replaced while driven out", replaced_while_driven_out, Some(2)),
];

fn main() {
    for (name, model, bound) in MODELS {
        static TRIED: AtomicU64 = AtomicU64::new(0);
        TRIED.store(0, Ordering::Relaxed);
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = *bound;
        builder.max_branches = 10_000;
        let (model, bound) = (*model, bound.map_or_else(String::new, |bound| format!(" bound={bound}")));
        builder.check(move || {
            TRIED.fetch_add(1, Ordering::Relaxed);
            model();
        });
        println!("cache-model interleavings={}{bound} name={name}", TRIED.load(Ordering::Relaxed));
    }
}
