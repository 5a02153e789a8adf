//! Key shares that do not belong to their groups (RFC 9846 section 4.3.8), in both roles.

use crate::{
    outcome::{illegal, receiving},
    support::{End, client_policy, raw, run, server_policy, tls13_pair},
};
use cairn_crypto::KeySpec::EcP256;
use cairn_handshake::{HandshakeErrorKind as Kind, Policy};
use cairn_schedule::Side;
use cairn_wire::{ExtensionType as X, NamedGroup};

/// The groups that both sides support by default.
fn groups() -> Vec<NamedGroup> {
    let server = server_policy().with_tls13(Policy::Modern);
    client_policy().groups.into_iter().filter(|group| server.groups.contains(group)).collect()
}

fn pair_of(group: NamedGroup) -> (End, End) {
    tls13_pair(EcP256, |client| client.tls13.key_shares = vec![group], |server| server.groups = vec![group])
}

#[test]
fn share_of_the_wrong_length_is_illegal_parameter() {
    for group in groups() {
        for change in [
            |share: &mut Vec<u8>| share.push(0),
            |share: &mut Vec<u8>| share.truncate(share.len() - 1),
            |share: &mut Vec<u8>| share.truncate(1),
        ] {
            let server = receiving(Side::Server, pair_of(group), |wire| {
                raw::client_hello(wire, |hello| {
                    let mut shares = hello.shares();
                    change(&mut shares[0].1);
                    hello.set_shares(&shares);
                });
            });
            illegal(Kind::BadPeerShare).check(&server, &group.to_string());
            let client = receiving(Side::Client, pair_of(group), |wire| {
                raw::server_hello(wire, |hello| {
                    let mut share = hello.extensions.get(X::KEY_SHARE).unwrap()[4..].to_vec();
                    change(&mut share);
                    hello.extensions.set(X::KEY_SHARE, &raw::share(group, &share));
                });
            });
            illegal(Kind::BadPeerShare).check(&client, &group.to_string());
        }
    }
}

/// Values of the right length that are invalid in their groups.
#[test]
fn invalid_public_value_is_illegal_parameter() {
    for group in groups() {
        // Zeros are a point of small order of X25519, and no point of the other curves. As an encapsulation
        // key of ML-KEM they are valid, but the other component of a hybrid is not.
        let mut of_client = vec![0];
        let mut of_server = vec![0];
        // A coordinate or a coefficient of ones is not reduced. RFC 7748 section 5 accepts such a value of
        // X25519, and every ciphertext of ML-KEM decapsulates to something.
        if group != NamedGroup::X25519 {
            of_client.push(0xff);
        }
        if ![NamedGroup::X25519, NamedGroup::X25519MLKEM768].contains(&group) {
            of_server.push(0xff);
        }
        for byte in of_client {
            let server = receiving(Side::Server, pair_of(group), |wire| {
                raw::client_hello(wire, |hello| {
                    let mut shares = hello.shares();
                    shares[0].1.fill(byte);
                    hello.set_shares(&shares);
                });
            });
            illegal(Kind::BadPeerShare).check(&server, &format!("{group}, {byte}"));
        }
        for byte in of_server {
            let client = receiving(Side::Client, pair_of(group), |wire| {
                raw::server_hello(wire, |hello| {
                    let length = hello.extensions.get(X::KEY_SHARE).unwrap().len() - 4;
                    hello.extensions.set(X::KEY_SHARE, &raw::share(group, &vec![byte; length]));
                });
            });
            illegal(Kind::BadPeerShare).check(&client, &format!("{group}, {byte}"));
        }
    }
}

#[test]
fn two_shares_of_a_group_and_a_share_of_an_unlisted_group_are_illegal_parameter() {
    let server = receiving(Side::Server, tls13_pair(EcP256, |_| {}, |_| {}), |wire| {
        raw::client_hello(wire, |hello| {
            let mut shares = hello.shares();
            shares.push(shares[0].clone());
            hello.set_shares(&shares);
        });
    });
    let Some(Kind::KeyShareNotInGroups(group)) = server.kind() else { panic!("{:?}", server.kind()) };
    illegal(Kind::KeyShareNotInGroups(group)).check(&server, "twice");
    let unlisted = NamedGroup(0x7777);
    let server = receiving(Side::Server, tls13_pair(EcP256, |_| {}, |_| {}), |wire| {
        raw::client_hello(wire, |hello| {
            let mut shares = hello.shares();
            shares.insert(0, (unlisted, vec![1]));
            hello.set_shares(&shares);
        });
    });
    illegal(Kind::KeyShareNotInGroups(unlisted)).check(&server, "unlisted");
}

/// RFC 9846 section 4.3.8: "Clients MAY send an empty client_shares list in order to request group selection
/// from the server".
#[test]
fn client_without_shares_is_asked_for_one() {
    let (mut client, mut server) = tls13_pair(EcP256, |client| client.tls13.key_shares.clear(), |_| {});
    run(&mut client, &mut server, |_, _| {});
    assert_eq!((client.kind(), server.kind()), (None, None));
    assert!(client.complete.unwrap().tls13().unwrap().retried);
}
