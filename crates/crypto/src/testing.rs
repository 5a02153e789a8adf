//! A key agreement for tests: it has the lengths of a real group, and no security.

use crate::agreement::{Encapsulated, EphemeralKey, KeyAgreement};
use crate::algorithm::Algorithm;
use crate::error::CryptoError;
use crate::random::ProviderRng;
use crate::secret::SecretBytes;
use alloc::{boxed::Box, sync::Arc, vec, vec::Vec};
use cairn_wire::NamedGroup;
use core::sync::atomic::{AtomicU8, Ordering};
use rand_core::TryCryptoRng;

/// A group whose shares are repetitions of one byte. The secret consists of the bytes of both shares. A share
/// of zeros is invalid.
pub(crate) struct Toy {
    pub(crate) group: NamedGroup,
    pub(crate) name: &'static str,
    /// The lengths of the share that is generated and of the answer.
    pub(crate) lengths: (usize, usize),
    /// The number of keys so far.
    pub(crate) keys: AtomicU8,
}

impl Toy {
    pub(crate) fn new(group: NamedGroup, name: &'static str, lengths: (usize, usize)) -> Arc<Self> {
        Arc::new(Self { group, name, lengths, keys: AtomicU8::new(0) })
    }

    /// All parts of the hybrid groups.
    pub(crate) fn parts() -> [Arc<Self>; 5] {
        [
            Self::new(NamedGroup::X25519, "curves", (32, 32)),
            Self::new(NamedGroup::SECP256R1, "curves", (65, 65)),
            Self::new(NamedGroup::SECP384R1, "curves", (97, 97)),
            Self::new(NamedGroup::MLKEM768, "lattices", (1184, 1088)),
            Self::new(NamedGroup::MLKEM1024, "lattices", (1568, 1568)),
        ]
    }

    fn next(&self) -> u8 {
        self.keys.fetch_add(1, Ordering::Relaxed).wrapping_add(1)
    }

    fn secret(ours: u8, theirs: &[u8], length: usize) -> Result<SecretBytes, CryptoError> {
        match theirs.first() {
            Some(first) if theirs.len() == length && *first != 0 => {
                Ok(SecretBytes::from(&[ours.min(*first), ours.max(*first)]))
            }
            _ => Err(CryptoError::BadPeerShare),
        }
    }
}

impl Algorithm for Toy {
    fn implementation(&self) -> &'static str {
        self.name
    }
}

struct ToyKey {
    share: Vec<u8>,
    answer: usize,
}

impl KeyAgreement for Toy {
    fn group(&self) -> NamedGroup {
        self.group
    }

    fn generate(
        &self,
        _: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Box<dyn EphemeralKey>, CryptoError> {
        Ok(Box::new(ToyKey { share: vec![self.next(); self.lengths.0], answer: self.lengths.1 }))
    }

    fn encapsulate(
        &self,
        peer_share: &[u8],
        _: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Encapsulated, CryptoError> {
        let ours = self.next() | 0x80;
        let secret = Self::secret(ours, peer_share, self.lengths.0)?;
        Ok(Encapsulated { share: vec![ours; self.lengths.1], secret })
    }
}

impl EphemeralKey for ToyKey {
    fn share(&self) -> &[u8] {
        &self.share
    }

    fn agree(self: Box<Self>, peer_share: &[u8]) -> Result<SecretBytes, CryptoError> {
        Toy::secret(self.share[0], peer_share, self.answer)
    }
}

/// Calls `test` with a generator that is not used.
pub(crate) fn with_rng<T>(test: impl FnOnce(&mut ProviderRng<'_>) -> T) -> T {
    let random = crate::random::tests::nothing();
    test(&mut ProviderRng(&random))
}
