//! `cairn serve`: a command-line server.

mod args;
mod config;
mod delegate;
mod http;
#[cfg(feature = "http3")]
mod http3;
mod log;
mod slots;
mod visit;

pub(crate) use args::Args;

use crate::{
    failure::{Code, Failure},
    output::{print, use_json},
    show::watch::Print,
};
use alloc::sync::Arc;
use config::Configs;
use core::time::Duration;
use log::LogFormat;
use slots::Slots;
use std::io;
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    time::sleep,
};
use visit::Visit;

/// The first and the longest pause after a failure to accept a connection.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    if args.log_format == LogFormat::Json {
        use_json();
    }
    let configs = config::configs(args)?;
    let runtime = Runtime::new().map_err(|e| Failure::new(Code::Local, format!("no runtime: {e}")))?;
    runtime.block_on(async { serve(args, Listeners::new(args, &configs)?, configs).await })
}

/// The sockets of the server.
struct Listeners {
    tcp: TcpListener,
    #[cfg(feature = "http3")]
    quic: Option<http3::Listener>,
}

/// A new connection.
enum Client {
    Tcp(TcpStream),
    #[cfg(feature = "http3")]
    Quic(Box<quinn::Incoming>),
}

impl Listeners {
    /// Listens, and prints the address once all sockets are bound: a client may come at once.
    fn new(args: &Args, configs: &Configs) -> Result<Self, Failure> {
        let listeners = Self::bind(args, configs)?;
        let address = listeners.tcp.local_addr();
        let address = address.map_err(|error| cannot_listen(&args.listen, &error))?;
        print(format_args!("listening on {address}\n"))?;
        Ok(listeners)
    }

    #[cfg(feature = "http3")]
    fn bind(args: &Args, configs: &Configs) -> Result<Self, Failure> {
        let tcp = listen(&args.listen)?;
        let settings = (args.retry, Duration::from_secs(args.timeout), args.log());
        let quic = match (&configs.http3, tcp.local_addr()) {
            (Some(config), Ok(address)) => Some(http3::Listener::new(config, address, settings)?),
            _ => None,
        };
        Ok(Self { tcp, quic })
    }

    #[cfg(not(feature = "http3"))]
    fn bind(args: &Args, _configs: &Configs) -> Result<Self, Failure> {
        Ok(Self { tcp: listen(&args.listen)? })
    }

    /// The port of HTTP/3, which is that of TCP.
    fn http3(&self) -> Option<u16> {
        #[cfg(feature = "http3")]
        let speaks = self.quic.is_some();
        #[cfg(not(feature = "http3"))]
        let speaks = false;
        speaks.then(|| self.tcp.local_addr().ok()).flatten().map(|address| address.port())
    }

    async fn accept(&self) -> io::Result<Client> {
        let tcp = async { Ok(Client::Tcp(self.tcp.accept().await?.0)) };
        #[cfg(feature = "http3")]
        if let Some(quic) = &self.quic {
            return tokio::select! {
                client = tcp => client,
                Some(incoming) = quic.accept() => Ok(Client::Quic(Box::new(incoming))),
            };
        }
        tcp.await
    }

    /// Waits until the peers know that all connections are closed.
    async fn finish(&self) {
        #[cfg(feature = "http3")]
        if let Some(quic) = &self.quic {
            quic.finish().await;
        }
    }
}

/// Accepts connections.
async fn serve(args: &Args, listeners: Listeners, configs: Configs) -> Result<(), Failure> {
    let visit = Arc::new(Visit {
        config: configs.first,
        later: configs.later,
        trusted: configs.trusted,
        keys: configs.keys,
        requires_certificate: args.require_client_cert,
        asks_later: args.ask_later,
        http: args.http,
        http3: listeners.http3(),
        early_data: args.early_data.is_some(),
        print: Print::times(args.trace),
        log: args.log(),
        timeout: Duration::from_secs(args.timeout),
    });
    let mut slots = Slots::new(args.max_connections, visit.timeout);
    // Only failures matter, and the first one decides.
    let mut first = None;
    let mut done = |result: Result<(), Code>| first = first.or(result.err());
    let (mut accepted, mut pause) = (0, PAUSES.0);
    while args.once.is_none_or(|once| accepted < once.get()) {
        let client = match listeners.accept().await {
            Ok(client) => client,
            Err(error) => {
                // A client that is already gone, or too many open files: both are temporary.
                visit.log.not_accepted(&error);
                sleep(pause).await;
                pause = pause.saturating_mul(2).min(PAUSES.1);
                continue;
            }
        };
        pause = PAUSES.0;
        accepted += 1;
        slots.wait(&mut done).await;
        match client {
            Client::Tcp(tcp) => {
                let visit = Arc::clone(&visit);
                slots.start(|ended| async move { visit.serve(tcp, ended).await });
            }
            #[cfg(feature = "http3")]
            Client::Quic(incoming) => {
                if let Some(quic) = &listeners.quic {
                    slots.start(|ended| quic.serve(*incoming, ended));
                }
            }
        }
    }
    slots.finish(&mut done).await;
    listeners.finish().await;
    first.map_or(Ok(()), |code| Err(Failure::silent(code)))
}

/// Listens for TCP.
fn listen(address: &str) -> Result<TcpListener, Failure> {
    let listener = std::net::TcpListener::bind(address).or_else(|error| {
        // A machine without IPv6.
        match address.strip_prefix("[::]") {
            Some(port) if error.kind() != io::ErrorKind::AddrInUse => {
                std::net::TcpListener::bind(format!("0.0.0.0{port}"))
            }
            _ => Err(error),
        }
    });
    let listener = listener.and_then(|listener| {
        listener.set_nonblocking(true)?;
        TcpListener::from_std(listener)
    });
    listener.map_err(|error| cannot_listen(address, &error))
}

/// The failure to listen on an address.
fn cannot_listen(address: &str, error: &io::Error) -> Failure {
    let failure = Failure::new(Code::Local, format!("cannot listen on {address}: {error}"));
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            failure.hint("Another program listens there; --listen ADDRESS:0 takes a free port.")
        }
        io::ErrorKind::PermissionDenied => {
            failure.hint("Ports below 1024 are for privileged programs; --listen names another.")
        }
        _ => failure,
    }
}
