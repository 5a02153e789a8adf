//! Connections with certificates and an external PSK (RFC 8773).

use crate::support::{self, Kind, Pair, SetClock, client_identity, roots, server_identity, server_provider};
use cairn_tls::{
    ClientConfigBuilder, PeerProof, ServerConfig, ServerConfigBuilder, Versions, wire::AlertDescription,
};

const KEY: &[u8] = &[0x42; 32];

fn client() -> ClientConfigBuilder {
    support::client().versions(Versions::Tls13).imported_psk(b"device 7", KEY, b"").unwrap()
}

fn server() -> ServerConfigBuilder {
    let identity = server_identity(Kind::P256);
    let chain: Vec<&[u8]> = identity.chain().collect();
    ServerConfig::builder_with(server_provider().clone())
        .clock(SetClock::new())
        .versions(Versions::Tls13)
        .credential(&chain, identity.signing_key().clone())
        .unwrap()
        .imported_psk(b"device 7", KEY, b"")
        .unwrap()
        .external_psks_with_certificates()
}

fn ready(client: ClientConfigBuilder, server: ServerConfigBuilder) -> Pair {
    Pair::ready(&client.build().unwrap(), &server.build().unwrap())
}

#[test]
fn certificates_authenticate_both_sides_beside_the_psk() {
    let identity = client_identity(Kind::P384);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let client = client().external_psks_with_certificates();
    let client = client.credential(&chain, identity.signing_key().clone()).unwrap();
    let mut pair = ready(client, server().require_client_certificates(roots()));
    for end in [&pair.client, &pair.server] {
        let summary = end.summary();
        let security = summary.security();
        assert_eq!(security.peer, PeerProof::Certificate);
        assert!(security.certificate_with_psk && summary.tls13().unwrap().certificate_with_psk);
        assert!(summary.psk_identity.is_some() && summary.peer_chain.is_some());
    }
    pair.client.write(b"hello");
    pair.run();
    assert_eq!(pair.server.data, b"hello");
}

#[test]
fn connections_with_both_are_not_resumed() {
    let client = client().external_psks_with_certificates().build().unwrap();
    let server = server().build().unwrap();
    for _ in 0..2 {
        let pair = Pair::ready(&client, &server);
        assert!(!pair.client.summary().is_resumed());
        assert!(pair.client.summary().security().certificate_with_psk);
    }
}

#[test]
fn server_serves_clients_without_its_psk_with_certificates_alone() {
    let alone = support::client().versions(Versions::Tls13);
    let pair = ready(alone, server());
    assert_eq!(pair.client.summary().security().peer, PeerProof::Certificate);
    assert!(!pair.server.summary().security().certificate_with_psk);
    // A client that would use the PSK alone.
    let pair = ready(client(), server());
    assert_eq!(pair.client.summary().security().peer, PeerProof::Certificate);
    assert_eq!(pair.client.summary().psk_identity, None);
}

#[test]
fn client_refuses_a_server_with_another_key_or_none() {
    let other = |server: ServerConfigBuilder| {
        let client = client().external_psks_with_certificates().build().unwrap();
        let mut pair = Pair::new(&client, &server.build().unwrap());
        pair.run();
        assert!(!pair.complete());
        (pair.client.error.unwrap().alert, pair.server.error.unwrap().alert)
    };
    let identity = server_identity(Kind::P256);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let bare = || {
        ServerConfig::builder_with(server_provider().clone())
            .clock(SetClock::new())
            .versions(Versions::Tls13)
            .credential(&chain, identity.signing_key().clone())
            .unwrap()
    };
    let refused = Some(AlertDescription::HANDSHAKE_FAILURE);
    assert_eq!(other(bare()).0, refused);
    let with_other = bare().imported_psk(b"device 7", &[0x43; 32], b"").unwrap();
    let (_, of_server) = other(with_other.external_psks_with_certificates());
    assert_eq!(of_server, Some(AlertDescription::ILLEGAL_PARAMETER));
    // A server that uses the PSK alone.
    assert_eq!(other(bare().imported_psk(b"device 7", KEY, b"").unwrap()).0, refused);
}
