//! Whole connections: one end that takes arbitrary records, and two with somebody between them.

mod between;
mod end;

use crate::script::Script;
use crate::world::{self, Scenario, byte_of, scenario, scenarios};
use between::Between;
use cairn_tls::{Renegotiation, Side, Summary};
use end::End;
use std::sync::OnceLock;

/// What a connection without a fault was.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    /// What the client sent, and what the server sent: a handshake, some data, another handshake where that is allowed,
    /// close_notify.
    pub sent: [Vec<u8>; 2],
    /// What they say of it.
    pub summaries: [Summary; 2],
}

/// Runs a scenario to its end.
///
/// # Panics
/// When it does not end well.
#[must_use]
pub fn shake_hands(scenario: &Scenario) -> Transcript {
    fn run(ends: &mut [End; 2], sent: &mut [Vec<u8>; 2]) {
        while ends.iter().any(|end| !end.outbox.is_empty()) {
            for side in 0..2 {
                let out = core::mem::take(&mut ends[side].outbox);
                sent[side].extend_from_slice(&out);
                ends[1 - side].take(&out);
            }
        }
    }
    world::rewind();
    let mut ends = [Side::Client, Side::Server].map(|side| End::new(scenario, side));
    let mut sent = [Vec::new(), Vec::new()];
    run(&mut ends, &mut sent);
    for end in &mut ends {
        assert!(end.conn.is_complete(), "{scenario:?}: {:?}", end.error);
        end.write(b"data");
    }
    ends[0].renegotiate();
    run(&mut ends, &mut sent);
    for end in &mut ends {
        assert!(end.conn.is_complete(), "{scenario:?}: {:?}", end.error);
        end.close();
    }
    let summaries = [0, 1].map(|side| ends[side].conn.summary().unwrap().clone());
    run(&mut ends, &mut sent);
    assert!(ends.iter().all(|end| end.closed && end.data == b"data"), "{scenario:?}");
    Transcript { sent, summaries }
}

/// What came of each scenario, in their order.
pub fn transcripts() -> &'static [Transcript] {
    static MADE: OnceLock<Vec<Transcript>> = OnceLock::new();
    MADE.get_or_init(|| scenarios().iter().map(shake_hands).collect())
}

/// One end. The first byte says which, the second in pieces of which size the rest comes to it, and in its highest bit
/// whether it answers to data.
///
/// # Panics
/// When what [`End`](end::End) promises does not hold.
pub fn one(input: &[u8]) {
    drive(input);
}

fn drive(input: &[u8]) -> End {
    let mut script = Script(input);
    let (scenario, side) = scenario(script.byte());
    let how = script.byte();
    let size = match usize::from(how & 0x7f) {
        0 => usize::MAX,
        size => size,
    };
    world::rewind();
    let mut end = End::new(scenario, side);
    end.answers = how & 0x80 != 0;
    for piece in script.0.chunks(size) {
        end.take(piece);
    }
    end.transport_ended();
    // A hello or a chain for each handshake, and an alert.
    assert!(end.sent() <= 4096 + 2 * input.len(), "{} bytes said to {}", end.sent(), input.len());
    end
}

/// Two ends of the scenario that the first byte names, and somebody between them who does what the rest says, record by
/// record: see [`between`].
///
/// # Panics
/// When what an end promises does not hold, or when the two end in two truths.
pub fn pair(input: &[u8]) {
    let mut script = Script(input);
    let (scenario, _) = scenario(script.byte());
    world::rewind();
    let mut between = Between::new(scenario, script);
    between.run();
    between.judge();
}

/// What each end of each scenario got, at once and in pieces.
#[must_use]
pub fn seeds_of_one() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (place, transcript) in transcripts().iter().enumerate() {
        for (side, stream) in [(Side::Client, &transcript.sent[1]), (Side::Server, &transcript.sent[0])] {
            for how in [0, 0x80 + 100] {
                seeds.push([&[byte_of(place, side), how], stream.as_slice()].concat());
            }
        }
    }
    seeds
}

/// Each scenario undisturbed, and with each thing that can be done: at the first records, to what both write when all is
/// quiet, and in a second handshake.
#[must_use]
pub fn seeds_of_pairs() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (place, scenario) in scenarios().iter().enumerate() {
        let first = byte_of(place, Side::Client);
        // As long as one may get: what is short grows slowly.
        seeds.push([&[first][..], &[0; 200]].concat());
        // Until all is quiet; what is too much does nothing.
        let quiet = &[0; 20];
        for deed in between::DEEDS {
            let done = [deed, 0, 9, 4, 1, 2, 3];
            for before in [0, 3, 8] {
                seeds.push([&[first][..], &quiet[..before], &done].concat());
            }
            let (write, answer) = ([8], [9]);
            seeds.push([&[first][..], quiet, &write, &done, &answer, &done].concat());
            if scenario.client.policy().tls12.renegotiation != Renegotiation::Never {
                seeds.push([&[first][..], quiet, &[4], &done].concat());
                seeds.push([&[first][..], quiet, &[5, 0, 0, 0], &done].concat());
            }
        }
    }
    seeds
}

/// What was recorded comes to its end again; otherwise a connection would say the same to everything, that a record does
/// not open.
///
/// # Panics
/// When it does not.
pub fn check() {
    for seed in seeds_of_one().iter().filter(|seed| seed[1] & 0x80 != 0) {
        let end = drive(seed);
        assert!(end.closed && end.data == b"data", "{:?}: {:?}", &seed[..2], end.error);
    }
}

/// Who is between the two reads and changes what is under keys; otherwise it would not see what is said there, and nobody
/// would notice.
///
/// # Panics
/// When it does not.
pub fn check_pair() {
    scenarios().iter().for_each(between::check);
}
