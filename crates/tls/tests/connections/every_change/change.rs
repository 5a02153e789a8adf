//! The changes of a message: every kind of change in every field.

use crate::every_change::shape::{Field, Kind, Length, Shape, Within, fields, number};
use std::ops::Range;

/// One change of a message.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// The changed field; empty for the message itself.
    pub(crate) field: String,
    /// The change, by its name in the tables.
    pub(crate) how: String,
    pub(crate) edit: Edit,
    /// Whether it is one of many similar ones: a truncation deep within long contents.
    pub(crate) deep: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Edit {
    /// Replaces bytes, and adjusts the lengths of the enclosing vectors.
    Splice(Range<usize>, Vec<u8>, Vec<Length>),
    /// The field twice in succession.
    Twice(Range<usize>, Vec<Length>),
    /// The field and the next one, swapped.
    Swap(Range<usize>, Range<usize>),
    /// Another value of this byte.
    Flip(usize),
    /// The message omitted, sent twice, or sent after the next one.
    MessageMissing,
    MessageTwice,
    MessageSwapped,
}

impl Edit {
    /// Applies the change to a message, which must have the structure that the change was made for.
    pub(crate) fn apply(&self, message: &mut Vec<u8>) {
        match self {
            Self::Splice(range, with, outer) => {
                let delta = with.len().wrapping_sub(range.len());
                message.splice(range.clone(), with.iter().copied());
                adjust(message, outer, delta);
            }
            Self::Twice(range, outer) => {
                let again = message[range.clone()].to_vec();
                let delta = again.len();
                message.splice(range.end..range.end, again);
                adjust(message, outer, delta);
            }
            Self::Swap(first, second) => {
                assert_eq!(first.end, second.start);
                message[first.start..second.end].rotate_left(first.len());
            }
            Self::Flip(at) => message[*at] ^= 1,
            Self::MessageMissing | Self::MessageTwice | Self::MessageSwapped => {}
        }
    }
}

fn adjust(message: &mut [u8], outer: &[Length], delta: usize) {
    for Length { at, width } in outer {
        let place = &mut message[*at..*at + *width];
        let new = number(place).wrapping_add(delta);
        place.copy_from_slice(&new.to_be_bytes()[size_of::<usize>() - *width..]);
    }
}

/// RFC 5246 section 7.4, RFC 5077 section 3.3, RFC 6066 section 8; and one that is not assigned.
const TYPES: [(&str, u8); 13] = [
    ("hello_request", 0),
    ("client_hello", 1),
    ("server_hello", 2),
    ("new_session_ticket", 4),
    ("certificate", 11),
    ("server_key_exchange", 12),
    ("certificate_request", 13),
    ("server_hello_done", 14),
    ("certificate_verify", 15),
    ("client_key_exchange", 16),
    ("finished", 20),
    ("certificate_status", 22),
    ("unknown", 0xfa),
];

/// All changes of a message of this shape after a header of this many bytes.
pub(crate) fn changes(shape: &Shape, message: &[u8], header: usize) -> Vec<Change> {
    let mut made = Made { message, changes: Vec::new() };
    let fields = fields(shape, message, header);
    made.whole(header, &fields);
    for field in &fields {
        made.field(field);
    }
    made.changes
}

struct Made<'a> {
    message: &'a [u8],
    changes: Vec<Change>,
}

impl Made<'_> {
    fn add(&mut self, field: &str, how: impl Into<String>, edit: Edit) {
        self.changes.push(Change { field: field.into(), how: how.into(), edit, deep: false });
    }

    fn whole(&mut self, header: usize, fields: &[Field]) {
        let (message, length) = (self.message, self.message.len());
        self.add("", "missing", Edit::MessageMissing);
        self.add("", "twice", Edit::MessageTwice);
        self.add("", "swapped", Edit::MessageSwapped);
        let all = if header == 0 { vec![] } else { vec![Length { at: 1, width: 3 }] };
        if header > 0 {
            for (name, value) in TYPES.iter().filter(|(_, value)| *value != message[0]) {
                self.add("msg_type", *name, Edit::Splice(0..1, vec![*value], vec![]));
            }
            self.lengths("", Length { at: 1, width: 3 });
        }
        for (how, count) in [("a byte appended", 1), ("300 bytes appended", 300)] {
            self.add("", how, Edit::Splice(length..length, vec![0; count], all.clone()));
        }
        for at in header..length {
            // The innermost field that becomes shorter.
            let field = fields.iter().rfind(|field| field.range.contains(&at)).unwrap();
            let how = if field.range.start == at { "cut before" } else { "cut within" };
            // The outermost structure that starts here is omitted as a whole.
            let begins = fields.iter().find(|field| field.range.start == at && !field.range.is_empty());
            let path = begins.map_or(&field.path, |field| &field.path);
            self.add(path, how, Edit::Splice(at..message.len(), vec![], all.clone()));
            let from_ends = (at - field.range.start).min(field.range.end - at);
            if let Some(change) = self.changes.last_mut() {
                change.deep = from_ends > 16 && at % 16 != 0;
            }
        }
    }

    /// A length that does not match its contents.
    fn lengths(&mut self, path: &str, length: Length) {
        let place = length.at..length.at + length.width;
        let now = number(&self.message[place.clone()]);
        let max = (1 << (8 * length.width)) - 1;
        for (how, new) in [
            ("length + 1", Some(now + 1)),
            ("length - 1", now.checked_sub(1)),
            ("length 0", (now > 1).then_some(0)),
            ("length max", Some(max)),
        ] {
            if let Some(new) = new.filter(|new| *new <= max && *new != now) {
                let with = new.to_be_bytes()[size_of::<usize>() - length.width..].to_vec();
                self.add(path, how, Edit::Splice(place.clone(), with, vec![]));
            }
        }
    }

    fn field(&mut self, field: &Field) {
        let Field { path, range, kind, outer, element } = field;
        match *kind {
            Kind::Fixed([]) => self.add(path, "changed", Edit::Flip(range.end - 1)),
            Kind::Fixed(tries) => {
                let now = &self.message[range.clone()];
                for (name, value) in tries.iter().filter(|(_, value)| *value != now) {
                    self.add(path, *name, Edit::Splice(range.clone(), value.to_vec(), outer.clone()));
                }
            }
            Kind::Vector { width, floor, ceiling, inner } => {
                self.lengths(path, Length { at: range.start, width });
                self.content(field, width, (floor, ceiling), inner);
            }
            Kind::Struct => {}
        }
        if let Some(next) = element {
            self.add(path, "removed", Edit::Splice(range.clone(), vec![], outer.clone()));
            self.add(path, "twice", Edit::Twice(range.clone(), outer.clone()));
            if let Some(next) = next {
                self.add(path, "swapped", Edit::Swap(range.clone(), next.clone()));
            }
        }
    }

    /// Other contents, with correct lengths.
    fn content(
        &mut self,
        Field { path, range, outer, .. }: &Field,
        width: usize,
        (floor, ceiling): (usize, usize),
        inner: Within,
    ) {
        let (start, end) = (range.start + width, range.end);
        let length = end - start;
        let all = [outer.as_slice(), &[Length { at: range.start, width }]].concat();
        let mut splice =
            |how: &str, range, with: Vec<u8>| self.add(path, how, Edit::Splice(range, with, all.clone()));
        if length > 0 {
            splice("emptied", start..end, vec![]);
        }
        if length > floor.max(1) {
            splice("a byte shorter", end - 1..end, vec![]);
        }
        if length < ceiling {
            splice("a byte longer", end..end, vec![0]);
        }
        // Longer than permitted, if the length field can express it.
        if ceiling < (1 << (8 * width)) - 1 && ceiling < 1000 {
            let unit = if let Within::Items(size) = inner { size } else { 1 };
            splice("too long", end..end, vec![0; ceiling + unit - length]);
        }
        if let Within::Opaque(values) = inner {
            for (name, value) in values {
                splice(name, start..end, value.to_vec());
            }
            if length > 0 {
                self.add(path, "first byte changed", Edit::Flip(start));
            }
            if length > 1 {
                self.add(path, "last byte changed", Edit::Flip(end - 1));
            }
        }
    }
}

#[test]
fn changes_of_a_small_message_are_enumerated() {
    const SHAPE: Shape = Shape::Struct(&[
        (
            "list",
            Shape::Vector(
                1,
                1,
                3,
                crate::every_change::shape::Inner::Items(&Shape::Fixed(1, &[("seven", &[7])])),
            ),
        ),
        ("rest", Shape::Vector(1, 0, 0xff, crate::every_change::shape::Inner::Opaque)),
    ]);
    let message = [9, 0, 0, 5, 2, 4, 5, 1, 6];
    let made: Vec<(String, Vec<u8>)> = changes(&SHAPE, &message, 4)
        .into_iter()
        .map(|Change { field, how, edit, .. }| {
            let mut changed = message.to_vec();
            edit.apply(&mut changed);
            (format!("{field} {how}"), changed)
        })
        .collect();
    let expected: &[(&str, &[u8])] = &[
        (" missing", &message),
        (" twice", &message),
        (" swapped", &message),
        (" length + 1", &[9, 0, 0, 6, 2, 4, 5, 1, 6]),
        (" length - 1", &[9, 0, 0, 4, 2, 4, 5, 1, 6]),
        (" length 0", &[9, 0, 0, 0, 2, 4, 5, 1, 6]),
        (" length max", &[9, 0xff, 0xff, 0xff, 2, 4, 5, 1, 6]),
        (" a byte appended", &[9, 0, 0, 6, 2, 4, 5, 1, 6, 0]),
        ("list cut before", &[9, 0, 0, 0]),
        ("list[0] cut before", &[9, 0, 0, 1, 2]),
        ("list[1] cut before", &[9, 0, 0, 2, 2, 4]),
        ("rest cut before", &[9, 0, 0, 3, 2, 4, 5]),
        ("rest cut within", &[9, 0, 0, 4, 2, 4, 5, 1]),
        ("list length + 1", &[9, 0, 0, 5, 3, 4, 5, 1, 6]),
        ("list length - 1", &[9, 0, 0, 5, 1, 4, 5, 1, 6]),
        ("list length 0", &[9, 0, 0, 5, 0, 4, 5, 1, 6]),
        ("list length max", &[9, 0, 0, 5, 0xff, 4, 5, 1, 6]),
        ("list emptied", &[9, 0, 0, 3, 0, 1, 6]),
        ("list a byte shorter", &[9, 0, 0, 4, 1, 4, 1, 6]),
        ("list a byte longer", &[9, 0, 0, 6, 3, 4, 5, 0, 1, 6]),
        ("list too long", &[9, 0, 0, 7, 4, 4, 5, 0, 0, 1, 6]),
        ("list[0] seven", &[9, 0, 0, 5, 2, 7, 5, 1, 6]),
        ("list[0] removed", &[9, 0, 0, 4, 1, 5, 1, 6]),
        ("list[0] twice", &[9, 0, 0, 6, 3, 4, 4, 5, 1, 6]),
        ("list[0] swapped", &[9, 0, 0, 5, 2, 5, 4, 1, 6]),
        ("list[1] seven", &[9, 0, 0, 5, 2, 4, 7, 1, 6]),
        ("list[1] removed", &[9, 0, 0, 4, 1, 4, 1, 6]),
        ("list[1] twice", &[9, 0, 0, 6, 3, 4, 5, 5, 1, 6]),
        ("rest length + 1", &[9, 0, 0, 5, 2, 4, 5, 2, 6]),
        ("rest length - 1", &[9, 0, 0, 5, 2, 4, 5, 0, 6]),
        ("rest length max", &[9, 0, 0, 5, 2, 4, 5, 0xff, 6]),
        ("rest emptied", &[9, 0, 0, 4, 2, 4, 5, 0]),
        ("rest a byte longer", &[9, 0, 0, 6, 2, 4, 5, 2, 6, 0]),
        ("rest first byte changed", &[9, 0, 0, 5, 2, 4, 5, 1, 7]),
    ];
    let made: Vec<(&str, &[u8])> = made
        .iter()
        .map(|(what, bytes)| (&**what, &**bytes))
        .filter(|(what, _)| *what != " 300 bytes appended" && !what.starts_with("msg_type"))
        .collect();
    assert_eq!(made, expected);
}
