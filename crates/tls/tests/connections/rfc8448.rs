//! The server with the inputs of RFC 8448 section 3: the ClientHello of the trace, byte for byte, and the
//! server's random and ephemeral key.
//!
//! What the inputs determine must be as in the trace: ServerHello, except for the order of its two
//! extensions, and with it the shared secret. The order is this stack's own (RFC 9846 section 4.3 leaves it
//! open), so the transcript differs from ServerHello on, and with it every later secret and record. Those are
//! computed here from the trace's shared secret and the messages that were sent. The trace's certificate
//! cannot be used either: its RSA key has 1024 bits. `cairn-schedule` replays the trace's secrets, and
//! `cairn-record` its records.
//!
//! The client of the trace cannot be replayed, because this stack writes another ClientHello.

use super::key_updates::receive_all;
use crate::support::{Kind, SetClock, server_identity};
use cairn_crypto::{CryptoError, HashAlgorithm, RandomSource};
use cairn_record::{Opened, RecordReader, RecordWriter};
use cairn_schedule::{
    Gate, KeyChange, Keys,
    tls13::{ClientHelloTranscript, EarlySecret, Kdf, SUITES, Tls13Suite, TrafficSecret, Transcript},
};
use cairn_tls::{
    Connection, Direction, Epoch, KeyLog, KeyLogLine, Progress, RecordLimits, ServerConfig, Versions,
    wire::{ContentType, HandshakeType},
};
use std::sync::{Arc, Mutex};

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let byte = |two: &[u8]| u8::from_str_radix(core::str::from_utf8(two).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

const CLIENT_HELLO: &str = "
    01 00 00 c0 03 03 cb 34 ec b1 e7 81 63 ba 1c 38 c6 da cb 19 6a 6d ff a2 1a 8d 99 12 ec 18 a2 ef 62 83
    02 4d ec e7 00 00 06 13 01 13 03 13 02 01 00 00 91 00 00 00 0b 00 09 00 00 06 73 65 72 76 65 72 ff 01
    00 01 00 00 0a 00 14 00 12 00 1d 00 17 00 18 00 19 01 00 01 01 01 02 01 03 01 04 00 23 00 00 00 33 00
    26 00 24 00 1d 00 20 99 38 1d e5 60 e4 bd 43 d2 3d 8e 43 5a 7d ba fe b3 c0 6e 51 c1 3c ae 4d 54 13 69
    1e 52 9a af 2c 00 2b 00 03 02 03 04 00 0d 00 20 00 1e 04 03 05 03 06 03 02 03 08 04 08 05 08 06 04 01
    05 01 06 01 02 01 04 02 05 02 06 02 02 02 00 2d 00 02 01 01 00 1c 00 02 40 01";

const SERVER_HELLO: &str = "
    02 00 00 56 03 03 a6 af 06 a4 12 18 60 dc 5e 6e 60 24 9c d3 4c 95 93 0c 8a c5 cb 14 34 da c1 55 77 2e
    d3 e2 69 28 00 13 01 00 00 2e 00 33 00 24 00 1d 00 20 c9 82 88 76 11 20 95 fe 66 76 2b db f7 c6 72 e1
    56 d6 cc 25 3b 83 3d f1 dd 69 b1 b0 4e 75 1f 0f 00 2b 00 02 03 04";

/// The server's ephemeral private key.
const PRIVATE_KEY: &str = "
    b1 58 0e ea df 6d d5 89 b8 ef 4f 2d 56 52 57 8c c8 10 e9 98 01 91 ec 8d 05 83 08 ce a2 16 a2 1e";

/// The result of the key exchange.
const SHARED_SECRET: &str = "
    8b d4 05 4f b5 5b 9d 63 fd fb ac f9 f0 4b 9f 0d 35 e6 d6 3f 53 75 63 ef d4 62 72 90 0f 89 49 2d";

/// Returns these values in turn, and then bytes that count up.
#[derive(Default)]
struct Given(Mutex<Vec<Vec<u8>>>);

impl RandomSource for Given {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        let mut values = self.0.lock().unwrap();
        if values.first().is_some_and(|value| value.len() == out.len()) {
            out.copy_from_slice(&values.remove(0));
        } else {
            out.iter_mut().zip(0..).for_each(|(byte, number)| *byte = number);
        }
        Ok(())
    }
}

/// The secrets in the server's key log.
#[derive(Default)]
struct Secrets(Mutex<Vec<(&'static str, Vec<u8>)>>);

impl KeyLog for Secrets {
    fn log(&self, line: &KeyLogLine) {
        self.0.lock().unwrap().push((line.label, line.secret.expose().to_vec()));
    }
}

fn suite() -> &'static Tls13Suite {
    SUITES.iter().find(|suite| suite.id.to_string() == "TLS_AES_128_GCM_SHA256").unwrap()
}

fn provider() -> cairn_crypto::Provider {
    cairn_provider_rustcrypto::provider()
}

/// The client's halves of the record layer, with these keys.
fn change(secret: TrafficSecret, direction: Direction, epoch: Epoch) -> KeyChange {
    KeyChange { epoch, direction, keys: Keys::Tls13(secret) }
}

/// Splits handshake messages.
fn messages(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while let [_, a, b, c, ..] = bytes {
        let length = 4 + usize::from(*a) * 65536 + usize::from(*b) * 256 + usize::from(*c);
        let (message, rest) = bytes.split_at(length);
        all.push(message.to_vec());
        bytes = rest;
    }
    all
}

/// The content of the next record, which is removed.
fn open(reader: &mut RecordReader, input: &mut Vec<u8>) -> (ContentType, Vec<u8>) {
    let Opened::Record(record) = reader.open(input).unwrap() else { panic!("no record") };
    let content = input[record.payload].to_vec();
    input.drain(..record.consumed);
    (record.content_type, content)
}

#[test]
fn server_answers_the_client_hello_of_rfc_8448() {
    let random = Arc::new(Given::default());
    let secrets = Arc::new(Secrets::default());
    let mut given = provider();
    given.random = random.clone();
    let identity = server_identity(Kind::P256);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let config =
        ServerConfig::builder_with(given).credential(&chain, identity.signing_key().clone()).unwrap();
    let config = config.clock(SetClock::new()).versions(Versions::Tls13).key_log(secrets.clone());
    let mut server = Connection::server(&config.build().unwrap());
    let mut out = Vec::new();
    server.start(&mut out).unwrap();

    let (client_hello, expected) = (hex(CLIENT_HELLO), hex(SERVER_HELLO));
    *random.0.lock().unwrap() = vec![expected[6..38].to_vec(), hex(PRIVATE_KEY)];
    let mut record = vec![22, 3, 1, 0, 196];
    record.extend_from_slice(&client_hello);
    receive_all(&mut server, &[record], &mut out);
    assert!(random.0.lock().unwrap().is_empty(), "the random and the key were used");

    // ServerHello has the bytes of the trace, with the extensions in the other order.
    let mut reader = RecordReader::new(RecordLimits::default());
    let (_, server_hello) = open(&mut reader, &mut out);
    let (before, extensions) = server_hello.split_at(44);
    let (versions, share) = extensions.split_at(6);
    assert_eq!([before, share, versions].concat(), expected);

    // The secrets follow from the shared secret of the trace and what was sent.
    let kdf = Kdf::new(&provider(), HashAlgorithm::Sha256).unwrap();
    let mut transcript: Transcript = ClientHelloTranscript::new(client_hello).into_transcript(&kdf).unwrap();
    transcript.add(&server_hello).unwrap();
    let early = EarlySecret::without_psk(&kdf);
    let handshake = early.into_handshake_secret(Some(&hex(SHARED_SECRET))).unwrap();
    let traffic = handshake.traffic_secrets(&transcript.hash().unwrap()).unwrap();
    let logged = |label| {
        let secrets = secrets.0.lock().unwrap();
        secrets.iter().find(|(known, _)| *known == label).map(|(_, secret)| secret.clone())
    };
    assert_eq!(logged("CLIENT_HANDSHAKE_TRAFFIC_SECRET").as_deref(), Some(traffic.client.expose()));
    assert_eq!(logged("SERVER_HANDSHAKE_TRAFFIC_SECRET").as_deref(), Some(traffic.server.expose()));

    // The flight opens, and has the messages of the trace.
    let keys = traffic.server.for_suite(suite()).unwrap();
    reader.change_keys(&provider(), &change(keys, Direction::Read, Epoch::Handshake)).unwrap();
    let mut flight = Vec::new();
    while !out.is_empty() {
        let (content_type, content) = open(&mut reader, &mut out);
        assert_eq!(content_type, ContentType::HANDSHAKE);
        flight.extend_from_slice(&content);
    }
    let flight = messages(&flight);
    let types: Vec<HandshakeType> = flight.iter().map(|message| HandshakeType(message[0])).collect();
    assert_eq!(
        types,
        [
            HandshakeType::ENCRYPTED_EXTENSIONS,
            HandshakeType::CERTIFICATE,
            HandshakeType::CERTIFICATE_VERIFY,
            HandshakeType::FINISHED,
        ]
    );
    let (finished, others) = flight.split_last().unwrap();
    others.iter().for_each(|message| transcript.add(message).unwrap());
    let ours = traffic.server.verify_data(&transcript.hash().unwrap()).unwrap();
    assert_eq!(&finished[4..], ours.as_bytes());
    transcript.add(finished).unwrap();
    let after_finished = transcript.hash().unwrap();
    let main = handshake.into_main_secret().unwrap();
    let application = main.traffic_secrets(&after_finished).unwrap();

    // The client's Finished, and the 50 bytes of application data in each direction.
    let mut writer = RecordWriter::new(RecordLimits::default());
    let keys = traffic.client.for_suite(suite()).unwrap();
    writer.change_keys(&provider(), &change(keys, Direction::Write, Epoch::Handshake)).unwrap();
    let verify_data = traffic.client.verify_data(&after_finished).unwrap();
    let mut record = Vec::new();
    let message = [&[20, 0, 0, 32], verify_data.as_bytes()].concat();
    writer.seal(ContentType::HANDSHAKE, &message, &mut record).unwrap();
    receive_all(&mut server, &[record], &mut out);
    assert!(server.reader().is_complete());
    transcript.add(&message).unwrap();

    let epoch = Epoch::Application(0);
    let keys = application.client.for_suite(suite()).unwrap();
    writer.change_keys(&provider(), &change(keys, Direction::Write, epoch)).unwrap();
    writer.set_gate(Gate::Open { epoch }).unwrap();
    let data: Vec<u8> = (0..50).collect();
    let mut record = Vec::new();
    writer.seal(ContentType::APPLICATION_DATA, &data, &mut record).unwrap();
    let Progress::Data(place) = server.receive(&mut record, &mut out).unwrap().progress else {
        panic!("no data")
    };
    assert_eq!(record[place], data);

    let keys = application.server.for_suite(suite()).unwrap();
    reader.change_keys(&provider(), &change(keys, Direction::Read, epoch)).unwrap();
    reader.set_gate(Gate::Open { epoch }).unwrap();
    server.write(&data, &mut out).unwrap();
    let mut records = Vec::new();
    while !out.is_empty() {
        records.push(open(&mut reader, &mut out));
    }
    // The client has offered psk_dhe_ke, so there are tickets before the data, as in the trace.
    let (last, tickets) = records.split_last().unwrap();
    assert_eq!(*last, (ContentType::APPLICATION_DATA, data));
    assert!(!tickets.is_empty());
    for (content_type, content) in tickets {
        assert_eq!(*content_type, ContentType::HANDSHAKE);
        for message in messages(content) {
            assert_eq!(HandshakeType(message[0]), HandshakeType::NEW_SESSION_TICKET);
        }
    }
    // close_notify in both directions.
    let mut record = Vec::new();
    writer.seal(ContentType::ALERT, &[1, 0], &mut record).unwrap();
    assert_eq!(server.receive(&mut record, &mut out).unwrap().progress, Progress::Closed);
    server.close(&mut out).unwrap();
    assert_eq!(open(&mut reader, &mut out), (ContentType::ALERT, vec![1, 0]));
}
