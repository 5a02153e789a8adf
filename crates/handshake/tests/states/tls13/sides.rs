//! The two sides of each configuration, and the words for their messages.

use crate::support::{
    End, Wire, compression::words, edit::message, raw, run, tls13_flows, tls13_mutual_pair, walk::MESSAGES,
};
use crate::tls12::sides::elsewhere as in_tls12;
use cairn_crypto::KeySpec::EcP256;
use cairn_handshake::{ClientAuthentication, ServerPolicy};
use cairn_schedule::{Epoch, Side};
use cairn_wire::HandshakeType;
use std::{collections::BTreeMap, sync::OnceLock};

/// A client without a certificate must be accepted too: whether a certificate is required is policy, not
/// message order.
fn only_request(server: &mut ServerPolicy) {
    server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
}

/// The two sides of a configuration, not started.
pub fn sides(name: &str) -> (End, End) {
    match name {
        ", with client authentication" => tls13_mutual_pair(EcP256, |_| {}, only_request),
        ", with compressed certificates" => tls13_mutual_pair(
            EcP256,
            |client| client.tls13.certificate_compression = words(),
            |server| {
                server.tls13.certificate_compression = words();
                only_request(server);
            },
        ),
        _ => tls13_flows::pair(name),
    }
}

/// The first bytes of the random of HelloRetryRequest (RFC 9846 section 4.2.3).
const RETRY: [u8; 4] = [0xcf, 0x21, 0xad, 0x74];

/// The word for a message.
pub fn letter(from: Side, wire: &Wire) -> Option<&'static str> {
    let Wire::Handshake(_, bytes) = wire else { return None };
    let body = &bytes[4..];
    Some(match HandshakeType(bytes[0]) {
        HandshakeType::SERVER_HELLO if body[2..].starts_with(&RETRY) => "HelloRetryRequest",
        HandshakeType::KEY_UPDATE if body == [1] => "KeyUpdateRequested",
        HandshakeType::CERTIFICATE if from == Side::Client && is_empty(body) => "EmptyCertificate",
        HandshakeType::MESSAGE_HASH => "MessageHash",
        msg_type => MESSAGES.iter().find(|(known, _)| *known == msg_type).map_or("Unknown", |(_, name)| name),
    })
}

/// Whether the body of a Certificate message has no certificates after its context.
fn is_empty(body: &[u8]) -> bool {
    body[1 + usize::from(body[0])..] == [0; 3]
}

/// A client's Certificate message without certificates, in answer to the request with this context.
pub fn empty_certificate(context: &[u8]) -> Wire {
    let mut body = vec![u8::try_from(context.len()).unwrap()];
    body.extend_from_slice(context);
    body.extend_from_slice(&[0; 3]);
    handshake(HandshakeType::CERTIFICATE, &body)
}

fn handshake(msg_type: HandshakeType, body: &[u8]) -> Wire {
    Wire::Handshake(Epoch::Initial, message(msg_type, body))
}

/// A well-formed message for each word, from other runs, for use out of order.
pub fn elsewhere(letter_wanted: &str) -> Wire {
    static MADE: OnceLock<BTreeMap<&'static str, Wire>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let mut made = BTreeMap::from([
            ("HelloRequest", handshake(HandshakeType::HELLO_REQUEST, &[])),
            ("NewSessionTicket", Wire::Handshake(Epoch::Initial, raw::NewSessionTicket::new().message())),
            ("EmptyCertificate", empty_certificate(&[])),
            ("KeyUpdate", handshake(HandshakeType::KEY_UPDATE, &[0])),
            ("KeyUpdateRequested", handshake(HandshakeType::KEY_UPDATE, &[1])),
            ("MessageHash", handshake(HandshakeType::MESSAGE_HASH, &[0; 32])),
            ("Unknown", handshake(HandshakeType(99), &[])),
        ]);
        for name in [
            ", with client authentication",
            ", with compressed certificates",
            ", retried",
            ", with early data",
        ] {
            let (mut client, mut server) = sides(name);
            run(&mut client, &mut server, |from_client, wire| {
                let from = if from_client { Side::Client } else { Side::Server };
                if let Some(letter) = letter(from, wire) {
                    made.entry(letter).or_insert_with(|| wire.clone());
                }
            });
        }
        made
    });
    made.get(letter_wanted).cloned().unwrap_or_else(|| in_tls12(letter_wanted))
}
