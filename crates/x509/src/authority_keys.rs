//! The public keys of those who are trusted to issue certificates: the same in every handshake, so each is read once.
//!
//! It is read when it is first needed, for of the many authorities of a platform a program meets few. Without `std` there
//! is nothing to wait with for another thread, and a key is read for each signature, as those of a peer are.

use crate::tlv::{self, BIT_STRING, Elements, SEQUENCE};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{CryptoError, SignatureVerifier};
use pki_types::TrustAnchor;

/// A key as a trust anchor has it.
pub(crate) struct AuthorityKey<'a> {
    /// The contents of its algorithm.
    algorithm: &'a [u8],
    bits: Arc<[u8]>,
}

impl<'a> AuthorityKey<'a> {
    /// The keys of `anchors`, in order. One that cannot be told apart from its algorithm is left out; `webpki` will find
    /// fault with it where it is used.
    pub(crate) fn all(anchors: &'a [TrustAnchor<'_>]) -> Vec<Self> {
        let parts = |anchor: &'a TrustAnchor<'_>| {
            let mut parts = Elements::of(&anchor.subject_public_key_info);
            let algorithm = parts.one(SEQUENCE)?.contents;
            let bits = tlv::whole_bytes(parts.one(BIT_STRING)?.contents)?;
            parts.finish()?;
            der::Result::Ok(Self { algorithm, bits: bits.into() })
        };
        let mut keys: Vec<_> = anchors.iter().filter_map(|anchor| parts(anchor).ok()).collect();
        keys.sort_by(|one, other| one.bits.cmp(&other.bits));
        keys.dedup_by(|one, other| one.bits == other.bits && one.algorithm == other.algorithm);
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
    /// Those of `keys` with this algorithm.
    pub(crate) fn of_algorithm(keys: &[AuthorityKey<'_>], algorithm: &[u8]) -> Self {
        let ours = keys.iter().filter(|key| key.algorithm == algorithm);
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
