//! The hellos as they are sent (RFC 9846 sections 4.2.2 to 4.2.4 and 4.3.1).

use crate::support::{End, Wire, edit, raw, retried_pair, run, tls13_pair};
use cairn_crypto::KeySpec::EcP256;
use cairn_handshake::{ClientPolicy, PolicyError, ServerPolicy};
use cairn_wire::{ExtensionType as X, HandshakeType, NamedGroup};

/// The first ClientHello of a client with this policy.
fn client_hello(policy: impl FnOnce(&mut ClientPolicy)) -> raw::ClientHello {
    let (mut client, _) = tls13_pair(EcP256, policy, |_| {});
    client.start();
    let mut hello = None;
    raw::client_hello(&mut client.out.pop_front().unwrap(), |sent| hello = Some(sent.clone()));
    hello.unwrap()
}

/// The ServerHello and HelloRetryRequest messages of a handshake between this pair.
fn server_hellos((mut client, mut server): (End, End)) -> Vec<raw::ServerHello> {
    let mut hellos = Vec::new();
    run(&mut client, &mut server, |_, wire| {
        raw::any_server_hello(&mut wire.clone(), |hello| hellos.push(hello.clone()));
    });
    assert_eq!((client.kind(), server.kind()), (None, None));
    hellos
}

fn types(hello: &raw::ServerHello) -> Vec<X> {
    hello.extensions.0.iter().map(|(number, _)| X(*number)).collect()
}

#[test]
fn legacy_fields_of_client_hello_are_those_of_tls_1_2() {
    for tls12 in [true, false] {
        let hello = client_hello(|policy| {
            if !tls12 {
                policy.tls12.suites.clear();
            }
        });
        assert_eq!((hello.version, hello.compression), (0x0303, vec![0]));
        let versions: &[u16] = if tls12 { &[0x0304, 0x0303] } else { &[0x0304] };
        assert_eq!(hello.extensions.get(X::SUPPORTED_VERSIONS), Some(&raw::versions(versions)[..]));
        for required in [X::SIGNATURE_ALGORITHMS, X::SUPPORTED_GROUPS, X::KEY_SHARE] {
            assert!(hello.extensions.get(required).is_some(), "{required}");
        }
    }
}

#[test]
fn legacy_session_id_is_new_in_compatibility_mode_and_else_empty() {
    let [one, other] = [client_hello(|_| {}), client_hello(|_| {})];
    assert_eq!((one.session_id.len(), other.session_id.len()), (32, 32));
    assert_ne!(one.session_id, other.session_id);
    assert_ne!(one.random, other.random);
    assert!(client_hello(|policy| policy.tls13.middlebox_compatibility = false).session_id.is_empty());
}

/// Other requests of the client are answered in EncryptedExtensions.
#[test]
fn server_hello_has_supported_versions_and_key_share_alone() {
    let client = |policy: &mut ClientPolicy| {
        policy.alpn_protocols = vec![b"h2".to_vec()];
        policy.record_size_limit = Some(1000);
        policy.status_request = true;
    };
    let server = |policy: &mut ServerPolicy| policy.alpn_protocols = vec![b"h2".to_vec()];
    let [hello] = &server_hellos(tls13_pair(EcP256, client, server))[..] else { panic!("one hello") };
    let [request, second] = &server_hellos(retried_pair(client, server))[..] else { panic!("two hellos") };
    assert!(request.is_retry() && !hello.is_retry() && !second.is_retry());
    for each in [hello, request, second] {
        assert_eq!((each.version, each.session_id.len(), each.compression), (0x0303, 32, 0));
        assert_eq!(types(each), [X::SUPPORTED_VERSIONS, X::KEY_SHARE]);
        assert_eq!(each.extensions.get(X::SUPPORTED_VERSIONS), Some(&[3, 4][..]));
    }
    let group = NamedGroup::SECP256R1.0.to_be_bytes();
    assert_eq!(request.extensions.get(X::KEY_SHARE), Some(&group[..]));
    // RFC 9846 section 4.2.4: "Servers MUST ensure that they negotiate the same cipher suite".
    assert_eq!(request.suite, second.suite);
}

/// RFC 9846 section 4.3.1: "A server which negotiates a version of TLS prior to TLS 1.3 MUST set
/// ServerHello.version and MUST NOT send the "supported_versions" extension."
#[test]
fn server_hello_of_tls_1_2_has_no_supported_versions() {
    for speaks_tls13 in [true, false] {
        let pair = tls13_pair(
            EcP256,
            |client| {
                if speaks_tls13 {
                    client.tls13.suites.clear();
                }
            },
            |server| {
                if !speaks_tls13 {
                    server.tls13.suites.clear();
                }
            },
        );
        let [hello] = &server_hellos(pair)[..] else { panic!("one hello") };
        assert_eq!(hello.version, 0x0303);
        assert!(!types(hello).contains(&X::SUPPORTED_VERSIONS));
    }
}

/// RFC 9846 section 4.2.3: the random "MUST be generated independently of the ClientHello.random". Section
/// 4.3.8: "Clients and Servers MUST NOT reuse a key share for multiple connections. Because [RFC8446]
/// permitted reuse, receiving implementations MUST permit reuse by the peer".
#[test]
fn servers_answer_the_same_client_hello_with_new_randoms_and_key_shares() {
    for tls13 in [true, false] {
        let (mut client, _) = tls13_pair(EcP256, |_| {}, |_| {});
        client.start();
        let hello = client.out.pop_front().unwrap();
        let [one, other] = [(); 2].map(|()| {
            let (_, mut server) = tls13_pair(
                EcP256,
                |_| {},
                |policy| {
                    if !tls13 {
                        policy.tls13.suites.clear();
                    }
                },
            );
            server.start();
            server.receive(&hello);
            assert_eq!(server.kind(), None);
            let mut sent = None;
            raw::any_server_hello(server.out.front_mut().unwrap(), |hello| sent = Some(hello.clone()));
            let mut client_random = None;
            raw::client_hello(&mut hello.clone(), |hello| client_random = Some(hello.random));
            let sent: raw::ServerHello = sent.unwrap();
            let theirs: [u8; 32] = client_random.unwrap();
            assert!(sent.random.chunks(8).zip(theirs.chunks(8)).all(|(ours, theirs)| ours != theirs));
            sent
        });
        assert!(one.random.chunks(8).zip(other.random.chunks(8)).all(|(one, other)| one != other));
        if tls13 {
            assert_ne!(one.extensions.get(X::KEY_SHARE), other.extensions.get(X::KEY_SHARE));
        }
    }
}

/// RFC 9846 section 4.3.8: "The key_exchange values for each KeyShareEntry MUST be generated independently."
#[test]
fn clients_send_new_key_shares_in_each_connection() {
    let [one, other] = [client_hello(|_| {}), client_hello(|_| {})].map(|hello| hello.shares());
    assert_eq!(one.len(), other.len());
    for ((group, one), (_, other)) in one.iter().zip(&other) {
        assert_ne!(one, other, "{group}");
    }
}

/// RFC 9846 section 4.3.8: "Clients MUST NOT offer any KeyShareEntry values for groups not listed in the
/// client's "supported_groups" extension."
#[test]
fn client_sends_no_key_share_for_a_group_that_it_does_not_offer() {
    let hello = client_hello(|policy| {
        policy.groups = vec![NamedGroup::X25519];
        policy.tls13.key_shares = vec![NamedGroup::SECP384R1, NamedGroup::X25519];
        assert_eq!(policy.check(), Err(PolicyError::KeyShareNotInGroups(NamedGroup::SECP384R1)));
    });
    let groups: Vec<_> = hello.shares().into_iter().map(|(group, _)| group).collect();
    assert_eq!(groups, [NamedGroup::X25519]);
}

#[test]
fn first_message_of_a_client_is_client_hello() {
    let (mut client, _) = tls13_pair(EcP256, |_| {}, |_| {});
    client.start();
    assert_eq!(client.out.len(), 1);
    assert!(edit::body_of(&client.out[0], HandshakeType::CLIENT_HELLO).is_some());
    assert!(matches!(&client.out[0], Wire::Handshake(..)));
}
