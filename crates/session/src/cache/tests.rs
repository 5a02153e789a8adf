use super::*;
use crate::testing::{NOW, after, chain, client_session, id, session, with_tls12};
use alloc::{format, sync::Arc, vec};
use cairn_crypto::SecretBytes;
use cairn_handshake::{SessionSide, SessionState, Tls12Reference, Tls12Ticket, Tls13Reference, Tls13Session};

/// Lifetimes and `notAfter` have seconds. Machines that share a store may differ by fractions of a second.
#[test]
fn fractions_of_a_second_do_not_expire_a_session() {
    let second = NOW.as_secs();
    let at = |second: u64, millis: u64| UnixTime::from_millis(second * 1000 + millis);
    let not_after = Some(at(second + 100, 0));
    let session = Session { authenticated_at: at(second, 500), not_after, ..session(1) };
    assert!(!session.is_expired(at(second, 0), 100), "the same second");
    assert!(session.is_expired(at(second - 1, 999), 100), "an earlier second");
    assert!(!session.is_expired(at(second + 9, 999), 10));
    assert!(session.is_expired(at(second + 10, 0), 10));
    assert!(!session.is_expired(at(second + 100, 999), 1000), "valid until the end of the last second");
    assert!(session.is_expired(at(second + 101, 0), 1000));
}

#[test]
fn session_with_an_expired_peer_certificate_is_not_found() {
    let cache = ServerCache::new(4);
    let last = UnixTime::from_secs(NOW.as_secs() + 60);
    cache.put(Session { not_after: Some(last), ..session(1) }.into(), NOW);
    assert!(cache.get(&id(1), last).is_some());
    assert!(cache.get(&id(1), UnixTime::from_secs(last.as_secs() + 1)).is_none());
}

#[test]
fn session_can_be_found_repeatedly() {
    let cache = ServerCache::new(8);
    cache.put(session(1).into(), NOW);
    for _ in 0..3 {
        assert_eq!(cache.get(&id(1), NOW), Some(session(1).into()));
    }
    assert_eq!(cache.get(&id(2), NOW), None);
}

#[test]
fn session_expires_at_the_last_second_of_its_lifetime() {
    let lifetime = u64::from(CacheLimits::LIFETIME);
    let cache = ServerCache::new(8);
    cache.put(session(1).into(), NOW);
    assert!(cache.get(&id(1), after(lifetime - 1)).is_some());
    assert!(cache.get(&id(1), after(lifetime)).is_none());
    assert!(cache.is_empty(), "removed by the lookup");

    let short = ServerCache::with_limits(CacheLimits { lifetime: 10, ..CacheLimits::new(8) });
    short.put(session(1).into(), NOW);
    assert!(short.get(&id(1), after(9)).is_some());
    assert!(short.get(&id(1), after(10)).is_none());
}

#[test]
fn session_from_the_future_is_not_found() {
    let cache = ServerCache::new(8);
    cache.put(session(1).into(), NOW);
    assert!(cache.get(&id(1), UnixTime::from_secs(NOW.as_secs() - 1)).is_none());
    assert!(cache.is_empty());
}

#[test]
fn session_that_cannot_be_found_is_not_stored() {
    let cache = ServerCache::new(8);
    cache.put(session(1).into(), after(u64::from(CacheLimits::LIFETIME)));
    cache.put(
        with_tls12(session(1), |tls12| tls12.reference = Tls12Reference::SessionId(SessionId::EMPTY)).into(),
        NOW,
    );
    assert!(cache.is_empty());

    let none = ServerCache::new(0);
    none.put(session(1).into(), NOW);
    assert!(none.is_empty());

    let client = ClientCache::new(8);
    client.put(
        &ClientKey::new(b"", b""),
        with_tls12(session(1), |tls12| tls12.reference = Tls12Reference::SessionId(SessionId::EMPTY)).into(),
        NOW,
    );
    assert!(client.is_empty());
}

#[test]
fn expired_sessions_are_removed_by_insertions_and_by_purge() {
    let new = |n| Session { authenticated_at: after(10), ..session(n) };
    // So few sessions that there is one shard, because an insertion into one shard removes nothing from
    // another.
    let cache = ServerCache::with_limits(CacheLimits { lifetime: 10, ..CacheLimits::new(120) });
    for n in 0..60 {
        cache.put(session(n).into(), NOW);
    }
    for n in 60..120 {
        cache.put(new(n).into(), after(10));
    }
    assert_eq!(cache.len(), 60, "expired sessions are removed");
    assert!((60..120).all(|n| cache.get(&id(n), after(10)).is_some()));

    cache.clear();
    assert!(cache.is_empty());
    for n in 0..100 {
        cache.put(session(n).into(), NOW);
    }
    cache.put(new(100).into(), after(9));
    cache.purge(after(10));
    assert_eq!(cache.len(), 0, "sessions from the future are removed too");
    cache.put(new(100).into(), after(10));
    cache.purge(after(19));
    assert_eq!(cache.len(), 1);
}

#[test]
fn session_is_removed_after_a_fatal_alert() {
    let cache = ServerCache::new(8);
    cache.put(session(1).into(), NOW);
    cache.put(session(2).into(), NOW);
    cache.remove(&id(1));
    cache.remove(&id(3));
    assert!(cache.get(&id(1), NOW).is_none());
    assert!(cache.get(&id(2), NOW).is_some());
}

#[test]
fn client_keeps_the_newest_session_for_each_key() {
    let cache = ClientCache::new(8);
    let key = ClientKey::new(b"configuration", b"example.com:443");
    cache.put(&key, session(1).into(), NOW);
    cache.put(&key, session(2).into(), NOW);
    assert_eq!(cache.len(), 1);
    assert_eq!(cache.take(&key, NOW), Some(session(2).into()));
    // The alert occurred on a connection of the previous session.
    cache.remove(&key, &id(1));
    assert_eq!(cache.take(&key, NOW), Some(session(2).into()));
    cache.remove(&key, &id(2));
    assert_eq!(cache.take(&key, NOW), None);
}

#[test]
fn client_session_is_bound_to_server_and_configuration() {
    let cache = ClientCache::new(8);
    cache.put(&ClientKey::new(b"one", b"a.example"), session(1).into(), NOW);
    for other in [
        ClientKey::new(b"two", b"a.example"),
        ClientKey::new(b"one", b"b.example"),
        ClientKey::new(b"onea", b".example"),
        ClientKey::new(b"", b"onea.example"),
    ] {
        assert_eq!(cache.take(&other, NOW), None, "{other:?}");
        cache.remove(&other, &id(1));
    }
    assert!(cache.take(&ClientKey::new(b"one", b"a.example"), NOW).is_some());
}

#[test]
fn size_in_bytes_is_limited() {
    let cache = ServerCache::with_limits(CacheLimits { bytes: 40_000, ..CacheLimits::new(100) });
    for n in 0..10 {
        cache.put(Session { peer_chain: Some(chain(10_000)), ..session(n) }.into(), NOW);
        assert!(cache.bytes() <= 40_000);
    }
    assert_eq!(cache.len(), 3);
    assert!(cache.get(&id(9), NOW).is_some());
    // A session that exceeds the limit on its own evicts nothing.
    cache.put(Session { peer_chain: Some(chain(40_000)), ..session(10) }.into(), NOW);
    assert!(cache.get(&id(10), NOW).is_none());
    assert_eq!(cache.len(), 3);
}

#[test]
fn ticket_counts_towards_the_size() {
    let cache = ClientCache::with_limits(CacheLimits { bytes: 40_000, ..CacheLimits::new(100) });
    for n in 0..10 {
        let ticket = Tls12Ticket { ticket: vec![7; 10_000], session_id: id(1), expires: None };
        cache.put(&ClientKey::new(b"", &[n]), client_session(1, ticket).into(), NOW);
        assert!(cache.bytes() <= 40_000);
    }
    assert_eq!(cache.len(), 3);
}

#[test]
fn session_expires_with_its_ticket() {
    let cache = ClientCache::new(8);
    let key = ClientKey::new(b"", b"");
    let ticket = Tls12Ticket { ticket: vec![7], session_id: id(1), expires: Some(after(10)) };
    let with_ticket = client_session(1, ticket);
    cache.put(&key, with_ticket.clone().into(), after(10));
    assert!(cache.is_empty(), "it has already expired");
    cache.put(&key, with_ticket.clone().into(), NOW);
    assert_eq!(cache.take(&key, after(9)), Some(with_ticket.into()));
    assert_eq!(cache.take(&key, after(10)), None);
    assert!(cache.is_empty());
}

#[test]
fn lookup_shares_the_chain() {
    let chain = chain(1000);
    let cache = ServerCache::new(8);
    cache.put(Session { peer_chain: Some(Arc::clone(&chain)), ..session(1) }.into(), NOW);
    let found = cache.get(&id(1), NOW).and_then(|session| session.peer_chain.clone()).unwrap();
    assert!(Arc::ptr_eq(&found, &chain));
}

/// A master secret is zeroized when its session is dropped (by `cairn_crypto::Secret`), so the cache only has
/// to drop the session. The reference count of the chain, which is dropped with the session, shows whether it
/// did.
#[test]
fn removed_sessions_are_dropped_at_once() {
    let chain = chain(1000);
    let with_chain = |n| Session { peer_chain: Some(Arc::clone(&chain)), ..session(n) };
    let kept = || Arc::strong_count(&chain) - 1;
    let cache = ServerCache::new(2);

    cache.put(with_chain(1).into(), NOW);
    assert_eq!(kept(), 1);
    cache.put(with_chain(1).into(), NOW);
    assert_eq!(kept(), 1, "replaced");
    cache.put(with_chain(2).into(), NOW);
    cache.put(with_chain(3).into(), NOW);
    assert_eq!(kept(), 2, "evicted");
    drop(cache.get(&id(3), NOW));
    assert_eq!(kept(), 2, "looked up and dropped");
    cache.remove(&id(3));
    assert_eq!(kept(), 1, "removed");
    let other = if cache.get(&id(1), NOW).is_some() { 1 } else { 2 };
    assert!(cache.get(&id(other), after(u64::from(CacheLimits::LIFETIME))).is_none());
    assert_eq!(kept(), 0, "expired");
    cache.put(with_chain(4).into(), NOW);
    cache.purge(after(u64::from(CacheLimits::LIFETIME)));
    assert_eq!(kept(), 0, "purged");
    cache.put(with_chain(5).into(), NOW);
    cache.clear();
    assert_eq!(kept(), 0, "cleared");
    cache.put(with_chain(6).into(), NOW);
    drop(cache);
    assert_eq!(kept(), 0, "with the cache itself");
}

#[test]
fn empty_cache_allocates_nothing_for_its_capacity() {
    let cache = ServerCache::new(usize::MAX);
    cache.put(session(1).into(), NOW);
    assert_eq!(cache.limits().sessions, usize::MAX);
    assert_eq!(cache.len(), 1);
}

#[test]
fn stores_are_usable_as_trait_objects() {
    let server: Arc<dyn ServerSessionStore> = Arc::new(ServerCache::new(8));
    server.put(session(1).into(), NOW);
    assert!(Arc::clone(&server).get(&id(1), NOW).is_some());
    let client: Arc<dyn ClientSessionStore> = Arc::new(ClientCache::new(8));
    let key = ClientKey::new(b"", b"example.com");
    client.put(&key, session(1).into(), NOW);
    assert!(Arc::clone(&client).take(&key, NOW).is_some());
}

#[test]
fn debug_output_of_a_cache_shows_only_sizes() {
    let cache = ServerCache::new(8);
    cache.put(session(0x41).into(), NOW);
    let shown = format!("{cache:?}");
    assert!(shown.starts_with("ServerCache { sessions: 1, bytes: "), "{shown}");
    assert!(!shown.contains("example") && !shown.contains("65, 65"), "{shown}");
}

#[test]
fn eight_threads_can_share_a_cache() {
    let cache = ServerCache::new(1000);
    std::thread::scope(|scope| {
        for thread in 0..8_u32 {
            let cache = &cache;
            scope.spawn(move || {
                for round in 0..4000_u32 {
                    let n = round.wrapping_mul(2_654_435_761).wrapping_add(thread) % 1500;
                    match round % 8 {
                        0..3 => cache.put(session(n).into(), NOW),
                        3 => {
                            cache.remove(&id(n));
                        }
                        _ => {
                            if let Some(found) = cache.get(&id(n), NOW) {
                                assert_eq!(*found, session(n));
                            }
                        }
                    }
                }
            });
        }
    });
    assert!(cache.len() <= 1000);
    assert!(cache.bytes() <= cache.limits().bytes);
    let found = (0..1500).filter(|n| cache.get(&id(*n), NOW).is_some()).count();
    assert_eq!(found, cache.len(), "every counted session is present");
    cache.clear();
    assert_eq!((cache.len(), cache.bytes()), (0, 0));
}

/// A ticket of TLS 1.3 that a client has received at this second.
fn tls13_ticket(n: u8, received: u64, lifetime: u64) -> Arc<Session> {
    let state = SessionState::Tls13(Tls13Session {
        reference: Tls13Reference::Ticket(vec![n; 10]),
        suite: &cairn_schedule::tls13::SUITES[0],
        psk: SecretBytes::from(vec![n; 32]),
        issued_at: after(received),
        expires: after(received + lifetime),
        age_add: 0,
        max_early_data: 0,
        quic: None,
    });
    Arc::new(Session { side: SessionSide::Client { endpoint: None }, state, ..session(1) })
}

#[test]
fn each_ticket_of_tls13_is_handed_out_once_and_the_newest_first() {
    let cache = ClientCache::new(10);
    let key = ClientKey::new(b"configuration", b"a.example");
    let tls12 = Arc::new(session(5));
    cache.put(&key, Arc::clone(&tls12), NOW);
    for n in 1..=3 {
        cache.put(&key, tls13_ticket(n, 0, 100), NOW);
    }
    assert_eq!(cache.len(), 4);
    for n in [3, 2, 1] {
        assert_eq!(cache.take(&key, NOW), Some(tls13_ticket(n, 0, 100)));
    }
    assert_eq!(cache.len(), 1);
    assert_eq!(cache.take(&key, NOW), Some(Arc::clone(&tls12)), "a session of TLS 1.2 stays");
    assert_eq!(cache.take(&key, NOW), Some(tls12));
}

#[test]
fn tickets_of_a_key_are_bounded_and_the_oldest_goes() {
    let limits = CacheLimits { tickets_per_key: 2, ..CacheLimits::new(100) };
    let cache = ClientCache::with_limits(limits);
    let key = ClientKey::new(b"configuration", b"a.example");
    for n in 1..=5 {
        cache.put(&key, tls13_ticket(n, 0, 100), NOW);
    }
    assert_eq!(cache.len(), 2);
    assert_eq!(cache.take(&key, NOW), Some(tls13_ticket(5, 0, 100)));
    assert_eq!(cache.take(&key, NOW), Some(tls13_ticket(4, 0, 100)));
    assert_eq!(cache.take(&key, NOW), None);
    assert_eq!((cache.len(), cache.bytes()), (0, 0));
}

#[test]
fn expired_ticket_is_not_handed_out() {
    let cache = ClientCache::new(10);
    let key = ClientKey::new(b"configuration", b"a.example");
    cache.put(&key, tls13_ticket(1, 0, 100), NOW);
    cache.put(&key, tls13_ticket(2, 0, 10), NOW);
    assert_eq!(cache.take(&key, after(10)), Some(tls13_ticket(1, 0, 100)));
    assert_eq!(cache.len(), 0);
}

#[test]
fn forgetting_a_session_of_tls12_keeps_the_tickets_beside_it() {
    let cache = ClientCache::new(10);
    let key = ClientKey::new(b"configuration", b"a.example");
    cache.put(&key, Arc::new(session(5)), NOW);
    cache.put(&key, tls13_ticket(1, 0, 100), NOW);
    cache.remove(&key, &id(5));
    assert_eq!(cache.len(), 1);
    assert_eq!(cache.take(&key, NOW), Some(tls13_ticket(1, 0, 100)));
}

#[test]
fn server_session_is_removed_once() {
    let cache = ServerCache::new(10);
    cache.put(session(1).into(), NOW);
    assert!(cache.remove(&id(1)));
    assert!(!cache.remove(&id(1)));
}
