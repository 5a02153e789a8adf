//! TLSInnerPlaintext and TLSCiphertext of TLS 1.3 (RFC 9846 section 5.2).

use super::overhead::Overhead;
use crate::error::RecordError;
use alloc::boxed::Box;
use cairn_crypto::{Aead, AeadKey, UsageLimits};
use cairn_schedule::tls13::{IV_LEN, Tls13Keys};
use cairn_wire::{ContentType, ProtocolVersion};
use core::ops::Range;
use zeroize::Zeroizing;

/// The content type in the header of every protected record: `opaque_type`.
pub(super) const OPAQUE_TYPE: ContentType = ContentType::APPLICATION_DATA;

/// The version in the header of every protected record: `legacy_record_version`.
pub(super) const LEGACY_VERSION: ProtocolVersion = ProtocolVersion::TLS_1_2;

/// The length of `TLSInnerPlaintext.type`.
const TYPE_LEN: usize = 1;

/// The longest type with padding that is passed beside the content. With a longer one the content is copied,
/// which costs less than the encryption of the padding.
const MAX_SHORT_SUFFIX: usize = 256;

/// Seals and opens the records of TLS 1.3.
pub(super) struct InnerPlaintexts {
    key: Box<dyn AeadKey>,
    iv: Zeroizing<[u8; IV_LEN]>,
    usage_limits: UsageLimits,
}

impl InnerPlaintexts {
    pub(super) fn new(aead: &dyn Aead, keys: &Tls13Keys) -> Result<Self, RecordError> {
        Ok(Self {
            key: aead.key(keys.key())?,
            iv: Zeroizing::new(*keys.iv()),
            usage_limits: aead.usage_limits(),
        })
    }

    /// The content type is protected with the content, and the tag follows it.
    pub(super) fn overhead(&self) -> Overhead {
        Overhead::plain(0, TYPE_LEN.saturating_add(self.key.algorithm().tag_len()))
    }

    pub(super) const fn usage_limits(&self) -> UsageLimits {
        self.usage_limits
    }

    /// The number of bytes that [`InnerPlaintexts::open_into`] needs for a body of this length.
    pub(super) fn inner_len(&self, body_len: usize) -> usize {
        body_len.saturating_sub(self.key.algorithm().tag_len())
    }

    /// Seals a content of `length` bytes at the start of `body`, which has room for the type and the tag
    /// after it. Any other room is padding.
    pub(super) fn seal(
        &self,
        seq: u64,
        content_type: ContentType,
        body: &mut [u8],
        length: usize,
    ) -> Result<(), RecordError> {
        let aad = additional_data(body.len());
        let too_small =
            RecordError::BufferTooSmall { needed: length.saturating_add(TYPE_LEN), got: body.len() };
        let inner_len = self.inner_len(body.len());
        let (inner, tag) = body.split_at_mut_checked(inner_len).ok_or(too_small)?;
        let (place, padding) = inner.get_mut(length..).and_then(<[u8]>::split_first_mut).ok_or(too_small)?;
        *place = content_type.0;
        // RFC 9846 section 5.4: "Implementations MUST set the padding octets to all zeros before encrypting."
        padding.fill(0);
        Ok(self.key.seal(&self.nonce(seq), &aad, inner, tag)?)
    }

    /// As [`InnerPlaintexts::seal`], with the content in another buffer. The content is not copied before it
    /// is encrypted, unless the padding is long.
    pub(super) fn seal_from(
        &self,
        seq: u64,
        content_type: ContentType,
        content: &[u8],
        body: &mut [u8],
    ) -> Result<(), RecordError> {
        let suffix_len = self.inner_len(body.len()).saturating_sub(content.len());
        let aad = additional_data(body.len());
        if suffix_len == TYPE_LEN {
            return Ok(self.key.seal_into(&self.nonce(seq), &aad, content, &[content_type.0], body)?);
        }
        let mut suffix = [0; MAX_SHORT_SUFFIX];
        suffix[0] = content_type.0;
        if let Some(suffix) = suffix.get(..suffix_len) {
            return Ok(self.key.seal_into(&self.nonce(seq), &aad, content, suffix, body)?);
        }
        let too_small = RecordError::BufferTooSmall { needed: content.len(), got: body.len() };
        body.get_mut(..content.len()).ok_or(too_small)?.copy_from_slice(content);
        self.seal(seq, content_type, body, content.len())
    }

    /// Opens a body in place. Returns the type and the place of the content.
    pub(super) fn open(&self, seq: u64, body: &mut [u8]) -> Result<(ContentType, Range<usize>), RecordError> {
        let aad = additional_data(body.len());
        let length = self.key.open(&self.nonce(seq), &aad, body)?;
        content(body.get(..length).unwrap_or_default()).map(|(content_type, end)| (content_type, 0..end))
    }

    /// Opens a body into `place`, which has exactly [`InnerPlaintexts::inner_len`] bytes. Returns the type
    /// and the length of the content. Type and padding follow it.
    pub(super) fn open_into(
        &self,
        seq: u64,
        body: &mut [u8],
        place: &mut [u8],
    ) -> Result<(ContentType, usize), RecordError> {
        let aad = additional_data(body.len());
        self.key.open_into(&self.nonce(seq), &aad, body, place)?;
        content(place)
    }

    /// RFC 9846 section 5.3: the padded sequence number, XORed with the IV.
    fn nonce(&self, seq: u64) -> [u8; IV_LEN] {
        let mut nonce = *self.iv;
        let low = nonce.iter_mut().rev();
        for (byte, number) in low.zip(seq.to_be_bytes().into_iter().rev()) {
            *byte ^= number;
        }
        nonce
    }
}

/// The type and the length of the content of a TLSInnerPlaintext.
///
/// RFC 9846 section 5.4: "the receiving implementation scans the field from the end toward the beginning
/// until it finds a non-zero octet. This non-zero octet is the content type of the message." The time of the
/// scan tells the length of the padding, which the section accepts.
fn content(inner: &[u8]) -> Result<(ContentType, usize), RecordError> {
    let place = inner.iter().rposition(|byte| *byte != 0).ok_or(RecordError::NoContentType)?;
    let content_type = ContentType(inner.get(place).copied().unwrap_or_default());
    match content_type {
        ContentType::ALERT | ContentType::HANDSHAKE | ContentType::APPLICATION_DATA => {
            Ok((content_type, place))
        }
        // RFC 9846 section 5: "An implementation which receives any other change_cipher_spec value or which
        // receives a protected change_cipher_spec record MUST abort the handshake with an
        // "unexpected_message" alert."
        _ => Err(RecordError::InnerTypeNotAllowed { content_type }),
    }
}

/// The header of the record: "TLSCiphertext.opaque_type || TLSCiphertext.legacy_record_version ||
/// TLSCiphertext.length".
fn additional_data(body_len: usize) -> [u8; 5] {
    let [major, minor] = LEGACY_VERSION.0.to_be_bytes();
    // A longer body has no header; the caller has checked it.
    let [high, low] = u16::try_from(body_len).unwrap_or(u16::MAX).to_be_bytes();
    [OPAQUE_TYPE.0, major, minor, high, low]
}
