//! A connection to the store: without TLS, or with that of `cairn-tokio`.

use crate::error::SetupError;
use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use cairn_tokio::{TlsConnector, tls::ServerName};
use core::{future::Future, pin::Pin, time::Duration};
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, Pipeline, RedisResult, Value, aio::MultiplexedConnection,
};
use std::io;
use tokio::{net::TcpStream, sync::watch, task::JoinHandle, time::timeout};

/// The time limit for a new connection. A handshake waits no longer for it than for an operation.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The store, and the way to connect to it.
#[derive(Clone)]
pub(crate) struct Target {
    client: Client,
    tls: Option<Tls>,
}

/// TLS to a host.
#[derive(Clone)]
struct Tls {
    connector: TlsConnector,
    name: ServerName,
    host: String,
    port: u16,
}

/// The part of a connection that moves the data.
type Traffic = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Target {
    pub(crate) fn new(client: Client, connector: Option<TlsConnector>) -> Result<Self, SetupError> {
        let Some(connector) = connector else { return Ok(Self { client, tls: None }) };
        let (host, port) = match client.get_connection_info().addr() {
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => (host, *port),
            _ => return Err(SetupError::NoHost),
        };
        let name = ServerName::parse(host).map_err(|_| SetupError::NoHost)?;
        let host = host.clone();
        Ok(Self { client, tls: Some(Tls { connector, name, host, port }) })
    }

    async fn connect(&self) -> RedisResult<(MultiplexedConnection, Traffic)> {
        // The time limits are those of this crate.
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let Some(Tls { connector, name, host, port }) = &self.tls else {
            let connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
            // It has a task of its own for this.
            return Ok((connection, Box::pin(core::future::ready(()))));
        };
        let tcp = TcpStream::connect((host.as_str(), *port)).await?;
        tcp.set_nodelay(true)?;
        let tls = connector.connect(name.clone(), tcp).await.map_err(io::Error::from)?;
        let account = self.client.get_connection_info().redis_settings();
        let (connection, traffic) = MultiplexedConnection::new_with_config(account, tls, config).await?;
        Ok((connection, Box::pin(traffic)))
    }
}

/// An attempt to connect, and then the connection. It ends with the last clone of this.
#[derive(Clone)]
pub(crate) struct Attempt {
    state: watch::Receiver<State>,
    _task: Arc<Task>,
}

enum State {
    Connecting,
    Connected(MultiplexedConnection),
    Failed,
}

/// A task that ends when this is dropped.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The store did not execute the commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    /// Whether another connection is needed.
    pub(crate) is_lost: bool,
}

impl Attempt {
    /// Starts to connect. This does not depend on operations that wait for the connection, which may time
    /// out.
    pub(crate) fn start(target: Target) -> Self {
        let (sender, state) = watch::channel(State::Connecting);
        let task = tokio::spawn(async move {
            match timeout(CONNECT_LIMIT, target.connect()).await {
                Ok(Ok((connection, traffic))) => {
                    sender.send_replace(State::Connected(connection));
                    traffic.await;
                }
                _ => {
                    sender.send_replace(State::Failed);
                }
            }
        });
        Self { state, _task: Arc::new(Task(task)) }
    }

    pub(crate) fn is_connecting(&self) -> bool {
        // A task that has ended early, with its runtime, does not connect any more.
        matches!(*self.state.borrow(), State::Connecting) && self.state.has_changed().is_ok()
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.state.same_channel(&other.state)
    }

    /// Runs commands as soon as there is a connection.
    pub(crate) async fn run(&mut self, commands: &Pipeline) -> Result<Vec<Value>, Failed> {
        let is_made = |state: &State| !matches!(state, State::Connecting);
        let mut connection = match self.state.wait_for(is_made).await.as_deref() {
            Ok(State::Connected(connection)) => connection.clone(),
            _ => return Err(Failed { is_lost: true }),
        };
        let result = connection.send_packed_commands(commands, 0, commands.len()).await;
        result.map_err(|error| Failed { is_lost: error.is_unrecoverable_error() })
    }
}
