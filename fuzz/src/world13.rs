//! The scenarios of TLS 1.3, and those of sides that speak both versions.

use crate::world::{
    Scenario, Tls13Psk, client, credential, full, identity, ocsp_response, resumed, roots, server, ticket_key,
};
use cairn_crypto::HashAlgorithm;
use cairn_tls::session::SharedKeys;
use cairn_tls::wire::NamedGroup as G;
use cairn_tls::{ClientConfigBuilder, ServerConfigBuilder, Side, Versions, certificate_compressions};
use std::sync::Arc;

/// An input selects one by its index, so new ones come last.
pub(crate) fn make_scenarios() -> Vec<Scenario> {
    use Versions::{Both, Tls12, Tls13};
    let known = |versions| client().trust(roots()).versions(versions).groups(&[G::X25519, G::SECP256R1]);
    let shown = |versions| {
        let server = server().credential_value(credential(identity(Side::Server))).unwrap();
        server.versions(versions).groups(&[G::X25519, G::SECP256R1])
    };
    let ticket = |name, client: ClientConfigBuilder, server: ServerConfigBuilder| {
        resumed(name, client, server.tickets(Arc::new(SharedKeys::new([ticket_key()]))))
    };
    let own = || credential(identity(Side::Client));
    let authenticated = |scenario| Scenario { client_credential: Some(own()), ..scenario };
    vec![
        full("TLS 1.3, GREASE", known(Tls13).grease(), shown(Tls13)),
        authenticated(full(
            "TLS 1.3, client certificate, compression, ALPN, stapling",
            known(Tls13)
                .credential_value(own())
                .unwrap()
                .certificate_compression(certificate_compressions())
                .alpn(["h2", "http/1.1"]),
            shown(Tls13)
                .require_client_certificates(roots())
                .certificate_compression(certificate_compressions())
                .alpn(["http/1.1"])
                .ocsp_response(&ocsp_response())
                .unwrap()
                .context_id(b"fuzz"),
        )),
        full("HelloRetryRequest", known(Tls13), shown(Tls13).groups(&[G::SECP256R1])),
        ticket("TLS 1.3, resumed by ticket", known(Tls13), shown(Tls13)),
        ticket("early data", known(Tls13).early_data(), shown(Tls13).early_data(1000)),
        ticket("rejected early data", known(Tls13).early_data(), shown(Tls13)),
        authenticated(full(
            "client certificate after the handshake",
            known(Tls13).credential_value(own()).unwrap().post_handshake_auth(),
            shown(Tls13).request_client_certificates_later(roots()),
        )),
        full(
            "external PSK",
            known(Tls13).external_psk(Tls13Psk::IDENTITY, Tls13Psk::KEY, HashAlgorithm::Sha256).unwrap(),
            shown(Tls13).external_psk(Tls13Psk::IDENTITY, Tls13Psk::KEY, HashAlgorithm::Sha256).unwrap(),
        ),
        ticket("both versions, resumed by ticket", known(Both), shown(Both)),
        ticket(
            "a client of both versions, a server of TLS 1.2, resumed by ticket",
            known(Both),
            shown(Tls12),
        ),
        full("a client of TLS 1.2, a server of both versions", known(Tls12), shown(Both)),
        full("a client of TLS 1.3, a server of both versions", known(Tls13), shown(Both)),
    ]
}
