//! Malformed extensions, and extensions at the bounds of what is valid.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::*;
use crate::codec::{Decode, Encode};
use crate::codes::{AlertDescription, CipherSuite, EcPointFormat, ExtensionType, NameType, NamedGroup};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::handshake::ClientHello;
use crate::list::List;
use crate::reader::Reader;

type ClientBlock<'a> = Extensions<'a, ClientExtension<'a>>;
type ServerBlock<'a> = Extensions<'a, ServerExtension<'a>>;

/// A block with one extension.
fn block(extension_type: ExtensionType, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    let mut bytes = Vec::new();
    bytes.extend_from_slice(&(length + 4).to_be_bytes());
    bytes.extend_from_slice(&extension_type.0.to_be_bytes());
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(data);
    bytes
}

fn client(extension_type: ExtensionType, data: &[u8]) -> Option<DecodeError> {
    ClientBlock::decode_exact(&block(extension_type, data)).err()
}

fn server(extension_type: ExtensionType, data: &[u8]) -> Option<DecodeError> {
    ServerBlock::decode_exact(&block(extension_type, data)).err()
}

#[test]
fn missing_extension_block_differs_from_empty_block() {
    let mut bytes = Vec::from([3, 3]);
    bytes.extend_from_slice(&[0; 32]);
    bytes.extend_from_slice(&[0, 0, 2, 0x3a, 0x3a, 1, 0]);
    let hello = ClientHello::decode_exact(&bytes).unwrap();
    assert!(hello.cipher_suites.first().is_some_and(CipherSuite::is_grease));
    assert_eq!(hello.extensions, None);
    bytes.extend_from_slice(&[0, 0]);
    let hello = ClientHello::decode_exact(&bytes).unwrap();
    assert!(hello.extensions.unwrap().is_empty());
    bytes.push(0);
    let error = ClientHello::decode_exact(&bytes).unwrap_err();
    assert_eq!((error.kind, error.offset), (DecodeErrorKind::TrailingBytes { count: 1 }, 43));
}

#[test]
fn duplicate_extensions_are_rejected() {
    for code in [0, 23, 0x0a0a, 0x0fff, 0x1000, 0xfafa, 0xffff] {
        let one = ExtensionType(code).0.to_be_bytes();
        let bytes = [0, 14, one[0], one[1], 0, 0, 0x77, 0x77, 0, 2, 1, 2, one[0], one[1], 0, 0];
        let error = match ServerBlock::decode_exact(&bytes) {
            Err(error) => error,
            Ok(block) => panic!("{block:?}"),
        };
        let extension_type = ExtensionType(code);
        assert_eq!(error.kind, DecodeErrorKind::DuplicateExtension { extension_type });
        assert_eq!(error.offset, 12);
        assert_eq!(error.alert(), AlertDescription::DECODE_ERROR);
    }
}

/// A block of `count` unknown, empty extensions.
fn block_of(count: u16) -> Vec<u8> {
    let mut bytes = Vec::from((4 * count).to_be_bytes());
    for code in 0x4000..0x4000 + count {
        bytes.extend_from_slice(&code.to_be_bytes());
        bytes.extend_from_slice(&[0, 0]);
    }
    bytes
}

#[test]
fn block_may_contain_16383_extensions() {
    // Up to 64 types are compared linearly. At most 16,383 extensions fit.
    for count in [63, 64, 65, 128, 129, 300, 16383] {
        let full = block_of(count);
        assert_eq!(ClientBlock::decode_exact(&full).unwrap().len(), usize::from(count));
        // The last extension duplicates the first one or the one before it.
        for again in [0x4000, 0x4000 + count - 2] {
            let mut bytes = full.clone();
            let last = bytes.len() - 4;
            bytes[last..last + 2].copy_from_slice(&again.to_be_bytes());
            let error = ClientBlock::decode_exact(&bytes).unwrap_err();
            let extension_type = ExtensionType(again);
            let kind = DecodeErrorKind::DuplicateExtension { extension_type };
            assert_eq!((error.kind, error.offset), (kind, last), "{count} extensions");
            assert_eq!(error.alert(), AlertDescription::DECODE_ERROR);
        }
    }
}

#[test]
fn duplicate_types_below_64_are_rejected_in_blocks_of_any_length() {
    for code in [40, 63, 64] {
        for others in [0, 62, 63, 64, 65, 200] {
            let mut bytes = block_of(others);
            bytes.extend_from_slice(&[0, code, 0, 0]);
            let once = bytes.len() - 2;
            bytes[..2].copy_from_slice(&u16::try_from(once).unwrap().to_be_bytes());
            assert_eq!(ClientBlock::decode_exact(&bytes).unwrap().len(), usize::from(others) + 1);
            for again in [0, others] {
                let mut bytes = bytes.clone();
                let place = 2 + 4 * usize::from(again);
                bytes.splice(place..place, [0, code, 0, 0]);
                bytes[..2].copy_from_slice(&u16::try_from(once + 4).unwrap().to_be_bytes());
                let error = ClientBlock::decode_exact(&bytes).unwrap_err();
                let extension_type = ExtensionType(code.into());
                assert_eq!(error.kind, DecodeErrorKind::DuplicateExtension { extension_type }, "{others}");
            }
        }
    }
}

#[test]
fn content_of_every_extension_is_validated() {
    for count in [10, 64, 65, 1000] {
        let mut bytes = block_of(count);
        // encrypt_then_mac must be empty.
        let encoded = [0, 22, 0, 1, 0];
        bytes.extend_from_slice(&encoded);
        let length = u16::try_from(bytes.len() - 2).unwrap();
        bytes[..2].copy_from_slice(&length.to_be_bytes());
        let error = ClientBlock::decode_exact(&bytes).unwrap_err();
        assert_eq!(error.kind, DecodeErrorKind::TrailingBytes { count: 1 }, "{count} extensions");
    }
}

#[test]
fn decoding_passes_each_extension_once_and_in_order() {
    let named = [
        ClientExtension::ExtendedMasterSecret,
        ClientExtension::RecordSizeLimit(512),
        ClientExtension::QuicTransportParameters(&[4, 1, 0]),
        ClientExtension::SessionTicket(&[7; 9]),
        ClientExtension::Unknown { extension_type: ExtensionType(0x3a3a), data: &[1] },
    ];
    // 100 extensions exceed the short list of types.
    let unknown = |code| ClientExtension::Unknown { extension_type: ExtensionType(code), data: &[] };
    let many: Vec<_> = named.into_iter().chain((0x4000..0x4060).map(unknown)).collect();
    for items in [&[][..], &named, &many] {
        let bytes = Extensions::from_items(items).to_vec().unwrap();
        let mut passed = Vec::new();
        let mut reader = Reader::new(&bytes);
        let block = ClientBlock::decode_each(&mut reader, |extension| passed.push(extension)).unwrap();
        assert_eq!(passed, items);
        assert!(block.iter().eq(passed));
        assert!(reader.is_empty());
    }
}

#[test]
fn duplicate_extension_is_not_passed() {
    // encrypt_then_mac, extended_master_secret, and encrypt_then_mac again.
    let bytes = [0, 12, 0, 22, 0, 0, 0, 23, 0, 0, 0, 22, 0, 0];
    let mut passed = Vec::new();
    let block = ServerBlock::decode_each(&mut Reader::new(&bytes), |extension| passed.push(extension));
    let kind = DecodeErrorKind::DuplicateExtension { extension_type: ExtensionType::ENCRYPT_THEN_MAC };
    assert_eq!(block.unwrap_err().kind, kind);
    assert_eq!(passed, [ServerExtension::EncryptThenMac, ServerExtension::ExtendedMasterSecret]);
}

#[test]
fn empty_extensions_must_be_empty() {
    for extension_type in [
        ExtensionType::ENCRYPT_THEN_MAC,
        ExtensionType::EXTENDED_MASTER_SECRET,
        ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP,
    ] {
        assert_eq!(client(extension_type, &[]), None);
        let error = client(extension_type, &[0]).unwrap();
        assert_eq!((error.kind, error.offset), (DecodeErrorKind::TrailingBytes { count: 1 }, 6));
        assert_eq!(Some(error.what), extension_type.name());
    }
    for extension_type in [
        ExtensionType::SERVER_NAME,
        ExtensionType::STATUS_REQUEST,
        ExtensionType::SESSION_TICKET,
        ExtensionType::ENCRYPT_THEN_MAC,
        ExtensionType::EXTENDED_MASTER_SECRET,
    ] {
        assert_eq!(server(extension_type, &[]), None);
        assert!(server(extension_type, &[0]).is_some());
    }
}

#[test]
fn server_name_list_is_validated() {
    let server_name = ExtensionType::SERVER_NAME;
    assert_eq!(client(server_name, &[0, 4, 0, 0, 1, b'a']), None);
    // No list, an empty list, an empty host name.
    assert!(client(server_name, &[]).is_some());
    assert!(client(server_name, &[0, 0]).is_some());
    assert!(client(server_name, &[0, 3, 0, 0, 0]).is_some());
    // A name of another type is allowed, and may be empty.
    assert_eq!(client(server_name, &[0, 7, 9, 0, 0, 0, 0, 1, b'a']), None);
    let error = client(server_name, &[0, 8, 0, 0, 1, b'a', 0, 0, 1, b'b']).unwrap();
    assert_eq!((error.kind, error.offset), (DecodeErrorKind::DuplicateEntry { value: 0 }, 12));
    assert_eq!(error.alert(), AlertDescription::ILLEGAL_PARAMETER);
    let name = ServerName { name_type: NameType(9), name: &[0xff] };
    assert_eq!(alloc::format!("{name:?}"), "0x09(ff)");
}

#[test]
fn protocol_name_list_is_validated() {
    let alpn = ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION;
    assert_eq!(client(alpn, &[0, 5, 2, b'h', b'2', 1, b'x']), None);
    assert!(client(alpn, &[0, 0]).is_some());
    let empty = client(alpn, &[0, 4, 2, b'h', b'2', 0]).unwrap();
    assert_eq!(empty.kind, DecodeErrorKind::LengthOutOfRange { length: 0, min: 1, max: 255 });
    assert_eq!(empty.offset, 11);
    assert_eq!(server(alpn, &[0, 3, 2, b'h', b'2']), None);
    let two = server(alpn, &[0, 5, 2, b'h', b'2', 1, b'x']).unwrap();
    assert_eq!(two.kind, DecodeErrorKind::TrailingBytes { count: 2 });
    assert!(ProtocolName(&[0x1a, 0x1a]).is_grease() && !ProtocolName(b"h2").is_grease());
}

#[test]
fn extension_lists_are_not_empty_and_have_whole_elements() {
    let groups = ExtensionType::SUPPORTED_GROUPS;
    assert!(client(groups, &[0, 0]).is_some());
    let odd = client(groups, &[0, 3, 0, 29, 0]).unwrap();
    assert_eq!(odd.kind, DecodeErrorKind::LengthNotMultiple { length: 3, of: 2 });
    assert_eq!(odd.offset, 8);
    assert_eq!(client(groups, &[0, 4, 0xba, 0xba, 0, 29]), None);
    assert!(client(ExtensionType::EC_POINT_FORMATS, &[0]).is_some());
    assert!(client(ExtensionType::SIGNATURE_ALGORITHMS, &[0, 0]).is_some());
    assert!(client(ExtensionType::SUPPORTED_VERSIONS, &[0]).is_some());
    assert!(client(ExtensionType::CLIENT_CERTIFICATE_TYPE, &[0]).is_some());
    assert!(server(ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP, &[0, 0]).is_some());
    assert!(server(ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP, &[0, 2, 0, 0]).is_some());
    assert!(client(ExtensionType::RENEGOTIATION_INFO, &[]).is_some());
    assert_eq!(client(ExtensionType::RENEGOTIATION_INFO, &[0]), None);
    assert_eq!(client(ExtensionType::SESSION_TICKET, &[]), None);
}

#[test]
fn decoded_and_built_extensions_are_equal() {
    let groups = [NamedGroup(0x1a1a), NamedGroup::X25519];
    let extensions =
        [ClientExtension::SupportedGroups(List::from_items(&groups)), ClientExtension::ExtendedMasterSecret];
    let built = Extensions::from_items(&extensions);
    assert!(built.contains(ExtensionType::SUPPORTED_GROUPS) && !built.contains(ExtensionType::SERVER_NAME));
    assert_eq!(built.get(ExtensionType::EXTENDED_MASTER_SECRET), Some(extensions[1]));
    assert!(built.raw().is_none());
    let wire =
        ClientBlock::decode_exact(&[0, 14, 0, 10, 0, 6, 0, 4, 0x1a, 0x1a, 0, 29, 0, 23, 0, 0]).unwrap();
    assert_eq!(wire, built);
    assert_eq!(
        extensions[0].to_string(),
        "supported_groups (0x000a)\n  named_group_list: 2\n    GREASE (0x1a1a)\n    x25519 (0x001d)"
    );
}

#[test]
fn supported_groups_and_point_formats_match_rfc_8422_octets() {
    let groups = [NamedGroup::SECP256R1, NamedGroup::SECP384R1];
    let formats = [EcPointFormat::UNCOMPRESSED];
    for (extension, octets) in [
        // Section 5.1.1 and section 5.1.2.
        (
            ClientExtension::SupportedGroups(List::from_items(&groups)),
            &[0, 10, 0, 6, 0, 4, 0, 0x17, 0, 0x18][..],
        ),
        (ClientExtension::EcPointFormats(List::from_items(&formats)), &[0, 11, 0, 2, 1, 0]),
    ] {
        let block = Extensions::from_items(core::slice::from_ref(&extension)).to_vec().unwrap();
        assert_eq!(block[2..], *octets);
    }
}

#[test]
fn session_ticket_has_no_length_prefix() {
    // RFC 5077 appendix A: there is no second length.
    for ticket in [&[][..], &[0xff, 0xff, 1]] {
        let extension = [ClientExtension::SessionTicket(ticket)];
        let block = Extensions::from_items(&extension).to_vec().unwrap();
        let length = u8::try_from(ticket.len()).unwrap();
        assert_eq!(block[2..], [&[0, 35, 0, length], ticket].concat());
        assert_eq!(
            ClientBlock::decode_exact(&block).unwrap().get(ExtensionType::SESSION_TICKET),
            Some(extension[0])
        );
    }
}

#[test]
fn max_fragment_length_has_one_byte_and_record_size_limit_two() {
    for (extension_type, length) in
        [(ExtensionType::MAX_FRAGMENT_LENGTH, 1), (ExtensionType::RECORD_SIZE_LIMIT, 2)]
    {
        for wrong in 0..4 {
            let data = &[1; 4][..wrong];
            assert_eq!(client(extension_type, data).is_none(), wrong == length, "{extension_type}, {wrong}");
            assert_eq!(server(extension_type, data).is_none(), wrong == length, "{extension_type}, {wrong}");
        }
    }
}
