//! The record layer: framing and the opening of records, with each protection and with none.

use crate::script::Script;
use crate::world::{self, provider};
use cairn_crypto::{HashAlgorithm, Secret};
use cairn_record::{Opened, RecordError, RecordKeys, RecordLimits, RecordReader, RecordWriter};
use cairn_schedule::{
    Direction, Epoch, Gate, KeyBlock, KeyChange, Keys, MasterSecret, Protection, Randoms, SUITES,
};
use cairn_tls::Side;
use cairn_tls::wire::{ContentType, ProtocolVersion, Random};
use std::sync::OnceLock;

/// A kind of record protection, and the PRF of the first suite with it.
type Kind = (Protection, HashAlgorithm);

fn kinds() -> &'static [Kind] {
    static MADE: OnceLock<Vec<Kind>> = OnceLock::new();
    MADE.get_or_init(|| {
        let mut kinds: Vec<Kind> = Vec::new();
        for suite in SUITES {
            let kind = (suite.protection, suite.prf_hash);
            if !kinds.contains(&kind) {
                kinds.push(kind);
                kinds.extend(kind.0.with_encrypt_then_mac().map(|protection| (protection, kind.1)));
            }
        }
        kinds
    })
}

fn change((protection, prf_hash): Kind, direction: Direction) -> KeyChange {
    let master = MasterSecret::from(Secret::from(&[7; 48]));
    let randoms = Randoms { client: Random([1; 32]), server: Random([2; 32]) };
    let prf = master.prf(provider(Side::Client).hmac(prf_hash).unwrap()).unwrap();
    let (keys, _) = KeyBlock::derive(&prf, protection, &randoms).unwrap().into_directions();
    KeyChange { epoch: Epoch::tls12(1), direction, keys: Keys::Tls12(keys) }
}

/// The first byte selects a protection, or none; the second sets limits. Then come steps: arbitrary bytes, or
/// a record that the writer seals. It opens to its text unless the step changes it; a changed record never
/// opens. Some steps open it into another buffer.
///
/// # Panics
/// If that does not hold.
pub fn run(input: &[u8]) {
    world::rewind();
    let mut script = Script(input);
    let kind = kinds().get(usize::from(script.byte())).copied();
    let max_plaintext = match script.byte() {
        0 => 1 << 14,
        limit => u16::from(limit),
    };
    let limits = RecordLimits { max_plaintext, ..RecordLimits::default() };
    let mut writer = RecordWriter::new(limits);
    let mut reader = RecordReader::new(limits);
    writer.set_version(ProtocolVersion::TLS_1_2);
    let provider = provider(Side::Client);
    if let Some(kind) = kind {
        reader.expect_version(ProtocolVersion::TLS_1_2);
        writer.change_keys(provider, &change(kind, Direction::Write)).unwrap();
        reader.change_keys(provider, &change(kind, Direction::Read)).unwrap();
        writer.set_gate(Gate::Open { epoch: writer.epoch() }).unwrap();
        reader.set_gate(Gate::Open { epoch: reader.epoch() }).unwrap();
    }
    // A body of any content, sequence number and type: nothing is accepted that was not sealed.
    if let Some(kind) = kind {
        let change = change(kind, Direction::Read);
        let keys = RecordKeys::new(provider, &change.keys).unwrap();
        let mut body = script.0.to_vec();
        let opened = keys.open(0, ContentType::HANDSHAKE, ProtocolVersion::TLS_1_2, &mut body);
        assert_eq!(opened, Err(RecordError::BadRecordMac));
        assert!(body.iter().all(|byte| *byte == 0), "rejected plaintext must be erased");
    }
    let mut came = Vec::new();
    while let Some(step) = script.step() {
        match step {
            0..=0x7f => {
                let length = usize::from(step);
                came.extend_from_slice(script.take(length));
                if !read_all(&mut reader, &mut came, kind.is_some()) {
                    return;
                }
            }
            _ => {
                // Remaining bytes would precede the record.
                came.clear();
                let content_type = ContentType(20 + (step & 3));
                let text = script.bytes();
                let text = &text[..text.len().min(1 << 14)];
                let sealed = writer.seal(content_type, text, &mut came);
                // Application data needs keys, and only application data may be empty.
                let is_data = content_type == ContentType::APPLICATION_DATA;
                let is_refused = if is_data { kind.is_none() } else { text.is_empty() };
                if is_refused {
                    assert!(sealed.is_err() && came.is_empty());
                    continue;
                }
                sealed.unwrap();
                // The position of the change, relative to the reader.
                let mut changed = (step & 4 != 0).then(|| script.short() % came.len());
                if let Some(at) = changed {
                    came[at] ^= script.byte() | 1;
                }
                let mut told = Vec::new();
                let mut place = vec![0; if step & 8 != 0 { 1 << 14 } else { 0 }];
                let failed = loop {
                    match reader.open_data(&mut came, &mut place) {
                        Ok(Some(data)) => {
                            assert!(
                                changed.is_none_or(|at| at >= data.consumed),
                                "changed, and it was taken"
                            );
                            changed = changed.map(|at| at - data.consumed);
                            assert!(kind.is_some() && content_type == ContentType::APPLICATION_DATA);
                            told.extend_from_slice(&place[..data.length]);
                            place.fill(0);
                            came.drain(..data.consumed);
                            continue;
                        }
                        Ok(None) => {}
                        // The error is final, and checked below.
                        Err(_) => {
                            assert!(place.iter().all(|byte| *byte == 0), "rejected plaintext must be erased");
                        }
                    }
                    match reader.open(&mut came) {
                        Ok(Opened::Ignored { .. }) => unreachable!("nothing is ignored"),
                        Ok(Opened::Record(record)) => {
                            if kind.is_some() {
                                changed = changed.map(|at| {
                                    at.checked_sub(record.consumed).expect("changed, and it was taken")
                                });
                            }
                            assert!(changed.is_some() || record.content_type == content_type);
                            told.extend_from_slice(&came[record.payload]);
                            came.drain(..record.consumed);
                        }
                        Ok(Opened::Incomplete { needed }) => {
                            assert!(needed > came.len());
                            break false;
                        }
                        Err(error) => {
                            let borne = matches!(
                                error,
                                RecordError::TooManyEmptyRecords { .. } | RecordError::TooManyWarnings { .. }
                            );
                            assert!(changed.is_some() || borne, "{error}");
                            assert_eq!(reader.open(&mut came), Err(error), "an error is final");
                            break true;
                        }
                    }
                };
                if failed || changed.is_some() {
                    assert!(kind.is_none() || text.starts_with(&told));
                    return;
                }
                assert!(came.is_empty() && told == text);
            }
        }
    }
}

/// Opens the available records. Returns `false` after a failure.
fn read_all(reader: &mut RecordReader, came: &mut Vec<u8>, protected: bool) -> bool {
    loop {
        match reader.open(came) {
            Ok(Opened::Ignored { .. }) => unreachable!("nothing is ignored"),
            Ok(Opened::Record(record)) => {
                assert!(!protected, "it was never sealed");
                assert!(record.payload.end <= record.consumed && record.consumed <= came.len());
                assert!((20..=23).contains(&record.content_type.0));
                came.drain(..record.consumed);
            }
            Ok(Opened::Incomplete { needed }) => {
                assert!(needed > came.len() && needed <= 5 + (1 << 14) + 2048);
                return true;
            }
            Err(error) => {
                assert_eq!(reader.open(came), Err(error), "an error is final");
                assert!(!error.to_string().is_empty());
                return false;
            }
        }
    }
}

/// Records of every length around a block, with each protection, unchanged and changed; and unprotected
/// records.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for kind in 0..=kinds().len() {
        let kind = u8::try_from(kind).unwrap();
        for limit in [0, 64] {
            let mut seed = vec![kind, limit];
            for length in [0, 1, 15, 16, 17, 100] {
                for step in [0x83, 0x8b] {
                    seed.extend([step, 0, length]);
                    seed.extend(vec![length; length.into()]);
                }
            }
            for step in [0x87, 0x8f] {
                seeds.push([&seed[..], &[step, 0, 2, 7, 7, 0, 9, 1]].concat());
            }
            seeds.push(seed);
            seeds.push([&[kind, limit, 9, 22, 3, 3, 0, 4, 14, 0, 0, 0], [0x82, 0, 1, 1].as_slice()].concat());
        }
    }
    for stream in crate::streams::all_streams() {
        let mut seed = vec![0xff, 0];
        for piece in stream[..stream.len().min(3000)].chunks(0x7f) {
            seed.push(u8::try_from(piece.len()).unwrap());
            seed.extend_from_slice(piece);
        }
        seeds.push(seed);
    }
    seeds
}
