//! Records of TLS 1.3 (RFC 9846 section 5): those of RFC 8448, round trips, and hostile ones.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "this file is a test")]
#![allow(clippy::std_instead_of_alloc, reason = "tests have std")]

mod early_data;

use cairn_crypto::SecretBytes;
use cairn_record::{
    HEADER_LEN, MAX_PLAINTEXT_LEN, Opened, RecordError, RecordLimits, RecordReader, RecordWriter,
};
use cairn_schedule::{
    Direction, Epoch, Gate, KeyChange, Keys, RecordPadding,
    tls13::{ApplicationTrafficSecret, HandshakeTrafficSecret, Kdf, SUITES, Tls13Suite},
};
use cairn_wire::{AlertDescription as A, ContentType};
use core::num::NonZeroU16;
use proptest::prelude::*;

const DATA: ContentType = ContentType::APPLICATION_DATA;

fn change(suite: &'static Tls13Suite, secret: &[u8], direction: Direction, epoch: Epoch) -> KeyChange {
    let kdf = Kdf::new(&cairn_provider_aws_lc::provider(), suite.hash).unwrap();
    let secret = HandshakeTrafficSecret::new(&kdf, SecretBytes::from(secret)).unwrap();
    KeyChange { epoch, direction, keys: Keys::Tls13(secret.for_suite(suite).unwrap()) }
}

/// A writer and a reader with the same keys, whose gates are open.
fn pair(suite: &'static Tls13Suite, secret: &[u8]) -> (RecordWriter, RecordReader) {
    let provider = cairn_provider_aws_lc::provider();
    let epoch = Epoch::Application(0);
    let mut writer = RecordWriter::new(RecordLimits::default());
    writer.change_keys(&provider, &change(suite, secret, Direction::Write, epoch)).unwrap();
    writer.set_gate(Gate::Open { epoch }).unwrap();
    let mut reader = RecordReader::new(RecordLimits::default());
    reader.change_keys(&provider, &change(suite, secret, Direction::Read, epoch)).unwrap();
    reader.set_gate(Gate::Open { epoch }).unwrap();
    (writer, reader)
}

fn default_pair() -> (RecordWriter, RecordReader) {
    pair(&SUITES[0], &[7; 32])
}

/// A record with this inner plaintext, from a sender that may violate the RFC.
fn forged(inner: &[u8]) -> Vec<u8> {
    let provider = cairn_provider_aws_lc::provider();
    let suite = &SUITES[0];
    let Keys::Tls13(secret) = change(suite, &[7; 32], Direction::Write, Epoch::Handshake).keys else {
        panic!()
    };
    let keys = secret.keys().unwrap();
    let length = u16::try_from(inner.len() + suite.aead.tag_len()).unwrap();
    let mut record = vec![23, 3, 3];
    record.extend_from_slice(&length.to_be_bytes());
    let mut sealed = vec![0; length.into()];
    let key = provider.aead(suite.aead).unwrap().key(keys.key()).unwrap();
    key.seal_into(keys.iv(), &record, inner, &[], &mut sealed).unwrap();
    record.extend_from_slice(&sealed);
    record
}

fn hex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(core::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[test]
fn records_are_those_of_rfc_8448() {
    let mut ends: Vec<(Vec<u8>, RecordWriter, RecordReader)> = Vec::new();
    let mut count = 0;
    for line in include_str!("../data/rfc8448.txt").lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(" | ").collect();
        let [_, secret, content_type, content, record] = fields[..] else { panic!("{line}") };
        let (secret, content, record) = (hex(secret), hex(content), hex(record));
        let content_type = ContentType(content_type.parse().unwrap());
        let place = ends.iter().position(|(of, ..)| *of == secret).unwrap_or_else(|| {
            let (writer, reader) = pair(&SUITES[0], &secret);
            ends.push((secret.clone(), writer, reader));
            ends.len() - 1
        });
        let (_, writer, reader) = &mut ends[place];
        let mut sealed = Vec::new();
        writer.seal(content_type, &content, &mut sealed).unwrap();
        assert_eq!(sealed, record, "{line}");
        let Opened::Record(opened) = reader.open(&mut sealed).unwrap() else { panic!("{line}") };
        assert_eq!((opened.content_type, &sealed[opened.payload]), (content_type, &content[..]));
        count += 1;
    }
    assert_eq!(count, 7);
}

const MESSAGE: ContentType = ContentType::HANDSHAKE;

fn sealed(writer: &mut RecordWriter, content_type: ContentType, content: &[u8]) -> Vec<u8> {
    let mut record = Vec::new();
    writer.seal(content_type, content, &mut record).unwrap();
    record
}

fn any_padding() -> impl Strategy<Value = RecordPadding> {
    prop_oneof![
        Just(RecordPadding::NONE),
        Just(RecordPadding::TO_MAXIMUM),
        (1..2000_u16).prop_map(|block| RecordPadding::to_multiple_of(NonZeroU16::new(block).unwrap())),
    ]
}

proptest! {
    #[test]
    fn every_way_to_seal_and_open_gives_the_same_bytes(
        suite in 0..SUITES.len(),
        padding in any_padding(),
        max_plaintext in prop_oneof![Just(MAX_PLAINTEXT_LEN), 1000..MAX_PLAINTEXT_LEN],
        contents in proptest::collection::vec(
            (21_u8..=23, proptest::collection::vec(any::<u8>(), 1..40_000)),
            1..6,
        ),
    ) {
        let suite = &SUITES[suite];
        let secret = vec![9; suite.hash.output_len()];
        let (mut writer, mut reader) = pair(suite, &secret);
        let (mut by_slice, _) = pair(suite, &secret);
        let (mut in_place, _) = pair(suite, &secret);
        let (_, mut into_place) = pair(suite, &secret);
        for writer in [&mut writer, &mut by_slice, &mut in_place] {
            writer.set_padding(padding);
            writer.set_max_plaintext(max_plaintext);
        }
        for (content_type, content) in contents {
            let content_type = ContentType(content_type);
            // A short alert, because warnings in a row are limited.
            let content = if content_type == ContentType::ALERT { vec![2, 0] } else { content };
            let mut sealed = Vec::new();
            writer.seal(content_type, &content, &mut sealed).unwrap();
            let mut room = vec![0; sealed.len()];
            let read = by_slice.seal_slice(content_type, &content, &mut room).unwrap().read;
            prop_assert_eq!(read, content.len());
            prop_assert_eq!(&room, &sealed);
            let mut placed = Vec::new();
            for fragment in content.chunks(max_plaintext.into()) {
                let mut record = vec![0; in_place.payload_offset()];
                record.extend_from_slice(fragment);
                record.resize(record.len() + in_place.suffix_len(), 0xee);
                let length = in_place.seal_in_place(content_type, &mut record).unwrap();
                placed.extend_from_slice(&record[..length]);
            }
            prop_assert_eq!(&placed, &sealed);
            let mut opened = Vec::new();
            while !sealed.is_empty() {
                // Nothing shows the content type.
                prop_assert_eq!(&sealed[..3], &[23, 3, 3]);
                let length = usize::from(u16::from_be_bytes([sealed[3], sealed[4]])) - suite.aead.tag_len();
                prop_assert!(length <= usize::from(max_plaintext) + 1);
                if content_type == DATA && padding == RecordPadding::TO_MAXIMUM {
                    prop_assert_eq!(length, usize::from(max_plaintext) + 1);
                }
                let mut place = vec![0xee; length];
                let mut again = sealed.clone();
                let into = into_place.open_data(&mut again, &mut place).unwrap();
                prop_assert_eq!(into.is_some(), content_type == DATA);
                match into {
                    Some(data) => place.truncate(data.length),
                    None => {
                        prop_assert!(place.iter().all(|byte| *byte == 0));
                        prop_assert_eq!(into_place.open_data(&mut again, &mut place), Ok(None));
                        let Opened::Record(record) = into_place.open(&mut again).unwrap() else { panic!() };
                        prop_assert_eq!(record.content_type, content_type);
                        place = again[record.payload].to_vec();
                    }
                }
                let Opened::Record(record) = reader.open(&mut sealed).unwrap() else { panic!("incomplete") };
                prop_assert_eq!(record.content_type, content_type);
                prop_assert_eq!(&place, &sealed[record.payload.clone()]);
                opened.extend_from_slice(&sealed[record.payload]);
                sealed.drain(..record.consumed);
            }
            prop_assert_eq!(opened, content);
        }
    }
}

/// The error of a reader for a record.
#[track_caller]
fn error_of(mut record: Vec<u8>) -> (RecordError, A) {
    let (_, mut reader) = default_pair();
    let error = reader.open(&mut record).unwrap_err();
    assert_eq!(reader.open(&mut record), Err(error), "an error is final");
    (error, error.alert().unwrap())
}

#[test]
fn padding_is_removed_and_zeros_alone_are_unexpected() {
    for padding in [0, 1, 100, 10_000] {
        let (_, mut reader) = default_pair();
        let mut record = forged(&[&b"hello"[..], &[23], &vec![0; padding]].concat());
        let Opened::Record(opened) = reader.open(&mut record).unwrap() else { panic!() };
        assert_eq!((opened.content_type, &record[opened.payload]), (DATA, &b"hello"[..]));
    }
    for zeros in [0, 1, 100] {
        assert_eq!(error_of(forged(&vec![0; zeros])), (RecordError::NoContentType, A::UNEXPECTED_MESSAGE));
    }
}

#[test]
fn inner_types_other_than_three_are_unexpected() {
    for value in 1..=u8::MAX {
        let content_type = ContentType(value);
        let record = forged(&[1, value]);
        if (21..=23).contains(&value) {
            let (_, mut reader) = default_pair();
            assert!(reader.open(&mut record.clone()).is_ok());
        } else {
            let expected = RecordError::InnerTypeNotAllowed { content_type };
            assert_eq!(error_of(record), (expected, A::UNEXPECTED_MESSAGE));
        }
    }
}

#[test]
fn empty_handshake_messages_and_alerts_are_unexpected() {
    for content_type in [ContentType::ALERT, ContentType::HANDSHAKE] {
        let expected = RecordError::EmptyFragment { content_type };
        assert_eq!(error_of(forged(&[content_type.0])), (expected, A::UNEXPECTED_MESSAGE));
    }
    let (_, mut reader) = default_pair();
    assert!(matches!(reader.open(&mut forged(&[23])), Ok(Opened::Record(_))));
}

#[test]
fn inner_plaintext_longer_than_2_14_and_a_type_is_record_overflow() {
    let longest = usize::from(MAX_PLAINTEXT_LEN);
    let (_, mut reader) = default_pair();
    assert!(reader.open(&mut forged(&[&vec![1; longest][..], &[23]].concat())).is_ok());
    // Padding counts as well.
    for inner in [[&vec![1; longest + 1][..], &[23]].concat(), [&vec![1; longest][..], &[23, 0]].concat()] {
        assert_eq!(error_of(forged(&inner)).1, A::RECORD_OVERFLOW);
    }
}

#[test]
fn each_changed_bit_is_bad_record_mac() {
    let record = forged(b"\x01\x02\x03\x17");
    for bit in 8 * HEADER_LEN..8 * record.len() {
        let mut changed = record.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(error_of(changed), (RecordError::BadRecordMac, A::BAD_RECORD_MAC));
    }
}

#[test]
fn unprotected_records_are_unexpected_except_for_a_first_alert_of_a_client_in_the_handshake() {
    for content_type in [ContentType::CHANGE_CIPHER_SPEC, ContentType::ALERT, ContentType::HANDSHAKE] {
        let record = vec![content_type.0, 3, 3, 0, 2, 2, 40];
        let expected = RecordError::NotProtected { content_type };
        assert_eq!(error_of(record.clone()), (expected, A::UNEXPECTED_MESSAGE));
        for is_server in [true, false] {
            let mut reader = handshake_reader(is_server);
            let opened = reader.open(&mut record.clone());
            assert_eq!(opened.is_ok(), is_server && content_type == ContentType::ALERT);
        }
    }
    // Not under the keys of application data, even if a server sets it.
    let mut reader = RecordReader::new(RecordLimits::default());
    reader.accept_unprotected_alert();
    let keys = change(&SUITES[0], &[7; 32], Direction::Read, Epoch::Application(0));
    reader.change_keys(&cairn_provider_aws_lc::provider(), &keys).unwrap();
    let error = RecordError::NotProtected { content_type: ContentType::ALERT };
    assert_eq!(reader.open(&mut [21, 3, 3, 0, 2, 2, 40]), Err(error));
}

/// A reader under the keys of the handshake.
fn handshake_reader(is_server: bool) -> RecordReader {
    let mut reader = RecordReader::new(RecordLimits::default());
    if is_server {
        reader.accept_unprotected_alert();
    }
    let keys = change(&SUITES[0], &[7; 32], Direction::Read, Epoch::Handshake);
    reader.change_keys(&cairn_provider_aws_lc::provider(), &keys).unwrap();
    reader
}

#[test]
fn unprotected_alert_has_no_sequence_number() {
    let mut reader = handshake_reader(true);
    // The warning user_canceled.
    let mut alert = [21, 3, 3, 0, 2, 1, 90];
    assert!(matches!(reader.open(&mut alert), Ok(Opened::Record(_))));
    // The first record under the keys still has the number 0.
    let Ok(Opened::Record(record)) = reader.open(&mut forged(b"message\x16")) else { panic!() };
    assert_eq!(record.content_type, ContentType::HANDSHAKE);
    // After it, alerts are protected.
    let error = RecordError::NotProtected { content_type: ContentType::ALERT };
    assert_eq!(reader.open(&mut alert), Err(error));
}

#[test]
fn change_cipher_spec_is_ignored_while_the_handshake_says_so() {
    let ccs = [20, 3, 3, 0, 1, 1];
    let (mut writer, mut reader) = default_pair();
    reader.tolerate_change_cipher_spec(true);
    let mut sealed = Vec::new();
    for round in 0..4 {
        assert_eq!(reader.open(&mut ccs.to_vec()), Ok(Opened::Ignored { consumed: ccs.len() }), "{round}");
        // It has no sequence number.
        sealed.clear();
        writer.seal(DATA, b"data", &mut sealed).unwrap();
        assert!(matches!(reader.open(&mut sealed), Ok(Opened::Record(_))));
    }
    let error = RecordError::TooManyChangeCipherSpecs { max: 4 };
    assert_eq!(reader.open(&mut ccs.to_vec()), Err(error));
    assert_eq!(error.alert(), Some(A::UNEXPECTED_MESSAGE));

    for other in [vec![20, 3, 3, 0, 1, 2], vec![20, 3, 3, 0, 2, 1, 1]] {
        let (_, mut reader) = default_pair();
        reader.tolerate_change_cipher_spec(true);
        assert_eq!(reader.open(&mut other.clone()), Err(RecordError::BadChangeCipherSpec));
    }
    let (_, mut reader) = default_pair();
    reader.tolerate_change_cipher_spec(true);
    reader.tolerate_change_cipher_spec(false);
    let error = RecordError::NotProtected { content_type: ContentType::CHANGE_CIPHER_SPEC };
    assert_eq!(reader.open(&mut ccs.to_vec()), Err(error));
}

/// RFC 9846 section 4.7.3: "both sides MUST enforce that a KeyUpdate with the old key is received before
/// accepting any messages encrypted with the new key."
#[test]
fn record_with_the_next_keys_is_bad_record_mac_before_key_update() {
    let provider = cairn_provider_aws_lc::provider();
    let suite = &SUITES[0];
    let kdf = Kdf::new(&provider, suite.hash).unwrap();
    let mut secret = ApplicationTrafficSecret::new(&kdf, SecretBytes::from(&[7; 32][..])).unwrap();
    let keys = |secret: &ApplicationTrafficSecret, direction, number| KeyChange {
        epoch: Epoch::Application(number),
        direction,
        keys: Keys::Tls13(secret.for_suite(suite).unwrap()),
    };
    let current = keys(&secret, Direction::Read, 0);
    secret.update().unwrap();
    let epoch = Epoch::Application(1);
    let mut writer = RecordWriter::new(RecordLimits::default());
    writer.change_keys(&provider, &keys(&secret, Direction::Write, 1)).unwrap();
    writer.set_gate(Gate::Open { epoch }).unwrap();
    let mut sealed = Vec::new();
    writer.seal(DATA, b"data", &mut sealed).unwrap();
    for has_updated in [true, false] {
        let mut reader = RecordReader::new(RecordLimits::default());
        reader.change_keys(&provider, &current).unwrap();
        reader.set_gate(Gate::Open { epoch: Epoch::Application(0) }).unwrap();
        if has_updated {
            reader.change_keys(&provider, &keys(&secret, Direction::Read, 1)).unwrap();
            reader.set_gate(Gate::Open { epoch }).unwrap();
            assert!(matches!(reader.open(&mut sealed.clone()), Ok(Opened::Record(_))));
        } else {
            assert_eq!(reader.open(&mut sealed.clone()), Err(RecordError::BadRecordMac));
        }
    }
}

/// RFC 9846 section 5.1: legacy_record_version "is deprecated and MUST be ignored for all purposes." That of
/// a protected record is "always 0x0303" (section 5.2), and authenticated.
#[test]
fn version_of_unprotected_records_is_ignored() {
    let provider = cairn_provider_aws_lc::provider();
    for version in [0x0300_u16, 0x0301, 0x0303, 0x0304, 0x7f1c, 0xffff] {
        let [major, minor] = version.to_be_bytes();
        let mut reader = RecordReader::new(RecordLimits::default());
        let mut hello = [22, major, minor, 0, 1, 1];
        assert!(matches!(reader.open(&mut hello), Ok(Opened::Record(_))), "{version:#x}");
        reader.accept_unprotected_alert();
        let keys = change(&SUITES[0], &[7; 32], Direction::Read, Epoch::Handshake);
        reader.change_keys(&provider, &keys).unwrap();
        reader.tolerate_change_cipher_spec(true);
        let mut ccs = [20, major, minor, 0, 1, 1];
        assert!(matches!(reader.open(&mut ccs), Ok(Opened::Ignored { .. })), "{version:#x}");
        let mut alert = [21, major, minor, 0, 2, 2, 40];
        assert!(matches!(reader.open(&mut alert), Ok(Opened::Record(_))), "{version:#x}");
        let mut protected = forged(b"message\x16");
        protected[1..3].copy_from_slice(&[major, minor]);
        let opened = reader.open(&mut protected);
        if version == 0x0303 {
            assert!(matches!(opened, Ok(Opened::Record(_))));
        } else {
            assert_eq!(opened.unwrap_err().alert(), Some(A::PROTOCOL_VERSION), "{version:#x}");
        }
    }
    let (_, mut reader) = default_pair();
    reader.tolerate_change_cipher_spec(true);
    let error = reader.open(&mut [20, 2, 0xff, 0, 1, 1]).unwrap_err();
    assert_eq!(error.alert(), Some(A::PROTOCOL_VERSION), "before SSL 3.0");
}

/// RFC 9846 section 5.2: "An endpoint that receives a record from its peer with TLSCiphertext.length larger
/// than 2^14 + 256 octets MUST terminate the connection with a "record_overflow" alert." The header suffices.
#[test]
fn record_longer_than_2_14_and_256_is_record_overflow() {
    for length in [0x4101_u16, 0x4800, 0xffff] {
        let [first, second] = length.to_be_bytes();
        let (error, alert) = error_of(vec![23, 3, 3, first, second]);
        assert!(matches!(error, RecordError::CiphertextTooLong { .. }), "{error}");
        assert_eq!(alert, A::RECORD_OVERFLOW);
    }
}

#[test]
fn padding_applies_to_application_data_and_stays_within_the_limit() {
    let block = |bytes| RecordPadding::to_multiple_of(NonZeroU16::new(bytes).unwrap());
    let lengths = |padding, max_plaintext, content_type| {
        let (mut writer, _) = default_pair();
        writer.set_padding(padding);
        writer.set_max_plaintext(max_plaintext);
        // Inner plaintexts: content, type and padding.
        [1, 63, 64, 90].map(|length| sealed(&mut writer, content_type, &vec![1; length]).len() - 5 - 16)
    };
    assert_eq!(lengths(block(64), 16_384, DATA), [64, 64, 128, 128]);
    assert_eq!(lengths(block(64), 99, DATA), [64, 64, 100, 100]);
    assert_eq!(lengths(RecordPadding::TO_MAXIMUM, 99, DATA), [100; 4]);
    assert_eq!(lengths(RecordPadding::TO_MAXIMUM, 16_384, DATA), [16_385; 4]);
    assert_eq!(lengths(RecordPadding::TO_MAXIMUM, 16_384, ContentType::HANDSHAKE), [2, 64, 65, 91]);
    assert_eq!(lengths(RecordPadding::NONE, 16_384, DATA), [2, 64, 65, 91]);
    // Empty data is padded too.
    let (mut writer, _) = default_pair();
    writer.set_padding(block(100));
    assert_eq!(sealed(&mut writer, DATA, &[]).len(), 5 + 100 + 16);
}

#[test]
fn data_is_cut_so_that_its_padded_record_fits() {
    let (mut writer, mut reader) = default_pair();
    writer.set_padding(RecordPadding::to_multiple_of(NonZeroU16::new(64).unwrap()));
    let mut out = [0; 5 + 64 + 16 + 63];
    let cut = writer.seal_slice(DATA, &[7; 100], &mut out).unwrap();
    assert_eq!((cut.read, cut.written), (63, 5 + 64 + 16));
    let Ok(Opened::Record(record)) = reader.open(&mut out) else { panic!() };
    assert_eq!(out[record.payload], [7; 63]);
    let needed = 5 + 64 + 16;
    let error = writer.seal_slice(DATA, &[7; 100], &mut out[..needed - 1]).unwrap_err();
    assert_eq!(error, RecordError::BufferTooSmall { needed, got: needed - 1 });
}

#[test]
fn open_data_leaves_no_other_content_in_the_place() {
    let content = b"a handshake message";
    let (mut writer, mut reader) = default_pair();
    let mut record = sealed(&mut writer, MESSAGE, content);
    let mut place = [0xee; 100];
    // One byte short.
    assert_eq!(reader.open_data(&mut record, &mut place[..content.len()]), Ok(None));
    assert_eq!(place, [0xee; 100]);
    assert_eq!(reader.open_data(&mut record, &mut place), Ok(None));
    assert!(place.iter().all(|byte| *byte == 0 || *byte == 0xee));
    let Ok(Opened::Record(opened)) = reader.open(&mut record) else { panic!() };
    assert_eq!((opened.content_type, &record[opened.payload]), (MESSAGE, &content[..]));
    // It was opened once.
    assert_eq!((reader.sequence_number(), opened.consumed), (1, record.len()));
    let mut record = sealed(&mut writer, DATA, b"data");
    let data = reader.open_data(&mut record, &mut place).unwrap().unwrap();
    assert_eq!((&place[..data.length], data.consumed), (&b"data"[..], record.len()));
    // A record that does not open leaves nothing either.
    let mut record = sealed(&mut writer, DATA, b"data");
    *record.last_mut().unwrap() ^= 1;
    place.fill(0xee);
    assert_eq!(reader.open_data(&mut record, &mut place), Err(RecordError::BadRecordMac));
    assert!(place.iter().all(|byte| *byte == 0 || *byte == 0xee));
}
