//! The contents of the hellos.

use crate::support::{
    End, Wire, agree, client_policy,
    edit::{self, body_of, client_hello, server_hello},
    legacy::{self, old_extensions},
    pair, resuming_pair, run,
};
use cairn_crypto::KeySpec;
use cairn_handshake::{HandshakeErrorKind, Machine};
use cairn_schedule::Epoch;
use cairn_wire::{
    CipherSuite, ClientExtension, ClientHello, CompressionMethod, Decode, ExtensionType as X, Extensions,
    HandshakeType, List, ProtocolVersion, Random, ServerName, SessionId,
};
use std::sync::Arc;

#[test]
fn invalid_host_name_in_server_name_is_refused() {
    let long = vec![b'a'; 256];
    for (name, fits) in [
        (&b"cairn.example"[..], true),
        (&long[..255], true),
        (&long, false),
        (b"cairn example", false),
        (b"caf\xc3\xa9.example", false),
        (b"cairn.example\n", false),
    ] {
        let (_, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
        let names = [ServerName::host(name)];
        let mut extensions = old_extensions();
        extensions.push(ClientExtension::ServerName(List::from_items(&names)));
        if fits {
            assert!(legacy::client(&mut server, &[], &extensions).finished);
            assert_eq!(server.complete.unwrap().server_name.as_deref(), Some(name));
        } else {
            let hello = edit::encode(&ClientHello {
                client_version: ProtocolVersion::TLS_1_2,
                random: Random([0; 32]),
                session_id: SessionId::EMPTY,
                cipher_suites: List::from_items(&[CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]),
                compression_methods: List::from_items(&[CompressionMethod::NULL]),
                extensions: Some(Extensions::from_items(&extensions)),
            });
            server.start();
            server.receive(&Wire::Handshake(Epoch::tls12(0), hello));
            assert_eq!(server.kind(), Some(HandshakeErrorKind::BadServerName), "{name:?}");
        }
    }
}

#[test]
fn client_hello_follows_the_policy() {
    let mut policy = client_policy();
    policy.alpn_protocols = vec![b"h2".to_vec()];
    let mut client = End::new(Machine::client(Arc::new(policy), None, None));
    client.start();
    let Some(Wire::Handshake(_, bytes)) = client.out.pop_front() else { panic!("no hello") };
    let hello = ClientHello::decode_exact(&bytes[4..]).unwrap();
    assert_eq!(hello.client_version, ProtocolVersion::TLS_1_2);
    assert!(hello.session_id.is_empty());
    // RFC 5746 section 3.4: both the extension and the SCSV are not recommended.
    assert!(!hello.cipher_suites.contains(&CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV));
    let types: Vec<_> = hello.extensions.unwrap().types().collect();
    assert_eq!(
        types,
        [
            X::EXTENDED_MASTER_SECRET,
            X::RENEGOTIATION_INFO,
            X::SUPPORTED_GROUPS,
            X::STATUS_REQUEST,
            X::SIGNED_CERTIFICATE_TIMESTAMP,
            X::EC_POINT_FORMATS,
            X::APPLICATION_LAYER_PROTOCOL_NEGOTIATION,
            X::SIGNATURE_ALGORITHMS,
        ]
    );
}

#[test]
fn client_hello_has_the_same_extensions_when_resuming() {
    // The client cannot know whether the session will be resumed (RFC 5246 section 7.4.1.4).
    let session = crate::support::sessions().0;
    let hello = |set: fn(&mut cairn_handshake::ClientPolicy), resuming: bool| {
        let (mut client, _) = pair(KeySpec::EcP256, set, |_| {});
        client.session = resuming.then(|| session.clone());
        client.start();
        body_of(&client.out.pop_front().unwrap(), HandshakeType::CLIENT_HELLO).unwrap()
    };
    let bodies = [false, true].map(|resuming| hello(|_| {}, resuming));
    let [new, resuming] = [0, 1].map(|i: usize| ClientHello::decode_exact(&bodies[i]).unwrap());
    assert_eq!(
        (new.session_id, resuming.session_id),
        (SessionId::EMPTY, *session.tls12().unwrap().session_id())
    );
    assert_eq!(resuming.extensions, new.extensions);
    let ours: Vec<_> = client_policy().tls12.suites.iter().map(|suite| suite.id).collect();
    for hello in [new, resuming] {
        assert!(hello.cipher_suites.iter().eq(ours.iter().copied()), "in the policy's order");
        assert!(hello.cipher_suites.contains(&session.suite().id()));
        assert!(hello.compression_methods.iter().eq([CompressionMethod::NULL]));
    }
    // A session is offered only together with its suite.
    let without = hello(|policy| policy.tls12.suites.retain(|suite| suite.id.0 != 0xc02b), true);
    assert_eq!(session.suite().id().0, 0xc02b);
    assert!(ClientHello::decode_exact(&without).unwrap().session_id.is_empty());
}

#[test]
fn every_hello_has_a_new_random() {
    let mut seen: Vec<Vec<u8>> = Vec::new();
    for resumed in [false, true, true] {
        let (mut client, mut server) =
            if resumed { resuming_pair(|_| {}, |_| {}) } else { pair(KeySpec::EcP256, |_| {}, |_| {}) };
        run(&mut client, &mut server, |_, wire| {
            // The first four bytes may be the time in old peers.
            client_hello(wire, |parts| seen.push(parts.hello.random.0[4..].to_vec()));
            server_hello(wire, |parts| seen.push(parts.hello.random.0[4..].to_vec()));
        });
        assert!(agree(&client, &server));
    }
    assert_eq!(seen.len(), 6);
    for (place, random) in seen.iter().enumerate() {
        assert!(!seen[..place].contains(random), "{place}");
        assert!(random.iter().any(|byte| *byte != random[0]));
    }
}
