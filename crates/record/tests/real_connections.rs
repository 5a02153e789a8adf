//! Real connections between OpenSSL's client and server, decrypted with only their key log. They show that
//! the key block, nonces, associated data, sequence numbers, Finished and exporters agree with OpenSSL.
//!
//! `data/capture.py` recorded them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "this file is a test")]
#![allow(clippy::std_instead_of_alloc, reason = "tests have std")]

use cairn_crypto::{
    AeadAlgorithm, BlockCipherAlgorithm, CryptoError, HashAlgorithm, HashOutput, Provider, RandomSource,
    Secret,
};
use cairn_record::{HEADER_LEN, Opened, RecordLimits, RecordReader, RecordWriter};
use cairn_schedule::{
    Authentication, Direction, Epoch, Gate, KeyBlock, KeyChange, Keys, MasterSecret, NonceScheme, Prf,
    Protection, Randoms, Side, Tls12Suite, Transcript, export_keying_material, suite, verify_data,
};
use cairn_wire::{
    CipherSuite, ClientHello, ContentType, Decode, ExtensionType, HandshakeType, KeyExchangeAlgorithm,
    ProtocolVersion, ServerHello,
};
use std::sync::{Arc, Mutex};

const fn of_old(
    id: CipherSuite,
    key_exchange: KeyExchangeAlgorithm,
    protection: Protection,
    prf_hash: HashAlgorithm,
) -> Tls12Suite {
    Tls12Suite { id, key_exchange, authentication: Authentication::Rsa, protection, prf_hash }
}

const fn ccm(algorithm: AeadAlgorithm) -> Protection {
    Protection::Aead { algorithm, nonce: NonceScheme::SaltAndExplicit }
}

const fn cbc(cipher: BlockCipherAlgorithm, mac: HashAlgorithm) -> Protection {
    Protection::cbc(cipher, mac)
}

use BlockCipherAlgorithm::{Aes128, Aes256};
use HashAlgorithm::{Sha1, Sha256, Sha384};
use KeyExchangeAlgorithm::{Ecdhe, Rsa};

static OF_OLD: [Tls12Suite; 7] = [
    of_old(CipherSuite::TLS_RSA_WITH_AES_128_CCM, Rsa, ccm(AeadAlgorithm::Aes128Ccm), Sha256),
    of_old(CipherSuite::TLS_RSA_WITH_AES_128_CCM_8, Rsa, ccm(AeadAlgorithm::Aes128Ccm8), Sha256),
    of_old(CipherSuite::TLS_RSA_WITH_NULL_SHA256, Rsa, Protection::Null { mac: Sha256 }, Sha256),
    of_old(CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA, Rsa, cbc(Aes128, Sha1), Sha256),
    of_old(CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA256, Rsa, cbc(Aes256, Sha256), Sha256),
    of_old(CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, Ecdhe, cbc(Aes128, Sha256), Sha256),
    of_old(CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384, Ecdhe, cbc(Aes256, Sha384), Sha384),
];

fn any_suite(id: CipherSuite) -> &'static Tls12Suite {
    suite(id).or_else(|| OF_OLD.iter().find(|suite| suite.id == id)).unwrap()
}

/// The output of `capture.py`.
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

/// The records of one side.
struct Way<'c> {
    reader: RecordReader,
    rest: &'c mut [u8],
}

impl Way<'_> {
    fn new(bytes: &mut [u8]) -> Way<'_> {
        Way { reader: RecordReader::new(RecordLimits::default()), rest: bytes }
    }

    fn next(&mut self) -> (ContentType, Vec<u8>) {
        let Opened::Record(record) = self.reader.open(self.rest).unwrap() else {
            panic!("incomplete record")
        };
        let content = self.rest[record.payload].to_vec();
        let rest = core::mem::take(&mut self.rest);
        self.rest = &mut rest[record.consumed..];
        (record.content_type, content)
    }

    /// Returns the next record, which contains one handshake message of this type, as OpenSSL sends them.
    fn message(&mut self, msg_type: HandshakeType) -> Vec<u8> {
        let (content_type, content) = self.next();
        assert_eq!((content_type, content[0]), (ContentType::HANDSHAKE, msg_type.0));
        assert_eq!(content[1..4], u32::try_from(content.len() - 4).unwrap().to_be_bytes()[1..]);
        content
    }

    fn change_keys(&mut self, provider: &Provider, change: &KeyChange) {
        assert_eq!(self.next(), (ContentType::CHANGE_CIPHER_SPEC, vec![1]));
        self.reader.change_keys(provider, change).unwrap();
    }
}

fn finished(prf: &Prf, sender: Side, transcript: &HashOutput) -> Vec<u8> {
    [&[20, 0, 0, 12], &verify_data(prf, sender, transcript.as_bytes()).unwrap().as_bytes()[..]].concat()
}

/// Follows the handshake in `capture` and decrypts the application data. Returns the client's write keys and
/// its Finished.
fn decrypt(capture: &Capture, id: CipherSuite, encrypt_then_mac: bool) -> (KeyChange, Vec<u8>) {
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
    let suite = any_suite(server_hello.cipher_suite);
    assert_eq!(suite.id, id);
    let agreed = server_hello.extensions.unwrap().contains(ExtensionType::ENCRYPT_THEN_MAC);
    assert_eq!(agreed, encrypt_then_mac);
    transcript.add(&server.message(HandshakeType::CERTIFICATE)).unwrap();
    if suite.key_exchange == Ecdhe {
        transcript.add(&server.message(HandshakeType::SERVER_KEY_EXCHANGE)).unwrap();
    }
    transcript.add(&server.message(HandshakeType::SERVER_HELLO_DONE)).unwrap();
    transcript.add(&client.message(HandshakeType::CLIENT_KEY_EXCHANGE)).unwrap();
    transcript.choose_hash(&**provider.hash(suite.prf_hash).unwrap()).unwrap();

    let secret: [u8; 48] = capture.master_secret.clone().try_into().unwrap();
    let prf = MasterSecret::from(Secret::from(&secret)).prf(provider.hmac(suite.prf_hash).unwrap()).unwrap();
    let randoms = Randoms { client: client_hello.random, server: server_hello.random };
    let plain = suite.protection;
    // A suite without a block cipher has one order only.
    let protection = plain.with_encrypt_then_mac().filter(|_| encrypt_then_mac).unwrap_or(plain);
    let (client_keys, server_keys) = KeyBlock::derive(&prf, protection, &randoms).unwrap().into_directions();

    let mut exported = [0; 40];
    export_keying_material(&prf, &randoms, b"EXPORTER-cairn", None, &mut exported).unwrap();
    assert_eq!(exported[..], capture.exported);

    let change = |keys| KeyChange {
        epoch: Epoch::Application(0),
        direction: Direction::Read,
        keys: Keys::Tls12(keys),
    };
    let client_change = change(client_keys);
    client.change_keys(&provider, &client_change);
    let client_finished = client.message(HandshakeType::FINISHED);
    assert_eq!(client_finished, finished(&prf, Side::Client, &transcript.hash().unwrap()));
    transcript.add(&client_finished).unwrap();

    transcript.add(&server.message(HandshakeType::NEW_SESSION_TICKET)).unwrap();
    server.change_keys(&provider, &change(server_keys));
    let server_finished = server.message(HandshakeType::FINISHED);
    assert_eq!(server_finished, finished(&prf, Side::Server, &transcript.hash().unwrap()));

    for side in [&mut client, &mut server] {
        side.reader.set_gate(Gate::Open { epoch: side.reader.epoch() }).unwrap();
    }
    assert_eq!(client.next(), (ContentType::APPLICATION_DATA, b"stone upon stone\n".to_vec()));
    assert_eq!(server.next(), (ContentType::APPLICATION_DATA, b"enots nopu enots\n".to_vec()));
    for side in [&mut client, &mut server] {
        assert_eq!(side.next(), (ContentType::ALERT, vec![1, 0]), "close_notify");
        assert!(side.rest.is_empty());
    }
    (KeyChange { direction: Direction::Write, ..client_change }, client_finished)
}

/// Randomness that repeats recorded bytes: the explicit part of the client's records.
struct Replay(Mutex<Vec<Vec<u8>>>);

impl RandomSource for Replay {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        let mut left = self.0.lock().unwrap();
        out.copy_from_slice(&left.remove(0)[..out.len()]);
        Ok(())
    }
}

/// Seals the client's data again with the recorded IVs. The result must equal the records of OpenSSL.
fn seal_again(capture: &Capture, change: &KeyChange, client_finished: &[u8]) {
    let (mut bodies, mut rest) = (Vec::new(), &capture.client[..]);
    while let Some((head, behind)) = rest.split_at_checked(HEADER_LEN) {
        let (body, next) = behind.split_at(usize::from(u16::from_be_bytes([head[3], head[4]])));
        bodies.push(body.to_vec());
        rest = next;
    }
    let protected = bodies.split_off(bodies.len() - 3);
    let random = Arc::new(Replay(Mutex::new(protected)));
    let provider = Provider { random, ..cairn_provider_aws_lc::provider() };

    let mut writer = RecordWriter::new(RecordLimits::default());
    writer.set_version(ProtocolVersion::TLS_1_2);
    writer.change_keys(&provider, change).unwrap();
    let mut ours = Vec::new();
    writer.seal(ContentType::HANDSHAKE, client_finished, &mut ours).unwrap();
    writer.set_gate(Gate::Open { epoch: writer.epoch() }).unwrap();
    writer.seal(ContentType::APPLICATION_DATA, b"stone upon stone\n", &mut ours).unwrap();
    writer.seal(ContentType::ALERT, &[1, 0], &mut ours).unwrap();
    assert!(capture.client.ends_with(&ours));
}

fn decrypt_and_seal_again(capture: &str, id: CipherSuite, encrypt_then_mac: bool) {
    let capture = Capture::read(capture);
    let (change, client_finished) = decrypt(&capture, id, encrypt_then_mac);
    seal_again(&capture, &change, &client_finished);
}

// OpenSSL starts the explicit nonces of GCM and CCM at random, while Cairn uses sequence numbers. These
// records are only opened.

#[test]
fn aes_128_gcm() {
    let capture = Capture::read(include_str!("data/aes-128-gcm.txt"));
    decrypt(&capture, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, false);
}

#[test]
fn aes_256_gcm() {
    let capture = Capture::read(include_str!("data/aes-256-gcm.txt"));
    decrypt(&capture, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, false);
}

#[test]
fn aes_128_ccm() {
    let capture = Capture::read(include_str!("data/aes-128-ccm.txt"));
    decrypt(&capture, CipherSuite::TLS_RSA_WITH_AES_128_CCM, false);
}

#[test]
fn aes_128_ccm_8() {
    let capture = Capture::read(include_str!("data/aes-128-ccm-8.txt"));
    decrypt(&capture, CipherSuite::TLS_RSA_WITH_AES_128_CCM_8, false);
}

#[test]
fn chacha20_poly1305() {
    let id = CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;
    decrypt_and_seal_again(include_str!("data/chacha20-poly1305.txt"), id, false);
}

#[test]
fn null_sha256() {
    let id = CipherSuite::TLS_RSA_WITH_NULL_SHA256;
    // OpenSSL negotiates encrypt-then-MAC here too, which RFC 7366 section 3 forbids. Without encryption,
    // both orders are the same.
    decrypt_and_seal_again(include_str!("data/null-sha256.txt"), id, true);
}

#[test]
fn aes_128_cbc_sha() {
    let id = CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA;
    decrypt_and_seal_again(include_str!("data/aes-128-cbc-sha-mte.txt"), id, false);
    decrypt_and_seal_again(include_str!("data/aes-128-cbc-sha-etm.txt"), id, true);
}

#[test]
fn aes_256_cbc_sha256() {
    let id = CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA256;
    decrypt_and_seal_again(include_str!("data/aes-256-cbc-sha256-mte.txt"), id, false);
    decrypt_and_seal_again(include_str!("data/aes-256-cbc-sha256-etm.txt"), id, true);
}

#[test]
fn ecdhe_aes_128_cbc_sha256() {
    let id = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256;
    decrypt_and_seal_again(include_str!("data/ecdhe-aes-128-cbc-sha256-mte.txt"), id, false);
    decrypt_and_seal_again(include_str!("data/ecdhe-aes-128-cbc-sha256-etm.txt"), id, true);
}

#[test]
fn ecdhe_aes_256_cbc_sha384() {
    let id = CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384;
    decrypt_and_seal_again(include_str!("data/ecdhe-aes-256-cbc-sha384-mte.txt"), id, false);
    decrypt_and_seal_again(include_str!("data/ecdhe-aes-256-cbc-sha384-etm.txt"), id, true);
}
