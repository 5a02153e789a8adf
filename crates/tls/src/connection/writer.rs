//! The writing half.

mod finished;
mod key_update;

use super::orders::{Closing, ConnectionId, Orders, Tasks};
use crate::{
    error::{Error, ErrorKind},
    trace::{Trace, Traced},
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_crypto::Provider;
use cairn_handshake::{Item, WriteKeys};
use cairn_record::{RecordError, RecordLimits, RecordWriter, Sealed, Usage};
use cairn_schedule::{Direction, Epoch, Side};
use cairn_wire::{Alert, AlertDescription, ContentType, Encode, ProtocolVersion};

/// Encrypts application data of the caller, and what the [`crate::Reader`] orders.
#[derive(Debug)]
pub struct Writer {
    /// Orders must be of the same connection. `None` in a [`Connection`](super::Connection).
    connection: Option<ConnectionId>,
    records: RecordWriter,
    /// The configuration's limit on the plaintext of a record, whatever the peer accepts.
    max_plaintext: u16,
    provider: Arc<Provider>,
    /// close_notify or a fatal alert was sent, the peer has ended the connection, or the provider has failed.
    is_closed: bool,
    /// After the handshake of TLS 1.3.
    write_keys: Option<Box<WriteKeys>>,
    /// KeyUpdate must precede the next application data. Separate halves share another such flag.
    answer_is_due: bool,
    trace: Option<Arc<dyn Trace>>,
}

impl Writer {
    pub(super) fn new(side: Side, provider: Arc<Provider>, limits: RecordLimits) -> Self {
        // An alert has two bytes, and some peers do not accept a fragmented one.
        let max_plaintext = limits.max_plaintext.max(2);
        let mut records = RecordWriter::new(RecordLimits { max_plaintext, ..limits });
        // The record version of a client's first flight is TLS 1.0, for compatibility with old servers (RFC
        // 5246 appendix E.1).
        if side == Side::Server {
            records.set_version(ProtocolVersion::TLS_1_2);
        }
        Self {
            connection: None,
            records,
            max_plaintext,
            provider,
            is_closed: false,
            write_keys: None,
            answer_is_due: false,
            trace: None,
        }
    }

    /// Makes this the writer of separate halves.
    pub(super) fn separate(&mut self, connection: ConnectionId) {
        self.connection = Some(connection);
    }

    /// Executes the reader's orders, appends the records to `out`, and empties the orders.
    ///
    /// # Errors
    /// [`ErrorKind::ForeignOrders`] if the orders belong to another connection, or if this is the writer of a
    /// [`Connection`](super::Connection), which executes its orders itself; nothing changes then. Other
    /// errors if the provider fails; the writer is then closed.
    pub fn obey(&mut self, orders: &mut Orders, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.connection.as_ref() != Some(&orders.connection) {
            return Err(error(ErrorKind::ForeignOrders));
        }
        self.execute(&mut orders.tasks, out)
    }

    /// Executes the tasks from the reader of the same connection.
    pub(super) fn execute(&mut self, tasks: &mut Tasks, out: &mut Vec<u8>) -> Result<(), Error> {
        let executed = self.execute_in_order(tasks, out);
        if executed.is_err() {
            // The remaining tasks must not be executed without the failed one.
            self.is_closed = true;
        }
        // Only during a handshake is more to come: an idle connection should not keep the memory of a flight.
        tasks.clear(self.is_held());
        executed
    }

    fn execute_in_order(&mut self, tasks: &mut Tasks, out: &mut Vec<u8>) -> Result<(), Error> {
        if let Some(version) = tasks.version {
            self.records.set_version(version);
        }
        if let Some(provider) = tasks.provider.take() {
            self.provider = provider;
        }
        self.answer_is_due |= tasks.answer_is_due;
        if self.is_closed {
            return Ok(());
        }
        self.send_flight(tasks, out)?;
        match tasks.closing {
            Some(Closing::With(alert)) => self.send_closing_alert(alert, out),
            Some(Closing::Silently) => {
                self.is_closed = true;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn send_flight(&mut self, tasks: &mut Tasks, out: &mut Vec<u8>) -> Result<(), Error> {
        let (bytes, items) = tasks.flight.drain();
        // Consecutive messages share records.
        let mut pending = 0..0;
        for item in items {
            trace_item(self.trace.as_deref(), self.records.epoch(), &item, bytes);
            match item {
                Item::Send { bytes: range, .. } if range.start == pending.end => pending.end = range.end,
                Item::SendFinished { transcript_hash } => {
                    let messages = bytes.get(pending.clone()).unwrap_or_default();
                    self.send_finished(messages, &transcript_hash, out)?;
                    pending = pending.end..pending.end;
                }
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
                        Item::ApplicationData { direction: Direction::Write, gate } => {
                            self.records.set_gate(gate).map_err(record_error)?;
                        }
                        Item::WriteKeys(keys) => self.write_keys = Some(keys),
                        Item::UpdateKeys(request_update) => self.update_keys(request_update, out)?,
                        Item::AnswerKeyUpdate => self.answer_is_due = true,
                        Item::PadRecords(padding) => self.records.set_padding(padding),
                        Item::LimitRecords { .. }
                        | Item::ApplicationData { .. }
                        | Item::PeerChangeCipherSpec(_)
                        | Item::SkipEarlyData { .. }
                        | Item::SendFinished { .. }
                        | Item::Event(_) => {}
                    }
                }
            }
        }
        seal_unless_empty(&mut self.records, bytes.get(pending).unwrap_or_default(), out)
    }

    fn send_closing_alert(&mut self, alert: Alert, out: &mut Vec<u8>) -> Result<(), Error> {
        self.is_closed = true;
        if let Some(trace) = &self.trace {
            trace.trace(Direction::Write, self.records.epoch(), Traced::Alert(alert));
        }
        send_alert(&mut self.records, alert, out)
    }

    /// Encrypts application data and appends the records to `out`. Besides encryption, this costs the
    /// initialization of the new part of `out`; [`Writer::write_slice`] avoids that.
    ///
    /// # Errors
    /// [`ErrorKind::WriteBeforeComplete`], also during a renegotiation, and [`ErrorKind::WriteAfterClose`];
    /// [`ErrorKind::Record`] if the provider fails, or if the usage limit of the key is reached (see
    /// [`Writer::usage`]): `out` then has close_notify, and our side is closed. After an error, nothing of
    /// `data` has been encrypted.
    pub fn write(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.check_open()?;
        if data.is_empty() {
            return Ok(());
        }
        if self.write_keys.is_some() { self.write_updating(data, out) } else { self.write_data(data, out) }
    }

    /// Encrypts application data under the keys in use.
    fn write_data(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
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

    /// Encrypts as much application data as `out` has room for, as complete records from the front.
    /// [`Writer::sealed_len`] returns the room that all of it needs. With AEADs the data is not copied before
    /// encryption. The rest of `out` is unchanged, so a reused buffer is initialized only once.
    ///
    /// # Errors
    /// As [`Writer::write`], and [`ErrorKind::Record`] if `out` has no room for a record. If the key's limit
    /// is reached before anything is encrypted, the caller must send close_notify: [`Writer::close`].
    pub fn write_slice(&mut self, data: &[u8], out: &mut [u8]) -> Result<Sealed, Error> {
        self.check_open()?;
        if data.is_empty() {
            return Ok(Sealed { read: 0, written: 0 });
        }
        if self.write_keys.is_some() && self.is_update_due() {
            return self.write_slice_updating(data, out);
        }
        self.write_slice_data(data, out)
    }

    /// Encrypts application data under the keys in use.
    fn write_slice_data(&mut self, data: &[u8], out: &mut [u8]) -> Result<Sealed, Error> {
        let sealed = self.records.seal_slice(ContentType::APPLICATION_DATA, data, out);
        let sealed = sealed.map_err(|kind| Error { alert: None, ..record_error(kind) })?;
        self.show_data(sealed.read);
        Ok(sealed)
    }

    /// The room in bytes that [`Writer::write_slice`] needs for data of this length. In TLS 1.3 it includes
    /// room for KeyUpdate, which is rarely needed.
    #[must_use]
    pub fn sealed_len(&self, data_len: usize) -> usize {
        self.records.sealed_len(data_len).saturating_add(self.key_update_len())
    }

    fn show_data(&self, length: usize) {
        if let Some(trace) = &self.trace {
            trace.trace(Direction::Write, self.records.epoch(), Traced::ApplicationData(length));
        }
    }

    /// Encrypts application data in the caller's buffer, without a copy. `record` is
    /// [`Writer::payload_offset`] bytes of room, the data, and [`Writer::suffix_len`] bytes of room. Returns
    /// the length of the record from the start of `record`. With CBC suites it may be shorter than `record`,
    /// because the padding varies.
    ///
    /// In TLS 1.3 something else may have to be sent before: call [`Writer::prepare`] first.
    ///
    /// # Errors
    /// As [`Writer::write`], and [`ErrorKind::Record`] if the data does not fit into one record. If the key's
    /// limit is reached, the caller must send close_notify: [`Writer::close`]. [`ErrorKind::KeyUpdateDue`] if
    /// the peer has requested KeyUpdate, which [`Writer::prepare`] sends.
    pub fn seal_in_place(&mut self, record: &mut [u8]) -> Result<usize, Error> {
        self.check_open()?;
        if self.write_keys.is_some() && self.is_answer_due() {
            return Err(error(ErrorKind::KeyUpdateDue));
        }
        self.records
            .seal_in_place(ContentType::APPLICATION_DATA, record)
            .map_err(|kind| Error { alert: None, ..record_error(kind) })
    }

    /// The room before the data in [`Writer::seal_in_place`], in bytes.
    #[must_use]
    pub fn payload_offset(&self) -> usize {
        self.records.payload_offset()
    }

    /// The room after the data in [`Writer::seal_in_place`], in bytes.
    #[must_use]
    pub fn suffix_len(&self) -> usize {
        self.records.suffix_len()
    }

    /// The maximum data of one record in bytes.
    #[must_use]
    pub const fn max_plaintext(&self) -> usize {
        self.records.max_plaintext()
    }

    /// The usage of the key. TLS 1.2 cannot update keys, so open a new connection when the limit is near. In
    /// TLS 1.3, writing updates them in time, and so does [`Writer::prepare`].
    #[must_use]
    pub const fn usage(&self) -> Usage {
        self.records.usage()
    }

    /// Closes our side: appends close_notify to `out`, once.
    ///
    /// # Errors
    /// [`Error`] if the provider fails.
    pub fn close(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.is_closed {
            return Ok(());
        }
        self.send_closing_alert(Alert::warning(AlertDescription::CLOSE_NOTIFY), out)
    }

    /// Passes each sent message to `trace`; [`Writer::seal_in_place`] is not traced.
    pub fn set_trace(&mut self, trace: Option<Arc<dyn Trace>>) {
        self.trace = trace;
    }

    /// Whether application data may be sent.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        !self.is_closed && self.records.gate().is_open()
    }

    /// Whether our side is closed.
    #[cfg(feature = "std")]
    pub(crate) const fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Whether application data must wait for a handshake.
    pub(crate) fn is_held(&self) -> bool {
        !self.is_closed && !self.records.gate().is_open()
    }

    fn check_open(&self) -> Result<(), Error> {
        if self.is_closed {
            // RFC 5246 section 7.2.1: close_notify "notifies the recipient that the sender will not send any
            // more messages on this connection."
            Err(error(ErrorKind::WriteAfterClose))
        } else if self.records.gate().is_open() {
            Ok(())
        } else {
            Err(error(ErrorKind::WriteBeforeComplete))
        }
    }
}

/// `epoch` is that of the keys in use. In TLS 1.3 the item may not know it, because we update keys ourselves.
fn trace_item(trace: Option<&dyn Trace>, epoch: Epoch, item: &Item, bytes: &[u8]) {
    let Some(trace) = trace else { return };
    match item {
        Item::Send { msg_type, bytes: range, .. } => {
            let message = bytes.get(range.clone()).unwrap_or_default();
            trace.trace(Direction::Write, epoch, Traced::Handshake { msg_type: *msg_type, message });
        }
        Item::SendChangeCipherSpec { .. } => trace.trace(Direction::Write, epoch, Traced::ChangeCipherSpec),
        Item::SendAlert { alert, .. } => trace.trace(Direction::Write, epoch, Traced::Alert(*alert)),
        Item::Keys(_)
        | Item::LimitRecords { .. }
        | Item::ApplicationData { .. }
        | Item::PeerChangeCipherSpec(_)
        | Item::SkipEarlyData { .. }
        | Item::PadRecords(_)
        | Item::WriteKeys(_)
        | Item::UpdateKeys(_)
        | Item::AnswerKeyUpdate
        | Item::SendFinished { .. }
        | Item::Event(_) => {}
    }
}

fn seal_unless_empty(records: &mut RecordWriter, messages: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
    if messages.is_empty() { Ok(()) } else { seal(records, ContentType::HANDSHAKE, messages, out) }
}

fn send_alert(records: &mut RecordWriter, alert: Alert, out: &mut Vec<u8>) -> Result<(), Error> {
    let mut bytes = [0; 2];
    let mut writer = cairn_wire::Writer::slice(&mut bytes);
    // Two bytes always fit.
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

/// The error for a record that cannot be encrypted. No alert can report it, except close_notify if the usage
/// limit of the key is reached.
fn record_error(kind: RecordError) -> Error {
    let mut error = error(ErrorKind::Record(kind));
    if !matches!(kind, RecordError::KeyExhausted { .. }) {
        error.alert = None;
    }
    error
}

fn error(kind: ErrorKind) -> Error {
    Error::new(kind, "writing")
}
