//! The handshake machines without records: one machine that receives arbitrary messages and answers, and two
//! machines whose messages an attacker changes. Without records, any byte of any message can be changed, even
//! those of Finished. Both versions, and sides that speak different ones.

mod between;
mod end;
mod recorded;

use crate::scenarios::{byte_of, scenario, scenarios};
use crate::script::{Script, put_bytes};
use crate::world;
use cairn_tls::Side;
use cairn_tls::wire::AlertDescription;
use end::{Answers, End, Said, alert, epoch, message};
use recorded::{ends, recorded};

/// One machine. The first byte selects it. Then come steps: a message, a fragment of one, ChangeCipherSpec,
/// an alert, the kind of answer to the next questions, or something that the machine does of its own.
///
/// # Panics
/// If an invariant of [`End`](end::End) does not hold.
pub fn one(input: &[u8]) {
    drive(input);
}

fn drive(input: &[u8]) -> End {
    let mut script = Script(input);
    let (scenario, side) = scenario(script.byte());
    world::rewind();
    let mut end = End::new(scenario, side);
    while let Some(step) = script.step() {
        match step % 9 {
            0 => {
                let msg_type = script.byte();
                let body = script.bytes();
                end.take(&Said::Message(end.read_epoch(), message(msg_type, body)));
            }
            1 => end.take(&Said::ChangeCipherSpec),
            2 => end.take(&Said::Alert(alert(&mut script))),
            3 => end.piece(end.read_epoch(), script.bytes()),
            4 => end.act(0),
            5 => end.answers = Answers::from(script.byte()),
            6 => {
                let (epoch, msg_type) = (epoch(script.byte()), script.byte());
                end.take(&Said::Message(epoch, message(msg_type, script.bytes())));
            }
            7 => end.abort(AlertDescription(script.byte())),
            _ => end.act(script.byte()),
        }
        end.out.clear();
    }
    end
}

/// Two machines of the scenario that the first byte selects. The other bytes tell an attacker between them
/// what to do with each message: see [`between`].
///
/// # Panics
/// If an invariant of a machine does not hold, or if the two disagree at the end.
pub fn pair(input: &[u8]) {
    let mut script = Script(input);
    let (scenario, _) = scenario(script.byte());
    let mut ends = ends(scenario);
    between::run(&mut ends, script);
    end::agree(&ends);
}

/// The input of each machine in each scenario, as messages and as fragments, and with answers of every kind.
///
/// # Panics
/// Never: our messages are shorter than 2^16 bytes.
#[must_use]
pub fn seeds_of_one() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (place, got) in recorded().iter().enumerate() {
        for (side, got) in [Side::Client, Side::Server].into_iter().zip(got) {
            for (pieces, answers) in [(None, 0), (Some(50), 0), (None, 1), (None, 2), (None, 3)] {
                let mut seed = vec![byte_of(place, side), 5, answers];
                for said in got {
                    match said {
                        Said::Message(_, bytes) => match pieces {
                            Some(size) => bytes.chunks(size).for_each(|piece| {
                                seed.push(3);
                                put_bytes(&mut seed, piece);
                            }),
                            None => {
                                seed.extend([0, bytes[0]]);
                                put_bytes(&mut seed, &bytes[4..]);
                            }
                        },
                        Said::ChangeCipherSpec => seed.push(1),
                        Said::Alert(alert) => seed.extend([2, alert.level.0, alert.description.0]),
                    }
                }
                seeds.push(seed);
            }
        }
    }
    seeds
}

/// Each scenario without interference, and with each action on each of the first messages.
#[must_use]
pub fn seeds_of_pairs() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for place in 0..scenarios().len() {
        let first = byte_of(place, Side::Client);
        // As long as an input may be, because libFuzzer lengthens short inputs slowly.
        seeds.push([&[first][..], &[0; 200]].concat());
        for deed in between::DEEDS {
            for before in [0, 1, 3, 6] {
                seeds.push([&[first][..], &vec![0; before], &[deed, 0, 9, 4, 1, 2, 3]].concat());
            }
        }
    }
    seeds
}

/// Replaying a recording must complete the handshake. Otherwise every input would fail in the same way, with
/// a wrong Finished.
///
/// # Panics
/// If it does not.
pub fn check() {
    let seeds = seeds_of_one();
    let honest = seeds.iter().filter(|seed| seed[2] == 0);
    let complete = honest.filter(|seed| drive(seed).first.is_some()).count();
    assert_eq!(complete, 4 * scenarios().len());
}
