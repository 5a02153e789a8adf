//! The session cache under every interleaving of its threads that the memory model of Rust allows, as far as loom can tell.
//!
//! What is tried is the cache's own source, file by file; only what it locks, counts and hashes with is loom's, or repeats
//! itself (`sync`). Each model is a few operations on two threads or three; what must hold is asserted while they run and
//! when all are done. A line for each model says how many interleavings there were.

extern crate alloc;

#[path = "../../../crates/session/src/cache/entry.rs"]
mod entry;
#[path = "../../../crates/session/src/cache/limits.rs"]
mod limits;
#[path = "../../../crates/session/src/cache/sharded.rs"]
#[allow(dead_code, reason = "the faces of the cache use the rest")]
mod sharded;
mod sync;
#[path = "../../../crates/session/src/cache/table.rs"]
mod table;

use cairn_crypto::Secret;
use cairn_handshake::{KeyExchangeEvidence, Session, SessionState, Tls12Session, UnixTime};
use cairn_schedule::{MasterSecret, SUITES};
use cairn_wire::SessionId;
use core::hash::{BuildHasher, Hasher};
use core::sync::atomic::{AtomicU64, Ordering};
use entry::{ById, Entry};
pub use limits::CacheLimits;
use loom::{sync::Arc, thread};
use sharded::Sharded;

type Cache = Arc<Sharded<ById>>;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

fn id(n: u32) -> SessionId {
    SessionId::new(&n.to_be_bytes()).unwrap()
}

/// A session under the nth ID, which its secret tells from others under the same.
fn session(n: u32, secret: u8) -> Session {
    Session {
        psk_identity: None,
        server_name: None,
        alpn: None,
        peer_chain: None,
        evidence: KeyExchangeEvidence::default(),
        end_point: None,
        authenticated_at: NOW,
        not_after: None,
        context: Default::default(),
        verified_with: Default::default(),
        endpoint: None,
        state: SessionState::Tls12(Tls12Session {
            session_id: id(n),
            suite: &SUITES[0],
            protection: SUITES[0].protection,
            master_secret: MasterSecret::from(Secret::from(&[secret; 48])),
            extended_master_secret: true,
            max_fragment_length: None,
            ticket: None,
        }),
    }
}

/// IDs whose sessions lie in the first and in the second of two shards, two of each.
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

/// Whether the session is there; it is one that was put under this ID, with one of these secrets.
fn found(cache: &Cache, n: u32, secrets: &[u8]) -> bool {
    let Some(found) = cache.get(&id(n), NOW) else { return false };
    assert_eq!(found.session_id, id(n));
    assert!(secrets.iter().any(|secret| *found == session(n, *secret)), "a session that nobody put");
    true
}

/// When all is quiet: what is counted is what is there, and no more than there may be.
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

/// Runs all of them, the last one on this thread.
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

/// Two come to a place for one, in two shards: one may drive the other out, and both may go, but both do not stay.
fn two_newcomers() {
    let cache = cache(1, 2);
    together(&cache, [|cache| put(cache, ids()[0][0], 1), |cache| put(cache, ids()[1][0], 2)]);
    settled(&cache, &[ids()[0][0], ids()[1][0]], &[1, 2]);
}

/// The same in one shard: who comes last is the one that stays.
fn two_newcomers_in_a_shard() {
    let cache = cache(1, 1);
    together(&cache, [|cache| put(cache, 1, 1), |cache| put(cache, 2, 2)]);
    assert_eq!(settled(&cache, &[1, 2], &[1, 2]), 1);
}

/// One ID, put by two and looked up by a third: it is one of the two, whole, and counted once.
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

/// A session is forgotten while it is put again and looked up.
fn forgotten_meanwhile() {
    let cache = cache(4, 2);
    put(&cache, 1, 1);
    together(
        &cache,
        [
            |cache| put(cache, 1, 2),
            |cache| cache.remove_if(&id(1), |session| session.session_id == id(1)),
            |cache| {
                found(cache, 1, &[1, 2]);
            },
        ],
    );
    settled(&cache, &[1], &[1, 2]);
}

/// Two find that a session has expired, and a third lets all go that have: it is let go once.
fn expired_for_all() {
    let later = UnixTime::from_secs(NOW.as_secs() + u64::from(CacheLimits::LIFETIME));
    let cache = cache(4, 2);
    put(&cache, 1, 1);
    together(
        &cache,
        [
            |cache| assert!(cache.get(&id(1), UnixTime::from_secs(NOW.as_secs() + u64::from(CacheLimits::LIFETIME))).is_none()),
            |cache| {
                let later = UnixTime::from_secs(NOW.as_secs() + u64::from(CacheLimits::LIFETIME));
                cache.remove_all_if(|entry| entry.is_expired(later, CacheLimits::LIFETIME));
            },
            |cache| assert!(cache.get(&id(1), UnixTime::from_secs(NOW.as_secs() + u64::from(CacheLimits::LIFETIME))).is_none()),
        ],
    );
    assert!(cache.get(&id(1), later).is_none());
    assert_eq!(settled(&cache, &[1], &[1]), 0);
}

/// A full cache, in which one looks up what another's newcomer may drive out.
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

/// Three come, each to a shard that another may be clearing, where there is place for one.
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

/// All is dropped while two more come.
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

/// A model, and how often a thread may be interrupted where it need not wait; without a number, as often as can be.
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
