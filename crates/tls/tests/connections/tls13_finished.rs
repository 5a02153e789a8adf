//! Finished is the last message before new keys, so nothing follows it in its record (RFC 9846 section 5.1:
//! "Handshake messages MUST NOT span key changes").

use super::support::{Kind, Pair, Secrets, client, server};
use cairn_record::{Opened, RecordReader, RecordWriter};
use cairn_schedule::{KeyChange, Keys};
use cairn_tls::{
    Direction, Epoch, RecordLimits, Side, Versions,
    wire::{AlertDescription, ContentType},
};
use std::sync::Arc;

/// The handshake of a client and a server, in which `sender` appends these bytes to the record of Finished.
fn with_appendix(sender: Side, appendix: &[u8]) -> Pair {
    let log = Arc::new(Secrets::default());
    // The server has the secret before it returns its flight.
    let server = server(Kind::P256).versions(Versions::Tls13).key_log(log.clone()).build().unwrap();
    let mut pair = Pair::new(&client().versions(Versions::Tls13).build().unwrap(), &server);
    let mut appended = false;
    pair.run_through(|side, _, mut record| {
        // The flight is in the first encrypted record.
        if side != sender || record[0] != 23 || appended {
            return record;
        }
        appended = true;
        let provider = cairn_tls::default_provider();
        let (secret, suite) = log.handshake(sender);
        let change = |direction| {
            let keys = Keys::Tls13(secret.for_suite(suite).unwrap());
            KeyChange { epoch: Epoch::Handshake, direction, keys }
        };
        let mut reader = RecordReader::new(RecordLimits::default());
        let mut writer = RecordWriter::new(RecordLimits::default());
        reader.change_keys(&provider, &change(Direction::Read)).unwrap();
        writer.change_keys(&provider, &change(Direction::Write)).unwrap();
        let Ok(Opened::Record(opened)) = reader.open(&mut record) else { panic!("no record") };
        let mut flight = record[opened.payload.clone()].to_vec();
        // Finished is its last message.
        let finished = flight.len() - 4 - suite.hash.output_len();
        assert_eq!(flight[finished..finished + 4], [20, 0, 0, 32]);
        flight.extend_from_slice(appendix);
        let mut record = Vec::new();
        writer.seal(ContentType::HANDSHAKE, &flight, &mut record).unwrap();
        record
    });
    assert!(appended);
    pair
}

#[test]
fn record_of_finished_can_be_sealed_again() {
    for sender in [Side::Client, Side::Server] {
        let pair = with_appendix(sender, &[]);
        assert!(pair.complete(), "{} / {}", pair.client.fault(), pair.server.fault());
    }
}

#[test]
fn nothing_follows_finished_in_its_record() {
    let messages: [&[u8]; 4] = [
        // The start of a message, a header, a KeyUpdate, and a NewSessionTicket that lacks its end.
        &[0],
        &[24, 0, 0, 1],
        &[24, 0, 0, 1, 0],
        &[4, 0, 1, 0, 0, 0],
    ];
    for sender in [Side::Client, Side::Server] {
        for appendix in messages {
            let pair = with_appendix(sender, appendix);
            let receiver = if sender == Side::Client { &pair.server } else { &pair.client };
            let error = receiver.error.unwrap_or_else(|| panic!("{sender:?} {appendix:?} is accepted"));
            assert_eq!(error.alert, Some(AlertDescription::UNEXPECTED_MESSAGE), "{sender:?} {appendix:?}");
        }
    }
}
