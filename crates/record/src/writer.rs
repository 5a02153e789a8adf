//! Writing of records.

mod lengths;
mod state;
#[cfg(test)]
mod tests;

use crate::{
    error::RecordError,
    header,
    limits::{HEADER_LEN, RecordLimits, clamp_plaintext},
    padding::{longest_content, padded_len},
    protect::{Overhead, RecordKeys},
    usage::Budget,
};
use alloc::vec::Vec;
use cairn_schedule::{Epoch, RecordPadding};
use cairn_wire::{ContentType, ProtocolVersion, RecordHeader};

/// Seals the records of one direction in the order in which they must be sent.
///
/// There are three ways to produce the same bytes: [`RecordWriter::seal`] appends to a vector,
/// [`RecordWriter::seal_slice`] fills a buffer of fixed size, and [`RecordWriter::seal_in_place`] protects a
/// payload where the caller wrote it. With AEADs none of them copies. Growing a vector clears the new bytes
/// first, so a slice is faster.
///
/// Every sealed record must be sent. Otherwise the sequence numbers of the two peers diverge.
#[derive(Debug)]
pub struct RecordWriter {
    keys: Option<RecordKeys>,
    epoch: Epoch,
    /// Whether application data may be sent under the keys of this epoch. Without the epoch, which would make
    /// every connection larger.
    gate: WriteGate,
    budget: Budget,
    version: ProtocolVersion,
    /// The maximum plaintext of a record, from 1 to 2^14 bytes. It is short because every connection has one.
    limit: u16,
    padding: RecordPadding,
    failed: Option<RecordError>,
}

/// A [`Gate`] for the keys in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WriteGate {
    Closed,
    Open,
    HalfRtt,
}

/// The result of [`RecordWriter::seal_slice`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The number of payload bytes sealed.
    pub read: usize,
    /// The number of record bytes written.
    pub written: usize,
}

impl RecordWriter {
    /// Creates a writer for unprotected records. Their version is TLS 1.0, as in the first flight of a client
    /// regardless of the versions offered, so that old servers accept it (RFC 5246 appendix E.1).
    #[must_use]
    pub fn new(limits: RecordLimits) -> Self {
        Self {
            keys: None,
            epoch: Epoch::Initial,
            gate: WriteGate::Closed,
            budget: Budget::new(u64::MAX),
            version: ProtocolVersion::TLS_1_0,
            limit: clamp_plaintext(limits.max_plaintext),
            padding: RecordPadding::NONE,
            failed: None,
        }
    }

    /// Seals a payload of any length: splits it into fragments and appends all of their records to `out`, or
    /// none. `out` is reallocated at most once. An empty payload of application data becomes one empty
    /// record.
    ///
    /// # Errors
    /// [`RecordError::GateClosed`] for application data that is not permitted; [`RecordError::EmptyPayload`];
    /// [`RecordError::KeyExhausted`] if the key may not seal that many records; [`RecordError::OutOfMemory`];
    /// [`RecordError::Crypto`], which is final: all later calls return it. After any error `out` is
    /// unchanged.
    pub fn seal(
        &mut self,
        content_type: ContentType,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), RecordError> {
        self.check_payload(content_type, payload)?;
        let records = payload.len().div_ceil(self.max_plaintext()).max(1);
        self.allows(content_type, u64::try_from(records).unwrap_or(u64::MAX))?;
        let (overhead, padding) = (self.overhead(), self.padding_of(content_type));
        let room = self.sealed_len_with(padding, payload.len());
        out.try_reserve(room).map_err(|_| RecordError::OutOfMemory)?;

        let before = out.len();
        let mut rest = payload;
        for _ in 0..records {
            let (fragment, next) = rest.split_at_checked(self.max_plaintext()).unwrap_or((rest, &[]));
            rest = next;
            let start = out.len();
            let padded = padded_len(padding, fragment.len(), self.max_plaintext());
            out.resize(start + overhead.record_len(padded), 0);
            let record = out.get_mut(start..).unwrap_or_default();
            if let Err(error) = self.seal_from(content_type, fragment, record) {
                // Plaintext must not remain, not even in the spare capacity of the vector.
                out.get_mut(before..).unwrap_or_default().fill(0);
                out.truncate(before);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Seals as much of a payload as fits, as whole records at the start of `out`. The caller passes the rest
    /// of the payload to the next call.
    ///
    /// If not even one full fragment fits, handshake messages and application data are split to fit, so that
    /// any buffer of reasonable size makes progress. Alerts and ChangeCipherSpec are never split for that
    /// reason.
    ///
    /// # Errors
    /// [`RecordError::BufferTooSmall`] if no record fits; [`RecordError::GateClosed`];
    /// [`RecordError::EmptyPayload`];
    /// [`RecordError::KeyExhausted`] if the key may not seal another record; [`RecordError::Crypto`], which
    /// is final.
    pub fn seal_slice(
        &mut self,
        content_type: ContentType,
        payload: &[u8],
        out: &mut [u8],
    ) -> Result<Sealed, RecordError> {
        self.check_payload(content_type, payload)?;
        self.allows(content_type, 1)?;
        let (overhead, padding) = (self.overhead(), self.padding_of(content_type));
        let (got, max) = (out.len(), self.max_plaintext());
        let mut sealed = Sealed { read: 0, written: 0 };
        let (mut rest, mut room) = (payload, out);
        loop {
            let mut length = rest.len().min(max);
            let mut padded = padded_len(padding, length, max);
            if overhead.record_len(padded) > room.len() {
                // Only the first record may contain less than a full fragment, or than the rest.
                let may_be_cut = sealed.written == 0 && may_be_cut(content_type);
                let cut = longest_that_fits(overhead, padding, room.len(), max);
                let Some(cut) = cut.filter(|cut| may_be_cut && *cut > 0) else { break };
                (length, padded) = (cut, padded_len(padding, cut, max));
            }
            let record_len = overhead.record_len(padded);
            let Some((fragment, next)) = rest.split_at_checked(length) else { break };
            let Some((record, next_room)) = room.split_at_mut_checked(record_len) else { break };
            if let Err(error) = self.seal_from(content_type, fragment, record) {
                record.fill(0);
                return Err(error);
            }
            sealed.read += length;
            sealed.written += record_len;
            (rest, room) = (next, next_room);
            if rest.is_empty() || self.allows(content_type, 1).is_err() {
                break;
            }
        }
        if sealed.written == 0 {
            let least = payload.len().min(if may_be_cut(content_type) { 1 } else { max });
            let needed = overhead.record_len(padded_len(padding, least, max));
            return Err(RecordError::BufferTooSmall { needed, got });
        }
        Ok(sealed)
    }

    /// Seals one record that the caller has laid out: [`RecordWriter::payload_offset`] bytes of room, the
    /// payload, and [`RecordWriter::suffix_len`] bytes of room. Nothing is copied. Returns the length of the
    /// record from the beginning of `record`; bytes after it must not be sent.
    ///
    /// For most suites the record fills the entire buffer. With CBC, and with the padding of TLS 1.3, the
    /// room after the payload suffices for the longest padding, and most payloads need less.
    ///
    /// # Errors
    /// [`RecordError::BufferTooSmall`] if the buffer is smaller than the room;
    /// [`RecordError::PayloadTooLong`] if the payload exceeds one record; [`RecordError::GateClosed`];
    /// [`RecordError::EmptyPayload`];
    /// [`RecordError::KeyExhausted`]; [`RecordError::Crypto`], which is final and after which the record is
    /// zeroed.
    pub fn seal_in_place(
        &mut self,
        content_type: ContentType,
        record: &mut [u8],
    ) -> Result<usize, RecordError> {
        let (before, suffix) = (self.payload_offset(), self.suffix_len());
        let (got, max) = (record.len(), self.max_plaintext());
        let length = got.checked_sub(before + suffix);
        let length = length.ok_or(RecordError::BufferTooSmall { needed: before + suffix, got })?;
        if length > max {
            return Err(RecordError::PayloadTooLong { length, max });
        }
        self.check_payload(content_type, record.get(before..before + length).unwrap_or_default())?;
        self.allows(content_type, 1)?;
        let padded = padded_len(self.padding_of(content_type), length, max);
        let sealed = self.protect(content_type, record, |keys, seq, version, room| match keys {
            Some(keys) => keys.seal_padded(seq, content_type, version, room, (length, padded)),
            None => Ok(length),
        });
        if sealed.is_err() {
            record.fill(0);
        }
        sealed
    }

    /// Checks that the key may seal this number of records.
    #[inline]
    fn allows(&self, content_type: ContentType, records: u64) -> Result<(), RecordError> {
        let has_reserve = match content_type {
            ContentType::ALERT => true,
            ContentType::HANDSHAKE => self.keys.as_ref().is_some_and(RecordKeys::hides_content_type),
            _ => false,
        };
        self.budget.allows(has_reserve, records)
    }

    /// Makes a record from a payload in another buffer. The record has exactly the length of this one.
    fn seal_from(
        &mut self,
        content_type: ContentType,
        payload: &[u8],
        record: &mut [u8],
    ) -> Result<usize, RecordError> {
        self.protect(content_type, record, |keys, seq, version, room| match keys {
            Some(keys) => {
                keys.seal_body_from(seq, content_type, version, payload, room)?;
                Ok(room.len())
            }
            None => {
                let (needed, got) = (payload.len(), room.len());
                let place = room.get_mut(..needed).ok_or(RecordError::BufferTooSmall { needed, got })?;
                place.copy_from_slice(payload);
                Ok(needed)
            }
        })
    }

    /// Calls `seal` to make the record body after the header, writes the header, and counts the record.
    /// Returns the length of the record. The caller has checked the budget.
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
        let (content_type, version) = match &self.keys {
            Some(keys) if keys.hides_content_type() => RecordKeys::OPAQUE_HEADER,
            _ => (content_type, self.version),
        };
        *head = header::bytes(RecordHeader { content_type, version, length: stated });
        Ok(HEADER_LEN + length)
    }

    /// Checks that a record with this payload may be sent now.
    fn check_payload(&self, content_type: ContentType, payload: &[u8]) -> Result<(), RecordError> {
        self.check_failed()?;
        if content_type == ContentType::APPLICATION_DATA && self.gate == WriteGate::Closed {
            return Err(RecordError::GateClosed);
        }
        if payload.is_empty() && !header::may_be_zero_length(content_type) {
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

/// Whether a message of this type may be split at the end of the buffer. A split alert is legal but causes
/// trouble; RFC 9846 section 5.1 forbids it.
const fn may_be_cut(content_type: ContentType) -> bool {
    matches!(content_type, ContentType::HANDSHAKE | ContentType::APPLICATION_DATA)
}

/// The length of the longest payload whose record fits; `None` if none fits.
#[cold]
fn longest_that_fits(overhead: Overhead, padding: RecordPadding, room: usize, max: usize) -> Option<usize> {
    let padded = overhead.max_text_len(room.checked_sub(HEADER_LEN)?)?;
    longest_content(padding, padded, max)
}
