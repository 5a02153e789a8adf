//! The version: what each combination of two sides negotiates, and the protection against a downgrade (RFC
//! 9846 sections 4.2.3 and 4.3.1, RFC 7507).

use crate::{
    outcome::{Refusal, illegal, receiving},
    support::{End, Wire, edit, pair, raw, run, sessions, tls13_pair},
};
use cairn_crypto::KeySpec::EcP256;
use cairn_handshake::{HandshakeErrorKind as Kind, NotResumed};
use cairn_schedule::Side;
use cairn_wire::{AlertDescription as A, CipherSuite, ExtensionType as X, HandshakeType, ProtocolVersion};

/// The versions of one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaks {
    Tls12,
    Tls13,
    Both,
}

use Speaks::{Both, Tls12, Tls13};

fn sides(client: Speaks, server: Speaks) -> (End, End) {
    tls13_pair(
        EcP256,
        |policy| {
            if client == Tls12 {
                policy.tls13 = Default::default();
            }
            if client == Tls13 {
                policy.tls12.suites.clear();
            }
        },
        |policy| {
            if server == Tls12 {
                policy.tls13.suites.clear();
            }
            if server == Tls13 {
                policy.tls12.suites.clear();
            }
        },
    )
}

#[test]
fn highest_version_in_common_is_negotiated() {
    let (v12, v13) = (ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_3);
    for (client, server, version) in [
        (Tls12, Tls12, Ok(v12)),
        (Tls12, Both, Ok(v12)),
        (Both, Tls12, Ok(v12)),
        (Both, Both, Ok(v13)),
        (Both, Tls13, Ok(v13)),
        (Tls13, Both, Ok(v13)),
        (Tls13, Tls13, Ok(v13)),
        (Tls12, Tls13, Err(v12)),
        (Tls13, Tls12, Err(v13)),
    ] {
        let what = format!("{client:?}, {server:?}");
        let (mut client, mut server) = sides(client, server);
        run(&mut client, &mut server, |_, _| {});
        match version {
            Ok(version) => {
                for end in [&client, &server] {
                    assert_eq!(end.kind(), None, "{what}");
                    assert_eq!(end.complete.as_ref().unwrap().version(), version, "{what}");
                }
            }
            Err(peer) => {
                let refusal = Refusal::As(Kind::VersionNotSupported { peer }, A::PROTOCOL_VERSION);
                refusal.check(&server, &what);
                assert_eq!(client.kind(), Some(Kind::PeerAlert(A::PROTOCOL_VERSION)), "{what}");
            }
        }
    }
}

/// The end of the random of a server.
fn end_of_random((client, server): (End, End), change: fn(&mut raw::ClientHello)) -> [u8; 8] {
    let (mut client, mut server) = (client, server);
    let mut end = None;
    run(&mut client, &mut server, |_, wire| {
        raw::client_hello(wire, change);
        raw::any_server_hello(wire, |hello| end = hello.random.last_chunk().copied());
    });
    end.unwrap()
}

const TLS12_CHOSEN: [u8; 8] = *b"DOWNGRD\x01";

#[test]
fn server_of_tls_1_3_marks_its_random_in_tls_1_2() {
    let unchanged: fn(&mut raw::ClientHello) = |_| {};
    assert_eq!(end_of_random(sides(Tls12, Both), unchanged), TLS12_CHOSEN);
    let without_extension: fn(&mut raw::ClientHello) = |hello| hello.extensions.remove(X::SUPPORTED_VERSIONS);
    assert_eq!(end_of_random(sides(Both, Both), without_extension), TLS12_CHOSEN);
    let tls12_alone: fn(&mut raw::ClientHello) = |hello| {
        hello.extensions.set(X::SUPPORTED_VERSIONS, &raw::versions(&[0x0303]));
    };
    assert_eq!(end_of_random(sides(Both, Both), tls12_alone), TLS12_CHOSEN);
    // A resumption too.
    let (mut client, mut server) = sides(Tls12, Both);
    let (ours, theirs) = sessions();
    (client.session, server.session) = (Some(ours), Some(theirs));
    assert_eq!(end_of_random((client, server), unchanged), TLS12_CHOSEN);
    // A server of one version, and one that chooses TLS 1.3, have nothing to say.
    for (client, server) in [(Both, Tls12), (Tls12, Tls12), (Both, Both), (Tls13, Tls13)] {
        assert_ne!(end_of_random(sides(client, server), unchanged), TLS12_CHOSEN);
    }
}

#[test]
fn client_of_tls_1_3_refuses_a_marked_random_in_tls_1_2() {
    for mark in [b"DOWNGRD\x01", b"DOWNGRD\x00"] {
        let mark_it = |wire: &mut Wire| {
            raw::any_server_hello(wire, |hello| {
                *hello.random.last_chunk_mut().unwrap() = *mark;
            });
        };
        let client = receiving(Side::Client, sides(Both, Tls12), mark_it);
        illegal(Kind::Downgraded).check(&client, "both versions");
        // A client of TLS 1.2 alone knows nothing of it, and the signature fails.
        let client = receiving(Side::Client, sides(Tls12, Tls12), mark_it);
        assert_eq!(client.kind(), Some(Kind::BadSignature));
        // In a ServerHello of TLS 1.3 it has no meaning, and the transcript differs.
        let client = receiving(Side::Client, sides(Both, Both), mark_it);
        assert_ne!(client.kind(), Some(Kind::Downgraded));
    }
}

#[test]
fn fallback_scsv_is_refused_if_a_higher_version_is_possible() {
    let fallback: fn(&mut raw::ClientHello) = |hello| hello.suites.push(CipherSuite::TLS_FALLBACK_SCSV);
    let of = |client, server, change: fn(&mut raw::ClientHello)| {
        receiving(Side::Server, sides(client, server), |wire| {
            raw::client_hello(wire, |hello| {
                fallback(hello);
                change(hello);
            });
        })
    };
    let peer = ProtocolVersion::TLS_1_2;
    let refusal = Refusal::As(Kind::InappropriateFallback { peer }, A::INAPPROPRIATE_FALLBACK);
    refusal.check(&of(Tls12, Both, |_| {}), "no supported_versions");
    let tls12: fn(&mut raw::ClientHello) = |hello| {
        hello.extensions.set(X::SUPPORTED_VERSIONS, &raw::versions(&[0x0303]));
    };
    refusal.check(&of(Both, Both, tls12), "supported_versions with TLS 1.2");
    for server in [of(Both, Both, |_| {}), of(Tls12, Tls12, |_| {}), of(Both, Tls12, |_| {})] {
        assert!(!matches!(server.kind(), Some(Kind::InappropriateFallback { .. })), "{:?}", server.kind());
        assert!(server.log.len() > 1, "{:?}", server.log);
    }
}

/// Without supported_versions, legacy_version chooses among the versions up to TLS 1.2.
#[test]
fn legacy_version_never_negotiates_tls_1_3() {
    for number in [0x0303, 0x0304, 0x0305, 0x03ff] {
        let server = receiving(Side::Server, sides(Both, Both), |wire| {
            raw::client_hello(wire, |hello| {
                hello.version = number;
                hello.extensions.remove(X::SUPPORTED_VERSIONS);
            });
        });
        assert!(
            server.log.iter().any(|line| line == "send server_hello_done"),
            "{number:#x}: {:?}",
            server.log
        );
        let server = receiving(Side::Server, sides(Both, Tls13), |wire| {
            raw::client_hello(wire, |hello| {
                hello.version = number;
                hello.extensions.remove(X::SUPPORTED_VERSIONS);
            });
        });
        let peer = ProtocolVersion(number);
        let refusal = Refusal::As(Kind::VersionNotSupported { peer }, A::PROTOCOL_VERSION);
        refusal.check(&server, "a server of TLS 1.3 alone");
    }
}

/// "servers MUST NOT use the ClientHello.legacy_version value for version negotiation" if the extension is
/// there.
#[test]
fn supported_versions_decides_and_not_legacy_version() {
    let server = receiving(Side::Server, sides(Both, Both), |wire| {
        raw::client_hello(wire, |hello| {
            hello.version = 0x0302;
            hello.extensions.set(X::SUPPORTED_VERSIONS, &raw::versions(&[0x0303]));
        });
    });
    assert!(server.log.iter().any(|line| line == "send server_hello_done"), "{:?}", server.log);
}

#[test]
fn session_of_tls_1_2_rides_in_a_hello_that_offers_tls_1_3() {
    for (version, server) in [(ProtocolVersion::TLS_1_3, Both), (ProtocolVersion::TLS_1_2, Tls12)] {
        let (mut client, mut server) = sides(Both, server);
        let (ours, theirs) = sessions();
        (client.session, server.session) = (Some(ours), Some(theirs));
        let mut offered = Vec::new();
        run(&mut client, &mut server, |_, wire| {
            raw::client_hello(wire, |hello| offered.clone_from(&hello.session_id));
        });
        let id = client.session.as_ref().unwrap().tls12().unwrap().session_id();
        assert_eq!(offered, id.as_bytes());
        for end in [&client, &server] {
            assert_eq!(end.kind(), None);
            let complete = end.complete.as_ref().unwrap();
            assert_eq!(complete.version(), version);
            assert_eq!(complete.is_resumed(), version == ProtocolVersion::TLS_1_2);
        }
        let declined = (version == ProtocolVersion::TLS_1_3).then_some(NotResumed::DeclinedByServer);
        assert_eq!(client.complete.unwrap().resumption.not_resumed(), declined);
    }
}

/// A client of TLS 1.2 alone sends nothing of TLS 1.3.
#[test]
fn hello_of_tls_1_2_has_no_extension_of_tls_1_3() {
    let (mut client, _) = pair(EcP256, |_| {}, |_| {});
    client.start();
    let mut wire = client.out.pop_front().unwrap();
    assert!(edit::body_of(&wire, HandshakeType::CLIENT_HELLO).is_some());
    raw::client_hello(&mut wire, |hello| {
        for extension_type in [X::SUPPORTED_VERSIONS, X::KEY_SHARE, X::COOKIE, X::PSK_KEY_EXCHANGE_MODES] {
            assert!(hello.extensions.get(extension_type).is_none(), "{extension_type}");
        }
        assert!(hello.suites.iter().all(|suite| suite.0 >> 8 != 0x13));
    });
}
