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

impl<'a> RawExtensions<'a> {
    /// `rest` holds whole extensions.
    pub(super) const fn new(rest: Reader<'a>) -> Self {
        Self { rest }
    }

    /// Reads all of `r` and checks that it holds whole extensions, none of them twice.
    pub(super) fn check(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let all = Self::new(r.clone());
        // For each sixteenth of the code points a bit: whether an extension is in it.
        let mut windows = 0_u16;
        while !r.is_empty() {
            let extension = RawExtension::decode(r)?;
            windows |= 1 << window(extension.extension_type);
        }
        for number in (0..16).filter(|number| windows & (1 << number) != 0) {
            all.check_window(number)?;
        }
        Ok(all)
    }

    /// Checks one sixteenth of the code points for duplicates.
    ///
    /// A hello can hold 16383 extensions, so that to compare each with each would be a gift to an attacker, and a set of
    /// all code points takes 8 KiB of stack. In windows it is linear, and a hello as they are lies in two or three.
    fn check_window(&self, number: u16) -> Result<(), DecodeError> {
        let mut seen = [0_u64; 64];
        for extension in self.clone().filter(|extension| window(extension.extension_type) == number) {
            let extension_type = extension.extension_type;
            let within = extension_type.0 & 0x0fff;
            let bit = 1_u64 << (within & 63);
            let Some(word) = seen.get_mut(usize::from(within >> 6)) else { continue };
            if *word & bit != 0 {
                return Err(DecodeError::new(
                    DecodeErrorKind::DuplicateExtension { extension_type },
                    extension.offset.saturating_sub(RawExtension::HEADER),
                    "Extension.extension_type",
                ));
            }
            *word |= bit;
        }
        Ok(())
    }
}

/// In which sixteenth of the code points an extension type lies.
const fn window(extension_type: ExtensionType) -> u16 {
    extension_type.0 >> 12
}

impl<'a> Iterator for RawExtensions<'a> {
    type Item = RawExtension<'a>;

    fn next(&mut self) -> Option<RawExtension<'a>> {
        if self.rest.is_empty() { None } else { RawExtension::decode(&mut self.rest).ok() }
    }
}
