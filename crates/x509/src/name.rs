//! The name of a server: a DNS name or an IP address.

use alloc::sync::Arc;
use core::{fmt, net::IpAddr, str::FromStr};

/// The name of a server. It is checked against the server's certificate (RFC 6125) and, if it is a DNS name,
/// sent in server_name (RFC 6066).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ServerName {
    /// A DNS name.
    Dns(DnsName),
    /// An IP address. It is checked against the certificate but not sent (RFC 6066 section 3).
    Ip(IpAddr),
}

/// A DNS name in the form that TLS sends: A-labels (RFC 5890), in lower case, without a trailing dot. A clone
/// shares its string.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DnsName(Arc<str>);

/// The reason why a string is not a server name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NameError {
    /// It is empty or the root of the DNS.
    Empty,
    /// It contains non-ASCII characters. Such names are written with A-labels, `xn--…`.
    NotAscii,
    /// It contains a wildcard, which does not name one server.
    Wildcard,
    /// It is neither an IP address nor a well-formed DNS name: labels of letters, digits, hyphens and
    /// underscores, separated by periods.
    Malformed,
}

impl ServerName {
    /// Parses a name: an IPv4 or IPv6 address (without brackets, port or zone), or a DNS name in any letter
    /// case, with or without a trailing dot.
    ///
    /// # Errors
    /// A [`NameError`] with the reason.
    pub fn parse(name: &str) -> Result<Self, NameError> {
        match IpAddr::from_str(name) {
            Ok(address) => Ok(Self::Ip(address)),
            Err(_) => DnsName::parse(name).map(Self::Dns),
        }
    }

    /// The DNS name for the `server_name` extension, or `None` for an address (RFC 6066 section 3).
    #[must_use]
    pub fn sni(&self) -> Option<&str> {
        match self {
            Self::Dns(name) => Some(name.as_str()),
            Self::Ip(_) => None,
        }
    }
}

impl DnsName {
    /// Parses a DNS name.
    ///
    /// # Errors
    /// A [`NameError`] with the reason.
    pub fn parse(name: &str) -> Result<Self, NameError> {
        if !name.is_ascii() {
            return Err(NameError::NotAscii);
        }
        if name.is_empty() || name == "." {
            return Err(NameError::Empty);
        }
        let name = name.strip_suffix('.').unwrap_or(name);
        if !is_well_formed(name) {
            return Err(if name.contains('*') { NameError::Wildcard } else { NameError::Malformed });
        }
        let is_lower = !name.bytes().any(|byte| byte.is_ascii_uppercase());
        Ok(Self(if is_lower { name.into() } else { name.to_ascii_lowercase().into() }))
    }

    /// The name in lower case, without a trailing dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a name consists of labels of letters, digits, hyphens and underscores, the last of which is not a
/// number: that would be part of an address. Hyphens may be anywhere, because hosts with a leading or
/// trailing hyphen exist despite RFC 1034 section 3.5.
fn is_well_formed(name: &str) -> bool {
    // The length so far of the current label, and whether it is a number.
    let (mut length, mut is_number) = (0_u8, true);
    for byte in name.bytes().take(254) {
        match byte {
            b'0'..=b'9' => length += 1,
            b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => {
                length += 1;
                is_number = false;
            }
            b'.' if (1..=63).contains(&length) => (length, is_number) = (0, true),
            _ => return false,
        }
    }
    name.len() <= 253 && (1..=63).contains(&length) && !is_number
}

impl FromStr for ServerName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        Self::parse(name)
    }
}

impl FromStr for DnsName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        Self::parse(name)
    }
}

impl From<IpAddr> for ServerName {
    fn from(address: IpAddr) -> Self {
        Self::Ip(address)
    }
}

impl From<DnsName> for ServerName {
    fn from(name: DnsName) -> Self {
        Self::Dns(name)
    }
}

/// Shares the string.
impl From<DnsName> for Arc<str> {
    fn from(name: DnsName) -> Self {
        name.0
    }
}

impl AsRef<str> for DnsName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => name.fmt(f),
            Self::Ip(address) => address.fmt(f),
        }
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "a server name cannot be empty",
            Self::NotAscii => "a server name has letters beyond ASCII: write it with A-labels (xn--...)",
            Self::Wildcard => "a server name cannot have a wildcard",
            Self::Malformed => "this is neither a DNS name nor an IP address",
        })
    }
}

impl core::error::Error for NameError {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn dns_name_is_lowercased_without_trailing_dot() {
        for name in ["example.com", "EXAMPLE.com", "example.com.", "eXample.Com."] {
            let parsed = ServerName::parse(name).unwrap();
            assert_eq!(parsed.sni(), Some("example.com"));
            assert_eq!(parsed.to_string(), "example.com");
        }
        for name in [
            "localhost",
            "a",
            "_dmarc.example",
            "xn--mnchen-3ya.example",
            "1and1.example",
            "a-b.c",
            "foo-.example",
            "-a.example",
            "3.example",
            "r3---sn-4g5e.example",
        ] {
            assert_eq!(ServerName::parse(name).unwrap().sni(), Some(name));
        }
    }

    #[test]
    fn ip_address_is_not_sent_in_server_name() {
        for address in ["127.0.0.1", "::1", "2001:db8::1", "::ffff:192.0.2.1"] {
            let parsed = ServerName::parse(address).unwrap();
            assert_eq!(parsed.sni(), None);
            assert_eq!(parsed.to_string(), address);
        }
    }

    #[test]
    fn invalid_server_names_are_rejected_with_the_reason() {
        assert_eq!(ServerName::parse(""), Err(NameError::Empty));
        assert_eq!(ServerName::parse("."), Err(NameError::Empty));
        assert_eq!(ServerName::parse("münchen.example"), Err(NameError::NotAscii));
        assert_eq!(ServerName::parse("*.example.com"), Err(NameError::Wildcard));
        let long_label = "a".repeat(64);
        let long_name = ["abcdefghi."; 26].concat();
        for name in [
            "a..b",
            ".a",
            "a b",
            "example.com..",
            "[::1]",
            "example.com:443",
            "https://example.com",
            "256.0.0.1",
            "1.2.3",
            "a\0b",
            "a\n",
            &long_label,
            &long_name,
        ] {
            assert_eq!(ServerName::parse(name), Err(NameError::Malformed), "{name:?}");
        }
    }
}
