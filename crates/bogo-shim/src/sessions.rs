//! State that outlives a connection of a test: sessions, the ticket key, and the clock.

use alloc::sync::Arc;
use core::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use cairn_tls::{
    Clock, Provider, Session, SystemClock, UnixTime,
    session::{ReplayWindow, SharedKeys, TicketKey},
    wire::SessionId,
};

use crate::outcome::Failure;

/// State that one connection leaves for the next.
#[derive(Debug)]
pub(crate) struct PersistentState {
    pub(crate) provider: Arc<Provider>,
    pub(crate) clock: Arc<TestClock>,
    /// The key with which all connections of a server seal their tickets.
    pub(crate) ticket_key: Arc<TicketKey>,
    /// The hellos with early data that a server has accepted.
    pub(crate) replay_window: Arc<ReplayWindow>,
    /// All sessions of a server, but only the newest of a client.
    pub(crate) sessions: Vec<Arc<Session>>,
}

impl PersistentState {
    pub(crate) fn new() -> Result<Self, Failure> {
        let provider = cairn_provider_aws_lc::with_legacy_signatures(cairn_provider_aws_lc::provider());
        let clock = Arc::new(TestClock::default());
        let ticket_key = TicketKey::generate(&provider, clock.now())
            .map_err(|error| Failure::check(format!("invalid ticket key: {error}")))?;
        // A window accepts nothing at first, so this one is opened as if the server had started earlier.
        let replay_window = ReplayWindow::new(16);
        let longer_ago = ReplayWindow::WINDOW.saturating_mul(2);
        let started = Duration::from_millis(clock.now().as_millis()).saturating_sub(longer_ago);
        replay_window.record(&[], UnixTime::default().saturating_add(started));
        Ok(Self {
            replay_window: Arc::new(replay_window),
            provider: Arc::new(provider),
            clock,
            ticket_key: Arc::new(ticket_key),
            sessions: Vec::new(),
        })
    }

    pub(crate) fn ticket_keys(&self) -> Arc<SharedKeys> {
        Arc::new(SharedKeys::new([Arc::clone(&self.ticket_key)]))
    }

    pub(crate) fn advance_clock(&self, seconds: u64) {
        self.clock.ahead.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Stores a session: a server by its ID, a client instead of the previous one.
    pub(crate) fn save(&mut self, session: Arc<Session>, is_server: bool) {
        if is_server {
            self.forget(session.id());
        } else {
            self.sessions.clear();
        }
        self.sessions.push(session);
    }

    pub(crate) fn forget(&mut self, id: &SessionId) {
        self.sessions.retain(|session| session.id() != id);
    }
}

/// The system's time at the start, plus the offset that the test requests. It advances in no other way,
/// because the runner compares the age of a ticket in milliseconds.
#[derive(Debug)]
pub(crate) struct TestClock {
    start: UnixTime,
    ahead: AtomicU64,
}

impl Default for TestClock {
    fn default() -> Self {
        Self { start: SystemClock.now(), ahead: AtomicU64::new(0) }
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixTime {
        self.start.saturating_add(Duration::from_secs(self.ahead.load(Ordering::Relaxed)))
    }
}
