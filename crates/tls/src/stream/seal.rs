//! Encrypts the data of one call.

use super::buffer::Outgoing;
use crate::{
    connection::Writer,
    error::{Error, ErrorKind},
};
use alloc::vec::Vec;
use cairn_record::RecordError;
use std::io::IoSlice;

/// The maximum application data that one `write` encrypts: four full records.
pub(super) const MAX_WRITE: usize = 4 << 14;

/// Encrypts as much data of the slices as one call accepts. Small slices share records.
pub(super) fn seal(
    writer: &mut Writer,
    slices: &[IoSlice<'_>],
    outgoing: &mut Outgoing,
) -> Result<usize, Error> {
    let mut filled = slices.iter().filter(|slice| !slice.is_empty());
    let Some(first) = filled.next() else { return Ok(0) };
    let mut rest = filled.peekable();
    // The only slice needs no copy. Neither does one that fills a record.
    if rest.peek().is_none() || first.len() >= writer.max_plaintext() {
        return seal_slice(writer, first, outgoing);
    }
    let mut data = Vec::from(&**first);
    for slice in rest {
        let room = MAX_WRITE.saturating_sub(data.len());
        data.extend_from_slice(slice.get(..room).unwrap_or(slice));
    }
    seal_slice(writer, &data, outgoing)
}

fn seal_slice(writer: &mut Writer, data: &[u8], outgoing: &mut Outgoing) -> Result<usize, Error> {
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
