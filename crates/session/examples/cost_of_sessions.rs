//! Measures the cost of a cache lookup by number of sessions and threads, the memory per session, and the
//! cost of tickets.
//!
//! For comparison it measures a plain `HashMap` of shared sessions with one thread, and two threads with one
//! cache each.
//!
//! `cargo run --release -p cairn-session --example cost_of_sessions`
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement may panic")]

extern crate alloc;

use alloc::sync::Arc;
use cairn_crypto::Secret;
use cairn_handshake::{Session, SessionSide, SessionState, Tls12Reference, Tls12Session, UnixTime};
use cairn_schedule::{MasterSecret, SUITES};
use cairn_session::{RotatingKeys, ServerCache, ServerSessionStore, Tickets, decode_session, encode_session};
use cairn_wire::SessionId;
use core::{hint::black_box, time::Duration};
use std::{collections::HashMap, time::Instant};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
const LOOKUPS: u32 = 1_000_000;

/// The nth ID, spread like a random one (the finalizer of splitmix64).
fn id(n: u64) -> SessionId {
    let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let mut bytes = [0x5a; 32];
    bytes.first_chunk_mut::<8>().unwrap().copy_from_slice(&(z ^ (z >> 31)).to_be_bytes());
    SessionId::new(&bytes).unwrap()
}

fn session(n: u64) -> Session {
    Session {
        psk_identity: None,
        server_name: Some(b"www.example.com"[..].into()),
        alpn: Some(b"h2"[..].into()),
        peer_chain: None,
        evidence: cairn_handshake::KeyExchangeEvidence::default(),
        authenticated_at: NOW,
        not_after: None,
        context: Default::default(),
        verified_with: Default::default(),
        side: SessionSide::Server { tls_server_end_point: None },
        state: SessionState::Tls12(Tls12Session {
            reference: Tls12Reference::SessionId(id(n)),
            suite: SUITES.first().unwrap(),
            protection: SUITES.first().unwrap().protection,
            master_secret: MasterSecret::from(Secret::from(&[7; 48])),
            extended_master_secret: true,
            max_fragment_length: None,
        }),
    }
}

/// Looks up random sessions that are all present. Returns the time of one lookup.
fn look_up(get: impl Fn(&SessionId) -> Option<Arc<Session>>, sessions: u64, seed: u64) -> Duration {
    let mut state = seed;
    let ids: Vec<SessionId> = (0..LOOKUPS)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            id((state >> 33) % sessions)
        })
        .collect();
    let start = Instant::now();
    for id in &ids {
        black_box(get(id).expect("the session is present"));
    }
    start.elapsed().checked_div(LOOKUPS).unwrap()
}

/// Runs two threads at once, each with its own argument.
fn two_threads(caches: [&ServerCache; 2], sessions: u64) -> Vec<Duration> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = caches
            .into_iter()
            .zip(3..)
            .map(|(cache, seed)| scope.spawn(move || look_up(|id| cache.get(id, NOW), sessions, seed)))
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn filled(sessions: u64) -> ServerCache {
    let cache = ServerCache::new(usize::try_from(sessions).unwrap());
    for n in 0..sessions {
        cache.put(Arc::new(session(n)), NOW);
    }
    cache
}

fn resident_kib() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0).saturating_mul(4)
}

fn main() {
    // First, before there is any freed memory to reuse.
    let before = resident_kib();
    let cache = filled(1_000_000);
    let each = resident_kib().saturating_sub(before).saturating_mul(1024) / 1_000_000;
    println!(
        "memory: {each} bytes per session for a million sessions, {} counted",
        cache.bytes() / cache.len()
    );
    drop(cache);

    let alone = session(1);
    let start = Instant::now();
    for _ in 0..1_000_000 {
        black_box(alone.clone());
    }
    println!("cloning a session alone: {:?}", start.elapsed().checked_div(1_000_000).unwrap());
    let encoded = encode_session(&alone).expect("it can be encoded");
    let start = Instant::now();
    for _ in 0..1_000_000 {
        black_box(encode_session(&alone).ok());
    }
    println!("encoding one, {} bytes: {:?}", encoded.len(), start.elapsed().checked_div(1_000_000).unwrap());
    let start = Instant::now();
    for _ in 0..1_000_000 {
        black_box(decode_session(encoded.expose()).ok());
    }
    println!("decoding it: {:?}", start.elapsed().checked_div(1_000_000).unwrap());

    let provider = Arc::new(cairn_provider_aws_lc::provider());
    let tickets = Tickets::new(Arc::clone(&provider), Arc::new(RotatingKeys::new(provider)));
    let ticket = tickets.seal(&alone, NOW).expect("it can be sealed").ticket;
    let start = Instant::now();
    for _ in 0..1_000_000 {
        black_box(tickets.seal(&alone, NOW));
    }
    println!(
        "sealing a ticket, {} bytes: {:?}",
        ticket.len(),
        start.elapsed().checked_div(1_000_000).unwrap()
    );
    let start = Instant::now();
    for _ in 0..1_000_000 {
        black_box(tickets.open(&ticket, NOW).expect("it opens"));
    }
    println!("opening it: {:?}", start.elapsed().checked_div(1_000_000).unwrap());

    for sessions in [1_000_u64, 100_000, 1_000_000] {
        let start = Instant::now();
        let cache = filled(sessions);
        let put = start.elapsed().checked_div(u32::try_from(sessions).unwrap()).unwrap();
        println!("{sessions} sessions: put {put:?}");
        look_up(|id| cache.get(id, NOW), sessions, 1);
        println!("  get, 1 thread:                {:?}", look_up(|id| cache.get(id, NOW), sessions, 2));
        println!("  get, 2 threads, one cache:    {:?}", two_threads([&cache, &cache], sessions));
        let other = filled(sessions);
        println!("  get, 2 threads, a cache each: {:?}", two_threads([&cache, &other], sessions));
        drop((cache, other));
        let map: HashMap<SessionId, Arc<Session>> =
            (0..sessions).map(|n| (id(n), Arc::new(session(n)))).collect();
        let get = |id: &SessionId| map.get(id).map(Arc::clone);
        look_up(get, sessions, 1);
        println!("  get, 1 thread, plain HashMap: {:?}", look_up(get, sessions, 2));
    }
}
