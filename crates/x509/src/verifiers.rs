//! The signature algorithms of a provider that certificates can use.

use crate::{
    algorithms::of_signature,
    authority_keys::{AuthorityKey, AuthorityKeys},
    trust::Anchor,
};
use alloc::{string::String, sync::Arc, vec::Vec};
use cairn_crypto::{CryptoError, KeyKind, SignatureVerifier};
use cairn_wire::SignatureScheme;
use core::fmt;

/// A signature verifier of the provider, with the authorities' keys that it has loaded.
pub(crate) struct PkixAlgorithm {
    verifier: Arc<dyn SignatureVerifier>,
    authorities: AuthorityKeys,
}

/// All algorithms for certificate signatures among `verifiers`. The keys of `anchors` are loaded once and
/// reused.
pub(crate) fn for_verifiers(
    verifiers: &[Arc<dyn SignatureVerifier>],
    anchors: &[Anchor],
) -> Vec<PkixAlgorithm> {
    let authorities = AuthorityKey::all(anchors);
    let is_known = |verifier: &&Arc<dyn SignatureVerifier>| of_signature(verifier.scheme()).is_some();
    let algorithm = |verifier: &Arc<dyn SignatureVerifier>| PkixAlgorithm {
        verifier: Arc::clone(verifier),
        authorities: AuthorityKeys::of_kind(&authorities, verifier.key_kind()),
    };
    verifiers.iter().filter(is_known).map(algorithm).collect()
}

impl PkixAlgorithm {
    /// Whether it applies to this kind of key and this scheme.
    pub(crate) fn is_for(&self, kind: KeyKind, scheme: SignatureScheme) -> bool {
        self.verifier.key_kind() == kind && self.verifier.scheme() == scheme
    }

    /// Checks a signature. `public_key` is the contents of the bit string of a `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// As [`SignatureVerifier::verify`].
    pub(crate) fn verify(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        self.authorities.verify(&*self.verifier, public_key, message, signature)
    }

    /// The number of authority keys that have been loaded.
    #[cfg(all(test, feature = "std"))]
    pub(crate) fn authorities_read(&self) -> usize {
        self.authorities.read()
    }

    /// A unique name of the algorithm.
    pub(crate) fn name(&self) -> String {
        alloc::format!("{} {}", self.verifier.key_kind(), self.verifier.scheme())
    }
}

impl fmt::Debug for PkixAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.verifier.fmt(f)
    }
}
