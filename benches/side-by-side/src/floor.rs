//! The bare primitives: everything that a handshake or a record requires, called on AWS-LC directly and as
//! rarely as possible, with inputs as long as those of Cairn's own handshake. There is no parsing, no state,
//! and no allocation of Cairn's. No stack on this library can be faster; the difference is the cost of the
//! stack.
//!
//! Values that are always the same are created in advance: signing keys, and the authority's public key.
//! Values that each handshake creates are new here too: each side verifies the latest signature of the other.
//! Verifying the same signature repeatedly would be faster, by 5 µs with P-256, because the processor learns
//! its branches. The signature of a certificate is the same in all handshakes.

use crate::measure::Sides;
use crate::setup::{Key, Material, Resume, Setup, Suite, Wire, Work};
use aws_lc_rs::{
    aead::{self, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{EphemeralPrivateKey, UnparsedPublicKey as PeerShare, X25519, agree_ephemeral},
    digest::{self, Context},
    error::Unspecified,
    hmac,
    rand::{SecureRandom, SystemRandom},
    rsa, signature,
    signature::{EcdsaKeyPair, KeyPair, ParsedPublicKey, UnparsedPublicKey},
};
use std::{any::Any, hint::black_box};

/// Two randoms and the parameters of an X25519 share: the signed content of ServerKeyExchange.
const SIGNED: usize = 32 + 32 + 4 + 32;
const FINISHED: usize = 16;
const MASTER_SECRET: usize = 48;
const VERIFY_DATA: usize = 12;
const RECORD_AAD: usize = 13;
const EXPLICIT_NONCE: usize = 8;

impl Suite {
    pub(crate) fn aead(self) -> &'static aead::Algorithm {
        match self {
            Self::Aes128 => &aead::AES_128_GCM,
            Self::Aes256 => &aead::AES_256_GCM,
            Self::Chacha => &aead::CHACHA20_POLY1305,
        }
    }

    pub(crate) fn digest(self) -> &'static digest::Algorithm {
        if self == Self::Aes256 { &digest::SHA384 } else { &digest::SHA256 }
    }

    pub(crate) fn hmac(self) -> hmac::Algorithm {
        if self == Self::Aes256 { hmac::HMAC_SHA384 } else { hmac::HMAC_SHA256 }
    }

    /// Two keys and two fixed parts of nonces; these suites have no MAC keys (RFC 5246 section 6.3).
    fn key_block(self) -> usize {
        let fixed = if self == Self::Chacha { 12 } else { 4 };
        2 * (self.aead().key_len() + fixed)
    }

    pub(crate) fn key(self) -> LessSafeKey {
        let bytes = [7; 32];
        LessSafeKey::new(UnboundKey::new(self.aead(), &bytes[..self.aead().key_len()]).expect("key"))
    }
}

pub(crate) enum Signer {
    Ecdsa(EcdsaKeyPair),
    Rsa(rsa::KeyPair),
}

impl Signer {
    pub(crate) fn new(key: Key, pkcs8: &[u8]) -> Self {
        match key {
            Key::Ecdsa => Self::Ecdsa(
                EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8)
                    .expect("signing key"),
            ),
            Key::Rsa => Self::Rsa(rsa::KeyPair::from_pkcs8(pkcs8).expect("signing key")),
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Ecdsa(key) => key.sign(&random, message).expect("sign").as_ref().to_vec(),
            Self::Rsa(key) => {
                let mut bytes = vec![0; key.public_modulus_len()];
                key.sign(&signature::RSA_PSS_SHA256, &random, message, &mut bytes).expect("sign");
                bytes
            }
        }
    }

    /// The public key as in a certificate, decoded in each handshake.
    fn public(&self) -> UnparsedPublicKey<Vec<u8>> {
        match self {
            Self::Ecdsa(key) => {
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_ASN1, key.public_key().as_ref().to_vec())
            }
            Self::Rsa(key) => UnparsedPublicKey::new(
                &signature::RSA_PSS_2048_8192_SHA256,
                key.public_key().as_ref().to_vec(),
            ),
        }
    }
}

/// A signed message and the public key.
pub(crate) struct Signed<K> {
    message: Vec<u8>,
    signature: Vec<u8>,
    key: K,
}

impl Signed<UnparsedPublicKey<Vec<u8>>> {
    pub(crate) fn new(signer: &Signer, length: usize) -> Self {
        let message = vec![7; length];
        Self { signature: signer.sign(&message), message, key: signer.public() }
    }

    /// As the next handshake decodes it.
    pub(crate) fn renew(&mut self, signer: &Signer) {
        self.signature = signer.sign(&self.message);
    }

    pub(crate) fn check(&self) {
        self.key.verify(&self.message, &self.signature).expect("signature");
    }
}

impl Signed<ParsedPublicKey> {
    pub(crate) fn new_issued(issuer: &Signer, length: usize) -> Self {
        let Signed { message, signature, key } = Signed::new(issuer, length);
        Self { message, signature, key: key.parse().expect("public key") }
    }

    pub(crate) fn check_issued(&self) {
        self.key.verify_sig(&self.message, &self.signature).expect("signature");
    }
}

/// The primitives of one handshake, for both sides.
pub(crate) struct Handshake {
    setup: Setup,
    /// All messages up to the first Finished, concatenated.
    transcript: Vec<u8>,
    server: Signer,
    client: Signer,
    server_certificate: Signed<ParsedPublicKey>,
    client_certificate: Signed<ParsedPublicKey>,
    key_exchange: Signed<UnparsedPublicKey<Vec<u8>>>,
    certificate_verify: Signed<UnparsedPublicKey<Vec<u8>>>,
    share: Vec<u8>,
    ticket: Option<(LessSafeKey, Vec<u8>)>,
}

impl Handshake {
    pub(crate) fn new(setup: &Setup, material: &Material, wire: &Wire) -> Self {
        let authority = Signer::new(Key::Ecdsa, material.authority.key().as_der().der());
        let server = Signer::new(setup.key, material.server.key().as_der().der());
        let client = Signer::new(Key::Ecdsa, material.client.key().as_der().der());
        let clear = plain_handshake(&wire.from_client) + plain_handshake(&wire.from_server);
        // The signed part of a certificate: everything except the outer header, the algorithm and the
        // signature.
        let issued = |certificate: &[u8]| Signed::new_issued(&authority, certificate.len() - 4 - 12 - 75);
        // A ticket contains the session: the master secret, and about this much more.
        let ticket = (setup.resume == Resume::Ticket).then(|| {
            let key = Suite::Aes256.key();
            let mut sealed = vec![7; 2 * MASTER_SECRET];
            seal_append(&key, &mut sealed);
            (key, sealed)
        });
        let share = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).expect("share");
        Self {
            setup: *setup,
            transcript: vec![7; clear],
            server_certificate: issued(material.server.certificate()),
            client_certificate: issued(material.client.certificate()),
            key_exchange: Signed::new(&server, SIGNED),
            // CertificateVerify does not sign itself or its header.
            certificate_verify: Signed::new(&client, clear.saturating_sub(8 + 71)),
            share: share.compute_public_key().expect("share").as_ref().to_vec(),
            server,
            client,
            ticket,
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
        if self.setup.resume == Resume::No {
            self.server_certificate.check_issued();
            self.key_exchange.check();
            self.agree();
            if self.setup.mutual {
                self.certificate_verify.renew(&self.client);
            }
        }
        self.secrets();
    }

    fn server(&mut self) {
        random();
        if let Some((key, sealed)) = &self.ticket {
            open(key, &mut sealed.clone());
        }
        if self.setup.resume == Resume::No {
            self.key_exchange.renew(&self.server);
            self.agree();
            if self.setup.mutual {
                self.client_certificate.check_issued();
                self.certificate_verify.check();
            }
        }
        self.secrets();
    }

    /// A fresh share, and the secret agreed with the peer's share.
    fn agree(&self) {
        let own = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new()).expect("share");
        black_box(own.compute_public_key().expect("share"));
        let peer = PeerShare::new(&X25519, self.share.as_slice());
        agree_ephemeral(own, peer, Unspecified, |secret| {
            black_box(secret);
            Ok(())
        })
        .expect("agree");
    }

    /// From the premaster secret to both Finished messages, which are protected with the new keys.
    fn secrets(&self) {
        let suite = self.setup.suite;
        let mut transcript = Context::new(suite.digest());
        transcript.update(&self.transcript);
        let mut hash = transcript.clone().finish();
        if self.setup.resume == Resume::No {
            // The extended master secret (RFC 7627).
            prf(
                suite,
                &hmac::Key::new(suite.hmac(), &[7; 32]),
                "extended master secret",
                hash.as_ref(),
                MASTER_SECRET,
            );
            // With CertificateVerify, the Finished hash differs from the session hash.
            if self.setup.mutual {
                hash = transcript.clone().finish();
            }
        }
        let master = hmac::Key::new(suite.hmac(), &[7; MASTER_SECRET]);
        prf(suite, &master, "key expansion", &[7; 64], suite.key_block());
        let (own, peer) = (suite.key(), suite.key());
        prf(suite, &master, "client finished", hash.as_ref(), VERIFY_DATA);
        let mut finished = vec![7; FINISHED];
        seal_append(&own, &mut finished);
        transcript.update(&[7; FINISHED]);
        prf(suite, &master, "server finished", transcript.finish().as_ref(), VERIFY_DATA);
        // Sealed with the write key and opened with the peer's; both are the same here.
        open(&peer, &mut finished);
    }
}

pub(crate) fn random() {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).expect("random");
    black_box(bytes);
}

/// P_hash (RFC 5246 section 5): two HMACs per block of output.
fn prf(suite: Suite, key: &hmac::Key, label: &str, seed: &[u8], length: usize) {
    let mut whole = label.as_bytes().to_vec();
    whole.extend_from_slice(seed);
    let mut a = hmac::sign(key, &whole);
    let mut made = 0;
    loop {
        let mut block = hmac::Context::with_key(key);
        block.update(a.as_ref());
        block.update(&whole);
        black_box(block.sign());
        made += suite.digest().output_len();
        if made >= length {
            return;
        }
        a = hmac::sign(key, a.as_ref());
    }
}

pub(crate) fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([7; 12])
}

pub(crate) fn seal_append(key: &LessSafeKey, data: &mut Vec<u8>) {
    key.seal_in_place_append_tag(nonce(), Aad::from([7; RECORD_AAD]), data).expect("seal");
}

fn open(key: &LessSafeKey, data: &mut [u8]) {
    black_box(key.open_in_place(nonce(), Aad::from([7; RECORD_AAD]), data).expect("open"));
}

/// Length of the handshake messages before ChangeCipherSpec.
fn plain_handshake(mut wire: &[u8]) -> usize {
    let mut bytes = 0;
    while let [22, _, _, high, low, rest @ ..] = wire {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        bytes += length;
        wire = &rest[length..];
    }
    bytes
}

/// The minimum for an open connection: the AEAD keys, ready for use, one for each direction.
pub(crate) fn two_keys(suite: Suite) -> Box<dyn Any> {
    Box::new([suite.key(), suite.key()])
}

/// The additions of a version to the plaintext and the associated data of a record.
#[derive(Clone, Copy)]
struct Form {
    /// Bytes before the plaintext: the explicit nonce.
    before: usize,
    /// Bytes after the plaintext, which are encrypted with it: the content type.
    after: usize,
    aad: &'static [u8],
}

/// RFC 5246 section 6.2.3.3.
const TLS12: Form = Form { before: EXPLICIT_NONCE, after: 0, aad: &[7; RECORD_AAD] };
/// RFC 9846 section 5.2.
const TLS13: Form = Form { before: 0, after: 1, aad: &[7; 5] };

/// Only the primitive that protects records, also for copied data.
pub(crate) struct Records {
    key: LessSafeKey,
    work: Work,
    form: Form,
    records: Vec<Vec<u8>>,
}

impl Records {
    pub(crate) fn new(setup: &Setup, work: Work) -> Self {
        let form = if setup.tls13.is_some() { TLS13 } else { TLS12 };
        let records = vec![vec![7; form.before + work.length + form.after]; work.count];
        Self { key: setup.suite.key(), work, form, records }
    }

    pub(crate) fn run(&mut self) -> Sides {
        let mut times = Sides { times: u32::try_from(self.work.count).expect("count"), ..Sides::default() };
        let mut tags = Vec::with_capacity(self.work.count);
        let Form { before, after, aad } = self.form;
        times.client(|| {
            for record in &mut self.records {
                let tag = self
                    .key
                    .seal_in_place_separate_tag(nonce(), Aad::from(aad), &mut record[before..])
                    .expect("seal");
                tags.push(tag);
            }
        });
        for (record, tag) in self.records.iter_mut().zip(&tags) {
            record.extend_from_slice(tag.as_ref());
        }
        times.server(|| {
            for record in &mut self.records {
                let opened = self.key.open_in_place(nonce(), Aad::from(aad), &mut record[before..]);
                black_box(opened.expect("open"));
            }
        });
        for record in &mut self.records {
            record.truncate(before + self.work.length + after);
        }
        times
    }
}
