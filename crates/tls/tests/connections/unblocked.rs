//! Streams over a non-blocking transport that may block at any byte, accept few bytes, or fail.

use crate::support::{Kind, SetClock, Wire, client, name, provider, server, server_identity, wires};
use cairn_tls::{Answer, CertificateChain, Credential, ErrorKind, Handshake, Question, Stream, tls_error};
use std::{
    io::{self, BufRead, Read, Write},
    sync::Arc,
};

type End = Stream<Wire>;

fn streams(shape: impl Fn(&mut Wire)) -> (End, End) {
    let (mut a, mut b) = wires();
    shape(&mut a);
    shape(&mut b);
    let client = Stream::client(&client().build().unwrap(), name(), a).unwrap();
    let server = Stream::server(&server(Kind::P256).build().unwrap(), b).unwrap();
    (client, server)
}

/// `None` when the call would block.
fn unblocked<T>(result: io::Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
        Err(error) => panic!("{error}"),
    }
}

fn shake_hands(client: &mut End, server: &mut End) {
    let mut done = [false; 2];
    for _ in 0..100_000 {
        for (done, end) in done.iter_mut().zip([&mut *client, &mut *server]) {
            if !*done {
                *done = unblocked(end.handshake()).is_some();
            }
        }
        if done == [true; 2] {
            return;
        }
    }
    panic!("the handshake stands still");
}

/// Transfers data by repeated `step`s until all of it has arrived.
fn send(from: &mut End, to: &mut End, data: &[u8]) -> Vec<u8> {
    let mut written = 0;
    let mut read = Vec::new();
    let mut buf = [0; 777];
    for _ in 0..10_000_000 {
        if written < data.len() {
            written += unblocked(from.write(&data[written..])).unwrap_or(0);
        } else {
            unblocked(from.flush());
        }
        if let Some(came) = unblocked(to.read(&mut buf)) {
            read.extend_from_slice(&buf[..came]);
        }
        if read.len() == data.len() {
            return read;
        }
    }
    panic!("{} of {} bytes", read.len(), data.len());
}

fn data(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 7 + (i >> 8)) as u8).collect()
}

#[test]
fn nonblocking_transport_neither_loses_nor_repeats_data() {
    for (step, room, stutters) in [
        (usize::MAX, usize::MAX, false),
        (1, usize::MAX, true),
        (1, 1, true),
        (3, 64, true),
        (1000, 100, false),
    ] {
        let (mut client, mut server) = streams(|wire| {
            wire.step = step;
            wire.room = room;
            wire.stutters = stutters;
        });
        shake_hands(&mut client, &mut server);
        let length = if room == 1 { 20_000 } else { 200_000 };
        assert_eq!(send(&mut client, &mut server, &data(length)), data(length));
        assert_eq!(send(&mut server, &mut client, &data(length)), data(length));
        while unblocked(client.close()).is_none() {
            assert!(unblocked(server.read(&mut [0])).is_none());
        }
        while unblocked(server.read(&mut [0])) != Some(0) {}
        while unblocked(client.read(&mut [0])) != Some(0) {
            let _answer = server.close();
        }
        assert!(!client.wants_write() && !server.wants_write());
    }
}

/// Both sides write more than the transport accepts. If reading waited for writing, both would wait forever.
#[test]
fn reading_continues_while_writing_blocks() {
    let (mut client, mut server) = streams(|wire| wire.room = 1000);
    shake_hands(&mut client, &mut server);
    let mut written = [0; 2];
    for (written, end) in written.iter_mut().zip([&mut client, &mut server]) {
        while let Some(now) = unblocked(end.write(&[7; 5000])) {
            *written += now;
        }
        assert!(*written > 0 && end.wants_write());
    }
    let mut read = [0; 2];
    let mut buf = [0; 100];
    while read != written {
        let before = read;
        for _ in 0..100 {
            read[1] += unblocked(client.read(&mut buf)).unwrap_or(0);
            read[0] += unblocked(server.read(&mut buf)).unwrap_or(0);
        }
        assert_ne!(read, before, "no progress, {written:?} written");
    }
}

#[test]
fn missing_transport_after_close_notify_is_an_orderly_end() {
    let (mut client, mut server) = streams(|_| {});
    shake_hands(&mut client, &mut server);
    server.write_all(b"everything").unwrap();
    server.close().unwrap();
    server.transport().end();
    server.transport().stop_reading();
    let mut came = String::new();
    client.read_to_string(&mut came).unwrap();
    assert_eq!(came, "everything");
    assert_eq!(client.write(b"x").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    // The response to close_notify has no receiver, which is no error.
    assert!(client.wants_write());
    client.close().unwrap();
    assert!(!client.wants_write());
    client.close().unwrap();
}

#[test]
fn received_data_is_readable_after_the_peer_stops_reading() {
    let (mut client, mut server) = streams(|_| {});
    shake_hands(&mut client, &mut server);
    server.write_all(b"enough, thank you").unwrap();
    server.transport().stop_reading();
    // Encrypted data counts as written; the next call returns the error.
    assert_eq!(client.write(b"a long story").unwrap(), 12);
    assert_eq!(client.write(b"a long story").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    let mut buf = [0; 100];
    let came = client.read(&mut buf).unwrap();
    assert_eq!(&buf[..came], b"enough, thank you");
}

#[test]
fn alert_is_sent_once_before_the_error_is_returned() {
    let (a, b) = wires();
    let other = cairn_tls::ServerName::parse("other.test").unwrap();
    let mut client = Stream::client(&client().build().unwrap(), other, a).unwrap();
    let mut server = Stream::server(&server(Kind::P256).build().unwrap(), b).unwrap();
    assert!(unblocked(client.handshake()).is_none());
    assert!(unblocked(server.handshake()).is_none());
    let error = client.handshake().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    let fault = *tls_error(&error).unwrap();
    assert!(matches!(fault.kind, ErrorKind::Certificate(_)));
    let unread = client.transport().unread();
    assert_eq!(unread, 7);
    // Every call returns the error again, and nothing more is sent.
    for error in [
        client.handshake().unwrap_err(),
        client.read(&mut [0]).unwrap_err(),
        client.write(b"x").unwrap_err(),
        client.flush().unwrap_err(),
    ] {
        assert_eq!(tls_error(&error), Some(&fault));
    }
    client.close().unwrap();
    assert_eq!(client.transport().unread(), unread);
    let error = server.handshake().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    assert!(error.to_string().contains("the peer ended the connection with bad_certificate"), "{error}");
}

#[test]
fn blocked_alert_is_sent_later() {
    let (mut client, mut server) = streams(|_| {});
    shake_hands(&mut client, &mut server);
    client.transport_mut().write_all(b"\x17\x03\x03\x00\x20aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb").unwrap();
    server.transport_mut().room = 0;
    assert!(tls_error(&server.read(&mut [0]).unwrap_err()).is_some());
    assert!(server.wants_write());
    server.transport_mut().room = usize::MAX;
    assert!(tls_error(&server.flush().unwrap_err()).is_some());
    assert!(!server.wants_write());
    let error = client.read(&mut [0]).unwrap_err();
    assert!(error.to_string().contains("bad_record_mac"), "{error}");
}

#[test]
fn handshake_stops_at_a_question_and_continues_with_the_answer() {
    let identity = server_identity(Kind::P256);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let credential = Credential::new(CertificateChain::new(&chain).unwrap(), identity.signing_key().clone());
    let config = crate::support::tls12_server(provider().clone())
        .credential_value(Arc::new(Credential { key: None, ..credential }))
        .unwrap()
        .clock(SetClock::new())
        .build()
        .unwrap();
    let (a, b) = wires();
    let mut client = Stream::client(&client().build().unwrap(), name(), a).unwrap();
    let mut server = Stream::server(&config, b).unwrap();
    assert!(unblocked(client.handshake()).is_none());
    let Handshake::Question(id) = server.handshake().unwrap() else { panic!("no question") };
    assert_eq!(server.handshake().unwrap(), Handshake::Question(id), "it stays");
    // A caller that ignores questions gets an error about the pending one.
    let error = server.read(&mut [0]).unwrap_err();
    assert!(tls_error(&error).is_none() && error.to_string().contains("Stream::question"), "{error}");
    let (pending, Question::Sign(sign)) = server.question().unwrap() else { panic!("not that") };
    assert_eq!(pending, id);
    let signature = identity.signing_key().sign(sign.scheme, sign.message, &mut provider().rng()).unwrap();
    server.answer(id, Answer::Signature(signature)).unwrap();
    assert!(unblocked(server.handshake()).is_none());
    shake_hands(&mut client, &mut server);
    assert_eq!(server.handshake().unwrap(), Handshake::Complete);
    assert_eq!(send(&mut client, &mut server, b"data"), b"data");
}

#[test]
fn data_is_returned_in_place() {
    let (mut client, mut server) = streams(|_| {});
    shake_hands(&mut client, &mut server);
    client.write_all(b"one two").unwrap();
    client.write_all(b" three").unwrap();
    assert_eq!(server.fill_buf().unwrap(), b"one two");
    let place = server.fill_buf().unwrap().as_ptr();
    server.consume(4);
    assert_eq!(server.fill_buf().unwrap(), b"two");
    assert_eq!(server.fill_buf().unwrap().as_ptr(), place.wrapping_add(4), "the data was not moved");
    // Unread data keeps its buffer.
    server.release_buffers();
    assert_eq!(server.fill_buf().unwrap(), b"two");
    server.consume(3);
    assert_eq!(server.fill_buf().unwrap(), b" three");
    server.consume(100);
    assert!(unblocked(server.fill_buf().map(<[u8]>::len)).is_none());
    assert_eq!(server.read(&mut []).unwrap(), 0, "no buffer, no wait");
}

#[test]
fn releasing_buffers_retains_an_incomplete_record() {
    let (mut client, mut server) = streams(|_| {});
    shake_hands(&mut client, &mut server);
    client.write_all(&data(10_000)).unwrap();
    server.transport_mut().step = 4000;
    assert!(unblocked(client.read(&mut [0])).is_none());
    let sent = server.transport().take_all();
    client.transport_mut().write_all(&sent[..5000]).unwrap();
    assert!(unblocked(server.read(&mut [0; 1])).is_none());
    server.release_buffers();
    client.transport_mut().write_all(&sent[5000..]).unwrap();
    let mut came = vec![0; 10_000];
    server.read_exact(&mut came).unwrap();
    assert_eq!(came, data(10_000));
}

#[test]
fn dropped_stream_is_a_truncation_for_the_peer() {
    let (mut client, mut server) = streams(|_| {});
    shake_hands(&mut client, &mut server);
    server.write_all(b"half of a sen").unwrap();
    server.transport().end();
    drop(server);
    let mut came = Vec::new();
    let error = client.read_to_end(&mut came).unwrap_err();
    assert_eq!((came.as_slice(), error.kind()), (&b"half of a sen"[..], io::ErrorKind::UnexpectedEof));
    assert!(tls_error(&error).unwrap().is_truncation());
    assert_eq!(client.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[test]
fn transport_end_in_the_handshake_is_a_truncation() {
    for sent in [0, 3, 60] {
        let (mut a, b) = wires();
        let mut server = Stream::server(&server(Kind::P256).build().unwrap(), b).unwrap();
        a.write_all(
            &b"\x16\x03\x01\x00\xff\x01\x00\x00\xfb".iter().chain(&[0; 100]).copied().collect::<Vec<_>>()
                [..sent],
        )
        .unwrap();
        a.end();
        let error = server.handshake().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(tls_error(&error).unwrap().is_truncation());
    }
}
