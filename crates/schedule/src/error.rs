//! Errors of the key schedule.

use cairn_crypto::{CryptoError, HashAlgorithm};
use core::fmt;

/// An error of the key schedule. The peer causes none of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScheduleError {
    /// A primitive failed.
    Crypto(CryptoError),
    /// The transcript hash was requested before [`Transcript::choose_hash`](crate::Transcript::choose_hash).
    HashNotChosen,
    /// Another hash function has been chosen for the transcript.
    OtherHashChosen(HashAlgorithm),
    /// The provider does not support this hash function or its HMAC.
    HashNotOffered(HashAlgorithm),
    /// The handshake messages are needed, but the transcript discarded them.
    MessagesDiscarded,
    /// The exporter label is reserved for TLS itself (RFC 5705 section 4).
    LabelReserved,
    /// The exporter context is longer than 65535 bytes (RFC 5705 section 4).
    ContextTooLong {
        /// Its length in bytes.
        length: usize,
    },
}

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crypto(error) => error.fmt(f),
            Self::HashNotChosen => f.write_str("the hash function of the transcript has not been chosen"),
            Self::OtherHashChosen(hash) => write!(f, "the transcript already uses {hash}"),
            Self::HashNotOffered(hash) => write!(f, "the provider does not support {hash}"),
            Self::MessagesDiscarded => {
                f.write_str("the transcript has already discarded the handshake messages")
            }
            Self::LabelReserved => {
                f.write_str("the exporter label is reserved for TLS itself (RFC 5705 section 4)")
            }
            Self::ContextTooLong { length } => {
                write!(
                    f,
                    "the exporter context has {length} bytes, expected at most 65535 (RFC 5705 section 4)"
                )
            }
        }
    }
}

impl core::error::Error for ScheduleError {}

impl From<CryptoError> for ScheduleError {
    fn from(error: CryptoError) -> Self {
        Self::Crypto(error)
    }
}
