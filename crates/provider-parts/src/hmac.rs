//! HMAC (RFC 2104) over SHA-1 and SHA-2.

use crate::NAME;
use alloc::{boxed::Box, sync::Arc, vec, vec::Vec};
use cairn_crypto::{Algorithm, CryptoError, HashAlgorithm, Hmac, HmacKey};
use core::marker::PhantomData;
use hmac::digest::{FixedOutput, Output};
use hmac::{EagerHash, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

/// All HMACs in order of preference.
#[must_use]
pub fn all() -> Vec<Arc<dyn Hmac>> {
    vec![
        Arc::new(HmacSha::<Sha256>::new(HashAlgorithm::Sha256)),
        Arc::new(HmacSha::<Sha384>::new(HashAlgorithm::Sha384)),
        Arc::new(HmacSha::<Sha512>::new(HashAlgorithm::Sha512)),
        Arc::new(HmacSha::<Sha1>::new(HashAlgorithm::Sha1)),
    ]
}

/// A RustCrypto HMAC.
struct HmacSha<D> {
    hash: HashAlgorithm,
    digest: PhantomData<fn() -> D>,
}

impl<D> HmacSha<D> {
    fn new(hash: HashAlgorithm) -> Self {
        Self { hash, digest: PhantomData }
    }
}

impl<D> Algorithm for HmacSha<D> {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

/// The bounds on a hash function.
trait Eager: EagerHash<Core: Send + Sync> + 'static {}

impl<D: EagerHash<Core: Send + Sync> + 'static> Eager for D {}

impl<D: Eager> Hmac for HmacSha<D> {
    fn hash_algorithm(&self) -> HashAlgorithm {
        self.hash
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn HmacKey>, CryptoError> {
        Ok(Box::new(Key(keyed::<D>(key)?)))
    }

    fn sign_once(&self, key: &[u8], parts: &[&[u8]], tag: &mut [u8]) -> Result<(), CryptoError> {
        finish(keyed::<D>(key)?, parts, tag)
    }
}

/// The state after both blocks of the key. Keys of any length are valid, so this does not fail.
fn keyed<D: Eager>(key: &[u8]) -> Result<hmac::Hmac<D>, CryptoError> {
    hmac::Hmac::<D>::new_from_slice(key).map_err(|_| CryptoError::Failed)
}

/// Writes the tag of `parts`. The state is erased.
fn finish<D: Eager>(mut mac: hmac::Hmac<D>, parts: &[&[u8]], tag: &mut [u8]) -> Result<(), CryptoError> {
    let got = tag.len();
    let place: &mut Output<hmac::Hmac<D>> = tag.try_into().map_err(|_| {
        let expected = Output::<hmac::Hmac<D>>::default().len();
        CryptoError::WrongLength { expected, got }
    })?;
    for part in parts {
        mac.update(part);
    }
    mac.finalize_into(place);
    Ok(())
}

/// An HMAC state after both blocks of the key. Each message starts from a copy, which is erased on drop.
struct Key<D: EagerHash>(hmac::Hmac<D>);

impl<D: Eager> HmacKey for Key<D> {
    fn sign(&self, parts: &[&[u8]], tag: &mut [u8]) -> Result<(), CryptoError> {
        finish(self.0.clone(), parts, tag)
    }
}

#[cfg(test)]
mod tests;
