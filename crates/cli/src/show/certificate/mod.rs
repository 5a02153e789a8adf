//! A certificate with all that a person needs to know about it.

mod extensions;
mod line;
mod timestamps;

pub(crate) use line::{Line, Value, colons, date};

use base64ct::{Base64, Encoding};
use cairn_tls::{
    Clock, Provider, SystemClock,
    crypto::HashAlgorithm,
    x509::{CertificateFacts, facts},
};
use core::fmt;

/// A certificate in DER as text: subject, issuer, dates, names, key, extensions and fingerprints. Lines end
/// in a line feed and have an indent of two blanks. Control characters in names are escaped.
pub(crate) fn full(der: &[u8]) -> String {
    text(&lines(der), "  ")
}

/// The certificates of a chain as text, each as in [`full`] under a heading with its number.
pub(crate) fn full_chain<'a>(chain: impl IntoIterator<Item = &'a [u8]>) -> String {
    let chain: Vec<&[u8]> = chain.into_iter().collect();
    let count = chain.len();
    let one = |(number, der): (usize, &&[u8])| format!("certificate {number} of {count}\n{}", full(der));
    (1..).zip(&chain).map(one).collect()
}

/// Writes the lines of a certificate for the tree of a handshake message: names, validity and key. Nothing
/// for a raw public key.
pub(crate) fn brief(der: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    const LABELS: [&str; 5] = ["subject:", "issuer:", "valid:", "key:", "names:"];
    let Ok(facts) = CertificateFacts::from_der(der) else { return Ok(()) };
    let text = facts.to_string();
    let lines: Vec<&str> =
        text.lines().filter(|line| LABELS.iter().any(|label| line.starts_with(label))).collect();
    out.write_str(&lines.join("\n"))
}

/// The description of a certificate, line by line.
pub(crate) fn lines(der: &[u8]) -> Vec<Line> {
    let mut lines = match CertificateFacts::from_der(der) {
        Ok(facts) => described(&facts, SystemClock.now().as_secs()),
        Err(error) => vec![Line::one("error", error.to_string())],
    };
    lines.extend(extensions::lines(der));
    lines.extend(fingerprints(der));
    lines
}

/// A signed certificate timestamp (RFC 6962 section 3.2) in words: its time and its log.
pub(crate) fn timestamp(sct: &[u8]) -> String {
    timestamps::one(sct)
}

/// Lines as text. Further values of a label stand below the first.
pub(crate) fn text(lines: &[Line], indent: &str) -> String {
    let width = lines.iter().map(|line| line.label.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for Line { label, value } in lines {
        let values = match value {
            Value::One(value) => core::slice::from_ref(value),
            Value::Many(values) => values.as_slice(),
        };
        let mut label = label.as_ref();
        for value in values {
            text.push_str(format!("{indent}{label:<width$}  {value}").trim_end());
            text.push('\n');
            label = "";
        }
    }
    text
}

/// Everything but the extensions.
fn described(facts: &CertificateFacts, now: u64) -> Vec<Line> {
    let nameless = |name: &str| if name.is_empty() { "(empty)".into() } else { name.to_owned() };
    let itself = if facts.self_issued { " (the subject itself)" } else { "" };
    vec![
        Line::one("subject", nameless(&facts.subject)),
        Line::one("issuer", format!("{}{itself}", nameless(&facts.issuer))),
        Line::one("serial", colons(&facts.serial)),
        Line::one("version", facts.version.to_string()),
        Line::one("not before", format!("{}{}", date(facts.not_before), not_yet(facts.not_before, now))),
        Line::one("not after", format!("{}, {}", date(facts.not_after), time_left(facts.not_after, now))),
        Line::one("key", facts.key_description.clone()),
        Line::one("signature", facts.signature_algorithm.clone()),
    ]
}

/// The fingerprints, and the pin of the public key (RFC 7469 section 2.4), as curl's `--pinnedpubkey` takes
/// it.
fn fingerprints(der: &[u8]) -> Vec<Line> {
    let Ok(provider) = crate::provider::provider() else { return Vec::new() };
    let of = |algorithm, bytes: &[u8]| hash(&provider, algorithm, bytes);
    let sha256 = of(HashAlgorithm::Sha256, der).map(|hash| Line::one("SHA-256", colons(&hash)));
    let sha1 = of(HashAlgorithm::Sha1, der).map(|hash| Line::one("SHA-1", colons(&hash)));
    let spki = CertificateFacts::from_der(der).ok().map(|facts| facts.spki);
    let pin = spki.and_then(|spki| of(HashAlgorithm::Sha256, &spki));
    let pin = pin.map(|hash| Line::one("key pin", format!("sha256//{}", Base64::encode_string(&hash))));
    [sha256, sha1, pin].into_iter().flatten().collect()
}

fn hash(provider: &Provider, algorithm: HashAlgorithm, bytes: &[u8]) -> Option<Vec<u8>> {
    let hash = provider.hash(algorithm)?;
    facts::fingerprint(bytes, &**hash).ok().map(|hash| hash.as_bytes().to_vec())
}

fn not_yet(not_before: u64, now: u64) -> String {
    match not_before.checked_sub(now) {
        None | Some(0) => String::new(),
        Some(left) => format!(", not valid yet: in {}", span(left)),
    }
}

fn time_left(not_after: u64, now: u64) -> String {
    match not_after.checked_sub(now) {
        Some(left) => format!("in {}", span(left)),
        None => format!("expired {} ago", span(now.saturating_sub(not_after))),
    }
}

/// A span of time, in days, hours or minutes.
fn span(seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..7200 => (seconds / 60, "minute"),
        7200..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    super::count(usize::try_from(number).unwrap_or(usize::MAX), unit)
}

#[cfg(test)]
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
mod tests;
