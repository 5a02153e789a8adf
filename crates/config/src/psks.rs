//! The pre-shared keys of a configuration for TLS 1.2 (RFC 4279).

use crate::error::ConfigError;
use alloc::{collections::BTreeMap, vec::Vec};
use cairn_crypto::{CryptoError, Provider, SecretBytes};
use cairn_handshake::{FindPsk, Psk};

/// The pre-shared keys of a configuration.
#[derive(Clone, Debug, Default)]
pub(crate) enum Psks {
    /// No pre-shared keys.
    #[default]
    None,
    /// A table by identity.
    Table(BTreeMap<Vec<u8>, SecretBytes>),
    /// The caller has the keys and is asked.
    Ask,
}

/// The maximum length of identities and keys, which have a two-byte length prefix in messages (RFC 4279
/// section 2).
const MAX: usize = 0xffff;

impl Psks {
    pub(crate) const fn exist(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Whether one of the identities has this key. The keys of a caller are not known.
    pub(crate) fn contain_key(&self, key: &SecretBytes) -> bool {
        matches!(self, Self::Table(table) if table.values().any(|known| known == key))
    }

    /// Adds a key.
    pub(crate) fn add(&mut self, identity: &[u8], key: &[u8]) -> Result<(), ConfigError> {
        if key.is_empty() || key.len() > MAX || identity.len() > MAX {
            return Err(ConfigError::PskLength { identity: identity.len(), key: key.len() });
        }
        if !matches!(self, Self::Table(_)) {
            *self = Self::Table(BTreeMap::new());
        }
        if let Self::Table(table) = self {
            table.insert(identity.to_vec(), SecretBytes::from(key));
        }
        Ok(())
    }

    /// The requested key. A client uses its first key, because it usually has one. `None` if the caller must
    /// answer.
    pub(crate) fn find(&self, question: &FindPsk<'_>) -> Option<Option<Psk>> {
        let Self::Table(table) = self else { return matches!(self, Self::None).then_some(None) };
        let found = match question {
            FindPsk::ByHint { .. } => table.iter().next(),
            FindPsk::ByIdentity { identity } => table.get_key_value(*identity),
            _ => return None,
        };
        Some(found.map(|(identity, key)| Psk { identity: identity.clone(), key: key.clone() }))
    }

    /// As [`Psks::find`], with a random key for an unknown identity (RFC 4279 section 2: "it MAY continue the
    /// protocol as if the PSK identity existed but the key was incorrect"). It has the length of the first
    /// key in the table, so if all keys have one length, nothing that depends on the length distinguishes the
    /// two cases. It is also generated for a known identity.
    ///
    /// # Errors
    /// An error if the random generator fails.
    pub(crate) fn find_or_make_up(
        &self,
        question: &FindPsk<'_>,
        provider: &Provider,
    ) -> Result<Option<Option<Psk>>, CryptoError> {
        let found = self.find(question);
        let (Self::Table(table), FindPsk::ByIdentity { identity }) = (self, question) else {
            return Ok(found);
        };
        let length = table.values().next().map_or(0, SecretBytes::len);
        let key = SecretBytes::try_with(length, |key| provider.random.fill(key))?;
        let made_up = Psk { identity: identity.to_vec(), key };
        Ok(found.map(|found| Some(found.unwrap_or(made_up))))
    }
}
