//! Application data that is decrypted into the caller's buffer.

use super::*;

#[test]
fn open_data_accepts_only_protected_application_data_that_fits() {
    for id in kinds_or_none() {
        let (mut writer, mut reader) = pair(id, LIMITS);
        let mut place = [0xee; 100];
        for content_type in (20..=23).map(ContentType) {
            if content_type == DATA && id.is_none() {
                continue;
            }
            let mut wire = Vec::new();
            writer.seal(content_type, &[1, 90], &mut wire).unwrap();
            let longest = wire.len() - HEADER_LEN - id.map_or(0, |_| writer.prefix_len());
            let before = wire.clone();
            for cut in 0..wire.len() {
                assert_eq!(reader.open_data(&mut wire[..cut], &mut place), Ok(None), "{cut} bytes");
            }
            assert_eq!(reader.open_data(&mut wire, &mut [0xee]), Ok(None), "no room");
            let opened = reader.open_data(&mut wire, &mut place[..longest]);
            if content_type == DATA {
                assert_eq!(opened, Ok(Some(OpenedData { length: 2, consumed: wire.len() })), "{id:?}");
                assert_eq!(place[..2], [1, 90]);
            } else {
                assert_eq!((opened, &wire), (Ok(None), &before), "{id:?}");
                assert_eq!(place, [0xee; 100]);
                assert_eq!(opens(&mut reader, &mut wire).content_type, content_type);
            }
            assert_eq!(reader.sequence_number(), writer.sequence_number());
        }
    }
}

#[test]
fn open_data_rejects_what_open_rejects() {
    let error = RecordError::BadRecordMac;
    for id in kinds() {
        let (mut writer, mut reader) = pair(Some(id), LIMITS);
        let mut wire = Vec::new();
        writer.seal(DATA, &[7; 50], &mut wire).unwrap();
        let last = wire.len() - 1;
        wire[last] ^= 1;
        let mut place = [0xee; 1000];
        assert_eq!(reader.open_data(&mut wire, &mut place), Err(error));
        assert!(place.iter().all(|byte| *byte == 0 || *byte == 0xee), "{id:?}");
        assert_eq!(reader.open_data(&mut [], &mut place), Err(error), "poisoned");
        assert_eq!(reader.open(&mut []), Err(error), "poisoned");

        let (mut writer, mut reader) = pair(Some(id), LIMITS);
        let mut wire = Vec::new();
        writer.seal(DATA, &[7; 50], &mut wire).unwrap();
        wire[2] = 2;
        let got = ProtocolVersion::TLS_1_1;
        let error = RecordError::WrongVersion { expected: Some(ProtocolVersion::TLS_1_2), got };
        assert_eq!(reader.open_data(&mut wire, &mut place), Err(error));

        // A text that is too long, and too many empty records.
        let limits = RecordLimits { max_plaintext: 40, max_empty_records: 2, ..LIMITS };
        let (mut writer, _) = pair(Some(id), LIMITS);
        let (_, mut reader) = pair(Some(id), limits);
        let mut wire = Vec::new();
        writer.seal(DATA, &[7; 400], &mut wire).unwrap();
        let mut place = [0xee; 1000];
        let refused = reader.open_data(&mut wire, &mut place).unwrap_err();
        assert_eq!(refused.alert(), Some(OVERFLOW), "{id:?}: {refused}");
        assert!(place.iter().all(|byte| *byte == 0 || *byte == 0xee), "{id:?}");

        let (mut writer, _) = pair(Some(id), LIMITS);
        let (_, mut reader) = pair(Some(id), limits);
        for count in 0..3 {
            let mut wire = Vec::new();
            writer.seal(DATA, &[], &mut wire).unwrap();
            let opened = reader.open_data(&mut wire, &mut place);
            if count < 2 {
                assert_eq!(opened, Ok(Some(OpenedData { length: 0, consumed: wire.len() })), "{id:?}");
            } else {
                assert_eq!(opened, Err(RecordError::TooManyEmptyRecords { max: 2 }), "{id:?}");
            }
        }
    }
}

#[test]
fn open_data_erases_padded_text_above_the_negotiated_limit() {
    // The header allows for padding, but the record has none.
    for id in MAC_THEN_ENCRYPT.into_iter().chain(ENCRYPT_THEN_MAC) {
        let (mut writer, _) = pair(Some(id), LIMITS);
        let (_, mut reader) = pair(Some(id), RecordLimits { max_plaintext: 100, ..LIMITS });
        let mut wire = Vec::new();
        writer.seal(DATA, &[7; 150], &mut wire).unwrap();
        let mut place = [0xee; 1000];
        let error = RecordError::PlaintextTooLong { length: 150, max: 100 };
        assert_eq!(reader.open_data(&mut wire, &mut place), Err(error), "{id:?}");
        assert!(place.iter().all(|byte| *byte == 0 || *byte == 0xee), "{id:?}");
    }
}
