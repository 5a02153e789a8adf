//! Names in certificates, in printable form.

use crate::oid;
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::{
    fmt::Write,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};
use der::asn1::ObjectIdentifier;
use der::{AnyRef, Decode, Reader, SliceReader, Tag, TagNumber};

/// A distinguished name, in the order of the certificate: `C=DE, O=Example, CN=example.com`.
pub(super) fn distinguished_name(der: &[u8]) -> der::Result<String> {
    let mut shown = String::new();
    let mut reader = SliceReader::new(der)?;
    reader.sequence(|reader| {
        while !reader.is_finished() {
            let set = AnyRef::decode(reader)?;
            set.header().tag().assert_eq(Tag::Set)?;
            let mut set = SliceReader::new(set.value())?;
            let mut separator = ", ";
            while !set.is_finished() {
                if !shown.is_empty() {
                    shown.push_str(separator);
                }
                set.sequence(|reader| {
                    let oid = ObjectIdentifier::decode(reader)?;
                    let value = AnyRef::decode(reader)?;
                    attribute(&oid, value, &mut shown);
                    der::Result::Ok(())
                })?;
                separator = "+";
            }
        }
        der::Result::Ok(())
    })?;
    reader.finish()?;
    Ok(shown)
}

fn attribute(oid: &ObjectIdentifier, value: AnyRef<'_>, shown: &mut String) {
    match oid::attribute(oid) {
        Some(name) => shown.push_str(name),
        None => shown.push_str(&oid.to_string()),
    }
    shown.push('=');
    let bytes = value.value();
    let text = match value.header().tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => {
            core::str::from_utf8(bytes).ok().map(String::from)
        }
        // TeletexString is T.61 by name, and ISO 8859-1 in practice.
        Tag::TeletexString => Some(bytes.iter().copied().map(char::from).collect()),
        Tag::BmpString => {
            let units =
                bytes.chunks(2).map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte)));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        _ => None,
    };
    match text {
        Some(text) => escape(&text, shown),
        // RFC 4514 section 2.4.
        None => {
            shown.push('#');
            for byte in bytes {
                let _ = write!(shown, "{byte:02x}");
            }
        }
    }
}

/// Appends `text`, escaped so that it cannot be mistaken for other parts of a name or control a terminal.
fn escape(text: &str, shown: &mut String) {
    for character in text.chars() {
        match character {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=' => {
                shown.push('\\');
                shown.push(character);
            }
            // Bidirectional control characters can disguise a name.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                shown.extend(character.escape_unicode());
            }
            character if character.is_control() => shown.extend(character.escape_unicode()),
            character => shown.push(character),
        }
    }
}

/// The DNS names and IP addresses of `SubjectAltName` (RFC 5280 section 4.2.1.6). Other kinds are skipped.
pub(crate) fn alternative_names(
    value: &[u8],
    dns_names: &mut Vec<String>,
    addresses: &mut Vec<IpAddr>,
) -> der::Result<()> {
    const DNS_NAME: Tag = Tag::ContextSpecific { constructed: false, number: TagNumber(2) };
    const IP_ADDRESS: Tag = Tag::ContextSpecific { constructed: false, number: TagNumber(7) };
    let mut reader = SliceReader::new(value)?;
    reader.sequence(|reader| {
        while !reader.is_finished() {
            let name = AnyRef::decode(reader)?;
            match name.header().tag() {
                DNS_NAME => {
                    let mut shown = String::new();
                    escape(&String::from_utf8_lossy(name.value()), &mut shown);
                    dns_names.push(shown);
                }
                IP_ADDRESS => addresses.extend(address(name.value())),
                _ => {}
            }
        }
        der::Result::Ok(())
    })?;
    reader.finish()
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::V4(Ipv4Addr::from(four)));
    }
    <[u8; 16]>::try_from(bytes).ok().map(|sixteen| IpAddr::V6(Ipv6Addr::from(sixteen)))
}
