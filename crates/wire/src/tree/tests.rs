//! Trees of malformed input.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::{HandshakeTree, RecordTree};
use crate::codes::KeyExchangeAlgorithm;
use crate::error::DecodeErrorKind;

#[test]
fn malformed_hello_prints_fields_before_the_error() {
    let mut bytes = Vec::from([2, 0, 0, 52, 3, 3]);
    bytes.extend_from_slice(&[0xab; 32]);
    bytes.extend_from_slice(&[0, 0xc0, 0x2f, 0, 0, 12, 0, 23, 0, 0, 0, 16, 0, 4, 0, 2, 9, b'h']);
    assert_eq!(bytes.len(), 56);
    let tree = HandshakeTree::new(&bytes);
    assert_eq!(
        tree.to_string(),
        "server_hello (0x02) @0, 52 bytes\n\
         \x20 server_version: TLS 1.2 (0x0303)\n\
         \x20 random: abababababababababababababababababababababababababababababababab\n\
         \x20 session_id: (empty)\n\
         \x20 cipher_suite: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 (0xc02f)\n\
         \x20 compression_method: null (0x00)\n\
         \x20 extensions:\n\
         \x20   extended_master_secret (0x0017) @44, 0 bytes\n\
         \x20   application_layer_protocol_negotiation (0x0010) @48, 4 bytes\n\
         \x20 error: ProtocolName at offset 55: expected 9 bytes, 1 remain"
    );
    assert_eq!(tree.check().unwrap_err().offset, 55);
}

#[test]
fn server_key_exchange_with_rsa_is_an_error() {
    let stream = [12, 0, 0, 0];
    assert!(HandshakeTree::new(&stream).check().is_ok());
    let rsa = HandshakeTree::new(&stream).with_key_exchange(Some(KeyExchangeAlgorithm::Rsa));
    assert_eq!(rsa.check().unwrap_err().kind, DecodeErrorKind::NotInKeyExchange);
    assert_eq!(rsa.key_exchange(), Some(KeyExchangeAlgorithm::Rsa));
}

#[test]
fn record_tree_prints_every_content_type() {
    let stream = [
        21, 3, 3, 0, 4, 1, 90, 2, 40, // two alerts
        23, 3, 3, 0, 2, 7, 8, // application data
        99, 3, 9, 0, 1, 5, // nothing known
        20, 3, 3, 0, 1, 1, // ChangeCipherSpec
        22, 3, 3, 0, 2, 1, 2, // encrypted from here on
    ];
    assert_eq!(
        RecordTree::new(&stream).to_string(),
        "record @0: alert (0x15), TLS 1.2 (0x0303), 4 bytes\n\
         \x20 warning (0x01) user_canceled (0x5a)\n\
         \x20 fatal (0x02) handshake_failure (0x28)\n\
         record @9: application_data (0x17), TLS 1.2 (0x0303), 2 bytes\n\
         \x20 application_data: 0708\n\
         record @16: unknown (0x63), unknown (0x0309), 1 bytes\n\
         \x20 fragment: 05\n\
         record @22: change_cipher_spec (0x14), TLS 1.2 (0x0303), 1 bytes\n\
         record @28: handshake (0x16), TLS 1.2 (0x0303), 2 bytes\n\
         \x20 encrypted: 0102"
    );
    let bad = RecordTree::new(&[20, 3, 3, 0, 1, 2]);
    assert!(
        bad.to_string()
            .ends_with("error: ChangeCipherSpec.type at offset 5: the value 2 (0x2) is not allowed here")
    );
    let short = RecordTree::new(&[22, 3]);
    assert_eq!(short.to_string(), "error: TLSPlaintext.version at offset 1: expected 2 bytes, 1 remain");
}
