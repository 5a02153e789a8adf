//! The server name in a ClientHello, without an answer to it.

use crate::transport::Peeked;
use cairn_tokio::tls::wire::{
    ClientExtension, ClientHello, ContentType, Decode, HandshakeType, NameType, RecordHeader,
};
use std::io;

/// The maximum length of a ClientHello with its record headers that is looked at, in bytes. Those of browsers
/// have about 2,000, with post-quantum key shares.
const MAX_HELLO: usize = 32 << 10;

/// Reads a ClientHello and returns its server name, in lower case; `None` if it has none. Everything stays
/// unread.
///
/// # Errors
/// Those of the transport; [`io::ErrorKind::InvalidData`] if the bytes are no ClientHello.
pub(crate) async fn server_name(peeked: &mut Peeked) -> io::Result<Option<String>> {
    loop {
        match read(peeked.bytes()) {
            Ok(Some(hello)) => return name(&hello),
            Ok(None) => {}
            Err(()) => return Err(invalid("the client does not begin with a ClientHello")),
        }
        if !peeked.more(MAX_HELLO).await? {
            return Err(invalid("the client sent no complete ClientHello"));
        }
    }
}

fn invalid(words: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, words)
}

/// The body of the ClientHello in these records; `None` if they are not complete.
fn read(bytes: &[u8]) -> Result<Option<Vec<u8>>, ()> {
    let (mut message, mut rest) = (Vec::new(), bytes);
    loop {
        if let Some((header, body)) = message.split_at_checked(4)
            && let [msg_type, length @ ..] = header
        {
            let length = length.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
            if *msg_type != HandshakeType::CLIENT_HELLO.0 || length > MAX_HELLO {
                return Err(());
            }
            if let Some(body) = body.get(..length) {
                return Ok(Some(body.to_vec()));
            }
        }
        let Some((header, after)) = rest.split_at_checked(RecordHeader::LEN) else {
            // Another protocol is known by its first byte.
            let is_tls = rest.first().is_none_or(|first| *first == ContentType::HANDSHAKE.0);
            return if is_tls { Ok(None) } else { Err(()) };
        };
        let header = RecordHeader::decode_exact(header).map_err(|_| ())?;
        if header.content_type != ContentType::HANDSHAKE || header.length == 0 {
            return Err(());
        }
        let Some((fragment, after)) = after.split_at_checked(usize::from(header.length)) else {
            return Ok(None);
        };
        message.extend_from_slice(fragment);
        rest = after;
    }
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
        let body = read(&whole).unwrap().unwrap();
        assert_eq!(name(&body).unwrap().as_deref(), Some("a.example"));
        for length in 0..whole.len() {
            assert_eq!(read(whole.get(..length).unwrap()), Ok(None), "{length}");
        }
        // In records of 50 bytes.
        let mut split = Vec::new();
        for part in whole.get(5..).unwrap().chunks(50) {
            split.extend_from_slice(&[22, 3, 1, 0, u8::try_from(part.len()).unwrap()]);
            split.extend_from_slice(part);
        }
        assert_eq!(read(&split).unwrap().unwrap(), body);
    }

    #[test]
    fn other_protocols_are_refused_at_their_first_bytes() {
        for bytes in
            [&b"GET / HTTP/1.1\r\n\r\n"[..], b"\x15\x03\x01\x00\x02\x02\x28", b"\x16\x03\x01\x00\x00"]
        {
            assert_eq!(read(bytes), Err(()));
        }
        // A ServerHello.
        assert_eq!(read(&[22, 3, 3, 0, 4, 2, 0, 0, 9]), Err(()));
    }
}
