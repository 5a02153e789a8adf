//! Servers that share a store, and clients whose sessions a test can see.

use crate::server::RedisServer;
use cairn_redis::{RedisSessions, RedisSessionsBuilder, RootKey};
use cairn_tokio::{
    Answerer, HandshakeFailed, Reply, TlsAcceptor, TlsConnector, TlsStream,
    tls::{
        Answer, ClientConfig, Clock, FindSession, Notice, Question, ServerConfig, ServerConfigBuilder,
        ServerName, Session, SessionAnswer, SystemClock, Versions,
        crypto::KeySpec,
        x509::{
            Roots,
            issue::{Identity, Template},
        },
    },
};
use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};

pub(crate) const BOTH: [Versions; 2] = [Versions::Tls12, Versions::Tls13];

/// Both ends are in one task. If one has sent nothing for this time, it waits for the other.
const QUIET: Duration = Duration::from_millis(100);

pub(crate) fn root() -> RootKey {
    RootKey::new(&[7; 32]).unwrap()
}

pub(crate) fn identity() -> Identity {
    let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
    template.self_signed(&cairn_tokio::tls::default_provider(), KeySpec::EcP256).unwrap()
}

/// A server of the fleet.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) sessions: RedisSessions,
}

/// Settings for tests: no operation fails because the machine is busy.
pub(crate) fn settings(redis: &RedisServer) -> RedisSessionsBuilder {
    RedisSessions::builder(redis.client(), root()).time_limit(Duration::from_secs(10))
}

impl Server {
    pub(crate) async fn new(identity: &Identity, versions: Versions, settings: RedisSessionsBuilder) -> Self {
        Self::with(identity, versions, settings, |config, _| config).await
    }

    pub(crate) async fn with(
        identity: &Identity,
        versions: Versions,
        settings: RedisSessionsBuilder,
        change: impl FnOnce(ServerConfigBuilder, &RedisSessions) -> ServerConfigBuilder,
    ) -> Self {
        let chain: Vec<&[u8]> = identity.chain().collect();
        let config = ServerConfig::builder().credential(&chain, identity.signing_key().clone()).unwrap();
        let sessions = settings.build().unwrap();
        let config = change(config.versions(versions).ask_for_sessions(), &sessions).build().unwrap();
        sessions.flush().await;
        Self { acceptor: TlsAcceptor::new(config).answerer(sessions.clone()), sessions }
    }

    /// Two servers of a fleet, and a client that trusts them.
    pub(crate) async fn pair(redis: &RedisServer, versions: Versions) -> (Self, Self, Client) {
        let identity = identity();
        let first = Self::new(&identity, versions, settings(redis)).await;
        let second = Self::new(&identity, versions, settings(redis)).await;
        (first, second, Client::new(&identity, versions))
    }
}

/// A client that offers the sessions that a test chooses.
#[derive(Clone)]
pub(crate) struct Client {
    connector: TlsConnector,
    sessions: ClientSessions,
}

#[derive(Clone)]
struct ClientSessions {
    clock: Arc<dyn Clock>,
    /// The one to offer next.
    offer: Arc<Mutex<Option<Arc<Session>>>>,
    received: Arc<Mutex<Vec<Arc<Session>>>>,
}

impl ClientSessions {
    fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, offer: Arc::default(), received: Arc::default() }
    }
}

impl Answerer for ClientSessions {
    fn answer(&self, question: &Question<'_>) -> Reply {
        let Question::FindSession(FindSession::ForServer { .. }) = question else { return Reply::Declined };
        let session = self.offer.lock().unwrap().take();
        Reply::now(Answer::Session(SessionAnswer { session, now: self.clock.now() }))
    }

    fn notice(&self, notice: &Notice) {
        if let Notice::SaveSession(session) = notice {
            self.received.lock().unwrap().push(Arc::clone(session));
        }
    }
}

/// The result of a connection.
pub(crate) struct Connected {
    pub(crate) is_resumed: bool,
    /// The sessions that the client has received.
    pub(crate) sessions: Vec<Arc<Session>>,
}

impl Client {
    pub(crate) fn new(identity: &Identity, versions: Versions) -> Self {
        Self::with_clock(identity, versions, Arc::new(SystemClock))
    }

    pub(crate) fn with_clock(identity: &Identity, versions: Versions, clock: Arc<dyn Clock>) -> Self {
        let mut roots = Roots::new();
        roots.add_der(identity.certificate()).unwrap();
        let config = ClientConfig::builder().trust(roots).versions(versions).ask_for_sessions();
        let config = config.clock(Arc::clone(&clock));
        let config = if versions == Versions::Tls13 { config.early_data() } else { config };
        let sessions = ClientSessions::new(clock);
        let connector = TlsConnector::new(config.build().unwrap()).answerer(sessions.clone());
        Self { connector, sessions }
    }

    /// A client with the same configuration. Sessions are bound to it.
    pub(crate) fn another(&self) -> Self {
        let sessions = ClientSessions::new(Arc::clone(&self.sessions.clock));
        Self { connector: self.connector.clone().answerer(sessions.clone()), sessions }
    }

    /// Connects, and offers this session.
    pub(crate) async fn try_connect(
        &self,
        server: &Server,
        offered: Option<&Arc<Session>>,
    ) -> Result<Connected, HandshakeFailed<DuplexStream>> {
        let this = self.another();
        *this.sessions.offer.lock().unwrap() = offered.cloned();
        let (to_server, to_client) = tokio::io::duplex(100_000);
        let (client, served) =
            tokio::join!(this.connector.connect(localhost(), to_server), server.acceptor.accept(to_client));
        let (mut client, mut served): (TlsStream<_>, TlsStream<_>) = (client?, served?);
        served.write_all(b"x").await.unwrap();
        client.read_exact(&mut [0]).await.unwrap();
        let is_resumed = client.summary().unwrap().is_resumed();
        assert_eq!(served.summary().unwrap().is_resumed(), is_resumed);
        let sessions = std::mem::take(&mut *this.sessions.received.lock().unwrap());
        Ok(Connected { is_resumed, sessions })
    }

    /// Connects to a server in another process, offers this session, and sends early data. The server sends a
    /// byte.
    pub(crate) async fn connect_over<IO: AsyncRead + AsyncWrite + Unpin + Send + Sync + 'static>(
        &self,
        transport: IO,
        offered: Option<&Arc<Session>>,
        early: &[u8],
    ) -> io::Result<(Connected, TlsStream<IO>)> {
        let this = self.another();
        *this.sessions.offer.lock().unwrap() = offered.cloned();
        let connecting = this.connector.connect_early(localhost(), transport, early);
        let (mut client, _accepted) = connecting.await.map_err(|failed| failed.error)?;
        client.read_exact(&mut [0]).await?;
        let is_resumed = client.summary().unwrap().is_resumed();
        let sessions = std::mem::take(&mut *this.sessions.received.lock().unwrap());
        Ok((Connected { is_resumed, sessions }, client))
    }

    /// As [`Self::try_connect`], and waits until the server's session is stored.
    pub(crate) async fn connect(&self, server: &Server, offered: Option<&Arc<Session>>) -> Connected {
        let connected = self.try_connect(server, offered).await.unwrap();
        server.sessions.flush().await;
        connected
    }

    /// A session from a full handshake.
    pub(crate) async fn session(&self, server: &Server) -> Arc<Session> {
        let connected = self.connect(server, None).await;
        assert!(!connected.is_resumed);
        assert!(!connected.sessions.is_empty(), "{:?}", server.sessions);
        Arc::clone(&connected.sessions[0])
    }

    /// The first flight of a client that offers this session and sends early data.
    pub(crate) async fn early_flight(&self, session: &Arc<Session>, data: &[u8]) -> Vec<u8> {
        let this = self.another();
        *this.sessions.offer.lock().unwrap() = Some(Arc::clone(session));
        let (to_server, mut wire) = tokio::io::duplex(100_000);
        let connecting = this.connector.connect_early(localhost(), to_server, data);
        let mut flight = Vec::new();
        let reading = async {
            let mut part = [0; 10_000];
            let length = wire.read(&mut part).await.unwrap();
            flight.extend_from_slice(&part[..length]);
            // The client waits for the server after its first flight.
            while let Ok(length) = tokio::time::timeout(QUIET, wire.read(&mut part)).await {
                flight.extend_from_slice(&part[..length.unwrap()]);
            }
        };
        tokio::select! {
            connected = connecting => panic!("there is no server: {:?}", connected.map(|_| ())),
            () = reading => {}
        }
        flight
    }
}

/// The early data of a flight that the server accepts.
pub(crate) async fn accepted(server: &Server, flight: &[u8]) -> Vec<u8> {
    let (mut wire, to_client) = tokio::io::duplex(100_000);
    wire.write_all(flight).await.unwrap();
    let mut early = server.acceptor.accept_early(to_client).unwrap();
    let (mut data, mut answer) = ([0; 100], [0; 1]);
    let answered = async {
        wire.read_exact(&mut answer).await.unwrap();
        tokio::time::sleep(QUIET).await;
    };
    tokio::select! {
        length = early.read_early(&mut data) => data[..length.unwrap()].to_vec(),
        // The server has decided, and waits for the client's second flight.
        () = answered => Vec::new(),
    }
}

pub(crate) fn localhost() -> ServerName {
    ServerName::parse("localhost").unwrap()
}
