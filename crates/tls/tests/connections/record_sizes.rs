//! Negotiated record sizes: max_fragment_length (RFC 6066 section 4) and record_size_limit (RFC 8449).

use crate::support::{Forger, Kind, Pair, Secrets, client, modern, name, records, server};
use cairn_tls::{
    Connection, ErrorKind, MaxFragmentLength, RecordError, RecordLimits, ServerConfig, Side,
    wire::AlertDescription,
};
use std::sync::Arc;

/// The bytes that protection adds to a record, header included.
const OVERHEAD: usize = 5 + 8 + 16;

/// A server that supports max_fragment_length only.
fn default_server() -> ServerConfig {
    server(Kind::P256).no_record_size_limit().build().unwrap()
}

/// Runs a pair and returns the length of each side's longest record, including its header.
fn longest(pair: &mut Pair) -> (usize, usize) {
    let mut longest = (0, 0);
    pair.run_through(|side, _, record| {
        let of_side = if side == Side::Client { &mut longest.0 } else { &mut longest.1 };
        *of_side = record.len().max(*of_side);
        record
    });
    longest
}

#[test]
fn max_fragment_length_limits_handshake_and_data_records() {
    for limit in MaxFragmentLength::ALL {
        let length = limit.bytes();
        let client = client().max_fragment_length(limit).build().unwrap();
        let server = default_server();
        for resumed in [false, true] {
            let mut pair = Pair::new(&client, &server);
            let (from_client, from_server) = longest(&mut pair);
            assert!(pair.complete(), "{} / {}", pair.client.fault(), pair.server.fault());
            assert_eq!(pair.client.summary().is_resumed(), resumed);
            assert!(from_client <= 5 + usize::from(length) && from_server <= 5 + usize::from(length));
            if length == 512 && !resumed {
                assert_eq!(from_server, 5 + 512, "the certificate alone is longer");
            }
            for end in [&pair.client, &pair.server] {
                assert_eq!(end.summary().tls12().unwrap().max_fragment_length, Some(limit));
                assert_eq!(end.conn.writer().max_plaintext(), length.into());
            }
            pair.client.write(&[1; 10_000]);
            pair.server.write(&[2; 10_000]);
            let count = 10_000_usize.div_ceil(length.into());
            assert_eq!(records(&pair.client.outbox).len(), count);
            assert_eq!(records(&pair.server.outbox).len(), count);
            let longest = longest(&mut pair);
            assert_eq!(longest, (OVERHEAD + usize::from(length), OVERHEAD + usize::from(length)));
            assert_eq!((pair.client.data.len(), pair.server.data.len()), (10_000, 10_000));
        }
    }
}

#[test]
fn record_above_max_fragment_length_is_record_overflow() {
    let log = Arc::new(Secrets::default());
    let client =
        client().max_fragment_length(MaxFragmentLength::Bytes512).key_log(log.clone()).no_resumption();
    let client = client.suites(&[modern()[0].id]).unwrap().build().unwrap();
    for side in [Side::Client, Side::Server] {
        for length in [512, 513] {
            let (mut pair, forger) = Forger::watch(&client, &default_server(), &log);
            let record = forger.record(side, 1, 23, &vec![0; length]);
            let to = if side == Side::Client { &mut pair.server } else { &mut pair.client };
            to.take(&record);
            if length == 512 {
                assert_eq!((to.error, to.data.len()), (None, 512));
                continue;
            }
            let error = to.error.unwrap();
            assert_eq!(error.alert, Some(AlertDescription::RECORD_OVERFLOW), "{error}");
            // At the header, without decrypting.
            assert!(
                matches!(error.kind, ErrorKind::Record(RecordError::CiphertextTooLong { .. })),
                "{error}"
            );
        }
    }
}

#[test]
fn unprotected_record_above_max_fragment_length_is_record_overflow() {
    let client = client().max_fragment_length(MaxFragmentLength::Bytes512).build().unwrap();
    let mut pair = Pair::new(&client, &server(Kind::Rsa).no_record_size_limit().build().unwrap());
    let mut held = Vec::new();
    pair.run_through(|side, number, record| match (side, number) {
        // Joins the server's first two records with handshake messages. The first contains ServerHello, so
        // the limit applies.
        (Side::Server, 1) => {
            held = record;
            Vec::new()
        }
        (Side::Server, 2) => {
            let length = u16::try_from(held.len() - 5 + record.len() - 5).unwrap();
            assert!(length > 512);
            let mut joined = held.clone();
            joined[3..5].copy_from_slice(&length.to_be_bytes());
            joined.extend_from_slice(&record[5..]);
            joined
        }
        _ => record,
    });
    let error = pair.client.error.unwrap();
    assert_eq!(error.alert, Some(AlertDescription::RECORD_OVERFLOW));
    assert!(
        matches!(error.kind, ErrorKind::Record(RecordError::PlaintextTooLong { max: 512, .. })),
        "{error}"
    );
}

#[test]
fn client_accepts_a_server_that_ignores_max_fragment_length() {
    let client = client().max_fragment_length(MaxFragmentLength::Bytes512).build().unwrap();
    let server = server(Kind::P256).no_record_size_limit().ignore_max_fragment_length().build().unwrap();
    let mut pair = Pair::ready(&client, &server);
    assert_eq!(pair.client.summary().tls12().unwrap().max_fragment_length, None);
    pair.server.write(&[0; 16_384]);
    pair.run();
    assert_eq!(pair.client.data.len(), 16_384);
}

#[test]
fn configured_record_limit_remains_an_upper_bound() {
    let limits = |max_plaintext| RecordLimits { max_plaintext, ..Default::default() };
    for (own, agreed) in [(100, 100), (1000, 512)] {
        let client = client().max_fragment_length(MaxFragmentLength::Bytes512).build().unwrap();
        let client = Connection::client_with_limits(&client, name(), limits(own));
        let mut pair = Pair::of(client, Connection::server(&default_server()));
        pair.run();
        assert_eq!(pair.client.conn.writer().max_plaintext(), agreed);
        assert_eq!(pair.server.conn.writer().max_plaintext(), 512);
        pair.client.write(&[0; 1000]);
        assert_eq!(records(&pair.client.outbox).len(), 1000_usize.div_ceil(agreed));
        pair.run();
        assert_eq!(pair.server.data.len(), 1000);
    }
}

#[test]
fn record_size_limit_defaults_to_the_maximum() {
    let pair = Pair::ready(&client().build().unwrap(), &server(Kind::P256).build().unwrap());
    let said = pair.client.summary().record_size_limits.unwrap();
    assert_eq!((said.ours, said.theirs), (16_384, 16_384));
    assert_eq!(pair.client.conn.writer().max_plaintext(), 16_384);
}

#[test]
fn each_side_respects_the_peers_record_size_limit() {
    for (takes, server_takes) in [(64, 16_384), (16_384, 64), (100, 1000), (16_383, 65)] {
        let client = client().record_size_limit(takes).build().unwrap();
        let server = server(Kind::Rsa).record_size_limit(server_takes).build().unwrap();
        for resumed in [false, true] {
            let mut pair = Pair::new(&client, &server);
            let (_, from_server) = longest(&mut pair);
            assert!(pair.complete(), "{} / {}", pair.client.fault(), pair.server.fault());
            assert_eq!(pair.client.summary().is_resumed(), resumed);
            // Unprotected records are not limited, and Certificate is long.
            assert!(resumed || from_server > 500);
            assert_eq!(pair.client.conn.writer().max_plaintext(), server_takes.into());
            assert_eq!(pair.server.conn.writer().max_plaintext(), takes.into());
            pair.client.write(&[1; 20_000]);
            pair.server.write(&[2; 20_000]);
            let longest = longest(&mut pair);
            assert_eq!(longest, (OVERHEAD + usize::from(server_takes), OVERHEAD + usize::from(takes)));
            assert_eq!((pair.client.data.len(), pair.server.data.len()), (20_000, 20_000));
        }
    }
}

#[test]
fn record_above_the_readers_record_size_limit_is_record_overflow() {
    let log = Arc::new(Secrets::default());
    let client = client().record_size_limit(100).key_log(log.clone()).no_resumption();
    let client = client.suites(&[modern()[0].id]).unwrap().build().unwrap();
    let server = server(Kind::P256).record_size_limit(200).build().unwrap();
    for (side, length, fits) in [
        (Side::Server, 100, true),
        (Side::Server, 101, false),
        (Side::Client, 200, true),
        (Side::Client, 201, false),
    ] {
        let (mut pair, forger) = Forger::watch(&client, &server, &log);
        let to = if side == Side::Client { &mut pair.server } else { &mut pair.client };
        to.take(&forger.record(side, 1, 23, &vec![0; length]));
        let alert = to.error.and_then(|error| error.alert);
        assert_eq!(alert, (!fits).then_some(AlertDescription::RECORD_OVERFLOW), "{side:?}, {length}");
    }
}

#[test]
fn max_fragment_length_is_also_offered_as_record_size_limit() {
    let client = client().max_fragment_length(MaxFragmentLength::Bytes512).build().unwrap();
    let pair = Pair::ready(&client, &server(Kind::P256).build().unwrap());
    assert_eq!(pair.client.summary().tls12().unwrap().max_fragment_length, None);
    assert_eq!(pair.client.summary().record_size_limits.unwrap().ours, 512);
    assert_eq!(pair.server.conn.writer().max_plaintext(), 512);
    assert_eq!(pair.client.conn.writer().max_plaintext(), 16_384, "the server decides this");
}

#[cfg(feature = "legacy")]
#[test]
fn record_size_limit_applies_to_cbc_suites() {
    use cairn_tls::wire::CipherSuite;
    let suite = [CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA];
    let client = client().suites(&suite).unwrap().record_size_limit(64).build().unwrap();
    let server = server(Kind::Rsa).suites(&suite).unwrap().record_size_limit(65).build().unwrap();
    let mut pair = Pair::ready(&client, &server);
    pair.client.write(&[1; 1000]);
    pair.server.write(&[2; 1000]);
    assert_eq!(records(&pair.client.outbox).len(), 1000_usize.div_ceil(65));
    assert_eq!(records(&pair.server.outbox).len(), 1000_usize.div_ceil(64));
    pair.run();
    assert_eq!((pair.client.data.len(), pair.server.data.len()), (1000, 1000));
}
