//! Pairs with one suite.

use crate::support::{End, agree, pair, run};
use cairn_crypto::KeySpec;
use cairn_handshake::{ClientPolicy, ServerPolicy};
use cairn_schedule::{Authentication, Tls12Suite};

/// A kind of key that fits the suite.
pub(crate) fn spec(suite: &Tls12Suite) -> KeySpec {
    match suite.authentication {
        Authentication::Ecdsa => KeySpec::EcP256,
        _ => KeySpec::Rsa { bits: 2048 },
    }
}

pub(crate) fn suite_pair(
    suite: &'static Tls12Suite,
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    pair(
        spec(suite),
        |policy| {
            policy.tls12.suites = vec![suite];
            client(policy);
        },
        |policy| {
            policy.tls12.suites = vec![suite];
            server(policy);
        },
    )
}

pub(crate) fn complete((mut client, mut server): (End, End)) -> (End, End) {
    run(&mut client, &mut server, |_, _| {});
    assert!(agree(&client, &server), "{:?} {:?}", client.log, server.log);
    (client, server)
}
