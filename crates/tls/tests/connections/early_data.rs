//! A server that does not accept early data skips it (RFC 9846 section 4.3.10).

use super::{streams::builders_with, support::Secrets};
use cairn_handshake::HandshakeErrorKind;
use cairn_record::RecordWriter;
use cairn_schedule::{KeyChange, Keys};
use cairn_tls::{
    Connection, Direction, Epoch, Error, ErrorKind, Limits, Progress, RecordError, RecordLimits,
    ServerConfigBuilder, ServerName, Side, Versions,
    wire::{AlertDescription, ContentType, NamedGroup},
};
use std::sync::Arc;

/// A client whose hello offers early data, and a server.
struct Ends {
    client: Connection,
    server: Connection,
    /// The server's.
    secrets: Arc<Secrets>,
    to_client: Vec<u8>,
}

impl Ends {
    /// The server has received the hello.
    fn after_hello(change: impl FnOnce(ServerConfigBuilder) -> ServerConfigBuilder) -> Self {
        let secrets = Arc::new(Secrets::default());
        let (client, server) = builders_with(Versions::Tls13, Versions::Tls13);
        let server = change(server.key_log(secrets.clone())).build().unwrap();
        let name = ServerName::parse("localhost").unwrap();
        let client = Connection::client(&client.build().unwrap(), name);
        let server = Connection::server(&server);
        let mut ends = Self { client, server, secrets, to_client: Vec::new() };
        let mut hello = Vec::new();
        ends.client.start(&mut hello).unwrap();
        ends.server.start(&mut ends.to_client).unwrap();
        offer_early_data(&mut hello);
        ends.send(&mut hello).unwrap();
        ends
    }

    /// The server receives a record.
    fn send(&mut self, record: &mut [u8]) -> Result<(), Error> {
        let received = self.server.receive(record, &mut self.to_client)?;
        assert_eq!((received.consumed, received.progress), (record.len(), Progress::Handled));
        Ok(())
    }

    /// The server receives early data with a body of this length.
    fn send_early_data(&mut self, length: u16) -> Result<(), Error> {
        let [high, low] = length.to_be_bytes();
        let mut record = vec![23, 3, 3, high, low];
        record.resize(record.len() + usize::from(length), 0xed);
        self.send(&mut record)
    }

    /// The server receives a Finished that is protected and wrong.
    fn send_finished(&mut self) -> Error {
        let (secret, suite) = self.secrets.handshake(Side::Client);
        let server = self.server.reader().state();
        assert_eq!(server, "AwaitFinished");
        let mut finished = vec![20, 0, 0, 0];
        finished[3] = u8::try_from(suite.hash.output_len()).unwrap();
        finished.resize(4 + suite.hash.output_len(), 0);
        let keys = Keys::Tls13(secret.for_suite(suite).unwrap());
        let mut writer = RecordWriter::new(RecordLimits::default());
        let change = KeyChange { epoch: Epoch::Handshake, direction: Direction::Write, keys };
        writer.change_keys(&cairn_tls::default_provider(), &change).unwrap();
        let mut record = Vec::new();
        writer.seal(ContentType::HANDSHAKE, &finished, &mut record).unwrap();
        self.send(&mut record).unwrap_err()
    }
}

/// Adds early_data to a ClientHello in one record.
fn offer_early_data(record: &mut Vec<u8>) {
    let mut place = 5 + 4 + 2 + 32;
    place += 1 + usize::from(record[place]);
    place += 2 + usize::from(u16::from_be_bytes([record[place], record[place + 1]]));
    place += 1 + usize::from(record[place]);
    // The lengths of the record, of the message (without its highest byte) and of the extensions.
    for length in [3, 7, place] {
        let longer = u16::from_be_bytes([record[length], record[length + 1]]) + 4;
        record[length..length + 2].copy_from_slice(&longer.to_be_bytes());
    }
    record.extend_from_slice(&[0, 42, 0, 0]);
}

#[test]
fn server_skips_early_data_up_to_the_first_record_that_its_keys_open() {
    // The groups do not matter, and the suite follows from the hash.
    let mut ends = Ends::after_hello(|server| server);
    for length in [1, 17, 500, 16_384] {
        ends.send_early_data(length).unwrap();
    }
    // A ChangeCipherSpec for middleboxes may be among it.
    ends.send(&mut [20, 3, 3, 0, 1, 1]).unwrap();
    ends.send_early_data(40).unwrap();
    let error = ends.send_finished();
    let ErrorKind::Handshake(fault) = error.kind else { panic!("{error}") };
    assert_eq!(fault.kind, HandshakeErrorKind::WrongFinished);
}

#[test]
fn server_skips_early_data_between_hello_retry_request_and_the_second_hello() {
    let mut ends = Ends::after_hello(|server| server.groups(&[NamedGroup::SECP256R1]));
    assert_eq!(ends.server.reader().state(), "AwaitSecondClientHello");
    ends.send_early_data(16_384).unwrap();
    ends.send_early_data(40).unwrap();
    let mut hello = Vec::new();
    while !ends.to_client.is_empty() {
        let received = ends.client.receive(&mut ends.to_client, &mut hello).unwrap();
        ends.to_client.drain(..received.consumed);
    }
    // Its ChangeCipherSpec and its hello.
    let (ccs, hello) = hello.split_at_mut(6);
    ends.send(ccs).unwrap();
    ends.send(hello).unwrap();
    assert_eq!(ends.server.reader().state(), "AwaitFinished");
    let error = ends.send_early_data(40).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Record(RecordError::BadRecordMac));
}

#[test]
fn more_early_data_than_the_limit_is_unexpected_message() {
    for retry in [false, true] {
        let mut limits = Limits::default();
        limits.max_skipped_early_data = 1000;
        let mut ends = Ends::after_hello(|server| {
            let server = server.limits(limits);
            if retry { server.groups(&[NamedGroup::SECP256R1]) } else { server }
        });
        ends.send_early_data(500).unwrap();
        ends.send_early_data(500).unwrap();
        let error = ends.send_early_data(1).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Record(RecordError::TooMuchEarlyData { max: 1000 }));
        assert_eq!(error.alert, Some(AlertDescription::UNEXPECTED_MESSAGE));
        assert!(ends.to_client.len() > 7, "the alert is sent");
    }
}
