use super::*;
use crate::{
    limits::MAX_PLAINTEXT_LEN,
    reader::{Opened, RecordReader},
    testing::{
        AEADS, AES_128_GCM, CHACHA20_POLY1305, ENCRYPT_THEN_MAC, Failing, FixedRandom, Kind,
        MAC_THEN_ENCRYPT, NearLimit, NoRandom, change, clear_pair, content, kinds_or_none, pair, pair_by,
        provider, with_aeads, with_random, writer_by,
    },
    usage::{REKEY_SOON, Usage},
};
use alloc::{sync::Arc, vec};
use cairn_crypto::CryptoError;
use cairn_schedule::{Direction, KeyChange, Protection};

const DATA: ContentType = ContentType::APPLICATION_DATA;

fn limits() -> RecordLimits {
    RecordLimits::default()
}

/// Reads all records. Returns the lengths of their payloads, and the payloads concatenated.
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
fn first_flight_has_version_tls_1_0() {
    let mut writer = RecordWriter::new(limits());
    let mut out = vec![0xaa];
    writer.seal(ContentType::HANDSHAKE, &[1, 2, 3], &mut out).unwrap();
    writer.set_version(ProtocolVersion::TLS_1_2);
    writer.seal(ContentType::CHANGE_CIPHER_SPEC, &[1], &mut out).unwrap();
    assert_eq!(out, [0xaa, 22, 3, 1, 0, 3, 1, 2, 3, 20, 3, 3, 0, 1, 1]);
}

#[test]
fn payloads_are_fragmented_at_2_to_the_14() {
    const FULL: usize = 1 << 14;
    for id in kinds_or_none() {
        for (length, fragments) in [
            (0, vec![0]),
            (1, vec![1]),
            (FULL - 1, vec![FULL - 1]),
            (FULL, vec![FULL]),
            (FULL + 1, vec![FULL, 1]),
            (3 * FULL, vec![FULL; 3]),
        ] {
            if length == 0 && id.is_none() {
                continue;
            }
            let (mut writer, mut reader) = pair(id, limits());
            let payload: Vec<u8> = (0..=255).cycle().take(length).collect();
            let mut wire = Vec::new();
            writer.seal(content(id), &payload, &mut wire).unwrap();
            assert_eq!(read_back(&mut reader, &mut wire), (fragments, payload));
        }
    }
}

#[test]
fn smaller_plaintext_limit_is_respected() {
    for id in kinds_or_none() {
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
fn output_is_allocated_once() {
    for id in kinds_or_none() {
        let (mut writer, _) = pair(id, limits());
        let total = 2 * writer.record_len(1 << 14) + writer.record_len(1);
        let mut out = Vec::with_capacity(total);
        let place = out.as_ptr();
        writer.seal(content(id), &vec![0; (2 << 14) + 1], &mut out).unwrap();
        assert_eq!((out.len(), out.capacity(), out.as_ptr()), (total, total, place));
    }
}

#[test]
fn all_three_ways_of_sealing_give_the_same_bytes() {
    let provider = with_random(FixedRandom);
    for id in kinds_or_none() {
        for length in [0, 1, 40, 200] {
            if length == 0 && id.is_none() {
                continue;
            }
            let data = content(id);
            let payload: Vec<u8> = (0..length).collect();
            let (mut writer, _) = pair_by(&provider, id, limits());
            let mut out = Vec::new();
            writer.seal(data, &payload, &mut out).unwrap();
            assert_eq!(out.len(), writer.record_len(payload.len()));

            let (mut writer, _) = pair_by(&provider, id, limits());
            let mut slice = vec![0xee; out.len() + 3];
            let sealed = writer.seal_slice(data, &payload, &mut slice).unwrap();
            assert_eq!(sealed, Sealed { read: payload.len(), written: out.len() });
            assert_eq!(slice[..out.len()], out);
            assert_eq!(slice[out.len()..], [0xee; 3]);

            let (mut writer, _) = pair_by(&provider, id, limits());
            let mut record = laid_out(&writer, &payload);
            assert_eq!(writer.seal_in_place(data, &mut record), Ok(out.len()));
            assert_eq!(record[..out.len()], out);
            assert!(record[out.len()..].iter().all(|byte| *byte == 0xee), "unmodified");
        }
    }
}

/// A payload with room before and after it.
fn laid_out(writer: &RecordWriter, payload: &[u8]) -> Vec<u8> {
    assert_eq!(writer.payload_offset(), HEADER_LEN + writer.prefix_len());
    let mut record = vec![0xee; writer.payload_offset()];
    record.extend_from_slice(payload);
    record.resize(record.len() + writer.suffix_len(), 0xee);
    record
}

#[test]
fn sealed_record_has_the_announced_length() {
    for id in kinds_or_none() {
        let (mut writer, _) = pair(id, limits());
        let mut shorter = 0;
        for length in 1..=16 {
            let mut record = laid_out(&writer, &vec![7; length]);
            let sealed = writer.seal_in_place(content(id), &mut record).unwrap();
            assert_eq!(sealed, writer.record_len(length));
            shorter += usize::from(sealed < record.len());
        }
        let padded = id.is_some_and(|id| MAC_THEN_ENCRYPT.contains(&id) || ENCRYPT_THEN_MAC.contains(&id));
        assert_eq!(shorter > 0, padded);
    }
}

#[test]
fn seal_slice_writes_whole_records_and_leaves_the_rest() {
    for id in kinds_or_none() {
        let (mut writer, mut reader) = pair(id, limits());
        writer.set_max_plaintext(100);
        let (full, rest) = (writer.record_len(100), writer.record_len(50));
        let payload: Vec<u8> = (0..250).collect();
        let mut out = vec![0; 2 * full + rest - 1];
        let first = writer.seal_slice(content(id), &payload, &mut out).unwrap();
        assert_eq!(first, Sealed { read: 200, written: 2 * full });
        let mut wire = out[..first.written].to_vec();
        let second = writer.seal_slice(content(id), &payload[200..], &mut out).unwrap();
        assert_eq!(second, Sealed { read: 50, written: rest });
        wire.extend_from_slice(&out[..second.written]);
        assert_eq!(read_back(&mut reader, &mut wire), (vec![100, 100, 50], payload));
    }
}

#[test]
fn seal_slice_splits_to_fit_and_rejects_tiny_buffers() {
    const TEXT: &[u8] = b"stone upon stone, and mortar between each two of them";
    for id in kinds_or_none() {
        let (mut writer, mut reader) = pair(id, limits());
        let room = writer.record_len(3);
        // With padding, a few more bytes fit.
        let fits = (3..).take_while(|length| writer.record_len(*length) == room).last().unwrap();
        let mut out = vec![0; room];
        let sealed = writer.seal_slice(content(id), TEXT, &mut out).unwrap();
        assert_eq!(sealed, Sealed { read: fits, written: room });
        assert_eq!(read_back(&mut reader, &mut out).1, TEXT[..fits]);

        let needed = writer.record_len(1);
        for got in 0..needed {
            let error = RecordError::BufferTooSmall { needed, got };
            assert_eq!(writer.seal_slice(content(id), b"text", &mut out[..got]), Err(error));
        }
        // An alert is not split.
        let needed = writer.record_len(2);
        let error = RecordError::BufferTooSmall { needed, got: needed - 1 };
        assert_eq!(writer.seal_slice(ContentType::ALERT, &[1, 0], &mut out[..needed - 1]), Err(error));
        // An empty payload needs only the room of an empty record.
        if id.is_some() {
            let empty = writer.record_len(0);
            let sealed = writer.seal_slice(DATA, b"", &mut out[..empty]).unwrap();
            assert_eq!(sealed, Sealed { read: 0, written: empty });
            assert_eq!(writer.sequence_number(), 2);
        }
    }
}

#[test]
fn seal_in_place_checks_its_buffer() {
    for id in kinds_or_none() {
        let (mut writer, _) = pair(id, limits());
        writer.set_max_plaintext(100);
        let each = writer.payload_offset() + writer.suffix_len();
        for got in 0..each {
            let error = RecordError::BufferTooSmall { needed: each, got };
            assert_eq!(writer.seal_in_place(content(id), &mut vec![0; got]), Err(error));
        }
        let error = RecordError::PayloadTooLong { length: 101, max: 100 };
        assert_eq!(writer.seal_in_place(content(id), &mut vec![0; each + 101]), Err(error));
        let error = RecordError::EmptyPayload { content_type: ContentType::HANDSHAKE };
        assert_eq!(writer.seal_in_place(ContentType::HANDSHAKE, &mut vec![0; each]), Err(error));
        for length in [1, 100] {
            let sealed = writer.seal_in_place(content(id), &mut vec![0; each + length]);
            assert_eq!(sealed, Ok(writer.record_len(length)));
        }
        assert_eq!(writer.sequence_number(), 2, "a failed call uses no sequence number");
    }
}

#[test]
fn only_application_data_is_sealed_empty() {
    let (mut writer, _) = pair(Some(AES_128_GCM), limits());
    for content_type in [ContentType::CHANGE_CIPHER_SPEC, ContentType::ALERT, ContentType::HANDSHAKE] {
        let error = RecordError::EmptyPayload { content_type };
        assert_eq!(writer.seal(content_type, &[], &mut Vec::new()), Err(error));
        assert_eq!(writer.seal_slice(content_type, &[], &mut [0; 50]), Err(error));
        assert_eq!(error.alert(), None);
    }
    assert_eq!(writer.seal(DATA, &[], &mut Vec::new()), Ok(()));
}

fn near_limit(id: Kind, limit: u64) -> RecordWriter {
    let provider = with_aeads(|aead| Arc::new(NearLimit(aead, limit)));
    writer_by(&provider, id, limits())
}

#[test]
fn exhausted_key_warns_in_time_and_then_seals_only_alerts() {
    for id in AEADS {
        let limit = REKEY_SOON + 10;
        let mut writer = near_limit(id, limit);
        let (mut out, mut buffer) = (Vec::new(), [0; 200]);
        assert_eq!((writer.usage(), writer.records_left()), (Usage::Fine, REKEY_SOON + 2));
        for _ in 0..3 {
            writer.seal(DATA, b"x", &mut out).unwrap();
        }
        assert_eq!((writer.usage(), writer.records_left()), (Usage::RekeySoon, REKEY_SOON - 1));

        writer.budget.set_sequence_number(REKEY_SOON);
        let before = out.len();
        let error = RecordError::KeyExhausted { limit };
        // Three records are needed and two remain. `seal` writes all or none, `seal_slice` writes two.
        writer.set_max_plaintext(10);
        assert_eq!(writer.seal(DATA, &[0; 21], &mut out), Err(error));
        assert_eq!(out.len(), before);
        assert_eq!(writer.seal_slice(DATA, &[0; 21], &mut buffer).unwrap().read, 20);
        assert_eq!((writer.usage(), writer.records_left()), (Usage::Exhausted, 0));

        for content_type in [DATA, ContentType::HANDSHAKE, ContentType::CHANGE_CIPHER_SPEC] {
            assert_eq!(writer.seal(content_type, b"x", &mut out), Err(error));
            assert_eq!(writer.seal_slice(content_type, b"x", &mut buffer), Err(error));
            assert_eq!(writer.seal_in_place(content_type, &mut buffer[..30]), Err(error));
        }
        assert_eq!(error.alert(), None, "the connection is closed with close_notify");
        for _ in 0..8 {
            writer.seal(ContentType::ALERT, &[1, 0], &mut out).unwrap();
        }
        assert_eq!(writer.seal(ContentType::ALERT, &[1, 0], &mut out), Err(error));
        assert_eq!(writer.sequence_number(), limit);

        // The count starts again with new keys.
        writer.change_keys(&provider(), &change(id, 2, Direction::Write)).unwrap();
        assert_eq!((writer.usage(), writer.sequence_number()), (Usage::Fine, 0));
        writer.seal(ContentType::HANDSHAKE, b"x", &mut out).unwrap();
    }
}

#[test]
fn usage_limits_are_those_of_the_cipher() {
    let (gcm, _) = pair(Some(AES_128_GCM), limits());
    assert_eq!(gcm.records_left(), 23_726_566 - 8);
    let (chacha, _) = pair(Some(CHACHA20_POLY1305), limits());
    assert_eq!(chacha.records_left(), u64::MAX - 8);
}

/// The birthday bound: full records under one key, the number of blocks, and the probability that two are
/// equal.
#[test]
fn usage_limits_of_cbc_follow_from_the_block_length() {
    for id in MAC_THEN_ENCRYPT.into_iter().chain(ENCRYPT_THEN_MAC) {
        let Protection::Cbc { cipher, .. } = id.suite.protection else { panic!("{id:?}") };
        let (writer, _) = pair(Some(id), limits());
        let records = u128::from(writer.records_left() + 8);
        let block = cipher.block_len();
        let blocks = records * u128::try_from(writer.record_len(1 << 14).div_ceil(block)).unwrap();
        if block == 8 {
            let margin = (1_u128 << 65) / (blocks * blocks);
            assert!((1 << 10..=1 << 11).contains(&margin), "about 2^-11: {margin}");
        } else {
            assert!(blocks * blocks <= 1 << (129 - 57), "2^-57 at most");
        }
        assert_eq!(writer.usage(), if block == 8 { Usage::RekeySoon } else { Usage::Fine });
    }
}

#[test]
fn no_record_is_sealed_without_randomness() {
    let error = RecordError::Crypto(CryptoError::RandomFailed);
    for id in MAC_THEN_ENCRYPT.into_iter().chain(ENCRYPT_THEN_MAC) {
        let no_random = with_random(NoRandom);
        let mut out = vec![1];
        assert_eq!(pair_by(&no_random, Some(id), limits()).0.seal(DATA, b"secret", &mut out), Err(error));
        assert_eq!(out, [1]);
        let (mut writer, _) = pair_by(&no_random, Some(id), limits());
        let mut record = laid_out(&writer, b"secret");
        assert_eq!(writer.seal_in_place(DATA, &mut record), Err(error));
        assert!(record.iter().all(|byte| *byte == 0));
    }
}

#[test]
fn every_record_has_a_fresh_iv() {
    for id in MAC_THEN_ENCRYPT.into_iter().chain(ENCRYPT_THEN_MAC) {
        let (mut writer, _) = pair(Some(id), limits());
        let mut seen = Vec::new();
        for _ in 0..50 {
            let mut record = laid_out(&writer, b"the same");
            writer.seal_in_place(DATA, &mut record).unwrap();
            let iv = record[HEADER_LEN..writer.payload_offset()].to_vec();
            assert!(!seen.contains(&iv));
            seen.push(iv);
        }
    }
}

#[test]
fn the_sequence_number_never_wraps() {
    let (mut writer, _) = pair(Some(CHACHA20_POLY1305), limits());
    let mut out = Vec::new();
    writer.budget.set_sequence_number(u64::MAX - 1);
    assert!(writer.seal(DATA, b"x", &mut out).is_err());
    writer.seal(ContentType::ALERT, &[1, 0], &mut out).unwrap();
    let error = RecordError::KeyExhausted { limit: u64::MAX };
    assert_eq!(writer.seal(ContentType::ALERT, &[1, 0], &mut out), Err(error));
}

#[test]
fn provider_failure_leaves_no_plaintext() {
    for id in AEADS {
        let failing = with_aeads(|aead| Arc::new(Failing(aead)));
        let error = RecordError::Crypto(CryptoError::Failed);
        let writer = || writer_by(&failing, id, limits());
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
        assert_eq!(writer().seal_in_place(DATA, &mut record), Err(error));
        assert_eq!(record, [0; 100]);
    }
}

#[test]
fn invalid_key_change_is_final() {
    let id = AES_128_GCM;
    let refused = |change: &KeyChange, error: RecordError| {
        let (mut writer, _) = pair(Some(id), limits());
        assert_eq!(writer.change_keys(&provider(), change), Err(error));
        assert_eq!(writer.seal(DATA, b"not under old keys", &mut Vec::new()), Err(error));
        assert_eq!(writer.seal_slice(DATA, b"x", &mut [0; 100]), Err(error));
        assert_eq!(writer.seal_in_place(DATA, &mut [0; 100]), Err(error));
    };
    let read = change(id, 2, Direction::Read);
    refused(&read, RecordError::WrongDirection { got: Direction::Read });
    let again = change(id, 1, Direction::Write);
    refused(&again, RecordError::EpochNotAfter { current: Epoch::tls12(1), got: Epoch::tls12(1) });
}

#[test]
fn sealed_len_is_the_total_length_of_all_records() {
    for id in kinds_or_none() {
        let (mut writer, _) = pair(id, limits());
        writer.set_max_plaintext(100);
        for size in [0, 1, 99, 100, 101, 200, 201, 1234] {
            if size == 0 && id.is_none() {
                continue;
            }
            let (payload, mut out) = (vec![7; size], Vec::new());
            let said = writer.sealed_len(size);
            writer.seal(content(id), &payload, &mut out).unwrap();
            assert_eq!(out.len(), said, "{id:?} {size}");
            let mut slice = vec![0; said];
            let sealed = writer.seal_slice(content(id), &payload, &mut slice);
            assert_eq!(sealed, Ok(Sealed { read: size, written: said }), "{id:?} {size}");
        }
        assert!(writer.sealed_len(usize::MAX) >= usize::MAX / 2);
    }
}
