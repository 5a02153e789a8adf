//! Hash functions.

use crate::{Algorithm, Compression, CryptoError};
use alloc::boxed::Box;
use core::fmt;

/// The hash functions that TLS 1.2 names in its suites and signature schemes (RFC 5246 section 7.4.1.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum HashAlgorithm {
    /// SHA-1 (FIPS 180-4): 20 bytes. Only for who asks for legacy algorithms by name.
    Sha1,
    /// SHA-256 (FIPS 180-4): 32 bytes.
    Sha256,
    /// SHA-384 (FIPS 180-4): 48 bytes.
    Sha384,
    /// SHA-512 (FIPS 180-4): 64 bytes.
    Sha512,
}

impl HashAlgorithm {
    /// Length of the output in bytes.
    #[must_use]
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Length in bytes of the block that the compression function takes: HMAC pads its key to this (RFC 2104).
    #[must_use]
    pub const fn block_len(self) -> usize {
        match self {
            Self::Sha1 | Self::Sha256 => 64,
            Self::Sha384 | Self::Sha512 => 128,
        }
    }
}

impl fmt::Display for HashAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

/// The longest output of any [`HashAlgorithm`], in bytes.
pub const MAX_HASH_LEN: usize = 64;

/// The output of a hash function, held inline. Not a secret type: hash secrets into a [`crate::Secret`] instead.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HashOutput {
    bytes: [u8; MAX_HASH_LEN],
    len: usize,
}

impl HashOutput {
    /// Copies an output of at most [`MAX_HASH_LEN`] bytes.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] when it is longer.
    pub fn new(output: &[u8]) -> Result<Self, CryptoError> {
        let mut bytes = [0; MAX_HASH_LEN];
        let len = output.len();
        match bytes.get_mut(..len) {
            Some(place) => place.copy_from_slice(output),
            None => return Err(CryptoError::WrongLength { expected: MAX_HASH_LEN, got: len }),
        }
        Ok(Self { bytes, len })
    }

    /// The bytes of the output: [`HashAlgorithm::output_len`] of them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&self.bytes)
    }
}

impl AsRef<[u8]> for HashOutput {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Debug for HashOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashOutput(")?;
        for byte in self.as_bytes() {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}

/// A hash function.
pub trait Hash: Algorithm {
    /// Which one.
    fn algorithm(&self) -> HashAlgorithm;

    /// Begins to hash.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the module cannot.
    fn start(&self) -> Result<Box<dyn HashContext>, CryptoError>;

    /// Hashes the concatenation of `parts` in one call.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the module cannot.
    fn hash(&self, parts: &[&[u8]]) -> Result<HashOutput, CryptoError> {
        let mut context = self.start()?;
        for part in parts {
            context.update(part)?;
        }
        context.finish()
    }

    /// The compression function by itself, where the implementation can give it: CBC suites need it, to check a MAC in
    /// time that does not tell where the padding began.
    fn compression(&self) -> Option<&dyn Compression> {
        None
    }
}

/// A hash under way.
pub trait HashContext: Send + Sync {
    /// Adds bytes.
    ///
    /// # Errors
    /// [`CryptoError::InputTooLong`] past the function's limit, [`CryptoError::Failed`] when the module cannot.
    fn update(&mut self, data: &[u8]) -> Result<(), CryptoError>;

    /// A second context that has hashed the same so far. The transcript needs hashes of its prefixes (RFC 5246
    /// section 7.4.9), and this makes each cost only what is new.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the module cannot.
    fn fork(&self) -> Result<Box<dyn HashContext>, CryptoError>;

    /// The hash of what was added so far; more can be added after it. A module that can copy its state on the stack does
    /// this for less than a fork costs, which is the default.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the module cannot.
    fn so_far(&self) -> Result<HashOutput, CryptoError> {
        self.fork()?.finish()
    }

    /// The hash of all that was added.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] when the module cannot.
    fn finish(self: Box<Self>) -> Result<HashOutput, CryptoError>;
}

impl fmt::Debug for dyn Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}", self.algorithm(), self.implementation())
    }
}

impl fmt::Debug for dyn HashContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashContext")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_keeps_its_length_and_refuses_more_than_the_longest_hash() {
        for len in 0..=MAX_HASH_LEN {
            let bytes = [7; MAX_HASH_LEN];
            assert_eq!(HashOutput::new(&bytes[..len]).map(|o| o.as_bytes().len()), Ok(len));
        }
        assert_eq!(
            HashOutput::new(&[0; 65]),
            Err(CryptoError::WrongLength { expected: MAX_HASH_LEN, got: 65 })
        );
    }
}
