//! The store of a client's sessions, and their binding.

use super::{ClientConfigBuilder, ClientCredentials, Inner, Trust};
use crate::{
    binding::{self, Parts, PeerVerification},
    error::ConfigError,
    sessions::Sessions,
};
use alloc::sync::Arc;
use cairn_session::ClientSessionStore;
use cairn_x509::Stapling;

/// # Client sessions
///
/// Where sessions are stored for resumption.
///
/// ```
/// # #[cfg(all(feature = "std", any(feature = "aws-lc", feature = "rustcrypto")))]
/// # fn cache(ca: &[u8]) -> Result<(), cairn_config::ConfigError> {
/// use cairn_config::ClientConfig;
/// use cairn_session::ClientCache;
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
    /// Stores sessions in this store. With the feature `std` the default is a cache of 1024 sessions for this
    /// configuration only; without it no sessions are stored.
    ///
    /// Configurations can share a store. A session is offered only with a configuration that is equal in
    /// everything that the verification of the server depends on (roots, verification settings, raw keys,
    /// pre-shared keys) and in its own credentials, in this process or in another. See also
    /// [`ClientConfigBuilder::context_id`].
    pub fn sessions(mut self, store: Arc<dyn ClientSessionStore>) -> Self {
        self.sessions = Sessions::Store(store);
        self
    }

    /// The caller finds and stores sessions: [`cairn_handshake::Question::FindSession`] and the transport's
    /// notices. Whether a session may be offered is checked as with [`ClientConfigBuilder::sessions`];
    /// otherwise it is ignored.
    pub fn ask_for_sessions(mut self) -> Self {
        self.sessions = Sessions::Ask;
        self
    }

    /// Does not request session tickets (RFC 5077). By default one is requested, and a session is resumed by
    /// ticket or by ID, as the server chooses. TLS 1.3 has tickets alone, so this turns its resumption off.
    pub const fn no_tickets(mut self) -> Self {
        self.resumption.tickets = false;
        self
    }

    /// Makes every handshake a full one: no session is stored or resumed.
    pub fn no_resumption(mut self) -> Self {
        self.sessions = Sessions::None;
        self
    }

    /// The context of this configuration's sessions. It stands for everything that they depend on beside the
    /// configuration. A session is offered only with an equal context.
    ///
    /// If the caller verifies servers ([`ClientConfigBuilder::ask_for_verification`]), chooses credentials
    /// ([`ClientConfigBuilder::ask_for_credentials`]) or has the pre-shared keys
    /// ([`ClientConfigBuilder::ask_for_psks`]), sessions are not shared with other configurations unless a
    /// context is set. With a context, equal configurations share sessions, so set another one when the
    /// caller's own rules change. A caller that chooses credentials for several users needs a context for
    /// each user ([`super::ClientConfig::with_context_id`]), because a resumed session authenticates the user
    /// of its full handshake.
    pub fn context_id(mut self, id: &[u8]) -> Self {
        self.context_id = Some(id.to_vec());
        self
    }
}

impl Inner {
    /// Binds sessions to the present settings.
    pub(crate) fn bind_sessions(&mut self) -> Result<(), ConfigError> {
        let peer_verification = match &self.trust {
            _ if self.policy.tls13.suites.is_empty()
                && !self.policy.tls12.suites.iter().any(|suite| suite.shows_certificate()) =>
            {
                PeerVerification::NoCertificates
            }
            Trust::Known { verifier, .. } => PeerVerification::Verifier(verifier),
            Trust::Ask => PeerVerification::Caller,
            Trust::Anyone => PeerVerification::Disabled,
        };
        let stapling: &[u8] = match self.stapling {
            Stapling::Ignore => b"no stapling",
            Stapling::Check => b"stapling is checked",
            Stapling::Require => b"stapling is required",
        };
        let binding = Parts {
            role: "client",
            provider: &self.provider,
            context_id: self.context_id.as_deref(),
            peer_verification,
            raw_keys: match &self.trust {
                Trust::Known { raw_keys, .. } => Some(raw_keys),
                Trust::Ask | Trust::Anyone => None,
            },
            settings: &[stapling],
            credentials: match &self.credentials {
                ClientCredentials::Own { credentials, .. } => Some(binding::leaves(credentials)),
                ClientCredentials::Ask => None,
            },
            psks: &self.psks,
            ask_for_external_psks: false,
            external_psks: &self.policy.tls13.external_psks,
        }
        .binding()?;
        let policy = Arc::make_mut(&mut self.policy);
        if let Some(resumption) = &mut policy.resumption {
            resumption.binding = binding;
            resumption.unverified_peers = !matches!(self.trust, Trust::Known { .. });
        }
        self.session_scope = [binding.context.0, binding.verification.0, binding.psks.0].concat().into();
        Ok(())
    }
}
