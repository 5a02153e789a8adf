//! Cairn's own command lines.

use super::case::{Case, Fault, PATH, RETRIED, Second};
use crate::conformance::interop::case::{Asker, Key, Resumption, Role};
use crate::conformance::interop::process::Launch;
use crate::conformance::interop::world::World;

/// The reason why Cairn does not support a case in this role.
pub(super) fn lacks(case: &Case, ours: Role) -> Option<&'static str> {
    let by_server = ours == Role::Server && case.key_update == Some(Asker::Server);
    by_server.then_some("`cairn serve` updates its keys when the client does, or when their limit is near")
}

/// The authority of no certificate of this kind, in place of both.
pub(super) fn other_authority(world: &World, key: Key) -> String {
    world.file(if key.is_rsa() { "ca-rsa.pem" } else { "ca-ec.pem" })
}

/// The authorities that the client of a case trusts.
pub(super) fn authorities(world: &World, case: &Case) -> String {
    match case.fault {
        Some(Fault::Authority) => other_authority(world, case.key.0),
        Some(Fault::Protocol) | None => world.ca(),
    }
}

/// `cairn connect` for a case.
pub(super) fn client(world: &World, case: &Case, port: u16) -> Launch {
    let url = format!("https://127.0.0.1:{port}{PATH}");
    let mut client = world.cairn(["connect", "--http3", &url, "--name", "localhost", "--tls", "1.3"]);
    client = client.args(["--ca", &authorities(world, case)]);
    if let Some(suite) = case.suite {
        client = client.args(["--suites", suite]);
    }
    if let Some(group) = case.group {
        client = client.args(["--groups", group]);
    }
    if let Some(key) = case.client_key {
        let (cert, private) = world.identity(Role::Client, key);
        client = client.args(["--cert", &cert, "--key", &private]);
    }
    client
        .args_if(case.hello_retry, &["--groups", &RETRIED.join(",")])
        .args_if(case.second != Second::No, &["--reconnect", "1"])
        .args_if(case.second.is_early(), &["--early-request"])
        .args_if(case.key_update == Some(Asker::Client), &["--key-update"])
        .args_if(case.fault == Some(Fault::Protocol), &["--alpn", "other"])
        // Lost packets of a handshake cost seconds.
        .args(["--timeout", "40"])
}

/// `cairn serve` for a case.
pub(super) fn server(world: &World, case: &Case) -> Launch {
    let (cert, key) = world.identity(Role::Server, case.key.0);
    let mut server = world.cairn(["serve", "--listen", "127.0.0.1:0", "--http", "--http3", "--tls", "1.3"]);
    server = server.args(["--cert", &cert, "--key", &key]);
    if let Some(suite) = case.suite {
        server = server.args(["--suites", suite]);
    }
    if let Some(group) = case.group.or_else(|| case.hello_retry.then_some(RETRIED[1])) {
        server = server.args(["--groups", group]);
    }
    // With tickets that contain their sessions, the server accepts no early data in its first seconds.
    let tickets = matches!(case.second, Second::Resumes(Resumption::Ticket) | Second::EarlyRejected);
    server
        .args_if(case.client_key.is_some(), &["--client-ca", &world.ca(), "--require-client-cert"])
        .args_if(tickets, &["--tickets"])
        .args_if(case.second.is_early(), &["--early-data", "16384"])
        .args_if(case.retry, &["--retry"])
        // The line in the log comes after this time if the client's last packet is lost, or was never sent.
        .args(["--timeout", "12"])
}
