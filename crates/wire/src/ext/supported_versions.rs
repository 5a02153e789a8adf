//! `supported_versions` (RFC 8446 section 4.2.1): a client sends a list, a server one.

use crate::{Decode, DecodeError, Encode, EncodeError, List, ProtocolVersion, Reader, Writer};

const LIST: &str = "SupportedVersions.versions";
/// The bound that the RFC gives, in bytes.
const MAX: usize = 254;

pub(super) fn decode_list<'a>(r: &mut Reader<'a>) -> Result<List<'a, ProtocolVersion>, DecodeError> {
    List::decode(&mut r.vec8(2, MAX, LIST)?)
}

pub(super) fn encode_list(list: &List<'_, ProtocolVersion>, w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.vec8(2, MAX, LIST, |w| list.encode(w))
}
