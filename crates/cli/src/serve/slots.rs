//! A bound on how many connections there are at one time, and on how long one may keep others out.

use alloc::{collections::BTreeMap, sync::Arc};
use core::{num::NonZeroUsize, time::Duration};
use std::{
    net::{Shutdown, TcpStream},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// So many connections may there be at one time. When all slots are taken and another client comes, the oldest
/// connection is ended, once it has had its time.
#[derive(Clone, Debug)]
pub(super) struct Slots(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limit: usize,
    /// How long a connection may stay while others wait.
    stay: Duration,
    guests: Mutex<Guests>,
    freed: Condvar,
}

/// Those who are here, the oldest first.
#[derive(Debug, Default)]
struct Guests {
    next: u64,
    here: BTreeMap<u64, Guest>,
}

#[derive(Debug)]
struct Guest {
    since: Instant,
    /// To end it with; gone when that was done.
    tcp: Option<TcpStream>,
    was_ended: bool,
}

/// One of them; free again when dropped, whatever became of its connection.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Slots,
    number: u64,
}

impl Slots {
    /// This many.
    pub(super) fn new(number: NonZeroUsize, stay: Duration) -> Self {
        let (guests, freed) = (Mutex::default(), Condvar::new());
        Self(Arc::new(Inner { limit: number.get(), stay, guests, freed }))
    }

    /// Takes one for this connection, waiting until there is one.
    pub(super) fn take(&self, tcp: &TcpStream) -> Slot {
        let Inner { limit, stay, freed, .. } = &*self.0;
        let mut guests = self.guests();
        while guests.here.len() >= *limit {
            let oldest = guests.here.values_mut().find(|guest| guest.tcp.is_some());
            let left = oldest.as_ref().map(|guest| stay.saturating_sub(guest.since.elapsed()));
            guests = match (oldest, left) {
                (Some(guest), Some(Duration::ZERO)) => {
                    guest.was_ended = true;
                    // Its own thread finds that out, and gives the slot back.
                    let _gone = guest.tcp.take().map(|tcp| tcp.shutdown(Shutdown::Both));
                    continue;
                }
                (_, Some(left)) => freed.wait_timeout(guests, left).unwrap_or_else(PoisonError::into_inner).0,
                (_, None) => freed.wait(guests).unwrap_or_else(PoisonError::into_inner),
            };
        }
        let number = guests.next;
        guests.next = number.wrapping_add(1);
        let guest = Guest { since: Instant::now(), tcp: tcp.try_clone().ok(), was_ended: false };
        guests.here.insert(number, guest);
        Slot { slots: self.clone(), number }
    }

    fn guests(&self) -> MutexGuard<'_, Guests> {
        self.0.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Whether its connection was ended because others were waiting.
    pub(super) fn was_ended(&self) -> bool {
        self.slots.guests().here.get(&self.number).is_some_and(|guest| guest.was_ended)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.slots.guests().here.remove(&self.number);
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
    fn a_full_house_waits_for_somebody_to_leave() {
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
    fn the_oldest_connection_is_ended_when_it_has_had_its_time_and_another_waits() {
        let slots = Slots::new(NonZeroUsize::new(2).unwrap(), Duration::from_millis(200));
        let ((near, mut far), (other, _far)) = (connection(), connection());
        let (first, second) = (slots.take(&near), slots.take(&other));
        // Nobody waits yet: it may stay.
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
    fn a_thread_that_panics_gives_its_slot_back() {
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
