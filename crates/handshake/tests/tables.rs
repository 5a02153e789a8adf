//! The transition tables compared with the machines: each row is taken, and every input without a row is
//! `unexpected_message`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod support;

use cairn_handshake::{HandshakeErrorKind, Input, Misuse, RawMessage};
use cairn_schedule::Side;
use cairn_wire::{Alert, AlertDescription, HandshakeType};
use std::collections::BTreeSet;
use support::{
    Wire, edit, raw,
    walk::{
        AFTER_HANDSHAKE, MESSAGES, VERSIONS, Version, flow, in_state, places, renegotiate, run_flow, states,
        tables, takes, walked,
    },
};

const SIDES: [Side; 2] = [Side::Client, Side::Server];

#[test]
fn flows_take_exactly_the_accepted_rows() {
    for (side, version) in SIDES.into_iter().flat_map(|side| VERSIONS.map(|version| (side, version))) {
        let taken: BTreeSet<_> = walked(side, version).into_keys().collect();
        let rows: BTreeSet<_> = tables(side, version)
            .flat_map(|table| table.rows)
            .filter(|row| row.accepted)
            .map(|row| (row.state, row.input))
            .collect();
        assert_eq!(taken, rows, "{side:?}, {version:?}");
    }
}

/// Well-formed messages of all kinds, from real runs. Not all of them fit the run that they are sent to.
fn corpus() -> Vec<(HandshakeType, Vec<u8>)> {
    let mut found: Vec<(HandshakeType, Vec<u8>)> = vec![(HandshakeType::HELLO_REQUEST, vec![0, 0, 0, 0])];
    for name in [
        "with client authentication",
        "resumed",
        "with a ticket",
        "with a stapled response",
        "TLS 1.3, with client authentication",
        "TLS 1.3, with compressed certificates",
        "TLS 1.3, retried",
    ] {
        let (mut client, mut server) = flow(name);
        support::run(&mut client, &mut server, |_, wire| {
            if let Wire::Handshake(_, bytes) = wire {
                found.push((HandshakeType(bytes[0]), bytes.clone()));
            }
        });
    }
    found.push((HandshakeType::END_OF_EARLY_DATA, edit::message(HandshakeType::END_OF_EARLY_DATA, &[])));
    found.push((HandshakeType::KEY_UPDATE, edit::message(HandshakeType::KEY_UPDATE, &[0])));
    found.push((HandshakeType::NEW_SESSION_TICKET, raw::NewSessionTicket::new().message()));
    for (msg_type, name) in MESSAGES {
        assert!(found.iter().any(|(known, _)| *known == msg_type), "no {name}");
    }
    // An unknown message.
    found.push((HandshakeType(99), vec![99, 0, 0, 0]));
    found
}

#[test]
fn each_state_accepts_only_the_inputs_of_its_rows() {
    let corpus = corpus();
    for (side, version, state, name) in places().filter(|place| place.2 != "Idle") {
        for (msg_type, bytes) in &corpus {
            let mut end = in_state(side, name, state).unwrap();
            let epoch = end.machine.read_epoch();
            let message = RawMessage { msg_type: *msg_type, bytes };
            let input = Input::Message { epoch, message };
            let input_name = support::walk::input_name(&input);
            let place = format!("{side:?}, {version:?}, {state}, {input_name}");
            if end.machine.question().is_some() {
                let refused = end.machine.step(input, &mut end.flight).unwrap_err();
                assert_eq!(refused, Misuse::QuestionPending, "{place}");
                assert_eq!(end.machine.state(), state, "{place}");
                continue;
            }
            end.step_once(input);
            let ignored = side == Side::Client
                && version == Version::Tls12
                && *msg_type == HandshakeType::HELLO_REQUEST;
            if takes(side, version, state, input_name) {
                // A second HelloRetryRequest is unexpected, and has the type of ServerHello.
                let unexpected = Some(HandshakeErrorKind::UnexpectedMessage { got: input_name });
                assert!(end.kind() != unexpected, "{place}: {:?}", end.kind());
            } else if ignored {
                assert_eq!((end.kind(), end.machine.state()), (None, state), "{place}");
                assert!(end.out.is_empty(), "{place}");
            } else {
                is_unexpected(&end, &place);
            }
        }
    }
}

fn is_unexpected(end: &support::End, place: &str) {
    assert!(
        matches!(end.kind(), Some(HandshakeErrorKind::UnexpectedMessage { .. })),
        "{place}: {:?}",
        end.kind()
    );
    let sent: Vec<_> = end.out.iter().cloned().collect();
    assert_eq!(sent, [Wire::Alert(Alert::fatal(AlertDescription::UNEXPECTED_MESSAGE))], "{place}");
}

#[test]
fn change_cipher_spec_is_accepted_only_in_its_states() {
    for (side, version, state, name) in places().filter(|place| place.2 != "Idle") {
        let mut end = in_state(side, name, state).unwrap();
        let place = format!("{side:?}, {version:?}, {state}");
        if end.machine.question().is_some() {
            let refused = end.machine.step(Input::ChangeCipherSpec, &mut end.flight);
            assert_eq!(refused.unwrap_err(), Misuse::QuestionPending, "{place}");
            continue;
        }
        end.step_once(Input::ChangeCipherSpec);
        // The record layer drops the one that TLS 1.3 tolerates, so the machine accepts none.
        if takes(side, version, state, "ChangeCipherSpec") {
            assert_eq!((end.kind(), end.machine.state()), (None, "AwaitFinished"), "{place}");
        } else {
            is_unexpected(&end, &place);
        }
    }
}

/// The states after a handshake in which the client has begun a response and not completed it.
const IN_RESPONSE: [&str; 3] = ["VerifyingLater", "AwaitLaterCertificateVerify", "AwaitLaterFinished"];

#[test]
fn alerts_have_the_specified_effect_in_every_state() {
    use HandshakeErrorKind::{BadAlertLevel, ClosedDuringHandshake, PeerAlert};
    let close = Alert::warning(AlertDescription::CLOSE_NOTIFY);
    let fatal = Alert::fatal(AlertDescription::HANDSHAKE_FAILURE);
    let warning = Alert::warning(AlertDescription::UNRECOGNIZED_NAME);
    let undefined = Alert { level: cairn_wire::AlertLevel(3), ..fatal };
    for (side, version, state, name) in places().filter(|place| place.2 != "Idle") {
        let feed = |alert: Alert| {
            let mut end = in_state(side, name, state).unwrap();
            end.step_once(Input::Alert(alert));
            end
        };
        let place = format!("{side:?}, {version:?}, {state}");
        // A fatal alert: no answer, and the current session is removed.
        let end = feed(fatal);
        assert_eq!(end.kind(), Some(PeerAlert(fatal.description)), "{place}");
        assert!(end.out.is_empty(), "{place}");
        let (end, other) = (feed(undefined), feed(warning));
        match version {
            Version::Tls12 => {
                // An alert with an undefined level.
                assert_eq!(end.kind(), Some(BadAlertLevel(undefined.level)), "{place}");
                // Any other warning has no effect, and a question stays pending.
                assert_eq!((other.kind(), other.machine.state()), (None, state), "{place}");
            }
            // RFC 9846 section 6: all but close_notify and user_canceled are errors, whatever the level says.
            Version::Tls13 => {
                assert_eq!(end.kind(), Some(PeerAlert(undefined.description)), "{place}");
                assert_eq!(other.kind(), Some(PeerAlert(warning.description)), "{place}");
                let end = feed(Alert::warning(AlertDescription::USER_CANCELED));
                assert_eq!((end.kind(), end.machine.state()), (None, state), "{place}");
            }
        }
        assert!(other.out.is_empty(), "{place}");
        // close_notify of either level is answered with close_notify, by the machine or by the connection.
        for close in [close, Alert::fatal(AlertDescription::CLOSE_NOTIFY)] {
            let end = feed(close);
            if AFTER_HANDSHAKE.contains(&state) && !IN_RESPONSE.contains(&state) {
                assert_eq!(end.kind(), None, "{place}");
                assert_eq!(end.log.last().unwrap(), "peer closed", "{place}");
            } else {
                assert_eq!(end.kind(), Some(ClosedDuringHandshake), "{place}");
                let answer = Wire::Alert(Alert::warning(close.description));
                assert_eq!(end.out.front(), Some(&answer), "{place}");
            }
            assert!(end.forgotten.is_empty(), "{place}: close_notify does not invalidate the session");
        }
    }
}

#[test]
fn fatal_error_invalidates_the_session_in_use() {
    for side in SIDES {
        for (state, name) in states(side, Version::Tls12) {
            let mut end = in_state(side, name, state).unwrap();
            let saved = end.saved.as_ref().map(|session| *session.tls12().unwrap().session_id());
            end.step_once(Input::Abort(AlertDescription::BAD_RECORD_MAC));
            assert_eq!(end.kind(), Some(HandshakeErrorKind::Aborted(AlertDescription::BAD_RECORD_MAC)));
            if let Some(saved) = saved {
                assert_eq!(end.forgotten, [saved], "{side:?}, {state}");
            }
            // A failed machine accepts no further input.
            let again = end.machine.step(Input::ChangeCipherSpec, &mut end.flight);
            assert_eq!(again.unwrap_err(), Misuse::Failed(end.error().unwrap()));
            assert!(end.machine.question().is_none());
        }
    }
}

#[test]
fn client_removes_a_session_if_its_resumption_fails_but_not_after_close_notify() {
    // RFC 5246 sections 7.2.1 and 7.2.2: a fatal alert makes a session unresumable, closing early does not.
    // Before the client's Finished, a server has no proof that the alert is from the session's client, so it
    // removes nothing.
    for side in SIDES {
        for (input, forgotten) in [
            (Input::Alert(Alert::warning(AlertDescription::CLOSE_NOTIFY)), false),
            (Input::Abort(AlertDescription::CLOSE_NOTIFY), false),
            (Input::Alert(Alert::fatal(AlertDescription::HANDSHAKE_FAILURE)), true),
            (Input::Abort(AlertDescription::BAD_RECORD_MAC), true),
        ] {
            let mut end = in_state(side, "resumed", "AwaitChangeCipherSpec").unwrap();
            end.step_once(input);
            assert!(end.kind().is_some(), "{side:?}");
            let forgotten = forgotten && side == Side::Client;
            assert_eq!(!end.forgotten.is_empty(), forgotten, "{side:?}, {:?}", end.kind());
        }
    }
}

#[test]
fn refused_renegotiation_does_not_change_the_connection() {
    let (mut client, mut server) = run_flow("full");
    renegotiate(&mut client, &mut server);
    for end in [&mut client, &mut server] {
        assert!(end.machine.is_established());
        let refusal = Wire::Alert(Alert::warning(AlertDescription::NO_RENEGOTIATION));
        assert_eq!(end.out.pop_front(), Some(refusal));
        assert_eq!(end.out.pop_front(), None);
    }
}
