//! The public keys of those who are trusted to issue certificates: the same in every handshake, so each is read once.
//!
//! It is read when it is first needed, for of the many authorities of a platform a program meets few. Without `std` there
//! is nothing to wait with for another thread, and a key is read for each signature, as those of a peer are.

use crate::trust::Anchor;
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{CryptoError, KeyKind, SignatureVerifier};

/// A key as a trusted authority has it.
pub(crate) struct AuthorityKey {
    kind: KeyKind,
    bits: Arc<[u8]>,
}

impl AuthorityKey {
    /// The keys of `anchors`, each once, in order of their bits. One whose algorithm is not of TLS is left out.
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

/// Those keys that one way to check signatures is for.
#[derive(Default)]
pub(crate) struct AuthorityKeys {
    /// In order of their bits.
    #[cfg(feature = "std")]
    known: Vec<read_once::Known>,
}

impl AuthorityKeys {
    /// Those of `keys` of this kind.
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

    /// Checks a signature: under a key that is read already, if it is one of these, else as `verifier` does.
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

    /// How many of them are read.
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

        /// The key, read if it was not; `None` if `verifier` does not read keys beforehand. That a key could not be read is
        /// not kept: the next time may be better.
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
