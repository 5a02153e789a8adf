//! What can go wrong in the key schedule.

use cairn_crypto::{CryptoError, HashAlgorithm};
use core::fmt;

/// Why a secret, a key or a hash could not be made. None of these is a fault of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScheduleError {
    /// A primitive failed.
    Crypto(CryptoError),
    /// The transcript was asked for a hash before one was chosen, or for another than was chosen.
    HashNotChosen,
    /// The provider does not offer this hash or its HMAC.
    HashNotOffered(HashAlgorithm),
    /// The bytes of the transcript are needed but were let go.
    TranscriptLetGo,
    /// An exporter label that the protocol uses itself (RFC 5705 section 4).
    LabelReserved,
    /// An exporter context longer than its uint16 length can say (RFC 5705 section 4).
    ContextTooLong {
        /// Its length in bytes.
        length: usize,
    },
}

impl fmt::Display for ScheduleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crypto(error) => error.fmt(f),
            Self::HashNotChosen => f.write_str("the transcript has no such hash yet"),
            Self::HashNotOffered(hash) => write!(f, "the provider does not offer {hash}"),
            Self::TranscriptLetGo => {
                f.write_str("the bytes of the transcript were let go before they were needed")
            }
            Self::LabelReserved => {
                f.write_str("the exporter label is one that TLS uses itself (RFC 5705 section 4)")
            }
            Self::ContextTooLong { length } => {
                write!(f, "the exporter context has {length} bytes, 65535 are allowed (RFC 5705 section 4)")
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
