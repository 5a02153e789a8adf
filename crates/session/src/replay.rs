//! The replay window: which ClientHellos with early data have been seen (RFC 9846 section 8.2).

use cairn_handshake::UnixTime;
use core::{fmt, time::Duration};
use std::collections::HashSet;
use std::hash::RandomState;
use std::sync::{Mutex, PoisonError};

/// The clocks of several threads may differ by this much, and so may a clock that is being slewed. Only a
/// clock that goes back further has been set back.
const SLEW: Duration = Duration::from_secs(1);

/// The number of bytes of a binder that are stored. An attacker cannot choose binders, so these bytes of two
/// binders do not collide.
const STORED: usize = 16;

/// Records the ClientHellos with early data that a server has accepted, so that none is accepted again (RFC
/// 9846 section 8.2). It is for servers whose tickets contain the sessions, because such servers store
/// nothing else.
///
/// A ClientHello is recognized by the binder of its PSK, which no other has. It must be recorded as long as
/// the freshness check accepts it ([`cairn_handshake::EarlyDataPolicy::window`], in both directions), so the
/// window must be at least twice as long.
///
/// - For one window after its creation it accepts nothing, because it does not know which hellos were
///   accepted before. Section 8.2: "When implementations are freshly started, they SHOULD reject 0-RTT as
///   long as any portion of their recording window overlaps the startup time."
/// - If it is full, it accepts nothing more until older hellos leave the window. It never forgets one
///   earlier.
/// - It protects one process. Servers that share ticket keys need a shared store: answer
///   [`cairn_handshake::Question::ConsumePsk`] from it, with the configuration's `ask_for_sessions`.
pub struct ReplayWindow {
    window: Duration,
    capacity: usize,
    seen: Mutex<Seen>,
}

/// The hellos of the current window and of the one before.
struct Seen {
    /// The start of the current window; `None` before the first call.
    start: Option<UnixTime>,
    /// The latest time of a call.
    latest: UnixTime,
    /// The time from which hellos are accepted.
    accepts_from: UnixTime,
    now: HashSet<[u8; STORED], RandomState>,
    before: HashSet<[u8; STORED], RandomState>,
}

impl ReplayWindow {
    /// The default length of the window: twice the default of [`cairn_handshake::EarlyDataPolicy::window`].
    pub const WINDOW: Duration = Duration::from_secs(20);

    /// Creates a window of 20 seconds for at most `capacity` hellos in a window. Each takes some 20 bytes, as
    /// soon as it is recorded.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self::with_window(capacity, Self::WINDOW)
    }

    /// Creates a window of this length.
    #[must_use]
    pub fn with_window(capacity: usize, window: Duration) -> Self {
        let accepts_from = UnixTime::default();
        let latest = accepts_from;
        let seen =
            Seen { start: None, latest, accepts_from, now: HashSet::default(), before: HashSet::default() };
        Self { window, capacity, seen: Mutex::new(seen) }
    }

    /// Records a ClientHello by its binder. Returns `true` if its early data may be accepted: it has not been
    /// recorded before, and the window is not just starting and not full. The first call starts the window; a
    /// server can make it with an empty binder when it starts.
    pub fn record(&self, binder: &[u8], now: UnixTime) -> bool {
        // A panic in another thread leaves the sets valid.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = if seen.latest <= now.saturating_add(SLEW) { now.max(seen.latest) } else { now };
        let went_back = now < seen.latest;
        seen.latest = seen.latest.max(now);
        match seen.start.map(|start| (start, now.checked_duration_since(start))) {
            // In the first call, the hellos accepted before are not known. If the clock went back, the
            // hellos accepted until then become fresh again.
            None | Some((_, None)) => seen.restart(now, self.window),
            Some(_) if went_back => seen.restart(now, self.window),
            Some((_, Some(age))) if age >= self.window.saturating_mul(2) => {
                seen.start = Some(now);
                (seen.now, seen.before) = (HashSet::default(), HashSet::default());
            }
            Some((start, Some(age))) if age >= self.window => {
                seen.start = Some(start.saturating_add(self.window));
                seen.before = core::mem::take(&mut seen.now);
            }
            Some((_, Some(_))) => {}
        }
        let Some(key) = binder.first_chunk::<STORED>() else { return false };
        if now < seen.accepts_from || seen.now.len() >= self.capacity || seen.before.contains(key) {
            return false;
        }
        seen.now.insert(*key)
    }

    /// The length of the window.
    #[must_use]
    pub const fn window(&self) -> Duration {
        self.window
    }

    /// The number of hellos that are recorded.
    #[must_use]
    pub fn len(&self) -> usize {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.now.len().saturating_add(seen.before.len())
    }

    /// Whether no hello is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Seen {
    /// Starts anew, without knowledge of the hellos accepted up to now, and up to the latest time.
    fn restart(&mut self, now: UnixTime, window: Duration) {
        self.start = Some(now);
        self.accepts_from = self.latest.saturating_add(window);
    }
}

impl fmt::Debug for ReplayWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayWindow")
            .field("window", &self.window)
            .field("capacity", &self.capacity)
            .field("recorded", &self.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, after};
    use alloc::vec::Vec;

    fn binder(n: u8) -> [u8; 32] {
        [n; 32]
    }

    /// A window that accepts.
    fn started(capacity: usize) -> ReplayWindow {
        let window = ReplayWindow::new(capacity);
        assert!(!window.record(&[], NOW));
        window
    }

    #[test]
    fn hello_is_accepted_once() {
        let window = started(10);
        assert!(window.record(&binder(1), after(20)));
        assert!(!window.record(&binder(1), after(20)));
        assert!(!window.record(&binder(1), after(39)));
        assert!(window.record(&binder(2), after(39)));
    }

    #[test]
    fn hello_is_remembered_for_at_least_one_window() {
        for first in 20..40 {
            for later in first..first + 20 {
                let window = started(10);
                assert!(window.record(&binder(1), after(first)));
                assert!(!window.record(&binder(1), after(later)), "{first}, {later}");
            }
        }
    }

    #[test]
    fn nothing_is_accepted_in_the_first_window() {
        let window = ReplayWindow::new(10);
        assert!(!window.record(&binder(1), NOW));
        assert!(!window.record(&binder(2), after(19)));
        assert!(window.record(&binder(3), after(20)));
    }

    #[test]
    fn full_window_accepts_nothing_and_forgets_nothing() {
        let window = started(2);
        assert!(window.record(&binder(1), after(21)));
        assert!(window.record(&binder(2), after(21)));
        assert!(!window.record(&binder(3), after(22)));
        assert!(!window.record(&binder(1), after(22)));
        assert_eq!(window.len(), 2);
        assert!(window.record(&binder(3), after(41)));
    }

    #[test]
    fn memory_is_bounded_by_two_windows() {
        let window = started(3);
        for n in 0..200_u8 {
            window.record(&binder(n), after(20 + u64::from(n)));
            assert!(window.len() <= 6);
        }
    }

    #[test]
    fn clock_that_goes_back_accepts_nothing_for_a_window() {
        for back in [10, 30, 45, 48] {
            let window = started(10);
            assert!(window.record(&binder(1), after(50)));
            assert!(!window.record(&binder(2), after(back)));
            // A hello accepted at 50 is fresh up to 70, so nothing is accepted until then.
            for later in back..70 {
                assert!(!window.record(&binder(1), after(later)), "{back} {later}");
                assert!(!window.record(&binder(3), after(later)), "{back} {later}");
            }
            assert!(window.record(&binder(4), after(70)));
        }
    }

    #[test]
    fn clock_of_another_thread_that_is_a_little_behind_changes_nothing() {
        let window = started(10);
        assert!(window.record(&binder(1), after(41)));
        assert!(window.record(&binder(2), after(40)));
        assert!(!window.record(&binder(1), after(40)));
        assert!(window.record(&binder(3), after(42)));
    }

    #[test]
    fn two_threads_with_the_same_hello_get_one_permission() {
        let window = started(100);
        for n in 0..50 {
            let accepted: usize = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..2)
                    .map(|_| scope.spawn(|| usize::from(window.record(&binder(n), after(20)))))
                    .collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).sum()
            });
            assert_eq!(accepted, 1);
        }
    }

    #[test]
    fn binder_that_is_too_short_is_not_accepted() {
        assert!(!started(10).record(&[1; 15], after(30)));
    }
}
