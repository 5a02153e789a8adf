//! Imported external PSKs (RFC 9258).

use super::kdf::Kdf;
use super::label::expand_label;
use super::psk::{Psk, PskKind};
use crate::error::ScheduleError;
use alloc::vec::Vec;
use cairn_crypto::{HashAlgorithm, SecretBytes};
use core::fmt;

/// The version TLS 1.3, for which PSKs are imported. RFC 9258 section 5.1: "External PSKs MUST NOT be
/// imported for (D)TLS 1.2 or prior versions."
const TARGET_PROTOCOL: u16 = 0x0304;

/// An external PSK that is imported before it is used (RFC 9258 section 3): the base key, the external
/// identity, and the hash.
///
/// RFC 9258 section 4: "Endpoints that import external keys MUST NOT use the keys that are input to the
/// import process for any purpose other than the importer."
pub struct ExternalPsk {
    base_key: SecretBytes,
    identity: Vec<u8>,
    kdf: Kdf,
}

impl ExternalPsk {
    /// `kdf` has the hash that is associated with the PSK, which is not that of a cipher suite. RFC 9258
    /// section 5.1: "If the EPSK does not have such an associated hash function, SHA-256 SHOULD be used."
    ///
    /// # Errors
    /// [`ScheduleError::EmptyPsk`] if the base key is empty; [`ScheduleError::PskIdentityLength`] unless the
    /// identity has 1 to 65535 bytes.
    pub fn new(kdf: &Kdf, identity: Vec<u8>, base_key: SecretBytes) -> Result<Self, ScheduleError> {
        if base_key.is_empty() {
            return Err(ScheduleError::EmptyPsk);
        }
        if identity.is_empty() || u16::try_from(identity.len()).is_err() {
            return Err(ScheduleError::PskIdentityLength { length: identity.len() });
        }
        Ok(Self { base_key, identity, kdf: kdf.clone() })
    }

    /// Imports the PSK for TLS 1.3 and one KDF (RFC 9258 section 5.1). An endpoint imports it once for each
    /// hash of the cipher suites that it offers.
    ///
    /// `context` contains the context that determined the PSK, if there is one. It can name the roles of both
    /// peers against the Selfie attack (RFC 9258 appendix A).
    ///
    /// # Errors
    /// [`ScheduleError::PskIdentityLength`] if the imported identity is longer than 65535 bytes;
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn import(&self, context: &[u8], target: TargetKdf) -> Result<ImportedPsk, ScheduleError> {
        let identity = self.imported_identity(context, target)?;
        // epskx = HKDF-Extract(0, epsk)
        let extracted = self.kdf.extract(self.kdf.zeros(), self.base_key.expose())?;
        // ipskx = HKDF-Expand-Label(epskx, "derived psk", Hash(ImportedIdentity), L)
        let hash = self.kdf.hash(&[&identity])?;
        let secret = SecretBytes::try_with(target.hash().output_len(), |out| {
            expand_label(&extracted, b"derived psk", hash.as_bytes(), out)
        })?;
        let psk = Psk::new(secret, target.hash(), PskKind::Imported)?.derived_from(self.base_key.len());
        Ok(ImportedPsk { identity, psk })
    }

    /// ```text
    /// struct {
    ///    opaque external_identity<1...2^16-1>;
    ///    opaque context<0..2^16-1>;
    ///    uint16 target_protocol;
    ///    uint16 target_kdf;
    /// } ImportedIdentity;
    /// ```
    fn imported_identity(&self, context: &[u8], target: TargetKdf) -> Result<Vec<u8>, ScheduleError> {
        let length = 2 + self.identity.len() + 2 + context.len() + 2 + 2;
        let too_long = ScheduleError::PskIdentityLength { length };
        if u16::try_from(length).is_err() {
            return Err(too_long);
        }
        let mut out = Vec::with_capacity(length);
        for part in [&self.identity, context] {
            let length = u16::try_from(part.len()).map_err(|_| too_long)?;
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(part);
        }
        out.extend_from_slice(&TARGET_PROTOCOL.to_be_bytes());
        out.extend_from_slice(&target.code().to_be_bytes());
        Ok(out)
    }
}

impl fmt::Debug for ExternalPsk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExternalPsk")
    }
}

/// A TLS KDF identifier (RFC 9258 section 10): the KDF of the cipher suites that an imported PSK is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetKdf {
    /// `HKDF_SHA256` (0x0001).
    HkdfSha256,
    /// `HKDF_SHA384` (0x0002).
    HkdfSha384,
}

impl TargetKdf {
    /// The KDF with this hash, if RFC 9258 names one.
    #[must_use]
    pub const fn of(hash: HashAlgorithm) -> Option<Self> {
        match hash {
            HashAlgorithm::Sha256 => Some(Self::HkdfSha256),
            HashAlgorithm::Sha384 => Some(Self::HkdfSha384),
            _ => None,
        }
    }

    /// The hash of the KDF.
    #[must_use]
    pub const fn hash(self) -> HashAlgorithm {
        match self {
            Self::HkdfSha256 => HashAlgorithm::Sha256,
            Self::HkdfSha384 => HashAlgorithm::Sha384,
        }
    }

    /// The code point.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::HkdfSha256 => 0x0001,
            Self::HkdfSha384 => 0x0002,
        }
    }
}

/// An imported PSK with its identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedPsk {
    /// The encoded `ImportedIdentity`, which is sent as `PskIdentity.identity`.
    pub identity: Vec<u8>,
    /// The PSK for the key schedule.
    pub psk: Psk,
}
