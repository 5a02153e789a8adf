//! A hash's compression function, for MACs whose time must not tell how long the message is.

use crate::CryptoError;
use alloc::boxed::Box;
use core::fmt;

/// The compression function of a hash (FIPS 180-4 section 6).
///
/// After CBC decryption the length of the MACed text is a secret. A MAC over it in constant time hashes as many blocks
/// as the longest text would have, and picks the state after the right one; for that it calls the compression function
/// itself. See [`crate::Hash::compression`].
pub trait Compression: Send + Sync {
    /// The state before any block: the initial hash value.
    fn start(&self) -> Box<dyn CompressionState>;
}

/// A hash's chaining state.
pub trait CompressionState: Send {
    /// Takes one block of [`crate::HashAlgorithm::block_len`] bytes, in time that does not depend on its contents.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] for any other length.
    fn compress(&mut self, block: &[u8]) -> Result<(), CryptoError>;

    /// Writes the state in the byte order of the hash's output, of which it is a prefix's worth:
    /// [`crate::HashAlgorithm::output_len`] bytes.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] for any other length of `out`.
    fn write(&self, out: &mut [u8]) -> Result<(), CryptoError>;
}

impl fmt::Debug for dyn Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Compression")
    }
}

impl fmt::Debug for dyn CompressionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CompressionState")
    }
}
