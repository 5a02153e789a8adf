//! `server_name` (RFC 6066 section 3).

use core::fmt;

use crate::bounds::MAX_16;
use crate::codec::{Decode, Encode};
use crate::codes::NameType;
use crate::error::{DecodeError, DecodeErrorKind, EncodeError};
use crate::hex::Hex;
use crate::list::List;
use crate::reader::Reader;
use crate::writer::Writer;

/// A name of the requested server (RFC 6066 section 3).
///
/// Names of unknown types have a two-byte length too, as the RFC requires of all future types.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ServerName<'a> {
    /// The type of the name.
    pub name_type: NameType,
    /// The name. For `host_name` it is `opaque HostName<1..2^16-1>`, a DNS name in ASCII without a trailing
    /// dot; decoding does not check this. Names of other types may be empty.
    pub name: &'a [u8],
}

impl<'a> ServerName<'a> {
    /// Creates a name of type `host_name`.
    #[must_use]
    pub const fn host(name: &'a [u8]) -> Self {
        Self { name_type: NameType::HOST_NAME, name }
    }

    const fn bounds(name_type: NameType) -> (usize, &'static str) {
        match name_type {
            NameType::HOST_NAME => (1, "ServerName.HostName"),
            _ => (0, "ServerName.name"),
        }
    }
}

impl fmt::Debug for ServerName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match str::from_utf8(self.name) {
            Ok(name) => write!(f, "{}({name:?})", self.name_type),
            Err(_) => write!(f, "{}({})", self.name_type, Hex(self.name)),
        }
    }
}

impl<'a> Decode<'a> for ServerName<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let name_type = NameType(r.u8("ServerName.name_type")?);
        let (min, what) = Self::bounds(name_type);
        Ok(Self { name_type, name: r.vec16(min, MAX_16, what)?.rest() })
    }
}

impl Encode for ServerName<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.name_type.encode(w)?;
        let (min, what) = Self::bounds(self.name_type);
        w.vec16(min, MAX_16, what, |w| w.bytes(self.name))
    }
}

const LIST: &str = "ServerNameList.server_name_list";

/// Decodes a `ServerNameList`. "The ServerNameList MUST NOT contain more than one name of the same name_type"
/// (RFC 6066 section 3).
pub(super) fn decode_list<'a>(r: &mut Reader<'a>) -> Result<List<'a, ServerName<'a>>, DecodeError> {
    let mut list = r.vec16(1, MAX_16, LIST)?;
    let mut walk = list.clone();
    let names = List::decode(&mut list)?;
    let mut seen = [false; 256];
    while !walk.is_empty() {
        let start = walk.clone();
        let name = ServerName::decode(&mut walk)?;
        if let Some(seen) = seen.get_mut(usize::from(name.name_type.0))
            && core::mem::replace(seen, true)
        {
            let kind = DecodeErrorKind::DuplicateEntry { value: name.name_type.0.into() };
            return Err(start.error(kind, "ServerName.name_type"));
        }
    }
    Ok(names)
}

pub(super) fn encode_list(list: &List<'_, ServerName<'_>>, w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.vec16(1, MAX_16, LIST, |w| list.encode(w))
}
