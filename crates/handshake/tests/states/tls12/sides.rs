//! The two sides of each configuration, and the words for their messages.

use crate::support::{
    End, Wire, client_policy, mutual_pair, resuming_pair, run, server_policy, staple, tls13_pair,
    walk::{self, renegotiating_pair},
};
use cairn_crypto::KeySpec;
use cairn_handshake::{ClientAuthentication, Renegotiation, ServerPolicy};
use cairn_schedule::{Epoch, Side};
use cairn_wire::{Alert, AlertDescription};
use std::{collections::BTreeMap, sync::OnceLock};

/// The two sides of a configuration, not started.
pub fn sides(name: &str) -> (End, End) {
    let spec = KeySpec::EcP256;
    match name {
        "renegotiation" => renegotiating_pair(|_| {}, |_| {}),
        "renegotiation with client authentication" => mutual_pair(
            spec,
            spec,
            |client| client.tls12.renegotiation = Renegotiation::Allowed,
            |server| {
                server.tls12.renegotiation = Renegotiation::Allowed;
                requests_certificate(server);
            },
        ),
        "renegotiation after a resumed session" => resuming_pair(
            |client| client.tls12.renegotiation = Renegotiation::Allowed,
            |server| server.tls12.renegotiation = Renegotiation::Allowed,
        ),
        "TLS 1.2, which the server chooses from a hello of both versions" => {
            tls13_pair(spec, |_| {}, |policy| *policy = server_policy())
        }
        "TLS 1.2, which a server of both versions chooses from a hello of it" => {
            tls13_pair(spec, |policy| *policy = client_policy(), |_| {})
        }
        "with everything" => stapled(sides("with a ticket and client authentication")),
        "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256, hint, stapled"
        | "TLS_RSA_WITH_AES_128_GCM_SHA256, request, stapled" => {
            stapled(walk::flow(name.trim_end_matches(", stapled")))
        }
        "with client authentication" => mutual_pair(spec, spec, |_| {}, requests_certificate),
        "with a ticket and client authentication" => mutual_pair(
            spec,
            spec,
            |client| client.resumption.as_mut().unwrap().tickets = true,
            |server| {
                server.resumption.as_mut().unwrap().tickets = true;
                requests_certificate(server);
            },
        ),
        "TLS_RSA_WITH_AES_128_GCM_SHA256, client authentication" => {
            let (suite, spec) =
                (walk::named_suite("TLS_RSA_WITH_AES_128_GCM_SHA256"), KeySpec::Rsa { bits: 2048 });
            mutual_pair(
                spec,
                spec,
                |client| client.tls12.suites = vec![suite],
                |server| {
                    server.tls12.suites = vec![suite];
                    requests_certificate(server);
                },
            )
        }
        _ => walk::flow(name),
    }
}

/// A client without a certificate must be accepted too: whether a certificate is required is policy, not
/// message order.
fn requests_certificate(server: &mut ServerPolicy) {
    server.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
}

fn stapled((client, mut server): (End, End)) -> (End, End) {
    staple(&mut server);
    (client, server)
}

/// The word for an item on the wire.
pub fn letter(from: Side, wire: &Wire) -> Option<&'static str> {
    match wire {
        Wire::Handshake(_, bytes) if from == Side::Client && bytes[..] == EMPTY_CERTIFICATE => {
            Some("EmptyCertificate")
        }
        Wire::Handshake(_, bytes) => walk::MESSAGES
            .iter()
            .find(|(msg_type, _)| msg_type.0 == bytes[0])
            .map(|(_, name)| *name)
            .or(Some("Unknown")),
        Wire::ChangeCipherSpec => Some("ChangeCipherSpec"),
        Wire::Alert(alert) => {
            (alert.description == AlertDescription::NO_RENEGOTIATION).then_some("NoRenegotiation")
        }
    }
}

const EMPTY_CERTIFICATE: [u8; 7] = [11, 0, 0, 3, 0, 0, 0];

/// A well-formed message for each word, from other runs, for use out of order.
pub fn elsewhere(letter_wanted: &str) -> Wire {
    static MADE: OnceLock<BTreeMap<&'static str, Wire>> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let mut made = BTreeMap::from([
            ("HelloRequest", Wire::Handshake(Epoch::Initial, vec![0, 0, 0, 0])),
            ("EmptyCertificate", Wire::Handshake(Epoch::Initial, EMPTY_CERTIFICATE.to_vec())),
            ("Unknown", Wire::Handshake(Epoch::Initial, vec![99, 0, 0, 0])),
            ("EncryptedExtensions", Wire::Handshake(Epoch::Initial, vec![8, 0, 0, 2, 0, 0])),
            // One compressed byte, with an experimental algorithm.
            (
                "CompressedCertificate",
                Wire::Handshake(Epoch::Initial, vec![25, 0, 0, 9, 0x40, 1, 0, 0, 1, 0, 0, 1, 0]),
            ),
            ("EndOfEarlyData", Wire::Handshake(Epoch::Initial, vec![5, 0, 0, 0])),
            ("KeyUpdate", Wire::Handshake(Epoch::Initial, vec![24, 0, 0, 1, 0])),
            ("ChangeCipherSpec", Wire::ChangeCipherSpec),
            ("NoRenegotiation", Wire::Alert(Alert::warning(AlertDescription::NO_RENEGOTIATION))),
        ]);
        let (mut client, mut server) = sides("with everything");
        run(&mut client, &mut server, |from_client, wire| {
            let from = if from_client { Side::Client } else { Side::Server };
            made.entry(letter(from, wire).unwrap()).or_insert_with(|| wire.clone());
        });
        made
    });
    made.get(letter_wanted).unwrap_or_else(|| panic!("no {letter_wanted}")).clone()
}
