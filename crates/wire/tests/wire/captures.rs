//! Captured connections of another implementation.

use cairn_wire::tree::{HandshakeTree, RecordTree};
use cairn_wire::*;
use hex_literal::hex;

macro_rules! capture {
    ($name:literal) => {
        (
            include_bytes!(concat!("../data/", $name, "-client.bin")).as_slice(),
            include_bytes!(concat!("../data/", $name, "-server.bin")).as_slice(),
        )
    };
}

/// The bytes sent by client and server of each captured connection.
pub(crate) const ALL: &[(&[u8], &[u8])] = &[
    capture!("ecdhe-ecdsa"),
    capture!("dhe-rsa"),
    capture!("rsa"),
    capture!("dhe-psk"),
    capture!("ecdhe-psk"),
    capture!("tls13"),
];

/// The unencrypted handshake messages of a stream.
pub(crate) fn messages(stream: &[u8]) -> Vec<u8> {
    let mut r = Reader::new(stream);
    let mut out = Vec::new();
    while !r.is_empty() {
        let header = RecordHeader::decode(&mut r).unwrap();
        let fragment = r.bytes(header.length.into(), "fragment").unwrap();
        match header.content_type {
            ContentType::HANDSHAKE => out.extend_from_slice(fragment),
            _ => return out,
        }
    }
    out
}

#[test]
fn captured_messages_round_trip() {
    for (client, server) in ALL {
        for stream in [messages(client), messages(server)] {
            let mut r = Reader::new(&stream);
            let mut again = Vec::new();
            while !r.is_empty() {
                let message = HandshakeMessage::read_message(&mut r).unwrap();
                assert!(!matches!(message, HandshakeMessage::Unknown { .. }));
                message.write_message(&mut Writer::vec(&mut again)).unwrap();
            }
            assert_eq!(again, stream);
        }
    }
}

#[test]
fn captured_streams_print_without_error() {
    for (client, server) in ALL {
        let server = RecordTree::new(server);
        assert_eq!(server.check(), Ok(()));
        let client = RecordTree::new(client).after(server.negotiated());
        assert_eq!(client.check(), Ok(()));
        assert!(!server.to_string().contains("body:"), "{server}");
        assert!(!client.to_string().contains("body:"), "{client}");
    }
}

/// Checks that the tree contains the lines in this order.
#[track_caller]
fn in_order(tree: &str, lines: &[&str]) {
    let mut rest = tree.lines();
    for line in lines {
        assert!(rest.any(|each| each.trim_start() == *line), "{line} is missing or out of order in\n{tree}");
    }
}

#[test]
fn tree_of_connection_with_client_certificate() {
    let (client, server) = ALL[0];
    let server = RecordTree::new(server);
    assert_eq!(server.negotiated().key_exchange(), Some(KeyExchangeAlgorithm::Ecdhe));
    in_order(
        &server.to_string(),
        &[
            "record @0: handshake (0x16), TLS 1.2 (0x0303), 77 bytes",
            "server_hello (0x02) @5, 73 bytes",
            "cipher_suite: TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 (0xc023)",
            "compression_method: null (0x00)",
            "extensions: 7",
            "renegotiation_info (0xff01) @49, 1 bytes",
            "encrypt_then_mac (0x0016) @74, 0 bytes",
            "certificate (0x0b) @87, 394 bytes",
            "certificate_status (0x16) @490, 723 bytes",
            "status_type: ocsp (0x01)",
            "server_key_exchange (0x0c) @1222, 111 bytes",
            "namedcurve: x25519 (0x001d)",
            "public: c351c853997f7ae25cb8bb058f5945dd2f8b536d2ed2c8beebf7e008edd9d06a",
            "signed_params:",
            "algorithm: ecdsa_secp256r1_sha256 (0x0403)",
            "certificate_request (0x0d) @1342, 74 bytes",
            "certificate_authorities: 1",
            "server_hello_done (0x0e) @1425, 0 bytes",
            "ticket_lifetime_hint: 7200 s",
            "record @2020: change_cipher_spec (0x14), TLS 1.2 (0x0303), 1 bytes",
        ],
    );
    let client = RecordTree::new(client).after(server.negotiated());
    in_order(
        &client.to_string(),
        &[
            "server_name (0x0000) @54, 16 bytes",
            "host_name (0x00): \"example.com\"",
            "protocol_name_list: 2",
            "\"h2\"",
            "ecdh_Yc: 631c8753bd8125d5f11a893141a5c7902de51d534109d828fad42bfa615bf675",
            "certificate_verify (0x0f) @633, 74 bytes",
        ],
    );
}

#[test]
fn tree_of_connection_of_tls_1_3() {
    let (client, server) = ALL[5];
    in_order(
        &RecordTree::new(client).to_string(),
        &["key_share (0x0033) @203, 38 bytes", "client_shares: 1"],
    );
    let tree = RecordTree::new(server).to_string();
    in_order(&tree, &["selected_version: TLS 1.3 (0x0304)", "server_share:"]);
    assert!(!tree.contains("encrypted"), "{tree}");
}

#[test]
fn psk_key_exchanges_are_decoded() {
    let hint = "psk_identity_hint: \"a hint\"";
    let identity = "psk_identity: \"somebody\"";
    for ((client, server), algorithm, public) in
        [(ALL[3], KeyExchangeAlgorithm::DhePsk, "dh_Yc"), (ALL[4], KeyExchangeAlgorithm::EcdhePsk, "ecdh_Yc")]
    {
        let server = RecordTree::new(server);
        assert_eq!(server.negotiated().key_exchange(), Some(algorithm));
        in_order(&server.to_string(), &[hint]);
        let client = RecordTree::new(client).after(server.negotiated()).to_string();
        in_order(&client, &[identity]);
        assert!(client.contains(public));
    }
}

#[test]
fn fragmented_message_is_joined() {
    let message = messages(ALL[1].1);
    for size in [1, 3, 4, 5, 100, 1000] {
        let mut stream = Vec::new();
        for part in message.chunks(size) {
            let header = RecordHeader {
                content_type: ContentType::HANDSHAKE,
                version: ProtocolVersion::TLS_1_2,
                length: u16::try_from(part.len()).unwrap(),
            };
            header.encode(&mut Writer::vec(&mut stream)).unwrap();
            stream.extend_from_slice(part);
        }
        let tree = RecordTree::new(&stream);
        assert_eq!(tree.check(), Ok(()), "{size}");
        in_order(
            &tree.to_string(),
            &["compression_method: null (0x00)", "certificate_list: 1", "signed_params:"],
        );
    }
}

#[test]
fn incomplete_message_is_an_error() {
    let message = messages(ALL[1].1);
    let part = &message[..50];
    let mut stream = vec![22, 3, 3, 0, 50];
    stream.extend_from_slice(part);
    let tree = RecordTree::new(&stream);
    assert!(tree.check().is_err());
    in_order(&tree.to_string(), &["incomplete handshake message:", "session_id: (empty)"]);
    stream.extend_from_slice(&[20, 3, 3, 0, 1, 1]);
    let tree = RecordTree::new(&stream);
    assert!(tree.to_string().contains("ChangeCipherSpec within a handshake message"), "{tree}");
}

#[test]
fn truncated_stream_prints_its_readable_part() {
    let stream = messages(ALL[0].0);
    let tree = HandshakeTree::new(&stream[..100]);
    let error = tree.check().unwrap_err();
    assert_eq!(error.offset, 4);
    in_order(
        &tree.to_string(),
        &[
            "client_hello (0x01) @0, 174 bytes",
            "session_id: (empty)",
            "TLS_EMPTY_RENEGOTIATION_INFO_SCSV (0x00ff)",
            "host_name (0x00): \"example.com\"",
        ],
    );
    assert!(tree.to_string().ends_with("error: Handshake.body at offset 4: expected 174 bytes, 96 remain"));
}

/// RFC 8448 section 3.
const RFC_8448_CLIENT_HELLO: [u8; 196] = hex!(
    "01 00 00 c0 03 03 cb 34 ec b1 e7 81 63 ba 1c 38 c6 da cb 19 6a 6d ff a2 1a 8d 99 12 ec 18 a2 ef 62 83
     02 4d ec e7 00 00 06 13 01 13 03 13 02 01 00 00 91 00 00 00 0b 00 09 00 00 06 73 65 72 76 65 72 ff 01
     00 01 00 00 0a 00 14 00 12 00 1d 00 17 00 18 00 19 01 00 01 01 01 02 01 03 01 04 00 23 00 00 00 33 00
     26 00 24 00 1d 00 20 99 38 1d e5 60 e4 bd 43 d2 3d 8e 43 5a 7d ba fe b3 c0 6e 51 c1 3c ae 4d 54 13 69
     1e 52 9a af 2c 00 2b 00 03 02 03 04 00 0d 00 20 00 1e 04 03 05 03 06 03 02 03 08 04 08 05 08 06 04 01
     05 01 06 01 02 01 04 02 05 02 06 02 02 02 00 2d 00 02 01 01 00 1c 00 02 40 01"
);

#[test]
fn client_hello_of_rfc_8448_decodes() {
    let HandshakeMessage::ClientHello(hello) =
        HandshakeMessage::read_message(&mut Reader::new(&RFC_8448_CLIENT_HELLO)).unwrap()
    else {
        panic!("not a ClientHello")
    };
    let suites = [
        CipherSuite::TLS_AES_128_GCM_SHA256,
        CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
        CipherSuite::TLS_AES_256_GCM_SHA384,
    ];
    assert_eq!(hello.cipher_suites, List::from_items(&suites));
    let extensions = hello.extensions.unwrap();
    assert_eq!(extensions.len(), 9);
    assert_eq!(
        extensions.get(ExtensionType::SERVER_NAME),
        Some(ClientExtension::ServerName(List::from_items(&[ServerName::host(b"server")])))
    );
    assert_eq!(
        extensions.get(ExtensionType::SUPPORTED_VERSIONS),
        Some(ClientExtension::SupportedVersions(List::from_items(&[ProtocolVersion::TLS_1_3])))
    );
    assert_eq!(
        extensions.get(ExtensionType::RECORD_SIZE_LIMIT),
        Some(ClientExtension::RecordSizeLimit(16385))
    );
    let Some(ClientExtension::KeyShare(shares)) = extensions.get(ExtensionType::KEY_SHARE) else {
        panic!("no key_share")
    };
    let share = shares.get().unwrap().client_shares.first().unwrap();
    assert_eq!((share.group, share.key_exchange.len()), (NamedGroup::X25519, 32));
    assert_eq!(extensions.get(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION), None);
}
