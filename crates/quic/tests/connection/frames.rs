//! CRYPTO frames, which a transport passes on as they come.

use crate::pair::{End, Pair, client, server};
use cairn_quic::{CryptoStream, Error, ErrorKind, Level};

/// A pair whose server has answered the hello of the client.
fn answered() -> Pair {
    let mut pair = Pair::new(&client().build().unwrap(), &server().build().unwrap());
    pair.start();
    pair.pass(&mut |_, _, _| {}).unwrap();
    pair
}

/// A frame in an Initial packet.
fn frame(end: &mut End, stream: &mut CryptoStream, offset: usize, data: &[u8]) -> Result<(), Error> {
    let offset = u64::try_from(offset).unwrap();
    let outcome = end.connection.read_frame(Level::Initial, stream, offset, data);
    end.take_events();
    outcome
}

/// ServerHello, which the client has not received.
fn server_hello(pair: &mut Pair) -> Vec<u8> {
    let (level, bytes) = pair.server.out.pop_front().unwrap();
    assert_eq!(level, Level::Initial);
    bytes
}

#[test]
fn frames_are_processed_in_order() {
    let mut pair = answered();
    let hello = server_hello(&mut pair);
    let mut stream = CryptoStream::new();
    frame(&mut pair.client, &mut stream, 10, &hello[10..]).unwrap();
    assert!(!stream.is_empty());
    assert_eq!(pair.client.connection.read_level(), Level::Initial);
    frame(&mut pair.client, &mut stream, 0, &hello[..12]).unwrap();
    assert!(stream.is_empty());
    assert_eq!(pair.client.connection.read_level(), Level::Handshake);
    // Retransmissions change nothing.
    frame(&mut pair.client, &mut stream, 3, &hello[3..]).unwrap();
    pair.run().unwrap();
    pair.check();
}

/// RFC 9001 section 4.1.3: TLS cannot consume them any more.
#[test]
fn bytes_beyond_a_gap_are_a_violation_when_the_level_ends() {
    let mut pair = answered();
    let hello = server_hello(&mut pair);
    let mut stream = CryptoStream::new();
    frame(&mut pair.client, &mut stream, hello.len() + 1, &[0]).unwrap();
    let error = frame(&mut pair.client, &mut stream, 0, &hello).unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotConsumed { level: Level::Initial });
    assert_eq!((error.code(), pair.client.connection.error()), (0x0a, Some(error)));
}

/// RFC 9001 section 4.1.3.
#[test]
fn bytes_past_the_end_of_an_earlier_level_are_a_violation() {
    for gap in [0, 1, 100_000] {
        let mut pair = answered();
        let hello = server_hello(&mut pair);
        let mut stream = CryptoStream::new();
        frame(&mut pair.client, &mut stream, 0, &hello).unwrap();
        let error = frame(&mut pair.client, &mut stream, hello.len() + gap, &[0]).unwrap_err();
        assert_eq!(error.code(), 0x0a, "{gap}: {error}");
        assert_eq!(pair.client.connection.error(), Some(error));
        let again = frame(&mut pair.client, &mut stream, 0, &hello);
        assert_eq!(again, Err(error), "also for bytes that are known");
    }
}

#[test]
fn frames_that_cannot_be_stored_end_the_connection() {
    let mut pair = answered();
    let mut stream = CryptoStream::new();
    let error = frame(&mut pair.client, &mut stream, 65_536, &[0]).unwrap_err();
    assert!(matches!(error.kind, ErrorKind::StreamExceeded(_)), "{error:?}");
    assert_eq!((error.code(), error.section()), (0x0d, Some("RFC 9000 section 7.5")));
    assert_eq!(pair.client.connection.error(), Some(error));
    assert_eq!(error.to_string().matches("7.5").count(), 1, "{error}");
}

/// RFC 9001 section 8.3.
#[test]
fn any_frame_in_0_rtt_is_a_violation() {
    for (offset, data) in [(0, &[1][..]), (0, &[]), (7, &[1])] {
        let mut pair = answered();
        let mut stream = CryptoStream::new();
        let read = pair.server.connection.read_frame(Level::EarlyData, &mut stream, offset, data);
        assert_eq!(read.unwrap_err().kind, ErrorKind::CryptoInEarlyData);
    }
}
