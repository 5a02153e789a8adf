//! Real connections between OpenSSL's client and server, opened with no more than their key log: the schedule and the
//! record layer agree with the world about key block, nonces, associated data, sequence numbers, Finished and exporters.
//!
//! `data/capture.py` recorded them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "this file is a test")]

use cairn_crypto::{HashOutput, Provider, Secret};
use cairn_record::{HEADER_LEN, Opened, RecordLimits, RecordReader, RecordWriter};
use cairn_schedule::{
    Direction, Epoch, KeyBlock, KeyChange, MasterSecret, Prf, Randoms, Side, Suite, TrafficKeys, Transcript,
    export_keying_material, suite, verify_data,
};
use cairn_wire::{
    CipherSuite, ClientHello, ContentType, Decode, HandshakeType, ProtocolVersion, ServerHello,
};

/// What `capture.py` wrote.
struct Capture {
    client_random: Vec<u8>,
    master_secret: Vec<u8>,
    exported: Vec<u8>,
    client: Vec<u8>,
    server: Vec<u8>,
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

impl Capture {
    fn read(text: &str) -> Self {
        let line = |name: &str| -> Vec<Vec<u8>> {
            let line = text.lines().find(|line| line.split(' ').next() == Some(name)).unwrap();
            line.split(' ').skip(1).map(from_hex).collect()
        };
        let mut key_log = line("CLIENT_RANDOM");
        let master_secret = key_log.pop().unwrap();
        let client_random = key_log.pop().unwrap();
        Self {
            client_random,
            exported: line("EXPORTED").concat(),
            master_secret,
            client: line("CLIENT").concat(),
            server: line("SERVER").concat(),
        }
    }
}

/// What one side said, record by record.
struct Way<'c> {
    reader: RecordReader,
    rest: &'c mut [u8],
}

impl Way<'_> {
    fn new(bytes: &mut [u8]) -> Way<'_> {
        Way { reader: RecordReader::new(RecordLimits::default()), rest: bytes }
    }

    fn next(&mut self) -> (ContentType, Vec<u8>) {
        let Opened::Record(record) = self.reader.open(self.rest).unwrap() else { panic!("cut short") };
        let content = self.rest[record.payload].to_vec();
        let rest = core::mem::take(&mut self.rest);
        self.rest = &mut rest[record.consumed..];
        (record.content_type, content)
    }

    /// The next record, which holds one handshake message of this type, as OpenSSL sends them.
    fn message(&mut self, msg_type: HandshakeType) -> Vec<u8> {
        let (content_type, content) = self.next();
        assert_eq!((content_type, content[0]), (ContentType::HANDSHAKE, msg_type.0));
        assert_eq!(content[1..4], u32::try_from(content.len() - 4).unwrap().to_be_bytes()[1..]);
        content
    }

    fn change_keys(&mut self, provider: &Provider, suite: &'static Suite, keys: TrafficKeys) {
        assert_eq!(self.next(), (ContentType::CHANGE_CIPHER_SPEC, vec![1]));
        let change =
            KeyChange { epoch: Epoch(1), direction: Direction::Read, suite, keys, encrypt_then_mac: false };
        self.reader.change_keys(provider, &change).unwrap();
    }
}

fn finished(prf: &Prf, sender: Side, transcript: &HashOutput) -> Vec<u8> {
    [&[20, 0, 0, 12], &verify_data(prf, sender, transcript.as_bytes()).unwrap().as_bytes()[..]].concat()
}

/// Follows the handshake of `capture`, and opens what the two then said. Returns the client's keys.
fn decrypt(capture: &Capture, id: CipherSuite) -> TrafficKeys {
    let provider = cairn_provider_aws_lc::provider();
    let (mut sent, mut answered) = (capture.client.clone(), capture.server.clone());
    let (mut client, mut server) = (Way::new(&mut sent), Way::new(&mut answered));

    let mut transcript = Transcript::new();
    let client_hello = client.message(HandshakeType::CLIENT_HELLO);
    transcript.add(&client_hello).unwrap();
    let client_hello = ClientHello::decode_exact(&client_hello[4..]).unwrap();
    assert_eq!(client_hello.random.0[..], capture.client_random);
    client.reader.expect_version(ProtocolVersion::TLS_1_2);
    server.reader.expect_version(ProtocolVersion::TLS_1_2);

    let server_hello = server.message(HandshakeType::SERVER_HELLO);
    transcript.add(&server_hello).unwrap();
    let server_hello = ServerHello::decode_exact(&server_hello[4..]).unwrap();
    let suite = suite(server_hello.cipher_suite).unwrap();
    assert_eq!(suite.id, id);
    for msg_type in
        [HandshakeType::CERTIFICATE, HandshakeType::SERVER_KEY_EXCHANGE, HandshakeType::SERVER_HELLO_DONE]
    {
        transcript.add(&server.message(msg_type)).unwrap();
    }
    transcript.add(&client.message(HandshakeType::CLIENT_KEY_EXCHANGE)).unwrap();
    transcript.choose_hash(&**provider.hash(suite.prf_hash).unwrap()).unwrap();

    let secret: [u8; 48] = capture.master_secret.clone().try_into().unwrap();
    let prf = MasterSecret::from(Secret::from(&secret)).prf(provider.hmac(suite.prf_hash).unwrap()).unwrap();
    let randoms = Randoms { client: client_hello.random, server: server_hello.random };
    let (client_keys, server_keys) = KeyBlock::derive(&prf, suite, &randoms).unwrap().into_directions();

    let mut exported = [0; 40];
    export_keying_material(&prf, &randoms, b"EXPORTER-cairn", None, &mut exported).unwrap();
    assert_eq!(exported[..], capture.exported);

    client.change_keys(&provider, suite, client_keys.clone());
    let client_finished = client.message(HandshakeType::FINISHED);
    assert_eq!(client_finished, finished(&prf, Side::Client, &transcript.hash().unwrap()));
    transcript.add(&client_finished).unwrap();

    transcript.add(&server.message(HandshakeType::NEW_SESSION_TICKET)).unwrap();
    server.change_keys(&provider, suite, server_keys);
    let server_finished = server.message(HandshakeType::FINISHED);
    assert_eq!(server_finished, finished(&prf, Side::Server, &transcript.hash().unwrap()));

    assert_eq!(client.next(), (ContentType::APPLICATION_DATA, b"stone upon stone\n".to_vec()));
    assert_eq!(server.next(), (ContentType::APPLICATION_DATA, b"enots nopu enots\n".to_vec()));
    for side in [&mut client, &mut server] {
        assert_eq!(side.next(), (ContentType::ALERT, vec![1, 0]), "close_notify");
        assert!(side.rest.is_empty());
    }
    client_keys
}

#[test]
fn aes_128_gcm() {
    let capture = Capture::read(include_str!("data/aes-128-gcm.txt"));
    decrypt(&capture, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256);
}

#[test]
fn aes_256_gcm() {
    let capture = Capture::read(include_str!("data/aes-256-gcm.txt"));
    decrypt(&capture, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384);
}

#[test]
fn chacha20_poly1305_and_what_we_seal_is_the_same() {
    let id = CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;
    let capture = Capture::read(include_str!("data/chacha20-poly1305.txt"));
    let keys = decrypt(&capture, id);

    // No part of this nonce is the sender's to choose, so our records must be OpenSSL's to the byte.
    let mut writer = RecordWriter::new(RecordLimits::default());
    writer.set_version(ProtocolVersion::TLS_1_2);
    let change = KeyChange {
        epoch: Epoch(1),
        direction: Direction::Write,
        suite: suite(id).unwrap(),
        keys,
        encrypt_then_mac: false,
    };
    writer.change_keys(&cairn_provider_aws_lc::provider(), &change).unwrap();
    let mut ours = vec![0; HEADER_LEN + 16 + writer.suffix_len()];
    // Finished has the sequence number 0. Its text is known to be right by now; here it only counts.
    writer.seal_reserved(ContentType::HANDSHAKE, &mut ours).unwrap();
    ours.clear();
    writer.seal(ContentType::APPLICATION_DATA, b"stone upon stone\n", &mut ours).unwrap();
    writer.seal(ContentType::ALERT, &[1, 0], &mut ours).unwrap();
    assert!(capture.client.ends_with(&ours));
}
