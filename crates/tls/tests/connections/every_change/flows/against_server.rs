//! Servers under test, and hostile clients.

use super::{CBC, ECDHE, FirstSession, Flow, bare_server, of, rsa_server};
use crate::support::{Kind, client_identity, roots, server};
use cairn_tls::{
    Renegotiation,
    wire::{CipherSuite, NamedGroup},
    x509::{Roots, raw_key},
};
use std::sync::Arc;

/// The flows against a server.
pub(crate) fn to_server() -> Vec<Flow> {
    let kx = |name, config, suite, message| {
        Flow::server(name, config, suite, [of("ClientKeyExchange", message, "")])
    };
    let kept = || Arc::new(FirstSession::default());
    let spki = raw_key::encode(client_identity(Kind::Ed25519).signing_key().public_key()).unwrap();
    vec![
        Flow {
            everything: true,
            tickets: true,
            warns: true,
            cut_everywhere: true,
            records_of: &["ClientHello", "Finished"],
            ..Flow::server(
                "full",
                server(Kind::P256).alpn(["h2", "http/1.1"]).own_tickets(),
                ECDHE,
                [
                    of("ClientHello", "ClientHello", ""),
                    of("ClientKeyExchange", "ClientKeyExchange/ECDHE", ""),
                    of("ChangeCipherSpec", "ChangeCipherSpec", ""),
                    of("Finished", "Finished", ""),
                    of("Alert", "Alert", ""),
                ],
            )
        },
        Flow {
            own_identity: Some(client_identity(Kind::Ed25519)),
            ..Flow::server(
                "client authentication",
                server(Kind::P256).require_client_certificates(roots()),
                ECDHE,
                [of("Certificate", "Certificate", ""), of("CertificateVerify", "CertificateVerify", "")],
            )
        },
        Flow::server(
            "no certificate",
            server(Kind::P256).request_client_certificates(roots()),
            ECDHE,
            [of("Certificate", "Certificate/empty", "")],
        ),
        Flow {
            own_identity: Some(client_identity(Kind::Ed25519)),
            raw: true,
            ..Flow::server(
                "raw public key",
                server(Kind::P256)
                    .require_client_certificates(Roots::new())
                    .trust_client_raw_public_key(&spki)
                    .unwrap(),
                ECDHE,
                [
                    of("ClientHello", "ClientHello/raw", "extensions.client_certificate_type"),
                    of("ClientHello", "ClientHello/raw", "extensions.server_certificate_type"),
                    of("Certificate", "Certificate/raw", ""),
                ],
            )
        },
        Flow::server(
            "resumed by ID",
            server(Kind::P256).sessions(kept()),
            ECDHE,
            [
                of("ClientHello", "ClientHello/by ID", ""),
                of("ChangeCipherSpec", "ChangeCipherSpec/resuming", ""),
                of("Finished", "Finished/resuming", ""),
            ],
        )
        .resuming(),
        Flow {
            tickets: true,
            ..Flow::server(
                "resumed by ticket",
                server(Kind::P256).own_tickets(),
                ECDHE,
                [of("ClientHello", "ClientHello/by ticket", "")],
            )
        }
        .resuming(),
        Flow {
            again: true,
            records_of: &["Finished/again"],
            ..Flow::server(
                "renegotiated",
                server(Kind::P256).renegotiation(Renegotiation::Allowed),
                CBC,
                [
                    of("ClientHello", "ClientHello/again", ""),
                    of("ChangeCipherSpec", "ChangeCipherSpec/again", ""),
                    of("Finished", "Finished/again", ""),
                ],
            )
        },
        Flow {
            renegotiation_is_refused: true,
            ..Flow::server(
                "renegotiation refused",
                server(Kind::P256),
                ECDHE,
                [of("ClientHello", "ClientHello/refused", "")],
            )
        },
        Flow {
            short: true,
            ..Flow::server(
                "max_fragment_length",
                server(Kind::P256),
                ECDHE,
                [of("ClientHello", "ClientHello/short", "extensions.max_fragment_length")],
            )
        },
        Flow {
            group: NamedGroup::X25519,
            ..kx(
                "X25519",
                rsa_server(),
                CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                "ClientKeyExchange/X25519",
            )
        },
        kx("RSA", rsa_server(), CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256, "ClientKeyExchange/RSA"),
        kx("DHE", rsa_server(), CipherSuite::TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, "ClientKeyExchange/DHE"),
        kx(
            "DH_anon",
            bare_server(),
            CipherSuite::TLS_DH_anon_WITH_AES_128_GCM_SHA256,
            "ClientKeyExchange/DH_anon",
        ),
        kx(
            "ECDH_anon",
            bare_server(),
            CipherSuite::TLS_ECDH_anon_WITH_AES_128_CBC_SHA,
            "ClientKeyExchange/ECDH_anon",
        ),
        kx("PSK", bare_server(), CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256, "ClientKeyExchange/PSK"),
        kx(
            "DHE_PSK",
            bare_server(),
            CipherSuite::TLS_DHE_PSK_WITH_AES_128_GCM_SHA256,
            "ClientKeyExchange/DHE_PSK",
        ),
        kx(
            "ECDHE_PSK",
            bare_server(),
            CipherSuite::TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256,
            "ClientKeyExchange/ECDHE_PSK",
        ),
        kx(
            "RSA_PSK",
            rsa_server(),
            CipherSuite::TLS_RSA_PSK_WITH_AES_128_GCM_SHA256,
            "ClientKeyExchange/RSA_PSK",
        ),
    ]
}
