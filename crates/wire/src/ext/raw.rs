//! Undecoded extensions: a type and bytes.

use crate::bounds::MAX_16;
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

/// The number of types above 63 that are compared linearly before a bit set is used. Hellos have fewer in
/// practice.
const FEW: usize = 64;

impl<'a> RawExtensions<'a> {
    /// `rest` must contain whole extensions.
    pub(super) const fn new(rest: Reader<'a>) -> Self {
        Self { rest }
    }

    /// Consumes `r` and checks that it contains whole extensions without duplicates. "There MUST NOT be more
    /// than one extension of the same type" (RFC 5246 section 7.4.1.4). `content` decodes the content of
    /// each.
    ///
    /// The cost is linear in the length of the block: the types below 64 have a bit each, and each of the
    /// first 64 others is compared with those before it. The rest are looked up in a bit set of all types,
    /// 8 KB on the stack.
    pub(super) fn check(
        r: &mut Reader<'a>,
        mut content: impl FnMut(&RawExtension<'a>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let mut low = 0_u64;
        let (mut high, mut count) = ([ExtensionType(0); FEW], 0);
        while !r.is_empty() {
            if count == FEW {
                return check_many(low, &high, r, &mut content);
            }
            let is_new = |extension_type: ExtensionType| {
                if extension_type.0 < 64 {
                    let bit = 1 << extension_type.0;
                    let is_new = low & bit == 0;
                    low |= bit;
                    return is_new;
                }
                let is_new = !high.get(..count).is_some_and(|before| before.contains(&extension_type));
                if let Some(place) = high.get_mut(count) {
                    *place = extension_type;
                }
                count += 1;
                is_new
            };
            check_next(r, is_new, &mut content)?;
        }
        Ok(())
    }
}

/// Decodes one extension. `is_new` records its type and returns `false` if it has occurred before.
fn check_next<'a>(
    r: &mut Reader<'a>,
    is_new: impl FnOnce(ExtensionType) -> bool,
    content: &mut impl FnMut(&RawExtension<'a>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let offset = r.offset();
    let raw = RawExtension::decode(r)?;
    let extension_type = raw.extension_type;
    if !is_new(extension_type) {
        let kind = DecodeErrorKind::DuplicateExtension { extension_type };
        return Err(DecodeError::new(kind, offset, "Extension.extension_type"));
    }
    content(&raw)
}

/// Checks the extensions that exceed the short list. This is a separate function so that only large blocks
/// use the stack memory of the set.
#[cold]
#[inline(never)]
fn check_many<'a>(
    low: u64,
    high: &[ExtensionType],
    r: &mut Reader<'a>,
    content: &mut impl FnMut(&RawExtension<'a>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let mut set = TypeSet([0; 1024]);
    if let Some(first) = set.0.first_mut() {
        *first = low;
    }
    for extension_type in high {
        set.insert(*extension_type);
    }
    while !r.is_empty() {
        check_next(r, |extension_type| set.insert(extension_type), content)?;
    }
    Ok(())
}

/// A set of extension types, with one bit for each of the 65,536.
struct TypeSet([u64; 1024]);

impl TypeSet {
    /// Inserts a type and returns `true` if it was not in the set.
    fn insert(&mut self, extension_type: ExtensionType) -> bool {
        let Some(word) = self.0.get_mut(usize::from(extension_type.0 / 64)) else { return false };
        let bit = 1 << (extension_type.0 % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}

impl<'a> Iterator for RawExtensions<'a> {
    type Item = RawExtension<'a>;

    fn next(&mut self) -> Option<RawExtension<'a>> {
        if self.rest.is_empty() { None } else { RawExtension::decode(&mut self.rest).ok() }
    }
}
