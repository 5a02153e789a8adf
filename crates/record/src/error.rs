//! Errors of the record layer.

use crate::sniff::LooksLike;
use cairn_crypto::{AeadAlgorithm, BlockCipherAlgorithm, CryptoError, HashAlgorithm};
#[cfg(doc)]
use cairn_schedule::Gate;
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

    /// Application data at a time when the handshake does not permit it ([`Gate::Closed`]).
    UnexpectedApplicationData,

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

/// Defines the alert, the section and the words of each error from one table. A row is a pattern, the alert
/// to send, the RFC section that applies, and a format string that may use the names of the pattern.
macro_rules! error_table {
    ($( $variant:ident $({ $($field:tt)* })? $(($($value:tt)*))? =>
        $alert:expr, $section:expr, $words:literal $(, $argument:expr)*; )*) => {
        #[allow(unused_variables, reason = "most names of a pattern are for the words alone")]
        impl RecordError {
            /// The alert to send in response to this error (RFC 5246 section 7.2.2). `None` for misuse of
            /// this crate, and for an exhausted key, after which the connection should be closed with
            /// `close_notify`.
            #[must_use]
            pub const fn alert(&self) -> Option<AlertDescription> {
                match self {
                    $( Self::$variant $({ $($field)* })? $(($($value)*))? => $alert, )*
                }
            }

            /// The RFC section that the error refers to, or `None` if no RFC is violated.
            #[must_use]
            pub const fn section(&self) -> Option<&'static str> {
                match self {
                    $( Self::$variant $({ $($field)* })? $(($($value)*))? => $section, )*
                }
            }
        }

        impl fmt::Display for Words<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0 {
                    $( RecordError::$variant $({ $($field)* })? $(($($value)*))? => {
                        write!(f, $words $(, $argument)*)
                    } )*
                }
            }
        }
    };
}

const UNEXPECTED_MESSAGE: Option<AlertDescription> = Some(AlertDescription::UNEXPECTED_MESSAGE);
const PROTOCOL_VERSION: Option<AlertDescription> = Some(AlertDescription::PROTOCOL_VERSION);
const RECORD_OVERFLOW: Option<AlertDescription> = Some(AlertDescription::RECORD_OVERFLOW);
const BAD_RECORD_MAC: Option<AlertDescription> = Some(AlertDescription::BAD_RECORD_MAC);
const INTERNAL_ERROR: Option<AlertDescription> = Some(AlertDescription::INTERNAL_ERROR);

error_table! {
    NotTls { looks_like: LooksLike::Sslv2 } => PROTOCOL_VERSION, Some("RFC 6176 section 3"),
        "expected a TLS record, got an SSL 2.0 ClientHello";
    NotTls { looks_like } => UNEXPECTED_MESSAGE, Some("RFC 5246 section 6.2.1"),
        "expected a TLS record, got {looks_like}";
    UnknownContentType { content_type } => UNEXPECTED_MESSAGE, Some("RFC 5246 section 6.2.1"),
        "expected a content type from 20 to 23, got {}", content_type.0;
    WrongVersion { expected: Some(expected), got } => PROTOCOL_VERSION, Some("RFC 5246 section 6.2.1"),
        "expected a record of version {expected}, got {got}";
    WrongVersion { expected: None, got } => PROTOCOL_VERSION, Some("RFC 5246 appendix E.1"),
        "expected a record of any TLS version (0x03xx), got {got}";
    CiphertextTooLong { length, max } => RECORD_OVERFLOW, Some("RFC 5246 section 6.2.3"),
        "expected a protected fragment of at most {max} bytes, got {length}";
    PlaintextTooLong { length, max } => RECORD_OVERFLOW, Some("RFC 5246 section 6.2.1"),
        "expected a fragment of at most {max} bytes, got {length}";
    BadRecordMac => BAD_RECORD_MAC, Some("RFC 5246 section 6.2.3"),
        "the record failed authentication";
    // RFC 5246 names no alert for an empty fragment. RFC 8446 section 5.4 does, for the same rule.
    EmptyFragment { content_type } => UNEXPECTED_MESSAGE, Some("RFC 5246 section 6.2.1"),
        "expected a nonempty record of type {content_type}, got an empty one";
    TooManyEmptyRecords { max } => UNEXPECTED_MESSAGE, None,
        "expected at most {max} consecutive empty records, got more";
    TooManyWarnings { max } => UNEXPECTED_MESSAGE, None,
        "expected at most {max} consecutive warning alerts, got more";
    UnexpectedApplicationData => UNEXPECTED_MESSAGE, Some("RFC 5246 section 7.4.9"),
        "expected no application data before the handshake is complete, got some";
    Crypto(error) => INTERNAL_ERROR, None, "{error}";
    SequenceExhausted => INTERNAL_ERROR, Some("RFC 5246 section 6.1"),
        "the sequence number of received records would wrap";
    KeyExhausted { limit } => None, Some("RFC 8446 section 5.5"),
        "the key has reached its limit of {limit} records; open a new connection";
    AeadNotOffered(algorithm) => INTERNAL_ERROR, None, "the provider does not support {algorithm}";
    BlockCipherNotOffered(cipher) => INTERNAL_ERROR, None, "the provider does not support {cipher}";
    HmacNotOffered(hash) => INTERNAL_ERROR, None, "the provider does not support HMAC with {hash}";
    CompressionNotOffered(hash) => INTERNAL_ERROR, None,
        "the provider does not expose the compression function of {hash}, needed to open CBC records \
         with MAC-then-encrypt in constant time";
    ProtectionUnknown(protection) => INTERNAL_ERROR, None,
        "this build does not support record protection with {protection}; CBC and NULL need the cargo \
         feature `legacy`";
    OutOfMemory => INTERNAL_ERROR, None, "out of memory";
    WrongDirection { got: Direction::Read } => None, None,
        "expected keys for writing, got keys for reading";
    WrongDirection { got: Direction::Write } => None, None,
        "expected keys for reading, got keys for writing";
    EpochNotAfter { current, got } => None, None,
        "expected keys for an epoch after {current}, got epoch {got}";
    GateClosed => None, Some("RFC 5246 section 7.4.9"),
        "application data must wait until the handshake is complete";
    NoKeys => None, Some("RFC 5246 section 7.4.9"),
        "application data must not be sent or received without keys";
    EpochNotCurrent { current, got } => None, None,
        "expected application data in epoch {current}, whose keys are in use, got epoch {got}";
    BufferTooSmall { needed, got } => None, None,
        "expected a buffer of at least {needed} bytes, got {got}";
    PayloadTooLong { length, max } => None, None,
        "expected a payload of at most {max} bytes for one record, got {length}";
    EmptyPayload { content_type } => None, Some("RFC 5246 section 6.2.1"),
        "expected a nonempty payload of type {content_type}, got an empty one";
}

/// The words of an error without its section.
struct Words<'a>(&'a RecordError);

impl RecordError {
    /// The message without the section that [`Display`](fmt::Display) appends, for a message that states
    /// [`RecordError::section`] itself.
    #[must_use]
    pub const fn words(&self) -> impl fmt::Display + '_ {
        Words(self)
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.section() {
            Some(section) => write!(f, "{} ({section})", self.words()),
            None => self.words().fmt(f),
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
