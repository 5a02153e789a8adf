//! Connections between sides with different providers.

use crate::support::{Kind, Pair, SetClock, provider, roots, server_identity};
use cairn_tls::{
    CertificateChain, Credential, Provider, Tls12Suite,
    wire::{CipherSuite, NamedGroup},
};
use std::sync::Arc;

const PSK: (&[u8], &[u8]) = (b"somebody", b"a key of some length");

/// A suite for each key exchange and each record protection.
const SUITES: [CipherSuite; 16] = [
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
    CipherSuite::TLS_ECDH_anon_WITH_AES_128_CBC_SHA,
    CipherSuite::TLS_DHE_RSA_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_DHE_RSA_WITH_AES_256_CCM,
    CipherSuite::TLS_DH_anon_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_RSA_WITH_3DES_EDE_CBC_SHA,
    CipherSuite::TLS_RSA_WITH_NULL_SHA256,
    CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256,
    CipherSuite::TLS_RSA_PSK_WITH_AES_128_CBC_SHA256,
    CipherSuite::TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384,
];

/// An identity whose key was loaded by the server's provider.
fn credential(provider: &Provider, kind: Kind) -> Arc<Credential> {
    let identity = server_identity(kind);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let der = identity.key().as_der();
    let credential =
        Credential::new(CertificateChain::new(&chain).unwrap(), provider.keys.load(der).unwrap());
    Arc::new(match kind {
        Kind::Rsa if cfg!(feature = "legacy") => {
            credential.with_decrypting_key(provider.keys.load_decrypting(der).unwrap())
        }
        _ => credential,
    })
}

/// Completes the handshake and transfers data in both directions.
fn meet(client: &Provider, server: &Provider, kind: Kind, suite: &Tls12Suite) {
    let (identity, key) = PSK;
    let (id, shows) = (&[suite.id], suite.shows_certificate());
    let mut at_client = crate::support::tls12_client(client.clone()).clock(SetClock::new());
    let mut at_server = crate::support::tls12_server(server.clone()).clock(SetClock::new());
    if shows {
        at_client = at_client.trust(roots());
        at_server = at_server.credential_value(credential(server, kind)).unwrap();
    }
    let at_client = at_client.psk(identity, key).unwrap().suites(id).unwrap().build().unwrap();
    let at_server = at_server.psk(identity, key).unwrap().suites(id).unwrap().build().unwrap();
    let mut pair = Pair::ready(&at_client, &at_server);
    assert_eq!(pair.client.summary().suite().id(), suite.id);
    let long = vec![7; 40_000];
    pair.client.write(&long);
    pair.server.write(b"and back");
    pair.run();
    assert!(pair.server.data == long && pair.client.data == b"and back", "{} {kind:?}", suite.id);
}

/// Both assignments of two providers to the roles.
fn both_ways(test: impl Fn(&Provider, &Provider)) {
    let rust = cairn_provider_rustcrypto::provider();
    test(provider(), &rust);
    test(&rust, provider());
}

#[test]
fn providers_interoperate_in_every_key_exchange_and_protection() {
    both_ways(|client, server| {
        // The suites that this build supports.
        for suite in SUITES.into_iter().filter_map(cairn_tls::suite) {
            let kind = if suite.id.to_string().contains("ECDSA") { Kind::P256 } else { Kind::Rsa };
            meet(client, server, kind, suite);
        }
    });
}

#[test]
fn providers_interoperate_with_every_kind_of_certificate() {
    both_ways(|client, server| {
        for kind in [Kind::P256, Kind::P384, Kind::P521, Kind::Ed25519, Kind::Rsa] {
            let id = match kind {
                Kind::Rsa => CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                _ => CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            };
            meet(client, server, kind, cairn_tls::suite(id).unwrap());
        }
    });
}

#[test]
fn providers_interoperate_in_every_group() {
    both_ways(|client, server| {
        for group in [NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::SECP384R1, NamedGroup::SECP521R1]
        {
            let mut client = client.clone();
            client.groups.retain(|agreement| agreement.group() == group);
            let id = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
            meet(&client, server, Kind::Rsa, cairn_tls::suite(id).unwrap());
        }
    });
}

/// If the processor has hash instructions, the default provider uses the fastest implementation for short
/// messages.
#[test]
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn default_provider_hashes_with_sha_instructions_if_available() {
    let expected = if std::arch::is_x86_feature_detected!("sha") { "RustCrypto" } else { "AWS-LC" };
    let provider = cairn_tls::default_provider();
    assert!(provider.hashes.iter().all(|hash| hash.implementation() == expected));
    assert!(provider.hmacs.iter().all(|hmac| hmac.implementation() == expected));
}
