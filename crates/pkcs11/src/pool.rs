//! A bounded pool.

use core::time::Duration;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A limited number of items. An item that is not in use is kept for the next user.
#[derive(Debug)]
pub(crate) struct Pool<T> {
    state: Mutex<State<T>>,
    freed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    idle: Vec<T>,
    /// The places that are free, with or without an idle item.
    free: usize,
}

/// A place in the pool. It is free again when this is dropped, and the item is then kept for the next user.
#[derive(Debug)]
pub(crate) struct Place<'a, T> {
    pool: &'a Pool<T>,
    /// `None`: there is no idle item, and the user creates one.
    pub(crate) item: Option<T>,
}

impl<T> Pool<T> {
    pub(crate) const fn new(places: usize) -> Self {
        Self { state: Mutex::new(State { idle: Vec::new(), free: places }), freed: Condvar::new() }
    }

    /// Waits for a place. `None`: none was free in time.
    pub(crate) fn take(&self, wait: Duration) -> Option<Place<'_, T>> {
        let full = |state: &mut State<T>| state.free == 0;
        let waited = self.freed.wait_timeout_while(self.lock(), wait, full);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.free = state.free.checked_sub(1)?;
        Some(Place { pool: self, item: state.idle.pop() })
    }

    /// Drops the idle items.
    pub(crate) fn drop_idle(&self) {
        let idle = core::mem::take(&mut self.lock().idle);
        // Outside the lock, because it can take time.
        drop(idle);
    }

    /// The state is consistent whenever it is unlocked, so a panic elsewhere does not matter.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for Place<'_, T> {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        state.idle.extend(self.item.take());
        state.free += 1;
        drop(state);
        self.pool.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    const AT_ONCE: Duration = Duration::ZERO;

    #[test]
    fn places_are_limited_and_items_are_reused() {
        let pool = Pool::new(2);
        let mut first = pool.take(AT_ONCE).unwrap();
        assert_eq!(first.item, None);
        first.item = Some(1);
        let second = pool.take(AT_ONCE).unwrap();
        assert!(pool.take(AT_ONCE).is_none());
        drop(first);
        assert_eq!(pool.take(AT_ONCE).unwrap().item, Some(1));
        drop(second);
        assert_eq!(pool.take(AT_ONCE).unwrap().item, Some(1));
        pool.drop_idle();
        assert_eq!(pool.take(AT_ONCE).unwrap().item, None);
    }

    #[test]
    fn an_item_that_is_taken_out_is_not_kept() {
        let pool = Pool::new(1);
        pool.take(AT_ONCE).unwrap().item = Some(1);
        pool.take(AT_ONCE).unwrap().item = None;
        assert_eq!(pool.take(AT_ONCE).unwrap().item, None);
    }

    #[test]
    fn threads_wait_for_a_place() {
        let (pool, used) = (Pool::new(3), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let mut place = pool.take(Duration::from_secs(20)).unwrap();
                        assert!(used.fetch_add(1, Ordering::SeqCst) < 3);
                        place.item = Some(place.item.unwrap_or(0) + 1);
                        thread::yield_now();
                        used.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(pool.lock().idle.iter().sum::<usize>(), 800);
        assert_eq!(pool.lock().free, 3);
    }
}
