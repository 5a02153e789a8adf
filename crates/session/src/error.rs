//! Errors in encoding, decoding and sealing sessions.

use crate::encode::limits::{ENCODING_VERSION, MAX_CHAIN_LEN};
use cairn_crypto::CryptoError;
use cairn_wire::{CipherSuite, DecodeError, EncodeError};
use core::fmt;

/// An error in encoding, decoding or sealing a session, or in loading a ticket key.
///
/// Do not report these errors to a peer. If a session from a ticket cannot be read, there is no session, and
/// a full handshake follows (RFC 5077 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionError {
    /// A field is longer than the encoding permits.
    Encode(EncodeError),
    /// The bytes are not an encoded session.
    Decode(DecodeError),
    /// The first byte is not [`ENCODING_VERSION`](crate::ENCODING_VERSION).
    UnknownVersion(u8),
    /// Undefined flags are set.
    UnknownFlags(u8),
    /// The key schedule does not support this cipher suite.
    UnknownSuite(CipherSuite),
    /// The session to encode has a record protection that its cipher suite cannot have.
    ProtectionOfAnotherSuite(CipherSuite),
    /// An encoded session has an undefined code of `max_fragment_length` (RFC 6066 section 4).
    MaxFragmentLengthCode(u8),
    /// An encoded session has an undefined kind of reference to it.
    UnknownReference(u8),
    /// An encoded TLS 1.3 session has a PSK that is not as long as the hash of its cipher suite.
    PskLength {
        /// Its length in bytes.
        length: usize,
    },
    /// A client's session cannot be sealed into a ticket: a server issues tickets for its own sessions.
    ClientSession,
    /// The peer's chain is longer than [`MAX_CHAIN_LEN`](crate::MAX_CHAIN_LEN).
    ChainTooLong {
        /// Length of the body of the Certificate message in bytes.
        length: usize,
    },
    /// A primitive failed, or the provider does not support it.
    Crypto(CryptoError),
    /// The bytes do not start like a ticket key of this version.
    NotATicketKey,
    /// A ticket key names an AEAD that is not used for tickets, by its number in IANA's registry (RFC 5116
    /// section 6).
    UnknownTicketAead(u16),
    /// The secret of a ticket key is all zero, as in memory that was never written.
    ZeroTicketKey,
    /// The creation time of a ticket key, in seconds since 1970, is later than a [`UnixTime`] can be.
    ///
    /// [`UnixTime`]: cairn_handshake::UnixTime
    TicketKeyTime(u64),
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encode(error) => error.fmt(f),
            Self::Decode(error) => error.fmt(f),
            Self::UnknownVersion(version) => {
                write!(
                    f,
                    "the session has version {version} of the encoding, expected {}: discard it, a full \
                     handshake creates a new one",
                    ENCODING_VERSION
                )
            }
            Self::UnknownFlags(flags) => write!(f, "unknown flags {flags:#04x} in a session"),
            Self::UnknownSuite(suite) => write!(f, "the cipher suite {suite} of a session is not supported"),
            Self::ProtectionOfAnotherSuite(suite) => {
                write!(f, "the session has a record protection that {suite} cannot have")
            }
            Self::MaxFragmentLengthCode(code) => {
                write!(f, "{code} is not a valid code for max_fragment_length (RFC 6066 section 4)")
            }
            Self::UnknownReference(kind) => write!(f, "unknown kind of reference {kind} in a session"),
            Self::PskLength { length } => {
                write!(
                    f,
                    "the PSK of a session has {length} bytes, expected as many as the hash of its suite has"
                )
            }
            Self::ClientSession => {
                f.write_str("a client's session cannot be sealed into a ticket, only a server's")
            }
            Self::ChainTooLong { length } => {
                write!(f, "the peer's chain has {length} bytes, expected at most {MAX_CHAIN_LEN}")
            }
            Self::Crypto(error) => error.fmt(f),
            Self::NotATicketKey => f.write_str("the bytes are not a ticket key"),
            Self::UnknownTicketAead(number) => write!(f, "AEAD number {number} is not supported for tickets"),
            Self::ZeroTicketKey => f.write_str("the secret of a ticket key is all zero"),
            Self::TicketKeyTime(seconds) => {
                write!(f, "the creation time of a ticket key is out of range: {seconds} seconds since 1970")
            }
        }
    }
}

impl core::error::Error for SessionError {}

impl From<EncodeError> for SessionError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

impl From<CryptoError> for SessionError {
    fn from(error: CryptoError) -> Self {
        Self::Crypto(error)
    }
}

impl From<DecodeError> for SessionError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}
