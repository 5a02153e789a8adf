//! Errors of primitives.

use core::fmt;

/// An error of a primitive.
///
/// Some variants are deliberately coarse, because more detail would be an oracle: [`BadTag`](Self::BadTag)
/// and [`BadSignature`](Self::BadSignature) give no reason.
///
/// A primitive does not know which rule of a protocol a bad input violates, so there is no RFC section here.
/// The layers above add it, with the alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CryptoError {
    /// An AEAD tag or a MAC did not match.
    BadTag,
    /// A signature did not verify under the given key, or the key or signature was malformed.
    BadSignature,
    /// A private key could not be read: wrong encoding, unsupported algorithm, or inconsistent parts.
    BadPrivateKey,
    /// A peer's public value is not valid for the group: it has the wrong length, is not on the curve or out
    /// of range, or leads to an all-zero shared secret.
    BadPeerShare,
    /// A key, nonce or buffer has the wrong length for this algorithm.
    WrongLength {
        /// The length that the algorithm requires, in bytes.
        expected: usize,
        /// The actual length, in bytes.
        got: usize,
    },
    /// The input is longer than this algorithm can process.
    InputTooLong,
    /// This provider or key does not support the algorithm or scheme.
    Unsupported,
    /// The source of randomness failed.
    RandomFailed,
    /// The cryptographic module failed: for example hardware is missing, a self-test failed, or memory is
    /// exhausted.
    Failed,
}

impl fmt::Display for CryptoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadTag => f.write_str("authentication tag does not match"),
            Self::BadSignature => f.write_str("signature does not verify"),
            Self::BadPrivateKey => f.write_str(
                "private key cannot be used: unknown encoding or algorithm, or inconsistent parts",
            ),
            Self::BadPeerShare => f.write_str("peer's public value is not valid for the group"),
            Self::WrongLength { expected, got } => {
                write!(f, "wrong length: expected {expected} bytes, got {got}")
            }
            Self::InputTooLong => f.write_str("input is too long for this algorithm"),
            Self::Unsupported => f.write_str("algorithm is not supported by this provider or key"),
            Self::RandomFailed => f.write_str("source of randomness failed"),
            Self::Failed => f.write_str("cryptographic module failed"),
        }
    }
}

impl core::error::Error for CryptoError {}
