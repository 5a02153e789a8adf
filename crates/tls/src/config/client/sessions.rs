//! Where a client keeps its sessions.

use super::ClientConfigBuilder;
use crate::config::Sessions;
use alloc::sync::Arc;
use cairn_session::ClientSessionStore;

/// # Sessions of a client
impl ClientConfigBuilder {
    /// Keeps sessions in this store. With `std` the default is a cache of 1024 of this configuration's own.
    pub fn sessions(mut self, store: Arc<dyn ClientSessionStore>) -> Self {
        self.sessions = Sessions::Store(store);
        self
    }

    /// Hands the look-up and keeping of sessions to the caller: [`crate::Question::FindSession`] and
    /// [`crate::Notice`].
    pub fn ask_for_sessions(mut self) -> Self {
        self.sessions = Sessions::Ask;
        self
    }

    /// Does without session tickets (RFC 5077). By default a server is asked for one, and sessions are resumed by ticket
    /// or by ID as the server likes.
    pub const fn no_tickets(mut self) -> Self {
        self.policy.tickets = false;
        self
    }

    /// Makes every handshake a full one.
    pub fn no_resumption(mut self) -> Self {
        self.sessions = Sessions::None;
        self
    }
}
