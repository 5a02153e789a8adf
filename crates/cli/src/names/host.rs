//! The host to connect to: a name, an internationalised name, or an address with or without a zone.

use core::{fmt, net::Ipv6Addr, str::FromStr};

/// A host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Host {
    /// A name in ASCII, or an address without brackets and zone.
    name: String,
    /// The name in Unicode, if it is an internationalised one.
    unicode: Option<String>,
    /// The zone of an IPv6 address (RFC 4007 section 11), such as the name of an interface.
    zone: Option<String>,
}

impl Host {
    /// The name as it must appear in the certificate, or the address.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The name or address for the system's resolver, with the zone.
    pub(crate) fn for_resolver(&self) -> String {
        match &self.zone {
            Some(zone) => format!("{}%{zone}", self.name),
            None => self.name.clone(),
        }
    }

    /// The host in ASCII and a port, as a URL has them.
    pub(crate) fn with_port(&self, port: u16) -> String {
        if self.name.contains(':') {
            format!("[{}]:{port}", self.name)
        } else {
            format!("{}:{port}", self.name)
        }
    }

    /// The zone of an address.
    pub(crate) fn zone(&self) -> Option<&str> {
        self.zone.as_deref()
    }

    /// The name in Unicode, if it is an internationalised one.
    pub(crate) fn unicode(&self) -> Option<&str> {
        self.unicode.as_deref()
    }

    /// Whether it is an internationalised name.
    pub(crate) const fn is_international(&self) -> bool {
        self.unicode.is_some()
    }
}

impl FromStr for Host {
    type Err = String;

    fn from_str(host: &str) -> Result<Self, String> {
        if host.contains(char::is_control) {
            return Err(format!("{host:?} is not a host: it has control characters"));
        }
        if let Some((address, zone)) = host.split_once('%') {
            let address = Ipv6Addr::from_str(address)
                .map_err(|_| format!("{host:?}: only an IPv6 address has a zone after a percent sign"))?;
            // In a URL the percent sign is itself encoded (RFC 6874 section 2).
            let zone = zone.strip_prefix("25").filter(|rest| !rest.is_empty()).unwrap_or(zone);
            if zone.is_empty() {
                return Err(format!("{host:?}: a zone such as eth0 comes after the percent sign"));
            }
            return Ok(Self { name: address.to_string(), unicode: None, zone: Some(zone.into()) });
        }
        let name = to_ascii(host)?;
        let unicode = to_unicode(&name);
        Ok(Self { name, unicode, zone: None })
    }
}

/// Both forms of an internationalised name, because letters of different scripts can look alike.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.unicode, &self.zone) {
            (Some(unicode), _) => write!(f, "{unicode} ({})", self.name),
            (None, Some(zone)) => write!(f, "{}%{zone}", self.name),
            (None, None) => f.write_str(&self.name),
        }
    }
}

/// A name in ASCII; labels in Unicode become A-labels (RFC 5890) by the rules of UTS 46.
pub(super) fn to_ascii(name: &str) -> Result<String, String> {
    if name.is_ascii() {
        return Ok(name.into());
    }
    let ascii = idna::domain_to_ascii(name).map_err(|_| {
        format!("{name:?} is not an internationalised name (RFC 5891): some characters are not permitted")
    })?;
    // A name like "１２７．０．０．１" must not become an address.
    if ascii.parse::<core::net::IpAddr>().is_ok() || ascii.is_empty() {
        return Err(format!("{name:?} is neither a name nor an address"));
    }
    Ok(ascii)
}

/// The form in Unicode of a name with A-labels.
fn to_unicode(name: &str) -> Option<String> {
    let has_a_label =
        name.split('.').any(|label| label.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--")));
    if !has_a_label {
        return None;
    }
    let (unicode, valid) = idna::domain_to_unicode(name);
    valid.ok().map(|()| unicode)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn internationalised_name_has_both_forms() {
        for name in ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example", "bücher。example"] {
            let host: Host = name.parse().unwrap();
            assert_eq!(host.name(), "xn--bcher-kva.example", "{name}");
            assert_eq!(host.to_string(), "bücher.example (xn--bcher-kva.example)");
            assert!(host.is_international());
        }
        let plain: Host = "example.com".parse().unwrap();
        assert_eq!((plain.to_string().as_str(), plain.is_international()), ("example.com", false));
        for bad in ["ex\u{200b}…\u{fffd}.example", "１２７．０．０．１"] {
            assert!(bad.parse::<Host>().is_err(), "{bad}");
        }
    }

    #[test]
    fn zone_is_for_the_resolver_and_not_part_of_the_name() {
        for text in ["fe80::1%eth0", "fe80::1%25eth0"] {
            let host: Host = text.parse().unwrap();
            assert_eq!((host.name(), host.zone()), ("fe80::1", Some("eth0")));
            assert_eq!(host.for_resolver(), "fe80::1%eth0");
        }
        assert_eq!("fe80::1%25".parse::<Host>().unwrap().zone(), Some("25"));
        for bad in ["fe80::1%", "127.0.0.1%eth0", "example.com%eth0", "fe80::1%\u{1b}[2J", "a\u{1b}[2J.test"]
        {
            assert!(bad.parse::<Host>().is_err(), "{bad}");
        }
    }
}
