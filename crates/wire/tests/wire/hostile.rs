//! Truncated, mutated, extended and random input: decoding does not panic, and a decoded value encodes to the
//! same bytes.

use cairn_wire::tree::{HandshakeTree, RecordTree};
use cairn_wire::*;
use proptest::prelude::*;

use crate::captures;
use crate::decoders::{self, ALL, Recode};
use crate::rfc8448;

/// A ClientHello with every extension that the crate decodes.
fn full_client_hello() -> Vec<u8> {
    let suites = [CipherSuite(0x0a0a), CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256];
    let groups = [NamedGroup::X25519, NamedGroup::FFDHE2048];
    let schemes = [SignatureScheme::ED25519, SignatureScheme::RSA_PKCS1_SHA256];
    let certificate_types = [CertificateType::X509, CertificateType::RAW_PUBLIC_KEY];
    let names = [ServerName::host(b"a.example"), ServerName { name_type: NameType(7), name: b"" }];
    let ids = [ResponderId(b"id"), ResponderId(b"other")];
    let (empty, cookie) = (Empty, Cookie(b"cookie"));
    let shares = [KeyShareEntry { group: NamedGroup::X25519, key_exchange: b"share" }];
    let shares = KeyShareClientHello { client_shares: List::from_items(&shares) };
    let modes = PskKeyExchangeModes { ke_modes: List::from_items(PskKeyExchangeMode::KNOWN) };
    let authorities = [DistinguishedName(b"one"), DistinguishedName(b"two")];
    let authorities = CertificateAuthorities { authorities: List::from_items(&authorities) };
    let algorithms = List::from_items(CertificateCompressionAlgorithm::KNOWN);
    let algorithms = CertificateCompressionAlgorithms { algorithms };
    let delegated = SignatureSchemeList { supported_signature_algorithm: List::from_items(&schemes) };
    let tickets = ClientTicketRequest { new_session_count: 2, resumption_count: 1 };
    let identities = [PskIdentity { identity: b"label", obfuscated_ticket_age: 7 }];
    let binders = [PskBinderEntry(&[9; 32])];
    let psks = OfferedPsks { identities: List::from_items(&identities), binders: List::from_items(&binders) };
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
        ClientExtension::QuicTransportParameters(&[4, 1, 0]),
        ClientExtension::SessionTicket(b"ticket"),
        ClientExtension::SupportedVersions(List::from_items(&[ProtocolVersion::TLS_1_2])),
        ClientExtension::RenegotiationInfo(&[1, 2, 3]),
        ClientExtension::Unknown { extension_type: ExtensionType(0xfafa), data: &[0] },
        ClientExtension::Padding(&[0; 5]),
        ClientExtension::CompressCertificate(Deferred::new(&algorithms)),
        ClientExtension::TlsCertWithExternPsk(Deferred::new(&empty)),
        ClientExtension::DelegatedCredential(Deferred::new(&delegated)),
        ClientExtension::EarlyData(Deferred::new(&empty)),
        ClientExtension::Cookie(Deferred::new(&cookie)),
        ClientExtension::PskKeyExchangeModes(Deferred::new(&modes)),
        ClientExtension::CertificateAuthorities(Deferred::new(&authorities)),
        ClientExtension::PostHandshakeAuth(Deferred::new(&empty)),
        ClientExtension::KeyShare(Deferred::new(&shares)),
        ClientExtension::TicketRequest(Deferred::new(&tickets)),
        ClientExtension::PreSharedKey(Deferred::new(&psks)),
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
    // Finished may have any length, so its body tells nothing.
    for message in rfc8448::all().into_iter().filter(|message| message.name != "Finished") {
        let name = match (message.section, message.name) {
            ("4", "ClientHello") => "ClientHello",
            ("4", "ServerHello") => "Tls13ServerHello",
            ("5", "ServerHello") => "HelloRetryRequest",
            ("6", "Certificate") => "Tls13Certificate",
            ("6", "CertificateRequest") => "Tls13CertificateRequest",
            (_, "EncryptedExtensions") => "EncryptedExtensions",
            (_, "NewSessionTicket") => "Tls13NewSessionTicket",
            _ => continue,
        };
        // The ServerHello after the HelloRetryRequest.
        if message.section == "5" && message.bytes[6] != 0xcf {
            continue;
        }
        samples.push((name, message.bytes[HandshakeHeader::LEN..].to_vec()));
        samples.push(("TLS 1.3 handshake message", message.bytes));
    }
    samples.push(("TLS 1.3 handshake message", vec![24, 0, 0, 1, 1]));
    samples.push(("KeyUpdate", vec![1]));
    samples.push(("CompressedCertificate", vec![0, 2, 0, 1, 0, 0, 0, 3, 7, 8, 9]));
    samples.push(("KeyShareClientHello", vec![0, 12, 0, 29, 0, 2, 1, 2, 0, 23, 0, 2, 4, 5]));
    samples.push(("PskKeyExchangeModes", vec![2, 1, 0]));
    samples.push(("Cookie", vec![0, 3, 1, 2, 3]));
    samples.push(("CertificateAuthorities", vec![0, 7, 0, 2, 1, 2, 0, 1, 3]));
    samples.push(("OidFilters", vec![0, 10, 2, 5, 6, 0, 1, 7, 1, 8, 0, 0]));
    samples.push(("CertificateCompressionAlgorithms", vec![4, 0, 1, 0, 2]));
    samples.push(("DelegatedCredential", vec![0, 0, 1, 0, 4, 3, 0, 0, 2, 7, 8, 8, 7, 0, 1, 9]));
    samples.push(("SignatureSchemeList", vec![0, 4, 8, 7, 4, 3]));
    samples.push(("ClientTicketRequest", vec![4, 1]));
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
