//! One connection of the demo.

use super::identities::SERVER;
use crate::{
    explain,
    failure::{Code, Failure},
    net::Transport,
    show::{
        count,
        ladder::{self, Ladder},
        report,
        watch::Watch,
    },
};
use alloc::sync::Arc;
use cairn_tls::{
    ClientConfig, Connection, EarlyData, ServerConfig, ServerName, Side, Stream, Summary, Trace,
    wire::ProtocolVersion,
};
use core::time::Duration;
use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Instant,
};

/// The time limit of a connection over loopback.
const PATIENCE: Duration = Duration::from_secs(20);

/// The size of the data that is echoed. It fits in one record, so that it is one rung.
const BYTES: usize = 8192;

/// A connection to show.
pub(super) struct Scenario {
    /// Its subject.
    pub(super) title: &'static str,
    /// The client. A clone of an earlier scenario's client resumes its session.
    pub(super) client: ClientConfig,
    /// The server.
    pub(super) server: ServerConfig,
    /// Whether the contents of the encrypted handshake messages are shown too.
    pub(super) opens_messages: bool,
    /// The expected result.
    pub(super) expected: Expected,
}

/// The expected result of a connection.
pub(super) struct Expected {
    /// The messages in the client's view; `>` marks its own.
    pub(super) order: &'static [&'static str],
    /// The version of TLS.
    pub(super) version: ProtocolVersion,
    /// Whether the server sends HelloRetryRequest.
    pub(super) retried: bool,
    /// Whether a session is resumed.
    pub(super) resumed: bool,
    /// Whether the client's data is early data (RFC 9846 section 2.3).
    pub(super) early_data: bool,
    /// Whether the client authenticates.
    pub(super) client_authenticates: bool,
}

/// The observations of one end.
struct Outcome {
    summary: Summary,
    exported: [u8; 32],
    came: u64,
    went: u64,
}

/// Runs a connection and checks it.
pub(super) fn run(scenario: &Scenario) -> Result<Ladder, Failure> {
    let Scenario { title, client, server, opens_messages, expected } = scenario;
    let tcp = |error: io::Error| Failure::new(Code::Local, format!("loopback TCP: {error}"));
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(tcp)?;
    let to_server = TcpStream::connect(listener.local_addr().map_err(tcp)?).map_err(tcp)?;
    let (to_client, _) = listener.accept().map_err(tcp)?;
    let (to_server, to_client) =
        (Transport::new(to_server).map_err(tcp)?, Transport::new(to_client).map_err(tcp)?);
    let name = ServerName::parse(SERVER).map_err(|error| off(title, error))?;

    let start = Instant::now();
    let (client_watch, server_watch) = (Watch::keeping(start), Watch::keeping(start));
    let (at_client, at_server) = thread::scope(|scope| {
        let server = scope.spawn(|| serve(Connection::server(server), to_client, &server_watch));
        let at_client =
            visit(Connection::client(client, name), to_server, &client_watch, expected.early_data);
        let at_server = server.join().unwrap_or_else(|_| Err(io::Error::other("the server panicked")));
        (at_client, at_server)
    });
    // If both failed, the server's error is most likely the cause.
    let at_server = at_server.map_err(|error| explain::stream(&error, Side::Server));
    let at_client = at_client.map_err(|error| explain::stream(&error, Side::Client));
    let (at_server, at_client) = (at_server?, at_client?);
    check(title, &at_client, &at_server, expected)?;

    let rungs = ladder::join(client_watch.events(), &server_watch.events())?;
    let order: Vec<String> = rungs
        .iter()
        .map(|rung| format!("{} {}", if rung.event.sent { '>' } else { '<' }, rung.event.name))
        .collect();
    if order != expected.order {
        return Err(off(title, format_args!("the messages are in another order: {order:?}")));
    }
    let mut ladder = Ladder {
        title: (*title).into(),
        rungs,
        opens_messages: *opens_messages,
        rows: report::rows(&at_client.summary, "server"),
    };
    let client =
        at_server.summary.peer_chain.as_ref().and_then(|chain| chain.end_entity().map(report::subject));
    ladder.rows.extend(client.map(|client| ("client", client)));
    ladder
        .rows
        .push(("echoed", format!("{BYTES} bytes, after {}", count(ladder.round_trips(), "round trip"))));
    ladder
        .rows
        .push(("on the wire", format!("{} bytes to the server, {} back", at_client.went, at_client.came)));
    Ok(ladder)
}

fn pattern() -> Vec<u8> {
    (0..BYTES).map(|place| u8::try_from(place % 251).unwrap_or_default()).collect()
}

/// The client: sends data, reads the echo, and closes.
fn visit(
    connection: Connection,
    transport: Transport,
    watch: &Arc<Watch>,
    early_data: bool,
) -> io::Result<Outcome> {
    let mut tls = stream(connection, transport, watch)?;
    if early_data {
        if tls.write_early(&pattern())? != BYTES {
            return Err(io::Error::other("the ticket does not permit the early data"));
        }
    } else {
        tls.write_all(&pattern())?;
    }
    let mut echo = vec![0; BYTES];
    tls.read_exact(&mut echo)?;
    if echo != pattern() {
        return Err(io::Error::other("the received data differs from the sent data"));
    }
    tls.close()?;
    if tls.read(&mut [0])? != 0 {
        return Err(io::Error::other("more data was echoed than was sent"));
    }
    outcome(&tls)
}

/// The server: echoes until the client closes.
fn serve(connection: Connection, transport: Transport, watch: &Arc<Watch>) -> io::Result<Outcome> {
    let mut tls = stream(connection, transport, watch)?;
    let mut buffer = vec![0; 1 << 14];
    let mut early = Vec::new();
    loop {
        let came = tls.read_early(&mut buffer)?;
        match buffer.get(..came) {
            None | Some([]) => break,
            Some(data) => early.extend_from_slice(data),
        }
    }
    // An echo does no harm if the early data is a replay.
    tls.write_all(&early)?;
    loop {
        let came = tls.read(&mut buffer)?;
        match buffer.get(..came) {
            None | Some([]) => break,
            Some(data) => tls.write_all(data)?,
        }
    }
    outcome(&tls)
}

fn stream(
    mut connection: Connection,
    mut transport: Transport,
    watch: &Arc<Watch>,
) -> io::Result<Stream<Transport>> {
    let trace: Arc<dyn Trace> = watch.clone();
    connection.set_trace(&trace);
    transport.set_deadline(Some(PATIENCE));
    Ok(Stream::new(connection, transport)?)
}

fn outcome(tls: &Stream<Transport>) -> io::Result<Outcome> {
    let summary = tls.summary().cloned().ok_or_else(|| io::Error::other("the handshake is not complete"))?;
    let mut exported = [0; 32];
    tls.reader()
        .export_keying_material(b"EXPERIMENTAL cairn demo", None, &mut exported)
        .map_err(io::Error::other)?;
    Ok(Outcome { summary, exported, came: tls.transport().came, went: tls.transport().went })
}

/// Checks the observations of both ends.
fn check(title: &str, client: &Outcome, server: &Outcome, expected: &Expected) -> Result<(), Failure> {
    let (ours, theirs) = (&client.summary, &server.summary);
    let proved = theirs.peer_chain.is_some();
    let retried = |summary: &Summary| summary.tls13().is_some_and(|tls13| tls13.retried);
    let early_data =
        |summary: &Summary| summary.tls13().is_some_and(|tls13| tls13.early_data == EarlyData::Accepted);
    let checks = [
        (
            ours.version() == expected.version && theirs.version() == expected.version,
            "the version is not the expected one",
        ),
        (
            retried(ours) == expected.retried && retried(theirs) == expected.retried,
            "the server sent HelloRetryRequest, or did not, against expectation",
        ),
        (ours.is_resumed() == expected.resumed, "a session was resumed, or was not, against expectation"),
        (
            ours.is_resumed() == theirs.is_resumed(),
            "the two ends do not agree on whether a session was resumed",
        ),
        (
            early_data(ours) == expected.early_data && early_data(theirs) == expected.early_data,
            "early data was accepted, or was not, against expectation",
        ),
        (ours.suite() == theirs.suite(), "the two ends do not agree on the cipher suite"),
        (ours.group() == theirs.group(), "the two ends do not agree on the group"),
        (
            ours.alpn == theirs.alpn && ours.alpn.as_deref() == Some(b"echo"),
            "the application protocol is wrong",
        ),
        (
            ours.tls12().map(|tls12| tls12.session_id) == theirs.tls12().map(|tls12| tls12.session_id),
            "the two ends do not agree on the session",
        ),
        (ours.server_name.as_deref() == Some(SERVER.as_bytes()), "the server's name was not sent"),
        (
            ours.security().bound_to_handshake && theirs.security().bound_to_handshake,
            "the secrets are not bound to the handshake",
        ),
        (ours.peer_chain.is_some(), "the server is not authenticated"),
        (
            proved == expected.client_authenticates,
            "the client authenticated, or did not, against expectation",
        ),
        (client.exported == server.exported, "the two ends do not export the same keys"),
        (client.came == server.went && client.went == server.came, "bytes were lost on the way"),
    ];
    match checks.iter().find(|(right, _)| !right) {
        Some((_, what)) => Err(off(title, what)),
        None => Ok(()),
    }
}

/// A result differs from the expected one.
fn off(title: &str, what: impl core::fmt::Display) -> Failure {
    Failure::new(Code::Local, format!("the demo failed ({title}): {what}"))
}
