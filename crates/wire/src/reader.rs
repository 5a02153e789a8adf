//! Reading the presentation language (RFC 5246 section 4).

use crate::{DecodeError, DecodeErrorKind};

/// A place in a byte string, from which fields are read one after the other.
///
/// Every method takes `what`, the name of the field, for the error that it may have to report. A reader knows how far it
/// is from the start of the outermost input, so that an error within a vector within a vector says a place that can be
/// found. After an error the place of the reader is not defined.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    offset: usize,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`, which are the outermost input.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self::at(0, bytes)
    }

    /// A reader at the start of `bytes`, which stand `offset` bytes behind the start of the outermost input.
    ///
    /// The offset serves the reports of errors only.
    #[must_use]
    #[inline]
    pub const fn at(offset: usize, bytes: &'a [u8]) -> Self {
        Self { offset, rest: bytes }
    }

    /// Bytes not yet read.
    #[must_use]
    #[inline]
    pub const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Whether all bytes are read.
    #[must_use]
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many bytes of the outermost input are before the next byte to read.
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The bytes not yet read, without reading them.
    #[must_use]
    pub const fn peek(&self) -> &'a [u8] {
        self.rest
    }

    /// Reads all bytes that are left.
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

    /// Reads a vector `<min..max>` (both in bytes) whose length takes one byte, and answers with a reader of its content.
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

    /// As [`vec8`](Self::vec8), with a length of two bytes.
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

    /// As [`vec8`](Self::vec8), with a length of three bytes.
    ///
    /// # Errors
    ///
    /// As [`vec8`](Self::vec8).
    #[inline]
    pub fn vec24(&mut self, min: usize, max: usize, what: &'static str) -> Result<Self, DecodeError> {
        let start = self.offset;
        // Where usize has 16 bits, what does not fit is more than any input holds.
        let length = usize::try_from(self.u24(what)?).unwrap_or(usize::MAX);
        self.vector(start, length, min, max, what)
    }

    /// Ends the reading: nothing may be left.
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

    /// An error of this kind at the place where the reader stands.
    pub(crate) const fn error(&self, kind: DecodeErrorKind, what: &'static str) -> DecodeError {
        DecodeError::new(kind, self.offset, what)
    }

    /// What this reader has read since it was `start`.
    pub(crate) fn read_since(&self, start: &Self) -> &'a [u8] {
        start.rest.get(..start.rest.len().saturating_sub(self.rest.len())).unwrap_or_default()
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
    fn reads_numbers_in_network_order() {
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
    fn says_where_the_input_ends() {
        let mut r = Reader::at(100, &[1, 2, 3]);
        assert_eq!(r.u8("a"), Ok(1));
        let error = r.u32("b").unwrap_err();
        assert_eq!(error.kind, DecodeErrorKind::Truncated { needed: 4, have: 2 });
        assert_eq!((error.offset, error.what), (101, "b"));
    }

    #[test]
    fn a_vector_is_a_reader_that_knows_its_place() {
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
    fn a_length_out_of_bounds_is_told_from_one_that_lies() {
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
    fn an_offset_does_not_overflow() {
        let mut r = Reader::at(usize::MAX, &[0, 0]);
        assert_eq!(r.u16("a"), Ok(0));
        assert_eq!(r.offset(), usize::MAX);
    }
}
