#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::*;
use crate::capture::{
    conversation::End,
    flows::Content,
    sides::{From, Sides},
    testing::{ACK, RAW, SYN, Tcp, pcap},
};
use core::net::{Ipv4Addr, SocketAddrV4};

mod hostile;

/// Three connections: TLS 1.3 with early data, TLS 1.2 with CBC and encrypt-then-MAC, and TLS 1.3 with
/// KeyUpdate.
const SMALL: &[u8] = include_bytes!("../../tests/captures/small.pcap");
const KEYS: &str = include_str!("../../tests/captures/small.keys");

fn log(lines: impl Fn(&&str) -> bool) -> KeyLog {
    let mut log = KeyLog::default();
    let lines: Vec<&str> = KEYS.lines().filter(lines).collect();
    assert_eq!(log.add(lines.join("\n").as_bytes()), None);
    log
}

/// The flows of a file and their TLS.
fn decode<'a>(file: &'a [u8], log: &KeyLog) -> Vec<Decoded<'a>> {
    let provider = provider().unwrap();
    let decoded = |flow| {
        let conversation = tls::read(&flow, Some(&provider), log);
        Decoded { flow, conversation, has_log: log.is_given() }
    };
    flows::of(&packets::read(file).segments).into_iter().map(decoded).collect()
}

fn data(decoded: &Decoded<'_>, from: From) -> Vec<u8> {
    let parts = decoded.conversation.data.iter().filter(|(each, _)| *each == from);
    parts.flat_map(|(_, data)| data.clone()).collect()
}

fn names<'a>(decoded: &'a Decoded<'_>) -> Vec<&'a str> {
    decoded.conversation.lines.iter().map(|line| line.event.name.as_str()).collect()
}

fn shown(decoded: &[Decoded<'_>]) -> String {
    decoded.iter().map(|each| show::text(Detail::Trees, each)).collect()
}

#[test]
fn connections_of_both_versions_are_opened() {
    let decoded = decode(SMALL, &log(|_| true));
    let [early, cbc, updates] = &decoded[..] else { panic!("{}", decoded.len()) };
    assert_eq!(data(early, From::Client), b"GET / HTTP/1.0\r\n\r\n");
    assert!(data(early, From::Server).starts_with(b"HTTP/1.1 200 OK"));
    assert!(early.conversation.facts.accepts_early_data);
    assert!(names(early).contains(&"EndOfEarlyData"));
    for each in [cbc, updates] {
        assert_eq!(data(each, From::Client), b"hello\nworld\n");
        assert_eq!(data(each, From::Server), b"hello\nworld\n");
    }
    assert!(cbc.conversation.facts.encrypt_then_mac);
    assert_eq!(cbc.conversation.facts.group.unwrap().to_string(), "x25519");
    assert_eq!(names(updates).iter().filter(|name| **name == "KeyUpdate").count(), 3);
    for each in &decoded {
        assert_eq!(each.closed(), 0);
        assert!(each.conversation.notes.is_empty(), "{:?}", each.conversation.notes);
        assert!(each.missing().is_none());
    }
    let text = shown(&decoded);
    for words in
        ["2 extensions, early data accepted", "server_share:", "encrypt_then_mac", "KeyUpdate of the"]
    {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[test]
fn missing_lines_of_the_key_log_are_named() {
    let decoded = decode(SMALL, &KeyLog::default());
    let text = shown(&decoded);
    assert!(
        text.contains("8 records not opened; --keylog FILE opens them if the file has a line for 661a6512")
    );
    assert!(text.contains("with CLIENT_RANDOM\n"), "{text}");
    assert!(decoded.iter().all(|each| each.conversation.data.is_empty()));
    // The messages in the clear are shown.
    assert!(names(&decoded[1]).contains(&"Certificate"));

    // Without the secrets of the server's application data.
    let decoded = decode(SMALL, &log(|line| !line.starts_with("SERVER_TRAFFIC_SECRET_0")));
    let early = &decoded[0];
    assert_eq!((data(early, From::Client).len(), data(early, From::Server).len()), (18, 0));
    let missing = early.missing().unwrap();
    assert!(missing.starts_with("the key log has no line for 661a6512"), "{missing}");
    assert!(missing.ends_with("with SERVER_TRAFFIC_SECRET_0"), "{missing}");

    // Without those of the handshake, the application data can be opened all the same.
    let decoded = decode(SMALL, &log(|line| !line.contains("HANDSHAKE")));
    assert_eq!(data(&decoded[2], From::Server), b"hello\nworld\n");
    assert!(names(&decoded[2]).contains(&"encrypted record"));
}

#[test]
fn secrets_of_another_connection_open_nothing() {
    // The randoms of the first and the last connection.
    let random =
        |label: &str| KEYS.lines().rfind(|line| line.starts_with(label)).unwrap().split(' ').nth(1).unwrap();
    let (first, last) = (random("EARLY_EXPORTER_SECRET"), random("CLIENT_TRAFFIC_SECRET_0"));
    let swapped = KEYS.replace(first, "?").replace(last, first).replace('?', last);
    assert_ne!(swapped, KEYS);
    let mut log = KeyLog::default();
    log.add(swapped.as_bytes());
    let decoded = decode(SMALL, &log);
    assert!(decoded[0].conversation.data.is_empty());
    let notes = decoded[0].conversation.notes.join("\n");
    assert!(notes.contains("the secrets of the key log do not open all records of the server"), "{notes}");
}

/// A capture of one connection in which the sides send this.
fn capture(sent: &[(bool, &[u8])]) -> Vec<u8> {
    pcap(RAW, &capture_packets(sent))
}

fn capture_packets(sent: &[(bool, &[u8])]) -> Vec<Vec<u8>> {
    let sent: Vec<(bool, Vec<u8>)> = sent.iter().map(|(client, bytes)| (*client, bytes.to_vec())).collect();
    tcp().packets(&sent)
}

fn tcp() -> Tcp {
    let address = |last, port| SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, last), port);
    Tcp { ends: [address(1, 50_000), address(2, 443)], next: [1, 2] }
}

/// The bytes of a side in the recorded capture.
fn recorded(flow: usize) -> Sides<Vec<u8>> {
    let capture = packets::read(SMALL);
    let mut bytes = Sides::<Vec<u8>>::default();
    for piece in &flows::of(&capture.segments)[flow].pieces {
        if let Content::Bytes(part) = piece.content {
            bytes.of_mut(piece.from).extend(part);
        }
    }
    bytes
}

#[test]
fn what_is_not_tls_is_named_and_other_flows_go_on() {
    let http = capture(&[(true, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), (false, b"HTTP/1.1 200 OK\r\n\r\n")]);
    let ssh = capture(&[(false, b"SSH-2.0-OpenSSH_9.2\r\n"), (true, b"\x00\xff")]);
    let file = [SMALL, &http[24..]].concat();
    let text = shown(&decode(&http, &KeyLog::default()));
    assert!(text.contains("Flow 1: 192.0.2.1:50000 to 192.0.2.2:443, not TLS"), "{text}");
    assert!(
        text.contains(r#"the client does not begin with TLS but with plain HTTP: "GET / HTTP/1.1\r\n"#),
        "{text}"
    );
    let text = shown(&decode(&ssh, &KeyLog::default()));
    assert!(text.contains("with SSH: \"SSH-2.0-OpenSSH_"), "{text}");
    assert!(text.contains("the client does not send TLS but 00 ff"), "{text}");
    // The link types of both files are the same.
    let decoded = decode(&file, &log(|_| true));
    assert_eq!(decoded.len(), 4);
    assert_eq!(data(&decoded[1], From::Client), b"hello\nworld\n");
}

#[test]
fn tls_after_another_protocol_is_found() {
    let tls = recorded(1);
    let file = capture(&[
        (false, b"220 mail.example ESMTP\r\n"),
        (true, b"STARTTLS\r\n"),
        (false, b"220 go on\r\n"),
        (true, &tls.client),
        (false, &tls.server),
    ]);
    let decoded = decode(&file, &KeyLog::default());
    let text = shown(&decoded);
    assert!(text.contains("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"), "{text}");
    assert!(
        text.contains("35 bytes of the server come before its TLS, beginning with \"220 mail.example"),
        "{text}"
    );
}

#[test]
fn tls_is_found_wherever_segments_begin() {
    let tls = recorded(1);
    let together = |before: &[u8], tls: &[u8]| [before, tls].concat();
    // Small segments, as `chunks` makes them.
    let small = |from_client: bool, bytes: &[u8], length: usize| -> Vec<(bool, Vec<u8>)> {
        bytes.chunks(length).map(|part| (from_client, part.to_vec())).collect()
    };
    let cases = [
        // PostgreSQL: the answer is one byte.
        vec![(true, b"\0\0\0\x08\x04\xd2\x16/".to_vec()), (false, b"S".to_vec()), (true, tls.client.clone())],
        // SOCKS 5.
        vec![(true, b"\x05\x01\0".to_vec()), (false, b"\x05\0".to_vec()), (true, tls.client.clone())],
        // A banner in two segments, and a command with the hello in one.
        vec![
            (false, b"220".to_vec()),
            (false, b" hi\r\n".to_vec()),
            (true, together(b"STARTTLS\r\n", &tls.client)),
        ],
        // Bytes that look like the header of a hello, but have no version.
        vec![
            (true, b"x\x16\x03\x01\x02\0\x01\0\x01\xfc\x07\x07".to_vec()),
            (false, b"ok".to_vec()),
            (true, tls.client.clone()),
        ],
        // A hello in segments of three bytes.
        [
            vec![(false, b"220 hi\r\n".to_vec()), (true, b"STARTTLS\r\n".to_vec())],
            small(true, &tls.client, 3),
        ]
        .concat(),
    ];
    for sent in cases {
        let sent = [sent, small(false, &tls.server, 700)].concat();
        let borrowed: Vec<(bool, &[u8])> = sent.iter().map(|(client, bytes)| (*client, &bytes[..])).collect();
        let file = capture(&borrowed);
        let decoded = decode(&file, &KeyLog::default());
        let text = shown(&decoded);
        assert!(text.contains("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"), "{text}");
        assert!(decoded[0].conversation.stops.client.is_none(), "{text}");
        assert!(decoded[0].conversation.stops.server.is_none(), "{text}");
    }
    // Records at the beginning are TLS, however small the segments are.
    let sent = [small(true, &tls.client, 2), small(false, &tls.server, 3)].concat();
    let borrowed: Vec<(bool, &[u8])> = sent.iter().map(|(client, bytes)| (*client, &bytes[..])).collect();
    let text = shown(&decode(&capture(&borrowed), &KeyLog::default()));
    assert!(!text.contains("come before its TLS"), "{text}");
    assert!(text.contains("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"), "{text}");
}

#[test]
fn equal_alerts_are_one_line_and_lines_have_a_limit() {
    let warning = [21, 3, 3, 0, 2, 1, 90];
    let fatal = [21, 3, 3, 0, 2, 2, 40];
    let file = capture(&[(true, &warning.repeat(500)), (true, &fatal), (false, &fatal)]);
    let decoded = decode(&file, &KeyLog::default());
    let lines = &decoded[0].conversation.lines;
    assert_eq!(lines.iter().map(|line| line.records).collect::<Vec<_>>(), [500, 1, 1]);
    let text = shown(&decoded);
    assert!(text.contains("user_canceled (warning), 500 records"), "{text}");

    let alternating = [warning, fatal].concat().repeat(tls::MAX_LINES / 2 + 1);
    let file = capture(&[(true, &alternating)]);
    let decoded = decode(&file, &KeyLog::default());
    let conversation = &decoded[0].conversation;
    assert_eq!((conversation.lines.len(), conversation.left_out), (tls::MAX_LINES, 2));
    let reasons = decoded[0].reasons().join("\n");
    assert!(reasons.contains("2 more messages of this flow are left out"), "{reasons}");
}

#[test]
fn a_gap_in_a_record_loses_only_that_record() {
    let capture = packets::read(SMALL);
    let port = |segment: &packets::Segment<'_>| segment.from.port();
    let flow = flows::of(&capture.segments)[2].addresses.client.port();
    // The first "hello" of the client of the last flow: a record of 6 bytes, the type and the tag.
    let is_lost = |segment: &packets::Segment<'_>| {
        port(segment) == flow && segment.payload.starts_with(&[23, 3, 3, 0, 23])
    };
    let lost = capture.segments.iter().find(|segment| is_lost(segment)).unwrap();
    let provider = provider().unwrap();
    let log = log(|_| true);
    let with = |kept: Option<&'static [u8]>| {
        let mut segments = capture.segments.clone();
        segments.retain_mut(|segment| {
            if segment.packet == lost.packet {
                segment.payload = kept.unwrap_or_default();
            }
            segment.packet != lost.packet || kept.is_some()
        });
        let flow = flows::of(&segments).remove(2);
        let conversation = tls::read(&flow, Some(&provider), &log);
        Decoded { flow, conversation, has_log: true }
    };
    // With its header, the record has its place, and the next ones have their numbers.
    let decoded = with(Some(&[23, 3, 3, 0, 23]));
    assert_eq!(data(&decoded, From::Client), b"world\n");
    let notes = decoded.conversation.notes.join("\n");
    assert!(notes.contains("of the client are not in the capture; they are in one record"), "{notes}");
    assert!(names(&decoded).contains(&"damaged record"));
    assert_eq!((decoded.conversation.incomplete.client, decoded.conversation.incomplete.server), (1, 0));
    assert_eq!(write::check(&decoded, Some(From::Client)).unwrap_err().code(), Code::Local);
    assert!(write::check(&decoded, Some(From::Server)).is_ok());
    // Without it, the client ends there. The server goes on.
    let decoded = with(None);
    assert_eq!(data(&decoded, From::Client), b"");
    assert_eq!(data(&decoded, From::Server), b"hello\nworld\n");
    assert_eq!(decoded.conversation.incomplete.client, 1);
    assert_eq!(write::check(&decoded, None).unwrap_err().code(), Code::Local);
    let text = shown(&[decoded]);
    assert!(text.contains("so the records after them cannot be found"), "{text}");
}

#[test]
fn a_capture_that_ends_within_a_record_is_incomplete() {
    let tls = recorded(2);
    let cut = &tls.server[..tls.server.len() - 1];
    // Without a FIN behind it, nothing but the header tells that a byte is missing.
    let mut packets = capture_packets(&[(true, &tls.client), (false, cut)]);
    packets.truncate(packets.len() - 3);
    let file = pcap(RAW, &packets);
    let decoded = decode(&file, &log(|_| true));
    let conversation = &decoded[0].conversation;
    assert_eq!((conversation.incomplete.client, conversation.incomplete.server), (0, 1));
    let failure = write::check(&decoded[0], Some(From::Server)).unwrap_err();
    assert_eq!((failure.code(), failure.message()), (Code::Local, "flow 1: bytes are missing in 1 place"));
    assert!(failure.hints().iter().any(|hint| hint.contains("end within a record")), "{failure}");
}

/// The parts of a recorded connection in their order; `true` is the client.
fn parts(flow: usize) -> Vec<(bool, &'static [u8])> {
    let capture = packets::read(SMALL);
    let part = |piece: &flows::Piece<'static>| match piece.content {
        Content::Bytes(bytes) => Some((piece.from == From::Client, bytes)),
        Content::Missing(_) => None,
    };
    flows::of(&capture.segments)[flow].pieces.iter().filter_map(part).collect()
}

#[test]
fn end_of_a_side_without_close_notify_is_noted() {
    let unfinished = |sent: &[(bool, &[u8])], packets_left_out: usize, log: &KeyLog| {
        let mut packets = capture_packets(sent);
        packets.truncate(packets.len() - packets_left_out);
        let file = pcap(RAW, &packets);
        let decoded = decode(&file, log);
        assert!(write::check(&decoded[0], None).is_ok() || !log.is_given());
        let one = [From::Client, From::Server].map(|from| decoded[0].unfinished(Some(from)).len());
        (decoded[0].unfinished(None), one)
    };
    let (all, none) = (log(|_| true), KeyLog::default());
    let no_notes = (Vec::<String>::new(), [0, 0]);
    // The last two parts are the alerts of both sides, and the last three packets the end of TCP.
    let whole = parts(2);
    assert_eq!(unfinished(&whole, 0, &all), no_notes);
    // After close_notify, a FIN tells nothing more.
    assert_eq!(unfinished(&whole, 3, &all), no_notes);
    let without_last = &whole[..whole.len() - 1];
    let cut = "the server ends without a close_notify alert, so its data may be cut off";
    assert_eq!(unfinished(without_last, 0, &all), (vec![cut.into()], [0, 1]));
    let more = "the capture ends before the server closes the connection: more data may follow";
    assert_eq!(unfinished(without_last, 3, &all), (vec![more.into()], [0, 1]));
    let without_both = &whole[..whole.len() - 2];
    let more = "the capture ends before either side closes the connection: more data may follow";
    assert_eq!(unfinished(without_both, 3, &all), (vec![more.into()], [1, 1]));
    // A record that stays closed may be the alert.
    assert_eq!(unfinished(without_both, 0, &none), no_notes);
    assert_eq!(unfinished(without_both, 3, &none), (vec![more.into()], [1, 1]));
    // An alert in the clear does not end what is encrypted.
    let forged = [without_last, &[(false, &[21, 3, 3, 0, 2, 1, 0])]].concat();
    assert_eq!(unfinished(&forged, 0, &all), (vec![cut.into()], [0, 1]));
    // An error alert ends the connection for both sides.
    let hello = whole[0];
    assert_eq!(unfinished(&[hello, (false, &[21, 3, 3, 0, 2, 2, 40])], 0, &all), no_notes);
    assert_eq!(unfinished(&[hello], 0, &all).1, [1, 0]);
}

#[test]
fn alerts_of_one_record_are_read_one_after_the_other() {
    let hello = parts(1)[0];
    let file = capture(&[hello, (false, &[21, 3, 3, 0, 4, 1, 90, 1, 0]), (false, &[21, 3, 3, 0, 0])]);
    let decoded = decode(&file, &KeyLog::default());
    assert_eq!(names(&decoded[0]), ["ClientHello", "Alert", "Alert"]);
    assert_eq!(decoded[0].conversation.ends.server, End::CloseNotify);
    assert_eq!(decoded[0].conversation.notes, ["malformed alert in packet 6"]);
}

#[test]
fn client_without_its_server_has_encrypted_records() {
    for flow in [1, 2] {
        let tls = recorded(flow);
        let file = capture(&[(true, &tls.client)]);
        let decoded = decode(&file, &log(|_| true));
        let conversation = &decoded[0].conversation;
        let clear = names(&decoded[0]).into_iter().filter(|name| *name != "encrypted record");
        let expected: &[&str] = match flow {
            1 => &["ClientHello", "ClientKeyExchange", "ChangeCipherSpec"],
            _ => &["ClientHello", "ChangeCipherSpec"],
        };
        assert_eq!(clear.collect::<Vec<_>>(), expected);
        assert!(conversation.closed.client > 0);
        assert_eq!(conversation.incomplete.client, 0);
        assert_eq!(conversation.notes, ["without the ServerHello, nothing encrypted can be opened"]);
        assert!(decoded[0].missing().is_none());
    }
    // The server alone is known as such, without a SYN too.
    let mut packets = capture_packets(&[(false, &recorded(1).server)]);
    packets.drain(..3);
    let file = pcap(RAW, &packets);
    let decoded = decode(&file, &KeyLog::default());
    assert_eq!(decoded[0].flow.addresses.server.port(), 443);
    assert_eq!(names(&decoded[0])[0], "ServerHello");
}
