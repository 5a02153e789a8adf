//! Reader and writer together, with random payloads, random fragmentation and hostile bytes.

mod gate;

use crate::testing::{AES_128_GCM, Kind, kinds, pair};
use crate::{
    error::RecordError,
    limits::{HEADER_LEN, MAX_RECORD_LEN, RecordLimits},
    reader::{Opened, RecordReader},
};
use alloc::{format, string::ToString, vec::Vec};
use cairn_wire::ContentType;
use proptest::{collection::vec, option, prelude::*, sample};

fn limits() -> RecordLimits {
    RecordLimits { max_empty_records: u16::MAX, max_warning_alerts: u16::MAX, ..RecordLimits::default() }
}

fn a_kind() -> impl Strategy<Value = Option<Kind>> {
    option::weighted(0.9, sample::select(kinds().collect::<Vec<_>>()))
}

fn a_content_type() -> impl Strategy<Value = ContentType> {
    (20..=23_u8).prop_map(ContentType)
}

/// Sizes around the limits, and arbitrary ones.
fn a_size() -> impl Strategy<Value = usize> {
    prop_oneof![
        sample::select(&[0, 1, 2, (1 << 14) - 1, 1 << 14, (1 << 14) + 1, 1 << 15][..]),
        0..100_usize,
        0..40_000_usize
    ]
}

fn payload(seed: usize, size: usize) -> Vec<u8> {
    (0..=250).cycle().skip(seed).take(size).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn sealed_records_are_opened_however_they_arrive(
        id in a_kind(),
        max in prop_oneof![Just(1_u16 << 14), 64..2000_u16],
        messages in vec((a_content_type(), a_size()), 1..6),
        cuts in vec(1..5000_usize, 1..20),
        room in prop_oneof![Just(0), 0..3000_usize, Just(1 << 14)],
    ) {
        let (mut writer, mut reader) = pair(id, limits());
        writer.set_max_plaintext(max);
        let (mut wire, mut sent) = (Vec::new(), Vec::new());
        for (number, (content_type, size)) in messages.into_iter().enumerate() {
            let payload = payload(number, size);
            // Application data needs keys, and nothing else may be empty.
            let is_data = content_type == ContentType::APPLICATION_DATA;
            let is_refused = if is_data { id.is_none() } else { payload.is_empty() };
            if is_refused {
                continue;
            }
            writer.seal(content_type, &payload, &mut wire).unwrap();
            sent.extend(payload.iter().map(|byte| (content_type, *byte)));
        }

        // The bytes arrive in pieces. After each piece the buffer is read, and consumed bytes are removed.
        let (mut buffer, mut opened) = (Vec::new(), Vec::new());
        let mut place = alloc::vec![0; room];
        let (mut cuts, mut rest) = (cuts.into_iter().cycle(), &wire[..]);
        while !rest.is_empty() {
            let (piece, next) = rest.split_at(cuts.next().unwrap().min(rest.len()));
            rest = next;
            buffer.extend_from_slice(piece);
            loop {
                if let Some(data) = reader.open_data(&mut buffer, &mut place).unwrap() {
                    prop_assert!(id.is_some() && data.length <= usize::from(max).min(room));
                    let text = &place[..data.length];
                    opened.extend(text.iter().map(|byte| (ContentType::APPLICATION_DATA, *byte)));
                    buffer.drain(..data.consumed);
                    continue;
                }
                match reader.open(&mut buffer).unwrap() {
                    Opened::Incomplete { needed } => {
                        prop_assert!(needed > buffer.len() && needed <= MAX_RECORD_LEN);
                        break;
                    }
                    Opened::Ignored { .. } => prop_assert!(false, "nothing is ignored"),
                    Opened::Record(record) => {
                        prop_assert!(record.payload.len() <= usize::from(max));
                        opened.extend(buffer[record.payload].iter().map(|byte| (record.content_type, *byte)));
                        buffer.drain(..record.consumed);
                    }
                }
            }
        }
        prop_assert!(buffer.is_empty());
        prop_assert_eq!(opened, sent);
        prop_assert_eq!(reader.sequence_number(), writer.sequence_number());
    }

    #[test]
    fn seal_slice_transfers_everything_with_any_buffer_size(
        id in a_kind(),
        content_type in sample::select(&[ContentType::HANDSHAKE, ContentType::APPLICATION_DATA][..]),
        size in 1..5000_usize,
        max in 64..1000_u16,
        room in 85..3000_usize,
    ) {
        let content_type = if id.is_some() { content_type } else { ContentType::HANDSHAKE };
        let (mut writer, mut reader) = pair(id, limits());
        writer.set_max_plaintext(max);
        let payload = payload(0, size);
        let (mut rest, mut opened) = (&payload[..], Vec::new());
        let mut buffer = alloc::vec![0; room];
        while !rest.is_empty() {
            let sealed = writer.seal_slice(content_type, rest, &mut buffer).unwrap();
            prop_assert!(sealed.read > 0 && sealed.written <= room);
            rest = &rest[sealed.read..];
            let mut wire = &mut buffer[..sealed.written];
            while !wire.is_empty() {
                let Opened::Record(record) = reader.open(wire).unwrap() else { panic!("incomplete record") };
                opened.extend_from_slice(&wire[record.payload]);
                wire = &mut wire[record.consumed..];
            }
        }
        prop_assert_eq!(opened, payload);
    }

    #[test]
    fn hostile_bytes_cause_no_panic(
        id in a_kind(),
        fresh: bool,
        straight: bool,
        mut input in hostile(),
    ) {
        let (_, mut reader) = pair(id, limits());
        if fresh && id.is_none() {
            reader = RecordReader::new(limits());
        }
        let mut rest = &mut input[..];
        let mut place = [0; 100];
        loop {
            let opened = if straight { reader.open_data(rest, &mut place) } else { Ok(None) };
            prop_assert!(!matches!(opened, Ok(Some(_))), "a forged record was opened");
            prop_assert_eq!(place, [0; 100]);
            match reader.open(rest) {
                Ok(Opened::Incomplete { needed }) => {
                    prop_assert!(needed >= HEADER_LEN && needed > rest.len() && needed <= MAX_RECORD_LEN);
                    break;
                }
                Ok(Opened::Ignored { .. }) => prop_assert!(false, "nothing is ignored"),
                Ok(Opened::Record(record)) => {
                    prop_assert!(id.is_none(), "a forged record was opened");
                    prop_assert!(record.consumed > 0 && record.consumed <= rest.len());
                    prop_assert!(record.payload.start <= record.payload.end);
                    prop_assert!(record.payload.end <= record.consumed);
                    rest = &mut rest[record.consumed..];
                }
                Err(error) => {
                    prop_assert!(error.alert().is_some());
                    prop_assert_eq!(reader.open(rest), Err(error));
                    break;
                }
            }
        }
    }
}

/// Arbitrary bytes, and bytes with almost valid headers.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let almost = (18..26_u8, 2..5_u8, 0..6_u8, 0..0x60_u8, any::<u8>(), vec(any::<u8>(), 0..60)).prop_map(
        |(content_type, major, minor, high, low, body)| {
            let mut record = alloc::vec![content_type, major, minor, high, low];
            record.extend_from_slice(&body);
            record
        },
    );
    let right = (20..24_u8, vec(any::<u8>(), 0..60)).prop_map(|(content_type, body)| {
        let mut record = alloc::vec![content_type, 3, 3, 0, u8::try_from(body.len()).unwrap()];
        record.extend_from_slice(&body);
        record
    });
    prop_oneof![
        vec(any::<u8>(), 0..200),
        vec(prop_oneof![1 => almost, 3 => right], 1..6).prop_map(|records| records.concat()),
    ]
}

#[test]
fn error_messages_say_what_was_expected_and_received() {
    use crate::sniff::LooksLike;
    use cairn_wire::ProtocolVersion;
    for (error, words) in [
        (
            RecordError::NotTls { looks_like: LooksLike::Http },
            "expected a TLS record, got plain HTTP (RFC 5246 section 6.2.1)",
        ),
        (
            RecordError::WrongVersion {
                expected: Some(ProtocolVersion::TLS_1_2),
                got: ProtocolVersion::TLS_1_0,
            },
            "expected a record of version TLS 1.2, got TLS 1.0 (RFC 5246 section 6.2.1)",
        ),
        (
            RecordError::WrongVersion { expected: None, got: ProtocolVersion(0x0400) },
            "expected a record of any TLS version (0x03xx), got 0x0400 (RFC 5246 appendix E.1)",
        ),
        (
            RecordError::PlaintextTooLong { length: 17_000, max: 16_384 },
            "expected a fragment of at most 16384 bytes, got 17000 (RFC 5246 section 6.2.1)",
        ),
        (RecordError::OutOfMemory, "out of memory"),
    ] {
        assert_eq!(error.to_string(), words);
    }
}

#[test]
fn debug_output_contains_no_keys() {
    let (writer, reader) = pair(Some(AES_128_GCM), limits());
    for shown in [format!("{writer:?}"), format!("{reader:?}")] {
        assert!(shown.contains("RecordKeys(AEAD)"), "{shown}");
    }
}
