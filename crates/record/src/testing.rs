//! What the tests of several files share.

use crate::{RecordLimits, RecordReader, RecordWriter};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_crypto::{Aead, AeadAlgorithm, AeadKey, Algorithm, CryptoError, Provider, Secret, UsageLimits};
use cairn_schedule::{Direction, Epoch, KeyBlock, KeyChange, MasterSecret, Randoms, TrafficKeys, suite};
use cairn_wire::{CipherSuite, ProtocolVersion, Random};

pub(crate) use cairn_provider_aws_lc::provider;

/// One suite for each kind of protection.
pub(crate) const SUITES: [CipherSuite; 3] = [
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
];

/// The client's keys of the connection that `tests/data/vectors.py` knows, and the server's.
pub(crate) fn keys(id: CipherSuite) -> (TrafficKeys, TrafficKeys) {
    let suite = suite(id).unwrap();
    let master = MasterSecret::from(Secret::from(&core::array::from_fn(|i| u8::try_from(i).unwrap())));
    let randoms = Randoms { client: Random([0xc1; 32]), server: Random([0x5e; 32]) };
    let prf = master.prf(provider().hmac(suite.prf_hash).unwrap()).unwrap();
    KeyBlock::derive(&prf, suite, &randoms).unwrap().into_directions()
}

/// The order to take the client's keys (those of even epochs: the server's).
pub(crate) fn change(id: CipherSuite, epoch: u16, direction: Direction) -> KeyChange {
    let (client, server) = keys(id);
    let keys = if epoch % 2 == 1 { client } else { server };
    KeyChange { epoch: Epoch(epoch), direction, suite: suite(id).unwrap(), keys, encrypt_then_mac: false }
}

/// Two ends in the clear that agree on TLS 1.2.
pub(crate) fn clear_pair(limits: RecordLimits) -> (RecordWriter, RecordReader) {
    let (mut writer, mut reader) = (RecordWriter::new(limits), RecordReader::new(limits));
    writer.set_version(ProtocolVersion::TLS_1_2);
    reader.expect_version(ProtocolVersion::TLS_1_2);
    (writer, reader)
}

/// Two ends under the same keys, or in the clear.
pub(crate) fn pair(id: Option<CipherSuite>, limits: RecordLimits) -> (RecordWriter, RecordReader) {
    let (mut writer, mut reader) = clear_pair(limits);
    if let Some(id) = id {
        writer.change_keys(&provider(), &change(id, 1, Direction::Write)).unwrap();
        reader.change_keys(&provider(), &change(id, 1, Direction::Read)).unwrap();
    }
    (writer, reader)
}

/// A provider whose AEADs do `f` to another's.
pub(crate) fn with_aeads(f: impl Fn(Arc<dyn Aead>) -> Arc<dyn Aead>) -> Provider {
    let mut provider = provider();
    provider.aeads = provider.aeads.into_iter().map(f).collect::<Vec<_>>();
    provider
}

/// An AEAD that allows few records.
pub(crate) struct Tired(pub(crate) Arc<dyn Aead>, pub(crate) u64);

impl Algorithm for Tired {
    fn implementation(&self) -> &'static str {
        "tests"
    }
}

impl Aead for Tired {
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

/// An AEAD whose module is gone when it is needed, and that leaves what it was given as it was.
pub(crate) struct Gone(pub(crate) Arc<dyn Aead>);

impl Algorithm for Gone {
    fn implementation(&self) -> &'static str {
        "tests"
    }
}

impl Aead for Gone {
    fn algorithm(&self) -> AeadAlgorithm {
        self.0.algorithm()
    }

    fn key(&self, _: &[u8]) -> Result<Box<dyn AeadKey>, CryptoError> {
        Ok(Box::new(GoneKey))
    }
}

struct GoneKey;

impl AeadKey for GoneKey {
    fn seal(&self, _: &[u8], _: &[u8], _: &mut [u8], _: &mut [u8]) -> Result<(), CryptoError> {
        Err(CryptoError::Failed)
    }

    fn open(&self, _: &[u8], _: &[u8], _: &mut [u8]) -> Result<usize, CryptoError> {
        Err(CryptoError::Failed)
    }
}
