//! The extensions of PSKs and early data with each of their fields wrong (RFC 9846 sections 4.3.9 to 4.3.11,
//! RFC 9149).

use super::{
    pair::{Pair, Sent, resuming_policies},
    resumption::after,
    support::{Wire, raw},
};
use cairn_wire::{AlertDescription as A, CipherSuite, ExtensionType as X};

/// A client that offers a ticket, before its ClientHello.
fn offering() -> Pair {
    let (client, server) = resuming_policies();
    let first = Pair::shake(client, server);
    let (client, server) = resuming_policies();
    after(&first, client, server)
}

/// Passes all messages, rewritten by `edit`.
fn exchange(mut pair: Pair, edit: impl Fn(&mut Wire)) -> Pair {
    pair.start();
    while pair.pass(&mut |_, sent| {
        if let Sent::Message(epoch, bytes) = sent {
            let mut wire = Wire::Handshake(*epoch, core::mem::take(bytes));
            edit(&mut wire);
            let Wire::Handshake(_, edited) = wire else { panic!("another kind of record") };
            *bytes = edited;
        }
    }) {}
    pair
}

/// A vector with its length in two bytes.
fn vector16(items: &[u8]) -> Vec<u8> {
    let length = u16::try_from(items.len()).unwrap();
    [&length.to_be_bytes()[..], items].concat()
}

/// OfferedPsks with identities and binders of these lengths.
fn offered(identities: &[usize], binders: &[u8]) -> Vec<u8> {
    let identities: Vec<u8> =
        identities.iter().flat_map(|length| [vector16(&vec![7; *length]), vec![0; 4]].concat()).collect();
    let binders: Vec<u8> =
        binders.iter().flat_map(|length| [vec![*length], vec![7; usize::from(*length)]].concat()).collect();
    [vector16(&identities), vector16(&binders)].concat()
}

fn set_offer(hello: &mut raw::ClientHello, offer: Vec<u8>) {
    *hello.extensions.get_mut(X::PRE_SHARED_KEY) = offer;
}

/// Adds an extension before pre_shared_key, which must be the last.
fn add_first(hello: &mut raw::ClientHello, extension_type: X, data: &[u8]) {
    hello.extensions.remove(extension_type);
    hello.extensions.0.insert(0, (extension_type.0, data.to_vec()));
}

#[test]
fn server_checks_each_field_of_an_offer_of_psks() {
    type Change = fn(&mut raw::ClientHello);
    let cases: [(&str, Change, A); 17] = [
        ("no identity", |hello| set_offer(hello, offered(&[], &[32])), A::DECODE_ERROR),
        ("an empty identity", |hello| set_offer(hello, offered(&[0], &[32])), A::DECODE_ERROR),
        ("no binder", |hello| set_offer(hello, offered(&[8], &[])), A::DECODE_ERROR),
        ("a binder of 31 bytes", |hello| set_offer(hello, offered(&[8, 8], &[31, 32])), A::DECODE_ERROR),
        ("two binders", |hello| set_offer(hello, offered(&[8], &[32, 32])), A::ILLEGAL_PARAMETER),
        ("one binder of two", |hello| set_offer(hello, offered(&[8, 8], &[32])), A::ILLEGAL_PARAMETER),
        ("no content", |hello| set_offer(hello, Vec::new()), A::DECODE_ERROR),
        ("a byte more", |hello| set_offer(hello, [offered(&[8], &[32]), vec![0]].concat()), A::DECODE_ERROR),
        ("pre_shared_key not last", |hello| hello.extensions.0.rotate_right(1), A::ILLEGAL_PARAMETER),
        (
            "no psk_key_exchange_modes",
            |hello| hello.extensions.remove(X::PSK_KEY_EXCHANGE_MODES),
            A::MISSING_EXTENSION,
        ),
        ("no modes", |hello| *hello.extensions.get_mut(X::PSK_KEY_EXCHANGE_MODES) = vec![0], A::DECODE_ERROR),
        (
            "fewer modes than announced",
            |hello| *hello.extensions.get_mut(X::PSK_KEY_EXCHANGE_MODES) = vec![2, 1],
            A::DECODE_ERROR,
        ),
        (
            "more modes than announced",
            |hello| *hello.extensions.get_mut(X::PSK_KEY_EXCHANGE_MODES) = vec![1, 1, 0],
            A::DECODE_ERROR,
        ),
        ("early_data with content", |hello| add_first(hello, X::EARLY_DATA, &[0]), A::DECODE_ERROR),
        ("early_data of NewSessionTicket", |hello| add_first(hello, X::EARLY_DATA, &[0; 4]), A::DECODE_ERROR),
        ("half a ticket_request", |hello| add_first(hello, X::TICKET_REQUEST, &[1]), A::DECODE_ERROR),
        ("a longer ticket_request", |hello| add_first(hello, X::TICKET_REQUEST, &[1, 1, 1]), A::DECODE_ERROR),
    ];
    for (what, change, alert) in cases {
        let pair = exchange(offering(), |wire| raw::client_hello(wire, change));
        assert_eq!(pair.server.error.and_then(|error| error.alert()), Some(alert), "{what}");
    }
}

#[test]
fn client_checks_each_field_of_the_selection_of_a_psk() {
    type Change = fn(&mut raw::ServerHello);
    let cases: [(&str, Change, A); 7] = [
        (
            "the second of one",
            |hello| *hello.extensions.get_mut(X::PRE_SHARED_KEY) = vec![0, 1],
            A::ILLEGAL_PARAMETER,
        ),
        (
            "the last possible",
            |hello| *hello.extensions.get_mut(X::PRE_SHARED_KEY) = vec![255, 255],
            A::ILLEGAL_PARAMETER,
        ),
        ("one byte", |hello| *hello.extensions.get_mut(X::PRE_SHARED_KEY) = vec![0], A::DECODE_ERROR),
        ("three bytes", |hello| *hello.extensions.get_mut(X::PRE_SHARED_KEY) = vec![0; 3], A::DECODE_ERROR),
        ("twice", |hello| hello.extensions.add(X::PRE_SHARED_KEY, &[0, 0]), A::DECODE_ERROR),
        ("without key_share", |hello| hello.extensions.remove(X::KEY_SHARE), A::ILLEGAL_PARAMETER),
        (
            "a suite with another hash",
            |hello| {
                let sha256 = CipherSuite::TLS_AES_128_GCM_SHA256;
                let sha384 = CipherSuite::TLS_AES_256_GCM_SHA384;
                hello.suite = if hello.suite == sha384 { sha256 } else { sha384 };
            },
            A::ILLEGAL_PARAMETER,
        ),
    ];
    for (what, change, alert) in cases {
        let pair = exchange(offering(), |wire| raw::server_hello(wire, change));
        assert_eq!(pair.client.error.and_then(|error| error.alert()), Some(alert), "{what}");
        assert!(pair.client.summary.is_none(), "{what}");
    }
}

#[test]
fn client_refuses_extensions_of_psks_that_it_has_not_offered() {
    let pair = || {
        let mut pair = offering();
        pair.client.offers = None;
        pair
    };
    let pair_with_psk = exchange(pair(), |wire| {
        raw::server_hello(wire, |hello| hello.extensions.add(X::PRE_SHARED_KEY, &[0, 0]));
    });
    assert_eq!(pair_with_psk.client.error.and_then(|error| error.alert()), Some(A::UNSUPPORTED_EXTENSION));
    let pair_with_early_data = exchange(pair(), |wire| {
        raw::encrypted_extensions(wire, |extensions| extensions.add(X::EARLY_DATA, &[]));
    });
    let error = pair_with_early_data.client.error;
    assert_eq!(error.and_then(|error| error.alert()), Some(A::UNSUPPORTED_EXTENSION));
}
