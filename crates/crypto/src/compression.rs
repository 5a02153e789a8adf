//! The compression function of a hash, for MACs whose timing must not depend on the length of the message.

use crate::error::CryptoError;
use alloc::boxed::Box;
use core::fmt;

/// The compression function of a hash (FIPS 180-4 section 6).
///
/// After CBC decryption the length of the MACed text is secret. A constant-time MAC over it processes as many
/// blocks as the longest possible text has, and selects the state after the last block of the actual text.
/// For this it calls the compression function directly. See [`crate::Hash::compression`].
pub trait CompressionFunction: Send + Sync {
    /// The initial hash value.
    fn start(&self) -> Box<dyn CompressionState>;
}

/// The chaining state of a hash.
pub trait CompressionState: Send {
    /// Processes one block of [`crate::HashAlgorithm::block_len`] bytes, in time independent of its content.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] for any other length.
    fn compress(&mut self, block: &[u8]) -> Result<(), CryptoError>;

    /// Writes the first [`crate::HashAlgorithm::output_len`] bytes of the state, in the byte order of the
    /// hash's output.
    ///
    /// # Errors
    /// [`CryptoError::WrongLength`] for any other length of `out`.
    fn write(&self, out: &mut [u8]) -> Result<(), CryptoError>;
}

impl fmt::Debug for dyn CompressionFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CompressionFunction")
    }
}

impl fmt::Debug for dyn CompressionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CompressionState")
    }
}
