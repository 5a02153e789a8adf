//! Messages out of order.

use super::{pin, same};
use crate::support::{Kind, Pair, client, records, server};
use cairn_tls::Side;

fn with(between: impl FnMut(Side, usize, Vec<u8>) -> Vec<u8>) -> Pair {
    let mut pair = Pair::new(&client().build().unwrap(), &server(Kind::P256).build().unwrap());
    pair.run_through(between);
    pair
}

const CCS: [u8; 6] = [20, 3, 3, 0, 1, 1];

#[test]
fn misplaced_change_cipher_spec_is_unexpected_message() {
    // Before ClientKeyExchange.
    let early = with(|side, n, record| match (side, n) {
        (Side::Client, 1) => [&CCS[..], &record].concat(),
        _ => record,
    });
    same(
        &early,
        "Peer in AwaitChangeCipherSpec, no alert, RFC 5246 section 7.2.2: PeerAlert(unexpected_message)",
        "Us in AwaitClientKeyExchange, unexpected_message, RFC 5246 section 7.3: UnexpectedMessage { got: \
         \"ChangeCipherSpec\" }",
    );
    // Twice.
    let twice = with(|_, _, record| if record[0] == 20 { record.repeat(2) } else { record });
    same(
        &twice,
        "Peer in AwaitChangeCipherSpec, no alert, RFC 5246 section 7.2.2: PeerAlert(bad_record_mac)",
        "Us in AwaitFinished, bad_record_mac, RFC 5246 section 6.2.3: Record(BadRecordMac)",
    );
    // Omitted.
    let never = with(|side, _, record| if record[0] == 20 && side == Side::Client { vec![] } else { record });
    same(
        &never,
        "Peer in AwaitChangeCipherSpec, no alert, RFC 5246 section 7.2.2: PeerAlert(unexpected_message)",
        "Us in AwaitChangeCipherSpec, unexpected_message, RFC 5246 section 7.3: UnexpectedMessage { got: \
         \"HelloRequest\" }",
    );
    // The ciphertext is then parsed as a message of an arbitrary type and length.
    let never = with(|side, _, record| if record[0] == 20 && side == Side::Server { vec![] } else { record });
    assert!(!never.client.conn.is_complete());
    // In the middle of a message.
    let middle = with(|side, n, record| match (side, n) {
        (Side::Server, 0) => {
            let mut cut = record[..5 + 50].to_vec();
            cut[3..5].copy_from_slice(&50u16.to_be_bytes());
            [&cut[..], &CCS].concat()
        }
        _ => record,
    });
    same(
        &middle,
        "Us in AwaitServerHello, unexpected_message, RFC 5246 section 7.1: SplitAcrossKeyChange",
        "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: PeerAlert(unexpected_message)",
    );
}

/// A record with these bytes appended.
fn longer(record: &[u8], more: &[u8]) -> Vec<u8> {
    let length = u16::try_from(record.len() - 5 + more.len()).unwrap();
    [&record[..3], &length.to_be_bytes(), &record[5..], more].concat()
}

#[test]
fn fragment_of_a_message_before_its_turn_is_unexpected_message() {
    const BEGINNING_OF_CLIENT_KEY_EXCHANGE: [u8; 3] = [16, 0, 0];
    let client = with(|side, n, record| match (side, n) {
        (Side::Client, 0) => longer(&record, &BEGINNING_OF_CLIENT_KEY_EXCHANGE),
        _ => record,
    });
    same(
        &client,
        "Peer in AwaitChangeCipherSpec, no alert, RFC 5246 section 7.2.2: PeerAlert(unexpected_message)",
        "Us in AwaitClientKeyExchange, unexpected_message, RFC 5246 section 7.3: SplitAcrossTurn",
    );
    const BEGINNING_OF_NEW_SESSION_TICKET: [u8; 1] = [4];
    let server = with(|side, n, record| match (side, n) {
        (Side::Server, 0) => longer(&record, &BEGINNING_OF_NEW_SESSION_TICKET),
        _ => record,
    });
    same(
        &server,
        "Us in AwaitChangeCipherSpec, unexpected_message, RFC 5246 section 7.3: SplitAcrossTurn",
        "Peer in Established, no alert, RFC 5246 section 7.2.2: PeerAlert(unexpected_message)",
    );
}

#[test]
fn messages_may_be_fragmented_and_share_records() {
    // Records of a few bytes each, so that messages start in new records or share a record with the previous
    // message.
    for size in [1, 3, 40] {
        let pair = with(|_, n, record| match (n, record[0]) {
            (0, 22) => record[5..].chunks(size).flat_map(|piece| longer(&[22, 3, 3, 0, 0], piece)).collect(),
            _ => record,
        });
        assert!(pair.complete(), "{} / {}", pair.client.fault(), pair.server.fault());
    }
}

#[test]
fn application_data_before_finished_is_unexpected_message() {
    let data = with(|side, n, record| match (side, n) {
        (Side::Server, 0) => [&record[..], b"\x17\x03\x03\x00\x04data"].concat(),
        _ => record,
    });
    same(
        &data,
        "Us in AwaitChangeCipherSpec, unexpected_message, RFC 5246 section 7.4.9: \
         Record(UnexpectedApplicationData)",
        "Peer in Established, no alert, RFC 5246 section 7.2.2: PeerAlert(unexpected_message)",
    );
    let mut pair = Pair::new(&client().build().unwrap(), &server(Kind::P256).build().unwrap());
    for end in [&mut pair.client, &mut pair.server] {
        let mut out = Vec::new();
        let error = end.conn.write(b"data", &mut out).unwrap_err();
        pin(
            "",
            &crate::support::line(&error),
            "Us in writing, no alert, RFC 5246 section 7.4.9: WriteBeforeComplete",
        );
        assert!(out.is_empty());
        assert!(end.conn.writer_mut().seal_in_place(&mut [0; 100]).is_err());
    }
    // The error is not final: the handshake continues.
    pair.run();
    assert!(pair.complete());
}

#[test]
fn omitted_or_repeated_message_is_unexpected_message() {
    // The server's first record contains its whole flight.
    let flight = {
        let mut pair = Pair::new(&client().build().unwrap(), &server(Kind::P256).build().unwrap());
        let hello = core::mem::take(&mut pair.client.outbox);
        pair.server.take(&hello);
        records(&pair.server.outbox).remove(0)
    };
    let mut messages = Vec::new();
    let mut rest = &flight[5..];
    while !rest.is_empty() {
        let length = 4 + usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        messages.push(rest[..length].to_vec());
        rest = &rest[length..];
    }
    let names: Vec<u8> = messages.iter().map(|message| message[0]).collect();
    assert_eq!(names, [2, 11, 12, 14]);
    for left_out in 0..4 {
        let pair = with(|side, n, record| match (side, n) {
            (Side::Server, 0) => without_message(&record, left_out),
            _ => record,
        });
        match left_out {
            0 => same(
                &pair,
                "Us in AwaitServerHello, unexpected_message, RFC 5246 section 7.3: UnexpectedMessage { got: \
                 \"Certificate\" }",
                "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: \
                 PeerAlert(unexpected_message)",
            ),
            1 => same(
                &pair,
                "Us in AwaitCertificate, unexpected_message, RFC 5246 section 7.3: UnexpectedMessage { got: \
                 \"ServerKeyExchange\" }",
                "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: \
                 PeerAlert(unexpected_message)",
            ),
            2 => same(
                &pair,
                "Us in AwaitServerKeyExchange, unexpected_message, RFC 5246 section 7.3: UnexpectedMessage \
                 { got: \"ServerHelloDone\" }",
                "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: \
                 PeerAlert(unexpected_message)",
            ),
            _ => same(&pair, "none", "none"),
        }
    }
}

/// A record of messages without one of them.
fn without_message(record: &[u8], left_out: usize) -> Vec<u8> {
    let mut kept = Vec::new();
    let mut rest = &record[5..];
    for i in 0.. {
        if rest.is_empty() {
            break;
        }
        let length = 4 + usize::from(u16::from_be_bytes([rest[2], rest[3]]));
        if i != left_out {
            kept.extend_from_slice(&rest[..length]);
        }
        rest = &rest[length..];
    }
    let mut out = record[..3].to_vec();
    out.extend_from_slice(&u16::try_from(kept.len()).unwrap().to_be_bytes());
    out.extend_from_slice(&kept);
    out
}

#[test]
fn close_notify_during_the_handshake_ends_the_connection() {
    for side in [Side::Client, Side::Server] {
        let mut pair = Pair::new(&client().build().unwrap(), &server(Kind::P256).build().unwrap());
        let hello = core::mem::take(&mut pair.client.outbox);
        pair.server.take(&hello);
        match side {
            Side::Client => pair.client.close(),
            Side::Server => {
                pair.server.outbox.clear();
                pair.server.close();
            }
        }
        pair.run();
        match side {
            Side::Client => same(
                &pair,
                "Peer in AwaitChangeCipherSpec, close_notify, RFC 5246 section 7.2.1: ClosedDuringHandshake",
                "Peer in AwaitClientKeyExchange, close_notify, RFC 5246 section 7.2.1: ClosedDuringHandshake",
            ),
            Side::Server => same(
                &pair,
                "Peer in AwaitServerHello, close_notify, RFC 5246 section 7.2.1: ClosedDuringHandshake",
                "Peer in AwaitClientKeyExchange, close_notify, RFC 5246 section 7.2.1: ClosedDuringHandshake",
            ),
        }
    }
}

#[test]
fn connection_is_started_once_and_first() {
    let server_config = server(Kind::P256).build().unwrap();
    let mut started_twice = cairn_tls::Connection::server(&server_config);
    started_twice.start(&mut vec![]).unwrap();
    let mut out = Vec::new();
    let error = started_twice.start(&mut out).unwrap_err();
    pin(
        "",
        &crate::support::line(&error),
        "Us in AwaitClientHello, internal_error, no section: NotStartedOnce",
    );

    let mut never_started = cairn_tls::Connection::server(&server_config);
    let error =
        never_started.receive(&mut b"\x16\x03\x01\x00\x04\x01\x00\x00\x00".to_vec(), &mut out).unwrap_err();
    pin("", &crate::support::line(&error), "Us in Idle, internal_error, no section: NotStartedOnce");
}
