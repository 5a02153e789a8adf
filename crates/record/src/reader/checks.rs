//! Checks of the header and of the content of a record.

use super::RecordReader;
use crate::{
    error::RecordError,
    header,
    limits::{HEADER_LEN, MAX_ENCRYPTED_RECORD_LEN},
    protect::RecordKeys,
    sniff::LooksLike,
};
use cairn_schedule::Epoch;
use cairn_wire::{ContentType, ProtocolVersion, RecordHeader};

/// The least version of a record before the version is negotiated. RFC 9846 section 5.1: the version "MUST be
/// ignored for all purposes", and appendix E.5: "Implementations SHOULD NOT accept any records with a version
/// less than 0x0300".
const LEAST_VERSION: ProtocolVersion = ProtocolVersion::SSL_3_0;

impl RecordReader {
    /// Checks a header, whose bytes are `head`, before the record body has arrived.
    pub(super) fn check_header(
        &self,
        header: RecordHeader,
        head: &[u8; HEADER_LEN],
    ) -> Result<(), RecordError> {
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

    /// Checks the length of a record body.
    #[inline]
    pub(super) fn check_length(&self, content_type: ContentType, length: usize) -> Result<(), RecordError> {
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

    /// RFC 5246 section 6.2.1: "The length MUST NOT exceed 2^14." The limit is smaller if one was negotiated.
    pub(super) fn check_plaintext_len(&self, length: usize) -> Result<(), RecordError> {
        let max = usize::from(self.max_plaintext);
        if length > max { Err(RecordError::PlaintextTooLong { length, max }) } else { Ok(()) }
    }
}
