//! Cases about the negotiation in the hellos.

//! The modification of a handshake for each kind of error.

use crate::case::{Case, P256, client_of, honest, server_of, suite_pair, suite_pair_with, tampered};
use crate::support::{
    self, End, Wire,
    edit::{client_hello, server_hello},
    pair,
    walk::named_suite,
};
use cairn_crypto::KeySpec;
use cairn_handshake::{ClientAuthentication, Floor};
use cairn_schedule::SUITES;
use cairn_wire::{
    AlertDescription as A, CipherSuite, ClientExtension, CompressionMethod, EcPointFormat, ExtensionType,
    KeyExchangeAlgorithm, List, NameType, NamedGroup, ProtocolName, ProtocolVersion, ServerExtension,
    ServerName, SignatureScheme,
};
use std::sync::Arc;

/// The server of a pair whose client lists only this finite field, which the server does not support.
fn name_field((client, mut server): (End, End), field: NamedGroup) -> End {
    let mut policy = support::server_policy();
    policy.groups = vec![NamedGroup::X25519, NamedGroup::FFDHE2048];
    policy.tls12.suites =
        SUITES.iter().filter(|suite| suite.key_exchange == KeyExchangeAlgorithm::Dhe).collect();
    policy
        .tls12
        .suites
        .extend(SUITES.iter().filter(|suite| suite.key_exchange == KeyExchangeAlgorithm::DhAnon));
    server.machine = cairn_handshake::Machine::server(Arc::new(policy));
    tampered((client, server), |wire| {
        client_hello(wire, |parts| {
            parts.remove(ExtensionType::SUPPORTED_GROUPS);
            let field = vec![field].leak();
            parts.extensions.push(ClientExtension::SupportedGroups(List::from_items(field)));
        });
    })
    .1
}

#[rustfmt::skip]
pub(crate) fn cases() -> Vec<Case> {
    Vec::from(cases! {
    BelowFloor, "a server that was not verified", Some(A::INSUFFICIENT_SECURITY), || {
        let floor = Floor { authenticated_peer: true, ..Floor::default() };
        let (mut client, server) = pair(P256, |policy| policy.floor = floor, |_| {});
        client.credulous = true;
        honest((client, server)).0
    };
    BelowFloor, "a client without a certificate", Some(A::INSUFFICIENT_SECURITY), || {
        let floor = Floor { authenticated_peer: true, ..Floor::default() };
        honest(pair(P256, |_| {}, |policy| {
            policy.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
            policy.floor = floor;
        })).1
    };
    BelowFloor, "no forward secrecy", Some(A::INSUFFICIENT_SECURITY), || {
        let floor = Floor { forward_secrecy: true, ..Floor::default() };
        honest(suite_pair_with("TLS_RSA_WITH_AES_128_GCM_SHA256", |policy| policy.floor = floor)).0
    };
    BelowFloor, "a key of 2048 bits", Some(A::INSUFFICIENT_SECURITY), || {
        let floor = Floor { bits: 128, ..Floor::default() };
        honest(suite_pair_with("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", |policy| policy.floor = floor)).0
    };
    VersionNotSupported, "a client of TLS 1.1", Some(A::PROTOCOL_VERSION), || {
        server_of(|parts| parts.hello.client_version = ProtocolVersion(0x0302))
    };
    InappropriateFallback, "a client that fell back to TLS 1.1", Some(A::INAPPROPRIATE_FALLBACK), || {
        server_of(|parts| {
            parts.hello.client_version = ProtocolVersion(0x0302);
            parts.suites.push(CipherSuite::TLS_FALLBACK_SCSV);
        })
    };
    VersionNotSupported, "supported_versions with TLS 1.3 alone", Some(A::PROTOCOL_VERSION), || {
        server_of(|parts| parts.extensions.push(ClientExtension::SupportedVersions(List::from_items(&[
            ProtocolVersion(0x0304),
        ]))))
    };
    VersionNotSupported, "a client of SSL 3.0", Some(A::PROTOCOL_VERSION), || {
        server_of(|parts| parts.hello.client_version = ProtocolVersion(0x0300))
    };
    VersionNotSupported, "a server that chooses SSL 3.0", Some(A::PROTOCOL_VERSION), || {
        client_of(|parts| parts.hello.server_version = ProtocolVersion(0x0300))
    };
    VersionNotSupported, "a server that chooses TLS 1.1", Some(A::PROTOCOL_VERSION), || {
        client_of(|parts| parts.hello.server_version = ProtocolVersion(0x0302))
    };
    VersionNotSupported, "a server that chooses TLS 1.3", Some(A::PROTOCOL_VERSION), || {
        client_of(|parts| parts.hello.server_version = ProtocolVersion(0x0304))
    };
    NoSharedCipherSuite, "unknown suites", Some(A::HANDSHAKE_FAILURE), || {
        server_of(|parts| parts.suites = vec![CipherSuite(0x0a0a), CipherSuite::TLS_FALLBACK_SCSV,
            CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV])
    };
    NoSharedCipherSuite, "no group in common", Some(A::HANDSHAKE_FAILURE), || {
        server_of(|parts| {
            parts.remove(ExtensionType::SUPPORTED_GROUPS);
            parts.extensions.push(ClientExtension::SupportedGroups(List::from_items(&[
                NamedGroup::FFDHE2048, NamedGroup(0x1a1a),
            ])));
        })
    };
    NoSharedCipherSuite, "a curve for the exchange alone", Some(A::HANDSHAKE_FAILURE), || {
        server_of(|parts| {
            parts.remove(ExtensionType::SUPPORTED_GROUPS);
            parts.extensions.push(ClientExtension::SupportedGroups(List::from_items(&[NamedGroup::X25519])));
        })
    };
    NoSharedCipherSuite, "no signature_algorithms, which means SHA-1", Some(A::HANDSHAKE_FAILURE), || {
        server_of(|parts| parts.remove(ExtensionType::SIGNATURE_ALGORITHMS))
    };
    NoSharedCipherSuite, "signature schemes for other keys only", Some(A::HANDSHAKE_FAILURE), || {
        let schemes = vec![SignatureScheme::RSA_PKCS1_SHA256];
        honest(pair(P256, |client| client.signature_schemes = schemes, |_| {})).1
    };
    NoSharedCipherSuite, "suites for other keys only", Some(A::HANDSHAKE_FAILURE), || {
        honest(pair(KeySpec::Rsa { bits: 2048 }, |client| client.tls12.suites.truncate(1), |_| {})).1
    };
    NoSharedCipherSuite, "no uncompressed points, and no curves either", Some(A::HANDSHAKE_FAILURE), || {
        server_of(|parts| {
            parts.remove(ExtensionType::SUPPORTED_GROUPS);
            parts.remove(ExtensionType::EC_POINT_FORMATS);
            parts.extensions.push(ClientExtension::EcPointFormats(List::from_items(&[EcPointFormat(1)])));
        })
    };
    NoSharedField, "a group not accepted, and no suite without one", Some(A::INSUFFICIENT_SECURITY), || {
        name_field(suite_pair("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"), NamedGroup::FFDHE4096)
    };
    NoSharedField, "an unknown field", Some(A::INSUFFICIENT_SECURITY), || {
        name_field(suite_pair("TLS_DH_anon_WITH_AES_128_GCM_SHA256"), NamedGroup(0x01fc))
    };
    NoSharedField, "a suite without a group, for another key", Some(A::INSUFFICIENT_SECURITY), || {
        let suites = || ["TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"];
        let suites = || suites().map(named_suite).to_vec();
        let ends = pair(
            KeySpec::Rsa { bits: 2048 },
            |client| client.tls12.suites = suites(),
            |server| server.tls12.suites = suites(),
        );
        tampered(ends, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::SUPPORTED_GROUPS);
            parts.extensions.push(ClientExtension::SupportedGroups(List::from_items(&[
                NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup(0x01fc),
            ])));
        })).1
    };
    NoSharedApplicationProtocol, "h2 against http/1.1", Some(A::NO_APPLICATION_PROTOCOL), || {
        honest(pair(P256, |client| client.alpn_protocols = vec![b"h2".to_vec()],
            |server| server.alpn_protocols = vec![b"http/1.1".to_vec()])).1
    };
    CipherSuiteNotOffered, "TLS_RSA_WITH_NULL_MD5", Some(A::ILLEGAL_PARAMETER), || {
        client_of(|parts| parts.hello.cipher_suite = CipherSuite(0x0001))
    };
    CipherSuiteNotOffered, "a suite of ours that this client does not offer", Some(A::ILLEGAL_PARAMETER), || {
        let ends = pair(P256, |client| client.tls12.suites.truncate(1), |_| {});
        tampered(ends, |wire| server_hello(wire, |parts| parts.hello.cipher_suite = SUITES[2].id)).0
    };
    CompressionNotOffered, "the server chooses DEFLATE", Some(A::ILLEGAL_PARAMETER), || {
        client_of(|parts| parts.hello.compression_method = CompressionMethod(1))
    };
    NullCompressionMissing, "the client offers DEFLATE alone", Some(A::ILLEGAL_PARAMETER), || {
        server_of(|parts| parts.compression = vec![CompressionMethod(1)])
    };
    ApplicationProtocolNotOffered, "the server chooses another", Some(A::ILLEGAL_PARAMETER), || {
        let protocols = || vec![b"h2".to_vec()];
        let ends = pair(P256, |c| c.alpn_protocols = protocols(), |s| s.alpn_protocols = protocols());
        tampered(ends, |wire| server_hello(wire, |parts| {
            parts.remove(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION);
            parts.extensions.push(ServerExtension::ApplicationLayerProtocolNegotiation(ProtocolName(b"h3")));
        })).0
    };
    BadServerName, "a name with a zero byte", Some(A::ILLEGAL_PARAMETER), || {
        server_of(|parts| {
            parts.remove(ExtensionType::SERVER_NAME);
            parts.extensions.push(ClientExtension::ServerName(List::from_items(&[
                ServerName { name_type: NameType::HOST_NAME, name: b"cairn.example\0.evil" },
            ])));
        })
    };
    NoUncompressedPoints, "by the client", Some(A::ILLEGAL_PARAMETER), || {
        server_of(|parts| {
            parts.remove(ExtensionType::EC_POINT_FORMATS);
            parts.extensions.push(ClientExtension::EcPointFormats(List::from_items(&[EcPointFormat(1)])));
        })
    };
    NoUncompressedPoints, "by a client that could do without curves", Some(A::ILLEGAL_PARAMETER), || {
        let suites = || {
            [
                named_suite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
                named_suite("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"),
                named_suite("TLS_RSA_WITH_AES_128_GCM_SHA256"),
            ]
        };
        let rsa = KeySpec::Rsa { bits: 2048 };
        let pair = pair(
            rsa,
            |client| client.tls12.suites = suites().into(),
            |server| server.tls12.suites = suites().into(),
        );
        let unfit = |wire: &mut Wire| {
            client_hello(wire, |parts| {
                parts.remove(ExtensionType::EC_POINT_FORMATS);
                parts.extensions.push(ClientExtension::EcPointFormats(List::from_items(&[EcPointFormat(1)])));
            });
        };
        tampered(pair, unfit).1
    };
    NoUncompressedPoints, "by the server", Some(A::ILLEGAL_PARAMETER), || {
        client_of(|parts| {
            parts.remove(ExtensionType::EC_POINT_FORMATS);
            parts.extensions.push(ServerExtension::EcPointFormats(List::from_items(&[EcPointFormat(1)])));
        })
    };
    })
}
