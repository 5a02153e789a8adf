//! The rules for external PSKs of TLS 1.3 (RFC 9846 section 4.3.11, RFC 9258).

use super::{
    no_client, no_server, refused,
    support::{Kind, client, roots, server},
};
use cairn_config::{ConfigError, Versions};
use cairn_crypto::HashAlgorithm;

const KEY: &[u8] = &[0x5c; 32];
const SHA256: HashAlgorithm = HashAlgorithm::Sha256;

const REUSED: &str = "a pre-shared key is used directly in TLS 1.3 (external_psk), and also with another \
                      hash, imported, or in TLS 1.2";

#[test]
fn psk_authenticates_its_own_version_alone() {
    for versions in [Versions::Both, Versions::Tls13] {
        let client = no_client().versions(versions).external_psk(b"a", KEY, SHA256).unwrap().build().unwrap();
        assert_eq!(client.policy().tls13.external_psks.len(), 1);
        assert!(client.policy().tls12.suites.is_empty());
        let server = no_server().versions(versions).external_psk(b"a", KEY, SHA256).unwrap().build().unwrap();
        assert!(server.policy().tls12.suites.is_empty());
    }
    let client = no_client().versions(Versions::Tls12).external_psk(b"a", KEY, SHA256).unwrap();
    assert!(matches!(client.build(), Err(ConfigError::NoTrust)));
    let server = no_server().versions(Versions::Tls12).external_psk(b"a", KEY, SHA256).unwrap();
    assert!(matches!(server.build(), Err(ConfigError::NoCredential)));
    let client = no_client().psk(b"a", KEY).unwrap().build().unwrap();
    assert!(client.policy().tls13.suites.is_empty() && !client.policy().tls12.suites.is_empty());
    let server = no_server().psk(b"a", KEY).unwrap().build().unwrap();
    assert!(server.policy().tls13.suites.is_empty() && !server.policy().tls12.suites.is_empty());
    no_client().psk(b"a", &[1; 32]).unwrap().external_psk(b"a", KEY, SHA256).unwrap().build().unwrap();
}

#[test]
fn imported_psk_has_one_identity_for_each_hash() {
    let builder = no_client().versions(Versions::Tls13).imported_psk(b"a", KEY, b"context").unwrap();
    // Again: the identities are the same.
    let config = builder.imported_psk(b"a", KEY, b"context").unwrap().build().unwrap();
    let psks = &config.policy().tls13.external_psks;
    let hashes: Vec<HashAlgorithm> = psks.iter().map(|offered| offered.psk.hash()).collect();
    assert_eq!(hashes, [HashAlgorithm::Sha256, HashAlgorithm::Sha384]);
    assert_ne!(psks[0].identity, psks[1].identity);
    assert!(psks[0].identity.starts_with(b"\x00\x01a\x00\x07context\x03\x04"));
    assert_ne!(psks[0].psk.secret().expose(), KEY);
}

/// RFC 9258 section 5.1: "If the EPSK does not have such an associated hash function, SHA-256 SHOULD be
/// used." The known answers are those of `cairn-schedule`.
#[test]
fn imported_psk_is_derived_with_sha_256() {
    let key: Vec<u8> = (0..32).collect();
    let builder = no_client().versions(Versions::Tls13).imported_psk(b"identity", &key, b"context");
    let config = builder.unwrap().build().unwrap();
    let psks = &config.policy().tls13.external_psks;
    let start = |place: usize| &psks[place].psk.secret().expose()[..8];
    assert_eq!(start(0), [0x1e, 0xa7, 0x6c, 0xb3, 0x45, 0x61, 0x0f, 0x68]);
    assert_eq!(start(1), [0x22, 0xde, 0x0b, 0x73, 0x6a, 0xbc, 0xdd, 0x57]);
}

#[test]
fn key_with_another_use_is_rejected_unless_it_is_imported() {
    for versions in [Versions::Both, Versions::Tls13] {
        let builder = || client().versions(versions);
        let one = || builder().external_psk(b"a", KEY, SHA256).unwrap();
        refused(one().external_psk(b"b", KEY, HashAlgorithm::Sha384), REUSED);
        refused(one().imported_psk(b"b", KEY, b""), REUSED);
        refused(builder().imported_psk(b"b", KEY, b"").unwrap().external_psk(b"a", KEY, SHA256), REUSED);
        let imported = builder().imported_psk(b"a", KEY, b"1").unwrap().imported_psk(b"a", KEY, b"2");
        imported.unwrap().psk(b"a", KEY).unwrap().build().unwrap();
    }
    let both = client().versions(Versions::Both).external_psk(b"a", KEY, SHA256).unwrap();
    refused(both.psk(b"b", KEY).unwrap().build(), REUSED);
    let both = server(Kind::P256).versions(Versions::Both).external_psk(b"a", KEY, SHA256).unwrap();
    refused(both.psk(b"b", KEY).unwrap().build(), REUSED);
}

#[test]
fn lengths_of_external_psks_are_checked() {
    let tls13 = || client().versions(Versions::Tls13);
    refused(
        tls13().external_psk(b"", KEY, SHA256),
        "external PSK: the PSK identity has 0 bytes, expected 1 to 65535",
    );
    refused(
        tls13().external_psk(&[1; 65536], KEY, SHA256),
        "external PSK: the PSK identity has 65536 bytes, expected 1 to 65535",
    );
    refused(tls13().external_psk(b"a", b"", SHA256), "external PSK: the pre-shared key is empty");
    refused(
        tls13().imported_psk(b"", KEY, b""),
        "external PSK: the PSK identity has 0 bytes, expected 1 to 65535",
    );
    refused(tls13().imported_psk(b"a", b"", b""), "external PSK: the pre-shared key is empty");
    refused(
        tls13().imported_psk(b"a", KEY, &[1; 65528]),
        "external PSK: the PSK identity has 65537 bytes, expected 1 to 65535",
    );
}

#[test]
fn server_with_external_psks_cannot_require_client_certificates() {
    let with = || server(Kind::P256).versions(Versions::Tls13).imported_psk(b"a", KEY, b"").unwrap();
    refused(
        with().require_client_certificates(roots()).build(),
        "client certificates are required, but no certificate is requested in handshakes with external PSKs",
    );
    with().request_client_certificates(roots()).build().unwrap();
    with().require_client_certificates(roots()).external_psks_with_certificates().build().unwrap();
    let words = "external PSKs are given, but the caller is to find sessions or open tickets \
                 (ask_for_sessions, ask_for_tickets)";
    refused(with().ask_for_tickets().build(), words);
    refused(with().ask_for_sessions().build(), words);
}

/// RFC 8773: certificates authenticate, so both sides need what certificates need.
#[test]
fn external_psks_with_certificates_need_trust_and_a_credential() {
    let tls13 = Versions::Tls13;
    let alone = no_client().versions(tls13).external_psk(b"a", KEY, SHA256).unwrap();
    assert!(matches!(alone.external_psks_with_certificates().build(), Err(ConfigError::NoTrust)));
    let alone = no_server().versions(tls13).external_psk(b"a", KEY, SHA256).unwrap();
    assert!(matches!(alone.external_psks_with_certificates().build(), Err(ConfigError::NoCredential)));
    let with = |versions| {
        let client = client().versions(versions).imported_psk(b"a", KEY, b"").unwrap();
        client.external_psks_with_certificates()
    };
    let config = with(tls13).build().unwrap();
    assert_eq!(config.policy().resumption, None);
    refused(
        with(Versions::Both).build(),
        "external PSKs are required together with certificates, which cannot be combined with TLS 1.2",
    );
    refused(
        client().versions(tls13).external_psks_with_certificates().build(),
        "external PSKs are required together with certificates, which cannot be combined with a policy \
         without such PSKs",
    );
    refused(
        with(tls13).early_data().build(),
        "external PSKs are required together with certificates, which cannot be combined with early data",
    );
}
