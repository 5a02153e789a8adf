//! The protection of records (RFC 5246 section 6.2.3): the cryptographic part alone.

mod aead;
#[cfg(test)]
mod tests;

use crate::RecordError;
use aead::AeadRecords;
use cairn_crypto::{Provider, UsageLimits};
use cairn_schedule::{Protection, Suite, TrafficKeys};
use cairn_wire::{ContentType, ProtocolVersion};
use core::{fmt, ops::Range};

/// One direction's key, ready to seal and to open.
///
/// It keeps no count: the sequence number comes as an argument. In TLS it starts at 0 under each key and grows by one
/// with each record (RFC 5246 section 6.1); in DTLS 1.2 its upper 16 bits are the epoch (RFC 6347 section 4.1.2.1). To
/// seal twice with the same number betrays the key: [`RecordWriter`](crate::RecordWriter) is what sees to it that it
/// cannot happen.
///
/// A *record body* is all that follows the header: [`Overhead::prefix`] bytes, the text, [`Overhead::suffix`] bytes.
pub struct RecordKeys {
    inner: Inner,
}

/// One variant for each way of [`Protection`]. What all of them share (where the text stands, that nothing is left of a
/// text that fails) is done once, in [`RecordKeys`].
enum Inner {
    Aead(AeadRecords),
}

/// What protection adds to a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Overhead {
    /// Bytes between the header and the text: the explicit nonce.
    pub prefix: usize,
    /// Bytes behind the text: the tag.
    pub suffix: usize,
}

impl Overhead {
    /// Both together.
    #[must_use]
    pub const fn total(self) -> usize {
        self.prefix.saturating_add(self.suffix)
    }
}

/// What a record says of itself in the clear, which its protection covers.
#[derive(Clone, Copy)]
struct Context {
    seq: u64,
    content_type: ContentType,
    version: ProtocolVersion,
}

impl RecordKeys {
    /// Sets up the keys of one direction for a suite.
    ///
    /// # Errors
    /// [`RecordError::AeadNotOffered`] when the provider lacks the suite's AEAD, [`RecordError::ProtectionUnknown`] when
    /// this crate lacks the suite's protection, [`RecordError::Crypto`] when the provider fails or the keys are not those
    /// of the suite.
    pub fn new(provider: &Provider, suite: &'static Suite, keys: &TrafficKeys) -> Result<Self, RecordError> {
        let inner = match suite.protection {
            Protection::Aead { algorithm, nonce } => {
                let aead = provider.aead(algorithm).ok_or(RecordError::AeadNotOffered(algorithm))?;
                Inner::Aead(AeadRecords::new(&**aead, nonce, keys)?)
            }
            _ => return Err(RecordError::ProtectionUnknown(suite.id)),
        };
        Ok(Self { inner })
    }

    /// What protection adds to a text.
    #[must_use]
    pub const fn overhead(&self) -> Overhead {
        match &self.inner {
            Inner::Aead(aead) => aead.overhead(),
        }
    }

    /// How far the key may go. Keeping to it is the caller's business too.
    #[must_use]
    pub const fn usage_limits(&self) -> UsageLimits {
        match &self.inner {
            Inner::Aead(aead) => aead.usage_limits(),
        }
    }

    /// Protects a record body in place: the text stands behind room for the prefix and before room for the suffix.
    /// `content_type` and `version` are those of the header.
    ///
    /// # Errors
    /// [`RecordError::BufferTooSmall`] when the body is shorter than the overhead, [`RecordError::PayloadTooLong`] past
    /// the 2^16 - 1 bytes that a length can state, [`RecordError::Crypto`] when the provider fails. After the last of
    /// these the content of the body is not defined, and the text must not be sent.
    pub fn seal(
        &self,
        seq: u64,
        content_type: ContentType,
        version: ProtocolVersion,
        record_body: &mut [u8],
    ) -> Result<(), RecordError> {
        let context = Context { seq, content_type, version };
        match &self.inner {
            Inner::Aead(aead) => aead.seal(context, record_body),
        }
    }

    /// Checks and removes the protection of a record body in place, and says where in it the text stands.
    ///
    /// # Errors
    /// [`RecordError::BadRecordMac`] when the protection does not hold, [`RecordError::Crypto`] when the provider fails.
    /// After both the body is zeroed, whatever the provider left there.
    pub fn open(
        &self,
        seq: u64,
        content_type: ContentType,
        version: ProtocolVersion,
        record_body: &mut [u8],
    ) -> Result<Range<usize>, RecordError> {
        let context = Context { seq, content_type, version };
        let opened = match &self.inner {
            Inner::Aead(aead) => aead.open(context, record_body),
        };
        if opened.is_err() {
            record_body.fill(0);
        }
        opened
    }
}

impl fmt::Debug for RecordKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.inner {
            Inner::Aead(_) => f.write_str("RecordKeys(AEAD)"),
        }
    }
}
