//! Key shares that do not belong to their groups (RFC 9846 section 4.3.8), in both roles.

use crate::{
    outcome::{illegal, receiving},
    support::{End, client_policy, raw, retried_pair, run, server_policy, tls13_pair},
};
use cairn_crypto::KeySpec::EcP256;
use cairn_handshake::{HandshakeErrorKind as Kind, Policy};
use cairn_schedule::Side;
use cairn_wire::{ExtensionType as X, NamedGroup, ProtocolVersion};

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

/// RFC 9846 section 4.3.8: "Clients MAY send an empty client_shares list to request group selection from the
/// server".
#[test]
fn client_without_shares_is_asked_for_one() {
    let (mut client, mut server) = tls13_pair(EcP256, |client| client.tls13.key_shares.clear(), |_| {});
    run(&mut client, &mut server, |_, _| {});
    assert_eq!((client.kind(), server.kind()), (None, None));
    assert!(client.complete.unwrap().tls13().unwrap().retried);
}

/// The ClientHello messages of a handshake between this pair, which completes.
fn hellos((mut client, mut server): (End, End)) -> Vec<raw::ClientHello> {
    let mut hellos = Vec::new();
    run(&mut client, &mut server, |from_client, wire| {
        if from_client {
            raw::client_hello(wire, |hello| hellos.push(hello.clone()));
        }
    });
    assert_eq!((client.kind(), server.kind()), (None, None));
    assert!(client.complete.is_some() && server.complete.is_some());
    hellos
}

fn groups_of_shares(hello: &raw::ClientHello) -> Vec<NamedGroup> {
    hello.shares().into_iter().map(|(group, _)| group).collect()
}

/// The numbers in a list with a length of one or two bytes.
fn numbers(list: &[u8], prefix: usize) -> Vec<u16> {
    list[prefix..].chunks(2).map(|number| u16::from_be_bytes([number[0], number[1]])).collect()
}

/// RFC 9846 section 4.3.8: "Each KeyShareEntry value MUST correspond to a group offered in the
/// "supported_groups" extension and MUST appear in the same order."
#[test]
fn key_shares_are_in_the_order_of_supported_groups() {
    let (one, other) = (NamedGroup::SECP256R1, NamedGroup::X25519);
    for groups in [[one, other], [other, one]] {
        for shares in [[one, other], [other, one]] {
            let hellos = hellos(tls13_pair(
                EcP256,
                |client| {
                    client.groups = groups.to_vec();
                    client.tls13.key_shares = shares.to_vec();
                },
                |_| {},
            ));
            assert_eq!(groups_of_shares(&hellos[0]), groups, "{shares:?}");
        }
    }
}

#[test]
fn first_post_quantum_group_and_first_other_group_get_a_share() {
    let (p256, x25519) = (NamedGroup::SECP256R1, NamedGroup::X25519);
    let default = client_policy().with_tls13(Policy::Modern);
    let chosen = |groups: &[NamedGroup]| {
        let mut policy = default.clone();
        policy.groups = groups.to_vec();
        policy.choose_key_shares();
        policy.tls13.key_shares
    };
    assert_eq!(chosen(&default.groups), default.tls13.key_shares);
    assert_eq!(chosen(&[p256, x25519]), [p256]);
    // A group that the provider lacks gets none.
    assert_eq!(chosen(&[NamedGroup(0x7777), x25519]), [x25519]);
    assert_eq!(chosen(&[]), []);
    let resists = |group: &NamedGroup| group.is_post_quantum() && default.provider.group(*group).is_some();
    for one in default.groups.iter().copied().filter(resists) {
        assert_eq!(chosen(&[x25519, p256, one]), [x25519, one]);
        assert_eq!(chosen(&[one, p256, x25519]), [one, p256]);
        assert_eq!(chosen(&[one]), [one]);
    }
}

/// RFC 8701 section 3.1, in the lists that only TLS 1.3 has.
#[test]
fn grease_is_in_supported_versions_and_key_share() {
    let greasing = |client: &mut cairn_handshake::ClientPolicy| client.grease = true;
    let [first, second] = &hellos(retried_pair(greasing, |_| {}))[..] else { panic!("two hellos") };
    let versions =
        |hello: &raw::ClientHello| numbers(hello.extensions.get(X::SUPPORTED_VERSIONS).unwrap(), 1);
    let grease = ProtocolVersion(versions(first)[0]);
    assert!(grease.is_grease());
    assert_eq!(versions(first)[1], 0x0304);
    let listed = numbers(first.extensions.get(X::SUPPORTED_GROUPS).unwrap(), 2);
    let shares = first.shares();
    assert!(shares[0].0.is_grease() && shares[0].0.0 == listed[0]);
    assert_eq!((shares[0].1.len(), shares[1].0), (1, NamedGroup::X25519));
    // RFC 9846 section 4.2.2: the second hello has the same values, and the requested share alone.
    assert_eq!(versions(second), versions(first));
    assert_eq!(groups_of_shares(second), [NamedGroup::SECP256R1]);
    // A server must not choose a group that has a share without a key.
    let client = receiving(Side::Client, tls13_pair(EcP256, greasing, |_| {}), |wire| {
        raw::server_hello(wire, |hello| {
            hello.extensions.set(X::KEY_SHARE, &raw::share(NamedGroup(0x0a0a), &[0]));
        });
    });
    illegal(Kind::GroupNotOffered(NamedGroup(0x0a0a))).check(&client, "GREASE");
}
