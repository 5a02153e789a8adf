//! What can be wrong with bytes that are read, and with values that are written.

use core::fmt;

use crate::{AlertDescription, ExtensionType};

/// Why bytes could not be decoded, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeError {
    /// What is wrong.
    pub kind: DecodeErrorKind,
    /// Where, in bytes from the start of the outermost input (see [`Reader::at`](crate::Reader::at)).
    pub offset: usize,
    /// The field that was being read, by the name that the RFC gives it.
    pub what: &'static str,
}

/// The ways in which bytes can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The input ends within the field.
    Truncated {
        /// Bytes that the field needs.
        needed: usize,
        /// Bytes that are there.
        have: usize,
    },
    /// Bytes follow where the structure should end.
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// A vector's length is outside its bounds `<min..max>`.
    LengthOutOfRange {
        /// The length found, in bytes.
        length: usize,
        /// The least length allowed, in bytes.
        min: usize,
        /// The greatest length allowed, in bytes.
        max: usize,
    },
    /// A vector's length is not a whole number of elements.
    LengthNotMultiple {
        /// The length found, in bytes.
        length: usize,
        /// The size of an element, in bytes.
        of: usize,
    },
    /// The field is well formed, and its value is not allowed there.
    IllegalValue {
        /// The value found.
        value: u32,
    },
    /// An extension comes a second time in one block (RFC 5246 section 7.4.1.4, RFC 8446 section 4.2).
    DuplicateExtension {
        /// The extension.
        extension_type: ExtensionType,
    },
    /// A list that may hold each kind of entry once holds one a second time (RFC 6066 section 3).
    DuplicateEntry {
        /// The code of the entry's kind.
        value: u32,
    },
    /// The message does not exist in the key exchange that was agreed (RFC 5246 section 7.4.3).
    NotInKeyExchange,
}

impl DecodeError {
    pub(crate) const fn new(kind: DecodeErrorKind, offset: usize, what: &'static str) -> Self {
        Self { kind, offset, what }
    }

    /// The alert that tells the peer: `illegal_parameter` where the field is well formed and its value is not allowed,
    /// `unexpected_message` for a message that has no place in the key exchange, and `decode_error` for all else
    /// (RFC 5246 section 7.2.2).
    #[must_use]
    pub const fn alert(&self) -> AlertDescription {
        match self.kind {
            DecodeErrorKind::IllegalValue { .. } | DecodeErrorKind::DuplicateEntry { .. } => {
                AlertDescription::ILLEGAL_PARAMETER
            }
            DecodeErrorKind::NotInKeyExchange => AlertDescription::UNEXPECTED_MESSAGE,
            _ => AlertDescription::DECODE_ERROR,
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at offset {}: {}", self.what, self.offset, self.kind)
    }
}

impl core::error::Error for DecodeError {}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Truncated { needed, have } => write!(f, "expected {needed} bytes, have {have}"),
            Self::TrailingBytes { count } => write!(f, "expected the end, {count} more bytes follow"),
            Self::LengthOutOfRange { length, min, max } if min == max => {
                write!(f, "expected a length of {min} bytes, got {length}")
            }
            Self::LengthOutOfRange { length, min, max } => {
                write!(f, "expected a length of {min} to {max} bytes, got {length}")
            }
            Self::LengthNotMultiple { length, of } => {
                write!(f, "expected a length that is a multiple of {of}, got {length}")
            }
            Self::IllegalValue { value } => write!(f, "the value {value} ({value:#x}) is not allowed here"),
            Self::DuplicateExtension { extension_type } => {
                write!(f, "the extension {extension_type} comes a second time")
            }
            Self::DuplicateEntry { value } => write!(f, "an entry of kind {value} comes a second time"),
            Self::NotInKeyExchange => f.write_str("the message does not exist in this key exchange"),
        }
    }
}

/// Why a value could not be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// The buffer is too small.
    BufferFull {
        /// Bytes that the buffer would have to hold, up to and with the field that did not fit.
        needed: usize,
        /// Bytes that the buffer holds.
        capacity: usize,
    },
    /// A field is longer than the RFC allows.
    TooLong {
        /// The field, by its RFC name.
        what: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The greatest length allowed, in bytes.
        max: usize,
    },
    /// A field is shorter than the RFC allows.
    TooShort {
        /// The field, by its RFC name.
        what: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The least length allowed, in bytes.
        min: usize,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::BufferFull { needed, capacity } => {
                write!(f, "the buffer holds {capacity} bytes, at least {needed} are needed")
            }
            Self::TooLong { what, length, max } => {
                write!(f, "{what}: expected at most {max} bytes, got {length}")
            }
            Self::TooShort { what, length, min } => {
                write!(f, "{what}: expected at least {min} bytes, got {length}")
            }
        }
    }
}

impl core::error::Error for EncodeError {}
