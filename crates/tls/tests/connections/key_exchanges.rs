//! Every suite, from configuration to data; policies; pre-shared keys.

use crate::support::{Kind, LATER, Pair, SetClock, authority, client, provider, server_identity};
use cairn_crypto::KeySpec;
use cairn_tls::{
    CertificateChain, ConfigError, Credential, Grade, Policy, SUITES, ServerConfigBuilder, Side, Tls12Suite,
    wire::{AlertDescription, CipherSuite, NamedGroup},
    x509::issue::Template,
};
use std::sync::Arc;

const KEY: &[u8] = b"a key of some length";

/// A server without a credential.
fn bare_server() -> ServerConfigBuilder {
    crate::support::tls12_server(provider().clone()).clock(SetClock::new())
}

/// A client without trust anchors.
fn bare_client() -> cairn_tls::ClientConfigBuilder {
    crate::support::tls12_client(provider().clone()).clock(SetClock::new())
}

fn rsa_credential() -> Arc<Credential> {
    let identity = server_identity(Kind::Rsa);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let credential = Credential::new(CertificateChain::new(&chain).unwrap(), identity.signing_key().clone());
    #[cfg(feature = "legacy")]
    let credential =
        credential.with_decrypting_key(provider().keys.load_decrypting(identity.key().as_der()).unwrap());
    Arc::new(credential)
}

fn server_for(suite: &Tls12Suite) -> ServerConfigBuilder {
    let builder = if suite.shows_certificate() {
        if suite.id.to_string().contains("ECDSA") {
            crate::support::server(Kind::P256)
        } else {
            bare_server().credential_value(rsa_credential()).unwrap()
        }
    } else {
        bare_server()
    };
    builder.psk(b"somebody", KEY).unwrap().suites(&[suite.id]).unwrap()
}

#[test]
fn every_suite_transfers_data_in_full_and_resumed_connections() {
    for suite in SUITES {
        let client = if suite.shows_certificate() { client() } else { bare_client() };
        let client = client.suites(&[suite.id]).unwrap().psk(b"somebody", KEY).unwrap().build().unwrap();
        let server = server_for(suite).build().unwrap();
        for resumed in [false, true] {
            let mut pair = Pair::ready(&client, &server);
            assert_eq!(pair.server.summary().is_resumed(), resumed, "{}", suite.id);
            let identity = suite.uses_psk().then_some(&b"somebody"[..]);
            assert_eq!(pair.server.summary().psk_identity.as_deref(), identity, "{}", suite.id);
            let long = vec![7; 40_000];
            pair.client.write(&long);
            pair.server.write(b"and back");
            pair.run();
            assert!(pair.server.data == long && pair.client.data == b"and back", "{}", suite.id);
        }
    }
}

#[test]
fn policy_never_contains_suites_that_must_be_listed() {
    let names = |policy: Option<Policy>| {
        let client = client();
        let client = if let Some(policy) = policy { client.policy(policy) } else { client };
        client.build().unwrap().policy().tls12.suites.clone()
    };
    assert_eq!(names(None), names(Some(Policy::Modern)));
    assert_eq!(names(None).len(), 6);
    for (policy, last) in [
        (Policy::Modern, Grade::Modern),
        (Policy::Compatible, Grade::Compatible),
        (Policy::Legacy, Grade::Legacy),
    ] {
        let expected: Vec<_> =
            SUITES.iter().filter(|suite| suite.grade() <= last && !suite.uses_psk()).collect();
        assert_eq!(names(Some(policy)), expected, "{policy:?}");
    }
}

#[test]
fn configuration_with_only_a_psk_uses_psk_suites() {
    let client = bare_client().psk(b"somebody", KEY).unwrap().build().unwrap();
    let server = bare_server().psk(b"another", b"1").unwrap().psk(b"somebody", KEY).unwrap();
    let pair = Pair::ready(&client, &server.build().unwrap());
    let suite = pair.client.summary().tls12().unwrap().suite;
    assert!(suite.uses_psk() && suite.grade() == Grade::Modern, "{}", suite.id);
    assert!(client.policy().tls12.suites.iter().all(|suite| suite.uses_psk()));
}

#[test]
fn unknown_psk_identity_is_refused() {
    let server = bare_server().psk(b"somebody", KEY).unwrap().build().unwrap();
    for (identity, key, alert) in [
        (&b"stranger"[..], KEY, AlertDescription::UNKNOWN_PSK_IDENTITY),
        (b"somebody", b"guessed", AlertDescription::BAD_RECORD_MAC),
    ] {
        let client = bare_client().psk(identity, key).unwrap().build().unwrap();
        let mut pair = Pair::new(&client, &server);
        pair.run();
        assert_eq!(pair.server.error.as_ref().unwrap().alert, Some(alert));
    }
}

#[test]
fn invalid_pre_shared_keys_are_refused() {
    let too_long = vec![0; 0x1_0000];
    for (identity, key) in [(&b"x"[..], &b""[..]), (b"x", &too_long), (&too_long, b"x")] {
        let error = bare_client().psk(identity, key).unwrap_err();
        assert!(matches!(error, ConfigError::PskLength { .. }), "{error}");
    }
    let id = CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256;
    let error = bare_client().suites(&[id]).unwrap().build().unwrap_err();
    assert!(matches!(error, ConfigError::NoPsk(suite) if suite == id), "{error}");
    let error = bare_server().suites(&[id]).unwrap().build().unwrap_err();
    assert!(matches!(error, ConfigError::NoPsk(suite) if suite == id), "{error}");
}

#[cfg(feature = "legacy")]
#[test]
fn finite_field_is_as_strong_as_the_key_of_the_certificate() {
    let long = Template::server("long").dns("server.test").valid(0, LATER);
    let long = long.issue(provider(), KeySpec::Rsa { bits: 3072 }, authority()).unwrap();
    let suite = [CipherSuite::TLS_DHE_RSA_WITH_AES_128_GCM_SHA256];
    let client = client().suites(&suite).unwrap().build().unwrap();
    for (identity, field) in
        [(server_identity(Kind::Rsa), NamedGroup::FFDHE2048), (&long, NamedGroup::FFDHE3072)]
    {
        let chain: Vec<&[u8]> = identity.chain().collect();
        let key = || identity.signing_key().clone();
        let given = Credential::new(CertificateChain::new(&chain).unwrap(), key());
        for server in [
            bare_server().credential(&chain, key()).unwrap(),
            bare_server().credential_value(Arc::new(given)).unwrap(),
        ] {
            let server = server.suites(&suite).unwrap().no_resumption().build().unwrap();
            let pair = Pair::ready(&client, &server);
            assert_eq!(pair.client.summary().group(), Some(field));
        }
    }
}

#[cfg(feature = "legacy")]
#[test]
fn every_policy_prefers_curves_to_finite_fields() {
    for policy in [Policy::Compatible, Policy::Legacy] {
        let client = client().policy(policy).build().unwrap();
        let first = |named: &str| {
            let mut names = client.policy().tls12.suites.iter().map(|suite| suite.id.to_string());
            names.position(|name| name.starts_with(named)).unwrap()
        };
        assert!(first("TLS_ECDHE_") < first("TLS_DHE_"), "{policy:?}");
        // None of these is a finite field, so all finite fields follow them.
        let groups = &client.policy().groups;
        assert!(!groups.is_empty() && groups.iter().all(|group| !group.is_ffdhe()), "{policy:?}");
    }
}

#[test]
fn unknown_psk_identity_is_indistinguishable_from_a_wrong_key_if_hidden() {
    for name in ["TLS_PSK_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256"] {
        let suite = [CipherSuite::from_name(name).unwrap()];
        let server = |hides: bool| {
            let server = bare_server().suites(&suite).unwrap().psk(b"somebody", KEY).unwrap();
            if hides { server.hide_psk_identities() } else { server }.build().unwrap()
        };
        // The faults of both sides, and the lengths of the server's records.
        let ends = |hides: bool, identity: &[u8], key: &[u8]| {
            let client = bare_client().suites(&suite).unwrap().psk(identity, key).unwrap().build().unwrap();
            let mut pair = Pair::new(&client, &server(hides));
            let mut said = Vec::new();
            pair.run_through(|from, _, record| {
                if from == Side::Server {
                    said.push(record.len());
                }
                record
            });
            (pair.client.fault(), pair.server.fault(), said)
        };
        let wrong_key = ends(true, b"somebody", &[7; KEY.len()]);
        assert!(wrong_key.1.contains("BadRecordMac"), "{name}: {wrong_key:?}");
        assert_eq!(ends(true, b"nobody", KEY), wrong_key, "{name}");
        assert_eq!(ends(true, b"", KEY), wrong_key, "{name}");
        assert_eq!(ends(false, b"somebody", &[7; KEY.len()]), wrong_key, "{name}");
        assert!(ends(false, b"nobody", KEY).1.contains("UnknownPskIdentity"), "{name}");
        let right = ends(true, b"somebody", KEY);
        assert_eq!((right.0.as_str(), right.1.as_str()), ("none", "none"), "{name}");
    }
}
