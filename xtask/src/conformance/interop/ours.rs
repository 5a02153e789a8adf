//! Cairn's own command lines.

use super::case::{Asker, Case, FIRST_GROUP, Key, Limit, RawKeys, Resumption, Role, USUAL_RSA, Versions};
use super::case13::USUAL;
use super::process::Launch;
use super::world::{PSK, PSK_IDENTITY, World};

/// The key of either side that presents a raw public key.
pub(super) const RAW_KEY: Key = Key::P256;

/// The reason why Cairn does not support a case in this role.
pub(super) fn lacks(case: &Case, ours: Role) -> Option<&'static str> {
    match ours {
        Role::Client if case.retry && case.group.is_some_and(|group| group.contains("MLKEM")) => {
            Some("Cairn's client sends a share of a hybrid group that it offers")
        }
        Role::Server if case.key_update == Some(Asker::Server) => {
            Some("`cairn serve` sends KeyUpdate only in answer to one")
        }
        _ => None,
    }
}

/// `cairn connect` for a case, without the data that it sends.
pub(super) fn client(world: &World, case: &Case, port: u16) -> Launch {
    let address = format!("127.0.0.1:{port}");
    let mut client = world.cairn(["connect", &address, "--name", "localhost", "--trace"]);
    client = client.args(["--tls", case.ours.name(), "--suites", &suites_of_client(case)]);
    client = match case.raw_keys {
        _ if case.external_psk => client.args(["--psk", &format!("{PSK_IDENTITY}:{PSK}")]),
        None => client.args(["--ca", &world.ca()]),
        Some(_) => client.args(["--trust-key", &world.public_key(Role::Server, RAW_KEY)]),
    };
    if case.raw_keys == Some(RawKeys::Both) {
        client = client.args(["--raw-key", &world.identity(Role::Client, RAW_KEY).1]);
    }
    if case.uses_psk() {
        client = client.args(["--psk", &format!("{PSK_IDENTITY}:{PSK}")]);
    }
    match case.group {
        Some(group) if case.retry => client = client.args(["--groups", &format!("{FIRST_GROUP},{group}")]),
        Some(group) => client = client.args(["--groups", group]),
        None => {}
    }
    let by_id = case.resumption == Some(Resumption::Id) && !case.is_tls13();
    client = client.args_if(by_id, &["--no-tickets"]);
    client = client.args_if(case.resumption.is_some(), &["--reconnect", "1"]);
    client = client.args_if(case.renegotiation == Some(Asker::Client), &["--renegotiate"]);
    client = client.args_if(case.renegotiation == Some(Asker::Server), &["--renegotiation", "allowed"]);
    client = client.args_if(case.key_update == Some(Asker::Client), &["--key-update"]);
    if let Some(key) = case.client_key {
        let (cert, private) = world.identity(Role::Client, key);
        client = client.args(["--cert", &cert, "--key", &private]);
    }
    client = compressing(client, case);
    match case.limit {
        None => client,
        Some(Limit::MaxFragmentLength(bytes)) => client.args(["--max-fragment-length", &bytes.to_string()]),
        Some(Limit::RecordSize(bytes)) => client.args(["--record-size-limit", &bytes.to_string()]),
    }
}

/// The only algorithm of certificate compression.
fn compressing(launch: Launch, case: &Case) -> Launch {
    match case.compression {
        Some(algorithm) => launch.args(["--compress-certificates", algorithm]),
        None => launch,
    }
}

/// The suite of the case alone, and one of the other version if the client speaks that too.
fn suites_of_client(case: &Case) -> String {
    match case.ours {
        Versions::Both => format!("{USUAL},{USUAL_RSA}"),
        Versions::Tls12 | Versions::Tls13 => case.suite.clone(),
    }
}

/// Returns `true` if Cairn's server prints each message: if its report does not suffice.
pub(super) fn traces(case: &Case) -> bool {
    case.renegotiation.is_some() || case.concerns_tls13()
}

/// All suites that `cairn serve` can have at once. A PSK must not be used directly in both versions
/// (RFC 9846 appendix F.7), so a server with both has no PSK suites.
fn suites_of_server(world: &World, versions: Versions) -> Vec<&str> {
    let (tls12, tls13) = (world.suites.iter().map(String::as_str), world.suites13.iter().map(String::as_str));
    match versions {
        Versions::Tls12 => tls12.collect(),
        Versions::Tls13 => tls13.collect(),
        Versions::Both => tls13.chain(tls12.filter(|suite| !suite.contains("PSK"))).collect(),
    }
}

/// `cairn serve` for a case, with all suites.
pub(super) fn server(world: &World, case: &Case) -> Launch {
    let suites = suites_of_server(world, case.ours).join(",");
    let mut server = world.cairn(["serve", "--listen", "127.0.0.1:0", "--http"]);
    server = server.args(["--tls", case.ours.name(), "--suites", &suites]);
    if case.ours == Versions::Tls12 || case.external_psk {
        server = server.args(["--psk", &format!("{PSK_IDENTITY}:{PSK}")]);
    }
    if case.raw_keys.is_some() {
        server = server.args(["--raw-key", &world.identity(Role::Server, RAW_KEY).1]);
    } else if !case.external_psk {
        for key in case.keys {
            let (cert, private) = world.identity(Role::Server, *key);
            server = server.args(["--cert", &cert, "--key", &private]);
        }
    }
    if case.raw_keys == Some(RawKeys::Both) {
        let key = world.public_key(Role::Client, RAW_KEY);
        server = server.args(["--trust-key", &key, "--require-client-cert"]);
    }
    server = server.args_if(case.resumption.is_some() && !case.is_stored(), &["--tickets"]);
    // NSS's client fails at a second ticket after a handshake with an external PSK.
    server = server.args_if(case.external_psk, &["--tickets=1"]);
    server = server.args_if(case.early_data.is_some(), &["--early-data", "16384"]);
    server = compressing(server, case);
    if let Some(group) = case.group {
        server = server.args(["--groups", group]);
    }
    if case.client_key.is_some() {
        server = server.args(["--client-ca", &world.ca(), "--require-client-cert"]);
    }
    server = server.args_if(case.later, &["--ask-later"]);
    server = server.args_if(case.renegotiation == Some(Asker::Client), &["--renegotiation", "allowed"]);
    server = server.args_if(case.renegotiation == Some(Asker::Server), &["--renegotiate"]);
    server = server.args_if(traces(case), &["--trace"]);
    match case.limit {
        Some(Limit::RecordSize(bytes)) => server.args(["--record-size-limit", &bytes.to_string()]),
        _ => server,
    }
}
