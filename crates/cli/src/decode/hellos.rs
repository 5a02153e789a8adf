//! The fingerprints of the hellos in records or handshake messages.

use crate::{
    capture::records::{first_message, is_client_hello},
    fingerprint,
};
use cairn_tls::wire::{
    ContentType, Decode, HandshakeType, Reader, RecordHeader,
    tree::{HandshakeTree, Negotiated},
};

/// A few lines for each hello in these records.
pub(super) fn of_records(bytes: &[u8]) -> String {
    of_messages(&messages(bytes))
}

/// The handshake messages in these records, up to the first encrypted one.
pub(super) fn messages(bytes: &[u8]) -> Vec<u8> {
    let mut messages = Vec::new();
    let (mut has_changed, mut is_encrypted) = (false, false);
    let mut reader = Reader::new(bytes);
    while let Ok(header) = RecordHeader::decode(&mut reader) {
        let Ok(fragment) = reader.bytes(header.length.into(), "fragment") else { break };
        match header.content_type {
            ContentType::HANDSHAKE if is_encrypted && !is_client_hello(fragment) => break,
            ContentType::HANDSHAKE => {
                is_encrypted = false;
                messages.extend_from_slice(fragment);
            }
            // In TLS 1.3 it has no meaning: after a HelloRetryRequest, the second ClientHello and the
            // ServerHello follow it in the clear (RFC 9846 appendix E.4).
            ContentType::CHANGE_CIPHER_SPEC if !has_changed => {
                has_changed = true;
                is_encrypted = HandshakeTree::new(&messages).negotiated() != Negotiated::Tls13;
            }
            _ => {}
        }
    }
    messages
}

/// A few lines for each hello in these handshake messages.
pub(super) fn of_messages(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = bytes;
    while let Some((message, after)) = first_message(rest) {
        rest = after;
        match message.first().map(|first| HandshakeType(*first)) {
            Some(HandshakeType::CLIENT_HELLO) => {
                let Some(client) = fingerprint::Client::of(message) else { continue };
                let (ja3, ja4, raw) = (client.ja3, client.ja4, client.ja4_raw);
                text.push_str(&format!(
                    "\nfingerprints of the ClientHello\n  JA4: {ja4}\n    {raw}\n  JA3: {}\n    {}\n",
                    ja3.hash, ja3.text
                ));
            }
            Some(HandshakeType::SERVER_HELLO) => {
                let Some(ja3s) = fingerprint::of_server_hello(message) else { continue };
                text.push_str(&format!(
                    "\nfingerprint of the ServerHello\n  JA3S: {}\n    {}\n",
                    ja3s.hash, ja3s.text
                ));
            }
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cairn_tls::wire::Random;

    fn message(msg_type: HandshakeType, body: &[u8]) -> Vec<u8> {
        let length = u8::try_from(body.len()).unwrap();
        [&[msg_type.0, 0, 0, length], body].concat()
    }

    fn record(content_type: ContentType, body: &[u8]) -> Vec<u8> {
        let length = u8::try_from(body.len()).unwrap();
        [&[content_type.0, 3, 3, 0, length], body].concat()
    }

    fn found(records: &[(ContentType, &[u8])]) -> Vec<u8> {
        messages(&records.iter().flat_map(|(kind, body)| record(*kind, body)).collect::<Vec<_>>())
    }

    fn server_hello(random: Random, extensions: &[u8]) -> Vec<u8> {
        let length = u8::try_from(extensions.len()).unwrap();
        let body = [&[3, 3][..], &random.0, &[0, 0x13, 1, 0, 0, length], extensions].concat();
        message(HandshakeType::SERVER_HELLO, &body)
    }

    #[test]
    fn messages_after_change_cipher_spec_are_found_unless_they_are_encrypted() {
        const HANDSHAKE: ContentType = ContentType::HANDSHAKE;
        let change: (ContentType, &[u8]) = (ContentType::CHANGE_CIPHER_SPEC, &[1]);
        let data: (ContentType, &[u8]) = (ContentType::APPLICATION_DATA, &[7; 30]);
        let client_hello = message(
            HandshakeType::CLIENT_HELLO,
            &[&[3, 3][..], &[7; 32], &[0, 0, 2, 0x13, 1, 1, 0]].concat(),
        );
        // After a HelloRetryRequest, both sides send another hello in the clear.
        let client = [(HANDSHAKE, &client_hello[..]), change, (HANDSHAKE, &client_hello), change, data];
        assert_eq!(found(&client), [&client_hello[..], &client_hello].concat());
        let retry = server_hello(Random::HELLO_RETRY_REQUEST, &[0, 43, 0, 2, 3, 4, 0, 51, 0, 2, 0, 29]);
        let share = [&[0, 43, 0, 2, 3, 4, 0, 51, 0, 36, 0, 29, 0, 32][..], &[9; 32]].concat();
        let hello = server_hello(Random([7; 32]), &share);
        let server = found(&[(HANDSHAKE, &retry), change, (HANDSHAKE, &hello), data]);
        assert_eq!(server, [&retry[..], &hello].concat());
        assert!(of_messages(&server).contains("JA3S: f4febc55ea12b31ae17cfb7e614afda8"));
        // In TLS 1.2 a Finished follows, and it is encrypted.
        let exchange = message(HandshakeType::CLIENT_KEY_EXCHANGE, &[1, 5]);
        let finished: (ContentType, &[u8]) = (HANDSHAKE, &[1; 40]);
        let client = [(HANDSHAKE, &client_hello[..]), (HANDSHAKE, &exchange), change, finished];
        assert_eq!(found(&client), [&client_hello[..], &exchange].concat());
    }
}
