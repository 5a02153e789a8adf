//! Records that are sent.

#[cfg(test)]
mod tests;

use crate::{
    HEADER_LEN, Overhead, RecordError, RecordKeys, RecordLimits, Usage, header, limits::clamp_plaintext,
    reader::new_keys, usage::Budget,
};
use alloc::vec::Vec;
use cairn_crypto::Provider;
use cairn_schedule::{Direction, Epoch, KeyChange};
use cairn_wire::{ContentType, ProtocolVersion, RecordHeader};

/// Makes the records of one direction, in the order in which they must be sent.
///
/// Three ways to the same bytes: [`RecordWriter::seal`] appends to a vector, [`RecordWriter::seal_slice`] fills a
/// buffer of fixed size, [`RecordWriter::seal_in_place`] protects a payload where the caller wrote it. With AEADs none of
/// them copies; but what a vector grows by must be cleared first, so that a slice is quicker.
///
/// A record that was sealed must be sent, or the peer will count another sequence number than we.
#[derive(Debug)]
pub struct RecordWriter {
    keys: Option<RecordKeys>,
    epoch: Epoch,
    budget: Budget,
    version: ProtocolVersion,
    max_plaintext: usize,
    failed: Option<RecordError>,
}

/// What [`RecordWriter::seal_slice`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// How many bytes of the payload are sealed.
    pub read: usize,
    /// How many bytes of records were written.
    pub written: usize,
}

impl RecordWriter {
    /// A writer of records in the clear. They say TLS 1.0, as the first flight of a client does whatever it offers, so
    /// that old servers take it (RFC 5246 appendix E.1).
    #[must_use]
    pub fn new(limits: RecordLimits) -> Self {
        Self {
            keys: None,
            epoch: Epoch::INITIAL,
            budget: Budget::new(u64::MAX),
            version: ProtocolVersion::TLS_1_0,
            max_plaintext: limits.plaintext_len(),
            failed: None,
        }
    }

    /// Takes new keys, from the next record on. The sequence number starts at 0 again (RFC 5246 section 6.1).
    ///
    /// # Errors
    /// [`RecordError::WrongDirection`], [`RecordError::EpochNotAfter`], and those of [`RecordKeys::new`]. The writer has
    /// failed then, and answers with the error from then on: what was meant for the new keys must not go out under the
    /// old, or under none.
    pub fn change_keys(&mut self, provider: &Provider, change: &KeyChange) -> Result<(), RecordError> {
        self.check_failed()?;
        let keys = self.fail_on_error(new_keys(provider, change, Direction::Write, self.epoch))?;
        self.budget = Budget::new(keys.usage_limits().sealed_records);
        self.keys = Some(keys);
        self.epoch = change.epoch;
        Ok(())
    }

    /// Sets the version that headers say.
    pub const fn set_version(&mut self, version: ProtocolVersion) {
        self.version = version;
    }

    /// Sets the greatest length of a record's plaintext in bytes, as it was agreed (RFC 6066 section 4, RFC 8449) or as suits
    /// the network. Values outside 1 to 2^14 are brought to the nearer end.
    pub fn set_max_plaintext(&mut self, max_plaintext: u16) {
        self.max_plaintext = clamp_plaintext(max_plaintext);
    }

    /// Seals a payload of any length: cuts it into fragments and appends their records to `out`, all or none. `out` is
    /// reallocated once at most. Of no payload at all comes one empty record, if it is
    /// application data.
    ///
    /// # Errors
    /// [`RecordError::EmptyPayload`]; [`RecordError::KeyExhausted`] when the key may not seal so many records more;
    /// [`RecordError::OutOfMemory`]; [`RecordError::Crypto`], which is final: the writer answers with it from then on.
    /// After each `out` is as it was.
    pub fn seal(
        &mut self,
        content_type: ContentType,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), RecordError> {
        self.check_payload(content_type, payload)?;
        let records = payload.len().div_ceil(self.max_plaintext).max(1);
        self.budget.allows(content_type, u64::try_from(records).unwrap_or(u64::MAX))?;
        let overhead = self.overhead();
        out.try_reserve(self.sealed_len(payload.len())).map_err(|_| RecordError::OutOfMemory)?;

        let before = out.len();
        let mut rest = payload;
        for _ in 0..records {
            let (fragment, next) = rest.split_at_checked(self.max_plaintext).unwrap_or((rest, &[]));
            rest = next;
            let start = out.len();
            out.resize(start + record_len(overhead, fragment.len()), 0);
            let record = out.get_mut(start..).unwrap_or_default();
            if let Err(error) = self.seal_from(content_type, fragment, record) {
                // No text that was to be protected stays behind, not even beyond the vector's length.
                out.get_mut(before..).unwrap_or_default().fill(0);
                out.truncate(before);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Seals as much of a payload as fits, as whole records at the start of `out`. What is left of the payload is for
    /// the next call.
    ///
    /// Handshake messages and application data are cut to fit when not even one full fragment does, so that any buffer
    /// of reasonable size makes progress; alerts and ChangeCipherSpec are never cut for that reason.
    ///
    /// # Errors
    /// [`RecordError::BufferTooSmall`] when no record fits at all; [`RecordError::EmptyPayload`];
    /// [`RecordError::KeyExhausted`] when the key may not seal a single record more; [`RecordError::Crypto`], which is
    /// final.
    pub fn seal_slice(
        &mut self,
        content_type: ContentType,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<Sealed, RecordError> {
        self.check_payload(content_type, payload)?;
        self.budget.allows(content_type, 1)?;
        let overhead = self.overhead();
        let got = out.len();
        let mut sealed = Sealed { read: 0, written: 0 };
        let (mut rest, mut room) = (payload, out);
        while self.budget.allows(content_type, 1).is_ok() {
            let whole = rest.len().min(self.max_plaintext);
            let fits = room.len().checked_sub(HEADER_LEN).and_then(|body| overhead.max_text_len(body));
            let Some(fits) = fits.map(|fits| fits.min(whole)) else { break };
            let cut_fits = sealed.written == 0 && fits > 0 && may_be_cut(content_type);
            if fits < whole && !cut_fits {
                break;
            }
            let Some((fragment, next)) = rest.split_at_checked(fits) else { break };
            let record_len = record_len(overhead, fits);
            let Some((record, next_room)) = room.split_at_mut_checked(record_len) else { break };
            if let Err(error) = self.seal_from(content_type, fragment, record) {
                record.fill(0);
                return Err(error);
            }
            sealed.read += fits;
            sealed.written += record_len;
            (rest, room) = (next, next_room);
            if rest.is_empty() {
                break;
            }
        }
        if sealed.written == 0 {
            let least = if may_be_cut(content_type) {
                payload.len().min(1)
            } else {
                payload.len().min(self.max_plaintext)
            };
            return Err(RecordError::BufferTooSmall { needed: record_len(overhead, least), got });
        }
        Ok(sealed)
    }

    /// Seals one record that the caller laid out: [`RecordWriter::payload_offset`] bytes of room, the payload, and
    /// [`RecordWriter::suffix_len`] bytes of room. Nothing is copied. Returns how long the record is, from the beginning
    /// of `record` on: the rest must not be sent.
    ///
    /// For most suites that is all of it. With CBC the room behind the payload is for the longest padding, and most
    /// payloads take a shorter one.
    ///
    /// # Errors
    /// [`RecordError::BufferTooSmall`] when there is less than the room; [`RecordError::PayloadTooLong`] when the payload
    /// is longer than one record may hold; [`RecordError::EmptyPayload`]; [`RecordError::KeyExhausted`];
    /// [`RecordError::Crypto`], which is final and after which the record is zeroed.
    pub fn seal_in_place(
        &mut self,
        content_type: ContentType,
        record: &mut [u8],
    ) -> Result<usize, RecordError> {
        let (before, suffix) = (self.payload_offset(), self.suffix_len());
        let (got, max) = (record.len(), self.max_plaintext);
        let length = got.checked_sub(before + suffix);
        let length = length.ok_or(RecordError::BufferTooSmall { needed: before + suffix, got })?;
        if length > max {
            return Err(RecordError::PayloadTooLong { length, max });
        }
        self.check_payload(content_type, record.get(before..before + length).unwrap_or_default())?;
        self.budget.allows(content_type, 1)?;
        let sealed = self.protect(content_type, record, |keys, seq, version, room| match keys {
            Some(keys) => keys.seal(seq, content_type, version, room, length),
            None => Ok(length),
        });
        if sealed.is_err() {
            record.fill(0);
        }
        sealed
    }

    /// Length in bytes of the record, header and all, that is made of a payload of so many bytes.
    #[must_use]
    pub fn record_len(&self, payload_len: usize) -> usize {
        record_len(self.overhead(), payload_len)
    }

    /// Length in bytes of the records that [`RecordWriter::seal`] makes of a payload of so many bytes, all together: as
    /// much as [`RecordWriter::seal_slice`] takes to seal it whole.
    #[must_use]
    pub fn sealed_len(&self, payload_len: usize) -> usize {
        let overhead = self.overhead();
        // All records are full but the last.
        let full = payload_len.div_ceil(self.max_plaintext).saturating_sub(1);
        let last = payload_len.saturating_sub(full.saturating_mul(self.max_plaintext));
        let full = full.saturating_mul(record_len(overhead, self.max_plaintext));
        full.saturating_add(record_len(overhead, last))
    }

    /// Bytes of room that a record needs between its header and its payload: [`Overhead::prefix`] of the current keys,
    /// 0 before any.
    #[must_use]
    pub fn prefix_len(&self) -> usize {
        self.overhead().prefix()
    }

    /// Bytes of room that a record needs behind its payload: [`Overhead::max_suffix`] of the current keys, 0 before any.
    #[must_use]
    pub fn suffix_len(&self) -> usize {
        self.overhead().max_suffix()
    }

    /// Where in a record its payload begins: behind [`HEADER_LEN`] and [`RecordWriter::prefix_len`] bytes.
    #[must_use]
    pub fn payload_offset(&self) -> usize {
        HEADER_LEN + self.prefix_len()
    }

    /// The greatest length of a record's plaintext, in bytes.
    #[must_use]
    pub const fn max_plaintext(&self) -> usize {
        self.max_plaintext
    }

    /// How many records may still be sealed under the current key. A few more are kept for alerts.
    #[must_use]
    pub const fn records_left(&self) -> u64 {
        self.budget.left()
    }

    /// How near the current key is to the limit of its use.
    #[must_use]
    pub const fn usage(&self) -> Usage {
        self.budget.usage()
    }

    /// The epoch of the current keys.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Whether there are keys.
    #[must_use]
    pub const fn is_protected(&self) -> bool {
        self.keys.is_some()
    }

    /// The sequence number of the next record: as many were sealed under the current keys.
    #[must_use]
    pub const fn sequence_number(&self) -> u64 {
        self.budget.sequence_number()
    }

    /// Makes a record of a payload that lies elsewhere.
    fn seal_from(
        &mut self,
        content_type: ContentType,
        payload: &[u8],
        record: &mut [u8],
    ) -> Result<usize, RecordError> {
        self.protect(content_type, record, |keys, seq, version, room| match keys {
            Some(keys) => keys.seal_from(seq, content_type, version, payload, room),
            None => {
                let (needed, got) = (payload.len(), room.len());
                let place = room.get_mut(..needed).ok_or(RecordError::BufferTooSmall { needed, got })?;
                place.copy_from_slice(payload);
                Ok(needed)
            }
        })
    }

    /// Has a record's body made behind its header, writes the header, and counts the record. Returns its length. The
    /// budget was asked before.
    fn protect(
        &mut self,
        content_type: ContentType,
        record: &mut [u8],
        body: impl FnOnce(Option<&RecordKeys>, u64, ProtocolVersion, &mut [u8]) -> Result<usize, RecordError>,
    ) -> Result<usize, RecordError> {
        let made = self.make(content_type, record, body);
        let length = self.fail_on_error(made)?;
        self.budget.count();
        Ok(length)
    }

    fn make(
        &self,
        content_type: ContentType,
        record: &mut [u8],
        body: impl FnOnce(Option<&RecordKeys>, u64, ProtocolVersion, &mut [u8]) -> Result<usize, RecordError>,
    ) -> Result<usize, RecordError> {
        let too_small = RecordError::BufferTooSmall { needed: HEADER_LEN, got: record.len() };
        let (head, room) = record.split_first_chunk_mut().ok_or(too_small)?;
        let length = body(self.keys.as_ref(), self.sequence_number(), self.version, room)?;
        let max = usize::from(u16::MAX);
        let stated = u16::try_from(length).map_err(|_| RecordError::PayloadTooLong { length, max })?;
        *head = header::bytes(RecordHeader { content_type, version: self.version, length: stated });
        Ok(HEADER_LEN + length)
    }

    fn overhead(&self) -> Overhead {
        self.keys.as_ref().map(RecordKeys::overhead).unwrap_or_default()
    }

    /// RFC 5246 section 6.2.1 allows empty application data, and nothing else that is empty.
    fn check_payload(&self, content_type: ContentType, payload: &[u8]) -> Result<(), RecordError> {
        self.check_failed()?;
        if payload.is_empty() && content_type != ContentType::APPLICATION_DATA {
            return Err(RecordError::EmptyPayload { content_type });
        }
        Ok(())
    }

    const fn check_failed(&self) -> Result<(), RecordError> {
        match self.failed {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    fn fail_on_error<T>(&mut self, result: Result<T, RecordError>) -> Result<T, RecordError> {
        if let Err(error) = result {
            self.failed = Some(error);
        }
        result
    }
}

/// Whether a message of this type may be cut where the buffer happens to end. A cut alert is legal, and yet trouble:
/// RFC 8446 section 5.1 forbids it for good reason.
const fn may_be_cut(content_type: ContentType) -> bool {
    matches!(content_type, ContentType::HANDSHAKE | ContentType::APPLICATION_DATA)
}

fn record_len(overhead: Overhead, payload_len: usize) -> usize {
    HEADER_LEN.saturating_add(overhead.body_len(payload_len))
}
