//! The names of certificates and of constraints on the command line.

use crate::names;
use cairn_tls::{
    ServerName,
    x509::issue::{Subtree, Template},
};
use core::{net::IpAddr, str::FromStr};

/// The maximum length of a common name in characters (`ub-common-name`, RFC 5280 appendix A.1).
const MAX_COMMON_NAME: usize = 64;

/// The common name of an authority. Without a name, nothing that it issues could name its issuer.
pub(super) fn common_name(text: &str) -> Result<String, String> {
    match text.chars().count() {
        _ if text.trim().is_empty() => Err("an authority needs a name, because certificates name it".into()),
        0..=MAX_COMMON_NAME => Ok(text.into()),
        long => Err(format!(
            "a common name has at most {MAX_COMMON_NAME} characters (RFC 5280 appendix A.1), and this has \
            {long}"
        )),
    }
}

/// A name that a certificate is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Dns(String),
    Ip(IpAddr),
    Mail(String),
    Uri(String),
}

impl FromStr for Name {
    type Err = String;

    /// The kind of a name is plain from its form; a prefix such as `DNS:` states it, as in OpenSSL.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("DNS", name)) => return dns(name),
            Some(("IP", name)) => return name.parse().map(Self::Ip).map_err(|_| "not an IP address".into()),
            Some(("email", name)) => return Ok(Self::Mail(name.into())),
            Some(("URI", name)) => return Ok(Self::Uri(name.into())),
            _ => {}
        }
        if let Ok(address) = text.parse() {
            Ok(Self::Ip(address))
        } else if text.contains("://") || text.starts_with("urn:") {
            Ok(Self::Uri(text.into()))
        } else if text.contains('@') {
            Ok(Self::Mail(text.into()))
        } else {
            dns(text)
        }
    }
}

/// A DNS name in the form that certificates have: A-labels, and no trailing dot.
fn dns(name: &str) -> Result<Name, String> {
    let expected = "expected a DNS name, which may begin with *., an IP address, an e-mail address or a URI";
    let (wildcard, host) = name.split_at(if name.starts_with("*.") { 2 } else { 0 });
    match names::server(host) {
        Ok(ServerName::Dns(host)) => Ok(Name::Dns(format!("{wildcard}{}", host.as_str()))),
        Ok(ServerName::Ip(_)) => Err(expected.into()),
        Err(error) => Err(format!("{error}; {expected}")),
    }
}

impl Name {
    /// Adds the name to a certificate.
    pub(super) fn add_to(&self, template: Template) -> Template {
        match self {
            Self::Dns(name) => template.dns(name),
            Self::Ip(address) => template.ip(*address),
            Self::Mail(name) => template.mailbox(name),
            Self::Uri(name) => template.uri(name),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Dns(name) | Self::Mail(name) | Self::Uri(name) => name.clone(),
            Self::Ip(address) => address.to_string(),
        }
    }
}

/// The name that files are named after.
pub(super) fn file_name(names: &[Name]) -> String {
    names.first().map_or_else(|| "certificate".into(), Name::text)
}

/// The common name of a certificate for these names: the first one, or none if that is too long.
pub(super) fn usual_common_name(names: &[Name]) -> String {
    names.first().map(Name::text).filter(|name| name.len() <= MAX_COMMON_NAME).unwrap_or_default()
}

/// A subtree of a name constraint: `example.com`, `10.0.0.0/8`, `email:example.com`, `URI:.example.com`.
pub(super) fn subtree(text: &str) -> Result<Subtree, String> {
    match text.split_once(':') {
        Some(("email", name)) => return Ok(Subtree::Mail(name.into())),
        Some(("URI", name)) => return Ok(Subtree::Uri(name.into())),
        Some(("DNS", name)) => return dns_subtree(name),
        Some(("IP", name)) => return network(name),
        _ => {}
    }
    if text.contains('/') || text.parse::<IpAddr>().is_ok() {
        network(text)
    } else if text.contains('@') {
        Ok(Subtree::Mail(text.into()))
    } else {
        dns_subtree(text)
    }
}

fn dns_subtree(name: &str) -> Result<Subtree, String> {
    match dns(name)? {
        Name::Dns(name) if !name.starts_with("*.") => Ok(Subtree::Dns(name)),
        _ => Err("a DNS name stands for itself and all names below it, without *.".into()),
    }
}

fn network(text: &str) -> Result<Subtree, String> {
    let expected = "expected an address and the number of leading bits, such as 10.0.0.0/8 or fd00::/8";
    let (address, bits) = text.split_once('/').unwrap_or((text, ""));
    let address: IpAddr = address.parse().map_err(|_| expected)?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let bits = if text.contains('/') { bits.parse().map_err(|_| expected)? } else { longest };
    if bits <= longest { Ok(Subtree::Network(address, bits)) } else { Err(expected.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_of_a_name_is_seen_in_its_form() {
        for (text, name) in [
            ("localhost", Name::Dns("localhost".into())),
            ("*.example.com", Name::Dns("*.example.com".into())),
            ("DNS:a.test", Name::Dns("a.test".into())),
            ("a.test.", Name::Dns("a.test".into())),
            ("*.bücher.test", Name::Dns("*.xn--bcher-kva.test".into())),
            ("127.0.0.1", Name::Ip([127, 0, 0, 1].into())),
            ("::1", Name::Ip("::1".parse().unwrap())),
            ("IP:10.0.0.1", Name::Ip([10, 0, 0, 1].into())),
            ("me@example.com", Name::Mail("me@example.com".into())),
            ("spiffe://lab/web", Name::Uri("spiffe://lab/web".into())),
            ("urn:example:1", Name::Uri("urn:example:1".into())),
        ] {
            assert_eq!(text.parse(), Ok(name), "{text}");
        }
        for wrong in ["", "a b", "*", "a.*.test", "IP:localhost", "10.0.0.256", "DNS:10.0.0.1"] {
            assert!(wrong.parse::<Name>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn authorities_need_a_name_of_at_most_64_characters() {
        for good in ["Lab CA", &"ä".repeat(MAX_COMMON_NAME)] {
            assert_eq!(common_name(good), Ok(good.into()));
        }
        for bad in ["", " ", &"a".repeat(MAX_COMMON_NAME + 1)] {
            assert!(common_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn subtrees_are_names_or_networks() {
        for (text, expected) in [
            ("example.com", Subtree::Dns("example.com".into())),
            ("10.0.0.0/8", Subtree::Network([10, 0, 0, 0].into(), 8)),
            ("10.0.0.1", Subtree::Network([10, 0, 0, 1].into(), 32)),
            ("fd00::/8", Subtree::Network("fd00::".parse().unwrap(), 8)),
            ("email:.example.com", Subtree::Mail(".example.com".into())),
            ("me@example.com", Subtree::Mail("me@example.com".into())),
            ("URI:example.com", Subtree::Uri("example.com".into())),
        ] {
            assert_eq!(subtree(text), Ok(expected), "{text}");
        }
        for wrong in ["", "*.example.com", "10.0.0.0/33", "10.0.0/8", "a/b", "::/129", "10.0.0.0/"] {
            assert!(subtree(wrong).is_err(), "{wrong}");
        }
    }
}
