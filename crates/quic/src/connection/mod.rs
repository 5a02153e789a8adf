//! The handshake of a QUIC connection, without packets.
//!
//! ```text
//!  bytes of CRYPTO frames ─▶ Joiner ─▶ handshake machine ─▶ Event: bytes to send, keys, parameters, …
//! ```

mod drive;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod parameters;

use crate::crypto_stream::CryptoStream;
use crate::level::Level;
use crate::version::Version;
use alloc::{boxed::Box, collections::VecDeque, sync::Arc};
use cairn_config::{ClientConfig, ConfigError, ConnectionConfig, ServerConfig, ServerEndpoint};
use cairn_handshake::{
    Answer, Flight, Input, Joiner, Machine, Misuse, Question, QuestionId, Session, Summary,
};
use cairn_schedule::{Direction, Side, tls13::TrafficSecret};
use cairn_x509::ChainError;
use error::{ConfigNotSet, Error, ErrorKind};
use event::Event;
use parameters::Parameters;

/// The maximum number of bytes that wait while a question is pending. RFC 9000 section 7.5:
/// "Implementations MUST support buffering at least 4096 bytes of data received in out-of-order CRYPTO
/// frames."
const MAX_HELD: usize = 65_536;

/// The TLS handshake of a QUIC connection (RFC 9001), for a transport that has packets and CRYPTO frames.
///
/// - Call [`Connection::start`] once, and then execute the events.
/// - Pass each CRYPTO frame to [`Connection::read_frame`], with the [`CryptoStream`] of its level. A
///   transport that puts the bytes in order itself passes them to [`Connection::read_crypto`].
/// - After each call, take the events until there are none: [`Connection::poll_event`]. **Also after an
///   error**, close the connection with [`Error::code`].
/// - If a question is pending, answer it: [`Connection::question`], [`Connection::answer`]. Most
///   configurations answer all questions themselves. Until then, bytes are stored.
///
/// Initial keys do not depend on the handshake: [`initial_keys`](crate::initial_keys).
#[derive(Debug)]
pub struct Connection {
    config: ConnectionConfig,
    version: Version,
    machine: Machine,
    joiner: Joiner,
    flight: Flight,
    events: VecDeque<Event>,
    /// A pending question that the configuration does not answer.
    asked: Option<QuestionId>,
    /// The level of the last bytes.
    level: Level,
    /// The session that the client may offer, until the hello is sent.
    offered: Option<Arc<Session>>,
    /// The secret of one direction of a level, before that of the other.
    half: Option<(Level, Direction, TrafficSecret)>,
    /// Whether the client has offered early data, and does not know yet whether it is accepted.
    offers_early_data: bool,
    /// The reason why the configuration rejected the peer's chain.
    rejected: Option<ChainError>,
    summary: Option<Box<Summary>>,
    failed: Option<Error>,
}

impl Connection {
    /// Creates a client that connects to `server`: a [`ServerName`](cairn_x509::ServerName), or one with its
    /// port.
    ///
    /// # Errors
    /// [`ConfigError`] if the configuration cannot be used with QUIC: it needs TLS 1.3 and an application
    /// protocol.
    pub fn client(
        config: &ClientConfig,
        server: impl Into<ServerEndpoint>,
        parameters: Parameters<'_>,
    ) -> Result<Self, ConfigError> {
        let config = ConnectionConfig::quic_client(config, server, parameters.of_client())?;
        Ok(Self::new(config, parameters.version))
    }

    /// Creates a server.
    ///
    /// # Errors
    /// [`ConfigError`] if the configuration cannot be used with QUIC: it needs TLS 1.3 and an application
    /// protocol.
    pub fn server(config: &ServerConfig, parameters: Parameters<'_>) -> Result<Self, ConfigError> {
        let quic = parameters.of_server(config.provider()).map_err(ConfigError::Crypto)?;
        Ok(Self::new(ConnectionConfig::quic_server(config, quic)?, parameters.version))
    }

    fn new(config: ConnectionConfig, version: Version) -> Self {
        Self {
            machine: config.machine(),
            config,
            version,
            joiner: Joiner::new(),
            flight: Flight::new(),
            events: VecDeque::new(),
            asked: None,
            level: Level::Initial,
            offered: None,
            half: None,
            offers_early_data: false,
            rejected: None,
            summary: None,
            failed: None,
        }
    }

    /// Starts the handshake. A client sends ClientHello.
    ///
    /// # Errors
    /// [`Error`] if the provider fails.
    pub fn start(&mut self) -> Result<(), Error> {
        let now = self.config.now();
        self.step(Input::Start { now })
    }

    /// Processes a CRYPTO frame. `stream` is the stream of its level: it puts the bytes in order, and those
    /// without a gap before them are processed.
    ///
    /// # Errors
    /// [`Error`] if the connection has failed, now or earlier.
    pub fn read_frame(
        &mut self,
        level: Level,
        stream: &mut CryptoStream,
        offset: u64,
        data: &[u8],
    ) -> Result<(), Error> {
        self.check_readable(level)?;
        let was_over = level < self.read_level();
        match stream.receive(offset, data, |bytes| self.read_crypto(level, bytes)) {
            Ok(Some(outcome)) => outcome?,
            Ok(None) => {}
            Err(_) if was_over => return Err(self.fail(ErrorKind::NotConsumed { level })),
            Err(exceeded) => return Err(self.fail(ErrorKind::StreamExceeded(exceeded))),
        }
        // RFC 9001 section 4.1.3: a packet of an earlier level "MUST NOT contain data that extends past the
        // end of previously received data in that flow." Nor may such data be left when the level ends.
        if level < self.read_level() && !stream.is_empty() {
            return Err(self.fail(ErrorKind::NotConsumed { level }));
        }
        Ok(())
    }

    /// Processes bytes of the CRYPTO stream of a level, which continue the bytes before. The transport puts
    /// them in order. If it has bytes beyond a gap when their level ends ([`Connection::read_level`]), or
    /// receives them later, it must close the connection with PROTOCOL_VIOLATION (RFC 9001 section 4.1.3).
    ///
    /// # Errors
    /// [`Error`] if the connection has failed, now or earlier.
    pub fn read_crypto(&mut self, level: Level, bytes: &[u8]) -> Result<(), Error> {
        self.check_readable(level)?;
        if bytes.is_empty() {
            return Ok(());
        }
        let expected = self.read_level();
        if level != expected {
            return Err(self.fail(ErrorKind::WrongLevel { expected, got: level }));
        }
        self.level = level;
        if self.asked.is_some() {
            return self.hold(bytes);
        }
        self.machine.set_time(self.config.now());
        self.process(bytes)
    }

    /// Checks that the connection has not failed, and that packets of this level may have CRYPTO frames. In a
    /// 0-RTT packet even an empty frame is a violation (RFC 9001 section 8.3).
    fn check_readable(&mut self, level: Level) -> Result<(), Error> {
        match self.failed {
            Some(error) => Err(error),
            None if level == Level::EarlyData => Err(self.fail(ErrorKind::CryptoInEarlyData)),
            None => Ok(()),
        }
    }

    /// Stores bytes until the pending question is answered.
    fn hold(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.joiner.len().saturating_add(bytes.len()) > MAX_HELD {
            return Err(self.fail(ErrorKind::BufferExceeded { limit: MAX_HELD }));
        }
        self.joiner.keep(self.machine.read_epoch(), bytes);
        Ok(())
    }

    /// Removes and returns the next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The pending question that the configuration does not answer.
    #[must_use]
    pub fn question(&self) -> Option<(QuestionId, Question<'_>)> {
        let asked = self.asked?;
        self.machine.question().filter(|(id, _)| *id == asked)
    }

    /// Answers the pending question, and processes the bytes that were stored.
    ///
    /// # Errors
    /// [`Misuse`] if the answer does not fit. The connection is unchanged. The next call of
    /// [`Connection::read_crypto`] and [`Connection::error`] report the consequences of the answer.
    pub fn answer(&mut self, id: QuestionId, answer: Answer) -> Result<(), Misuse> {
        let answer = self.config.complete_answer(answer);
        self.note_session(&answer);
        let next = self.machine.step(Input::Answer(id, answer), &mut self.flight)?;
        self.asked = None;
        if self.follow(next).is_ok() && self.asked.is_none() {
            let _in_error = self.process(&[]);
        }
        Ok(())
    }

    /// Sets the configuration of a server, while [`Question::ChooseConfiguration`] is pending.
    ///
    /// # Errors
    /// [`ConfigNotSet::Misuse`] with [`Misuse::NotComplete`] if that question is not pending;
    /// [`ConfigNotSet::Config`] if the configuration cannot be used with QUIC, as in [`Connection::server`].
    /// The connection is unchanged.
    pub fn set_server_config(&mut self, config: &ServerConfig) -> Result<(), ConfigNotSet> {
        let mut with_other = self.config.clone();
        with_other.set_server(config).map_err(ConfigNotSet::Config)?;
        self.machine.set_server_policy(Arc::clone(config.policy())).map_err(ConfigNotSet::Misuse)?;
        self.config = with_other;
        Ok(())
    }

    /// The error that has ended the connection.
    #[must_use]
    pub const fn error(&self) -> Option<Error> {
        self.failed
    }

    /// The role of this side.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.machine.side()
    }

    /// The version of QUIC.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The level whose CRYPTO stream continues the handshake.
    #[must_use]
    pub fn read_level(&self) -> Level {
        self.machine.read_epoch().into()
    }

    /// Whether the handshake is complete.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.summary.is_some()
    }

    /// The negotiated parameters, after the handshake is complete.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.summary.as_deref()
    }

    /// Exports keying material (RFC 9846 section 7.5).
    ///
    /// # Errors
    /// [`Misuse::NotComplete`] before the handshake is complete; [`Misuse::Schedule`] if the label is
    /// reserved for TLS or the provider fails.
    pub fn export_keying_material(&self, label: &[u8], context: &[u8], out: &mut [u8]) -> Result<(), Misuse> {
        self.machine.export_keying_material(label, Some(context), out)
    }
}
