use super::*;
use crate::testing::{HASHES, hash};
use alloc::format;
use proptest::{collection::vec, prelude::*, sample};

fn hashed(algorithm: HashAlgorithm, messages: &[&[u8]]) -> HashOutput {
    hash(algorithm).hash(messages).unwrap()
}

#[test]
fn hash_chosen_late_covers_earlier_messages() {
    for algorithm in HASHES {
        let messages: [&[u8]; 4] = [b"ClientHello", b"ServerHello", b"Certificate", b"ServerHelloDone"];
        for chosen_after in 0..=messages.len() {
            let mut transcript = Transcript::new();
            for (i, message) in messages.iter().enumerate() {
                if i == chosen_after {
                    transcript.choose_hash(&*hash(algorithm)).unwrap();
                }
                transcript.add(message).unwrap();
            }
            transcript.choose_hash(&*hash(algorithm)).unwrap();
            assert_eq!(transcript.hash(), Ok(hashed(algorithm, &messages)), "{chosen_after}");
            assert_eq!(transcript.messages(), Ok(&messages.concat()[..]));
            assert_eq!(transcript.finish(), Ok(hashed(algorithm, &messages)));
        }
    }
}

#[test]
fn intermediate_hash_does_not_end_the_transcript() {
    let mut transcript = Transcript::new();
    transcript.choose_hash(&*hash(HASHES[0])).unwrap();
    assert_eq!(transcript.hash(), Ok(hashed(HASHES[0], &[])));
    transcript.add(b"a").unwrap();
    assert_eq!(transcript.hash(), Ok(hashed(HASHES[0], &[b"a"])));
    assert_eq!(transcript.hash(), Ok(hashed(HASHES[0], &[b"a"])));
    transcript.add(b"b").unwrap();
    assert_eq!(transcript.hash(), Ok(hashed(HASHES[0], &[b"ab"])));
}

#[test]
fn parts_are_hashed_as_one_message() {
    let (mut one, mut two) = (Transcript::new(), Transcript::new());
    one.choose_hash(&*hash(HASHES[0])).unwrap();
    two.choose_hash(&*hash(HASHES[0])).unwrap();
    one.add(b"headerbody").unwrap();
    two.add_parts(&[b"header", b"body"]).unwrap();
    assert_eq!(one.hash(), two.hash());
    assert_eq!(one.messages(), two.messages());
}

#[test]
fn forks_are_independent() {
    for chosen in [false, true] {
        let mut first = Transcript::new();
        first.add(b"common").unwrap();
        if chosen {
            first.choose_hash(&*hash(HASHES[0])).unwrap();
        }
        let mut second = first.fork().unwrap();
        first.add(b" one").unwrap();
        second.add(b" two").unwrap();
        // Forks may choose different hash functions.
        let other = if chosen { HASHES[0] } else { HASHES[1] };
        first.choose_hash(&*hash(HASHES[0])).unwrap();
        second.choose_hash(&*hash(other)).unwrap();
        assert_eq!(first.hash(), Ok(hashed(HASHES[0], &[b"common one"])));
        assert_eq!(second.hash(), Ok(hashed(other, &[b"common two"])));
        second.discard_messages();
        assert_eq!(first.messages(), Ok(&b"common one"[..]));
        assert_eq!(second.messages(), Err(ScheduleError::MessagesDiscarded));
    }
}

#[test]
fn hash_continues_after_messages_are_discarded() {
    let mut transcript = Transcript::new();
    transcript.add(b"before").unwrap();
    transcript.choose_hash(&*hash(HASHES[1])).unwrap();
    transcript.discard_messages();
    transcript.add(b" after").unwrap();
    assert_eq!(transcript.messages(), Err(ScheduleError::MessagesDiscarded));
    assert_eq!(transcript.choose_hash(&*hash(HASHES[1])), Ok(()), "choosing the same hash again");
    let fork = transcript.fork().unwrap();
    assert_eq!(fork.messages(), Err(ScheduleError::MessagesDiscarded));
    assert_eq!(fork.finish(), Ok(hashed(HASHES[1], &[b"before after"])));
    assert_eq!(transcript.hash(), Ok(hashed(HASHES[1], &[b"before after"])));
}

#[test]
fn hash_cannot_be_chosen_after_messages_are_discarded() {
    let mut transcript = Transcript::new();
    transcript.discard_messages();
    transcript.add(b"lost").unwrap();
    assert_eq!(transcript.choose_hash(&*hash(HASHES[0])), Err(ScheduleError::MessagesDiscarded));
    assert_eq!(transcript.hash(), Err(ScheduleError::HashNotChosen));
}

#[test]
fn hash_is_chosen_exactly_once() {
    let mut transcript = Transcript::new();
    assert_eq!(transcript.hash(), Err(ScheduleError::HashNotChosen));
    assert_eq!(transcript.fork().unwrap().finish(), Err(ScheduleError::HashNotChosen));
    transcript.choose_hash(&*hash(HASHES[0])).unwrap();
    assert_eq!(transcript.choose_hash(&*hash(HASHES[1])), Err(ScheduleError::OtherHashChosen(HASHES[0])));
    assert_eq!(transcript.hash(), Ok(hashed(HASHES[0], &[])), "the first choice remains");
}

#[test]
fn default_transcript_keeps_messages() {
    let mut transcript = Transcript::default();
    transcript.add(b"message").unwrap();
    assert_eq!(transcript.messages(), Ok(&b"message"[..]));
}

#[test]
fn debug_prints_lengths_only() {
    let mut transcript = Transcript::new();
    transcript.add(b"ABC").unwrap();
    assert_eq!(format!("{transcript:?}"), "Transcript { bytes_kept: Some(3), hash: None }");
}

proptest! {
    #[test]
    fn hash_is_independent_of_fragmentation_and_choice(
        algorithm in sample::select(&HASHES[..]),
        messages in vec(vec(any::<u8>(), 0..300), 0..8),
        chosen_at in 0..9_usize,
        discarded_at in 0..9_usize,
    ) {
        let mut transcript = Transcript::new();
        for (i, message) in messages.iter().enumerate() {
            if i >= chosen_at {
                transcript.choose_hash(&*hash(algorithm)).unwrap();
                if i >= discarded_at {
                    transcript.discard_messages();
                }
            }
            let (head, body) = message.split_at(message.len() / 3);
            transcript.add_parts(&[head, body]).unwrap();
        }
        transcript.choose_hash(&*hash(algorithm)).unwrap();
        prop_assert_eq!(transcript.finish(), Ok(hashed(algorithm, &[&messages.concat()])));
    }
}
