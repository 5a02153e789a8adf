//! The external PSKs of TLS 1.3 (RFC 9846 section 4.3.11), plain and imported (RFC 9258).

use crate::{error::ConfigError, psks::Psks};
use alloc::{collections::BTreeMap, vec::Vec};
use cairn_crypto::{HashAlgorithm, Provider, SecretBytes};
use cairn_handshake::OfferedPsk;
use cairn_schedule::{
    ScheduleError,
    tls13::{ExternalPsk, Kdf, Psk, TargetKdf},
};

/// The external PSKs of a configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExternalPsks {
    /// In the order in which they were added, which is a client's preference.
    psks: Vec<OfferedPsk>,
    /// The keys as they were given, and their use.
    keys: Vec<(SecretBytes, Use)>,
}

/// The use of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Plain(HashAlgorithm),
    Imported,
}

impl ExternalPsks {
    pub(crate) const fn exist(&self) -> bool {
        !self.psks.is_empty()
    }

    /// Adds a key that is used directly.
    pub(crate) fn add(
        &mut self,
        identity: &[u8],
        key: &[u8],
        hash: HashAlgorithm,
    ) -> Result<(), ConfigError> {
        if identity.is_empty() || u16::try_from(identity.len()).is_err() {
            let length = identity.len();
            return Err(ConfigError::ExternalPsk(ScheduleError::PskIdentityLength { length }));
        }
        let key = SecretBytes::from(key);
        let psk = Psk::external(key.clone(), hash).map_err(ConfigError::ExternalPsk)?;
        self.note_use(key, Use::Plain(hash))?;
        self.insert(identity.to_vec(), psk);
        Ok(())
    }

    /// Adds the PSKs that are imported from a key, one for each hash that the provider supports.
    pub(crate) fn import(
        &mut self,
        provider: &Provider,
        identity: &[u8],
        key: &[u8],
        context: &[u8],
    ) -> Result<(), ConfigError> {
        // RFC 9258 section 5.1 recommends SHA-256 for keys without a hash of their own.
        let kdf = Kdf::new(provider, HashAlgorithm::Sha256).map_err(ConfigError::ExternalPsk)?;
        let key = SecretBytes::from(key);
        let external =
            ExternalPsk::new(&kdf, identity.to_vec(), key.clone()).map_err(ConfigError::ExternalPsk)?;
        self.note_use(key, Use::Imported)?;
        for target in [TargetKdf::HkdfSha256, TargetKdf::HkdfSha384] {
            if provider.hash(target.hash()).is_some() {
                let imported = external.import(context, target).map_err(ConfigError::ExternalPsk)?;
                self.insert(imported.identity, imported.psk);
            }
        }
        Ok(())
    }

    /// A key of an identity that exists is replaced.
    fn insert(&mut self, identity: Vec<u8>, psk: Psk) {
        match self.psks.iter_mut().find(|known| known.identity == identity) {
            Some(known) => known.psk = psk,
            None => self.psks.push(OfferedPsk { identity, psk }),
        }
    }

    /// RFC 9846 section 4.3.11: "Each PSK is associated with a single Hash algorithm." An imported key has no
    /// other use (RFC 9258 section 4).
    fn note_use(&mut self, key: SecretBytes, purpose: Use) -> Result<(), ConfigError> {
        if self.keys.iter().any(|(known, other)| *other != purpose && *known == key) {
            return Err(ConfigError::PskReused);
        }
        self.keys.push((key, purpose));
        Ok(())
    }

    /// Checks that no key serves TLS 1.2 too, unless it is imported.
    pub(crate) fn check_other_version(&self, tls12: &Psks) -> Result<(), ConfigError> {
        let is_plain = |purpose: Use| matches!(purpose, Use::Plain(_));
        let is_reused = self.keys.iter().any(|(key, purpose)| is_plain(*purpose) && tls12.contain_key(key));
        if is_reused { Err(ConfigError::PskReused) } else { Ok(()) }
    }

    /// The PSKs, most preferred first.
    pub(crate) fn as_slice(&self) -> &[OfferedPsk] {
        &self.psks
    }

    /// The PSKs, most preferred first.
    pub(crate) fn into_offered(self) -> Vec<OfferedPsk> {
        self.psks
    }

    /// The PSKs by their identities.
    pub(crate) fn into_table(self) -> BTreeMap<Vec<u8>, Psk> {
        self.psks.into_iter().map(|OfferedPsk { identity, psk }| (identity, psk)).collect()
    }
}
