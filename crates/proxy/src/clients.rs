//! The limit on the number of open connections of one client.

use crate::rates::network;
use alloc::sync::Arc;
use core::{net::IpAddr, num::NonZeroUsize};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The open connections of a listener by client. IPv6 addresses count by their network of 64 bits, because
/// one client has all addresses of it.
///
/// Only clients with open connections are in the table, so the limit of the listener bounds it. They are
/// counted with or without a limit, so that a reload can set one.
#[derive(Debug, Default)]
pub(crate) struct Clients(Mutex<HashMap<IpAddr, Connections>>);

/// The connections of one client.
#[derive(Debug, Default)]
struct Connections {
    open: usize,
    /// Whether a connection was refused since one has ended.
    has_refused: bool,
}

/// An open connection, which counts until this is dropped.
#[derive(Debug)]
pub(crate) struct Counted {
    clients: Arc<Clients>,
    client: IpAddr,
}

/// A client has too many open connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany {
    /// Whether this is the first refusal since a connection of the client has ended.
    pub(crate) is_first: bool,
}

impl Clients {
    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Connections>> {
        // A thread that panicked has left the map valid.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a connection of a client, unless it has `most` already.
    pub(crate) fn admit(
        self: &Arc<Self>,
        client: IpAddr,
        most: Option<NonZeroUsize>,
    ) -> Result<Counted, TooMany> {
        let client = network(client);
        let mut clients = self.lock();
        let connections = clients.entry(client).or_default();
        // At least one is permitted, so no entry without a connection is left.
        if most.is_some_and(|most| connections.open >= most.get()) {
            let is_first = !core::mem::replace(&mut connections.has_refused, true);
            return Err(TooMany { is_first });
        }
        connections.open = connections.open.saturating_add(1);
        drop(clients);
        Ok(Counted { clients: Arc::clone(self), client })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut clients = self.clients.lock();
        let Some(connections) = clients.get_mut(&self.client) else { return };
        *connections = Connections { open: connections.open.saturating_sub(1), has_refused: false };
        if connections.open == 0 {
            clients.remove(&self.client);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn admit(clients: &Arc<Clients>, client: &str, most: usize) -> Result<Counted, TooMany> {
        clients.admit(client.parse().unwrap(), NonZeroUsize::new(most))
    }

    #[test]
    fn open_connections_are_counted_by_ipv4_address_or_ipv6_network() {
        let clients = Arc::new(Clients::default());
        let _first = admit(&clients, "192.0.2.1", 2).unwrap();
        let _second = admit(&clients, "::ffff:192.0.2.1", 2).unwrap();
        assert!(admit(&clients, "192.0.2.1", 2).is_err());
        let _other = admit(&clients, "192.0.2.2", 2).unwrap();
        let _v6 = admit(&clients, "2001:db8::1", 1).unwrap();
        assert!(admit(&clients, "2001:db8::ffff:1", 1).is_err());
        let _neighbor = admit(&clients, "2001:db8:0:1::1", 1).unwrap();
    }

    #[test]
    fn a_connection_that_has_ended_makes_room_and_the_table_forgets() {
        let clients = Arc::new(Clients::default());
        let first = admit(&clients, "192.0.2.1", 2).unwrap();
        let second = admit(&clients, "192.0.2.1", 2).unwrap();
        // Only the first refusal is reported until a connection has ended.
        assert_eq!(admit(&clients, "192.0.2.1", 2).unwrap_err(), TooMany { is_first: true });
        assert_eq!(admit(&clients, "192.0.2.1", 2).unwrap_err(), TooMany { is_first: false });
        drop(first);
        let third = admit(&clients, "192.0.2.1", 2).unwrap();
        assert_eq!(admit(&clients, "192.0.2.1", 2).unwrap_err(), TooMany { is_first: true });
        drop((second, third));
        assert!(clients.lock().is_empty());
    }

    #[test]
    fn connections_from_before_a_limit_count() {
        let clients = Arc::new(Clients::default());
        let earlier = [(); 3].map(|()| admit(&clients, "192.0.2.1", 0).unwrap());
        assert!(admit(&clients, "192.0.2.1", 2).is_err());
        let [first, second, _third] = earlier;
        drop(first);
        assert!(admit(&clients, "192.0.2.1", 2).is_err());
        drop(second);
        let _admitted = admit(&clients, "192.0.2.1", 2).unwrap();
    }
}
