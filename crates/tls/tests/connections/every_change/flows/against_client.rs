//! Clients under test, and hostile servers.

use super::{CBC, ECDHE, FirstSession, Flow, PSK, PSK_IDENTITY, bare_client, fresh_client, of};
use crate::support::{
    Kind, LATER, NOW, SetClock, authority, client, client_identity, provider, server_identity,
};
use cairn_tls::{
    MaxFragmentLength, Renegotiation,
    session::NoSessions,
    wire::{CipherSuite, NamedGroup},
    x509::{
        issue::{Identity, OcspTemplate, Template},
        ocsp::State,
        raw_key,
    },
};
use std::sync::{Arc, OnceLock};

/// A server with an intermediate authority.
fn chained() -> &'static Identity {
    static MADE: OnceLock<Identity> = OnceLock::new();
    MADE.get_or_init(|| {
        let between = Template::authority("between").valid(0, LATER);
        let between = between.issue(provider(), Kind::P256.spec(), authority()).unwrap();
        let template = Template::server("server").dns("server.test").valid(0, LATER);
        template.issue(provider(), Kind::Ed25519.spec(), &between).unwrap()
    })
}

/// The flows against a client.
pub(crate) fn to_client() -> Vec<Flow> {
    let kx = |name, config, suite, message| {
        Flow::client(name, config, suite, [of("ServerKeyExchange", message, "")])
    };
    let kept = || Arc::new(FirstSession::default());
    let response = OcspTemplate::new(State::Good, NOW - 10, Some(NOW + 10));
    let certificate = server_identity(Kind::Ed25519).certificate();
    let response = response.sign(provider(), certificate, authority(), authority()).unwrap();
    let own = client_identity(Kind::Ed25519);
    let chain: Vec<&[u8]> = own.chain().collect();
    let spki = raw_key::encode(server_identity(Kind::Ed25519).signing_key().public_key()).unwrap();
    vec![
        Flow {
            everything: true,
            tickets: true,
            requests: true,
            staple: Some(response),
            renegotiation_is_refused: true,
            warns: true,
            cut_everywhere: true,
            records_of: &["ServerHelloDone", "Finished"],
            ..Flow::client(
                "full",
                fresh_client()
                    .alpn(["h2", "http/1.1"])
                    .ask_for_certificate_timestamps()
                    .credential(&chain, own.signing_key().clone())
                    .unwrap(),
                ECDHE,
                [
                    of("ServerHello", "ServerHello", ""),
                    of("Certificate", "Certificate", ""),
                    of("CertificateStatus", "CertificateStatus", ""),
                    of("ServerKeyExchange", "ServerKeyExchange/ECDHE", ""),
                    of("CertificateRequest", "CertificateRequest", ""),
                    of("ServerHelloDone", "ServerHelloDone", ""),
                    of("NewSessionTicket", "NewSessionTicket", ""),
                    of("ChangeCipherSpec", "ChangeCipherSpec", ""),
                    of("Finished", "Finished", ""),
                    of("HelloRequest", "HelloRequest", ""),
                    of("Alert", "Alert", ""),
                ],
            )
        },
        Flow {
            own_identity: Some(chained()),
            ..Flow::client(
                "a chain of two",
                fresh_client(),
                ECDHE,
                [of("Certificate", "Certificate/chain", "certificate_list")],
            )
        },
        Flow {
            raw: true,
            ..Flow::client(
                "raw public key",
                crate::support::tls12_client(provider().clone())
                    .clock(SetClock::new())
                    .sessions(Arc::new(NoSessions))
                    .trust_raw_public_key(&spki)
                    .unwrap(),
                ECDHE,
                [
                    of("ServerHello", "ServerHello/raw", "extensions.server_certificate_type"),
                    of("Certificate", "Certificate/raw", ""),
                ],
            )
        },
        Flow::client(
            "resumed by ID",
            client().no_tickets().sessions(kept()),
            ECDHE,
            [
                of("ServerHello", "ServerHello/by ID", ""),
                of("ChangeCipherSpec", "ChangeCipherSpec/resuming", ""),
                of("Finished", "Finished/resuming", ""),
            ],
        )
        .resuming(),
        Flow {
            tickets: true,
            ..Flow::client(
                "resumed by ticket",
                client().sessions(kept()),
                ECDHE,
                [
                    of("ServerHello", "ServerHello/by ticket", ""),
                    of("NewSessionTicket", "NewSessionTicket/resuming", ""),
                ],
            )
        }
        .resuming(),
        Flow {
            again: true,
            records_of: &["Finished/again"],
            ..Flow::client(
                "renegotiated",
                fresh_client().renegotiation(Renegotiation::Allowed),
                CBC,
                [
                    of("HelloRequest", "HelloRequest/again", ""),
                    of("ServerHello", "ServerHello/again", ""),
                    of("ChangeCipherSpec", "ChangeCipherSpec/again", ""),
                    of("Finished", "Finished/again", ""),
                ],
            )
        },
        Flow {
            short: true,
            ..Flow::client(
                "max_fragment_length",
                fresh_client().no_record_size_limit().max_fragment_length(MaxFragmentLength::Bytes1024),
                ECDHE,
                [of("ServerHello", "ServerHello/short", "extensions.max_fragment_length")],
            )
        },
        Flow {
            group: NamedGroup::X25519,
            ..kx(
                "X25519",
                fresh_client(),
                CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                "ServerKeyExchange/X25519",
            )
        },
        Flow::client(
            "RSA",
            fresh_client(),
            CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256,
            [
                of("ServerHello", "ServerHello/RSA", "extensions.extended_master_secret"),
                of("Certificate", "Certificate/RSA", ""),
            ],
        ),
        kx("DHE", fresh_client(), CipherSuite::TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, "ServerKeyExchange/DHE"),
        kx(
            "DH_anon",
            bare_client(),
            CipherSuite::TLS_DH_anon_WITH_AES_128_GCM_SHA256,
            "ServerKeyExchange/DH_anon",
        ),
        kx(
            "ECDH_anon",
            bare_client(),
            CipherSuite::TLS_ECDH_anon_WITH_AES_128_CBC_SHA,
            "ServerKeyExchange/ECDH_anon",
        ),
        Flow {
            hint: b"hint",
            ..kx("PSK", bare_client(), CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256, "ServerKeyExchange/PSK")
        },
        Flow {
            hint: b"hint",
            ..kx(
                "DHE_PSK",
                bare_client(),
                CipherSuite::TLS_DHE_PSK_WITH_AES_128_GCM_SHA256,
                "ServerKeyExchange/DHE_PSK",
            )
        },
        Flow {
            hint: b"hint",
            ..kx(
                "ECDHE_PSK",
                bare_client(),
                CipherSuite::TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256,
                "ServerKeyExchange/ECDHE_PSK",
            )
        },
        Flow {
            hint: b"hint",
            ..kx(
                "RSA_PSK",
                fresh_client().psk(PSK_IDENTITY, PSK).unwrap(),
                CipherSuite::TLS_RSA_PSK_WITH_AES_128_GCM_SHA256,
                "ServerKeyExchange/RSA_PSK",
            )
        },
    ]
}
