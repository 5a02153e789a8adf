//! The table of errors: the alert, the RFC section and the message of each kind.

use super::RecordError;
use crate::sniff::LooksLike;
use cairn_schedule::Direction;
use cairn_wire::AlertDescription as A;
use core::fmt;

/// A row of the table.
pub(super) struct Row<'a> {
    /// The alert to send, if the peer is to be told.
    alert: Option<A>,
    /// The section that the error refers to, if there is one.
    section: Option<&'static str>,
    /// The message, without the section.
    pub(super) message: fmt::Arguments<'a>,
}

impl RecordError {
    /// The alert to send in response to this error (RFC 5246 section 7.2.2). `None` for misuse of this crate,
    /// and for an exhausted key, after which the connection should be closed with `close_notify`.
    #[must_use]
    pub fn alert(&self) -> Option<A> {
        self.row(|row| row.alert)
    }

    /// The RFC section that the error refers to, or `None` if there is none. For a rule of both versions it
    /// is that of TLS 1.2, and [`section_in`](cairn_wire::section_in) finds its successor.
    #[must_use]
    pub fn section(&self) -> Option<&'static str> {
        self.row(|row| row.section)
    }

    /// The table. Each kind has one row, which is passed to `read`.
    #[rustfmt::skip]
    pub(super) fn row<R>(&self, read: impl FnOnce(Row<'_>) -> R) -> R {
        let row = |alert, section, message: fmt::Arguments<'_>| read(Row { alert, section, message });
        match self {
            Self::NotTls { looks_like: LooksLike::Sslv2 } =>
                row(Some(A::PROTOCOL_VERSION), Some("RFC 6176 section 3"),
                format_args!("expected a TLS record, got an SSL 2.0 ClientHello")),
            Self::NotTls { looks_like } =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 5246 section 6.2.1"),
                format_args!("expected a TLS record, got {looks_like}")),
            Self::UnknownContentType { content_type } =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 5246 section 6.2.1"),
                format_args!("expected a content type from 20 to 23, got {}", content_type.0)),
            Self::WrongVersion { expected: Some(expected), got } =>
                row(Some(A::PROTOCOL_VERSION), Some("RFC 5246 section 6.2.1"),
                format_args!("expected a record of version {expected}, got {got}")),
            Self::WrongVersion { expected: None, got } =>
                row(Some(A::PROTOCOL_VERSION), Some("RFC 5246 appendix E.1"),
                format_args!("expected a record of any TLS version (0x03xx), got {got}")),
            Self::CiphertextTooLong { length, max } =>
                row(Some(A::RECORD_OVERFLOW), Some("RFC 5246 section 6.2.3"),
                format_args!("expected a protected fragment of at most {max} bytes, got {length}")),
            Self::PlaintextTooLong { length, max } =>
                row(Some(A::RECORD_OVERFLOW), Some("RFC 5246 section 6.2.1"),
                format_args!("expected a fragment of at most {max} bytes, got {length}")),
            Self::BadRecordMac => row(Some(A::BAD_RECORD_MAC), Some("RFC 5246 section 6.2.3"),
                format_args!("the record failed authentication")),
            // RFC 5246 names no alert for it. RFC 9846 section 5.4 does, for the same rule.
            Self::EmptyFragment { content_type } =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 5246 section 6.2.1"),
                format_args!("expected a nonempty record of type {content_type}, got an empty \
                  one")),
            Self::TooManyEmptyRecords { max } => row(Some(A::UNEXPECTED_MESSAGE), None,
                format_args!("expected at most {max} consecutive empty records, got more")),
            Self::TooManyWarnings { max } => row(Some(A::UNEXPECTED_MESSAGE), None,
                format_args!("expected at most {max} consecutive warning alerts, got more")),
            Self::UnexpectedApplicationData =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 5246 section 7.4.9"),
                format_args!("expected no application data before the handshake is complete, got \
                  some")),
            Self::NotProtected { content_type } =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 9846 section 5.2"),
                format_args!("expected a protected record, got an unprotected one of type \
                  {content_type}")),
            Self::NoContentType => row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 9846 section 5.4"),
                format_args!("expected a content type in the record, got zeros alone")),
            Self::InnerTypeNotAllowed { content_type } =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 9846 section 5"),
                format_args!("expected protected handshake messages, alerts or application data, \
                  got the type {content_type}")),
            Self::BadChangeCipherSpec => row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 9846 section 5"),
                format_args!("expected a ChangeCipherSpec of the single byte 1, got another one")),
            Self::TooManyChangeCipherSpecs { max } =>
                row(Some(A::UNEXPECTED_MESSAGE), None,
                format_args!("expected at most {max} ChangeCipherSpec records, got more")),
            // The alert that section 4.7.1 names for too much early data.
            Self::TooMuchEarlyData { max } =>
                row(Some(A::UNEXPECTED_MESSAGE), Some("RFC 9846 section 4.3.10"),
                format_args!("expected at most {max} bytes of early data, which is not accepted, got \
                  more")),
            Self::Crypto(error) => row(Some(A::INTERNAL_ERROR), None,
                format_args!("{error}")),
            Self::SequenceExhausted => row(Some(A::INTERNAL_ERROR), Some("RFC 5246 section 6.1"),
                format_args!("the sequence number of received records would wrap")),
            Self::KeyExhausted { limit } => row(None, Some("RFC 9846 section 5.5"),
                format_args!("the key has reached its limit of {limit} records: open a new \
                  connection")),
            Self::AeadNotOffered(algorithm) => row(Some(A::INTERNAL_ERROR), None,
                format_args!("the provider does not support {algorithm}")),
            Self::BlockCipherNotOffered(cipher) => row(Some(A::INTERNAL_ERROR), None,
                format_args!("the provider does not support {cipher}")),
            Self::HmacNotOffered(hash) => row(Some(A::INTERNAL_ERROR), None,
                format_args!("the provider does not support HMAC with {hash}")),
            Self::CompressionNotOffered(hash) => row(Some(A::INTERNAL_ERROR), None,
                format_args!("the provider does not expose the compression function of {hash}, \
                  needed to open CBC records with MAC-then-encrypt in constant time")),
            Self::ProtectionUnknown(protection) => row(Some(A::INTERNAL_ERROR), None,
                format_args!("this build does not support record protection with {protection}; CBC \
                  and NULL need the cargo feature `legacy`")),
            Self::OutOfMemory => row(Some(A::INTERNAL_ERROR), None,
                format_args!("out of memory")),
            Self::WrongDirection { got: Direction::Read } => row(None, None,
                format_args!("expected keys for writing, got keys for reading")),
            Self::WrongDirection { got: Direction::Write } => row(None, None,
                format_args!("expected keys for reading, got keys for writing")),
            Self::EpochNotAfter { current, got } => row(None, None,
                format_args!("expected keys for an epoch after {current}, got epoch {got}")),
            Self::GateClosed => row(None, Some("RFC 5246 section 7.4.9"),
                format_args!("application data must wait until the handshake is complete")),
            Self::NoKeys => row(None, Some("RFC 5246 section 7.4.9"),
                format_args!("application data must not be sent or received without keys")),
            Self::EpochNotCurrent { current, got } => row(None, None,
                format_args!("expected application data in epoch {current}, whose keys are in use, \
                  got epoch {got}")),
            Self::BufferTooSmall { needed, got } => row(None, None,
                format_args!("expected a buffer of at least {needed} bytes, got {got}")),
            Self::PayloadTooLong { length, max } => row(None, None,
                format_args!("expected a payload of at most {max} bytes for one record, got \
                  {length}")),
            Self::EmptyPayload { content_type } => row(None, Some("RFC 5246 section 6.2.1"),
                format_args!("expected a nonempty payload of type {content_type}, got an empty \
                  one")),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;
    use cairn_wire::{ProtocolVersion, section_in};

    #[test]
    fn every_section_of_tls12_has_a_successor_in_tls13() {
        let literals = include_str!("table.rs").split("Some(\"").filter_map(|rest| rest.split('"').next());
        let sections: Vec<_> = literals.filter(|literal| literal.starts_with("RFC 5246 ")).collect();
        assert!(sections.contains(&"RFC 5246 section 6.2.1"), "the table is read: {sections:?}");
        for section in sections {
            assert_ne!(section_in(Some(ProtocolVersion::TLS_1_3), section), section);
        }
    }
}
