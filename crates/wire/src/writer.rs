//! Writing the presentation language (RFC 5246 section 4).

use crate::bounds::MAX_24;
use crate::error::EncodeError;

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

/// A cursor to which fields are written in order.
///
/// It fills a slice or, with the feature `alloc`, appends to a `Vec<u8>`. A structure is written in one pass:
/// the length of a vector is filled in after its content. After an error, the bytes written so far remain in
/// the buffer.
#[derive(Debug)]
pub struct Writer<'b> {
    sink: Sink<'b>,
    written: usize,
}

#[derive(Debug)]
enum Sink<'b> {
    Slice(&'b mut [u8]),
    #[cfg(feature = "alloc")]
    Vec {
        buffer: &'b mut Vec<u8>,
        start: usize,
    },
}

impl<'b> Writer<'b> {
    /// Creates a writer that fills `buffer` from its start.
    #[must_use]
    pub const fn slice(buffer: &'b mut [u8]) -> Self {
        Self { sink: Sink::Slice(buffer), written: 0 }
    }

    /// Creates a writer that appends to `buffer`.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub const fn vec(buffer: &'b mut Vec<u8>) -> Self {
        let start = buffer.len();
        Self { sink: Sink::Vec { buffer, start }, written: 0 }
    }

    /// The number of bytes that this writer has written.
    #[must_use]
    pub const fn written(&self) -> usize {
        self.written
    }

    /// The bytes that this writer has written.
    #[must_use]
    pub fn into_written(self) -> &'b mut [u8] {
        let all = match self.sink {
            Sink::Slice(buffer) => buffer.get_mut(..self.written),
            #[cfg(feature = "alloc")]
            Sink::Vec { buffer, start } => buffer.get_mut(start..),
        };
        all.unwrap_or_default()
    }

    /// Writes a `uint8`.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferFull`].
    #[inline]
    pub fn u8(&mut self, value: u8) -> Result<(), EncodeError> {
        self.bytes(&value.to_be_bytes())
    }

    /// Writes a `uint16`.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferFull`].
    #[inline]
    pub fn u16(&mut self, value: u16) -> Result<(), EncodeError> {
        self.bytes(&value.to_be_bytes())
    }

    /// Writes a `uint24`.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferFull`], or [`EncodeError::TooLong`] for a value of more than 24 bits.
    #[inline]
    pub fn u24(&mut self, value: u32) -> Result<(), EncodeError> {
        let [top, bytes @ ..] = value.to_be_bytes();
        if top != 0 {
            return Err(EncodeError::TooLong { what: "uint24", length: 4, max: 3 });
        }
        self.bytes(&bytes)
    }

    /// Writes a `uint32`.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferFull`].
    pub fn u32(&mut self, value: u32) -> Result<(), EncodeError> {
        self.bytes(&value.to_be_bytes())
    }

    /// Writes a `uint64`.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferFull`].
    pub fn u64(&mut self, value: u64) -> Result<(), EncodeError> {
        self.bytes(&value.to_be_bytes())
    }

    /// Writes `bytes` verbatim.
    ///
    /// # Errors
    ///
    /// [`EncodeError::BufferFull`].
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        let end = self.written.saturating_add(bytes.len());
        match &mut self.sink {
            Sink::Slice(buffer) => {
                let capacity = buffer.len();
                buffer
                    .get_mut(self.written..end)
                    .ok_or(EncodeError::BufferFull { needed: end, capacity })?
                    .copy_from_slice(bytes);
            }
            #[cfg(feature = "alloc")]
            Sink::Vec { buffer, .. } => buffer.extend_from_slice(bytes),
        }
        self.written = end;
        Ok(())
    }

    /// Writes a vector `<min..max>` (bounds in bytes) with a one-byte length; `f` writes its content.
    ///
    /// # Errors
    ///
    /// The errors of `f`, [`EncodeError::BufferFull`], and [`EncodeError::TooLong`] or
    /// [`EncodeError::TooShort`] for `what` if the content is outside the bounds.
    #[inline]
    pub fn vec8(
        &mut self,
        min: usize,
        max: usize,
        what: &'static str,
        f: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.vector::<1>(min, max, what, f)
    }

    /// As [`vec8`](Self::vec8), with a two-byte length.
    ///
    /// # Errors
    ///
    /// As [`vec8`](Self::vec8).
    #[inline]
    pub fn vec16(
        &mut self,
        min: usize,
        max: usize,
        what: &'static str,
        f: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.vector::<2>(min, max, what, f)
    }

    /// As [`vec8`](Self::vec8), with a three-byte length.
    ///
    /// # Errors
    ///
    /// As [`vec8`](Self::vec8).
    #[inline]
    pub fn vec24(
        &mut self,
        min: usize,
        max: usize,
        what: &'static str,
        f: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.vector::<3>(min, max, what, f)
    }

    /// Writes a vector with an `N`-byte length; `N` is at most 3.
    #[inline]
    fn vector<const N: usize>(
        &mut self,
        min: usize,
        max: usize,
        what: &'static str,
        f: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        let place = self.written;
        self.bytes(&[0; N])?;
        let start = self.written;
        f(self)?;
        let length = self.written.saturating_sub(start);
        if length < min {
            return Err(EncodeError::TooShort { what, length, min });
        }
        let max = max.min(MAX_24 >> (8 * (3_usize.saturating_sub(N))));
        if length > max {
            return Err(EncodeError::TooLong { what, length, max });
        }
        if let (Some(prefix), Some(place)) =
            (length.to_be_bytes().last_chunk::<N>(), self.written_mut().get_mut(place..start))
        {
            place.copy_from_slice(prefix);
        }
        Ok(())
    }

    fn written_mut(&mut self) -> &mut [u8] {
        match &mut self.sink {
            Sink::Slice(buffer) => buffer,
            #[cfg(feature = "alloc")]
            Sink::Vec { buffer, start } => buffer.get_mut(*start..).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_vector_lengths_are_filled_in() {
        let mut buffer = [0xee; 32];
        let mut w = Writer::slice(&mut buffer);
        w.u8(9).unwrap();
        w.vec24(0, 100, "outer", |w| {
            w.vec8(0, 4, "first", |w| w.u16(0x0102))?;
            w.vec16(0, 4, "second", |w| w.u24(0x03_0405))
        })
        .unwrap();
        w.u64(1).unwrap();
        assert_eq!(w.written(), 20);
        assert_eq!(w.into_written(), [9, 0, 0, 8, 2, 1, 2, 0, 3, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn full_buffer_error_reports_needed_size() {
        let mut buffer = [0; 3];
        let mut w = Writer::slice(&mut buffer);
        w.u16(1).unwrap();
        assert_eq!(w.u32(2), Err(EncodeError::BufferFull { needed: 6, capacity: 3 }));
        w.u8(3).unwrap();
        assert_eq!(w.into_written(), [0, 1, 3]);
    }

    #[test]
    fn vector_bounds_are_enforced() {
        let mut buffer = [0; 600];
        let mut w = Writer::slice(&mut buffer);
        let short = w.vec8(2, 5, "v", |w| w.u8(1));
        assert_eq!(short, Err(EncodeError::TooShort { what: "v", length: 1, min: 2 }));
        let long = w.vec8(0, 3, "v", |w| w.u32(1));
        assert_eq!(long, Err(EncodeError::TooLong { what: "v", length: 4, max: 3 }));
        let prefix = w.vec8(0, 1000, "v", |w| w.bytes(&[0; 256]));
        assert_eq!(prefix, Err(EncodeError::TooLong { what: "v", length: 256, max: 255 }));
        assert!(matches!(w.u24(1 << 24), Err(EncodeError::TooLong { .. })));
    }

    #[cfg(feature = "alloc")]
    #[test]
    fn writer_appends_to_vec() {
        let mut buffer = alloc::vec![1, 2];
        let mut w = Writer::vec(&mut buffer);
        w.vec8(0, 9, "v", |w| w.u16(3)).unwrap();
        assert_eq!(w.written(), 3);
        assert_eq!(w.into_written(), [2, 0, 3]);
        assert_eq!(buffer, [1, 2, 2, 0, 3]);
    }
}
