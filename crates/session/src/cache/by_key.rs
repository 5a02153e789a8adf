//! The cache entry of a client's sessions.

use super::{
    entry::{COUNTERS, Entry, is_expired},
    sharded::Change,
};
use crate::client_key::ClientKey;
use alloc::{sync::Arc, vec::Vec};
use cairn_handshake::{Session, SessionState, UnixTime};
use core::hash::{Hash, Hasher};

/// A client's sessions with one server: the newest one of TLS 1.2, and then the tickets of TLS 1.3, the
/// newest last. The key is not part of a session.
#[derive(Debug)]
pub(super) struct ByKey(Arc<Named>);

#[derive(Debug)]
struct Named {
    key: ClientKey,
    sessions: Vec<Arc<Session>>,
}

impl ByKey {
    /// The entry with one more session. A session of TLS 1.2 replaces the one before it; of the tickets, the
    /// newest `max_tickets` stay.
    pub(super) fn with(
        before: Option<&Self>,
        key: &ClientKey,
        session: Arc<Session>,
        max_tickets: usize,
    ) -> Self {
        let mut sessions = before.map(|before| before.0.sessions.clone()).unwrap_or_default();
        match &session.state {
            SessionState::Tls12(_) => {
                sessions.retain(|other| other.tls13().is_some());
                sessions.insert(0, session);
            }
            SessionState::Tls13(_) => {
                sessions.push(session);
                let tickets = sessions.iter().filter(|session| session.tls13().is_some()).count();
                let mut excess = tickets.saturating_sub(max_tickets);
                sessions.retain(|session| {
                    let goes = excess > 0 && session.tls13().is_some();
                    excess = excess.saturating_sub(usize::from(goes));
                    !goes
                });
            }
        }
        Self(Arc::new(Named { key: key.clone(), sessions }))
    }

    /// The session to offer: the newest ticket of TLS 1.3, or else the session of TLS 1.2. A ticket may be
    /// used only once, and leaves the entry.
    pub(super) fn take(&self, now: UnixTime, lifetime: u32) -> (Change<Self>, Option<Arc<Session>>) {
        let has_expired = |session: &Session| is_expired(session, now, lifetime);
        let offered = self.0.sessions.iter().rfind(|session| !has_expired(session));
        let used = offered.filter(|session| session.tls13().is_some());
        let change = self
            .without(|session| used.is_some_and(|used| Arc::ptr_eq(used, session)) || has_expired(session));
        (change, offered.cloned())
    }

    /// Removes the sessions for which `goes` holds.
    pub(super) fn without(&self, goes: impl Fn(&Arc<Session>) -> bool) -> Change<Self> {
        let sessions = &self.0.sessions;
        if !sessions.iter().any(&goes) {
            return Change::Keep;
        }
        let sessions: Vec<_> = sessions.iter().filter(|session| !goes(session)).cloned().collect();
        if sessions.is_empty() {
            return Change::Remove;
        }
        Change::Less(Self(Arc::new(Named { key: self.0.key.clone(), sessions })))
    }
}

impl Entry for ByKey {
    type Key = ClientKey;

    fn hash(key: &ClientKey, hasher: &mut impl Hasher) {
        key.hash(hasher);
    }

    fn heap_size(&self) -> usize {
        // The counters of the entry, and those of both parts of the key.
        3 * COUNTERS
            + size_of::<Named>()
            + self.0.key.len()
            + self.0.sessions.len().saturating_mul(size_of::<Arc<Session>>())
    }

    fn key(&self) -> &ClientKey {
        &self.0.key
    }

    fn sessions(&self) -> &[Arc<Session>] {
        &self.0.sessions
    }
}
