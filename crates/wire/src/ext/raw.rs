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

/// How many extensions a block may hold: twice as many as the IANA registry has, with room for GREASE and private ones. A
/// hello with more could only be meant to cost time.
pub const MAX_EXTENSIONS: usize = 128;

impl<'a> RawExtensions<'a> {
    /// `rest` holds whole extensions.
    pub(super) const fn new(rest: Reader<'a>) -> Self {
        Self { rest }
    }

    /// Reads all of `r` and checks that it holds whole extensions, none of them twice, and not too many; what is in each,
    /// `check_content` checks.
    ///
    /// Each is compared with all before it, which the limit keeps cheap: some 8,000 comparisons of two bytes at the most.
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
