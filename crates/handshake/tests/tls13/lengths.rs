//! Every message of TLS 1.3, shortened at each byte and extended: its length field is adjusted, so that only
//! the content is wrong (RFC 9846 section 6.2, decode_error: "A message could not be decoded because some
//! field was out of the specified range or the length of the message was incorrect").

use crate::support::{End, Wire, edit::message, go_on, later_pair, tls13_flows};
use cairn_crypto::KeySpec::EcP256;
use cairn_handshake::{HandshakeErrorKind as Kind, Input};
use cairn_schedule::Side;
use cairn_wire::{AlertDescription as A, HandshakeType as H, KeyUpdateRequest};
use std::collections::BTreeSet;

/// The flows, which together have every message and extension of TLS 1.3.
const FLOWS: [&str; 8] = [
    "",
    ", retried",
    ", with client authentication",
    ", with a client that has no certificate",
    ", with compressed certificates",
    ", with a ticket",
    ", with early data",
    ", with a compressed certificate, authenticated later",
];

/// A message of a flow: its receiver, and how many messages the receiver has had before.
#[derive(Clone, Copy, Debug)]
struct Place {
    flow: &'static str,
    to: Side,
    number: usize,
}

/// Runs a flow and what follows its handshake. `change` sees the bytes of each message before it arrives,
/// with its receiver and number.
fn play(flow: &'static str, mut change: impl FnMut(Place, &mut Vec<u8>)) -> (End, End) {
    let (mut client, mut server) =
        if flow.is_empty() { later_pair(EcP256, |_| {}, |_| {}) } else { tls13_flows::pair(flow) };
    let mut received = [0; 2];
    let mut tamper = |from_client: bool, wire: &mut Wire| {
        let to = if from_client { Side::Server } else { Side::Client };
        if let Wire::Handshake(_, bytes) = wire {
            let number = &mut received[usize::from(from_client)];
            change(Place { flow, to, number: *number }, bytes);
            *number += 1;
        }
    };
    client.start();
    server.start();
    go_on(&mut client, &mut server, &mut tamper);
    for input in
        [Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateRequested }, Input::RequestCertificate]
    {
        let is_later = flow.is_empty() || flow.ends_with("authenticated later");
        if client.machine.is_established()
            && server.machine.is_established()
            && (is_later || !matches!(input, Input::RequestCertificate))
        {
            server.step(input);
            go_on(&mut client, &mut server, &mut tamper);
        }
    }
    (client, server)
}

/// The error of the receiver when one message of a flow is changed.
fn changed(at: Place, change: impl Fn(&mut Vec<u8>)) -> Option<Kind> {
    let (client, server) = play(at.flow, |place, bytes| {
        if (place.to, place.number) == (at.to, at.number) {
            let mut body = bytes[4..].to_vec();
            change(&mut body);
            *bytes = message(H(bytes[0]), &body);
        }
    });
    if at.to == Side::Client { client.kind() } else { server.kind() }
}

/// The lengths at which a shorter message is another valid one: a hello of TLS 1.2 without extensions.
fn ends_early(msg_type: H, body: &[u8]) -> Option<usize> {
    let session_id = 2 + 32;
    let after_session_id = session_id + 1 + usize::from(*body.get(session_id)?);
    match msg_type {
        H::CLIENT_HELLO => {
            let suites = usize::from(u16::from_be_bytes(body[after_session_id..][..2].try_into().unwrap()));
            let compression = after_session_id + 2 + suites;
            Some(compression + 1 + usize::from(body[compression]))
        }
        H::SERVER_HELLO => Some(after_session_id + 3),
        _ => None,
    }
}

#[test]
fn message_of_another_length_is_decode_error() {
    let (mut tried, mut differences) = (BTreeSet::new(), Vec::new());
    for flow in FLOWS {
        let mut messages = Vec::new();
        let (client, server) = play(flow, |place, bytes| messages.push((place, bytes.clone())));
        assert_eq!((client.kind(), server.kind()), (None, None), "{flow}");
        for (place, bytes) in messages {
            let (msg_type, body) = (H(bytes[0]), &bytes[4..]);
            tried.insert((place.to == Side::Client, msg_type.0));
            let mut check = |what: &str, kind: Option<Kind>| {
                if kind.and_then(|kind| kind.alert()) != Some(A::DECODE_ERROR) {
                    differences.push(format!("{msg_type} with {what}, {place:?}: {kind:?}"));
                }
            };
            check("one more byte", changed(place, |body| body.push(0)));
            // Inside long contents, every fifth byte; where the first flow has the same message, fewer.
            let step = if flow.is_empty() { 5 } else { 23 };
            for length in (0..body.len()).filter(|length| body.len() < 100 || length % step == 0) {
                if ends_early(msg_type, body) != Some(length) {
                    let missing = body.len() - length;
                    // A signature may have another length in each run.
                    let shorten = |body: &mut Vec<u8>| body.truncate(body.len().saturating_sub(missing));
                    check(&format!("{length} of {} bytes", body.len()), changed(place, shorten));
                }
            }
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
    // Every message that a flow of TLS 1.3 has.
    let to_client = [
        H::SERVER_HELLO,
        H::NEW_SESSION_TICKET,
        H::ENCRYPTED_EXTENSIONS,
        H::CERTIFICATE,
        H::COMPRESSED_CERTIFICATE,
        H::CERTIFICATE_REQUEST,
        H::CERTIFICATE_VERIFY,
        H::FINISHED,
        H::KEY_UPDATE,
    ];
    let to_server = [
        H::CLIENT_HELLO,
        H::END_OF_EARLY_DATA,
        H::CERTIFICATE,
        H::COMPRESSED_CERTIFICATE,
        H::CERTIFICATE_VERIFY,
        H::FINISHED,
        H::KEY_UPDATE,
    ];
    let all: BTreeSet<_> =
        to_client.map(|t| (true, t.0)).into_iter().chain(to_server.map(|t| (false, t.0))).collect();
    assert_eq!(tried, all);
}
