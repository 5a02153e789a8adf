//! Files in PEM or DER: certificates are shown, and other contents are named. Private keys are never printed.

use crate::{
    failure::{Code, Failure},
    json,
    output::print,
    show::{certificate, count},
};
use cairn_tls::x509::pem::{self, Content, Item};

/// Whether the input is in PEM or DER.
pub(super) fn are_in(input: &[u8]) -> bool {
    // No record and no handshake message begins with the tag of a SEQUENCE.
    matches!(input, [0x30, 0x80..=0xff, ..]) || is_pem(input)
}

fn is_pem(input: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN ";
    // There may be text before the first block.
    core::str::from_utf8(input).is_ok() && input.windows(BEGIN.len()).any(|window| window == BEGIN)
}

/// Shows all certificates of the input.
pub(super) fn show(input: &[u8], as_json: bool) -> Result<(), Failure> {
    let items = pem::items(input).map_err(|error| Failure::new(Code::Malformed, error.to_string()))?;
    if items.is_empty() {
        return Err(Failure::new(Code::Malformed, "there is no complete block in this PEM file"));
    }
    if as_json {
        return json::print(&json::Items::new(&items));
    }
    let blocks: Vec<String> = items.iter().map(shown).collect();
    print(blocks.join("\n"))
}

fn shown(item: &Item) -> String {
    let what = match item.content {
        Some(content) => content.to_string(),
        None if item.label.is_empty() => "DER that is neither a certificate nor a key".into(),
        None => format!("a block {:?}", item.label),
    };
    let place = item.line.map(|line| format!(", line {line}")).unwrap_or_default();
    match (item.content, &item.der) {
        (Some(Content::Certificate), Some(der)) => {
            format!("{what}{place}, {}\n{}", count(der.len(), "byte"), certificate::full(der))
        }
        (_, Some(der)) => format!("{what}{place}, {}\n", count(der.len(), "byte")),
        (Some(Content::PrivateKey), None) => format!("{what}{place}: not shown\n"),
        (_, None) => format!("{what}{place}\n"),
    }
}
