//! The two traits that every type on the wire has: [`Decode`] and [`Encode`].

use crate::{DecodeError, EncodeError, Reader, Writer};

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

/// The greatest length that a one-byte length prefix can state.
pub(crate) const MAX_8: usize = 0xff;
/// The greatest length that a two-byte length prefix can state.
pub(crate) const MAX_16: usize = 0xffff;
/// The greatest length that a three-byte length prefix can state.
pub(crate) const MAX_24: usize = 0xff_ffff;

/// A type that can be read from its bytes, borrowing from them what is long.
///
/// Decoding neither allocates nor panics, whatever the bytes are.
pub trait Decode<'a>: Sized {
    /// The size in bytes of every value of the type, where all are of one size.
    ///
    /// A [`List`](crate::List) of such a type knows its length without a walk, and says
    /// [`LengthNotMultiple`](crate::DecodeErrorKind::LengthNotMultiple) of a vector that cannot hold whole elements.
    const SIZE: Option<usize> = None;

    /// Whether any bytes of that size are a value: a [`List`](crate::List) of such a type is not walked through to check
    /// it.
    const ANY: bool = false;

    /// Reads one value and leaves the reader behind it.
    ///
    /// Some types, those whose layout ends where the message ends, read all that the reader has; their documentation
    /// says so.
    ///
    /// # Errors
    ///
    /// When the bytes are not a value of the type. Where the reader then stands is not defined.
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError>;

    /// Reads one value that `bytes` must hold exactly.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode), and [`TrailingBytes`](crate::DecodeErrorKind::TrailingBytes) when bytes are left.
    fn decode_exact(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let value = Self::decode(&mut r)?;
        r.finish("end of input")?;
        Ok(value)
    }
}

/// A type that can be written as its bytes.
pub trait Encode {
    /// Appends the value to `w`.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferFull`] when `w` has no room, and [`EncodeError::TooLong`] or [`EncodeError::TooShort`] when
    /// a field is outside the bounds that the RFC gives it. What was written until then stays written.
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError>;

    /// The bytes of the value in a vector of their own.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode); the buffer is never full.
    #[cfg(feature = "alloc")]
    fn to_vec(&self) -> Result<Vec<u8>, EncodeError> {
        let mut out = Vec::new();
        self.encode(&mut Writer::vec(&mut out))?;
        Ok(out)
    }
}

/// Defines a type that is one opaque vector `<min..max>`: `Name, vec16, 1, MAX_16, "RFC name"`.
macro_rules! opaque_vector {
    ($(#[$attribute:meta])* pub struct $type:ident, $vector:ident, $min:expr, $max:expr, $what:literal) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type<'a>(pub &'a [u8]);

        impl<'a> $crate::Decode<'a> for $type<'a> {
            fn decode(r: &mut $crate::Reader<'a>) -> Result<Self, $crate::DecodeError> {
                Ok(Self(r.$vector($min, $max, $what)?.rest()))
            }
        }

        impl $crate::Encode for $type<'_> {
            fn encode(&self, w: &mut $crate::Writer<'_>) -> Result<(), $crate::EncodeError> {
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
