//! Shared test code: the inputs of `tests/vectors.sh`, and HMAC implementations for tests.

use crate::master_secret::Randoms;
use alloc::{boxed::Box, sync::Arc};
use cairn_crypto::{Algorithm, CryptoError, Hash, HashAlgorithm, HashOutput, Hmac, HmacKey, Tls12Prf};
use cairn_wire::Random;

/// The PRF hashes of TLS 1.2 suites.
pub(crate) const HASHES: [HashAlgorithm; 2] = [HashAlgorithm::Sha256, HashAlgorithm::Sha384];

/// The premaster secret and master secret of `tests/vectors.sh`: the bytes 0 to 47.
pub(crate) fn secret() -> [u8; 48] {
    core::array::from_fn(|i| u8::try_from(i).unwrap())
}

/// The randoms of `tests/vectors.sh`.
pub(crate) const RANDOMS: Randoms = Randoms { client: Random([0xc1; 32]), server: Random([0x5e; 32]) };

pub(crate) fn hmac(algorithm: HashAlgorithm) -> Arc<dyn Hmac> {
    Arc::clone(cairn_provider_aws_lc::provider().hmac(algorithm).unwrap())
}

pub(crate) fn hash(algorithm: HashAlgorithm) -> Arc<dyn Hash> {
    Arc::clone(cairn_provider_aws_lc::provider().hash(algorithm).unwrap())
}

/// The transcript hash of `tests/vectors.sh`.
pub(crate) fn hash_of_abc(algorithm: HashAlgorithm) -> HashOutput {
    hash(algorithm).hash(&[b"abc"]).unwrap()
}

/// An HMAC that fails after the given number of calls.
pub(crate) struct Failing(pub(crate) usize);

impl Algorithm for Failing {
    fn implementation(&self) -> &'static str {
        "tests"
    }
}

impl Hmac for Failing {
    fn hash_algorithm(&self) -> HashAlgorithm {
        HashAlgorithm::Sha256
    }

    fn key(&self, _: &[u8]) -> Result<Box<dyn HmacKey>, CryptoError> {
        let left = self.0.checked_sub(1).ok_or(CryptoError::Failed)?;
        Ok(Box::new(FailingKey(core::sync::atomic::AtomicUsize::new(left))))
    }
}

struct FailingKey(core::sync::atomic::AtomicUsize);

impl HmacKey for FailingKey {
    fn sign(&self, _: &[&[u8]], tag: &mut [u8]) -> Result<(), CryptoError> {
        use core::sync::atomic::Ordering::SeqCst;
        let left = self.0.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
        tag.fill(7);
        left.map(|_| ()).map_err(|_| CryptoError::Failed)
    }
}

/// An HMAC of a module that performs the whole PRF. Its "PRF" repeats secret, label and seed, so that tests
/// can see the inputs.
pub(crate) struct Composite;

impl Algorithm for Composite {
    fn implementation(&self) -> &'static str {
        "tests"
    }
}

impl Hmac for Composite {
    fn hash_algorithm(&self) -> HashAlgorithm {
        HashAlgorithm::Sha256
    }

    fn key(&self, _: &[u8]) -> Result<Box<dyn HmacKey>, CryptoError> {
        Err(CryptoError::Unsupported)
    }

    fn tls12_prf(&self) -> Option<&dyn Tls12Prf> {
        Some(self)
    }
}

impl Tls12Prf for Composite {
    fn expand(&self, secret: &[u8], label: &[u8], seed: &[&[u8]], out: &mut [u8]) -> Result<(), CryptoError> {
        let all = [secret, label, &seed.concat()].concat();
        for (to, from) in out.iter_mut().zip(all.iter().cycle()) {
            *to = *from;
        }
        Ok(())
    }
}
