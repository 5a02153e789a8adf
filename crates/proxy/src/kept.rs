//! Everything that survives a reload.

use crate::{clients::Clients, handshakes::Handshakes, store::Store, tokens::Tokens};
use alloc::{collections::BTreeMap, sync::Arc};
use cairn_tokio::tls::{
    Provider,
    session::{RotatingKeys, ServerCache},
};

/// The maximum number of sessions that a listener stores, for clients without tickets and for early data.
const SESSIONS: usize = 10_000;

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
    /// The sessions that are not in tickets.
    pub(crate) cache: Arc<ServerCache>,
    pub(crate) handshakes: Arc<Handshakes>,
    pub(crate) clients: Arc<Clients>,
}

impl Kept {
    /// Takes the state of a listener from `earlier`, or creates it.
    pub(crate) fn keep_listener(&mut self, name: &str, earlier: &Self, provider: &Provider) -> OfListener {
        let state = earlier.listeners.get(name).cloned().unwrap_or_else(|| OfListener::new(provider));
        self.listeners.insert(name.to_owned(), state.clone());
        state
    }
}

impl OfListener {
    fn new(provider: &Provider) -> Self {
        Self {
            keys: Arc::new(RotatingKeys::new(Arc::new(provider.clone()))),
            cache: Arc::new(ServerCache::new(SESSIONS)),
            handshakes: Arc::default(),
            clients: Arc::default(),
        }
    }
}
