//! Two connected sides in memory.

use super::{line, name};
use cairn_tls::{ClientConfig, Connection, Error, Progress, QuestionId, ServerConfig, Side, Summary};

/// One side, and all its results.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) conn: Connection,
    /// Received and not yet consumed.
    inbox: Vec<u8>,
    /// Sent and not yet delivered.
    pub(crate) outbox: Vec<u8>,
    /// Received application data.
    pub(crate) data: Vec<u8>,
    /// Early data that was received.
    pub(crate) early: Vec<u8>,
    pub(crate) error: Option<Error>,
    pub(crate) closed: bool,
    pub(crate) asked: Option<QuestionId>,
    /// Whether to call `receive_data` before `receive` for the next record. It alternates.
    straight: bool,
    /// How often an authentication after the handshake was reported.
    pub(crate) authentications: usize,
}

impl End {
    /// A side that may fail at the start.
    pub(crate) fn started(mut conn: Connection) -> Self {
        let mut outbox = Vec::new();
        let error = conn.start(&mut outbox).err();
        let (inbox, data) = (Vec::new(), Vec::new());
        let early = Vec::new();
        Self {
            conn,
            inbox,
            outbox,
            data,
            early,
            error,
            closed: false,
            asked: None,
            straight: false,
            authentications: 0,
        }
    }

    pub(crate) fn new(conn: Connection) -> Self {
        let end = Self::started(conn);
        assert_eq!(end.error, None);
        end
    }

    /// Receives bytes from the peer.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        self.inbox.extend_from_slice(bytes);
        loop {
            let received = self.take_straight().and_then(|straight| match straight {
                true => Ok(None),
                false => self.conn.receive(&mut self.inbox, &mut self.outbox).map(Some),
            });
            let received = match received {
                Ok(Some(received)) => received,
                Ok(None) => continue,
                Err(error) => {
                    assert_eq!(*self.error.get_or_insert(error), error, "an error is final");
                    return;
                }
            };
            let at = received.consumed;
            match received.progress {
                Progress::NeedMore { needed } => {
                    assert!(needed > self.inbox.len() && at == 0);
                    return;
                }
                Progress::Data(range) => {
                    assert!(range.end <= at);
                    self.data.extend_from_slice(&self.inbox[range]);
                }
                Progress::Question(id) => {
                    self.inbox.drain(..at);
                    self.asked = Some(id);
                    return;
                }
                Progress::Closed => {
                    self.closed = true;
                    self.inbox.clear();
                    return;
                }
                Progress::ClientAuthentication => self.authentications += 1,
                Progress::EarlyData(range) => self.early.extend_from_slice(&self.inbox[range]),
                Progress::Handled => {}
            }
            self.inbox.drain(..at);
        }
    }

    /// Whether `receive_data` did not open a record.
    fn take_straight(&mut self) -> Result<bool, Error> {
        self.straight = !self.straight;
        if !self.straight {
            return Ok(false);
        }
        let mut place = [0; 5000];
        let opened = self.conn.receive_data(&mut self.inbox, &mut place, &mut self.outbox);
        if opened.is_err() {
            assert_eq!(place, [0; 5000], "nothing is left");
        }
        let Some(opened) = opened? else { return Ok(false) };
        self.data.extend_from_slice(&place[..opened.length]);
        self.inbox.drain(..opened.consumed);
        Ok(true)
    }

    pub(crate) fn write(&mut self, data: &[u8]) {
        self.conn.write(data, &mut self.outbox).unwrap();
    }

    pub(crate) fn close(&mut self) {
        self.conn.close(&mut self.outbox).unwrap();
    }

    pub(crate) fn summary(&self) -> &Summary {
        self.conn.summary().unwrap()
    }

    /// The fault, on one line.
    pub(crate) fn fault(&self) -> String {
        self.error.as_ref().map_or_else(|| "none".into(), line)
    }
}

/// Both sides.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) client: End,
    pub(crate) server: End,
}

impl Pair {
    pub(crate) fn new(client: &ClientConfig, server: &ServerConfig) -> Self {
        Self::of(Connection::client(client, name()), Connection::server(server))
    }

    pub(crate) fn of(client: Connection, server: Connection) -> Self {
        Self { client: End::new(client), server: End::new(server) }
    }

    /// Two sides after the handshake.
    pub(crate) fn ready(client: &ClientConfig, server: &ServerConfig) -> Self {
        let mut pair = Self::new(client, server);
        pair.run();
        assert!(pair.complete(), "{} / {}", pair.client.fault(), pair.server.fault());
        pair
    }

    pub(crate) fn complete(&self) -> bool {
        self.client.conn.is_complete() && self.server.conn.is_complete()
    }

    /// Lets both sides run until neither has output.
    pub(crate) fn run(&mut self) {
        self.run_in_pieces(usize::MAX);
    }

    /// The same, in fragments of this many bytes.
    pub(crate) fn run_in_pieces(&mut self, size: usize) {
        while !(self.client.outbox.is_empty() && self.server.outbox.is_empty()) {
            for piece in core::mem::take(&mut self.client.outbox).chunks(size) {
                self.server.take(piece);
            }
            for piece in core::mem::take(&mut self.server.outbox).chunks(size) {
                self.client.take(piece);
            }
        }
    }

    /// The same, with a function that receives each record with its sender and its number, counted from 0,
    /// and returns the bytes to deliver instead.
    pub(crate) fn run_through(&mut self, mut between: impl FnMut(Side, usize, Vec<u8>) -> Vec<u8>) {
        let mut sent = [0, 0];
        while !(self.client.outbox.is_empty() && self.server.outbox.is_empty()) {
            for side in [Side::Client, Side::Server] {
                let (from, to) = match side {
                    Side::Client => (&mut self.client, &mut self.server),
                    Side::Server => (&mut self.server, &mut self.client),
                };
                for record in records(&core::mem::take(&mut from.outbox)) {
                    let count = &mut sent[usize::from(side == Side::Server)];
                    to.take(&between(side, *count, record));
                    *count += 1;
                }
            }
        }
    }
}

/// Splits a stream into records.
pub(crate) fn records(mut stream: &[u8]) -> Vec<Vec<u8>> {
    let mut records = Vec::new();
    while !stream.is_empty() {
        let length = 5 + usize::from(u16::from_be_bytes([stream[3], stream[4]]));
        let (record, rest) = stream.split_at(length);
        records.push(record.to_vec());
        stream = rest;
    }
    records
}
