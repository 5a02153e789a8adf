//! The joiner over all of a small domain: every stream of two short messages, cut at every set of places,
//! under every change of keys; and every length that a header can state around the limits.
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

/// All streams of two messages with up to three bytes each, and where the first of them ends.
fn streams() -> impl Iterator<Item = ([Vec<u8>; 2], Vec<u8>)> {
    (0..=3_u8).flat_map(|one| {
        (0..=3_u8).map(move |two| {
            let messages = [message(2, one), message(11, two)];
            let stream = messages.concat();
            (messages, stream)
        })
    })
}

/// Each set of places to cut a stream at, as the places.
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
                // Nothing is held where a message has just ended, and only there.
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
            // All after one of the cuts comes under other keys.
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
    // A limit for each type, as a state has them: the header is judged before anything of the body has come.
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
