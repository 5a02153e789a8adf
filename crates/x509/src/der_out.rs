//! A minimal DER writer for certificates.

use alloc::vec::Vec;
use der::{Encode, asn1::ObjectIdentifier};

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const UTF8_STRING: u8 = 0x0c;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// The tag of a primitive context-specific field.
pub(crate) const fn context(number: u8) -> u8 {
    0x80 | number
}

/// The tag of a constructed context-specific field.
pub(crate) const fn explicit(number: u8) -> u8 {
    0xa0 | number
}

/// Encodes the tag, the length and the concatenated contents.
pub(crate) fn tlv(tag: u8, contents: &[&[u8]]) -> Vec<u8> {
    let len: usize = contents.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(len.saturating_add(6));
    out.push(tag);
    match u8::try_from(len) {
        Ok(short @ 0..=0x7f) => out.push(short),
        _ => {
            let bytes = len.to_be_bytes();
            let start = bytes.iter().position(|byte| *byte != 0).unwrap_or_default();
            let digits = bytes.get(start..).unwrap_or_default();
            out.push(0x80 | u8::try_from(digits.len()).unwrap_or_default());
            out.extend_from_slice(digits);
        }
    }
    for part in contents {
        out.extend_from_slice(part);
    }
    out
}

pub(crate) fn sequence(contents: &[&[u8]]) -> Vec<u8> {
    tlv(SEQUENCE, contents)
}

/// A SET with one element, which needs no sorting.
pub(crate) fn set_of_one(value: &[u8]) -> Vec<u8> {
    tlv(SET, &[value])
}

/// A BIT STRING of whole bytes.
pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    tlv(BIT_STRING, &[&[0], bytes])
}

/// A BIT STRING of named bits, without trailing zero bits (X.690 section 11.2.2).
pub(crate) fn named_bits(bits: u8) -> Vec<u8> {
    if bits == 0 {
        return tlv(BIT_STRING, &[&[0]]);
    }
    let unused = u8::try_from(bits.trailing_zeros()).unwrap_or_default();
    tlv(BIT_STRING, &[&[unused, bits]])
}

pub(crate) fn oid(oid: &ObjectIdentifier) -> Vec<u8> {
    // Infallible: the buffer already holds valid bytes.
    oid.to_der().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn lengths_are_encoded_in_the_shortest_form() {
        assert_eq!(sequence(&[]), [0x30, 0]);
        assert_eq!(tlv(OCTET_STRING, &[&[7; 0x7f]])[..2], [4, 0x7f]);
        assert_eq!(tlv(OCTET_STRING, &[&[7; 0x80]])[..3], [4, 0x81, 0x80]);
        assert_eq!(tlv(OCTET_STRING, &[&[7; 0xff]])[..3], [4, 0x81, 0xff]);
        assert_eq!(tlv(OCTET_STRING, &[&vec![7; 0x100]])[..4], [4, 0x82, 1, 0]);
        assert_eq!(tlv(OCTET_STRING, &[&vec![7; 0x10000]])[..5], [4, 0x83, 1, 0, 0]);
    }

    #[test]
    fn named_bits_have_no_trailing_zero_bits() {
        assert_eq!(named_bits(0), [3, 1, 0]);
        assert_eq!(named_bits(0b1000_0000), [3, 2, 7, 0x80]);
        assert_eq!(named_bits(0b1010_0000), [3, 2, 5, 0xa0]);
        assert_eq!(named_bits(0b0000_0110), [3, 2, 1, 6]);
    }
}
