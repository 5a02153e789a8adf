//! Handshakes of clients and servers.

use crate::{
    answer::Answerer,
    driver::Driver,
    handshake::{Deadline, HandshakeFailed},
    observe::Observer,
    stream::{EarlyStream, TlsStream},
};
use alloc::sync::Arc;
#[cfg(doc)]
use cairn_tls::RenegotiationLimits;
use cairn_tls::{
    ClientConfig, Connection, EarlyData, RecordLimits, ServerConfig, ServerEndpoint, Summary, Trace,
};
use core::{fmt, time::Duration};
use std::sync::{PoisonError, RwLock};
use tokio::io::{AsyncRead, AsyncWrite};

/// Makes TLS connections to servers. It is cheap to clone.
#[derive(Clone, Debug)]
pub struct TlsConnector {
    config: Shared<ClientConfig>,
    settings: Settings,
}

/// Accepts TLS connections of clients. It is cheap to clone.
#[derive(Clone, Debug)]
pub struct TlsAcceptor {
    config: Shared<ServerConfig>,
    settings: Settings,
}

/// A configuration that all clones share, and that can be replaced.
#[derive(Debug)]
struct Shared<C>(Arc<RwLock<C>>);

impl<C> Clone for Shared<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C: Clone> Shared<C> {
    fn new(config: C) -> Self {
        Self(Arc::new(RwLock::new(config)))
    }

    fn get(&self) -> C {
        // A configuration is always complete: a thread that panicked has left nothing half done.
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, config: C) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config;
    }
}

/// The settings that both roles have.
#[derive(Clone)]
struct Settings {
    answerer: Option<Arc<dyn Answerer>>,
    observer: Option<Arc<dyn Observer>>,
    trace: Option<Arc<dyn Trace>>,
    handshake_limit: Option<Duration>,
    answer_limit: Option<Duration>,
    records: RecordLimits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            answerer: None,
            observer: None,
            trace: None,
            handshake_limit: Some(Duration::from_secs(30)),
            answer_limit: Some(Duration::from_secs(10)),
            records: RecordLimits::default(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("has_answerer", &self.answerer.is_some())
            .field("has_observer", &self.observer.is_some())
            .field("has_trace", &self.trace.is_some())
            .field("handshake_limit", &self.handshake_limit)
            .field("answer_limit", &self.answer_limit)
            .field("records", &self.records)
            .finish()
    }
}

impl Settings {
    fn start<IO: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut connection: Connection,
        transport: IO,
    ) -> Result<EarlyStream<IO>, HandshakeFailed<IO>> {
        if let Some(trace) = &self.trace {
            connection.set_trace(trace);
        }
        let observer = self.observer.clone();
        let driver = Driver::new(
            self.answerer.clone(),
            observer.clone(),
            self.answer_limit,
            self.handshake_limit.is_some(),
        );
        let deadline = Deadline::after(self.handshake_limit);
        match TlsStream::start(connection, transport, driver) {
            Ok(stream) => {
                let observed = observer.map(|observer| (observer, std::time::Instant::now()));
                Ok(EarlyStream { stream, deadline, observed })
            }
            Err((error, transport)) => Err(HandshakeFailed::new(error.into(), transport)),
        }
    }
}

/// The setters that [`TlsConnector`] and [`TlsAcceptor`] share.
macro_rules! settings {
    ($config:ty) => {
        /// The current configuration.
        #[must_use]
        pub fn config(&self) -> $config {
            self.config.get()
        }

        /// Replaces the configuration, for all clones. Connections that have begun keep theirs.
        pub fn set_config(&self, config: $config) {
            self.config.set(config);
        }

        /// Sets the answerer of the questions that the configuration leaves open.
        #[must_use]
        pub fn answerer(mut self, answerer: impl Answerer + 'static) -> Self {
            self.settings.answerer = Some(Arc::new(answerer));
            self
        }

        /// Sets the observer of handshakes and questions.
        #[must_use]
        pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
            self.settings.observer = Some(Arc::new(observer));
            self
        }

        /// Passes each message of later connections to `trace`: see [`Connection::set_trace`]. To tell
        /// connections apart, set another one on a clone for each of them.
        #[must_use]
        pub fn trace(mut self, trace: Arc<dyn Trace>) -> Self {
            self.settings.trace = Some(trace);
            self
        }

        /// Sets the time limit of the first handshake: 30 seconds by default, `None` for no limit. It needs
        /// the timer of the tokio runtime.
        ///
        /// A renegotiation has its own limit ([`RenegotiationLimits::max_duration`]), which needs the timer
        /// too. With `None` it has no timer, and the limit is checked only when the peer sends something.
        #[must_use]
        pub const fn handshake_timeout(mut self, limit: Option<Duration>) -> Self {
            self.settings.handshake_limit = limit;
            self
        }

        /// Sets the time limit of each answer: 10 seconds by default, `None` for no limit. It needs the timer
        /// of the tokio runtime.
        #[must_use]
        pub const fn answer_timeout(mut self, limit: Option<Duration>) -> Self {
            self.settings.answer_limit = limit;
            self
        }

        /// Sets the limits on the memory and work that the peer's records can cause, and on the size of sent
        /// records.
        #[must_use]
        pub const fn record_limits(mut self, limits: RecordLimits) -> Self {
            self.settings.records = limits;
            self
        }
    };
}

impl TlsConnector {
    /// Creates a connector.
    #[must_use]
    pub fn new(config: ClientConfig) -> Self {
        Self { config: Shared::new(config), settings: Settings::default() }
    }

    settings!(ClientConfig);

    /// Connects to `server`, a [`ServerName`](cairn_tls::ServerName) or one with its port, over `transport`.
    ///
    /// On TCP, set `TCP_NODELAY` first: the end of the handshake and the first data are two writes, and the
    /// system would hold back the second one until the first is acknowledged.
    ///
    /// # Errors
    /// [`HandshakeFailed`], with the transport.
    pub async fn connect<IO: AsyncRead + AsyncWrite + Unpin>(
        &self,
        server: impl Into<ServerEndpoint>,
        transport: IO,
    ) -> Result<TlsStream<IO>, HandshakeFailed<IO>> {
        self.connect_early(server, transport, &[]).await.map(|(stream, _)| stream)
    }

    /// As [`TlsConnector::connect`], and sends early data: a request that the server can execute one round
    /// trip earlier. Returns also the number of bytes of it that the server has accepted: all that were sent,
    /// or 0. Write the rest.
    ///
    /// **Early data can be replayed and has no forward secrecy**: see [`cairn_tls::Stream::write_early`].
    ///
    /// # Errors
    /// [`HandshakeFailed`], with the transport.
    pub async fn connect_early<IO: AsyncRead + AsyncWrite + Unpin>(
        &self,
        server: impl Into<ServerEndpoint>,
        transport: IO,
        early: &[u8],
    ) -> Result<(TlsStream<IO>, usize), HandshakeFailed<IO>> {
        let connection = Connection::client_with_limits(&self.config(), server, self.settings.records);
        let mut started = self.settings.start(connection, transport)?;
        let sent = match started.send_early(early).await {
            Ok(sent) => sent,
            Err(error) => return Err(started.fail(error)),
        };
        let stream = started.complete().await?;
        let tls13 = stream.summary().and_then(Summary::tls13);
        let is_accepted = tls13.is_some_and(|tls13| tls13.early_data == EarlyData::Accepted);
        Ok((stream, if is_accepted { sent } else { 0 }))
    }
}

impl TlsAcceptor {
    /// Creates an acceptor.
    #[must_use]
    pub fn new(config: ServerConfig) -> Self {
        Self { config: Shared::new(config), settings: Settings::default() }
    }

    settings!(ServerConfig);

    /// Accepts the connection of a client over `transport`.
    ///
    /// # Errors
    /// [`HandshakeFailed`], with the transport. [`InvalidInput`](std::io::ErrorKind::InvalidInput) in it if
    /// the client has sent early data and the configuration accepts it: [`TlsAcceptor::accept_early`] reads
    /// it.
    pub async fn accept<IO: AsyncRead + AsyncWrite + Unpin>(
        &self,
        transport: IO,
    ) -> Result<TlsStream<IO>, HandshakeFailed<IO>> {
        self.accept_early(transport)?.complete().await
    }

    /// As [`TlsAcceptor::accept`], for a server that accepts early data or sends 0.5-RTT data. The methods of
    /// [`EarlyStream`] perform the handshake.
    ///
    /// # Errors
    /// [`HandshakeFailed`], with the transport, if the provider fails.
    pub fn accept_early<IO: AsyncRead + AsyncWrite + Unpin>(
        &self,
        transport: IO,
    ) -> Result<EarlyStream<IO>, HandshakeFailed<IO>> {
        self.settings.start(Connection::server_with_limits(&self.config(), self.settings.records), transport)
    }
}
