//! The addresses to connect to and to listen on.

use core::{net::IpAddr, str::FromStr};

/// The port of HTTPS.
const HTTPS: u16 = 443;

/// The address to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// A name or an address, without brackets.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
    /// The path and query of a URL, or `/`.
    pub(crate) path: String,
}

impl FromStr for Target {
    type Err = String;

    /// Parses `host:port`, `address:port`, `[IPv6 address]:port`, `:port` of this machine, or a URL. The
    /// default port is that of HTTPS, or of the URL's scheme.
    fn from_str(target: &str) -> Result<Self, String> {
        let (target, port, path) = match target.split_once("://") {
            Some((scheme, rest)) => (authority(rest), port_of(scheme)?, path(rest)),
            None => (target, HTTPS, "/".into()),
        };
        let (host, explicit) = split(target)?;
        let port = match explicit {
            Some(port) => {
                port.parse().map_err(|_| format!("{port:?} is not a port: a number from 0 to 65535 is"))?
            }
            None => port,
        };
        let host = match (host, explicit) {
            ("", Some(_)) if target.starts_with(':') => "localhost",
            ("", _) => return Err("there is no host".into()),
            (host, _) if host.contains(|c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '@')) => {
                return Err(format!("{host:?} is not a host; HOST:PORT or https://HOST:PORT/ is expected"));
            }
            (host, _) => host,
        };
        Ok(Self { host: host.into(), port, path })
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
    let Target { host, port, .. } = text.parse()?;
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

/// The default port of a URL's scheme.
fn port_of(scheme: &str) -> Result<u16, String> {
    Ok(match scheme.to_ascii_lowercase().as_str() {
        "https" | "wss" | "tls" | "tcp" => HTTPS,
        "smtps" | "submissions" => 465,
        "imaps" => 993,
        "pop3s" => 995,
        "ldaps" => 636,
        "ftps" => 990,
        "ircs" => 6697,
        "mqtts" => 8883,
        "amqps" => 5671,
        "http" | "ws" | "ftp" | "smtp" | "imap" | "ldap" => {
            return Err(format!("{scheme}:// is without TLS; {scheme}s:// or HOST:PORT is expected"));
        }
        _ => return Err(format!("the scheme {scheme:?} is not known; HOST:PORT is expected")),
    })
}

/// Splits off the port, if there is one.
fn split(target: &str) -> Result<(&str, Option<&str>), String> {
    Ok(match target.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((host, "")) => (host, None),
            Some((host, port)) => (host, Some(port.strip_prefix(':').ok_or("a port comes after a colon")?)),
            None => return Err("the bracket is not closed".into()),
        },
        None if IpAddr::from_str(target).is_ok() => (target, None),
        None => match target.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (target, None),
        },
    })
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
            (":8443", "localhost", 8443),
        ] {
            let parsed = target.parse::<Target>().unwrap();
            assert_eq!((parsed.host.as_str(), parsed.port), (host, port), "{target}");
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
            assert_eq!((parsed.host.as_str(), parsed.port), (host, port), "{target}");
        }
        assert!("http://example.com".parse::<Target>().unwrap_err().contains("without TLS"));
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
