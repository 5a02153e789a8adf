//! Whether two distinguished names are the same (RFC 5280 section 7.1).
//!
//! Names are the same whatever string types they are written in, and whatever the case of their letters and the width of
//! their white space: "CN=Example  CA" in a PrintableString is "CN=example ca" in a UTF8String. Unicode characters that
//! can be written in several ways are not brought to one form.

use crate::tlv::{Element, Elements, OBJECT_IDENTIFIER, SEQUENCE, SET};
use alloc::{string::String, vec::Vec};

const UTF8_STRING: u8 = 0x0c;
const NUMERIC_STRING: u8 = 0x12;
const PRINTABLE_STRING: u8 = 0x13;
const TELETEX_STRING: u8 = 0x14;
const IA5_STRING: u8 = 0x16;
const VISIBLE_STRING: u8 = 0x1a;
const BMP_STRING: u8 = 0x1e;

/// Whether two names in DER are the same. Names that are malformed are the same only as each other's bytes.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one == other || canonical(one).is_some_and(|one| canonical(other).is_some_and(|other| one == other))
}

/// Whether a name has no parts.
pub(crate) fn is_empty(name: &[u8]) -> bool {
    Elements::only(name, SEQUENCE).is_ok_and(<[u8]>::is_empty)
}

/// A name in DER in a form that is the same for all that are the same. Its parts follow each other, so that the form of a
/// name begins with that of each name it lies within.
pub(crate) fn canonical(name: &[u8]) -> Option<Vec<u8>> {
    let mut form = Vec::with_capacity(name.len());
    let mut parts = Elements::of(Elements::only(name, SEQUENCE).ok()?);
    while !parts.is_finished() {
        let mut set = Elements::of(parts.one(SET).ok()?.contents);
        let mut attributes = Vec::new();
        while !set.is_finished() {
            attributes.push(attribute(set.one(SEQUENCE).ok()?.contents)?);
        }
        if attributes.is_empty() {
            return None;
        }
        attributes.sort_unstable();
        number(attributes.len(), &mut form);
        for attribute in attributes {
            form.extend_from_slice(&attribute);
        }
    }
    Some(form)
}

fn attribute(encoded: &[u8]) -> Option<Vec<u8>> {
    let mut fields = Elements::of(encoded);
    let oid = fields.one(OBJECT_IDENTIFIER).ok()?.contents;
    let value = fields.any().ok()?;
    fields.finish().ok()?;
    let mut form = Vec::new();
    number(oid.len(), &mut form);
    form.extend_from_slice(oid);
    match text(value) {
        Some(text) => {
            form.push(UTF8_STRING);
            let prepared = prepare(&text);
            number(prepared.len(), &mut form);
            form.extend_from_slice(prepared.as_bytes());
        }
        None => {
            form.push(0);
            number(value.whole.len(), &mut form);
            form.extend_from_slice(value.whole);
        }
    }
    Some(form)
}

/// What a string says; none for other types, and for a string that is malformed.
pub(crate) fn text(value: Element<'_>) -> Option<String> {
    let bytes = value.contents;
    match value.tag {
        UTF8_STRING | PRINTABLE_STRING | IA5_STRING | NUMERIC_STRING | VISIBLE_STRING => {
            core::str::from_utf8(bytes).ok().map(String::from)
        }
        // T.61 in name; in practice ISO 8859-1.
        TELETEX_STRING => Some(bytes.iter().copied().map(char::from).collect()),
        BMP_STRING => {
            let units = bytes.chunks(2).map(|pair| match *pair {
                [high, low] => u16::from_be_bytes([high, low]),
                // Half a character: a lone surrogate, which is none.
                _ => 0xd800,
            });
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        _ => None,
    }
}

/// In lower case, and without white space but for one blank between words.
fn prepare(text: &str) -> String {
    let mut prepared = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !prepared.is_empty() {
            prepared.push(' ');
        }
        prepared.extend(word.chars().flat_map(char::to_lowercase));
    }
    prepared
}

fn number(number: usize, form: &mut Vec<u8>) {
    form.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der_out::{oid, sequence, tlv};
    use crate::oid::COMMON_NAME;
    use der::asn1::ObjectIdentifier;

    const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");

    fn part(id: &ObjectIdentifier, tag: u8, value: &[u8]) -> Vec<u8> {
        sequence(&[&oid(id), &tlv(tag, &[value])])
    }

    fn name(parts: &[&[Vec<u8>]]) -> Vec<u8> {
        let sets: Vec<Vec<u8>> = parts.iter().map(|set| tlv(SET, &[&set.concat()])).collect();
        sequence(&[&sets.concat()])
    }

    fn common(tag: u8, value: &[u8]) -> Vec<u8> {
        name(&[&[part(&COMMON_NAME, tag, value)]])
    }

    #[test]
    fn a_name_is_the_same_in_any_string_type_case_and_spacing() {
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

    #[test]
    fn the_order_of_parts_counts_and_that_within_a_part_does_not() {
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
