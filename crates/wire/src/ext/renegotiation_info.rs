//! `renegotiation_info` (RFC 5746 section 3.2).

use crate::bounds::MAX_8;
use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

const FIELD: &str = "RenegotiationInfo.renegotiated_connection";

pub(super) fn decode<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    Ok(r.vec8(0, MAX_8, FIELD)?.rest())
}

pub(super) fn encode(renegotiated_connection: &[u8], w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.vec8(0, MAX_8, FIELD, |w| w.bytes(renegotiated_connection))
}
