//! A client's session in the cache's table.

use super::entry::{COUNTERS, Entry};
use crate::ClientKey;
use alloc::sync::Arc;
use cairn_handshake::Session;
use core::hash::{Hash, Hasher};

/// A client's session with its key, which is none of the session's own.
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
        // Its own counters, and those of the two parts of the key.
        3 * COUNTERS + size_of::<Named>() + self.0.key.len()
    }

    fn key(&self) -> &ClientKey {
        &self.0.key
    }

    fn session(&self) -> &Arc<Session> {
        &self.0.session
    }
}
