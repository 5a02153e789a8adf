//! The properties of a server in the JSON report of a scan.

use serde_json::Value;

/// A list, sorted, with commas between its elements.
pub(super) fn sorted(list: &str) -> String {
    let mut items: Vec<&str> = list.split(", ").collect();
    items.sort_unstable();
    items.join(", ")
}

/// A property by its name: `versions`, `suites of VERSION`, `order of VERSION`, `groups of TLS 1.3`,
/// `groups of TLS 1.2`, `schemes of TLS 1.3`, `schemes of TLS 1.2`, `primes`, `protocols`, `keys`,
/// `certificate compression`, `chains`, `OCSP`, `oracle`, `findings`, or the key of a feature.
pub(super) fn of(report: &Value, property: &str) -> String {
    let versions = items(report, "/versions");
    let version =
        |name: &str| versions.iter().find(|one| text(one, "/version") == name).unwrap_or(&Value::Null);
    if let Some(name) = property.strip_prefix("suites of ") {
        return list(version(name), "/suites");
    }
    if let Some(name) = property.strip_prefix("order of ") {
        return text(version(name), "/order");
    }
    let of_chains = |what: fn(&Value) -> String| joined(items(report, "/chains").iter().map(what).collect());
    match property {
        "versions" => {
            let accepted = versions.iter().filter(|one| one.get("accepted") == Some(&Value::Bool(true)));
            joined(accepted.map(|one| text(one, "/version")).collect())
        }
        "groups of TLS 1.3" => list(report, "/groups/tls13"),
        "groups of TLS 1.2" => list(report, "/groups/tls12"),
        "schemes of TLS 1.3" => list(report, "/signature_schemes/tls13"),
        "schemes of TLS 1.2" => list(report, "/signature_schemes/tls12"),
        "primes" => joined(items(report, "/primes").iter().map(|prime| text(prime, "/bits")).collect()),
        "protocols" => list(report, "/alpn"),
        "certificate compression" => list(report, "/certificate_compression"),
        "keys" => of_chains(|chain| text(chain, "/certificates/0/key").replace(',', "")),
        "chains" => of_chains(|chain| {
            let is_accepted = chain.get("accepted") == Some(&Value::Bool(true));
            if is_accepted { "accepted" } else { "refused" }.to_owned()
        }),
        "OCSP" => of_chains(|chain| {
            let status = text(chain, "/ocsp/0");
            status.split(',').next().filter(|status| !status.is_empty()).unwrap_or("none").to_owned()
        }),
        "oracle" => text(report, "/robot"),
        "findings" => joined(items(report, "/findings").iter().map(|one| text(one, "/id")).collect()),
        feature => text(report, &format!("/features/{feature}")),
    }
}

fn items<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A string or a number.
fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn list(value: &Value, pointer: &str) -> String {
    joined(items(value, pointer).iter().map(|item| text(item, "")).collect())
}

fn joined(mut items: Vec<String>) -> String {
    items.sort_unstable();
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_read_from_the_report() {
        let report = serde_json::json!({
            "versions": [
                { "version": "TLS 1.3", "accepted": true, "order": "server", "suites": ["B", "A"] },
                { "version": "TLS 1.2", "accepted": false, "order": "unknown", "suites": [] },
            ],
            "groups": { "tls13": ["x25519"], "tls12": [] },
            "primes": [{ "bits": 1024 }],
            "alpn": [],
            "features": { "psk": "yes", "max_early_data": 5 },
            "chains": [{
                "accepted": true,
                "ocsp": ["good, as of"],
                "certificates": [{ "key": "RSA, 2048 bits" }],
            }],
            "robot": "no oracle",
            "findings": [{ "id": "rc4" }, { "id": "dh-small" }],
        });
        for (property, expected) in [
            ("versions", "TLS 1.3"),
            ("suites of TLS 1.3", "A, B"),
            ("suites of TLS 1.2", "none"),
            ("order of TLS 1.3", "server"),
            ("groups of TLS 1.3", "x25519"),
            ("primes", "1024"),
            ("protocols", "none"),
            ("keys", "RSA 2048 bits"),
            ("chains", "accepted"),
            ("OCSP", "good"),
            ("psk", "yes"),
            ("max_early_data", "5"),
            ("oracle", "no oracle"),
            ("findings", "dh-small, rc4"),
        ] {
            assert_eq!(of(&report, property), expected, "{property}");
        }
        assert_eq!(sorted("b, a"), "a, b");
    }
}
