//! close_notify closes one direction in TLS 1.3 (RFC 9846 section 6.1), and both in TLS 1.2 (RFC 5246 section
//! 7.2.1).

use crate::support::{End, Kind, Pair, client, name, records, server, tcp, wires};
use cairn_tls::{Connection, ErrorKind, Side, Stream, Versions, tls_error};
use std::{
    io::{self, Read, Write},
    net::TcpStream,
    thread,
};

fn ready(versions: Versions) -> Pair {
    let client = client().versions(versions).build().unwrap();
    Pair::ready(&client, &server(Kind::P256).versions(versions).build().unwrap())
}

/// The side that closes first, and the other.
fn ends(pair: &mut Pair, side: Side) -> (&mut End, &mut End) {
    match side {
        Side::Client => (&mut pair.client, &mut pair.server),
        Side::Server => (&mut pair.server, &mut pair.client),
    }
}

/// Passes on what `from` has sent.
fn pass(from: &mut End, to: &mut End) {
    let bytes = core::mem::take(&mut from.outbox);
    to.take(&bytes);
}

#[test]
fn after_close_notify_the_other_direction_stays_open_in_tls13() {
    for side in [Side::Client, Side::Server] {
        let mut pair = ready(Versions::Tls13);
        let (first, other) = ends(&mut pair, side);
        first.write(b"a request");
        first.close();
        pass(first, other);
        assert_eq!((&other.data[..], other.closed, other.error), (&b"a request"[..], true, None));
        assert!(other.outbox.is_empty(), "no answer");
        assert!(other.conn.writer().is_open());
        other.write(b"a response");
        pass(other, first);
        assert_eq!((&first.data[..], first.closed, first.error), (&b"a response"[..], false, None));
        assert!(first.conn.transport_ended().is_err(), "an end without close_notify is a truncation");

        let mut pair = ready(Versions::Tls13);
        let (first, other) = ends(&mut pair, side);
        first.close();
        pass(first, other);
        other.write(b"all of it");
        other.close();
        pass(other, first);
        assert_eq!((&first.data[..], first.closed), (&b"all of it"[..], true));
        for end in [first, other] {
            assert_eq!(end.conn.transport_ended(), Ok(()));
            let error = end.conn.write(b"x", &mut Vec::new()).unwrap_err();
            assert_eq!(error.kind, ErrorKind::WriteAfterClose);
        }
    }
}

#[test]
fn keys_can_be_updated_after_the_peers_close_notify() {
    let mut pair = ready(Versions::Tls13);
    pair.client.close();
    pair.server.take(&core::mem::take(&mut pair.client.outbox));
    let request = cairn_tls::wire::KeyUpdateRequest::UpdateNotRequested;
    pair.server.conn.update_keys(request, &mut pair.server.outbox).unwrap();
    pair.server.write(b"under new keys");
    pair.client.take(&core::mem::take(&mut pair.server.outbox));
    assert_eq!((&pair.client.data[..], pair.client.error), (&b"under new keys"[..], None));
}

#[test]
fn close_notify_is_answered_without_half_close_and_always_in_tls12() {
    for (versions, half_close) in
        [(Versions::Tls13, false), (Versions::Tls12, false), (Versions::Tls12, true)]
    {
        for side in [Side::Client, Side::Server] {
            let mut pair = ready(versions);
            let (first, other) = ends(&mut pair, side);
            other.conn.reader_mut().set_half_close(half_close);
            first.close();
            pass(first, other);
            assert_eq!(records(&other.outbox).len(), 1);
            let error = other.conn.write(b"x", &mut Vec::new()).unwrap_err();
            assert_eq!(error.kind, ErrorKind::WriteAfterClose);
            pass(other, first);
            assert!(first.closed);
        }
    }
}

fn streams(versions: Versions) -> (Stream<TcpStream>, Stream<TcpStream>) {
    let (near, far) = tcp();
    let client = client().versions(versions).build().unwrap();
    let server = server(Kind::P256).versions(versions).build().unwrap();
    (Stream::client(&client, name(), near).unwrap(), Stream::server(&server, far).unwrap())
}

#[test]
fn stream_that_only_reads_and_is_dropped_ends_in_order() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let (mut near, mut far) = streams(versions);
        let server = thread::spawn(move || {
            let mut came = Vec::new();
            far.read_to_end(&mut came).unwrap();
            let error = far.write(b"x").unwrap_err();
            assert_eq!(tls_error(&error).unwrap().kind, ErrorKind::WriteAfterClose);
            came
        });
        near.write_all(&[7; 100_000]).unwrap();
        near.close().unwrap();
        assert!(near.reader().is_closed(), "close_notify was answered");
        assert_eq!(near.read(&mut [0]).unwrap(), 0);
        assert_eq!(server.join().unwrap().len(), 100_000);
    }
}

#[test]
fn stream_with_half_close_responds_after_the_end_of_the_request() {
    for split in [false, true] {
        let (mut near, mut far) = streams(Versions::Tls13);
        far.set_half_close(true);
        let server = thread::spawn(move || {
            let mut came = Vec::new();
            if split {
                let (mut read, mut write) = far.split(TcpStream::try_clone).unwrap();
                read.read_to_end(&mut came).unwrap();
                write.write_all(&came.repeat(30)).unwrap();
                write.close().unwrap();
            } else {
                far.read_to_end(&mut came).unwrap();
                assert_eq!(far.read(&mut [0]).unwrap(), 0, "the end remains the end");
                far.write_all(&came.repeat(30)).unwrap();
                far.close().unwrap();
            }
        });
        near.write_all(&[7; 10_000]).unwrap();
        near.close_write().unwrap();
        assert_eq!(near.write(b"x").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        let mut came = Vec::new();
        near.read_to_end(&mut came).unwrap();
        assert_eq!(came, [7; 300_000]);
        server.join().unwrap();
    }
}

#[test]
fn stream_keeps_the_half_close_setting_of_its_connection() {
    for (set, stays_open) in [(None, false), (Some(false), false), (Some(true), true)] {
        let (near, far) = tcp();
        let mut connection =
            Connection::server(&server(Kind::P256).versions(Versions::Tls13).build().unwrap());
        if let Some(permitted) = set {
            connection.reader_mut().set_half_close(permitted);
        }
        let mut far = Stream::new(connection, far).unwrap();
        let client = thread::spawn(move || {
            let config = client().versions(Versions::Tls13).build().unwrap();
            let mut near = Stream::client(&config, name(), near).unwrap();
            near.close_write().unwrap();
            let mut came = Vec::new();
            near.read_to_end(&mut came).unwrap();
            came
        });
        assert_eq!(far.read(&mut [0]).unwrap(), 0);
        assert_eq!(far.write(b"response").is_ok(), stays_open, "{set:?}");
        far.close().unwrap();
        assert_eq!(!client.join().unwrap().is_empty(), stays_open, "{set:?}");
    }
}

/// A peer that has closed its own side still waits for the response, so its loss is an error.
#[test]
fn unsent_response_is_an_error_with_half_close() {
    for (versions, half_close) in [(Versions::Tls13, true), (Versions::Tls13, false), (Versions::Tls12, true)]
    {
        let (a, b) = wires();
        let client = client().versions(versions).build().unwrap();
        let server = server(Kind::P256).versions(versions).build().unwrap();
        let mut near = Stream::client(&client, name(), a).unwrap();
        let mut far = Stream::server(&server, b).unwrap();
        while near.handshake().is_err() | far.handshake().is_err() {}
        near.set_half_close(half_close);
        far.close_write().unwrap();
        far.transport().stop_reading();
        near.write_all(b"the response").unwrap();
        let mut closed = near.read(&mut [0]).map(|_end| ());
        for _ in 0..2 {
            closed = closed.and_then(|()| near.close());
        }
        let is_lost = closed.is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        assert_eq!(is_lost, half_close && versions == Versions::Tls13, "{versions:?} {half_close}");
    }
}
