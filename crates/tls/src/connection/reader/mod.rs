//! The half that reads: what comes, sorted by content type. How it drives the handshake is in `drive`.

mod binding;
mod drive;

pub use binding::{ChannelBinding, ChannelBindingError};

use super::{Orders, ServerEndpoint, Writer, answers::Role};
use crate::{
    CertificateWithheld, ClientConfig, Error, ErrorKind, ServerConfig, Trace, Traced, config::with_end_point,
};
use alloc::{boxed::Box, collections::VecDeque, string::ToString, sync::Arc};
use cairn_handshake::{
    Answer, Endpoint, Input, Joiner, Machine, Misuse, Question, QuestionId, Session, Summary,
};
use cairn_record::{MAX_PLAINTEXT_LEN, Opened, OpenedData, Record, RecordLimits, RecordReader};
use cairn_schedule::{Direction, Epoch, Side};
use cairn_wire::{
    Alert, AlertDescription, AlertLevel, ChangeCipherSpec, ContentType, Decode, ProtocolVersion,
    RecordHeader, SessionId,
};
use cairn_x509::{ChainError, ServerName};
use core::ops::Range;

/// Opens what comes, drives the handshake, and orders of the [`Writer`] what is to be sent.
#[derive(Debug)]
pub struct Reader {
    role: Role,
    machine: Machine,
    joiner: Joiner,
    records: RecordReader,
    /// The keys that held handshake bytes came under.
    epoch: Epoch,
    /// Whether we have spoken, or the handshake was completed, since the bytes that are held began to come.
    turned: bool,
    /// The level of an alert whose description has not come.
    half_alert: Option<u8>,
    /// A question that the configuration does not answer.
    asked: Option<QuestionId>,
    /// Why the configuration showed no certificate where the server asked for one.
    withheld: Option<CertificateWithheld>,
    /// Why the configuration refused the peer's chain.
    rejected: Option<ChainError>,
    notices: VecDeque<Notice>,
    summary: Option<Box<Summary>>,
    end: Option<End>,
    version_set: bool,
    /// Whether the last renegotiation that we asked for was refused.
    refused: bool,
    trace: Option<Arc<dyn Trace>>,
}

#[derive(Clone, Copy, Debug)]
enum End {
    /// close_notify came.
    Closed,
    Failed(Error),
}

/// What [`Reader::receive`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// So many bytes at the front of the input are done with. Those of [`Progress::Data`] lie in them.
    pub consumed: usize,
    /// What came of it.
    pub progress: Progress,
}

/// What came of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is no whole record: come back when the input holds this many bytes.
    NeedMore {
        /// Bytes in all.
        needed: usize,
    },
    /// A record of the protocol was handled.
    Handled,
    /// Application data, in the clear, at this place of the input. It may be empty.
    Data(Range<usize>),
    /// A question is pending that the configuration does not answer: nothing is read until
    /// [`Reader::answer`] has been called.
    Question(QuestionId),
    /// The peer said close_notify: no more will come, and what comes is not looked at.
    Closed,
}

/// Something that a caller must know if it keeps sessions itself or asks for renegotiations.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice {
    /// This session can be resumed: keep it.
    SaveSession(Arc<Session>),
    /// This session must not be resumed again (RFC 5246 section 7.2.2).
    ForgetSession(SessionId),
    /// The peer refused the handshake that [`Reader::renegotiate`] asked for: the connection goes on as it was.
    RenegotiationRefused,
}

impl Reader {
    /// The two halves of a client that means to talk to `server`: a [`ServerName`], or one with its port.
    #[must_use]
    pub fn client(config: &ClientConfig, server: impl Into<ServerEndpoint>) -> (Self, Writer) {
        let inner = &config.inner;
        let ServerEndpoint { name: server, port } = server.into();
        let (name, host): (Option<Arc<str>>, Arc<str>) = match &server {
            ServerName::Dns(name) => {
                let name: Arc<str> = name.clone().into();
                (Some(Arc::clone(&name)), name)
            }
            ServerName::Ip(address) => (None, address.to_string().into()),
        };
        let endpoint = Endpoint { host: host.into(), port: port.unwrap_or(0) };
        let machine = Machine::client(Arc::clone(&inner.policy), name).to_endpoint(endpoint.clone());
        let role = Role::Client { config: config.clone(), server, endpoint };
        Self::new(role, machine, inner.record_limits)
    }

    /// The two halves of a server.
    #[must_use]
    pub fn server(config: &ServerConfig) -> (Self, Writer) {
        let inner = &config.inner;
        let machine = Machine::server(Arc::clone(&inner.policy));
        Self::new(Role::Server { config: config.clone() }, machine, inner.record_limits)
    }

    fn new(role: Role, machine: Machine, record_limits: RecordLimits) -> (Self, Writer) {
        let writer = Writer::new(machine.side(), Arc::clone(role.provider()), record_limits);
        // A peer that did not agree to less may send records of any size that TLS has (RFC 6066 section 4).
        let record_limits = RecordLimits { max_plaintext: MAX_PLAINTEXT_LEN, ..record_limits };
        let reader = Self {
            role,
            machine,
            joiner: Joiner::new(),
            records: RecordReader::new(record_limits),
            epoch: Epoch::INITIAL,
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

    /// Begins: a client says hello.
    ///
    /// # Errors
    /// [`Error`] when the provider fails.
    pub fn start(&mut self, orders: &mut Orders) -> Result<(), Error> {
        let now = self.role.now();
        self.step(Input::Start { now }, orders)
    }

    /// Looks at the first record of `input` and decrypts it in place. See [`super::Connection::receive`].
    ///
    /// # Errors
    /// [`Error`] when the connection has failed, now or before; `orders` has the alert.
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
            // The caller has been waiting for it, and is not to wait for a record now.
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

    /// Opens the first record of `input` straight into `place`, if it can be. See
    /// [`super::Connection::receive_data`].
    ///
    /// # Errors
    /// [`Error`] when the connection has failed, now or before; `orders` has the alert.
    pub fn receive_data(
        &mut self,
        input: &mut [u8],
        place: &mut [u8],
        orders: &mut Orders,
    ) -> Result<Option<OpenedData>, Error> {
        // Whatever else is the matter is for `receive` to tell.
        if self.end.is_some() || self.asked.is_some() || !self.machine.takes_application_data() {
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

    /// Ends a renegotiation that lasts longer than [`Limits::max_renegotiation_time`]. Whether it did, and the connection
    /// goes on.
    fn check_time(&mut self, orders: &mut Orders) -> Result<bool, Error> {
        if !self.machine.is_renegotiating() {
            return Ok(false);
        }
        let now = self.role.now();
        self.step(Input::Time { now }, orders)?;
        Ok(!self.machine.is_renegotiating())
    }

    fn expect_version(&mut self, input: &[u8]) {
        if self.version_set && input.first().is_some_and(|first| *first != ContentType::ALERT.0) {
            // Not for alerts before that: a client that has not read our hello yet knows no version.
            self.records.expect_version(ProtocolVersion::TLS_1_2);
        }
    }

    /// A client's first flight says TLS 1.0. From the server's first record on we say what it says, so that an alert
    /// before the version is chosen reaches a server that has chosen already.
    fn speak_as(&self, record: &[u8], orders: &mut Orders) {
        if self.version_set || self.machine.side() == Side::Server {
            return;
        }
        if let Ok(header) = RecordHeader::decode(&mut cairn_wire::Reader::new(record)) {
            orders.version = Some(header.version.min(ProtocolVersion::TLS_1_2));
        }
    }

    /// Takes a record in the clear.
    fn take(&mut self, record: &Record, payload: &[u8], orders: &mut Orders) -> Result<Progress, Error> {
        match record.content_type {
            ContentType::HANDSHAKE => self.take_handshake(record.epoch, payload, orders)?,
            ContentType::APPLICATION_DATA if self.machine.takes_application_data() => {
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
            other => return Err(self.fail(ErrorKind::UnexpectedContent(other), orders)),
        }
        Ok(match (self.asked, self.end) {
            (Some(id), _) => Progress::Question(id),
            (None, Some(_)) => Progress::Closed,
            (None, None) => Progress::Handled,
        })
    }

    /// A record may hold several alerts, and an alert lie over two (RFC 5246 section 6.2.1): they are taken one by one, up to
    /// one that ends the connection. Of one that is cut the first byte is kept.
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
            // What comes may begin another handshake, whose session has its own age.
            self.machine.set_time(self.role.now());
        }
        if self.joiner.is_empty() {
            self.turned = false;
        }
        // The joiner hands out what it holds, so it steps aside while the machine takes it.
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

    /// Asks for another handshake (RFC 5246 section 7.4.1.1): a client says hello, a server sends HelloRequest. From a
    /// client's hello or a server's answer on, application data of ours is held back until that handshake is complete;
    /// the peer's goes on coming. A peer that does not want it says so ([`Notice::RenegotiationRefused`]), or says
    /// nothing. It may last as long as [`crate::Limits::max_renegotiation_time`] says: [`Reader::receive`] looks at the
    /// clock, and ends it then. To have that happen while nothing comes, call it now and then with what is there.
    ///
    /// Where [`Reader::set_server_config`] has set a configuration that requires a client certificate, the client must go
    /// through the handshake: if it refuses, or closes, the connection ends with an error.
    ///
    /// # Errors
    /// [`Misuse`] when the configuration has no renegotiation, the peer does not do it securely (RFC 5746), there have
    /// been too many, or a handshake is under way; nothing has changed then. What fails later is for
    /// [`Reader::receive`] to tell.
    pub fn renegotiate(&mut self, orders: &mut Orders) -> Result<(), Misuse> {
        let next = self.machine.step(Input::Renegotiate { now: self.role.now() }, &mut orders.flight)?;
        self.refused = false;
        let _told_by_receive = self.follow(next, orders);
        Ok(())
    }

    /// Another configuration for a server's handshakes to come: one that asks for a client's certificate, say; or for the
    /// first, while [`Question::ChooseConfiguration`] is pending. Its limits of records do not count on this
    /// connection.
    ///
    /// # Errors
    /// [`Misuse::NotComplete`] for a client, and while a handshake is under way.
    pub fn set_server_config(&mut self, config: &ServerConfig, orders: &mut Orders) -> Result<(), Misuse> {
        self.machine.set_server_policy(Arc::clone(&config.inner.policy))?;
        self.role = Role::Server { config: config.clone() };
        orders.provider = Some(Arc::clone(self.role.provider()));
        Ok(())
    }

    /// Answers the pending question, and goes on with what was held back for it.
    ///
    /// # Errors
    /// [`Misuse`] when the answer does not fit; nothing has changed then. What the answer leads to, an error too, is
    /// for [`Reader::receive`] to tell.
    pub fn answer(&mut self, id: QuestionId, answer: Answer, orders: &mut Orders) -> Result<(), Misuse> {
        let answer = match answer {
            // A server tells what its certificate binds connections to, whoever chose it.
            Answer::Credential(Some(credential)) if self.side() == Side::Server => {
                Answer::Credential(Some(with_end_point(credential, self.role.provider())))
            }
            other => other,
        };
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

    /// The transport has ended: tells truncation from an orderly end (RFC 5246 section 7.2.1).
    ///
    /// # Errors
    /// [`Error`] with [`ErrorKind::Truncated`] unless close_notify came before, or the error that ended the connection
    /// earlier.
    pub fn transport_ended(&mut self) -> Result<(), Error> {
        match self.end {
            Some(End::Closed) => Ok(()),
            Some(End::Failed(error)) => Err(error),
            None => {
                let error = Error::new(ErrorKind::Truncated, self.machine.state());
                self.end = Some(End::Failed(error));
                if !self.machine.is_established() {
                    // The handshake has no future, and its secrets none either.
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

    /// The next thing that the caller must know. There is none unless the configuration leaves sessions to the caller, or
    /// the caller asks for renegotiations.
    pub fn next_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// Shows each message that comes to `trace`.
    pub fn set_trace(&mut self, trace: Option<Arc<dyn Trace>>) {
        self.trace = trace;
    }

    fn show(&self, message: Traced<'_>) {
        if let Some(trace) = &self.trace {
            trace.trace(Direction::Read, self.records.epoch(), message);
        }
    }

    /// Which end this is.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.machine.side()
    }

    /// The handshake state, by its name in the transition tables.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        self.machine.state()
    }

    /// Whether the first handshake is complete and the connection has not failed. That the peer's transport has ended too
    /// soon is no failure of ours: it may read on.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.machine.is_complete()
    }

    /// Whether another handshake is under way, or is asked for and neither begun nor refused.
    #[must_use]
    pub const fn is_renegotiating(&self) -> bool {
        self.machine.is_renegotiating()
    }

    /// Whether the last handshake that [`Reader::renegotiate`] asked for was refused, or not begun in time.
    #[must_use]
    pub const fn is_renegotiation_refused(&self) -> bool {
        self.refused
    }

    /// What the handshake waits for in its state, by the names in the transition tables: messages mostly.
    pub fn expected(&self) -> impl Iterator<Item = &'static str> {
        self.machine.expected()
    }

    /// How long a renegotiation may last, in seconds.
    #[cfg(feature = "std")]
    pub(crate) fn max_renegotiation_time(&self) -> u32 {
        self.role.limits().max_renegotiation_time
    }

    /// Handshakes after the first, complete or not, whoever asked for them.
    #[must_use]
    pub const fn renegotiations(&self) -> u8 {
        self.machine.renegotiations()
    }

    /// Whether the peer said close_notify.
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

    /// What was negotiated, once the handshake is complete; after a renegotiation, what that has negotiated.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.summary.as_deref()
    }

    /// Why this client answered the server's request for a certificate without one, if it did and the configuration chose
    /// so. It is there as soon as the answer is given: also when the server then ends the handshake.
    #[must_use]
    pub const fn certificate_withheld(&self) -> Option<CertificateWithheld> {
        self.withheld
    }

    /// Takes what was negotiated out, and the peer's chain with it: an idle connection is smaller without.
    pub fn take_summary(&mut self) -> Option<Box<Summary>> {
        self.summary.take()
    }

    /// Fills `out` with keying material for an application (RFC 5705). An empty context differs from none.
    ///
    /// # Errors
    /// [`Misuse::NotComplete`], [`Misuse::NoExtendedMasterSecret`] (RFC 7627 section 5.4), or [`Misuse::Schedule`] when
    /// the label is one of TLS's own.
    pub fn export_keying_material(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        out: &mut [u8],
    ) -> Result<(), Misuse> {
        self.machine.export_keying_material(label, context, out)
    }
}
