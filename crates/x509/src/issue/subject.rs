//! The subject of a certificate to issue.

use super::error::IssueError;
use crate::oid;
use alloc::{string::String, vec, vec::Vec};
use core::str::FromStr;
use der::{Any, Decode, Encode, Tag};
use x509_cert::{
    attr::AttributeTypeAndValue,
    name::{Name, RdnSequence, RelativeDistinguishedName},
};

/// The maximum length of a common name in characters (`ub-common-name`, RFC 5280 appendix A.1).
const MAX_COMMON_NAME: usize = 64;

/// The subject of a certificate.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    /// A common name, or no name at all if it is empty.
    CommonName(String),
    /// Attributes in text, separated by commas.
    Text(String),
    /// The name of a certificate request.
    Name(Name),
}

impl Subject {
    pub(super) fn to_name(&self) -> Result<Name, IssueError> {
        let mut parts = Vec::new();
        match self {
            Self::Name(name) => return Ok(name.clone()),
            Self::CommonName(name) if name.is_empty() => {}
            Self::CommonName(name) => {
                let value = Any::new(Tag::Utf8String, name.as_bytes())?;
                let attribute = AttributeTypeAndValue { oid: oid::COMMON_NAME, value };
                parts.push(RelativeDistinguishedName::try_from(vec![attribute])?);
            }
            Self::Text(text) => {
                for part in split(text, ',') {
                    let attributes = split(part, '+').into_iter().map(attribute);
                    let attributes: Vec<_> = attributes.collect::<Result<_, _>>()?;
                    let part = RelativeDistinguishedName::try_from(attributes);
                    parts.push(part.map_err(|_| IssueError::Subject)?);
                }
            }
        }
        // `Name` parses text in the reverse order (RFC 4514 section 2.1), or DER.
        Ok(Name::from_der(&RdnSequence::from(parts).to_der()?)?)
    }
}

/// An attribute, as in `CN=example.com`. `x509-cert` chooses the string type and undoes escapes.
fn attribute(text: &str) -> Result<AttributeTypeAndValue, IssueError> {
    let (kind, value) = text.split_once('=').ok_or(IssueError::Subject)?;
    let (kind, value) = (kind.trim(), value.trim());
    // The database has these under longer names only.
    let kind = match kind {
        "CN" | "cn" => "2.5.4.3",
        "emailAddress" | "E" => "1.2.840.113549.1.9.1",
        other => other,
    };
    if value.is_empty() {
        return Err(IssueError::Subject);
    }
    if kind == "2.5.4.3" && value.chars().filter(|character| *character != '\\').count() > MAX_COMMON_NAME {
        return Err(IssueError::CommonName);
    }
    AttributeTypeAndValue::from_str(&alloc::format!("{kind}={value}")).map_err(|_| IssueError::Subject)
}

/// The parts of a text between separators that no backslash precedes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut is_escaped) = (0, false);
    for (at, character) in text.char_indices() {
        if character == separator && !is_escaped {
            parts.push(text.get(start..at).unwrap_or_default());
            start = at + character.len_utf8();
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    parts.push(text.get(start..).unwrap_or_default());
    parts
}
