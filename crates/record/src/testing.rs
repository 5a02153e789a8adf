//! Helpers shared by the unit tests.

use crate::{
    error::RecordError, limits::RecordLimits, protect::RecordKeys, reader::RecordReader, writer::RecordWriter,
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_crypto::{
    Aead, AeadAlgorithm, AeadKey, Algorithm, BlockCipherAlgorithm, CryptoError, HashAlgorithm, Provider,
    RandomSource, Secret, UsageLimits,
};
use cairn_schedule::{
    Authentication, Direction, Epoch, Gate, KeyBlock, KeyChange, Keys, MasterSecret, NonceScheme, Protection,
    Randoms, Tls12Keys, Tls12Suite,
};
use cairn_wire::{CipherSuite, ContentType, KeyExchangeAlgorithm, ProtocolVersion, Random};
use core::fmt;

pub(crate) use cairn_provider_aws_lc::provider;

/// A kind of record protection: a cipher suite, and for CBC the order of MAC and encryption.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Kind {
    pub(crate) suite: &'static Tls12Suite,
    pub(crate) encrypt_then_mac: bool,
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = if self.encrypt_then_mac { ", encrypt-then-MAC" } else { "" };
        write!(f, "{}{order}", self.suite.id)
    }
}

const fn suite(id: CipherSuite, protection: Protection, prf_hash: HashAlgorithm) -> Tls12Suite {
    // Irrelevant here.
    let (key_exchange, authentication) = (KeyExchangeAlgorithm::Ecdhe, Authentication::Rsa);
    Tls12Suite { id, key_exchange, authentication, protection, prf_hash }
}

const fn aead(id: CipherSuite, algorithm: AeadAlgorithm, prf_hash: HashAlgorithm) -> Tls12Suite {
    let nonce = match algorithm {
        ChaCha20Poly1305 => NonceScheme::IvXorSequence,
        _ => NonceScheme::SaltAndExplicit,
    };
    suite(id, Protection::Aead { algorithm, nonce }, prf_hash)
}

const fn cbc(
    id: CipherSuite,
    cipher: BlockCipherAlgorithm,
    mac: HashAlgorithm,
    prf_hash: HashAlgorithm,
) -> Tls12Suite {
    suite(id, Protection::cbc(cipher, mac), prf_hash)
}

const fn null(id: CipherSuite, mac: HashAlgorithm) -> Tls12Suite {
    suite(id, Protection::Null { mac }, Sha256)
}

use AeadAlgorithm::{Aes128Ccm, Aes128Gcm, Aes256Ccm8, Aes256Gcm, ChaCha20Poly1305};
use BlockCipherAlgorithm::{Aes128, Aes256, TripleDes};
use HashAlgorithm::{Sha1, Sha256, Sha384};

static TABLE: [Tls12Suite; 11] = [
    aead(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, Aes128Gcm, Sha256),
    aead(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, Aes256Gcm, Sha384),
    aead(CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, ChaCha20Poly1305, Sha256),
    aead(CipherSuite::TLS_RSA_WITH_AES_128_CCM, Aes128Ccm, Sha256),
    aead(CipherSuite::TLS_RSA_WITH_AES_256_CCM_8, Aes256Ccm8, Sha256),
    null(CipherSuite::TLS_RSA_WITH_NULL_SHA, Sha1),
    null(CipherSuite::TLS_RSA_WITH_NULL_SHA256, Sha256),
    cbc(CipherSuite::TLS_RSA_WITH_3DES_EDE_CBC_SHA, TripleDes, Sha1, Sha256),
    cbc(CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA, Aes128, Sha1, Sha256),
    cbc(CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA256, Aes256, Sha256, Sha256),
    cbc(CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384, Aes256, Sha384, Sha384),
];

const fn kind(row: usize, encrypt_then_mac: bool) -> Kind {
    Kind { suite: &TABLE[row], encrypt_then_mac }
}

pub(crate) const AEADS: [Kind; 5] =
    [kind(0, false), kind(1, false), kind(2, false), kind(3, false), kind(4, false)];
pub(crate) const AES_128_GCM: Kind = AEADS[0];
pub(crate) const CHACHA20_POLY1305: Kind = AEADS[2];
pub(crate) const NULLS: [Kind; 2] = [kind(5, false), kind(6, false)];
/// CBC with MAC-then-encrypt.
pub(crate) const MAC_THEN_ENCRYPT: [Kind; 4] =
    [kind(7, false), kind(8, false), kind(9, false), kind(10, false)];
/// CBC with encrypt-then-MAC.
pub(crate) const ENCRYPT_THEN_MAC: [Kind; 4] = [kind(7, true), kind(8, true), kind(9, true), kind(10, true)];

/// One suite for each kind of protection.
pub(crate) fn kinds() -> impl Iterator<Item = Kind> + Clone {
    AEADS.into_iter().chain(NULLS).chain(MAC_THEN_ENCRYPT).chain(ENCRYPT_THEN_MAC)
}

/// All kinds of protection, and no protection.
pub(crate) fn kinds_or_none() -> impl Iterator<Item = Option<Kind>> + Clone {
    core::iter::once(None).chain(kinds().map(Some))
}

impl Kind {
    pub(crate) fn protection(self) -> Protection {
        let protection = self.suite.protection;
        if self.encrypt_then_mac { protection.with_encrypt_then_mac().unwrap() } else { protection }
    }

    /// The keys of client and server for the connection in `tests/data/vectors.py`.
    pub(crate) fn traffic_keys(self) -> (Tls12Keys, Tls12Keys) {
        let master = MasterSecret::from(Secret::from(&core::array::from_fn(|i| u8::try_from(i).unwrap())));
        let randoms = Randoms { client: Random([0xc1; 32]), server: Random([0x5e; 32]) };
        let prf = master.prf(provider().hmac(self.suite.prf_hash).unwrap()).unwrap();
        KeyBlock::derive(&prf, self.protection(), &randoms).unwrap().into_directions()
    }

    /// The client's keys, set up.
    pub(crate) fn keys(self) -> RecordKeys {
        self.keys_by(&provider()).unwrap()
    }

    pub(crate) fn keys_by(self, provider: &Provider) -> Result<RecordKeys, RecordError> {
        RecordKeys::new(provider, &Keys::Tls12(self.traffic_keys().0))
    }
}

/// The change to the client's keys (for even epochs, to the server's).
pub(crate) fn change(kind: Kind, epoch: u16, direction: Direction) -> KeyChange {
    let (client, server) = kind.traffic_keys();
    let keys = if epoch % 2 == 1 { client } else { server };
    KeyChange { epoch: Epoch::tls12(epoch), direction, keys: Keys::Tls12(keys) }
}

/// A writer and a reader without protection that use TLS 1.2.
pub(crate) fn clear_pair(limits: RecordLimits) -> (RecordWriter, RecordReader) {
    let (mut writer, mut reader) = (RecordWriter::new(limits), RecordReader::new(limits));
    writer.set_version(ProtocolVersion::TLS_1_2);
    reader.expect_version(ProtocolVersion::TLS_1_2);
    (writer, reader)
}

/// A writer and a reader with the same keys and open gates, or without protection.
pub(crate) fn pair(kind: Option<Kind>, limits: RecordLimits) -> (RecordWriter, RecordReader) {
    pair_by(&provider(), kind, limits)
}

/// Like `pair`, with the given provider.
pub(crate) fn pair_by(
    provider: &Provider,
    kind: Option<Kind>,
    limits: RecordLimits,
) -> (RecordWriter, RecordReader) {
    let (mut writer, mut reader) = clear_pair(limits);
    if let Some(kind) = kind {
        let (writing, reading) = (change(kind, 1, Direction::Write), change(kind, 1, Direction::Read));
        let gate = Gate::Open { epoch: writing.epoch };
        writer.change_keys(provider, &writing).unwrap();
        writer.set_gate(gate).unwrap();
        reader.change_keys(provider, &reading).unwrap();
        reader.set_gate(gate).unwrap();
    }
    (writer, reader)
}

/// Application data, or handshake messages where there are no keys for application data.
pub(crate) const fn content(kind: Option<Kind>) -> ContentType {
    if kind.is_some() { ContentType::APPLICATION_DATA } else { ContentType::HANDSHAKE }
}

/// The writer with keys of this provider and an open gate.
pub(crate) fn writer_by(provider: &Provider, kind: Kind, limits: RecordLimits) -> RecordWriter {
    let (mut writer, _) = clear_pair(limits);
    let change = change(kind, 1, Direction::Write);
    writer.change_keys(provider, &change).unwrap();
    writer.set_gate(Gate::Open { epoch: change.epoch }).unwrap();
    writer
}

/// A provider whose AEADs are wrapped by `f`.
pub(crate) fn with_aeads(f: impl Fn(Arc<dyn Aead>) -> Arc<dyn Aead>) -> Provider {
    let mut provider = provider();
    provider.aeads = provider.aeads.into_iter().map(f).collect::<Vec<_>>();
    provider
}

/// An AEAD with a low usage limit.
pub(crate) struct NearLimit(pub(crate) Arc<dyn Aead>, pub(crate) u64);

impl Algorithm for NearLimit {
    fn implementation(&self) -> &'static str {
        "tests"
    }
}

impl Aead for NearLimit {
    fn algorithm(&self) -> AeadAlgorithm {
        self.0.algorithm()
    }

    fn usage_limits(&self) -> UsageLimits {
        UsageLimits { sealed_records: self.1, failed_opens: 1 }
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>, CryptoError> {
        self.0.key(key)
    }
}

/// An AEAD that fails and leaves its buffer unchanged.
pub(crate) struct Failing(pub(crate) Arc<dyn Aead>);

impl Algorithm for Failing {
    fn implementation(&self) -> &'static str {
        "tests"
    }
}

impl Aead for Failing {
    fn algorithm(&self) -> AeadAlgorithm {
        self.0.algorithm()
    }

    fn key(&self, _: &[u8]) -> Result<Box<dyn AeadKey>, CryptoError> {
        Ok(Box::new(GoneKey(self.0.algorithm())))
    }
}

struct GoneKey(AeadAlgorithm);

impl AeadKey for GoneKey {
    fn algorithm(&self) -> AeadAlgorithm {
        self.0
    }

    fn seal(&self, _: &[u8], _: &[u8], _: &mut [u8], _: &mut [u8]) -> Result<(), CryptoError> {
        Err(CryptoError::Failed)
    }

    fn open(&self, _: &[u8], _: &[u8], _: &mut [u8]) -> Result<usize, CryptoError> {
        Err(CryptoError::Failed)
    }
}

/// Constant randomness: the bytes from 0xf0 on, as in `tests/data/vectors.py`.
pub(crate) struct FixedRandom;

impl RandomSource for FixedRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        for (to, from) in out.iter_mut().zip(0xf0..=0xff) {
            *to = from;
        }
        Ok(())
    }
}

/// Randomness that fails.
pub(crate) struct NoRandom;

impl RandomSource for NoRandom {
    fn fill(&self, _: &mut [u8]) -> Result<(), CryptoError> {
        Err(CryptoError::RandomFailed)
    }
}

/// A provider with this source of randomness.
pub(crate) fn with_random(random: impl RandomSource + 'static) -> Provider {
    Provider { random: Arc::new(random), ..provider() }
}
