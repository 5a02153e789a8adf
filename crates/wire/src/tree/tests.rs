//! Trees of malformed input.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::{HandshakeTree, Negotiated, RecordTree};
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
    let rsa = HandshakeTree::new(&stream).after(Negotiated::Tls12(Some(KeyExchangeAlgorithm::Rsa)));
    assert_eq!(rsa.check().unwrap_err().kind, DecodeErrorKind::NotInKeyExchange);
    assert_eq!(rsa.negotiated().key_exchange(), Some(KeyExchangeAlgorithm::Rsa));
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

/// A short message with its header.
fn message(msg_type: u8, body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(body.len()).unwrap_or_default();
    [&[msg_type, 0, 0, length], body].concat()
}

/// A message type of both versions, with a body of TLS 1.2 and one of TLS 1.3, and a line of each tree.
type Forms = (u8, &'static [u8], &'static str, &'static [u8], &'static str);

/// Certificate, CertificateRequest and NewSessionTicket.
const FORMS: [Forms; 3] = [
    (11, &[0, 0, 4, 0, 0, 1, 7], "certificate_list: 1", &[0, 0, 0, 6, 0, 0, 1, 7, 0, 0], "cert_data: 07"),
    (
        13,
        &[1, 64, 0, 2, 4, 3, 0, 0],
        "certificate_types: 1",
        &[0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3],
        "certificate_request_context: (empty)",
    ),
    (
        4,
        &[0, 0, 0, 9, 0, 1, 5],
        "ticket_lifetime_hint: 9 s",
        &[0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 1, 5, 0, 0],
        "ticket_lifetime: 9 s",
    ),
];

#[test]
fn form_of_a_message_determines_an_unknown_version() {
    for (msg_type, tls12, line12, tls13, line13) in FORMS {
        for (body, line, negotiated) in
            [(tls12, line12, Negotiated::Tls12(None)), (tls13, line13, Negotiated::Tls13)]
        {
            let stream = message(msg_type, body);
            let tree = HandshakeTree::new(&stream);
            assert_eq!((tree.check(), tree.negotiated()), (Ok(()), negotiated), "{tree}");
            assert!(tree.to_string().contains(line), "{tree}");
        }
        let (old, new) = (message(msg_type, tls12), message(msg_type, tls13));
        assert!(HandshakeTree::new(&old).after(Negotiated::Tls13).check().is_err());
        assert!(HandshakeTree::new(&new).after(Negotiated::Tls12(None)).check().is_err());
    }
}

#[test]
fn type_of_a_message_determines_an_unknown_version() {
    let certificate = message(11, FORMS[0].3);
    for (first, line) in [
        (message(5, &[]), "end_of_early_data (0x05) @0, 0 bytes"),
        (message(8, &[0, 0]), "encrypted_extensions (0x08) @0, 2 bytes"),
        (message(24, &[1]), "  request_update: update_requested (0x01)"),
        (message(25, &[0, 1, 0, 0, 9, 0, 0, 1, 7]), "  uncompressed_length: 9"),
    ] {
        let stream = [first, certificate.clone()].concat();
        let tree = HandshakeTree::new(&stream);
        assert_eq!((tree.check(), tree.negotiated()), (Ok(()), Negotiated::Tls13), "{tree}");
        assert!(tree.to_string().lines().any(|each| each == line), "{tree}");
    }
    // ServerHelloDone is of TLS 1.2, so the Certificate after it is too.
    let stream = [message(14, &[]), certificate].concat();
    assert!(HandshakeTree::new(&stream).check().is_err());
}

#[test]
fn malformed_message_of_unknown_version_has_the_error_that_is_further_in() {
    // The extension of the certificate entry has a length of 9, and 0 bytes follow.
    let stream = message(11, &[0, 0, 0, 10, 0, 0, 1, 7, 0, 4, 0, 5, 0, 9]);
    let error = HandshakeTree::new(&stream).check().unwrap_err();
    assert_eq!(HandshakeTree::new(&stream).after(Negotiated::Tls13).check(), Err(error));
    // As TLS 1.2, the length of the list is wrong already.
    assert!(
        error.offset > HandshakeTree::new(&stream).after(Negotiated::Tls12(None)).check().unwrap_err().offset
    );
}

#[test]
fn suite_states_the_version() {
    use crate::codes::CipherSuite;
    for (suite, negotiated) in [
        (CipherSuite::TLS_AES_128_GCM_SHA256, Negotiated::Tls13),
        (CipherSuite::TLS_SHA256_SHA256, Negotiated::Tls13),
        (
            CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            Negotiated::Tls12(Some(KeyExchangeAlgorithm::Ecdhe)),
        ),
        (CipherSuite::TLS_DH_RSA_WITH_AES_128_GCM_SHA256, Negotiated::Tls12(None)),
        (CipherSuite::TLS_FALLBACK_SCSV, Negotiated::Unknown),
        (CipherSuite(0x0a0a), Negotiated::Unknown),
    ] {
        assert_eq!(Negotiated::with_suite(suite), negotiated, "{suite}");
    }
}

#[test]
fn client_hello_after_change_cipher_spec_answers_hello_retry_request() {
    let hello = [&[3, 3][..], &[7; 32], &[0, 0, 2, 0x13, 1, 1, 0]].concat();
    let hello = message(1, &hello);
    let length = u8::try_from(hello.len()).unwrap_or_default();
    let record = [&[22, 3, 3, 0, length][..], &hello].concat();
    let stream =
        [&record[..], &[20, 3, 3, 0, 1, 1], &record, &[20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 1, 9]].concat();
    let tree = RecordTree::new(&stream);
    assert_eq!((tree.check(), tree.negotiated()), (Ok(()), Negotiated::Tls13));
    assert_eq!(tree.to_string().matches("client_hello (0x01)").count(), 2, "{tree}");
    // If the version is known to be TLS 1.2, the records after ChangeCipherSpec are encrypted.
    let tls12 = RecordTree::new(&stream).after(Negotiated::Tls12(None)).to_string();
    assert_eq!(tls12.matches("client_hello (0x01)").count(), 1, "{tls12}");
}

#[test]
fn malformed_server_hello_of_tls_1_3_prints_fields_before_the_error() {
    let extensions = [0, 43, 0, 2, 3, 4, 0, 51, 0, 4, 0, 29, 0, 9];
    let body = [&[3, 3][..], &[0xab; 32], &[0, 0x13, 1, 0, 0, 14], &extensions].concat();
    let text = HandshakeTree::new(&message(2, &body)).to_string();
    for line in ["  legacy_version: TLS 1.2 (0x0303)", "      selected_version: TLS 1.3 (0x0304)"] {
        assert!(text.lines().any(|each| each == line), "{line} is missing in\n{text}");
    }
    assert!(text.lines().last().unwrap().contains("error: "), "{text}");
}

#[test]
fn certificates_are_described_below_their_bytes() {
    fn describe(encoding: &[u8], out: &mut dyn core::fmt::Write) -> core::fmt::Result {
        match encoding {
            [7] => write!(out, "a line of {}\nanother", encoding.len()),
            _ => Ok(()),
        }
    }
    let tls12 = [11, 0, 0, 11, 0, 0, 8, 0, 0, 1, 7, 0, 0, 1, 8];
    let tree = HandshakeTree::new(&tls12).after(Negotiated::Tls12(None)).describing_certificates(describe);
    assert_eq!(
        tree.to_string(),
        "certificate (0x0b) @0, 11 bytes\n\
         \x20 certificate_list: 2\n\
         \x20   07\n\
         \x20     a line of 1\n\
         \x20     another\n\
         \x20   08"
    );
    let tls13 = [22, 3, 3, 0, 14, 11, 0, 0, 10, 0, 0, 0, 6, 0, 0, 1, 7, 0, 0];
    let tree = RecordTree::new(&tls13).after(Negotiated::Tls13).describing_certificates(describe);
    assert!(tree.to_string().contains("    cert_data: 07\n        a line of 1\n        another\n"), "{tree}");
    assert!(!RecordTree::new(&tls13).after(Negotiated::Tls13).to_string().contains("another"));
}
