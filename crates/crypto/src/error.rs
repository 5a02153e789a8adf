//! What can go wrong in a primitive.

use core::fmt;

/// Why a primitive refused.
///
/// Deliberately coarse where a finer answer would be an oracle: a tag that does not match and a signature that does
/// not verify say only that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CryptoError {
    /// An AEAD tag or a MAC did not match.
    BadTag,
    /// A signature did not verify under the given key, or the key or signature was malformed.
    BadSignature,
    /// A private key could not be read: wrong encoding, unsupported algorithm, or inconsistent parts.
    BadPrivateKey,
    /// A peer's public value is not valid for the group: wrong length, not on the curve, out of range, or it leads
    /// to an all-zero shared secret.
    BadPeerShare,
    /// A key, nonce or buffer has a length that this algorithm does not take.
    WrongLength {
        /// What the algorithm takes, in bytes.
        expected: usize,
        /// What it was given, in bytes.
        got: usize,
    },
    /// The input is longer than this algorithm can process.
    InputTooLong,
    /// The algorithm or scheme is not offered by this provider or by this key.
    Unsupported,
    /// The source of randomness failed.
    RandomFailed,
    /// A key must not be used any further: its usage limit is reached.
    UsageLimit,
    /// The module itself failed: hardware gone, self-test tripped, out of resources.
    Failed,
}

impl fmt::Display for CryptoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadTag => f.write_str("authentication tag does not match"),
            Self::BadSignature => f.write_str("signature does not verify"),
            Self::BadPrivateKey => {
                f.write_str("private key cannot be used: unknown encoding or algorithm, or inconsistent")
            }
            Self::BadPeerShare => f.write_str("peer's public value is not valid for the group"),
            Self::WrongLength { expected, got } => {
                write!(f, "wrong length: expected {expected} bytes, got {got}")
            }
            Self::InputTooLong => f.write_str("input is too long for this algorithm"),
            Self::Unsupported => f.write_str("algorithm is not offered by this provider or key"),
            Self::RandomFailed => f.write_str("source of randomness failed"),
            Self::UsageLimit => f.write_str("usage limit of the key is reached"),
            Self::Failed => f.write_str("cryptographic module failed"),
        }
    }
}

impl core::error::Error for CryptoError {}
