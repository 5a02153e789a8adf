//! Errors of the record layer.

use crate::LooksLike;
use cairn_crypto::{AeadAlgorithm, BlockCipherAlgorithm, CryptoError, HashAlgorithm};
use cairn_schedule::{Direction, Epoch, Protection};
use cairn_wire::{AlertDescription, ContentType, ProtocolVersion};
use core::fmt;

/// An error in opening or sealing a record.
///
/// The variants come in four groups: errors that the peer causes, which [`RecordError::alert`] maps to
/// alerts; errors of the provider; exhausted keys; and misuse of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// The first bytes of the connection are not a TLS record.
    NotTls {
        /// The protocol that they resemble.
        looks_like: LooksLike,
    },
    /// The content type is not defined in TLS 1.2 (RFC 5246 section 6.2.1).
    UnknownContentType {
        /// The content type received.
        content_type: ContentType,
    },
    /// The record has an unexpected protocol version (RFC 5246 section 6.2.1 and appendix E.1).
    WrongVersion {
        /// The negotiated version. `None` before negotiation, when any version from 3.0 to 3.255 is accepted.
        expected: Option<ProtocolVersion>,
        /// The version received.
        got: ProtocolVersion,
    },
    /// The header announces a protected fragment that is longer than any that the sender may produce with
    /// these keys.
    CiphertextTooLong {
        /// Its length in bytes.
        length: usize,
        /// The maximum length in bytes.
        max: usize,
    },
    /// The plaintext of the fragment is too long.
    PlaintextTooLong {
        /// Its length in bytes.
        length: usize,
        /// The maximum length in bytes.
        max: usize,
    },
    /// The record cannot be authenticated: it was modified, was sealed with other keys, or has invalid
    /// padding or an impossible length. A single error covers all of these, so that it does not reveal which
    /// one occurred.
    BadRecordMac,
    /// An empty fragment whose content type does not permit one.
    EmptyFragment {
        /// The content type.
        content_type: ContentType,
    },
    /// There were more consecutive empty records than
    /// [`RecordLimits::max_empty_records`](crate::RecordLimits) permits.
    TooManyEmptyRecords {
        /// The maximum number.
        max: u16,
    },
    /// There were more consecutive warning alerts than
    /// [`RecordLimits::max_warning_alerts`](crate::RecordLimits) permits.
    TooManyWarnings {
        /// The maximum number.
        max: u16,
    },

    /// A primitive failed.
    Crypto(CryptoError),

    /// The sequence number of the received records would wrap. The peer should have closed the connection
    /// long before.
    SequenceExhausted,
    /// The key has reached its usage limit and must not seal another record of this type. The last few
    /// records are reserved for alerts, so alerts may still be sealed for a while.
    KeyExhausted {
        /// The maximum number of records under one key, including those reserved for alerts.
        limit: u64,
    },

    /// The provider does not support the AEAD of this cipher suite.
    AeadNotOffered(AeadAlgorithm),
    /// The provider does not support the block cipher of this cipher suite.
    BlockCipherNotOffered(BlockCipherAlgorithm),
    /// The provider does not support HMAC with the hash of this cipher suite.
    HmacNotOffered(HashAlgorithm),
    /// The provider does not expose the compression function of this hash
    /// ([`cairn_crypto::Hash::compression`]). Without it, CBC records that use MAC-then-encrypt cannot be
    /// opened in constant time. Encrypt-then-MAC (RFC 7366) does not need it.
    CompressionNotOffered(HashAlgorithm),
    /// This build does not support this record protection: CBC and NULL need the feature `legacy`.
    ProtectionUnknown(Protection),
    /// The keys are for the other direction.
    WrongDirection {
        /// The direction of the keys.
        got: Direction,
    },
    /// The epoch of the keys is not later than the current one. Using the same keys again would repeat
    /// nonces.
    EpochNotAfter {
        /// The current epoch.
        current: Epoch,
        /// The epoch of the keys.
        got: Epoch,
    },
    /// A buffer is too small.
    BufferTooSmall {
        /// The minimum length in bytes.
        needed: usize,
        /// Its length in bytes.
        got: usize,
    },
    /// A payload does not fit into one record.
    PayloadTooLong {
        /// Its length in bytes.
        length: usize,
        /// The maximum length in bytes.
        max: usize,
    },
    /// An empty payload whose content type does not permit one.
    EmptyPayload {
        /// The content type.
        content_type: ContentType,
    },
    /// Memory for the records could not be allocated.
    OutOfMemory,
}

impl RecordError {
    /// The alert to send in response to this error (RFC 5246 section 7.2.2). `None` for misuse of this crate,
    /// and for an exhausted key, after which the connection should be closed with `close_notify`.
    #[must_use]
    pub const fn alert(&self) -> Option<AlertDescription> {
        match self {
            Self::NotTls { looks_like: LooksLike::Sslv2 } | Self::WrongVersion { .. } => {
                Some(AlertDescription::PROTOCOL_VERSION)
            }
            // RFC 5246 names no alert for empty fragments. RFC 8446 section 5.4 does, for the same rule.
            Self::NotTls { .. }
            | Self::UnknownContentType { .. }
            | Self::EmptyFragment { .. }
            | Self::TooManyEmptyRecords { .. }
            | Self::TooManyWarnings { .. } => Some(AlertDescription::UNEXPECTED_MESSAGE),
            Self::CiphertextTooLong { .. } | Self::PlaintextTooLong { .. } => {
                Some(AlertDescription::RECORD_OVERFLOW)
            }
            Self::BadRecordMac => Some(AlertDescription::BAD_RECORD_MAC),
            Self::Crypto(_)
            | Self::SequenceExhausted
            | Self::AeadNotOffered(_)
            | Self::BlockCipherNotOffered(_)
            | Self::HmacNotOffered(_)
            | Self::CompressionNotOffered(_)
            | Self::ProtectionUnknown(_)
            | Self::OutOfMemory => Some(AlertDescription::INTERNAL_ERROR),
            Self::KeyExhausted { .. }
            | Self::WrongDirection { .. }
            | Self::EpochNotAfter { .. }
            | Self::BufferTooSmall { .. }
            | Self::PayloadTooLong { .. }
            | Self::EmptyPayload { .. } => None,
        }
    }

    /// The RFC section that the record violates, or `None` if the error is not a violation of an RFC.
    #[must_use]
    pub const fn section(&self) -> Option<&'static str> {
        match self {
            Self::NotTls { looks_like: LooksLike::Sslv2 } => Some("RFC 6176 section 3"),
            Self::NotTls { .. }
            | Self::UnknownContentType { .. }
            | Self::PlaintextTooLong { .. }
            | Self::EmptyFragment { .. }
            | Self::EmptyPayload { .. } => Some("RFC 5246 section 6.2.1"),
            Self::WrongVersion { expected: Some(_), .. } => Some("RFC 5246 section 6.2.1"),
            Self::WrongVersion { expected: None, .. } => Some("RFC 5246 appendix E.1"),
            Self::CiphertextTooLong { .. } => Some("RFC 5246 section 6.2.3"),
            Self::BadRecordMac => Some("RFC 5246 section 6.2.3"),
            Self::SequenceExhausted => Some("RFC 5246 section 6.1"),
            Self::KeyExhausted { .. } => Some("RFC 8446 section 5.5"),
            _ => None,
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTls { looks_like } => {
                write!(f, "expected a TLS record, got {looks_like}")
            }
            Self::UnknownContentType { content_type } => {
                write!(f, "expected a content type from 20 to 23, got {}", content_type.0)
            }
            Self::WrongVersion { expected: Some(expected), got } => {
                write!(f, "expected a record of version {expected}, got {got}")
            }
            Self::WrongVersion { expected: None, got } => {
                write!(f, "expected a record of any TLS version (0x03xx), got {got}")
            }
            Self::CiphertextTooLong { length, max } => {
                write!(f, "expected a protected fragment of at most {max} bytes, got {length}")
            }
            Self::PlaintextTooLong { length, max } => {
                write!(f, "expected a fragment of at most {max} bytes, got {length}")
            }
            Self::BadRecordMac => f.write_str("the record failed authentication"),
            Self::EmptyFragment { content_type } => {
                write!(f, "expected a nonempty record of type {content_type}, got an empty one")
            }
            Self::TooManyEmptyRecords { max } => {
                write!(f, "expected at most {max} consecutive empty records, got more")
            }
            Self::TooManyWarnings { max } => {
                write!(f, "expected at most {max} consecutive warning alerts, got more")
            }
            Self::Crypto(error) => error.fmt(f),
            Self::SequenceExhausted => f.write_str("the sequence number of received records would wrap"),
            Self::KeyExhausted { limit } => {
                write!(f, "the key has reached its limit of {limit} records")
            }
            Self::AeadNotOffered(algorithm) => write!(f, "the provider does not support {algorithm}"),
            Self::BlockCipherNotOffered(cipher) => write!(f, "the provider does not support {cipher}"),
            Self::HmacNotOffered(hash) => write!(f, "the provider does not support HMAC with {hash}"),
            Self::CompressionNotOffered(hash) => write!(
                f,
                "the provider does not expose the compression function of {hash}, needed to open CBC records \
                 with MAC-then-encrypt in constant time"
            ),
            Self::ProtectionUnknown(protection) => write!(
                f,
                "this build does not support record protection with {protection}; CBC and NULL need the \
                 cargo feature `legacy`"
            ),
            Self::WrongDirection { got: Direction::Read } => {
                f.write_str("expected keys for writing, got keys for reading")
            }
            Self::WrongDirection { got: Direction::Write } => {
                f.write_str("expected keys for reading, got keys for writing")
            }
            Self::EpochNotAfter { current, got } => {
                write!(f, "expected keys for an epoch after {current}, got epoch {got}")
            }
            Self::BufferTooSmall { needed, got } => {
                write!(f, "expected a buffer of at least {needed} bytes, got {got}")
            }
            Self::PayloadTooLong { length, max } => {
                write!(f, "expected a payload of at most {max} bytes for one record, got {length}")
            }
            Self::EmptyPayload { content_type } => {
                write!(f, "expected a nonempty payload of type {content_type}, got an empty one")
            }
            Self::OutOfMemory => f.write_str("out of memory"),
        }?;
        match self.section() {
            Some(section) => write!(f, " ({section})"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for RecordError {}

impl From<CryptoError> for RecordError {
    /// A tag mismatch is caused by the peer; all other errors come from the provider.
    fn from(error: CryptoError) -> Self {
        match error {
            CryptoError::BadTag => Self::BadRecordMac,
            other => Self::Crypto(other),
        }
    }
}
