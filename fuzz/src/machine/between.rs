//! An attacker between two machines, who changes their messages.

use super::end::{Answers, End, Said, alert, epoch, message};
use super::recorded::recorded;
use crate::script::Script;

/// The actions, each identified by its byte. Any other byte forwards a message.
pub(super) const DEEDS: core::ops::RangeInclusive<u8> = 0x80..=0x93;
/// The maximum number of forwarded messages.
const MAX_MESSAGES: usize = 200;

/// Forwards messages until both machines are idle and no action is left.
pub(super) fn run(ends: &mut [End; 2], mut script: Script<'_>) {
    let mut passed: [Vec<Said>; 2] = Default::default();
    let mut held: [Option<Said>; 2] = [None, None];
    for _ in 0..MAX_MESSAGES {
        let Some(from) = ends.iter().position(|end| !end.out.is_empty()) else {
            for (from, held) in held.iter_mut().enumerate() {
                if let Some(said) = held.take() {
                    ends[1 - from].take_from_peer(&said);
                }
            }
            if ends.iter().all(|end| end.out.is_empty()) {
                let Some(deed) = script.step() else { return };
                ends[usize::from(deed & 1)].act(deed >> 1);
            }
            continue;
        };
        let Some(said) = ends[from].out.pop_front() else { return };
        if let Some(said) = done(ends, from, said, &passed[from], &mut held[from], &mut script) {
            ends[1 - from].take_from_peer(&said);
            if let Some(late) = held[from].take() {
                ends[1 - from].take_from_peer(&late);
            }
            passed[from].push(said);
        }
    }
}

/// Applies the next action of the script to a message in transit and returns its replacement.
fn done(
    ends: &mut [End; 2],
    from: usize,
    mut said: Said,
    passed: &[Said],
    held: &mut Option<Said>,
    script: &mut Script<'_>,
) -> Option<Said> {
    let to = 1 - from;
    let read_epoch = ends[to].read_epoch();
    let deed = script.byte();
    match (deed, &mut said) {
        (0x80, _) => return None,
        (0x81, _) => ends[to].take(&said),
        (0x82, _) if held.is_none() => {
            *held = Some(said);
            return None;
        }
        // The body of a message: bytes are changed, removed, added or replaced; the header has the new
        // length.
        (0x83, Said::Message(_, bytes)) => {
            let (at, by) = (script.short(), script.byte() | 1);
            let length = bytes.len() - 4;
            if let Some(byte) = bytes.get_mut(4 + at.checked_rem(length).unwrap_or_default()) {
                *byte ^= by;
            }
        }
        (0x84..=0x87, Said::Message(_, bytes)) => {
            let mut body = bytes.split_off(4);
            let at = script.short() % (body.len() + 1);
            let amount = usize::from(script.byte());
            match deed {
                0x84 => body.truncate(at),
                0x85 => drop(body.drain(at..body.len().min(at + amount))),
                0x86 => drop(body.splice(at..at, script.take(amount).iter().copied())),
                _ => body.iter_mut().skip(at).zip(script.take(amount)).for_each(|(to, from)| *to = *from),
            }
            *bytes = message(bytes[0], &body);
        }
        (0x88, Said::Message(_, bytes)) => bytes[0] = script.byte(),
        (0x89, Said::Message(given, _)) => *given = epoch(script.byte()),
        // The header has a wrong length.
        (0x8a, Said::Message(_, bytes)) => {
            let at = 1 + usize::from(script.byte() % 3);
            bytes[at] ^= script.byte() | 1;
            let bytes = bytes.clone();
            ends[to].piece(read_epoch, &bytes);
            return None;
        }
        (0x8b, Said::Message(given, bytes)) => {
            let size = usize::from(script.byte()).max(1);
            let (given, bytes) = (*given, bytes.clone());
            bytes.chunks(size).for_each(|piece| ends[to].piece(given, piece));
            return None;
        }
        (0x8c, _) => ends[to].take(&Said::ChangeCipherSpec),
        (0x8d, _) => ends[to].take(&Said::Alert(alert(script))),
        (0x8e, _) => {
            let msg_type = script.byte();
            let length = usize::from(script.byte());
            let body = script.take(length);
            ends[to].take(&Said::Message(read_epoch, message(msg_type, body)));
        }
        // A message from before, or from another handshake.
        (0x8f, _) => {
            let again = passed.iter().nth_back(script.byte().into())?;
            ends[to].take(again);
        }
        (0x90, _) => {
            let (scenario, place) = (usize::from(script.byte()), usize::from(script.byte()));
            let got = &recorded()[scenario % recorded().len()][to];
            said = match &got[place % got.len()] {
                Said::Message(_, bytes) => Said::Message(read_epoch, bytes.clone()),
                other => other.clone(),
            };
        }
        (0x91, _) => {
            let end = &mut ends[usize::from(script.byte() & 1)];
            end.answers = Answers::from(script.byte());
        }
        (0x92, _) => {
            let deed = script.byte();
            ends[usize::from(deed & 1)].act(deed >> 1);
        }
        // Back to its sender.
        (0x93, Said::Message(_, bytes)) => {
            let back = Said::Message(ends[from].read_epoch(), bytes.clone());
            ends[from].take(&back);
        }
        _ => {}
    }
    Some(said)
}
