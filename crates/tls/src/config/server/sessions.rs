//! Where a server keeps its sessions.

use super::{ServerConfigBuilder, TicketSource};
use crate::config::Sessions;
use alloc::sync::Arc;
use cairn_session::{ServerSessionStore, TicketKeys};

/// # Sessions of a server
impl ServerConfigBuilder {
    /// Keeps sessions in this store. With `std` the default is a cache of 4096 of this configuration's own.
    pub fn sessions(mut self, store: Arc<dyn ServerSessionStore>) -> Self {
        self.sessions = Sessions::Store(store);
        self.sessions_are_shared = true;
        self
    }

    /// Gives session tickets (RFC 5077) to clients that ask for them, sealed with these keys; servers that share the
    /// keys resume each other's sessions. By default there are none, and sessions have IDs.
    ///
    /// An ID is still given to clients that do not ask for a ticket; [`cairn_session::NoSessions`] as the store makes it
    /// tickets alone.
    pub fn tickets(mut self, keys: Arc<dyn TicketKeys>) -> Self {
        self.tickets = TicketSource::Keys { keys, shared: true };
        self
    }

    /// Gives session tickets sealed with keys that this configuration makes for itself and replaces every 12 hours.
    #[cfg(feature = "std")]
    pub fn own_tickets(mut self) -> Self {
        let provider = Arc::new(self.policy.provider.clone());
        let keys = Arc::new(cairn_session::RotatingKeys::new(provider));
        self.tickets = TicketSource::Keys { keys, shared: false };
        self
    }

    /// Hands the sealing and opening of tickets to the caller: [`crate::Question::SealTicket`] and
    /// [`crate::Question::FindSession`] by ticket.
    pub fn ask_for_tickets(mut self) -> Self {
        self.tickets = TicketSource::Caller;
        self
    }

    /// Hands the look-up and keeping of sessions to the caller: [`crate::Question::FindSession`] and
    /// [`crate::Notice`].
    pub fn ask_for_sessions(mut self) -> Self {
        self.sessions = Sessions::Ask;
        self.sessions_are_shared = true;
        self
    }

    /// Makes every handshake a full one, without tickets too.
    pub fn no_resumption(mut self) -> Self {
        self.sessions = Sessions::None;
        self.sessions_are_shared = false;
        self.tickets = TicketSource::Nobody;
        self
    }

    /// Names the context of the sessions, in at most 32 bytes, where several configurations share a store and must not
    /// resume each other's. With client certificates and a store of your own it must be said, for a resumed session is
    /// not checked against any roots.
    pub fn context_id(mut self, id: &[u8]) -> Self {
        self.context_id = Some(id.to_vec());
        self
    }
}
