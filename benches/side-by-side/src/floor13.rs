//! The bare primitives of TLS 1.3: see [`floor`](crate::floor).
//!
//! Values that depend on no secret are computed in advance: the early secret without a pre-shared key, and
//! the key that is derived from it for the handshake secret (RFC 9846 section 7.1).

use crate::floor::{Signed, Signer, nonce, random, seal_append};
use crate::measure::Sides;
use crate::setup::{EARLY_DATA, Group, Key, Material, Psk, Setup, Suite, Wire};
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

/// A NewSessionTicket without the ticket: header, times, nonce, lengths and one extension, about.
const TICKET_FRAME: usize = 32;
/// The name and the nonce before the sealed session in a ticket, and the tag.
const TICKET_OVERHEAD: usize = 16 + 32 + 16;

/// The primitives of one handshake, for both sides.
pub(crate) struct Handshake {
    setup: Setup,
    /// All messages, concatenated.
    transcript: Vec<u8>,
    /// The encrypted records of each side. With a PSK the server's last one is NewSessionTicket.
    from_client: Vec<Vec<u8>>,
    from_server: Vec<Vec<u8>>,
    server: Signer,
    client: Signer,
    server_certificate: Signed<ParsedPublicKey>,
    client_certificate: Signed<ParsedPublicKey>,
    server_verify: Signed<UnparsedPublicKey<Vec<u8>>>,
    client_verify: Signed<UnparsedPublicKey<Vec<u8>>>,
    /// The key that HKDF-Extract of the handshake secret uses without a PSK.
    derived: hmac::Key,
    /// The key that HKDF-Extract of the early secret uses.
    zeros: hmac::Key,
    /// The key of tickets, and a sealed session.
    ticket_key: LessSafeKey,
    ticket: Vec<u8>,
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
        let mut hashed = client_clear + server_clear + total(&from_client) + total(&from_server);
        let mut ticket = Vec::new();
        if setup.psk().is_some() {
            let new_ticket = *from_server.last().expect("NewSessionTicket");
            ticket.resize(new_ticket.saturating_sub(TICKET_FRAME + TICKET_OVERHEAD), 7);
            hashed -= new_ticket;
        }
        if setup.early_data() {
            hashed -= EARLY_DATA;
        }
        let key = setup.suite.key();
        let sealed = |records: &[usize]| records.iter().map(|length| seal(&key, *length)).collect();
        let ticket_key = Suite::Aes256.key();
        seal_append(&ticket_key, &mut ticket);
        let key_of =
            |bytes: [u8; 48]| hmac::Key::new(setup.suite.hmac(), &bytes[..setup.suite.digest().output_len()]);
        Self {
            setup: *setup,
            transcript: vec![7; hashed],
            from_client: sealed(&from_client),
            from_server: sealed(&from_server),
            server_certificate: issued(material.server.certificate()),
            client_certificate: issued(material.client.certificate()),
            server_verify: Signed::new(&server, signed),
            client_verify: Signed::new(&client, signed),
            server,
            client,
            derived: key_of([7; 48]),
            zeros: key_of([0; 48]),
            ticket_key,
            ticket,
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
        self.agree();
        if self.setup.group() == Group::Hybrid {
            self.shares.decapsulate();
        }
        if self.setup.psk().is_none() {
            self.server_certificate.check_issued();
            self.server_verify.check();
        }
        if self.setup.mutual {
            self.client_verify.renew(&self.client);
        }
        self.secrets(&self.from_client, &self.from_server);
    }

    fn server(&mut self) {
        random();
        self.agree();
        if self.setup.group() == Group::Hybrid {
            self.shares.encapsulate();
        }
        match self.setup.psk() {
            None => self.server_verify.renew(&self.server),
            // The identity of the next session.
            Some(Psk::EarlyData) => random(),
            Some(Psk::KeyExchange | Psk::Alone) => self.renew_ticket(),
        }
        if self.setup.mutual {
            self.client_certificate.check_issued();
            self.client_verify.check();
        }
        self.secrets(&self.from_server, &self.from_client);
    }

    /// The agreement on X25519, unless the PSK is used alone.
    fn agree(&self) {
        if self.setup.psk() != Some(Psk::Alone) {
            self.shares.agree();
        }
    }

    /// Opens the client's ticket, and seals another.
    fn renew_ticket(&self) {
        let mut ticket = self.ticket.clone();
        let session = self.ticket_key.open_in_place(nonce(), Aad::from([7; 13]), &mut ticket).expect("open");
        let length = session.len();
        ticket.truncate(length);
        random();
        seal_append(&self.ticket_key, &mut ticket);
        black_box(ticket);
    }

    /// From the shared secret to the application traffic keys (RFC 9846 section 7.1), with both sides'
    /// Finished and the protection of the flights.
    fn secrets(&self, sent: &[Vec<u8>], received: &[Vec<u8>]) {
        let suite = self.setup.suite;
        let mut transcript = Context::new(suite.digest());
        transcript.update(&self.transcript);
        // The hashes up to ServerHello and the server's Finished, and the one in that Finished; with a client
        // certificate two more. With a PSK that of the binder and of the resumption secret; with early data
        // that up to ClientHello.
        let more = match self.setup.psk() {
            None => 0,
            Some(Psk::KeyExchange | Psk::Alone) => 2,
            Some(Psk::EarlyData) => 3,
        };
        for _ in 0..if self.setup.mutual { 5 } else { 3 + more } {
            black_box(transcript.clone().finish());
        }
        // The handshake secret; both traffic secrets with their keys and Finished; the main secret.
        if self.setup.psk().is_some() {
            self.early_secrets();
        } else {
            black_box(hmac::sign(&self.derived, &[7; 32]));
        }
        let handshake = Expander::new(suite);
        handshake.expand(3);
        let keys = [0; 2].map(|_| {
            Expander::new(suite).expand(3);
            verify_data(suite);
            suite.key()
        });
        for record in sent {
            seal(&keys[0], record.len() - RECORD_SUFFIX);
        }
        for record in received {
            open(&keys[1], record);
        }
        let derived = hmac::Key::new(suite.hmac(), &[7; 32]);
        black_box(hmac::sign(&derived, &[0; 48][..suite.digest().output_len()]));
        // Both traffic secrets and the exporter secret; with a PSK also the resumption secret.
        Expander::new(suite).expand(if self.setup.psk().is_some() { 4 } else { 3 });
        for _ in 0..2 {
            traffic_key(suite);
        }
        if self.setup.psk().is_some() {
            // The PSK of the next session.
            Expander::new(suite).expand(1);
        }
    }

    /// The early secret of a PSK, the binder, and the handshake secret; with early data its traffic key.
    fn early_secrets(&self) {
        let suite = self.setup.suite;
        black_box(hmac::sign(&self.zeros, &[7; 48][..suite.digest().output_len()]));
        let early = Expander::new(suite);
        // The binder key and the salt of the handshake secret.
        early.expand(2);
        Expander::new(suite).expand(1);
        verify_data(suite);
        if self.setup.early_data() {
            early.expand(1);
            black_box(traffic_key(suite));
        }
        let derived = hmac::Key::new(suite.hmac(), &[7; 48][..suite.digest().output_len()]);
        black_box(hmac::sign(&derived, &[7; 32]));
    }
}

/// The HMAC of a transcript hash with a finished key.
fn verify_data(suite: Suite) {
    let finished = hmac::Key::new(suite.hmac(), &[7; 48][..suite.digest().output_len()]);
    black_box(hmac::sign(&finished, &[7; 48][..suite.digest().output_len()]));
}

fn total(records: &[usize]) -> usize {
    records.iter().sum()
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

/// The length of the handshake messages in the clear, and that of the content of each encrypted record.
fn handshake_bytes(mut wire: &[u8]) -> (usize, Vec<usize>) {
    let (mut clear, mut encrypted) = (0, Vec::new());
    while let [content_type, _, _, high, low, rest @ ..] = wire {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        match content_type {
            22 => clear += length,
            23 => encrypted.push(length - RECORD_SUFFIX),
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
