//! Errors of the record layer.

use crate::sniff::LooksLike;
use cairn_crypto::{AeadAlgorithm, BlockCipherAlgorithm, CryptoError, HashAlgorithm};
#[cfg(doc)]
use cairn_schedule::Gate;
use cairn_schedule::{Direction, Epoch, Protection};
use cairn_wire::{ContentType, ProtocolVersion};
use core::fmt;

mod table;

/// An error in opening or sealing a record. The alert, the section and the message of each kind are in its
/// `table`.
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

    /// Application data at a time when the handshake does not permit it ([`Gate::Closed`]).
    UnexpectedApplicationData,

    /// An unprotected record where TLS 1.3 requires protection.
    NotProtected {
        /// Its content type.
        content_type: ContentType,
    },
    /// A TLS 1.3 record without a content type: its plaintext is all zeros.
    NoContentType,
    /// A TLS 1.3 record with a protected content of a type that must not be protected.
    InnerTypeNotAllowed {
        /// The content type.
        content_type: ContentType,
    },
    /// A ChangeCipherSpec without meaning that is not the single byte 1.
    BadChangeCipherSpec,
    /// More ChangeCipherSpec records without meaning than a handshake needs.
    TooManyChangeCipherSpecs {
        /// The maximum number.
        max: u8,
    },

    /// The client sent more early data than may be skipped: see
    /// [`RecordReader::skip_early_data`](crate::RecordReader::skip_early_data).
    TooMuchEarlyData {
        /// The maximum number of bytes, counted with padding and tag.
        max: u32,
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
    /// The handshake does not permit application data now ([`Gate::Closed`]), so none was sealed.
    GateClosed,
    /// Application data cannot be permitted, because there are no keys to protect it.
    NoKeys,
    /// Application data cannot be permitted for an epoch whose keys are not in use.
    EpochNotCurrent {
        /// The current epoch.
        current: Epoch,
        /// The epoch of the gate.
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
    /// The message without the section that [`Display`](fmt::Display) appends, for a message that states
    /// [`RecordError::section`] itself.
    #[must_use]
    pub fn message(&self) -> impl fmt::Display + '_ {
        struct Message<'a>(&'a RecordError);
        impl fmt::Display for Message<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.row(|row| f.write_fmt(row.message))
            }
        }
        Message(self)
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.section() {
            Some(section) => write!(f, "{} ({section})", self.message()),
            None => self.message().fmt(f),
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
