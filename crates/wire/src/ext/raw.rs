//! Undecoded extensions: a type and bytes.

use crate::codec::MAX_16;
use crate::codec::{Decode, Encode};
use crate::codes::ExtensionType;
use crate::error::{DecodeError, DecodeErrorKind, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// An extension with undecoded content (RFC 5246 section 7.4.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawExtension<'a> {
    /// The type of the extension.
    pub extension_type: ExtensionType,
    /// The offset of `data` in the outermost input, in bytes. Encoding ignores it.
    pub offset: usize,
    /// The content: `opaque extension_data<0..2^16-1>`.
    pub data: &'a [u8],
}

impl RawExtension<'_> {
    /// The size of type and length, which precede the content, in bytes.
    pub const HEADER: usize = 4;
}

impl<'a> Decode<'a> for RawExtension<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let extension_type = ExtensionType(r.u16("Extension.extension_type")?);
        let mut data = r.vec16(0, MAX_16, "Extension.extension_data")?;
        let offset = data.offset();
        Ok(Self { extension_type, offset, data: data.rest() })
    }
}

impl Encode for RawExtension<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.extension_type.encode(w)?;
        w.vec16(0, MAX_16, "Extension.extension_data", |w| w.bytes(self.data))
    }
}

/// An iterator over the undecoded extensions of a block.
#[derive(Clone, Debug)]
pub struct RawExtensions<'a> {
    rest: Reader<'a>,
}

/// The maximum number of extensions in a block. It is about twice the number of registered types, which
/// leaves room for GREASE and private values, and bounds the work that a hostile hello can cause.
pub const MAX_EXTENSIONS: usize = 128;

impl<'a> RawExtensions<'a> {
    /// `rest` must contain whole extensions.
    pub(super) const fn new(rest: Reader<'a>) -> Self {
        Self { rest }
    }

    /// Consumes `r` and checks that it contains whole extensions, at most [`MAX_EXTENSIONS`] and without
    /// duplicates. `check_content` validates the content of each.
    ///
    /// Each type is compared with all types before it: at most about 8,000 comparisons of two bytes.
    pub(super) fn check(
        r: &mut Reader<'a>,
        check_content: impl Fn(&RawExtension<'a>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let mut seen = [ExtensionType(0); MAX_EXTENSIONS];
        let mut count = 0;
        while !r.is_empty() {
            let offset = r.offset();
            let raw = RawExtension::decode(r)?;
            let extension_type = raw.extension_type;
            let error = |kind| Err(DecodeError::new(kind, offset, "Extension.extension_type"));
            if seen.get(..count).is_some_and(|before| before.contains(&extension_type)) {
                return error(DecodeErrorKind::DuplicateExtension { extension_type });
            }
            match seen.get_mut(count) {
                Some(place) => *place = extension_type,
                None => return error(DecodeErrorKind::TooManyExtensions { limit: MAX_EXTENSIONS }),
            }
            count += 1;
            check_content(&raw)?;
        }
        Ok(())
    }
}

impl<'a> Iterator for RawExtensions<'a> {
    type Item = RawExtension<'a>;

    fn next(&mut self) -> Option<RawExtension<'a>> {
        if self.rest.is_empty() { None } else { RawExtension::decode(&mut self.rest).ok() }
    }
}
