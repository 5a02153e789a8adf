//! `supported_groups` and `ec_point_formats` (RFC 8422 sections 5.1.1 and 5.1.2, RFC 7919 section 3).

use crate::bounds::{MAX_8, MAX_16};
use crate::codec::{Decode, Encode};
use crate::codes::{EcPointFormat, NamedGroup};
use crate::error::{DecodeError, EncodeError};
use crate::list::List;
use crate::reader::Reader;
use crate::writer::Writer;

const GROUPS: &str = "named_group_list";
const FORMATS: &str = "ec_point_format_list";

pub(super) fn decode_groups<'a>(r: &mut Reader<'a>) -> Result<List<'a, NamedGroup>, DecodeError> {
    List::decode(&mut r.vec16(2, MAX_16, GROUPS)?)
}

pub(super) fn encode_groups(list: &List<'_, NamedGroup>, w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.vec16(2, MAX_16, GROUPS, |w| list.encode(w))
}

pub(super) fn decode_point_formats<'a>(r: &mut Reader<'a>) -> Result<List<'a, EcPointFormat>, DecodeError> {
    List::decode(&mut r.vec8(1, MAX_8, FORMATS)?)
}

pub(super) fn encode_point_formats(
    list: &List<'_, EcPointFormat>,
    w: &mut Writer<'_>,
) -> Result<(), EncodeError> {
    w.vec8(1, MAX_8, FORMATS, |w| list.encode(w))
}
