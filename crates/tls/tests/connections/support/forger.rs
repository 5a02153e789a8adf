//! An attacker that knows the keys of a connection and sends arbitrary records.

use super::{Kind, Pair, Secrets, client, provider, server};
use cairn_crypto::Secret;
use cairn_record::RecordKeys;
use cairn_schedule::{KeyBlock, Keys as RecordProtection, MasterSecret, Randoms, Tls12Keys};
use cairn_tls::wire::{ContentType, ProtocolVersion, Random};
use cairn_tls::{ClientConfig, KeyLogLine, ServerConfig, Side, Tls12Suite, Tls12Summary};
use std::sync::Arc;

pub(crate) struct Forger {
    pub(crate) suite: &'static Tls12Suite,
    pub(crate) encrypt_then_mac: bool,
    keys: (Tls12Keys, Tls12Keys),
}

impl Forger {
    /// Two sides after a handshake that the forger has observed. The client's configuration must log its keys
    /// here.
    pub(crate) fn watch(client: &ClientConfig, server: &ServerConfig, log: &Secrets) -> (Pair, Self) {
        let mut pair = Pair::new(client, server);
        let mut server_random = None;
        pair.run_through(|side, number, record| {
            if side == Side::Server && number == 0 {
                // Record header, handshake header, version.
                server_random = Some(record[11..43].try_into().unwrap());
            }
            record
        });
        assert!(pair.complete(), "{} / {}", pair.client.fault(), pair.server.fault());
        let lines = log.lines();
        let KeyLogLine { client_random, ref secret, .. } = *lines.last().unwrap();
        let Tls12Summary { suite, protection, .. } = *pair.client.summary().tls12().unwrap();
        let master = MasterSecret::from(Secret::from(secret.expose().first_chunk().unwrap()));
        let randoms = Randoms { client: client_random, server: Random(server_random.unwrap()) };
        let prf = master.prf(provider().hmac(suite.prf_hash).unwrap()).unwrap();
        let keys = KeyBlock::derive(&prf, protection, &randoms).unwrap().into_directions();
        (pair, Self { suite, encrypt_then_mac: protection.is_encrypt_then_mac(), keys })
    }

    /// Two sides with default configurations after a handshake that the forger has observed.
    pub(crate) fn watched() -> (Pair, Self) {
        let log = Arc::new(Secrets::default());
        let client = client().key_log(log.clone()).build().unwrap();
        Self::watch(&client, &server(Kind::P256).build().unwrap(), &log)
    }

    pub(crate) fn of(&self, side: Side) -> &Tls12Keys {
        match side {
            Side::Client => &self.keys.0,
            Side::Server => &self.keys.1,
        }
    }

    fn record_keys(&self, side: Side) -> RecordKeys {
        RecordKeys::new(provider(), &RecordProtection::Tls12(self.of(side).clone())).unwrap()
    }

    /// One record forged as a side that has sealed this many records. Its content may be anything, including
    /// empty.
    pub(crate) fn record(&self, side: Side, sealed: u64, content_type: u8, content: &[u8]) -> Vec<u8> {
        let keys = self.record_keys(side);
        let overhead = keys.overhead();
        let mut body = vec![0; overhead.prefix()];
        body.extend_from_slice(content);
        body.resize(overhead.body_len(content.len()), 0);
        let version = ProtocolVersion::TLS_1_2;
        keys.seal(sealed, ContentType(content_type), version, &mut body, content.len()).unwrap();
        let mut record = vec![content_type, 3, 3];
        record.extend_from_slice(&u16::try_from(body.len()).unwrap().to_be_bytes());
        record.extend_from_slice(&body);
        record
    }

    /// The content of a record of a side that has sealed this number before.
    pub(crate) fn open(&self, side: Side, sealed: u64, record: &[u8]) -> Vec<u8> {
        let keys = self.record_keys(side);
        let mut body = record[5..].to_vec();
        let text = keys.open(sealed, ContentType(record[0]), ProtocolVersion::TLS_1_2, &mut body).unwrap();
        body[text.1].to_vec()
    }
}
