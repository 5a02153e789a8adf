//! The half that writes.

use super::{Orders, orders::Closing};
use crate::{Error, ErrorKind, Trace, Traced};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::Provider;
use cairn_handshake::Item;
use cairn_record::{RecordError, RecordLimits, RecordWriter, Sealed, Usage};
use cairn_schedule::{Direction, Side};
use cairn_wire::{Alert, AlertDescription, ContentType, Encode, HandshakeType, ProtocolVersion};

/// Seals what is sent: application data of the caller, and what the [`crate::Reader`] orders.
#[derive(Debug)]
pub struct Writer {
    records: RecordWriter,
    /// The configuration's limit on a record's plaintext, whatever the peer would take.
    max_plaintext: u16,
    provider: Arc<Provider>,
    state: State,
    trace: Option<Arc<dyn Trace>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A handshake is under way.
    Held,
    /// Application data may go.
    Open,
    /// close_notify or a fatal alert is out, or the peer has ended it, or the provider has failed.
    Closed,
}

impl Writer {
    pub(super) fn new(side: Side, provider: Arc<Provider>, limits: RecordLimits) -> Self {
        // An alert has two bytes, and no peer likes one in pieces.
        let max_plaintext = limits.max_plaintext.max(2);
        let mut records = RecordWriter::new(RecordLimits { max_plaintext, ..limits });
        // A client's first flight says 1.0, so that old servers take it (RFC 5246 appendix E.1).
        if side == Side::Server {
            records.set_version(ProtocolVersion::TLS_1_2);
        }
        Self { records, max_plaintext, provider, state: State::Held, trace: None }
    }

    /// Does what the reader ordered, appends the records to `out`, and empties the orders.
    ///
    /// # Errors
    /// [`Error`] when the provider fails; the writer is closed then.
    pub fn obey(&mut self, orders: &mut Orders, out: &mut Vec<u8>) -> Result<(), Error> {
        let obeyed = self.obey_in_order(orders, out);
        if obeyed.is_err() {
            // What was still to come must not go out without what should have gone before it.
            self.state = State::Closed;
        }
        if self.state == State::Held && obeyed.is_ok() {
            orders.clear();
        } else {
            // Not only emptied: a flight's memory is not for an idle connection to keep.
            *orders = Orders::new();
        }
        obeyed
    }

    fn obey_in_order(&mut self, orders: &mut Orders, out: &mut Vec<u8>) -> Result<(), Error> {
        if let Some(version) = orders.version {
            self.records.set_version(version);
        }
        if let Some(provider) = orders.provider.take() {
            self.provider = provider;
        }
        if self.state == State::Closed {
            return Ok(());
        }
        self.send_flight(orders, out)?;
        if orders.release {
            self.state = State::Open;
        }
        match orders.closing {
            Some(Closing::With(alert)) => self.send_closing_alert(alert, out),
            Some(Closing::Silently) => {
                self.state = State::Closed;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn send_flight(&mut self, orders: &mut Orders, out: &mut Vec<u8>) -> Result<(), Error> {
        let (bytes, items) = orders.flight.drain();
        // Messages that follow each other share records.
        let mut pending = 0..0;
        for item in items {
            trace_item(self.trace.as_deref(), &item, bytes);
            if let Item::Send {
                msg_type: HandshakeType::CLIENT_HELLO | HandshakeType::SERVER_HELLO, ..
            } = &item
            {
                // RFC 5246 would let application data go on to ChangeCipherSpec; peers take it up to here.
                self.state = State::Held;
            }
            match item {
                Item::Send { bytes: range, .. } if range.start == pending.end => pending.end = range.end,
                other => {
                    let messages = bytes.get(pending.clone()).unwrap_or_default();
                    seal_unless_empty(&mut self.records, messages, out)?;
                    pending = pending.end..pending.end;
                    match other {
                        Item::Send { bytes: range, .. } => pending = range,
                        Item::SendChangeCipherSpec { .. } => {
                            seal(&mut self.records, ContentType::CHANGE_CIPHER_SPEC, &[1], out)?;
                        }
                        Item::SendAlert { alert, .. } => send_alert(&mut self.records, alert, out)?,
                        Item::Keys(change) => {
                            self.records.change_keys(&self.provider, &change).map_err(record_error)?;
                        }
                        Item::LimitRecords { direction: Direction::Write, max_plaintext } => {
                            self.records.set_max_plaintext(max_plaintext.min(self.max_plaintext));
                        }
                        Item::LimitRecords { .. } | Item::Event(_) => {}
                    }
                }
            }
        }
        seal_unless_empty(&mut self.records, bytes.get(pending).unwrap_or_default(), out)
    }

    fn send_closing_alert(&mut self, alert: Alert, out: &mut Vec<u8>) -> Result<(), Error> {
        self.state = State::Closed;
        if let Some(trace) = &self.trace {
            trace.trace(Direction::Write, self.records.epoch(), Traced::Alert(alert));
        }
        send_alert(&mut self.records, alert, out)
    }

    /// Seals application data and appends the records to `out`, of which only the new part's clearing is work beside the
    /// cipher; [`Writer::write_slice`] does without that too.
    ///
    /// # Errors
    /// [`ErrorKind::WriteBeforeComplete`], during a later handshake too, and [`ErrorKind::WriteAfterClose`]; [`ErrorKind::Record`] when the provider
    /// fails, or when the key's usage limit is reached (see [`Writer::usage`]): `out` has close_notify then, and our side
    /// is closed. Nothing of `data` is on the wire after any of them.
    pub fn write(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.check_open()?;
        if data.is_empty() {
            return Ok(());
        }
        let sealed = seal(&mut self.records, ContentType::APPLICATION_DATA, data, out);
        match sealed {
            Ok(()) => self.show_data(data.len()),
            Err(Error { kind: ErrorKind::Record(RecordError::KeyExhausted { .. }), .. }) => {
                self.close(out)?;
            }
            Err(_) => {}
        }
        sealed
    }

    /// Seals application data, as much as `out` has room for, as whole records from its beginning on:
    /// [`Writer::sealed_len`] says how much room all of it takes. With AEADs nothing is copied: the data is read where it
    /// lies and encrypted to where it goes. What `out` has beyond the records is left alone, so that a buffer is cleared
    /// once and not for each call.
    ///
    /// # Errors
    /// As [`Writer::write`], and [`ErrorKind::Record`] when `out` has room for no record at all. When the key's limit is
    /// reached before anything is sealed, close_notify is for the caller to send: [`Writer::close`].
    pub fn write_slice(&mut self, data: &[u8], out: &mut [u8]) -> Result<Sealed, Error> {
        self.check_open()?;
        if data.is_empty() {
            return Ok(Sealed { read: 0, written: 0 });
        }
        let sealed = self.records.seal_slice(ContentType::APPLICATION_DATA, data, out);
        let sealed = sealed.map_err(|kind| Error { alert: None, ..record_error(kind) })?;
        self.show_data(sealed.read);
        Ok(sealed)
    }

    /// How much room [`Writer::write_slice`] takes for all of so much data, in bytes.
    #[must_use]
    pub fn sealed_len(&self, data_len: usize) -> usize {
        self.records.sealed_len(data_len)
    }

    fn show_data(&self, length: usize) {
        if let Some(trace) = &self.trace {
            trace.trace(Direction::Write, self.records.epoch(), Traced::ApplicationData(length));
        }
    }

    /// Seals application data where the caller wrote it: `record` is [`Writer::payload_offset`] bytes of room, the
    /// data, and [`Writer::suffix_len`] bytes of room. No copy at all. Returns how long the record is, from the beginning
    /// of `record`: all of it, but under CBC suites, whose padding may need less than there is room for.
    ///
    /// # Errors
    /// As [`Writer::write`], and [`ErrorKind::Record`] when the data does not fit one record. When the key's limit is
    /// reached, close_notify is for the caller to send: [`Writer::close`].
    pub fn seal_in_place(&mut self, record: &mut [u8]) -> Result<usize, Error> {
        self.check_open()?;
        self.records
            .seal_in_place(ContentType::APPLICATION_DATA, record)
            .map_err(|kind| Error { alert: None, ..record_error(kind) })
    }

    /// Bytes of room before the data in [`Writer::seal_in_place`].
    #[must_use]
    pub fn payload_offset(&self) -> usize {
        self.records.payload_offset()
    }

    /// Bytes of room after the data in [`Writer::seal_in_place`].
    #[must_use]
    pub fn suffix_len(&self) -> usize {
        self.records.suffix_len()
    }

    /// The most data that one record takes, in bytes.
    #[must_use]
    pub const fn max_plaintext(&self) -> usize {
        self.records.max_plaintext()
    }

    /// How far the key has been used. TLS 1.2 cannot update keys: when it says so, open a new connection.
    #[must_use]
    pub const fn usage(&self) -> Usage {
        self.records.usage()
    }

    /// Says that we send no more: appends close_notify to `out`, once.
    ///
    /// # Errors
    /// [`Error`] when the provider fails.
    pub fn close(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.state == State::Closed {
            return Ok(());
        }
        self.send_closing_alert(Alert::warning(AlertDescription::CLOSE_NOTIFY), out)
    }

    /// Shows each message that is sent to `trace`; [`Writer::seal_in_place`] shows nothing.
    pub fn set_trace(&mut self, trace: Option<Arc<dyn Trace>>) {
        self.trace = trace;
    }

    /// Whether application data may go.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Whether our side is closed.
    #[cfg(feature = "std")]
    pub(crate) fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Whether application data waits for a handshake.
    #[cfg(feature = "std")]
    pub(crate) fn is_held(&self) -> bool {
        self.state == State::Held
    }

    fn check_open(&self) -> Result<(), Error> {
        match self.state {
            State::Open => Ok(()),
            State::Held => Err(error(ErrorKind::WriteBeforeComplete)),
            State::Closed => Err(error(ErrorKind::WriteAfterClose)),
        }
    }
}

fn trace_item(trace: Option<&dyn Trace>, item: &Item, bytes: &[u8]) {
    let Some(trace) = trace else { return };
    match item {
        Item::Send { epoch, msg_type, bytes: range } => {
            let message = bytes.get(range.clone()).unwrap_or_default();
            trace.trace(Direction::Write, *epoch, Traced::Handshake { msg_type: *msg_type, message });
        }
        Item::SendChangeCipherSpec { epoch } => {
            trace.trace(Direction::Write, *epoch, Traced::ChangeCipherSpec);
        }
        Item::SendAlert { epoch, alert } => trace.trace(Direction::Write, *epoch, Traced::Alert(*alert)),
        Item::Keys(_) | Item::LimitRecords { .. } | Item::Event(_) => {}
    }
}

fn seal_unless_empty(records: &mut RecordWriter, messages: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
    if messages.is_empty() { Ok(()) } else { seal(records, ContentType::HANDSHAKE, messages, out) }
}

fn send_alert(records: &mut RecordWriter, alert: Alert, out: &mut Vec<u8>) -> Result<(), Error> {
    let mut bytes = [0; 2];
    let mut writer = cairn_wire::Writer::slice(&mut bytes);
    // Two bytes always fit two bytes.
    let _always = alert.encode(&mut writer);
    seal(records, ContentType::ALERT, &bytes, out)
}

fn seal(
    records: &mut RecordWriter,
    content_type: ContentType,
    payload: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    records.seal(content_type, payload, out).map_err(record_error)
}

/// A record that cannot be sealed. No alert can tell of it, but for the orderly end when a key is used up.
const fn record_error(kind: RecordError) -> Error {
    let mut error = error(ErrorKind::Record(kind));
    if !matches!(kind, RecordError::KeyExhausted { .. }) {
        error.alert = None;
    }
    error
}

const fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "writing")
}
