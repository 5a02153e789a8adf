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
    use super::{
        super::{
            facts::{Order, Prime, VersionFacts},
            findings,
        },
        *,
    };
    use cairn_tls::wire::{CipherSuite, ProtocolVersion};

    #[test]
    fn keys_are_stable() {
        let chain = ChainFacts {
            versions: Vec::new(),
            certificates: Vec::new(),
            fingerprint: String::new(),
            errors: Vec::new(),
            ocsp: None,
            now: 0,
        };
        let known = VersionFacts {
            version: ProtocolVersion::TLS_1_2,
            suites: vec![CipherSuite::TLS_RSA_WITH_NULL_SHA],
            order: Order::Unknown,
        };
        let facts = Facts {
            versions: vec![known],
            chains: vec![chain],
            primes: vec![Prime { bits: 2048, origin: None }],
            ..Facts::default()
        };
        let value = value(&facts, &findings::of(&facts));
        for (place, keys) in [
            (
                "",
                "address alpn certificate_compression chains connections features findings groups \
                 malformed_answers not_tested primes robot server_name signature_schemes target versions",
            ),
            ("/chains/0", "accepted certificates errors ocsp sha256 versions"),
            (
                "/features",
                "client_certificate client_renegotiation compression early_data encrypt_then_mac \
                 extended_master_secret fallback_scsv max_early_data psk secure_renegotiation session_id \
                 ticket",
            ),
            ("/findings/0", "detail id reason reference severity title"),
            ("/groups", "tls12 tls13"),
            ("/primes/0", "bits origin"),
            ("/signature_schemes", "tls12 tls13"),
            ("/versions/0", "accepted order suites version"),
        ] {
            let object = value.pointer(place).and_then(Value::as_object);
            let found: Vec<&str> =
                object.into_iter().flat_map(|object| object.keys()).map(String::as_str).collect();
            assert_eq!(found.join(" "), keys, "{place}");
        }
        assert_eq!(value.pointer("/features/psk").and_then(Value::as_str), Some("not tested"));
    }
}
