//! The URL of a proxy.

use crate::{
    failure::{Code, Failure},
    names::{Host, Target},
};
use cairn_tls::crypto::SecretBytes;
use core::{convert::Infallible, fmt, str::FromStr};

/// The argument of `--proxy`. It may have a password, so a parser that prints its faulty input must not see
/// it: it is parsed later.
#[derive(Clone)]
pub(in crate::connect) struct ProxyArgument(SecretBytes);

impl FromStr for ProxyArgument {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.as_bytes().into()))
    }
}

impl fmt::Debug for ProxyArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyArgument(..)")
    }
}

/// A proxy.
pub(in crate::connect) struct ProxyUrl {
    pub(super) kind: Kind,
    pub(super) host: Host,
    pub(super) port: u16,
    /// A user's name and password.
    pub(super) credentials: Option<(String, SecretBytes)>,
}

/// The protocol of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::connect) enum Kind {
    /// HTTP with CONNECT (RFC 9110 section 9.3.6).
    Http,
    /// SOCKS 5 (RFC 1928).
    Socks5 {
        /// The proxy finds the addresses of names.
        resolves: bool,
    },
}

/// The URL without the credentials.
impl fmt::Display for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.kind {
            Kind::Http => "http",
            Kind::Socks5 { resolves: false } => "socks5",
            Kind::Socks5 { resolves: true } => "socks5h",
        };
        write!(f, "{scheme}://{}", self.host.with_port(self.port))
    }
}

impl ProxyArgument {
    /// Parses the URL. Errors do not repeat it, because it may have a password.
    pub(in crate::connect) fn url(&self) -> Result<ProxyUrl, Failure> {
        let wrong = |why: &str| {
            Failure::new(Code::Local, format!("--proxy: {why}")).hint(
                "It is http://[USER:PASSWORD@]HOST:PORT, or the same with socks5:// or socks5h://. With \
                socks5h the proxy finds the address of the server.",
            )
        };
        let text = core::str::from_utf8(self.0.expose()).map_err(|_| wrong("the URL is not UTF-8"))?;
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("a URL is expected"))?;
        let kind = match scheme.to_ascii_lowercase().as_str() {
            "http" => Kind::Http,
            "socks5" => Kind::Socks5 { resolves: false },
            "socks5h" => Kind::Socks5 { resolves: true },
            "https" => return Err(wrong("proxies that speak TLS themselves are not supported")),
            "socks4" | "socks4a" | "socks" => return Err(wrong("of SOCKS, version 5 is supported")),
            _ => return Err(wrong("the scheme is not known")),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (credentials, place) = match rest.rsplit_once('@') {
            Some((credentials, place)) => (Some(credentials), place),
            None => (None, rest),
        };
        let credentials = match credentials.map(|both| both.split_once(':')) {
            Some(Some((user, password))) => {
                let user = decode(user).and_then(|user| String::from_utf8(user).ok());
                let password = decode(password).map(SecretBytes::new);
                Some(user.zip(password).ok_or_else(|| wrong("the user or the password is malformed"))?)
            }
            Some(None) => return Err(wrong("a password follows the user after a colon")),
            None => None,
        };
        let place: Target = place.parse().map_err(|error: String| wrong(&error))?;
        let port = place.given_port().ok_or_else(|| wrong("the port is missing"))?;
        Ok(ProxyUrl { kind, host: place.host, port, credentials })
    }
}

/// Decodes percent signs (RFC 3986 section 2.1).
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        decoded.push(digit()? << 4 | digit()?);
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn url(text: &str) -> Result<ProxyUrl, Failure> {
        text.parse::<ProxyArgument>().unwrap().url()
    }

    #[test]
    fn url_has_scheme_host_and_port() {
        let proxy = url("socks5h://us%3aer:p%40ss:word@[::1]:1080/").unwrap();
        assert_eq!(proxy.kind, Kind::Socks5 { resolves: true });
        assert_eq!((proxy.host.name(), proxy.port), ("::1", 1080));
        let (user, password) = proxy.credentials.as_ref().unwrap();
        assert_eq!((user.as_str(), password.expose()), ("us:er", &b"p@ss:word"[..]));
        assert_eq!(proxy.to_string(), "socks5h://[::1]:1080");
        assert!(url("http://proxy.example:3128").unwrap().credentials.is_none());
    }

    #[test]
    fn errors_do_not_repeat_the_password() {
        for text in [
            "proxy.example:3128",
            "ftp://user:secret@proxy:1",
            "https://user:secret@proxy:1",
            "http://user:secret@proxy",
            "http://user:secret%4@proxy:1",
            "http://secret@proxy:1",
            "http://user:secret@proxy:x",
        ] {
            let failure = url(text).err().unwrap();
            assert!(!failure.to_string().contains("secret"), "{failure}");
        }
        assert!(!format!("{:?}", "secret".parse::<ProxyArgument>()).contains("secret"));
    }
}
