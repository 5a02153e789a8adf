//! Why a session could not be encoded, decoded or sealed.

use cairn_crypto::CryptoError;
use cairn_wire::{CipherSuite, DecodeError, EncodeError};
use core::fmt;

/// Why a session could not be encoded, decoded or sealed, or why a ticket key is none.
///
/// Whoever holds one out to a peer (in a ticket, say) tells it nothing of this: a session that cannot be read is one
/// that is not there, and a full handshake follows (RFC 5077 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionError {
    /// A field is longer than the encoding allows.
    Encode(EncodeError),
    /// The bytes are no session.
    Decode(DecodeError),
    /// The first byte is another version than [`ENCODING_VERSION`](crate::ENCODING_VERSION).
    UnknownVersion(u8),
    /// Bits are set that mean nothing in this version.
    UnknownFlags(u8),
    /// The key schedule does not know this suite.
    UnknownSuite(CipherSuite),
    /// A session to encode has a `max_fragment_length` that is none of the four there are (RFC 6066 section 4).
    MaxFragmentLength(u16),
    /// An encoded session has a code for `max_fragment_length` that is none of the four there are (RFC 6066 section 4).
    MaxFragmentLengthCode(u8),
    /// The peer's chain is longer than [`MAX_CHAIN_LEN`](crate::MAX_CHAIN_LEN).
    ChainTooLong {
        /// The length of the Certificate message's body, in bytes.
        length: usize,
    },
    /// A primitive failed, or the provider does not offer it.
    Crypto(CryptoError),
    /// The bytes begin like no ticket key of this version.
    NotATicketKey,
    /// A ticket key names an AEAD, by its number in IANA's registry (RFC 5116 section 6), that seals no tickets.
    UnknownTicketAead(u16),
    /// A ticket key whose secret is all zero: memory that nobody has filled.
    ZeroTicketKey,
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encode(error) => error.fmt(f),
            Self::Decode(error) => error.fmt(f),
            Self::UnknownVersion(version) => {
                write!(f, "version {version} of the encoding of a session is not known")
            }
            Self::UnknownFlags(flags) => write!(f, "unknown flags {flags:#04x} in a session"),
            Self::UnknownSuite(suite) => write!(f, "the suite {suite} of a session is not known"),
            Self::MaxFragmentLength(length) => {
                write!(f, "{length} is no length that max_fragment_length has (RFC 6066 section 4)")
            }
            Self::MaxFragmentLengthCode(code) => {
                write!(f, "{code} is no code that max_fragment_length has (RFC 6066 section 4)")
            }
            Self::ChainTooLong { length } => {
                write!(f, "the peer's chain has {length} bytes, {} are kept", crate::MAX_CHAIN_LEN)
            }
            Self::Crypto(error) => error.fmt(f),
            Self::NotATicketKey => f.write_str("these bytes are no ticket key"),
            Self::UnknownTicketAead(number) => write!(f, "no tickets are sealed with AEAD number {number}"),
            Self::ZeroTicketKey => f.write_str("the secret of a ticket key is all zero"),
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
