//! The names in a certificate to issue, and the addresses where its status is known.

use super::{error::IssueError, template::Template};
use crate::{
    name::{DnsName, NameError},
    oid,
};
use alloc::{string::String, vec, vec::Vec};
use core::{net::IpAddr, str::FromStr};
use der::{
    Any, Decode, Encode, Tag,
    asn1::{Ia5String, OctetString},
    oid::db::rfc5280::{ID_AD_CA_ISSUERS, ID_AD_OCSP},
};
use x509_cert::{
    attr::AttributeTypeAndValue,
    ext::pkix::{
        AccessDescription, AuthorityInfoAccessSyntax, CrlDistributionPoints, NameConstraints,
        constraints::name::GeneralSubtree,
        crl::dp::DistributionPoint,
        name::{DistributionPointName, GeneralName},
    },
    name::{Name, RdnSequence, RelativeDistinguishedName},
};

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

/// A set of names that an authority may certify, or may not (RFC 5280 section 4.2.1.10).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subtree {
    /// A DNS name and all names below it.
    Dns(String),
    /// A mailbox, all mailboxes on a host, or, with a leading period, all those in a domain.
    Mail(String),
    /// The URIs of a host, or, with a leading period, those of all hosts in a domain.
    Uri(String),
    /// The addresses that share this many leading bits with an address.
    Network(IpAddr, u8),
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

/// Checks the names that can be malformed.
pub(super) fn check(template: &Template) -> Result<(), IssueError> {
    for name in &template.dns_names {
        DnsName::parse(name.strip_prefix("*.").unwrap_or(name)).map_err(IssueError::Name)?;
    }
    for mailbox in &template.mailboxes {
        let (user, host) = mailbox.rsplit_once('@').ok_or(IssueError::Address)?;
        if user.is_empty() || !is_printable(user) {
            return Err(IssueError::Address);
        }
        DnsName::parse(host).map_err(IssueError::Name)?;
    }
    let urls = [&template.uris, &template.crl_urls, &template.ocsp_urls, &template.issuer_urls];
    for uri in urls.into_iter().flatten() {
        let (scheme, rest) = uri.split_once(':').ok_or(IssueError::Address)?;
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
        if !is_scheme || rest.is_empty() || !is_printable(uri) {
            return Err(IssueError::Address);
        }
    }
    template.permitted.iter().chain(&template.excluded).try_for_each(check_subtree)
}

fn check_subtree(subtree: &Subtree) -> Result<(), IssueError> {
    match subtree {
        Subtree::Dns(name) => DnsName::parse(name).map(|_| ()).map_err(IssueError::Name),
        Subtree::Mail(name) | Subtree::Uri(name) => {
            let host = name.rsplit_once('@').map_or(name.as_str(), |(_, host)| host);
            DnsName::parse(host.strip_prefix('.').unwrap_or(host)).map(|_| ()).map_err(IssueError::Name)
        }
        Subtree::Network(address, bits) => {
            let longest = if address.is_ipv4() { 32 } else { 128 };
            if *bits <= longest { Ok(()) } else { Err(IssueError::Name(NameError::Malformed)) }
        }
    }
}

/// Whether it consists of printable ASCII characters without spaces.
fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The names of the certificate.
pub(super) fn alternative_names(template: &Template) -> der::Result<Vec<GeneralName>> {
    let names = template.dns_names.iter().map(|name| dns_name(name));
    let addresses = template.addresses.iter().map(|address| Ok(GeneralName::from(*address)));
    let mailboxes = template.mailboxes.iter().map(|name| Ia5String::new(name).map(GeneralName::Rfc822Name));
    let uris = template.uris.iter().map(|name| uri(name));
    names.chain(addresses).chain(mailboxes).chain(uris).collect()
}

/// The name constraints, if there are any.
pub(super) fn constraints(template: &Template) -> der::Result<Option<NameConstraints>> {
    let subtrees = |all: &[Subtree]| -> der::Result<Option<Vec<GeneralSubtree>>> {
        let subtree = |subtree| Ok(GeneralSubtree { base: constraint(subtree)?, minimum: 0, maximum: None });
        Ok(Some(all.iter().map(subtree).collect::<der::Result<Vec<_>>>()?).filter(|all| !all.is_empty()))
    };
    let permitted_subtrees = subtrees(&template.permitted)?;
    let excluded_subtrees = subtrees(&template.excluded)?;
    let is_needed = permitted_subtrees.is_some() || excluded_subtrees.is_some();
    Ok(is_needed.then_some(NameConstraints { permitted_subtrees, excluded_subtrees }))
}

fn constraint(subtree: &Subtree) -> der::Result<GeneralName> {
    match subtree {
        Subtree::Dns(name) => dns_name(name),
        Subtree::Mail(name) => Ia5String::new(name).map(GeneralName::Rfc822Name),
        Subtree::Uri(name) => uri(name),
        Subtree::Network(address, bits) => {
            let (address, mask) = match address {
                IpAddr::V4(address) => {
                    let mask = u32::MAX.checked_shl(32_u32.saturating_sub((*bits).into())).unwrap_or(0);
                    let address = address.to_bits() & mask;
                    (address.to_be_bytes().to_vec(), mask.to_be_bytes().to_vec())
                }
                IpAddr::V6(address) => {
                    let mask = u128::MAX.checked_shl(128_u32.saturating_sub((*bits).into())).unwrap_or(0);
                    let address = address.to_bits() & mask;
                    (address.to_be_bytes().to_vec(), mask.to_be_bytes().to_vec())
                }
            };
            OctetString::new([address, mask].concat()).map(GeneralName::IpAddress)
        }
    }
}

/// The addresses of CRLs: one point, since each address has the same CRL.
pub(super) fn crl_distribution_points(template: &Template) -> der::Result<Option<CrlDistributionPoints>> {
    if template.crl_urls.is_empty() {
        return Ok(None);
    }
    let urls = template.crl_urls.iter().map(|url| uri(url)).collect::<der::Result<_>>()?;
    let point = DistributionPoint {
        distribution_point: Some(DistributionPointName::FullName(urls)),
        reasons: None,
        crl_issuer: None,
    };
    Ok(Some(CrlDistributionPoints(vec![point])))
}

/// The addresses of OCSP responders and of the issuer's certificate.
pub(super) fn authority_info_access(template: &Template) -> der::Result<Option<AuthorityInfoAccessSyntax>> {
    let responders = template.ocsp_urls.iter().map(|url| (ID_AD_OCSP, url));
    let issuers = template.issuer_urls.iter().map(|url| (ID_AD_CA_ISSUERS, url));
    let all = responders
        .chain(issuers)
        .map(|(access_method, url)| Ok(AccessDescription { access_method, access_location: uri(url)? }));
    let all = all.collect::<der::Result<Vec<_>>>()?;
    Ok((!all.is_empty()).then_some(AuthorityInfoAccessSyntax(all)))
}

fn dns_name(name: &str) -> der::Result<GeneralName> {
    Ia5String::new(name).map(GeneralName::DnsName)
}

fn uri(text: &str) -> der::Result<GeneralName> {
    Ia5String::new(text).map(GeneralName::UniformResourceIdentifier)
}
