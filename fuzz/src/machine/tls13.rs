//! The handshake machines of TLS 1.3 without records: one machine that receives arbitrary messages, and two
//! machines whose messages an attacker changes. Without records, any byte of any message can be changed.

use super::end::{Answers, Said, alert, message};
use super::end13::{End, agree, scenarios};
use crate::script::{Script, put_bytes};
use crate::world::rewind;
use cairn_tls::wire::{AlertDescription, KeyUpdateRequest};
use cairn_tls::{Epoch, Side};

/// The bit of the first byte that selects two machines, and that which selects the server.
const PAIR: u8 = 0x40;
const SERVER: u8 = 0x80;

/// The maximum number of forwarded messages.
const MAX_MESSAGES: usize = 200;

/// The first byte selects the scenario, and one machine or two. The rest are steps.
///
/// # Panics
/// If an invariant of [`End`] does not hold, or if two machines complete their handshakes and disagree.
pub fn run(input: &[u8]) {
    let Some((first, rest)) = input.split_first() else { return };
    if first & PAIR == 0 {
        one(*first, Script(rest));
    } else {
        agree(&pair(*first, Script(rest)));
    }
}

fn one(first: u8, mut script: Script<'_>) -> End<'static> {
    let side = if first & SERVER == 0 { Side::Client } else { Side::Server };
    rewind();
    let mut end = End::new(scenario(first), side);
    while let Some(step) = script.step() {
        match step % 10 {
            0 => {
                let msg_type = script.byte();
                end.take(&Said::Message(end.read_epoch(), message(msg_type, script.bytes())));
            }
            1 => end.take(&Said::ChangeCipherSpec),
            2 => end.take(&Said::Alert(alert(&mut script))),
            3 => end.piece(end.read_epoch(), script.bytes()),
            4 => end.update_keys(request(script.byte())),
            5 => end.request_certificate(),
            6 => end.answers = Answers::from(script.byte()),
            7 => {
                let (epoch, msg_type) = (epoch(script.byte()), script.byte());
                end.take(&Said::Message(epoch, message(msg_type, script.bytes())));
            }
            // So that no limit on KeyUpdate ends the connection.
            8 => end.data_arrives(),
            _ => end.abort(AlertDescription(script.byte())),
        }
        end.out.clear();
    }
    end
}

fn scenario(byte: u8) -> usize {
    usize::from(byte & 0x3f) % scenarios().len()
}

fn request(byte: u8) -> KeyUpdateRequest {
    if byte & 1 == 0 { KeyUpdateRequest::UpdateNotRequested } else { KeyUpdateRequest::UpdateRequested }
}

fn epoch(byte: u8) -> Epoch {
    match byte % 8 {
        0 => Epoch::Initial,
        1 => Epoch::EarlyData,
        2 => Epoch::Handshake,
        number => Epoch::Application(u32::from(number) - 3),
    }
}

/// Forwards messages until both machines are idle. Each takes a byte of the script, which says what happens
/// to it.
fn pair(first: u8, mut script: Script<'_>) -> [End<'static>; 2] {
    rewind();
    let mut ends = [Side::Client, Side::Server].map(|side| End::new(scenario(first), side));
    for _ in 0..MAX_MESSAGES {
        let Some(from) = ends.iter().position(|end| !end.out.is_empty()) else {
            // After the handshake, the ends act on their own.
            let Some(deed) = script.step() else { break };
            let end = &mut ends[usize::from(deed & 1)];
            match deed >> 1 & 3 {
                0 => end.update_keys(request(script.byte())),
                1 => end.request_certificate(),
                2 => end.data_arrives(),
                _ => end.answers = Answers::from(script.byte()),
            }
            continue;
        };
        let Some(said) = ends[from].out.pop_front() else { break };
        pass(&mut ends, from, said, &mut script);
    }
    ends
}

fn pass(ends: &mut [End<'_>; 2], from: usize, mut said: Said, script: &mut Script<'_>) {
    let to = 1 - from;
    let deed = script.byte();
    let read_epoch = ends[to].read_epoch();
    match (deed, &mut said) {
        (0x80, _) => return,
        (0x81, _) => ends[to].take(&said),
        // Bytes of the body are changed, removed or added; the header has the new length.
        (0x82, Said::Message(_, bytes)) => {
            let (at, by) = (script.short(), script.byte() | 1);
            let length = bytes.len() - 4;
            if let Some(byte) = bytes.get_mut(4 + at.checked_rem(length).unwrap_or_default()) {
                *byte ^= by;
            }
        }
        (0x83..=0x85, Said::Message(_, bytes)) => {
            let mut body = bytes.split_off(4);
            let at = script.short() % (body.len() + 1);
            let amount = usize::from(script.byte());
            match deed {
                0x83 => body.truncate(at),
                0x84 => drop(body.drain(at..body.len().min(at + amount))),
                _ => drop(body.splice(at..at, script.take(amount).iter().copied())),
            }
            *bytes = message(bytes[0], &body);
        }
        (0x86, Said::Message(_, bytes)) => bytes[0] = script.byte(),
        (0x87, Said::Message(given, _)) => *given = epoch(script.byte()),
        (0x88, Said::Message(_, bytes)) => {
            let size = usize::from(script.byte()).max(1);
            let bytes = bytes.clone();
            bytes.chunks(size).for_each(|piece| ends[to].piece(read_epoch, piece));
            return;
        }
        (0x89, _) => {
            let msg_type = script.byte();
            let length = usize::from(script.byte());
            ends[to].take(&Said::Message(read_epoch, message(msg_type, script.take(length))));
        }
        (0x8a, _) => ends[to].take(&Said::Alert(alert(script))),
        (0x8b, _) => {
            let end = &mut ends[usize::from(script.byte() & 1)];
            end.answers = Answers::from(script.byte());
        }
        // Back to its sender.
        (0x8c, Said::Message(_, bytes)) => {
            let back = Said::Message(ends[from].read_epoch(), bytes.clone());
            ends[from].take(&back);
        }
        _ => {}
    }
    ends[to].take_from_peer(&said);
}

/// The input of each machine in each scenario, as messages and as fragments, with answers of every kind; and
/// two machines with each action on each of the first messages.
///
/// # Panics
/// Never: our messages are shorter than 2^16 bytes.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (place, scenario) in scenarios().iter().enumerate() {
        let first = u8::try_from(place).unwrap_or_default();
        for (side, got) in [first, first | SERVER].into_iter().zip(&scenario.got) {
            for (pieces, answers) in [(None, 0), (Some(50), 0), (None, 1), (None, 2), (None, 3)] {
                let mut seed = vec![side, 6, answers];
                for bytes in got {
                    match pieces {
                        Some(size) => bytes.chunks(size).for_each(|piece: &[u8]| {
                            seed.push(3);
                            put_bytes(&mut seed, piece);
                        }),
                        None => {
                            seed.extend([0, bytes[0]]);
                            put_bytes(&mut seed, &bytes[4..]);
                        }
                    }
                }
                seeds.push(seed);
            }
        }
        seeds.push([&[first | PAIR][..], &[0; 60]].concat());
        for deed in 0x80..=0x8c {
            for before in [0, 1, 3, 6] {
                seeds.push([&[first | PAIR][..], &vec![0; before], &[deed, 0, 9, 4, 1, 2, 3]].concat());
            }
        }
    }
    seeds
}

/// Replaying a recording must complete the handshake, and so must two machines without interference.
///
/// # Panics
/// If not.
pub fn check() {
    for seed in seeds().iter().filter(|seed| seed[0] & PAIR == 0 && seed[1..3] == [6, 0]) {
        let end = one(seed[0], Script(&seed[1..]));
        assert!(end.first.is_some(), "{:?}: {:?}", &seed[..3], end.error);
    }
    for place in 0..scenarios().len() {
        let ends = pair(u8::try_from(place).unwrap_or_default(), Script(&[0; 60]));
        assert!(ends.iter().all(|end| end.first.is_some() && end.error.is_none()), "{place}");
        agree(&ends);
    }
}
