//! Application data that is opened directly into the reader's buffer, and sealed directly from the writer's.

use crate::support::{End, Kind, Pair, Wire, client, name, records, server, wires};
use cairn_tls::{
    ClientConfig, Connection, ErrorKind, OpenedData, RecordError, Renegotiation, Stream, tls_error,
    wire::{AlertDescription, CipherSuite},
};
use std::io::{self, BufRead, Read, Write};

/// A suite for each record protection.
const SUITES: [CipherSuite; if cfg!(feature = "legacy") { 5 } else { 3 }] = [
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8,
    #[cfg(feature = "legacy")]
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384,
    #[cfg(feature = "legacy")]
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
];
/// The content of a buffer before the call.
const BEFORE: u8 = 0xee;

fn ready(suite: CipherSuite) -> Pair {
    let client = client().suites(&[suite]).unwrap().build().unwrap();
    let server = server(Kind::P256).suites(&[suite]).unwrap().build().unwrap();
    Pair::ready(&client, &server)
}

fn data(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 7 + (i >> 8)) as u8).collect()
}

/// Deterministic pseudo-random numbers.
fn numbers(mut seed: u32) -> impl FnMut(usize) -> usize {
    move |below| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize % below
    }
}

#[test]
fn data_written_from_slices_is_received_in_place() {
    for suite in SUITES {
        let mut pair = ready(suite);
        let sent = data(50_000);
        let (client, server) = (&mut pair.client.conn, &mut pair.server.conn);
        let mut wire = vec![BEFORE; client.writer().sealed_len(sent.len()) + 10];
        let sealed = client.write_slice(&sent, &mut wire).unwrap();
        assert_eq!((sealed.read, sealed.written), (sent.len(), wire.len() - 10), "{suite}");
        assert_eq!(wire.split_off(sealed.written), [BEFORE; 10]);

        let (mut came, mut out) = (Vec::new(), Vec::new());
        // With CBC, the buffer also needs room for padding.
        let mut place = vec![BEFORE; (1 << 14) + 16];
        let mut rest = &mut wire[..];
        while !rest.is_empty() {
            let OpenedData { length, consumed } =
                server.receive_data(rest, &mut place, &mut out).unwrap().expect("it fits");
            came.extend_from_slice(&place[..length]);
            rest = &mut rest[consumed..];
        }
        assert!(came == sent && out.is_empty(), "{suite}");
        // With little room, little is sealed. No room is an error that is not final.
        let mut wire = [0; 200];
        let sealed = pair.client.conn.write_slice(&sent, &mut wire).unwrap();
        assert!(sealed.read > 100 && sealed.written <= 200, "{suite}");
        pair.client.outbox.extend_from_slice(&wire[..sealed.written]);
        let error = pair.client.conn.write_slice(&sent, &mut wire[..20]).unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Record(RecordError::BufferTooSmall { got: 20, .. })));
        assert_eq!(error.alert, None);
        let none = pair.client.conn.write_slice(&[], &mut []).unwrap();
        assert_eq!((none.read, none.written), (0, 0));
        pair.client.write(b"!");
        pair.run();
        assert_eq!(pair.server.data, [&sent[..sealed.read], b"!"].concat());
    }
}

#[test]
fn only_complete_application_data_that_fits_is_received_in_place() {
    let client = client().renegotiation(Renegotiation::Allowed).build().unwrap();
    let server = server(Kind::P256).renegotiation(Renegotiation::Allowed).build().unwrap();
    let mut place = [BEFORE; 100];
    let nothing = |conn: &mut Connection, input: &mut [u8], place: &mut [u8]| {
        let (before, mut out) = (input.to_vec(), Vec::new());
        assert_eq!(conn.receive_data(input, place, &mut out), Ok(None));
        assert!(out.is_empty() && input == before && place.iter().all(|byte| *byte == BEFORE));
    };
    // For each record of the first handshake, the data after it, a renegotiation and the end, `receive_data`
    // is called first.
    let mut pair = Pair::new(&client, &server);
    for round in 0..4 {
        while !(pair.client.outbox.is_empty() && pair.server.outbox.is_empty()) {
            for record in records(&core::mem::take(&mut pair.client.outbox)) {
                nothing(&mut pair.server.conn, &mut record.clone(), &mut place);
                pair.server.take(&record);
            }
            for record in records(&core::mem::take(&mut pair.server.outbox)) {
                nothing(&mut pair.client.conn, &mut record.clone(), &mut place);
                pair.client.take(&record);
            }
        }
        assert!(pair.complete(), "{} / {}", pair.client.fault(), pair.server.fault());
        let End { conn, outbox, .. } = &mut pair.server;
        match round {
            0 => conn.renegotiate(outbox).unwrap(),
            1 => pair.client.conn.renegotiate(&mut pair.client.outbox).unwrap(),
            2 => conn.close(outbox).unwrap(),
            _ => break,
        }
        if round < 2 {
            // Data between the handshakes: incomplete, and with too little room.
            let mut wire = Vec::new();
            if pair.client.conn.writer().is_open() {
                pair.client.conn.write(&[7; 50], &mut wire).unwrap();
                for cut in 0..wire.len() {
                    nothing(&mut pair.server.conn, &mut wire[..cut], &mut place);
                }
                nothing(&mut pair.server.conn, &mut wire, &mut place[..49]);
                let opened = pair.server.conn.receive_data(&mut wire, &mut place, &mut Vec::new());
                assert_eq!(opened.unwrap().unwrap().length, 50);
                assert!(place[..50] == [7; 50] && place[50..] == [BEFORE; 50]);
                place.fill(BEFORE);
            }
        }
    }
    assert!(pair.client.closed && pair.client.conn.reader().renegotiations() == 2);
    // After the end, no input is examined.
    nothing(&mut pair.client.conn, &mut [23, 3, 3, 0, 30], &mut place);
}

#[test]
fn modified_record_leaves_no_plaintext_in_the_buffer() {
    for suite in SUITES {
        let mut pair = ready(suite);
        pair.client.write(&data(1000));
        let mut wire = core::mem::take(&mut pair.client.outbox);
        let middle = wire.len() / 2;
        wire[middle] ^= 1;
        let (mut place, mut out) = (vec![0; 2000], Vec::new());
        let error = pair.server.conn.receive_data(&mut wire, &mut place, &mut out).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Record(RecordError::BadRecordMac), "{suite}");
        assert_eq!(error.alert, Some(AlertDescription::BAD_RECORD_MAC));
        assert_eq!(out[0], 21, "the alert is sent");
        assert!(place.iter().all(|byte| *byte == 0), "{suite}");
        assert_eq!(pair.server.conn.receive(&mut wire, &mut out), Err(error), "it is final");
        assert_eq!(pair.server.conn.receive_data(&mut wire, &mut place, &mut out), Ok(None));
    }
}

type Tls = Stream<Wire>;

fn streams(suite: CipherSuite, shape: impl Fn(&mut Wire)) -> (Tls, Tls) {
    let (mut a, mut b) = wires();
    shape(&mut a);
    shape(&mut b);
    let client = client().suites(&[suite]).unwrap().build().unwrap();
    let server = server(Kind::P256).suites(&[suite]).unwrap().build().unwrap();
    let mut client = Stream::client(&client, name(), a).unwrap();
    let mut server = Stream::server(&server, b).unwrap();
    while [unblocked(client.handshake()), unblocked(server.handshake())].contains(&None) {}
    (client, server)
}

fn unblocked<T>(result: io::Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn writes_and_buffers_of_any_size_deliver_the_data() {
    for (seed, suite) in (1..).zip(SUITES.into_iter().cycle().take(15)) {
        let mut number = numbers(seed);
        let step = [usize::MAX, 1000, 17_000][number(3)];
        let (mut client, mut server) = streams(suite, |wire| {
            wire.step = step;
            wire.room = 100_000;
        });
        let sent = data(400_000);
        let (mut written, mut came) = (0, Vec::new());
        let mut buf = vec![0; 70_000];
        while came.len() < sent.len() {
            let now = [1, 100, 5000, 40_000, 200_000][number(5)];
            let end = sent.len().min(written + 1 + number(now));
            if written < sent.len() {
                written += unblocked(client.write(&sent[written..end])).unwrap_or(0);
            } else {
                unblocked(client.flush());
            }
            let at_most = [1, 100, 20_000, 70_000][number(4)];
            let size = 1 + number(at_most);
            let read = match number(4) {
                // This data is read in place.
                0 => unblocked(server.fill_buf())
                    .map(|data| {
                        let read = data.len().min(size);
                        buf[..read].copy_from_slice(&data[..read]);
                        read
                    })
                    .inspect(|read| server.consume(*read)),
                _ => unblocked(server.read(&mut buf[..size])),
            };
            if let Some(read) = read {
                assert!(read > 0, "not the end");
                came.extend_from_slice(&buf[..read]);
            }
        }
        assert!(came == sent, "{suite}, {seed}");
    }
}

#[test]
fn empty_record_is_not_the_end_of_data() {
    for suite in SUITES {
        // The client is not a stream, because a stream sends no empty records.
        let (mut wire, far) = wires();
        let (client, server) = (
            client().suites(&[suite]).unwrap().build().unwrap(),
            server(Kind::P256).suites(&[suite]).unwrap().build().unwrap(),
        );
        let mut server = Stream::server(&server, far).unwrap();
        let mut client = by_hand(&client, &mut wire, &mut server);
        let empty = |client: &mut Connection| {
            let writer = client.writer_mut();
            let mut record = vec![0; writer.payload_offset() + writer.suffix_len()];
            let length = writer.seal_in_place(&mut record).unwrap();
            record.truncate(length);
            record
        };
        let mut sent = empty(&mut client);
        sent.extend(empty(&mut client));
        client.write(b"something", &mut sent).unwrap();
        sent.extend(empty(&mut client));
        wire.write_all(&sent).unwrap();
        let mut buf = [BEFORE; 100];
        assert_eq!(server.read(&mut buf).unwrap(), 9, "{suite}");
        assert_eq!(&buf[..9], b"something");
        assert!(unblocked(server.read(&mut buf)).is_none(), "{suite}: no more, and not the end");
        // The number of empty records is limited.
        for _ in 0..40 {
            wire.write_all(&empty(&mut client)).unwrap();
        }
        let error = server.read(&mut buf).unwrap_err();
        let kind = tls_error(&error).unwrap().kind;
        assert!(matches!(kind, ErrorKind::Record(RecordError::TooManyEmptyRecords { .. })), "{suite}");
        assert_eq!(wire.take_all()[0], 21, "the alert is out");
    }
}

/// Completes the handshake with a stream.
fn by_hand(config: &ClientConfig, wire: &mut Wire, server: &mut Tls) -> Connection {
    let mut client = Connection::client(config, name());
    let (mut out, mut came) = (Vec::new(), Vec::new());
    client.start(&mut out).unwrap();
    while !client.is_complete() {
        wire.write_all(&core::mem::take(&mut out)).unwrap();
        unblocked(server.handshake());
        came.extend(wire.take_all());
        while !came.is_empty() {
            let received = client.receive(&mut came, &mut out).unwrap();
            came.drain(..received.consumed);
        }
    }
    client
}

#[test]
fn stream_returns_no_data_of_a_modified_record() {
    let suite = SUITES[0];
    let (mut wire, far) = wires();
    let client = client().suites(&[suite]).unwrap().build().unwrap();
    let mut server = Stream::server(&server(Kind::P256).build().unwrap(), far).unwrap();
    let mut client = by_hand(&client, &mut wire, &mut server);
    let mut sent = Vec::new();
    client.write(b"good", &mut sent).unwrap();
    client.write(&data(500), &mut sent).unwrap();
    *sent.last_mut().unwrap() ^= 1;
    wire.write_all(&sent).unwrap();
    let mut buf = [0; 1000];
    assert_eq!(server.read(&mut buf).unwrap(), 4);
    buf.fill(0);
    let error = server.read(&mut buf).unwrap_err();
    assert_eq!(tls_error(&error).unwrap().kind, ErrorKind::Record(RecordError::BadRecordMac));
    assert_eq!(buf, [0; 1000]);
    assert_eq!(wire.take_all()[0], 21, "the alert is out");
    assert!(server.read(&mut buf).is_err(), "it is final");
}
