//! Record protection (RFC 5246 section 6.2.3, RFC 9846 section 5.2): the cryptographic part.

mod aead;
mod body;
#[cfg(feature = "legacy")]
mod cbc;
mod inner_plaintext;
#[cfg(test)]
mod known_answers;
#[cfg(feature = "legacy")]
mod legacy;
#[cfg(not(feature = "legacy"))]
#[path = "protect/without_legacy.rs"]
mod legacy;
#[cfg(feature = "legacy")]
mod mac;
#[cfg(feature = "legacy")]
mod null;
mod overhead;
#[cfg(test)]
mod tests;

use crate::error::RecordError;
use aead::AeadRecords;
use body::{Context, parts};
use cairn_crypto::{CryptoError, Provider, UsageLimits};
use cairn_schedule::{Keys, Protection, ScheduleError, tls13::TrafficSecret};
use cairn_wire::{ContentType, ProtocolVersion};
use core::{fmt, ops::Range};
use inner_plaintext::InnerPlaintexts;
use legacy::LegacyRecords;
pub use overhead::Overhead;

/// The key of one direction, ready to seal or open records.
///
/// The sequence number is an argument; this type does not count. In TLS the number starts at 0 with each key
/// and increases by one with each record (RFC 5246 section 6.1). In DTLS 1.2 its upper 16 bits are the epoch
/// (RFC 6347 section 4.1.2.1). Sealing twice with the same number compromises the key.
/// [`RecordWriter`](crate::RecordWriter) prevents that.
///
/// A *record body* is everything after the header: [`Overhead::prefix`] bytes, the text, and then the tag and
/// any padding.
pub struct RecordKeys {
    inner: Inner,
    overhead: Overhead,
}

/// One variant for each kind of [`Protection`]. [`RecordKeys`] implements their common parts once: the
/// position of the text, and erasing it after a failure.
enum Inner {
    Aead(AeadRecords),
    /// TLS 1.3.
    Tls13(InnerPlaintexts),
    /// CBC and NULL. Without the feature `legacy` this variant has no values.
    Legacy(LegacyRecords),
}

impl RecordKeys {
    /// Sets up the keys of one direction.
    ///
    /// # Errors
    /// [`RecordError::AeadNotOffered`], [`RecordError::BlockCipherNotOffered`],
    /// [`RecordError::HmacNotOffered`] or [`RecordError::CompressionNotOffered`] if the provider lacks a
    /// primitive; [`RecordError::ProtectionUnknown`] if this build does not support the protection;
    /// [`RecordError::Crypto`] if the provider fails.
    pub fn new(provider: &Provider, keys: &Keys) -> Result<Self, RecordError> {
        let keys = match keys {
            Keys::Tls12(keys) => keys,
            Keys::Tls13(secret) => return Self::of_tls13(provider, secret),
        };
        let (inner, overhead) = match keys.protection() {
            Protection::Aead { algorithm, nonce } => {
                let aead = provider.aead(algorithm).ok_or(RecordError::AeadNotOffered(algorithm))?;
                let aead = AeadRecords::new(&**aead, nonce, keys)?;
                let overhead = aead.overhead();
                (Inner::Aead(aead), overhead)
            }
            _ => {
                let legacy = LegacyRecords::new(provider, keys)?;
                let overhead = legacy.overhead();
                (Inner::Legacy(legacy), overhead)
            }
        };
        Ok(Self { inner, overhead })
    }

    /// Sets up the keys of one direction in TLS 1.3.
    fn of_tls13(provider: &Provider, secret: &TrafficSecret) -> Result<Self, RecordError> {
        let algorithm = secret.suite().aead;
        let aead = provider.aead(algorithm).ok_or(RecordError::AeadNotOffered(algorithm))?;
        let keys = secret.keys().map_err(|error| match error {
            ScheduleError::Crypto(error) => RecordError::Crypto(error),
            _ => RecordError::Crypto(CryptoError::Failed),
        })?;
        let records = InnerPlaintexts::new(&**aead, &keys)?;
        let overhead = records.overhead();
        Ok(Self { inner: Inner::Tls13(records), overhead })
    }

    /// Whether the content type is protected, as in TLS 1.3.
    #[inline]
    pub(crate) const fn hides_content_type(&self) -> bool {
        matches!(self.inner, Inner::Tls13(_))
    }

    /// The content type and the version in the header of every record whose content type is hidden (RFC 9846
    /// section 5.2).
    pub(crate) const OPAQUE_HEADER: (ContentType, ProtocolVersion) =
        (inner_plaintext::OPAQUE_TYPE, inner_plaintext::LEGACY_VERSION);

    /// The overhead that protection adds to a text.
    #[must_use]
    pub const fn overhead(&self) -> Overhead {
        self.overhead
    }

    /// The usage limits of the key. The caller must enforce them.
    #[must_use]
    pub fn usage_limits(&self) -> UsageLimits {
        match &self.inner {
            Inner::Aead(aead) => aead.usage_limits(),
            Inner::Tls13(records) => records.usage_limits(),
            Inner::Legacy(legacy) => legacy.usage_limits(),
        }
    }

    /// Protects a text in place and returns the length of its record body, which is [`Overhead::body_len`] of
    /// `text_len`.
    ///
    /// The text starts after [`Overhead::prefix`] bytes of `room`. Bytes of `room` after the body are not
    /// modified. `content_type` and `version` are those of the header.
    ///
    /// # Errors
    /// [`RecordError::BufferTooSmall`] if the body does not fit into `room`; [`RecordError::PayloadTooLong`]
    /// if the body is longer than the 2^16 - 1 bytes that a header can state; [`RecordError::Crypto`] if the
    /// provider fails. After the last one the content of the body is unspecified, and the text must not be
    /// sent.
    pub fn seal(
        &self,
        seq: u64,
        content_type: ContentType,
        version: ProtocolVersion,
        room: &mut [u8],
        text_len: usize,
    ) -> Result<usize, RecordError> {
        self.seal_padded(seq, content_type, version, room, (text_len, text_len))
    }

    /// As [`RecordKeys::seal`], with the length of the text, and that with padding (RFC 9846 section 5.4).
    /// They differ only in TLS 1.3.
    pub(crate) fn seal_padded(
        &self,
        seq: u64,
        content_type: ContentType,
        version: ProtocolVersion,
        room: &mut [u8],
        (text_len, padded_len): (usize, usize),
    ) -> Result<usize, RecordError> {
        let (body, length) = self.body(room, text_len, padded_len)?;
        self.seal_body(Context { seq, content_type, version }, body, length)?;
        Ok(body.len())
    }

    /// Protects a text from another buffer, writes its record body to the start of `room`, and returns the
    /// length of the body. The rest of `room` is not modified. AEADs read the text directly; other
    /// protections copy it first.
    ///
    /// # Errors
    /// Those of [`RecordKeys::seal`]. After [`RecordError::Crypto`] the body is zeroed.
    pub fn seal_from(
        &self,
        seq: u64,
        content_type: ContentType,
        version: ProtocolVersion,
        text: &[u8],
        room: &mut [u8],
    ) -> Result<usize, RecordError> {
        let (body, _) = self.body(room, text.len(), text.len())?;
        self.seal_body_from(seq, content_type, version, text, body)?;
        Ok(body.len())
    }

    /// As [`RecordKeys::seal_from`], with a buffer of exactly the length of the record body. In TLS 1.3 the
    /// length that the text does not need is padding (RFC 9846 section 5.4).
    pub(crate) fn seal_body_from(
        &self,
        seq: u64,
        content_type: ContentType,
        version: ProtocolVersion,
        text: &[u8],
        body: &mut [u8],
    ) -> Result<(), RecordError> {
        let max = usize::from(u16::MAX);
        let length = u16::try_from(text.len());
        let length = length.map_err(|_| RecordError::PayloadTooLong { length: text.len(), max })?;
        let context = Context { seq, content_type, version };
        let sealed = if let Inner::Aead(aead) = &self.inner {
            aead.seal_from(context, text, body, length)
        } else {
            self.seal_other_from(context, text, body, length)
        };
        if sealed.is_err() {
            body.fill(0);
        }
        sealed
    }

    /// As `seal_body_from`, with TLS 1.3 or without an AEAD.
    fn seal_other_from(
        &self,
        context: Context,
        text: &[u8],
        body: &mut [u8],
        length: u16,
    ) -> Result<(), RecordError> {
        if let Inner::Tls13(records) = &self.inner {
            return records.seal_from(context.seq, context.content_type, text, body);
        }
        let [_, place, _] = parts(body, self.overhead.prefix(), length)?;
        place.copy_from_slice(text);
        self.seal_body(context, body, length)
    }

    /// The part of `room` that the body of a padded text occupies, and the text length as stated in a header.
    fn body<'r>(
        &self,
        room: &'r mut [u8],
        text_len: usize,
        padded_len: usize,
    ) -> Result<(&'r mut [u8], u16), RecordError> {
        let body_len = self.overhead.body_len(padded_len);
        let longest = usize::from(u16::MAX);
        let (Ok(length), true) = (u16::try_from(text_len), body_len <= longest) else {
            let max = self.overhead.max_text_len(longest).unwrap_or(0);
            return Err(RecordError::PayloadTooLong { length: text_len, max });
        };
        let got = room.len();
        let body = room.get_mut(..body_len).ok_or(RecordError::BufferTooSmall { needed: body_len, got })?;
        Ok((body, length))
    }

    fn seal_body(&self, context: Context, body: &mut [u8], length: u16) -> Result<(), RecordError> {
        match &self.inner {
            Inner::Aead(aead) => aead.seal(context, body, length),
            Inner::Legacy(legacy) => legacy.seal(context, body, length),
            Inner::Tls13(records) => records.seal(context.seq, context.content_type, body, length.into()),
        }
    }

    /// Verifies and removes the protection of a record body in place. Returns the content type, which is that
    /// of the header in TLS 1.2 and is protected in TLS 1.3, and the range of the text in the body.
    ///
    /// # Errors
    /// [`RecordError::BadRecordMac`] if authentication fails; [`RecordError::NoContentType`] and
    /// [`RecordError::InnerTypeNotAllowed`] in TLS 1.3; [`RecordError::Crypto`] if the provider fails. The
    /// body is
    /// zeroed in all cases.
    pub fn open(
        &self,
        seq: u64,
        content_type: ContentType,
        version: ProtocolVersion,
        record_body: &mut [u8],
    ) -> Result<(ContentType, Range<usize>), RecordError> {
        let context = Context { seq, content_type, version };
        let opened = match &self.inner {
            Inner::Aead(aead) => aead.open(context, record_body).map(|text| (content_type, text)),
            Inner::Tls13(records) => records.open(seq, record_body),
            Inner::Legacy(legacy) => legacy.open(context, record_body).map(|text| (content_type, text)),
        };
        if opened.is_err() {
            record_body.fill(0);
        }
        opened
    }

    /// The number of bytes that [`RecordKeys::open_into`] needs for a body of `body_len` bytes:
    /// [`Overhead::max_text_len`], and in TLS 1.3 one more for the content type. 0 for a body that is too
    /// short for any text; opening it reports the error.
    #[must_use]
    #[inline]
    pub fn place_len(&self, body_len: usize) -> usize {
        match &self.inner {
            Inner::Tls13(records) => records.inner_len(body_len),
            Inner::Aead(_) | Inner::Legacy(_) => self.overhead.max_text_len(body_len).unwrap_or(0),
        }
    }

    /// Verifies and removes the protection of a record body, writes the text to the start of `place`, and
    /// returns the content type, as [`RecordKeys::open`] does, and the length of the text. `place` must have
    /// at least [`RecordKeys::place_len`] bytes. AEADs decrypt directly into it; other protections decrypt in
    /// place and copy. The content of the body is unspecified afterwards, and so is the rest of `place`.
    ///
    /// # Errors
    /// [`RecordError::BufferTooSmall`] if `place` is too short; nothing has been modified then. Those of
    /// [`RecordKeys::open`], after which the body is zeroed, and also the part of `place` that the text could
    /// have occupied: unauthenticated text is never left there (RFC 5116 section 2.2).
    pub fn open_into(
        &self,
        seq: u64,
        content_type: ContentType,
        version: ProtocolVersion,
        record_body: &mut [u8],
        place: &mut [u8],
    ) -> Result<(ContentType, usize), RecordError> {
        let needed = self.place_len(record_body.len());
        let got = place.len();
        let place = place.get_mut(..needed).ok_or(RecordError::BufferTooSmall { needed, got })?;
        self.open_body_into(seq, content_type, version, record_body, place)
    }

    /// As [`RecordKeys::open_into`], with a `place` of exactly [`RecordKeys::place_len`] bytes.
    pub(crate) fn open_body_into(
        &self,
        seq: u64,
        content_type: ContentType,
        version: ProtocolVersion,
        record_body: &mut [u8],
        place: &mut [u8],
    ) -> Result<(ContentType, usize), RecordError> {
        let opened = match &self.inner {
            Inner::Aead(aead) => {
                let opened = aead.open_into(Context { seq, content_type, version }, record_body, place);
                opened.map(|()| (content_type, place.len()))
            }
            Inner::Tls13(records) => records.open_into(seq, record_body, place),
            Inner::Legacy(_) => self.open(seq, content_type, version, record_body).map(|(_, text)| {
                let text = record_body.get(text).unwrap_or_default();
                if let Some(place) = place.get_mut(..text.len()) {
                    place.copy_from_slice(text);
                }
                (content_type, text.len())
            }),
        };
        if opened.is_err() {
            record_body.fill(0);
            place.fill(0);
        }
        opened
    }
}

impl fmt::Debug for RecordKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner {
            Inner::Aead(_) => f.write_str("RecordKeys(AEAD)"),
            Inner::Tls13(_) => f.write_str("RecordKeys(TLS 1.3)"),
            Inner::Legacy(legacy) => write!(f, "RecordKeys({})", legacy.name()),
        }
    }
}
