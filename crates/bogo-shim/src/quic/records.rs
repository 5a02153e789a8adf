//! The records in which the runner carries QUIC: no packets, but the contents of their frames over TCP.
//!
//! | bytes | content |
//! |---:|---|
//! | 1 | the content type, as in TLS |
//! | 1 | the encryption level: 0 for Initial, 1 for 0-RTT, 2 for Handshake, 3 for 1-RTT |
//! | 2 | the cipher suite of the level, 0 for Initial |
//! | 4 | the length of what follows |
//! | | the traffic secret of the level in this direction, empty for Initial |
//! | | the data, in the clear |
//!
//! Suite and secret only show that both sides have the same.

use alloc::collections::BTreeMap;

use cairn_quic::{Level, crypto::AeadAlgorithm, handshake::KeyLogLine};
use cairn_tls::{
    KeyLog,
    wire::{CipherSuite, ContentType},
};
use std::sync::Mutex;

use crate::outcome::Failure;

/// Length of the fields before the secret.
const HEADER_LEN: usize = 8;

/// The most data that the runner accepts in a record.
const MAX_DATA: usize = 16_384;

/// The secrets of a connection, by their label in a key log: the interface of `cairn-quic` has keys only.
#[derive(Debug, Default)]
pub(super) struct Secrets(Mutex<BTreeMap<&'static str, Vec<u8>>>);

impl Secrets {
    fn get(&self, label: &str) -> Option<Vec<u8>> {
        self.0.lock().ok()?.get(label).cloned()
    }

    /// The protection of a level in the direction from one side.
    ///
    /// # Errors
    /// [`Failure::Broken`] if the key log has no such secret, or no suite of QUIC has the AEAD.
    pub(super) fn protection(
        &self,
        level: Level,
        from_server: bool,
        aead: AeadAlgorithm,
    ) -> Result<Protection, Failure> {
        let label = match (level, from_server) {
            (Level::EarlyData, _) => "CLIENT_EARLY_TRAFFIC_SECRET",
            (Level::Handshake, false) => "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            (Level::Handshake, true) => "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            (_, false) => "CLIENT_TRAFFIC_SECRET_0",
            (_, true) => "SERVER_TRAFFIC_SECRET_0",
        };
        let suite = match aead {
            AeadAlgorithm::Aes128Gcm => CipherSuite::TLS_AES_128_GCM_SHA256,
            AeadAlgorithm::Aes256Gcm => CipherSuite::TLS_AES_256_GCM_SHA384,
            AeadAlgorithm::ChaCha20Poly1305 => CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
            AeadAlgorithm::Aes128Ccm => CipherSuite::TLS_AES_128_CCM_SHA256,
            other => return Err(Failure::Broken(format!("keys of {other}, which QUIC does not have"))),
        };
        let missing = || Failure::Broken(format!("keys of the {level} level without {label} in the key log"));
        Ok(Protection { suite: suite.0, secret: self.get(label).ok_or_else(missing)? })
    }
}

impl KeyLog for Secrets {
    fn log(&self, line: &KeyLogLine) {
        if let Ok(mut secrets) = self.0.lock() {
            secrets.insert(line.label, line.secret.expose().to_vec());
        }
    }
}

/// The protection of a level in one direction. The default is that of the Initial level.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Protection {
    suite: u16,
    secret: Vec<u8>,
}

/// The protection of all levels in one direction.
#[derive(Debug)]
pub(super) struct Levels(BTreeMap<Level, Protection>);

impl Default for Levels {
    fn default() -> Self {
        Self(BTreeMap::from([(Level::Initial, Protection::default())]))
    }
}

/// A received record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) content_type: ContentType,
    pub(super) level: Level,
    pub(super) data: Vec<u8>,
}

impl Levels {
    pub(super) fn insert(&mut self, level: Level, protection: Protection) {
        self.0.insert(level, protection);
    }

    pub(super) fn has(&self, level: Level) -> bool {
        self.0.contains_key(&level)
    }

    /// The highest level with keys.
    pub(super) fn highest(&self) -> Level {
        self.0.last_key_value().map_or(Level::Initial, |(level, _)| *level)
    }

    /// Appends records with `data` to `out`.
    ///
    /// # Errors
    /// [`Failure::Broken`] if the level has no keys.
    pub(super) fn write(
        &self,
        content_type: ContentType,
        level: Level,
        data: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Failure> {
        let missing = || Failure::Broken(format!("data for the {level} level before its keys"));
        let Protection { suite, secret } = self.0.get(&level).ok_or_else(missing)?;
        for data in data.chunks(MAX_DATA) {
            let length = secret.len().saturating_add(data.len());
            let length = u32::try_from(length).map_err(|error| Failure::Broken(error.to_string()))?;
            out.extend([content_type.0, code(level)]);
            out.extend(suite.to_be_bytes());
            out.extend(length.to_be_bytes());
            out.extend_from_slice(secret);
            out.extend_from_slice(data);
        }
        Ok(())
    }

    /// Removes a record from `input`. Returns `None` if it is not complete.
    ///
    /// # Errors
    /// [`Failure::Check`] if suite or secret differ, or the level has no keys.
    pub(super) fn read(&self, input: &mut Vec<u8>) -> Result<Option<Record>, Failure> {
        while let Some([content_type, level, suite @ .., a, b, c, d]) = input.first_chunk::<HEADER_LEN>() {
            let length = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap_or(usize::MAX);
            let end = HEADER_LEN.saturating_add(length);
            let Some(content) = input.get(HEADER_LEN..end) else { return Ok(None) };
            let level = level_of(*level)?;
            let record = match self.0.get(&level) {
                Some(Protection { suite: ours, secret }) => {
                    let data =
                        content.strip_prefix(secret.as_slice()).filter(|_| ours.to_be_bytes() == *suite);
                    let differs = || Failure::check(format!("the runner has other {level} keys"));
                    let data = data.ok_or_else(differs)?.to_vec();
                    Some(Record { content_type: ContentType(*content_type), level, data })
                }
                // The server has rejected it.
                None if level == Level::EarlyData => None,
                None => return Err(Failure::check(format!("a record of the {level} level before its keys"))),
            };
            input.drain(..end);
            if record.is_some() {
                return Ok(record);
            }
        }
        Ok(None)
    }
}

const fn code(level: Level) -> u8 {
    match level {
        Level::Initial => 0,
        Level::EarlyData => 1,
        Level::Handshake => 2,
        Level::OneRtt => 3,
    }
}

fn level_of(received: u8) -> Result<Level, Failure> {
    [Level::Initial, Level::EarlyData, Level::Handshake, Level::OneRtt]
        .into_iter()
        .find(|level| code(*level) == received)
        .ok_or_else(|| Failure::check(format!("a record of the unknown level {received}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handshake_level() -> Levels {
        let mut levels = Levels::default();
        levels.insert(Level::Handshake, Protection { suite: 0x1301, secret: vec![7, 8] });
        levels
    }

    #[test]
    fn records_are_read_as_written() {
        let (levels, mut bytes) = (handshake_level(), Vec::new());
        levels.write(ContentType::HANDSHAKE, Level::Initial, b"hello", &mut bytes).unwrap();
        levels.write(ContentType::ALERT, Level::Handshake, &[2, 40], &mut bytes).unwrap();
        assert_eq!(bytes[13..], [21, 2, 0x13, 1, 0, 0, 0, 4, 7, 8, 2, 40]);
        let cut = bytes.split_off(bytes.len() - 1);
        let record = levels.read(&mut bytes).unwrap().unwrap();
        assert_eq!((record.level, record.data.as_slice()), (Level::Initial, &b"hello"[..]));
        assert_eq!(levels.read(&mut bytes).unwrap(), None);
        bytes.extend(cut);
        let record = levels.read(&mut bytes).unwrap().unwrap();
        assert_eq!((record.content_type, record.data.as_slice()), (ContentType::ALERT, &[2, 40][..]));
        assert!(bytes.is_empty());
    }

    #[test]
    fn other_keys_are_reported() {
        for wrong in [
            [22, 2, 0x13, 2, 0, 0, 0, 3, 7, 8, 1],
            [22, 2, 0x13, 1, 0, 0, 0, 3, 7, 9, 1],
            [22, 3, 0x13, 1, 0, 0, 0, 3, 7, 8, 1],
            [22, 4, 0x13, 1, 0, 0, 0, 3, 7, 8, 1],
        ] {
            assert!(matches!(handshake_level().read(&mut wrong.to_vec()), Err(Failure::Check(_))));
        }
    }

    #[test]
    fn early_data_without_keys_is_skipped() {
        let mut bytes = vec![23, 1, 0x13, 1, 0, 0, 0, 1, 7, 22, 0, 0, 0, 0, 0, 0, 1, 9];
        let record = handshake_level().read(&mut bytes).unwrap().unwrap();
        assert_eq!((record.level, record.data.as_slice()), (Level::Initial, &[9][..]));
    }

    #[test]
    fn long_data_becomes_several_records() {
        let (levels, mut bytes) = (Levels::default(), Vec::new());
        levels.write(ContentType::HANDSHAKE, Level::Initial, &[1; MAX_DATA + 1], &mut bytes).unwrap();
        let lengths = [(); 2].map(|()| levels.read(&mut bytes).unwrap().unwrap().data.len());
        assert_eq!(lengths, [MAX_DATA, 1]);
    }
}
