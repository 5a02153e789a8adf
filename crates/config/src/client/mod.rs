//! A client's configuration.

mod build;
mod connection;
mod credentials;
mod protocol;
mod sessions;
mod trust;

pub(crate) use connection::ClientConnection;

#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
use crate::provider::default_provider;
use crate::{
    clock::Clock,
    common::{Common, protocol_names},
    credentials::Credentials,
    error::ConfigError,
    external_psks::ExternalPsks,
    key_log::KeyLog,
    psks::Psks,
    raw_keys::RawKeys,
    sessions::Sessions,
    suites::SuiteChoice,
    versions::Versions,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::Provider;
use cairn_handshake::{ClientPolicy, Policy, ResumptionPolicy};
use cairn_session::ClientSessionStore;
use cairn_wire::{CertificateType, NamedGroup, SignatureScheme};
use cairn_x509::{ChainVerifier, CrlPolicy, Crls, Roots, Stapling};

/// The common settings of a client's connections. Create it with [`ClientConfig::builder`] and use it for all
/// connections; clones share everything.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Clone, Debug)]
pub(crate) struct Inner {
    pub(crate) policy: Arc<ClientPolicy>,
    /// The provider of the policy, for the writing halves.
    pub(crate) provider: Arc<Provider>,
    pub(crate) trust: Trust,
    pub(crate) stapling: Stapling,
    pub(crate) credentials: ClientCredentials,
    pub(crate) psks: Psks,
    pub(crate) sessions: Sessions<dyn ClientSessionStore>,
    /// The caller's context.
    context_id: Option<Vec<u8>>,
    /// Separates the sessions of this configuration from those of others in a shared store.
    pub(crate) session_scope: Arc<[u8]>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) key_log: Option<Arc<dyn KeyLog>>,
}

/// The verification of servers.
#[derive(Clone, Debug)]
pub(crate) enum Trust {
    /// Against roots and trusted raw public keys. One of them may be empty.
    Known { verifier: Arc<ChainVerifier>, raw_keys: RawKeys },
    /// By the caller, asked for each.
    Ask,
    /// Not at all.
    Anyone,
}

/// The choice of a credential for a server that requests one.
#[derive(Clone, Debug)]
pub(crate) enum ClientCredentials {
    /// One of these, or none if none is suitable.
    Own {
        credentials: Credentials,
        /// Whether the server's acceptable authorities are ignored.
        any_authority: bool,
    },
    /// By the caller, asked for each.
    Ask,
}

/// Creates a [`ClientConfig`]. The defaults are as strict as current servers permit.
///
/// The methods are grouped by subject: credentials, protocol, limits, session lifetime and surroundings
/// (clock and key log), which both builders have, and then trust and the rest of each subject for clients
/// alone.
#[derive(Debug)]
#[must_use]
pub struct ClientConfigBuilder {
    pub(crate) policy: ClientPolicy,
    pub(crate) suites: SuiteChoice,
    pub(crate) versions: Versions,
    /// The groups to send a key share for, if the caller lists them.
    pub(crate) key_shares: Option<Vec<NamedGroup>>,
    pub(crate) middlebox_compatibility: bool,
    /// The groups, if the caller lists them.
    pub(crate) groups: Option<Vec<NamedGroup>>,
    /// The signature schemes, if the caller lists them.
    pub(crate) signature_schemes: Option<Vec<SignatureScheme>>,
    pub(crate) psks: Psks,
    pub(crate) external_psks: ExternalPsks,
    roots: Option<Roots>,
    /// A verification other than by roots.
    without_roots: Option<Trust>,
    raw_keys: RawKeys,
    crls: Option<(Crls, CrlPolicy)>,
    /// Whether to accept any raw public key, if the caller verifies it or verification is disabled.
    any_raw_key: bool,
    stapling: Stapling,
    pub(crate) credentials: Credentials,
    ask_for_credentials: bool,
    /// The certificate types that the caller can present, if the caller chooses.
    credential_types: Option<Vec<CertificateType>>,
    any_authority: bool,
    sessions: Sessions<dyn ClientSessionStore>,
    /// For the policy, if sessions are kept.
    pub(crate) resumption: ResumptionPolicy,
    context_id: Option<Vec<u8>>,
    pub(crate) common: Common,
}

impl ClientConfig {
    /// The cryptography provider.
    #[must_use]
    pub fn provider(&self) -> &Arc<Provider> {
        &self.inner.provider
    }

    /// Creates a builder with the default provider.
    #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
    pub fn builder() -> ClientConfigBuilder {
        Self::builder_with(default_provider())
    }

    /// Creates a builder with this provider.
    pub fn builder_with(provider: Provider) -> ClientConfigBuilder {
        ClientConfigBuilder {
            policy: ClientPolicy::tls12_only(Policy::Modern, provider),
            suites: SuiteChoice::default(),
            versions: Versions::default(),
            key_shares: None,
            middlebox_compatibility: true,
            groups: None,
            signature_schemes: None,
            psks: Psks::default(),
            external_psks: ExternalPsks::default(),
            roots: None,
            without_roots: None,
            raw_keys: RawKeys::default(),
            crls: None,
            any_raw_key: false,
            stapling: Stapling::default(),
            credentials: Credentials::default(),
            ask_for_credentials: false,
            credential_types: None,
            any_authority: false,
            #[cfg(feature = "std")]
            sessions: Sessions::Store(Arc::new(cairn_session::ClientCache::new(1024))),
            #[cfg(not(feature = "std"))]
            sessions: Sessions::None,
            resumption: ResumptionPolicy::default(),
            context_id: None,
            common: Common::new(),
        }
    }

    /// The policy of the client.
    #[must_use]
    pub fn policy(&self) -> &Arc<ClientPolicy> {
        &self.inner.policy
    }

    /// The same configuration with other application protocols (RFC 7301), as text or bytes. The two share
    /// roots, credentials and sessions.
    ///
    /// # Errors
    /// [`ConfigError::Policy`] when a name is empty or too long.
    pub fn with_alpn<P: AsRef<[u8]>>(
        &self,
        protocols: impl IntoIterator<Item = P>,
    ) -> Result<Self, ConfigError> {
        let mut policy = ClientPolicy::clone(&self.inner.policy);
        policy.alpn_protocols = protocol_names(protocols);
        policy.check()?;
        Ok(self.varied(|inner| inner.policy = Arc::new(policy)))
    }

    /// The same configuration without resumption: no session is offered or stored.
    #[must_use]
    pub fn with_full_handshakes(&self) -> Self {
        let mut policy = ClientPolicy::clone(&self.inner.policy);
        policy.resumption = None;
        self.varied(|inner| {
            inner.policy = Arc::new(policy);
            inner.sessions = Sessions::None;
        })
    }

    /// The same configuration, but the caller verifies the server's chain
    /// ([`cairn_handshake::Question::VerifyPeer`]), for example for a server that the roots do not cover. The
    /// two configurations do not resume each other's sessions.
    ///
    /// # Errors
    /// [`ConfigError::Crypto`] if the provider fails; [`ConfigError::StaplingUnchecked`] and
    /// [`ConfigError::CrlsUnchecked`] if this configuration requires checks that would no longer take place.
    pub fn with_verification_asked(&self) -> Result<Self, ConfigError> {
        if self.inner.stapling == Stapling::Require {
            return Err(ConfigError::StaplingUnchecked);
        }
        if matches!(&self.inner.trust, Trust::Known { verifier, .. } if verifier.checks_crls()) {
            return Err(ConfigError::CrlsUnchecked);
        }
        let mut varied = Inner { trust: Trust::Ask, ..Inner::clone(&self.inner) };
        varied.bind_sessions()?;
        Ok(Self { inner: Arc::new(varied) })
    }

    /// The same configuration with another context for its sessions, for example for another user of the
    /// application, or after the caller's rules for verifying servers have changed. See
    /// [`ClientConfigBuilder::context_id`].
    ///
    /// # Errors
    /// [`ConfigError::Crypto`] when the provider fails.
    pub fn with_context_id(&self, id: &[u8]) -> Result<Self, ConfigError> {
        let mut varied = Inner { context_id: Some(id.to_vec()), ..Inner::clone(&self.inner) };
        varied.bind_sessions()?;
        Ok(Self { inner: Arc::new(varied) })
    }

    fn varied(&self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Inner::clone(&self.inner);
        change(&mut inner);
        Self { inner: Arc::new(inner) }
    }
}
