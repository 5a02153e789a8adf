//! Handshakes that fail, with their errors and alerts.

use super::pair::{Pair, Sent, only_share, policies};
use cairn_handshake::{ClientAuthentication, HandshakeErrorKind as Kind, Input};
use cairn_wire::{
    Alert, AlertDescription as A, AlertLevel, HandshakeType as T, KeyUpdateRequest, NamedGroup,
    ProtocolVersion,
};

/// Flips a bit of the last byte of a message.
fn spoil(pair: &mut Pair, from_client: bool, which: T) {
    while pair.pass(&mut |client, sent| {
        if let Sent::Message(_, bytes) = sent
            && client == from_client
            && bytes[0] == which.0
            && let Some(last) = bytes.last_mut()
        {
            *last ^= 1;
        }
    }) {}
}

#[test]
fn wrong_finished_is_decrypt_error() {
    for from_client in [true, false] {
        let (client, server) = policies();
        let mut pair = Pair::new(client, server);
        pair.start();
        spoil(&mut pair, from_client, T::FINISHED);
        let error = if from_client { pair.server.error } else { pair.client.error };
        assert_eq!(error, Some(Kind::WrongFinished));
        assert_eq!(error.unwrap().alert(), Some(A::DECRYPT_ERROR));
    }
}

#[test]
fn wrong_signature_is_decrypt_error() {
    let (client, server) = policies();
    let mut pair = Pair::new(client, server);
    pair.client.peer_key = Some(super::pair::credential(cairn_crypto::KeySpec::EcP256).1);
    pair.start();
    pair.run();
    assert_eq!(pair.client.error, Some(Kind::BadSignature));
}

#[test]
fn required_client_certificate_is_certificate_required() {
    let (client, mut server) = policies();
    server.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
    let mut pair = Pair::new(client, server);
    pair.client.credential = None;
    pair.start();
    pair.run();
    assert_eq!(pair.server.error, Some(Kind::ClientCertificateMissing));
    assert_eq!(pair.server.error.unwrap().alert(), Some(A::CERTIFICATE_REQUIRED));
}

#[test]
fn no_version_in_common_is_protocol_version() {
    let (mut client, mut server) = policies();
    client.tls12.suites.clear();
    server.tls13.suites.clear();
    let mut pair = Pair::new(client, server);
    pair.start();
    pair.run();
    assert_eq!(pair.server.error, Some(Kind::VersionNotSupported { peer: ProtocolVersion::TLS_1_3 }));
}

#[test]
fn no_group_in_common_is_handshake_failure() {
    let (mut client, mut server) = policies();
    client.groups = vec![NamedGroup::X25519];
    only_share(&mut client, NamedGroup::X25519);
    server.groups = vec![NamedGroup::SECP256R1];
    let mut pair = Pair::new(client, server);
    pair.start();
    pair.run();
    assert_eq!(pair.server.error, Some(Kind::NoSharedGroup));
}

#[test]
fn too_many_key_updates_end_the_connection() {
    let (client, server) = policies();
    let limit = server.limits.max_key_updates;
    let mut pair = Pair::shake(client, server);
    for round in 0..=limit {
        pair.client.step(Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateNotRequested });
        pair.run();
        let expected = (round == limit).then_some(Kind::TooManyKeyUpdates { limit });
        assert_eq!(pair.server.error, expected);
    }
}

#[test]
fn application_data_resets_the_count_of_key_updates() {
    let (client, server) = policies();
    let limit = server.limits.max_key_updates;
    let mut pair = Pair::shake(client, server);
    for _ in 0..=limit {
        pair.client.step(Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateNotRequested });
        pair.run();
        pair.server.machine.application_data_came();
    }
    pair.check();
}

#[test]
fn every_alert_but_two_is_fatal() {
    // The level has no meaning, not even an undefined one.
    for level in [AlertLevel::WARNING, AlertLevel::FATAL, AlertLevel(7)] {
        for (description, is_fatal) in [
            (A::CLOSE_NOTIFY, false),
            (A::USER_CANCELED, false),
            (A::NO_RENEGOTIATION, true),
            (A::BAD_RECORD_MAC, true),
            (A(200), true),
        ] {
            let (client, server) = policies();
            let mut pair = Pair::shake(client, server);
            pair.client.step(Input::Alert(Alert { level, description }));
            let expected = is_fatal.then_some(Kind::PeerAlert(description));
            assert_eq!(pair.client.error, expected, "{level} {description}");
        }
    }
}
