//! Reports on the negotiated parameters.

use super::{count, hex_start};
use crate::names::list;
use cairn_tls::{
    ChannelBinding, Clock, EarlyData, Reader, Resumption, Summary, SummaryParameters, SystemClock,
    Tls12Summary, Tls13Summary,
    x509::{CertificateFacts, facts, ocsp, raw_key},
};

/// A line of a report.
pub(crate) type Row = (&'static str, String);

/// The negotiated parameters, line by line. `peer_label` names the peer: `server`, for example.
pub(crate) fn rows(summary: &Summary, peer_label: &'static str) -> Vec<Row> {
    let mut rows =
        vec![("version", summary.version().to_string()), ("cipher suite", summary.suite().id().to_string())];
    let mut add = |label, value: Option<String>| rows.extend(value.map(|value| (label, value)));
    add("group", summary.group().map(|group| group.to_string()));
    add("server signed", summary.server_signature_scheme().map(|scheme| scheme.to_string()));
    add("client signed", summary.client_signature_scheme().map(|scheme| scheme.to_string()));
    add("PSK identity", summary.psk_identity.as_ref().map(|name| name.escape_ascii().to_string()));
    add("record size", record_size(summary));
    add("protocol", summary.alpn.as_ref().map(|name| name.escape_ascii().to_string()));
    add("server name", summary.server_name.as_ref().map(|name| name.escape_ascii().to_string()));
    match &summary.parameters {
        SummaryParameters::Tls12(tls12) => {
            let extended = if tls12.extended_master_secret { "extended" } else { "not extended" };
            let secure = if tls12.secure_renegotiation { "secure" } else { "not secure: never do it" };
            add("session", Some(session(summary, tls12)));
            add("master secret", Some(extended.into()));
            add("renegotiation", Some(secure.into()));
        }
        SummaryParameters::Tls13(tls13) => {
            let retry = if tls13.retried { "HelloRetryRequest: one more round trip" } else { "none" };
            add("hello retry", Some(retry.into()));
            add("session", Some(tls13_session(summary, tls13)));
            add("compressed", compression(tls13));
        }
    }
    add(peer_label, peer(summary));
    if let Some(stapled) = summary.stapled() {
        let timestamps = stapled.signed_certificate_timestamps.len();
        add("in logs", (timestamps > 0).then(|| format!("{}, not checked", count(timestamps, "timestamp"))));
        add("OCSP stapled", stapled.ocsp_response.as_deref().map(status));
    }
    rows.extend(security(summary));
    rows
}

/// The security of the connection.
fn security(summary: &Summary) -> [Row; 5] {
    let security = summary.security();
    let strength = security.strength;
    let proof = strength.proof.map(|bits| format!(", proof of identity {bits}")).unwrap_or_default();
    let sha1 = if security.sha1_signature { "; signed over SHA-1" } else { "" };
    [
        ("the peer is", security.peer.to_string()),
        (
            "strength",
            format!(
                "{} bits (cipher {}, key exchange {}, hash {}{proof}){sha1}",
                strength.bits(),
                strength.cipher,
                strength.key_exchange,
                strength.hash
            ),
        ),
        ("secrecy", if security.forward_secrecy { "forward" } else { "not forward" }.into()),
        (
            "quantum",
            if security.post_quantum { "resists a quantum computer" } else { "no resistance" }.into(),
        ),
        ("integrity", format!("{}, {} bits", security.integrity, security.tag_bits)),
    ]
}

/// The channel bindings of a connection in hex, or the reason why there are none.
pub(crate) fn channel_bindings(reader: &Reader) -> Vec<Row> {
    let all = [ChannelBinding::TlsUnique, ChannelBinding::TlsServerEndPoint, ChannelBinding::TlsExporter];
    all.map(|binding| {
        let value = match reader.channel_binding(binding) {
            Ok(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            Err(error) => format!("none: {error}"),
        };
        (binding.name(), value)
    })
    .into()
}

/// The limit on the size of records, if there is one.
fn record_size(summary: &Summary) -> Option<String> {
    const WHOLE: u16 = 1 << 14;
    match (summary.record_size_limits, summary.tls12().and_then(|tls12| tls12.max_fragment_length)) {
        (Some(limits), _) if limits.ours.min(limits.theirs) < WHOLE => {
            let (ours, theirs) = (limits.ours, limits.theirs.min(WHOLE));
            Some(format!("at most {theirs} bytes sent, {ours} received"))
        }
        (_, Some(length)) => Some(format!("at most {length}")),
        _ => None,
    }
}

fn session(summary: &Summary, tls12: &Tls12Summary) -> String {
    let id = tls12.session_id.as_bytes();
    let why = summary.resumption.not_resumed();
    let why = why.map(|reason| format!("; none resumed: {reason}")).unwrap_or_default();
    if summary.is_resumed() {
        format!("resumed, {}, authenticated {} s ago", hex_start(id), age(summary))
    } else if id.is_empty() {
        format!("new, without an ID{why}")
    } else {
        format!("new, {}{why}", hex_start(id))
    }
}

/// The session in TLS 1.3: whether a PSK was used, and the outcome of early data.
fn tls13_session(summary: &Summary, tls13: &Tls13Summary) -> String {
    let mode = tls13.psk.map(|mode| mode.to_string()).unwrap_or_default();
    let why = summary.resumption.not_resumed().map(|reason| format!("; none resumed: {reason}"));
    let session = if summary.is_resumed() {
        format!("resumed by PSK ({mode}), authenticated {} s ago", age(summary))
    } else if tls13.certificate_with_psk {
        format!("new, with an external PSK beside the certificate ({mode})")
    } else if tls13.psk.is_some() {
        format!("new, with an external PSK ({mode})")
    } else {
        format!("new{}", why.unwrap_or_default())
    };
    match tls13.early_data {
        EarlyData::NotOffered => session,
        EarlyData::Accepted => format!("{session}, early data accepted"),
        EarlyData::Rejected => format!("{session}, early data rejected"),
    }
}

/// The seconds since the peer was authenticated.
fn age(summary: &Summary) -> u64 {
    SystemClock.now().checked_secs_since(summary.authenticated_at).unwrap_or(0)
}

/// The certificates that were compressed (RFC 8879), and their algorithms.
fn compression(tls13: &Tls13Summary) -> Option<String> {
    let server = tls13.server_certificate_compression;
    let client = tls13.client_certificate_compression;
    let server = server.map(|algorithm| format!("the server's certificate, with {algorithm}"));
    let client = client.map(|algorithm| format!("the client's certificate, with {algorithm}"));
    let both: Vec<String> = server.into_iter().chain(client).collect();
    (!both.is_empty()).then(|| both.join("; "))
}

/// The identity of the peer.
pub(crate) fn peer(summary: &Summary) -> Option<String> {
    let chain = summary.peer_chain.as_ref()?;
    match chain.as_raw_public_key() {
        Some(spki) => Some(raw_public_key(spki)),
        None => Some(subject(chain.end_entity()?)),
    }
}

/// A raw public key: its kind and its last bytes, because keys of one kind start alike.
fn raw_public_key(spki: &[u8]) -> String {
    match raw_key::decode(spki) {
        Ok(key) => {
            let end = key.bits.get(key.bits.len().saturating_sub(4)..).unwrap_or_default();
            format!("raw public key, {}, ending in {}", key.kind, hex_start(end))
        }
        Err(error) => error.to_string(),
    }
}

/// The statement of a stapled OCSP response.
fn status(response: &[u8]) -> String {
    match ocsp::statements(response) {
        Ok(statements) => list(&statements, ToString::to_string),
        Err(error) => error.to_string(),
    }
}

/// The subject of a certificate.
pub(crate) fn subject(certificate: &[u8]) -> String {
    match CertificateFacts::from_der(certificate) {
        Ok(facts) if facts.subject.is_empty() => facts::shortened(&facts.dns_names.join(", ")),
        Ok(facts) => facts::shortened(&facts.subject),
        Err(error) => error.to_string(),
    }
}

/// The report in one line, for a log.
pub(crate) fn line(summary: &Summary) -> String {
    let mut line = format!("{} {}", summary.version(), summary.suite().id());
    let mut add = |value: Option<String>| {
        if let Some(value) = value {
            line.push(' ');
            line.push_str(&value);
        }
    };
    add(summary.group().map(|group| group.to_string()));
    add(summary.security().post_quantum.then(|| "(post-quantum)".into()));
    add(summary.tls13().filter(|tls13| tls13.retried).map(|_| "after HelloRetryRequest".into()));
    add(summary.server_signature_scheme().map(|scheme| scheme.to_string()));
    add(summary.alpn.as_ref().map(|name| format!("ALPN {}", name.escape_ascii())));
    add(summary.psk_identity.as_ref().map(|name| format!("PSK {}", name.escape_ascii())));
    add(Some(match summary.resumption {
        Resumption::Full(None) => "full".into(),
        Resumption::Full(Some(reason)) => format!("full ({reason})"),
        _ => "resumed".into(),
    }));
    add(summary.tls13().and_then(compression).map(|what| format!("compressed {what}")));
    add(peer(summary).map(|peer| format!("client {peer:?}")));
    line
}

/// Rows as plain text, each with this indent.
pub(crate) fn text(rows: &[Row], indent: &str) -> String {
    let width = rows.iter().map(|(label, _)| label.len()).max().unwrap_or_default();
    rows.iter().map(|(label, value)| format!("{indent}{label:<width$}  {value}\n")).collect()
}

/// A peer's chain: its own certificate in full, and the subjects of the others.
pub(crate) fn chain<'a>(chain: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut text = String::new();
    for (place, certificate) in chain.into_iter().enumerate() {
        if place == 0 {
            match CertificateFacts::from_der(certificate) {
                Ok(facts) => text.extend(facts.to_string().lines().map(|line| format!("  {line}\n"))),
                Err(error) => text.push_str(&format!("  {error}\n")),
            }
        } else {
            text.push_str(&format!("  then:       {}\n", subject(certificate)));
        }
    }
    text
}
