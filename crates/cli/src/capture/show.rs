//! Shows the flows of a capture.

use super::{
    conversation::{Conversation, Line},
    decoded::Decoded,
    sides::From,
};
use crate::{
    fingerprint,
    show::{
        event::{self, Kind},
        ladder::{Ladder, Rung},
        report::Row,
    },
};
use cairn_tls::wire::ProtocolVersion;

/// How much is shown of each flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// A line.
    Lines,
    /// A ladder of the messages.
    Ladders,
    /// A ladder, and the messages as trees.
    Trees,
}

/// A flow as text.
pub(super) fn text(detail: Detail, decoded: &Decoded<'_>) -> String {
    let title = title(decoded);
    if detail == Detail::Lines || decoded.conversation.lines.is_empty() {
        let mut text = title;
        let client = decoded.conversation.facts.client_hello.as_deref().and_then(fingerprint::Client::of);
        text.extend(client.map(|client| format!(", JA4 {}", client.ja4)));
        text.push('\n');
        let reasons = decoded.reasons();
        text.extend(reasons.iter().map(|reason| format!("  {reason}\n")));
        return text;
    }
    let ladder =
        Ladder { title, rungs: rungs(&decoded.conversation), opens_messages: false, rows: rows(decoded) };
    let mut text = format!("{ladder}\n");
    if detail == Detail::Trees {
        text.push_str(&trees(&decoded.conversation.lines));
    }
    text
}

/// The name of a flow and its main facts.
fn title(decoded: &Decoded<'_>) -> String {
    let Decoded { flow, conversation, .. } = decoded;
    let mut title = format!("Flow {}: {} to {}", flow.number, flow.addresses.client, flow.addresses.server);
    let facts = &conversation.facts;
    let parts = [
        facts.version.map(|version| version.to_string()),
        facts.suite.map(|suite| suite.to_string()),
        facts.server_name.clone(),
    ];
    let mut is_known = false;
    for part in parts.into_iter().flatten() {
        title.push_str(", ");
        title.push_str(&part);
        is_known = true;
    }
    if !is_known {
        title.push_str(match (conversation.is_tls(), flow.pieces.is_empty()) {
            (true, _) => ", TLS",
            (false, true) => ", without data",
            (false, false) => ", not TLS",
        });
    }
    title
}

fn rungs(conversation: &Conversation) -> Vec<Rung> {
    let rung = |line: &Line| {
        let mut event = line.event.clone();
        if event.kind == Kind::Alert && line.records > 1 {
            event.gist.push_str(&format!(", {} records", line.records));
        }
        Rung { event, server_at: None }
    };
    conversation.lines.iter().map(rung).collect()
}

/// The facts of a flow.
fn rows(decoded: &Decoded<'_>) -> Vec<Row> {
    let Decoded { conversation, .. } = decoded;
    let facts = &conversation.facts;
    let mut rows: Vec<Row> = Vec::new();
    let mut add = |label, value: Option<String>| rows.extend(value.map(|value| (label, value)));
    add("group", facts.group.map(|group| group.to_string()));
    add("protocol", facts.protocol.clone());
    add("hello retry", facts.retried.then(|| "HelloRetryRequest: one more round trip".into()));
    add(
        "early data",
        facts.offers_early_data.then(|| {
            let answer = if facts.accepts_early_data { "accepted" } else { "not known to be accepted" };
            format!("offered, {answer}")
        }),
    );
    let mac = facts.encrypt_then_mac && facts.version == Some(ProtocolVersion::TLS_1_2);
    add("MAC", mac.then(|| "encrypt_then_mac".into()));
    add("server", facts.subject(From::Server));
    add("client", facts.subject(From::Client));
    let client = facts.client_hello.as_deref().and_then(fingerprint::Client::of);
    add("JA4", client.as_ref().map(|client| client.ja4.clone()));
    add("JA3", client.map(|client| client.ja3.hash));
    let server = facts.server_hello.as_deref().and_then(fingerprint::of_server_hello);
    add("JA3S", server.map(|ja3s| ja3s.hash));
    let (client, server) = (conversation.data_len(From::Client), conversation.data_len(From::Server));
    add("data", Some(format!("{client} bytes of the client, {server} of the server")));
    rows.extend(decoded.reasons().into_iter().map(|reason| ("note", reason)));
    rows
}

/// The handshake messages as trees.
fn trees(lines: &[Line]) -> String {
    let mut text = String::new();
    for line in lines {
        let Some((message, before)) = &line.message else { continue };
        let (name, from, packet) = (&line.event.name, line.from.name(), line.packet);
        text.push_str(&format!("{name} of the {from}, packet {packet}\n"));
        for field in event::tree(message, *before).lines() {
            text.push_str(&format!("{field}\n"));
        }
        text.push('\n');
    }
    text
}
