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
    tag: usize,
    padding: Padding,
}

/// What is padded. Block lengths are powers of two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Padding {
    #[default]
    Nothing,
    /// Text and MAC together (RFC 5246 section 6.2.3.2).
    TextAndTag { block: usize },
    /// The text alone; the MAC comes behind the padding (RFC 7366 section 3).
    Text { block: usize },
}

impl Overhead {
    /// A prefix before the text and a tag behind it.
    pub(super) const fn plain(prefix: usize, tag: usize) -> Self {
        Self { prefix, tag, padding: Padding::Nothing }
    }

    /// `encrypt(text || MAC || padding)` behind an IV of one block.
    pub(super) const fn mac_then_encrypt(block: usize, tag: usize) -> Self {
        Self { prefix: block, tag, padding: Padding::TextAndTag { block } }
    }

    /// `encrypt(text || padding) || MAC` behind an IV of one block.
    pub(super) const fn encrypt_then_mac(block: usize, tag: usize) -> Self {
        Self { prefix: block, tag, padding: Padding::Text { block } }
    }

    /// Bytes between the header and the text: the explicit nonce or the IV.
    #[must_use]
    pub const fn prefix(self) -> usize {
        self.prefix
    }

    /// The tag or MAC in bytes.
    #[must_use]
    pub const fn tag(self) -> usize {
        self.tag
    }

    /// The greatest number of bytes that sealing puts behind a text: the tag, and up to one block of padding.
    #[must_use]
    pub const fn max_suffix(self) -> usize {
        match self.padding {
            Padding::Nothing => self.tag,
            Padding::TextAndTag { block } | Padding::Text { block } => self.tag.saturating_add(block),
        }
    }

    /// Whether all texts grow by the same number of bytes.
    #[must_use]
    pub const fn is_constant(self) -> bool {
        matches!(self.padding, Padding::Nothing)
    }

    /// Length in bytes of the record body that sealing makes of a text of `text_len` bytes: with as little padding as
    /// there can be.
    #[must_use]
    pub const fn body_len(self, text_len: usize) -> usize {
        let sealed = match self.padding {
            Padding::Nothing => text_len.saturating_add(self.tag),
            Padding::TextAndTag { block } => padded(text_len.saturating_add(self.tag), block),
            Padding::Text { block } => padded(text_len, block).saturating_add(self.tag),
        };
        sealed.saturating_add(self.prefix)
    }

    /// The greatest length in bytes of a text whose record body [`Overhead::body_len`] is at most `body_len` bytes.
    /// `None` when even an empty text has a longer one.
    #[must_use]
    pub fn max_text_len(self, body_len: usize) -> Option<usize> {
        let sealed = body_len.checked_sub(self.prefix)?;
        match self.padding {
            Padding::Nothing => sealed.checked_sub(self.tag),
            Padding::TextAndTag { block } => whole(sealed, block).checked_sub(self.tag)?.checked_sub(1),
            Padding::Text { block } => whole(sealed.checked_sub(self.tag)?, block).checked_sub(1),
        }
    }

    /// The greatest length in bytes of a record body in which a text of `text_len` bytes may arrive: a sender may pad by
    /// up to 256 bytes (RFC 5246 section 6.2.3.2).
    #[must_use]
    pub const fn max_body_len(self, text_len: usize) -> usize {
        let padded = text_len.saturating_add(MAX_PADDING);
        let sealed = match self.padding {
            Padding::Nothing => text_len.saturating_add(self.tag),
            Padding::TextAndTag { block } => whole(padded.saturating_add(self.tag), block),
            Padding::Text { block } => whole(padded, block).saturating_add(self.tag),
        };
        sealed.saturating_add(self.prefix)
    }
}

/// The whole blocks in `length` bytes, in bytes.
const fn whole(length: usize, block: usize) -> usize {
    length & !block.saturating_sub(1)
}

/// The next whole number of blocks that has room for `length` bytes and for one of padding at least.
const fn padded(length: usize, block: usize) -> usize {
    whole(length, block).saturating_add(block)
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
