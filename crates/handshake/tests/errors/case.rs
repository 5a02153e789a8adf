//! The modification of a handshake for one kind of error.

//! The modification of a handshake for each kind of error.

use crate::support::{
    End, Wire,
    edit::{ClientParts, ServerParts, client_hello, server_hello},
    pair, run,
    walk::named_suite,
};
use cairn_crypto::KeySpec;
use cairn_handshake::ClientPolicy;
use cairn_wire::AlertDescription as A;

pub(crate) const P256: KeySpec = KeySpec::EcP256;

/// The modification of a handshake, and the side that must detect it.
pub(crate) struct Case {
    pub(crate) kind: &'static str,
    pub(crate) how: &'static str,
    pub(crate) alert: Option<A>,
    pub(crate) run: fn() -> End,
}

/// Cases: the name of the kind, how it is provoked, the alert, and the side that fails.
macro_rules! cases {
    ($( $kind:ident, $how:literal, $alert:expr, $run:expr; )*) => {
        [$( Case { kind: stringify!($kind), how: $how, alert: $alert, run: $run } ),*]
    };
}

/// The client of a handshake whose ServerHello is rewritten.
pub(crate) fn client_of(edit: impl for<'a> Fn(&mut ServerParts<'a>)) -> End {
    tampered(pair(P256, |_| {}, |_| {}), |wire| server_hello(wire, &edit)).0
}

/// The server of a handshake whose ClientHello is rewritten.
pub(crate) fn server_of(edit: impl for<'a> Fn(&mut ClientParts<'a>)) -> End {
    tampered(pair(P256, |_| {}, |_| {}), |wire| client_hello(wire, &edit)).1
}

pub(crate) fn tampered(
    (mut client, mut server): (End, End),
    mut tamper: impl FnMut(&mut Wire),
) -> (End, End) {
    run(&mut client, &mut server, |_, wire| tamper(wire));
    (client, server)
}

pub(crate) fn honest(pair: (End, End)) -> (End, End) {
    tampered(pair, |_| {})
}

/// A pair with one suite.
pub(crate) fn suite_pair(suite: &str) -> (End, End) {
    suite_pair_with(suite, |_| {})
}

pub(crate) fn suite_pair_with(suite: &str, client: impl FnOnce(&mut ClientPolicy)) -> (End, End) {
    let suite = named_suite(suite);
    pair(
        KeySpec::Rsa { bits: 2048 },
        |policy| {
            policy.tls12.suites = vec![suite];
            client(policy);
        },
        |policy| policy.tls12.suites = vec![suite],
    )
}

pub(crate) fn default_pair() -> (End, End) {
    pair(P256, |_| {}, |_| {})
}
