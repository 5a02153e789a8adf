//! Truncated, mutated, extended and random input: decoding does not panic, and a decoded value encodes to the
//! same bytes.

use cairn_wire::tree::{HandshakeTree, RecordTree};
use cairn_wire::*;
use proptest::prelude::*;

use crate::captures;
use crate::decoders::{self, ALL, Recode};

/// A ClientHello with every extension that the crate decodes.
fn full_client_hello() -> Vec<u8> {
    let suites = [CipherSuite(0x0a0a), CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256];
    let groups = [NamedGroup::X25519, NamedGroup::FFDHE2048];
    let schemes = [SignatureScheme::ED25519, SignatureScheme::RSA_PKCS1_SHA256];
    let certificate_types = [CertificateType::X509, CertificateType::RAW_PUBLIC_KEY];
    let names = [ServerName::host(b"a.example"), ServerName { name_type: NameType(7), name: b"" }];
    let ids = [ResponderId(b"id"), ResponderId(b"other")];
    let extensions = [
        ClientExtension::ServerName(List::from_items(&names)),
        ClientExtension::MaxFragmentLength(MaxFragmentLengthCode::POW_2_9),
        ClientExtension::StatusRequest(CertificateStatusRequest::Ocsp(OcspStatusRequest {
            responder_id_list: List::from_items(&ids),
            request_extensions: b"x",
        })),
        ClientExtension::SupportedGroups(List::from_items(&groups)),
        ClientExtension::EcPointFormats(List::from_items(&[EcPointFormat::UNCOMPRESSED])),
        ClientExtension::SignatureAlgorithms(List::from_items(&schemes)),
        ClientExtension::SignatureAlgorithmsCert(List::from_items(&schemes)),
        ClientExtension::ApplicationLayerProtocolNegotiation(List::from_items(&[
            ProtocolName(b"h2"),
            ProtocolName(b"http/1.1"),
        ])),
        ClientExtension::SignedCertificateTimestamp,
        ClientExtension::ClientCertificateTypes(List::from_items(&certificate_types)),
        ClientExtension::ServerCertificateTypes(List::from_items(&certificate_types)),
        ClientExtension::EncryptThenMac,
        ClientExtension::ExtendedMasterSecret,
        ClientExtension::RecordSizeLimit(64),
        ClientExtension::SessionTicket(b"ticket"),
        ClientExtension::SupportedVersions(List::from_items(&[ProtocolVersion::TLS_1_2])),
        ClientExtension::RenegotiationInfo(&[1, 2, 3]),
        ClientExtension::Unknown { extension_type: ExtensionType(0xfafa), data: &[0] },
        ClientExtension::Padding(&[0; 5]),
    ];
    let hello = ClientHello {
        client_version: ProtocolVersion::TLS_1_2,
        random: Random([7; 32]),
        session_id: SessionId::new(&[1, 2, 3]).unwrap(),
        cipher_suites: List::from_items(&suites),
        compression_methods: List::from_items(&[CompressionMethod::NULL]),
        extensions: Some(Extensions::from_items(&extensions)),
    };
    hello.to_vec().unwrap()
}

/// A ServerHello with every extension that the crate decodes.
fn full_server_hello() -> Vec<u8> {
    let scts = [SerializedSct(b"one"), SerializedSct(b"two")];
    let extensions = [
        ServerExtension::ServerName,
        ServerExtension::MaxFragmentLength(MaxFragmentLengthCode::POW_2_12),
        ServerExtension::StatusRequest,
        ServerExtension::SupportedGroups(List::from_items(&[NamedGroup::X25519])),
        ServerExtension::EcPointFormats(List::from_items(&[EcPointFormat::UNCOMPRESSED])),
        ServerExtension::ApplicationLayerProtocolNegotiation(ProtocolName(b"h2")),
        ServerExtension::SignedCertificateTimestamp(List::from_items(&scts)),
        ServerExtension::ClientCertificateType(CertificateType::X509),
        ServerExtension::ServerCertificateType(CertificateType::X509),
        ServerExtension::EncryptThenMac,
        ServerExtension::ExtendedMasterSecret,
        ServerExtension::RecordSizeLimit(1000),
        ServerExtension::SessionTicket,
        ServerExtension::SupportedVersions(ProtocolVersion::TLS_1_2),
        ServerExtension::RenegotiationInfo(&[4, 5]),
        ServerExtension::Unknown { extension_type: ExtensionType(0x1234), data: &[9, 9] },
    ];
    let hello = ServerHello {
        server_version: ProtocolVersion::TLS_1_2,
        random: Random([8; 32]),
        session_id: SessionId::EMPTY,
        cipher_suite: CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        compression_method: CompressionMethod::NULL,
        extensions: Some(Extensions::from_items(&extensions)),
    };
    hello.to_vec().unwrap()
}

fn recode(name: &str) -> Recode {
    ALL.iter().find(|(each, _)| *each == name).expect(name).1
}

/// Well-formed input for each decoder whose message is in the captures or above.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let mut samples = vec![("ClientHello", full_client_hello()), ("ServerHello", full_server_hello())];
    for (client, server) in captures::ALL {
        let server = captures::messages(server);
        let mut key_exchange = None;
        for stream in [server, captures::messages(client)] {
            let mut r = Reader::new(&stream);
            while !r.is_empty() {
                let start = r.clone();
                let message = HandshakeMessage::read_message(&mut r).unwrap();
                let whole = &start.peek()[..start.remaining() - r.remaining()];
                let name = match message {
                    HandshakeMessage::ClientHello(_) => "ClientHello",
                    HandshakeMessage::ServerHello(hello) => {
                        key_exchange = hello.cipher_suite.key_exchange();
                        "ServerHello"
                    }
                    HandshakeMessage::Certificate(_) => "Certificate",
                    HandshakeMessage::CertificateRequest(_) => "CertificateRequest",
                    HandshakeMessage::CertificateVerify(_) => "CertificateVerify",
                    HandshakeMessage::CertificateStatus(_) => "CertificateStatus",
                    HandshakeMessage::NewSessionTicket(_) => "NewSessionTicket",
                    HandshakeMessage::ServerKeyExchange(_) => match key_exchange.unwrap() {
                        KeyExchangeAlgorithm::Ecdhe => "ServerKeyExchange Ecdhe",
                        KeyExchangeAlgorithm::Dhe => "ServerKeyExchange Dhe",
                        KeyExchangeAlgorithm::DhePsk => "ServerKeyExchange DhePsk",
                        _ => "ServerKeyExchange EcdhePsk",
                    },
                    HandshakeMessage::ClientKeyExchange(_) => match key_exchange.unwrap() {
                        KeyExchangeAlgorithm::Ecdhe => "ClientKeyExchange Ecdhe",
                        KeyExchangeAlgorithm::Dhe => "ClientKeyExchange Dhe",
                        KeyExchangeAlgorithm::Rsa => "ClientKeyExchange Rsa",
                        KeyExchangeAlgorithm::DhePsk => "ClientKeyExchange DhePsk",
                        _ => "ClientKeyExchange EcdhePsk",
                    },
                    _ => "ServerHelloDone",
                };
                samples.push(("handshake message", whole.to_vec()));
                samples.push((name, whole[HandshakeHeader::LEN..].to_vec()));
            }
        }
    }
    samples
}

#[test]
fn samples_decode() {
    for (name, bytes) in samples() {
        assert!(decoders::check(name, recode(name), &bytes), "{name}");
    }
}

#[test]
fn truncation_at_every_byte() {
    for (name, bytes) in samples() {
        let whole =
            (0..bytes.len()).filter(|end| decoders::check(name, recode(name), &bytes[..*end])).count();
        // A hello may end before its extensions.
        let allowed = usize::from(matches!(name, "ClientHello" | "ServerHello"));
        assert!(whole <= allowed, "{name}: {whole}");
        // Every decoder also gets the input of the others.
        for (other, recode) in ALL {
            for end in [0, bytes.len() / 4, bytes.len() / 2, bytes.len()] {
                decoders::check(other, *recode, &bytes[..end]);
            }
        }
    }
}

#[test]
fn every_bit_flipped() {
    for (name, mut bytes) in samples() {
        let recode = recode(name);
        for at in 0..bytes.len() {
            for bit in 0..8 {
                bytes[at] ^= 1 << bit;
                decoders::check(name, recode, &bytes);
                bytes[at] ^= 1 << bit;
            }
        }
    }
}

#[test]
fn every_byte_set_to_extreme_values() {
    for (name, mut bytes) in samples() {
        let recode = recode(name);
        for at in 0..bytes.len() {
            let was = bytes[at];
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                bytes[at] = value;
                decoders::check(name, recode, &bytes);
            }
            bytes[at] = was;
        }
    }
}

#[test]
fn trailing_bytes_are_rejected() {
    for (name, mut bytes) in samples() {
        for value in [0, 1, 0xff] {
            bytes.push(value);
            assert!(!decoders::check(name, recode(name), &bytes), "{name}");
        }
    }
}

#[test]
fn trees_of_malformed_streams_end_with_the_error() {
    for (client, server) in &captures::ALL[..4] {
        for stream in [client, server] {
            let mut stream = stream.to_vec();
            for at in 0..stream.len().min(700) {
                for mask in [0xff, 0x01] {
                    stream[at] ^= mask;
                    let tree = RecordTree::new(&stream);
                    if let Err(error) = tree.check() {
                        assert!(tree.to_string().ends_with(&format!("error: {error}")), "{tree}");
                    }
                    stream[at] ^= mask;
                }
                let cut = HandshakeTree::new(&stream[stream.len().min(5)..stream.len().min(5 + at)]);
                if let Err(error) = cut.check() {
                    assert!(cut.to_string().ends_with(&format!("error: {error}")), "{cut}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
        for (name, recode) in ALL {
            decoders::check(name, *recode, &bytes);
        }
        let _ = HandshakeTree::new(&bytes).to_string();
        let _ = RecordTree::new(&bytes).to_string();
    }

    #[test]
    fn random_small_numbers(bytes in proptest::collection::vec(0..4_u8, 0..60)) {
        for (name, recode) in ALL {
            decoders::check(name, *recode, &bytes);
        }
        let _ = HandshakeTree::new(&bytes).to_string();
    }
}
