//! Errors, and the codes with which they end the connection (RFC 9001 section 4.8).

use crate::pair::{End, Pair, client, server};
use cairn_quic::{ClientConfig, Error, ErrorKind, Level, handshake::HandshakeErrorKind};

fn pair() -> Pair {
    let mut pair = Pair::new(&client().build().unwrap(), &server().build().unwrap());
    pair.start();
    pair
}

fn shaken() -> Pair {
    Pair::shake(&client().build().unwrap(), &server().build().unwrap())
}

/// The error is final, and its message has the state, the section and the code.
fn check(end: &mut End, error: Error, code: u64) {
    assert_eq!(error.code(), code, "{error}");
    let shown = error.to_string();
    assert!(shown.contains(error.section().unwrap()) && shown.contains(error.state), "{shown}");
    assert_eq!(end.connection.error(), Some(error));
    assert_eq!(end.read(Level::Initial, &[0]), Err(error));
    assert!(end.connection.question().is_none());
}

const PROTOCOL_VIOLATION: u64 = 0x0a;

#[test]
fn alerts_are_added_to_crypto_error() {
    // The client offers another protocol: no_application_protocol.
    let other = ClientConfig::builder().trust(crate::pair::roots()).alpn(["other"]).build().unwrap();
    let mut pair = Pair::new(&other, &server().build().unwrap());
    pair.start();
    let error = pair.run().unwrap_err();
    check(&mut pair.server, error, 0x0178);
    assert!(error.to_string().contains("no_application_protocol"), "{error}");
}

#[test]
fn certificate_that_is_not_trusted_has_its_reason() {
    let provider = cairn_quic::default_provider();
    let template = cairn_quic::x509::issue::Template::authority("Another CA").valid(0, 4_000_000_000);
    let other = template.self_signed(&provider, cairn_quic::crypto::KeySpec::EcP256).unwrap();
    let mut roots = cairn_quic::x509::Roots::new();
    roots.add_der(other.certificate()).unwrap();
    let other = ClientConfig::builder().trust(roots).alpn(["h3"]).build().unwrap();
    let mut pair = Pair::new(&other, &server().build().unwrap());
    pair.start();
    let error = pair.run().unwrap_err();
    assert!(matches!(error.kind, ErrorKind::Certificate(_)), "{error:?}");
    check(&mut pair.client, error, 0x0130);
}

/// RFC 9001 section 8.3.
#[test]
fn crypto_frame_in_0_rtt_is_a_violation() {
    // Also if it is empty.
    for bytes in [&[1][..], &[]] {
        let mut pair = pair();
        let error = pair.server.read(Level::EarlyData, bytes).unwrap_err();
        assert_eq!(error.kind, ErrorKind::CryptoInEarlyData);
        check(&mut pair.server, error, PROTOCOL_VIOLATION);
    }
}

/// RFC 9001 section 4.1.3.
#[test]
fn bytes_of_another_level_are_a_violation() {
    // Of a level that is not in use any more.
    let mut pair = pair();
    pair.pass(&mut |_, _, _| {}).unwrap();
    let error = pair.server.read(Level::Initial, &[0]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::WrongLevel { expected: Level::Handshake, got: Level::Initial });
    check(&mut pair.server, error, PROTOCOL_VIOLATION);
    // Of a level that is not in use yet.
    let mut pair = self::pair();
    let error = pair.client.read(Level::Handshake, &[0]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::WrongLevel { expected: Level::Initial, got: Level::Handshake });
    check(&mut pair.client, error, PROTOCOL_VIOLATION);
}

#[test]
fn bytes_that_are_left_of_a_level_are_a_violation() {
    // After ServerHello, at the level of ServerHello: part of a message, and a whole one.
    for more in [&[8][..], &[8, 0, 0, 2, 0, 0]] {
        let mut pair = pair();
        pair.pass(&mut |_, _, _| {}).unwrap();
        let error = pair.pass(&mut |_, level, bytes| {
            assert_eq!(level, Level::Initial);
            bytes.extend_from_slice(more);
        });
        let error = error.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotConsumed { level: Level::Initial });
        check(&mut pair.client, error, PROTOCOL_VIOLATION);
    }
}

/// RFC 9001 section 6.
#[test]
fn key_update_message_is_unexpected() {
    let mut pair = shaken();
    for end in [&mut pair.client, &mut pair.server] {
        let error = end.read(Level::OneRtt, &[24, 0, 0, 1, 0]).unwrap_err();
        check(end, error, 0x010a);
    }
}

/// RFC 9001 section 4.4.
#[test]
fn certificate_request_after_the_handshake_is_a_violation() {
    let mut pair = shaken();
    let request = [13, 0, 0, 11, 0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3];
    let error = pair.client.read(Level::OneRtt, &request).unwrap_err();
    assert_eq!(error.kind, ErrorKind::CertificateRequestAfterHandshake);
    check(&mut pair.client, error, PROTOCOL_VIOLATION);
}

/// RFC 9001 section 4.6.1.
#[test]
fn ticket_for_a_limited_amount_of_early_data_is_a_violation() {
    let mut pair = pair();
    let mut changed = false;
    let error = loop {
        let passed = pair.pass(&mut |from_client, level, bytes| {
            if !from_client && level == Level::OneRtt && !changed {
                let size = bytes.windows(4).rposition(|window| window == [0xff; 4]).unwrap();
                bytes[size + 3] = 0xfe;
                changed = true;
            }
        });
        match passed {
            Ok(more) => assert!(more, "the ticket is accepted"),
            Err(error) => break error,
        }
    };
    let ErrorKind::Handshake(of_machine) = error.kind else { panic!("{error:?}") };
    assert!(matches!(of_machine.kind, HandshakeErrorKind::EarlyDataSizeInQuic(_)), "{error:?}");
    check(&mut pair.client, error, PROTOCOL_VIOLATION);
}

#[test]
fn connection_is_started_once() {
    let mut pair = pair();
    let error = pair.client.connection.start().unwrap_err();
    assert_eq!((error.kind, error.code()), (ErrorKind::NotStartedOnce, 1));
    let mut pair = Pair::new(&client().build().unwrap(), &server().build().unwrap());
    let error = pair.server.read(Level::Initial, &[1, 0, 0, 1, 0]).unwrap_err();
    assert_eq!((error.kind, error.code()), (ErrorKind::NotStartedOnce, 1));
}
