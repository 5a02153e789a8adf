//! `application_layer_protocol_negotiation` (RFC 7301 section 3.1).

use core::fmt;

use crate::codec::{MAX_8, MAX_16};
use crate::hex::Hex;
use crate::{Decode, DecodeError, Encode, EncodeError, List, Reader, Writer};

/// The name of an application protocol, such as `h2`: `opaque ProtocolName<1..2^8-1>` (RFC 7301 section 3.1).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtocolName<'a>(pub &'a [u8]);

impl ProtocolName<'_> {
    /// Whether the name is one of the sixteen that RFC 8701 section 2 reserves to keep peers tolerant: two equal bytes,
    /// 0x0A0A to 0xFAFA.
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

/// Reads the server's list, which holds exactly one name.
pub(super) fn decode_choice<'a>(r: &mut Reader<'a>) -> Result<ProtocolName<'a>, DecodeError> {
    let mut list = r.vec16(2, MAX_16, LIST)?;
    let name = ProtocolName::decode(&mut list)?;
    list.finish(LIST)?;
    Ok(name)
}

pub(super) fn encode_choice(name: ProtocolName<'_>, w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.vec16(2, MAX_16, LIST, |w| name.encode(w))
}
