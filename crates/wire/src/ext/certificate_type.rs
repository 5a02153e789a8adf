//! `client_certificate_type` and `server_certificate_type` (RFC 7250 section 3). The client sends a list, the
//! server a single value.

use crate::bounds::MAX_8;
use crate::codec::{Decode, Encode};
use crate::codes::CertificateType;
use crate::error::{DecodeError, EncodeError};
use crate::list::List;
use crate::reader::Reader;
use crate::writer::Writer;

const LIST: &str = "certificate_types";

pub(super) fn decode_list<'a>(r: &mut Reader<'a>) -> Result<List<'a, CertificateType>, DecodeError> {
    List::decode(&mut r.vec8(1, MAX_8, LIST)?)
}

pub(super) fn encode_list(list: &List<'_, CertificateType>, w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.vec8(1, MAX_8, LIST, |w| list.encode(w))
}
