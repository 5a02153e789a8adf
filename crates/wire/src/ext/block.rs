//! The extension block of a hello.

use core::fmt;
use core::slice;

use super::{RawExtension, RawExtensions};
use crate::bounds::MAX_16;
use crate::codec::{Decode, Encode};
use crate::codes::ExtensionType;
use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// The extensions of one message type, such as ClientHello.
pub trait Extension<'a>: Clone {
    /// The type of the extension.
    fn extension_type(&self) -> ExtensionType;

    /// Decodes the content of an extension. An unknown type is not an error.
    ///
    /// # Errors
    ///
    /// The content is malformed. The caller checks that no bytes remain.
    fn decode_data(extension_type: ExtensionType, r: &mut Reader<'a>) -> Result<Self, DecodeError>;

    /// Encodes the content.
    ///
    /// # Errors
    ///
    /// As [`Encode::encode`].
    fn encode_data(&self, w: &mut Writer<'_>) -> Result<(), EncodeError>;
}

/// An extension block, `Extension extensions<0..2^16-1>` (RFC 5246 section 7.4.1.4, RFC 9846 section 4.3):
/// either validated bytes from the wire, or a slice of extensions.
///
/// Decoding validates the content of every extension and rejects duplicates, so that iteration cannot fail.
/// Its cost is linear in the length of the block, which has room for at most 16,383 extensions. Order is
/// preserved. Encoding a slice does not check for duplicates. Two blocks are equal if their extensions are
/// equal, in either representation.
pub struct Extensions<'a, E> {
    repr: Repr<'a, E>,
}

enum Repr<'a, E> {
    Wire { offset: usize, bytes: &'a [u8] },
    Items(&'a [E]),
}

impl<'a, E: Extension<'a>> Extensions<'a, E> {
    /// Creates a block of `items`.
    #[must_use]
    pub const fn from_items(items: &'a [E]) -> Self {
        Self { repr: Repr::Items(items) }
    }

    /// The extensions in order.
    #[must_use]
    pub fn iter(&self) -> ExtensionsIter<'a, E> {
        ExtensionsIter {
            repr: match &self.repr {
                &Repr::Wire { offset, bytes } => {
                    IterRepr::Wire(RawExtensions::new(Reader::at(offset, bytes)))
                }
                Repr::Items(items) => IterRepr::Items(items.iter()),
            },
        }
    }

    /// The undecoded extensions, or `None` if the block was not decoded from the wire.
    #[must_use]
    pub const fn raw(&self) -> Option<RawExtensions<'a>> {
        match self.repr {
            Repr::Wire { offset, bytes } => Some(RawExtensions::new(Reader::at(offset, bytes))),
            Repr::Items(_) => None,
        }
    }

    /// The types of the extensions in order.
    pub fn types(&self) -> impl Iterator<Item = ExtensionType> + use<'a, E> {
        let (raw, items) = match self.repr {
            Repr::Wire { .. } => (self.raw(), &[][..]),
            Repr::Items(items) => (None, items),
        };
        raw.into_iter().flatten().map(|raw| raw.extension_type).chain(items.iter().map(E::extension_type))
    }

    /// The extension of this type, if the block has one.
    #[must_use]
    pub fn get(&self, extension_type: ExtensionType) -> Option<E> {
        match self.repr {
            Repr::Wire { .. } => {
                self.raw()?.find(|raw| raw.extension_type == extension_type).and_then(|raw| typed(&raw).ok())
            }
            Repr::Items(items) => items.iter().find(|item| item.extension_type() == extension_type).cloned(),
        }
    }

    /// Returns `true` if the block has an extension of this type.
    #[must_use]
    pub fn contains(&self, extension_type: ExtensionType) -> bool {
        self.types().any(|each| each == extension_type)
    }

    /// The number of extensions. For a decoded block this takes time linear in its length.
    #[must_use]
    pub fn len(&self) -> usize {
        self.types().count()
    }

    /// Returns `true` if the block has no extensions.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        match self.repr {
            Repr::Wire { bytes, .. } => bytes.is_empty(),
            Repr::Items(items) => items.is_empty(),
        }
    }

    /// Decodes the block and passes each extension to `each`, in order, as soon as its content is decoded.
    /// So a caller that needs the contents does not decode them again with [`iter`](Self::iter). The passed
    /// extensions count only if the whole block is valid.
    ///
    /// # Errors
    ///
    /// As [`Decode::decode`]: an extension is malformed or occurs twice.
    pub fn decode_each(r: &mut Reader<'a>, each: impl FnMut(E)) -> Result<Self, DecodeError> {
        Self::decode_at_least(r, 0, each)
    }

    /// As [`decode_each`](Self::decode_each), for a block of at least `min` bytes.
    #[inline]
    pub(crate) fn decode_at_least(
        r: &mut Reader<'a>,
        min: usize,
        mut each: impl FnMut(E),
    ) -> Result<Self, DecodeError> {
        let mut block = r.vec16(min, MAX_16, "extensions")?;
        let repr = Repr::Wire { offset: block.offset(), bytes: block.peek() };
        RawExtensions::check(&mut block, |raw| typed(raw).map(&mut each))?;
        Ok(Self { repr })
    }

    /// Decodes the block of a hello, as [`decode_each`](Self::decode_each). RFC 5246 section 7.4.1.2: "The
    /// presence of extensions can be detected by determining whether there are bytes following the
    /// compression_methods at the end of the ClientHello", and section 7.4.1.3 likewise for ServerHello.
    pub(crate) fn decode_optional(
        r: &mut Reader<'a>,
        each: impl FnMut(E),
    ) -> Result<Option<Self>, DecodeError> {
        if r.is_empty() { Ok(None) } else { Self::decode_each(r, each).map(Some) }
    }
}

impl<'a, E: Extension<'a>> Extensions<'a, E> {
    /// Encodes the block, which has at least `min` bytes.
    #[inline]
    pub(crate) fn encode_at_least(&self, min: usize, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.vec16(min, MAX_16, "extensions", |w| match self.repr {
            Repr::Wire { bytes, .. } => w.bytes(bytes),
            Repr::Items(items) => items.iter().try_for_each(|item| {
                item.extension_type().encode(w)?;
                w.vec16(0, MAX_16, "Extension.extension_data", |w| item.encode_data(w))
            }),
        })
    }
}

/// Decodes the content of an extension.
fn typed<'a, E: Extension<'a>>(raw: &RawExtension<'a>) -> Result<E, DecodeError> {
    let mut data = Reader::at(raw.offset, raw.data);
    let extension = E::decode_data(raw.extension_type, &mut data)?;
    data.finish(raw.extension_type.name().unwrap_or("Extension.extension_data"))?;
    Ok(extension)
}

impl<'a, E: Extension<'a>> Decode<'a> for Extensions<'a, E> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Self::decode_each(r, drop)
    }
}

impl<'a, E: Extension<'a>> Encode for Extensions<'a, E> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.encode_at_least(0, w)
    }
}

impl<E> Clone for Extensions<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Extensions<'_, E> {}

impl<E> Clone for Repr<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Repr<'_, E> {}

impl<E> Default for Extensions<'_, E> {
    fn default() -> Self {
        Self { repr: Repr::Items(&[]) }
    }
}

impl<'a, E: Extension<'a> + fmt::Debug> fmt::Debug for Extensions<'a, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, E: Extension<'a> + PartialEq> PartialEq for Extensions<'a, E> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a, E: Extension<'a> + Eq> Eq for Extensions<'a, E> {}

impl<'a, E: Extension<'a>> IntoIterator for Extensions<'a, E> {
    type Item = E;
    type IntoIter = ExtensionsIter<'a, E>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, E: Extension<'a>> IntoIterator for &Extensions<'a, E> {
    type Item = E;
    type IntoIter = ExtensionsIter<'a, E>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The extensions of an [`Extensions`] in order.
#[derive(Clone)]
pub struct ExtensionsIter<'a, E> {
    repr: IterRepr<'a, E>,
}

#[derive(Clone)]
enum IterRepr<'a, E> {
    Wire(RawExtensions<'a>),
    Items(slice::Iter<'a, E>),
}

impl<'a, E: Extension<'a>> Iterator for ExtensionsIter<'a, E> {
    type Item = E;

    fn next(&mut self) -> Option<E> {
        match &mut self.repr {
            IterRepr::Wire(raw) => typed(&raw.next()?).ok(),
            IterRepr::Items(items) => items.next().cloned(),
        }
    }
}

impl<'a, E: Extension<'a> + fmt::Debug> fmt::Debug for ExtensionsIter<'a, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
