//! Reading of records.

#[cfg(test)]
mod tests;

use crate::{
    early_data::SkippedEarlyData,
    error::RecordError,
    header,
    install::{check_gate, new_keys},
    limits::{HEADER_LEN, MAX_CIPHERTEXT_LEN, MAX_ENCRYPTED_RECORD_LEN, RecordLimits, clamp_plaintext},
    progress::Progress,
    protect::RecordKeys,
    sniff::LooksLike,
};
use cairn_crypto::Provider;
use cairn_schedule::{Direction, Epoch, Gate, KeyChange};
use cairn_wire::{ContentType, ProtocolVersion, RecordHeader};
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

/// The least version of a record before the version is negotiated. RFC 9846 section 5.1: the version "MUST be
/// ignored for all purposes", and appendix E.5: "Implementations SHOULD NOT accept any records with a version
/// less than 0x0300".
const LEAST_VERSION: ProtocolVersion = ProtocolVersion::SSL_3_0;

/// The number of ChangeCipherSpec records that are ignored in a handshake. A peer sends one, or two if it
/// sends one before its second ClientHello and another.
const MAX_CHANGE_CIPHER_SPECS: u8 = 4;

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

    /// Skips the early data of a client that the handshake does not accept, up to `max_bytes` bytes, counted
    /// with padding and tag and without headers. It ends by itself with the first record of the client's next
    /// flight, and with new keys.
    ///
    /// RFC 9846 section 4.3.10 states what is early data. After ServerHello, when there are keys, these are
    /// the records that they do not open: "The server then skips past early data by attempting to deprotect
    /// received records using the handshake traffic key, discarding records which fail deprotection". After
    /// HelloRetryRequest, when there are none, "The server then ignores early data by skipping all records
    /// with an external content type of "application_data"".
    ///
    /// More early data is [`RecordError::TooMuchEarlyData`]. Nothing else is skipped.
    pub const fn skip_early_data(&mut self, max_bytes: u32) {
        self.skipped_early_data = Some(SkippedEarlyData::new(max_bytes));
    }

    /// Skips a record whose body has this length.
    #[cold]
    fn skip(&mut self, length: usize) -> Result<Opened, RecordError> {
        if let Some(skipped) = &mut self.skipped_early_data {
            skipped.count(length)?;
        }
        Ok(Opened::Ignored { consumed: HEADER_LEN + length })
    }

    /// Whether a record with this type in its header may be early data that is skipped.
    #[inline]
    fn may_be_early_data(&self, content_type: ContentType) -> bool {
        self.skipped_early_data.is_some() && content_type == ContentType::APPLICATION_DATA
    }

    /// Checks and counts a ChangeCipherSpec that is ignored.
    fn ignore_change_cipher_spec(&mut self, body: &[u8]) -> Result<(), RecordError> {
        // RFC 9846 section 5: "An implementation which receives any other change_cipher_spec value [...] MUST
        // abort the handshake with an "unexpected_message" alert."
        if body != [1] {
            return Err(RecordError::BadChangeCipherSpec);
        }
        let left = self.tolerated_change_cipher_specs.and_then(|left| NonZeroU8::new(left.get() - 1));
        let max = MAX_CHANGE_CIPHER_SPECS;
        self.tolerated_change_cipher_specs = Some(left.ok_or(RecordError::TooManyChangeCipherSpecs { max })?);
        Ok(())
    }

    /// Ignores unprotected ChangeCipherSpec records, up to a small number, or no longer ignores them. RFC
    /// 9846 section 5: "An implementation may receive an unencrypted record of type change_cipher_spec
    /// consisting of the single byte value 0x01 at any time after the first ClientHello message has been sent
    /// or received and before the peer's Finished message has been received and MUST simply drop it without
    /// further processing."
    ///
    /// The handshake says when that is. In TLS 1.2 the message has a meaning and is never ignored.
    pub const fn tolerate_change_cipher_spec(&mut self, is_tolerated: bool) {
        self.tolerated_change_cipher_specs =
            if is_tolerated { NonZeroU8::new(MAX_CHANGE_CIPHER_SPECS + 1) } else { None };
    }

    /// Accepts an unprotected alert in place of the first protected record of a handshake of TLS 1.3. This is
    /// for a server: its client may have failed before it had keys. A client accepts none, because a server
    /// has its keys as soon as it has sent ServerHello. RFC 9846 section 5.1: "Once record protection has
    /// started, TLSPlaintext records are protected".
    pub const fn accept_unprotected_alert(&mut self) {
        self.accepts_unprotected_alert = true;
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

    fn check_header(&self, header: RecordHeader, head: &[u8; HEADER_LEN]) -> Result<(), RecordError> {
        let RecordHeader { content_type, version, .. } = header;
        let is_some_tls = version.0 >> 8 == 3;
        // RFC 5246 section 6: "If a TLS implementation receives an unexpected record type, it MUST send an
        // unexpected_message alert."
        if !header::is_known(content_type) {
            return Err(if self.is_tls || is_some_tls {
                RecordError::UnknownContentType { content_type }
            } else {
                RecordError::NotTls { looks_like: LooksLike::sniff(head) }
            });
        }
        // RFC 5246 section 6.2.1: "This document describes TLS Version 1.2, which uses the version { 3, 3 }."
        if self.version.map_or(version < LEAST_VERSION, |expected| expected != version)
            && !self.ignores_version(header)
        {
            return Err(RecordError::WrongVersion { expected: self.version, got: version });
        }
        if self.keys.as_ref().is_some_and(RecordKeys::hides_content_type) {
            self.check_outer_type(content_type)?;
        }
        self.check_length(content_type, header.length.into())
    }

    /// Checks the length of a record body.
    #[inline]
    fn check_length(&self, content_type: ContentType, length: usize) -> Result<(), RecordError> {
        // Early data is protected with other keys, under the limits of an earlier connection.
        let max = if self.may_be_early_data(content_type) {
            usize::from(MAX_ENCRYPTED_RECORD_LEN)
        } else {
            self.max_body_len.into()
        };
        if length <= max {
            Ok(())
        } else if self.is_protected() || self.may_be_early_data(content_type) {
            Err(RecordError::CiphertextTooLong { length, max })
        } else {
            Err(RecordError::PlaintextTooLong { length, max })
        }
    }

    /// The maximum length of a record body under the keys in use.
    fn max_body_len(&self) -> u16 {
        match &self.keys {
            None => self.max_plaintext,
            // RFC 5246 section 6.2.3: "The length MUST NOT exceed 2^14 + 2048." These keys need less.
            Some(keys) => {
                let max = keys.overhead().max_body_len(self.max_plaintext.into());
                u16::try_from(max).unwrap_or(MAX_CIPHERTEXT_LEN).min(MAX_CIPHERTEXT_LEN)
            }
        }
    }

    /// Whether the version of a record has no meaning: that of an unprotected record in TLS 1.3. RFC 9846
    /// section 5.1: legacy_record_version "is deprecated and MUST be ignored for all purposes."
    const fn ignores_version(&self, header: RecordHeader) -> bool {
        let hides_content_type = match &self.keys {
            Some(keys) => keys.hides_content_type(),
            None => false,
        };
        hides_content_type
            && !matches!(header.content_type, ContentType::APPLICATION_DATA)
            && header.version.0 >= LEAST_VERSION.0
    }

    /// In TLS 1.3 every protected record looks like application data (RFC 9846 section 5.2). A
    /// ChangeCipherSpec may be tolerated, and an alert may be accepted in place of the first protected record
    /// of the handshake.
    fn check_outer_type(&self, content_type: ContentType) -> Result<(), RecordError> {
        let is_allowed = match content_type {
            ContentType::APPLICATION_DATA => true,
            ContentType::CHANGE_CIPHER_SPEC => self.tolerated_change_cipher_specs.is_some(),
            ContentType::ALERT => {
                self.accepts_unprotected_alert && self.epoch == Epoch::Handshake && self.sequence_number == 0
            }
            _ => false,
        };
        if is_allowed { Ok(()) } else { Err(RecordError::NotProtected { content_type }) }
    }

    /// RFC 5246 section 6.2.1: "The length MUST NOT exceed 2^14." The limit is smaller if one was negotiated.
    fn check_plaintext_len(&self, length: usize) -> Result<(), RecordError> {
        let max = usize::from(self.max_plaintext);
        if length > max { Err(RecordError::PlaintextTooLong { length, max }) } else { Ok(()) }
    }

    /// Installs new keys for the next record and closes the gate for application data. The sequence number
    /// restarts at 0 (RFC 5246 section 6.1).
    ///
    /// # Errors
    /// [`RecordError::WrongDirection`], [`RecordError::EpochNotAfter`], and those of [`RecordKeys::new`].
    /// Every error is final, because records of the new epoch must not be read with the keys of the old one.
    pub fn change_keys(&mut self, provider: &Provider, change: &KeyChange) -> Result<(), RecordError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        match new_keys(provider, change, Direction::Read, self.epoch) {
            Ok(keys) => {
                // RFC 9846 section 5.2: "The legacy_record_version field is always 0x0303."
                if keys.hides_content_type() {
                    self.version = Some(ProtocolVersion::TLS_1_2);
                }
                self.keys = Some(keys);
                self.max_body_len = self.max_body_len();
                self.epoch = change.epoch;
                self.gate_is_open = false;
                self.skipped_early_data = None;
                self.opened = None;
                // RFC 5246 section 6.1: "The sequence number MUST be set to zero whenever a connection state
                // is made the active state."
                self.sequence_number = 0;
                Ok(())
            }
            Err(error) => {
                self.failed = Some(error);
                Err(error)
            }
        }
    }

    /// Permits or forbids application data from the next record on, as the handshake states. At first it is
    /// forbidden. An open gate must be for the current keys. [`Gate::HalfRtt`] is the sender's alone, and the
    /// same as [`Gate::Open`] here.
    ///
    /// # Errors
    /// [`RecordError::NoKeys`] and [`RecordError::EpochNotCurrent`], both final.
    pub fn set_gate(&mut self, gate: Gate) -> Result<(), RecordError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        match check_gate(gate, self.is_protected(), self.epoch) {
            Ok(()) => {
                self.gate_is_open = gate.is_open();
                Ok(())
            }
            Err(error) => {
                self.failed = Some(error);
                Err(error)
            }
        }
    }

    /// Whether application data may be received.
    #[must_use]
    pub const fn gate(&self) -> Gate {
        if self.gate_is_open { Gate::Open { epoch: self.epoch } } else { Gate::Closed }
    }

    /// Accepts only records of exactly this version from now on. Before, any version from 0x0300 on is
    /// accepted: the first flight may use 0x0301 or even 0x0300 regardless of the versions that the
    /// ClientHello offers (RFC 5246 appendix E.1), and RFC 9846 section 5.1 ignores the field.
    ///
    /// TLS 1.3 does not need this. Keys of TLS 1.3 require the version 0x0303 in protected records, because
    /// they authenticate it (section 5.2), and no version in others.
    pub const fn expect_version(&mut self, version: ProtocolVersion) {
        self.version = Some(version);
    }

    /// Sets the maximum plaintext length in bytes for the next records, if a limit below 2^14 was negotiated
    /// (RFC 6066 section 4, RFC 8449). Values outside 1 to 2^14 are clamped.
    pub fn set_max_plaintext(&mut self, max_plaintext: u16) {
        self.max_plaintext = clamp_plaintext(max_plaintext);
        self.max_body_len = self.max_body_len();
    }

    /// The epoch of the current keys.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Returns `true` if records are protected.
    #[must_use]
    pub const fn is_protected(&self) -> bool {
        self.keys.is_some()
    }

    /// The sequence number of the next record: the number of records opened under the current keys.
    #[must_use]
    pub const fn sequence_number(&self) -> u64 {
        self.sequence_number
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
