//! Everything that survives a reload.

use crate::{handshakes::Handshakes, store::Store, tokens::Tokens};
use alloc::{collections::BTreeMap, sync::Arc};
use cairn_tokio::tls::{
    Clock, SystemClock, default_provider,
    session::{ReplayWindow, RotatingKeys, ServerCache},
};

/// The maximum number of sessions that a listener stores, for clients without tickets.
const SESSIONS: usize = 10_000;

/// The maximum number of ClientHellos with early data that a listener accepts in 20 seconds.
const REMEMBERED: usize = 100_000;

/// The state that survives a reload, so that clients still resume. A clone shares it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kept {
    listeners: BTreeMap<String, OfListener>,
    pub(crate) store: Option<Store>,
    pub(crate) tokens: Tokens,
}

/// The state of one listener.
#[derive(Clone, Debug)]
pub(crate) struct OfListener {
    /// The keys of tickets.
    pub(crate) keys: Arc<RotatingKeys>,
    /// The sessions of clients without tickets.
    pub(crate) cache: Arc<ServerCache>,
    /// The ClientHellos with early data.
    pub(crate) replay_window: Arc<ReplayWindow>,
    pub(crate) handshakes: Arc<Handshakes>,
}

impl Kept {
    /// Takes the state of a listener from `earlier`, or creates it.
    pub(crate) fn keep_listener(&mut self, name: &str, earlier: &Self) -> OfListener {
        let state = earlier.listeners.get(name).cloned().unwrap_or_else(OfListener::new);
        self.listeners.insert(name.to_owned(), state.clone());
        state
    }
}

impl OfListener {
    fn new() -> Self {
        let replay_window = ReplayWindow::new(REMEMBERED);
        // The window starts now: until it has passed, no early data is accepted.
        let _no_hello = replay_window.record(b"", SystemClock.now());
        Self {
            keys: Arc::new(RotatingKeys::new(Arc::new(default_provider()))),
            cache: Arc::new(ServerCache::new(SESSIONS)),
            replay_window: Arc::new(replay_window),
            handshakes: Arc::default(),
        }
    }
}
