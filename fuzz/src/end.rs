//! One endpoint and its invariants.

use crate::world::Scenario;
use cairn_tls::wire::{Alert, AlertLevel};
use cairn_tls::{Connection, Direction, Epoch, Error, Progress, Side, Trace, Traced};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

/// The maximum length of a record, including its header.
const MAX_RECORD: usize = 5 + (1 << 14) + 2048;

/// Counts the fatal alerts that are sent.
#[derive(Debug, Default)]
struct Fatal(AtomicUsize);

impl Trace for Fatal {
    fn trace(&self, direction: Direction, _: Epoch, message: Traced<'_>) {
        if direction == Direction::Write {
            assert_eq!(self.0.load(Relaxed), 0, "sent after a fatal alert: {message:?}");
            if matches!(message, Traced::Alert(Alert { level: AlertLevel::FATAL, .. })) {
                self.0.fetch_add(1, Relaxed);
            }
        }
    }
}

/// An endpoint. For any input, it sends at most one fatal alert and nothing after it, an error is final, it
/// returns data only after a complete handshake, and it never requests more bytes than the longest record
/// has.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) conn: Connection,
    /// Received and not yet consumed.
    inbox: Vec<u8>,
    /// To be sent.
    pub(crate) outbox: Vec<u8>,
    /// Received application data.
    pub(crate) data: Vec<u8>,
    /// Application data that was accepted for sending.
    pub(crate) written: Vec<u8>,
    pub(crate) error: Option<Error>,
    pub(crate) closed: bool,
    /// Whether it answers the first data with data of its own, and a client with another handshake, as in the
    /// recording.
    pub(crate) answers: bool,
    sent: usize,
}

impl End {
    pub(crate) fn new(scenario: &Scenario, side: Side) -> Self {
        let mut conn = scenario.connection(side);
        let fatal: Arc<dyn Trace> = Arc::new(Fatal::default());
        conn.set_trace(&fatal);
        let mut outbox = Vec::new();
        conn.start(&mut outbox).unwrap();
        let sent = outbox.len();
        Self {
            conn,
            inbox: Vec::new(),
            outbox,
            data: Vec::new(),
            written: Vec::new(),
            error: None,
            closed: false,
            answers: false,
            sent,
        }
    }

    /// The maximum number of record bytes that it sends on its own, without application data.
    pub(crate) const fn sent(&self) -> usize {
        self.sent
    }

    /// Processes bytes from the peer.
    pub(crate) fn take(&mut self, bytes: &[u8]) {
        self.inbox.extend_from_slice(bytes);
        loop {
            let before = self.outbox.len();
            let received = self.conn.receive(&mut self.inbox, &mut self.outbox);
            let said = self.outbox.len() - before;
            self.sent += said;
            let received = match received {
                Ok(received) => received,
                Err(error) => {
                    assert!(self.error.is_none() || said == 0, "sent after an error");
                    assert_eq!(*self.error.get_or_insert(error), error, "an error is final");
                    // An endpoint that can no longer send may still receive.
                    assert!(!self.conn.is_complete() || error.is_truncation());
                    self.inbox.clear();
                    return;
                }
            };
            assert_eq!(self.error, None, "an error is final");
            let at = received.consumed;
            assert!(at <= self.inbox.len());
            match received.progress {
                Progress::NeedMore { needed } => {
                    assert!(needed > self.inbox.len() && needed <= MAX_RECORD && at == 0 && said == 0);
                    return;
                }
                Progress::Data(range) => {
                    assert!(range.end <= at && self.conn.is_complete() && !self.closed);
                    self.data.extend_from_slice(&self.inbox[range]);
                    if core::mem::take(&mut self.answers) {
                        self.write(b"data");
                        if self.conn.reader().side() == Side::Client {
                            self.renegotiate();
                        }
                    }
                }
                Progress::Question(_) => unreachable!("all is configured"),
                Progress::Closed => {
                    self.closed = true;
                    assert_eq!(self.conn.close(&mut self.outbox), Ok(()));
                    self.inbox.clear();
                    return;
                }
                Progress::EarlyData(range) => assert!(range.end <= at && !self.conn.is_complete()),
                Progress::Handled => assert!(at > 0),
                Progress::ClientAuthentication => unreachable!("no certificate is requested"),
            }
            self.inbox.drain(..at);
        }
    }

    pub(crate) fn write(&mut self, data: &[u8]) {
        if self.conn.write(data, &mut self.outbox).is_ok() {
            self.written.extend_from_slice(data);
        } else {
            assert!(!self.conn.is_complete() || self.conn.reader().is_renegotiating() || self.is_done());
        }
    }

    /// Whether it must not send any more.
    fn is_done(&self) -> bool {
        self.error.is_some() || self.closed || !self.conn.writer().is_open()
    }

    pub(crate) fn close(&mut self) {
        let _gone = self.conn.close(&mut self.outbox);
    }

    pub(crate) fn renegotiate(&mut self) {
        let before = self.outbox.len();
        if self.conn.renegotiate(&mut self.outbox).is_err() {
            assert_eq!(self.outbox.len(), before, "misuse changes nothing");
        }
    }

    pub(crate) fn transport_ended(&mut self) {
        let ended = self.conn.transport_ended();
        match self.error {
            Some(error) => assert_eq!(ended, Err(error)),
            None => assert_eq!(ended.is_ok(), self.closed),
        }
        self.error = self.error.or(ended.err());
    }
}
