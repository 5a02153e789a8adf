//! The report for people.

use super::{
    facts::{ChainFacts, Facts, Order, Robot, Tested},
    findings::kind::Finding,
};
use crate::{names::list, show::report::Row};
use cairn_tls::{certificate_compressions, wire::ProtocolVersion, x509::facts::shortened};
use core::fmt::{self, Display, Write};

/// The width of the report in columns.
const WIDTH: usize = 100;
/// The indent of the text of a finding.
const FINDING: usize = 11;

/// The report as text.
pub(super) fn text(facts: &Facts, findings: &[Finding]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _always = write_all(&mut text, facts, findings);
    text
}

fn write_all(text: &mut String, facts: &Facts, findings: &[Finding]) -> fmt::Result {
    let Facts { target, address, name, connections, .. } = facts;
    writeln!(text, "Scan of {target} ({address}), as {name}: {connections} connections\n")?;
    writeln!(text, "Versions and cipher suites")?;
    for known in &facts.versions {
        if known.suites.is_empty() {
            writeln!(text, "  {:<8} not accepted", known.version)?;
            continue;
        }
        let count = crate::show::count(known.suites.len(), "suite");
        let order = match known.order {
            Order::Server => "; the server's order decides",
            Order::Client => "; the client's order decides",
            Order::Unknown => "",
        };
        writeln!(text, "  {:<8} {count}{order}", known.version)?;
        for suite in &known.suites {
            writeln!(text, "    {:#06x}  {suite}", suite.0)?;
        }
    }
    section(text, "Key exchange", &key_exchange(facts))?;
    section(text, "Features", &features(facts))?;
    if !facts.not_tested.is_empty() {
        writeln!(text, "\nNot tested")?;
        for line in facts.not_tested.iter().flat_map(|what| wrapped(what, 2)) {
            writeln!(text, "  {line}")?;
        }
    }
    for chain in &facts.chains {
        write_chain(text, chain)?;
    }
    if facts.chains.is_empty() {
        writeln!(text, "\nCertificates\n  none seen")?;
    }
    writeln!(text, "\nFindings")?;
    for Finding { kind, detail } in findings {
        writeln!(text, "  {:<8} {}  [{}]", kind.severity, kind.title, kind.id)?;
        for line in wrapped(detail, FINDING) {
            writeln!(text, "{:FINDING$}{line}", "")?;
        }
        for line in wrapped(&format!("{} ({})", kind.reason, kind.reference), FINDING) {
            writeln!(text, "{:FINDING$}{line}", "")?;
        }
    }
    if findings.is_empty() {
        writeln!(text, "  none")?;
    }
    Ok(())
}

/// A section with a label and a value in each row.
fn section(text: &mut String, title: &str, rows: &[Row]) -> fmt::Result {
    let width = rows.iter().map(|(label, _)| label.len()).max().unwrap_or_default();
    let indent = width.saturating_add(4);
    writeln!(text, "\n{title}")?;
    for (label, value) in rows {
        for (place, line) in wrapped(value, indent).iter().enumerate() {
            let label = if place == 0 { label } else { "" };
            writeln!(text, "  {label:<width$}  {line}")?;
        }
    }
    Ok(())
}

/// The words in lines that fit into the report after this indent.
fn wrapped(text: &str, indent: usize) -> Vec<String> {
    let room = WIDTH.saturating_sub(indent);
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.len().saturating_add(word.len()) < room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A list, or `none`.
fn names<T: Display>(items: &[T]) -> String {
    if items.is_empty() { "none".into() } else { list(items, ToString::to_string) }
}

/// A list that whole handshakes find out, `not tested` if there could be none.
fn seen<T: Display>(facts: &Facts, items: &[T]) -> String {
    if items.is_empty() && !facts.not_tested.is_empty() {
        return Tested::Unknown.to_string();
    }
    names(items)
}

fn key_exchange(facts: &Facts) -> Vec<Row> {
    vec![
        ("groups of TLS 1.3", names(&facts.groups13)),
        ("groups of TLS 1.2 and before", names(&facts.groups12)),
        ("primes of TLS 1.2 and before", names(&facts.primes)),
        ("signature schemes of TLS 1.3", seen(facts, &facts.schemes13)),
        ("signature schemes of TLS 1.2", names(&facts.schemes12)),
    ]
}

fn features(facts: &Facts) -> Vec<Row> {
    let features = &facts.features;
    let early = match (features.early_data, features.max_early_data) {
        (Tested::Yes, size) => format!("yes, at most {size} bytes"),
        (tested, size) if size > 0 => format!("{tested}, although tickets permit {size} bytes"),
        (tested, _) => tested.to_string(),
    };
    let compressed = facts.accepts(ProtocolVersion::TLS_1_3) && !certificate_compressions().is_empty();
    let stapled = match facts.chains.as_slice() {
        [] => Tested::Unknown,
        chains => Tested::from(chains.iter().any(|chain| chain.ocsp.is_some())),
    };
    let robot = facts.robot;
    let robot =
        if robot == Robot::NoRsa { "not tested: no RSA key exchange".into() } else { robot.name().into() };
    vec![
        ("application protocols", seen(facts, &facts.alpn)),
        ("compression of records", features.compression.to_string()),
        (
            "compression of certificates",
            match compressed {
                true => seen(facts, &facts.certificate_compression),
                false => Tested::Unknown.to_string(),
            },
        ),
        ("resumption by session ID", features.session_id.to_string()),
        ("resumption by ticket", features.ticket.to_string()),
        ("resumption by PSK (TLS 1.3)", features.psk.to_string()),
        ("early data (0-RTT)", early),
        ("secure renegotiation", features.secure_renegotiation.to_string()),
        ("renegotiation by clients", features.client_renegotiation.to_string()),
        ("extended master secret", features.extended_master_secret.to_string()),
        ("encrypt-then-MAC", features.encrypt_then_mac.to_string()),
        ("fallback SCSV", features.fallback_scsv.to_string()),
        ("OCSP stapling", stapled.to_string()),
        ("asks for a certificate", features.client_certificate.to_string()),
        ("oracle in RSA (ROBOT)", robot),
    ]
}

fn write_chain(text: &mut String, chain: &ChainFacts) -> fmt::Result {
    writeln!(text, "\nCertificates ({})", list(&chain.versions, ToString::to_string))?;
    let mut certificates = chain.certificates.iter();
    for line in certificates.next().map(ToString::to_string).unwrap_or_default().lines() {
        writeln!(text, "  {line}")?;
    }
    writeln!(text, "  SHA-256:    {}", chain.fingerprint)?;
    for facts in certificates {
        writeln!(text, "  then:       {}", shortened(&facts.subject))?;
    }
    if let Some(statements) = &chain.ocsp {
        writeln!(text, "  OCSP:       {}", names(statements))?;
    }
    if chain.errors.is_empty() {
        writeln!(text, "  accepted:   yes")?;
    }
    for error in &chain.errors {
        writeln!(text, "  accepted:   no: {error}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handshakes_that_are_not_possible_are_shown_as_not_tested() {
        let facts = Facts { not_tested: vec!["whole handshakes: why".into()], ..Facts::default() };
        let shown = text(&facts, &[]);
        assert!(shown.contains("signature schemes of TLS 1.3  not tested"), "{shown}");
        assert!(shown.contains("\nNot tested\n  whole handshakes: why\n"), "{shown}");
    }

    #[test]
    fn chain_with_a_malformed_own_certificate_is_shown_by_its_fingerprint() {
        let chain = ChainFacts {
            versions: vec![ProtocolVersion::TLS_1_2],
            certificates: Vec::new(),
            fingerprint: "00ff".into(),
            errors: Vec::new(),
            ocsp: None,
            now: 0,
        };
        let shown = text(&Facts { chains: vec![chain], ..Facts::default() }, &[]);
        assert!(shown.contains("\nCertificates (TLS 1.2)\n  SHA-256:    00ff\n"), "{shown}");
    }

    #[test]
    fn long_lists_are_wrapped() {
        let list = ["TLS_RSA_WITH_AES_128_CBC_SHA"; 9].join(", ");
        let lines = wrapped(&list, FINDING);
        assert!(lines.len() > 2 && lines.iter().all(|line| line.len() <= WIDTH - FINDING), "{lines:?}");
        assert_eq!(lines.join(" "), list);
        assert!(wrapped("", FINDING).is_empty());
        assert_eq!(wrapped("one", 200), ["one"]);
    }
}
