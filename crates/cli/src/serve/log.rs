//! The log of the server: a line for each connection, in text or JSON.

use crate::{
    failure::{Code, Failure},
    fingerprint,
    output::note,
    show::report,
};
use cairn_tls::{EarlyData, ErrorKind, HandshakeErrorKind, Summary, tls_error, wire::AlertDescription};
use core::fmt;
use serde_json::{Map, Value};
use std::{
    io,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LogFormat {
    /// A line in words.
    Text,
    /// An object of JSON, whose keys are those of the log of `cairn proxy` as far as both have them.
    Json,
}

/// Writes the log, on standard error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Log {
    pub(super) format: LogFormat,
    /// Whether connections that end as they should get no line.
    pub(super) quiet: bool,
}

/// What is known of a connection.
#[derive(Debug)]
pub(super) struct Entry {
    client: String,
    transport: &'static str,
    begun: Instant,
    /// The result of the handshake, once it is complete.
    pub(super) summary: Option<Summary>,
    /// The bytes of early data, if the handshake is complete.
    pub(super) early_bytes: usize,
    /// The bytes of application data received and sent, early data included, as far as they are counted.
    pub(super) bytes: Option<(u64, u64)>,
    /// The request and the status of the answer, or the number of requests.
    pub(super) requests: Option<Value>,
    /// The fingerprints of the client's first ClientHello.
    pub(super) fingerprints: Option<fingerprint::Client>,
    /// The alert of a failure, and whether the client sent it.
    alert: Option<(AlertDescription, bool)>,
}

impl Entry {
    pub(super) fn new(client: impl fmt::Display, transport: &'static str) -> Self {
        Self {
            client: client.to_string(),
            transport,
            begun: Instant::now(),
            summary: None,
            early_bytes: 0,
            bytes: None,
            requests: None,
            fingerprints: None,
            alert: None,
        }
    }

    /// The name of the client, for other lines.
    pub(super) fn client(&self) -> &str {
        &self.client
    }

    /// Records the alert that belongs to an error.
    pub(super) fn note_alert(&mut self, error: &io::Error) {
        let Some(error) = tls_error(error) else { return };
        self.alert = match error.kind {
            ErrorKind::Handshake(handshake) => match handshake.kind {
                HandshakeErrorKind::PeerAlert(alert) => Some((alert, true)),
                _ => error.alert.map(|alert| (alert, false)),
            },
            _ => error.alert.map(|alert| (alert, false)),
        };
    }

    fn fingerprints_in_words(&self) -> String {
        let words = |of: &fingerprint::Client| format!(" (JA4 {}, JA3 {})", of.ja4, of.ja3.hash);
        self.fingerprints.as_ref().map(words).unwrap_or_default()
    }

    /// The fields of the result of a handshake.
    fn negotiated(&self, fields: &mut Fields) {
        let Some(summary) = &self.summary else { return };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        fields.put("tls", summary.version().to_string());
        fields.put("suite", summary.suite().id().to_string());
        fields.maybe("group", summary.group().map(|group| group.to_string()));
        fields.maybe("signature", summary.server_signature_scheme().map(|scheme| scheme.to_string()));
        fields.maybe("alpn", summary.alpn.as_ref().map(|name| text(name)));
        fields.maybe("name", summary.server_name.as_ref().map(|name| text(name)));
        fields.put("resumed", summary.is_resumed());
        fields.put("post_quantum", summary.security().post_quantum);
        fields.maybe("identity", report::peer(summary));
        fields.maybe("psk", summary.psk_identity.as_ref().map(|name| text(name)));
        match summary.tls13().map(|tls13| tls13.early_data) {
            Some(EarlyData::Accepted) => {
                fields.put("early_data", "accepted");
                fields.put("early_bytes", self.early_bytes);
            }
            Some(EarlyData::Rejected) => fields.put("early_data", "rejected"),
            Some(EarlyData::NotOffered) | None => {}
        }
    }
}

impl Log {
    /// Writes the line of a connection: its description, or the reason why it failed.
    pub(super) fn connection(self, entry: &Entry, result: Result<String, Failure>) -> Result<(), Code> {
        let code = result.as_ref().err().map(Failure::code);
        if !(self.quiet && code.is_none()) {
            match (self.format, result) {
                (LogFormat::Text, Ok(line)) => {
                    note(format_args!("{}: {line}{}", entry.client, entry.fingerprints_in_words()));
                }
                (LogFormat::Text, Err(failure)) => {
                    note(format_args!("{}: {failure}{}", entry.client, entry.fingerprints_in_words()));
                }
                (LogFormat::Json, result) => note(json_line(entry, result)),
            }
        }
        code.map_or(Ok(()), Err)
    }

    /// Writes that no connection could be accepted.
    pub(super) fn not_accepted(self, error: &io::Error) {
        match self.format {
            LogFormat::Text => note(format_args!("cairn: no connection: {error}")),
            LogFormat::Json => {
                let mut fields = Fields::of("no connection");
                fields.put("reason", error.to_string());
                note(fields.line());
            }
        }
    }
}

fn json_line(entry: &Entry, result: Result<String, Failure>) -> String {
    let has_begun = entry.summary.is_some();
    let mut fields = Fields::of(match &result {
        Ok(_) => "closed",
        Err(_) if has_begun => "broken",
        Err(_) => "refused",
    });
    fields.put("client", entry.client.clone());
    fields.put("transport", entry.transport);
    entry.negotiated(&mut fields);
    fields.maybe("ja4", entry.fingerprints.as_ref().map(|of| of.ja4.clone()));
    fields.maybe("ja3", entry.fingerprints.as_ref().map(|of| of.ja3.hash.clone()));
    if let Some((received, sent)) = entry.bytes {
        fields.put("received", received);
        fields.put("sent", sent);
    }
    fields.maybe("requests", entry.requests.clone());
    fields.put("milliseconds", u64::try_from(entry.begun.elapsed().as_millis()).unwrap_or(u64::MAX));
    match result {
        Ok(line) if !has_begun => fields.put("reason", line),
        Ok(_) => {}
        Err(failure) => {
            fields.put("reason", failure.message());
            if !failure.hints().is_empty() {
                fields.put("hints", failure.hints());
            }
        }
    }
    if let Some((alert, is_theirs)) = entry.alert {
        fields.put(if is_theirs { "alert_received" } else { "alert_sent" }, alert.to_string());
    }
    fields.line()
}

/// The fields of a line.
struct Fields(Map<String, Value>);

impl Fields {
    fn of(event: &str) -> Self {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64());
        let mut fields = Self(Map::new());
        fields.put("time", (seconds * 1000.0).round() / 1000.0);
        fields.put("event", event);
        fields
    }

    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.into(), value.into());
    }

    fn maybe(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    fn line(self) -> String {
        Value::Object(self.0).to_string()
    }
}
