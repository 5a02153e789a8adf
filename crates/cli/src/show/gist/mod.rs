//! Short descriptions of handshake messages.

mod shared;
mod tls12;
mod tls13;

use cairn_tls::wire::{HandshakeMessage, HandshakeType, Reader, Tls13HandshakeMessage, tree::Negotiated};

/// The content of a message, with its header, in a few words; `None` if it is malformed.
pub(super) fn of(msg_type: HandshakeType, message: &[u8], negotiated: Negotiated) -> Option<String> {
    let mut reader = Reader::new(message);
    match negotiated {
        Negotiated::Tls13 => tls13::of(&Tls13HandshakeMessage::read_message(&mut reader).ok()?),
        Negotiated::Tls12(key_exchange) => {
            tls12::of(&HandshakeMessage::read_message(&mut reader).ok()?, key_exchange)
        }
        // Before ServerHello there is only ClientHello.
        Negotiated::Unknown if msg_type == HandshakeType::CLIENT_HELLO => {
            tls12::of(&HandshakeMessage::read_message(&mut reader).ok()?, None)
        }
        Negotiated::Unknown => None,
    }
}

/// The certificates in a Certificate message, with its header; raw public keys too.
pub(super) fn certificates(message: &[u8], negotiated: Negotiated) -> Vec<Vec<u8>> {
    let mut reader = Reader::new(message);
    match negotiated {
        Negotiated::Tls13 => match Tls13HandshakeMessage::read_message(&mut reader) {
            Ok(Tls13HandshakeMessage::Certificate(message)) => {
                message.certificate_list.iter().map(|entry| entry.cert_data.to_vec()).collect()
            }
            _ => Vec::new(),
        },
        Negotiated::Tls12(_) | Negotiated::Unknown => match HandshakeMessage::read_message(&mut reader) {
            Ok(HandshakeMessage::Certificate(message)) => {
                message.certificate_list.iter().map(|certificate| certificate.0.to_vec()).collect()
            }
            _ => Vec::new(),
        },
    }
}
