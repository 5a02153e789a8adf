//! Packet numbers (RFC 9000 section 17.1).

/// The largest packet number: 2^62 - 1 (RFC 9000 section 12.3).
pub const MAX_PACKET_NUMBER: u64 = (1 << 62) - 1;

/// A packet number as a header contains it: its least significant 1 to 4 bytes (RFC 9000 section 17.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TruncatedNumber {
    value: u32,
    length: u8,
}

impl TruncatedNumber {
    /// Takes the number from the 4 bytes at its start. `length_bits` are the bits Packet Number Length of the
    /// first byte: the length less one. The length decides about no memory access and no branch, because it
    /// is protected (RFC 9001 section 9.5).
    pub(crate) const fn new(bytes: [u8; 4], length_bits: u8) -> Self {
        let length_bits = length_bits & 0x03;
        let unused = 8 * (3 - length_bits);
        #[expect(clippy::as_conversions, reason = "widening; From is not const")]
        let value = u32::from_be_bytes(bytes) >> (unused as u32);
        Self { value, length: length_bits + 1 }
    }

    /// The length of the field in bytes: 1 to 4.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "it is never empty")]
    pub fn len(self) -> usize {
        usize::from(self.length)
    }

    /// The value of the field.
    #[must_use]
    pub const fn value(self) -> u32 {
        self.value
    }

    /// The whole packet number (RFC 9000 appendix A.3): of the numbers that end with these bytes, the one
    /// that is closest to the expected number. This is the one after `largest`, the largest packet number
    /// that has been opened in the same packet number space, or 0 if there was none.
    #[must_use]
    pub fn decode(self, largest: Option<u64>) -> u64 {
        let expected = largest.map_or(0, |largest| largest.saturating_add(1).min(MAX_PACKET_NUMBER));
        let window = 1_u64 << (8 * u32::from(self.length));
        let candidate = (expected & !(window - 1)) | u64::from(self.value);
        let half = window / 2;
        if candidate.saturating_add(half) <= expected && candidate.saturating_add(window) <= MAX_PACKET_NUMBER
        {
            candidate.saturating_add(window)
        } else if candidate > expected.saturating_add(half) && candidate >= window {
            candidate - window
        } else {
            candidate
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn example_of_rfc_9000_appendix_a_3() {
        let truncated = TruncatedNumber::new([0x9b, 0x32, 0xff, 0xff], 1);
        assert_eq!((truncated.len(), truncated.value()), (2, 0x9b32));
        assert_eq!(truncated.decode(Some(0xa82f_30ea)), 0xa82f_9b32);
    }

    #[test]
    fn first_packet_of_a_space_is_decoded_without_a_largest() {
        assert_eq!(TruncatedNumber::new([0, 1, 2, 3], 0).decode(None), 0);
        assert_eq!(TruncatedNumber::new([0xff; 4], 0).decode(None), 0xff);
    }

    #[test]
    fn decoded_number_is_never_above_the_maximum() {
        for length in 0..4 {
            for byte in [0, 1, 0x7f, 0x80, 0xff] {
                for largest in [MAX_PACKET_NUMBER, MAX_PACKET_NUMBER - 1, MAX_PACKET_NUMBER - 0x80] {
                    let truncated = TruncatedNumber::new([byte; 4], length);
                    assert!(truncated.decode(Some(largest)) <= MAX_PACKET_NUMBER);
                }
            }
        }
    }

    proptest! {
        /// RFC 9000 section 17.1: a field of `length` bytes suffices for numbers within half its range.
        #[test]
        fn numbers_within_half_the_range_of_the_field_are_decoded(
            largest in 0..MAX_PACKET_NUMBER - (1 << 33),
            distance in 1_u64..(1 << 31),
            length_bits in 0_u8..4,
        ) {
            let half = 1_u64 << (8 * (u32::from(length_bits) + 1) - 1);
            let number = largest + 1 + distance % half;
            let bytes = (number << (8 * (3 - u64::from(length_bits)))).to_be_bytes();
            let truncated = TruncatedNumber::new(*bytes.last_chunk().unwrap(), length_bits);
            prop_assert_eq!(truncated.decode(Some(largest)), number);
        }
    }
}
