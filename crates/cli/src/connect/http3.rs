//! `cairn connect --http3`: requests over QUIC.

use super::{args::KeyUpdates, client::Client};
use crate::{
    failure::{Code, Failure},
    http3::{NO_ERROR, endpoint, failure, summary},
    net,
    output::{broken, note, print},
    show::report,
};
use alloc::sync::Arc;
use bytes::{Buf, Bytes};
use cairn_quinn::QuicClientConfig;
use cairn_tls::{Resumption, Summary};
use core::{cell::OnceCell, future::Future, net::SocketAddr, time::Duration};
use h3::client::{RequestStream, SendRequest};
use h3_quinn::OpenStreams;
use quinn::{Connecting, Connection, ConnectionError, Endpoint, VarInt, ZeroRttAccepted};
use std::{
    io::{self, Write},
    net::UdpSocket,
};
use tokio::{
    runtime::Builder,
    task::{JoinHandle, JoinSet},
    time::{error::Elapsed, sleep, timeout},
};

/// One connection, and as many more as are asked for. Each sends a request and prints the answer; those
/// after the first say whether the session was resumed.
pub(super) fn run(client: &Client<'_>, times: u32) -> Result<(), Failure> {
    if client.args.key_update == Some(KeyUpdates::Data) {
        return Err(Failure::new(Code::Local, "--key-update=data: with --http3 the keys are updated once")
            .hint("--key-update without a value updates them after the answer."));
    }
    // With one thread, the streams of an early request are open before the server's answer is processed.
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::new(Code::Local, format!("no runtime: {e}")))?;
    let done = runtime.block_on(async {
        let visits = Visits::new(client)?;
        visits.visit(true).await?;
        let mut resumed = 0;
        for number in 1..=times {
            let session = visits.visit(false).await?;
            print(format_args!("reconnect {number} of {times}: {}\n", session.words))?;
            resumed += u32::from(session.is_resumed);
        }
        if let Some(place) = visits.place.get() {
            place.endpoint.wait_idle().await;
        }
        if resumed == times {
            Ok(())
        } else {
            Err(Failure::new(Code::NotResumed, format!("{resumed} of {times} connections were resumed"))
                .hint("The server may keep no sessions, or not on every machine behind its name."))
        }
    });
    done.map_err(with_hint)
}

/// Adds advice to a failure that has none.
fn with_hint(failure: Failure) -> Failure {
    let hint = match failure.code() {
        _ if !failure.hints().is_empty() => return failure,
        Code::Certificate => {
            "--ca FILE names authorities to trust, and --name NAME another name. Without --http3 the failure \
            is explained in detail."
        }
        Code::Tls => "Without --http3 the connection uses TCP, and its failures are explained in detail.",
        Code::GaveUp => "--timeout SECONDS waits longer.",
        _ => return failure,
    };
    failure.hint(hint)
}

/// The common parts of all connections.
struct Visits<'a> {
    client: &'a Client<'a>,
    /// The endpoint and the address of the server that answered.
    place: OnceCell<Place>,
    config: quinn::ClientConfig,
}

/// An endpoint of our own, and an address of the server.
#[derive(Clone, Debug)]
struct Place {
    endpoint: Endpoint,
    address: SocketAddr,
}

/// Whether a connection resumed a session, and what happened to its early data.
struct Session {
    is_resumed: bool,
    words: String,
}

impl<'a> Visits<'a> {
    fn new(client: &'a Client<'a>) -> Result<Self, Failure> {
        let config = QuicClientConfig::new(client.config.clone())
            .map_err(|error| Failure::new(Code::Local, error.to_string()))?;
        Ok(Self { client, place: OnceCell::new(), config: quinn::ClientConfig::new(Arc::new(config)) })
    }

    /// Starts a connection to the address that has answered before.
    fn connecting(&self, place: &Place) -> Result<Connecting, Failure> {
        connecting(place, &self.client.name.to_string())
    }

    /// The first connection: to each address of the host, one a short time after the other, until one answers
    /// (RFC 8305 section 5). An address that answers with an error decides too.
    async fn first(&self) -> Result<Connection, Failure> {
        let client = self.client;
        let mut attempts = JoinSet::new();
        let mut endpoints = Endpoints::default();
        let mut last = Failure::new(Code::Unreachable, "the host has no address");
        let host = &client.args.destination.target.host;
        for (number, address) in (0_u32..).zip(net::addresses(host, client.port)?) {
            let endpoint = match endpoints.of(client, &self.config, address) {
                Ok(endpoint) => endpoint,
                // This machine may have one version of IP alone.
                Err(failure) => {
                    last = failure;
                    continue;
                }
            };
            let place = Place { endpoint, address };
            let name = client.name.to_string();
            let limit = client.timeout();
            attempts.spawn(async move {
                sleep(NEXT_ADDRESS.saturating_mul(number)).await;
                let connected = match connecting(&place, &name) {
                    Ok(connecting) => timeout(limit, connecting).await,
                    Err(failure) => return (place, Err(failure)),
                };
                let silent = Err(ConnectionError::TimedOut);
                let connected = connected.unwrap_or(silent).map_err(|error| failure(&error));
                (place, connected)
            });
        }
        while let Some(attempt) = attempts.join_next().await {
            let Ok((place, connected)) = attempt else { continue };
            match connected {
                Err(failure) if failure.code() == Code::Unreachable => {
                    last = failure.after(place.address);
                }
                decided => {
                    let _first = self.place.set(place);
                    return decided;
                }
            }
        }
        Err(last)
    }

    /// Connects, sends a request and prints the answer. A later connection sends its request as early data if
    /// that is asked for and a ticket permits it.
    async fn visit(&self, is_first: bool) -> Result<Session, Failure> {
        let client = self.client;
        let wants_early = client.args.early_request && !is_first;
        let started = match self.place.get() {
            None => Started::Whole(self.first().await?),
            Some(place) => {
                let connecting = self.connecting(place)?;
                match if wants_early { connecting.into_0rtt() } else { Err(connecting) } {
                    Ok((connection, accepted)) => Started::Early(connection, accepted),
                    Err(connecting) => {
                        let connected = timeout(client.timeout(), connecting).await.map_err(late)?;
                        Started::Whole(connected.map_err(|error| failure(&error))?)
                    }
                }
            }
        };
        let (connection, early) = match started {
            Started::Early(connection, accepted) => {
                let sent = self.send(&connection).await;
                // Streams that were opened after a rejection would stay beside those of the next request.
                let is_early = summary(&connection).is_none();
                let is_accepted = timeout(client.timeout(), accepted).await.map_err(late)?;
                if let Some(reason) = connection.close_reason() {
                    return Err(failure(&reason));
                }
                if !is_early && !is_accepted {
                    let words = "the server rejected the early data before the request was sent";
                    return Err(Failure::new(Code::Tls, words).hint("Try again without --early-request."));
                }
                if is_accepted {
                    self.receive(&connection, sent?).await?;
                }
                (connection, Some(is_accepted))
            }
            Started::Whole(connection) => (connection, None),
        };
        let summary = summary(&connection).ok_or_else(|| self.broken(&connection, &"no handshake"))?;
        if is_first {
            if !client.args.quiet {
                self.report(&summary);
            }
            let chain = summary.peer_chain.as_deref().filter(|chain| chain.end_entity().is_some());
            client.save_chain(chain.into_iter().flat_map(|chain| chain.iter()))?;
        }
        if early != Some(true) {
            self.receive(&connection, self.send(&connection).await?).await?;
        }
        let is_resumed = summary.is_resumed();
        let session = match summary.resumption {
            Resumption::Full(Some(reason)) => format!("not resumed: {reason}"),
            Resumption::Full(None) => "not resumed".into(),
            _ => "resumed".into(),
        };
        let words = match early {
            None if wants_early => format!("{session}, no early data: there was no ticket for it"),
            None => session,
            Some(true) => format!("{session}, early data accepted"),
            Some(false) => format!("{session}, early data rejected"),
        };
        Ok(Session { is_resumed, words })
    }

    /// Opens the streams of HTTP/3 and sends a request. Nothing reads from them yet: if they are early data
    /// and the server rejects that, h3 would see an error and close the connection.
    async fn send(&self, connection: &Connection) -> Result<Sent, Failure> {
        let opened = h3::client::new(h3_quinn::Connection::new(connection.clone()));
        let (driver, mut requests) =
            self.in_time(opened).await?.map_err(|error| self.broken(connection, &error))?;
        let stream = self.request(connection, &mut requests).await?;
        Ok(Sent { driver, requests, stream })
    }

    /// Prints the answer and closes the connection; with `--key-update`, sends the request once more under
    /// the next keys. No side may update its keys before the handshake is confirmed (RFC 9001 section 6), so
    /// the update comes after an answer.
    async fn receive(&self, connection: &Connection, sent: Sent) -> Result<(), Failure> {
        let Sent { driver, mut requests, stream } = sent;
        let driver = Driver::start(driver);
        let done = async {
            self.answer(connection, stream).await?;
            if self.client.args.key_update.is_some() {
                connection.force_key_update();
                let stream = self.request(connection, &mut requests).await?;
                self.answer(connection, stream).await?;
            }
            Ok(())
        };
        let done = done.await;
        // The driver has the control stream, whose end is an error while the connection is open (RFC 9114
        // section 6.2.1).
        connection.close(VarInt::from_u32(NO_ERROR), b"");
        drop(driver);
        done
    }

    /// Sends a request.
    async fn request(
        &self,
        connection: &Connection,
        requests: &mut SendRequest<OpenStreams, Bytes>,
    ) -> Result<Stream, Failure> {
        let target = &self.client.args.destination.target;
        let uri = format!("https://{}{}", target.host.with_port(self.client.port), target.path);
        let request = http::Request::get(uri).header("user-agent", "cairn").body(());
        let request = request.map_err(|error| Failure::new(Code::Local, error.to_string()))?;
        let sent = self.in_time(requests.send_request(request)).await?;
        let mut stream = sent.map_err(|error| self.broken(connection, &error))?;
        self.in_time(stream.finish()).await?.map_err(|error| self.broken(connection, &error))?;
        Ok(stream)
    }

    /// Prints the body of an answer.
    async fn answer(&self, connection: &Connection, mut stream: Stream) -> Result<(), Failure> {
        let broken = |error: &dyn core::fmt::Display| self.broken(connection, error);
        let response = self.in_time(stream.recv_response()).await?.map_err(|error| broken(&error))?;
        if !self.client.args.quiet && !response.status().is_success() {
            note(format_args!("the server answers {}", response.status()));
        }
        while let Some(chunk) = self.in_time(stream.recv_data()).await?.map_err(|error| broken(&error))? {
            show(chunk)?;
        }
        Ok(())
    }

    /// The result of a part of the exchange, which the server must not delay for longer than the time limit.
    async fn in_time<T>(&self, part: impl Future<Output = T>) -> Result<T, Failure> {
        let words = "timed out: the server has not answered the request to its end, and is silent";
        timeout(self.client.timeout(), part).await.map_err(|_| Failure::new(Code::GaveUp, words))
    }

    /// The failure of a connection or of a request on it.
    fn broken(&self, connection: &Connection, error: &dyn core::fmt::Display) -> Failure {
        // If h3 has closed the connection, its error says why.
        let reason = connection.close_reason().filter(|reason| *reason != ConnectionError::LocallyClosed);
        reason.map_or_else(|| Failure::new(Code::Tls, format!("HTTP/3: {error}")), |reason| failure(&reason))
    }

    /// Prints the negotiated parameters and the identity of the server.
    fn report(&self, summary: &Summary) {
        if let Some(place) = self.place.get() {
            note(format_args!("connected to {} (QUIC)", place.address));
        }
        note(report::text(&report::rows(summary, "server"), "  ").trim_end());
        if let Some(chain) = summary.peer_chain.as_ref().filter(|chain| chain.end_entity().is_some()) {
            note(self.client.certificates(chain.iter()));
        }
        if self.client.args.insecure {
            note("  not checked: --insecure accepts any");
        }
    }
}

/// The time after which the next address is tried beside those before it (RFC 8305 section 5).
const NEXT_ADDRESS: Duration = Duration::from_millis(250);

/// A connection that is complete, or has early data.
enum Started {
    Whole(Connection),
    Early(Connection, ZeroRttAccepted),
}

/// One endpoint for each version of IP.
#[derive(Default)]
struct Endpoints {
    v4: Option<Endpoint>,
    v6: Option<Endpoint>,
}

impl Endpoints {
    /// The endpoint for an address.
    fn of(
        &mut self,
        client: &Client<'_>,
        config: &quinn::ClientConfig,
        address: SocketAddr,
    ) -> Result<Endpoint, Failure> {
        let (any, known) = match address {
            SocketAddr::V4(_) => ("0.0.0.0:0", &mut self.v4),
            SocketAddr::V6(_) => ("[::]:0", &mut self.v6),
        };
        if let Some(known) = known {
            return Ok(known.clone());
        }
        let socket = UdpSocket::bind(any)
            .map_err(|error| Failure::new(Code::Unreachable, format!("no socket: {error}")))?;
        let mut new = endpoint(client.config.provider(), None, socket)?;
        new.set_default_client_config(config.clone());
        Ok(known.insert(new).clone())
    }
}

fn connecting(place: &Place, name: &str) -> Result<Connecting, Failure> {
    let started = place.endpoint.connect(place.address, name);
    started.map_err(|error| Failure::new(Code::Local, error.to_string()))
}

fn late(_: Elapsed) -> Failure {
    failure(&ConnectionError::TimedOut)
}

/// The stream of a request.
type Stream = RequestStream<h3_quinn::BidiStream<Bytes>, Bytes>;

/// A connection of HTTP/3 with a request that has been sent.
struct Sent {
    driver: h3::client::Connection<h3_quinn::Connection, Bytes>,
    requests: SendRequest<OpenStreams, Bytes>,
    stream: Stream,
}

/// Drives a connection of HTTP/3 in a task of its own, until it is dropped.
struct Driver(JoinHandle<()>);

impl Driver {
    fn start(mut driver: h3::client::Connection<h3_quinn::Connection, Bytes>) -> Self {
        Self(tokio::spawn(async move {
            driver.wait_idle().await;
        }))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Prints a piece of a body.
fn show(mut piece: impl Buf) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    while piece.has_remaining() {
        let part = piece.chunk();
        out.write_all(part).map_err(|error| broken(&error))?;
        let length = part.len();
        piece.advance(length);
    }
    out.flush().map_err(|error| broken(&error))
}
