//! Renegotiation of a TLS 1.2 connection between sides that speak TLS 1.3 too (RFC 9846 sections 4.2.2 and
//! 4.2.3).

use crate::{
    outcome::Refusal,
    support::{End, NOW, edit, go_on, raw, run, tls13_pair},
};
use cairn_crypto::KeySpec::EcP256;
use cairn_handshake::{HandshakeErrorKind as Kind, Input, Renegotiation};
use cairn_wire::{AlertDescription as A, ExtensionType as X, HandshakeType, NamedGroup, ProtocolVersion};

/// Two sides with a complete TLS 1.2 handshake, of which this one speaks TLS 1.3.
fn complete(client_speaks_tls13: bool) -> (End, End) {
    let (mut client, mut server) = tls13_pair(
        EcP256,
        |client| {
            client.tls12.renegotiation = Renegotiation::Allowed;
            if !client_speaks_tls13 {
                client.tls13.suites.clear();
            }
        },
        |server| {
            server.tls12.renegotiation = Renegotiation::Allowed;
            if client_speaks_tls13 {
                server.tls13.suites.clear();
            }
        },
    );
    run(&mut client, &mut server, |_, _| {});
    for end in [&mut client, &mut server] {
        let complete = end.complete.take().unwrap();
        assert_eq!((end.kind(), complete.version()), (None, ProtocolVersion::TLS_1_2));
        end.log.clear();
    }
    (client, server)
}

const AGAIN: Input<'static> = Input::Renegotiate { now: NOW };

/// The server of a renegotiation whose ClientHello has these versions and a key share, and the ServerHello
/// that it has sent.
fn server_with(versions: &[u16]) -> (End, Option<raw::ServerHello>) {
    let (mut client, mut server) = complete(false);
    let mut sent = None;
    client.step(AGAIN);
    go_on(&mut client, &mut server, |_, wire| {
        raw::client_hello(wire, |hello| {
            assert!(hello.extensions.get(X::SUPPORTED_VERSIONS).is_none());
            hello.extensions.add(X::SUPPORTED_VERSIONS, &raw::versions(versions));
            let mut shares = Vec::new();
            let share = raw::share(NamedGroup::X25519, &[9; 32]);
            shares.extend_from_slice(&u16::try_from(share.len()).unwrap().to_be_bytes());
            shares.extend_from_slice(&share);
            hello.extensions.add(X::KEY_SHARE, &shares);
        });
        raw::any_server_hello(wire, |hello| sent = Some(hello.clone()));
    });
    (server, sent)
}

/// "If a server established a TLS connection with a previous version of TLS and receives a TLS 1.3
/// ClientHello in a renegotiation, it MUST retain the previous protocol version."
#[test]
fn server_retains_tls_1_2_in_a_renegotiation() {
    let (server, hello) = server_with(&[0x0304, 0x0303]);
    let hello = hello.unwrap();
    assert_eq!((hello.version, hello.is_retry()), (0x0303, false));
    assert!(hello.extensions.get(X::SUPPORTED_VERSIONS).is_none());
    assert!(server.log.iter().any(|line| line == "send server_hello_done"), "{:?}", server.log);
    let (server, hello) = server_with(&[0x0304]);
    assert!(hello.is_none());
    let kind = Kind::VersionNotSupported { peer: ProtocolVersion::TLS_1_3 };
    Refusal::As(kind, A::PROTOCOL_VERSION).check(&server, "TLS 1.3 alone");
}

/// A client that has negotiated TLS 1.2 does not offer TLS 1.3 again. "A legacy TLS client performing
/// renegotiation with TLS 1.2 or prior and which receives a TLS 1.3 ServerHello during renegotiation MUST
/// abort the handshake with a "protocol_version" alert."
#[test]
fn server_hello_of_tls_1_3_in_a_renegotiation_is_protocol_version() {
    for speaks_tls13 in [true, false] {
        let (mut client, mut server) = complete(speaks_tls13);
        client.step(AGAIN);
        go_on(&mut client, &mut server, |_, wire| {
            raw::client_hello(wire, |hello| {
                assert!(hello.extensions.get(X::SUPPORTED_VERSIONS).is_none());
                assert!(hello.suites.iter().all(|suite| suite.0 >> 8 != 0x13));
            });
            raw::any_server_hello(wire, |hello| {
                hello.suite = cairn_wire::CipherSuite::TLS_AES_128_GCM_SHA256;
                hello.extensions = raw::Extensions::default();
                hello.extensions.add(X::SUPPORTED_VERSIONS, &[3, 4]);
                hello.extensions.add(X::KEY_SHARE, &raw::share(NamedGroup::X25519, &[9; 32]));
            });
        });
        let kind = Kind::VersionNotSupported { peer: ProtocolVersion::TLS_1_3 };
        Refusal::As(kind, A::PROTOCOL_VERSION).check(&client, "ServerHello");
        // A HelloRetryRequest is a ServerHello of TLS 1.3 too.
        let (mut client, mut server) = complete(speaks_tls13);
        client.step(AGAIN);
        go_on(&mut client, &mut server, |_, wire| {
            edit::body(wire, HandshakeType::SERVER_HELLO, |body| *body = retry_request());
        });
        Refusal::As(kind, A::PROTOCOL_VERSION).check(&client, "HelloRetryRequest");
    }
}

/// The body of a HelloRetryRequest.
fn retry_request() -> Vec<u8> {
    let mut extensions = raw::Extensions::default();
    extensions.add(X::SUPPORTED_VERSIONS, &[3, 4]);
    extensions.add(X::KEY_SHARE, &NamedGroup::X25519.0.to_be_bytes());
    raw::ServerHello {
        version: 0x0303,
        random: cairn_wire::Random::HELLO_RETRY_REQUEST.0,
        session_id: Vec::new(),
        suite: cairn_wire::CipherSuite::TLS_AES_128_GCM_SHA256,
        compression: 0,
        extensions,
    }
    .write()
}
