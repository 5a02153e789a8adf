//! Bounds the number of simultaneous connections, and how long one may keep others waiting.

use alloc::{collections::BTreeMap, sync::Arc};
use core::{num::NonZeroUsize, time::Duration};
use std::{
    net::{Shutdown, TcpStream},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// A fixed number of slots for connections. If all are taken and another client comes, the oldest connection
/// is ended, once its time is over.
#[derive(Clone, Debug)]
pub(super) struct Slots(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: usize,
    /// The time for which a connection may stay while others wait.
    stay: Duration,
    connections: Mutex<Connections>,
    freed: Condvar,
}

/// The current connections, oldest first.
#[derive(Debug, Default)]
struct Connections {
    next: u64,
    here: BTreeMap<u64, Connection>,
}

#[derive(Debug)]
struct Connection {
    since: Instant,
    /// The handle that ends the connection; `None` once it was used.
    tcp: Option<TcpStream>,
    was_ended: bool,
}

/// A taken slot. It is released on drop, whatever happened to the connection.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Slots,
    number: u64,
}

impl Slots {
    /// Makes this many slots.
    pub(super) fn new(number: NonZeroUsize, stay: Duration) -> Self {
        let (connections, freed) = (Mutex::default(), Condvar::new());
        Self(Arc::new(Inner { limit: number.get(), stay, connections, freed }))
    }

    /// Takes a slot for this connection, waiting until one is free.
    pub(super) fn take(&self, tcp: &TcpStream) -> Slot {
        let Inner { limit, stay, freed, .. } = &*self.0;
        let mut connections = self.connections();
        while connections.here.len() >= *limit {
            let oldest = connections.here.values_mut().find(|connection| connection.tcp.is_some());
            let left = oldest.as_ref().map(|connection| stay.saturating_sub(connection.since.elapsed()));
            connections = match (oldest, left) {
                (Some(connection), Some(Duration::ZERO)) => {
                    connection.was_ended = true;
                    // Its own thread notices that and releases the slot.
                    let _gone = connection.tcp.take().map(|tcp| tcp.shutdown(Shutdown::Both));
                    continue;
                }
                (_, Some(left)) => {
                    freed.wait_timeout(connections, left).unwrap_or_else(PoisonError::into_inner).0
                }
                (_, None) => freed.wait(connections).unwrap_or_else(PoisonError::into_inner),
            };
        }
        let number = connections.next;
        connections.next = number.wrapping_add(1);
        let connection = Connection { since: Instant::now(), tcp: tcp.try_clone().ok(), was_ended: false };
        connections.here.insert(number, connection);
        Slot { slots: self.clone(), number }
    }

    fn connections(&self) -> MutexGuard<'_, Connections> {
        self.0.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Whether its connection was ended because others were waiting.
    pub(super) fn was_ended(&self) -> bool {
        self.slots.connections().here.get(&self.number).is_some_and(|connection| connection.was_ended)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.connections().here.remove(&self.number);
        self.slots.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::{
        io::Read,
        net::TcpListener,
        sync::mpsc::{self, Receiver},
        thread,
    };

    const LONG: Duration = Duration::from_secs(60);

    fn connection() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (near, listener.accept().unwrap().0)
    }

    fn take_elsewhere(slots: &Slots) -> Receiver<()> {
        let (sender, receiver) = mpsc::channel();
        let slots = slots.clone();
        thread::spawn(move || {
            let (near, _far) = connection();
            let _slot = slots.take(&near);
            sender.send(())
        });
        receiver
    }

    #[test]
    fn full_slots_wait_for_a_release() {
        let slots = Slots::new(NonZeroUsize::MIN, LONG);
        let (near, _far) = connection();
        let first = slots.take(&near);
        let taken = take_elsewhere(&slots);
        assert!(taken.recv_timeout(Duration::from_millis(50)).is_err());
        assert!(!first.was_ended());
        drop(first);
        assert!(taken.recv_timeout(LONG).is_ok());
    }

    #[test]
    fn oldest_connection_is_ended_after_its_time_if_another_waits() {
        let slots = Slots::new(NonZeroUsize::new(2).unwrap(), Duration::from_millis(200));
        let ((near, mut far), (other, _far)) = (connection(), connection());
        let (first, second) = (slots.take(&near), slots.take(&other));
        // No other client is waiting, so it may stay.
        thread::sleep(Duration::from_millis(300));
        assert!(!first.was_ended());
        let taken = take_elsewhere(&slots);
        far.set_read_timeout(Some(LONG)).unwrap();
        assert_eq!(far.read(&mut [0]).unwrap(), 0, "the end of the first");
        assert!(first.was_ended());
        drop(first);
        assert!(taken.recv_timeout(LONG).is_ok());
        drop(second);
    }

    #[test]
    fn slot_is_released_on_panic() {
        let slots = Slots::new(NonZeroUsize::MIN, LONG);
        let (near, _far) = connection();
        let slot = slots.take(&near);
        let panicked = thread::spawn(move || {
            let _slot = slot;
            std::panic::resume_unwind(Box::new(()));
        });
        assert!(panicked.join().is_err());
        assert!(take_elsewhere(&slots).recv_timeout(LONG).is_ok());
    }
}
