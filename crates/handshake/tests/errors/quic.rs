//! The modification of a handshake over QUIC for each kind of error that only it has.

use crate::{
    case::{Case, P256, honest, tampered},
    support::{End, Wire, raw, tls13_pair},
};
use cairn_handshake::{ClientPolicy, Machine, QuicParameters, ServerPolicy};
use cairn_wire::{AlertDescription as A, ExtensionType as X};
use core::{mem, num::NonZeroU32};
use std::sync::Arc;

/// A pair over QUIC.
fn quic_pair(client: impl FnOnce(&mut ClientPolicy), server: impl FnOnce(&mut ServerPolicy)) -> (End, End) {
    let protocols = || vec![b"h3".to_vec()];
    let (mut ours, mut theirs) = tls13_pair(
        P256,
        |policy| {
            policy.alpn_protocols = protocols();
            client(policy);
        },
        |policy| {
            policy.alpn_protocols = protocols();
            server(policy);
        },
    );
    for end in [&mut ours, &mut theirs] {
        let placeholder = Machine::server(Arc::new(crate::support::server_policy()));
        let machine = mem::replace(&mut end.machine, placeholder);
        let parameters = QuicParameters {
            version: NonZeroU32::MIN,
            transport_parameters: [].into(),
            early_data_context: [].into(),
        };
        end.machine = machine.for_quic(parameters);
    }
    (ours, theirs)
}

#[rustfmt::skip]
pub(crate) fn cases() -> Vec<Case> {
    Vec::from(cases! {
    NoApplicationProtocol, "a client without protocols", Some(A::NO_APPLICATION_PROTOCOL), || {
        honest(quic_pair(|client| client.alpn_protocols.clear(), |_| {})).1
    };
    TransportParametersWithoutQuic, "parameters over TCP", Some(A::UNSUPPORTED_EXTENSION), || {
        tampered(tls13_pair(P256, |_| {}, |_| {}), |wire| raw::client_hello(wire, |hello| {
            hello.extensions.add(X::QUIC_TRANSPORT_PARAMETERS, &[]);
        })).1
    };
    SessionIdInQuic, "a session ID", Some(A::ILLEGAL_PARAMETER), || {
        tampered(quic_pair(|_| {}, |_| {}), |wire| raw::client_hello(wire, |hello| {
            hello.session_id = vec![7; 32];
        })).1
    };
    EarlyDataSizeInQuic, "a ticket for 1,000 bytes, after the handshake", Some(A::ILLEGAL_PARAMETER), || {
        let (mut client, _server) = honest(quic_pair(|_| {}, |_| {}));
        let mut ticket = raw::NewSessionTicket::new();
        ticket.extensions.add(X::EARLY_DATA, &1000_u32.to_be_bytes());
        client.receive(&Wire::Handshake(client.machine.read_epoch(), ticket.message()));
        client
    };
    })
}
