//! Reading of records.

mod checks;
mod ignored;
mod state;
#[cfg(test)]
mod tests;

use crate::{
    early_data::SkippedEarlyData,
    error::RecordError,
    header,
    limits::{HEADER_LEN, RecordLimits, clamp_plaintext},
    progress::Progress,
    protect::RecordKeys,
};
use cairn_schedule::Epoch;
use cairn_wire::{ContentType, ProtocolVersion};
use core::{num::NonZeroU8, ops::Range};

/// Opens the records of one direction in the order of their arrival.
///
/// The reader stores no bytes. The caller holds the received bytes and passes them from the first unconsumed
/// one. It gets back the range of the content within them:
///
/// ```
/// use cairn_record::{Opened, RecordLimits, RecordReader};
///
/// let mut reader = RecordReader::new(RecordLimits::default());
/// let mut arrived = *b"\x16\x03\x01\x00\x04\x0e\x00\x00\x00and what comes next";
/// assert_eq!(reader.open(&mut arrived[..3]), Ok(Opened::Incomplete { needed: 5 }));
/// assert_eq!(reader.open(&mut arrived[..8]), Ok(Opened::Incomplete { needed: 9 }));
/// let Ok(Opened::Record(record)) = reader.open(&mut arrived) else { unreachable!() };
/// assert_eq!((record.payload, record.consumed), (5..9, 9));
/// ```
#[derive(Debug)]
pub struct RecordReader {
    keys: Option<RecordKeys>,
    epoch: Epoch,
    /// Whether application data may be received under the keys of this epoch.
    gate_is_open: bool,
    /// Whether the first record under the keys of a handshake of TLS 1.3 may be an unprotected alert.
    accepts_unprotected_alert: bool,
    sequence_number: u64,
    version: Option<ProtocolVersion>,
    /// The maximum plaintext of a record, from 1 to 2^14 bytes. It is short because every connection has one.
    max_plaintext: u16,
    /// The maximum length of a record body, which depends on the keys and on `max_plaintext`.
    max_body_len: u16,
    progress: Progress,
    /// Whether a record has been opened. Only the first bytes of a connection are checked for other
    /// protocols.
    is_tls: bool,
    /// One more than the number of ChangeCipherSpec records that are still ignored; `None` if they have a
    /// meaning. Never 0, so that it takes one byte of every connection.
    tolerated_change_cipher_specs: Option<NonZeroU8>,
    /// The early data that is skipped, until a record of the client's next flight arrives.
    skipped_early_data: Option<SkippedEarlyData>,
    /// The type and the length of the content of the first record, if [`RecordReader::open_data`] has opened
    /// it and it is no application data. [`RecordReader::open`] returns it.
    opened: Option<(ContentType, u16)>,
    failed: Option<RecordError>,
}

/// The result of [`RecordReader::open`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// The record is incomplete.
    Incomplete {
        /// The total number of bytes that the input must have, at least 5. It is exact once the header is
        /// complete.
        needed: usize,
    },
    /// A decrypted record.
    Record(Record),
    /// A ChangeCipherSpec without meaning, for middleboxes (see
    /// [`RecordReader::tolerate_change_cipher_spec`]), or early data that is not accepted (see
    /// [`RecordReader::skip_early_data`]).
    Ignored {
        /// The number of input bytes that the record occupied, including its header.
        consumed: usize,
    },
}

/// A decrypted record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The content type: one of the four of RFC 5246 section 6.2.1.
    pub content_type: ContentType,
    /// The epoch of the keys that protected the record; [`Epoch::Initial`] for an unprotected record.
    pub epoch: Epoch,
    /// The range of the content in the input. It is empty only for empty application data.
    pub payload: Range<usize>,
    /// The number of input bytes that the record occupied, including its header. The next record starts
    /// there.
    pub consumed: usize,
}

/// Application data that [`RecordReader::open_data`] wrote to the buffer of the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenedData {
    /// The number of bytes written, possibly 0.
    pub length: usize,
    /// The number of input bytes that the record occupied, including its header. The next record starts
    /// there.
    pub consumed: usize,
}

impl RecordReader {
    /// Creates a reader for unprotected records. It accepts any TLS version.
    #[must_use]
    pub fn new(limits: RecordLimits) -> Self {
        Self {
            keys: None,
            epoch: Epoch::Initial,
            gate_is_open: false,
            accepts_unprotected_alert: false,
            sequence_number: 0,
            version: None,
            max_plaintext: clamp_plaintext(limits.max_plaintext),
            max_body_len: clamp_plaintext(limits.max_plaintext),
            progress: Progress::new(&limits),
            is_tls: false,
            tolerated_change_cipher_specs: None,
            skipped_early_data: None,
            opened: None,
            failed: None,
        }
    }

    /// Opens the first record of `input` and ignores the bytes after it. A complete record is decrypted in
    /// place.
    ///
    /// The header is checked as soon as it has arrived, so that no caller waits for the rest of a record that
    /// will be rejected. The input is not modified while the record is incomplete.
    ///
    /// # Errors
    /// [`RecordError::NotTls`], [`RecordError::UnknownContentType`], [`RecordError::WrongVersion`],
    /// [`RecordError::CiphertextTooLong`], [`RecordError::PlaintextTooLong`], [`RecordError::BadRecordMac`],
    /// [`RecordError::EmptyFragment`], [`RecordError::TooManyEmptyRecords`],
    /// [`RecordError::TooManyWarnings`], [`RecordError::UnexpectedApplicationData`],
    /// [`RecordError::TooMuchEarlyData`], [`RecordError::SequenceExhausted`] or [`RecordError::Crypto`]. In
    /// TLS 1.3 also [`RecordError::NotProtected`], [`RecordError::NoContentType`],
    /// [`RecordError::InnerTypeNotAllowed`], [`RecordError::BadChangeCipherSpec`] or
    /// [`RecordError::TooManyChangeCipherSpecs`]. Every error is final: all later calls return it.
    pub fn open(&mut self, input: &mut [u8]) -> Result<Opened, RecordError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let opened = self.open_first(input);
        if let Err(error) = opened {
            self.failed = Some(error);
        }
        opened
    }

    /// Decrypts the first record of `input` directly into `place`, which saves a copy. This needs an open
    /// gate, a complete record of protected application data, and a `place` that can hold any text of such a
    /// record: [`RecordKeys::place_len`]. Otherwise the method returns `None`; call [`RecordReader::open`]
    /// with the same input instead.
    ///
    /// In TLS 1.2 the header states the content type, so nothing is changed if this returns `None`. In TLS
    /// 1.3 the record may turn out to contain something else. Its content then moves to the record's bytes in
    /// `input`, which `open` returns without decrypting again, and is erased from `place`. After application
    /// data, these bytes in `input` are unspecified, and those of `place` after the data too.
    ///
    /// # Errors
    /// Those of [`RecordReader::open`], which are final too. No part of the record is left in `place`.
    pub fn open_data(
        &mut self,
        input: &mut [u8],
        place: &mut [u8],
    ) -> Result<Option<OpenedData>, RecordError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let opened = self.open_first_data(input, place);
        if let Err(error) = opened {
            self.failed = Some(error);
        }
        opened
    }

    fn open_first_data(
        &mut self,
        input: &mut [u8],
        place: &mut [u8],
    ) -> Result<Option<OpenedData>, RecordError> {
        if !self.gate_is_open {
            return Ok(None);
        }
        let Some((head, rest)) = input.split_first_chunk_mut() else { return Ok(None) };
        let header = header::parse(*head);
        let body = rest.get_mut(..usize::from(header.length));
        let (Some(keys), Some(body), ContentType::APPLICATION_DATA) = (&self.keys, body, header.content_type)
        else {
            return Ok(None);
        };
        let (Some(place), None) = (place.get_mut(..keys.place_len(body.len())), self.opened) else {
            return Ok(None);
        };
        self.check_header(header, head)?;
        let next = self.next_sequence_number()?;
        let opened =
            keys.open_body_into(self.sequence_number, header.content_type, header.version, body, place);
        let (content_type, length) = opened?;
        if content_type != ContentType::APPLICATION_DATA {
            self.opened = Some((content_type, give_back(place, length, body)));
            return Ok(None);
        }
        let text = place.get_mut(..length).unwrap_or_default();
        let taken = self.take(header.content_type, text, next);
        if taken.is_err() {
            text.fill(0);
        }
        let length = text.len();
        taken.map(|()| Some(OpenedData { length, consumed: HEADER_LEN + body.len() }))
    }

    fn open_first(&mut self, input: &mut [u8]) -> Result<Opened, RecordError> {
        let Some((head, rest)) = input.split_first_chunk_mut() else {
            return Ok(Opened::Incomplete { needed: HEADER_LEN });
        };
        let header = header::parse(*head);
        self.check_header(header, head)?;
        let length = usize::from(header.length);
        let consumed = HEADER_LEN + length;
        let Some(body) = rest.get_mut(..length) else {
            return Ok(Opened::Incomplete { needed: consumed });
        };

        if header.content_type == ContentType::CHANGE_CIPHER_SPEC
            && self.tolerated_change_cipher_specs.is_some()
        {
            self.ignore_change_cipher_spec(body)?;
            return Ok(Opened::Ignored { consumed });
        }
        let mut next = self.next_sequence_number()?;
        let (content_type, text) = match &self.keys {
            None if self.may_be_early_data(header.content_type) => return self.skip(length),
            // The alert of a peer without keys; it has passed `check_header`. It is not counted, as the keys
            // did not protect it.
            Some(keys) if keys.hides_content_type() && header.content_type == ContentType::ALERT => {
                next = self.sequence_number;
                (header.content_type, 0..length)
            }
            Some(keys) => {
                let opened = match self.opened.take() {
                    Some((content_type, length)) => Ok((content_type, 0..length.into())),
                    None => keys.open(self.sequence_number, header.content_type, header.version, body),
                };
                match opened {
                    Err(RecordError::BadRecordMac) if self.skipped_early_data.is_some() => {
                        return self.skip(length);
                    }
                    opened => opened?,
                }
            }
            None => (header.content_type, 0..length),
        };
        // A client may send an alert without keys, and early data may follow a warning.
        if self.skipped_early_data.is_some() && header.content_type != ContentType::ALERT {
            self.skipped_early_data = None;
            // A record of the next flight has the length that its keys permit.
            self.check_length(header.content_type, length)?;
        }
        self.take(content_type, body.get(text.clone()).unwrap_or_default(), next)?;
        Ok(Opened::Record(Record {
            content_type,
            epoch: self.epoch,
            payload: HEADER_LEN + text.start..HEADER_LEN + text.end,
            consumed,
        }))
    }

    /// RFC 5246 section 6.1: "Sequence numbers do not wrap." The last number is not used.
    fn next_sequence_number(&self) -> Result<u64, RecordError> {
        self.sequence_number.checked_add(1).ok_or(RecordError::SequenceExhausted)
    }

    /// Checks an authenticated text and counts the record.
    fn take(&mut self, content_type: ContentType, text: &[u8], next: u64) -> Result<(), RecordError> {
        // For most protections the header already implies this. With padding, only the text itself shows its
        // length.
        self.check_plaintext_len(text.len())?;
        if text.is_empty() && !header::may_be_zero_length(content_type) {
            return Err(RecordError::EmptyFragment { content_type });
        }
        self.progress.check(content_type, text)?;
        // RFC 5246 section 7.4.9: application data may come once both Finished messages have been verified.
        // The handshake opens the gate at that point.
        if content_type == ContentType::APPLICATION_DATA && !self.gate_is_open {
            return Err(RecordError::UnexpectedApplicationData);
        }
        self.sequence_number = next;
        self.is_tls = true;
        Ok(())
    }
}

/// Moves content from the start of `place` to the start of the record body, and erases `place`. Returns the
/// length of the content.
#[cold]
fn give_back(place: &mut [u8], length: usize, body: &mut [u8]) -> u16 {
    let content = place.get(..length).unwrap_or_default();
    if let Some(start) = body.get_mut(..content.len()) {
        start.copy_from_slice(content);
    }
    place.fill(0);
    // A record body is shorter than 2^16 bytes.
    u16::try_from(length).unwrap_or(u16::MAX)
}
