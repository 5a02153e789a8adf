//! Sealing and opening of this peer's records.

use crate::support::provider;
use cairn_record::RecordKeys;
use cairn_schedule::Tls12Keys;
use cairn_tls::wire::{ContentType, ProtocolVersion};

/// How the peer's messages are divided into records.
#[derive(Clone, Debug, Default)]
pub(crate) enum Framing {
    /// A record for each message.
    #[default]
    Each,
    /// A record for each run, which is all successive messages under the same keys.
    Joined,
    /// The same, but this run, counted from 0, is split into two records at this position.
    Cut { run: usize, at: usize },
    /// Records of this many bytes.
    Sized(usize),
    /// Joined, with an empty record before the end of this run.
    EmptyWithin(usize),
    /// Joined, with a warning before the end of this run.
    WarningWithin(usize),
    /// Joined, with this many bytes delivered at a time.
    Pieces(usize),
    /// Joined, with all records of a flight delivered at once.
    AtOnce,
}

/// `user_canceled`, which has no effect unless close_notify follows (RFC 5246 section 7.2.2).
pub(super) const WARNING: [u8; 2] = [1, 90];

/// The keys of one direction, and the number of records under them.
pub(super) struct Keys {
    keys: RecordKeys,
    count: u64,
}

impl Keys {
    pub(super) fn new(keys: Tls12Keys) -> Self {
        let keys = cairn_schedule::Keys::Tls12(keys);
        Self { keys: RecordKeys::new(provider(), &keys).unwrap(), count: 0 }
    }
}

#[derive(Default)]
pub(super) struct Wire {
    pub(super) write: Option<Keys>,
    pub(super) read: Option<Keys>,
    pub(super) next_write: Option<Keys>,
    pub(super) next_read: Option<Keys>,
    /// Handshake bytes that are not in a record yet, and the number of earlier runs.
    pub(super) pending: Vec<u8>,
    pub(super) runs: usize,
    /// The received part of a message.
    pub(super) begun: Vec<u8>,
    /// The bytes to deliver at once.
    pub(super) waiting: Vec<u8>,
    /// The length of each run.
    pub(super) lengths: Vec<usize>,
}

impl Wire {
    pub(super) fn next_keys(&mut self, write: Keys, read: Keys) {
        (self.next_write, self.next_read) = (Some(write), Some(read));
    }

    pub(super) fn begin_to_write(&mut self) {
        if let Some(next) = self.next_write.take() {
            self.write = Some(next);
        }
    }

    /// A record with this content, under the current keys.
    pub(super) fn seal(&mut self, content_type: u8, content: &[u8]) -> Vec<u8> {
        let mut body = content.to_vec();
        if let Some(Keys { keys, count }) = &mut self.write {
            let overhead = keys.overhead();
            body = vec![0; overhead.prefix()];
            body.extend_from_slice(content);
            body.resize(overhead.body_len(content.len()), 0);
            let version = ProtocolVersion::TLS_1_2;
            keys.seal(*count, ContentType(content_type), version, &mut body, content.len()).unwrap();
            *count += 1;
        }
        let mut record = vec![content_type, 3, 3];
        record.extend_from_slice(&u16::try_from(body.len()).unwrap().to_be_bytes());
        record.extend_from_slice(&body);
        record
    }

    pub(super) fn open(&mut self, record: &[u8]) -> Option<Vec<u8>> {
        let mut body = record[5..].to_vec();
        let Some(Keys { keys, count }) = &mut self.read else { return Some(body) };
        let text = keys.open(*count, ContentType(record[0]), ProtocolVersion::TLS_1_2, &mut body).ok()?;
        *count += 1;
        Some(body[text.1].to_vec())
    }
}
