//! KeyUpdate of TLS 1.3 as an answer, and in time before the usage limit of a key (RFC 9846 sections 4.7.3
//! and 5.5), and the padding of records.

use super::{
    tls13::{Updates, server_and_keys},
    writing::weak,
};
use crate::support::{Kind, Pair, SetClock, name, roots, server, server_identity, tcp};
use cairn_crypto::Provider;
use cairn_tls::{
    ClientConfig, Connection, Direction, Epoch, ErrorKind, Progress, RecordError, RecordPadding,
    ServerConfig, Stream, Versions,
    wire::{ContentType, KeyUpdateRequest},
};
use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
};

fn client_with(provider: Provider) -> ClientConfig {
    let client = crate::support::tls12_client(provider).trust(roots()).clock(SetClock::new());
    client.versions(Versions::Tls13).build().unwrap()
}

fn server_with(provider: Provider) -> ServerConfig {
    let identity = server_identity(Kind::P256);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let server = crate::support::tls12_server(provider).credential(&chain, identity.signing_key().clone());
    server.unwrap().clock(SetClock::new()).versions(Versions::Tls13).build().unwrap()
}

/// A pair whose keys seal 20 records each, eight of them reserved.
fn weak_pair() -> Pair {
    Pair::ready(&client_with(weak(20).0), &server_with(weak(20).0))
}

pub(super) fn receive_all(end: &mut Connection, records: &[Vec<u8>], out: &mut Vec<u8>) {
    for record in records {
        let received = end.receive(&mut record.clone(), out).unwrap();
        assert_eq!((received.consumed, received.progress), (record.len(), Progress::Handled));
    }
}

/// "an implementation which receives multiple KeyUpdates while it is silent to respond with a single update"
#[test]
fn several_requests_get_one_answer_before_the_next_data() {
    let (mut server, mut keys) = server_and_keys();
    let updates = Updates::of(&mut server);
    let mut out = Vec::new();
    receive_all(
        &mut server,
        &[keys.request_update(), keys.request_update(), keys.request_update()],
        &mut out,
    );
    assert_eq!(updates.taken().len(), 3);
    assert!(out.is_empty(), "the answer waits for data");
    server.write(b"x", &mut out).unwrap();
    server.write(b"y", &mut out).unwrap();
    assert_eq!(updates.taken(), [(Direction::Write, Epoch::Application(0))]);
    // The next request gets the next answer, whichever way the data is written.
    receive_all(&mut server, &[keys.request_update()], &mut Vec::new());
    let mut room = vec![0; server.writer().sealed_len(1)];
    let sealed = server.write_slice(b"z", &mut room).unwrap();
    assert_eq!((sealed.read, sealed.written), (1, room.len()));
    let answer = (Direction::Write, Epoch::Application(1));
    assert_eq!(updates.taken(), [(Direction::Read, Epoch::Application(3)), answer]);
    assert_eq!(server.write_slice(b"z", &mut room).unwrap().written, 5 + 1 + 1 + 16);
    assert!(updates.taken().is_empty());
}

#[test]
fn requests_that_halves_receive_are_no_orders_and_get_one_answer() {
    let (mut server, mut keys) = server_and_keys();
    let updates = Updates::of(&mut server);
    let (mut reader, mut writer) = server.into_halves();
    for _ in 0..5 {
        let mut record = keys.request_update();
        reader.receive(&mut record).unwrap();
        let mut data = keys.seal(ContentType::APPLICATION_DATA, b"x");
        reader.receive(&mut data).unwrap();
        assert!(reader.take_orders().is_none());
    }
    updates.taken();
    let mut out = Vec::new();
    writer.write(b"x", &mut out).unwrap();
    writer.write(b"x", &mut out).unwrap();
    assert_eq!(updates.taken(), [(Direction::Write, Epoch::Application(0))]);
}

#[test]
fn data_sealed_in_place_waits_for_the_answer() {
    let (mut server, mut keys) = server_and_keys();
    receive_all(&mut server, &[keys.request_update()], &mut Vec::new());
    let writer = server.writer_mut();
    let mut record = vec![0; writer.payload_offset() + 1 + writer.suffix_len()];
    let error = writer.seal_in_place(&mut record).unwrap_err();
    assert_eq!((error.kind, error.alert), (ErrorKind::KeyUpdateDue, None));
    let mut out = Vec::new();
    writer.prepare(&mut out).unwrap();
    assert!(!out.is_empty());
    writer.seal_in_place(&mut record).unwrap();
    out.clear();
    writer.prepare(&mut out).unwrap();
    assert!(out.is_empty());
}

#[test]
fn answer_needs_room_beside_the_data() {
    let (mut server, mut keys) = server_and_keys();
    receive_all(&mut server, &[keys.request_update()], &mut Vec::new());
    let needed = server.writer().sealed_len(1);
    let error = server.write_slice(b"xyz", &mut vec![0; needed - 1]).unwrap_err();
    let got = needed - 1;
    assert_eq!(error.kind, ErrorKind::Record(RecordError::BufferTooSmall { needed, got }));
    // The data is cut instead.
    assert_eq!(server.write_slice(b"xyz", &mut vec![0; needed]).unwrap().read, 1);
}

/// RFC 9846 section 5.5: "Implementations MUST either close the connection or do a key update as described in
/// Section 4.7.3 prior to reaching these limits."
#[test]
fn keys_are_updated_before_their_usage_limit() {
    let mut pair = weak_pair();
    let updates = [Updates::of(&mut pair.client.conn), Updates::of(&mut pair.server.conn)];
    for round in 0..100 {
        pair.client.write(&[round]);
        pair.server.write(&[round]);
        if round % 10 == 0 {
            pair.run();
        }
    }
    pair.run();
    let data: Vec<u8> = (0..100).collect();
    assert_eq!((&pair.server.data, &pair.client.data), (&data, &data), "{}", pair.client.fault());
    for updates in updates {
        let sent = updates.taken().iter().filter(|(direction, _)| *direction == Direction::Write).count();
        assert!((10..=20).contains(&sent), "{sent} updates");
    }
}

#[test]
fn one_write_may_need_several_keys() {
    let data: Vec<u8> = (0..50_u32 << 14).map(|place| (place % 251) as u8).collect();
    let mut pair = weak_pair();
    pair.client.write(&data);
    pair.run();
    assert_eq!(pair.server.data, data, "{}", pair.server.fault());

    let mut pair = weak_pair();
    let mut rest = &data[..];
    while !rest.is_empty() {
        let mut room = vec![0; 3 << 14];
        let sealed = pair.server.conn.write_slice(rest, &mut room).unwrap();
        assert!(sealed.read > 0);
        pair.server.outbox.extend_from_slice(&room[..sealed.written]);
        rest = &rest[sealed.read..];
    }
    pair.run();
    assert_eq!(pair.client.data, data, "{}", pair.client.fault());
}

#[test]
fn keys_are_updated_for_data_sealed_in_place() {
    let mut pair = weak_pair();
    for _ in 0..50 {
        let writer = pair.client.conn.writer_mut();
        writer.prepare(&mut pair.client.outbox).unwrap();
        let mut record = vec![7; writer.payload_offset() + 1 + writer.suffix_len()];
        let length = writer.seal_in_place(&mut record).unwrap();
        pair.client.outbox.extend_from_slice(&record[..length]);
    }
    pair.run();
    assert_eq!(pair.server.data, [7; 50], "{}", pair.server.fault());
}

/// The reading half does nothing meanwhile, so the writing half updates its keys itself.
#[test]
fn stream_and_its_writing_half_update_keys_in_time() {
    const LENGTH: usize = 60 << 14;
    let (near, far) = tcp();
    let receiver = thread::spawn(move || {
        let config = server(Kind::P256).versions(Versions::Tls13).build().unwrap();
        let mut tls = Stream::server(&config, far).unwrap();
        let mut came = Vec::new();
        tls.read_to_end(&mut came).unwrap();
        came.len()
    });
    let mut connection = Connection::client(&client_with(weak(20).0), name());
    let updates = Updates::of(&mut connection);
    let mut tls = Stream::new(connection, near).unwrap();
    tls.write_all(&vec![7; LENGTH]).unwrap();
    let of_stream = updates.taken().len();
    let (_read, mut write) = tls.split(TcpStream::try_clone).unwrap();
    write.write_all(&vec![7; LENGTH]).unwrap();
    write.close().unwrap();
    let of_half = updates.taken().len();
    assert!(of_stream >= 5 && of_half >= 5, "{of_stream} and {of_half} updates");
    assert_eq!(receiver.join().unwrap(), 2 * LENGTH);
}

#[test]
fn configurations_pad_application_data() {
    let limit = |server: ServerConfig| {
        let client = ClientConfig::builder().trust(roots()).clock(SetClock::new());
        let client = client.versions(Versions::Tls13).record_padding(RecordPadding::TO_MAXIMUM);
        let mut pair = Pair::ready(&client.build().unwrap(), &server);
        pair.client.write(b"x");
        let length = pair.client.outbox.len();
        pair.run();
        assert_eq!(pair.server.data, b"x", "{}", pair.server.fault());
        length
    };
    let config = || server(Kind::P256).versions(Versions::Tls13);
    assert_eq!(limit(config().build().unwrap()), 5 + 16_385 + 16);
    // RFC 8449 section 4: the limit "includes the content type and padding added in TLS 1.3".
    assert_eq!(limit(config().record_size_limit(100).build().unwrap()), 5 + 100 + 16);
    // A server, and a block.
    let block = RecordPadding::to_multiple_of(core::num::NonZeroU16::new(128).unwrap());
    let client = ClientConfig::builder().trust(roots()).clock(SetClock::new()).versions(Versions::Tls13);
    let padding = config().record_padding(block).build().unwrap();
    let mut pair = Pair::ready(&client.build().unwrap(), &padding);
    for (length, padded) in [(1, 128), (127, 128), (128, 256)] {
        pair.server.write(&vec![1; length]);
        assert_eq!(pair.server.outbox.len(), 5 + padded + 16);
        pair.run();
    }
    assert_eq!(pair.client.data.len(), 1 + 127 + 128);
}

/// The limit is for KeyUpdates that the peer sends of its own accord.
#[test]
fn answers_to_our_own_requests_are_not_too_many_key_updates() {
    let mut pair = weak_pair();
    for _ in 0..100 {
        pair.client.write(b"one way");
        let request = KeyUpdateRequest::UpdateRequested;
        pair.client.conn.update_keys(request, &mut pair.client.outbox).unwrap();
        pair.run();
        // This server answers at once, and sends no data.
        let answer = KeyUpdateRequest::UpdateNotRequested;
        pair.server.conn.update_keys(answer, &mut pair.server.outbox).unwrap();
        pair.run();
    }
    assert_eq!((pair.client.fault(), pair.server.fault()), ("none".into(), "none".into()));
    for _ in 0..33 {
        let unasked = KeyUpdateRequest::UpdateNotRequested;
        pair.server.conn.update_keys(unasked, &mut pair.server.outbox).unwrap();
    }
    pair.run();
    assert!(pair.client.fault().contains("TooManyKeyUpdates"), "{}", pair.client.fault());
}
