//! Modified messages: no modification causes a panic, and both sides complete only with the same transcript.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod support;

use cairn_handshake::{Answer, Input, Joiner, Misuse, Next, PeerKey, RawMessage, SessionAnswer};
use cairn_schedule::Epoch;
use cairn_wire::{Alert, AlertDescription, AlertLevel, HandshakeType};
use proptest::prelude::*;
use support::{End, NOW, Wire, agree, credential, edit, go_on, run, walk::flow};

const FLOWS: [&str; 3] = ["full", "with client authentication", "resumed"];

/// The messages of a flow in the order of arrival.
fn wires(name: &str) -> Vec<(bool, Wire)> {
    let (mut client, mut server) = flow(name);
    let mut all = Vec::new();
    run(&mut client, &mut server, |from_client, wire| all.push((from_client, wire.clone())));
    assert!(agree(&client, &server));
    all
}

/// Whether a side may be left waiting: for the rest of a message, or for a message that was taken as such a
/// rest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wait {
    May,
    MayNot,
}

/// Performs a flow in which the `n`-th message is modified, and checks the result.
fn tampered(name: &str, n: usize, how: &str, wait: Wait, mut tamper: impl FnMut(&mut Wire)) {
    let (mut client, mut server) = flow(name);
    let mut count = 0;
    run(&mut client, &mut server, |_, wire| {
        if count == n {
            tamper(wire);
        }
        count += 1;
    });
    holds(&client, &server, wait, &format!("{name}, {n}, {how}"));
}

/// Checks that not both sides are complete, and that the detecting side sent an alert.
fn holds(client: &End, server: &End, wait: Wait, what: &str) {
    let logs = || format!("{what}: {:?} {:?}", client.log, server.log);
    let fine = |end: &End| end.complete.is_some() && end.error().is_none();
    assert!(!(fine(client) && fine(server)), "{}", logs());
    let said = [client, server].iter().any(|end| end.error().is_some_and(|error| error.alert().is_some()));
    assert!(said || wait == Wait::May, "not detected: {}", logs());
}

#[test]
fn any_changed_byte_is_detected() {
    for name in FLOWS {
        for (n, (_, wire)) in wires(name).into_iter().enumerate() {
            let Wire::Handshake(_, bytes) = wire else { continue };
            for at in 0..bytes.len() {
                // After a change of a length, the missing bytes never arrive.
                let wait = if at < RawMessage::HEADER_LEN { Wait::May } else { Wait::MayNot };
                for mask in [0x01, 0x80, 0xff] {
                    tampered(name, n, &format!("byte {at} ^ {mask:#x}"), wait, |wire| {
                        // Signatures in DER differ in length from run to run.
                        if let Wire::Handshake(_, bytes) = wire {
                            let at = at.min(bytes.len() - 1);
                            bytes[at] ^= mask;
                        }
                    });
                }
            }
        }
    }
}

#[test]
fn any_truncated_message_is_detected() {
    for name in FLOWS {
        for (n, (_, wire)) in wires(name).into_iter().enumerate() {
            let Wire::Handshake(_, bytes) = wire else { continue };
            let msg_type = HandshakeType(bytes[0]);
            // Another test omits the whole message.
            for len in 1..bytes.len() - 1 {
                // The truncated message unchanged: the rest never arrives, or is taken from the next message.
                tampered(name, n, &format!("cut at {len}"), Wait::May, |wire| {
                    if let Wire::Handshake(_, bytes) = wire {
                        bytes.truncate(len.min(bytes.len() - 1));
                    }
                });
                // With the length field adjusted.
                if let Some(body_len) = len.checked_sub(RawMessage::HEADER_LEN) {
                    tampered(name, n, &format!("body of {body_len} bytes"), Wait::MayNot, |wire| {
                        edit::body(wire, msg_type, |body| body.truncate(body_len.min(body.len() - 1)));
                    });
                }
            }
        }
    }
}

#[test]
fn any_trailing_byte_is_detected() {
    for name in FLOWS {
        for (n, (_, wire)) in wires(name).into_iter().enumerate() {
            let Wire::Handshake(_, bytes) = wire else { continue };
            let msg_type = HandshakeType(bytes[0]);
            for extra in [&[0][..], &[0xff], &[0, 0], &[0; 300]] {
                tampered(name, n, &format!("{} more bytes", extra.len()), Wait::MayNot, |wire| {
                    edit::body(wire, msg_type, |body| body.extend_from_slice(extra));
                });
            }
        }
    }
}

#[test]
fn omitted_repeated_and_reordered_messages_are_detected() {
    for name in FLOWS {
        let said = wires(name);
        for n in 0..said.len() {
            for what in ["left out", "twice", "swapped"] {
                let (mut client, mut server) = flow(name);
                server.start();
                client.start();
                let (mut count, mut held) = (0, None);
                let mut done = false;
                loop {
                    // One direction at a time, as `run` does.
                    let (from_client, wire) = match (client.out.pop_front(), server.out.pop_front()) {
                        (Some(wire), theirs) => {
                            if let Some(theirs) = theirs {
                                server.out.push_front(theirs);
                            }
                            (true, wire)
                        }
                        (None, Some(wire)) => (false, wire),
                        (None, None) => break,
                    };
                    let to = if from_client { &mut server } else { &mut client };
                    let mut deliver = |wire: &Wire| {
                        if to.error().is_none() {
                            to.receive(wire);
                        }
                    };
                    if count == n && what == "swapped" {
                        held = Some((from_client, wire));
                    } else {
                        if count != n || what == "twice" {
                            deliver(&wire);
                        }
                        if count == n && what == "twice" {
                            deliver(&wire);
                        }
                        if let Some((side, late)) = held.take_if(|(side, _)| *side == from_client) {
                            assert_eq!(side, from_client);
                            deliver(&late);
                            done = true;
                        }
                    }
                    count += 1;
                }
                let place = format!("{name}, {n}, {what}");
                let fine = |end: &End| end.complete.is_some() && end.error().is_none();
                match what {
                    // A repetition of the last message arrives after completion and is unexpected.
                    "twice" | "left out" => assert!(!(fine(&client) && fine(&server)), "{place}"),
                    _ => assert!(!(done && fine(&client) && fine(&server)), "{place}"),
                }
            }
        }
    }
}

/// One action on a machine.
#[derive(Clone, Debug)]
enum Deed {
    /// A message from the corpus under an epoch, possibly with a changed byte.
    Message {
        which: usize,
        change: Option<(usize, u8)>,
        epoch: Option<u16>,
    },
    /// A message with these bytes.
    Bytes {
        msg_type: u8,
        body: Vec<u8>,
    },
    ChangeCipherSpec,
    Alert(u8, u8),
    /// A correct answer.
    Answer,
    /// An answer of this kind to any question.
    Wrong(u8),
    /// The peer's next message.
    Honest,
    Abort(u8),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => Just(Deed::Honest),
        2 => Just(Deed::Answer),
        2 => (
            any::<usize>(),
            proptest::option::of((any::<usize>(), 1..=255_u8)),
            proptest::option::of(0..3_u16),
        )
            .prop_map(|(which, change, epoch)| Deed::Message { which, change, epoch }),
        1 => (any::<u8>(), proptest::collection::vec(any::<u8>(), 0..80))
            .prop_map(|(msg_type, body)| Deed::Bytes { msg_type: msg_type % 24, body }),
        1 => Just(Deed::ChangeCipherSpec),
        1 => (0..4_u8, any::<u8>()).prop_map(|(level, description)| Deed::Alert(level, description)),
        1 => (0..6_u8).prop_map(Deed::Wrong),
        1 => any::<u8>().prop_map(Deed::Abort),
    ]
}

fn wrong_answer(kind: u8) -> Answer {
    let (own, public) = credential(cairn_crypto::KeySpec::EcP256);
    match kind {
        0 => Answer::Session(SessionAnswer { session: None, now: NOW }),
        1 => Answer::Credential(None),
        2 => Answer::Credential(Some(own)),
        3 => Answer::Signature(vec![0; 70]),
        4 => Answer::PeerVerified(
            PeerKey { public_key: public, may_sign: true, may_encrypt: true, only_scheme: None }.into(),
        ),
        _ => Answer::PeerRejected { alert: AlertDescription::BAD_CERTIFICATE },
    }
}

/// Executes it, and checks the contract of the machine.
fn undergo(end: &mut End, other: &mut End, deed: &Deed, corpus: &[Vec<u8>]) {
    let failed_before = end.error();
    let epoch = end.machine.read_epoch();
    let mut changed = Vec::new();
    let mut from_other = None;
    let input = match deed {
        Deed::Message { which, change, epoch: other_epoch } => {
            changed.clone_from(&corpus[which % corpus.len()]);
            if let Some((at, mask)) = change {
                let at = at % changed.len();
                changed[at] ^= mask;
            }
            let message = RawMessage { msg_type: HandshakeType(changed[0]), bytes: &changed };
            Input::Message { epoch: other_epoch.map_or(epoch, Epoch::tls12), message }
        }
        Deed::Bytes { msg_type, body } => {
            changed = edit::message(HandshakeType(*msg_type), body);
            let message = RawMessage { msg_type: HandshakeType(*msg_type), bytes: &changed };
            Input::Message { epoch, message }
        }
        Deed::ChangeCipherSpec => Input::ChangeCipherSpec,
        Deed::Alert(level, description) => {
            let description = AlertDescription(*description);
            Input::Alert(Alert { level: AlertLevel(*level), description })
        }
        Deed::Abort(alert) => Input::Abort(AlertDescription(*alert)),
        Deed::Answer | Deed::Wrong(_) => match end.machine.question() {
            None => return,
            Some((id, _)) => match deed {
                Deed::Wrong(kind) => Input::Answer(id, wrong_answer(*kind)),
                _ => {
                    let (id, answer) = end.answer();
                    Input::Answer(id, answer)
                }
            },
        },
        Deed::Honest => {
            if matches!(end.next, Next::Ask(_)) {
                return;
            }
            from_other = other.out.pop_front();
            match &from_other {
                Some(Wire::Handshake(epoch, bytes)) => {
                    let message = RawMessage { msg_type: HandshakeType(bytes[0]), bytes };
                    Input::Message { epoch: *epoch, message }
                }
                Some(Wire::ChangeCipherSpec) => Input::ChangeCipherSpec,
                Some(Wire::Alert(alert)) => Input::Alert(*alert),
                None => return,
            }
        }
    };
    let state = end.machine.state();
    match end.machine.step(input, &mut end.flight) {
        Ok(next) => {
            end.next = next;
            assert_eq!(matches!(next, Next::Ask(_)), end.machine.question().is_some());
            end.perform();
        }
        Err(misuse) => {
            assert_eq!(end.machine.state(), state, "{misuse} has changed something");
            if let Some(error) = failed_before {
                assert_eq!(misuse, Misuse::Failed(error));
            }
        }
    }
    drop(from_other);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_inputs_breaks_a_machine(
        name in 0..FLOWS.len(),
        deeds in proptest::collection::vec((any::<bool>(), deed()), 0..40),
    ) {
        let corpus: Vec<Vec<u8>> = wires("with client authentication")
            .into_iter()
            .filter_map(|(_, wire)| match wire {
                Wire::Handshake(_, bytes) => Some(bytes),
                _ => None,
            })
            .chain([vec![0; 4]])
            .collect();
        let (mut client, mut server) = flow(FLOWS[name]);
        server.step_once(Input::Start { now: NOW });
        client.step_once(Input::Start { now: NOW });
        for (to_client, deed) in &deeds {
            let (end, other) =
                if *to_client { (&mut client, &mut server) } else { (&mut server, &mut client) };
            undergo(end, other, deed, &corpus);
        }
        // If both sides complete, they have the same transcript.
        go_on_honestly(&mut client, &mut server);
        if client.complete.is_some() && server.complete.is_some() {
            prop_assert!(agree(&client, &server));
        }
    }

    #[test]
    fn no_stream_of_bytes_breaks_the_joiner(
        pieces in proptest::collection::vec(
            (0..2_u16, any::<bool>(), proptest::collection::vec(0..20_u8, 0..30)),
            0..20,
        ),
    ) {
        let mut joiner = Joiner::new();
        'all: for (epoch, keep, piece) in &pieces {
            let mut rest = piece.as_slice();
            if *keep {
                joiner.keep(Epoch::tls12(*epoch), rest);
                continue;
            }
            loop {
                match joiner.next(Epoch::tls12(*epoch), &mut rest, |_| Ok(())) {
                    Ok(Some(message)) => {
                        let digits = message.bytes[1..4].iter();
                        let length = digits.fold(0, |high, low| high << 8 | usize::from(*low));
                        prop_assert_eq!(length, message.body().len());
                    }
                    Ok(None) => {
                        prop_assert!(rest.is_empty());
                        break;
                    }
                    Err(_) => break 'all,
                }
            }
        }
    }
}

/// Answers questions and lets both sides continue.
fn go_on_honestly(client: &mut End, server: &mut End) {
    for end in [&mut *client, &mut *server] {
        while let Next::Ask(_) = end.next {
            let (id, answer) = end.answer();
            end.step_once(Input::Answer(id, answer));
        }
    }
    go_on(client, server, |_, _| {});
}
