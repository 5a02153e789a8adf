//! The report as JSON. Its keys are stable.

use super::{
    facts::{ChainFacts, Facts},
    findings::kind::Finding,
};
use core::fmt::Display;
use serde_json::{Value, json};

/// The report as one object.
pub(super) fn text(facts: &Facts, findings: &[Finding]) -> String {
    format!("{:#}\n", value(facts, findings))
}

fn names<T: Display>(items: &[T]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

fn value(facts: &Facts, findings: &[Finding]) -> Value {
    let features = &facts.features;
    let versions = facts.versions.iter().map(|known| {
        json!({
            "version": known.version.to_string(),
            "accepted": !known.suites.is_empty(),
            "order": known.order.to_string(),
            "suites": names(&known.suites),
        })
    });
    let primes = facts.primes.iter().map(|prime| json!({ "bits": prime.bits, "origin": prime.origin }));
    json!({
        "target": facts.target,
        "address": facts.address,
        "server_name": facts.name,
        "connections": facts.connections,
        "versions": versions.collect::<Vec<_>>(),
        "groups": { "tls13": names(&facts.groups13), "tls12": names(&facts.groups12) },
        "primes": primes.collect::<Vec<_>>(),
        "signature_schemes": { "tls13": names(&facts.schemes13), "tls12": names(&facts.schemes12) },
        "alpn": facts.alpn,
        "certificate_compression": names(&facts.certificate_compression),
        "features": {
            "compression": features.compression.to_string(),
            "session_id": features.session_id.to_string(),
            "ticket": features.ticket.to_string(),
            "psk": features.psk.to_string(),
            "early_data": features.early_data.to_string(),
            "max_early_data": features.max_early_data,
            "secure_renegotiation": features.secure_renegotiation.to_string(),
            "client_renegotiation": features.client_renegotiation.to_string(),
            "extended_master_secret": features.extended_master_secret.to_string(),
            "encrypt_then_mac": features.encrypt_then_mac.to_string(),
            "fallback_scsv": features.fallback_scsv.to_string(),
            "client_certificate": features.client_certificate.to_string(),
        },
        "robot": facts.robot.name(),
        "malformed_answers": facts.malformed,
        "not_tested": facts.not_tested,
        "chains": facts.chains.iter().map(chain).collect::<Vec<_>>(),
        "findings": findings.iter().map(finding).collect::<Vec<_>>(),
    })
}

fn chain(chain: &ChainFacts) -> Value {
    let certificates = chain.certificates.iter().map(|facts| {
        json!({
            "subject": facts.subject,
            "issuer": facts.issuer,
            "not_before": facts.not_before,
            "not_after": facts.not_after,
            "key": facts.key_description,
            "signature": facts.signature_algorithm,
            "dns_names": facts.dns_names,
            "ip_addresses": names(&facts.ip_addresses),
        })
    });
    json!({
        "versions": names(&chain.versions),
        "sha256": chain.fingerprint,
        "accepted": chain.errors.is_empty(),
        "errors": names(&chain.errors),
        "ocsp": chain.ocsp.as_ref().map(|statements| names(statements)),
        "certificates": certificates.collect::<Vec<_>>(),
    })
}

fn finding(Finding { kind, detail }: &Finding) -> Value {
    json!({
        "id": kind.id,
        "severity": kind.severity.name(),
        "title": kind.title,
        "detail": detail,
        "reason": kind.reason,
        "reference": kind.reference,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_stable() {
        let value = value(&Facts::default(), &[]);
        let keys: Vec<&String> = value.as_object().into_iter().flat_map(|object| object.keys()).collect();
        assert_eq!(
            keys,
            [
                "address",
                "alpn",
                "certificate_compression",
                "chains",
                "connections",
                "features",
                "findings",
                "groups",
                "malformed_answers",
                "not_tested",
                "primes",
                "robot",
                "server_name",
                "signature_schemes",
                "target",
                "versions"
            ]
        );
        assert_eq!(value.pointer("/features/psk").and_then(Value::as_str), Some("not tested"));
    }
}
