//! ServerHello with each of its fields wrong (RFC 9846 section 4.2.3), as the client judges it.

use crate::{
    outcome::{MALFORMED, MISPLACED, Refusal, illegal, receiving, unsolicited},
    support::{client_accepts, compression, edit, raw, run, tls13_pair},
};
use cairn_crypto::KeySpec::EcP256;
use cairn_handshake::{ClientPolicy, HandshakeErrorKind as Kind, ResumptionPolicy};
use cairn_schedule::{Side, tls13::SUITES};
use cairn_wire::{
    AlertDescription as A, CipherSuite, ClientTicketRequest, CompressionMethod, ExtensionMessage,
    ExtensionType as X, HandshakeType, NamedGroup, ProtocolVersion,
};

type Change = fn(&mut raw::ServerHello);

fn refused(what: &str, policy: impl FnOnce(&mut ClientPolicy), change: Change, refusal: Refusal) {
    let client = receiving(Side::Client, tls13_pair(EcP256, policy, |_| {}), |wire| {
        raw::server_hello(wire, change);
    });
    refusal.check(&client, what);
    assert_eq!(client.error().unwrap().state, "AwaitServerHello", "{what}");
}

fn legacy_version(version: u16) -> Refusal {
    Refusal::As(Kind::WrongLegacyVersion(ProtocolVersion(version)), A::PROTOCOL_VERSION)
}

fn version(peer: u16) -> Refusal {
    Refusal::As(Kind::VersionNotSupported { peer: ProtocolVersion(peer) }, A::PROTOCOL_VERSION)
}

#[test]
fn each_field_of_server_hello_is_checked() {
    let suite = CipherSuite(0xc02b);
    let cases: [(&str, Change, Refusal); 11] = [
        ("legacy_version of TLS 1.3", |hello| hello.version = 0x0304, legacy_version(0x0304)),
        ("legacy_version of TLS 1.1", |hello| hello.version = 0x0302, legacy_version(0x0302)),
        ("another session ID", |hello| hello.session_id[31] ^= 1, illegal(Kind::SessionIdNotEchoed)),
        ("no session ID", |hello| hello.session_id.clear(), illegal(Kind::SessionIdNotEchoed)),
        ("a session ID of 33 bytes", |hello| hello.session_id = vec![0; 33], MALFORMED),
        (
            "a suite of TLS 1.2",
            |hello| hello.suite = CipherSuite(0xc02b),
            illegal(Kind::CipherSuiteNotOffered(suite)),
        ),
        (
            "an unknown suite",
            |hello| hello.suite = CipherSuite(0x13ff),
            illegal(Kind::CipherSuiteNotOffered(CipherSuite(0x13ff))),
        ),
        (
            "compression",
            |hello| hello.compression = 1,
            illegal(Kind::CompressionNotOffered(CompressionMethod(1))),
        ),
        (
            "no key_share",
            |hello| hello.extensions.remove(X::KEY_SHARE),
            Refusal::As(Kind::MissingExtension(X::KEY_SHARE), A::MISSING_EXTENSION),
        ),
        ("an empty key_share", |hello| hello.extensions.set(X::KEY_SHARE, &[]), MALFORMED),
        ("a short supported_versions", |hello| hello.extensions.set(X::SUPPORTED_VERSIONS, &[3]), MALFORMED),
    ];
    for (what, change, refusal) in cases {
        refused(what, |_| {}, change, refusal);
    }
}

#[test]
fn suite_that_this_client_did_not_offer_is_refused() {
    refused(
        "a suite that another client offers",
        |client| client.tls13.suites.retain(|suite| suite.id != SUITES[0].id),
        |hello| hello.suite = SUITES[0].id,
        illegal(Kind::CipherSuiteNotOffered(SUITES[0].id)),
    );
}

/// RFC 9846 section 4.3.1: "If the "supported_versions" extension in the ServerHello contains a version not
/// offered by the client or contains a version prior to TLS 1.3, the client MUST abort the handshake with an
/// "illegal_parameter" alert."
#[test]
fn supported_versions_of_server_hello_selects_tls_1_3_and_nothing_else() {
    let cases: [(u16, Change); 4] = [
        (0x0303, |hello| hello.extensions.set(X::SUPPORTED_VERSIONS, &[3, 3])),
        (0x0301, |hello| hello.extensions.set(X::SUPPORTED_VERSIONS, &[3, 1])),
        (0x0305, |hello| hello.extensions.set(X::SUPPORTED_VERSIONS, &[3, 5])),
        (0x7f1c, |hello| hello.extensions.set(X::SUPPORTED_VERSIONS, &[0x7f, 0x1c])),
    ];
    for (number, change) in cases {
        let refusal = illegal(Kind::VersionNotOffered { peer: ProtocolVersion(number) });
        refused("a client of both versions", |_| {}, change, refusal);
        refused("a client of TLS 1.3", |client| client.tls12.suites.clear(), change, refusal);
    }
}

#[test]
fn server_hello_without_supported_versions_is_one_of_tls_1_2() {
    let change: Change = |hello| hello.extensions.remove(X::SUPPORTED_VERSIONS);
    refused("a client of TLS 1.3", |client| client.tls12.suites.clear(), change, version(0x0303));
    // Its suite is one of TLS 1.3, which TLS 1.2 does not have.
    let client = receiving(Side::Client, tls13_pair(EcP256, |_| {}, |_| {}), |wire| {
        raw::server_hello(wire, change);
    });
    assert_eq!(client.kind().and_then(|kind| kind.alert()), Some(A::ILLEGAL_PARAMETER));
}

/// The extensions that TLS 1.3 alone has.
const OF_TLS13: [X; 12] = [
    X::PRE_SHARED_KEY,
    X::EARLY_DATA,
    X::COOKIE,
    X::PSK_KEY_EXCHANGE_MODES,
    X::CERTIFICATE_AUTHORITIES,
    X::OID_FILTERS,
    X::POST_HANDSHAKE_AUTH,
    X::KEY_SHARE,
    X::COMPRESS_CERTIFICATE,
    X::DELEGATED_CREDENTIAL,
    X::TICKET_REQUEST,
    X::TLS_CERT_WITH_EXTERN_PSK,
];

/// RFC 5246 section 7.4.1.4: "If a client receives an extension type in ServerHello that it did not request
/// in the associated ClientHello, it MUST abort the handshake with an unsupported_extension fatal alert." One
/// that it requested for TLS 1.3 has no meaning in TLS 1.2.
#[test]
fn extensions_of_tls_1_3_alone_in_a_server_hello_of_tls_1_2_are_refused() {
    let offers_all = |client: &mut ClientPolicy| {
        client.resumption = Some(ResumptionPolicy { tickets: true, ..ResumptionPolicy::default() });
        client.tls13.post_handshake_auth = true;
        client.tls13.certificate_compression = compression::words();
        client.tls13.ticket_request = Some(ClientTicketRequest { new_session_count: 1, resumption_count: 1 });
        client_accepts(client);
    };
    let mut offered_ones = Vec::new();
    for extension_type in OF_TLS13 {
        let (mut client, mut server) = tls13_pair(EcP256, offers_all, |server| server.tls13.suites.clear());
        let mut is_offered = false;
        run(&mut client, &mut server, |from_client, wire| {
            if from_client {
                raw::client_hello(wire, |hello| is_offered |= hello.extensions.get(extension_type).is_some());
            } else {
                raw::server_hello(wire, |hello| hello.extensions.add(extension_type, &[]));
            }
        });
        let refusal = if is_offered {
            offered_ones.push(extension_type);
            illegal(Kind::ExtensionNotAllowed(extension_type))
        } else {
            Refusal::As(Kind::ExtensionNotOffered(extension_type), A::UNSUPPORTED_EXTENSION)
        };
        refusal.check(&client, &extension_type.to_string());
    }
    let expected = [
        X::PSK_KEY_EXCHANGE_MODES,
        X::POST_HANDSHAKE_AUTH,
        X::KEY_SHARE,
        X::COMPRESS_CERTIFICATE,
        X::DELEGATED_CREDENTIAL,
        X::TICKET_REQUEST,
    ];
    assert_eq!(offered_ones, expected);
}

#[test]
fn extension_that_belongs_into_another_message_is_illegal_parameter() {
    for (extension_type, data) in [
        (X::SERVER_NAME, &[][..]),
        (X::APPLICATION_LAYER_PROTOCOL_NEGOTIATION, &[0, 3, 2, b'h', b'2']),
        (X::EXTENDED_MASTER_SECRET, &[]),
        (X::ENCRYPT_THEN_MAC, &[]),
        (X::SESSION_TICKET, &[]),
        (X::RENEGOTIATION_INFO, &[0]),
        (X::STATUS_REQUEST, &[]),
        (X::EC_POINT_FORMATS, &[1, 0]),
        (X::SUPPORTED_GROUPS, &[0, 2, 0, 29]),
        (X::SIGNATURE_ALGORITHMS, &[0, 2, 4, 3]),
        (X::COOKIE, &[0, 1, 0]),
        (X::EARLY_DATA, &[]),
    ] {
        let client = receiving(Side::Client, tls13_pair(EcP256, |_| {}, |_| {}), |wire| {
            raw::server_hello(wire, |hello| hello.extensions.add(extension_type, data));
        });
        MISPLACED.check(&client, &extension_type.to_string());
    }
}

#[test]
fn extension_that_was_not_requested_is_unsupported_extension() {
    for (extension_type, data) in
        [(X::PRE_SHARED_KEY, &[0, 0][..]), (X(0xffce), &[]), (X(0x0a0a), &[]), (X(0xfafa), &[1])]
    {
        let pair = tls13_pair(EcP256, |client| client.grease = true, |_| {});
        let client = receiving(Side::Client, pair, |wire| {
            raw::server_hello(wire, |hello| hello.extensions.add(extension_type, data));
        });
        unsolicited(extension_type, ExtensionMessage::ServerHello)
            .check(&client, &extension_type.to_string());
    }
}

#[test]
fn repeated_extension_and_wrong_length_are_decode_error() {
    for extension_type in [X::SUPPORTED_VERSIONS, X::KEY_SHARE] {
        let client = receiving(Side::Client, tls13_pair(EcP256, |_| {}, |_| {}), |wire| {
            raw::server_hello(wire, |hello| {
                let data = hello.extensions.get(extension_type).unwrap().to_vec();
                hello.extensions.add(extension_type, &data);
            });
        });
        MALFORMED.check(&client, &extension_type.to_string());
    }
    for change in
        [|body: &mut Vec<u8>| body.push(0), |body: &mut Vec<u8>| body.truncate(body.len() - 1), Vec::clear]
    {
        let client = receiving(Side::Client, tls13_pair(EcP256, |_| {}, |_| {}), |wire| {
            edit::body(wire, HandshakeType::SERVER_HELLO, change);
        });
        MALFORMED.check(&client, "wrong length");
    }
}

#[test]
fn share_for_a_group_without_our_share_is_refused() {
    let shares = |client: &mut ClientPolicy| client.tls13.key_shares = vec![NamedGroup::X25519];
    let cases: [(NamedGroup, Change); 3] = [
        (NamedGroup::SECP384R1, |hello| {
            hello.extensions.set(X::KEY_SHARE, &raw::share(NamedGroup::SECP384R1, &[4; 97]));
        }),
        (NamedGroup(0x7777), |hello| {
            hello.extensions.set(X::KEY_SHARE, &raw::share(NamedGroup(0x7777), &[4; 32]));
        }),
        (NamedGroup(0x0a0a), |hello| {
            hello.extensions.set(X::KEY_SHARE, &raw::share(NamedGroup(0x0a0a), &[4; 1]));
        }),
    ];
    for (group, change) in cases {
        refused(&group.to_string(), shares, change, illegal(Kind::GroupNotOffered(group)));
    }
}
