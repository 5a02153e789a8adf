//! A bound on how many connections there are at one time.

use alloc::sync::Arc;
use core::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, PoisonError};

/// So many may be taken at one time.
#[derive(Clone, Debug)]
pub(super) struct Slots(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    free: Mutex<usize>,
    freed: Condvar,
}

/// One of them; free again when dropped.
#[derive(Debug)]
pub(super) struct Slot(Slots);

impl Slots {
    /// This many.
    pub(super) fn new(number: NonZeroUsize) -> Self {
        Self(Arc::new(Inner { free: Mutex::new(number.get()), freed: Condvar::new() }))
    }

    /// Takes one, waiting until there is one.
    pub(super) fn take(&self) -> Slot {
        let free = self.0.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free =
            self.0.freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Slot(self.clone())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let inner = &*self.0.0;
        *inner.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        inner.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;
    use std::{sync::mpsc, thread};

    #[test]
    fn a_full_house_waits_for_somebody_to_leave() {
        let slots = Slots::new(NonZeroUsize::MIN);
        let first = slots.take();
        let (sender, receiver) = mpsc::channel();
        let waiting = thread::spawn(move || {
            let _second = slots.take();
            sender.send(()).is_ok()
        });
        assert!(receiver.recv_timeout(Duration::from_millis(50)).is_err());
        drop(first);
        assert!(receiver.recv_timeout(Duration::from_secs(10)).is_ok());
        assert!(waiting.join().is_ok_and(|sent| sent));
    }
}
