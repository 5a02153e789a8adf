//! The gates for application data: an item of the flight, in order with messages and keys.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod support;

use cairn_crypto::KeySpec;
use cairn_handshake::{Input, Renegotiation};
use std::collections::BTreeSet;
use support::{End, NOW, agree, go_on, pair, run, walk::renegotiating_pair};

const AGAIN: Input<'static> = Input::Renegotiate { now: NOW };

/// Two sides that have completed a handshake and may renegotiate.
fn complete() -> (End, End) {
    let (mut client, mut server) = renegotiating_pair(|_| {}, |_| {});
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server));
    (client, server)
}

#[test]
fn no_application_data_between_change_cipher_spec_and_finished() {
    let (mut client, mut server) = complete();
    assert!(client.sends_application_data() && server.sends_application_data());
    client.step(AGAIN);
    let mut refused_at = [Vec::new(), Vec::new()];
    let mut sends = BTreeSet::new();
    let mut note = |end: &End, of: usize| {
        if !end.takes_application_data() {
            refused_at[of].push(end.machine.state());
        }
        sends.insert((of, end.sends_application_data(), end.machine.state() == "Established"));
    };
    loop {
        note(&client, 0);
        note(&server, 1);
        if let Some(wire) = client.out.pop_front() {
            server.receive(&wire);
        } else if let Some(wire) = server.out.pop_front() {
            client.receive(&wire);
        } else {
            break;
        }
    }
    assert_eq!(refused_at, [vec!["AwaitFinished"], vec!["AwaitFinished"]]);
    // A side sends no application data from its own hello to the end of the handshake.
    let expected = [(0, false, false), (0, true, true), (1, false, false), (1, true, true)];
    assert_eq!(sends, expected.into());
    assert!(agree(&client, &server));
}

#[test]
fn gates_of_a_renegotiation_are_in_order_with_messages_and_keys() {
    let (mut client, mut server) = complete();
    let logged = (client.log.len(), server.log.len());
    client.step(AGAIN);
    go_on(&mut client, &mut server, |_, _| {});
    assert_eq!(
        client.log[logged.0..],
        [
            "write data closes",
            "send client_hello",
            "send client_key_exchange",
            "send change_cipher_spec",
            "write keys, epoch application 1",
            "send finished",
            "read data closes",
            "read keys, epoch application 1",
            "write data opens",
            "read data opens",
            "complete",
        ]
    );
    assert_eq!(
        server.log[logged.1..],
        [
            "write data closes",
            "send server_hello",
            "send certificate",
            "send server_key_exchange",
            "send server_hello_done",
            "read data closes",
            "read keys, epoch application 1",
            "send change_cipher_spec",
            "write keys, epoch application 1",
            "send finished",
            "write data opens",
            "read data opens",
            "complete",
        ]
    );
}

#[test]
fn refused_renegotiation_reopens_the_clients_gate() {
    let (mut client, mut server) =
        pair(KeySpec::EcP256, |p| p.tls12.renegotiation = Renegotiation::Allowed, |_| {});
    run(&mut client, &mut server, |_, _| {});
    assert!(client.sends_application_data());
    client.step(AGAIN);
    assert!(!client.sends_application_data() && client.takes_application_data());
    go_on(&mut client, &mut server, |_, _| {});
    assert_eq!(
        client.log[client.log.len() - 4..],
        ["write data closes", "send client_hello", "write data opens", "renegotiation refused"]
    );
    // A server that requests a renegotiation sends data until its ServerHello.
    let (mut client, mut server) = complete();
    server.step(AGAIN);
    assert!(server.sends_application_data() && server.takes_application_data());
    let request = server.out.pop_front().unwrap();
    client.receive(&request);
    assert!(!client.sends_application_data() && client.takes_application_data());
}
