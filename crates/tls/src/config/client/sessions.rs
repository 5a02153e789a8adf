//! Where a client keeps its sessions.

use super::ClientConfigBuilder;
use crate::config::Sessions;
use alloc::sync::Arc;
use cairn_session::ClientSessionStore;

/// # Client sessions
///
/// Where sessions are kept for resumption.
///
/// ```
/// # #[cfg(all(feature = "std", any(feature = "aws-lc", feature = "rustcrypto")))]
/// # fn cache(ca: &[u8]) -> Result<(), cairn_tls::ConfigError> {
/// use cairn_tls::{ClientConfig, session::ClientCache};
/// use std::sync::Arc;
///
/// let config = ClientConfig::builder()
///     .trust_pem(ca)?
///     .sessions(Arc::new(ClientCache::new(10_000)))
///     .session_lifetime(3_600)
///     .build()?;
/// # Ok(()) }
/// ```
impl ClientConfigBuilder {
    /// Keeps sessions in this store. With the feature `std` the default is a cache of 1024 sessions that
    /// belongs to this configuration alone; without it no sessions are kept.
    pub fn sessions(mut self, store: Arc<dyn ClientSessionStore>) -> Self {
        self.sessions = Sessions::Store(store);
        self
    }

    /// Leaves finding and keeping sessions to the caller: [`crate::Question::FindSession`] and
    /// [`crate::Notice`].
    pub fn ask_for_sessions(mut self) -> Self {
        self.sessions = Sessions::Ask;
        self
    }

    /// Does not request session tickets (RFC 5077). By default one is requested, and a session is resumed by
    /// ticket or by ID, as the server chooses.
    pub const fn no_tickets(mut self) -> Self {
        self.policy.tickets = false;
        self
    }

    /// Makes every handshake a full one: no session is kept or resumed.
    pub fn no_resumption(mut self) -> Self {
        self.sessions = Sessions::None;
        self
    }
}
