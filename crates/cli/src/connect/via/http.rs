//! Proxies of HTTP: the method CONNECT (RFC 9110 section 9.3.6).

use super::{broken::broken, url::ProxyUrl};
use crate::{
    failure::{Code, Failure},
    names::Host,
    show::printable,
};
use base64ct::{Base64, Encoding};
use cairn_tls::crypto::SecretBytes;
use std::io::{self, Read, Write};

/// The maximum length of the proxy's answer.
const MAX_ANSWER: usize = 16_384;

/// Asks the proxy for a connection.
pub(super) fn ask(
    transport: &mut (impl Read + Write),
    proxy: &ProxyUrl,
    host: &Host,
    port: u16,
) -> Result<(), Failure> {
    let sent = transport.write_all(request(proxy, host, port).expose()).and_then(|()| transport.flush());
    sent.map_err(|error| broken(&error))?;
    let answer = answer(transport)?;
    let line = answer.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let shown = || printable(&String::from_utf8_lossy(line).chars().take(200).collect::<String>());
    match status(line) {
        Some(200..300) => Ok(()),
        Some(407) if proxy.credentials.is_some() => Err(Failure::new(
            Code::Unreachable,
            format!("it does not accept the user and password: {}", shown()),
        )),
        Some(407) => {
            Err(Failure::new(Code::Unreachable, format!("it requires a user and password: {}", shown()))
                .hint("--proxy http://USER:PASSWORD@HOST:PORT gives a user and password."))
        }
        Some(_) => Err(Failure::new(
            Code::Unreachable,
            format!("it does not connect to {}: {}", host.with_port(port), shown()),
        )
        .hint("Many proxies connect to port 443 alone, or only to some servers.")),
        None => Err(Failure::new(
            Code::Unreachable,
            format!("an answer of HTTP was expected, and it sent \"{}\"", shown()),
        )
        .hint("--proxy must name a proxy and its kind: http://, socks5:// or socks5h://.")),
    }
}

/// The request. Only Basic (RFC 7617) is spoken, so the proxy sees the password in plain text.
fn request(proxy: &ProxyUrl, host: &Host, port: u16) -> SecretBytes {
    let place = host.with_port(port);
    // Long enough for all of it: a growing buffer would leave copies of the password behind.
    let long = proxy.credentials.as_ref().map_or(0, |(user, password)| 2 * (user.len() + password.len()));
    let mut request = Vec::with_capacity(2 * place.len() + long + 128);
    request.extend_from_slice(format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n").as_bytes());
    if let Some((user, password)) = &proxy.credentials {
        let mut both = Vec::with_capacity(user.len() + 1 + password.len());
        both.extend_from_slice(user.as_bytes());
        both.push(b':');
        both.extend_from_slice(password.expose());
        let both = SecretBytes::new(both);
        request.extend_from_slice(b"Proxy-Authorization: Basic ");
        let encoded = SecretBytes::new(Base64::encode_string(both.expose()).into_bytes());
        request.extend_from_slice(encoded.expose());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    SecretBytes::new(request)
}

/// Reads the answer up to the empty line after its fields, and not a byte more: what follows is the server's.
fn answer(transport: &mut impl Read) -> Result<Vec<u8>, Failure> {
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.ends_with(b"\r\n\r\n") && !answer.ends_with(b"\n\n") {
        if answer.len() == MAX_ANSWER {
            return Err(Failure::new(Code::Unreachable, "its answer is too long"));
        }
        // Other protocols do not end their first message with an empty line.
        if answer.len() == 5 && answer != b"HTTP/" {
            return Ok(answer);
        }
        match transport.read(&mut byte) {
            Ok(0) => return Err(broken(&io::ErrorKind::UnexpectedEof.into())),
            Ok(_) => answer.extend_from_slice(&byte),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(broken(&error)),
        }
    }
    Ok(answer)
}

/// The status in a status line of HTTP/1.0 or HTTP/1.1 (RFC 9112 section 4).
fn status(line: &[u8]) -> Option<u16> {
    // The words after the status may be in any encoding.
    let rest = line.strip_prefix(b"HTTP/1.")?.get(1..)?.strip_prefix(b" ")?;
    let digits = rest.split(|byte| *byte == b' ').next().filter(|digits| digits.len() == 3)?;
    core::str::from_utf8(digits).ok()?.parse().ok().filter(|status| (100..600).contains(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_line_is_that_of_http_1() {
        assert_eq!(status(b"HTTP/1.1 200 Connection established"), Some(200));
        assert_eq!(status(b"HTTP/1.0 407"), Some(407));
        assert_eq!(status(b"HTTP/1.1 407 Authentification exig\xe9e"), Some(407), "ISO 8859-1");
        for line in [&b"HTTP/2 200"[..], b"HTTP/1.1 20", b"HTTP/1.1 2000 x", b"HTTP/1.1 +20", b"SSH-2.0", b""]
        {
            assert_eq!(status(line), None, "{line:?}");
        }
    }
}
