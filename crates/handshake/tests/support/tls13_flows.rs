//! Flows of TLS 1.3, by name.

use super::{End, Wire, go_on, later_pair, raw, retried_pair, tls13_mutual_pair, tls13_pair};
use cairn_crypto::KeySpec;
use cairn_handshake::{ClientAuthentication, Input};
use cairn_wire::KeyUpdateRequest;

/// Flows that together take every row of the tables of TLS 1.3.
pub const FLOWS: [&str; 9] = [
    "TLS 1.3",
    "TLS 1.3, configured",
    "TLS 1.3, retried",
    "TLS 1.3, with client authentication",
    "TLS 1.3, with a client that has no certificate",
    "TLS 1.3, with key updates",
    "TLS 1.3, with a ticket",
    "TLS 1.3, authenticated later",
    "TLS 1.3, not authenticated later",
];

/// The two sides of the flow "TLS 1.3" with the rest of its name, not started.
pub fn pair(name: &str) -> (End, End) {
    let spec = KeySpec::EcP256;
    match name {
        ", configured" => tls13_pair(spec, |_| {}, |server| server.ask_for_configuration = true),
        ", retried" => retried_pair(|_| {}, |_| {}),
        ", with client authentication" => tls13_mutual_pair(spec, |_| {}, |_| {}),
        ", authenticated later" => later_pair(spec, |_| {}, |_| {}),
        ", not authenticated later" => {
            let (mut client, server) = later_pair(spec, |_| {}, |_| {});
            client.credential = None;
            (client, server)
        }
        ", with a client that has no certificate" => tls13_pair(
            spec,
            |_| {},
            |server| server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() },
        ),
        _ => tls13_pair(spec, |_| {}, |_| {}),
    }
}

/// What follows the handshake of a flow.
pub fn after_handshake(name: &str, client: &mut End, server: &mut End) {
    if name.ends_with("key updates") {
        client.step(Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateRequested });
        go_on(client, server, |_, _| {});
        server.step(Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateNotRequested });
        go_on(client, server, |_, _| {});
    } else if name.ends_with("ticket") {
        client.receive(&Wire::Handshake(client.machine.read_epoch(), raw::NewSessionTicket::new().message()));
    } else if name.ends_with("authenticated later") {
        let update = || Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateRequested };
        client.step(update());
        go_on(client, server, |_, _| {});
        client.receive(&Wire::Handshake(client.machine.read_epoch(), raw::NewSessionTicket::new().message()));
        for input in [Input::RequestCertificate, Input::RequestCertificate, update()] {
            server.step(input);
        }
        client.step(update());
        go_on(client, server, |_, _| {});
    }
}
