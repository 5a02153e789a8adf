//! Encrypts the data of one call.

use super::buffer::Outgoing;
use crate::{
    connection::Writer,
    error::{Error, ErrorKind},
};
use cairn_record::RecordError;

/// The maximum application data that one `write` encrypts: four full records.
pub(super) const MAX_WRITE: usize = 4 << 14;

/// Encrypts as much data as one call accepts.
pub(super) fn seal(writer: &mut Writer, data: &[u8], outgoing: &mut Outgoing) -> Result<usize, Error> {
    let now = data.get(..MAX_WRITE).unwrap_or(data);
    if outgoing.is_empty() {
        let sealed = outgoing.seal(writer.sealed_len(now.len()), |room| writer.write_slice(now, room));
        if !matches!(sealed, Err(Error { kind: ErrorKind::Record(RecordError::KeyExhausted { .. }), .. })) {
            return sealed;
        }
    }
    // It is sent after the pending records. If the usage limit of the key is reached, it includes
    // close_notify.
    writer.write(now, outgoing.end_for_data()).map(|()| now.len())
}
