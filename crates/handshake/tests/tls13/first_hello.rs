//! The first ClientHello with each of its fields wrong (RFC 9846 section 4.2.2), as the server judges it.

use crate::{
    outcome::{MALFORMED, Refusal, illegal, receiving},
    support::{End, edit, raw, tls13_pair},
};
use cairn_crypto::KeySpec::{self, EcP256};
use cairn_handshake::HandshakeErrorKind as Kind;
use cairn_schedule::Side;
use cairn_wire::{
    AlertDescription as A, CipherSuite, ExtensionFault, ExtensionMessage, ExtensionType as X, HandshakeType,
    NamedGroup, ProtocolVersion,
};

type Change = fn(&mut raw::ClientHello);

/// The server of a pair that knows application protocols and record sizes.
fn server(change: Change) -> End {
    let protocols = || vec![b"h2".to_vec()];
    let pair = tls13_pair(
        EcP256,
        |client| {
            client.alpn_protocols = protocols();
            client.record_size_limit = Some(1000);
        },
        |server| {
            server.alpn_protocols = protocols();
            server.record_size_limit = Some(1000);
        },
    );
    receiving(Side::Server, pair, |wire| raw::client_hello(wire, change))
}

fn missing(extension_type: X) -> Refusal {
    Refusal::As(Kind::MissingExtension(extension_type), A::MISSING_EXTENSION)
}

/// "A server which receives a legacy_version value not equal to 0x0303 MUST abort the handshake with a
/// "protocol_version" alert."
fn legacy_version(version: u16) -> Refusal {
    Refusal::As(Kind::WrongLegacyVersion(ProtocolVersion(version)), A::PROTOCOL_VERSION)
}

fn version(peer: u16) -> Refusal {
    Refusal::As(Kind::VersionNotSupported { peer: ProtocolVersion(peer) }, A::PROTOCOL_VERSION)
}

const MISPLACED: Kind = Kind::Extension(ExtensionFault::Misplaced {
    extension_type: X::OID_FILTERS,
    message: ExtensionMessage::ClientHello,
});

#[test]
fn each_field_of_client_hello_is_checked() {
    let cases: [(&str, Change, Refusal); 11] = [
        ("legacy_version of TLS 1.3", |hello| hello.version = 0x0304, legacy_version(0x0304)),
        ("legacy_version of TLS 1.1", |hello| hello.version = 0x0302, legacy_version(0x0302)),
        ("legacy_version of SSL 3.0", |hello| hello.version = 0x0300, legacy_version(0x0300)),
        ("a session ID of 33 bytes", |hello| hello.session_id = vec![0; 33], MALFORMED),
        ("no suites", |hello| hello.suites.clear(), MALFORMED),
        (
            "suites of TLS 1.2 alone",
            |hello| hello.suites.retain(|suite| suite.0 >> 8 != 0x13),
            Refusal::As(Kind::NoSharedCipherSuite, A::HANDSHAKE_FAILURE),
        ),
        (
            "unknown suites",
            |hello| hello.suites = vec![CipherSuite(0x13ff), CipherSuite(0x0a0a)],
            Refusal::As(Kind::NoSharedCipherSuite, A::HANDSHAKE_FAILURE),
        ),
        ("no compression method", |hello| hello.compression.clear(), MALFORMED),
        ("DEFLATE", |hello| hello.compression = vec![1], illegal(Kind::CompressionOffered)),
        ("null and DEFLATE", |hello| hello.compression = vec![0, 1], illegal(Kind::CompressionOffered)),
        ("null twice", |hello| hello.compression = vec![0, 0], illegal(Kind::CompressionOffered)),
    ];
    for (what, change, refusal) in cases {
        refusal.check(&server(change), what);
    }
}

#[test]
fn each_extension_of_client_hello_is_checked() {
    let cases: [(&str, Change, Refusal); 24] = [
        ("no versions", |hello| hello.extensions.set(X::SUPPORTED_VERSIONS, &[0]), MALFORMED),
        ("half a version", |hello| hello.extensions.set(X::SUPPORTED_VERSIONS, &[3, 3, 4, 3]), MALFORMED),
        (
            "TLS 1.1",
            |hello| hello.extensions.set(X::SUPPORTED_VERSIONS, &raw::versions(&[0x0302])),
            version(0x0302),
        ),
        (
            "GREASE and a later version",
            |hello| hello.extensions.set(X::SUPPORTED_VERSIONS, &raw::versions(&[0x1a1a, 0x0305])),
            version(0x0305),
        ),
        (
            "no supported_groups",
            |hello| hello.extensions.remove(X::SUPPORTED_GROUPS),
            missing(X::SUPPORTED_GROUPS),
        ),
        ("no key_share", |hello| hello.extensions.remove(X::KEY_SHARE), missing(X::KEY_SHARE)),
        (
            "neither",
            |hello| {
                hello.extensions.remove(X::KEY_SHARE);
                hello.extensions.remove(X::SUPPORTED_GROUPS);
            },
            missing(X::SUPPORTED_GROUPS),
        ),
        (
            "no signature_algorithms",
            |hello| hello.extensions.remove(X::SIGNATURE_ALGORITHMS),
            missing(X::SIGNATURE_ALGORITHMS),
        ),
        ("an empty supported_groups", |hello| hello.extensions.set(X::SUPPORTED_GROUPS, &[0, 0]), MALFORMED),
        (
            "unknown groups",
            |hello| {
                hello.set_shares(&[]);
                hello.extensions.set(X::SUPPORTED_GROUPS, &raw::list16(&[0x7777, 0x0a0a]));
            },
            Refusal::As(Kind::NoSharedGroup, A::HANDSHAKE_FAILURE),
        ),
        (
            "an empty signature_algorithms",
            |hello| hello.extensions.set(X::SIGNATURE_ALGORITHMS, &[0, 0]),
            MALFORMED,
        ),
        (
            "unknown schemes",
            |hello| hello.extensions.set(X::SIGNATURE_ALGORITHMS, &raw::list16(&[0x0a0a, 0xfe00])),
            Refusal::As(Kind::NoSharedSignatureScheme, A::HANDSHAKE_FAILURE),
        ),
        (
            "ECDSA with SHA-1 and the schemes of another curve",
            |hello| hello.extensions.set(X::SIGNATURE_ALGORITHMS, &raw::list16(&[0x0203, 0x0503, 0x0603])),
            Refusal::As(Kind::NoSharedSignatureScheme, A::HANDSHAKE_FAILURE),
        ),
        (
            "another application protocol",
            |hello| hello.extensions.set(X::APPLICATION_LAYER_PROTOCOL_NEGOTIATION, &[0, 3, 2, b'h', b'3']),
            Refusal::As(Kind::NoSharedApplicationProtocol, A::NO_APPLICATION_PROTOCOL),
        ),
        (
            "records of 63 bytes",
            |hello| hello.extensions.set(X::RECORD_SIZE_LIMIT, &[0, 63]),
            illegal(Kind::RecordSizeLimitTooSmall { limit: 63 }),
        ),
        (
            "a host name with a zero byte",
            |hello| hello.extensions.set(X::SERVER_NAME, &[0, 5, 0, 0, 2, b'a', 0]),
            illegal(Kind::BadServerName),
        ),
        ("padding", |hello| hello.extensions.set(X::PADDING, &[0, 1]), illegal(Kind::PaddingNotZero)),
        ("an empty key_share", |hello| hello.extensions.set(X::KEY_SHARE, &[]), MALFORMED),
        ("a byte behind the shares", |hello| hello.extensions.get_mut(X::KEY_SHARE).push(0), MALFORMED),
        (
            "an extension twice",
            |hello| {
                let data = hello.extensions.get(X::KEY_SHARE).unwrap().to_vec();
                hello.extensions.add(X::KEY_SHARE, &data);
            },
            MALFORMED,
        ),
        (
            "an unknown extension twice",
            |hello| {
                hello.extensions.add(X(0xffce), &[]);
                hello.extensions.add(X(0xffce), &[1]);
            },
            MALFORMED,
        ),
        ("no authorities", |hello| hello.extensions.add(X::CERTIFICATE_AUTHORITIES, &[0, 0]), MALFORMED),
        (
            "a byte behind the authorities",
            |hello| hello.extensions.add(X::CERTIFICATE_AUTHORITIES, &[0, 3, 0, 1, 7, 0]),
            MALFORMED,
        ),
        // It belongs into CertificateRequest.
        ("oid_filters", |hello| hello.extensions.add(X::OID_FILTERS, &[0, 0]), illegal(MISPLACED)),
    ];
    for (what, change, refusal) in cases {
        refusal.check(&server(change), what);
    }
}

#[test]
fn client_hello_of_the_wrong_length_is_decode_error() {
    for change in
        [|body: &mut Vec<u8>| body.push(0), |body: &mut Vec<u8>| body.truncate(body.len() - 1), Vec::clear]
    {
        let server = receiving(Side::Server, tls13_pair(EcP256, |_| {}, |_| {}), |wire| {
            edit::body(wire, HandshakeType::CLIENT_HELLO, change);
        });
        MALFORMED.check(&server, "wrong length");
    }
}

/// A server "MUST correctly ignore all unrecognized cipher suites, extensions, and other parameters" (RFC
/// 9846 section 9.3), and what it does not use.
#[test]
fn unknown_parameters_are_ignored() {
    let changes: [(&str, Change); 10] = [
        ("a suite", |hello| hello.suites.insert(0, CipherSuite(0x13ff))),
        ("a version", |hello| {
            let versions = raw::versions(&[0x0a0a, 0x0305, 0x0304, 0x7f1c]);
            hello.extensions.set(X::SUPPORTED_VERSIONS, &versions);
        }),
        ("an extension", |hello| hello.extensions.add(X(0xffce), &[1, 2, 3])),
        ("a group with a share", |hello| {
            let mut groups = hello.extensions.get(X::SUPPORTED_GROUPS).unwrap().to_vec();
            groups[1] += 2;
            groups.extend_from_slice(&[0x77, 0x77]);
            hello.extensions.set(X::SUPPORTED_GROUPS, &groups);
            let mut shares = hello.shares();
            shares.insert(0, (NamedGroup(0x7777), vec![1; 5]));
            hello.set_shares(&shares);
        }),
        ("a scheme", |hello| {
            hello.extensions.set(X::SIGNATURE_ALGORITHMS, &raw::list16(&[0x0a0a, 0xfe00, 0x0403]));
        }),
        ("early_data", |hello| hello.extensions.add(X::EARLY_DATA, &[])),
        ("post_handshake_auth", |hello| hello.extensions.add(X::POST_HANDSHAKE_AUTH, &[])),
        ("psk_key_exchange_modes", |hello| hello.extensions.set(X::PSK_KEY_EXCHANGE_MODES, &[2, 1, 9])),
        // RFC 9846 section 4.5.1.1: "TLS 1.3 servers MUST be able to process ClientHello messages that
        // include it".
        ("status_request_v2", |hello| {
            hello.extensions.add(X::STATUS_REQUEST_V2, &[0, 7, 2, 0, 4, 0, 0, 0, 0]);
        }),
        ("TLS_FALLBACK_SCSV", |hello| hello.suites.push(CipherSuite::TLS_FALLBACK_SCSV)),
    ];
    for (what, change) in changes {
        let server = server(change);
        // Only the client notices that its hello was changed.
        assert!(
            server.kind().is_none_or(|kind| matches!(kind, Kind::PeerAlert(_))),
            "{what}: {:?}",
            server.log
        );
        assert!(
            server.log.iter().any(|line| line == "send encrypted_extensions"),
            "{what}: {:?}",
            server.log
        );
    }
}

const SKIP: &str = "skip at most 32768 of early data";

/// RFC 9846 section 4.3.10: the server ignores the extension and "then skips past early data".
#[test]
fn early_data_that_is_not_accepted_is_skipped_under_the_keys_of_the_handshake() {
    let server_of_early_data = server(|hello| hello.extensions.add(X::EARLY_DATA, &[]));
    let place = |line: &str| server_of_early_data.log.iter().position(|logged| logged == line);
    let keys = place("read keys, epoch handshake").unwrap();
    assert_eq!(place(SKIP), Some(keys + 1));
    assert!(!server(|_| {}).log.iter().any(|line| line == SKIP));
}

#[test]
fn early_data_of_client_hello_is_empty() {
    let server = server(|hello| hello.extensions.add(X::EARLY_DATA, &[0]));
    MALFORMED.check(&server, "early_data with a byte");
}

/// PKCS #1 v1.5 is not defined for signatures in TLS 1.3 (RFC 9846 section 4.3.3).
#[test]
fn rsa_key_does_not_serve_a_client_without_rsassa_pss() {
    let rsa = KeySpec::Rsa { bits: 2048 };
    let pair = tls13_pair(rsa, |_| {}, |_| {});
    let server = receiving(Side::Server, pair, |wire| {
        raw::client_hello(wire, |hello| {
            let schemes = raw::list16(&[0x0401, 0x0501, 0x0601, 0x0201, 0x0403]);
            hello.extensions.set(X::SIGNATURE_ALGORITHMS, &schemes);
        });
    });
    Refusal::As(Kind::NoSharedSignatureScheme, A::HANDSHAKE_FAILURE).check(&server, "rsa_pkcs1 alone");
}

/// key_share has no meaning for a server that does not speak TLS 1.3.
#[test]
fn malformed_key_share_matters_in_tls_1_3_alone() {
    let pair = tls13_pair(EcP256, |_| {}, |server| server.tls13.suites.clear());
    let server = receiving(Side::Server, pair, |wire| {
        raw::client_hello(wire, |hello| hello.extensions.set(X::KEY_SHARE, &[1, 2, 3]));
    });
    assert!(server.log.iter().any(|line| line == "send server_hello_done"), "{:?}", server.log);
}

/// The server of a pair that negotiates TLS 1.2 because the hello offers nothing else.
fn tls12_server(change: impl Fn(&mut Vec<u8>)) -> End {
    let pair = tls13_pair(EcP256, |client| client.tls13.suites.clear(), |_| {});
    receiving(Side::Server, pair, |wire| edit::body(wire, HandshakeType::CLIENT_HELLO, &change))
}

/// A server of TLS 1.3 that negotiates TLS 1.2 follows RFC 5246 section 7.4.1.2: the list has null, and other
/// methods are ignored.
#[test]
fn other_compression_methods_are_ignored_in_tls_1_2() {
    let server = |methods: &[u8]| {
        let pair = tls13_pair(EcP256, |client| client.tls13.suites.clear(), |_| {});
        receiving(Side::Server, pair, |wire| {
            raw::client_hello(wire, |hello| hello.compression = methods.to_vec());
        })
    };
    for methods in [&[0][..], &[1, 0], &[0, 1, 64]] {
        let server = server(methods);
        assert!(server.log.iter().any(|line| line == "send server_hello_done"), "{methods:?}");
    }
    illegal(Kind::NullCompressionMissing).check(&server(&[1, 64]), "DEFLATE");
}

/// RFC 9846 section 4.2.2: "If negotiating a version of TLS prior to 1.3, a server MUST check that the
/// message either contains no data after legacy_compression_methods or that it contains a valid extensions
/// block with no data following."
#[test]
fn bytes_behind_the_extensions_are_decode_error_in_tls_1_2() {
    for change in [
        |body: &mut Vec<u8>| body.push(0),
        |body: &mut Vec<u8>| body.truncate(body.len() - 1),
        |body: &mut Vec<u8>| {
            // One byte in place of the extensions.
            let after_methods = 2 + 32 + 1 + usize::from(body[34]);
            let suites = usize::from(u16::from_be_bytes([body[after_methods], body[after_methods + 1]]));
            body.truncate(after_methods + 2 + suites + 2);
            body.push(0);
        },
    ] {
        MALFORMED.check(&tls12_server(change), "wrong length");
    }
}
