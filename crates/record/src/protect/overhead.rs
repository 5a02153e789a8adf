//! How long a record is for a text, and how long a text may be for a record.

/// Bytes of padding that a record may have at most, `padding_length` itself included (RFC 5246 section 6.2.3.2).
pub(super) const MAX_PADDING: usize = 256;

/// What protection adds to a text: a prefix, a tag, and with CBC padding to whole blocks.
///
/// With padding a record's length no longer tells that of its text, so the text's length is always stated where a record
/// is sealed, and all lengths follow from it here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Overhead {
    prefix: usize,
    /// The tag where it is padded together with the text (RFC 5246 section 6.2.3.2).
    inner_tag: usize,
    /// The tag where it is not.
    outer_tag: usize,
    /// Length of a block, a power of two; 0 where nothing is padded.
    block: usize,
}

#[cfg(any(test, feature = "legacy"))]
impl Overhead {
    /// `encrypt(text || MAC || padding)` behind an IV of one block.
    pub(super) const fn mac_then_encrypt(block: usize, tag: usize) -> Self {
        Self { prefix: block, inner_tag: tag, outer_tag: 0, block }
    }

    /// `encrypt(text || padding) || MAC` behind an IV of one block.
    pub(super) const fn encrypt_then_mac(block: usize, tag: usize) -> Self {
        Self { prefix: block, inner_tag: 0, outer_tag: tag, block }
    }
}

impl Overhead {
    /// A prefix before the text and a tag behind it.
    pub(super) const fn plain(prefix: usize, tag: usize) -> Self {
        Self { prefix, inner_tag: 0, outer_tag: tag, block: 0 }
    }

    /// Bytes between the header and the text: the explicit nonce or the IV.
    #[must_use]
    pub const fn prefix(self) -> usize {
        self.prefix
    }

    /// The tag or MAC in bytes.
    #[must_use]
    pub const fn tag(self) -> usize {
        // One of them is 0.
        self.inner_tag | self.outer_tag
    }

    /// The greatest number of bytes that sealing puts behind a text: the tag, and up to one block of padding.
    #[must_use]
    pub const fn max_suffix(self) -> usize {
        self.tag().saturating_add(self.block)
    }

    /// Whether all texts grow by the same number of bytes.
    #[must_use]
    pub const fn is_constant(self) -> bool {
        self.block == 0
    }

    /// Length in bytes of the record body that sealing makes of a text of `text_len` bytes: with as little padding as
    /// there can be, which is a byte at least.
    #[must_use]
    pub const fn body_len(self, text_len: usize) -> usize {
        let whole = self.whole_blocks(text_len.saturating_add(self.inner_tag));
        whole.saturating_add(self.block).saturating_add(self.around())
    }

    /// The greatest length in bytes of a text whose record body [`Overhead::body_len`] is at most `body_len` bytes.
    /// `None` when even an empty text has a longer one.
    #[must_use]
    pub fn max_text_len(self, body_len: usize) -> Option<usize> {
        let padded = self.whole_blocks(body_len.checked_sub(self.around())?);
        padded.checked_sub(self.inner_tag)?.checked_sub(usize::from(!self.is_constant()))
    }

    /// The greatest length in bytes of a record body in which a text of `text_len` bytes may arrive: a sender may pad by
    /// up to 256 bytes (RFC 5246 section 6.2.3.2).
    #[must_use]
    pub const fn max_body_len(self, text_len: usize) -> usize {
        let padding = if self.is_constant() { 0 } else { MAX_PADDING };
        let padded = text_len.saturating_add(self.inner_tag).saturating_add(padding);
        self.whole_blocks(padded).saturating_add(self.around())
    }

    /// What stands before and behind the blocks, in bytes.
    const fn around(self) -> usize {
        self.prefix.saturating_add(self.outer_tag)
    }

    /// The whole blocks in `length` bytes, in bytes; all of them where there are no blocks.
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
    fn the_rfcs_example() {
        // RFC 5246 section 6.2.3.2: 61 bytes and a MAC of 20 in blocks of 8 take 6 bytes of padding, or up to 254.
        let overhead = Overhead::mac_then_encrypt(8, 20);
        assert_eq!(overhead.body_len(61), 8 + 61 + 20 + 6 + 1);
        assert_eq!(overhead.max_body_len(61), 8 + 61 + 20 + 254 + 1);
        // RFC 7366 section 3: the MAC is not padded.
        let overhead = Overhead::encrypt_then_mac(8, 20);
        assert_eq!(overhead.body_len(61), 8 + 61 + 3 + 20);
        assert_eq!(overhead.max_body_len(61), 8 + 61 + 251 + 20);
    }

    #[test]
    fn no_more_padding_than_a_full_record_has() {
        // RFC 8449 section 4.1: TLS_RSA_WITH_AES_128_CBC_SHA with a limit of 256 bytes, of which each text takes what it
        // needs, so that none is longer than one of 256 bytes with 11 bytes of padding, or 15.
        for (overhead, full) in [
            (Overhead::mac_then_encrypt(16, 20), 16 + 256 + 20 + 11 + 1),
            (Overhead::encrypt_then_mac(16, 20), 16 + 256 + 15 + 1 + 20),
        ] {
            assert_eq!(overhead.body_len(256), full);
            assert!((0..256).all(|text| overhead.body_len(text) <= full));
        }
    }

    /// All lengths that a record can have, for every cipher and MAC that there is.
    #[test]
    fn lengths_agree_for_every_text_that_a_record_holds() {
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
                // The text fits its own body, and no body shorter by a byte holds it.
                assert!(longest >= text && overhead.body_len(longest) == body, "{overhead:?} {text}");
                assert!(
                    overhead.max_text_len(body - 1).is_none_or(|shorter| shorter < text),
                    "{overhead:?} {text}"
                );
                // A text that is longer has no shorter body, and none grows beyond what is stated.
                assert!(body >= before && body <= overhead.max_body_len(text), "{overhead:?} {text}");
                assert!(body - text <= overhead.prefix() + overhead.max_suffix(), "{overhead:?} {text}");
                before = body;
            }
        }
    }

    proptest! {
        #[test]
        fn lengths_agree_with_each_other(overhead in any_overhead(), text in 0..20_000_usize) {
            let body = overhead.body_len(text);
            let added = body - text;
            prop_assert!(added <= overhead.prefix() + overhead.max_suffix());
            prop_assert!(added >= overhead.prefix() + overhead.tag());
            prop_assert!(body <= overhead.max_body_len(text));
            prop_assert!(overhead.max_body_len(text) <= text + overhead.prefix() + overhead.tag() + MAX_PADDING);
            // The longest text of a body is of that body, and a longer one is not.
            let longest = overhead.max_text_len(body).unwrap();
            prop_assert!(longest >= text);
            prop_assert_eq!(overhead.body_len(longest), body);
            prop_assert!(overhead.body_len(longest + 1) > body);
            prop_assert_eq!(overhead.is_constant(), longest == text && overhead.body_len(0) == added);
        }

        #[test]
        fn what_is_too_short_holds_nothing(overhead in any_overhead()) {
            for body in 0..200 {
                prop_assert_eq!(overhead.max_text_len(body).is_none(), body < overhead.body_len(0));
            }
        }
    }
}
