//! Complete connections: one endpoint that receives arbitrary records, and two with an attacker between them.

mod between;
mod end;

use crate::script::Script;
use crate::world::{self, Scenario, byte_of, scenario, scenarios};
use between::Between;
use cairn_tls::{Renegotiation, Side, Summary};
use end::End;
use std::sync::OnceLock;

/// A recorded connection without an attacker.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    /// The bytes of the client and of the server: a handshake, some data, another handshake if it is
    /// permitted, close_notify.
    pub sent: [Vec<u8>; 2],
    /// The summaries of both sides.
    pub summaries: [Summary; 2],
}

/// Runs a scenario to its end.
///
/// # Panics
/// If the connection fails.
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

/// The recording of each scenario, in their order.
pub fn transcripts() -> &'static [Transcript] {
    static MADE: OnceLock<Vec<Transcript>> = OnceLock::new();
    MADE.get_or_init(|| scenarios().iter().map(shake_hands).collect())
}

/// One endpoint. The first byte selects the scenario. The second byte determines the size of the pieces in
/// which the rest is delivered, and its highest bit whether the endpoint answers data.
///
/// # Panics
/// If an invariant of [`End`](end::End) does not hold.
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
    assert!(end.sent() <= 4096 + 2 * input.len(), "{} bytes sent for {} received", end.sent(), input.len());
    end
}

/// Two endpoints of the scenario that the first byte selects, and an attacker between them who follows the
/// rest, record by record: see [`between`].
///
/// # Panics
/// If an invariant of an endpoint does not hold, or if the two endpoints disagree at the end.
pub fn pair(input: &[u8]) {
    let mut script = Script(input);
    let (scenario, _) = scenario(script.byte());
    world::rewind();
    let mut between = Between::new(scenario, script);
    between.run();
    between.judge();
}

/// The received bytes of each endpoint in each scenario, at once and in pieces.
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

/// Each scenario without interference, and with each action: on the first records, on the data that both
/// write after the handshake, and in a second handshake.
#[must_use]
pub fn seeds_of_pairs() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (place, scenario) in scenarios().iter().enumerate() {
        let first = byte_of(place, Side::Client);
        // As long as an input may be, because libFuzzer lengthens short inputs slowly.
        seeds.push([&[first][..], &[0; 200]].concat());
        // Enough for the whole exchange. Excess bytes have no effect.
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

/// Replaying a recording must complete the connection. Otherwise every input would fail in the same way, with
/// a record that does not decrypt.
///
/// # Panics
/// If it does not.
pub fn check() {
    for seed in seeds_of_one().iter().filter(|seed| seed[1] & 0x80 != 0) {
        let end = drive(seed);
        assert!(end.closed && end.data == b"data", "{:?}: {:?}", &seed[..2], end.error);
    }
}

/// The attacker must be able to read and change protected records. Otherwise it could not act on their
/// content, unnoticed.
///
/// # Panics
/// If it cannot.
pub fn check_pair() {
    scenarios().iter().for_each(between::check);
}
