//! Flows of TLS 1.3, by name.

use super::{
    End, Wire, client_policy, compression::words, external_psk_pair, go_on, later_pair, raw, retried_pair,
    server_policy, tls13_mutual_pair, tls13_pair, tls13_resuming_pair, tls13_ticket_pair,
};
use cairn_crypto::{HashAlgorithm, KeySpec};
use cairn_handshake::{
    ClientAuthentication, ClientPolicy, EarlyDataPolicy, Input, OfferedPsk, PskUse, ServerPolicy,
    SessionState,
};
use cairn_schedule::tls13::Psk;
use cairn_wire::{KeyUpdateRequest, NamedGroup};

/// Flows that together take every row of the tables of TLS 1.3.
pub const FLOWS: [&str; 22] = [
    "TLS 1.3",
    "TLS 1.3, configured",
    "TLS 1.3, retried",
    "TLS 1.3, with client authentication",
    "TLS 1.3, with a client that has no certificate",
    "TLS 1.3, with a compressed certificate",
    "TLS 1.3, with compressed certificates",
    "TLS 1.3, with key updates",
    "TLS 1.3, with a ticket",
    "TLS 1.3, resumed",
    "TLS 1.3, resumed after a retry",
    "TLS 1.3, with a used ticket",
    "TLS 1.3, with a used ticket, retried",
    "TLS 1.3, with an unknown ticket",
    "TLS 1.3, with two tickets that are refused",
    "TLS 1.3, with an external PSK",
    "TLS 1.3, with early data",
    "TLS 1.3, with early data that is rejected",
    "TLS 1.3, with early data that is rejected by a retry",
    "TLS 1.3, authenticated later",
    "TLS 1.3, not authenticated later",
    "TLS 1.3, with a compressed certificate, authenticated later",
];

/// The two sides of the flow "TLS 1.3" with the rest of its name, not started.
pub fn pair(name: &str) -> (End, End) {
    let spec = KeySpec::EcP256;
    match name {
        ", configured" => tls13_pair(spec, |_| {}, |server| server.ask_for_configuration = true),
        ", retried" => retried_pair(|_| {}, |_| {}),
        ", with client authentication" => tls13_mutual_pair(spec, |_| {}, |_| {}),
        ", with a ticket" => tls13_ticket_pair(|_| {}, |_| {}),
        ", resumed" => tls13_resuming_pair(|_| {}, |_| {}),
        ", resumed after a retry" => tls13_resuming_pair(one_share, other_group),
        ", with a used ticket" => {
            let (client, mut server) = tls13_resuming_pair(|_| {}, |_| {});
            server.psk_use = PskUse::AlreadyUsed;
            (client, server)
        }
        ", with a used ticket, retried" => {
            let (client, mut server) = tls13_resuming_pair(one_share, other_group);
            server.psk_use = PskUse::AlreadyUsed;
            (client, server)
        }
        ", with an unknown ticket" => {
            let (client, mut server) = tls13_resuming_pair(|_| {}, |_| {});
            server.session = None;
            (client, server)
        }
        ", with two tickets that are refused" => {
            let psk = Psk::external(vec![7; 32].into(), HashAlgorithm::Sha256).unwrap();
            let offered = OfferedPsk { identity: b"identity".to_vec(), psk };
            let (client, mut server) =
                tls13_resuming_pair(|client| client.tls13.external_psks = vec![offered], |_| {});
            server.session.as_mut().unwrap().server_name = None;
            (client, server)
        }
        ", with early data" => early_data_pair(|_, _| {}),
        ", with early data that is rejected" => early_data_pair(|_, server| server.tls13.early_data = None),
        ", with early data that is rejected by a retry" => early_data_pair(|client, server| {
            one_share(client);
            other_group(server);
        }),
        ", authenticated later" => later_pair(spec, |_| {}, |_| {}),
        ", with a compressed certificate, authenticated later" => later_pair(
            spec,
            |client| client.tls13.certificate_compression = words(),
            |server| server.tls13.certificate_compression = words(),
        ),
        ", not authenticated later" => {
            let (mut client, server) = later_pair(spec, |_| {}, |_| {});
            client.credential = None;
            (client, server)
        }
        ", with an external PSK" => external_psk_pair(|_| {}, |_| {}),
        ", with a compressed certificate" => tls13_pair(
            spec,
            |client| client.tls13.certificate_compression = words(),
            |server| server.tls13.certificate_compression = words(),
        ),
        ", with compressed certificates" => tls13_mutual_pair(
            spec,
            |client| client.tls13.certificate_compression = words(),
            |server| server.tls13.certificate_compression = words(),
        ),
        ", with a client that has no certificate" => tls13_pair(
            spec,
            |_| {},
            |server| server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() },
        ),
        _ => tls13_pair(spec, |_| {}, |_| {}),
    }
}

/// A pair whose client has a ticket that permits early data.
pub fn early_data_pair(change: impl Fn(&mut ClientPolicy, &mut ServerPolicy)) -> (End, End) {
    let (mut client, mut server) = tls13_resuming_pair(|_| {}, |_| {});
    let (mut ours, mut theirs) = (client.session.take().unwrap(), server.session.take().unwrap());
    for session in [&mut ours, &mut theirs] {
        let SessionState::Tls13(tls13) = &mut session.state else { panic!("a session of TLS 1.2") };
        tls13.max_early_data = 1000;
    }
    (client, server) = tls13_ticket_pair(
        |policy| {
            policy.tls13.early_data = true;
            let mut other = server_policy();
            change(policy, &mut other);
        },
        |policy| {
            policy.tls13.early_data = Some(EarlyDataPolicy::new(1000));
            let mut other = client_policy();
            change(&mut other, policy);
        },
    );
    (client.session, server.session) = (Some(ours), Some(theirs));
    (client, server)
}

/// A client with a share for one group.
fn one_share(client: &mut ClientPolicy) {
    client.tls13.key_shares = vec![NamedGroup::X25519];
}

/// A server that does not accept the group of [`one_share`], but that of the session's full handshake.
fn other_group(server: &mut ServerPolicy) {
    server.groups.retain(|group| *group != NamedGroup::X25519);
}

/// The messages after the handshake of a flow.
pub fn after_handshake(name: &str, client: &mut End, server: &mut End) {
    if name.ends_with("key updates") {
        client.step(Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateRequested });
        go_on(client, server, |_, _| {});
        server.step(Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateNotRequested });
        go_on(client, server, |_, _| {});
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
