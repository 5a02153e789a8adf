//! What can go wrong with records.

use crate::LooksLike;
use cairn_crypto::{AeadAlgorithm, BlockCipherAlgorithm, CryptoError, HashAlgorithm};
use cairn_schedule::{Direction, Epoch};
use cairn_wire::{AlertDescription, CipherSuite, ContentType, ProtocolVersion};
use core::fmt;

/// Why a record could not be opened or sealed.
///
/// The first group is the peer's doing, and [`RecordError::alert`] says with which alert to answer. The second is the
/// cryptography's, the third a limit of the keys, and the last is misuse of this crate by its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// The first bytes of the connection are not a TLS record.
    NotTls {
        /// What they might be.
        looks_like: LooksLike,
    },
    /// A content type that TLS 1.2 does not have (RFC 5246 section 6.2.1).
    UnknownContentType {
        /// What came.
        content_type: ContentType,
    },
    /// A version that this connection does not speak (RFC 5246 section 6.2.1 and appendix E.1).
    WrongVersion {
        /// What was negotiated; `None` before, when any version from 3.0 to 3.255 will do.
        expected: Option<ProtocolVersion>,
        /// What came.
        got: ProtocolVersion,
    },
    /// A protected fragment longer than any that these keys could have made, judged by its header alone.
    CiphertextTooLong {
        /// Its length in bytes.
        length: usize,
        /// The greatest length allowed, in bytes.
        max: usize,
    },
    /// A fragment whose plaintext is longer than allowed.
    PlaintextTooLong {
        /// Its length in bytes.
        length: usize,
        /// The greatest length allowed, in bytes.
        max: usize,
    },
    /// The protection of a record does not hold: it was changed on its way, sealed with other keys, has a wrong padding, or
    /// a length that sealing does not give. Deliberately one answer for all of these.
    BadRecordMac,
    /// A fragment without content of a type that must have some.
    EmptyFragment {
        /// Its type.
        content_type: ContentType,
    },
    /// More records without content in a row than [`RecordLimits::max_empty_records`](crate::RecordLimits) bears.
    TooManyEmptyRecords {
        /// How many are borne.
        max: u16,
    },
    /// More alerts in a row that are not fatal than [`RecordLimits::max_warning_alerts`](crate::RecordLimits) bears.
    TooManyWarnings {
        /// How many are borne.
        max: u16,
    },

    /// A primitive failed.
    Crypto(CryptoError),

    /// The sequence number of what is read would wrap; the peer should have made an end long before.
    SequenceExhausted,
    /// The keys must not seal any further record of this kind: the limit of their use is reached. Near it, alerts may
    /// still be sealed when other content may not.
    KeyExhausted {
        /// How many records may be sealed under one key, the few that are kept for alerts included.
        limit: u64,
    },

    /// The provider does not offer the AEAD of this suite.
    AeadNotOffered(AeadAlgorithm),
    /// The provider does not offer the block cipher of this suite.
    BlockCipherNotOffered(BlockCipherAlgorithm),
    /// The provider does not offer HMAC over the hash of this suite.
    HmacNotOffered(HashAlgorithm),
    /// The provider does not give the compression function of the hash ([`cairn_crypto::Hash::compression`]), and without
    /// it CBC records with their MAC inside cannot be opened in constant time. With encrypt-then-MAC (RFC 7366) it is not
    /// needed.
    CompressionNotOffered(HashAlgorithm),
    /// This build does not know how the suite protects records: CBC and NULL need the feature `legacy`.
    ProtectionUnknown(CipherSuite),
    /// Keys for the other direction.
    WrongDirection {
        /// The direction that the keys are for.
        got: Direction,
    },
    /// Keys for an epoch that is not after the current one. To take the same keys again would repeat nonces.
    EpochNotAfter {
        /// The current epoch.
        current: Epoch,
        /// The epoch of the keys.
        got: Epoch,
    },
    /// A buffer that does not hold what it must.
    BufferTooSmall {
        /// The least length in bytes.
        needed: usize,
        /// Its length in bytes.
        got: usize,
    },
    /// A payload that does not fit one record.
    PayloadTooLong {
        /// Its length in bytes.
        length: usize,
        /// The greatest length in bytes.
        max: usize,
    },
    /// A payload of no bytes, of a type that must have some.
    EmptyPayload {
        /// The type.
        content_type: ContentType,
    },
    /// There is no memory for the records.
    OutOfMemory,
}

impl RecordError {
    /// The alert that the error is to be answered with (RFC 5246 section 7.2.2), or `None` where the fault is in how
    /// this crate was called, or where the limit of a key asks for an orderly `close_notify` instead.
    #[must_use]
    pub const fn alert(&self) -> Option<AlertDescription> {
        match self {
            Self::NotTls { looks_like: LooksLike::Sslv2 } | Self::WrongVersion { .. } => {
                Some(AlertDescription::PROTOCOL_VERSION)
            }
            // For empty fragments RFC 5246 names no alert; RFC 8446 section 5.4 does, for the same rule.
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

    /// The section that holds the rule, or `None` where it is no rule of an RFC.
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
                write!(f, "expected a TLS record, got something else: it looks like {looks_like}")
            }
            Self::UnknownContentType { content_type } => {
                write!(f, "expected a content type from 20 to 23, got {}", content_type.0)
            }
            Self::WrongVersion { expected: Some(expected), got } => {
                write!(f, "expected a record of version {expected}, got {got}")
            }
            Self::WrongVersion { expected: None, got } => {
                write!(f, "expected a record of some version of TLS (0x03xx), got {got}")
            }
            Self::CiphertextTooLong { length, max } => {
                write!(f, "expected a protected fragment of at most {max} bytes, got {length}")
            }
            Self::PlaintextTooLong { length, max } => {
                write!(f, "expected a fragment of at most {max} bytes, got {length}")
            }
            Self::BadRecordMac => f.write_str("the record's protection does not hold"),
            Self::EmptyFragment { content_type } => {
                write!(f, "expected content, got an empty record of type {content_type}")
            }
            Self::TooManyEmptyRecords { max } => {
                write!(f, "expected at most {max} empty records in a row, got more")
            }
            Self::TooManyWarnings { max } => {
                write!(f, "expected at most {max} warning alerts in a row, got more")
            }
            Self::Crypto(error) => error.fmt(f),
            Self::SequenceExhausted => f.write_str("the sequence number of what is read would wrap"),
            Self::KeyExhausted { limit } => {
                write!(f, "the key may seal {limit} records, and too few of them are left")
            }
            Self::AeadNotOffered(algorithm) => write!(f, "the provider does not offer {algorithm}"),
            Self::BlockCipherNotOffered(cipher) => write!(f, "the provider does not offer {cipher}"),
            Self::HmacNotOffered(hash) => write!(f, "the provider does not offer HMAC over {hash}"),
            Self::CompressionNotOffered(hash) => write!(
                f,
                "the provider does not give the compression function of {hash}, without which CBC records with their \
                 MAC inside cannot be opened in constant time"
            ),
            Self::ProtectionUnknown(suite) => {
                write!(
                    f,
                    "this build cannot protect records as {suite} does; CBC and NULL need the cargo feature `legacy`"
                )
            }
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
                write!(f, "expected a payload, got none to seal as {content_type}")
            }
            Self::OutOfMemory => f.write_str("no memory for the records"),
        }?;
        match self.section() {
            Some(section) => write!(f, " ({section})"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for RecordError {}

impl From<CryptoError> for RecordError {
    /// A tag that does not match is the peer's doing; all else is the module's.
    fn from(error: CryptoError) -> Self {
        match error {
            CryptoError::BadTag => Self::BadRecordMac,
            other => Self::Crypto(other),
        }
    }
}
