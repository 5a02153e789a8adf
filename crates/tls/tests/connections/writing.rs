//! Sending: records prepared by the caller, exhausted keys, and failing providers.

use crate::support::{
    Kind, Pair, SetClock, client, modern, name, provider, records, roots, server, server_identity, wires,
};
use cairn_crypto::{Aead, AeadAlgorithm, AeadKey, Algorithm, CryptoError, Provider, UsageLimits};
use cairn_tls::{ClientConfig, ErrorKind, RecordError, Stream, Usage, tls_error, wire::AlertDescription};
use std::{
    io::{Read, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

#[test]
fn data_can_be_sealed_in_place() {
    for suite in modern() {
        let kind = if suite.id.to_string().contains("_RSA_") { Kind::Rsa } else { Kind::P256 };
        let client = client().suites(&[suite.id]).unwrap().build().unwrap();
        let mut pair = Pair::ready(&client, &server(kind).build().unwrap());
        for length in [1, 100, 16_384] {
            let writer = pair.client.conn.writer_mut();
            let (before, after) = (writer.payload_offset(), writer.suffix_len());
            assert_eq!(writer.max_plaintext(), 16_384);
            let mut record = vec![0; before];
            record.resize(before + length, 7);
            record.resize(before + length + after, 0);
            let sealed = writer.seal_in_place(&mut record).unwrap();
            record.truncate(sealed);
            // It uses the next sequence number.
            pair.client.outbox.extend_from_slice(&record);
            pair.client.write(b"!");
            pair.run();
            assert_eq!(pair.server.data.len(), length + 1);
            assert!(pair.server.data[..length].iter().all(|byte| *byte == 7));
            pair.server.data.clear();
        }
        let writer = pair.client.conn.writer_mut();
        let overhead = writer.payload_offset() + writer.suffix_len();
        for length in [0, overhead - 1, overhead + 16_385] {
            let error = writer.seal_in_place(&mut vec![0; length]).unwrap_err();
            assert!(matches!(error.kind, ErrorKind::Record(_)) && error.alert.is_none(), "{length}: {error}");
        }
        // None of these calls has used a sequence number.
        pair.client.write(b"still in step");
        pair.run();
        assert_eq!(pair.server.data, b"still in step");
    }
}

#[test]
fn large_data_is_fragmented_into_records() {
    let mut pair = Pair::ready(&client().build().unwrap(), &server(Kind::P256).build().unwrap());
    let data: Vec<u8> = (0..100_000u32).map(|i| i as u8).collect();
    pair.client.write(&data);
    assert_eq!(records(&pair.client.outbox).len(), 100_000_usize.div_ceil(16_384));
    pair.run();
    assert_eq!(pair.server.data, data);
}

/// An AEAD whose keys seal few records, and which can be made to fail.
struct Weak {
    inner: Arc<dyn Aead>,
    records: u64,
    broken: Arc<AtomicBool>,
}

struct WeakKey(Box<dyn AeadKey>, Arc<AtomicBool>);

impl Algorithm for Weak {
    fn implementation(&self) -> &'static str {
        "a test"
    }
}

impl Aead for Weak {
    fn algorithm(&self) -> AeadAlgorithm {
        self.inner.algorithm()
    }

    fn usage_limits(&self) -> UsageLimits {
        UsageLimits { sealed_records: self.records, ..self.inner.usage_limits() }
    }

    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>, CryptoError> {
        Ok(Box::new(WeakKey(self.inner.key(key)?, Arc::clone(&self.broken))))
    }
}

impl AeadKey for WeakKey {
    fn algorithm(&self) -> AeadAlgorithm {
        self.0.algorithm()
    }

    fn seal(&self, nonce: &[u8], aad: &[u8], in_out: &mut [u8], tag: &mut [u8]) -> Result<(), CryptoError> {
        if self.1.load(Ordering::SeqCst) {
            return Err(CryptoError::Failed);
        }
        self.0.seal(nonce, aad, in_out, tag)
    }

    fn open(&self, nonce: &[u8], aad: &[u8], in_out: &mut [u8]) -> Result<usize, CryptoError> {
        self.0.open(nonce, aad, in_out)
    }
}

pub(crate) fn weak(records: u64) -> (Provider, Arc<AtomicBool>) {
    let broken = Arc::new(AtomicBool::new(false));
    let mut weak = provider().clone();
    weak.aeads = weak
        .aeads
        .into_iter()
        .map(|inner| Arc::new(Weak { inner, records, broken: Arc::clone(&broken) }) as Arc<dyn Aead>)
        .collect();
    (weak, broken)
}

fn weak_client(provider: Provider) -> ClientConfig {
    crate::support::tls12_client(provider).trust(roots()).clock(SetClock::new()).build().unwrap()
}

#[test]
fn exhausted_key_ends_the_connection_with_close_notify() {
    let (provider, _) = weak(1 << 17);
    let pair = Pair::ready(&weak_client(provider), &server(Kind::P256).build().unwrap());
    assert_eq!(pair.client.conn.writer().usage(), Usage::Fine);

    let (provider, _) = weak(12);
    let mut pair = Pair::ready(&weak_client(provider), &server(Kind::P256).build().unwrap());
    // One record was Finished, and eight are reserved for alerts.
    for _ in 0..3 {
        assert_eq!(pair.client.conn.writer().usage(), Usage::RekeySoon);
        pair.client.write(b"x");
    }
    assert_eq!(pair.client.conn.writer().usage(), Usage::Exhausted);
    pair.run();
    let error = pair.client.conn.write(b"x", &mut pair.client.outbox).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Record(RecordError::KeyExhausted { limit: 12 }));
    assert_eq!(error.alert, Some(AlertDescription::CLOSE_NOTIFY));
    pair.run();
    assert!(pair.server.closed, "{}", pair.server.fault());
    assert_eq!(pair.server.data, b"xxx");
    assert!(pair.client.conn.write(b"x", &mut vec![]).is_err());
}

#[test]
fn stream_writes_up_to_the_key_limit_and_then_closes() {
    let (provider, _) = weak(12);
    let (near, far) = wires();
    let mut client = Stream::client(&weak_client(provider), name(), near).unwrap();
    let server_config = server(Kind::P256).build().unwrap();
    let mut server = Stream::server(&server_config, far).unwrap();
    while !client.reader().is_complete() || !server.reader().is_complete() {
        let (_blocks, _too) = (client.handshake(), server.handshake());
    }
    // Four records of data, although the key has only three left.
    assert_eq!(client.write(&[7; 4 << 14]).unwrap(), 3 << 14);
    let error = client.write(&[7; 10]).unwrap_err();
    let error = tls_error(&error).unwrap();
    assert_eq!(error.kind, ErrorKind::Record(RecordError::KeyExhausted { limit: 12 }));
    assert_eq!(error.alert, Some(AlertDescription::CLOSE_NOTIFY));
    let mut came = Vec::new();
    server.read_to_end(&mut came).unwrap();
    assert_eq!(came, [7; 3 << 14]);
    // A `Connection` does not close by itself.
    let mut pair = Pair::ready(&weak_client(weak(9).0), &server_config);
    let error = pair.client.conn.write_slice(b"x", &mut [0; 100]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Record(RecordError::KeyExhausted { limit: 9 }));
    assert_eq!(error.alert, None);
    pair.client.close();
    pair.run();
    assert!(pair.server.closed);
}

#[test]
fn provider_failure_in_the_handshake_ends_it_without_a_false_alert() {
    let (provider, broken) = weak(1 << 20);
    let identity = server_identity(Kind::P256);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let server = crate::support::tls12_server(provider)
        .credential(&chain, identity.signing_key().clone())
        .unwrap()
        .clock(SetClock::new())
        .build()
        .unwrap();
    let client = client().build().unwrap();
    drop(Pair::ready(&client, &server));

    broken.store(true, Ordering::SeqCst);
    let mut pair = Pair::new(&client, &server);
    pair.run();
    let error = pair.server.error.unwrap();
    assert_eq!(error.kind, ErrorKind::Record(RecordError::Crypto(CryptoError::Failed)));
    assert_eq!(error.alert, None, "Finished could not be sealed, and no alert either");
    assert!(!pair.server.conn.is_complete() && !pair.server.conn.writer().is_open());
    assert!(pair.server.conn.write(b"x", &mut vec![]).is_err());
    // The session of the failed connection is gone.
    broken.store(false, Ordering::SeqCst);
    assert!(Pair::ready(&client, &server).client.conn.is_complete());
}

#[test]
fn provider_failure_while_sealing_data_ends_the_connection() {
    let (provider, broken) = weak(1 << 20);
    let mut pair = Pair::ready(&weak_client(provider), &server(Kind::P256).build().unwrap());
    broken.store(true, Ordering::SeqCst);
    let error = pair.client.conn.write(b"secret", &mut pair.client.outbox).unwrap_err();
    assert_eq!(
        (error.kind, error.alert),
        (ErrorKind::Record(RecordError::Crypto(CryptoError::Failed)), None)
    );
    assert!(pair.client.outbox.is_empty(), "nothing of it is on the wire");
    broken.store(false, Ordering::SeqCst);
    let again = pair.client.conn.write(b"secret", &mut pair.client.outbox).unwrap_err();
    assert_eq!(again.kind, error.kind, "a nonce may have been used: nothing more is sealed");
}
