//! Faults after the handshake.

use super::{pin, same};
use crate::support::Forger;
use cairn_tls::{ErrorKind, Side};

const HELLO_REQUEST: &[u8] = b"\x00\x00\x00\x00";

/// A ClientHello without extensions.
fn client_hello() -> Vec<u8> {
    let mut hello = b"\x01\x00\x00\x29\x03\x03".to_vec();
    hello.extend_from_slice(&[7; 32]);
    hello.extend_from_slice(b"\x00\x00\x02\xc0\x2b\x01\x00");
    hello
}

#[test]
fn refused_renegotiation_leaves_the_connection_open() {
    let hello = client_hello();
    for (side, message) in [(Side::Server, HELLO_REQUEST), (Side::Client, &hello)] {
        let (mut pair, forger) = Forger::watched();
        let (victim, other) = match side {
            Side::Client => (&mut pair.server, &mut pair.client),
            Side::Server => (&mut pair.client, &mut pair.server),
        };
        victim.take(&forger.record(side, 1, 22, message));
        assert_eq!(forger.open(victim.conn.reader().side(), 1, &victim.outbox), [1, 100], "no_renegotiation");
        victim.write(b"still here");
        other.take(&core::mem::take(&mut victim.outbox));
        assert_eq!((&other.data[..], other.error), (&b"still here"[..], None));
        victim.take(&forger.record(side, 2, 23, b"so am I"));
        assert_eq!((&victim.data[..], victim.error), (&b"so am I"[..], None));
    }
}

#[test]
fn too_many_renegotiation_requests_end_the_connection() {
    let hello = client_hello();
    for (side, message) in [(Side::Server, HELLO_REQUEST), (Side::Client, &hello)] {
        let (mut pair, forger) = Forger::watched();
        let victim = match side {
            Side::Client => &mut pair.server,
            Side::Server => &mut pair.client,
        };
        for asked in 0..5 {
            victim.take(&forger.record(side, 1 + asked, 22, message));
        }
        pin(
            "",
            &victim.fault(),
            "Us in Established, unexpected_message, RFC 5246 section 7.4.1.1: TooManyHelloRequests { limit: \
             4 }",
        );
        assert!(victim.outbox.len() < 5 * 64);
    }
}

#[test]
fn a_fatal_alert_closes_both_directions_without_an_answer() {
    let (mut pair, forger) = Forger::watched();
    pair.client.take(&forger.record(Side::Server, 1, 21, &[2, 80]));
    pin(
        "",
        &pair.client.fault(),
        "Peer in Established, no alert, RFC 5246 section 7.2.2: PeerAlert(internal_error)",
    );
    assert!(pair.client.outbox.is_empty());
    let mut out = Vec::new();
    let error = pair.client.conn.write(b"more", &mut out).unwrap_err();
    assert_eq!(error.kind, ErrorKind::WriteAfterClose);
    pair.client.conn.close(&mut out).unwrap();
    assert!(out.is_empty(), "nothing is sent to a peer that has closed");
}

#[test]
fn fragmented_message_may_be_interleaved_with_data_and_warnings() {
    let (mut pair, forger) = Forger::watched();
    pair.client.take(&forger.record(Side::Server, 1, 22, &HELLO_REQUEST[..2]));
    pair.client.take(&forger.record(Side::Server, 2, 23, b"data"));
    pair.client.take(&forger.record(Side::Server, 3, 21, &[1, 90]));
    assert_eq!(pair.client.error, None);
    pair.client.take(&forger.record(Side::Server, 4, 22, &HELLO_REQUEST[2..]));
    assert_eq!(pair.client.error, None);
    assert_eq!(forger.open(Side::Client, 1, &pair.client.outbox), [1, 100]);
    assert_eq!(pair.client.data, b"data");
}

#[test]
fn nothing_is_accepted_or_sent_after_a_fatal_alert() {
    let (mut pair, forger) = Forger::watched();
    pair.server.write(b"before");
    pair.server.take(&forger.record(Side::Client, 1, 22, b"\x0e\x00\x00\x00"));
    let out = core::mem::take(&mut pair.server.outbox);
    assert!(pair.server.conn.write(b"after", &mut pair.server.outbox).is_err());
    pair.server.close();
    assert!(pair.server.outbox.is_empty());
    pair.client.take(&out);
    assert_eq!(pair.client.data, b"before");
    same(
        &pair,
        "Peer in Established, no alert, RFC 5246 section 7.2.2: PeerAlert(unexpected_message)",
        "Us in Established, unexpected_message, RFC 5246 section 7.3: UnexpectedMessage { got: \
         \"ServerHelloDone\" }",
    );
}
