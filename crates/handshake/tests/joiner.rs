//! Exhaustive tests of the joiner: every stream of two short messages, split at every set of positions, with
//! every change of keys; and every length around the limits.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use cairn_handshake::{HandshakeErrorKind, Joiner, RawMessage};
use cairn_schedule::Epoch;
use cairn_wire::{HandshakeHeader, HandshakeType};

const OLD: Epoch = Epoch::tls12(0);
const NEW: Epoch = Epoch::tls12(1);

fn message(msg_type: u8, len: u8) -> Vec<u8> {
    let mut bytes = vec![msg_type, 0, 0, len];
    bytes.extend((1..).take(usize::from(len)));
    bytes
}

fn joiner() -> Joiner {
    Joiner::new()
}

fn next<'j, 'p: 'j>(
    joiner: &'j mut Joiner,
    epoch: Epoch,
    piece: &mut &'p [u8],
) -> Result<Option<RawMessage<'j>>, HandshakeErrorKind> {
    joiner.next(epoch, piece, |_| Ok(()))
}

/// All streams of two messages with bodies of up to three bytes, and the end of the first.
fn streams() -> impl Iterator<Item = ([Vec<u8>; 2], Vec<u8>)> {
    (0..=3_u8).flat_map(|one| {
        (0..=3_u8).map(move |two| {
            let messages = [message(2, one), message(11, two)];
            let stream = messages.concat();
            (messages, stream)
        })
    })
}

/// Each set of positions at which to split a stream.
fn cuts(length: usize) -> impl Iterator<Item = Vec<usize>> {
    (0..1_u32 << (length - 1)).map(move |set| {
        let inner = (1..length).filter(|place| set >> (place - 1) & 1 == 1);
        core::iter::once(0).chain(inner).chain([length]).collect()
    })
}

#[test]
fn messages_are_reassembled_at_every_set_of_cuts() {
    for (messages, stream) in streams() {
        let ends = [messages[0].len(), stream.len()];
        for places in cuts(stream.len()) {
            let mut joiner = joiner();
            let mut out = Vec::new();
            for place in places.windows(2) {
                let mut piece = &stream[place[0]..place[1]];
                while let Some(message) = next(&mut joiner, OLD, &mut piece).unwrap() {
                    out.push(message.bytes.to_vec());
                }
                assert!(piece.is_empty());
                // Nothing is stored if and only if a message has just ended.
                assert_eq!(joiner.is_empty(), ends.contains(&place[1]), "{places:?}");
            }
            assert_eq!(out, messages, "{places:?}");
        }
    }
}

#[test]
fn keys_change_only_between_messages() {
    for (messages, stream) in streams() {
        let ends = [messages[0].len(), stream.len()];
        for places in cuts(stream.len()).step_by(7) {
            // Everything after one of the splits arrives under other keys.
            for change in &places[1..] {
                let mut joiner = joiner();
                let mut refused = None;
                for place in places.windows(2) {
                    let epoch = if place[0] < *change { OLD } else { NEW };
                    let mut piece = &stream[place[0]..place[1]];
                    let outcome = loop {
                        match next(&mut joiner, epoch, &mut piece) {
                            Ok(Some(_)) => {}
                            other => break other.map(|_| ()),
                        }
                    };
                    if let Err(error) = outcome {
                        assert_eq!(error, HandshakeErrorKind::SplitAcrossKeyChange);
                        refused = Some(place[0]);
                        break;
                    }
                }
                let wanted = Some(*change).filter(|place| !ends.contains(place));
                assert_eq!(refused, wanted, "{places:?} {change}");
            }
        }
    }
}

#[test]
fn message_is_refused_if_and_only_if_its_length_exceeds_the_limit() {
    // A limit for each type, as in a state. The header is checked before any of the body has arrived.
    let limit_of = |msg_type| if msg_type == HandshakeType::CERTIFICATE { 70_000 } else { 300 };
    let check = |header: &HandshakeHeader| {
        let limit = limit_of(header.msg_type);
        let error = HandshakeErrorKind::MessageTooLong { limit, length: header.length };
        if header.length > limit { Err(error) } else { Ok(()) }
    };
    let far = (17..24).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1]).chain([(1 << 24) - 1]);
    for length in (0..=70_100_u32).chain(far) {
        for msg_type in [HandshakeType::CLIENT_HELLO, HandshakeType::CERTIFICATE] {
            let [_, high, middle, low] = length.to_be_bytes();
            let mut joiner = joiner();
            let refused = joiner.next(OLD, &mut &[msg_type.0, high, middle, low][..], check).map(|_| ());
            let limit = limit_of(msg_type);
            let wanted = if length > limit {
                Err(HandshakeErrorKind::MessageTooLong { limit, length })
            } else {
                Ok(())
            };
            assert_eq!(refused, wanted);
        }
    }
}
