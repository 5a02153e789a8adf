//! Faults, and the report of each side: the side that detected the fault, its state, the alert on the wire,
//! and the RFC section.

mod certificates;
mod established;
mod handshake;
mod negotiation;
mod records;

use crate::support::Pair;
use cairn_tls::{ClientConfigBuilder, ServerConfigBuilder};

/// Performs a handshake that must fail, and compares the reports of both sides.
#[track_caller]
pub(crate) fn expect(
    client: ClientConfigBuilder,
    server: ServerConfigBuilder,
    at_client: &str,
    at_server: &str,
) {
    let mut pair = Pair::new(&client.build().unwrap(), &server.build().unwrap());
    pair.run();
    same(&pair, at_client, at_server);
}

#[track_caller]
fn same(pair: &Pair, at_client: &str, at_server: &str) {
    pin("the client", &pair.client.fault(), at_client);
    pin("the server", &pair.server.fault(), at_server);
    for end in [&pair.client, &pair.server] {
        assert_eq!(end.error.as_ref(), end.conn.reader().error());
        assert!(end.error.is_none() || !end.conn.writer().is_open());
    }
}

#[track_caller]
fn pin(what: &str, said: &str, expected: &str) {
    assert_eq!(said, expected, "{what}");
}
