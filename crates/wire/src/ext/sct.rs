//! `signed_certificate_timestamp` (RFC 6962 section 3.3).

use crate::bounds::MAX_16;
use crate::codec::opaque_vector;
use crate::codec::{Decode, Encode};
use crate::error::{DecodeError, EncodeError};
use crate::list::List;
use crate::reader::Reader;
use crate::writer::Writer;

opaque_vector! {
    /// A signed certificate timestamp: `opaque SerializedSCT<1..2^16-1>` (RFC 6962 section 3.3).
    pub struct SerializedSct, vec16, 1, MAX_16, "SerializedSCT"
}

const LIST: &str = "SignedCertificateTimestampList.sct_list";

pub(super) fn decode_list<'a>(r: &mut Reader<'a>) -> Result<List<'a, SerializedSct<'a>>, DecodeError> {
    List::decode(&mut r.vec16(1, MAX_16, LIST)?)
}

pub(super) fn encode_list(list: &List<'_, SerializedSct<'_>>, w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.vec16(1, MAX_16, LIST, |w| list.encode(w))
}
