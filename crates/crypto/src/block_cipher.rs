//! Block ciphers in CBC mode.

use crate::algorithm::Algorithm;
use crate::error::CryptoError;
use alloc::boxed::Box;
use core::fmt;

/// The block ciphers of cipher suites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum BlockCipherAlgorithm {
    /// AES with a key of 128 bits (FIPS 197).
    Aes128,
    /// AES with a key of 256 bits (FIPS 197).
    Aes256,
    /// Triple DES with three keys (FIPS 46-3). Its 64-bit blocks make it weak on long connections
    /// (CVE-2016-2183).
    TripleDes,
}

impl BlockCipherAlgorithm {
    /// Length of the key in bytes.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes256 => 32,
            Self::TripleDes => 24,
        }
    }

    /// Length of a block, and of the IV, in bytes.
    #[must_use]
    pub const fn block_len(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes256 => 16,
            Self::TripleDes => 8,
        }
    }
}

impl fmt::Display for BlockCipherAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aes128 => "AES-128-CBC",
            Self::Aes256 => "AES-256-CBC",
            Self::TripleDes => "3DES-EDE-CBC",
        })
    }
}

/// An implementation of a block cipher.
pub trait BlockCipher: Algorithm {
    /// The algorithm.
    fn algorithm(&self) -> BlockCipherAlgorithm;

    /// Creates a key for encryption and decryption.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] unless `key` has [`BlockCipherAlgorithm::key_len`] bytes;
    /// [`CryptoError::Failed`] if the module fails.
    fn key(&self, key: &[u8]) -> Result<Box<dyn BlockCipherKey>, CryptoError>;
}

/// A key of a block cipher, for CBC over whole blocks in place (NIST SP 800-38A section 6.2). The record
/// layer handles padding and MAC. Their verification must take constant time, so these operations must not
/// depend on the data either.
pub trait BlockCipherKey: Send + Sync {
    /// Encrypts whole blocks in place. The IV must be unpredictable (RFC 5246 section 6.2.3.2).
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] unless the IV is one block and `in_out` a whole number of blocks.
    fn encrypt_cbc(&self, iv: &[u8], in_out: &mut [u8]) -> Result<(), CryptoError>;

    /// Decrypts whole blocks in place.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] unless the IV is one block and `in_out` a whole number of blocks.
    fn decrypt_cbc(&self, iv: &[u8], in_out: &mut [u8]) -> Result<(), CryptoError>;
}

impl fmt::Debug for dyn BlockCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}", self.algorithm(), self.implementation())
    }
}

impl fmt::Debug for dyn BlockCipherKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlockCipherKey")
    }
}
