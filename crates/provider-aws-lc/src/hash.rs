//! SHA-1 and SHA-2 (FIPS 180-4).

use crate::name::NAME;
use alloc::boxed::Box;
use aws_lc_rs::digest;
use cairn_crypto::{
    Algorithm, CompressionFunction, CryptoError, Hash, HashAlgorithm, HashContext, HashOutput,
};
use cairn_provider_parts::compression;

/// An AWS-LC hash function.
pub(crate) struct Sha {
    algorithm: HashAlgorithm,
    inner: &'static digest::Algorithm,
    compression: &'static dyn CompressionFunction,
}

pub(crate) const SHA1: Sha = Sha {
    algorithm: HashAlgorithm::Sha1,
    inner: &digest::SHA1_FOR_LEGACY_USE_ONLY,
    compression: compression::SHA1,
};
pub(crate) const SHA256: Sha =
    Sha { algorithm: HashAlgorithm::Sha256, inner: &digest::SHA256, compression: compression::SHA256 };
pub(crate) const SHA384: Sha =
    Sha { algorithm: HashAlgorithm::Sha384, inner: &digest::SHA384, compression: compression::SHA384 };
pub(crate) const SHA512: Sha =
    Sha { algorithm: HashAlgorithm::Sha512, inner: &digest::SHA512, compression: compression::SHA512 };

impl Algorithm for Sha {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl Hash for Sha {
    fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    fn start(&self) -> Result<Box<dyn HashContext>, CryptoError> {
        Ok(Box::new(Context(digest::Context::new(self.inner))))
    }

    fn hash(&self, parts: &[&[u8]]) -> Result<HashOutput, CryptoError> {
        // Neither path allocates a `Context`. Most calls have a single part.
        let digest = match parts {
            [part] => digest::digest(self.inner, part),
            parts => {
                let mut context = digest::Context::new(self.inner);
                for part in parts {
                    context.update(part);
                }
                context.finish()
            }
        };
        HashOutput::new(digest.as_ref())
    }

    fn compression(&self) -> Option<&dyn CompressionFunction> {
        Some(self.compression)
    }
}

// The operations of `digest::Context` are infallible unless memory is exhausted. No caller can reach the
// maximum input length (2^61 bytes for SHA-256).
struct Context(digest::Context);

impl HashContext for Context {
    fn update(&mut self, data: &[u8]) -> Result<(), CryptoError> {
        self.0.update(data);
        Ok(())
    }

    fn fork(&self) -> Result<Box<dyn HashContext>, CryptoError> {
        Ok(Box::new(Self(self.0.clone())))
    }

    fn so_far(&self) -> Result<HashOutput, CryptoError> {
        HashOutput::new(self.0.clone().finish().as_ref())
    }

    fn finish(self: Box<Self>) -> Result<HashOutput, CryptoError> {
        HashOutput::new(self.0.finish().as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    #[test]
    fn fips_180_examples() {
        let abc1 = hex!("a9993e364706816aba3e25717850c26c9cd0d89d");
        let abc256 = hex!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let abc384 = hex!(
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
            "8086072ba1e7cc2358baeca134c825a7"
        );
        let abc512 = hex!(
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        );
        for (hash, expected) in [(SHA1, &abc1[..]), (SHA256, &abc256), (SHA384, &abc384), (SHA512, &abc512)] {
            assert_eq!(hash.hash(&[b"abc"]).unwrap().as_bytes(), expected);
            assert_eq!(hash.hash(&[b"", b"a", b"bc", b""]).unwrap().as_bytes(), expected);
            assert_eq!(expected.len(), hash.algorithm().output_len());
        }
    }

    #[test]
    fn hash_of_the_empty_message() {
        let expected = hex!("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(SHA256.hash(&[]).unwrap().as_bytes(), expected);
        assert_eq!(SHA256.start().unwrap().finish().unwrap().as_bytes(), expected);
    }

    #[test]
    fn forks_are_independent() {
        for hash in [SHA1, SHA256, SHA384, SHA512] {
            let mut left = hash.start().unwrap();
            left.update(b"common ").unwrap();
            let mut right = left.fork().unwrap();
            assert_eq!(left.so_far(), hash.hash(&[b"common "]));
            left.update(b"left").unwrap();
            right.update(b"right").unwrap();
            assert_eq!(left.finish(), hash.hash(&[b"common left"]));
            assert_eq!(right.finish(), hash.hash(&[b"common right"]));
        }
    }
}
