//! Tickets with `RotatingKeys` and `SharedKeys`.

use super::*;
use crate::{RotatingKeys, SharedKeys};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::Barrier;

const HOUR: u64 = 60 * 60;

#[test]
fn tickets_outlive_a_rotation_and_are_renewed() {
    let tickets = Tickets::new(provider(), Arc::new(RotatingKeys::new(provider())));
    let first = tickets.seal(&session(1), NOW).unwrap();
    assert_eq!(tickets.open(&first.ticket, after(12 * HOUR - 1)), opened(1, false));
    assert_eq!(tickets.open(&first.ticket, after(12 * HOUR)), opened(1, true));

    let second = tickets.seal(&session(1), after(12 * HOUR)).unwrap();
    assert_eq!(second.lifetime_hint, 12 * 3600);
    assert_eq!(tickets.open(&second.ticket, after(12 * HOUR)), opened(1, false));
    for ticket in [&first, &second] {
        assert!(tickets.open(&ticket.ticket, after(24 * HOUR - 1)).is_some());
        assert!(tickets.open(&ticket.ticket, after(24 * HOUR)).is_none());
    }
}

#[test]
fn tickets_open_for_the_lifetime_of_their_session() {
    // Sessions of all hours of three days, each resumed every hour with its first ticket.
    let tickets = Tickets::new(provider(), Arc::new(RotatingKeys::new(provider())));
    let mut sealed: Vec<(u64, NewTicket)> = Vec::new();
    for hour in 0..72 {
        let now = after(hour * HOUR + 17);
        for (born, ticket) in &sealed {
            let found = tickets.open(&ticket.ticket, now).is_some();
            assert_eq!(found, hour - born < 24, "a ticket of hour {born} in hour {hour}");
        }
        let session = Session { authenticated_at: now, ..session(1) };
        sealed.push((hour, tickets.seal(&session, now).unwrap()));
    }
}

#[test]
fn restart_invalidates_all_tickets() {
    let before = Tickets::new(provider(), Arc::new(RotatingKeys::new(provider())));
    let after = Tickets::new(provider(), Arc::new(RotatingKeys::new(provider())));
    let ticket = before.seal(&session(1), NOW).unwrap();
    assert_eq!(after.open(&ticket.ticket, NOW), None);
}

/// The three rounds of [`SharedKeys`], one server at a time. After each step, every ticket opens on every
/// server.
#[test]
fn two_servers_rotate_shared_keys_without_losing_tickets() {
    // In the format of a secret manager.
    let copy = |n| Arc::new(TicketKey::decode(ticket_key(n).encode().expose()).unwrap());
    let rings = [(); 2].map(|()| Arc::new(SharedKeys::new([copy(1)])));
    let servers = rings.each_ref().map(|ring| {
        let ring: Arc<SharedKeys> = Arc::clone(ring);
        Tickets::new(provider(), ring)
    });
    let mut sealed = Vec::new();
    let mut all_open = |opening: &[u8]| {
        sealed.extend(servers.iter().map(|server| server.seal(&session(1), NOW).unwrap().ticket));
        sealed.retain(|ticket: &Vec<u8>| opening.contains(&ticket[0]));
        for (ring, server) in rings.iter().zip(&servers) {
            let newest = ring.sealing_key(NOW).unwrap();
            for ticket in &sealed {
                let renew = ticket[..16] != newest.name().0;
                assert_eq!(server.open(ticket, NOW), opened(1, renew));
            }
        }
    };
    all_open(&[1]);
    for round in [&[1, 2][..], &[2, 1]] {
        for ring in &rings {
            ring.replace(round.iter().map(|n| copy(*n)));
            all_open(&[1, 2]);
        }
    }
    // The tickets of the old key end only when they have expired.
    let old = tickets().seal(&session(1), NOW).unwrap();
    for (ring, server) in rings.iter().zip(&servers) {
        assert!(server.open(&old.ticket, NOW).is_some());
        ring.replace([copy(2)]);
        assert!(server.open(&old.ticket, NOW).is_none());
        all_open(&[2]);
    }
}

#[test]
fn many_threads_use_rotating_tickets() {
    let tickets = Tickets::new(provider(), Arc::new(RotatingKeys::new(provider())));
    let barrier = Barrier::new(8);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let (tickets, barrier) = (&tickets, &barrier);
            scope.spawn(move || {
                for round in 0..300 {
                    // Each round is twenty minutes, so keys change every 36 rounds. Each clock deviates
                    // slightly.
                    barrier.wait();
                    let now = after(round * 20 * 60 + u64::from(n));
                    let session = Session { authenticated_at: now, ..session(n) };
                    let ticket = tickets.seal(&session, now).unwrap();
                    let opened = tickets.open(&ticket.ticket, now).unwrap();
                    assert_eq!(
                        opened.session.tls12().unwrap().master_secret,
                        session.tls12().unwrap().master_secret
                    );
                    assert_eq!(opened.session.authenticated_at, now);
                }
            });
        }
    });
}

#[test]
fn replacement_of_shared_keys_is_atomic() {
    let ring = Arc::new(SharedKeys::new([1, 2].map(ticket_key)));
    let keys: Arc<SharedKeys> = Arc::clone(&ring);
    let tickets = Tickets::new(provider(), keys);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|n| {
                let tickets = &tickets;
                scope.spawn(move || {
                    for _ in 0..500 {
                        let ticket = tickets.seal(&session(n), NOW).unwrap();
                        let found = tickets.open(&ticket.ticket, NOW).unwrap();
                        assert_eq!(
                            found.session.tls12().unwrap().master_secret,
                            session(n).tls12().unwrap().master_secret
                        );
                    }
                })
            })
            .collect();
        let swapper = scope.spawn(|| {
            while !done.load(Relaxed) {
                ring.replace([2, 1].map(ticket_key));
                ring.replace([1, 2].map(ticket_key));
            }
        });
        let results: Vec<_> = threads.into_iter().map(|thread| thread.join()).collect();
        done.store(true, Relaxed);
        swapper.join().unwrap();
        assert!(results.iter().all(Result::is_ok));
    });
}
