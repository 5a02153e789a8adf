//! Masks for header protection.

use crate::algorithm::Algorithm;
use crate::error::CryptoError;
use alloc::boxed::Box;
use core::fmt;

/// The algorithms for header protection, which follow from the AEAD of a cipher suite (RFC 9001 section
/// 5.4.1). The encryption of record numbers in DTLS 1.3 uses the same ones (RFC 9147 section 4.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum HeaderProtectionAlgorithm {
    /// AES with a key of 128 bits, for suites with AES-128 (RFC 9001 section 5.4.3).
    Aes128,
    /// AES with a key of 256 bits, for suites with AES-256 (RFC 9001 section 5.4.3).
    Aes256,
    /// ChaCha20, for suites with ChaCha20-Poly1305 (RFC 9001 section 5.4.4).
    ChaCha20,
}

impl HeaderProtectionAlgorithm {
    /// Length of the key in bytes. It is that of the AEAD's key (RFC 9001 section 5.1).
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes256 | Self::ChaCha20 => 32,
        }
    }
}

impl fmt::Display for HeaderProtectionAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aes128 => "AES-128 header protection",
            Self::Aes256 => "AES-256 header protection",
            Self::ChaCha20 => "ChaCha20 header protection",
        })
    }
}

/// An implementation of a header protection algorithm.
pub trait HeaderProtection: Algorithm {
    /// The algorithm.
    fn algorithm(&self) -> HeaderProtectionAlgorithm;

    /// Creates a key for masks.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] unless `key` has [`HeaderProtectionAlgorithm::key_len`] bytes;
    /// [`CryptoError::Failed`] if the module fails.
    fn key(&self, key: &[u8]) -> Result<Box<dyn HeaderProtectionKey>, CryptoError>;
}

/// A key for header protection.
pub trait HeaderProtectionKey: Send + Sync {
    /// The mask for a packet. `sample` is a part of the packet's ciphertext (RFC 9001 section 5.4.2).
    ///
    /// With AES the mask consists of the first bytes of the encrypted sample (section 5.4.3). With ChaCha20
    /// it consists of the first bytes of the key stream whose block counter is the first 4 bytes of the
    /// sample, as a little-endian number, and whose nonce is the other 12 (section 5.4.4).
    ///
    /// # Errors
    /// [`CryptoError::Failed`] if the module fails.
    fn mask(&self, sample: &[u8; 16]) -> Result<[u8; 5], CryptoError>;
}

impl fmt::Debug for dyn HeaderProtection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}", self.algorithm(), self.implementation())
    }
}

impl fmt::Debug for dyn HeaderProtectionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HeaderProtectionKey")
    }
}
