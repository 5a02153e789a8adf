//! `supported_versions` (RFC 9846 section 4.3.1). The client sends a list, the server a single value.

use crate::codec::{Decode, Encode};
use crate::codes::ProtocolVersion;
use crate::error::{DecodeError, EncodeError};
use crate::list::List;
use crate::reader::Reader;
use crate::writer::Writer;

const LIST: &str = "SupportedVersions.versions";
/// The upper bound of the list, in bytes.
const MAX: usize = 254;

pub(super) fn decode_list<'a>(r: &mut Reader<'a>) -> Result<List<'a, ProtocolVersion>, DecodeError> {
    List::decode(&mut r.vec8(2, MAX, LIST)?)
}

pub(super) fn encode_list(list: &List<'_, ProtocolVersion>, w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.vec8(2, MAX, LIST, |w| list.encode(w))
}
