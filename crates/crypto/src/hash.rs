//! Hash functions.

use crate::algorithm::Algorithm;
use crate::compression::CompressionFunction;
use crate::error::CryptoError;
use alloc::boxed::Box;
use core::fmt;

/// The hash functions of TLS 1.2 cipher suites and signature schemes (RFC 5246 section 7.4.1.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum HashAlgorithm {
    /// SHA-1 (FIPS 180-4): 20 bytes. For legacy algorithms only.
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

    /// Length of a block of the compression function in bytes, to which HMAC pads its key (RFC 2104).
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

/// The output of a hash function, stored inline. It is not a secret type and is neither erased nor hidden by
/// `Debug`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HashOutput {
    bytes: [u8; MAX_HASH_LEN],
    len: usize,
}

impl HashOutput {
    /// Creates an output of at most [`MAX_HASH_LEN`] bytes.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] if `output` is longer.
    pub fn new(output: &[u8]) -> Result<Self, CryptoError> {
        let mut bytes = [0; MAX_HASH_LEN];
        let len = output.len();
        match bytes.get_mut(..len) {
            Some(place) => place.copy_from_slice(output),
            None => return Err(CryptoError::WrongLength { expected: MAX_HASH_LEN, got: len }),
        }
        Ok(Self { bytes, len })
    }

    /// The [`HashAlgorithm::output_len`] bytes of the output.
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

/// An implementation of a hash function.
pub trait Hash: Algorithm {
    /// The algorithm.
    fn algorithm(&self) -> HashAlgorithm;

    /// Starts a hash computation.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] if the module fails.
    fn start(&self) -> Result<Box<dyn HashContext>, CryptoError>;

    /// Hashes the concatenation of `parts`.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] if the module fails.
    fn hash(&self, parts: &[&[u8]]) -> Result<HashOutput, CryptoError> {
        let mut context = self.start()?;
        for part in parts {
            context.update(part)?;
        }
        context.finish()
    }

    /// The compression function, if the implementation provides it. CBC suites with MAC-then-encrypt need it
    /// to verify the MAC in time independent of the padding length.
    fn compression(&self) -> Option<&dyn CompressionFunction> {
        None
    }
}

/// An incremental hash computation.
pub trait HashContext: Send + Sync {
    /// Hashes `data`.
    ///
    /// # Errors
    /// [`CryptoError::InputTooLong`] if the input exceeds the limit of the hash function;
    /// [`CryptoError::Failed`] if the module fails.
    fn update(&mut self, data: &[u8]) -> Result<(), CryptoError>;

    /// Clones the context. The transcript needs hashes of several prefixes (RFC 5246 section 7.4.9), which
    /// this makes incremental.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] if the module fails.
    fn fork(&self) -> Result<Box<dyn HashContext>, CryptoError>;

    /// The hash of the input so far, without ending the computation. The default forks the context; override
    /// it if the module can copy its state more cheaply.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] if the module fails.
    fn so_far(&self) -> Result<HashOutput, CryptoError> {
        self.fork()?.finish()
    }

    /// The hash of all input.
    ///
    /// # Errors
    /// [`CryptoError::Failed`] if the module fails.
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
    fn hash_output_keeps_its_length_up_to_the_maximum() {
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
