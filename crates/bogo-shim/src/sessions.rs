//! State that outlives a connection of a test: sessions, the ticket key, and the clock.

use alloc::sync::Arc;
use core::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use cairn_tls::{
    Clock, Provider, Session, SystemClock, UnixTime,
    session::{SharedKeys, TicketKey},
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
    /// Whether the last connection negotiated TLS 1.3.
    pub(crate) negotiated_tls13: bool,
    /// All sessions of a server, but only the newest of a client.
    pub(crate) sessions: Vec<Arc<Session>>,
}

impl PersistentState {
    pub(crate) fn new() -> Result<Self, Failure> {
        let provider = cairn_provider_aws_lc::with_legacy_signatures(cairn_provider_aws_lc::provider());
        let clock = Arc::new(TestClock::default());
        let ticket_key = TicketKey::generate(&provider, clock.now())
            .map_err(|error| Failure::check(format!("invalid ticket key: {error}")))?;
        Ok(Self {
            provider: Arc::new(provider),
            clock,
            ticket_key: Arc::new(ticket_key),
            negotiated_tls13: false,
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

/// The system clock, plus the offset that the test requests.
#[derive(Debug, Default)]
pub(crate) struct TestClock {
    ahead: AtomicU64,
}

impl Clock for TestClock {
    fn now(&self) -> UnixTime {
        SystemClock.now().saturating_add(Duration::from_secs(self.ahead.load(Ordering::Relaxed)))
    }
}
