//! SHA-1 and SHA-2 (FIPS 180-4).

use crate::NAME;
use crate::compression;
use alloc::{boxed::Box, sync::Arc, vec, vec::Vec};
use cairn_crypto::{
    Algorithm, CompressionFunction, CryptoError, Hash, HashAlgorithm, HashContext, HashOutput,
};
use core::marker::PhantomData;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// All hash functions in order of preference.
#[must_use]
pub fn all() -> Vec<Arc<dyn Hash>> {
    vec![
        sha::<Sha256>(HashAlgorithm::Sha256, compression::SHA256),
        sha::<Sha384>(HashAlgorithm::Sha384, compression::SHA384),
        sha::<Sha512>(HashAlgorithm::Sha512, compression::SHA512),
        sha::<Sha1>(HashAlgorithm::Sha1, compression::SHA1),
    ]
}

/// A RustCrypto hash function.
struct Sha<D> {
    algorithm: HashAlgorithm,
    compression: &'static dyn CompressionFunction,
    digest: PhantomData<fn() -> D>,
}

fn sha<D: Digest + Clone + Send + Sync + 'static>(
    algorithm: HashAlgorithm,
    compression: &'static dyn CompressionFunction,
) -> Arc<dyn Hash> {
    Arc::new(Sha::<D> { algorithm, compression, digest: PhantomData })
}

impl<D> Algorithm for Sha<D> {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl<D: Digest + Clone + Send + Sync + 'static> Hash for Sha<D> {
    fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    fn start(&self) -> Result<Box<dyn HashContext>, CryptoError> {
        Ok(Box::new(Context(D::new())))
    }

    fn hash(&self, parts: &[&[u8]]) -> Result<HashOutput, CryptoError> {
        let mut digest = D::new();
        for part in parts {
            digest.update(part);
        }
        HashOutput::new(&digest.finalize())
    }

    fn compression(&self) -> Option<&dyn CompressionFunction> {
        Some(self.compression)
    }
}

// No caller can reach the maximum input length (2^61 bytes for SHA-256).
struct Context<D>(D);

impl<D: Digest + Clone + Send + Sync + 'static> HashContext for Context<D> {
    fn update(&mut self, data: &[u8]) -> Result<(), CryptoError> {
        self.0.update(data);
        Ok(())
    }

    fn fork(&self) -> Result<Box<dyn HashContext>, CryptoError> {
        Ok(Box::new(Self(self.0.clone())))
    }

    fn so_far(&self) -> Result<HashOutput, CryptoError> {
        HashOutput::new(&self.0.clone().finalize())
    }

    fn finish(self: Box<Self>) -> Result<HashOutput, CryptoError> {
        HashOutput::new(&self.0.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    #[test]
    fn fips_180_examples() {
        let abc256 = hex!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let abc384 = hex!(
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
            "8086072ba1e7cc2358baeca134c825a7"
        );
        let abc512 = hex!(
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        );
        let abc1 = hex!("a9993e364706816aba3e25717850c26c9cd0d89d");
        for (hash, expected) in all().iter().zip([&abc256[..], &abc384, &abc512, &abc1]) {
            assert_eq!(hash.hash(&[b"abc"]).unwrap().as_bytes(), expected);
            assert_eq!(hash.hash(&[b"", b"a", b"bc", b""]).unwrap().as_bytes(), expected);
            assert_eq!(expected.len(), hash.algorithm().output_len());
        }
    }

    #[test]
    fn forks_are_independent() {
        for hash in all() {
            let mut left = hash.start().unwrap();
            left.update(b"common ").unwrap();
            let mut right = left.fork().unwrap();
            left.update(b"left").unwrap();
            right.update(b"right").unwrap();
            assert_eq!(left.finish(), hash.hash(&[b"common left"]));
            assert_eq!(right.finish(), hash.hash(&[b"common right"]));
            assert_eq!(hash.start().unwrap().finish(), hash.hash(&[]));
        }
    }
}
