//! Conversion between text lengths and record lengths.

use crate::limits::HEADER_LEN;

/// The maximum padding of a record in bytes, including `padding_length` itself (RFC 5246 section 6.2.3.2).
pub(super) const MAX_PADDING: usize = 256;

/// The overhead that protection adds to a text: a prefix, a tag, and with CBC padding to whole blocks.
///
/// With padding, the record length does not determine the text length. The caller that seals a record
/// therefore always states the text length, and all other lengths are computed from it here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Overhead {
    prefix: usize,
    /// Length of the tag if it is padded together with the text (RFC 5246 section 6.2.3.2), else 0.
    inner_tag: usize,
    /// Length of the tag if it is not padded, else 0.
    outer_tag: usize,
    /// Length of a block, a power of two; 0 if there is no padding.
    block: usize,
}

#[cfg(any(test, feature = "legacy"))]
impl Overhead {
    /// `encrypt(text || MAC || padding)` after an IV of one block.
    pub(super) const fn mac_then_encrypt(block: usize, tag: usize) -> Self {
        Self { prefix: block, inner_tag: tag, outer_tag: 0, block }
    }

    /// `encrypt(text || padding) || MAC` after an IV of one block.
    pub(super) const fn encrypt_then_mac(block: usize, tag: usize) -> Self {
        Self { prefix: block, inner_tag: 0, outer_tag: tag, block }
    }
}

impl Overhead {
    /// A prefix before the text and a tag after it.
    pub(super) const fn plain(prefix: usize, tag: usize) -> Self {
        Self { prefix, inner_tag: 0, outer_tag: tag, block: 0 }
    }

    /// Length in bytes of the explicit nonce or IV between the header and the text.
    #[must_use]
    pub const fn prefix(self) -> usize {
        self.prefix
    }

    /// Length of the tag or MAC in bytes.
    #[must_use]
    pub const fn tag(self) -> usize {
        // One of them is 0.
        self.inner_tag | self.outer_tag
    }

    /// The maximum number of bytes that sealing appends to a text: the tag, and up to one block of padding.
    #[must_use]
    pub const fn max_suffix(self) -> usize {
        self.tag().saturating_add(self.block)
    }

    /// Returns `true` if the overhead is the same for all texts.
    #[must_use]
    pub const fn is_constant(self) -> bool {
        self.block == 0
    }

    /// Length in bytes of the record body that sealing produces for a text of `text_len` bytes. Padding is
    /// minimal, which is at least one byte.
    #[must_use]
    pub const fn body_len(self, text_len: usize) -> usize {
        let whole = self.whole_blocks(text_len.saturating_add(self.inner_tag));
        whole.saturating_add(self.block).saturating_add(self.around())
    }

    /// Length in bytes of the record: the header and [`Overhead::body_len`].
    pub(crate) const fn record_len(self, text_len: usize) -> usize {
        HEADER_LEN.saturating_add(self.body_len(text_len))
    }

    /// The maximum text length in bytes whose record body, according to [`Overhead::body_len`], has at most
    /// `body_len` bytes. `None` if even an empty text has a longer body.
    #[must_use]
    pub fn max_text_len(self, body_len: usize) -> Option<usize> {
        let padded = self.whole_blocks(body_len.checked_sub(self.around())?);
        padded.checked_sub(self.inner_tag)?.checked_sub(usize::from(!self.is_constant()))
    }

    /// The maximum length in bytes of a received record body with a text of `text_len` bytes. A sender may
    /// add up to 256 bytes of padding (RFC 5246 section 6.2.3.2).
    #[must_use]
    pub const fn max_body_len(self, text_len: usize) -> usize {
        let padding = if self.is_constant() { 0 } else { MAX_PADDING };
        let padded = text_len.saturating_add(self.inner_tag).saturating_add(padding);
        self.whole_blocks(padded).saturating_add(self.around())
    }

    /// Length in bytes of everything before and after the blocks.
    const fn around(self) -> usize {
        self.prefix.saturating_add(self.outer_tag)
    }

    /// `length` rounded down to whole blocks, in bytes; unchanged without a block cipher.
    const fn whole_blocks(self, length: usize) -> usize {
        length & !self.block.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_overhead() -> impl Strategy<Value = Overhead> {
        let block = prop_oneof![Just(8_usize), Just(16)];
        let tag = prop_oneof![Just(8_usize), Just(16), Just(20), Just(32), Just(48)];
        (0..3, block, tag).prop_map(|(kind, block, tag)| match kind {
            0 => Overhead::plain(block, tag),
            1 => Overhead::mac_then_encrypt(block, tag),
            _ => Overhead::encrypt_then_mac(block, tag),
        })
    }

    #[test]
    fn padding_example_of_rfc_5246_section_6_2_3_2() {
        // RFC 5246 section 6.2.3.2: 61 bytes and a MAC of 20 in blocks of 8 take 6 bytes of padding, or up to
        // 254.
        let overhead = Overhead::mac_then_encrypt(8, 20);
        assert_eq!(overhead.body_len(61), 8 + 61 + 20 + 6 + 1);
        assert_eq!(overhead.max_body_len(61), 8 + 61 + 20 + 254 + 1);
        // RFC 7366 section 3: the MAC is not padded.
        let overhead = Overhead::encrypt_then_mac(8, 20);
        assert_eq!(overhead.body_len(61), 8 + 61 + 3 + 20);
        assert_eq!(overhead.max_body_len(61), 8 + 61 + 251 + 20);
    }

    #[test]
    fn limited_records_are_no_longer_than_full_ones() {
        // RFC 8449 section 4.1: for TLS_RSA_WITH_AES_128_CBC_SHA with a limit of 256 bytes, each text takes
        // the padding that it needs, so that no record is longer than that of 256 bytes with 11 or 15 bytes
        // of padding.
        for (overhead, full) in [
            (Overhead::mac_then_encrypt(16, 20), 16 + 256 + 20 + 11 + 1),
            (Overhead::encrypt_then_mac(16, 20), 16 + 256 + 15 + 1 + 20),
        ] {
            assert_eq!(overhead.body_len(256), full);
            assert!((0..256).all(|text| overhead.body_len(text) <= full));
        }
    }

    /// All record lengths, for every combination of cipher and MAC.
    #[test]
    fn lengths_are_consistent_for_every_text_length() {
        let sizes = [8, 16].into_iter().flat_map(|block| [8, 16, 20, 32, 48].map(|tag| (block, tag)));
        let overheads = sizes.flat_map(|(block, tag)| {
            [
                Overhead::plain(block, tag),
                Overhead::mac_then_encrypt(block, tag),
                Overhead::encrypt_then_mac(block, tag),
            ]
        });
        for overhead in overheads {
            let mut before = 0;
            for text in 0..=(1 << 14) + 1 {
                let body = overhead.body_len(text);
                let longest = overhead.max_text_len(body).unwrap();
                // The text fits its own body, and no body that is one byte shorter can hold it.
                assert!(longest >= text && overhead.body_len(longest) == body, "{overhead:?} {text}");
                assert!(
                    overhead.max_text_len(body - 1).is_none_or(|shorter| shorter < text),
                    "{overhead:?} {text}"
                );
                // A longer text never has a shorter body, and none exceeds the stated maximum.
                assert!(body >= before && body <= overhead.max_body_len(text), "{overhead:?} {text}");
                assert!(body - text <= overhead.prefix() + overhead.max_suffix(), "{overhead:?} {text}");
                before = body;
            }
        }
    }

    proptest! {
        #[test]
        fn body_and_text_lengths_are_consistent(overhead in any_overhead(), text in 0..20_000_usize) {
            let body = overhead.body_len(text);
            let added = body - text;
            prop_assert!(added <= overhead.prefix() + overhead.max_suffix());
            prop_assert!(added >= overhead.prefix() + overhead.tag());
            prop_assert!(body <= overhead.max_body_len(text));
            let max_body_len = text + overhead.prefix() + overhead.tag() + MAX_PADDING;
            prop_assert!(overhead.max_body_len(text) <= max_body_len);
            // The longest text of a body produces that body, and one byte more does not.
            let longest = overhead.max_text_len(body).unwrap();
            prop_assert!(longest >= text);
            prop_assert_eq!(overhead.body_len(longest), body);
            prop_assert!(overhead.body_len(longest + 1) > body);
            prop_assert_eq!(overhead.is_constant(), longest == text && overhead.body_len(0) == added);
        }

        #[test]
        fn bodies_that_are_too_short_hold_no_text(overhead in any_overhead()) {
            for body in 0..200 {
                prop_assert_eq!(overhead.max_text_len(body).is_none(), body < overhead.body_len(0));
            }
        }
    }
}
