//! Reads DER tags and lengths (X.690 sections 8.1 and 10.1) without copying. Every handshake scans whole
//! certificates and skips most of their contents, so elements are parsed only when they are needed.

use der::{Error, ErrorKind, Result};

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// The tag of a primitive context-specific field, such as an implicit tag of a primitive type.
pub(crate) const fn context(number: u8) -> u8 {
    0x80 | number
}

/// The tag of a constructed context-specific field, such as an explicit tag.
pub(crate) const fn explicit(number: u8) -> u8 {
    0xa0 | number
}

/// The tag bits that announce a tag number in further bytes, which certificates do not use.
const LONG_TAG: u8 = 0x1f;

/// A DER element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) contents: &'a [u8],
    /// The element with its tag and length.
    pub(crate) whole: &'a [u8],
}

/// A sequence of elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    pub(crate) const fn of(encoded: &'a [u8]) -> Self {
        Self(encoded)
    }

    pub(crate) const fn is_finished(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element, of any tag.
    pub(crate) fn any(&mut self) -> Result<Element<'a>> {
        let (element, rest) = split(self.0).ok_or_else(malformed)?;
        self.0 = rest;
        Ok(element)
    }

    /// The next element, which must have this tag.
    pub(crate) fn one(&mut self, tag: u8) -> Result<Element<'a>> {
        let element = self.any()?;
        if element.tag == tag { Ok(element) } else { Err(malformed()) }
    }

    /// The next element, if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>> {
        if self.0.first() == Some(&tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// Checks that there are no more elements.
    pub(crate) fn finish(self) -> Result<()> {
        if self.is_finished() { Ok(()) } else { Err(malformed()) }
    }

    /// The contents of the only element, which must have this tag.
    pub(crate) fn only(encoded: &'a [u8], tag: u8) -> Result<&'a [u8]> {
        let mut elements = Self::of(encoded);
        let element = elements.one(tag)?;
        elements.finish()?;
        Ok(element.contents)
    }
}

/// The contents of a bit string of whole bytes.
pub(crate) fn whole_bytes(bit_string: &[u8]) -> Result<&[u8]> {
    match bit_string {
        [0, bytes @ ..] => Ok(bytes),
        _ => Err(malformed()),
    }
}

/// The contents of a BOOLEAN.
pub(crate) fn boolean(contents: &[u8]) -> Result<bool> {
    match contents {
        [0] => Ok(false),
        [0xff] => Ok(true),
        _ => Err(malformed()),
    }
}

/// The contents of a non-negative INTEGER without the leading zero byte. The encoding must be the shortest
/// (X.690 section 8.3.2).
pub(crate) fn unsigned(contents: &[u8]) -> Result<&[u8]> {
    match contents {
        [0, 0x80..=0xff, ..] => contents.get(1..).ok_or_else(malformed),
        [0] | [1..=0x7f, ..] => Ok(contents),
        _ => Err(malformed()),
    }
}

/// The contents of a non-negative INTEGER, saturated at 2^32 - 1.
pub(crate) fn number(contents: &[u8]) -> Result<u32> {
    let digits = unsigned(contents)?;
    if digits.len() > 4 {
        return Ok(u32::MAX);
    }
    Ok(digits.iter().fold(0, |number, digit| number << 8 | u32::from(*digit)))
}

#[cold]
pub(crate) fn malformed() -> Error {
    ErrorKind::Failed.into()
}

/// The known universal tags as a bit set: BOOLEAN to OBJECT IDENTIFIER, REAL, ENUMERATED, UTF8String,
/// RELATIVE-OID, NumericString to GeneralizedTime, VisibleString, GeneralString, BMPString, SEQUENCE and SET.
const KNOWN: u64 = {
    let mut known = 0;
    let mut tags: &[u8] = &[
        0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x09, 0x0a, 0x0c, 0x0d, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,
        0x1a, 0x1b, 0x1e, 0x30, 0x31,
    ];
    while let [tag, rest @ ..] = tags {
        known |= 1 << *tag;
        tags = rest;
    }
    known
};

/// Whether an element may have this tag. All tags in a certificate take one byte.
const fn is_known(tag: u8) -> bool {
    tag & LONG_TAG != LONG_TAG && (tag >= 0x40 || KNOWN >> tag & 1 == 1)
}

/// The first element and the remaining bytes.
#[inline]
fn split(encoded: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (tag, rest) = encoded.split_first().filter(|(tag, _)| is_known(**tag))?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 { (usize::from(*first), rest) } else { long_length(*first, rest)? };
    let (contents, after) = rest.split_at_checked(length)?;
    let whole = encoded.get(..encoded.len().checked_sub(after.len())?)?;
    Some((Element { tag: *tag, contents, whole }, after))
}

/// A length in one to four further bytes, which must be the shortest encoding (X.690 section 10.1).
fn long_length(first: u8, rest: &[u8]) -> Option<(usize, &[u8])> {
    let count = usize::from(first.checked_sub(0x80)?);
    if !(1..=4).contains(&count) {
        return None;
    }
    let (digits, rest) = rest.split_at_checked(count)?;
    let length = digits.iter().fold(0_u32, |length, digit| length << 8 | u32::from(*digit));
    let is_shortest = if count == 1 { length >= 0x80 } else { digits.first() != Some(&0) };
    if !is_shortest {
        return None;
    }
    Some((usize::try_from(length).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use alloc::vec::Vec;
    use der::{AnyRef, Decode, SliceReader};
    use proptest::prelude::*;

    fn first(encoded: &[u8]) -> Option<(u8, usize, usize)> {
        let (element, rest) = split(encoded)?;
        assert_eq!([element.whole, rest].concat(), encoded);
        assert!(element.whole.ends_with(element.contents));
        Some((element.tag, element.contents.len(), rest.len()))
    }

    #[test]
    fn only_the_shortest_length_is_accepted() {
        let long = |header: &[u8], length: usize| [header, &vec![7; length]].concat();
        for (encoded, expected) in [
            (vec![], None),
            (vec![0x30], None),
            (vec![0x30, 0], Some((0x30, 0, 0))),
            (vec![0x30, 1], None),
            (vec![0x30, 1, 7, 8], Some((0x30, 1, 1))),
            (long(&[4, 0x7f], 0x7f), Some((4, 0x7f, 0))),
            (long(&[4, 0x81, 0x7f], 0x7f), None),
            (long(&[4, 0x81, 0x80], 0x80), Some((4, 0x80, 0))),
            (long(&[4, 0x82, 0, 0x80], 0x80), None),
            (long(&[4, 0x82, 0, 0xff], 0xff), None),
            (long(&[4, 0x82, 1, 0], 0x100), Some((4, 0x100, 0))),
            (long(&[4, 0x83, 0, 1, 0], 0x100), None),
            (long(&[4, 0x83, 1, 0, 0], 0x1_0000), Some((4, 0x1_0000, 0))),
            (long(&[4, 0x84, 0, 1, 0, 0], 0x1_0000), None),
            // Indefinite length, as in BER.
            (vec![0x30, 0x80, 0, 0], None),
            // A tag of several bytes, and an empty input.
            (vec![0x1f, 0x81, 0x01, 0], None),
            (vec![0, 0], None),
        ] {
            assert_eq!(first(&encoded), expected, "{:x?}", encoded.get(..4.min(encoded.len())));
        }
    }

    #[test]
    fn elements_are_read_by_tag() {
        let mut elements = Elements::of(&[INTEGER, 1, 5, SEQUENCE, 0]);
        assert_eq!(elements.optional(BOOLEAN), Ok(None));
        assert_eq!(elements.optional(INTEGER).unwrap().map(|element| element.contents), Some(&[5][..]));
        assert!(elements.finish().is_err());
        assert!(elements.one(INTEGER).is_err());
        assert!(elements.is_finished());
        assert!(elements.any().is_err());
        assert_eq!(Elements::only(&[INTEGER, 1, 5], INTEGER), Ok(&[5][..]));
        assert!(Elements::only(&[INTEGER, 1, 5, 0], INTEGER).is_err());
        assert_eq!(whole_bytes(&[0, 9]), Ok(&[9][..]));
        assert!(whole_bytes(&[1, 8]).is_err());
        assert!(whole_bytes(&[]).is_err());
    }

    #[test]
    fn only_canonical_values_are_accepted() {
        assert_eq!((boolean(&[0]), boolean(&[0xff])), (Ok(false), Ok(true)));
        for bad in [&[][..], &[1], &[0, 0], &[0xff, 0xff]] {
            assert!(boolean(bad).is_err(), "{bad:x?}");
        }
        for (contents, expected) in
            [(&[0][..], &[0][..]), (&[0x7f], &[0x7f]), (&[0, 0x80], &[0x80]), (&[1, 0], &[1, 0])]
        {
            assert_eq!(unsigned(contents), Ok(expected));
        }
        for bad in [&[][..], &[0x80], &[0xff, 0xff], &[0, 0], &[0, 0x7f]] {
            assert!(unsigned(bad).is_err(), "{bad:x?}");
        }
    }

    proptest! {
        /// `der` accepts every value that this module accepts, with the same result.
        #[test]
        fn as_der_reads_it(
            tag in (0..=u8::MAX).prop_filter("in one byte", |tag| tag & LONG_TAG != LONG_TAG),
            length in prop::collection::vec(any::<u8>(), 0..4),
            contents in 0_usize..300,
        ) {
            let encoded: Vec<u8> = [&[tag][..], &length, &vec![7; contents]].concat();
            let mut reader = SliceReader::new(&encoded).unwrap();
            let theirs = AnyRef::decode(&mut reader).ok();
            let ours = split(&encoded).map(|(element, _)| element.contents);
            prop_assert_eq!(ours, theirs.map(|element| element.value()));
        }
    }
}
