//! Resumption by PSK and early data over streams (RFC 9846 sections 2.2 and 2.3).

use super::{
    streams::builders_with,
    support::{self, Kind, NOW, Pair, SetClock, name, roots, server, tcp, wires},
    writing::weak,
};
use cairn_crypto::KeySpec;
use cairn_tls::{
    Answer, ClientConfig, ClientConfigBuilder, ConfigError, Connection, EarlyData, ErrorKind, Progress,
    PskModes, PskUse, Question, RecordError, RecordPadding, Resumption, ServerConfig, ServerConfigBuilder,
    ServerName, Stream, Versions,
    session::{ReplayWindow, ServerCache},
    wire::{AlertDescription, PskKeyExchangeMode},
    x509::issue::Template,
};
use std::{
    io::{self, Read, Write},
    net::TcpStream,
    sync::Arc,
    thread,
    time::Duration,
};

/// The events of a connection on one side.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    resumption: Resumption,
    mode: Option<PskKeyExchangeMode>,
    early_data: EarlyData,
    early: Vec<u8>,
    data: Vec<u8>,
}

fn seen(tls: &Stream<TcpStream>, early: Vec<u8>, data: Vec<u8>) -> Seen {
    let summary = tls.summary().unwrap();
    let tls13 = summary.tls13().unwrap();
    Seen { resumption: summary.resumption, mode: tls13.psk, early_data: tls13.early_data, early, data }
}

/// A server that reads early data, and then the rest.
fn serve(config: &ServerConfig, transport: TcpStream) -> io::Result<Seen> {
    let mut tls = Stream::server(config, transport)?;
    let (mut early, mut data, mut place) = (Vec::new(), Vec::new(), [0; 700]);
    loop {
        match tls.read_early(&mut place)? {
            0 => break,
            length => early.extend_from_slice(&place[..length]),
        }
    }
    tls.handshake()?;
    tls.read_to_end(&mut data)?;
    let seen = seen(&tls, early, data);
    tls.close()?;
    Ok(seen)
}

/// One connection: the client sends `early` as far as it can, and then `data`. Returns what the client and
/// the server have seen.
fn connect(
    client: &ClientConfig,
    server: &ServerConfig,
    early: &[u8],
    data: &[u8],
) -> (Seen, io::Result<Seen>) {
    let (near, far) = tcp();
    let server = server.clone();
    let server = thread::spawn(move || serve(&server, far));
    let name = ServerName::parse("localhost").unwrap();
    let mut tls = Stream::client(client, name, near).unwrap();
    let sent = tls.write_early(early).unwrap();
    tls.handshake().unwrap();
    let seen = seen(&tls, early[..sent].to_vec(), Vec::new());
    assert_eq!(tls.write_early(b"too late").unwrap(), 0);
    tls.write_all(data).unwrap();
    tls.close().unwrap();
    (seen, server.join().unwrap())
}

type Builders = (ClientConfigBuilder, ServerConfigBuilder);

/// Configurations that permit 1,000 bytes of early data.
fn configs(change: impl FnOnce(Builders) -> Builders) -> (ClientConfig, ServerConfig) {
    let (client, server) = builders_with(Versions::Tls13, Versions::Tls13);
    let (client, server) = change((client.early_data(), server.early_data(1000)));
    (client.build().unwrap(), server.build().unwrap())
}

#[test]
fn early_data_arrives_apart_from_other_data() {
    let (client, server) = configs(|builders| builders);
    let (first, _) = connect(&client, &server, b"no ticket yet", b"hello");
    assert_eq!((first.early_data, first.early), (EarlyData::NotOffered, Vec::new()));
    for _ in 0..5 {
        let (client, server) = connect(&client, &server, b"GET /", b"more");
        let server = server.unwrap();
        assert_eq!((client.resumption, server.resumption), (Resumption::ByPsk, Resumption::ByPsk));
        assert_eq!((client.early_data, server.early_data), (EarlyData::Accepted, EarlyData::Accepted));
        assert_eq!(
            (&*client.early, &*server.early, &*server.data),
            (&b"GET /"[..], &b"GET /"[..], &b"more"[..])
        );
    }
}

/// If the call failed, the caller would repeat it, and the data would be sent twice.
#[test]
fn early_data_that_the_transport_does_not_accept_yet_counts_as_sent() {
    let client = support::client().versions(Versions::Tls13).early_data().build().unwrap();
    let server = server(Kind::P256).versions(Versions::Tls13).early_data(1000).build().unwrap();
    Pair::ready(&client, &server);
    let (mut a, b) = wires();
    a.room = 100;
    let mut near = Stream::client(&client, name(), a).unwrap();
    let mut far = Stream::server(&server, b).unwrap();
    assert_eq!(near.write_early(b"pay").unwrap(), 3);
    assert!(near.wants_write());
    near.transport_mut().room = usize::MAX;
    near.flush().unwrap_err();
    let (mut early, mut place) = (Vec::new(), [0; 9]);
    while let Ok(length @ 1..) = far.read_early(&mut place) {
        early.extend_from_slice(&place[..length]);
    }
    assert_eq!(early, b"pay");
}

#[test]
fn psk_ke_needs_the_permission_of_both_configurations() {
    const KEY_EXCHANGE: Option<PskKeyExchangeMode> = Some(PskKeyExchangeMode::PSK_DHE_KE);
    for (modes, allowed, mode) in [
        (PskModes::PskAlone, true, Some(PskKeyExchangeMode::PSK_KE)),
        (PskModes::PskAlone, false, None),
        (PskModes::Either, true, KEY_EXCHANGE),
        (PskModes::KeyExchange, true, KEY_EXCHANGE),
    ] {
        let (client, server) = configs(|(client, server)| {
            (client.psk_modes(modes), if allowed { server.allow_psk_ke() } else { server })
        });
        connect(&client, &server, b"", b"hello").1.unwrap();
        let (client, server) = connect(&client, &server, b"", b"again");
        assert_eq!((client.mode, server.unwrap().mode), (mode, mode), "{modes:?}, {allowed}");
    }
}

#[test]
fn client_sends_no_more_early_data_than_its_ticket_permits() {
    let (client, server) = configs(|builders| builders);
    connect(&client, &server, b"", b"hello").1.unwrap();
    let (client, server) = connect(&client, &server, &[7; 5000], b"more");
    assert_eq!((client.early.len(), server.unwrap().early.len()), (1000, 1000));
}

/// A client learns the server's record_size_limit after it has sent early data.
#[test]
fn early_data_is_not_held_to_the_record_size_limit_of_its_connection() {
    for limit in [None, Some(1024)] {
        let (client, server) = configs(|(client, server)| {
            let server = server.early_data(50_000);
            (client, if let Some(limit) = limit { server.record_size_limit(limit) } else { server })
        });
        connect(&client, &server, b"", b"hello").1.unwrap();
        let (client, server) = connect(&client, &server, &[7; 40_000], &[8; 40_000]);
        let server = server.unwrap();
        assert_eq!((client.early.len(), server.early.len(), server.data.len()), (40_000, 40_000, 40_000));
    }
}

/// A server can skip as much early data as its own tickets permit.
#[test]
fn rejected_early_data_of_any_permitted_length_is_skipped() {
    let (client, first, other) =
        servers(|server| server.early_data(200_000), |server| server.early_data(200_000).no_resumption());
    connect(&client, &first, b"", b"hello").1.unwrap();
    let (client, server) = connect(&client, &other, &[7; 200_000], b"again");
    assert_eq!((client.early_data, client.early.len()), (EarlyData::Rejected, 200_000));
    assert_eq!(server.unwrap().data, b"again");
}

#[test]
fn rejected_early_data_is_lost_and_the_connection_goes_on() {
    let (client, first, other) = servers(|server| server, |server| server.no_resumption());
    connect(&client, &first, b"", b"hello").1.unwrap();
    let (client, server) = connect(&client, &other, b"GET /", b"GET / again");
    let server = server.unwrap();
    assert_eq!((client.early_data, server.early_data), (EarlyData::Rejected, EarlyData::Rejected));
    assert_eq!((&*server.early, &*server.data), (&b""[..], &b"GET / again"[..]));
}

/// A client, and two servers with the same certificate and the same store of sessions. The first permits
/// 1,000 bytes of early data.
fn servers(
    first: impl FnOnce(ServerConfigBuilder) -> ServerConfigBuilder,
    other: impl FnOnce(ServerConfigBuilder) -> ServerConfigBuilder,
) -> (ClientConfig, ServerConfig, ServerConfig) {
    let provider = cairn_tls::default_provider();
    let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
    let identity = template.self_signed(&provider, KeySpec::EcP256).unwrap();
    let client = ClientConfig::builder().trust_pem(identity.certificate_pem().as_bytes()).unwrap();
    let client = client.versions(Versions::Tls13).early_data().build().unwrap();
    let chain: Vec<&[u8]> = identity.chain().collect();
    let store = Arc::new(ServerCache::new(100));
    let server = || {
        let server = ServerConfig::builder().credential(&chain, identity.signing_key().clone()).unwrap();
        server.versions(Versions::Tls13).sessions(store.clone())
    };
    (client, first(server().early_data(1000)).build().unwrap(), other(server()).build().unwrap())
}

/// Tickets that contain their sessions can be used again, so the server remembers hellos. It does not know
/// those before its start, so it accepts none for a window.
#[test]
fn server_with_sealed_tickets_accepts_early_data_after_its_first_window() {
    let clock = SetClock::new();
    let (client, server) =
        configs(|(client, server)| (client.clock(clock.clone()), server.clock(clock.clone()).own_tickets()));
    connect(&client, &server, b"", b"hello").1.unwrap();
    let (early, _) = connect(&client, &server, b"GET /", b"");
    assert_eq!((early.resumption, early.early_data), (Resumption::ByPsk, EarlyData::Rejected));
    clock.set(NOW + 20);
    let (early, _) = connect(&client, &server, b"GET /", b"");
    assert_eq!((early.resumption, early.early_data), (Resumption::ByPsk, EarlyData::Accepted));
}

/// Servers that share ticket keys need a record of hellos that they share too.
#[test]
fn caller_that_stores_sessions_is_asked_about_early_data_of_sealed_tickets() {
    let (client, server) = configs(|(client, server)| (client, server.own_tickets().ask_for_sessions()));
    connect(&client, &server, b"", b"hello").1.unwrap();
    for (used, early) in [(PskUse::WithoutEarlyData, &b""[..]), (PskUse::Permitted, b"GET /")] {
        let ((near, far), config) = (tcp(), server.clone());
        let serving = thread::spawn(move || {
            let (mut tls, mut place) = (Stream::server(&config, far).unwrap(), [0; 10]);
            tls.read_early(&mut place).unwrap_err();
            let (id, question) = tls.question().unwrap();
            assert!(matches!(question, Question::ConsumePsk(consume) if consume.early_data), "{question:?}");
            tls.answer(id, Answer::PskUse(used)).unwrap();
            let length = tls.read_early(&mut place).unwrap();
            tls.handshake().unwrap();
            place[..length].to_vec()
        });
        let mut tls = Stream::client(&client, ServerName::parse("localhost").unwrap(), near).unwrap();
        assert_eq!(tls.write_early(b"GET /").unwrap(), 5);
        tls.handshake().unwrap();
        assert_eq!(serving.join().unwrap(), early);
    }
}

/// Hellos are fresh for twice the window of the early data policy.
#[test]
fn replay_window_that_is_too_short_is_an_error() {
    let result = |seconds| {
        let window = ReplayWindow::with_window(10, Duration::from_secs(seconds));
        let (_, server) = builders_with(Versions::Tls13, Versions::Tls13);
        server.early_data(1000).replay_window(Arc::new(window)).build().map(drop)
    };
    assert!(matches!(result(19), Err(ConfigError::ReplayWindowTooShort)));
    assert!(result(20).is_ok());
}

/// An attacker sends the client's first flight again.
#[test]
fn recorded_first_flight_is_not_accepted_again() {
    for sealed in [false, true] {
        let clock = SetClock::new();
        let (client, server) = configs(|(client, server)| {
            let server = server.clock(clock.clone());
            (client.clock(clock.clone()), if sealed { server.own_tickets() } else { server })
        });
        connect(&client, &server, b"", b"hello").1.unwrap();
        clock.set(NOW + 30);
        let name = ServerName::parse("localhost").unwrap();
        let mut victim = Connection::client(&client, name);
        let mut flight = Vec::new();
        victim.start(&mut flight).unwrap();
        assert_eq!(victim.write_early(b"pay", &mut flight).unwrap(), 3);
        let paid: Vec<usize> = (0..3)
            .map(|_| {
                let mut server = Connection::server(&server);
                let (mut input, mut out, mut early) = (flight.clone(), Vec::new(), 0);
                server.start(&mut out).unwrap();
                loop {
                    let received = server.receive(&mut input, &mut out).unwrap();
                    if let Progress::EarlyData(range) = &received.progress {
                        early += range.len();
                    }
                    if let Progress::NeedMore { .. } = received.progress {
                        return early;
                    }
                    input.drain(..received.consumed);
                }
            })
            .collect();
        assert_eq!(paid, [3, 0, 0], "sealed: {sealed}");
    }
}

/// A server may lower the limit after it has issued tickets.
#[test]
fn more_early_data_than_the_server_permits_is_unexpected() {
    let (client, first, other) = servers(|server| server, |server| server.early_data(100));
    connect(&client, &first, b"", b"hello").1.unwrap();
    let mut sender = Connection::client(&client, ServerName::parse("localhost").unwrap());
    let mut flight = Vec::new();
    sender.start(&mut flight).unwrap();
    assert_eq!(sender.writer().early_data_left(), 1000);
    assert_eq!(sender.write_early(&[1; 100], &mut flight).unwrap(), 100);
    assert_eq!(sender.write_early(&[1; 901], &mut flight).unwrap(), 900);
    assert_eq!(sender.write_early(&[1; 1], &mut flight).unwrap(), 0);
    let refused = sender.write(b"data", &mut flight).unwrap_err();
    assert_eq!(refused.kind, ErrorKind::WriteBeforeComplete, "other data waits for the handshake");

    let mut server = Connection::server(&other);
    let (mut out, mut early) = (Vec::new(), 0);
    server.start(&mut out).unwrap();
    let error = loop {
        match server.receive(&mut flight, &mut out) {
            Ok(received) => {
                if let Progress::EarlyData(range) = received.progress {
                    early += range.len();
                }
                flight.drain(..received.consumed);
            }
            Err(error) => break error,
        }
    };
    assert_eq!((error.kind, early), (ErrorKind::TooMuchEarlyData, 100));
    assert_eq!(error.alert, Some(AlertDescription::UNEXPECTED_MESSAGE));
}

#[test]
fn unread_early_data_is_not_mixed_with_other_data() {
    let (client, server) = configs(|builders| builders);
    connect(&client, &server, b"", b"hello").1.unwrap();
    let (near, far) = tcp();
    let server = thread::spawn(move || {
        let mut tls = Stream::server(&server, far).unwrap();
        let mut data = Vec::new();
        tls.read_to_end(&mut data).unwrap();
        let mut early = [0; 100];
        let length = tls.read_early(&mut early).unwrap();
        (early[..length].to_vec(), data)
    });
    let name = ServerName::parse("localhost").unwrap();
    let mut tls = Stream::client(&client, name, near).unwrap();
    tls.write_early(b"early").unwrap();
    tls.write_all(b"late").unwrap();
    tls.close().unwrap();
    assert_eq!(server.join().unwrap(), (b"early".to_vec(), b"late".to_vec()));
}

/// The server of [`configs`] after the first flight of a client that has sent these bytes as early data, each
/// in a record of its own; and where those records are in the flight.
fn first_flight(client: &ClientConfig, early: &[u8]) -> (Vec<u8>, Vec<core::ops::Range<usize>>) {
    let mut sender = Connection::client(client, ServerName::parse("localhost").unwrap());
    let (mut flight, mut records) = (Vec::new(), Vec::new());
    sender.start(&mut flight).unwrap();
    for byte in early {
        let start = flight.len();
        assert_eq!(sender.write_early(&[*byte], &mut flight).unwrap(), 1);
        records.push(start..flight.len());
    }
    (flight, records)
}

/// What a server reads of this flight as early data, and its error.
fn receive(server: &ServerConfig, mut flight: Vec<u8>) -> (usize, Option<cairn_tls::Error>) {
    let mut server = Connection::server(server);
    let (mut out, mut early) = (Vec::new(), 0);
    server.start(&mut out).unwrap();
    loop {
        match server.receive(&mut flight, &mut out) {
            Ok(received) => {
                match received.progress {
                    Progress::EarlyData(range) => early += range.len(),
                    Progress::NeedMore { .. } => return (early, None),
                    _ => {}
                }
                flight.drain(..received.consumed);
            }
            Err(error) => return (early, Some(error)),
        }
    }
}

/// RFC 9846 section 4.3.10: "if the server fails to decrypt a 0-RTT record following an accepted "early_data"
/// extension, it MUST terminate the connection with a "bad_record_mac" alert". What a server skips is early
/// data that it has not accepted.
#[test]
fn accepted_early_data_that_does_not_open_is_bad_record_mac() {
    let (client, server) = configs(|builders| builders);
    connect(&client, &server, b"", b"hello").1.unwrap();
    for broken in 0..3 {
        // Each client needs a ticket of its own.
        connect(&client, &server, b"", b"hello").1.unwrap();
        let (mut flight, records) = first_flight(&client, b"abc");
        let last = records[broken].end - 1;
        flight[last] ^= 1;
        let (early, error) = receive(&server, flight);
        let error = error.unwrap();
        assert_eq!((early, error.kind), (broken, ErrorKind::Record(RecordError::BadRecordMac)));
        assert_eq!(error.alert, Some(AlertDescription::BAD_RECORD_MAC));
    }
    // Nor is a record without protection, or one that is too long, skipped.
    type Change = fn(&mut Vec<u8>, usize);
    let cases: [(Change, AlertDescription); 2] = [
        (|flight, start| flight[start] = 22, AlertDescription::UNEXPECTED_MESSAGE),
        (
            |flight, start| flight[start + 3..start + 5].copy_from_slice(&[0xff, 0xff]),
            AlertDescription::RECORD_OVERFLOW,
        ),
    ];
    for (change, alert) in cases {
        connect(&client, &server, b"", b"hello").1.unwrap();
        let (mut flight, records) = first_flight(&client, b"a");
        change(&mut flight, records[0].start);
        let (early, error) = receive(&server, flight);
        assert_eq!((early, error.and_then(|error| error.alert)), (0, Some(alert)));
    }
}

/// RFC 9846 section 4.7.1: a server that cannot read early data counts its padding too, "so clients SHOULD
/// NOT depend on being able to send large quantities of padding in early data records". This client pads
/// later.
#[test]
fn records_of_early_data_are_not_padded() {
    let (client, server) =
        configs(|(client, server)| (client.record_padding(RecordPadding::TO_MAXIMUM), server));
    connect(&client, &server, b"", b"hello").1.unwrap();
    let (flight, records) = first_flight(&client, b"abc");
    for record in records {
        // Header, content, inner type and tag.
        assert_eq!(record.len(), 5 + 1 + 1 + 16);
    }
    assert_eq!(receive(&server, flight).0, 3);
}

/// RFC 9846 section 5.5: "it is not possible to perform a KeyUpdate for early data; therefore,
/// implementations MUST NOT exceed the limits when sending early data". The handshake goes on.
#[test]
fn early_data_stops_at_the_usage_limit_of_its_key() {
    // Keys for 12 records each, eight of them reserved.
    let client = ClientConfig::builder_with(weak(12).0).trust(roots()).clock(SetClock::new());
    let client = client.versions(Versions::Tls13).early_data().build().unwrap();
    let server = server(Kind::P256).versions(Versions::Tls13).early_data(1000).build().unwrap();
    let mut early = 0;
    for _ in 0..2 {
        let (mut ours, mut theirs) = (Connection::client(&client, name()), Connection::server(&server));
        let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
        ours.start(&mut to_server).unwrap();
        theirs.start(&mut to_client).unwrap();
        early = 0;
        let stopped = loop {
            match ours.write_early(b"x", &mut to_server) {
                Ok(0) => break None,
                Ok(_) => early += 1,
                Err(error) => break Some(error.kind),
            }
        };
        let limit = RecordError::KeyExhausted { limit: 12 };
        assert_eq!(stopped, (early > 0).then_some(ErrorKind::Record(limit)));
        let mut read = 0;
        while !to_server.is_empty() || !to_client.is_empty() {
            read += receive_all(&mut theirs, &mut to_server, &mut to_client);
            receive_all(&mut ours, &mut to_client, &mut to_server);
        }
        assert!(ours.reader().is_complete() && theirs.reader().is_complete());
        assert_eq!(read, early);
    }
    assert_eq!(early, 4);
}

/// Processes complete records, and returns the length of the early data in them.
fn receive_all(end: &mut Connection, input: &mut Vec<u8>, out: &mut Vec<u8>) -> usize {
    let mut early = 0;
    while !input.is_empty() {
        let received = end.receive(input, out).unwrap();
        if let Progress::EarlyData(range) = received.progress {
            early += range.len();
        }
        input.drain(..received.consumed);
    }
    early
}
