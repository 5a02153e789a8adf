//! How a server responds to a ClientHello.

use crate::hello_extensions::{answered, types};
use crate::support::{
    agree,
    edit::{self, body_of, client_hello, server_hello},
    legacy::{self, old_extensions},
    pair, resuming_pair, run,
};
use cairn_crypto::{KeySpec, PrivateKeyDer};
use cairn_handshake::{CertificateChain, Credential, HandshakeErrorKind, Misuse, ServerPolicy};
use cairn_wire::{
    CipherSuite, ClientExtension, Decode, EcPointFormat, ExtensionType as X, HandshakeType, List, NameType,
    NamedGroup, ProtocolVersion, ServerExtension, ServerHello, ServerName, SignatureScheme,
};
use std::sync::Arc;

#[test]
fn server_responds_only_to_offered_extensions() {
    let all = answered(|_| {}, pair(KeySpec::EcP256, |_| {}, |_| {}));
    assert_eq!(all, [X::SERVER_NAME, X::EXTENDED_MASTER_SECRET, X::RENEGOTIATION_INFO, X::EC_POINT_FORMATS]);
    for removed in all.clone() {
        let rest = answered(|parts| parts.remove(removed), pair(KeySpec::EcP256, |_| {}, |_| {}));
        let expected: Vec<_> = all.iter().copied().filter(|extension| *extension != removed).collect();
        assert_eq!(rest, expected, "without {removed}");
    }
    // The SCSV is equivalent to the extension (RFC 5746 section 3.6).
    let scsv = answered(
        |parts| {
            parts.remove(X::RENEGOTIATION_INFO);
            parts.suites.push(CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
        },
        pair(KeySpec::EcP256, |_| {}, |_| {}),
    );
    assert_eq!(scsv, all);
    // Names of other types are not host names; unknown extensions are ignored.
    let strange = answered(
        |parts| {
            parts.remove(X::SERVER_NAME);
            let names = &[ServerName { name_type: NameType(9), name: b"somebody" }];
            parts.extensions.push(ClientExtension::ServerName(List::from_items(names)));
            let unknown = ClientExtension::Unknown { extension_type: X(0x2a2a), data: b"grease" };
            parts.extensions.push(unknown);
        },
        pair(KeySpec::EcP256, |_| {}, |_| {}),
    );
    assert_eq!(strange, [X::EXTENDED_MASTER_SECRET, X::RENEGOTIATION_INFO, X::EC_POINT_FORMATS]);
}

#[test]
fn resumption_omits_server_name_and_ec_point_formats() {
    // RFC 6066 section 3: no server_name; RFC 8422 section 4: ec_point_formats has no effect.
    let resumed = answered(|_| {}, resuming_pair(|_| {}, |_| {}));
    assert_eq!(resumed, [X::EXTENDED_MASTER_SECRET, X::RENEGOTIATION_INFO]);
    let unfit = answered(
        |parts| {
            parts.remove(X::EC_POINT_FORMATS);
            parts.remove(X::SUPPORTED_GROUPS);
            parts.remove(X::SIGNATURE_ALGORITHMS);
            parts.extensions.push(ClientExtension::EcPointFormats(List::from_items(&[EcPointFormat(1)])));
        },
        resuming_pair(|_| {}, |_| {}),
    );
    assert_eq!(unfit, resumed);
}

#[test]
fn server_negotiates_tls_1_2_with_a_client_of_a_higher_version() {
    let later = |parts: &mut edit::ClientParts<'_>| parts.hello.client_version = ProtocolVersion(0x0304);
    answered(later, pair(KeySpec::EcP256, |_| {}, |_| {}));
    // supported_versions takes precedence over client_version (RFC 9846 section 4.3.1).
    for client_version in [0x0301, 0x0303, 0x7f7f] {
        answered(
            |parts| {
                parts.hello.client_version = ProtocolVersion(client_version);
                let versions = &[ProtocolVersion(0x2a2a), ProtocolVersion(0x0304), ProtocolVersion::TLS_1_2];
                parts.extensions.push(ClientExtension::SupportedVersions(List::from_items(versions)));
            },
            pair(KeySpec::EcP256, |_| {}, |_| {}),
        );
    }
}

/// The curve that a server with these groups uses for a client that does not send supported_groups.
fn curve_without_supported_groups(groups: &[NamedGroup]) -> Option<NamedGroup> {
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |server| server.groups = groups.to_vec());
    let mut curve = None;
    run(&mut client, &mut server, |_, wire| {
        client_hello(wire, |parts| parts.remove(X::SUPPORTED_GROUPS));
        if let Some(body) = body_of(wire, HandshakeType::SERVER_KEY_EXCHANGE) {
            curve = Some(NamedGroup(u16::from_be_bytes([body[1], body[2]])));
        }
    });
    curve
}

#[test]
fn client_without_supported_groups_gets_secp256r1() {
    use NamedGroup as G;
    assert_eq!(curve_without_supported_groups(&[G::X25519, G::SECP384R1, G::SECP256R1]), Some(G::SECP256R1));
    // If the server does not support it, its own first group.
    assert_eq!(curve_without_supported_groups(&[G::X25519, G::SECP384R1]), Some(G::X25519));
    assert_eq!(curve_without_supported_groups(&[G::SECP384R1, G::X25519]), Some(G::SECP384R1));
}

#[test]
fn absent_signature_algorithms_implies_sha_1() {
    let legacy = cairn_provider_aws_lc::with_legacy_signatures(cairn_provider_aws_lc::provider());
    let takes_sha1 = |server: &mut ServerPolicy| {
        server.provider = legacy.clone();
        server.signature_schemes.push(SignatureScheme::ECDSA_SHA1);
    };
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, takes_sha1);
    let der = legacy.keys.generate(KeySpec::EcP256, &mut legacy.rng()).unwrap();
    let key = legacy.keys.load(PrivateKeyDer::Pkcs8(der.expose())).unwrap();
    let chain = CertificateChain::new(&[b"end entity"]).unwrap();
    server.credential = Some(Arc::new(Credential::new(chain, key)));
    let mut schemes = Vec::new();
    run(&mut client, &mut server, |_, wire| {
        client_hello(wire, |parts| {
            parts.remove(X::SIGNATURE_ALGORITHMS);
            parts.remove(X::SUPPORTED_GROUPS);
        });
        if let Some(body) = body_of(wire, HandshakeType::SERVER_KEY_EXCHANGE) {
            // Curve type, curve, and a point of secp256r1 after its length; then the scheme.
            assert_eq!(body[..4], [3, 0, 23, 65]);
            schemes.push(SignatureScheme(u16::from_be_bytes([body[69], body[70]])));
        }
    });
    assert_eq!(schemes, [SignatureScheme::ECDSA_SHA1], "{:?}", server.log);

    // Without a shared scheme, negotiation fails.
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    run(&mut client, &mut server, |_, wire| {
        client_hello(wire, |parts| parts.remove(X::SIGNATURE_ALGORITHMS));
    });
    assert_eq!(server.error().unwrap().kind, HandshakeErrorKind::NoSharedCipherSuite);
}

#[test]
fn client_ignores_supported_groups_of_the_server() {
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    run(&mut client, &mut server, |_, wire| {
        server_hello(wire, |parts| {
            let groups = List::from_items(&[NamedGroup::SECP256R1]);
            parts.extensions.push(ServerExtension::SupportedGroups(groups));
        });
    });
    assert!(client.log.iter().any(|line| line == "send finished"), "{:?}", client.log);
}

#[test]
fn alpn_follows_the_servers_preference_also_on_resumption() {
    let names = |names: &[&str]| names.iter().map(|name| name.as_bytes().to_vec()).collect::<Vec<_>>();
    let with = |ours: &[&str], theirs: &[&str]| {
        let (ours, theirs) = (names(ours), names(theirs));
        pair(KeySpec::EcP256, |client| client.alpn_protocols = ours, |server| server.alpn_protocols = theirs)
    };
    let (mut client, mut server) = with(&["http/1.1", "h2"], &["h2", "http/1.1"]);
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
    assert_eq!(client.complete.unwrap().alpn.as_deref(), Some(&b"h2"[..]));
    let (ours, theirs) = (client.saved.unwrap(), server.saved.unwrap());

    let (mut client, mut server) = with(&["http/1.1"], &["h2", "http/1.1"]);
    (client.session, server.session) = (Some(ours), Some(theirs));
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
    let summary = client.complete.unwrap();
    assert_eq!((summary.is_resumed(), summary.alpn.as_deref()), (true, Some(&b"http/1.1"[..])));

    // A server without protocols ignores the extension, and a client that sends none gets none.
    for (ours, theirs) in [(&["h2"][..], &[][..]), (&[], &["h2"])] {
        let (mut client, mut server) = with(ours, theirs);
        run(&mut client, &mut server, |_, _| {});
        assert!(agree(&client, &server));
        assert_eq!(client.complete.unwrap().alpn, None);
    }
}

#[test]
fn client_without_extensions_gets_a_hello_without_extensions() {
    let (_, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    let done = legacy::client(&mut server, &[], &old_extensions());
    assert!(done.finished && server.machine.is_established());
    let hello = ServerHello::decode_exact(&done.server_hello).unwrap();
    assert!(hello.extensions.is_none(), "a client without extensions gets no extension block");
    let summary = server.complete.as_ref().unwrap();
    assert!(
        !summary.tls12().unwrap().extended_master_secret && !summary.tls12().unwrap().secure_renegotiation
    );
    // RFC 7627 section 5.4: no exporters. Section 5.3: no resumption.
    let exported = server.machine.export_keying_material(b"EXPERIMENTAL", None, &mut [0; 8]);
    assert_eq!(exported, Err(Misuse::NoExtendedMasterSecret));
    assert!(hello.session_id.is_empty() && server.saved.is_none());

    // With the SCSV, the client supports secure renegotiation.
    let (_, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    let scsv = [CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV];
    let done = legacy::client(&mut server, &scsv, &old_extensions());
    assert!(done.finished && server.complete.as_ref().unwrap().tls12().unwrap().secure_renegotiation);
    assert_eq!(types(&done.server_hello), [X::RENEGOTIATION_INFO]);
}
