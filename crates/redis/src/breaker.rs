//! The circuit breaker: after several failures in a row, the store is left alone for a while.

use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// A time that can be added to every [`Instant`].
const MAX_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);

/// Decides whether an operation may be tried.
#[derive(Debug)]
pub(crate) struct Breaker {
    /// The number of failures in a row that opens it.
    max_failures: u32,
    /// The time for which it stays open, at most [`MAX_PAUSE`].
    pause: Duration,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Operations are tried. So many of the last ones failed in a row.
    Closed { failures: u32 },
    /// No operation is tried until this time. Then one is.
    Open { until: Instant },
    /// One operation is being tried.
    HalfOpen,
}

/// The permission to try one operation. If it is dropped without a result, the next operation is tried
/// instead.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    breaker: &'a Breaker,
    /// In a half-open breaker: the time at which it was asked for.
    trial: Option<Instant>,
}

impl Breaker {
    pub(crate) fn new(max_failures: u32, pause: Duration) -> Self {
        let state = Mutex::new(State::Closed { failures: 0 });
        Self { max_failures: max_failures.max(1), pause: pause.min(MAX_PAUSE), state }
    }

    /// Asks for the permission to try an operation.
    pub(crate) fn enter(&self, now: Instant) -> Option<Permit<'_>> {
        let mut state = self.lock();
        match *state {
            State::Closed { .. } => Some(Permit { breaker: self, trial: None }),
            State::Open { until } if now >= until => {
                *state = State::HalfOpen;
                Some(Permit { breaker: self, trial: Some(now) })
            }
            State::Open { .. } | State::HalfOpen => None,
        }
    }

    /// Whether it is open or half-open.
    pub(crate) fn is_open(&self) -> bool {
        !matches!(*self.lock(), State::Closed { .. })
    }

    // Each change of the state is a single step, so a poisoned lock still guards a valid state.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// The operation succeeded.
    pub(crate) fn succeeded(mut self) {
        let is_trial = self.trial.take().is_some();
        let mut state = self.breaker.lock();
        // An operation that began before the breaker opened does not close it.
        if is_trial || matches!(*state, State::Closed { .. }) {
            *state = State::Closed { failures: 0 };
        }
    }

    /// The operation failed. Returns whether the breaker opens now.
    pub(crate) fn failed(mut self, now: Instant) -> bool {
        let is_trial = self.trial.take().is_some();
        let mut state = self.breaker.lock();
        let failures = match *state {
            State::Closed { failures } => failures.saturating_add(1),
            _ if is_trial => self.breaker.max_failures,
            State::Open { .. } | State::HalfOpen => return false,
        };
        let opens = failures >= self.breaker.max_failures;
        *state =
            if opens { State::Open { until: now + self.breaker.pause } } else { State::Closed { failures } };
        opens
    }
}

impl Drop for Permit<'_> {
    /// The next caller gets the trial, so that a caller that went away does not keep the breaker half-open.
    fn drop(&mut self) {
        if let Some(until) = self.trial {
            *self.breaker.lock() = State::Open { until };
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    const PAUSE: Duration = Duration::from_secs(1);

    fn opened(start: Instant) -> Breaker {
        let breaker = Breaker::new(3, PAUSE);
        assert!(!breaker.enter(start).unwrap().failed(start));
        assert!(!breaker.enter(start).unwrap().failed(start));
        assert!(breaker.enter(start).unwrap().failed(start));
        breaker
    }

    #[test]
    fn failures_in_a_row_open_it_for_the_pause() {
        let start = Instant::now();
        let breaker = opened(start);
        assert!(breaker.is_open());
        assert!(breaker.enter(start + PAUSE - Duration::from_millis(1)).is_none());
        assert!(breaker.enter(start + PAUSE).is_some());
    }

    #[test]
    fn a_pause_without_end_is_cut() {
        let start = Instant::now();
        let breaker = Breaker::new(1, Duration::MAX);
        assert!(breaker.enter(start).unwrap().failed(start));
        assert!(breaker.enter(start + PAUSE).is_none());
        assert!(breaker.enter(start + MAX_PAUSE).is_some());
    }

    #[test]
    fn a_success_starts_the_count_anew() {
        let start = Instant::now();
        let breaker = Breaker::new(2, PAUSE);
        for _ in 0..10 {
            assert!(!breaker.enter(start).unwrap().failed(start));
            breaker.enter(start).unwrap().succeeded();
        }
        assert!(!breaker.is_open());
    }

    #[test]
    fn half_open_it_lets_one_operation_through() {
        let start = Instant::now();
        let breaker = opened(start);
        let later = start + PAUSE;
        let trial = breaker.enter(later).unwrap();
        assert!(breaker.enter(later).is_none());
        trial.succeeded();
        assert!(!breaker.is_open());
        assert!(breaker.enter(later).is_some());
    }

    #[test]
    fn a_failed_trial_opens_it_again() {
        let start = Instant::now();
        let breaker = opened(start);
        let later = start + PAUSE;
        assert!(breaker.enter(later).unwrap().failed(later));
        assert!(breaker.enter(later).is_none());
        assert!(breaker.enter(later + PAUSE).is_some());
    }

    #[test]
    fn a_trial_that_is_dropped_passes_to_the_next_operation() {
        let start = Instant::now();
        let breaker = opened(start);
        let later = start + PAUSE;
        drop(breaker.enter(later).unwrap());
        assert!(breaker.is_open());
        breaker.enter(later).unwrap().succeeded();
        assert!(!breaker.is_open());
    }

    #[test]
    fn operations_from_before_it_opened_change_nothing() {
        let start = Instant::now();
        let breaker = Breaker::new(1, PAUSE);
        let (slow, lost) = (breaker.enter(start).unwrap(), breaker.enter(start).unwrap());
        assert!(breaker.enter(start).unwrap().failed(start));
        slow.succeeded();
        assert!(breaker.is_open());
        assert!(!lost.failed(start + PAUSE));
        assert!(breaker.enter(start + PAUSE).is_some());
    }
}
