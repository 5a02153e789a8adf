//! Early data that a server skips (RFC 9846 section 4.3.10).

use crate::{DATA, MESSAGE, change, forged, sealed};
use cairn_record::{HEADER_LEN, Opened, RecordError, RecordLimits, RecordReader, RecordWriter};
use cairn_schedule::{Direction, Epoch, Gate, tls13::SUITES};
use cairn_wire::{AlertDescription as A, ContentType};
use proptest::prelude::*;

/// A reader of a server after ServerHello, which skips up to `max_bytes` of early data, and the client's
/// writers of early data and of handshake messages.
fn rejecting(max_bytes: u32) -> (RecordReader, RecordWriter, RecordWriter) {
    let provider = cairn_provider_aws_lc::provider();
    let suite = &SUITES[0];
    let writer = |secret: &[u8], epoch| {
        let mut writer = RecordWriter::new(RecordLimits::default());
        writer.change_keys(&provider, &change(suite, secret, Direction::Write, epoch)).unwrap();
        writer
    };
    let mut early = writer(&[9; 32], Epoch::EarlyData);
    early.set_gate(Gate::Open { epoch: Epoch::EarlyData }).unwrap();
    let mut reader = RecordReader::new(RecordLimits::default());
    reader.change_keys(&provider, &change(suite, &[7; 32], Direction::Read, Epoch::Handshake)).unwrap();
    reader.skip_early_data(max_bytes);
    (reader, early, writer(&[7; 32], Epoch::Handshake))
}

#[track_caller]
fn skips(reader: &mut RecordReader, record: &[u8]) {
    assert_eq!(reader.open(&mut record.to_vec()), Ok(Opened::Ignored { consumed: record.len() }));
}

#[track_caller]
fn refuses(reader: &mut RecordReader, record: &[u8], error: RecordError) {
    assert_eq!(reader.open(&mut record.to_vec()), Err(error));
    assert_eq!(reader.open(&mut record.to_vec()), Err(error), "an error is final");
}

#[test]
fn early_data_after_server_hello_is_what_the_keys_do_not_open() {
    let (mut reader, mut early, mut handshake) = rejecting(100_000);
    for content in [&b"GET /"[..], b"", &[1; 16_384]] {
        skips(&mut reader, &sealed(&mut early, DATA, content));
    }
    // EndOfEarlyData, which a client sends only if its data is accepted, looks the same.
    skips(&mut reader, &sealed(&mut early, MESSAGE, &[5, 0, 0, 0]));
    let mut record = sealed(&mut handshake, MESSAGE, b"finished");
    let Ok(Opened::Record(opened)) = reader.open(&mut record) else { panic!() };
    assert_eq!((opened.content_type, &record[opened.payload]), (MESSAGE, &b"finished"[..]));
    // It was the start of the client's second flight.
    refuses(&mut reader, &sealed(&mut early, DATA, b"GET /"), RecordError::BadRecordMac);
}

#[test]
fn early_data_after_hello_retry_request_is_application_data() {
    let mut reader = RecordReader::new(RecordLimits::default());
    reader.tolerate_change_cipher_spec(true);
    reader.skip_early_data(100_000);
    let (_, mut early, _) = rejecting(0);
    for content in [&b"GET /"[..], &[1; 16_384]] {
        skips(&mut reader, &sealed(&mut early, DATA, content));
        skips(&mut reader, &[20, 3, 3, 0, 1, 1]);
    }
    let hello = [22, 3, 3, 0, 4, 1, 0, 0, 0];
    assert!(matches!(reader.open(&mut hello.to_vec()), Ok(Opened::Record(_))));
    refuses(&mut reader, &sealed(&mut early, DATA, b"x"), RecordError::UnexpectedApplicationData);
}

#[test]
fn skipped_early_data_is_limited_with_padding_and_tag() {
    let after_hello_retry_request = |max_bytes| {
        let mut reader = RecordReader::new(RecordLimits::default());
        reader.skip_early_data(max_bytes);
        reader
    };
    // Two records of 5 bytes, a content type and a tag.
    let max = 2 * 22;
    for mut reader in [rejecting(max).0, after_hello_retry_request(max)] {
        let (_, mut early, _) = rejecting(0);
        skips(&mut reader, &sealed(&mut early, DATA, b"GET /"));
        skips(&mut reader, &sealed(&mut early, DATA, b"GET /"));
        let error = RecordError::TooMuchEarlyData { max };
        assert_eq!(error.alert(), Some(A::UNEXPECTED_MESSAGE));
        refuses(&mut reader, &sealed(&mut early, DATA, b""), error);
    }
    // Empty records are limited too.
    for mut reader in [rejecting(10).0, after_hello_retry_request(10)] {
        for _ in 0..10 {
            skips(&mut reader, &[23, 3, 3, 0, 0]);
        }
        refuses(&mut reader, &[23, 3, 3, 0, 0], RecordError::TooMuchEarlyData { max: 10 });
    }
}

#[test]
fn only_early_data_is_skipped() {
    let expected = RecordError::NotProtected { content_type: MESSAGE };
    refuses(&mut rejecting(1000).0, &[22, 3, 3, 0, 4, 1, 0, 0, 0], expected);
    let expected = RecordError::NotProtected { content_type: ContentType::CHANGE_CIPHER_SPEC };
    refuses(&mut rejecting(1000).0, &[20, 3, 3, 0, 1, 1], expected);
    let expected = RecordError::UnknownContentType { content_type: ContentType(24) };
    refuses(&mut rejecting(1000).0, &[24, 3, 3, 0, 1, 1], expected);
    // A record that opens is judged.
    refuses(&mut rejecting(1000).0, &forged(&[0, 0]), RecordError::NoContentType);
    let mut handshake = rejecting(1000).2;
    handshake.set_gate(Gate::Open { epoch: Epoch::Handshake }).unwrap();
    let record = sealed(&mut handshake, DATA, b"x");
    refuses(&mut rejecting(1000).0, &record, RecordError::UnexpectedApplicationData);
    // An alert in the clear is read, and a warning does not end the early data.
    let (mut reader, mut early, _) = rejecting(1000);
    reader.accept_unprotected_alert();
    assert!(matches!(reader.open(&mut [21, 3, 3, 0, 2, 1, 90]), Ok(Opened::Record(_))));
    skips(&mut reader, &sealed(&mut early, DATA, b"GET /"));
}

#[test]
fn new_keys_end_the_early_data() {
    let (mut reader, mut early, _) = rejecting(1000);
    let provider = cairn_provider_aws_lc::provider();
    let keys = change(&SUITES[0], &[8; 32], Direction::Read, Epoch::Application(0));
    reader.change_keys(&provider, &keys).unwrap();
    refuses(&mut reader, &sealed(&mut early, DATA, b"GET /"), RecordError::BadRecordMac);
}

/// The client protects early data under the limits of an earlier connection.
#[test]
fn early_data_may_have_longer_records_than_the_next_flight() {
    let (mut reader, mut early, mut handshake) = rejecting(100_000);
    reader.set_max_plaintext(64);
    skips(&mut reader, &sealed(&mut early, DATA, &[1; 16_384]));
    let longest = [&[23, 3, 3, 0x41, 0][..], &[0; 0x4100]].concat();
    skips(&mut reader, &longest);
    let record = sealed(&mut handshake, MESSAGE, &[1; 65]);
    refuses(&mut reader, &record, RecordError::CiphertextTooLong { length: 82, max: 81 });
    let (mut reader, ..) = rejecting(100_000);
    let error = RecordError::CiphertextTooLong { length: 0x4101, max: 0x4100 };
    assert_eq!(error.alert(), Some(A::RECORD_OVERFLOW));
    refuses(&mut reader, &[23, 3, 3, 0x41, 1], error);
}

proptest! {
    /// The records of the next flight arrive after any early data within the limit, in pieces of any size.
    #[test]
    fn what_follows_early_data_is_read(
        contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..20),
        piece in 1_usize..400,
    ) {
        let (_, mut early, mut handshake) = rejecting(0);
        let mut wire = Vec::new();
        for content in &contents {
            early.seal(DATA, content, &mut wire).unwrap();
        }
        let total = u32::try_from(wire.len() - contents.len() * HEADER_LEN).unwrap();
        handshake.seal(MESSAGE, b"finished", &mut wire).unwrap();
        let (mut reader, ..) = rejecting(total);
        let (mut input, mut skipped, mut needed) = (Vec::new(), 0, 0);
        let opened = loop {
            while input.len() < needed {
                prop_assert!(!wire.is_empty());
                input.extend(wire.drain(..piece.min(wire.len())));
            }
            match reader.open(&mut input).unwrap() {
                Opened::Incomplete { needed: total } => needed = total,
                Opened::Ignored { consumed } => {
                    skipped += 1;
                    needed = 0;
                    input.drain(..consumed);
                }
                Opened::Record(record) => break input[record.payload].to_vec(),
            }
        };
        prop_assert_eq!((skipped, &opened[..]), (contents.len(), &b"finished"[..]));
    }
}
