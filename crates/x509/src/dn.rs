//! Comparison of distinguished names (RFC 5280 section 7.1).
//!
//! The comparison ignores string types, letter case and the amount of white space: "CN=Example  CA" in a
//! PrintableString equals "CN=example ca" in a UTF8String. Unicode strings are not normalized.

use crate::tlv::{Element, Elements, OBJECT_IDENTIFIER, SEQUENCE, SET};
use alloc::{borrow::Cow, string::String, vec::Vec};

const UTF8_STRING: u8 = 0x0c;
const NUMERIC_STRING: u8 = 0x12;
const PRINTABLE_STRING: u8 = 0x13;
const TELETEX_STRING: u8 = 0x14;
const IA5_STRING: u8 = 0x16;
const VISIBLE_STRING: u8 = 0x1a;
const BMP_STRING: u8 = 0x1e;

/// Whether two names in DER are equal. Malformed names are equal only if their bytes are.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one == other || has_same_parts(one, other) == Some(true)
}

/// Compares two names part by part up to the first difference, without building canonical forms. `None` if
/// one of them turns out to be malformed.
fn has_same_parts(one: &[u8], other: &[u8]) -> Option<bool> {
    let mut ones = Elements::of(Elements::only(one, SEQUENCE).ok()?);
    let mut others = Elements::of(Elements::only(other, SEQUENCE).ok()?);
    while !ones.is_finished() && !others.is_finished() {
        if !is_same_part(ones.one(SET).ok()?.contents, others.one(SET).ok()?.contents)? {
            return Some(false);
        }
    }
    Some(ones.is_finished() && others.is_finished())
}

/// Whether two relative distinguished names are equal. Nearly all have one attribute.
fn is_same_part(one: &[u8], other: &[u8]) -> Option<bool> {
    let (mut ones, mut others) = (Elements::of(one), Elements::of(other));
    let first = Attribute::read(ones.one(SEQUENCE).ok()?.contents)?;
    let second = Attribute::read(others.one(SEQUENCE).ok()?.contents)?;
    if ones.is_finished() && others.is_finished() {
        return Some(first.is_same(&second));
    }
    Some(sorted_forms(one)? == sorted_forms(other)?)
}

/// Whether a name has no parts.
pub(crate) fn is_empty(name: &[u8]) -> bool {
    Elements::only(name, SEQUENCE).is_ok_and(<[u8]>::is_empty)
}

/// The canonical form of a name in DER, which is the same for all equal names. Parts are concatenated, so the
/// canonical form of a name starts with that of every directory name that contains it.
pub(crate) fn canonical(name: &[u8]) -> Option<Vec<u8>> {
    let mut form = Vec::with_capacity(name.len());
    let mut parts = Elements::of(Elements::only(name, SEQUENCE).ok()?);
    while !parts.is_finished() {
        let attributes = sorted_forms(parts.one(SET).ok()?.contents)?;
        number(attributes.len(), &mut form);
        for attribute in attributes {
            form.extend_from_slice(&attribute);
        }
    }
    Some(form)
}

/// The canonical forms of the attributes of a relative distinguished name, sorted. There is at least one.
fn sorted_forms(set: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut set = Elements::of(set);
    let mut attributes = Vec::new();
    while !set.is_finished() {
        attributes.push(Attribute::read(set.one(SEQUENCE).ok()?.contents)?.form());
    }
    attributes.sort_unstable();
    (!attributes.is_empty()).then_some(attributes)
}

/// `AttributeTypeAndValue`.
struct Attribute<'a> {
    oid: &'a [u8],
    value: Element<'a>,
}

impl<'a> Attribute<'a> {
    fn read(encoded: &'a [u8]) -> Option<Self> {
        let mut fields = Elements::of(encoded);
        let oid = fields.one(OBJECT_IDENTIFIER).ok()?.contents;
        let value = fields.any().ok()?;
        fields.finish().ok()?;
        Some(Self { oid, value })
    }

    /// Whether both have the same canonical form.
    fn is_same(&self, other: &Self) -> bool {
        let is_same_text =
            || text(self.value).zip(text(other.value)).is_some_and(|(one, other)| is_same_text(&one, &other));
        self.oid == other.oid && (self.value.whole == other.value.whole || is_same_text())
    }

    fn form(&self) -> Vec<u8> {
        let mut form = Vec::new();
        number(self.oid.len(), &mut form);
        form.extend_from_slice(self.oid);
        match text(self.value) {
            Some(text) => {
                form.push(UTF8_STRING);
                let prepared = prepare(&text);
                number(prepared.len(), &mut form);
                form.extend_from_slice(prepared.as_bytes());
            }
            None => {
                form.push(0);
                number(self.value.whole.len(), &mut form);
                form.extend_from_slice(self.value.whole);
            }
        }
        form
    }
}

/// The text of a string, or `None` if the type is not a string type or the string is malformed.
pub(crate) fn text(value: Element<'_>) -> Option<Cow<'_, str>> {
    let bytes = value.contents;
    match value.tag {
        UTF8_STRING | PRINTABLE_STRING | IA5_STRING | NUMERIC_STRING | VISIBLE_STRING => {
            core::str::from_utf8(bytes).ok().map(Cow::Borrowed)
        }
        // TeletexString is T.61 by name, and ISO 8859-1 in practice.
        TELETEX_STRING => Some(Cow::Owned(bytes.iter().copied().map(char::from).collect())),
        BMP_STRING => {
            let units = bytes.chunks(2).map(|pair| match *pair {
                [high, low] => u16::from_be_bytes([high, low]),
                // A lone surrogate is not a character.
                _ => 0xd800,
            });
            char::decode_utf16(units).collect::<Result<_, _>>().ok().map(Cow::Owned)
        }
        _ => None,
    }
}

/// Converts to lower case, trims, and reduces white space between words to one blank.
fn prepare(text: &str) -> String {
    let mut prepared = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !prepared.is_empty() {
            prepared.push(' ');
        }
        prepared.extend(lower_case(word));
    }
    prepared
}

/// Whether [`prepare`] yields the same for both.
fn is_same_text(one: &str, other: &str) -> bool {
    let (mut ones, mut others) = (one.split_whitespace(), other.split_whitespace());
    loop {
        match (ones.next(), others.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if one == other || lower_case(one).eq(lower_case(other)) => {}
            _ => return false,
        }
    }
}

fn lower_case(word: &str) -> impl Iterator<Item = char> {
    word.chars().flat_map(char::to_lowercase)
}

fn number(number: usize, form: &mut Vec<u8>) {
    form.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oid::COMMON_NAME;
    use crate::testing::{element, oid, sequence};
    use alloc::vec;
    use der::asn1::ObjectIdentifier;
    use proptest::prelude::*;

    const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");

    fn part(id: &ObjectIdentifier, tag: u8, value: &[u8]) -> Vec<u8> {
        sequence(&[&oid(id), &element(tag, &[value])])
    }

    fn name(parts: &[&[Vec<u8>]]) -> Vec<u8> {
        let sets: Vec<Vec<u8>> = parts.iter().map(|set| element(SET, &[&set.concat()])).collect();
        sequence(&[&sets.concat()])
    }

    fn common(tag: u8, value: &[u8]) -> Vec<u8> {
        name(&[&[part(&COMMON_NAME, tag, value)]])
    }

    #[test]
    fn names_are_compared_regardless_of_string_type_case_and_spacing() {
        let plain = common(PRINTABLE_STRING, b"Example CA");
        for other in [
            common(UTF8_STRING, b"Example CA"),
            common(UTF8_STRING, b"EXAMPLE ca"),
            common(IA5_STRING, b"  Example   CA "),
            common(TELETEX_STRING, b"Example CA"),
            common(BMP_STRING, b"\0E\0x\0a\0m\0p\0l\0e\0 \0C\0A"),
        ] {
            assert!(same(&plain, &other), "{other:x?}");
        }
        assert!(same(&common(UTF8_STRING, "Ärger".as_bytes()), &common(TELETEX_STRING, b"\xe4rger")));
        for other in [
            common(UTF8_STRING, b"ExampleCA"),
            common(UTF8_STRING, b"Example CB"),
            common(3, b"Example CA"),
            name(&[&[part(&ORGANIZATION, PRINTABLE_STRING, b"Example CA")]]),
            name(&[]),
            b"not DER".to_vec(),
        ] {
            assert!(!same(&plain, &other), "{other:x?}");
        }
    }

    /// A name of few parts and few values, so that two of them are often equal or nearly equal. Some are
    /// malformed.
    fn any_name() -> impl Strategy<Value = Vec<u8>> {
        let id = prop::sample::select(vec![COMMON_NAME, ORGANIZATION]);
        let tag = prop::sample::select(vec![UTF8_STRING, PRINTABLE_STRING, TELETEX_STRING, BMP_STRING, 3]);
        let value =
            prop::sample::select(vec![&b"a"[..], b"A", b" a", b"a  b", b"A B ", b"\0a", b"\xe4", b""]);
        let attribute = (id, tag, value).prop_map(|(id, tag, value)| part(&id, tag, value));
        let attribute = prop_oneof![9 => attribute, 1 => Just(sequence(&[])), 1 => Just(element(SET, &[]))];
        let set = prop::collection::vec(attribute, 0..3);
        prop::collection::vec(set, 0..3).prop_map(|sets| {
            let sets: Vec<&[Vec<u8>]> = sets.iter().map(Vec::as_slice).collect();
            name(&sets)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn names_are_equal_if_and_only_if_their_canonical_forms_are(one in any_name(), other in any_name()) {
            let forms_are_same = canonical(&one).is_some_and(|form| canonical(&other) == Some(form));
            prop_assert_eq!(same(&one, &other), one == other || forms_are_same);
            prop_assert_eq!(same(&other, &one), same(&one, &other));
        }
    }

    #[test]
    fn order_of_rdns_matters_and_order_within_an_rdn_does_not() {
        let one = part(&COMMON_NAME, UTF8_STRING, b"a");
        let two = part(&ORGANIZATION, UTF8_STRING, b"b");
        let both = name(&[&[one.clone(), two.clone()]]);
        assert!(same(&both, &name(&[&[two.clone(), one.clone()]])));
        let ordered = name(&[core::slice::from_ref(&one), core::slice::from_ref(&two)]);
        assert!(!same(&both, &ordered));
        assert!(!same(&ordered, &name(&[core::slice::from_ref(&two), core::slice::from_ref(&one)])));
        let within = canonical(&ordered).unwrap();
        assert!(within.starts_with(&canonical(&name(&[&[one]])).unwrap()));
        assert!(!within.starts_with(&canonical(&name(&[&[two]])).unwrap()));
    }
}
