//! Decoding an encoded value yields the same value, and encoding it again the same bytes.

use core::fmt::{Debug, Display};

use cairn_wire::*;
use proptest::prelude::*;

use crate::parts::leak;
use crate::strategies::*;
use crate::tls13_extensions::offered_psks;
use crate::tls13_strategies::tls13_message;

/// Checks the round trip of a value.
fn check<T: Encode + PartialEq + Debug>(value: &T, decode: impl Fn(&'static [u8]) -> Result<T, DecodeError>) {
    let bytes = leak(value.to_vec().unwrap());
    let again = decode(bytes).unwrap();
    assert_eq!(again, *value);
    assert_eq!(again.to_vec().unwrap(), bytes);

    let mut room = vec![0; bytes.len()];
    let mut w = Writer::slice(&mut room);
    again.encode(&mut w).unwrap();
    assert_eq!(w.written(), bytes.len());
    assert_eq!(w.into_written(), bytes);
    if let Some((_, tight)) = room.split_last_mut() {
        let full = again.encode(&mut Writer::slice(tight));
        assert!(matches!(full, Err(EncodeError::BufferFull { .. })), "{full:?}");
    }

    let mut longer = bytes.to_vec();
    longer.push(0);
    let _ = decode(leak(longer));
    for end in 0..bytes.len() {
        if let Ok(shorter) = decode(&bytes[..end]) {
            assert_eq!(shorter.to_vec().unwrap(), bytes[..end]);
        }
    }
}

/// As `check`, for a type with `Display`.
fn check_printed<T>(value: &T, decode: impl Fn(&'static [u8]) -> Result<T, DecodeError>)
where
    T: Encode + PartialEq + Debug + Display,
{
    check(value, decode);
    let text = value.to_string();
    assert!(!text.ends_with('\n') && !text.contains("\n\n"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn client_hellos_round_trip(hello in client_hello()) {
        check_printed(&hello, ClientHello::decode_exact);
    }

    #[test]
    fn server_hellos_round_trip(hello in server_hello()) {
        check_printed(&hello, ServerHello::decode_exact);
    }

    #[test]
    fn client_extension_blocks_round_trip(block in client_block()) {
        check(&block, Extensions::decode_exact);
        let bytes = leak(block.to_vec().unwrap());
        let wire: ClientBlock = Extensions::decode_exact(bytes).unwrap();
        prop_assert_eq!(wire.len(), block.len());
        prop_assert!(wire.types().eq(block.types()));
        for extension in block {
            prop_assert_eq!(wire.get(extension.extension_type()), Some(extension));
            prop_assert_eq!(block.get(extension.extension_type()), Some(extension));
        }
        for raw in wire.raw().unwrap() {
            prop_assert_eq!(raw.data, &bytes[raw.offset..raw.offset + raw.data.len()]);
        }
    }

    #[test]
    fn server_extension_blocks_round_trip(block in server_block()) {
        check(&block, Extensions::decode_exact);
        let wire: ServerBlock = Extensions::decode_exact(leak(block.to_vec().unwrap())).unwrap();
        for extension in block {
            prop_assert_eq!(wire.get(extension.extension_type()), Some(extension));
        }
    }

    #[test]
    fn tls13_messages_round_trip(message in tls13_message()) {
        check_printed(&message, |bytes| Tls13HandshakeMessage::decode_body(message.msg_type(), bytes, 0));
        let mut out = Vec::new();
        message.write_message(&mut Writer::vec(&mut out)).unwrap();
        let mut r = Reader::new(&out);
        prop_assert_eq!(Tls13HandshakeMessage::read_message(&mut r).unwrap(), message);
        prop_assert!(r.is_empty());
        for end in 0..out.len() {
            prop_assert!(Tls13HandshakeMessage::read_message(&mut Reader::new(&out[..end])).is_err());
        }
    }

    #[test]
    fn offered_psks_round_trip(psks in offered_psks()) {
        check_printed(&psks, OfferedPsks::decode_exact);
        let mut binders = vec![];
        let mut w = Writer::vec(&mut binders);
        w.vec16(0, 0xffff, "binders", |w| psks.binders.encode(w)).unwrap();
        prop_assert_eq!(psks.binders_size(), binders.len());
    }

    #[test]
    fn status_requests_round_trip(request in status_request()) {
        check_printed(&request, CertificateStatusRequest::decode_exact);
    }

    #[test]
    fn other_messages_round_trip(message in other_message()) {
        check_printed(&message, |bytes| HandshakeMessage::decode_body(message.msg_type(), bytes, 0));
    }

    #[test]
    fn messages_with_header_round_trip(message in other_message()) {
        let mut out = Vec::new();
        message.write_message(&mut Writer::vec(&mut out)).unwrap();
        let mut r = Reader::new(&out);
        prop_assert_eq!(HandshakeMessage::read_message(&mut r).unwrap(), message);
        prop_assert!(r.is_empty());
        for end in 0..out.len() {
            prop_assert!(HandshakeMessage::read_message(&mut Reader::new(&out[..end])).is_err());
        }
    }

    #[test]
    fn server_key_exchanges_round_trip((algorithm, message) in server_key_exchange()) {
        check_printed(&message, |bytes| ServerKeyExchange::decode_exact(algorithm, bytes));
        let bytes = message.to_vec().unwrap();
        for end in 0..bytes.len() {
            prop_assert!(ServerKeyExchange::decode_exact(algorithm, &bytes[..end]).is_err());
        }
    }

    #[test]
    fn client_key_exchanges_round_trip((algorithm, message) in client_key_exchange()) {
        check_printed(&message, |bytes| ClientKeyExchange::decode_exact(algorithm, bytes));
        let bytes = message.to_vec().unwrap();
        for end in 0..bytes.len() {
            prop_assert!(ClientKeyExchange::decode_exact(algorithm, &bytes[..end]).is_err());
        }
    }

    #[test]
    fn small_structures_round_trip(content_type: u8, version: u16, length: u16, level: u8, description: u8) {
        let header = RecordHeader {
            content_type: ContentType(content_type),
            version: ProtocolVersion(version),
            length,
        };
        check(&header, RecordHeader::decode_exact);
        let alert = Alert { level: AlertLevel(level), description: AlertDescription(description) };
        check_printed(&alert, Alert::decode_exact);
        check(&ChangeCipherSpec, ChangeCipherSpec::decode_exact);
        let header = HandshakeHeader { msg_type: HandshakeType(level), length: length.into() };
        check(&header, HandshakeHeader::decode_exact);
    }
}
