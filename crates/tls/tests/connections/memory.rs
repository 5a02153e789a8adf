//! The memory of a connection, and how much a peer can make it use.

use crate::support::{End, Kind, Pair, SetClock, client, name, provider, roots, server, server_identity};
use cairn_crypto::{CryptoError, RandomSource};
use cairn_tls::{Connection, Orders, Reader, Writer};
use std::sync::Arc;

/// The size of the values themselves, without allocations. The figures are published: update them when they
/// change.
#[test]
fn idle_connection_has_bounded_memory() {
    let sizes = (size_of::<Reader>(), size_of::<Writer>(), size_of::<Connection>(), size_of::<Orders>());
    assert!(sizes.0 <= 1016 && sizes.1 <= 216 && sizes.2 <= 1232, "{sizes:?}");
}

/// A random source that delegates to another.
#[derive(Debug)]
struct Random(Arc<dyn RandomSource>);

impl RandomSource for Random {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.0.fill(out)
    }
}

#[test]
fn connections_share_their_configuration() {
    // A separate random source, because concurrent tests change the reference count of the shared one.
    let own = Arc::new(Random(Arc::clone(&provider().random)));
    let mut with_own = provider().clone();
    with_own.random = own.clone();
    let identity = server_identity(Kind::P256);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let client = crate::support::tls12_client(with_own.clone()).trust(roots()).clock(SetClock::new());
    let server = crate::support::tls12_server(with_own).credential(&chain, identity.signing_key().clone());
    let (client, server) = (client.build().unwrap(), server.unwrap().clock(SetClock::new()).build().unwrap());
    let before = Arc::strong_count(&own);
    let pairs: Vec<Pair> = (0..10).map(|_| Pair::ready(&client, &server)).collect();
    assert_eq!(Arc::strong_count(&own), before, "a provider was copied for each connection");
    drop(pairs);
}

#[test]
fn unfinished_message_is_stored_up_to_its_limit() {
    // A hello may have exactly the maximum length of its fields. Of an unexpected message nothing is stored.
    for header in [b"\x01\x02\x01\x45", b"\x0b\x00\x40\x01"] {
        never_ends(header);
    }
}

fn never_ends(header: &[u8]) {
    let mut server = End::new(Connection::server(&server(Kind::P256).build().unwrap()));
    let mut taken = 0;
    let mut first = true;
    while server.error.is_none() && taken < 1 << 20 {
        let mut record = b"\x16\x03\x01\x40\x00".to_vec();
        if first {
            record.extend_from_slice(header);
            first = false;
        }
        record.resize(5 + 16_384, 0);
        server.take(&record);
        taken += record.len();
    }
    assert!(server.error.is_some() && taken < 17_000, "refused at its header: {}", server.fault());
}

#[test]
fn peer_that_never_reads_causes_bounded_output() {
    let (client, server) = (client().build().unwrap(), server(Kind::P256).build().unwrap());
    let mut pair = Pair::ready(&client, &server);
    // A peer without the keys cannot cause more than one alert.
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
