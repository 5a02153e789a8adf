//! The five bytes before each record, to and from an array.

use crate::HEADER_LEN;
use cairn_wire::{ContentType, ProtocolVersion, RecordHeader};

/// Any five bytes are a header; what is allowed is for the reader to say.
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

/// Whether RFC 5246 section 6.2.1 knows this content type.
pub(crate) const fn is_known(content_type: ContentType) -> bool {
    matches!(
        content_type,
        ContentType::CHANGE_CIPHER_SPEC
            | ContentType::ALERT
            | ContentType::HANDSHAKE
            | ContentType::APPLICATION_DATA
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_survives_the_way_there_and_back() {
        let there = [22, 3, 1, 0x12, 0x34];
        let header = parse(there);
        assert_eq!(header.content_type, ContentType::HANDSHAKE);
        assert_eq!(header.version, ProtocolVersion::TLS_1_0);
        assert_eq!(header.length, 0x1234);
        assert_eq!(bytes(header), there);
    }

    #[test]
    fn four_content_types_are_known() {
        let known = (0..=u8::MAX).filter(|value| is_known(ContentType(*value)));
        assert!(known.eq(20..=23));
    }
}
