//! Key agreement in the finite field groups of RFC 7919, as TLS 1.3 uses them.

use crate::agreement::{Encapsulated, EphemeralKey, KeyAgreement};
use crate::algorithm::Algorithm;
use crate::error::CryptoError;
use crate::finite_field::{FiniteField, FiniteFieldGroup};
use crate::secret::SecretBytes;
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_wire::NamedGroup;
use rand_core::TryCryptoRng;

/// Diffie-Hellman in a finite field group of RFC 7919, by name.
///
/// As [`FiniteField`] in that group, except that a peer's share must be as long as the prime: RFC 9846
/// section 4.3.8.1 requires values "padded to the left with zeros to the size of p in bytes". The secret has
/// the same length, as section 7.4.1 requires.
pub struct NamedField {
    name: NamedGroup,
    group: FiniteFieldGroup<'static>,
    field: Arc<dyn FiniteField>,
}

impl NamedField {
    /// The group with this name, over an implementation of finite fields; `None` if RFC 7919 has no such
    /// group.
    #[must_use]
    pub fn new(name: NamedGroup, field: &Arc<dyn FiniteField>) -> Option<Self> {
        let group = FiniteFieldGroup::named(name)?;
        Some(Self { name, group, field: Arc::clone(field) })
    }

    /// All groups of RFC 7919, smallest first.
    #[must_use]
    pub fn all(field: &Arc<dyn FiniteField>) -> Vec<Arc<dyn KeyAgreement>> {
        let named = |(name, group)| -> Arc<dyn KeyAgreement> {
            Arc::new(Self { name, group, field: Arc::clone(field) })
        };
        FiniteFieldGroup::NAMED.into_iter().map(named).collect()
    }

    /// The length of shares and secrets in bytes.
    const fn len(&self) -> usize {
        self.group.p.len()
    }
}

impl core::fmt::Debug for NamedField {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} by {}", self.name, self.field.implementation())
    }
}

impl Algorithm for NamedField {
    fn implementation(&self) -> &'static str {
        self.field.implementation()
    }

    fn fips(&self) -> bool {
        self.field.fips()
    }
}

impl KeyAgreement for NamedField {
    fn group(&self) -> NamedGroup {
        self.name
    }

    fn generate(
        &self,
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Box<dyn EphemeralKey>, CryptoError> {
        let key = self.field.generate(self.group, rng)?;
        Ok(Box::new(FieldKey { key, len: self.len() }))
    }

    fn encapsulate(
        &self,
        peer_share: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Encapsulated, CryptoError> {
        if peer_share.len() != self.len() {
            return Err(CryptoError::BadPeerShare);
        }
        self.field.encapsulate(self.group, peer_share, rng)
    }
}

struct FieldKey {
    key: Box<dyn EphemeralKey>,
    len: usize,
}

impl EphemeralKey for FieldKey {
    fn share(&self) -> &[u8] {
        self.key.share()
    }

    fn agree(self: Box<Self>, peer_share: &[u8]) -> Result<SecretBytes, CryptoError> {
        if peer_share.len() != self.len {
            return Err(CryptoError::BadPeerShare);
        }
        self.key.agree(peer_share)
    }
}
