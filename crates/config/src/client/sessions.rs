//! Where a client keeps its sessions, and what they are bound to.

use super::{ClientConfigBuilder, Inner, Trust};
use crate::{
    binding::{self, Judge, Parts},
    error::ConfigError,
    sessions::Sessions,
};
use alloc::sync::Arc;
use cairn_session::ClientSessionStore;
use cairn_x509::Stapling;

/// # Client sessions
///
/// Where sessions are kept for resumption.
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
    /// Keeps sessions in this store. With the feature `std` the default is a cache of 1024 sessions that
    /// belongs to this configuration alone; without it no sessions are kept.
    ///
    /// Configurations can share a store. A session is offered only under a configuration that is equal in all
    /// that the verdict about the server rests on (roots, verification settings, raw keys, pre-shared keys)
    /// and in its own credentials, in this process or in another. See also
    /// [`ClientConfigBuilder::context_id`].
    pub fn sessions(mut self, store: Arc<dyn ClientSessionStore>) -> Self {
        self.sessions = Sessions::Store(store);
        self
    }

    /// Leaves finding and keeping sessions to the caller: [`cairn_handshake::Question::FindSession`] and
    /// the transport's notices. Whether a session can be offered is checked in any case, as with
    /// [`ClientConfigBuilder::sessions`]; one that cannot is passed over.
    pub fn ask_for_sessions(mut self) -> Self {
        self.sessions = Sessions::Ask;
        self
    }

    /// Does not request session tickets (RFC 5077). By default one is requested, and a session is resumed by
    /// ticket or by ID, as the server chooses.
    pub const fn no_tickets(mut self) -> Self {
        self.policy.tls12.tickets = false;
        self
    }

    /// Makes every handshake a full one: no session is kept or resumed.
    pub fn no_resumption(mut self) -> Self {
        self.sessions = Sessions::None;
        self
    }

    /// The context of this configuration's sessions, for what the configuration itself does not say. A
    /// session is offered only under an equal context.
    ///
    /// Where the caller verifies servers ([`ClientConfigBuilder::ask_for_verification`]), chooses credentials
    /// ([`ClientConfigBuilder::ask_for_credentials`]) or has the pre-shared keys
    /// ([`ClientConfigBuilder::ask_for_psks`]), the sessions stay with this very configuration unless a
    /// context is named. With a context, equal configurations share sessions, so use another one when the
    /// caller's own rules change. A caller that chooses credentials for several users needs a context for
    /// each user ([`super::ClientConfig::with_context_id`]): a resumed session stands for the user who made
    /// it.
    pub fn context_id(mut self, id: &[u8]) -> Self {
        self.context_id = Some(id.to_vec());
        self
    }
}

impl Inner {
    /// Binds sessions to what the configuration says now.
    pub(crate) fn bind_sessions(&mut self) -> Result<(), ConfigError> {
        let judge = match &self.trust {
            _ if !self.policy.tls12.suites.iter().any(|suite| suite.shows_certificate()) => Judge::Nobody,
            Trust::Roots(verifier) => Judge::Verifier(verifier),
            Trust::Ask => Judge::Caller,
            Trust::Anyone => Judge::Anyone,
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
            judge,
            raw_keys: &self.raw_keys,
            settings: &[stapling],
            shows: (!self.ask_for_credentials).then(|| binding::leaves(&self.credentials)),
            psks: &self.psks,
        }
        .binding()?;
        let policy = Arc::make_mut(&mut self.policy);
        policy.binding = binding;
        policy.resumes_unverified_peers = !matches!(self.trust, Trust::Roots(_));
        self.session_scope = [binding.context.0, binding.verification.0, binding.psks.0].concat().into();
        Ok(())
    }
}
