//! Limits on the number of new connections in a second.

use core::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    time::Duration,
};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};
use tokio::time::Instant;

/// The time for which connections are counted. As many as in one second may come at once.
const SECOND: Duration = Duration::from_secs(1);

/// The maximum number of clients that are counted at the same time.
const CLIENTS: usize = 1 << 16;

/// The connections that were admitted: the time at which they count no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spent(Instant);

/// Admits a connection, or returns the time until one is admitted.
pub(crate) fn admit(spent: Option<Spent>, rate: NonZeroU32, now: Instant) -> Result<Spent, Duration> {
    let until = spent.map_or(now, |Spent(until)| until.max(now));
    let owed = until.duration_since(now).saturating_add(SECOND / rate.get());
    match owed.checked_sub(SECOND) {
        Some(excess) if !excess.is_zero() => Err(excess),
        _ => Ok(Spent(now.checked_add(owed).unwrap_or(now))),
    }
}

/// The connections of each client. IPv6 addresses count by their network of 64 bits, because one client has
/// all addresses of it.
///
/// At most 65,536 clients are counted at the same time. If more come within a second, the others are
/// admitted: the limit of the listener holds for all of them.
#[derive(Debug)]
pub(crate) struct ClientRates(Mutex<Recent>);

#[derive(Debug)]
struct Recent {
    clients: HashMap<IpAddr, Spent>,
    /// The last time at which clients without recent connections were removed.
    cleaned: Instant,
}

impl ClientRates {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Recent { clients: HashMap::new(), cleaned: Instant::now() }))
    }

    /// Whether a connection of this client is admitted.
    pub(crate) fn admits(&self, client: IpAddr, rate: NonZeroU32, now: Instant) -> bool {
        let client = network(client);
        // A thread that panicked has left the map valid.
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.duration_since(recent.cleaned) >= SECOND {
            recent.cleaned = now;
            recent.clients.retain(|_, Spent(until)| *until > now);
        }
        let spent = recent.clients.get(&client).copied();
        match admit(spent, rate, now) {
            Ok(spent) => {
                if recent.clients.len() < CLIENTS || recent.clients.contains_key(&client) {
                    recent.clients.insert(client, spent);
                }
                true
            }
            Err(_) => false,
        }
    }
}

/// An IPv4 address, or the first 64 bits of an IPv6 address.
pub(crate) fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn rate(number: u32) -> NonZeroU32 {
        NonZeroU32::new(number).unwrap()
    }

    #[test]
    fn a_second_of_connections_comes_at_once_and_then_one_by_one() {
        let start = Instant::now();
        let mut spent = None;
        for _ in 0..4 {
            spent = Some(admit(spent, rate(4), start).unwrap());
        }
        assert_eq!(admit(spent, rate(4), start), Err(Duration::from_millis(250)));
        let later = start + Duration::from_millis(250);
        spent = Some(admit(spent, rate(4), later).unwrap());
        assert_eq!(admit(spent, rate(4), later), Err(Duration::from_millis(250)));
        // After a long pause no more than the connections of one second come at once.
        let later = start + Duration::from_secs(60);
        for _ in 0..4 {
            spent = Some(admit(spent, rate(4), later).unwrap());
        }
        admit(spent, rate(4), later).unwrap_err();
        // One in a second.
        let spent = admit(None, rate(1), start).unwrap();
        assert_eq!(admit(Some(spent), rate(1), start), Err(SECOND));
    }

    #[test]
    fn clients_are_counted_by_ipv4_address_or_ipv6_network() {
        let (rates, now) = (ClientRates::new(), Instant::now());
        for (address, expected) in [
            ("192.0.2.1", true),
            ("192.0.2.2", true),
            ("192.0.2.1", false),
            ("::ffff:192.0.2.1", false),
            ("2001:db8::1", true),
            ("2001:db8::ffff:1", false),
            ("2001:db8:0:1::1", true),
        ] {
            assert_eq!(rates.admits(address.parse().unwrap(), rate(1), now), expected, "{address}");
        }
        assert!(rates.admits("192.0.2.1".parse().unwrap(), rate(1), now + SECOND));
    }

    #[test]
    fn the_table_of_clients_is_bounded_and_forgets() {
        let (rates, now) = (ClientRates::new(), Instant::now());
        let client = |number: u32| IpAddr::from(core::net::Ipv4Addr::from(number));
        for number in 0..100_000 {
            assert!(rates.admits(client(number), rate(1), now));
        }
        let count = || rates.0.lock().unwrap().clients.len();
        assert_eq!(count(), CLIENTS);
        // Those in the table are still limited.
        assert!(!rates.admits(client(0), rate(1), now));
        assert!(rates.admits(client(100_000), rate(1), now + SECOND));
        assert_eq!(count(), 1);
    }
}
