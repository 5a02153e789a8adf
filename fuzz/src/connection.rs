//! Complete connections: one endpoint that receives arbitrary records, and two endpoints whose records an
//! attacker changes.

mod between;

use crate::end::End;
use crate::scenarios::{byte_of, scenario, scenarios, transcripts};
use crate::script::Script;
use crate::world;
use between::Between;
use cairn_tls::{Renegotiation, Side};

/// One endpoint. The first byte selects the scenario. The second byte determines the size of the pieces in
/// which the rest is delivered, and its highest bit whether the endpoint answers data.
///
/// # Panics
/// If an invariant of [`End`](crate::end::End) does not hold.
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

/// Two endpoints of the scenario that the first byte selects. The other bytes tell an attacker between them
/// what to do with each record: see [`between`].
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
