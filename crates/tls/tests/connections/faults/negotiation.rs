//! Failed negotiation, and invalid hellos.

use super::{expect, pin, same};
use crate::support::{End, Kind, Pair, client, name, server};
use cairn_tls::{
    Connection, Side,
    wire::{
        CipherSuite, ClientExtension, ClientHello, CompressionMethod, Decode, ExtensionType, Extensions,
        HandshakeBody, List, NamedGroup, ProtocolVersion, Random, SessionId, SignatureScheme, Writer,
    },
};

#[test]
fn no_shared_parameter_ends_the_handshake_with_its_alert() {
    let one = |suite| client().suites(&[suite]).unwrap();
    // No shared suite.
    expect(
        one(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384),
        server(Kind::P256).suites(&[CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]).unwrap(),
        "Peer in AwaitServerHello, no alert, RFC 5246 section 7.2.2: PeerAlert(handshake_failure)",
        "Us in AwaitClientHello, handshake_failure, RFC 5246 section 7.4.1.3: NoSharedCipherSuite",
    );
    // The suite is shared, but the server has no key for it.
    expect(
        one(CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
        server(Kind::P256),
        "Peer in AwaitServerHello, no alert, RFC 5246 section 7.2.2: PeerAlert(handshake_failure)",
        "Us in ChoosingCredential, handshake_failure, RFC 5246 section 7.4.1.3: NoSharedCipherSuite",
    );
    // No shared group.
    expect(
        client().groups(&[NamedGroup::SECP384R1]),
        server(Kind::P256).groups(&[NamedGroup::X25519]),
        "Peer in AwaitServerHello, no alert, RFC 5246 section 7.2.2: PeerAlert(handshake_failure)",
        "Us in AwaitClientHello, handshake_failure, RFC 5246 section 7.4.1.3: NoSharedCipherSuite",
    );
    // The certificate's curve is not among the client's groups.
    expect(
        client().groups(&[NamedGroup::X25519]),
        server(Kind::P256),
        "Peer in AwaitServerHello, no alert, RFC 5246 section 7.2.2: PeerAlert(handshake_failure)",
        "Us in ChoosingCredential, handshake_failure, RFC 5246 section 7.4.1.3: NoSharedCipherSuite",
    );
    expect(
        client().alpn(["a"]),
        server(Kind::P256).alpn(["b"]),
        "Peer in AwaitServerHello, no alert, RFC 5246 section 7.2.2: PeerAlert(no_application_protocol)",
        "Us in AwaitClientHello, no_application_protocol, RFC 7301 section 3.2: NoSharedApplicationProtocol",
    );
    // No shared signature scheme.
    expect(
        one(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)
            .signature_schemes(&[SignatureScheme::ECDSA_SECP384R1_SHA384]),
        server(Kind::Ed25519),
        "Peer in AwaitServerHello, no alert, RFC 5246 section 7.2.2: PeerAlert(handshake_failure)",
        "Us in ChoosingCredential, handshake_failure, RFC 5246 section 7.4.1.3: NoSharedCipherSuite",
    );
}

/// A modified ClientHello.
fn hello_with(change: impl FnOnce(&mut ClientHello<'_>)) -> Vec<u8> {
    let client = End::new(Connection::client(&client().build().unwrap(), name()));
    let mut hello = ClientHello::decode_exact(&client.outbox[9..]).unwrap();
    change(&mut hello);
    record_of(&hello)
}

fn record_of(hello: &ClientHello<'_>) -> Vec<u8> {
    let mut message = Vec::new();
    hello.write_message(&mut Writer::vec(&mut message)).unwrap();
    let mut record = vec![22, 3, 1];
    record.extend_from_slice(&u16::try_from(message.len()).unwrap().to_be_bytes());
    record.extend_from_slice(&message);
    record
}

/// The server's response to these bytes: its error, and its output.
fn answer(builder: cairn_tls::ServerConfigBuilder, bytes: &[u8]) -> (String, Vec<u8>) {
    let mut server = End::new(Connection::server(&builder.build().unwrap()));
    server.take(bytes);
    (server.fault(), server.outbox)
}

#[test]
fn invalid_hellos_are_refused_with_their_alert() {
    let say = |hello: Vec<u8>| {
        let (fault, sent) = answer(server(Kind::P256), &hello);
        format!("{fault} {sent:02x?}")
    };
    let versions = |version| say(hello_with(|hello| hello.client_version = version));
    pin(
        "",
        &versions(ProtocolVersion::TLS_1_1),
        "Us in AwaitClientHello, protocol_version, RFC 5246 appendix E.1: VersionNotSupported { peer: TLS \
         1.1 } [15, 03, 03, 00, 02, 02, 46]",
    );
    pin(
        "",
        &versions(ProtocolVersion::SSL_3_0),
        "Us in AwaitClientHello, protocol_version, RFC 5246 appendix E.1: VersionNotSupported { peer: SSL \
         3.0 } [15, 03, 03, 00, 02, 02, 46]",
    );
    // A higher version is acceptable and leads to TLS 1.2.
    assert!(versions(ProtocolVersion(0x0304)).starts_with("none [16, 03, 03"));
    assert!(versions(ProtocolVersion(0x03ff)).starts_with("none [16, 03, 03"));
    pin(
        "",
        &say(hello_with(|hello| {
            hello.compression_methods = List::from_items(&[CompressionMethod::DEFLATE]);
        })),
        "Us in AwaitClientHello, illegal_parameter, RFC 5246 section 7.4.1.2: NullCompressionMissing \
         [15, 03, 03, 00, 02, 02, 2f]",
    );
    // Without extensions: a server with a P-256 certificate continues and sends none.
    let bare = ClientHello {
        client_version: ProtocolVersion::TLS_1_2,
        random: Random([7; 32]),
        session_id: SessionId::EMPTY,
        cipher_suites: List::from_items(&[CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]),
        compression_methods: List::from_items(&[CompressionMethod::NULL]),
        extensions: None,
    };
    let (fault, _) = answer(server(Kind::Rsa), &record_of(&bare));
    pin(
        "",
        &fault,
        "Us in AwaitClientHello, handshake_failure, RFC 5246 section 7.4.1.3: NoSharedCipherSuite",
    );
    pin(
        "",
        &answer(server(Kind::Rsa).require_extended_master_secret(), &record_of(&bare)).0,
        "Us in AwaitClientHello, handshake_failure, RFC 7627 section 5.2: ExtendedMasterSecretMissing",
    );
    pin(
        "",
        &answer(server(Kind::Rsa).require_secure_renegotiation(), &record_of(&bare)).0,
        "Us in AwaitClientHello, handshake_failure, RFC 5746 section 4: SecureRenegotiationMissing",
    );
}

/// Removes extended_master_secret from a ClientHello in transit: the master secrets agree, but the
/// transcripts do not.
#[test]
fn altered_hello_is_detected_at_finished() {
    let (client, server) = (client().build().unwrap(), server(Kind::P256).build().unwrap());
    let mut pair = Pair::new(&client, &server);
    pair.run_through(|side, number, record| {
        if (side, number) != (Side::Client, 0) {
            return record;
        }
        let mut hello = ClientHello::decode_exact(&record[9..]).unwrap();
        let kept: Vec<ClientExtension<'_>> = hello
            .extensions
            .unwrap()
            .iter()
            .filter(|extension| extension.extension_type() != ExtensionType::EXTENDED_MASTER_SECRET)
            .collect();
        hello.extensions = Some(Extensions::from_items(&kept));
        record_of(&hello)
    });
    same(
        &pair,
        "Peer in AwaitChangeCipherSpec, no alert, RFC 5246 section 7.2.2: PeerAlert(decrypt_error)",
        "Us in AwaitFinished, decrypt_error, RFC 5246 section 7.4.9: WrongFinished",
    );
}
