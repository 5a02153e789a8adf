//! Records that arrive.

#[cfg(test)]
mod tests;

use crate::{
    HEADER_LEN, LooksLike, MAX_CIPHERTEXT_LEN, RecordError, RecordKeys, RecordLimits, header,
    limits::clamp_plaintext, progress::Progress,
};
use cairn_crypto::Provider;
use cairn_schedule::{Direction, Epoch, KeyChange};
use cairn_wire::{ContentType, ProtocolVersion, RecordHeader};
use core::ops::Range;

/// Opens the records of one direction, in the order of their arrival.
///
/// It keeps no bytes. The caller holds what arrived, shows it from the first byte that is not yet consumed, and gets
/// back where in it the content stands:
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
    sequence_number: u64,
    version: Option<ProtocolVersion>,
    max_plaintext: usize,
    progress: Progress,
    /// Whether a record was opened before: what comes later is no stranger any more.
    is_tls: bool,
    failed: Option<RecordError>,
}

/// What [`RecordReader::open`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// The record is not all there.
    Incomplete {
        /// How many bytes the input must hold in all, at least 5; exact once the header is there.
        needed: usize,
    },
    /// A record, now in the clear.
    Record(Record),
}

/// A record in the clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it holds: one of the four types of RFC 5246 section 6.2.1.
    pub content_type: ContentType,
    /// The epoch whose keys protected it; [`Epoch::INITIAL`] when none did.
    pub epoch: Epoch,
    /// Where in the input its content stands. Empty for empty application data only.
    pub payload: Range<usize>,
    /// How many bytes of the input it took, header and all: the next record begins there.
    pub consumed: usize,
}

/// Application data that [`RecordReader::open_data`] has put where the caller wanted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenedData {
    /// How many bytes of it there are. It may be none.
    pub length: usize,
    /// How many bytes of the input its record took, header and all: the next record begins there.
    pub consumed: usize,
}

impl RecordReader {
    /// A reader of records in the clear, which takes any version of TLS.
    #[must_use]
    pub fn new(limits: RecordLimits) -> Self {
        Self {
            keys: None,
            epoch: Epoch::INITIAL,
            sequence_number: 0,
            version: None,
            max_plaintext: limits.plaintext_len(),
            progress: Progress::new(&limits),
            is_tls: false,
            failed: None,
        }
    }

    /// Looks at the first record of `input`, and at nothing behind it. When the record is all there, decrypts it in
    /// place.
    ///
    /// Everything that can be said of a header is checked as soon as it is there, so that nobody waits for the rest of
    /// a record that is not going to be taken. While a record is incomplete the input is left as it is.
    ///
    /// # Errors
    /// [`RecordError::NotTls`], [`RecordError::UnknownContentType`], [`RecordError::WrongVersion`],
    /// [`RecordError::CiphertextTooLong`], [`RecordError::PlaintextTooLong`], [`RecordError::BadRecordMac`],
    /// [`RecordError::EmptyFragment`], [`RecordError::TooManyEmptyRecords`], [`RecordError::TooManyWarnings`],
    /// [`RecordError::SequenceExhausted`], [`RecordError::Crypto`]. Every error is final: the reader answers with it
    /// from then on.
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

    /// Opens the first record of `input` straight into `place` and saves a copy, if it can be: the record is all there, it
    /// is protected application data, and `place` has room for whatever text such a record may hold. `None` says that
    /// nothing was done and nothing changed: go on with [`RecordReader::open`].
    ///
    /// Nothing but application data comes into `place`: in TLS 1.2 a header says what its record holds. What the record's
    /// bytes in `input` are afterwards is not defined.
    ///
    /// # Errors
    /// Those of [`RecordReader::open`]; final too. Nothing of the record is in `place` then.
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
        let Some((head, rest)) = input.split_first_chunk_mut() else { return Ok(None) };
        let header = header::parse(*head);
        let body = rest.get_mut(..usize::from(header.length));
        let (Some(keys), Some(body), ContentType::APPLICATION_DATA) = (&self.keys, body, header.content_type)
        else {
            return Ok(None);
        };
        let longest = keys.overhead().max_text_len(body.len()).unwrap_or(0);
        if longest > place.len() {
            return Ok(None);
        }
        self.check_header(header, head)?;
        let next = self.next_sequence_number()?;
        let opened = keys.open_into(self.sequence_number, header.content_type, header.version, body, place);
        let text = place.get_mut(..opened?).unwrap_or_default();
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

        let next = self.next_sequence_number()?;
        let text = match &self.keys {
            Some(keys) => keys.open(self.sequence_number, header.content_type, header.version, body)?,
            None => 0..length,
        };
        self.take(header.content_type, body.get(text.clone()).unwrap_or_default(), next)?;
        Ok(Opened::Record(Record {
            content_type: header.content_type,
            epoch: self.epoch,
            payload: HEADER_LEN + text.start..HEADER_LEN + text.end,
            consumed,
        }))
    }

    /// One number is given up so that the count never wraps (RFC 5246 section 6.1).
    fn next_sequence_number(&self) -> Result<u64, RecordError> {
        self.sequence_number.checked_add(1).ok_or(RecordError::SequenceExhausted)
    }

    /// Judges a text whose protection was found to hold, and counts it.
    fn take(&mut self, content_type: ContentType, text: &[u8], next: u64) -> Result<(), RecordError> {
        // For most protections the header said as much; of padded records only the text itself does.
        self.check_plaintext_len(text.len())?;
        self.progress.check(content_type, text)?;
        self.sequence_number = next;
        self.is_tls = true;
        Ok(())
    }

    fn check_header(&self, header: RecordHeader, head: &[u8; HEADER_LEN]) -> Result<(), RecordError> {
        let RecordHeader { content_type, version, .. } = header;
        let is_some_tls = version.0 >> 8 == 3;
        if !header::is_known(content_type) {
            return Err(if self.is_tls || is_some_tls {
                RecordError::UnknownContentType { content_type }
            } else {
                RecordError::NotTls { looks_like: LooksLike::sniff(head) }
            });
        }
        if self.version.map_or(!is_some_tls, |expected| expected != version) {
            return Err(RecordError::WrongVersion { expected: self.version, got: version });
        }
        let length = usize::from(header.length);
        match &self.keys {
            None => self.check_plaintext_len(length),
            Some(keys) => {
                let max = keys.overhead().max_body_len(self.max_plaintext);
                let max = max.min(MAX_CIPHERTEXT_LEN.into());
                if length > max {
                    return Err(RecordError::CiphertextTooLong { length, max });
                }
                Ok(())
            }
        }
    }

    const fn check_plaintext_len(&self, length: usize) -> Result<(), RecordError> {
        let max = self.max_plaintext;
        if length > max { Err(RecordError::PlaintextTooLong { length, max }) } else { Ok(()) }
    }

    /// Takes new keys, from the next record on. The sequence number starts at 0 again (RFC 5246 section 6.1).
    ///
    /// # Errors
    /// [`RecordError::WrongDirection`], [`RecordError::EpochNotAfter`], and those of [`RecordKeys::new`]. The reader has
    /// failed then: records of the new epoch must not be read with keys of the old.
    pub fn change_keys(&mut self, provider: &Provider, change: &KeyChange) -> Result<(), RecordError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        match new_keys(provider, change, Direction::Read, self.epoch) {
            Ok(keys) => {
                self.keys = Some(keys);
                self.epoch = change.epoch;
                self.sequence_number = 0;
                Ok(())
            }
            Err(error) => {
                self.failed = Some(error);
                Err(error)
            }
        }
    }

    /// From here on takes records of exactly this version. Until then it is any 0x03xx: a first flight may say 0x0301
    /// or even 0x0300 whatever it offers inside (RFC 5246 appendix E.1).
    pub const fn expect_version(&mut self, version: ProtocolVersion) {
        self.version = Some(version);
    }

    /// Sets the greatest length of a plaintext in bytes, from the next record on, where a smaller one than 2^14 was agreed
    /// (RFC 6066 section 4, RFC 8449). Values outside 1 to 2^14 are brought to the nearer end.
    pub fn set_max_plaintext(&mut self, max_plaintext: u16) {
        self.max_plaintext = clamp_plaintext(max_plaintext);
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

    /// The sequence number of the next record: as many were opened under the current keys.
    #[must_use]
    pub const fn sequence_number(&self) -> u64 {
        self.sequence_number
    }
}

/// The keys of a change, when it is for this direction and a later epoch.
pub(crate) fn new_keys(
    provider: &Provider,
    change: &KeyChange,
    direction: Direction,
    current: Epoch,
) -> Result<RecordKeys, RecordError> {
    if change.direction != direction {
        return Err(RecordError::WrongDirection { got: change.direction });
    }
    if change.epoch <= current {
        return Err(RecordError::EpochNotAfter { current, got: change.epoch });
    }
    RecordKeys::new(provider, change.suite, &change.keys, change.encrypt_then_mac)
}
