//! The algorithms of a cipher suite, and the derivation of their keys.

use super::header::HeaderKey;
use super::packet::PacketKey;
use crate::error::ProtectionError;
use crate::version::Version;
use alloc::sync::Arc;
use cairn_crypto::{Aead, AeadAlgorithm, HeaderProtection, HeaderProtectionAlgorithm, HkdfKey, Provider};
use cairn_schedule::tls13::{Tls13Suite, expand_label};
use zeroize::Zeroizing;

/// The longest key, in bytes.
const MAX_KEY_LEN: usize = 32;

/// The AEAD and the header protection of a cipher suite.
pub(super) struct Algorithms {
    aead: Arc<dyn Aead>,
    header: Arc<dyn HeaderProtection>,
}

/// The header protection that belongs to an AEAD (RFC 9001 sections 5.4.3 and 5.4.4). RFC 9001 section 5.3:
/// "A cipher suite MUST NOT be negotiated unless a header protection scheme is defined for the cipher suite."
const fn header_protection(aead: AeadAlgorithm) -> Option<HeaderProtectionAlgorithm> {
    match aead {
        AeadAlgorithm::Aes128Gcm | AeadAlgorithm::Aes128Ccm => Some(HeaderProtectionAlgorithm::Aes128),
        AeadAlgorithm::Aes256Gcm => Some(HeaderProtectionAlgorithm::Aes256),
        AeadAlgorithm::ChaCha20Poly1305 => Some(HeaderProtectionAlgorithm::ChaCha20),
        _ => None,
    }
}

impl Algorithms {
    pub(super) fn of_suite(provider: &Provider, suite: &Tls13Suite) -> Result<Self, ProtectionError> {
        let header = header_protection(suite.aead).ok_or(ProtectionError::SuiteNotAllowed(suite.id))?;
        let aead = provider.aead(suite.aead).ok_or(ProtectionError::AeadNotOffered(suite.aead))?;
        let missing = ProtectionError::HeaderProtectionNotOffered(header);
        let header = provider.header_protection(header).ok_or(missing)?;
        Ok(Self { aead: Arc::clone(aead), header: Arc::clone(header) })
    }

    /// The key of headers.
    pub(super) fn header_key(
        &self,
        version: Version,
        secret: &HkdfKey,
    ) -> Result<HeaderKey, ProtectionError> {
        let mut bytes = Zeroizing::new([0; MAX_KEY_LEN]);
        let key = bytes.get_mut(..self.header.algorithm().key_len()).unwrap_or_default();
        expand_label(secret, version.labels().hp, &[], key)?;
        Ok(HeaderKey::new(self.header.key(key)?))
    }

    /// Key and IV of packets.
    pub(super) fn packet_key(
        &self,
        version: Version,
        secret: &HkdfKey,
    ) -> Result<PacketKey, ProtectionError> {
        let mut bytes = Zeroizing::new([0; MAX_KEY_LEN]);
        let key = bytes.get_mut(..self.aead.algorithm().key_len()).unwrap_or_default();
        expand_label(secret, version.labels().key, &[], key)?;
        PacketKey::new(&*self.aead, key, |iv| Ok(expand_label(secret, version.labels().iv, &[], iv)?))
    }
}
