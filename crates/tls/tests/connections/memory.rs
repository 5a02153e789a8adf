//! What a connection holds, and what a peer can make it hold.

use crate::support::{End, Kind, Pair, client, name, provider, server};
use cairn_tls::{Connection, Orders, Reader, Writer};
use std::sync::Arc;

/// Bytes of the values themselves; what they point to comes on top. The figures are published: mind them when they grow.
#[test]
fn an_idle_connection_is_small() {
    let sizes = (size_of::<Reader>(), size_of::<Writer>(), size_of::<Connection>(), size_of::<Orders>());
    assert!(sizes.0 <= 900 && sizes.1 <= 200 && sizes.2 <= 1200, "{sizes:?}");
}

#[test]
fn connections_share_their_configuration() {
    let (client, server) = (client().build().unwrap(), server(Kind::P256).build().unwrap());
    let before = Arc::strong_count(&provider().random);
    let pairs: Vec<Pair> = (0..10).map(|_| Pair::ready(&client, &server)).collect();
    assert_eq!(Arc::strong_count(&provider().random), before, "a provider was copied for each connection");
    drop(pairs);
}

#[test]
fn a_message_that_never_ends_is_held_up_to_its_limit() {
    // 64 KiB of a hello is the default; a certificate may be longer, and a server expects none here.
    let mut server = End::new(Connection::server(&server(Kind::P256).build().unwrap()));
    let mut taken = 0;
    let mut first = true;
    while server.error.is_none() && taken < 1 << 20 {
        let mut record = b"\x16\x03\x01\x40\x00".to_vec();
        if first {
            record.extend_from_slice(b"\x01\x01\x00\x01");
            first = false;
        }
        record.resize(5 + 16_384, 0);
        server.take(&record);
        taken += record.len();
    }
    assert!(server.error.is_some() && taken < 17_000, "refused at its header: {}", server.fault());
}

#[test]
fn who_sends_and_never_reads_makes_us_say_little() {
    let (client, server) = (client().build().unwrap(), server(Kind::P256).build().unwrap());
    let mut pair = Pair::ready(&client, &server);
    // Nothing that a peer without the keys can say brings more than one alert.
    let mut sent = 0;
    for record in [b"\x16\x03\x03\x00\x01\x00", b"\x17\x03\x03\x00\x01\x00", b"\x15\x03\x03\x00\x01\x00"] {
        for _ in 0..1000 {
            pair.server.take(record);
        }
        sent += core::mem::take(&mut pair.server.outbox).len();
    }
    assert!(sent < 64, "{sent} bytes");
    let mut client = End::new(Connection::client(&client, name()));
    client.outbox.clear();
    for _ in 0..1000 {
        client.take(b"\x16\x03\x03\x00\x04\x00\x00\x00\x00");
    }
    assert!(client.outbox.len() < 64 && client.error.is_some());
}
