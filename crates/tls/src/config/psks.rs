//! The pre-shared keys of a configuration (RFC 4279).

use crate::ConfigError;
use alloc::{collections::BTreeMap, vec::Vec};
use cairn_crypto::SecretBytes;
use cairn_handshake::{FindPsk, Psk};

/// Which pre-shared keys there are.
#[derive(Clone, Debug, Default)]
pub(crate) enum Psks {
    /// None.
    #[default]
    None,
    /// These, by identity.
    Table(BTreeMap<Vec<u8>, SecretBytes>),
    /// The caller has them, and is asked for each.
    Ask,
}

/// Identities and keys go into messages after a length of two bytes (RFC 4279 section 2).
const MAX: usize = 0xffff;

impl Psks {
    pub(crate) const fn exist(&self) -> bool {
        !matches!(self, Self::None)
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

    /// The key that is asked for: of a client the first, for it has one as a rule; `None` when the caller must say.
    pub(crate) fn find(&self, question: &FindPsk<'_>) -> Option<Option<Psk>> {
        let Self::Table(table) = self else { return matches!(self, Self::None).then_some(None) };
        let found = match question {
            FindPsk::ByHint { .. } => table.iter().next(),
            FindPsk::ByIdentity { identity } => table.get_key_value(*identity),
            _ => return None,
        };
        Some(found.map(|(identity, key)| Psk { identity: identity.clone(), key: key.clone() }))
    }
}
