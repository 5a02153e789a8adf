//! A configuration for TCP serves QUIC too, if it has what QUIC needs (RFC 9001).

use crate::{
    refused,
    support::{Kind, client, server},
};
use cairn_config::{
    ClientConfig, ClientConfigBuilder, ConfigError, ConnectionConfig, ServerConfig, ServerConfigBuilder,
    Versions,
};
use cairn_handshake::QuicParameters;
use cairn_wire::CipherSuite;
use cairn_x509::ServerName;
use core::num::NonZeroU32;

fn parameters() -> QuicParameters {
    QuicParameters {
        version: NonZeroU32::MIN,
        transport_parameters: [].into(),
        early_data_context: [].into(),
    }
}

fn of_client(config: &ClientConfig) -> Result<ConnectionConfig, ConfigError> {
    ConnectionConfig::quic_client(config, ServerName::parse("localhost").unwrap(), parameters())
}

fn of_server(config: &ServerConfig) -> Result<ConnectionConfig, ConfigError> {
    ConnectionConfig::quic_server(config, parameters())
}

/// A setting of a client, and the same of a server.
type Settings =
    (fn(ClientConfigBuilder) -> ClientConfigBuilder, fn(ServerConfigBuilder) -> ServerConfigBuilder);

/// Both sides with these settings are rejected with these words.
fn rejected(change: Settings, words: &str) {
    refused(of_client(&change.0(client()).build().unwrap()), words);
    refused(of_server(&change.1(server(Kind::P256)).build().unwrap()), words);
}

#[test]
fn configuration_with_tls_1_3_and_a_protocol_serves_quic() {
    assert!(of_client(&client().alpn(["h3"]).build().unwrap()).is_ok());
    assert!(of_server(&server(Kind::P256).alpn(["h3"]).build().unwrap()).is_ok());
}

#[test]
fn configuration_without_what_quic_needs_is_rejected() {
    rejected(
        (|client| client, |server| server),
        "QUIC needs an application protocol, and the configuration has none",
    );
    rejected(
        (
            |client| client.alpn(["h3"]).versions(Versions::Tls12),
            |server| server.alpn(["h3"]).versions(Versions::Tls12),
        ),
        "QUIC needs TLS 1.3, which the configuration does not include",
    );
    const SUITES: [CipherSuite; 2] =
        [CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_AES_128_CCM_8_SHA256];
    rejected(
        (
            |client| client.alpn(["h3"]).suites(&SUITES).unwrap(),
            |server| server.alpn(["h3"]).suites(&SUITES).unwrap(),
        ),
        "TLS_AES_128_CCM_8_SHA256 cannot be used with QUIC",
    );
}

/// RFC 9369 section 5: tickets belong to a version.
#[test]
fn sessions_of_each_transport_have_keys_of_their_own() {
    let config = client().alpn(["h3"]).build().unwrap();
    let name = || ServerName::parse("localhost").unwrap();
    let other = QuicParameters { version: NonZeroU32::MAX, ..parameters() };
    let keys = [
        ConnectionConfig::client(&config, name()),
        of_client(&config).unwrap(),
        ConnectionConfig::quic_client(&config, name(), other).unwrap(),
    ]
    .map(|connection| connection.session_key().unwrap());
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2], "{keys:?}");
    assert_eq!(of_client(&config).unwrap().session_key().as_ref(), Some(&keys[1]));
}
