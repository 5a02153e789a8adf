//! `signature_algorithms` (RFC 5246 section 7.4.1.4.1) and `signature_algorithms_cert` (RFC 9846 section
//! 4.3.3).

use crate::bounds::MAX_16;
use crate::codec::{Decode, Encode};
use crate::codes::SignatureScheme;
use crate::error::{DecodeError, EncodeError};
use crate::list::List;
use crate::reader::Reader;
use crate::writer::Writer;

const SCHEMES: &str = "supported_signature_algorithms";

pub(super) fn decode_list<'a>(r: &mut Reader<'a>) -> Result<List<'a, SignatureScheme>, DecodeError> {
    List::decode(&mut r.vec16(2, MAX_16 - 1, SCHEMES)?)
}

pub(super) fn encode_list(list: &List<'_, SignatureScheme>, w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.vec16(2, MAX_16 - 1, SCHEMES, |w| list.encode(w))
}
