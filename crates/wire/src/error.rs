//! Errors of decoding and encoding.

use core::fmt;

use crate::codes::{AlertDescription, ExtensionType};

/// The reason why bytes could not be decoded, and the place of the fault.
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
    /// An extension type occurs twice in one block (RFC 5246 section 7.4.1.4, RFC 9846 section 4.3).
    DuplicateExtension {
        /// The extension.
        extension_type: ExtensionType,
    },
    /// An extension is known and does not belong in this message of TLS 1.3 (RFC 9846 section 4.3).
    MisplacedExtension {
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

    /// The alert to send: `illegal_parameter` for a well-formed field whose value is not allowed or an
    /// extension that does not belong in the message, `unexpected_message` for a message that the key
    /// exchange does not use, and `decode_error` for all other errors (RFC 5246 section 7.2.2).
    #[must_use]
    pub fn alert(&self) -> AlertDescription {
        self.kind.row(|row| row.alert)
    }

    /// The RFC section that the bytes violate. For a rule of both versions it is that of TLS 1.2, and
    /// [`section_in`](crate::section_in) finds its successor.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.kind.row(|row| row.section)
    }
}

/// Writes the field, the offset and the kind; not the section.
impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at offset {}: {}", self.what, self.offset, self.kind)
    }
}

impl core::error::Error for DecodeError {}

/// A row of the table of decoding errors.
struct Row<'a> {
    alert: AlertDescription,
    section: &'static str,
    /// The message, without the section.
    message: fmt::Arguments<'a>,
}

impl DecodeErrorKind {
    /// The table. Each kind has one row, which is passed to `read`.
    #[rustfmt::skip]
    fn row<R>(&self, read: impl FnOnce(Row<'_>) -> R) -> R {
        use AlertDescription as A;
        let row = |alert, section, message: fmt::Arguments<'_>| read(Row { alert, section, message });
        match *self {
            // RFC 5246 section 7.2.2: decode_error is for "some field [that] was out of the specified range
            // or the length of the message was incorrect", illegal_parameter for "a field in the handshake
            // [that] was out of range or inconsistent with other fields".
            Self::Truncated { needed, have } => row(A::DECODE_ERROR, "RFC 5246 section 7.2.2",
                format_args!("expected {needed} bytes, {have} remain")),
            Self::TrailingBytes { count } => row(A::DECODE_ERROR, "RFC 5246 section 7.2.2",
                format_args!("expected the end, got {count} more bytes")),
            Self::LengthOutOfRange { length, min, max } if min == max =>
                row(A::DECODE_ERROR, "RFC 5246 section 4.3",
                format_args!("expected a length of {min} bytes, got {length}")),
            Self::LengthOutOfRange { length, min, max } => row(A::DECODE_ERROR, "RFC 5246 section 4.3",
                format_args!("expected a length of {min} to {max} bytes, got {length}")),
            Self::LengthNotMultiple { length, of } => row(A::DECODE_ERROR, "RFC 5246 section 4.3",
                format_args!("expected a length that is a multiple of {of}, got {length}")),
            Self::IllegalValue { value } => row(A::ILLEGAL_PARAMETER, "RFC 5246 section 7.2.2",
                format_args!("the value {value} ({value:#x}) is not allowed here")),
            Self::DuplicateExtension { extension_type } =>
                row(A::DECODE_ERROR, "RFC 5246 section 7.4.1.4",
                format_args!("the extension {extension_type} occurs twice")),
            // "If an implementation receives an extension which it recognizes and which is not specified for
            // the message in which it appears, it MUST abort the handshake with an "illegal_parameter"
            // alert."
            Self::MisplacedExtension { extension_type } => row(A::ILLEGAL_PARAMETER, "RFC 9846 section 4.3",
                format_args!("the extension {extension_type} does not belong in this message")),
            Self::DuplicateEntry { value } => row(A::ILLEGAL_PARAMETER, "RFC 6066 section 3",
                format_args!("an entry of type {value} occurs twice")),
            Self::NotInKeyExchange => row(A::UNEXPECTED_MESSAGE, "RFC 5246 section 7.4.3",
                format_args!("the negotiated key exchange does not use this message")),
        }
    }
}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row(|row| f.write_fmt(row.message))
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
