//! The protection of records does not become weaker in a renegotiation (RFC 7366).

use crate::again::again;
use crate::support::{
    agree, encrypts_then_macs, run, server_policy,
    walk::{named_suite, renegotiating_pair},
};
use cairn_handshake::{HandshakeErrorKind, Renegotiation};

#[test]
fn renegotiation_must_not_remove_encrypt_then_mac_from_a_block_cipher() {
    let cbc = named_suite("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA");
    let (mut client, mut server) =
        renegotiating_pair(|p| p.tls12.suites.push(cbc), |p| p.tls12.suites = vec![cbc]);
    run(&mut client, &mut server, |_, _| {});
    assert!(client.complete.as_ref().unwrap().tls12().unwrap().protection.is_encrypt_then_mac());
    let mut policy = server_policy();
    policy.tls12.renegotiation = Renegotiation::Allowed;
    server.machine.set_server_policy(policy.clone().into()).unwrap();
    again(&mut client, &mut server, true);
    assert!(
        agree(&client, &server)
            && !client.complete.as_ref().unwrap().tls12().unwrap().protection.is_encrypt_then_mac()
    );
    // A detour through an AEAD suite does not remove it (RFC 7366 section 3.1).
    policy.tls12.suites = vec![cbc];
    policy.tls12.encrypt_then_mac = false;
    server.machine.set_server_policy(policy.into()).unwrap();
    again(&mut client, &mut server, true);
    assert_eq!(server.kind(), Some(HandshakeErrorKind::EncryptThenMacDropped));
}

#[test]
fn renegotiation_may_add_encrypt_then_mac() {
    let cbc = named_suite("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA");
    let without = |policy: &mut cairn_handshake::ServerPolicy| {
        policy.tls12.suites = vec![cbc];
        policy.tls12.encrypt_then_mac = false;
    };
    let (mut client, mut server) = renegotiating_pair(|policy| policy.tls12.suites = vec![cbc], without);
    run(&mut client, &mut server, |_, _| {});
    assert!(!client.complete.as_ref().unwrap().tls12().unwrap().protection.is_encrypt_then_mac());
    let mut policy = server_policy();
    policy.tls12.renegotiation = Renegotiation::Allowed;
    policy.tls12.suites = vec![cbc];
    server.machine.set_server_policy(policy.into()).unwrap();
    again(&mut client, &mut server, true);
    assert!(
        agree(&client, &server)
            && client.complete.as_ref().unwrap().tls12().unwrap().protection.is_encrypt_then_mac()
    );
    // The order of MAC and encryption changes with ChangeCipherSpec (RFC 7366 section 3.1).
    for end in [&client, &server] {
        let orders: Vec<bool> = end.keys.iter().map(encrypts_then_macs).collect();
        assert_eq!(orders, [false, false, true, true]);
    }
}
