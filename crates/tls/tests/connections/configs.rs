//! The cargo feature `legacy` in configurations, and the key usage of a certificate.

use crate::support::{Kind, LATER, Pair, SetClock, authority, client, provider, server, server_identity};
use cairn_tls::{
    ConfigError,
    wire::CipherSuite,
    x509::{KeyUsage, issue::Template},
};

#[cfg(feature = "legacy")]
#[test]
fn key_usage_of_the_certificate_limits_its_key() {
    const SIGNED: CipherSuite = CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;
    const ENCRYPTED: CipherSuite = CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256;
    for (digital_signature, key_encipherment) in [(true, true), (true, false), (false, true), (false, false)]
    {
        let usage = KeyUsage { digital_signature, key_encipherment, ..KeyUsage::NONE };
        let template = Template::server("server").dns("server.test").valid(0, LATER).key_usage(Some(usage));
        let identity = template.issue(provider(), Kind::Rsa.spec(), authority()).unwrap();
        for (suite, may) in [(SIGNED, digital_signature), (ENCRYPTED, key_encipherment)] {
            let (chain, key) = (identity.chain_pem(), identity.key().to_pem());
            let server = crate::support::tls12_server(provider().clone()).clock(SetClock::new());
            let server = server.credential_pem(chain.as_bytes(), key.as_bytes()).unwrap();
            let server = server.suites(&[suite]).unwrap().build();
            if may {
                let client = client().suites(&[suite]).unwrap().build().unwrap();
                Pair::ready(&client, &server.unwrap());
            } else {
                assert!(matches!(server, Err(ConfigError::NoSuiteForCredentials)), "{server:?}");
            }
        }
    }
}

#[test]
fn legacy_suite_without_the_feature_is_an_error_that_names_it() {
    for suite in [
        CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
        CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
        CipherSuite::TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA,
        CipherSuite::TLS_RSA_WITH_NULL_SHA,
    ] {
        let named = [client().suites(&[suite]).err(), server(Kind::P256).suites(&[suite]).err()];
        for error in named {
            if cfg!(feature = "legacy") {
                assert!(error.is_none(), "{suite}");
            } else {
                let words = error.unwrap().to_string();
                assert!(words.contains(&suite.to_string()) && words.contains("feature `legacy`"), "{words}");
            }
        }
    }
    let unknown = CipherSuite::TLS_RSA_WITH_RC4_128_SHA;
    assert!(matches!(client().suites(&[unknown]), Err(ConfigError::UnknownSuite(_))));
}

#[test]
fn provider_without_legacy_lacks_the_primitives_of_legacy_suites() {
    let provider = cairn_tls::default_provider();
    let legacy = cfg!(feature = "legacy");
    assert_eq!(!provider.block_ciphers.is_empty(), legacy);
    assert_eq!(provider.finite_field.is_some(), legacy);
    assert_eq!(provider.rsa_encryption.is_some(), legacy);
    let identity = server_identity(Kind::Rsa);
    assert_eq!(provider.keys.load_decrypting(identity.key().as_der()).is_ok(), legacy);
}
