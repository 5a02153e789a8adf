//! The lengths of padded contents in TLS 1.3 (RFC 9846 section 5.4).

use cairn_schedule::RecordPadding;

/// The length of a content with its padding, without the content type, in a record whose content has at most
/// `max` bytes. It is never less than that of the content.
#[inline]
pub(crate) fn padded_len(padding: RecordPadding, content_len: usize, max: usize) -> usize {
    if padding == RecordPadding::NONE {
        return content_len;
    }
    let inner = content_len.saturating_add(1).checked_next_multiple_of(padding.block().get().into());
    let wanted = inner.unwrap_or(usize::MAX).saturating_sub(1);
    // RFC 8449 section 4 and RFC 9846 section 5.4: the limit includes content type and padding.
    wanted.min(max).max(content_len)
}

/// The length of the longest content that has at most `room` bytes with its padding; `None` if even an empty
/// one has more.
#[inline]
pub(crate) fn longest_content(padding: RecordPadding, room: usize, max: usize) -> Option<usize> {
    if padding == RecordPadding::NONE || room >= max {
        return Some(room.min(max));
    }
    let block = usize::from(padding.block().get());
    let inner = room.saturating_add(1).checked_div(block)?.saturating_mul(block);
    inner.checked_sub(1)
}

/// The longest padding of any content.
pub(crate) fn max_padding(padding: RecordPadding, max: usize) -> usize {
    usize::from(padding.block().get()).saturating_sub(1).min(max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::num::NonZeroU16;
    use proptest::prelude::*;

    fn any_padding() -> impl Strategy<Value = RecordPadding> {
        prop_oneof![
            Just(RecordPadding::NONE),
            Just(RecordPadding::TO_MAXIMUM),
            (1..=u16::MAX).prop_map(|block| RecordPadding::to_multiple_of(NonZeroU16::new(block).unwrap())),
            (1..=300_u16).prop_map(|block| RecordPadding::to_multiple_of(NonZeroU16::new(block).unwrap())),
        ]
    }

    #[test]
    fn lengths_of_a_block_of_64_bytes() {
        let block = RecordPadding::to_multiple_of(NonZeroU16::new(64).unwrap());
        // With the content type, 64 bytes each.
        for (content, padded) in [(0, 63), (1, 63), (63, 63), (64, 127), (99, 100), (100, 100)] {
            let max = if content < 99 { 1000 } else { 100 };
            assert_eq!(padded_len(block, content, max), padded, "{content}");
        }
    }

    proptest! {
        #[test]
        fn padding_is_within_the_limit(
            padding in any_padding(),
            max in 1..=16_384_usize,
            content in 0..=16_384_usize,
        ) {
            let content = content.min(max);
            let padded = padded_len(padding, content, max);
            prop_assert!((content..=max).contains(&padded));
            prop_assert!(padded - content <= max_padding(padding, max));
            let block = usize::from(padding.block().get());
            prop_assert!(padded == max || (padded + 1).is_multiple_of(block));
            if padding == RecordPadding::TO_MAXIMUM {
                prop_assert_eq!(padded, max);
            }
            if padding == RecordPadding::NONE {
                prop_assert_eq!(padded, content);
            }
        }

        #[test]
        fn longest_content_fits_and_the_next_does_not(
            padding in any_padding(),
            max in 1..=16_384_usize,
            room in 0..=17_000_usize,
        ) {
            match longest_content(padding, room, max) {
                Some(content) => {
                    prop_assert!(padded_len(padding, content, max) <= room);
                    prop_assert!(content == max || padded_len(padding, content + 1, max) > room);
                }
                None => prop_assert!(padded_len(padding, 0, max) > room),
            }
        }
    }
}
