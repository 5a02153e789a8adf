//! The reading half: received records by content type. The handshake is driven in `drive`.

mod binding;
mod drive;

pub use binding::{ChannelBinding, ChannelBindingError};

use super::{orders::Orders, writer::Writer};
use crate::{
    error::{Error, ErrorKind},
    trace::{Trace, Traced},
};
use alloc::{boxed::Box, collections::VecDeque, sync::Arc};
use cairn_config::{CertificateWithheld, ClientConfig, ConnectionConfig, ServerConfig, ServerEndpoint};
use cairn_handshake::{Answer, Input, Joiner, Machine, Misuse, Question, QuestionId, Session, Summary};
use cairn_record::{MAX_PLAINTEXT_LEN, Opened, OpenedData, Record, RecordError, RecordLimits, RecordReader};
use cairn_schedule::{Direction, Epoch, Side};
use cairn_wire::{
    Alert, AlertDescription, AlertLevel, ChangeCipherSpec, ContentType, Decode, ProtocolVersion,
    RecordHeader, SessionId,
};
use cairn_x509::ChainError;
use core::ops::Range;

/// Decrypts received records, drives the handshake, and passes orders to the [`Writer`].
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
    notices: VecDeque<Notice>,
    summary: Option<Box<Summary>>,
    end: Option<End>,
    version_set: bool,
    /// Whether the last renegotiation that we requested was refused.
    refused: bool,
    trace: Option<Arc<dyn Trace>>,
}

#[derive(Clone, Copy, Debug)]
enum End {
    /// Whether close_notify was received.
    Closed,
    Failed(Error),
}

/// The result of [`Reader::receive`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The number of bytes consumed at the front of the input. The data of [`Progress::Data`] lies in them.
    pub consumed: usize,
    /// The kind of progress.
    pub progress: Progress,
}

/// The result of processing one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The record is incomplete: call again when the input has this many bytes.
    NeedMore {
        /// The total number of bytes.
        needed: usize,
    },
    /// A record without application data was processed.
    Handled,
    /// Decrypted application data at this position in the input. It may be empty.
    Data(Range<usize>),
    /// A question is pending that the configuration does not answer. Nothing is read until [`Reader::answer`]
    /// is called.
    Question(QuestionId),
    /// The peer sent close_notify. Anything after it is ignored.
    Closed,
}

/// An event for callers that store sessions or request renegotiations.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice {
    /// Save this session: it can be resumed.
    SaveSession(Arc<Session>),
    /// Remove this session: it must not be resumed (RFC 5246 section 7.2.2).
    ForgetSession(SessionId),
    /// The peer refused the handshake that [`Reader::renegotiate`] requested. The connection continues
    /// unchanged.
    RenegotiationRefused,
}

impl Reader {
    /// Creates the two halves of a client that connects to `server`: a [`ServerName`](cairn_x509::ServerName),
    /// or one with its port.
    #[must_use]
    pub fn client(config: &ClientConfig, server: impl Into<ServerEndpoint>) -> (Self, Writer) {
        Self::client_with_limits(config, server, RecordLimits::default())
    }

    /// As [`Reader::client`], with limits on what the peer's records can make this side hold or do, and on the
    /// size of the records that are sent.
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

    /// As [`Reader::server`], with limits on what the peer's records can make this side hold or do, and on the
    /// size of the records that are sent.
    #[must_use]
    pub fn server_with_limits(config: &ServerConfig, limits: RecordLimits) -> (Self, Writer) {
        Self::new(ConnectionConfig::server(config), limits)
    }

    fn new(config: ConnectionConfig, record_limits: RecordLimits) -> (Self, Writer) {
        let machine = config.machine();
        let writer = Writer::new(machine.side(), Arc::clone(config.provider()), record_limits);
        // Without a negotiated limit the peer may send records of any permitted size (RFC 6066 section 4).
        let record_limits = RecordLimits { max_plaintext: MAX_PLAINTEXT_LEN, ..record_limits };
        let reader = Self {
            config,
            machine,
            joiner: Joiner::new(),
            records: RecordReader::new(record_limits),
            epoch: Epoch::Initial,
            turned: false,
            half_alert: None,
            asked: None,
            withheld: None,
            rejected: None,
            notices: VecDeque::new(),
            summary: None,
            end: None,
            version_set: false,
            refused: false,
            trace: None,
        };
        (reader, writer)
    }

    /// Starts the handshake. A client sends ClientHello.
    ///
    /// # Errors
    /// [`Error`] if the provider fails.
    pub fn start(&mut self, orders: &mut Orders) -> Result<(), Error> {
        let now = self.config.now();
        self.step(Input::Start { now }, orders)
    }

    /// Processes the first record of `input` and decrypts it in place. See [`super::Connection::receive`].
    ///
    /// # Errors
    /// [`Error`] if the connection has failed, now or earlier; `orders` has the alert.
    pub fn receive(&mut self, input: &mut [u8], orders: &mut Orders) -> Result<Received, Error> {
        match self.end {
            Some(End::Failed(error)) => return Err(error),
            Some(End::Closed) => {
                return Ok(Received { consumed: input.len(), progress: Progress::Closed });
            }
            None => {}
        }
        if let Some(id) = self.asked {
            return Ok(Received { consumed: 0, progress: Progress::Question(id) });
        }
        if self.check_time(orders)? {
            // The caller has waited for this and must not wait for another record.
            return Ok(Received { consumed: 0, progress: Progress::Handled });
        }
        self.expect_version(input);
        match self.records.open(input) {
            Ok(Opened::Incomplete { needed }) => {
                Ok(Received { consumed: 0, progress: Progress::NeedMore { needed } })
            }
            Ok(Opened::Record(record)) => {
                self.speak_as(input, orders);
                let payload = input.get(record.payload.clone()).unwrap_or_default();
                let progress = self.take(&record, payload, orders)?;
                Ok(Received { consumed: record.consumed, progress })
            }
            Err(error) => Err(self.fail(ErrorKind::Record(error), orders)),
        }
    }

    /// Decrypts the first record of `input` directly into `place`, if possible. See
    /// [`super::Connection::receive_data`].
    ///
    /// # Errors
    /// [`Error`] if the connection has failed, now or earlier; `orders` has the alert.
    pub fn receive_data(
        &mut self,
        input: &mut [u8],
        place: &mut [u8],
        orders: &mut Orders,
    ) -> Result<Option<OpenedData>, Error> {
        // `receive` handles all other cases.
        if self.end.is_some() || self.asked.is_some() || !self.records.gate().is_open() {
            return Ok(None);
        }
        self.check_time(orders)?;
        self.expect_version(input);
        match self.records.open_data(input, place) {
            Ok(Some(data)) => {
                self.data_came(data.length);
                Ok(Some(data))
            }
            Ok(None) => Ok(None),
            Err(error) => Err(self.fail(ErrorKind::Record(error), orders)),
        }
    }

    /// Ends a renegotiation that takes longer than [`RenegotiationLimits::max_duration`]. Returns whether it did
    /// and the connection continues.
    fn check_time(&mut self, orders: &mut Orders) -> Result<bool, Error> {
        if !self.machine.is_renegotiating() {
            return Ok(false);
        }
        let now = self.config.now();
        self.step(Input::Time { now }, orders)?;
        Ok(!self.machine.is_renegotiating())
    }

    fn expect_version(&mut self, input: &[u8]) {
        if self.version_set && input.first().is_some_and(|first| *first != ContentType::ALERT.0) {
            // Not for alerts before that: a client that has not read our hello does not know the version.
            self.records.expect_version(ProtocolVersion::TLS_1_2);
        }
    }

    /// A client's first flight has the record version TLS 1.0. After the server's first record we use its
    /// version, so that a server that has chosen a version accepts our alert.
    fn speak_as(&self, record: &[u8], orders: &mut Orders) {
        if self.version_set || self.machine.side() == Side::Server {
            return;
        }
        if let Ok(header) = RecordHeader::decode(&mut cairn_wire::Reader::new(record)) {
            orders.version = Some(header.version.min(ProtocolVersion::TLS_1_2));
        }
    }

    /// Processes a decrypted record.
    fn take(&mut self, record: &Record, payload: &[u8], orders: &mut Orders) -> Result<Progress, Error> {
        match record.content_type {
            ContentType::HANDSHAKE => self.take_handshake(record.epoch, payload, orders)?,
            // The record layer has checked that it may come now.
            ContentType::APPLICATION_DATA => {
                self.data_came(payload.len());
                return Ok(Progress::Data(record.payload.clone()));
            }
            ContentType::CHANGE_CIPHER_SPEC => {
                if let Err(error) = ChangeCipherSpec::decode_exact(payload) {
                    return Err(self.fail(ErrorKind::BadChangeCipherSpec(error), orders));
                }
                if !self.joiner.is_empty() || self.half_alert.is_some() {
                    return Err(self.fail(ErrorKind::SplitAcrossKeyChange, orders));
                }
                self.show(Traced::ChangeCipherSpec);
                self.step(Input::ChangeCipherSpec, orders)?;
            }
            ContentType::ALERT => self.take_alerts(payload, orders)?,
            content_type => {
                // The record layer returns no other type.
                let error = RecordError::UnknownContentType { content_type };
                return Err(self.fail(ErrorKind::Record(error), orders));
            }
        }
        Ok(match (self.asked, self.end) {
            (Some(id), _) => Progress::Question(id),
            (None, Some(_)) => Progress::Closed,
            (None, None) => Progress::Handled,
        })
    }

    /// A record may contain several alerts, and an alert may span two records (RFC 5246 section 6.2.1).
    /// Alerts are processed one by one, up to one that ends the connection. The first byte of a split alert
    /// is stored.
    fn take_alerts(&mut self, payload: &[u8], orders: &mut Orders) -> Result<(), Error> {
        let mut bytes = payload.iter();
        while self.end.is_none()
            && let Some(next) = bytes.next()
        {
            match self.half_alert.take() {
                None => self.half_alert = Some(*next),
                Some(level) => {
                    let alert = Alert { level: AlertLevel(level), description: AlertDescription(*next) };
                    self.show(Traced::Alert(alert));
                    self.step(Input::Alert(alert), orders)?;
                }
            }
        }
        Ok(())
    }

    fn data_came(&mut self, length: usize) {
        if length > 0 {
            self.machine.application_data_came();
        }
        self.show(Traced::ApplicationData(length));
    }

    fn take_handshake(&mut self, epoch: Epoch, payload: &[u8], orders: &mut Orders) -> Result<(), Error> {
        self.epoch = epoch;
        if self.machine.is_established() {
            // The data may start a renegotiation, which checks the age of its session.
            self.machine.set_time(self.config.now());
        }
        if self.joiner.is_empty() {
            self.turned = false;
        }
        // The joiner returns a borrow of its buffer, so it is moved out while the machine processes the
        // message.
        let mut joiner = core::mem::replace(&mut self.joiner, Joiner::new());
        let taken = self.take_messages(&mut joiner, payload, orders);
        self.joiner = joiner;
        taken
    }

    fn take_messages(
        &mut self,
        joiner: &mut Joiner,
        payload: &[u8],
        orders: &mut Orders,
    ) -> Result<(), Error> {
        let mut rest = payload;
        while self.asked.is_none() && self.end.is_none() {
            match joiner.next(self.epoch, &mut rest, |header| self.machine.check_header(header)) {
                Ok(Some(message)) => {
                    self.show(Traced::Handshake { msg_type: message.msg_type, message: message.bytes });
                    self.step(Input::Message { epoch: self.epoch, message }, orders)?;
                }
                Ok(None) => {
                    let begins_too_soon = self.turned && !joiner.is_empty();
                    return if begins_too_soon {
                        Err(self.fail(ErrorKind::SplitAcrossTurn, orders))
                    } else {
                        Ok(())
                    };
                }
                Err(kind) => return self.step(Input::NotJoined(kind), orders),
            }
        }
        joiner.keep(self.epoch, rest);
        Ok(())
    }

    /// Requests a renegotiation (RFC 5246 section 7.4.1.1): a client sends ClientHello, a server sends
    /// HelloRequest. Our application data is held back from our hello until the handshake is complete; the
    /// peer's is still received. The peer may refuse ([`Notice::RenegotiationRefused`]) or not respond.
    /// [`crate::RenegotiationLimits::max_duration`] limits the duration: [`Reader::receive`] checks the clock,
    /// so call it from time to time even if nothing is received.
    ///
    /// If [`Reader::set_server_config`] has set a configuration that requires a client certificate, the
    /// handshake is mandatory: the connection ends with an error if the client refuses it or closes.
    ///
    /// # Errors
    /// [`Misuse`] if the configuration does not permit renegotiation, the peer does not support it securely
    /// (RFC 5746), the limit is reached, or a handshake is in progress. The connection is unchanged.
    /// [`Reader::receive`] reports later failures.
    pub fn renegotiate(&mut self, orders: &mut Orders) -> Result<(), Misuse> {
        let next = self.machine.step(Input::Renegotiate { now: self.config.now() }, &mut orders.flight)?;
        self.refused = false;
        let _told_by_receive = self.follow(next, orders);
        Ok(())
    }

    /// Sets the configuration for a server's later handshakes, for example one that requests a client
    /// certificate. While [`Question::ChooseConfiguration`] is pending, it is used for the first handshake.
    /// Its record limits do not apply to this connection.
    ///
    /// # Errors
    /// [`Misuse::NotComplete`] for a client, and while a handshake is in progress.
    pub fn set_server_config(&mut self, config: &ServerConfig, orders: &mut Orders) -> Result<(), Misuse> {
        self.machine.set_server_policy(Arc::clone(config.policy()))?;
        self.config = ConnectionConfig::server(config);
        orders.provider = Some(Arc::clone(self.config.provider()));
        Ok(())
    }

    /// Answers the pending question and continues with what was held back.
    ///
    /// # Errors
    /// [`Misuse`] if the answer does not fit. The connection is unchanged. [`Reader::receive`] reports the
    /// consequences of the answer, errors included.
    pub fn answer(&mut self, id: QuestionId, answer: Answer, orders: &mut Orders) -> Result<(), Misuse> {
        let answer = self.config.complete_answer(answer);
        let said = orders.flight.bytes().len();
        let next = self.machine.step(Input::Answer(id, answer), &mut orders.flight)?;
        self.asked = None;
        let followed = self.follow(next, orders);
        self.turned |= orders.flight.bytes().len() > said;
        if followed.is_ok() && self.asked.is_none() {
            let _told_by_receive = self.take_handshake(self.epoch, &[], orders);
        }
        Ok(())
    }

    /// Reports the end of the transport, and distinguishes truncation from an orderly close (RFC 5246 section
    /// 7.2.1).
    ///
    /// # Errors
    /// [`Error`] with [`ErrorKind::Truncated`] if close_notify was not received, or the error that ended the
    /// connection earlier.
    pub fn transport_ended(&mut self) -> Result<(), Error> {
        match self.end {
            Some(End::Closed) => Ok(()),
            Some(End::Failed(error)) => Err(error),
            None => {
                let error = Error::new(ErrorKind::Truncated, self.machine.state());
                self.end = Some(End::Failed(error));
                if !self.machine.is_established() {
                    // The handshake cannot continue, so its secrets are dropped.
                    self.abort(AlertDescription::CLOSE_NOTIFY);
                }
                Err(error)
            }
        }
    }

    /// The pending question that the configuration does not answer.
    #[must_use]
    pub fn question(&self) -> Option<(QuestionId, Question<'_>)> {
        self.asked?;
        self.machine.question()
    }

    /// The next event for the caller. There are none unless the caller stores sessions or requests
    /// renegotiations.
    pub fn next_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// Passes each received message to `trace`.
    pub fn set_trace(&mut self, trace: Option<Arc<dyn Trace>>) {
        self.trace = trace;
    }

    fn show(&self, message: Traced<'_>) {
        if let Some(trace) = &self.trace {
            trace.trace(Direction::Read, self.records.epoch(), message);
        }
    }

    /// The role of this side.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.machine.side()
    }

    /// The handshake state, as named in the transition tables.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        self.machine.state()
    }

    /// Whether the first handshake is complete and the connection has not failed. A premature end of the
    /// peer's transport does not count as a failure.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.machine.is_complete()
    }

    /// Whether a renegotiation is in progress or requested.
    #[must_use]
    pub const fn is_renegotiating(&self) -> bool {
        self.machine.is_renegotiating()
    }

    /// Whether the last handshake that [`Reader::renegotiate`] requested was refused or not started in time.
    #[must_use]
    pub const fn is_renegotiation_refused(&self) -> bool {
        self.refused
    }

    /// The inputs that the handshake state accepts, as named in the transition tables.
    pub fn expected(&self) -> impl Iterator<Item = &'static str> {
        self.machine.expected()
    }

    /// The time limit of a renegotiation in seconds.
    #[cfg(feature = "std")]
    pub(crate) fn max_renegotiation_time(&self) -> u32 {
        self.config.renegotiation_limits().max_duration
    }

    /// The number of renegotiations by either side, complete or not.
    #[must_use]
    pub const fn renegotiations(&self) -> u8 {
        self.machine.renegotiations()
    }

    /// Whether the peer has sent close_notify.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self.end, Some(End::Closed))
    }

    /// The error that ended the connection.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        match &self.end {
            Some(End::Failed(error)) => Some(error),
            _ => None,
        }
    }

    /// The negotiated parameters of the latest complete handshake.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.summary.as_deref()
    }

    /// The reason why this client sent an empty Certificate message, if the configuration decided so. It is
    /// available as soon as the message is generated, also if the server then ends the handshake.
    #[must_use]
    pub const fn certificate_withheld(&self) -> Option<CertificateWithheld> {
        self.withheld
    }

    /// Removes and returns the negotiated parameters with the peer's chain, so that an idle connection needs
    /// less memory.
    pub fn take_summary(&mut self) -> Option<Box<Summary>> {
        self.summary.take()
    }

    /// Fills `out` with keying material (RFC 5705). An empty context differs from no context.
    ///
    /// # Errors
    /// [`Misuse::NotComplete`], [`Misuse::NoExtendedMasterSecret`] (RFC 7627 section 5.4), or
    /// [`Misuse::Schedule`] if the label is reserved for TLS.
    pub fn export_keying_material(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        out: &mut [u8],
    ) -> Result<(), Misuse> {
        self.machine.export_keying_material(label, context, out)
    }
}
