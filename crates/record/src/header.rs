//! Encoding and decoding of record headers.

use crate::limits::HEADER_LEN;
use cairn_wire::{ContentType, ProtocolVersion, RecordHeader};

/// Decodes any five bytes; the reader checks the fields.
pub(crate) const fn parse(bytes: [u8; HEADER_LEN]) -> RecordHeader {
    let [content_type, major, minor, high, low] = bytes;
    RecordHeader {
        content_type: ContentType(content_type),
        version: ProtocolVersion(u16::from_be_bytes([major, minor])),
        length: u16::from_be_bytes([high, low]),
    }
}

pub(crate) const fn bytes(header: RecordHeader) -> [u8; HEADER_LEN] {
    let [major, minor] = header.version.0.to_be_bytes();
    let [high, low] = header.length.to_be_bytes();
    [header.content_type.0, major, minor, high, low]
}

/// Whether the content type is one of RFC 5246 section 6.2.1. Section 6: "If a TLS implementation receives an
/// unexpected record type, it MUST send an unexpected_message alert."
pub(crate) const fn is_known(content_type: ContentType) -> bool {
    matches!(
        content_type,
        ContentType::CHANGE_CIPHER_SPEC
            | ContentType::ALERT
            | ContentType::HANDSHAKE
            | ContentType::APPLICATION_DATA
    )
}

/// Whether a zero-length fragment of this type is legal. RFC 5246 section 6.2.1: "Implementations MUST NOT
/// send zero-length fragments of Handshake, Alert, or ChangeCipherSpec content types. Zero-length fragments
/// of Application data MAY be sent".
pub(crate) fn may_be_zero_length(content_type: ContentType) -> bool {
    content_type == ContentType::APPLICATION_DATA
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_header_round_trips() {
        let there = [22, 3, 1, 0x12, 0x34];
        let header = parse(there);
        assert_eq!(header.content_type, ContentType::HANDSHAKE);
        assert_eq!(header.version, ProtocolVersion::TLS_1_0);
        assert_eq!(header.length, 0x1234);
        assert_eq!(bytes(header), there);
    }

    #[test]
    fn only_application_data_may_be_zero_length() {
        let may_be = (0..=u8::MAX).filter(|value| may_be_zero_length(ContentType(*value)));
        assert!(may_be.eq([ContentType::APPLICATION_DATA.0]));
    }

    #[test]
    fn known_content_types_are_20_to_23() {
        let known = (0..=u8::MAX).filter(|value| is_known(ContentType(*value)));
        assert!(known.eq(20..=23));
    }
}
