//! What a client shows of itself.

use super::ClientConfigBuilder;
use crate::{ConfigError, config::psks::Psks};

/// # Credentials of a client
impl ClientConfigBuilder {
    /// A certificate chain and its key, both in PEM, for servers that ask. The first of several that suits is shown.
    ///
    /// # Errors
    /// [`ConfigError::Pem`], [`ConfigError::Key`], [`ConfigError::Credential`], [`ConfigError::ChainOutOfOrder`].
    pub fn credential_pem(mut self, chain: &[u8], key: &[u8]) -> Result<Self, ConfigError> {
        self.credentials.add_pem(&self.policy.provider, chain, key)?;
        Ok(self)
    }

    /// Hands the choice of a credential to the caller: [`crate::Question::ChooseClientCredential`].
    pub const fn ask_for_credentials(mut self) -> Self {
        self.ask_for_credentials = true;
        self
    }

    /// A key that this client shares with its servers, and its identity, which goes over the wire in the clear (RFC
    /// 4279). The key must be random: who hears a handshake can try passwords at leisure. The suites of the policy that
    /// use such a key are offered then, and without roots no others.
    ///
    /// # Errors
    /// [`ConfigError::PskLength`].
    pub fn psk(mut self, identity: &[u8], key: &[u8]) -> Result<Self, ConfigError> {
        self.psks = Psks::None;
        self.psks.add(identity, key)?;
        Ok(self)
    }
}
