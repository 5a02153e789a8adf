//! Descriptions of certificates.

use super::count;
use cairn_tls::x509::{
    CertificateFacts,
    facts::{self, ExtensionFacts},
};
use core::fmt;
use sha2::{Digest, Sha256};

/// The lines of a certificate in the tree of a handshake message: names, validity and key. Nothing for a raw
/// public key.
pub(crate) fn brief(encoding: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    const LABELS: [&str; 5] = ["subject:", "issuer:", "valid:", "key:", "names:"];
    let Ok(facts) = CertificateFacts::from_der(encoding) else { return Ok(()) };
    let text = facts.to_string();
    let lines = text.lines().filter(|line| LABELS.iter().any(|label| line.starts_with(label)));
    let lines: Vec<&str> = lines.collect();
    out.write_str(&lines.join("\n"))
}

/// All lines of a certificate: its fields, and its extensions, with the bytes of those that the fields do not
/// tell.
pub(crate) fn full(encoding: &[u8]) -> String {
    let facts = match CertificateFacts::from_der(encoding) {
        Ok(facts) => facts,
        Err(error) => return format!("{error}\n"),
    };
    let sha256: String = Sha256::digest(encoding).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut text = format!("{facts}\nSHA-256:    {sha256}\n");
    // It has been read before.
    let extensions = facts::extensions(encoding).unwrap_or_default();
    text.push_str(&format!("version:    {}, {}\n", facts.version, count(extensions.len(), "extension")));
    for extension in &extensions {
        text.push_str(&format!("  {}\n", line(extension)));
    }
    text
}

/// The extensions whose values are completely among the fields.
const TOLD: [&str; 2] = ["basicConstraints", "delegationUsage"];

fn line(extension: &ExtensionFacts) -> String {
    let critical = if extension.is_critical { ", critical" } else { "" };
    let name = match extension.name {
        Some(name) if TOLD.contains(&name) => return format!("{name}{critical}"),
        Some(name) => format!("{name} ({})", extension.oid),
        None => extension.oid.clone(),
    };
    let value: String = extension.value.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{name}{critical}: {value}")
}
