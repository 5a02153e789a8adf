//! Records made by another implementation: `tests/data/vectors.py`, with Python's `hmac` and the package
//! `cryptography`.

use super::*;
use crate::testing::{FixedRandom, Kind, kinds, with_random};
use alloc::{string::ToString, vec, vec::Vec};

fn from_hex(text: &str) -> Vec<u8> {
    let digits = text.trim_matches('-');
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn kind(suite: &str, order: &str) -> Kind {
    let encrypt_then_mac = order == "encrypt-then-mac";
    kinds()
        .find(|kind| kind.suite.id.to_string() == suite && kind.encrypt_then_mac == encrypt_then_mac)
        .unwrap()
}

#[test]
fn records_match_those_of_another_implementation() {
    let provider = with_random(FixedRandom);
    let mut seen = Vec::new();
    for line in include_str!("../../tests/data/records.txt").lines() {
        let [suite, order, seq, text, record] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let kind = kind(suite, order);
        let seq = u64::from_str_radix(seq, 16).unwrap();
        let (text, record) = (from_hex(text), from_hex(record));
        let (content_type, body) = (ContentType(record[0]), &record[5..]);

        let keys = kind.keys_by(&provider).unwrap();
        let mut made = vec![0; keys.overhead().prefix()];
        made.extend_from_slice(&text);
        made.resize(body.len(), 0);
        let sealed = keys.seal(seq, content_type, ProtocolVersion::TLS_1_2, &mut made, text.len());
        assert_eq!((sealed, &made[..]), (Ok(body.len()), body), "{line}");
        let place = keys.open(seq, content_type, ProtocolVersion::TLS_1_2, &mut made).unwrap();
        assert_eq!(made[place.1], text, "{line}");
        if !seen.contains(&kind) {
            seen.push(kind);
        }
    }
    assert!(kinds().all(|kind| seen.contains(&kind)));
}
