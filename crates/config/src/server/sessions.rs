//! The store of a server's sessions.

use super::{ServerConfigBuilder, TicketSource};
use crate::sessions::Sessions;
use alloc::sync::Arc;
use cairn_handshake::TicketCounts;
use cairn_session::{ServerSessionStore, TicketKeys};

/// # Server sessions
///
/// Where sessions are stored for resumption, and session tickets.
///
/// ```
/// # #[cfg(all(feature = "std", any(feature = "aws-lc", feature = "rustcrypto")))]
/// # fn tickets(chain: &[u8], key: &[u8]) -> Result<(), cairn_config::ConfigError> {
/// use cairn_config::ServerConfig;
///
/// let config =
///     ServerConfig::builder().credential_pem(chain, key)?.own_tickets().session_lifetime(3_600).build()?;
/// # Ok(()) }
/// ```
impl ServerConfigBuilder {
    /// The numbers of tickets that a client of TLS 1.3 gets, after a full handshake, after a resumption, and
    /// at most if it requests a number (RFC 9149). By default 2, 1 and 4. A client that opens several
    /// connections at once needs a ticket for each (RFC 9846 appendix C.4).
    pub const fn ticket_counts(mut self, counts: TicketCounts) -> Self {
        self.policy.tls13.tickets = counts;
        self
    }

    /// Stores sessions in this store. With the feature `std` the default is a cache of 4096 sessions for this
    /// configuration only; without it no sessions are stored.
    ///
    /// Configurations can share a store, in this process or in others: see
    /// [`ServerConfigBuilder::context_id`].
    pub fn sessions(mut self, store: Arc<dyn ServerSessionStore>) -> Self {
        self.sessions = Sessions::Store(store);
        self
    }

    /// Issues session tickets (RFC 5077), sealed with these keys, to clients that support them. Servers that
    /// share the keys resume each other's sessions if their configurations are equal: see
    /// [`ServerConfigBuilder::context_id`]. By default no tickets are issued, and sessions have IDs.
    ///
    /// Clients that do not support tickets still get an ID. For tickets only, use
    /// [`cairn_session::NoSessions`] as the store.
    pub fn tickets(mut self, keys: Arc<dyn TicketKeys>) -> Self {
        self.tickets = TicketSource::Keys(keys);
        self
    }

    /// Issues session tickets, sealed with keys that this configuration generates for itself and replaces
    /// every 12 hours.
    #[cfg(feature = "std")]
    pub fn own_tickets(mut self) -> Self {
        let provider = Arc::new(self.policy.provider.clone());
        let keys = Arc::new(cairn_session::RotatingKeys::new(provider));
        self.tickets = TicketSource::Keys(keys);
        self
    }

    /// The caller seals and opens tickets: [`cairn_handshake::Question::SealTicket`] and
    /// [`cairn_handshake::Question::FindSession`] by ticket.
    pub fn ask_for_tickets(mut self) -> Self {
        self.tickets = TicketSource::Caller;
        self
    }

    /// The caller finds and stores sessions: [`cairn_handshake::Question::FindSession`] by ID,
    /// [`cairn_handshake::Question::ChoosePsk`], [`cairn_handshake::Question::ConsumePsk`] and the
    /// transport's notices.
    ///
    /// With tickets of TLS 1.3 that contain the sessions, the caller has no session to find. It is still
    /// asked to use up a ticket whose client sends early data, because servers that share ticket keys must
    /// share the record of such hellos too.
    pub fn ask_for_sessions(mut self) -> Self {
        self.sessions = Sessions::Ask;
        self
    }

    /// Makes every handshake a full one: no session is stored or resumed, and no ticket is issued.
    pub fn no_resumption(mut self) -> Self {
        self.sessions = Sessions::None;
        self.tickets = TicketSource::Nobody;
        self
    }

    /// The context of this configuration's sessions. It stands for everything that they depend on beside the
    /// configuration.
    ///
    /// Configurations that share a store or ticket keys resume each other's sessions only if they are equal
    /// in their contexts, the verification of clients, the pre-shared keys and the names in their
    /// certificates. A context is therefore not needed after a restart or on several machines. It is needed
    /// if the caller verifies clients ([`ServerConfigBuilder::ask_for_client_verification`]), chooses
    /// credentials ([`ServerConfigBuilder::ask_for_credentials`]) or has the pre-shared keys
    /// ([`ServerConfigBuilder::ask_for_psks`]): without one, sessions are then not shared with other
    /// configurations. With a context, equal configurations share sessions, so set another one when the
    /// caller's own rules change, and for servers with other names.
    pub fn context_id(mut self, id: &[u8]) -> Self {
        self.context_id = Some(id.to_vec());
        self
    }
}
