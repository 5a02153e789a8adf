//! The server name in a ClientHello, without an answer to it.

use crate::transport::Peeked;
use cairn_tokio::tls::wire::{
    ClientExtension, ClientHello, ContentType, Decode, HandshakeType, NameType, RecordHeader,
};
use std::io;

/// The maximum length of a ClientHello with its record headers that is looked at, in bytes. Those of browsers
/// have about 2,000, with post-quantum key shares.
const MAX_HELLO: usize = 32 << 10;

/// The maximum number of records of a ClientHello.
const MAX_RECORDS: usize = 64;

/// Reads a ClientHello and returns its server name, in lower case; `None` if it has none. Everything stays
/// unread.
///
/// # Errors
/// Those of the transport; [`io::ErrorKind::InvalidData`] if the bytes are no ClientHello.
pub(crate) async fn server_name(peeked: &mut Peeked) -> io::Result<Option<String>> {
    loop {
        let needed = match read(peeked.bytes()) {
            Ok(hello) => return name(&hello),
            Err(Incomplete::Needs(total)) if total <= MAX_HELLO => total,
            Err(_) => return Err(invalid("the client does not begin with a ClientHello")),
        };
        // Nothing is looked at again before there is enough, so that small segments cost nothing.
        while peeked.bytes().len() < needed {
            if !peeked.more(MAX_HELLO).await? {
                return Err(invalid("the client sent no complete ClientHello"));
            }
        }
    }
}

/// The reason that there is no ClientHello.
#[derive(Debug, PartialEq, Eq)]
enum Incomplete {
    /// With fewer bytes than these in total, the result is the same.
    Needs(usize),
    /// It is something else.
    Other,
}

fn invalid(words: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, words)
}

/// The body of the ClientHello in these records.
fn read(bytes: &[u8]) -> Result<Vec<u8>, Incomplete> {
    let (mut message, mut rest) = (Vec::new(), bytes);
    for _ in 0..=MAX_RECORDS {
        if let Some((header, body)) = message.split_at_checked(4)
            && let [msg_type, length @ ..] = header
        {
            let length = length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
            if *msg_type != HandshakeType::CLIENT_HELLO.0 || length > MAX_HELLO {
                return Err(Incomplete::Other);
            }
            if let Some(body) = body.get(..length) {
                return Ok(body.to_vec());
            }
        }
        let consumed = bytes.len().saturating_sub(rest.len());
        let Some((header, after)) = rest.split_at_checked(RecordHeader::LEN) else {
            // Another protocol is known by its first byte.
            let is_tls = rest.first().is_none_or(|first| *first == ContentType::HANDSHAKE.0);
            let needed = consumed.saturating_add(if rest.is_empty() { 1 } else { RecordHeader::LEN });
            return Err(if is_tls { Incomplete::Needs(needed) } else { Incomplete::Other });
        };
        let header = RecordHeader::decode_exact(header).map_err(|_| Incomplete::Other)?;
        if header.content_type != ContentType::HANDSHAKE || header.length == 0 {
            return Err(Incomplete::Other);
        }
        let length = usize::from(header.length);
        let Some((fragment, after)) = after.split_at_checked(length) else {
            return Err(Incomplete::Needs(consumed.saturating_add(RecordHeader::LEN).saturating_add(length)));
        };
        message.extend_from_slice(fragment);
        rest = after;
    }
    Err(Incomplete::Other)
}

fn name(hello: &[u8]) -> io::Result<Option<String>> {
    let hello = ClientHello::decode_exact(hello)
        .map_err(|e| invalid(&format!("the ClientHello is malformed: {e}")))?;
    for extension in hello.extensions.iter().flat_map(|list| list.iter()) {
        if let ClientExtension::ServerName(names) = extension {
            let host = names.iter().find(|name| name.name_type == NameType::HOST_NAME);
            return Ok(host.map(|host| String::from_utf8_lossy(host.name).to_ascii_lowercase()));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use cairn_tokio::tls::{ClientConfig, Connection, ServerName};

    fn hello() -> Vec<u8> {
        let config = ClientConfig::builder().danger_accept_any_certificate();
        let config = config.build().unwrap();
        let mut out = Vec::new();
        Connection::client(&config, ServerName::parse("A.example").unwrap()).start(&mut out).unwrap();
        out
    }

    #[test]
    fn name_is_found_however_the_hello_is_split() {
        let whole = hello();
        let body = read(&whole).unwrap();
        assert_eq!(name(&body).unwrap().as_deref(), Some("a.example"));
        for length in 0..whole.len() {
            let needed = read(whole.get(..length).unwrap());
            assert!(
                matches!(needed, Err(Incomplete::Needs(total)) if total > length),
                "{length}: {needed:?}"
            );
        }
        // In records of 50 bytes.
        let mut split = Vec::new();
        for part in whole.get(5..).unwrap().chunks(50) {
            split.extend_from_slice(&[22, 3, 1, 0, u8::try_from(part.len()).unwrap()]);
            split.extend_from_slice(part);
        }
        assert_eq!(read(&split).unwrap(), body);
    }

    #[test]
    fn other_protocols_are_refused_at_their_first_bytes() {
        for bytes in
            [&b"GET / HTTP/1.1\r\n\r\n"[..], b"\x15\x03\x01\x00\x02\x02\x28", b"\x16\x03\x01\x00\x00"]
        {
            assert_eq!(read(bytes), Err(Incomplete::Other));
        }
        // A ServerHello.
        assert_eq!(read(&[22, 3, 3, 0, 4, 2, 0, 0, 9]), Err(Incomplete::Other));
    }
}
