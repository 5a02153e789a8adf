//! Vectors of elements, decoded without allocation and encoded from a slice.

use core::fmt;
use core::marker::PhantomData;
use core::slice;

use crate::codec::{Decode, Encode};
use crate::error::{DecodeError, DecodeErrorKind, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// The elements of a vector: either validated bytes from the wire, or a slice of elements.
///
/// Decoding consumes the *whole* reader and validates every element, so that iteration cannot fail. The
/// length prefix of the vector and its bounds belong to the field that uses the list. Two lists are equal if
/// their elements are equal, in either representation.
pub struct List<'a, T> {
    repr: Repr<'a, T>,
}

enum Repr<'a, T> {
    Wire { offset: usize, bytes: &'a [u8] },
    Items(&'a [T]),
}

impl<'a, T: Decode<'a> + Encode + Clone> List<'a, T> {
    /// Creates a list of `items`.
    #[must_use]
    pub const fn from_items(items: &'a [T]) -> Self {
        Self { repr: Repr::Items(items) }
    }

    /// The elements in order.
    #[must_use]
    pub fn iter(&self) -> ListIter<'a, T> {
        ListIter {
            repr: match &self.repr {
                &Repr::Wire { offset, bytes } => IterRepr::Wire(Reader::at(offset, bytes), PhantomData),
                Repr::Items(items) => IterRepr::Items(items.iter()),
            },
        }
    }

    /// Returns `true` if the list has no elements.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        match &self.repr {
            Repr::Wire { bytes, .. } => bytes.is_empty(),
            Repr::Items(items) => items.is_empty(),
        }
    }

    /// The number of elements. For a decoded list whose elements vary in size, this decodes each of them.
    #[must_use]
    pub fn len(&self) -> usize {
        match (&self.repr, T::SIZE) {
            (Repr::Items(items), _) => items.len(),
            (Repr::Wire { bytes, .. }, Some(size)) => bytes.len().checked_div(size).unwrap_or(0),
            (Repr::Wire { .. }, None) => self.iter().count(),
        }
    }

    /// The first element.
    #[must_use]
    pub fn first(&self) -> Option<T> {
        self.iter().next()
    }

    /// Returns `true` if an element equals `item`.
    #[must_use]
    pub fn contains(&self, item: &T) -> bool
    where
        T: PartialEq,
    {
        self.iter().any(|each| each == *item)
    }
}

impl<'a, T: Decode<'a> + Encode + Clone> Decode<'a> for List<'a, T> {
    /// Consumes the whole reader.
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let all = Repr::Wire { offset: r.offset(), bytes: r.peek() };
        if let Some(of) = T::SIZE {
            // RFC 5246 section 4.3: "The length of an encoded vector must be an even multiple of the length
            // of a single element (for example, a 17-byte vector of uint16 would be illegal)."
            let length = r.remaining();
            if length.checked_rem(of) != Some(0) {
                return Err(r.error(DecodeErrorKind::LengthNotMultiple { length, of }, "list"));
            }
            if T::ANY {
                r.rest();
            }
        }
        while !r.is_empty() {
            let before = r.remaining();
            T::decode(r)?;
            // A zero-length element would loop forever.
            if r.remaining() == before {
                return Err(r.error(DecodeErrorKind::TrailingBytes { count: before }, "list"));
            }
        }
        Ok(Self { repr: all })
    }
}

impl<'a, T: Decode<'a> + Encode + Clone> Encode for List<'a, T> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        match &self.repr {
            Repr::Wire { bytes, .. } => w.bytes(bytes),
            Repr::Items(items) => items.iter().try_for_each(|item| item.encode(w)),
        }
    }
}

impl<T> Clone for List<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for List<'_, T> {}

impl<T> Clone for Repr<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Repr<'_, T> {}

impl<T> Default for List<'_, T> {
    fn default() -> Self {
        Self { repr: Repr::Items(&[]) }
    }
}

impl<'a, T: Decode<'a> + Encode + Clone + fmt::Debug> fmt::Debug for List<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: Decode<'a> + Encode + Clone + PartialEq> PartialEq for List<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a, T: Decode<'a> + Encode + Clone + Eq> Eq for List<'a, T> {}

impl<'a, T: Decode<'a> + Encode + Clone> IntoIterator for List<'a, T> {
    type Item = T;
    type IntoIter = ListIter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T: Decode<'a> + Encode + Clone> IntoIterator for &List<'a, T> {
    type Item = T;
    type IntoIter = ListIter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The elements of a [`List`] in order.
pub struct ListIter<'a, T> {
    repr: IterRepr<'a, T>,
}

enum IterRepr<'a, T> {
    Wire(Reader<'a>, PhantomData<&'a [T]>),
    Items(slice::Iter<'a, T>),
}

impl<'a, T: Decode<'a> + Clone> Iterator for ListIter<'a, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        match &mut self.repr {
            IterRepr::Wire(r, _) if r.is_empty() => None,
            IterRepr::Wire(r, _) => T::decode(r).ok(),
            IterRepr::Items(items) => items.next().cloned(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match (&self.repr, T::SIZE) {
            (IterRepr::Items(items), _) => items.size_hint(),
            (IterRepr::Wire(r, _), Some(size)) => {
                let len = r.remaining().checked_div(size).unwrap_or(0);
                (len, Some(len))
            }
            (IterRepr::Wire(r, _), None) => (usize::from(!r.is_empty()), Some(r.remaining())),
        }
    }
}

impl<T> Clone for ListIter<'_, T> {
    fn clone(&self) -> Self {
        Self {
            repr: match &self.repr {
                IterRepr::Wire(r, _) => IterRepr::Wire(r.clone(), PhantomData),
                IterRepr::Items(items) => IterRepr::Items(items.clone()),
            },
        }
    }
}

impl<'a, T: Decode<'a> + Clone + fmt::Debug> fmt::Debug for ListIter<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// Defines a type that consists of one vector of elements: `Name { field: Element }, vec16, 1, MAX_16,
/// "RFC name"`.
macro_rules! element_vector {
    (
        $(#[$attribute:meta])*
        pub struct $type:ident { $(#[$field_attribute:meta])* $field:ident: $element:ty },
        $vector:ident, $min:expr, $max:expr, $what:literal
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $type<'a> {
            $(#[$field_attribute])*
            pub $field: $crate::list::List<'a, $element>,
        }

        impl<'a> $crate::codec::Decode<'a> for $type<'a> {
            fn decode(r: &mut $crate::reader::Reader<'a>) -> Result<Self, $crate::error::DecodeError> {
                let mut elements = r.$vector($min, $max, $what)?;
                Ok(Self { $field: $crate::codec::Decode::decode(&mut elements)? })
            }
        }

        impl $crate::codec::Encode for $type<'_> {
            fn encode(&self, w: &mut $crate::writer::Writer<'_>) -> Result<(), $crate::error::EncodeError> {
                w.$vector($min, $max, $what, |w| $crate::codec::Encode::encode(&self.$field, w))
            }
        }
    };
}

pub(crate) use element_vector;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::CipherSuite;
    use crate::handshake::Asn1Cert;

    #[test]
    fn decoded_and_built_lists_are_equal() {
        let items = [CipherSuite(1), CipherSuite(2)];
        let list = List::from_items(&items);
        let wire = List::decode_exact(&[0, 1, 0, 2]).unwrap();
        assert_eq!(list, wire);
        assert_eq!((list.len(), wire.len()), (2, 2));
        assert_eq!(wire.iter().size_hint(), (2, Some(2)));
        assert!(wire.contains(&CipherSuite(2)) && !wire.contains(&CipherSuite(3)));
        assert_eq!(wire.first(), Some(CipherSuite(1)));
        assert!(wire.into_iter().eq(items));
        assert_ne!(list, List::default());
        assert!(List::<CipherSuite>::default().is_empty());
    }

    #[test]
    fn elements_may_vary_in_size() {
        let wire: List<'_, Asn1Cert<'_>> = List::decode_exact(&[0, 0, 1, 7, 0, 0, 2, 8, 9]).unwrap();
        assert_eq!(wire.len(), 2);
        assert!(wire.into_iter().eq([Asn1Cert(&[7]), Asn1Cert(&[8, 9])]));
    }

    #[test]
    fn partial_element_is_rejected() {
        let error = List::<CipherSuite>::decode(&mut Reader::at(10, &[0, 1, 0])).unwrap_err();
        assert_eq!(error.kind, DecodeErrorKind::LengthNotMultiple { length: 3, of: 2 });
        assert_eq!(error.offset, 10);
        let error = List::<Asn1Cert<'_>>::decode(&mut Reader::at(10, &[0, 0, 1, 7, 0, 0, 0])).unwrap_err();
        assert_eq!(error.offset, 14);
    }

    #[test]
    fn zero_length_elements_are_rejected() {
        use crate::handshake::HelloRequest;
        assert!(List::<HelloRequest>::decode_exact(&[1]).is_err());
        assert!(List::<HelloRequest>::decode_exact(&[]).is_err());
    }
}
