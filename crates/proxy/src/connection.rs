//! One connection: PROXY header, TLS, the upstream, and the data.

use crate::{
    hello,
    load::{Service, Target},
    metrics::Counters,
    proxy_protocol,
    relay::{self, End},
    transport::{Addresses, Duplex, Peeked},
};
use alloc::sync::Arc;
use cairn_tokio::{
    HandshakeFailed, TlsStream,
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
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(error) | Self::Handshake(error) => error.fmt(f),
            Self::Unauthorized(words) | Self::Upstream(words) => f.write_str(words),
            Self::NoRoute(Some(name)) => write!(f, "no route is for the name {name:?}"),
            Self::NoRoute(None) => f.write_str("no route is for clients without a server name"),
            Self::Late => f.write_str("the handshakes and the connection to the upstream took too long"),
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
        }
    }
}

/// The client's side, as far as it is known when the data begins.
struct Client {
    io: ClientIo,
    addresses: Addresses,
    name: Option<String>,
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
    let _open = Open::new(counters);
    let begun = Instant::now();
    let mut fields: Vec<(&str, Value)> = vec![("listener", json!(service.settings.name))];
    // In memory of its own, which is freed before the data begins.
    let starting = Box::pin(start(&service, io, addresses));
    let started = timeout(service.settings.handshake_limit(), starting).await;
    match started.unwrap_or(Err(Refused::Late)) {
        Err(refused) => {
            let is_upstream = matches!(refused, Refused::Upstream(_));
            if is_upstream {
                counters.upstream_failures.fetch_add(1, Ordering::Relaxed);
            } else {
                counters.failure(&refused.reason());
            }
            fields.extend(addresses.map(|(client, _)| ("client", json!(client.to_string()))));
            fields.push(("reason", json!(refused.to_string())));
            log.line(if is_upstream { "upstream not reached" } else { "refused" }, &fields);
        }
        Ok((client, mut upstream, target)) => {
            let Client { mut io, addresses, name } = client;
            fields.extend(addresses.map(|(client, _)| ("client", json!(client.to_string()))));
            fields.extend(name.map(|name| ("name", json!(name))));
            fields.extend(io.summary().map(|summary| ("tls", json!(summary.version().to_string()))));
            fields.push(("upstream", json!(target.address.to_string())));
            let idle = service.settings.idle_limit();
            let (end, [received, sent]) = match &mut io {
                ClientIo::Plain(io) => relay::run(io, &mut *upstream, idle, counters).await,
                ClientIo::Tls(io) => {
                    // Nothing needs it any more, and a connection may be idle for long.
                    drop(io.take_summary());
                    relay::run(&mut **io, &mut *upstream, idle, counters).await
                }
            };
            fields.push(("received", json!(received)));
            fields.push(("sent", json!(sent)));
            fields.push((
                "milliseconds",
                json!(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)),
            ));
            match end {
                End::Closed => log.line("closed", &fields),
                End::Idle => {
                    counters.idle_ends.fetch_add(1, Ordering::Relaxed);
                    log.line("idle", &fields);
                }
                End::Failed(error) => {
                    fields.push(("reason", json!(error.to_string())));
                    log.line("broken", &fields);
                }
            }
        }
    }
}

/// Counts a connection as open until it is dropped.
struct Open<'a>(&'a Counters);

impl<'a> Open<'a> {
    fn new(counters: &'a Counters) -> Self {
        counters.open.fetch_add(1, Ordering::Relaxed);
        Self(counters)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Everything before the data.
async fn start(
    service: &Service,
    io: Box<dyn Duplex>,
    mut addresses: Addresses,
) -> Result<(Client, Box<dyn Duplex>, &Target), Refused> {
    let mut peeked = Peeked::new(io);
    if service.settings.accept_proxy {
        // A health check has no addresses, so those of its connection stay.
        let stated = proxy_protocol::accept(&mut peeked).await.map_err(Refused::Client)?;
        addresses = stated.or(addresses);
    }
    if service.looks_at_hello() {
        let name = hello::server_name(&mut peeked).await.map_err(Refused::Client)?;
        let target = service.target(name.as_deref()).ok_or_else(|| Refused::NoRoute(name.clone()))?;
        if target.route.pass {
            let upstream = connect(target, addresses, None).await?;
            return Ok((Client { io: ClientIo::Plain(peeked), addresses, name }, upstream, target));
        }
    }
    let Some(acceptor) = &service.acceptor else {
        let target = service.target(None).ok_or(Refused::NoRoute(None))?;
        let upstream = connect(target, addresses, None).await?;
        return Ok((Client { io: ClientIo::Plain(peeked), addresses, name: None }, upstream, target));
    };
    let accepted = acceptor.accept(peeked).await;
    let stream = accepted.map_err(|failed: HandshakeFailed<_>| Refused::Handshake(failed.into()))?;
    let summary = stream.summary();
    service.counters.handshake(summary);
    service.authorize(summary).map_err(Refused::Unauthorized)?;
    let name = summary.and_then(|summary| summary.server_name.as_deref());
    let name = name.map(|name| String::from_utf8_lossy(name).to_ascii_lowercase());
    // TLS is terminated, so it cannot pass. Such a route matches here only if looking at ClientHello did
    // not choose it.
    let target = service.target(name.as_deref()).filter(|target| !target.route.pass);
    let target = target.ok_or_else(|| Refused::NoRoute(name.clone()))?;
    let alpn = summary.and_then(|summary| summary.alpn.as_deref());
    let upstream = connect(target, addresses, alpn).await?;
    Ok((Client { io: ClientIo::Tls(Box::new(stream)), addresses, name }, upstream, target))
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
