//! Errors of decoding and encoding.

use core::fmt;

use crate::codes::{AlertDescription, ExtensionType};

/// Why bytes could not be decoded, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeError {
    /// The kind of error.
    pub kind: DecodeErrorKind,
    /// The offset of the error in bytes, from the start of the outermost input (see
    /// [`Reader::at`](crate::Reader::at)).
    pub offset: usize,
    /// The RFC's name of the field that was being read.
    pub what: &'static str,
}

/// The kinds of decoding errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The input ends within the field.
    Truncated {
        /// Bytes that the field needs.
        needed: usize,
        /// Bytes that remain.
        have: usize,
    },
    /// Bytes follow the end of the structure.
    TrailingBytes {
        /// The number of extra bytes.
        count: usize,
    },
    /// A vector's length is outside its bounds `<min..max>`.
    LengthOutOfRange {
        /// The length found, in bytes.
        length: usize,
        /// The minimum length, in bytes.
        min: usize,
        /// The maximum length, in bytes.
        max: usize,
    },
    /// A vector's length is not a multiple of the element size.
    LengthNotMultiple {
        /// The length found, in bytes.
        length: usize,
        /// The size of an element, in bytes.
        of: usize,
    },
    /// The field is well formed, but its value is not allowed.
    IllegalValue {
        /// The value found.
        value: u32,
    },
    /// An extension type occurs twice in one block (RFC 5246 section 7.4.1.4, RFC 8446 section 4.2).
    DuplicateExtension {
        /// The extension.
        extension_type: ExtensionType,
    },
    /// A list contains two entries of one type, which may occur once only (RFC 6066 section 3).
    DuplicateEntry {
        /// The code point of the entry's type.
        value: u32,
    },
    /// The negotiated key exchange does not use this message (RFC 5246 section 7.4.3).
    NotInKeyExchange,
}

impl DecodeError {
    pub(crate) const fn new(kind: DecodeErrorKind, offset: usize, what: &'static str) -> Self {
        Self { kind, offset, what }
    }

    /// The alert to send: `illegal_parameter` for a well-formed field whose value is not allowed,
    /// `unexpected_message` for a message that the key exchange does not use, and `decode_error` for all
    /// other errors (RFC 5246 section 7.2.2).
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
            Self::Truncated { needed, have } => write!(f, "expected {needed} bytes, {have} remain"),
            Self::TrailingBytes { count } => write!(f, "expected the end, got {count} more bytes"),
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
                write!(f, "the extension {extension_type} occurs twice")
            }
            Self::DuplicateEntry { value } => write!(f, "an entry of type {value} occurs twice"),
            Self::NotInKeyExchange => f.write_str("the negotiated key exchange does not use this message"),
        }
    }
}

/// An error of encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// The buffer is too small.
    BufferFull {
        /// The buffer size, in bytes, that the data so far would need, including the field that did not fit.
        needed: usize,
        /// The size of the buffer, in bytes.
        capacity: usize,
    },
    /// A field is longer than the RFC allows.
    TooLong {
        /// The field, by its RFC name.
        what: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The maximum length, in bytes.
        max: usize,
    },
    /// A field is shorter than the RFC allows.
    TooShort {
        /// The field, by its RFC name.
        what: &'static str,
        /// Its length in bytes.
        length: usize,
        /// The minimum length, in bytes.
        min: usize,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::BufferFull { needed, capacity } => {
                write!(f, "the buffer has {capacity} bytes, expected at least {needed}")
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
