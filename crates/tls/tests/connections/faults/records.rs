//! Malformed records, unprotected and protected.

use super::{pin, same};
use crate::support::{End, Forger, Kind, Pair, client, name, records, server};
use cairn_tls::{Connection, Side};

fn fresh(side: Side) -> End {
    let mut end = match side {
        Side::Client => End::new(Connection::client(&client().build().unwrap(), name())),
        Side::Server => End::new(Connection::server(&server(Kind::P256).build().unwrap())),
    };
    end.outbox.clear();
    end
}

/// The response to these first bytes. Both roles give the same one, except for the state.
fn first(bytes: &[u8]) -> String {
    let [client, server] = [Side::Client, Side::Server].map(|side| {
        let mut end = fresh(side);
        end.take(bytes);
        let alerts = end.outbox.clone();
        if end.error.is_some() {
            end.take(bytes);
            end.close();
            assert_eq!(end.outbox, alerts, "an alert is sent once, and nothing after it");
        }
        let alert = if alerts.is_empty() { vec![] } else { alerts[5..].to_vec() };
        assert!(alerts.len() < 8);
        let fault = end.fault().replace("AwaitServerHello", "Await").replace("AwaitClientHello", "Await");
        format!("{fault} {alert:02x?}")
    });
    assert_eq!(client, server);
    client
}

#[test]
fn other_protocols_are_rejected_at_the_first_record() {
    pin(
        "",
        &first(b"\x00\x01\x02\x03\x04\x05\x06\x07"),
        "Us in Await, unexpected_message, RFC 5246 section 6.2.1: Record(NotTls { looks_like: Unknown }) \
         [02, 0a]",
    );
    pin(
        "",
        &first(b"GET / HTTP/1.1\r\n\r\n"),
        "Us in Await, unexpected_message, RFC 5246 section 6.2.1: Record(NotTls { looks_like: Http }) [02, \
         0a]",
    );
    pin(
        "",
        &first(b"HTTP/1.1 400 Bad Request\r\n"),
        "Us in Await, unexpected_message, RFC 5246 section 6.2.1: Record(NotTls { looks_like: Http }) [02, \
         0a]",
    );
    pin(
        "",
        &first(b"SSH-2.0-OpenSSH_9.6\r\n"),
        "Us in Await, unexpected_message, RFC 5246 section 6.2.1: Record(NotTls { looks_like: Ssh }) [02, \
         0a]",
    );
    pin(
        "",
        &first(b"\x80\x2e\x01\x03\x03"),
        "Us in Await, protocol_version, RFC 6176 section 3: Record(NotTls { looks_like: Sslv2 }) [02, 46]",
    );
}

#[test]
fn invalid_unprotected_records_are_rejected_with_their_alert() {
    pin(
        "heartbeat",
        &first(b"\x18\x03\x03\x00\x01\x00"),
        "Us in Await, unexpected_message, RFC 5246 section 6.2.1: Record(UnknownContentType { content_type: \
         heartbeat }) [02, 0a]",
    );
    pin(
        "version 2",
        &first(b"\x16\x02\x00\x00\x01\x00"),
        "Us in Await, protocol_version, RFC 5246 appendix E.1: Record(WrongVersion { expected: None, got: \
         0x0200 }) [02, 46]",
    );
    pin(
        "record_overflow, detected at the header",
        &first(b"\x16\x03\x01\x40\x01"),
        "Us in Await, record_overflow, RFC 5246 section 6.2.1: Record(PlaintextTooLong { length: 16385, \
         max: 16384 }) [02, 16]",
    );
    pin(
        "empty handshake record",
        &first(b"\x16\x03\x01\x00\x00"),
        "Us in Await, unexpected_message, RFC 5246 section 6.2.1: Record(EmptyFragment { content_type: \
         handshake }) [02, 0a]",
    );
    pin(
        "empty alert",
        &first(b"\x15\x03\x01\x00\x00"),
        "Us in Await, unexpected_message, RFC 5246 section 6.2.1: Record(EmptyFragment { content_type: \
         alert }) [02, 0a]",
    );
    pin(
        "ChangeCipherSpec too early",
        &first(b"\x14\x03\x01\x00\x01\x01"),
        "Us in Await, unexpected_message, RFC 5246 section 7.3: UnexpectedMessage { got: \
         \"ChangeCipherSpec\" } [02, 0a]",
    );
    pin(
        "ChangeCipherSpec of another value",
        &first(b"\x14\x03\x01\x00\x01\x02"),
        "Us in Await, illegal_parameter, RFC 5246 section 7.1: BadChangeCipherSpec(DecodeError { kind: \
         IllegalValue { value: 2 }, offset: 0, what: \"ChangeCipherSpec.type\" }) [02, 2f]",
    );
    pin(
        "two ChangeCipherSpecs in one record",
        &first(b"\x14\x03\x01\x00\x02\x01\x01"),
        "Us in Await, decode_error, RFC 5246 section 7.1: BadChangeCipherSpec(DecodeError { kind: \
         TrailingBytes { count: 1 }, offset: 1, what: \"end of input\" }) [02, 32]",
    );
    pin(
        "application data before Finished",
        &first(b"\x17\x03\x01\x00\x01a"),
        "Us in Await, unexpected_message, RFC 5246 section 7.4.9: Record(UnexpectedApplicationData) [02, 0a]",
    );
    pin(
        "empty application data too early",
        &first(b"\x17\x03\x01\x00\x00"),
        "Us in Await, unexpected_message, RFC 5246 section 7.4.9: Record(UnexpectedApplicationData) [02, 0a]",
    );
    pin("half an alert", &first(b"\x15\x03\x01\x00\x01\x02"), "none []");
    pin(
        "an alert in two records",
        &first(b"\x15\x03\x01\x00\x01\x02\x15\x03\x01\x00\x01\x28"),
        "Peer in Await, no alert, RFC 5246 section 7.2.2: PeerAlert(handshake_failure) []",
    );
    pin(
        "half of an alert, then ChangeCipherSpec",
        &first(b"\x15\x03\x01\x00\x01\x02\x14\x03\x01\x00\x01\x01"),
        "Us in Await, unexpected_message, RFC 5246 section 7.1: SplitAcrossKeyChange [02, 0a]",
    );
    pin("two alerts in one record", &first(b"\x15\x03\x01\x00\x04\x01\x5a\x01\x5a"), "none []");
    pin(
        "two alerts and half of a third in one record, and the rest in the next",
        &first(b"\x15\x03\x01\x00\x05\x01\x5a\x01\x5a\x02\x15\x03\x01\x00\x01\x28"),
        "Peer in Await, no alert, RFC 5246 section 7.2.2: PeerAlert(handshake_failure) []",
    );
    pin(
        "a warning and close_notify in one record, and ignored bytes after them",
        &first(b"\x15\x03\x01\x00\x06\x01\x5a\x01\x00\x03\x28"),
        "Peer in Await, close_notify, RFC 5246 section 7.2.1: ClosedDuringHandshake [01, 00]",
    );
    pin(
        "five warnings in one record",
        &first(b"\x15\x03\x01\x00\x0a\x01\x5a\x01\x5a\x01\x5a\x01\x5a\x01\x5a"),
        "Us in Await, unexpected_message, no section: Record(TooManyWarnings { max: 4 }) [02, 0a]",
    );
    pin(
        "an alert of level 3",
        &first(b"\x15\x03\x01\x00\x02\x03\x28"),
        "Us in Await, illegal_parameter, RFC 5246 section 7.2: BadAlertLevel(0x03) [02, 2f]",
    );
    pin(
        "handshake_failure",
        &first(b"\x15\x03\x01\x00\x02\x02\x28"),
        "Peer in Await, no alert, RFC 5246 section 7.2.2: PeerAlert(handshake_failure) []",
    );
    pin(
        "close_notify",
        &first(b"\x15\x03\x01\x00\x02\x01\x00"),
        "Peer in Await, close_notify, RFC 5246 section 7.2.1: ClosedDuringHandshake [01, 00]",
    );
    pin(
        "close_notify of level fatal",
        &first(b"\x15\x03\x01\x00\x02\x02\x00"),
        "Peer in Await, close_notify, RFC 5246 section 7.2.1: ClosedDuringHandshake [01, 00]",
    );
    pin("four warnings", &first(&b"\x15\x03\x01\x00\x02\x01\x5a".repeat(4)), "none []");
    pin(
        "five warnings",
        &first(&b"\x15\x03\x01\x00\x02\x01\x5a".repeat(5)),
        "Us in Await, unexpected_message, no section: Record(TooManyWarnings { max: 4 }) [02, 0a]",
    );
    pin(
        "a message of an unknown type",
        &first(b"\x16\x03\x01\x00\x04\x63\x00\x00\x00"),
        "Us in Await, unexpected_message, RFC 5246 section 7.3: UnexpectedMessage { got: \"handshake \
         message of an unknown type\" } [02, 0a]",
    );
    for side in [Side::Client, Side::Server] {
        let (msg_type, max, state) = match side {
            Side::Client => (2, 65_607, "AwaitServerHello"),
            Side::Server => (1, 131_396, "AwaitClientHello"),
        };
        let mut end = fresh(side);
        end.take(&[0x16, 3, 1, 0, 4, msg_type, 3, 13, 64]);
        pin(
            "a message of 200,000 bytes, longer than its fields permit",
            &end.fault(),
            &format!(
                "Us in {state}, decode_error, RFC 5246 section 4.3: Decode(DecodeError {{ kind: \
                 LengthOutOfRange {{ length: 200000, min: 0, max: {max} }}, offset: 1, what: \
                 \"Handshake.length\" }})"
            ),
        );
    }
    pin(
        "the header of an unexpected message, long before its end",
        &first(b"\x16\x03\x01\x00\x04\x0b\x01\x00\x00"),
        "Us in Await, unexpected_message, RFC 5246 section 7.3: UnexpectedMessage { got: \"Certificate\" } \
         [02, 0a]",
    );
    pin(
        "Finished",
        &first(b"\x16\x03\x01\x00\x04\x14\x00\x00\x00"),
        "Us in Await, unexpected_message, RFC 5246 section 7.3: UnexpectedMessage { got: \"Finished\" } \
         [02, 0a]",
    );
    // Half of a hello, followed by another content type.
    pin(
        "",
        &first(b"\x16\x03\x01\x00\x02\x01\x00\x14\x03\x01\x00\x01\x01"),
        "Us in Await, unexpected_message, RFC 5246 section 7.1: SplitAcrossKeyChange [02, 0a]",
    );
}

#[test]
fn altered_byte_in_a_protected_record_is_bad_record_mac() {
    // Each side sends ChangeCipherSpec, which is unprotected, then Finished and one record of data.
    let what = [
        (Side::Client, 2),
        (Side::Client, 3),
        (Side::Client, 4),
        (Side::Server, 1),
        (Side::Server, 2),
        (Side::Server, 3),
    ];
    for (side, number) in what {
        let mut pair = Pair::new(&client().build().unwrap(), &server(Kind::P256).build().unwrap());
        let mut sent = [0, 0];
        for _ in 0..2 {
            pair.run_through(|from, _, mut record| {
                let count = &mut sent[usize::from(from == Side::Server)];
                if (from, *count) == (side, number) {
                    *record.last_mut().unwrap() ^= 1;
                }
                *count += 1;
                record
            });
            if pair.complete() {
                pair.client.write(b"data");
                pair.server.write(b"data");
            }
        }
        match (side, number) {
            (Side::Client, 2) => same(
                &pair,
                "Peer in AwaitChangeCipherSpec, no alert, RFC 5246 section 7.2.2: \
                 PeerAlert(illegal_parameter)",
                "Us in AwaitChangeCipherSpec, illegal_parameter, RFC 5246 section 7.1: \
                 BadChangeCipherSpec(DecodeError { kind: IllegalValue { value: 0 }, offset: 0, what: \
                 \"ChangeCipherSpec.type\" })",
            ),
            (Side::Client, 3) => same(
                &pair,
                "Peer in AwaitChangeCipherSpec, no alert, RFC 5246 section 7.2.2: PeerAlert(bad_record_mac)",
                "Us in AwaitFinished, bad_record_mac, RFC 5246 section 6.2.3: Record(BadRecordMac)",
            ),
            (Side::Client, _) => same(
                &pair,
                "Peer in Established, no alert, RFC 5246 section 7.2.2: PeerAlert(bad_record_mac)",
                "Us in Established, bad_record_mac, RFC 5246 section 6.2.3: Record(BadRecordMac)",
            ),
            (Side::Server, 1) => same(
                &pair,
                "Us in AwaitChangeCipherSpec, illegal_parameter, RFC 5246 section 7.1: \
                 BadChangeCipherSpec(DecodeError { kind: IllegalValue { value: 0 }, offset: 0, what: \
                 \"ChangeCipherSpec.type\" })",
                "Peer in Established, no alert, RFC 5246 section 7.2.2: PeerAlert(illegal_parameter)",
            ),
            (Side::Server, 2) => same(
                &pair,
                "Us in AwaitFinished, bad_record_mac, RFC 5246 section 6.2.3: Record(BadRecordMac)",
                "Peer in Established, no alert, RFC 5246 section 7.2.2: PeerAlert(bad_record_mac)",
            ),
            (Side::Server, _) => same(
                &pair,
                "Us in Established, bad_record_mac, RFC 5246 section 6.2.3: Record(BadRecordMac)",
                "Peer in Established, no alert, RFC 5246 section 7.2.2: PeerAlert(bad_record_mac)",
            ),
        }
    }
}

#[test]
fn transport_end_after_any_record_is_a_truncation() {
    // Client: ClientHello; the messages up to ChangeCipherSpec; Finished. Server: the messages up to
    // ServerHelloDone; ChangeCipherSpec; Finished.
    let mut ends = Vec::new();
    let total = {
        let mut total = 0;
        let mut pair = Pair::new(&client().build().unwrap(), &server(Kind::P256).build().unwrap());
        pair.run_through(|_, _, record| {
            total += 1;
            record
        });
        total
    };
    for last in 0..total {
        let mut pair = Pair::new(&client().build().unwrap(), &server(Kind::P256).build().unwrap());
        let mut count = 0;
        pair.run_through(|_, _, record| {
            count += 1;
            if count > last { vec![] } else { record }
        });
        for end in [&mut pair.client, &mut pair.server] {
            let complete = end.conn.is_complete();
            let error = end.conn.transport_ended().unwrap_err();
            assert!(error.is_truncation() && error.alert.is_none());
            assert_eq!(end.conn.is_complete(), complete);
            assert_eq!(end.conn.receive(&mut [], &mut vec![]), Err(error));
        }
        ends.push(format!("{} / {}", pair.client.conn.reader().state(), pair.server.conn.reader().state()));
    }
    assert_eq!(
        ends,
        [
            "AwaitServerHello / AwaitClientHello",
            "AwaitServerHello / AwaitClientKeyExchange",
            "AwaitChangeCipherSpec / AwaitClientKeyExchange",
            "AwaitChangeCipherSpec / AwaitChangeCipherSpec",
            "AwaitChangeCipherSpec / AwaitFinished",
            "AwaitChangeCipherSpec / Established",
            "AwaitFinished / Established"
        ]
    );
}

/// The result if records of these types are forged as `side`.
fn forged(side: Side, contents: &[(u8, &[u8])]) -> Pair {
    let (mut pair, forger) = Forger::watched();
    let other = match side {
        Side::Client => &mut pair.server,
        Side::Server => &mut pair.client,
    };
    for (i, (content_type, content)) in contents.iter().enumerate() {
        // Finished was the first record.
        other.take(&forger.record(side, 1 + i as u64, *content_type, content));
    }
    pair.run();
    pair
}

#[test]
fn malformed_protected_records_are_rejected_with_their_alert() {
    for side in [Side::Client, Side::Server] {
        let say = |contents: &[(u8, &[u8])]| {
            let pair = forged(side, contents);
            let (honest, other) = match side {
                Side::Client => (pair.server, pair.client),
                Side::Server => (pair.client, pair.server),
            };
            // The impersonated side receives the alert under the current keys.
            format!("{} / {}", honest.fault(), other.fault())
        };
        pin(
            "an empty handshake record",
            &say(&[(22, b"")]),
            "Us in Established, unexpected_message, RFC 5246 section 6.2.1: Record(EmptyFragment { \
             content_type: handshake }) / Peer in Established, no alert, RFC 5246 section 7.2.2: \
             PeerAlert(unexpected_message)",
        );
        pin(
            "ChangeCipherSpec late",
            &say(&[(20, b"\x01")]),
            "Us in Established, unexpected_message, RFC 5246 section 7.3: UnexpectedMessage { got: \
             \"ChangeCipherSpec\" } / Peer in Established, no alert, RFC 5246 section 7.2.2: \
             PeerAlert(unexpected_message)",
        );
        pin(
            "heartbeat",
            &say(&[(24, b"\x01")]),
            "Us in Established, unexpected_message, RFC 5246 section 6.2.1: Record(UnknownContentType { \
             content_type: heartbeat }) / Peer in Established, no alert, RFC 5246 section 7.2.2: \
             PeerAlert(unexpected_message)",
        );
        pin("half an alert", &say(&[(21, b"\x01")]), "none / none");
        pin(
            "an alert in two records, with data between them",
            &say(&[(21, b"\x02"), (23, b"data"), (21, b"\x28")]),
            "Peer in Established, no alert, RFC 5246 section 7.2.2: PeerAlert(handshake_failure) / none",
        );
        pin(
            "record_overflow",
            &say(&[(23, &[0; 16_385])]),
            "Us in Established, record_overflow, RFC 5246 section 6.2.3: Record(CiphertextTooLong { length: \
             16409, max: 16408 }) / Peer in Established, no alert, RFC 5246 section 7.2.2: \
             PeerAlert(record_overflow)",
        );
        pin("32 records of no data", &say(&[(23, &b""[..]); 32]), "none / none");
        pin(
            "33 records of no data",
            &say(&[(23, &b""[..]); 33]),
            "Us in Established, unexpected_message, no section: Record(TooManyEmptyRecords { max: \
             32 }) / Peer in Established, no alert, RFC 5246 section 7.2.2: PeerAlert(unexpected_message)",
        );
        pin("four warnings", &say(&[(21, &b"\x01\x5a"[..]); 4]), "none / none");
        pin(
            "five warnings",
            &say(&[(21, &b"\x01\x5a"[..]); 5]),
            "Us in Established, unexpected_message, no section: Record(TooManyWarnings { max: 4 }) \
             / Peer in Established, no alert, RFC 5246 section 7.2.2: PeerAlert(unexpected_message)",
        );
        pin(
            "Finished again",
            &say(&[(22, b"\x14\x00\x00\x0c012345678901")]),
            "Us in Established, unexpected_message, RFC 5246 section 7.3: UnexpectedMessage { got: \
             \"Finished\" } / Peer in Established, no alert, RFC 5246 section 7.2.2: \
             PeerAlert(unexpected_message)",
        );
    }
}

#[test]
fn repeated_lost_and_swapped_records_are_bad_record_mac() {
    for order in [&[0, 0][..], &[1], &[1, 0], &[0, 2]] {
        let (mut pair, _) = Forger::watched();
        for data in [b"a", b"b", b"c"] {
            pair.client.write(data);
        }
        let sent = records(&core::mem::take(&mut pair.client.outbox));
        for i in order {
            pair.server.take(&sent[*i]);
        }
        pair.run();
        same(
            &pair,
            "Peer in Established, no alert, RFC 5246 section 7.2.2: PeerAlert(bad_record_mac)",
            "Us in Established, bad_record_mac, RFC 5246 section 6.2.3: Record(BadRecordMac)",
        );
    }
}
