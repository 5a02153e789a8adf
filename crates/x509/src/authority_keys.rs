//! The public keys of trusted authorities, loaded once and used by all handshakes.
//!
//! A key is loaded on first use, because a program meets few of a platform's many authorities. Without `std`
//! there is no `OnceLock`, and the key is loaded for each signature, as a peer's key is.

use crate::trust::Anchor;
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{CryptoError, KeyKind, SignatureVerifier};

/// The public key of a trusted authority.
pub(crate) struct AuthorityKey {
    kind: KeyKind,
    bits: Arc<[u8]>,
}

impl AuthorityKey {
    /// The keys of `anchors`, sorted by their bits and without duplicates. Keys that TLS cannot use are
    /// omitted.
    pub(crate) fn all(anchors: &[Anchor]) -> Vec<Self> {
        let key = |anchor: &Anchor| {
            let key = &anchor.key.as_ref()?.public;
            Some(Self { kind: key.kind, bits: key.bits.as_slice().into() })
        };
        let mut keys: Vec<_> = anchors.iter().filter_map(key).collect();
        keys.sort_by(|one, other| one.bits.cmp(&other.bits));
        keys.dedup_by(|one, other| one.bits == other.bits && one.kind == other.kind);
        keys
    }
}

/// The authority keys that belong to one signature verifier.
#[derive(Default)]
pub(crate) struct AuthorityKeys {
    /// Sorted by their bits.
    #[cfg(feature = "std")]
    known: Vec<read_once::Known>,
}

impl AuthorityKeys {
    /// The keys of this kind among `keys`.
    pub(crate) fn of_kind(keys: &[AuthorityKey], kind: KeyKind) -> Self {
        let ours = keys.iter().filter(|key| key.kind == kind);
        #[cfg(feature = "std")]
        return Self { known: ours.map(|key| read_once::Known::new(Arc::clone(&key.bits))).collect() };
        #[cfg(not(feature = "std"))]
        {
            let _ = ours;
            Self::default()
        }
    }

    /// Checks a signature, with the loaded key if `public_key` is an authority's, otherwise through
    /// `verifier`.
    pub(crate) fn verify(
        &self,
        verifier: &dyn SignatureVerifier,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        #[cfg(feature = "std")]
        if let Ok(place) = self.known.binary_search_by(|known| known.bits().cmp(public_key))
            && let Some(known) = self.known.get(place)
            && let Some(key) = known.key(verifier)?
        {
            return key.verify(message, signature);
        }
        verifier.verify(public_key, message, signature)
    }

    /// The number of keys that have been loaded.
    #[cfg(all(test, feature = "std"))]
    pub(crate) fn read(&self) -> usize {
        self.known.iter().filter(|known| known.is_read()).count()
    }
}

#[cfg(feature = "std")]
mod read_once {
    use alloc::{boxed::Box, sync::Arc};
    use cairn_crypto::{CryptoError, SignatureVerifier, VerifyingKey};
    use std::sync::OnceLock;

    pub(super) struct Known {
        bits: Arc<[u8]>,
        key: OnceLock<Box<dyn VerifyingKey>>,
    }

    impl Known {
        pub(super) const fn new(bits: Arc<[u8]>) -> Self {
            Self { bits, key: OnceLock::new() }
        }

        pub(super) fn bits(&self) -> &[u8] {
            &self.bits
        }

        /// The key, loaded on the first call. `None` if `verifier` cannot load keys in advance. A failure is
        /// not remembered, so the next call tries again.
        pub(super) fn key(
            &self,
            verifier: &dyn SignatureVerifier,
        ) -> Result<Option<&dyn VerifyingKey>, CryptoError> {
            if let Some(key) = self.key.get() {
                return Ok(Some(&**key));
            }
            let Some(key) = verifier.read_key(&self.bits)? else { return Ok(None) };
            Ok(Some(&**self.key.get_or_init(|| key)))
        }

        #[cfg(test)]
        pub(super) fn is_read(&self) -> bool {
            self.key.get().is_some()
        }
    }
}
