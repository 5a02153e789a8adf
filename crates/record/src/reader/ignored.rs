//! Records without an effect, up to a bound: early data that the handshake does not accept, and the
//! ChangeCipherSpec of TLS 1.3.

use super::{Opened, RecordReader};
use crate::{early_data::SkippedEarlyData, error::RecordError, limits::HEADER_LEN};
use cairn_wire::ContentType;
use core::num::NonZeroU8;

/// The number of ChangeCipherSpec records that are ignored in a handshake. A peer sends one, or two if it
/// sends one before its second ClientHello and another.
const MAX_CHANGE_CIPHER_SPECS: u8 = 4;

impl RecordReader {
    /// Skips the early data of a client that the handshake does not accept, up to `max_bytes` bytes, counted
    /// with padding and tag and without headers. It ends by itself with the first record of the client's next
    /// flight, and with new keys.
    ///
    /// RFC 9846 section 4.3.10 defines which records are early data. After ServerHello, when there are keys,
    /// they are the records that the keys do not open: "The server then skips past early data by attempting
    /// to deprotect received records using the handshake traffic key, discarding records which fail
    /// deprotection". After HelloRetryRequest, when there are none, "The server then ignores early data by
    /// skipping all records with an external content type of "application_data"".
    ///
    /// More early data is [`RecordError::TooMuchEarlyData`]. Nothing else is skipped.
    pub const fn skip_early_data(&mut self, max_bytes: u32) {
        self.skipped_early_data = Some(SkippedEarlyData::new(max_bytes));
    }

    /// Whether a record with this type in its header may be early data that is skipped.
    #[inline]
    pub(super) fn may_be_early_data(&self, content_type: ContentType) -> bool {
        self.skipped_early_data.is_some() && content_type == ContentType::APPLICATION_DATA
    }

    /// Skips a record whose body has this length.
    #[cold]
    pub(super) fn skip(&mut self, length: usize) -> Result<Opened, RecordError> {
        if let Some(skipped) = &mut self.skipped_early_data {
            skipped.count(length)?;
        }
        Ok(Opened::Ignored { consumed: HEADER_LEN + length })
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

    /// Checks and counts a ChangeCipherSpec that is ignored.
    pub(super) fn ignore_change_cipher_spec(&mut self, body: &[u8]) -> Result<(), RecordError> {
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
}
