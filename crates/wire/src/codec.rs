//! The traits [`Decode`] and [`Encode`], which every type of the wire format implements.

use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

/// A type that can be decoded from bytes. Variable-length fields borrow from the input.
///
/// Decoding neither allocates nor panics, whatever the input.
pub trait Decode<'a>: Sized {
    /// The size of a value in bytes, if all values of the type have the same size.
    ///
    /// With a fixed size, the length of a [`List`](crate::List) is known without decoding its elements, and a
    /// vector whose length is not a multiple of the size is
    /// [`LengthNotMultiple`](crate::DecodeErrorKind::LengthNotMultiple).
    const SIZE: Option<usize> = None;

    /// Whether any `SIZE` bytes are a valid value. If so, decoding a [`List`](crate::List) skips the check of
    /// each element.
    const ANY: bool = false;

    /// Reads one value and advances the reader past it.
    ///
    /// Types whose encoding extends to the end of the message consume the whole reader; their documentation
    /// says so.
    ///
    /// # Errors
    ///
    /// The bytes are not a value of the type. The position of the reader is then unspecified.
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError>;

    /// Decodes one value that occupies all of `bytes`.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode), and [`TrailingBytes`](crate::DecodeErrorKind::TrailingBytes) if bytes
    /// remain.
    fn decode_exact(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let value = Self::decode(&mut r)?;
        r.finish("end of input")?;
        Ok(value)
    }
}

/// A type that can be encoded as bytes.
pub trait Encode {
    /// Appends the value to `w`.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferFull`] if `w` is too small, and [`EncodeError::TooLong`] or
    /// [`EncodeError::TooShort`] if a field is outside its bounds in the RFC. The bytes written so far remain
    /// in the buffer.
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError>;

    /// Encodes the value into a new vector.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode), except that the buffer is never full.
    #[cfg(feature = "alloc")]
    fn to_vec(&self) -> Result<Vec<u8>, EncodeError> {
        let mut out = Vec::new();
        self.encode(&mut Writer::vec(&mut out))?;
        Ok(out)
    }
}

/// Defines a type that consists of one opaque vector `<min..max>`: `Name, vec16, 1, MAX_16, "RFC name"`.
macro_rules! opaque_vector {
    ($(#[$attribute:meta])* pub struct $type:ident, $vector:ident, $min:expr, $max:expr, $what:literal) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type<'a>(pub &'a [u8]);

        impl<'a> $crate::codec::Decode<'a> for $type<'a> {
            fn decode(r: &mut $crate::reader::Reader<'a>) -> Result<Self, $crate::error::DecodeError> {
                Ok(Self(r.$vector($min, $max, $what)?.rest()))
            }
        }

        impl $crate::codec::Encode for $type<'_> {
            fn encode(&self, w: &mut $crate::writer::Writer<'_>) -> Result<(), $crate::error::EncodeError> {
                w.$vector($min, $max, $what, |w| w.bytes(self.0))
            }
        }

        impl ::core::fmt::Debug for $type<'_> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                write!(f, "{}({})", stringify!($type), $crate::hex::Hex(self.0))
            }
        }
    };
}

pub(crate) use opaque_vector;
