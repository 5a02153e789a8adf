//! Operations on bytes whose padding is not yet authenticated. No branch and no index depends on them.
//!
//! An attacker who learns whether the padding is valid, from an alert or from timing, can recover the
//! plaintext byte by byte (Vaudenay, "Security Flaws Induced by CBC Padding", 2002; Canvel and others,
//! "Password Interception in a SSL/TLS Channel", 2003). Lengths that depend on the padding are therefore used
//! only in arithmetic. Loops run over the range that the public record length permits, and touch every byte
//! of it regardless of the padding.

use super::super::overhead::MAX_PADDING;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// Returns `true` if `a < b`, for values below 2^31: the borrow of the difference.
pub(super) fn less(a: u32, b: u32) -> Choice {
    let [borrow, ..] = (a.wrapping_sub(b) >> 31).to_le_bytes();
    Choice::from(borrow)
}

/// Returns `byte` if chosen, else 0.
pub(super) fn masked(byte: u8, choice: Choice) -> u8 {
    u8::conditional_select(&0, &byte, choice)
}

/// Returns the `padding_length` of a decrypted GenericBlockCipher, and whether the padding is valid (RFC 5246
/// section 6.2.3.2): it leaves `tag_len` bytes for the MAC, and each of its bytes contains its length. For
/// invalid padding the length is 0, as that section recommends, so that a MAC can still be computed.
pub(super) fn padding(plain: &[u8], tag_len: u32) -> (u32, Choice) {
    let last = plain.last().copied().unwrap_or_default();
    let length = u32::from(last);
    let room = u32::try_from(plain.len()).unwrap_or(0);
    let mut right = !less(room, tag_len.saturating_add(length).saturating_add(1));
    // Distance 0 is `padding_length` itself.
    for (distance, byte) in (0..).zip(plain.iter().rev().take(MAX_PADDING)) {
        right &= less(length, distance) | byte.ct_eq(&last);
    }
    (u32::conditional_select(&0, &length, right), right)
}

/// Copies `tag.len()` bytes from the secret position `at`. The position lies between `least` and the last one
/// that leaves room for a padding length. Every position is read, and all but one are masked.
pub(super) fn extract(plain: &[u8], least: usize, at: u32, tag: &mut [u8]) {
    tag.fill(0);
    let until = plain.len().saturating_sub(1);
    let places = plain.get(least..until).unwrap_or_default().windows(tag.len().max(1));
    for (place, bytes) in (u32::try_from(least).unwrap_or(0)..).zip(places) {
        let mask = masked(0xff, place.ct_eq(&at));
        for (to, from) in tag.iter_mut().zip(bytes) {
            *to |= from & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{vec, vec::Vec};

    #[test]
    fn secret_comparison_is_right_for_small_and_large_values() {
        let values = [0, 1, 2, 254, 255, 256, 16_383, 16_384, 65_535, (1 << 31) - 1];
        for a in values {
            for b in values {
                assert_eq!(bool::from(less(a, b)), a < b, "{a} {b}");
            }
        }
    }

    /// The rule of the RFC, implemented without regard to timing.
    fn expected(plain: &[u8], tag_len: usize) -> Option<u8> {
        let last = *plain.last()?;
        let padding = usize::from(last) + 1;
        let text_and_tag = plain.len().checked_sub(padding)?;
        let right = text_and_tag >= tag_len && plain[text_and_tag..].iter().all(|byte| *byte == last);
        right.then_some(last)
    }

    #[test]
    fn padding_is_checked_as_in_rfc_5246_section_6_2_3_2() {
        for room in [1, 16, 21, 32, 64, 255, 256, 257, 304] {
            for last in 0..=255_u8 {
                for tag_len in [0_u8, 20, 48] {
                    if room <= usize::from(tag_len) {
                        continue;
                    }
                    let mut plain = vec![0xa5; room];
                    let from = room.saturating_sub(usize::from(last) + 1);
                    plain[from..].fill(last);
                    let check = |plain: &[u8]| {
                        let (length, right) = padding(plain, tag_len.into());
                        let answer = expected(plain, tag_len.into());
                        assert_eq!(bool::from(right), answer.is_some(), "{room} {last} {tag_len}");
                        assert_eq!(length, answer.unwrap_or(0).into(), "{room} {last} {tag_len}");
                        answer.is_some()
                    };
                    let right = check(&plain);
                    assert_eq!(right, room > usize::from(tag_len) + usize::from(last));
                    if ![0, 1, 2, 15, 16, 100, 127, 128, 254, 255].contains(&last) {
                        continue;
                    }
                    // Changing any byte of the padding makes it invalid; the byte before it does not matter.
                    for at in from.saturating_sub(1)..room - 1 {
                        let mut changed = plain.clone();
                        changed[at] ^= 0x10;
                        assert_eq!(check(&changed), right && at < from);
                    }
                }
            }
        }
    }

    /// Every plaintext of up to six bytes that can be padding or a padding length, with every short MAC.
    #[test]
    fn every_short_plaintext_is_checked_as_in_rfc_5246_section_6_2_3_2() {
        const BYTES: [u8; 8] = [0, 1, 2, 3, 4, 5, 6, 255];
        for length in 1..=6_u32 {
            for number in 0..8_u32.pow(length) {
                let digit = |place: u32| BYTES[usize::try_from(number >> (3 * place) & 7).unwrap()];
                let plain: Vec<u8> = (0..length).map(digit).collect();
                for tag_len in 0..=4 {
                    let (padding_length, right) = padding(&plain, tag_len);
                    let wanted = expected(&plain, usize::try_from(tag_len).unwrap());
                    assert_eq!(bool::from(right), wanted.is_some(), "{plain:?} {tag_len}");
                    assert_eq!(padding_length, wanted.unwrap_or(0).into(), "{plain:?} {tag_len}");
                }
            }
        }
    }

    #[test]
    fn secret_comparison_is_right_for_all_record_lengths() {
        for a in (0..600).chain(16_000..17_000) {
            for b in (0..600).chain(16_000..17_000) {
                assert_eq!(bool::from(less(a, b)), a < b, "{a} {b}");
            }
        }
    }

    #[test]
    fn tag_is_extracted_from_every_short_record() {
        for room in 1..=24_usize {
            let plain: Vec<u8> = (1_u8..).take(room).collect();
            for tag_len in 1..room {
                for least in 0..room - tag_len {
                    for at in least..room - tag_len {
                        let mut tag = vec![0xee; tag_len];
                        extract(&plain, least, at.try_into().unwrap(), &mut tag);
                        assert_eq!(tag, plain[at..at + tag_len], "{room} {tag_len} {least} {at}");
                    }
                }
            }
        }
    }

    #[test]
    fn tag_is_extracted_from_every_position() {
        for tag_len in [20_usize, 32, 48] {
            for room in [tag_len + 1, tag_len + 16, tag_len + 256, 500] {
                let plain: Vec<u8> =
                    (0..=255).cycle().take(room).map(|byte: u8| byte.wrapping_mul(7)).collect();
                let least = room.saturating_sub(tag_len + 256);
                for at in least..room - tag_len {
                    let mut tag = vec![0xee; tag_len];
                    extract(&plain, least, at.try_into().unwrap(), &mut tag);
                    assert_eq!(tag, plain[at..at + tag_len], "{tag_len} {room} {at}");
                }
            }
        }
    }
}
