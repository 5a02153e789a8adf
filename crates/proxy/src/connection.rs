//! One connection: PROXY header, TLS, the upstream, and the data.

use crate::{
    clients::{Counted, TooMany},
    hello, proxy_protocol,
    relay::{self, End},
    service::{Service, Target},
    transport::{Addresses, Duplex, Peeked},
};
use alloc::sync::Arc;
use cairn_tokio::{
    HandshakeFailed, TlsAcceptor, TlsStream,
    tls::{Summary, tls_error},
};
use core::{fmt, sync::atomic::Ordering};
use serde_json::{Value, json};
use std::io;
use tokio::{
    io::AsyncWriteExt,
    time::{Instant, timeout},
};

/// The reason why a connection was not forwarded.
enum Refused {
    /// The client did not begin as the listener expects.
    Client(io::Error),
    /// The handshake with the client failed.
    Handshake(io::Error),
    /// The client's certificate does not have a name that is permitted.
    Unauthorized(String),
    /// No route is for the name that the client requests.
    NoRoute(Option<String>),
    /// The upstream could not be reached.
    Upstream(String),
    /// It took too long.
    Late,
    /// There were too many unfinished handshakes, and this was the oldest.
    Oldest,
    /// The client has made too many connections within a second.
    Rate,
    /// The client has too many open connections.
    Connections(TooMany),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(error) | Self::Handshake(error) => error.fmt(f),
            Self::Unauthorized(words) | Self::Upstream(words) => f.write_str(words),
            Self::NoRoute(Some(name)) => write!(f, "no route is for the name {name:?}"),
            Self::NoRoute(None) => f.write_str("no route is for clients without a server name"),
            Self::Late => f.write_str("the handshakes and the connection to the upstream took too long"),
            Self::Oldest => f.write_str("the handshake was the oldest of more than max_handshakes"),
            Self::Rate => f.write_str("the client makes more than client_connections_per_second"),
            Self::Connections(_) => {
                f.write_str("the client has as many open connections as max_connections_per_client permits")
            }
        }
    }
}

impl Refused {
    /// A word for the metrics.
    fn reason(&self) -> String {
        match self {
            Self::Client(_) => "no_tls".into(),
            Self::Handshake(error) => match tls_error(error) {
                Some(error) => error.alert.map_or_else(|| "peer".into(), |alert| alert.to_string()),
                None => format!("{:?}", error.kind()),
            },
            Self::Unauthorized(_) => "unauthorized".into(),
            Self::NoRoute(_) => "no_route".into(),
            Self::Upstream(_) => "upstream".into(),
            Self::Late => "late".into(),
            Self::Oldest => "oldest".into(),
            Self::Rate => "rate".into(),
            Self::Connections(_) => "connections".into(),
        }
    }

    /// Whether it gets a log line. A client that is refused for its number of connections must not fill the
    /// log.
    const fn is_logged(&self) -> bool {
        match self {
            Self::Rate => false,
            Self::Connections(TooMany { is_first }) => *is_first,
            _ => true,
        }
    }
}

/// The client's side, as far as it is known when the data begins.
struct Client<'a> {
    io: ClientIo,
    name: Option<String>,
    target: &'a Target,
}

/// An upstream that has got early data.
struct Early {
    upstream: Box<dyn Duplex>,
    /// The number of bytes.
    sent: u64,
}

/// The data of the client: in TLS, or as it came.
enum ClientIo {
    Plain(Peeked),
    Tls(Box<TlsStream<Peeked>>),
}

impl ClientIo {
    fn summary(&self) -> Option<&Summary> {
        match self {
            Self::Plain(_) => None,
            Self::Tls(stream) => stream.summary(),
        }
    }
}

/// Serves a connection to its end.
pub(crate) async fn serve(service: Arc<Service>, io: Box<dyn Duplex>, addresses: Addresses) {
    let log = service.log;
    let counters = &service.counters;
    counters.accepted.fetch_add(1, Ordering::Relaxed);
    let mut counted = Open::new(&service, addresses);
    let begun = Instant::now();
    // In memory of its own, which is freed before the data begins.
    let starting = Box::pin(start(&mut counted, io));
    let started = timeout(service.settings.handshake_limit(), starting).await;
    match started.unwrap_or(Err(Refused::Late)) {
        Err(refused) => {
            let is_upstream = matches!(refused, Refused::Upstream(_));
            if is_upstream {
                counters.upstream_failures.fetch_add(1, Ordering::Relaxed);
            } else {
                counters.failure(&refused.reason());
            }
            if refused.is_logged() {
                let mut fields = common_fields(&counted);
                fields.push(("reason", json!(refused.to_string())));
                log.line(if is_upstream { "upstream not reached" } else { "refused" }, &fields);
            }
        }
        Ok(Started { client, mut upstream, early_bytes }) => {
            let Client { mut io, name, target } = client;
            // The fields of the log line are made at the end: an idle connection needs no memory for them.
            let version = io.summary().map(Summary::version);
            let idle = service.settings.idle_limit();
            let (end, [received, sent]) = match &mut io {
                ClientIo::Plain(io) => relay::run(io, &mut *upstream, idle, counters).await,
                ClientIo::Tls(io) => {
                    // Nothing needs it any more, and a connection may be idle for long.
                    drop(io.take_summary());
                    relay::run(&mut **io, &mut *upstream, idle, counters).await
                }
            };
            let (event, reason) = match end {
                End::Closed => ("closed", None),
                End::Idle => {
                    counters.idle_ends.fetch_add(1, Ordering::Relaxed);
                    ("idle", None)
                }
                End::Failed(error) => ("broken", Some(error)),
            };
            if reason.is_none() && !log.has_connections() {
                return;
            }
            let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            let mut fields = common_fields(&counted);
            fields.extend(name.map(|name| ("name", json!(name))));
            fields.extend(version.map(|version| ("tls", json!(version.to_string()))));
            fields.push(("upstream", json!(target.address.to_string())));
            fields.push(("received", json!(received.saturating_add(early_bytes))));
            fields.push(("sent", json!(sent)));
            fields.push(("milliseconds", json!(milliseconds)));
            fields.extend(reason.map(|error| ("reason", json!(error.to_string()))));
            log.line(event, &fields);
        }
    }
}

/// The fields of a log line that name the listener and the client.
fn common_fields(counted: &Open<'_>) -> Vec<(&'static str, Value)> {
    let mut fields = vec![("listener", json!(counted.service.settings.name))];
    fields.extend(counted.addresses.map(|(client, _)| ("client", json!(client.to_string()))));
    fields
}

/// An open connection, which counts until this is dropped.
struct Open<'a> {
    service: &'a Service,
    /// Those of the socket, and then those of the PROXY header.
    addresses: Addresses,
    /// The connection among those of its client.
    of_client: Option<Counted>,
}

impl<'a> Open<'a> {
    fn new(service: &'a Service, addresses: Addresses) -> Self {
        service.counters.open.fetch_add(1, Ordering::Relaxed);
        Self { service, addresses, of_client: None }
    }

    /// Checks the limits of the client, and counts the connection among those of the client.
    fn admit(&mut self) -> Result<(), Refused> {
        let Some((client, _)) = self.addresses else { return Ok(()) };
        let Service { settings, client_rates, clients, .. } = self.service;
        if let Some(rate) = settings.client_connections_per_second
            && !client_rates.admits(client.ip(), rate, Instant::now())
        {
            return Err(Refused::Rate);
        }
        let most = settings.max_connections_per_client;
        self.of_client = Some(clients.admit(client.ip(), most).map_err(Refused::Connections)?);
        Ok(())
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        // The gauge comes last: when it has fallen, the client can connect again.
        drop(self.of_client.take());
        self.service.counters.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection whose data can be forwarded.
struct Started<'a> {
    client: Client<'a>,
    upstream: Box<dyn Duplex>,
    /// The number of bytes of early data that the upstream has got.
    early_bytes: u64,
}

/// Everything before the data.
async fn start<'a>(counted: &mut Open<'a>, io: Box<dyn Duplex>) -> Result<Started<'a>, Refused> {
    let service = counted.service;
    if !service.settings.accept_proxy {
        // A client that is refused must not end the handshake of another one.
        counted.admit()?;
    }
    let mut place = service.handshakes.begin(service.settings.max_handshakes());
    let (client, early) = tokio::select! {
        opened = open(counted, io) => opened?,
        () = place.is_needed() => return Err(Refused::Oldest),
    };
    // From here on the client has done its part.
    drop(place);
    let (upstream, early_bytes) = match early {
        Some(Early { upstream, sent }) => (upstream, sent),
        None => {
            let alpn = client.io.summary().and_then(|summary| summary.alpn.as_deref());
            (connect(client.target, counted.addresses, alpn).await?, 0)
        }
    };
    Ok(Started { client, upstream, early_bytes })
}

/// The part of the client: the PROXY header, and the handshake or ClientHello. Returns also the upstream, if
/// early data was forwarded to it.
async fn open<'a>(
    counted: &mut Open<'a>,
    io: Box<dyn Duplex>,
) -> Result<(Client<'a>, Option<Early>), Refused> {
    let service = counted.service;
    let mut peeked = Peeked::new(io);
    if service.settings.accept_proxy {
        // A health check has no addresses, so those of its connection stay.
        let stated = proxy_protocol::accept(&mut peeked).await.map_err(Refused::Client)?;
        counted.addresses = stated.or(counted.addresses);
        counted.admit()?;
    }
    let mut hello_name = None;
    if service.looks_at_hello() {
        hello_name = hello::server_name(&mut peeked).await.map_err(Refused::Client)?;
        let target = route(service, &hello_name)?;
        if target.route.pass {
            let io = ClientIo::Plain(peeked);
            return Ok((Client { io, name: hello_name, target }, None));
        }
    }
    let Some(acceptor) = &service.acceptor else {
        let target = route(service, &None)?;
        return Ok((Client { io: ClientIo::Plain(peeked), name: None, target }, None));
    };
    let (stream, early) = if service.accepts_early_data() {
        accept_early(service, acceptor, peeked, route(service, &hello_name)?, counted.addresses).await?
    } else {
        (acceptor.accept(peeked).await.map_err(handshake)?, None)
    };
    let summary = stream.summary();
    service.counters.handshake(summary);
    service.authorize(summary).map_err(Refused::Unauthorized)?;
    let name = summary.and_then(|summary| summary.server_name.as_deref());
    let name = name.map(|name| String::from_utf8_lossy(name).to_ascii_lowercase());
    let target = route(service, &name)?;
    // TLS is terminated, so it cannot pass. Such a route matches here only if looking at ClientHello did
    // not choose it.
    if target.route.pass {
        return Err(Refused::NoRoute(name));
    }
    Ok((Client { io: ClientIo::Tls(Box::new(stream)), name, target }, early))
}

/// The route of a client that requests this name.
fn route<'a>(service: &'a Service, name: &Option<String>) -> Result<&'a Target, Refused> {
    service.target(name.as_deref()).ok_or_else(|| Refused::NoRoute(name.clone()))
}

fn handshake(failed: HandshakeFailed<Peeked>) -> Refused {
    Refused::Handshake(failed.into())
}

/// Performs the handshake with a client that may send early data, and forwards that data at once.
async fn accept_early(
    service: &Service,
    acceptor: &TlsAcceptor,
    peeked: Peeked,
    target: &Target,
    addresses: Addresses,
) -> Result<(TlsStream<Peeked>, Option<Early>), Refused> {
    let failed = |e: io::Error| Refused::Upstream(format!("{}: {e}", target.address));
    let mut stream = acceptor.accept_early(peeked).map_err(handshake)?;
    let mut early: Option<Early> = None;
    let mut chunk = vec![0; 4096];
    loop {
        let length = stream.read_early(&mut chunk).await.map_err(Refused::Handshake)?;
        if length == 0 {
            break;
        }
        let to = match &mut early {
            Some(early) => early,
            // The settings permit no protocol that would follow the client's.
            None => early.insert(Early { upstream: connect(target, addresses, None).await?, sent: 0 }),
        };
        to.upstream.write_all(chunk.get(..length).unwrap_or_default()).await.map_err(failed)?;
        to.upstream.flush().await.map_err(failed)?;
        let sent = u64::try_from(length).unwrap_or(u64::MAX);
        to.sent = to.sent.saturating_add(sent);
        service.counters.early_data_bytes.fetch_add(sent, Ordering::Relaxed);
        service.counters.bytes_from_clients.fetch_add(sent, Ordering::Relaxed);
    }
    Ok((stream.complete().await.map_err(handshake)?, early))
}

/// Connects to the upstream.
async fn connect(
    target: &Target,
    addresses: Addresses,
    alpn: Option<&[u8]>,
) -> Result<Box<dyn Duplex>, Refused> {
    let failed = |error: &dyn fmt::Display| Refused::Upstream(format!("{}: {error}", target.address));
    let mut upstream = target.address.connect().await.map_err(|e| failed(&e))?;
    if let Some(version) = target.route.send_proxy {
        let header = proxy_protocol::header(version, addresses).map_err(|e| failed(&e))?;
        upstream.write_all(&header).await.map_err(|e| failed(&e))?;
    }
    let Some(tls) = &target.tls else { return Ok(upstream) };
    let connector = tls.connector(alpn).map_err(|e| failed(&e))?;
    let stream = connector.connect(tls.name.clone(), upstream).await.map_err(|e| failed(&e))?;
    Ok(Box::new(stream))
}
