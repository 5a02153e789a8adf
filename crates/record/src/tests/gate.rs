//! The gate for application data.

use crate::{
    error::RecordError,
    limits::RecordLimits,
    reader::{Opened, RecordReader},
    testing::{AES_128_GCM, change, clear_pair, kinds, pair, provider},
    writer::RecordWriter,
};
use alloc::vec::Vec;
use cairn_schedule::{Direction, Gate};
use cairn_wire::{AlertDescription, ContentType};

const DATA: ContentType = ContentType::APPLICATION_DATA;

fn limits() -> RecordLimits {
    RecordLimits::default()
}

/// Seals application data in all three ways, which must have the same result. Returns a record.
#[track_caller]
fn seal(writer: &mut RecordWriter) -> Result<Vec<u8>, RecordError> {
    let mut record = [0; 300];
    let length = writer.payload_offset() + 4 + writer.suffix_len();
    let mut out = Vec::new();
    let sealed = writer.seal(DATA, b"data", &mut out);
    assert_eq!(writer.seal_slice(DATA, b"data", &mut [0; 300]).map(|_| ()), sealed);
    assert_eq!(writer.seal_in_place(DATA, &mut record[..length]).map(|_| ()), sealed);
    assert_eq!(sealed.is_ok(), !out.is_empty());
    sealed.map(|()| out)
}

#[test]
fn application_data_is_not_sealed_before_the_gate_is_open() {
    let (mut writer, _) = clear_pair(limits());
    assert_eq!(writer.gate(), Gate::Closed);
    assert_eq!(seal(&mut writer), Err(RecordError::GateClosed));
    for kind in kinds() {
        let (mut writer, mut reader) = clear_pair(limits());
        let (writing, reading) = (change(kind, 1, Direction::Write), change(kind, 1, Direction::Read));
        writer.change_keys(&provider(), &writing).unwrap();
        assert_eq!(seal(&mut writer), Err(RecordError::GateClosed), "keys alone do not permit it");
        assert_eq!(writer.sequence_number(), 0, "nothing was sealed");
        // A refusal is not final: other records can be sealed.
        let mut finished = Vec::new();
        writer.seal(ContentType::HANDSHAKE, b"Finished", &mut finished).unwrap();
        let open = Gate::Open { epoch: writing.epoch };
        writer.set_gate(open).unwrap();
        let mut data = seal(&mut writer).unwrap();

        reader.change_keys(&provider(), &reading).unwrap();
        assert!(matches!(reader.open(&mut finished), Ok(Opened::Record(_))));
        reader.set_gate(open).unwrap();
        assert_eq!((reader.gate(), writer.gate()), (open, open));
        assert!(matches!(reader.open(&mut data), Ok(Opened::Record(_))));
        writer.set_gate(Gate::Closed).unwrap();
        assert_eq!(seal(&mut writer), Err(RecordError::GateClosed));
    }
    assert_eq!(RecordError::GateClosed.alert(), None, "misuse of the caller");
}

#[test]
fn application_data_before_the_gate_is_open_is_unexpected() {
    let error = RecordError::UnexpectedApplicationData;
    assert_eq!(error.alert(), Some(AlertDescription::UNEXPECTED_MESSAGE));
    // Without keys, empty or not.
    for mut record in [&[23, 3, 3, 0, 0][..], &[23, 3, 3, 0, 1, 7]].map(<[u8]>::to_vec) {
        let mut reader = RecordReader::new(limits());
        assert_eq!(reader.open_data(&mut record, &mut [0; 300]), Ok(None), "left to open");
        assert_eq!(reader.open(&mut record), Err(error));
        assert_eq!(reader.open(&mut [22, 3, 3, 0, 1, 0]), Err(error), "final");
    }
    for kind in kinds() {
        let (mut writer, mut reader) = pair(Some(kind), limits());
        let (mut first, mut second) = (seal(&mut writer).unwrap(), seal(&mut writer).unwrap());
        reader.set_gate(Gate::Closed).unwrap();
        assert_eq!(reader.open_data(&mut first, &mut [0; 300]), Ok(None), "left to open");
        // A record that is not authentic is reported as such, so nothing is learnt about the gate.
        let last = second.len() - 1;
        second[last] ^= 1;
        let (_, mut other) = pair(Some(kind), limits());
        other.set_gate(Gate::Closed).unwrap();
        assert_eq!(other.open(&mut second), Err(RecordError::BadRecordMac));
        assert_eq!(reader.open(&mut first), Err(error));
    }
}

#[test]
fn gate_opens_only_for_the_keys_in_use() {
    let first = change(AES_128_GCM, 1, Direction::Write).epoch;
    let second = change(AES_128_GCM, 2, Direction::Write).epoch;
    let open = Gate::Open { epoch: first };
    let (mut writer, mut reader) = clear_pair(limits());
    assert_eq!(writer.set_gate(open), Err(RecordError::NoKeys));
    assert_eq!(reader.set_gate(open), Err(RecordError::NoKeys));
    // It is final: the order of keys and gates is broken.
    assert_eq!(writer.seal(ContentType::ALERT, &[1, 0], &mut Vec::new()), Err(RecordError::NoKeys));
    assert_eq!(reader.open(&mut [22, 3, 3, 0, 1, 0]), Err(RecordError::NoKeys));
    // Not even for the epoch before the first keys.
    let (mut writer, mut reader) = clear_pair(limits());
    let unprotected = Gate::Open { epoch: writer.epoch() };
    assert_eq!(writer.set_gate(unprotected), Err(RecordError::NoKeys));
    assert_eq!(reader.set_gate(unprotected), Err(RecordError::NoKeys));

    let (mut writer, mut reader) = pair(Some(AES_128_GCM), limits());
    let error = RecordError::EpochNotCurrent { current: first, got: second };
    assert_eq!(writer.set_gate(Gate::Open { epoch: second }), Err(error));
    assert_eq!(reader.set_gate(Gate::Open { epoch: second }), Err(error));
    assert_eq!(error.alert(), None);
}

#[test]
fn new_keys_close_the_gate() {
    let (mut writer, mut reader) = pair(Some(AES_128_GCM), limits());
    assert!(seal(&mut writer).is_ok() && reader.gate().is_open());
    writer.change_keys(&provider(), &change(AES_128_GCM, 2, Direction::Write)).unwrap();
    reader.change_keys(&provider(), &change(AES_128_GCM, 2, Direction::Read)).unwrap();
    assert_eq!((writer.gate(), reader.gate()), (Gate::Closed, Gate::Closed));
    assert_eq!(seal(&mut writer), Err(RecordError::GateClosed));
}
