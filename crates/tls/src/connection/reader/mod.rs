//! The reading half: opens records. Their contents are processed in `content`, and the handshake is driven in
//! `drive`.

mod binding;
mod content;
mod drive;
mod progress;
mod requests;
mod state;

pub use binding::{ChannelBinding, ChannelBindingError};
pub use progress::{Notice, Progress, Received};

use super::{
    orders::{ConnectionId, Orders, Tasks},
    writer::Writer,
};
use crate::{
    error::{Error, ErrorKind},
    trace::{Trace, Traced},
};
use alloc::{boxed::Box, collections::VecDeque, sync::Arc};
use cairn_config::{CertificateWithheld, ClientConfig, ConnectionConfig, ServerConfig, ServerEndpoint};
#[cfg(doc)]
use cairn_handshake::RenegotiationLimits;
use cairn_handshake::{Input, Joiner, Machine, QuestionId, Summary, UnixTime};
use cairn_record::{MAX_PLAINTEXT_LEN, Opened, OpenedData, RecordLimits, RecordReader};
use cairn_schedule::{Epoch, Side};
use cairn_wire::{ContentType, Decode, ProtocolVersion, RecordHeader};
use cairn_x509::ChainError;
use core::mem;

/// Decrypts received records and drives the handshake. It collects [`Orders`] for the [`Writer`]: see
/// [`Reader::take_orders`].
#[derive(Debug)]
pub struct Reader {
    config: ConnectionConfig,
    machine: Machine,
    joiner: Joiner,
    records: RecordReader,
    /// The epoch of the buffered handshake bytes.
    epoch: Epoch,
    /// Whether we have sent a message, or the handshake was completed, since the buffered bytes were
    /// received.
    turned: bool,
    /// The level of an alert whose description has not been received.
    half_alert: Option<u8>,
    /// A pending question that the configuration does not answer.
    asked: Option<QuestionId>,
    /// The reason why the configuration presented no certificate to the server.
    withheld: Option<CertificateWithheld>,
    /// The reason why the configuration rejected the peer's chain.
    rejected: Option<ChainError>,
    /// The identity of separate halves. `None` in a [`Connection`](super::Connection).
    connection: Option<ConnectionId>,
    /// The next tasks of the writer.
    tasks: Tasks,
    notices: VecDeque<Notice>,
    summary: Option<Box<Summary>>,
    end: Option<End>,
    version_set: bool,
    /// Whether the last renegotiation that we requested was refused.
    refused: bool,
    /// Whether the client has answered a request after the handshake, and [`Reader::receive`] has not told
    /// the caller.
    untold: bool,
    /// Whether the client's identity has changed after the handshake, and no call of a stream has told the
    /// caller.
    #[cfg(feature = "std")]
    identified: bool,
    /// Whether the client's last answer to a request after the handshake was an empty Certificate message.
    declined: bool,
    /// The early data that may still come, in bytes.
    early_data_left: u32,
    /// Whether our side stays open after the peer's close_notify, in TLS 1.3. `None` until it is set, which
    /// means that it does.
    half_close: Option<bool>,
    trace: Option<Arc<dyn Trace>>,
}

/// The end of the connection for the reader.
#[derive(Clone, Copy, Debug)]
enum End {
    /// close_notify was received.
    Closed,
    /// The connection has failed.
    Failed(Error),
}

impl Reader {
    /// Creates the two halves of a client that connects to `server`: a
    /// [`ServerName`](cairn_x509::ServerName), or one with its port.
    #[must_use]
    pub fn client(config: &ClientConfig, server: impl Into<ServerEndpoint>) -> (Self, Writer) {
        Self::client_with_limits(config, server, RecordLimits::default())
    }

    /// As [`Reader::client`], with limits on the memory and work that the peer's records can cause, and on
    /// the size of sent records.
    #[must_use]
    pub fn client_with_limits(
        config: &ClientConfig,
        server: impl Into<ServerEndpoint>,
        limits: RecordLimits,
    ) -> (Self, Writer) {
        Self::new(ConnectionConfig::client(config, server), limits)
    }

    /// Creates the two halves of a server.
    #[must_use]
    pub fn server(config: &ServerConfig) -> (Self, Writer) {
        Self::server_with_limits(config, RecordLimits::default())
    }

    /// As [`Reader::server`], with limits on what the peer's records can make this side hold or do, and on
    /// the size of the records that are sent.
    #[must_use]
    pub fn server_with_limits(config: &ServerConfig, limits: RecordLimits) -> (Self, Writer) {
        Self::new(ConnectionConfig::server(config), limits)
    }

    fn new(config: ConnectionConfig, record_limits: RecordLimits) -> (Self, Writer) {
        let (mut reader, mut writer) = Self::whole(config, record_limits);
        reader.separate(&mut writer);
        (reader, writer)
    }

    /// Gives the halves of a connection an identity, so that the caller can pass on orders.
    pub(super) fn separate(&mut self, writer: &mut Writer) {
        let id = ConnectionId::new();
        writer.separate(id.clone());
        self.connection = Some(id);
    }

    /// Creates the halves of a [`Connection`](super::Connection).
    pub(super) fn whole(config: ConnectionConfig, record_limits: RecordLimits) -> (Self, Writer) {
        let machine = config.machine();
        let provider = Arc::clone(config.provider());
        let writer = Writer::new(machine.side(), config.offers_tls13(), provider, record_limits);
        // Without a negotiated limit the peer may send records of any permitted size (RFC 6066 section 4).
        let record_limits = RecordLimits { max_plaintext: MAX_PLAINTEXT_LEN, ..record_limits };
        let mut records = RecordReader::new(record_limits);
        if machine.side() == Side::Server {
            records.accept_unprotected_alert();
        }
        let reader = Self {
            config,
            machine,
            joiner: Joiner::new(),
            records,
            epoch: Epoch::Initial,
            turned: false,
            half_alert: None,
            asked: None,
            withheld: None,
            rejected: None,
            connection: None,
            tasks: Tasks::default(),
            notices: VecDeque::new(),
            summary: None,
            end: None,
            version_set: false,
            refused: false,
            untold: false,
            #[cfg(feature = "std")]
            identified: false,
            declined: false,
            early_data_left: 0,
            half_close: None,
            trace: None,
        };
        (reader, writer)
    }

    /// Removes and returns the tasks of the [`Writer`] that result from the calls so far; `None` if there
    /// are none. Pass it to [`Writer::obey`] after each call of this reader, also if the call failed,
    /// because an error comes with an alert.
    ///
    /// The reader of a [`Connection`](super::Connection) gives out no orders: the connection executes them in
    /// its next call.
    #[must_use]
    pub fn take_orders(&mut self) -> Option<Orders> {
        let connection = self.connection.as_ref().filter(|_| !self.tasks.is_empty())?.clone();
        Some(Orders { connection, tasks: mem::take(&mut self.tasks) })
    }

    /// The tasks of the writer of the same connection.
    pub(super) const fn tasks_mut(&mut self) -> &mut Tasks {
        &mut self.tasks
    }

    /// Starts the handshake. A client sends ClientHello.
    ///
    /// # Errors
    /// [`Error`] if the provider fails.
    pub fn start(&mut self) -> Result<(), Error> {
        let now = self.config.now();
        self.step(Input::Start { now })
    }

    /// Processes the first record of `input` and decrypts it in place. See [`super::Connection::receive`].
    ///
    /// # Errors
    /// [`Error`] if the connection has failed, now or earlier; the orders have the alert.
    pub fn receive(&mut self, input: &mut [u8]) -> Result<Received, Error> {
        match self.end {
            Some(End::Failed(error)) => return Err(error),
            Some(End::Closed) => {
                // RFC 5246 section 7.2.1: "Any data received after a closure alert is ignored."
                return Ok(Received { consumed: input.len(), progress: Progress::Closed });
            }
            None => {}
        }
        if mem::take(&mut self.untold) {
            // It resulted from the answer to a question.
            return Ok(Received { consumed: 0, progress: Progress::ClientAuthentication });
        }
        if let Some(id) = self.asked {
            return Ok(Received { consumed: 0, progress: Progress::Question(id) });
        }
        if self.check_time()? {
            // The caller waits for the end of the renegotiation, and not for another record.
            return Ok(Received { consumed: 0, progress: Progress::Handled });
        }
        self.expect_version(input);
        match self.records.open(input) {
            Ok(Opened::Incomplete { needed }) => {
                Ok(Received { consumed: 0, progress: Progress::NeedMore { needed } })
            }
            Ok(Opened::Ignored { consumed }) => {
                self.show(Traced::ChangeCipherSpec);
                Ok(Received { consumed, progress: Progress::Handled })
            }
            Ok(Opened::Record(record)) => {
                self.adopt_version(input);
                let payload = input.get(record.payload.clone()).unwrap_or_default();
                let progress = self.process(&record, payload)?;
                Ok(Received { consumed: record.consumed, progress })
            }
            Err(error) => Err(self.fail(ErrorKind::Record(error))),
        }
    }

    /// Decrypts the first record of `input` directly into `place`, if possible. See
    /// [`super::Connection::receive_data`].
    ///
    /// # Errors
    /// [`Error`] if the connection has failed, now or earlier; the orders have the alert.
    pub fn receive_data(&mut self, input: &mut [u8], place: &mut [u8]) -> Result<Option<OpenedData>, Error> {
        // `receive` handles all other cases, among them data within a handshake message.
        let is_ready = self.end.is_none() && self.asked.is_none() && self.joiner.is_empty() && !self.untold;
        if !is_ready || !self.records.gate().is_open() || self.records.epoch() == Epoch::EarlyData {
            return Ok(None);
        }
        self.check_time()?;
        self.expect_version(input);
        match self.records.open_data(input, place) {
            Ok(Some(data)) => {
                self.note_data(data.length);
                Ok(Some(data))
            }
            Ok(None) => Ok(None),
            Err(error) => Err(self.fail(ErrorKind::Record(error))),
        }
    }

    /// Ends a renegotiation that takes longer than [`RenegotiationLimits::max_duration`]. Returns whether it
    /// did and the connection continues.
    fn check_time(&mut self) -> Result<bool, Error> {
        if !self.machine.is_renegotiating() {
            return Ok(false);
        }
        let now = self.config.now();
        self.step(Input::Time { now })?;
        Ok(!self.machine.is_renegotiating())
    }

    /// Ends a renegotiation as if [`RenegotiationLimits::max_duration`] had passed. The calls that receive
    /// check that limit by the clock of the configuration; a caller that waits for a silent peer needs a
    /// timer of its own, and calls this when it ends. Without a renegotiation, nothing changes.
    ///
    /// A client that has not started the requested handshake counts as having refused it
    /// ([`Reader::is_renegotiation_refused`]), and the connection continues.
    ///
    /// # Errors
    /// [`Error`] if the connection has failed, now or earlier; the orders have the alert.
    pub fn expire_renegotiation(&mut self) -> Result<(), Error> {
        match self.end {
            Some(End::Failed(error)) => Err(error),
            None if self.machine.is_renegotiating() => self.step(Input::Time { now: UnixTime::MAX }),
            _ => Ok(()),
        }
    }

    fn expect_version(&mut self, input: &[u8]) {
        // TLS 1.3 has no version in records (RFC 9846 section 5.1).
        let applies = self.version_set && !self.machine.is_tls13();
        if applies && input.first().is_some_and(|first| *first != ContentType::ALERT.0) {
            // Alerts may have another version until then: a client that has not read our hello does not know
            // the version.
            self.records.expect_version(ProtocolVersion::TLS_1_2);
        }
    }

    /// A client's first flight has the record version TLS 1.0. After the server's first record we use its
    /// version, so that a server that has chosen a version accepts our alert.
    fn adopt_version(&mut self, record: &[u8]) {
        if self.version_set || self.machine.side() == Side::Server {
            return;
        }
        if let Ok(header) = RecordHeader::decode(&mut cairn_wire::Reader::new(record)) {
            self.tasks.version = Some(header.version.min(ProtocolVersion::TLS_1_2));
        }
    }
}
