//! The addresses to connect to and to listen on.

use super::{host::Host, protocol::Protocol};
use crate::failure::{Code, Failure};
use core::{
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

/// The port of HTTPS.
const HTTPS: u16 = 443;

/// The address to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The host.
    pub(crate) host: Host,
    /// The port, if it is given or the scheme of the URL has one.
    port: Option<u16>,
    /// The path and query of a URL, or `/`.
    pub(crate) path: String,
    /// The protocol of a URL whose scheme has a command for TLS.
    pub(crate) starttls: Option<Protocol>,
}

impl Target {
    /// The port, if one is given or implied.
    pub(crate) const fn given_port(&self) -> Option<u16> {
        self.port
    }

    /// The protocol that is spoken before TLS: the one of `--starttls`, or the one that the URL implies.
    pub(crate) fn starttls(&self, named: Option<Protocol>) -> Result<Option<Protocol>, Failure> {
        match (named, self.starttls) {
            (Some(named), Some(implied)) if named != implied => Err(Failure::new(
                Code::Local,
                format!("--starttls {} and the URL of {implied} disagree", named.option()),
            )
            .hint("HOST:PORT instead of the URL leaves the choice to --starttls.")),
            (named, implied) => Ok(named.or(implied)),
        }
    }

    /// The port. `starttls` is the protocol that is spoken before TLS.
    pub(crate) fn port(&self, starttls: Option<Protocol>) -> u16 {
        self.port.unwrap_or_else(|| starttls.map_or(HTTPS, Protocol::port))
    }
}

impl FromStr for Target {
    type Err = String;

    /// Parses `host:port`, `address:port`, `[IPv6 address]:port`, `:port` of this machine, or a URL. Without
    /// a port, that of the URL's scheme applies, if there is one.
    fn from_str(target: &str) -> Result<Self, String> {
        let (target, scheme, path) = match target.split_once("://") {
            Some((scheme, rest)) => (authority(rest), Scheme::parse(scheme)?, path(rest)),
            None => (target, Scheme::default(), "/".into()),
        };
        let (host, explicit) = split(target)?;
        let port = match explicit {
            Some(port) => Some(
                port.parse()
                    .map_err(|_| format!("{port:?} is not a port, which is a number from 0 to 65535"))?,
            ),
            None => scheme.port,
        };
        let host = match (host, explicit) {
            ("", Some(_)) if target.starts_with(':') => "localhost",
            ("", _) => return Err("there is no host".into()),
            (host, _) if host.contains(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '@')) => {
                return Err(format!("{host:?} is not a host; HOST:PORT or https://HOST:PORT/ is expected"));
            }
            (host, _) => host,
        };
        Ok(Self { host: host.parse()?, port, path, starttls: scheme.starttls })
    }
}

/// The address to listen on: `address:port`, `:port` for all addresses of this machine, or a URL.
pub(crate) fn listen(text: &str) -> Result<String, String> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        return Err(format!(
            "an address and a port are expected, as in 127.0.0.1:{text}; :{text} is all addresses"
        ));
    }
    if let Some(port) = text.strip_prefix(':').filter(|port| port.parse::<u16>().is_ok()) {
        return Ok(format!("[::]:{port}"));
    }
    let target: Target = text.parse()?;
    let (host, port) = (target.host.for_resolver(), target.port(None));
    let is_v6 = host.contains(':');
    Ok(if is_v6 { format!("[{host}]:{port}") } else { format!("{host}:{port}") })
}

/// The host and port of a URL, without user information.
fn authority(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// The path and query of a URL.
fn path(rest: &str) -> String {
    let start = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let path = rest.get(start..).unwrap_or_default().split('#').next().unwrap_or_default();
    if path.starts_with('/') { path.into() } else { format!("/{path}") }
}

/// What the scheme of a URL means.
#[derive(Debug, Default)]
struct Scheme {
    port: Option<u16>,
    starttls: Option<Protocol>,
}

impl Scheme {
    fn parse(scheme: &str) -> Result<Self, String> {
        let lower = scheme.to_ascii_lowercase();
        if let Some((protocol, port)) = Protocol::of_scheme(&lower) {
            return Ok(Self { port: Some(port), starttls: Some(protocol) });
        }
        let port = match lower.as_str() {
            "https" | "wss" => HTTPS,
            // They have no port of their own.
            "tls" | "tcp" => return Ok(Self::default()),
            "smtps" | "submissions" => 465,
            "imaps" => 993,
            "pop3s" => 995,
            "ldaps" => 636,
            "ftps" => 990,
            "ircs" => 6697,
            "mqtts" => 8883,
            "amqps" => 5671,
            "http" | "ws" => {
                return Err(format!("{scheme}:// does not use TLS; {scheme}s:// or HOST:PORT is expected"));
            }
            _ => return Err(format!("the scheme {scheme:?} is not known; HOST:PORT is expected")),
        };
        Ok(Self { port: Some(port), starttls: None })
    }
}

/// Splits off the port, if there is one.
fn split(target: &str) -> Result<(&str, Option<&str>), String> {
    Ok(match target.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((host, "")) => (host, None),
            Some((host, port)) => (host, Some(port.strip_prefix(':').ok_or("a port comes after a colon")?)),
            None => return Err("the bracket is not closed".into()),
        },
        None if IpAddr::from_str(target).is_ok() || is_address_with_zone(target) => (target, None),
        None => match target.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (target, None),
        },
    })
}

/// Whether it is an IPv6 address with a zone and without a port, as in `fe80::1%eth0`.
fn is_address_with_zone(target: &str) -> bool {
    let parts = target.split_once('%');
    parts.is_some_and(|(address, zone)| Ipv6Addr::from_str(address).is_ok() && !zone.contains(':'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn target_is_host_and_port() {
        for (target, host, port) in [
            ("example.com:8443", "example.com", 8443),
            ("example.com", "example.com", 443),
            ("127.0.0.1:1", "127.0.0.1", 1),
            ("127.0.0.1", "127.0.0.1", 443),
            ("[::1]:8443", "::1", 8443),
            ("[::1]", "::1", 443),
            ("::1", "::1", 443),
            ("fe80::1%lo", "fe80::1", 443),
            ("fe80::1%lo:8443", "fe80::1", 8443),
            ("[fe80::1%lo]:8443", "fe80::1", 8443),
            (":8443", "localhost", 8443),
        ] {
            let parsed = target.parse::<Target>().unwrap();
            assert_eq!((parsed.host.name(), parsed.port(None)), (host, port), "{target}");
        }
        for target in
            ["", ":", ":x", "host:", "host:no", "host:65536", "[::1", "[::1]8443", "[]:1", "a b:1", "a/b"]
        {
            assert!(target.parse::<Target>().is_err(), "{target}");
        }
    }

    #[test]
    fn target_may_be_a_url() {
        for (target, host, port) in [
            ("https://example.com", "example.com", 443),
            ("https://example.com/a:b/c?d=e:1#f", "example.com", 443),
            ("HTTPS://example.com:8443/", "example.com", 8443),
            ("https://user:secret@example.com:8443/@", "example.com", 8443),
            ("https://[::1]:8443/", "::1", 8443),
            ("imaps://mail.example", "mail.example", 993),
            ("wss://example.com?x", "example.com", 443),
        ] {
            let parsed = target.parse::<Target>().unwrap();
            assert_eq!((parsed.host.name(), parsed.port(None)), (host, port), "{target}");
        }
        for (target, protocol, port) in [
            ("smtp://mail.example", Protocol::Smtp, 25),
            ("submission://mail.example", Protocol::Smtp, 587),
            ("IMAP://user@mail.example/inbox", Protocol::Imap, 143),
            ("ldap://[::1]:1389", Protocol::Ldap, 1389),
            ("postgresql://user:secret@db.example/name?sslmode=require", Protocol::Postgres, 5432),
        ] {
            let parsed = target.parse::<Target>().unwrap();
            assert_eq!((parsed.starttls, parsed.port(None)), (Some(protocol), port), "{target}");
        }
        let named: Target = "mail.example".parse().unwrap();
        assert_eq!((named.port(Some(Protocol::Smtp)), named.port(None)), (25, 443));
        assert!("http://example.com".parse::<Target>().unwrap_err().contains("does not use TLS"));
        for target in ["https://", "https:///path", "gopher://x", "https://host:no/"] {
            assert!(target.parse::<Target>().is_err(), "{target}");
        }
    }

    #[test]
    fn listen_address_is_address_and_port() {
        for (text, address) in [
            ("127.0.0.1:8443", "127.0.0.1:8443"),
            ("localhost:0", "localhost:0"),
            ("[::1]:8443", "[::1]:8443"),
            (":8443", "[::]:8443"),
            ("https://localhost:8443/", "localhost:8443"),
        ] {
            assert_eq!(listen(text).unwrap(), address);
        }
        assert!(listen("8443").unwrap_err().contains("127.0.0.1:8443"));
        assert!(listen("").is_err());
    }
}
