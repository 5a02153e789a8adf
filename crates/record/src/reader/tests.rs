mod open_data;

use super::*;
use crate::{
    limits::{MAX_CIPHERTEXT_LEN, MAX_PLAINTEXT_LEN, MAX_RECORD_LEN},
    sniff::LooksLike,
    testing::{
        AES_128_GCM, CHACHA20_POLY1305, ENCRYPT_THEN_MAC, Failing, Kind, MAC_THEN_ENCRYPT, change,
        clear_pair, content, kinds, kinds_or_none, pair, provider, with_aeads,
    },
};
use alloc::{sync::Arc, vec, vec::Vec};
use cairn_crypto::CryptoError;
use cairn_schedule::{Direction, KeyChange, Protection};
use cairn_wire::AlertDescription;

const LIMITS: RecordLimits =
    RecordLimits { max_plaintext: MAX_PLAINTEXT_LEN, max_empty_records: 32, max_warning_alerts: 4 };
const DATA: ContentType = ContentType::APPLICATION_DATA;
const OVERFLOW: AlertDescription = AlertDescription::RECORD_OVERFLOW;
const UNEXPECTED: AlertDescription = AlertDescription::UNEXPECTED_MESSAGE;
const VERSION: AlertDescription = AlertDescription::PROTOCOL_VERSION;

/// Opens a record, expects an error that is final, and returns it with its alert.
#[track_caller]
fn fails(reader: &mut RecordReader, input: &[u8]) -> (RecordError, AlertDescription) {
    let error = reader.open(&mut input.to_vec()).unwrap_err();
    assert_eq!(reader.open(&mut [22, 3, 3, 0, 1, 0]), Err(error), "poisoned");
    assert_eq!(reader.open(&mut []), Err(error), "poisoned");
    let taken = reader.change_keys(&provider(), &change(AES_128_GCM, 100, Direction::Read));
    assert_eq!(taken, Err(error), "poisoned");
    (error, error.alert().unwrap())
}

#[track_caller]
fn opens(reader: &mut RecordReader, input: &mut [u8]) -> Record {
    match reader.open(input).unwrap() {
        Opened::Record(record) => record,
        Opened::Incomplete { needed } => panic!("{needed} bytes needed"),
        Opened::Ignored { .. } => panic!("ignored"),
    }
}

#[test]
fn content_types_are_20_to_23() {
    for value in 0..=u8::MAX {
        let mut record = [value, 3, 3, 0, 1, 2];
        let mut reader = RecordReader::new(LIMITS);
        if value == DATA.0 {
            // It is known, and not permitted before there are keys.
            assert_eq!(fails(&mut reader, &record), (RecordError::UnexpectedApplicationData, UNEXPECTED));
        } else if (20..=22).contains(&value) {
            assert_eq!(opens(&mut reader, &mut record).content_type, ContentType(value));
        } else {
            let error = RecordError::UnknownContentType { content_type: ContentType(value) };
            assert_eq!(fails(&mut reader, &record), (error, UNEXPECTED));
        }
    }
}

#[test]
fn any_tls_version_is_accepted_before_negotiation() {
    for version in (0x0300..=0x03ff).chain([0x0400, 0x7f1c, 0xfefd, 0xffff]) {
        let [major, minor] = u16::to_be_bytes(version);
        let mut reader = RecordReader::new(LIMITS);
        opens(&mut reader, &mut [22, major, minor, 0, 1, 0]);
    }
    for version in [0x0000, 0x0002, 0x0200, 0x02ff] {
        let [major, minor] = u16::to_be_bytes(version);
        let got = ProtocolVersion(version);
        let error = RecordError::WrongVersion { expected: None, got };
        let mut reader = RecordReader::new(LIMITS);
        assert_eq!(fails(&mut reader, &[22, major, minor, 0, 1, 0]), (error, VERSION));
    }
}

#[test]
fn only_the_negotiated_version_is_accepted_after_negotiation() {
    let expected = ProtocolVersion::TLS_1_2;
    for got in [0x0300, 0x0301, 0x0302, 0x0304, 0x0203, 0x0403].map(ProtocolVersion) {
        let (_, mut reader) = clear_pair(LIMITS);
        let [major, minor] = got.0.to_be_bytes();
        let error = RecordError::WrongVersion { expected: Some(expected), got };
        assert_eq!(fails(&mut reader, &[22, major, minor, 0, 1, 0]), (error, VERSION));
    }
}

#[test]
fn other_protocols_are_recognized_only_in_the_first_record() {
    for (input, looks_like, alert) in [
        (&b"GET / HTTP/1.1\r\n"[..], LooksLike::Http, UNEXPECTED),
        (b"HTTP/1.0 400 Bad Request\r\n", LooksLike::Http, UNEXPECTED),
        (b"SSH-2.0-OpenSSH_9.9\r\n", LooksLike::Ssh, UNEXPECTED),
        (b"\x80\x2e\x01\x00\x02\x00\x15", LooksLike::Sslv2, VERSION),
        (b"220 mail ESMTP\r\n", LooksLike::Unknown, UNEXPECTED),
    ] {
        let mut reader = RecordReader::new(LIMITS);
        assert_eq!(fails(&mut reader, input), (RecordError::NotTls { looks_like }, alert));

        let mut reader = RecordReader::new(LIMITS);
        opens(&mut reader, &mut [22, 3, 1, 0, 1, 0]);
        let error = RecordError::UnknownContentType { content_type: ContentType(input[0]) };
        assert_eq!(fails(&mut reader, input), (error, UNEXPECTED));
    }
}

#[test]
fn plaintext_is_limited_to_2_to_the_14_bytes() {
    let max = usize::from(MAX_PLAINTEXT_LEN);
    let mut longest = vec![22, 3, 3, 0x40, 0];
    longest.resize(HEADER_LEN + max, 0);
    let (_, mut reader) = clear_pair(LIMITS);
    assert_eq!(opens(&mut reader, &mut longest).payload, 5..longest.len());
    // The header suffices to detect it.
    for length in [max + 1, usize::from(u16::MAX)] {
        let (_, mut reader) = clear_pair(LIMITS);
        let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
        let error = RecordError::PlaintextTooLong { length, max };
        assert_eq!(fails(&mut reader, &[23, 3, 3, high, low]), (error, OVERFLOW));
    }
}

#[test]
fn ciphertext_is_limited_to_what_the_keys_can_produce() {
    for id in kinds() {
        for max_plaintext in [MAX_PLAINTEXT_LEN, 512] {
            let (mut writer, mut reader) = pair(Some(id), LIMITS);
            reader.set_max_plaintext(max_plaintext);
            let mut wire = Vec::new();
            writer.seal(DATA, &vec![7; max_plaintext.into()], &mut wire).unwrap();
            assert_eq!(opens(&mut reader, &mut wire).payload.len(), usize::from(max_plaintext));

            let overhead = id.keys().overhead();
            let max = overhead.max_body_len(max_plaintext.into());
            if overhead.is_constant() {
                assert_eq!(max, wire.len() - HEADER_LEN);
            } else {
                assert!((wire.len() - HEADER_LEN..wire.len() - HEADER_LEN + 256).contains(&max));
            }
            assert!(max <= MAX_CIPHERTEXT_LEN.into());
            let header = |length: usize| {
                let [high, low] = u16::try_from(length).unwrap().to_be_bytes();
                [23, 3, 3, high, low]
            };
            let needed = HEADER_LEN + max;
            assert_eq!(reader.open(&mut header(max)), Ok(Opened::Incomplete { needed }));
            let error = RecordError::CiphertextTooLong { length: max + 1, max };
            assert_eq!(fails(&mut reader, &header(max + 1)), (error, OVERFLOW));
        }
    }
}

/// With padding, a record of permitted length can still contain a text that is too long.
#[test]
fn padded_record_with_too_long_text_is_rejected() {
    for id in MAC_THEN_ENCRYPT.into_iter().chain(ENCRYPT_THEN_MAC) {
        let (mut writer, mut reader) = pair(Some(id), LIMITS);
        reader.set_max_plaintext(512);
        let mut wire = Vec::new();
        writer.seal(DATA, &[7; 513], &mut wire).unwrap();
        let error = RecordError::PlaintextTooLong { length: 513, max: 512 };
        assert_eq!(fails(&mut reader, &wire), (error, OVERFLOW));
    }
}

#[test]
fn negotiated_plaintext_limit_is_enforced() {
    let limits = RecordLimits { max_plaintext: 512, ..LIMITS };
    let mut record = vec![22, 3, 3, 2, 1];
    record.resize(HEADER_LEN + 513, 0);
    let mut reader = RecordReader::new(limits);
    let error = RecordError::PlaintextTooLong { length: 513, max: 512 };
    assert_eq!(fails(&mut reader, &record), (error, OVERFLOW));
    // Values out of range are clamped.
    let mut reader = RecordReader::new(RecordLimits { max_plaintext: 0, ..LIMITS });
    opens(&mut reader, &mut [22, 3, 3, 0, 1, 0]);
    let mut reader = RecordReader::new(RecordLimits { max_plaintext: u16::MAX, ..LIMITS });
    let error = RecordError::PlaintextTooLong { length: 0x4001, max: 0x4000 };
    assert_eq!(fails(&mut reader, &[23, 3, 3, 0x40, 1]), (error, OVERFLOW));
}

#[test]
fn only_application_data_may_be_empty() {
    for id in kinds_or_none() {
        for content_type in [ContentType::CHANGE_CIPHER_SPEC, ContentType::ALERT, ContentType::HANDSHAKE] {
            let (_, mut reader) = pair(id, LIMITS);
            let empty = empty_record(id, content_type);
            let error = RecordError::EmptyFragment { content_type };
            assert_eq!(fails(&mut reader, &empty), (error, UNEXPECTED));
        }
        if id.is_none() {
            continue;
        }
        let (mut writer, mut reader) = pair(id, LIMITS);
        let mut wire = Vec::new();
        for _ in 0..33 {
            writer.seal(DATA, &[], &mut wire).unwrap();
        }
        let mut rest = &mut wire[..];
        for _ in 0..32 {
            let record = opens(&mut reader, rest);
            assert!(record.payload.is_empty());
            rest = &mut rest[record.consumed..];
        }
        assert_eq!(fails(&mut reader, rest), (RecordError::TooManyEmptyRecords { max: 32 }, UNEXPECTED));
    }
}

/// An empty record, which `RecordWriter` refuses to make.
fn empty_record(id: Option<Kind>, content_type: ContentType) -> Vec<u8> {
    let mut body = Vec::new();
    if let Some(id) = id {
        let keys = id.keys();
        body.resize(keys.overhead().body_len(0), 0);
        keys.seal(0, content_type, ProtocolVersion::TLS_1_2, &mut body, 0).unwrap();
    }
    [&[content_type.0, 3, 3, 0, u8::try_from(body.len()).unwrap()], &body[..]].concat()
}

#[test]
fn warnings_are_limited() {
    for id in kinds_or_none() {
        let (mut writer, mut reader) = pair(id, LIMITS);
        let mut wire = Vec::new();
        for _ in 0..5 {
            writer.seal(ContentType::ALERT, &[1, 90], &mut wire).unwrap();
        }
        let mut rest = &mut wire[..];
        for _ in 0..4 {
            let consumed = opens(&mut reader, rest).consumed;
            rest = &mut rest[consumed..];
        }
        assert_eq!(fails(&mut reader, rest), (RecordError::TooManyWarnings { max: 4 }, UNEXPECTED));
    }
}

#[test]
fn every_byte_of_a_protected_record_is_authenticated() {
    const TEXT: &[u8] = b"nobody but the peer may read this, changed or not";
    for id in kinds() {
        let (mut writer, _) = pair(Some(id), LIMITS);
        let mut wire = Vec::new();
        writer.seal(DATA, TEXT, &mut wire).unwrap();
        for at in 0..wire.len() {
            for bit in 0..8 {
                let mut tampered = wire.clone();
                tampered[at] ^= 1 << bit;
                let (_, mut reader) = pair(Some(id), LIMITS);
                let opened = reader.open(&mut tampered);
                if at >= HEADER_LEN {
                    assert_eq!(opened, Err(RecordError::BadRecordMac), "{id:?} {at}");
                    assert_eq!(reader.open(&mut wire.clone()), Err(RecordError::BadRecordMac));
                    assert_eq!(RecordError::BadRecordMac.alert(), Some(AlertDescription::BAD_RECORD_MAC));
                    assert!(tampered[HEADER_LEN..].iter().all(|byte| *byte == 0), "{id:?} {at}");
                } else {
                    // Some headers are rejected on sight, and some announce a longer record.
                    assert!(!matches!(opened, Ok(Opened::Record(_))), "{id:?} {at}");
                    let is_secret = !matches!(id.suite.protection, Protection::Null { .. });
                    assert!(!is_secret || !tampered.windows(8).any(|window| TEXT.starts_with(window)));
                }
            }
        }
    }
}

#[test]
fn record_too_short_for_its_protection_is_a_bad_record_mac() {
    for id in kinds() {
        for length in 0..id.keys().overhead().body_len(0) {
            let (_, mut reader) = pair(Some(id), LIMITS);
            let mut record = vec![23, 3, 3, 0, u8::try_from(length).unwrap()];
            record.resize(HEADER_LEN + length, 1);
            let (error, alert) = fails(&mut reader, &record);
            assert_eq!((error, alert), (RecordError::BadRecordMac, AlertDescription::BAD_RECORD_MAC));
        }
    }
}

#[test]
fn reordered_records_are_rejected() {
    for id in kinds() {
        let (mut writer, mut reader) = pair(Some(id), LIMITS);
        let (mut first, mut second) = (Vec::new(), Vec::new());
        writer.seal(DATA, b"first", &mut first).unwrap();
        writer.seal(DATA, b"second", &mut second).unwrap();
        opens(&mut reader, &mut first.clone());
        assert_eq!(reader.open(&mut first), Err(RecordError::BadRecordMac), "replayed");
        let (_, mut reader) = pair(Some(id), LIMITS);
        assert_eq!(reader.open(&mut second), Err(RecordError::BadRecordMac), "out of order");
    }
}

#[test]
fn incomplete_record_reports_the_needed_length_and_is_not_modified() {
    for id in kinds_or_none() {
        let (mut writer, mut reader) = pair(id, LIMITS);
        let mut wire = Vec::new();
        writer.seal(content(id), b"all or nothing", &mut wire).unwrap();
        for cut in 0..wire.len() {
            let needed = if cut < HEADER_LEN { HEADER_LEN } else { wire.len() };
            let mut input = wire[..cut].to_vec();
            assert_eq!(reader.open(&mut input), Ok(Opened::Incomplete { needed }), "{cut}");
            assert_eq!(input, wire[..cut]);
        }
        assert_eq!(reader.sequence_number(), 0);
        let record = opens(&mut reader, &mut wire);
        assert_eq!(&wire[record.payload], b"all or nothing");
        assert_eq!(reader.sequence_number(), 1);
    }
}

#[test]
fn only_the_first_record_is_modified() {
    for id in kinds() {
        let (mut writer, mut reader) = pair(Some(id), LIMITS);
        let mut wire = Vec::new();
        writer.seal(DATA, b"first", &mut wire).unwrap();
        let end = wire.len();
        writer.seal(DATA, b"second", &mut wire).unwrap();
        let behind = wire[end..].to_vec();
        assert_eq!(opens(&mut reader, &mut wire).consumed, end);
        assert_eq!(wire[end..], behind);
    }
}

#[test]
fn new_keys_start_at_sequence_number_zero_in_their_epoch() {
    let (first, second) = (AES_128_GCM, CHACHA20_POLY1305);
    let (mut writer, mut reader) = clear_pair(LIMITS);
    let mut wire = Vec::new();
    assert!(!reader.is_protected() && !writer.is_protected());
    for epoch in 0..4 {
        if epoch > 0 {
            let id = if epoch % 2 == 1 { first } else { second };
            writer.change_keys(&provider(), &change(id, epoch, Direction::Write)).unwrap();
            reader.change_keys(&provider(), &change(id, epoch, Direction::Read)).unwrap();
            assert!(reader.is_protected() && writer.is_protected());
        }
        for number in 0..3 {
            assert_eq!((reader.sequence_number(), writer.sequence_number()), (number, number));
            wire.clear();
            writer.seal(ContentType::HANDSHAKE, &[1, 2, 3], &mut wire).unwrap();
            let record = opens(&mut reader, &mut wire);
            assert_eq!(record.epoch, Epoch::tls12(epoch));
            assert_eq!((reader.epoch(), writer.epoch()), (Epoch::tls12(epoch), Epoch::tls12(epoch)));
            assert_eq!(wire[record.payload], [1, 2, 3]);
        }
    }
}

#[test]
fn invalid_key_change_is_final() {
    let id = AES_128_GCM;
    let refused = |change: &KeyChange, error: RecordError| {
        let (_, mut reader) = pair(Some(id), LIMITS);
        assert_eq!(reader.change_keys(&provider(), change), Err(error));
        assert_eq!(reader.open(&mut [23, 3, 3, 0, 1]), Err(error));
        assert_eq!(error.alert(), None);
    };
    let write = change(id, 2, Direction::Write);
    refused(&write, RecordError::WrongDirection { got: Direction::Write });
    for epoch in [0, 1] {
        let again = change(id, epoch, Direction::Read);
        refused(&again, RecordError::EpochNotAfter { current: Epoch::tls12(1), got: Epoch::tls12(epoch) });
    }

    let (_, mut reader) = clear_pair(LIMITS);
    let mut poor = provider();
    poor.aeads.clear();
    let error = reader.change_keys(&poor, &change(id, 1, Direction::Read)).unwrap_err();
    assert_eq!(error.alert(), Some(AlertDescription::INTERNAL_ERROR));
    assert_eq!(reader.open(&mut [23, 3, 3, 0, 1, 0]), Err(error), "must not read unprotected records");
}

#[test]
fn provider_failure_is_an_internal_error() {
    let (mut writer, _) = pair(Some(AES_128_GCM), LIMITS);
    let (_, mut reader) = clear_pair(LIMITS);
    let failing = with_aeads(|aead| Arc::new(Failing(aead)));
    reader.change_keys(&failing, &change(AES_128_GCM, 1, Direction::Read)).unwrap();
    let mut wire = Vec::new();
    writer.seal(DATA, b"text", &mut wire).unwrap();
    let error = RecordError::Crypto(CryptoError::Failed);
    assert_eq!(fails(&mut reader, &wire), (error, AlertDescription::INTERNAL_ERROR));
}

#[test]
fn the_sequence_number_never_wraps() {
    for id in kinds() {
        let (_, mut reader) = pair(Some(id), LIMITS);
        let keys = id.keys();
        reader.sequence_number = u64::MAX - 1;
        let body_len = keys.overhead().body_len(1);
        let head = [23, 3, 3, 0, u8::try_from(body_len).unwrap()];
        for seq in [u64::MAX - 1, u64::MAX] {
            let mut record = head.to_vec();
            record.resize(HEADER_LEN + body_len, 0);
            keys.seal(seq, DATA, ProtocolVersion::TLS_1_2, &mut record[HEADER_LEN..], 1).unwrap();
            if seq < u64::MAX {
                opens(&mut reader, &mut record);
            } else {
                let error = (RecordError::SequenceExhausted, AlertDescription::INTERNAL_ERROR);
                assert_eq!(fails(&mut reader, &record), error);
            }
        }
    }
}

#[test]
fn longest_record_has_the_stated_length() {
    assert_eq!(MAX_RECORD_LEN, HEADER_LEN + usize::from(MAX_CIPHERTEXT_LEN));
    for id in kinds() {
        let (mut writer, _) = pair(Some(id), LIMITS);
        let mut wire = Vec::new();
        writer.seal(DATA, &[0; 1 << 14], &mut wire).unwrap();
        assert!(wire.len() <= MAX_RECORD_LEN);
    }
}
