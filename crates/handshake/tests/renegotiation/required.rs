//! Renegotiations for client authentication.

use crate::again::AGAIN;
use crate::support::{End, NOW, go_on, mutual_pair, run, server_policy, walk::renegotiating_pair};
use cairn_crypto::KeySpec;
use cairn_handshake::{ClientAuthentication, HandshakeErrorKind, Input, Renegotiation, UnixTime};
use cairn_wire::{Alert, AlertDescription};

/// A server that has requested a renegotiation in which a client certificate is required.
fn demanding(client_is_willing: bool) -> (End, End) {
    let willing = |policy: &mut Renegotiation| *policy = Renegotiation::Allowed;
    let (mut client, mut server) = renegotiating_pair(
        |p| {
            p.tls12.renegotiation =
                if client_is_willing { Renegotiation::Allowed } else { Renegotiation::Never }
        },
        |p| willing(&mut p.tls12.renegotiation),
    );
    run(&mut client, &mut server, |_, _| {});
    let mut policy = server_policy();
    willing(&mut policy.tls12.renegotiation);
    policy.client_authentication = ClientAuthentication::Require { authorities: vec![] };
    server.machine.set_server_policy(policy.into()).unwrap();
    server.step(AGAIN);
    (client, server)
}

#[test]
fn client_cannot_refuse_a_renegotiation_that_requires_a_certificate() {
    let (mut client, mut server) = demanding(false);
    go_on(&mut client, &mut server, |_, _| {});
    assert_eq!(server.kind(), Some(HandshakeErrorKind::RenegotiationRefused));
    assert_eq!(server.kind().unwrap().alert(), Some(AlertDescription::HANDSHAKE_FAILURE));
    // Silence counts as a refusal.
    let mut server = demanding(false).1;
    server.step(Input::Time { now: UnixTime::from_secs(NOW.as_secs() + 61) });
    assert_eq!(server.kind(), Some(HandshakeErrorKind::RenegotiationRefused));
}

#[test]
fn client_cannot_close_to_avoid_required_authentication() {
    let (_, mut server) = demanding(true);
    server.step(Input::Alert(Alert::warning(AlertDescription::CLOSE_NOTIFY)));
    assert_eq!(server.kind(), Some(HandshakeErrorKind::ClosedDuringHandshake));
    // The same during that handshake.
    let (mut client, mut server) = demanding(true);
    let request = core::mem::take(&mut server.out);
    request.iter().for_each(|wire| client.receive(wire));
    let hello = core::mem::take(&mut client.out);
    hello.iter().for_each(|wire| server.receive(wire));
    assert_eq!(server.machine.state(), "AwaitCertificate");
    server.step(Input::Alert(Alert::warning(AlertDescription::CLOSE_NOTIFY)));
    assert_eq!(server.kind(), Some(HandshakeErrorKind::ClosedDuringHandshake));
}

#[test]
fn unchanged_policy_does_not_require_a_second_authentication() {
    let allow = |renegotiation: &mut Renegotiation| *renegotiation = Renegotiation::Allowed;
    let mut policy = server_policy();
    allow(&mut policy.tls12.renegotiation);
    policy.client_authentication = ClientAuthentication::Require { authorities: vec![] };
    let policy = std::sync::Arc::new(policy);
    let (mut client, mut server) =
        mutual_pair(KeySpec::EcP256, KeySpec::EcP256, |_| {}, |p| *p = (*policy).clone());
    run(&mut client, &mut server, |_, _| {});
    server.step(AGAIN);
    go_on(&mut client, &mut server, |_, _| {});
    assert_eq!((server.log.last().unwrap().as_str(), server.kind()), ("renegotiation refused", None));
    // The refused handshake would only have repeated the earlier authentication. After a new policy is set,
    // the client must not refuse.
    server.machine.set_server_policy(policy).unwrap();
    server.step(AGAIN);
    go_on(&mut client, &mut server, |_, _| {});
    assert_eq!(server.kind(), Some(HandshakeErrorKind::RenegotiationRefused));
}
