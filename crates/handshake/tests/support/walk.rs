//! Paths through the states, and their names.

pub use super::names::{MESSAGES, input_name};
use super::{End, NOW, Wire, edit, go_on, mutual_pair, pair, resuming_pair, run, ticket_pair, tls13_flows};
use cairn_crypto::KeySpec;
use cairn_handshake::{
    Answer, ClientAuthentication, ClientPolicy, Input, MaxFragmentLength, OfferedPsk, PskUse, Renegotiation,
    Row, ServerPolicy, Table, transitions,
};
use cairn_schedule::{Side, Tls12Suite, suite, tls13::Psk};
use cairn_wire::{
    Alert, AlertDescription, CipherSuite, HandshakeType, KeyUpdateRequest, NamedGroup, ServerExtension,
};
use core::slice::SliceIndex;
use std::collections::{BTreeMap, BTreeSet};

/// The version of a flow. The tables of the two versions have some names of states in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// TLS 1.2 from the start: the hello stage too.
    Tls12,
    /// TLS 1.3 after its choice.
    Tls13,
}

pub const VERSIONS: [Version; 2] = [Version::Tls12, Version::Tls13];

/// The tables of one role and version.
pub fn tables(side: Side, version: Version) -> impl Iterator<Item = Table> {
    let role = match side {
        Side::Client => "client",
        Side::Server => "server",
    };
    transitions().into_iter().filter(move |table| {
        let is_tls13 = table.name.ends_with("TLS 1.3");
        table.name.starts_with(role) && is_tls13 == (version == Version::Tls13)
    })
}

/// Whether the tables of one role and version accept this input in this state.
pub fn takes(side: Side, version: Version, state: &str, input: &str) -> bool {
    let leads_on = |row: &Row| row.state == state && row.input == input && row.accepted;
    tables(side, version).any(|table| table.rows.iter().any(leads_on))
}

/// The states that follow a state and an input.
pub type Walked = BTreeMap<(&'static str, &'static str), BTreeSet<&'static str>>;

/// The steps of all flows in one role and version.
pub fn walked(side: Side, version: Version) -> Walked {
    match version {
        Version::Tls12 => walked_in_tls12(side),
        Version::Tls13 => {
            let mut walked = walked_in_tls13(side, |before_tls13| before_tls13..);
            add_own_inputs(side, &mut walked);
            walked
        }
    }
}

/// The steps in the hello stage that lead to TLS 1.3.
pub fn walked_to_tls13(side: Side) -> Walked {
    walked_in_tls13(side, |before_tls13| ..before_tls13)
}

fn walked_in_tls13<R: SliceIndex<[Step], Output = [Step]>>(side: Side, part: fn(usize) -> R) -> Walked {
    let mut walked = Walked::new();
    for name in tls13_flows::FLOWS {
        let (client, server) = run_flow(name);
        let end = if side == Side::Client { client } else { server };
        assert!(end.machine.is_established(), "{side:?}, {name}: {:?}", end.log);
        for (before, input, after) in &end.steps[part(end.steps_before_tls13.unwrap())] {
            walked.entry((before, input)).or_default().insert(after);
        }
    }
    walked
}

/// The steps of inputs of our own in the states in which no flow has them.
fn add_own_inputs(side: Side, walked: &mut Walked) {
    for (state, flow) in states(side, Version::Tls13) {
        for own in OWN_INPUTS.into_iter().filter(|own| takes(side, Version::Tls13, state, own)) {
            let mut end = in_state(side, flow, state).unwrap();
            end.step_once(match own {
                "UpdateKeys" => Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateNotRequested },
                _ => Input::RequestCertificate,
            });
            assert_eq!(end.kind(), None, "{side:?}, {state}, {own}");
            let (before, input, after) = *end.steps.last().unwrap();
            walked.entry((before, input)).or_default().insert(after);
        }
    }
}

/// A step: the state, the input, and the next state.
type Step = (&'static str, &'static str, &'static str);

fn walked_in_tls12(side: Side) -> Walked {
    let mut walked = Walked::new();
    for name in FLOWS {
        let (client, server) = run_flow(name);
        let end = if side == Side::Client { client } else { server };
        assert!(end.machine.is_established(), "{side:?}, {name}: {:?}", end.log);
        for (before, input, after) in end.steps {
            walked.entry((before, input)).or_default().insert(after);
        }
    }
    for name in WITHOUT_STATUS.iter().filter(|_| side == Side::Client) {
        for (before, input, after) in run_without_status(name).steps {
            walked.entry((before, input)).or_default().insert(after);
        }
    }
    walked
}

/// Flows that together take every row of every table but those of TLS 1.3.
pub const FLOWS: [&str; 48] = [
    "full",
    "with GREASE and padding",
    "with short fragments",
    "resumed with short fragments",
    "with client authentication",
    "with a client that has no certificate",
    "resumed",
    "session not found",
    "without a session store",
    "refused renegotiation",
    "renegotiated, asked by the client",
    "renegotiated, asked by the server",
    "renegotiated, asked by the client, for a client certificate",
    "renegotiated, asked by the server, for a client certificate",
    "renegotiated without a certificate",
    "renegotiated without a certificate, asked by the server",
    "renegotiation requested twice, refused by the client",
    "renegotiation requested and then forbidden",
    "renegotiation refused by the server",
    "renegotiation refused by the client",
    "with a ticket",
    "with a ticket and client authentication",
    "with a ticket and a client that has no certificate",
    "resumed by ticket",
    "resumed by an old ticket",
    "session not found and no certificate",
    "configured, resumed",
    "configured, without a session store",
    "configured, no certificate",
    "TLS_DH_anon_WITH_AES_128_GCM_SHA256",
    "TLS_DH_anon_WITH_AES_128_GCM_SHA256, ticket",
    "TLS_PSK_WITH_AES_128_GCM_SHA256",
    "TLS_PSK_WITH_AES_128_GCM_SHA256, hint",
    "TLS_PSK_WITH_AES_128_GCM_SHA256, ticket",
    "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256, hint",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_128_GCM_SHA256, ticket",
    "TLS_RSA_WITH_AES_128_GCM_SHA256, request",
    "TLS_RSA_WITH_AES_128_GCM_SHA256, client authentication",
    "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_NULL_SHA",
    "with a stapled response",
    "TLS_RSA_WITH_AES_128_GCM_SHA256, stapled",
    "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256, stapled",
];

/// The states after a handshake of any version.
pub const AFTER_HANDSHAKE: [&str; 9] = [
    "Established",
    "RenegotiationRequested",
    "Authenticable",
    "ChoosingLaterCredential",
    "SigningLater",
    "CertificateRequested",
    "VerifyingLater",
    "AwaitLaterCertificateVerify",
    "AwaitLaterFinished",
];

/// The inputs of our own in TLS 1.3 that are possible in several states.
const OWN_INPUTS: [&str; 2] = ["UpdateKeys", "RequestCertificate"];

/// Flows with a server that announces CertificateStatus and omits it (RFC 6066 section 8). Our server does
/// not, so its hello is modified. The transcripts then differ, which has no effect before the client's
/// Finished.
pub const WITHOUT_STATUS: [&str; 5] = [
    "full",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_128_GCM_SHA256, client authentication",
    "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256, hint",
];

/// Runs one of these, and returns the client, which waits for the server's Finished.
pub fn run_without_status(name: &str) -> End {
    let (mut client, mut server) = flow(name);
    run(&mut client, &mut server, |_, wire| {
        if matches!(wire, Wire::Alert(_)) {
            // The server's error about the client's Finished is not part of this flow.
            *wire = Wire::Alert(Alert::warning(AlertDescription::USER_CANCELED));
        }
        edit::server_hello(wire, |parts| parts.extensions.push(ServerExtension::StatusRequest));
    });
    client.steps.retain(|(_, input, _)| *input != "Alert");
    assert_eq!((client.kind(), client.machine.state()), (None, "AwaitChangeCipherSpec"), "{name}");
    client
}

/// A pair for a flow, not started.
pub fn flow(name: &str) -> (End, End) {
    let spec = KeySpec::EcP256;
    if let Some(name) = name.strip_prefix("TLS 1.3") {
        return tls13_flows::pair(name);
    }
    if let Some((suite, more)) =
        name.strip_prefix("TLS_").map(|_| name.split_once(", ").unwrap_or((name, "")))
    {
        return suite_flow(suite, more);
    }
    match name {
        "session not found and no certificate" => {
            let anonymous = [named_suite("TLS_DH_anon_WITH_AES_128_GCM_SHA256")];
            let (client, mut server) = resuming_pair(
                |client| client.tls12.suites.extend(anonymous),
                |server| server.tls12.suites = anonymous.to_vec(),
            );
            server.session = None;
            (client, server)
        }
        "with client authentication" => mutual_pair(spec, spec, |_| {}, |_| {}),
        "with a client that has no certificate" => pair(
            spec,
            |_| {},
            |server| server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() },
        ),
        "with a ticket" => ticket_pair(false),
        "with a ticket and client authentication" => mutual_pair(
            spec,
            spec,
            |client| client.resumption.as_mut().unwrap().tickets = true,
            |server| server.resumption.as_mut().unwrap().tickets = true,
        ),
        "with a ticket and a client that has no certificate" => pair(
            spec,
            |client| client.resumption.as_mut().unwrap().tickets = true,
            |server| {
                server.resumption.as_mut().unwrap().tickets = true;
                server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
            },
        ),
        "with a stapled response" => {
            let (client, mut server) = pair(spec, |_| {}, |_| {});
            super::staple(&mut server);
            (client, server)
        }
        "resumed by ticket" => ticket_pair(true),
        "resumed by an old ticket" => {
            let (client, mut server) = ticket_pair(true);
            server.old_ticket = true;
            (client, server)
        }
        "resumed" => resuming_pair(|_| {}, |_| {}),
        "configured, resumed" => resuming_pair(|_| {}, |server| server.ask_for_configuration = true),
        "configured, without a session store" => {
            pair(spec, |_| {}, |server| (server.resumption, server.ask_for_configuration) = (None, true))
        }
        "configured, no certificate" => {
            let anonymous = [named_suite("TLS_DH_anon_WITH_AES_128_GCM_SHA256")];
            pair(
                spec,
                |client| client.tls12.suites = anonymous.to_vec(),
                |server| (server.tls12.suites, server.ask_for_configuration) = (anonymous.to_vec(), true),
            )
        }
        "session not found" => {
            let (client, mut server) = resuming_pair(|_| {}, |_| {});
            server.session = None;
            (client, server)
        }
        "with GREASE and padding" => pair(
            spec,
            |client| {
                client.grease = true;
                client.padding = true;
            },
            |_| {},
        ),
        "with short fragments" => short_fragments(false),
        "resumed with short fragments" => short_fragments(true),
        "renegotiation refused by the server" => {
            pair(spec, |client| client.tls12.renegotiation = Renegotiation::Requested, |_| {})
        }
        "renegotiation refused by the client" | "renegotiation requested twice, refused by the client" => {
            pair(spec, |_| {}, |server| server.tls12.renegotiation = Renegotiation::Requested)
        }
        "renegotiation requested and then forbidden" => renegotiating_pair(|_| {}, |_| {}),
        _ if name.starts_with("renegotiated without a certificate") => renegotiating_pair(
            |client| client.tls12.suites = vec![named_suite("TLS_PSK_WITH_AES_128_GCM_SHA256")],
            |server| server.tls12.suites = vec![named_suite("TLS_PSK_WITH_AES_128_GCM_SHA256")],
        ),
        _ if name.starts_with("renegotiated") => {
            let (mut client, server) = renegotiating_pair(|_| {}, |_| {});
            client.credential = server.credential.clone();
            (client, server)
        }
        "without a session store" => {
            pair(spec, |client| client.resumption = None, |server| server.resumption = None)
        }
        _ => pair(spec, |_| {}, |_| {}),
    }
}

/// A pair that negotiates max_fragment_length, or resumes a session with it.
fn short_fragments(resumed: bool) -> (End, End) {
    let new = || {
        pair(
            KeySpec::EcP256,
            |client| client.tls12.max_fragment_length = Some(MaxFragmentLength::Bytes512),
            |_| {},
        )
    };
    let (mut client, mut server) = new();
    if resumed {
        run(&mut client, &mut server, |_, _| {});
        let sessions = (client.saved, server.saved);
        (client, server) = new();
        (client.session, server.session) = sessions;
    }
    (client, server)
}

/// A suite by its name.
pub fn named_suite(name: &str) -> &'static Tls12Suite {
    suite(CipherSuite::from_name(name).unwrap()).unwrap()
}

/// A pair with one suite and further changes.
fn suite_flow(name: &str, more: &str) -> (End, End) {
    let (suite, spec) = (named_suite(name), KeySpec::Rsa { bits: 2048 });
    let client = |client: &mut ClientPolicy| {
        client.tls12.suites = vec![suite];
        client.resumption.as_mut().unwrap().tickets = more == "ticket";
    };
    let server = |server: &mut ServerPolicy| {
        server.tls12.suites = vec![suite];
        server.resumption.as_mut().unwrap().tickets = more == "ticket";
        server.tls12.psk_identity_hint = (more == "hint").then(|| b"hint".to_vec());
        if more == "request" {
            server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
        }
    };
    match more {
        "client authentication" => mutual_pair(spec, spec, client, server),
        "stapled" => {
            let (client, mut server) = pair(spec, client, server);
            super::staple(&mut server);
            (client, server)
        }
        _ => pair(spec, client, server),
    }
}

/// Runs a flow to its end.
pub fn run_flow(name: &str) -> (End, End) {
    let (mut client, mut server) = flow(name);
    play(name, &mut client, &mut server);
    (client, server)
}

/// Runs a flow, as far as the sides have steps left.
fn play(name: &str, client: &mut End, server: &mut End) {
    run(client, server, |_, _| {});
    let again = Input::Renegotiate { now: NOW };
    if name == "refused renegotiation" {
        renegotiate(client, server);
    } else if name.starts_with("TLS 1.3") {
        if client.machine.is_established() && server.machine.is_established() {
            tls13_flows::after_handshake(name, client, server);
        }
    } else if name.starts_with("reneg") {
        // A side without steps left has not reached that state.
        if !client.machine.is_established() || !server.machine.is_established() {
            return;
        }
        if name.ends_with("for a client certificate") {
            server.peer_key.clone_from(&client.peer_key);
            let mut policy = super::server_policy();
            policy.tls12.renegotiation = Renegotiation::Allowed;
            policy.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
            server.machine.set_server_policy(policy.into()).unwrap();
        }
        if name == "renegotiation requested and then forbidden" {
            server.step(again);
            if server.machine.state() == "RenegotiationRequested" {
                server.machine.set_server_policy(super::server_policy().into()).unwrap();
            }
        } else if name.contains("asked by the server") || name.ends_with("refused by the client") {
            server.step(again);
            if name.contains("twice") {
                server.step(Input::Renegotiate { now: NOW });
            }
        } else {
            client.step(again);
        }
        go_on(client, server, |_, _| {});
    }
}

/// A pair that permits renegotiation by either side.
pub fn renegotiating_pair(
    client: impl FnOnce(&mut ClientPolicy),
    server: impl FnOnce(&mut ServerPolicy),
) -> (End, End) {
    pair(
        KeySpec::EcP256,
        |policy| {
            policy.tls12.renegotiation = Renegotiation::Allowed;
            client(policy);
        },
        |policy| {
            policy.tls12.renegotiation = Renegotiation::Allowed;
            server(policy);
        },
    )
}

/// Both sides request a renegotiation.
pub fn renegotiate(client: &mut End, server: &mut End) {
    let epoch = client.machine.read_epoch();
    client.receive(&Wire::Handshake(epoch, vec![0, 0, 0, 0]));
    let (mut again, _) = pair(KeySpec::EcP256, |_| {}, |_| {});
    again.step(Input::Start { now: NOW });
    let Wire::Handshake(_, hello) = again.out.pop_front().unwrap() else { panic!("no hello") };
    server.receive(&Wire::Handshake(server.machine.read_epoch(), hello));
}

/// One side of a flow in a state, which it reached with an honest peer.
pub fn in_state(side: Side, flow_name: &str, state: &str) -> Option<End> {
    // The number of steps to that state is the same in each run, so one run determines it.
    let (client, server) = run_flow(flow_name);
    let walked = if side == Side::Client { client } else { server };
    let at = walked
        .steps
        .iter()
        .position(|(before, _, _)| *before == state)
        .or_else(|| (walked.machine.state() == state).then_some(walked.steps.len()))?;
    let (mut client, mut server) = flow(flow_name);
    match side {
        Side::Client => client.steps_left = at,
        Side::Server => server.steps_left = at,
    }
    play(flow_name, &mut client, &mut server);
    let mut end = if side == Side::Client { client } else { server };
    assert_eq!(end.machine.state(), state, "{side:?}, {flow_name}");
    end.steps_left = usize::MAX;
    end.out.clear();
    Some(end)
}

/// Every state of a role and version, with a flow that leads to it.
pub fn states(side: Side, version: Version) -> Vec<(&'static str, &'static str)> {
    let flows: &[&'static str] = match version {
        Version::Tls12 => &FLOWS,
        Version::Tls13 => &tls13_flows::FLOWS,
    };
    let mut found: Vec<(&'static str, &'static str)> = Vec::new();
    for name in flows {
        let (client, server) = run_flow(name);
        let end = if side == Side::Client { client } else { server };
        let steps = &end.steps[end.steps_before_tls13.unwrap_or_default()..];
        for state in steps.iter().map(|(before, _, _)| *before).chain([end.machine.state()]) {
            if !found.iter().any(|(known, _)| *known == state) {
                found.push((state, name));
            }
        }
    }
    found
}

/// Every state of both roles and versions: the side, the version, the state, and a flow that leads to it.
pub fn places() -> impl Iterator<Item = (Side, Version, &'static str, &'static str)> {
    let all =
        [Side::Client, Side::Server].into_iter().flat_map(|side| VERSIONS.map(|version| (side, version)));
    all.flat_map(|(side, version)| {
        states(side, version).into_iter().map(move |(state, flow)| (side, version, state, flow))
    })
}
