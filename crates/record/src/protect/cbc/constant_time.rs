//! What is done with bytes whose padding is not yet trusted: no branch and no index here depends on them.
//!
//! Whoever can tell whether a padding was right, by an alert or by time, learns the plaintext byte for byte
//! (Vaudenay, "Security Flaws Induced by CBC Padding", 2002; Canvel and others, "Password Interception in a SSL/TLS
//! Channel", 2003). So lengths that follow from the padding stay in arithmetic; loops run over what the public length of
//! the record allows, and every byte of it is touched whatever the padding says.

use super::super::overhead::MAX_PADDING;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

/// Whether `a < b`, for values below 2^31: the borrow of the difference.
pub(super) fn less(a: u32, b: u32) -> Choice {
    let [borrow, ..] = (a.wrapping_sub(b) >> 31).to_le_bytes();
    Choice::from(borrow)
}

/// `byte` if so chosen, else 0.
pub(super) fn masked(byte: u8, choice: Choice) -> u8 {
    u8::conditional_select(&0, &byte, choice)
}

/// `padding_length` of a decrypted GenericBlockCipher, and whether the padding is right (RFC 5246 section 6.2.3.2): it
/// leaves room for `tag_len` bytes of MAC, and all its bytes say its length. Where it is wrong the length is 0, as the
/// section advises, so that a MAC can be computed all the same.
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

/// Copies the `tag.len()` bytes from the secret position `at` on, which is one from `least` on to the last that leaves
/// room for a padding length: each place is looked at, and all but one are masked away.
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
    fn less_is_less() {
        let values = [0, 1, 2, 254, 255, 256, 16_383, 16_384, 65_535, (1 << 31) - 1];
        for a in values {
            for b in values {
                assert_eq!(bool::from(less(a, b)), a < b, "{a} {b}");
            }
        }
    }

    /// What the RFC says, without care for time.
    fn expected(plain: &[u8], tag_len: usize) -> Option<u8> {
        let last = *plain.last()?;
        let padding = usize::from(last) + 1;
        let text_and_tag = plain.len().checked_sub(padding)?;
        let right = text_and_tag >= tag_len && plain[text_and_tag..].iter().all(|byte| *byte == last);
        right.then_some(last)
    }

    #[test]
    fn every_padding_is_judged_as_the_rfc_says() {
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
                    // Each byte of it, changed, makes it wrong; the one before it does not matter.
                    for at in from.saturating_sub(1)..room - 1 {
                        let mut changed = plain.clone();
                        changed[at] ^= 0x10;
                        assert_eq!(check(&changed), right && at < from);
                    }
                }
            }
        }
    }

    /// Every plaintext of up to six bytes out of those that can be a padding or the length of one, for every short MAC.
    #[test]
    fn every_short_plaintext_is_judged_as_the_rfc_says() {
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
    fn less_is_less_for_all_lengths_of_a_record_at_its_ends() {
        for a in (0..600).chain(16_000..17_000) {
            for b in (0..600).chain(16_000..17_000) {
                assert_eq!(bool::from(less(a, b)), a < b, "{a} {b}");
            }
        }
    }

    #[test]
    fn every_tag_in_every_short_record_is_found() {
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
    fn a_tag_is_found_wherever_it_is() {
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
