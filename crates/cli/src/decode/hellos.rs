//! The fingerprints of the hellos in records or handshake messages.

use crate::{capture::records::first_message, fingerprint};
use cairn_tls::wire::{ContentType, Decode, HandshakeType, Reader, RecordHeader};

/// A few lines for each hello in these records.
pub(super) fn of_records(bytes: &[u8]) -> String {
    of_messages(&messages(bytes))
}

/// The handshake messages in these records, up to the first encrypted one.
pub(super) fn messages(bytes: &[u8]) -> Vec<u8> {
    let mut messages = Vec::new();
    let mut reader = Reader::new(bytes);
    while let Ok(header) = RecordHeader::decode(&mut reader) {
        let Ok(fragment) = reader.bytes(header.length.into(), "fragment") else { break };
        match header.content_type {
            ContentType::HANDSHAKE => messages.extend_from_slice(fragment),
            // Handshake messages after it are encrypted.
            ContentType::CHANGE_CIPHER_SPEC => break,
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
