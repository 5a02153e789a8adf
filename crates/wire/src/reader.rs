//! Reading the presentation language (RFC 5246 section 4).

use crate::error::{DecodeError, DecodeErrorKind};

/// A cursor over a byte string from which fields are read in order.
///
/// The argument `what` is the name of the field and appears in errors. A reader knows its offset from the
/// start of the outermost input, so errors in nested vectors report a position in that input. After an error
/// the position of the reader is unspecified.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    offset: usize,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Creates a reader over `bytes`, the outermost input.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self::at(0, bytes)
    }

    /// Creates a reader over `bytes`, which start at `offset` in the outermost input.
    ///
    /// The offset is used in errors only.
    #[must_use]
    #[inline]
    pub const fn at(offset: usize, bytes: &'a [u8]) -> Self {
        Self { offset, rest: bytes }
    }

    /// The number of unread bytes.
    #[must_use]
    #[inline]
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Returns `true` if all bytes have been read.
    #[must_use]
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The offset of the next unread byte, from the start of the outermost input.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The unread bytes, without consuming them.
    #[must_use]
    pub const fn peek(&self) -> &'a [u8] {
        self.rest
    }

    /// Reads all remaining bytes.
    #[inline]
    pub const fn rest(&mut self) -> &'a [u8] {
        let all = self.rest;
        self.offset = self.offset.saturating_add(all.len());
        self.rest = &[];
        all
    }

    /// Reads a `uint8`.
    ///
    /// # Errors
    ///
    /// [`Truncated`](DecodeErrorKind::Truncated).
    #[inline]
    pub fn u8(&mut self, what: &'static str) -> Result<u8, DecodeError> {
        self.array(what).map(u8::from_be_bytes)
    }

    /// Reads a `uint16`.
    ///
    /// # Errors
    ///
    /// [`Truncated`](DecodeErrorKind::Truncated).
    #[inline]
    pub fn u16(&mut self, what: &'static str) -> Result<u16, DecodeError> {
        self.array(what).map(u16::from_be_bytes)
    }

    /// Reads a `uint24`.
    ///
    /// # Errors
    ///
    /// [`Truncated`](DecodeErrorKind::Truncated).
    #[inline]
    pub fn u24(&mut self, what: &'static str) -> Result<u32, DecodeError> {
        self.array(what).map(|[high, middle, low]| u32::from_be_bytes([0, high, middle, low]))
    }

    /// Reads a `uint32`.
    ///
    /// # Errors
    ///
    /// [`Truncated`](DecodeErrorKind::Truncated).
    pub fn u32(&mut self, what: &'static str) -> Result<u32, DecodeError> {
        self.array(what).map(u32::from_be_bytes)
    }

    /// Reads a `uint64`.
    ///
    /// # Errors
    ///
    /// [`Truncated`](DecodeErrorKind::Truncated).
    pub fn u64(&mut self, what: &'static str) -> Result<u64, DecodeError> {
        self.array(what).map(u64::from_be_bytes)
    }

    /// Reads `n` bytes.
    ///
    /// # Errors
    ///
    /// [`Truncated`](DecodeErrorKind::Truncated).
    #[inline]
    pub fn bytes(&mut self, n: usize, what: &'static str) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or_else(|| self.truncated(n, what))?;
        self.advance(n, rest);
        Ok(taken)
    }

    /// Reads `N` bytes into an array.
    ///
    /// # Errors
    ///
    /// [`Truncated`](DecodeErrorKind::Truncated).
    #[inline]
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or_else(|| self.truncated(N, what))?;
        self.advance(N, rest);
        Ok(*taken)
    }

    /// Reads a vector `<min..max>` (bounds in bytes) with a one-byte length, and returns a reader over its
    /// content.
    ///
    /// # Errors
    ///
    /// [`LengthOutOfRange`](DecodeErrorKind::LengthOutOfRange) or [`Truncated`](DecodeErrorKind::Truncated).
    #[inline]
    pub fn vec8(&mut self, min: usize, max: usize, what: &'static str) -> Result<Self, DecodeError> {
        let start = self.offset;
        let length = usize::from(self.u8(what)?);
        self.vector(start, length, min, max, what)
    }

    /// As [`vec8`](Self::vec8), with a two-byte length.
    ///
    /// # Errors
    ///
    /// As [`vec8`](Self::vec8).
    #[inline]
    pub fn vec16(&mut self, min: usize, max: usize, what: &'static str) -> Result<Self, DecodeError> {
        let start = self.offset;
        let length = usize::from(self.u16(what)?);
        self.vector(start, length, min, max, what)
    }

    /// As [`vec8`](Self::vec8), with a three-byte length.
    ///
    /// # Errors
    ///
    /// As [`vec8`](Self::vec8).
    #[inline]
    pub fn vec24(&mut self, min: usize, max: usize, what: &'static str) -> Result<Self, DecodeError> {
        let start = self.offset;
        // With a 16-bit usize, a length that does not fit exceeds any input.
        let length = usize::try_from(self.u24(what)?).unwrap_or(usize::MAX);
        self.vector(start, length, min, max, what)
    }

    /// Checks that no bytes remain.
    ///
    /// # Errors
    ///
    /// [`TrailingBytes`](DecodeErrorKind::TrailingBytes).
    #[inline]
    pub const fn finish(self, what: &'static str) -> Result<(), DecodeError> {
        match self.rest.len() {
            0 => Ok(()),
            count => Err(DecodeError::new(DecodeErrorKind::TrailingBytes { count }, self.offset, what)),
        }
    }

    /// An error of this kind at the current position.
    pub(crate) const fn error(&self, kind: DecodeErrorKind, what: &'static str) -> DecodeError {
        DecodeError::new(kind, self.offset, what)
    }

    const fn truncated(&self, needed: usize, what: &'static str) -> DecodeError {
        self.error(DecodeErrorKind::Truncated { needed, have: self.rest.len() }, what)
    }

    #[inline]
    const fn advance(&mut self, n: usize, rest: &'a [u8]) {
        self.offset = self.offset.saturating_add(n);
        self.rest = rest;
    }

    #[inline]
    fn vector(
        &mut self,
        start: usize,
        length: usize,
        min: usize,
        max: usize,
        what: &'static str,
    ) -> Result<Self, DecodeError> {
        // RFC 5246 section 4.3: "Variable-length vectors are defined by specifying a subrange of legal
        // lengths, inclusively, using the notation <floor..ceiling>."
        if length < min || length > max {
            return Err(DecodeError::new(
                DecodeErrorKind::LengthOutOfRange { length, min, max },
                start,
                what,
            ));
        }
        let offset = self.offset;
        Ok(Self::at(offset, self.bytes(length, what)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_big_endian() {
        let mut r = Reader::new(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0, 0, 0, 0, 0, 1, 0]);
        assert_eq!(r.u8("a"), Ok(1));
        assert_eq!(r.u16("b"), Ok(0x0203));
        assert_eq!(r.u24("c"), Ok(0x0004_0506));
        assert_eq!(r.u32("d"), Ok(0x0708_090a));
        assert_eq!(r.u64("e"), Ok(256));
        assert_eq!(r.offset(), 18);
        assert_eq!(r.finish("f"), Ok(()));
    }

    #[test]
    fn truncation_error_reports_offset_and_field() {
        let mut r = Reader::at(100, &[1, 2, 3]);
        assert_eq!(r.u8("a"), Ok(1));
        let error = r.u32("b").unwrap_err();
        assert_eq!(error.kind, DecodeErrorKind::Truncated { needed: 4, have: 2 });
        assert_eq!((error.offset, error.what), (101, "b"));
    }

    #[test]
    fn nested_reader_keeps_outer_offset() {
        let mut r = Reader::new(&[9, 0, 2, 7, 8, 5]);
        assert_eq!(r.u8("a"), Ok(9));
        let mut inner = r.vec16(0, 2, "b").unwrap();
        assert_eq!((inner.offset(), inner.remaining()), (3, 2));
        assert_eq!(inner.u8("c"), Ok(7));
        let error = inner.finish("d").unwrap_err();
        assert_eq!(error.kind, DecodeErrorKind::TrailingBytes { count: 1 });
        assert_eq!(error.offset, 4);
        assert_eq!(r.rest(), [5]);
        assert!(r.is_empty());
        assert_eq!(r.offset(), 6);
    }

    #[test]
    fn length_out_of_range_differs_from_truncated_vector() {
        let out_of_range = |length, min, max| DecodeErrorKind::LengthOutOfRange { length, min, max };
        let kind = |result: Result<Reader<'_>, DecodeError>| result.unwrap_err().kind;
        assert_eq!(kind(Reader::new(&[0]).vec8(1, 2, "a")), out_of_range(0, 1, 2));
        assert_eq!(kind(Reader::new(&[3, 0, 0, 0]).vec8(1, 2, "a")), out_of_range(3, 1, 2));
        assert_eq!(
            kind(Reader::new(&[0, 0, 2, 1]).vec24(0, 9, "a")),
            DecodeErrorKind::Truncated { needed: 2, have: 1 }
        );
        assert_eq!(
            kind(Reader::new(&[0]).vec16(0, 9, "a")),
            DecodeErrorKind::Truncated { needed: 2, have: 1 }
        );
    }

    #[test]
    fn offset_saturates() {
        let mut r = Reader::at(usize::MAX, &[0, 0]);
        assert_eq!(r.u16("a"), Ok(0));
        assert_eq!(r.offset(), usize::MAX);
    }
}
