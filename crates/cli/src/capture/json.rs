//! A capture as a JSON document.

use super::{
    conversation::{End, Line},
    decoded::Decoded,
    packets::Capture,
    sides::{From, Sides},
};
use crate::json::{Certificate, Fingerprints, hex};
use core::cell::Cell;
use serde::{Serialize, Serializer};

/// The whole document.
#[derive(Serialize)]
#[serde(bound = "I: Iterator<Item = Flow>")]
pub(super) struct Document<I> {
    packets: usize,
    /// Packets that were passed over.
    passed_over: Vec<String>,
    flows: Flows<I>,
    /// Why the file could not be read to its end.
    error: Option<String>,
}

/// Flows that are made while they are written, so that there is one at a time.
struct Flows<I>(Cell<Option<I>>);

impl<I: Iterator<Item = Flow>> Serialize for Flows<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.take().into_iter().flatten())
    }
}

/// A value for each side.
#[derive(Debug, Serialize)]
struct Both<T> {
    client: T,
    server: T,
}

impl<T> Both<T> {
    fn of(value: impl Fn(From) -> T) -> Self {
        Self { client: value(From::Client), server: value(From::Server) }
    }
}

/// A flow.
#[derive(Debug, Serialize)]
pub(super) struct Flow {
    number: usize,
    addresses: Both<String>,
    /// The time of the first packet, in microseconds since 1970.
    start: u64,
    is_tls: bool,
    version: Option<String>,
    suite: Option<String>,
    group: Option<String>,
    server_name: Option<String>,
    offered_protocols: Vec<String>,
    protocol: Option<String>,
    client_random: Option<String>,
    server_random: Option<String>,
    hello_retry: bool,
    encrypt_then_mac: bool,
    offers_early_data: bool,
    accepts_early_data: bool,
    fingerprints: Fingerprints,
    certificates: Both<Vec<Option<Certificate>>>,
    messages: Vec<Message>,
    /// The bytes of TCP in the capture.
    tcp_bytes: Both<u64>,
    /// The bytes of application data that could be opened.
    data_bytes: Both<usize>,
    closed_records: Both<usize>,
    incomplete_places: Both<usize>,
    /// Whether a side ends with close_notify, as far as its records were opened.
    close_notify: Both<bool>,
    missing_secrets: Vec<&'static str>,
    notes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Message {
    from: &'static str,
    packet: usize,
    /// In microseconds since the start of the flow.
    at: u64,
    name: String,
    bytes: usize,
    records: usize,
    encrypted: bool,
    summary: String,
}

impl<I: Iterator<Item = Flow>> Document<I> {
    pub(super) fn new(capture: &Capture<'_>, flows: I) -> Self {
        Self {
            packets: capture.packets,
            passed_over: capture.skipped.notes(),
            flows: Flows(Cell::new(Some(flows))),
            error: capture.broken.clone(),
        }
    }
}

/// A flow and its TLS.
pub(super) fn flow(decoded: &Decoded<'_>) -> Flow {
    let Decoded { flow, conversation, .. } = decoded;
    let facts = &conversation.facts;
    let certificates = |of: &Sides<Vec<Vec<u8>>>| {
        Both::of(|from| of.of(from).iter().map(|der| Certificate::of(der)).collect())
    };
    Flow {
        number: flow.number,
        addresses: Both::of(|from| flow.addresses.of(from).to_string()),
        start: flow.start,
        is_tls: conversation.is_tls(),
        version: facts.version.map(|version| version.to_string()),
        suite: facts.suite.map(|suite| suite.to_string()),
        group: facts.group.map(|group| group.to_string()),
        server_name: facts.server_name.clone(),
        offered_protocols: facts.offered_protocols.clone(),
        protocol: facts.protocol.clone(),
        client_random: facts.client_random.as_ref().map(|random| hex(random)),
        server_random: facts.server_random.as_ref().map(|random| hex(random)),
        hello_retry: facts.retried,
        encrypt_then_mac: facts.encrypt_then_mac,
        offers_early_data: facts.offers_early_data,
        accepts_early_data: facts.accepts_early_data,
        fingerprints: Fingerprints::of(facts.client_hello.as_deref(), facts.server_hello.as_deref()),
        certificates: certificates(&facts.certificates),
        messages: conversation.lines.iter().map(message).collect(),
        tcp_bytes: Both::of(|from| flow.facts.of(from).bytes),
        data_bytes: Both::of(|from| conversation.data_len(from)),
        closed_records: Both::of(|from| *conversation.closed.of(from)),
        incomplete_places: Both::of(|from| *conversation.incomplete.of(from)),
        close_notify: Both::of(|from| *conversation.ends.of(from) == End::CloseNotify),
        missing_secrets: conversation.missing.iter().copied().collect(),
        notes: decoded.reasons(),
    }
}

fn message(line: &Line) -> Message {
    let event = &line.event;
    Message {
        from: line.from.name(),
        packet: line.packet,
        at: event.at,
        name: event.name.clone(),
        bytes: event.size,
        records: line.records,
        encrypted: event.protected,
        summary: event.gist.clone(),
    }
}
