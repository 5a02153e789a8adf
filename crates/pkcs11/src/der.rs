//! The DER encoding (X.690) of ECDSA signatures.

const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;

/// A value with its tag and length.
fn tagged(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let length = without_zeros(&length);
    let mut der = vec![tag];
    match (length, u8::try_from(length.len())) {
        ([], _) => der.push(0),
        ([short], _) if *short < 0x80 => der.push(*short),
        // A length has at most eight bytes.
        (long, count) => {
            der.push(0x80 | count.unwrap_or(0));
            der.extend_from_slice(long);
        }
    }
    der.extend_from_slice(value);
    der
}

/// A non-negative INTEGER from its big-endian bytes.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let bytes = without_zeros(bytes);
    match bytes.first() {
        Some(first) if *first < 0x80 => tagged(INTEGER, bytes),
        // A sign bit, or zero.
        _ => tagged(INTEGER, &[&[0], bytes].concat()),
    }
}

/// `Ecdsa-Sig-Value` (RFC 3279 section 2.2.3).
pub(crate) fn ecdsa_signature(r: &[u8], s: &[u8]) -> Vec<u8> {
    tagged(SEQUENCE, &[integer(r), integer(s)].concat())
}

fn without_zeros(mut bytes: &[u8]) -> &[u8] {
    while let Some(rest) = bytes.strip_prefix(&[0]) {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    #[test]
    fn integers_are_short_and_not_negative() {
        assert_eq!(integer(&[]), hex!("020100"));
        assert_eq!(integer(&[0, 0]), hex!("020100"));
        assert_eq!(integer(&[0, 1]), hex!("020101"));
        assert_eq!(integer(&[0x7f]), hex!("02017f"));
        assert_eq!(integer(&[0x80]), hex!("02020080"));
        assert_eq!(integer(&[0, 0xff, 0]), hex!("020300ff00"));
    }

    #[test]
    fn lengths_are_short() {
        assert_eq!(tagged(4, &[7; 127])[..3], hex!("047f07"));
        assert_eq!(tagged(4, &[7; 128])[..4], hex!("04818007"));
        assert_eq!(tagged(4, &[7; 255])[..4], hex!("0481ff07"));
        assert_eq!(tagged(4, &[7; 256])[..5], hex!("0482010007"));
        assert_eq!(tagged(4, &[7; 0x1_0000])[..6], hex!("048301000007"));
    }

    #[test]
    fn a_signature_is_a_sequence() {
        assert_eq!(ecdsa_signature(&[0x80], &[1]), hex!("300702020080020101"));
    }
}
