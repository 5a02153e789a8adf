//! A server's configuration.

mod build;
mod connection;
mod credentials;
mod protocol;
mod sessions;
mod trust;

#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
use crate::provider::default_provider;
use crate::{
    clock::Clock, common::Common, credentials::Credentials, external_psks::ExternalPsks, key_log::KeyLog,
    psks::Psks, raw_keys::RawKeys, sessions::Sessions, suites::SuiteChoice, versions::Versions,
};
use alloc::{collections::BTreeMap, sync::Arc, vec::Vec};
use cairn_crypto::Provider;
use cairn_handshake::{Policy, ResumptionPolicy, ServerPolicy};
use cairn_schedule::tls13::Psk;
#[cfg(feature = "std")]
use cairn_session::ReplayWindow;
use cairn_session::{ServerSessionStore, TicketKeys, Tickets};
use cairn_wire::{NamedGroup, SignatureScheme};
use cairn_x509::{ChainVerifier, CrlPolicy, Crls, Roots};

/// The common settings of a server's connections. Create it with [`ServerConfig::builder`] and use it for all
/// connections; clones share everything.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) policy: Arc<ServerPolicy>,
    /// The provider of the policy, for the writing halves.
    pub(crate) provider: Arc<Provider>,
    pub(crate) credentials: ServerCredentials,
    pub(crate) psks: Psks,
    /// The external PSKs of TLS 1.3 by their identities.
    pub(crate) external_psks: BTreeMap<Vec<u8>, Psk>,
    /// Whether the caller has other external PSKs.
    pub(crate) ask_for_external_psks: bool,
    /// Whether an unknown PSK identity gets a random key.
    pub(crate) hide_psk_identities: bool,
    pub(crate) client_trust: ClientTrust,
    pub(crate) sessions: Sessions<dyn ServerSessionStore>,
    /// `None` if the caller seals and opens tickets, or there are none.
    pub(crate) tickets: Option<Tickets>,
    /// `None` if early data is not accepted, or without a clock of its own.
    #[cfg(feature = "std")]
    pub(crate) replay_window: Option<Arc<ReplayWindow>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) key_log: Option<Arc<dyn KeyLog>>,
}

/// The verification of clients.
#[derive(Debug)]
pub(crate) enum ClientTrust {
    /// No certificate is requested.
    NotAsked,
    /// Against roots and trusted raw public keys. One of them may be empty.
    Known { verifier: ChainVerifier, raw_keys: RawKeys },
    /// By the caller, asked for each.
    Ask,
}

/// The choice of a credential for a client.
#[derive(Debug)]
pub(crate) enum ServerCredentials {
    /// One of these.
    Own(Credentials),
    /// By the caller, asked for each.
    Ask,
}

/// Creates a [`ServerConfig`]. The defaults are as strict as current clients permit.
///
/// The methods are grouped by subject: credentials, protocol, limits, session lifetime and surroundings
/// (clock and key log), which both builders have, and then client authentication and the rest of each subject
/// for servers alone.
#[derive(Debug)]
#[must_use]
pub struct ServerConfigBuilder {
    pub(crate) policy: ServerPolicy,
    pub(crate) suites: SuiteChoice,
    pub(crate) versions: Versions,
    /// The groups, if the caller lists them.
    pub(crate) groups: Option<Vec<NamedGroup>>,
    /// The signature schemes, if the caller lists them.
    pub(crate) signature_schemes: Option<Vec<SignatureScheme>>,
    pub(crate) psks: Psks,
    pub(crate) external_psks: ExternalPsks,
    pub(crate) ask_for_external_psks: bool,
    pub(crate) hide_psk_identities: bool,
    pub(crate) credentials: Credentials,
    ask_for_credentials: bool,
    client_roots: Option<Roots>,
    client_crls: Option<(Crls, CrlPolicy)>,
    client_raw_keys: RawKeys,
    /// Whether to accept any raw public key, if the caller verifies it.
    any_raw_key: bool,
    ask_for_verification: bool,
    sessions: Sessions<dyn ServerSessionStore>,
    tickets: TicketSource,
    #[cfg(feature = "std")]
    pub(crate) replay_window: Option<Arc<ReplayWindow>>,
    /// For the policy, if sessions are kept or tickets are issued.
    pub(crate) resumption: ResumptionPolicy,
    context_id: Option<Vec<u8>>,
    pub(crate) common: Common,
}

/// The source of ticket keys.
#[derive(Debug)]
enum TicketSource {
    Nobody,
    Keys(Arc<dyn TicketKeys>),
    Caller,
}

impl ServerConfig {
    /// Creates a builder with the default provider.
    #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
    pub fn builder() -> ServerConfigBuilder {
        Self::builder_with(default_provider())
    }

    /// Creates a builder with this provider.
    pub fn builder_with(provider: Provider) -> ServerConfigBuilder {
        ServerConfigBuilder {
            policy: ServerPolicy::tls12_only(Policy::Modern, provider),
            suites: SuiteChoice::default(),
            versions: Versions::default(),
            groups: None,
            signature_schemes: None,
            psks: Psks::default(),
            external_psks: ExternalPsks::default(),
            ask_for_external_psks: false,
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
            #[cfg(feature = "std")]
            replay_window: None,
            resumption: ResumptionPolicy::default(),
            context_id: None,
            common: Common::new(),
        }
    }

    /// The cryptography provider.
    #[must_use]
    pub fn provider(&self) -> &Arc<Provider> {
        &self.inner.provider
    }

    /// The policy of the server.
    #[must_use]
    pub fn policy(&self) -> &Arc<ServerPolicy> {
        &self.inner.policy
    }
}
