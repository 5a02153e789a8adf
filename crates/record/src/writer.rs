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
/// buffer of fixed size, [`RecordWriter::seal_reserved`] protects a payload where the caller wrote it, without a copy.
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

    /// Sets the greatest length of a record's plaintext in bytes, as it was agreed (RFC 6066 section 4) or as suits the
    /// network. Values outside 1 to 2^14 are brought to the nearer end.
    pub fn set_max_plaintext(&mut self, max_plaintext: u16) {
        self.max_plaintext = clamp_plaintext(max_plaintext);
    }

    /// Seals a payload of any length: cuts it into fragments and appends their records to `out`, all or none. The
    /// payload is copied once, and `out` grows once at most. Of no payload at all comes one empty record, if it is
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
        let Overhead { prefix, suffix } = self.overhead();
        let each = HEADER_LEN + prefix + suffix;
        let total = records.checked_mul(each).and_then(|overheads| overheads.checked_add(payload.len()));
        out.try_reserve(total.ok_or(RecordError::OutOfMemory)?).map_err(|_| RecordError::OutOfMemory)?;

        let before = out.len();
        let mut rest = payload;
        for _ in 0..records {
            let (fragment, next) = rest.split_at_checked(self.max_plaintext).unwrap_or((rest, &[]));
            rest = next;
            let start = out.len();
            // The header is written where the record is sealed; here it only takes its place.
            out.extend_from_slice(&[0; HEADER_LEN]);
            out.resize(out.len() + prefix, 0);
            out.extend_from_slice(fragment);
            out.resize(out.len() + suffix, 0);
            let record = out.get_mut(start..).unwrap_or_default();
            if let Err(error) = self.seal_record(content_type, record) {
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
        let Overhead { prefix, suffix } = self.overhead();
        let each = HEADER_LEN + prefix + suffix;
        let got = out.len();
        let mut sealed = Sealed { read: 0, written: 0 };
        let (mut rest, mut room) = (payload, out);
        while self.budget.allows(content_type, 1).is_ok() {
            let whole = rest.len().min(self.max_plaintext);
            let fits = room.len().saturating_sub(each).min(whole);
            let cut_fits = sealed.written == 0 && fits > 0 && may_be_cut(content_type);
            if room.len() < each || (fits < whole && !cut_fits) {
                break;
            }
            let Some((fragment, next)) = rest.split_at_checked(fits) else { break };
            let Some((record, next_room)) = room.split_at_mut_checked(each + fits) else { break };
            let payload_at = HEADER_LEN + prefix;
            let Some(place) = record.get_mut(payload_at..payload_at + fits) else { break };
            place.copy_from_slice(fragment);
            if let Err(error) = self.seal_record(content_type, record) {
                record.fill(0);
                return Err(error);
            }
            sealed.read += fits;
            sealed.written += record.len();
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
            return Err(RecordError::BufferTooSmall { needed: each + least, got });
        }
        Ok(sealed)
    }

    /// Seals one record that the caller laid out: [`RecordWriter::payload_offset`] bytes of room, the payload, and
    /// [`RecordWriter::suffix_len`] bytes of room. Nothing is copied.
    ///
    /// # Errors
    /// [`RecordError::BufferTooSmall`] when there is less than the room; [`RecordError::PayloadTooLong`] when the payload
    /// is longer than one record may hold; [`RecordError::EmptyPayload`]; [`RecordError::KeyExhausted`];
    /// [`RecordError::Crypto`], which is final and after which the record is zeroed.
    pub fn seal_reserved(&mut self, content_type: ContentType, record: &mut [u8]) -> Result<(), RecordError> {
        let Overhead { prefix, suffix } = self.overhead();
        let (before, got, max) = (HEADER_LEN + prefix, record.len(), self.max_plaintext);
        let length = got.checked_sub(before + suffix);
        let length = length.ok_or(RecordError::BufferTooSmall { needed: before + suffix, got })?;
        if length > max {
            return Err(RecordError::PayloadTooLong { length, max });
        }
        self.check_payload(content_type, record.get(before..before + length).unwrap_or_default())?;
        self.budget.allows(content_type, 1)?;
        let sealed = self.seal_record(content_type, record);
        if sealed.is_err() {
            record.fill(0);
        }
        sealed
    }

    /// Bytes of room that a record needs between its header and its payload: [`Overhead::prefix`] of the current keys,
    /// 0 before any.
    #[must_use]
    pub fn prefix_len(&self) -> usize {
        self.overhead().prefix
    }

    /// Bytes of room that a record needs behind its payload: [`Overhead::suffix`] of the current keys, 0 before any.
    #[must_use]
    pub fn suffix_len(&self) -> usize {
        self.overhead().suffix
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

    /// Protects a record whose payload stands in its place and writes the header. The budget was asked before.
    fn seal_record(&mut self, content_type: ContentType, record: &mut [u8]) -> Result<(), RecordError> {
        let sealed = self.protect(content_type, record);
        self.fail_on_error(sealed)?;
        self.budget.count();
        Ok(())
    }

    fn protect(&self, content_type: ContentType, record: &mut [u8]) -> Result<(), RecordError> {
        let too_small = RecordError::BufferTooSmall { needed: HEADER_LEN, got: record.len() };
        let (head, body) = record.split_first_chunk_mut().ok_or(too_small)?;
        let (length, max) = (body.len(), usize::from(u16::MAX));
        let length = u16::try_from(length).map_err(|_| RecordError::PayloadTooLong { length, max })?;
        *head = header::bytes(RecordHeader { content_type, version: self.version, length });
        match &self.keys {
            Some(keys) => keys.seal(self.sequence_number(), content_type, self.version, body),
            None => Ok(()),
        }
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
