use super::*;
use crate::testing::{HASHES, hash};
use alloc::format;
use proptest::{collection::vec, prelude::*, sample};

fn hashed(algorithm: HashAlgorithm, messages: &[&[u8]]) -> HashOutput {
    hash(algorithm).hash(messages).unwrap()
}

#[test]
fn a_hash_chosen_late_has_heard_everything() {
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
fn a_hash_of_a_prefix_ends_nothing() {
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
fn header_and_body_are_one_message() {
    let (mut one, mut two) = (Transcript::new(), Transcript::new());
    one.choose_hash(&*hash(HASHES[0])).unwrap();
    two.choose_hash(&*hash(HASHES[0])).unwrap();
    one.add(b"headerbody").unwrap();
    two.add_parts(&[b"header", b"body"]).unwrap();
    assert_eq!(one.hash(), two.hash());
    assert_eq!(one.messages(), two.messages());
}

#[test]
fn forks_go_their_own_ways() {
    for chosen in [false, true] {
        let mut first = Transcript::new();
        first.add(b"common").unwrap();
        if chosen {
            first.choose_hash(&*hash(HASHES[0])).unwrap();
        }
        let mut second = first.fork().unwrap();
        first.add(b" one").unwrap();
        second.add(b" two").unwrap();
        // What is not yet chosen can differ.
        let other = if chosen { HASHES[0] } else { HASHES[1] };
        first.choose_hash(&*hash(HASHES[0])).unwrap();
        second.choose_hash(&*hash(other)).unwrap();
        assert_eq!(first.hash(), Ok(hashed(HASHES[0], &[b"common one"])));
        assert_eq!(second.hash(), Ok(hashed(other, &[b"common two"])));
        second.let_go();
        assert_eq!(first.messages(), Ok(&b"common one"[..]));
        assert_eq!(second.messages(), Err(ScheduleError::TranscriptLetGo));
    }
}

#[test]
fn what_is_let_go_is_hashed_on() {
    let mut transcript = Transcript::new();
    transcript.add(b"before").unwrap();
    transcript.choose_hash(&*hash(HASHES[1])).unwrap();
    transcript.let_go();
    transcript.add(b" after").unwrap();
    assert_eq!(transcript.messages(), Err(ScheduleError::TranscriptLetGo));
    assert_eq!(transcript.choose_hash(&*hash(HASHES[1])), Ok(()), "it is chosen already");
    let fork = transcript.fork().unwrap();
    assert_eq!(fork.messages(), Err(ScheduleError::TranscriptLetGo));
    assert_eq!(fork.finish(), Ok(hashed(HASHES[1], &[b"before after"])));
    assert_eq!(transcript.hash(), Ok(hashed(HASHES[1], &[b"before after"])));
}

#[test]
fn what_was_let_go_too_early_is_missed() {
    let mut transcript = Transcript::new();
    transcript.let_go();
    transcript.add(b"lost").unwrap();
    assert_eq!(transcript.choose_hash(&*hash(HASHES[0])), Err(ScheduleError::TranscriptLetGo));
    assert_eq!(transcript.hash(), Err(ScheduleError::HashNotChosen));
}

#[test]
fn there_is_no_hash_before_it_is_chosen_and_no_second_one_after() {
    let mut transcript = Transcript::new();
    assert_eq!(transcript.hash(), Err(ScheduleError::HashNotChosen));
    assert_eq!(transcript.fork().unwrap().finish(), Err(ScheduleError::HashNotChosen));
    transcript.choose_hash(&*hash(HASHES[0])).unwrap();
    assert_eq!(transcript.choose_hash(&*hash(HASHES[1])), Err(ScheduleError::HashNotChosen));
    assert_eq!(transcript.hash(), Ok(hashed(HASHES[0], &[])), "the first stays");
}

#[test]
fn the_default_keeps_bytes_too() {
    let mut transcript = Transcript::default();
    transcript.add(b"message").unwrap();
    assert_eq!(transcript.messages(), Ok(&b"message"[..]));
}

#[test]
fn it_prints_how_much_and_not_what() {
    let mut transcript = Transcript::new();
    transcript.add(b"ABC").unwrap();
    assert_eq!(format!("{transcript:?}"), "Transcript { bytes_kept: Some(3), hash: None }");
}

proptest! {
    #[test]
    fn however_it_comes_it_is_the_hash_of_all(
        algorithm in sample::select(&HASHES[..]),
        messages in vec(vec(any::<u8>(), 0..300), 0..8),
        chosen_at in 0..9_usize,
        let_go_at in 0..9_usize,
    ) {
        let mut transcript = Transcript::new();
        for (i, message) in messages.iter().enumerate() {
            if i >= chosen_at {
                transcript.choose_hash(&*hash(algorithm)).unwrap();
                if i >= let_go_at {
                    transcript.let_go();
                }
            }
            let (head, body) = message.split_at(message.len() / 3);
            transcript.add_parts(&[head, body]).unwrap();
        }
        transcript.choose_hash(&*hash(algorithm)).unwrap();
        prop_assert_eq!(transcript.finish(), Ok(hashed(algorithm, &[&messages.concat()])));
    }
}
