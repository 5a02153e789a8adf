//! The cache entry of a client's session.

use super::entry::{COUNTERS, Entry};
use crate::client_key::ClientKey;
use alloc::sync::Arc;
use cairn_handshake::Session;
use core::hash::{Hash, Hasher};

/// A client's session and its key. The key is not part of the session.
#[derive(Debug)]
pub(super) struct ByKey(Arc<Named>);

#[derive(Debug)]
struct Named {
    key: ClientKey,
    session: Arc<Session>,
}

impl ByKey {
    pub(super) fn new(key: &ClientKey, session: Arc<Session>) -> Self {
        Self(Arc::new(Named { key: key.clone(), session }))
    }
}

impl Entry for ByKey {
    type Key = ClientKey;

    fn hash(key: &ClientKey, hasher: &mut impl Hasher) {
        key.hash(hasher);
    }

    fn heap_size(&self) -> usize {
        // The counters of the entry, and those of both parts of the key.
        3 * COUNTERS + size_of::<Named>() + self.0.key.len()
    }

    fn key(&self) -> &ClientKey {
        &self.0.key
    }

    fn session(&self) -> &Arc<Session> {
        &self.0.session
    }
}
