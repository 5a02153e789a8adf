//! A server's configuration.

mod build;
mod credentials;
mod protocol;
mod sessions;
mod trust;

use super::{
    Common, Policy, Sessions,
    credentials::Credentials,
    psks::Psks,
    raw_keys::{self, RawKeys},
    suites,
};
use crate::{Clock, KeyLog};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::Provider;
use cairn_handshake::{
    Binding, ClientAuthentication, Floor, Limits, Renegotiation, Requirement, ServerPolicy, SuiteOrder,
};
use cairn_record::{MAX_PLAINTEXT_LEN, RecordLimits};
use cairn_session::{ServerSessionStore, TicketKeys, Tickets};
use cairn_x509::{ChainVerifier, CrlPolicy, Crls, Roots};

/// What a server's connections have in common. Make one with [`ServerConfig::builder`] and use it for all
/// connections; a clone shares everything with the original.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) policy: Arc<ServerPolicy>,
    /// The policy's, for the writing halves.
    pub(crate) provider: Arc<Provider>,
    pub(crate) credentials: Credentials,
    pub(crate) ask_for_credentials: bool,
    pub(crate) psks: Psks,
    /// Whether an unknown identity gets a random key.
    pub(crate) hide_psk_identities: bool,
    pub(crate) client_trust: ClientTrust,
    pub(crate) client_raw_keys: RawKeys,
    pub(crate) sessions: Sessions<dyn ServerSessionStore>,
    /// `None` where the caller seals and opens tickets, or nobody.
    pub(crate) tickets: Option<Tickets>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) key_log: Option<Arc<dyn KeyLog>>,
    pub(crate) record_limits: RecordLimits,
}

/// How clients are checked.
#[derive(Debug)]
pub(crate) enum ClientTrust {
    /// They are not asked.
    NotAsked,
    /// Against roots.
    Roots(ChainVerifier),
    /// By the caller, asked for each.
    Ask,
}

/// Makes a [`ServerConfig`]. The defaults are as strict as the clients of today permit.
///
/// The methods are grouped by subject: credentials, protocol, limits, session lifetime and surroundings
/// (clock and key log), which both builders have, and then client authentication and the rest of each subject
/// for servers alone.
#[derive(Debug)]
#[must_use]
pub struct ServerConfigBuilder {
    pub(super) policy: ServerPolicy,
    /// Which suites, unless they are named.
    pub(super) by_policy: Option<Policy>,
    /// Whether the signature schemes are named, too.
    pub(super) schemes_are_named: bool,
    pub(super) psks: Psks,
    pub(super) hide_psk_identities: bool,
    pub(super) credentials: Credentials,
    ask_for_credentials: bool,
    client_roots: Option<Roots>,
    client_crls: Option<(Crls, CrlPolicy)>,
    client_raw_keys: RawKeys,
    /// Whether to take any raw key, where the caller judges it.
    any_raw_key: bool,
    ask_for_verification: bool,
    sessions: Sessions<dyn ServerSessionStore>,
    tickets: TicketSource,
    context_id: Option<Vec<u8>>,
    pub(super) common: Common,
}

/// Who seals tickets.
#[derive(Debug)]
enum TicketSource {
    Nobody,
    Keys(Arc<dyn TicketKeys>),
    Caller,
}

impl ServerConfig {
    /// A builder with the default cryptography.
    #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
    pub fn builder() -> ServerConfigBuilder {
        Self::builder_with(crate::default_provider())
    }

    /// A builder with this cryptography.
    pub fn builder_with(provider: Provider) -> ServerConfigBuilder {
        let policy = ServerPolicy {
            suites: Vec::new(),
            ask_for_configuration: false,
            suite_order: SuiteOrder::Server,
            groups: suites::groups_of_provider(&provider),
            signature_schemes: provider.schemes(),
            provider,
            alpn_protocols: Vec::new(),
            client_authentication: ClientAuthentication::None,
            client_certificate_types: raw_keys::types(false, true),
            psk_identity_hint: None,
            extended_master_secret: Requirement::Offer,
            encrypt_then_mac: true,
            max_fragment_length: true,
            record_size_limit: Some(MAX_PLAINTEXT_LEN),
            secure_renegotiation: Requirement::Offer,
            renegotiation: Renegotiation::Never,
            resumption: true,
            tickets: false,
            session_lifetime: 86_400,
            binding: Binding::default(),
            resumes_unverified_peers: false,
            floor: Floor::default(),
            key_log: false,
            limits: Limits::default(),
        };
        ServerConfigBuilder {
            policy,
            by_policy: Some(Policy::default()),
            schemes_are_named: false,
            psks: Psks::default(),
            hide_psk_identities: false,
            credentials: Credentials::default(),
            ask_for_credentials: false,
            client_roots: None,
            client_crls: None,
            client_raw_keys: RawKeys::default(),
            any_raw_key: false,
            ask_for_verification: false,
            #[cfg(feature = "std")]
            sessions: Sessions::Store(Arc::new(cairn_session::ServerCache::new(4096))),
            #[cfg(not(feature = "std"))]
            sessions: Sessions::None,
            tickets: TicketSource::Nobody,
            context_id: None,
            common: Common::new(),
        }
    }

    /// What it accepts.
    #[must_use]
    pub fn policy(&self) -> &ServerPolicy {
        &self.inner.policy
    }
}
