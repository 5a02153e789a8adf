//! Names in certificates, in printable form.

use crate::{
    dn,
    general_name::GeneralName,
    oid,
    tlv::{self, Element, Elements, OBJECT_IDENTIFIER, SEQUENCE, SET},
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::{
    fmt::{self, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};
use der::asn1::ObjectIdentifier;

/// A distinguished name, in the order of the certificate: `C=DE, O=Example, CN=example.com`.
///
/// `Name` of x509-cert would reject attribute types with long arcs, and sort the attributes of a relative
/// distinguished name.
pub(super) fn distinguished_name(der: &[u8]) -> der::Result<String> {
    let mut shown = String::new();
    let mut parts = Elements::of(Elements::only(der, SEQUENCE)?);
    while !parts.is_finished() {
        let mut attributes = Elements::of(parts.one(SET)?.contents);
        let mut separator = ", ";
        while !attributes.is_finished() {
            if !shown.is_empty() {
                shown.push_str(separator);
            }
            show_attribute(attributes.one(SEQUENCE)?.contents, &mut shown)?;
            separator = "+";
        }
    }
    Ok(shown)
}

/// Appends an `AttributeTypeAndValue`, given its contents.
fn show_attribute(encoded: &[u8], shown: &mut String) -> der::Result<()> {
    let mut fields = Elements::of(encoded);
    let oid = fields.one(OBJECT_IDENTIFIER)?.contents;
    let value = fields.any()?;
    fields.finish()?;
    let name = ObjectIdentifier::from_bytes(oid).ok().and_then(|oid| oid::attribute(&oid));
    shown.push_str(&name.map_or_else(|| oid::dotted(oid), ToString::to_string));
    shown.push('=');
    match dn::text(value) {
        Some(text) => escape(&text, shown),
        // RFC 4514 section 2.4: the whole encoding in hexadecimal.
        None => {
            let _ = write!(shown, "#{}", Hex(value.whole));
        }
    }
    Ok(())
}

/// Appends `text`, escaped so that it cannot be mistaken for other parts of a name or control a terminal.
fn escape(text: &str, shown: &mut String) {
    for character in text.chars() {
        match character {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=' => {
                shown.push('\\');
                shown.push(character);
            }
            ' '..='~' => shown.push(character),
            character if character.is_ascii() => shown.extend(character.escape_unicode()),
            // Hangul fillers count as letters and a Braille pattern as a symbol, but they are not visible.
            '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' => {
                shown.extend(character.escape_unicode());
            }
            // Letters stay. Characters that are not visible or that change the direction are escaped, since
            // they can disguise a name.
            character => shown.extend(character.escape_debug()),
        }
    }
}

/// The DNS names and IP addresses of `SubjectAltName` (RFC 5280 section 4.2.1.6). Other kinds are skipped.
///
/// `SubjectAltName` of x509-cert would reject the extension for a DNS name in UTF-8 or for an x400Address,
/// which some certificates have.
pub(super) fn alternative_names(value: &[u8]) -> der::Result<(Vec<String>, Vec<IpAddr>)> {
    let (mut dns_names, mut addresses) = (Vec::new(), Vec::new());
    let mut names = Elements::of(Elements::only(value, SEQUENCE)?);
    while !names.is_finished() {
        match GeneralName::of(names.any()?) {
            Ok(GeneralName::Dns(name)) => {
                let mut shown = String::new();
                escape(&String::from_utf8_lossy(name), &mut shown);
                dns_names.push(shown);
            }
            Ok(GeneralName::Address(bytes)) => addresses.extend(address(bytes)),
            _ => {}
        }
    }
    Ok((dns_names, addresses))
}

/// A name with its kind, as in `DNS:example.com`.
pub(super) fn general_name(element: Element<'_>) -> der::Result<String> {
    let named = |kind: &str, text: &str| {
        let mut shown = String::from(kind);
        escape(text, &mut shown);
        shown
    };
    Ok(match GeneralName::of(element)? {
        GeneralName::Dns(name) => named("DNS:", &String::from_utf8_lossy(name)),
        GeneralName::Mail(name) => named("mail:", &String::from_utf8_lossy(name)),
        GeneralName::Uri(name) => uri(&String::from_utf8_lossy(name)),
        GeneralName::Directory(name) => alloc::format!("directory name: {}", distinguished_name(name)?),
        GeneralName::Address(bytes) => match address(bytes) {
            Some(address) => alloc::format!("IP:{address}"),
            None => network(bytes).unwrap_or_else(|| alloc::format!("IP:#{}", Hex(bytes))),
        },
        GeneralName::Other(tag) => other_name(tag, element.contents),
    })
}

/// A URI. It consists of ASCII and has commas and equals signs of its own, which are not escaped.
fn uri(text: &str) -> String {
    let mut shown = String::from("URI:");
    for character in text.chars() {
        match character {
            '!'..='~' => shown.push(character),
            other => shown.extend(other.escape_unicode()),
        }
    }
    shown
}

/// An address with its mask, as name constraints have it (RFC 5280 section 4.2.1.10).
fn network(bytes: &[u8]) -> Option<String> {
    let (one, mask) = bytes.split_at_checked(bytes.len() / 2)?;
    Some(alloc::format!("IP:{}/{}", address(one)?, address(mask)?))
}

/// A name of an uncommon kind, in hexadecimal if it is not an identifier.
fn other_name(tag: u8, contents: &[u8]) -> String {
    if tag == tlv::context(8) {
        return alloc::format!("registered ID: {}", oid::dotted(contents));
    }
    match Elements::of(contents).one(OBJECT_IDENTIFIER) {
        Ok(id) if tag == tlv::explicit(0) => {
            alloc::format!("other name {}: #{}", oid::dotted(id.contents), Hex(contents))
        }
        _ => alloc::format!("other name: #{}", Hex(contents)),
    }
}

/// Bytes in hexadecimal.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::V4(Ipv4Addr::from(four)));
    }
    <[u8; 16]>::try_from(bytes).ok().map(|sixteen| IpAddr::V6(Ipv6Addr::from(sixteen)))
}
