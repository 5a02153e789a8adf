//! The report of a connection in JSON.

use super::certificate::{self, Line, Value as LineValue};
use crate::failure::Failure;
use cairn_tls::{
    EarlyData, Summary, SummaryParameters,
    x509::{ocsp, pem},
};
use serde_json::{Map, Value, json};

/// The negotiated parameters and the certificates of the server.
pub(crate) fn report(summary: &Summary) -> Map<String, Value> {
    let mut report = Map::new();
    let mut add = |name: &str, value: Value| {
        report.insert(name.into(), value);
    };
    add("version", json!(summary.version().to_string()));
    add("cipher_suite", json!(summary.suite().id().to_string()));
    add("group", text(summary.group()));
    add("server_signature_scheme", text(summary.server_signature_scheme()));
    add("client_signature_scheme", text(summary.client_signature_scheme()));
    add("application_protocol", bytes(summary.alpn.as_deref()));
    add("server_name", bytes(summary.server_name.as_deref()));
    add("psk_identity", bytes(summary.psk_identity.as_deref()));
    add("resumed", json!(summary.is_resumed()));
    add("not_resumed", text(summary.resumption.not_resumed()));
    match &summary.parameters {
        SummaryParameters::Tls12(tls12) => {
            add("extended_master_secret", json!(tls12.extended_master_secret));
            add("secure_renegotiation", json!(tls12.secure_renegotiation));
        }
        SummaryParameters::Tls13(tls13) => {
            add("hello_retry_request", json!(tls13.retried));
            add("compressed_certificate", text(tls13.server_certificate_compression));
            let early = match tls13.early_data {
                EarlyData::NotOffered => "not offered",
                EarlyData::Accepted => "accepted",
                EarlyData::Rejected => "rejected",
            };
            add("early_data", json!(early));
        }
    }
    add("security", security(summary));
    if let Some(stapled) = summary.stapled() {
        let timestamps = stapled.signed_certificate_timestamps.iter().map(|sct| certificate::timestamp(sct));
        add("timestamps", json!(timestamps.collect::<Vec<_>>()));
        let response = stapled.ocsp_response.as_deref().map(|response| match ocsp::statements(response) {
            Ok(statements) => statements.iter().map(ToString::to_string).collect::<Vec<_>>(),
            Err(error) => vec![error.to_string()],
        });
        add("ocsp", json!(response));
    }
    report
}

fn security(summary: &Summary) -> Value {
    let security = summary.security();
    let strength = security.strength;
    json!({
        "peer": security.peer.to_string(),
        "bits": strength.bits(),
        "cipher_bits": strength.cipher,
        "key_exchange_bits": strength.key_exchange,
        "hash_bits": strength.hash,
        "proof_bits": strength.proof,
        "forward_secrecy": security.forward_secrecy,
        "post_quantum": security.post_quantum,
        "integrity": security.integrity.to_string(),
        "tag_bits": security.tag_bits,
        "sha1_signature": security.sha1_signature,
    })
}

/// The certificates of a chain: the lines of each, and the whole of it in PEM.
pub(crate) fn certificates<'a>(chain: impl IntoIterator<Item = &'a [u8]>) -> Value {
    chain.into_iter().map(certificate).collect()
}

fn certificate(der: &[u8]) -> Value {
    let mut object: Map<String, Value> = certificate::lines(der).into_iter().map(member).collect();
    object.insert("pem".into(), json!(pem::encode_certificate(der)));
    Value::Object(object)
}

/// A line as a member of an object, with a name in snake case.
fn member(Line { label, value }: Line) -> (String, Value) {
    let name = label.to_ascii_lowercase().replace([' ', '-'], "_");
    match value {
        LineValue::One(value) => (name, json!(value)),
        LineValue::Many(values) => (name, json!(values)),
    }
}

/// A failure: its message, its hints and the exit code.
pub(crate) fn failure(failure: &Failure) -> Value {
    json!({ "message": failure.message(), "hints": failure.hints(), "exit_code": failure.code().number() })
}

fn text(value: Option<impl ToString>) -> Value {
    json!(value.map(|value| value.to_string()))
}

/// Bytes that are usually text.
fn bytes(value: Option<&[u8]>) -> Value {
    json!(value.map(|value| value.escape_ascii().to_string()))
}
