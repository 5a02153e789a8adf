//! Counters.

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The counters of a [`RedisSessions`](crate::RedisSessions), since it was created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metrics {
    /// Lookups that found a session.
    pub found: u64,
    /// Lookups that found none. Lookups without an answer from the store are not counted here.
    pub missing: u64,
    /// Records that were not used: changed, of another session or another tenant, expired, or sealed with a
    /// key that this server does not know (yet).
    pub refused: u64,
    /// Sessions that were written.
    pub stored: u64,
    /// Sessions that were not written, and removals that were not made: the queue was full, there was no key
    /// to seal with, or the store did not take them.
    pub dropped: u64,
    /// Tickets of TLS 1.3 that were used up.
    pub consumed: u64,
    /// Tickets that were refused, because they were used before, or because the store did not answer.
    pub already_used: u64,
    /// ClientHellos whose early data was accepted.
    pub early_data_accepted: u64,
    /// ClientHellos whose early data was refused, because the store could have lost records, or did not
    /// answer. Replays are not counted here.
    pub early_data_refused: u64,
    /// ClientHellos whose early data was refused, because they had been recorded before.
    pub replays_refused: u64,
    /// Operations that failed. Those that took too long are not counted here.
    pub errors: u64,
    /// Operations that took too long.
    pub timeouts: u64,
    /// Operations that were not tried, because the breaker was open.
    pub skipped: u64,
    /// The number of times the breaker has opened.
    pub breaker_opened: u64,
    /// Whether the breaker is open or half-open now.
    pub breaker_is_open: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) found: Counter,
    pub(crate) missing: Counter,
    pub(crate) refused: Counter,
    pub(crate) stored: Counter,
    pub(crate) dropped: Counter,
    pub(crate) consumed: Counter,
    pub(crate) already_used: Counter,
    pub(crate) early_data_accepted: Counter,
    pub(crate) early_data_refused: Counter,
    pub(crate) replays_refused: Counter,
    pub(crate) errors: Counter,
    pub(crate) timeouts: Counter,
    pub(crate) skipped: Counter,
    pub(crate) breaker_opened: Counter,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn count(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Counters {
    pub(crate) fn snapshot(&self, breaker_is_open: bool) -> Metrics {
        Metrics {
            found: self.found.get(),
            missing: self.missing.get(),
            refused: self.refused.get(),
            stored: self.stored.get(),
            dropped: self.dropped.get(),
            consumed: self.consumed.get(),
            already_used: self.already_used.get(),
            early_data_accepted: self.early_data_accepted.get(),
            early_data_refused: self.early_data_refused.get(),
            replays_refused: self.replays_refused.get(),
            errors: self.errors.get(),
            timeouts: self.timeouts.get(),
            skipped: self.skipped.get(),
            breaker_opened: self.breaker_opened.get(),
            breaker_is_open,
        }
    }
}
