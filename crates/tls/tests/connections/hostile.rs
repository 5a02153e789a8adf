//! Properties for arbitrary input in arbitrary fragments: no panic, bounded output, and equal data at both
//! ends.

use crate::support::{End, Kind, Pair, client, name, server};
use cairn_tls::{ClientConfig, Connection, ServerConfig, Side};
use proptest::{collection::vec, prelude::*};
use std::sync::OnceLock;

fn configs() -> &'static (ClientConfig, ServerConfig) {
    static CONFIGS: OnceLock<(ClientConfig, ServerConfig)> = OnceLock::new();
    CONFIGS.get_or_init(|| (client().build().unwrap(), server(Kind::P256).build().unwrap()))
}

/// One event.
#[derive(Clone, Debug)]
enum Step {
    Write(Side, Vec<u8>),
    /// This many of the bytes that this side has sent arrive.
    Deliver(Side, usize),
    Close(Side),
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Client), Just(Side::Server)]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (side(), vec(any::<u8>(), 0..2000)).prop_map(|(side, data)| Step::Write(side, data)),
        1 => (side(), 0..40_000usize).prop_map(|(side, length)| Step::Write(side, vec![7; length])),
        8 => (side(), 0..3000usize).prop_map(|(side, length)| Step::Deliver(side, length)),
        1 => side().prop_map(Step::Close),
    ]
}

/// Bytes, some of which begin like records.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let record = (
        prop_oneof![Just(20u8), Just(21), Just(22), Just(23), any::<u8>()],
        prop_oneof![Just(3u8), any::<u8>()],
        0..5u8,
        vec(any::<u8>(), 0..80),
        any::<bool>(),
    );
    let record = record.prop_map(|(content_type, major, minor, body, honest)| {
        let length = if honest { body.len() as u16 } else { 0x1234 };
        let mut record = vec![content_type, major, minor];
        record.extend_from_slice(&length.to_be_bytes());
        record.extend(body);
        record
    });
    prop_oneof![vec(any::<u8>(), 0..300), vec(record, 0..6).prop_map(|records| records.concat())]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_calls_delivers_the_written_data(steps in vec(step(), 1..60)) {
        let (client, server) = configs();
        let mut pair = Pair::ready(client, server);
        // By sender: the data written before it closed, and the data in transit.
        let mut written: [Vec<u8>; 2] = Default::default();
        let mut way: [Vec<u8>; 2] = Default::default();
        let mut closed = [false; 2];
        let all = steps.into_iter().chain([
            Step::Deliver(Side::Client, usize::MAX), Step::Deliver(Side::Server, usize::MAX),
            Step::Deliver(Side::Client, usize::MAX), Step::Deliver(Side::Server, usize::MAX),
        ]);
        for step in all {
            match step {
                Step::Write(side, data) => {
                    let end = if side == Side::Client { &mut pair.client } else { &mut pair.server };
                    match end.conn.write(&data, &mut end.outbox) {
                        Ok(()) => written[side as usize].extend(data),
                        Err(_) => prop_assert!(closed[side as usize] || end.closed),
                    }
                }
                Step::Close(side) => {
                    let end = if side == Side::Client { &mut pair.client } else { &mut pair.server };
                    end.close();
                    closed[side as usize] = true;
                }
                Step::Deliver(side, length) => {
                    let (from, to) = match side {
                        Side::Client => (&mut pair.client, &mut pair.server),
                        Side::Server => (&mut pair.server, &mut pair.client),
                    };
                    let way = &mut way[side as usize];
                    way.append(&mut from.outbox);
                    let now: Vec<u8> = way.drain(..length.min(way.len())).collect();
                    if !to.closed {
                        to.take(&now);
                    }
                }
            }
        }
        prop_assert_eq!(pair.client.error, None);
        prop_assert_eq!(pair.server.error, None);
        let any_closed = closed != [false; 2];
        prop_assert_eq!((pair.client.closed, pair.server.closed), (any_closed, any_closed));
        prop_assert_eq!(&pair.server.data, &written[0]);
        prop_assert_eq!(&pair.client.data, &written[1]);
    }

    #[test]
    fn arbitrary_bytes_before_the_handshake_do_not_panic(bytes in stream(), pieces in 1..50usize) {
        let (client, server) = configs();
        for conn in [Connection::client(client, name()), Connection::server(server)] {
            let mut end = End::new(conn);
            end.outbox.clear();
            for piece in bytes.chunks(pieces) {
                end.take(piece);
            }
            let _ended = end.conn.transport_ended();
            prop_assert!(end.data.is_empty() && !end.conn.is_complete());
            prop_assert!(end.outbox.len() < 4096);
        }
    }

    #[test]
    fn arbitrary_bytes_after_the_handshake_do_not_panic(bytes in stream()) {
        let (client, server) = configs();
        let mut pair = Pair::ready(client, server);
        for end in [&mut pair.client, &mut pair.server] {
            end.take(&bytes);
            prop_assert!(end.data.is_empty() && end.outbox.len() < 64);
        }
    }

    #[test]
    fn altered_byte_never_leads_to_another_result(
        record in 0..7usize,
        at in any::<u16>(),
        xor in 1..=255u8,
    ) {
        let (client, server) = configs();
        let client = ClientConfig::clone(client);
        let mut pair = Pair::new(&client, server);
        let mut count = 0;
        let mut changed = None;
        pair.run_through(|_, _, mut bytes| {
            if count == record {
                let at = usize::from(at) % bytes.len();
                bytes[at] ^= xor;
                changed = Some(at);
            }
            count += 1;
            bytes
        });
        // Before the version is negotiated, the version in record headers is ignored (RFC 5246 appendix E.1,
        // RFC 9846 section 5.1). Every other change must be detected.
        if pair.complete() {
            let is_version = changed.is_none_or(|at| record <= 1 && matches!(at, 1 | 2));
            prop_assert!(is_version, "record {}, byte {:?}", record, changed);
            let (client, server) = (pair.client.summary(), pair.server.summary());
            prop_assert_eq!(&client.tls12().unwrap().session_id, &server.tls12().unwrap().session_id);
        }
    }
}
