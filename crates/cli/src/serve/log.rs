//! The log of the server: a line for each connection, in text or JSON.

use crate::{
    failure::{Code, Failure},
    fingerprint,
    log_line::LogLine,
    output::note,
    show::report,
};
use cairn_tls::{EarlyData, ErrorKind, HandshakeErrorKind, Summary, tls_error, wire::AlertDescription};
use core::fmt;
use serde_json::Value;
use std::{io, time::Instant};

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

    /// Adds the result of the handshake, if it is complete.
    fn negotiated(&self, line: &mut LogLine) {
        let Some(summary) = &self.summary else { return };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        line.put("tls", summary.version().to_string());
        line.put("suite", summary.suite().id().to_string());
        line.maybe("group", summary.group().map(|group| group.to_string()));
        line.maybe("signature", summary.server_signature_scheme().map(|scheme| scheme.to_string()));
        line.maybe("alpn", summary.alpn.as_ref().map(|name| text(name)));
        line.maybe("name", summary.server_name.as_ref().map(|name| text(name)));
        line.put("resumed", summary.is_resumed());
        line.put("post_quantum", summary.security().post_quantum);
        line.maybe("identity", report::peer(summary));
        line.maybe("psk", summary.psk_identity.as_ref().map(|name| text(name)));
        match summary.tls13().map(|tls13| tls13.early_data) {
            Some(EarlyData::Accepted) => {
                line.put("early_data", "accepted");
                line.put("early_bytes", self.early_bytes);
            }
            Some(EarlyData::Rejected) => line.put("early_data", "rejected"),
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
                let mut line = LogLine::of("no connection");
                line.put("reason", error.to_string());
                note(line.text());
            }
        }
    }
}

fn json_line(entry: &Entry, result: Result<String, Failure>) -> String {
    let has_begun = entry.summary.is_some();
    let mut line = LogLine::of(match &result {
        Ok(_) => "closed",
        Err(_) if has_begun => "broken",
        Err(_) => "refused",
    });
    line.put("client", entry.client.clone());
    line.put("transport", entry.transport);
    entry.negotiated(&mut line);
    line.maybe("ja4", entry.fingerprints.as_ref().map(|of| of.ja4.clone()));
    line.maybe("ja3", entry.fingerprints.as_ref().map(|of| of.ja3.hash.clone()));
    if let Some((received, sent)) = entry.bytes {
        line.put("received", received);
        line.put("sent", sent);
    }
    line.maybe("requests", entry.requests.clone());
    line.put("milliseconds", u64::try_from(entry.begun.elapsed().as_millis()).unwrap_or(u64::MAX));
    match result {
        Ok(words) if !has_begun => line.put("reason", words),
        Ok(_) => {}
        Err(failure) => line.put_failure(&failure),
    }
    if let Some((alert, is_theirs)) = entry.alert {
        line.put(if is_theirs { "alert_received" } else { "alert_sent" }, alert.to_string());
    }
    line.text()
}
