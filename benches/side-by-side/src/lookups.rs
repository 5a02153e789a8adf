//! Session lookups by servers, from several threads at once: Cairn's cache and that of rustls.
//!
//! Cairn's cache returns a session that is ready for use. That of rustls returns an encoded session, which
//! still has to be decoded. Every lookup succeeds.

use crate::measure::{Effort, Row};
use cairn_crypto::Secret;
use cairn_schedule::MasterSecret;
use cairn_tls::{
    KeyExchangeEvidence, SUITES, Session, SessionSide, SessionState, Tls12Reference, Tls12Session, UnixTime,
    session::{ServerCache, ServerSessionStore},
    wire::SessionId,
};
use rustls::server::{ServerSessionMemoryCache, StoresServerSessions};
use serde_json::{Map, Value, json};
use std::{hint::black_box, sync::Arc, thread, time::Instant};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
const SESSIONS: [(&str, u64); 3] = [("1k", 1_000), ("100k", 100_000), ("1m", 1_000_000)];
const THREADS: [u64; 3] = [1, 2, 4];
/// The length of a session that rustls has encoded.
const ENCODED: usize = 150;

/// Rows `session-lookup-<sessions>-<threads>-threads`: lookups per second, of all threads together.
pub(crate) fn rows(effort: Effort, filter: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    for (size, sessions) in SESSIONS {
        let named = THREADS.map(|threads| (format!("session-lookup-{size}-{threads}-threads"), threads));
        let named: Vec<_> = named.iter().filter(|(name, _)| name.contains(filter)).collect();
        if named.is_empty() {
            continue;
        }
        eprintln!("session-lookup-{size}");
        let capacity = usize::try_from(sessions).expect("capacity");
        let ours = ServerCache::new(capacity);
        let theirs = ServerSessionMemoryCache::new(capacity);
        for n in 0..sessions {
            ours.put(Arc::new(session(n)), NOW);
            theirs.put(id(n).to_vec(), vec![7; ENCODED]);
        }
        let ours_has = |n: u64| {
            let id = SessionId::new(&id(n)).expect("id");
            black_box(ours.get(&id, NOW)).is_some()
        };
        let theirs_has = |n: u64| black_box(theirs.get(&id(n))).is_some();
        for (name, threads) in named {
            let (mut of_ours, mut of_theirs) = (Vec::new(), Vec::new());
            // The first run of each is a warm-up.
            for _ in 0..if effort == Effort::Quick { 4 } else { 12 } {
                of_ours.push(per_second(&ours_has, sessions, *threads));
                of_theirs.push(per_second(&theirs_has, sessions, *threads));
            }
            let mut row = Map::new();
            row.insert("name".to_owned(), json!(name));
            for (column, rates) in [(Row::CAIRN, of_ours), (Row::RUSTLS, of_theirs)] {
                row.insert(format!("{column}_per_second"), json!(median(rates[1..].to_vec()).round()));
            }
            rows.push(Value::Object(row));
        }
    }
    rows
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// Random lookups by this number of threads, and their number per second.
fn per_second(has: &(impl Fn(u64) -> bool + Sync), sessions: u64, threads: u64) -> f64 {
    const LOOKUPS: u32 = 100_000;
    let begun = Instant::now();
    thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                // Knuth's constants for MMIX; each thread has its own sequence.
                let mut state = thread + 1;
                for _ in 0..LOOKUPS {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    assert!(has((state >> 33) % sessions), "the session is present");
                }
            });
        }
    });
    f64::from(LOOKUPS) * threads as f64 / begun.elapsed().as_secs_f64()
}

/// The nth ID, spread like a random one (the finalizer of splitmix64).
fn id(n: u64) -> [u8; 32] {
    let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let mut bytes = [0x5a; 32];
    bytes[..8].copy_from_slice(&(z ^ (z >> 31)).to_be_bytes());
    bytes
}

fn session(n: u64) -> Session {
    Session {
        psk_identity: None,
        server_name: Some(Arc::from(&b"localhost"[..])),
        alpn: None,
        peer_chain: None,
        evidence: KeyExchangeEvidence::default(),
        authenticated_at: NOW,
        not_after: None,
        context: Default::default(),
        verified_with: Default::default(),
        side: SessionSide::Server { tls_server_end_point: None },
        state: SessionState::Tls12(Tls12Session {
            reference: Tls12Reference::SessionId(SessionId::new(&id(n)).expect("id")),
            suite: &SUITES[0],
            protection: SUITES[0].protection,
            master_secret: MasterSecret::from(Secret::from(&[7; 48])),
            extended_master_secret: true,
            max_fragment_length: None,
        }),
    }
}
