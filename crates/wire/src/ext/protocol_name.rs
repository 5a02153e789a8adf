//! `application_layer_protocol_negotiation` (RFC 7301 section 3.1).

use core::fmt;

use crate::bounds::{MAX_8, MAX_16};
use crate::codec::{Decode, Encode};
use crate::error::{DecodeError, EncodeError};
use crate::hex::Hex;
use crate::list::List;
use crate::reader::Reader;
use crate::writer::Writer;

/// The name of an application protocol, such as `h2`: `opaque ProtocolName<1..2^8-1>` (RFC 7301 section 3.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtocolName<'a>(pub &'a [u8]);

impl ProtocolName<'_> {
    /// Returns `true` if the name is one of the 16 GREASE values: two equal bytes, 0x0A0A to 0xFAFA (RFC 8701
    /// section 2).
    #[must_use]
    pub const fn is_grease(self) -> bool {
        matches!(self.0, &[first, second] if first == second && first & 0x0f == 0x0a)
    }
}

impl fmt::Debug for ProtocolName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match str::from_utf8(self.0) {
            Ok(name) => write!(f, "{name:?}"),
            Err(_) => write!(f, "{}", Hex(self.0)),
        }
    }
}

impl<'a> Decode<'a> for ProtocolName<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self(r.vec8(1, MAX_8, "ProtocolName")?.rest()))
    }
}

impl Encode for ProtocolName<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.vec8(1, MAX_8, "ProtocolName", |w| w.bytes(self.0))
    }
}

const LIST: &str = "ProtocolNameList.protocol_name_list";

pub(super) fn decode_list<'a>(r: &mut Reader<'a>) -> Result<List<'a, ProtocolName<'a>>, DecodeError> {
    List::decode(&mut r.vec16(2, MAX_16, LIST)?)
}

pub(super) fn encode_list(list: &List<'_, ProtocolName<'_>>, w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.vec16(2, MAX_16, LIST, |w| list.encode(w))
}

/// Decodes the server's list, which contains exactly one name.
pub(super) fn decode_choice<'a>(r: &mut Reader<'a>) -> Result<ProtocolName<'a>, DecodeError> {
    let mut list = r.vec16(2, MAX_16, LIST)?;
    let name = ProtocolName::decode(&mut list)?;
    list.finish(LIST)?;
    Ok(name)
}

pub(super) fn encode_choice(name: ProtocolName<'_>, w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.vec16(2, MAX_16, LIST, |w| name.encode(w))
}
