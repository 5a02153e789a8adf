//! Extensions as they stand on the wire: a type and bytes.

use crate::codec::MAX_16;
use crate::{Decode, DecodeError, DecodeErrorKind, Encode, EncodeError, ExtensionType, Reader, Writer};

/// An extension whose content is not looked into (RFC 5246 section 7.4.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawExtension<'a> {
    /// Which extension it is.
    pub extension_type: ExtensionType,
    /// Where `data` begins, in bytes from the start of the outermost input; not written, and 0 is as good as any where
    /// it does not matter.
    pub offset: usize,
    /// Its content: `opaque extension_data<0..2^16-1>`.
    pub data: &'a [u8],
}

impl RawExtension<'_> {
    /// The size of what stands before the content, the type and the length, in bytes.
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

/// The extensions of a block from the wire, in order.
#[derive(Clone, Debug)]
pub struct RawExtensions<'a> {
    rest: Reader<'a>,
}

/// How many types are remembered in a short list before a set of bits takes over: more than a hello of today has.
const FEW: usize = 64;

impl<'a> RawExtensions<'a> {
    /// `rest` holds whole extensions.
    pub(super) const fn new(rest: Reader<'a>) -> Self {
        Self { rest }
    }

    /// Reads all of `r` and checks that it holds whole extensions, none of them twice (RFC 5246 section 7.4.1.4: "There
    /// MUST NOT be more than one extension of the same type"); what is in each, `check_content` checks.
    ///
    /// The cost is linear in the length of the block: each of the first 64 extensions is compared with those before it,
    /// and the others are looked up in a set with a bit for each type, 8 KB on the stack.
    pub(super) fn check(
        r: &mut Reader<'a>,
        check_content: impl Fn(&RawExtension<'a>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let mut seen = [ExtensionType(0); FEW];
        for count in 0..FEW {
            if r.is_empty() {
                return Ok(());
            }
            let is_new = |extension_type| {
                let is_new = !seen.get(..count).is_some_and(|before| before.contains(&extension_type));
                if let Some(place) = seen.get_mut(count) {
                    *place = extension_type;
                }
                is_new
            };
            check_next(r, is_new, &check_content)?;
        }
        if r.is_empty() { Ok(()) } else { check_many(&seen, r, &check_content) }
    }
}

/// Reads one extension and checks it. `is_new` remembers its type, and says whether it has not come before.
fn check_next<'a>(
    r: &mut Reader<'a>,
    is_new: impl FnOnce(ExtensionType) -> bool,
    check_content: &impl Fn(&RawExtension<'a>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let offset = r.offset();
    let raw = RawExtension::decode(r)?;
    let extension_type = raw.extension_type;
    if !is_new(extension_type) {
        let kind = DecodeErrorKind::DuplicateExtension { extension_type };
        return Err(DecodeError::new(kind, offset, "Extension.extension_type"));
    }
    check_content(&raw)
}

/// Goes on where a block has more extensions than the short list holds. A function of its own, so that only such a block
/// costs the memory of the set.
#[cold]
#[inline(never)]
fn check_many<'a>(
    seen: &[ExtensionType],
    r: &mut Reader<'a>,
    check_content: &impl Fn(&RawExtension<'a>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let mut set = TypeSet([0; 1024]);
    for extension_type in seen {
        set.insert(*extension_type);
    }
    while !r.is_empty() {
        check_next(r, |extension_type| set.insert(extension_type), check_content)?;
    }
    Ok(())
}

/// A set with a bit for each of the 65,536 types.
struct TypeSet([u64; 1024]);

impl TypeSet {
    /// Puts a type in, and says whether it was not there before.
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
