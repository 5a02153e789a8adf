//! The bare primitives of TLS 1.3: see [`floor`](crate::floor).
//!
//! Values that depend on no secret are computed in advance: the early secret without a pre-shared key, and
//! the key that is derived from it for the handshake secret (RFC 9846 section 7.1).

use crate::floor::{Signed, Signer, nonce, random};
use crate::measure::Sides;
use crate::setup::{Group, Key, Material, Setup, Suite, Wire};
use aws_lc_rs::{
    aead::{Aad, LessSafeKey},
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey as PeerShare, X25519, agree_ephemeral},
    digest::Context,
    error::Unspecified,
    hmac,
    kem::{DecapsulationKey, EncapsulationKey, ML_KEM_768},
    rand::SystemRandom,
    signature::{ParsedPublicKey, UnparsedPublicKey},
};
use std::hint::black_box;

/// The padding, the context string and the zero byte before the hash in the signed content (RFC 9846 section
/// 4.5.2).
const SIGNED_PREFIX: usize = 64 + 33 + 1;
/// The record header, which is the associated data.
const RECORD_AAD: usize = 5;
/// The content type and the tag of a record.
const RECORD_SUFFIX: usize = 1 + 16;
/// The labels of traffic keys with their lengths: the input of one block of HKDF-Expand, about.
const INFO: usize = 24;

/// The primitives of one handshake, for both sides.
pub(crate) struct Handshake {
    setup: Setup,
    /// All messages, concatenated.
    transcript: Vec<u8>,
    /// The encrypted messages of each side, sealed.
    from_client: Vec<u8>,
    from_server: Vec<u8>,
    server: Signer,
    client: Signer,
    server_certificate: Signed<ParsedPublicKey>,
    client_certificate: Signed<ParsedPublicKey>,
    server_verify: Signed<UnparsedPublicKey<Vec<u8>>>,
    client_verify: Signed<UnparsedPublicKey<Vec<u8>>>,
    /// The key that HKDF-Extract of the handshake secret uses.
    derived: hmac::Key,
    shares: Shares,
}

/// The latest shares of the peer.
struct Shares {
    x25519: Vec<u8>,
    encapsulation_key: Vec<u8>,
    ciphertext: Vec<u8>,
    /// The client's own key for `ciphertext`.
    decapsulation_key: DecapsulationKey,
}

impl Shares {
    fn new() -> Self {
        let own = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).expect("share");
        let decapsulation_key = DecapsulationKey::generate(&ML_KEM_768).expect("key");
        let key = decapsulation_key.encapsulation_key().expect("key");
        let (ciphertext, _) = key.encapsulate().expect("encapsulate");
        Self {
            x25519: own.compute_public_key().expect("share").as_ref().to_vec(),
            encapsulation_key: key.key_bytes().expect("bytes").as_ref().to_vec(),
            ciphertext: ciphertext.as_ref().to_vec(),
            decapsulation_key,
        }
    }

    /// A fresh share, and the secret agreed with the peer's.
    fn agree(&self) {
        let own = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).expect("share");
        black_box(own.compute_public_key().expect("share"));
        let peer = PeerShare::new(&X25519, self.x25519.as_slice());
        agree_ephemeral(own, peer, Unspecified, |secret| {
            black_box(secret);
            Ok(())
        })
        .expect("agree");
    }

    /// A fresh key of ML-KEM, and the secret in the server's answer.
    fn decapsulate(&self) {
        let own = DecapsulationKey::generate(&ML_KEM_768).expect("key");
        let key = own.encapsulation_key().expect("key");
        black_box(key.key_bytes().expect("bytes"));
        black_box(self.decapsulation_key.decapsulate(self.ciphertext.as_slice().into()).expect("secret"));
    }

    /// The answer to the client's key of ML-KEM.
    fn encapsulate(&self) {
        let key = EncapsulationKey::new(&ML_KEM_768, &self.encapsulation_key).expect("key");
        black_box(key.encapsulate().expect("secret"));
    }
}

impl Handshake {
    pub(crate) fn new(setup: &Setup, material: &Material, wire: &Wire) -> Self {
        let authority = Signer::new(Key::Ecdsa, material.authority.key().as_der().der());
        let server = Signer::new(setup.key, material.server.key().as_der().der());
        let client = Signer::new(Key::Ecdsa, material.client.key().as_der().der());
        let issued = |certificate: &[u8]| Signed::new_issued(&authority, certificate.len() - 4 - 12 - 75);
        let (client_clear, from_client) = handshake_bytes(&wire.from_client);
        let (server_clear, from_server) = handshake_bytes(&wire.from_server);
        let signed = SIGNED_PREFIX + setup.suite.digest().output_len();
        Self {
            setup: *setup,
            transcript: vec![7; client_clear + server_clear + from_client + from_server],
            from_client: seal(&setup.suite.key(), from_client),
            from_server: seal(&setup.suite.key(), from_server),
            server_certificate: issued(material.server.certificate()),
            client_certificate: issued(material.client.certificate()),
            server_verify: Signed::new(&server, signed),
            client_verify: Signed::new(&client, signed),
            server,
            client,
            derived: hmac::Key::new(setup.suite.hmac(), &[7; 48][..setup.suite.digest().output_len()]),
            shares: Shares::new(),
        }
    }

    pub(crate) fn run(&mut self) -> Sides {
        let mut times = Sides { times: 1, ..Sides::default() };
        times.client(|| self.client());
        times.server(|| self.server());
        times
    }

    fn client(&mut self) {
        random();
        if self.setup.retry() {
            let unused = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).expect("share");
            black_box(unused.compute_public_key().expect("share"));
        }
        self.shares.agree();
        if self.setup.group() == Group::Hybrid {
            self.shares.decapsulate();
        }
        self.server_certificate.check_issued();
        self.server_verify.check();
        if self.setup.mutual {
            self.client_verify.renew(&self.client);
        }
        self.secrets(&self.from_client, &self.from_server);
    }

    fn server(&mut self) {
        random();
        self.shares.agree();
        if self.setup.group() == Group::Hybrid {
            self.shares.encapsulate();
        }
        self.server_verify.renew(&self.server);
        if self.setup.mutual {
            self.client_certificate.check_issued();
            self.client_verify.check();
        }
        self.secrets(&self.from_server, &self.from_client);
    }

    /// From the shared secret to the application traffic keys (RFC 9846 section 7.1), with both sides'
    /// Finished and the protection of the flights.
    fn secrets(&self, sent: &[u8], received: &[u8]) {
        let suite = self.setup.suite;
        let mut transcript = Context::new(suite.digest());
        transcript.update(&self.transcript);
        // The hashes up to ServerHello, the server's CertificateVerify and Finished; with a client
        // certificate two more.
        for _ in 0..if self.setup.mutual { 5 } else { 3 } {
            black_box(transcript.clone().finish());
        }
        // The handshake secret; both traffic secrets with their keys and Finished; the main secret.
        black_box(hmac::sign(&self.derived, &[7; 32]));
        let handshake = Expander::new(suite);
        handshake.expand(3);
        let keys = [0; 2].map(|_| {
            Expander::new(suite).expand(3);
            let finished = hmac::Key::new(suite.hmac(), &[7; 32]);
            black_box(hmac::sign(&finished, &[7; 48][..suite.digest().output_len()]));
            suite.key()
        });
        seal(&keys[0], sent.len() - RECORD_SUFFIX);
        open(&keys[1], received);
        let derived = hmac::Key::new(suite.hmac(), &[7; 32]);
        black_box(hmac::sign(&derived, &[0; 48][..suite.digest().output_len()]));
        // Both traffic secrets and the exporter secret.
        Expander::new(suite).expand(3);
        for _ in 0..2 {
            traffic_key(suite);
        }
    }
}

/// A secret from which others are derived.
struct Expander(hmac::Key);

impl Expander {
    fn new(suite: Suite) -> Self {
        Self(hmac::Key::new(suite.hmac(), &[7; 48][..suite.digest().output_len()]))
    }

    /// This many outputs of one block each.
    fn expand(&self, count: usize) {
        for _ in 0..count {
            black_box(hmac::sign(&self.0, &[7; INFO]));
        }
    }
}

/// A traffic key and its IV, from a traffic secret.
fn traffic_key(suite: Suite) -> LessSafeKey {
    Expander::new(suite).expand(2);
    suite.key()
}

/// A record with this many bytes of messages.
fn seal(key: &LessSafeKey, length: usize) -> Vec<u8> {
    let mut data = Vec::with_capacity(length + RECORD_SUFFIX);
    data.resize(length + 1, 7);
    key.seal_in_place_append_tag(nonce(), Aad::from([7; RECORD_AAD]), &mut data).expect("seal");
    black_box(data)
}

fn open(key: &LessSafeKey, sealed: &[u8]) {
    let mut data = sealed.to_vec();
    black_box(key.open_in_place(nonce(), Aad::from([7; RECORD_AAD]), &mut data).expect("open"));
}

/// The lengths of the handshake messages in the clear and in encrypted records.
fn handshake_bytes(mut wire: &[u8]) -> (usize, usize) {
    let (mut clear, mut encrypted) = (0, 0);
    while let [content_type, _, _, high, low, rest @ ..] = wire {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        match content_type {
            22 => clear += length,
            23 => encrypted += length - RECORD_SUFFIX,
            _ => {}
        }
        wire = &rest[length..];
    }
    (clear, encrypted)
}

/// The primitives of updates of both sides' keys (RFC 9846 section 7.2): for each direction a new secret, key
/// and IV, and the record of KeyUpdate.
pub(crate) struct KeyUpdates {
    suite: Suite,
    count: usize,
}

/// A KeyUpdate message with its header.
const KEY_UPDATE: usize = 5;

impl KeyUpdates {
    pub(crate) fn new(suite: Suite, count: usize) -> Self {
        Self { suite, count }
    }

    pub(crate) fn run(&mut self) -> Sides {
        let mut times = Sides { times: u32::try_from(self.count).expect("count"), ..Sides::default() };
        let key = self.suite.key();
        let sealed = seal(&key, KEY_UPDATE);
        for _ in 0..self.count {
            times.client(|| {
                seal(&key, KEY_UPDATE);
                self.update();
            });
            times.server(|| {
                open(&key, &sealed);
                self.update();
                seal(&key, KEY_UPDATE);
                self.update();
            });
        }
        times
    }

    fn update(&self) {
        Expander::new(self.suite).expand(1);
        black_box(traffic_key(self.suite));
    }
}
