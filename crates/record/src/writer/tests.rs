use super::*;
use crate::{
    MAX_PLAINTEXT_LEN, Opened, REKEY_SOON, RecordReader,
    testing::{Gone, SUITES, Tired, change, clear_pair, pair, provider, with_aeads},
};
use alloc::{sync::Arc, vec};
use cairn_crypto::CryptoError;
use cairn_wire::CipherSuite;

const DATA: ContentType = ContentType::APPLICATION_DATA;
const ALL: [Option<CipherSuite>; 4] = [None, Some(SUITES[0]), Some(SUITES[1]), Some(SUITES[2])];

fn limits() -> RecordLimits {
    RecordLimits::default()
}

/// All that a reader makes of these records: their payloads' lengths, and the payloads joined.
fn read_back(reader: &mut RecordReader, wire: &mut [u8]) -> (Vec<usize>, Vec<u8>) {
    let (mut lengths, mut joined, mut rest) = (Vec::new(), Vec::new(), wire);
    while !rest.is_empty() {
        let Opened::Record(record) = reader.open(rest).unwrap() else { panic!("incomplete") };
        lengths.push(record.payload.len());
        joined.extend_from_slice(&rest[record.payload]);
        rest = &mut rest[record.consumed..];
    }
    (lengths, joined)
}

#[test]
fn a_first_flight_says_tls_1_0_until_told_otherwise() {
    let mut writer = RecordWriter::new(limits());
    let mut out = vec![0xaa];
    writer.seal(ContentType::HANDSHAKE, &[1, 2, 3], &mut out).unwrap();
    writer.set_version(ProtocolVersion::TLS_1_2);
    writer.seal(ContentType::CHANGE_CIPHER_SPEC, &[1], &mut out).unwrap();
    assert_eq!(out, [0xaa, 22, 3, 1, 0, 3, 1, 2, 3, 20, 3, 3, 0, 1, 1]);
}

#[test]
fn payloads_are_cut_at_2_to_the_14() {
    const FULL: usize = 1 << 14;
    for id in ALL {
        for (length, fragments) in [
            (0, vec![0]),
            (1, vec![1]),
            (FULL - 1, vec![FULL - 1]),
            (FULL, vec![FULL]),
            (FULL + 1, vec![FULL, 1]),
            (3 * FULL, vec![FULL; 3]),
        ] {
            let (mut writer, mut reader) = pair(id, limits());
            let payload: Vec<u8> = (0..=255).cycle().take(length).collect();
            let mut wire = Vec::new();
            writer.seal(DATA, &payload, &mut wire).unwrap();
            assert_eq!(read_back(&mut reader, &mut wire), (fragments, payload));
        }
    }
}

#[test]
fn a_smaller_fragment_is_kept_to() {
    for id in ALL {
        let (mut writer, mut reader) = pair(id, limits());
        writer.set_max_plaintext(512);
        reader.set_max_plaintext(512);
        assert_eq!(writer.max_plaintext(), 512);
        let mut wire = Vec::new();
        writer.seal(ContentType::HANDSHAKE, &[5; 1025], &mut wire).unwrap();
        assert_eq!(read_back(&mut reader, &mut wire).0, [512, 512, 1]);
    }
    let (mut writer, _) = clear_pair(limits());
    writer.set_max_plaintext(0);
    assert_eq!(writer.max_plaintext(), 1);
    writer.set_max_plaintext(u16::MAX);
    assert_eq!(writer.max_plaintext(), usize::from(MAX_PLAINTEXT_LEN));
}

#[test]
fn room_is_made_once() {
    for id in ALL {
        let (mut writer, _) = pair(id, limits());
        let overhead = HEADER_LEN + writer.prefix_len() + writer.suffix_len();
        let total = 3 * overhead + (2 << 14) + 1;
        let mut out = Vec::with_capacity(total);
        let place = out.as_ptr();
        writer.seal(DATA, &vec![0; (2 << 14) + 1], &mut out).unwrap();
        assert_eq!((out.len(), out.capacity(), out.as_ptr()), (total, total, place));
    }
}

#[test]
fn three_ways_lead_to_the_same_bytes() {
    for id in ALL {
        let payload: Vec<u8> = (0..200).collect();
        let (mut writer, _) = pair(id, limits());
        let mut out = Vec::new();
        writer.seal(DATA, &payload, &mut out).unwrap();

        let (mut writer, _) = pair(id, limits());
        let mut slice = vec![0xee; out.len() + 3];
        let sealed = writer.seal_slice(DATA, &payload, &mut slice).unwrap();
        assert_eq!(sealed, Sealed { read: payload.len(), written: out.len() });
        assert_eq!(slice[..out.len()], out);
        assert_eq!(slice[out.len()..], [0xee; 3]);

        let (mut writer, _) = pair(id, limits());
        assert_eq!(writer.payload_offset(), HEADER_LEN + writer.prefix_len());
        let mut record = vec![0xee; writer.payload_offset()];
        record.extend_from_slice(&payload);
        record.resize(record.len() + writer.suffix_len(), 0xee);
        writer.seal_reserved(DATA, &mut record).unwrap();
        assert_eq!(record, out);
    }
}

#[test]
fn a_slice_takes_whole_records_and_the_rest_another_time() {
    for id in ALL {
        let (mut writer, mut reader) = pair(id, limits());
        writer.set_max_plaintext(100);
        let each = HEADER_LEN + writer.prefix_len() + writer.suffix_len();
        let payload: Vec<u8> = (0..250).collect();
        let mut out = vec![0; 2 * (each + 100) + each + 49];
        let first = writer.seal_slice(DATA, &payload, &mut out).unwrap();
        assert_eq!(first, Sealed { read: 200, written: 2 * (each + 100) });
        let mut wire = out[..first.written].to_vec();
        let second = writer.seal_slice(DATA, &payload[200..], &mut out).unwrap();
        assert_eq!(second, Sealed { read: 50, written: each + 50 });
        wire.extend_from_slice(&out[..second.written]);
        assert_eq!(read_back(&mut reader, &mut wire), (vec![100, 100, 50], payload));
    }
}

#[test]
fn a_small_slice_still_makes_progress_and_a_tiny_one_is_refused() {
    for id in ALL {
        let (mut writer, mut reader) = pair(id, limits());
        let each = HEADER_LEN + writer.prefix_len() + writer.suffix_len();
        let mut out = vec![0; each + 3];
        let sealed = writer.seal_slice(DATA, b"stone upon stone", &mut out).unwrap();
        assert_eq!(sealed, Sealed { read: 3, written: each + 3 });
        assert_eq!(read_back(&mut reader, &mut out).1, b"sto");

        for got in 0..=each {
            let error = RecordError::BufferTooSmall { needed: each + 1, got };
            assert_eq!(writer.seal_slice(DATA, b"text", &mut out[..got]), Err(error));
        }
        // An alert is not cut.
        let error = RecordError::BufferTooSmall { needed: each + 2, got: each + 1 };
        assert_eq!(writer.seal_slice(ContentType::ALERT, &[1, 0], &mut out[..=each]), Err(error));
        // No content needs no room but its own.
        let sealed = writer.seal_slice(DATA, b"", &mut out[..each]).unwrap();
        assert_eq!(sealed, Sealed { read: 0, written: each });
        assert_eq!(writer.sequence_number(), 2);
    }
}

#[test]
fn a_reserved_record_is_checked() {
    for id in ALL {
        let (mut writer, _) = pair(id, limits());
        writer.set_max_plaintext(100);
        let each = writer.payload_offset() + writer.suffix_len();
        for got in 0..each {
            let error = RecordError::BufferTooSmall { needed: each, got };
            assert_eq!(writer.seal_reserved(DATA, &mut vec![0; got]), Err(error));
        }
        let error = RecordError::PayloadTooLong { length: 101, max: 100 };
        assert_eq!(writer.seal_reserved(DATA, &mut vec![0; each + 101]), Err(error));
        let error = RecordError::EmptyPayload { content_type: ContentType::HANDSHAKE };
        assert_eq!(writer.seal_reserved(ContentType::HANDSHAKE, &mut vec![0; each]), Err(error));
        assert_eq!(writer.seal_reserved(DATA, &mut vec![0; each]), Ok(()));
        assert_eq!(writer.seal_reserved(DATA, &mut vec![0; each + 100]), Ok(()));
        assert_eq!(writer.sequence_number(), 2, "what is refused takes no number");
    }
}

#[test]
fn nothing_but_application_data_is_sealed_empty() {
    let (mut writer, _) = clear_pair(limits());
    for content_type in [ContentType::CHANGE_CIPHER_SPEC, ContentType::ALERT, ContentType::HANDSHAKE] {
        let error = RecordError::EmptyPayload { content_type };
        assert_eq!(writer.seal(content_type, &[], &mut Vec::new()), Err(error));
        assert_eq!(writer.seal_slice(content_type, &[], &mut [0; 50]), Err(error));
        assert_eq!(error.alert(), None);
    }
    assert_eq!(writer.seal(DATA, &[], &mut Vec::new()), Ok(()));
}

fn tired(id: CipherSuite, limit: u64) -> RecordWriter {
    let provider = with_aeads(|aead| Arc::new(Tired(aead, limit)));
    let (mut writer, _) = clear_pair(limits());
    writer.change_keys(&provider, &change(id, 1, Direction::Write)).unwrap();
    writer
}

#[test]
fn a_tired_key_says_so_in_time_and_then_seals_alerts_only() {
    for id in SUITES {
        let limit = REKEY_SOON + 10;
        let mut writer = tired(id, limit);
        let (mut out, mut buffer) = (Vec::new(), [0; 200]);
        assert_eq!((writer.usage(), writer.records_left()), (Usage::Fine, REKEY_SOON + 2));
        for _ in 0..3 {
            writer.seal(DATA, b"x", &mut out).unwrap();
        }
        assert_eq!((writer.usage(), writer.records_left()), (Usage::RekeySoon, REKEY_SOON - 1));

        writer.budget.set_sequence_number(REKEY_SOON);
        let before = out.len();
        let error = RecordError::KeyExhausted { limit };
        // Three records are wanted, two are left: all or none, but a slice takes the two.
        writer.set_max_plaintext(10);
        assert_eq!(writer.seal(DATA, &[0; 21], &mut out), Err(error));
        assert_eq!(out.len(), before);
        assert_eq!(writer.seal_slice(DATA, &[0; 21], &mut buffer).unwrap().read, 20);
        assert_eq!((writer.usage(), writer.records_left()), (Usage::Exhausted, 0));

        for content_type in [DATA, ContentType::HANDSHAKE, ContentType::CHANGE_CIPHER_SPEC] {
            assert_eq!(writer.seal(content_type, b"x", &mut out), Err(error));
            assert_eq!(writer.seal_slice(content_type, b"x", &mut buffer), Err(error));
            assert_eq!(writer.seal_reserved(content_type, &mut buffer[..30]), Err(error));
        }
        assert_eq!(error.alert(), None, "it asks for an orderly close");
        for _ in 0..8 {
            writer.seal(ContentType::ALERT, &[1, 0], &mut out).unwrap();
        }
        assert_eq!(writer.seal(ContentType::ALERT, &[1, 0], &mut out), Err(error));
        assert_eq!(writer.sequence_number(), limit);

        // New keys are fresh.
        writer.change_keys(&provider(), &change(id, 2, Direction::Write)).unwrap();
        assert_eq!((writer.usage(), writer.sequence_number()), (Usage::Fine, 0));
        writer.seal(DATA, b"x", &mut out).unwrap();
    }
}

#[test]
fn the_limits_are_those_of_the_cipher() {
    let (gcm, _) = pair(Some(SUITES[0]), limits());
    assert_eq!(gcm.records_left(), 23_726_566 - 8);
    let (chacha, _) = pair(Some(SUITES[2]), limits());
    assert_eq!(chacha.records_left(), u64::MAX - 8);
}

#[test]
fn the_sequence_number_never_wraps() {
    let (mut writer, _) = pair(Some(SUITES[2]), limits());
    let mut out = Vec::new();
    writer.budget.set_sequence_number(u64::MAX - 1);
    assert!(writer.seal(DATA, b"x", &mut out).is_err());
    writer.seal(ContentType::ALERT, &[1, 0], &mut out).unwrap();
    let error = RecordError::KeyExhausted { limit: u64::MAX };
    assert_eq!(writer.seal(ContentType::ALERT, &[1, 0], &mut out), Err(error));
}

#[test]
fn a_module_that_fails_leaves_no_text_behind() {
    for id in SUITES {
        let gone = with_aeads(|aead| Arc::new(Gone(aead)));
        let error = RecordError::Crypto(CryptoError::Failed);
        let writer = || {
            let (mut writer, _) = clear_pair(limits());
            writer.change_keys(&gone, &change(id, 1, Direction::Write)).unwrap();
            writer
        };
        let mut out = vec![1, 2, 3];
        let mut failed = writer();
        assert_eq!(failed.seal(DATA, b"secret", &mut out), Err(error));
        assert_eq!(out, [1, 2, 3]);
        assert_eq!(failed.seal(ContentType::ALERT, &[1, 0], &mut out), Err(error), "poisoned");
        assert_eq!(failed.change_keys(&provider(), &change(id, 2, Direction::Write)), Err(error), "poisoned");

        let mut slice = [0; 100];
        assert_eq!(writer().seal_slice(DATA, b"secret", &mut slice), Err(error));
        assert_eq!(slice, [0; 100]);
        let mut record = [7; 100];
        assert_eq!(writer().seal_reserved(DATA, &mut record), Err(error));
        assert_eq!(record, [0; 100]);
    }
}

#[test]
fn keys_that_do_not_belong_here_end_the_writer() {
    let id = SUITES[0];
    let refused = |change: &KeyChange, error: RecordError| {
        let (mut writer, _) = pair(Some(id), limits());
        assert_eq!(writer.change_keys(&provider(), change), Err(error));
        assert_eq!(writer.seal(DATA, b"not under old keys", &mut Vec::new()), Err(error));
        assert_eq!(writer.seal_slice(DATA, b"x", &mut [0; 100]), Err(error));
        assert_eq!(writer.seal_reserved(DATA, &mut [0; 100]), Err(error));
    };
    let read = change(id, 2, Direction::Read);
    refused(&read, RecordError::WrongDirection { got: Direction::Read });
    let again = change(id, 1, Direction::Write);
    refused(&again, RecordError::EpochNotAfter { current: Epoch(1), got: Epoch(1) });
}
