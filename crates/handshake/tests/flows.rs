//! The message flows of RFC 5246 section 7.3: the full handshake, with and without client authentication, and
//! the abbreviated one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod support;

use cairn_crypto::KeySpec;
use cairn_handshake::{ClientAuthentication, HandshakeErrorKind, Machine, Requirement};
use cairn_wire::AlertDescription;
use std::sync::Arc;
use support::{End, cipher_key, credential, pair, run, server_policy};

#[test]
fn full_handshake_follows_figure_1() {
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    run(&mut client, &mut server, |_, _| {});
    assert_eq!(
        client.log,
        [
            "send client_hello",
            "send client_key_exchange",
            "send change_cipher_spec",
            "write keys, epoch application 0",
            "send finished",
            "read keys, epoch application 0",
            "write data opens",
            "read data opens",
            "complete",
        ]
    );
    assert_eq!(
        server.log,
        [
            "send server_hello",
            "send certificate",
            "send server_key_exchange",
            "send server_hello_done",
            "read keys, epoch application 0",
            "send change_cipher_spec",
            "write keys, epoch application 0",
            "send finished",
            "write data opens",
            "read data opens",
            "complete",
        ]
    );
    let (ours, theirs) = (client.complete.unwrap(), server.complete.unwrap());
    assert_eq!(ours.suite(), theirs.suite());
    assert_eq!(ours.group(), theirs.group());
    assert_eq!(ours.server_signature_scheme(), theirs.server_signature_scheme());
    assert!(ours.tls12().unwrap().extended_master_secret && theirs.tls12().unwrap().extended_master_secret);
    assert!(ours.tls12().unwrap().secure_renegotiation && theirs.tls12().unwrap().secure_renegotiation);
    assert!(!ours.is_resumed() && !theirs.is_resumed());
    assert_eq!(theirs.server_name.as_deref(), Some(&b"cairn.example"[..]));
    assert_eq!(ours.peer_chain.unwrap().iter().count(), 2);
    assert!(theirs.peer_chain.is_none());
}

#[test]
fn both_ends_have_the_same_keys_and_exports() {
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    run(&mut client, &mut server, |_, _| {});
    assert_eq!(cipher_key(&client.keys[0]), cipher_key(&server.keys[0]));
    assert_eq!(cipher_key(&client.keys[1]), cipher_key(&server.keys[1]));
    assert_ne!(cipher_key(&client.keys[0]), cipher_key(&client.keys[1]));
    let mut exported = [[0; 40]; 2];
    for (end, out) in [&client, &server].into_iter().zip(&mut exported) {
        end.machine.export_keying_material(b"EXPERIMENTAL cairn", Some(b"context"), out).unwrap();
    }
    assert_eq!(exported[0], exported[1]);
    assert_eq!(
        client.machine.verify_data().map(|(a, b)| (*a.as_bytes(), *b.as_bytes())),
        server.machine.verify_data().map(|(a, b)| (*a.as_bytes(), *b.as_bytes())),
    );
}

#[test]
fn client_authentication_adds_certificate_request_certificate_and_certificate_verify() {
    for spec in [KeySpec::EcP256, KeySpec::EcP384, KeySpec::Ed25519, KeySpec::Rsa { bits: 2048 }] {
        let authorities = vec![b"\x30\x00".to_vec()];
        let (mut client, mut server) = pair(
            KeySpec::EcP256,
            |_| {},
            |server| server.client_authentication = ClientAuthentication::Require { authorities },
        );
        let (own, public) = credential(spec);
        client.credential = Some(own);
        server.peer_key = Some(public);
        run(&mut client, &mut server, |_, _| {});
        let sent: Vec<_> = client.log.iter().filter_map(|line| line.strip_prefix("send ")).collect();
        assert_eq!(
            sent,
            [
                "client_hello",
                "certificate",
                "client_key_exchange",
                "certificate_verify",
                "change_cipher_spec",
                "finished"
            ]
        );
        let summary = server.complete.expect("complete");
        assert_eq!(summary.client_signature_scheme(), client.complete.unwrap().client_signature_scheme());
        assert_eq!(summary.peer_chain.unwrap().end_entity(), Some(&b"end entity"[..]));
    }
}

#[test]
fn client_without_certificate_is_accepted_only_if_authentication_is_optional() {
    for require in [false, true] {
        let authentication = if require {
            ClientAuthentication::Require { authorities: Vec::new() }
        } else {
            ClientAuthentication::Request { authorities: Vec::new() }
        };
        let (mut client, mut server) =
            pair(KeySpec::EcP256, |_| {}, |server| server.client_authentication = authentication);
        run(&mut client, &mut server, |_, _| {});
        assert!(client.log.iter().any(|line| line == "send certificate"));
        if require {
            assert_eq!(server.kind(), Some(HandshakeErrorKind::CertificateRequired));
            assert_eq!(
                client.kind(),
                Some(HandshakeErrorKind::PeerAlert(AlertDescription::HANDSHAKE_FAILURE))
            );
        } else {
            assert!(server.complete.unwrap().peer_chain.is_none());
        }
    }
}

#[test]
fn abbreviated_handshake_follows_figure_2() {
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    run(&mut client, &mut server, |_, _| {});
    let (ours, theirs) = (client.saved.unwrap(), server.saved.unwrap());
    assert_eq!(ours.tls12().unwrap().session_id(), theirs.tls12().unwrap().session_id());
    assert_eq!(ours.tls12().unwrap().master_secret, theirs.tls12().unwrap().master_secret);

    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    client.session = Some(ours);
    server.session = Some(theirs);
    run(&mut client, &mut server, |_, _| {});
    assert_eq!(
        client.log,
        [
            "send client_hello",
            "read keys, epoch application 0",
            "send change_cipher_spec",
            "write keys, epoch application 0",
            "send finished",
            "write data opens",
            "read data opens",
            "complete",
        ]
    );
    assert_eq!(
        server.log,
        [
            "send server_hello",
            "send change_cipher_spec",
            "write keys, epoch application 0",
            "send finished",
            "read keys, epoch application 0",
            "write data opens",
            "read data opens",
            "complete",
        ]
    );
    let summary = client.complete.unwrap();
    assert!(summary.is_resumed());
    assert_eq!(summary.peer_chain.unwrap().iter().count(), 2);
    assert!(client.saved.is_none() && server.saved.is_none(), "a resumed session is not a new one");
}

#[test]
fn unknown_session_leads_to_a_full_handshake_with_a_new_id() {
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    run(&mut client, &mut server, |_, _| {});
    let old = client.saved.unwrap();

    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    client.session = Some(old.clone());
    run(&mut client, &mut server, |_, _| {});
    assert!(!client.complete.unwrap().is_resumed());
    assert_ne!(client.saved.unwrap().tls12().unwrap().session_id(), old.tls12().unwrap().session_id());
}

#[test]
fn no_exporter_without_extended_master_secret() {
    let (mut client, mut server) = pair(KeySpec::EcP256, |_| {}, |_| {});
    // A peer without the extension.
    run(&mut client, &mut server, |from_client, wire| {
        if let support::Wire::Handshake(_, bytes) = wire
            && from_client
            && bytes[0] == 1
        {
            let at = bytes.windows(4).position(|window| window == [0, 0x17, 0, 0]).unwrap();
            bytes[at + 1] = 0xee;
        }
    });
    // The transcripts differ, which Finished detects.
    assert_eq!(server.kind(), Some(HandshakeErrorKind::WrongFinished));
    assert_eq!(client.kind(), Some(HandshakeErrorKind::PeerAlert(AlertDescription::DECRYPT_ERROR)));

    let mut policy = server_policy();
    policy.tls12.extended_master_secret = Requirement::Require;
    let mut server = End::new(Machine::server(Arc::new(policy)));
    let (mut client, _) = pair(KeySpec::EcP256, |_| {}, |_| {});
    run(&mut client, &mut server, |from_client, wire| {
        if let support::Wire::Handshake(_, bytes) = wire
            && from_client
        {
            let at = bytes.windows(4).position(|window| window == [0, 0x17, 0, 0]).unwrap();
            bytes[at + 1] = 0xee;
        }
    });
    assert_eq!(server.kind(), Some(HandshakeErrorKind::ExtendedMasterSecretMissing));
}
