//! Questions are answered late, wrongly, with the ID of another, or not at all; and other misuse.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod support;

use cairn_crypto::{KeySpec, Secret};
use cairn_handshake::{
    Answer, FindSession, HandshakeErrorKind, Input, Machine, Misuse, Next, PeerKey, PskChoice, PskUse,
    Question, QuestionId, SessionAnswer,
};
use cairn_schedule::Side;
use cairn_wire::{Alert, AlertDescription};
use std::collections::BTreeSet;
use support::{
    NOW, agree, credential, go_on,
    walk::{AFTER_HANDSHAKE, Version, in_state, places},
};

/// Every state of either role that asks a question.
fn asking() -> Vec<(Side, &'static str, &'static str)> {
    places()
        .map(|(side, _, state, flow)| (side, state, flow))
        .filter(|(side, state, flow)| in_state(*side, flow, state).unwrap().machine.question().is_some())
        .collect()
}

/// An answer of each kind.
fn answers() -> Vec<(&'static str, Answer)> {
    let (own, public) = credential(KeySpec::EcP256);
    vec![
        ("session", Answer::Session(SessionAnswer { session: None, now: NOW })),
        ("credential", Answer::Credential(Some(own))),
        ("signature", Answer::Signature(vec![1, 2, 3])),
        (
            "key",
            Answer::PeerVerified(
                PeerKey { public_key: public, may_sign: true, may_encrypt: true, only_scheme: None }.into(),
            ),
        ),
        ("rejection", Answer::PeerRejected { alert: AlertDescription::CERTIFICATE_EXPIRED }),
        ("old session", Answer::SessionWithOldTicket(SessionAnswer { session: None, now: NOW })),
        ("configuration", Answer::Configured),
        ("ticket", Answer::Ticket(None)),
        ("premaster", Answer::Premaster(Secret::from(&[0; 48]))),
        ("psk", Answer::Psk(None)),
        ("choice", Answer::PskChoice(PskChoice { psk: None, now: NOW })),
        ("use", Answer::PskUse(PskUse::Permitted)),
        ("failure", Answer::Failed),
    ]
}

/// The kinds of answer that a question accepts.
fn takes(question: &str, answer: &str) -> bool {
    matches!(
        (question, answer),
        (_, "failure")
            | ("FindSession", "session" | "old session")
            | ("ChooseConfiguration", "configuration")
            | ("SealTicket", "ticket")
            | ("DecryptPremaster", "premaster")
            | ("FindPsk", "psk")
            | ("ChoosePsk", "choice")
            | ("ConsumePsk", "use")
            | ("ChooseServerCredential" | "ChooseClientCredential", "credential")
            | ("Sign", "signature")
            | ("VerifyPeer", "key" | "rejection")
    )
}

fn pending(machine: &Machine) -> (QuestionId, &'static str) {
    let (id, question) = machine.question().unwrap();
    (id, question.name())
}

#[test]
fn both_roles_ask_every_question() {
    let asked: BTreeSet<_> = asking()
        .into_iter()
        .map(|(side, state, flow)| {
            (side == Side::Client, pending(&in_state(side, flow, state).unwrap().machine).1)
        })
        .collect();
    let expected = [
        (false, "ChooseConfiguration"),
        (false, "ChoosePsk"),
        (false, "ChooseServerCredential"),
        (false, "ConsumePsk"),
        (false, "DecryptPremaster"),
        (false, "FindPsk"),
        (false, "FindSession"),
        (false, "SealTicket"),
        (false, "Sign"),
        (false, "VerifyPeer"),
        (true, "ChooseClientCredential"),
        (true, "FindPsk"),
        (true, "FindSession"),
        (true, "Sign"),
        (true, "VerifyPeer"),
    ];
    assert_eq!(asked, BTreeSet::from(expected));
}

#[test]
fn answer_of_the_wrong_kind_is_misuse_without_effect() {
    for (side, state, flow) in asking() {
        for (kind, answer) in answers() {
            let mut end = in_state(side, flow, state).unwrap();
            let (id, question) = pending(&end.machine);
            let place = format!("{side:?}, {state}, {question}, {kind}");
            let stepped = end.machine.step(Input::Answer(id, answer), &mut end.flight);
            if takes(question, kind) {
                assert!(stepped.is_ok(), "{place}: {stepped:?}");
            } else {
                assert_eq!(stepped.unwrap_err(), Misuse::WrongAnswer { question }, "{place}");
                assert_eq!(pending(&end.machine), (id, question), "{place}");
                assert!(end.flight.is_empty(), "{place}");
                // The correct answer is still accepted.
                let (id, answer) = end.answer();
                end.step_once(Input::Answer(id, answer));
                assert_eq!(end.kind(), None, "{place}");
            }
        }
    }
}

#[test]
fn answer_to_another_question_is_stale() {
    for (side, state, flow) in asking() {
        let mut end = in_state(side, flow, state).unwrap();
        let (id, _) = pending(&end.machine);
        // The ID of a machine that has asked more or fewer questions.
        for other in ["FindingSession", "Signing", "VerifyingPeer"] {
            for other_flow in ["with client authentication", "session not found"] {
                let Some(other) = in_state(side, other_flow, other) else { continue };
                let (other_id, _) = pending(&other.machine);
                if other_id != id {
                    let stepped = end.machine.step(Input::Answer(other_id, Answer::Failed), &mut end.flight);
                    assert_eq!(stepped.unwrap_err(), Misuse::StaleAnswer, "{side:?}, {state}");
                }
            }
        }
        // The same answer again.
        let (id, answer) = end.answer();
        end.step_once(Input::Answer(id, answer));
        let (_, again) = answers().remove(0);
        let stepped = end.machine.step(Input::Answer(id, again), &mut end.flight);
        assert_eq!(stepped.unwrap_err(), Misuse::StaleAnswer, "{side:?}, {state}");
        assert_eq!(end.kind(), None);
    }
}

#[test]
fn unanswerable_question_ends_the_handshake() {
    for (side, state, flow) in asking() {
        let mut end = in_state(side, flow, state).unwrap();
        let (id, question) = pending(&end.machine);
        end.step_once(Input::Answer(id, Answer::Failed));
        if question == "DecryptPremaster" {
            // Except for this question, whose failure must stay hidden (RFC 5246 section 7.4.7.1).
            assert_eq!(end.error(), None);
            continue;
        }
        let error = end.error().unwrap();
        assert_eq!((error.kind, error.state), (HandshakeErrorKind::QuestionFailed, state));
        assert_eq!(error.alert(), Some(AlertDescription::INTERNAL_ERROR));
        assert!(end.machine.question().is_none());
    }
}

#[test]
fn late_answers_are_accepted_and_alerts_may_precede_them() {
    for (side, state, flow) in asking() {
        let place = format!("{side:?}, {state}");
        // The peer ends the connection while the question is pending.
        let mut end = in_state(side, flow, state).unwrap();
        let (id, _) = pending(&end.machine);
        end.step_once(Input::Alert(Alert::fatal(AlertDescription::ACCESS_DENIED)));
        assert_eq!(
            end.kind(),
            Some(HandshakeErrorKind::PeerAlert(AlertDescription::ACCESS_DENIED)),
            "{place}"
        );
        let late = end.machine.step(Input::Answer(id, Answer::Failed), &mut end.flight);
        assert_eq!(late.unwrap_err(), Misuse::Failed(end.error().unwrap()), "{place}");

        // A warning leaves the question pending, under the same id.
        let mut end = in_state(side, flow, state).unwrap();
        let next =
            end.machine.step(Input::Alert(Alert::warning(AlertDescription::USER_CANCELED)), &mut end.flight);
        assert_eq!(next.unwrap(), Next::Ask(id), "{place}");
        assert_eq!(end.machine.question().unwrap().0, id, "{place}");
    }
    // A whole handshake in which every answer is delayed.
    let (mut client, mut server) = support::walk::flow("with client authentication");
    server.step_once(Input::Start { now: NOW });
    client.step_once(Input::Start { now: NOW });
    while !agree(&client, &server) {
        for end in [&mut client, &mut server] {
            if let Next::Ask(id) = end.next {
                assert_eq!(end.machine.question().unwrap().0, id);
                let (id, answer) = end.answer();
                end.step_once(Input::Answer(id, answer));
            }
        }
        go_on(&mut client, &mut server, |_, _| {});
    }
}

#[test]
fn questions_contain_the_data_needed_to_answer_them() {
    let client = in_state(Side::Client, "with client authentication", "FindingSession").unwrap();
    let Some((_, Question::FindSession(FindSession::ForServer { server_name, endpoint }))) =
        client.machine.question()
    else {
        panic!("no question")
    };
    assert_eq!(server_name, Some(&b"cairn.example"[..]));
    let endpoint = endpoint.unwrap();
    assert_eq!((&endpoint.host[..], endpoint.port), (&b"cairn.example"[..], None));

    let server = in_state(Side::Server, "resumed", "FindingSession").unwrap();
    let Some((_, Question::FindSession(FindSession::ById { session_id }))) = server.machine.question() else {
        panic!("no question")
    };
    assert_eq!(session_id.len(), 32);

    let server = in_state(Side::Server, "full", "ChoosingCredential").unwrap();
    let Some((_, Question::ChooseServerCredential(choose))) = server.machine.question() else {
        panic!("no question")
    };
    assert_eq!(choose.server_name(), Some(&b"cairn.example"[..]));
    let hello = choose.client_hello().unwrap();
    assert_eq!(cairn_wire::Encode::to_vec(&hello).unwrap(), choose.client_hello_bytes());
    for spec in support::KEY_SPECS {
        assert!(choose.suits(&credential(spec).0), "{spec:?}");
    }

    let client = in_state(Side::Client, "with client authentication", "ChoosingCredential").unwrap();
    let Some((_, Question::ChooseClientCredential(choose))) = client.machine.question() else {
        panic!("no question")
    };
    assert_eq!(choose.request().authorities().len(), 0);
    assert!(choose.suits(&credential(KeySpec::Ed25519).0));

    let client = in_state(Side::Client, "full", "VerifyingPeer").unwrap();
    let Some((_, Question::VerifyPeer(verify))) = client.machine.question() else { panic!("no question") };
    assert_eq!(verify.peer, Side::Server);
    assert_eq!(verify.chain.iter().collect::<Vec<_>>(), [&b"end entity"[..], b"intermediate"]);
}

#[test]
fn machine_can_be_started_only_once() {
    let early = |input: Input<'_>| {
        for mut end in <[_; 2]>::from(support::walk::flow("full")) {
            let misuse = end.machine.step(input_again(&input), &mut end.flight).unwrap_err();
            assert_eq!(misuse, Misuse::NotStartedOnce);
            end.start();
            assert_eq!(end.kind(), None);
            let misuse = end.machine.step(Input::Start { now: NOW }, &mut end.flight).unwrap_err();
            assert_eq!(misuse, Misuse::NotStartedOnce);
        }
    };
    early(Input::ChangeCipherSpec);
    early(Input::Alert(Alert::fatal(AlertDescription::INTERNAL_ERROR)));
    early(Input::NotJoined(HandshakeErrorKind::SplitAcrossKeyChange));
    // In every later state too.
    for (side, _, state, flow) in places().filter(|place| place.2 != "Idle") {
        let mut end = in_state(side, flow, state).unwrap();
        let misuse = end.machine.step(Input::Start { now: NOW }, &mut end.flight).unwrap_err();
        assert_eq!((misuse, end.machine.state()), (Misuse::NotStartedOnce, state));
    }
}

fn input_again(input: &Input<'_>) -> Input<'static> {
    match input {
        Input::ChangeCipherSpec => Input::ChangeCipherSpec,
        Input::Alert(alert) => Input::Alert(*alert),
        Input::NotJoined(kind) => Input::NotJoined(*kind),
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_exporter_before_completion() {
    for (side, version, state, flow) in places() {
        let end = in_state(side, flow, state).unwrap();
        let exported = end.machine.export_keying_material(b"EXPERIMENTAL", None, &mut [0; 8]);
        let established = AFTER_HANDSHAKE.contains(&state);
        if established {
            assert_eq!(exported, Ok(()));
        } else {
            assert_eq!(exported, Err(Misuse::NotComplete), "{side:?}, {version:?}, {state}");
            assert!(end.machine.verify_data().is_none());
        }
        // The PRF of TLS 1.2 uses this label itself. Those of TLS 1.3 have the prefix "tls13 ".
        if established && version == Version::Tls12 {
            let reserved = end.machine.export_keying_material(b"key expansion", None, &mut [0; 8]);
            assert!(matches!(reserved, Err(Misuse::Schedule(_))));
        }
        assert_eq!(end.machine.is_established(), established);
    }
}
