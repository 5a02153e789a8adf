//! Content that is decoded only when it is used.

use core::fmt;

use crate::codec::{Decode, Encode};
use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// The content of an extension that only TLS 1.3 uses: either bytes from the wire, or a value.
///
/// A ClientHello is decoded before its version is known. A server that selects TLS 1.2 ignores these
/// extensions, whatever they contain: RFC 9846 section 4.3 demands well-formed content, but "this does not
/// apply if the receiver does not implement or is configured to ignore an extension". So decoding the hello
/// keeps the bytes, and [`get`](Self::get) decodes them. Two contents are equal if they decode to the same
/// value, in either representation.
pub struct Deferred<'a, T> {
    repr: Repr<'a, T>,
}

enum Repr<'a, T> {
    Wire { offset: usize, bytes: &'a [u8] },
    Value(&'a T),
}

impl<'a, T> Deferred<'a, T> {
    /// Creates the content from a value.
    #[must_use]
    pub const fn new(value: &'a T) -> Self {
        Self { repr: Repr::Value(value) }
    }

    /// Takes all remaining bytes.
    pub(super) const fn take(r: &mut Reader<'a>) -> Self {
        let offset = r.offset();
        Self { repr: Repr::Wire { offset, bytes: r.rest() } }
    }
}

impl<'a, T: Decode<'a> + Clone> Deferred<'a, T> {
    /// Decodes the content.
    ///
    /// # Errors
    ///
    /// The errors of `T`, and [`TrailingBytes`](crate::DecodeErrorKind::TrailingBytes) if bytes remain
    /// ("receivers MUST abort the handshake with a "decode_error" alert if there is data left over after
    /// parsing the structure", RFC 9846 section 4.3). Offsets are those of the outermost input.
    pub fn get(&self) -> Result<T, DecodeError> {
        match self.repr {
            Repr::Wire { offset, bytes } => {
                let mut r = Reader::at(offset, bytes);
                let value = T::decode(&mut r)?;
                r.finish("Extension.extension_data")?;
                Ok(value)
            }
            Repr::Value(value) => Ok(value.clone()),
        }
    }
}

impl<T: Encode> Encode for Deferred<'_, T> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        match self.repr {
            Repr::Wire { bytes, .. } => w.bytes(bytes),
            Repr::Value(value) => value.encode(w),
        }
    }
}

impl<T> Clone for Deferred<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Deferred<'_, T> {}

impl<T> Clone for Repr<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Repr<'_, T> {}

impl<'a, T: Decode<'a> + Clone + fmt::Debug> fmt::Debug for Deferred<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.get() {
            Ok(value) => value.fmt(f),
            Err(error) => error.fmt(f),
        }
    }
}

impl<'a, T: Decode<'a> + Clone + PartialEq> PartialEq for Deferred<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<'a, T: Decode<'a> + Clone + Eq> Eq for Deferred<'a, T> {}
