//! The presentation language of RFC 5246 section 4 as data, and the fields of a message described in it.

use std::ops::Range;

/// Values to substitute for that of a field, each with a name.
pub(crate) type Tries = &'static [(&'static str, &'static [u8])];

/// The structure of a field.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// This many bytes.
    Fixed(usize, Tries),
    /// A vector: the size of its length field, its minimum and maximum length, and its content.
    Vector(usize, usize, usize, Inner),
    /// One field after the other.
    Struct(&'static [(&'static str, Shape)]),
    /// Extensions, which may be absent: the name and structure of each by its type.
    Extensions(fn(u16) -> (&'static str, Inner)),
}

/// The content of a vector.
#[derive(Clone, Copy)]
pub(crate) enum Inner {
    Opaque,
    /// The same, with contents to try.
    Values(Tries),
    /// Elements of a kind.
    Items(&'static Shape),
    /// Fields.
    One(&'static Shape),
}

/// The position of the length of a vector or message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Length {
    pub(crate) at: usize,
    pub(crate) width: usize,
}

/// A field of a message.
#[derive(Debug)]
pub(crate) struct Field {
    /// The name, with those of the enclosing structures before it.
    pub(crate) path: String,
    /// Its position, including the length of a vector.
    pub(crate) range: Range<usize>,
    pub(crate) kind: Kind,
    /// The lengths of the enclosing vectors.
    pub(crate) outer: Vec<Length>,
    /// If it is an element: the position of the next one.
    pub(crate) element: Option<Option<Range<usize>>>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Fixed(Tries),
    Vector { width: usize, floor: usize, ceiling: usize, inner: Within },
    Struct,
}

/// The content of a vector, as far as changes depend on it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Within {
    /// With contents to try.
    Opaque(Tries),
    /// Elements of this size, if all have the same.
    Items(usize),
    Others,
}

/// Every field of a message, enclosing fields first. The message must have this structure.
pub(crate) fn fields(shape: &Shape, message: &[u8], header: usize) -> Vec<Field> {
    let outer = if header == 0 { vec![] } else { vec![Length { at: 1, width: 3 }] };
    let mut walk = Walk { message, fields: Vec::new() };
    let end = walk.field(shape, "", header, message.len(), &outer);
    assert_eq!(end, message.len(), "a message that is not of its shape: {:?}", walk.fields.last());
    walk.fields
}

/// A number of this many bytes.
pub(crate) fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte))
}

struct Walk<'a> {
    message: &'a [u8],
    fields: Vec<Field>,
}

impl Walk<'_> {
    /// Reads the field at a position, within an enclosing end, and returns its own end.
    fn field(&mut self, shape: &Shape, path: &str, at: usize, end: usize, outer: &[Length]) -> usize {
        match *shape {
            Shape::Fixed(size, tries) => self.put(path, at..at + size, Kind::Fixed(tries), outer),
            Shape::Struct(parts) => {
                let place = self.fields.len();
                if !path.is_empty() {
                    self.put(path, at..at, Kind::Struct, outer);
                }
                let mut now = at;
                for (name, part) in parts {
                    now = self.field(part, &join(path, name), now, end, outer);
                }
                if !path.is_empty() {
                    self.fields[place].range.end = now;
                }
                now
            }
            Shape::Vector(width, floor, ceiling, inner) => {
                self.vector(width, (floor, ceiling), inner, path, at, outer)
            }
            Shape::Extensions(_) if at == end => at,
            Shape::Extensions(named) => self.extensions(named, path, at, outer),
        }
    }

    fn put(&mut self, path: &str, range: Range<usize>, kind: Kind, outer: &[Length]) -> usize {
        let (path, outer, end) = (path.to_owned(), outer.to_vec(), range.end);
        assert!(end <= self.message.len(), "{path} is beyond the message");
        self.fields.push(Field { path, range, kind, outer, element: None });
        end
    }

    fn vector(
        &mut self,
        width: usize,
        (floor, ceiling): (usize, usize),
        inner: Inner,
        path: &str,
        at: usize,
        outer: &[Length],
    ) -> usize {
        let start = at + width;
        let end = start + number(&self.message[at..start]);
        let what = match inner {
            Inner::Opaque => Within::Opaque(&[]),
            Inner::Values(values) => Within::Opaque(values),
            Inner::Items(Shape::Fixed(size, _)) => Within::Items(*size),
            Inner::Items(_) | Inner::One(_) => Within::Others,
        };
        self.put(path, at..end, Kind::Vector { width, floor, ceiling, inner: what }, outer);
        let within = [outer, &[Length { at, width }]].concat();
        match inner {
            Inner::Opaque | Inner::Values(_) => {}
            Inner::One(shape) => {
                let stop = self.field(shape, path, start, end, &within);
                assert_eq!(stop, end, "{path}");
            }
            Inner::Items(shape) => {
                let mut elements = Vec::new();
                let mut now = start;
                while now < end {
                    elements.push(self.fields.len());
                    now = self.field(shape, &format!("{path}[{}]", elements.len() - 1), now, end, &within);
                }
                self.are_elements(&elements);
            }
        }
        end
    }

    fn extensions(
        &mut self,
        named: fn(u16) -> (&'static str, Inner),
        path: &str,
        at: usize,
        outer: &[Length],
    ) -> usize {
        let end = at + 2 + number(&self.message[at..at + 2]);
        let kind = Kind::Vector { width: 2, floor: 0, ceiling: 0xffff, inner: Within::Others };
        self.put(path, at..end, kind, outer);
        let within = [outer, &[Length { at, width: 2 }]].concat();
        let mut elements = Vec::new();
        let mut now = at + 2;
        while now < end {
            let extension_type = u16::try_from(number(&self.message[now..now + 2])).unwrap();
            let (name, inner) = named(extension_type);
            let path = join(path, name);
            let place = self.fields.len();
            elements.push(place);
            self.put(&path, now..now, Kind::Struct, &within);
            let data = self.field(&EXTENSION_TYPE, &join(&path, "extension_type"), now, end, &within);
            now = self.vector(2, (0, 0xffff), inner, &join(&path, "extension_data"), data, &within);
            self.fields[place].range.end = now;
        }
        self.are_elements(&elements);
        end
    }

    fn are_elements(&mut self, elements: &[usize]) {
        for (i, place) in elements.iter().enumerate() {
            let next = elements.get(i + 1).map(|next| self.fields[*next].range.clone());
            self.fields[*place].element = Some(next);
        }
    }
}

/// An unassigned type, and a GREASE type (RFC 8701).
const EXTENSION_TYPE: Shape = Shape::Fixed(2, &[("unknown", &[0xfa, 0xce])]);

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
