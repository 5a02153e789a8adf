//! Inconsistent configurations are rejected with an explanation.
#![cfg(all(any(feature = "aws-lc", feature = "rustcrypto"), feature = "std"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test may panic, and has std"
)]

mod asks;
mod external_psks;
mod quic;
mod support;

use cairn_config::{
    ClientConfig, ClientConfigBuilder, ConfigError, ServerConfig, ServerConfigBuilder, Versions,
};
use cairn_crypto::{AeadAlgorithm, CryptoError, RandomSource};
use cairn_handshake::{CertificateChain, ClientAuthentication, Credential, Floor, Policy};
use cairn_schedule::{Tls12Suite, tls13::Tls13Suite};
use cairn_session::SharedKeys;
use cairn_wire::{CipherSuite, NamedGroup, SignatureScheme};
use cairn_x509::{
    Roots,
    issue::{Identity, Template},
};
use std::sync::Arc;
use support::{
    FixedClock, Kind, LATER, authority, client, client_identity, provider, roots, server, server_identity,
};

#[track_caller]
fn refused<T: core::fmt::Debug>(result: Result<T, ConfigError>, words: &str) {
    let error = result.unwrap_err();
    let shown = error.to_string();
    // The message suggests a remedy and names the section.
    let rest = shown.strip_prefix(words).unwrap_or_else(|| panic!("{shown:?}, expected {words:?}"));
    assert!(rest.is_empty() || rest.starts_with([':', ' ']), "{error:?}: {shown:?}");
}

fn no_client() -> ClientConfigBuilder {
    ClientConfig::builder_with(provider().clone()).clock(Arc::new(FixedClock))
}

fn no_server() -> ServerConfigBuilder {
    ServerConfig::builder_with(provider().clone()).clock(Arc::new(FixedClock))
}

#[test]
fn invalid_trust_settings_are_rejected() {
    let methods = if cfg!(feature = "platform-roots") {
        "trust_pem, trust_platform, trust"
    } else {
        "trust_pem, trust"
    };
    let words = &format!(
        "a client needs trust anchors: add roots ({methods}) or verify chains yourself (ask_for_verification)"
    );
    refused(no_client().build(), words);
    refused(no_client().trust(Roots::new()).build(), words);
    let words = &format!(
        "roots are given, but chains are not verified against them: either add roots ({methods}), or verify \
         chains yourself (ask_for_verification), or accept any (danger_accept_any_certificate)"
    );
    refused(client().danger_accept_any_certificate().build(), words);
    refused(client().ask_for_verification().build(), words);
    refused(
        server(Kind::P256)
            .require_client_certificates(roots())
            .ask_for_client_verification(ClientAuthentication::Require { authorities: vec![] })
            .build(),
        words,
    );
    let words = "client certificates are requested, but no trust anchor is given \
                 (require_client_certificates or request_client_certificates with roots, or \
                 trust_client_raw_public_key)";
    refused(server(Kind::P256).require_client_certificates(Roots::new()).build(), words);
    refused(server(Kind::P256).request_client_certificates(Roots::new()).build(), words);
    let words = "client certificates are to be verified (ask_for_client_verification), but none is requested";
    refused(server(Kind::P256).ask_for_client_verification(ClientAuthentication::None).build(), words);
    refused(
        no_client().trust_pem(b"nothing of the kind"),
        "trusted certificates: there is no certificate in it",
    );
    refused(
        no_client().trust_pem(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        "trusted certificates: certificate number 1: a certificate is not well-formed X.509 (Certificate)",
    );
}

#[test]
fn invalid_credentials_are_rejected() {
    refused(
        no_server().build(),
        "a server needs a certificate and its key (credential_pem, credential), or a caller that chooses \
         one (ask_for_credentials)",
    );
    let words = "certificates are given, but the caller is to choose them (ask_for_credentials): pass them \
                 with the answers instead";
    refused(server(Kind::P256).ask_for_credentials().build(), words);
    let (p256, rsa) = (server_identity(Kind::P256), server_identity(Kind::Rsa));
    let key = || p256.signing_key().clone();
    let with = client().credential(&[p256.certificate()], key()).unwrap();
    refused(with.ask_for_credentials().build(), words);
    refused(no_server().credential(&[], key()), "certificate chain: there is no certificate");
    refused(
        no_server().credential(&[rsa.certificate()], key()),
        "the private key does not belong to the certificate",
    );
    refused(no_server().credential(&[b"no certificate"], key()), "a certificate is not well-formed X.509");
    refused(
        no_server().credential(&[p256.certificate(), b""], key()),
        "certificate chain: a certificate is not well-formed X.509",
    );
    let (chain, key) = (p256.chain_pem(), p256.key().to_pem());
    refused(
        no_server().credential_pem(b"", key.as_bytes()),
        "certificate or key file: there is no certificate in it",
    );
    refused(
        no_server().credential_pem(key.as_bytes(), key.as_bytes()),
        "certificate or key file: line 1 begins a private key, and a certificate is wanted: the files for \
         the certificate and for the key may have been exchanged",
    );
    refused(
        no_server().credential_pem(chain.as_bytes(), chain.as_bytes()),
        "certificate or key file: line 1 begins a certificate, and a private key is wanted: the files for \
         the certificate and for the key may have been exchanged",
    );
    refused(
        no_server().credential_pem(
            chain.as_bytes(),
            b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        ),
        "private key: private key cannot be used: unknown encoding or algorithm, or inconsistent parts",
    );
    refused(
        no_server().credential_pem(rsa.chain_pem().as_bytes(), key.as_bytes()),
        "the private key does not belong to the certificate",
    );
    // A key that no suite can use.
    let only_rsa = [CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256];
    refused(
        server(Kind::P256).suites(&only_rsa).unwrap().build(),
        "no cipher suite can be used with the keys of the given certificates",
    );
    assert!(server(Kind::Rsa).suites(&only_rsa).unwrap().build().is_ok());
    let huge = vec![b'x'; 1 << 24];
    refused(
        no_server().credential(&[p256.certificate(), &huge], p256.signing_key().clone()),
        "the certificate chain is longer than a Certificate message can hold",
    );
}

#[test]
fn chain_out_of_order_is_rejected() {
    let middle = Template::authority("middle").valid(0, LATER);
    let middle = middle.issue(provider(), Kind::P256.spec(), authority()).unwrap();
    let leaf = Template::server("leaf").dns("server.test").valid(0, LATER);
    let leaf = leaf.issue(provider(), Kind::P256.spec(), &middle).unwrap();
    let [own, above, root] = [&leaf, &middle, authority()].map(Identity::certificate);
    let other = server_identity(Kind::Rsa).certificate();
    let key = || leaf.signing_key().clone();
    let value = |chain: &[&[u8]]| {
        Arc::new(Credential::new(CertificateChain::new(chain).unwrap(), leaf.signing_key().clone()))
    };
    for chain in [&[own][..], &[own, above], &[own, above, root]] {
        assert!(no_server().credential(chain, key()).is_ok() && client().credential(chain, key()).is_ok());
        assert!(no_server().credential_value(value(chain)).is_ok());
    }
    for (chain, at) in [
        (&[own, root][..], 1),
        (&[own, root, above], 1),
        (&[own, own, above], 1),
        (&[own, above, above], 2),
        (&[own, above, root, other], 3),
    ] {
        let words = format!(
            "certificate chain: certificate {} is not the issuer of certificate {at}: the end-entity \
             certificate comes first, followed by the issuer of each",
            at + 1
        );
        refused(no_server().credential(chain, key()), &words);
        refused(client().credential(chain, key()), &words);
        refused(no_server().credential_value(value(chain)), &words);
        refused(client().credential_value(value(chain)), &words);
    }
}

#[test]
fn a_version_is_spoken_only_with_a_suite_of_it() {
    let (old, new) =
        (CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, CipherSuite::TLS_AES_128_CCM_SHA256);
    for (versions, listed, tls12, tls13) in [
        (Versions::Both, vec![old, new], vec![old], vec![new]),
        (Versions::Both, vec![new], vec![], vec![new]),
        (Versions::Both, vec![old], vec![old], vec![]),
        (Versions::Tls12, vec![new, old], vec![old], vec![]),
        (Versions::Tls13, vec![new, old], vec![], vec![new]),
    ] {
        let client = client().versions(versions).suites(&listed).unwrap().build().unwrap();
        let server = server(Kind::P256).versions(versions).suites(&listed).unwrap().build().unwrap();
        let ids12 = |suites: &[&'static Tls12Suite]| suites.iter().map(|suite| suite.id).collect::<Vec<_>>();
        let ids13 = |suites: &[&'static Tls13Suite]| suites.iter().map(|suite| suite.id).collect::<Vec<_>>();
        assert_eq!(ids12(&client.policy().tls12.suites), tls12, "{versions:?} {listed:?}");
        assert_eq!(ids13(&client.policy().tls13.suites), tls13, "{versions:?} {listed:?}");
        assert_eq!(ids12(&server.policy().tls12.suites), tls12, "{versions:?} {listed:?}");
        assert_eq!(ids13(&server.policy().tls13.suites), tls13, "{versions:?} {listed:?}");
    }
    let only_tls12 = client().versions(Versions::Tls13).suites(&[old]).unwrap();
    refused(only_tls12.build(), "no usable cipher suite");
}

#[test]
fn groups_of_tls_1_3_alone_leave_no_suite_that_needs_another() {
    for group in [NamedGroup::X25519MLKEM768, NamedGroup::FFDHE2048] {
        let client = client().groups(&[group]).build().unwrap();
        assert!(client.policy().tls12.suites.is_empty());
        assert_eq!(client.policy().tls13.key_shares, [group]);
        let server = server(Kind::P256).groups(&[group]).build().unwrap();
        assert!(server.policy().tls12.suites.is_empty());
        // A suite that is listed is not omitted.
        let listed =
            [CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256];
        let client = self::client().suites(&listed).unwrap().groups(&[group]);
        refused(client.build(), "no usable group for ECDHE in TLS 1.2");
    }
}

#[test]
fn server_whose_only_key_signs_by_pkcs1_speaks_tls_1_2_alone() {
    let identity = server_identity(Kind::Rsa);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let chain = CertificateChain::new(&chain).unwrap();
    let mut old = Credential::new(chain, identity.signing_key().clone());
    old.schemes = vec![SignatureScheme::RSA_PKCS1_SHA256];
    let old = Arc::new(old);
    let empty = || ServerConfig::builder_with(provider().clone()).clock(Arc::new(FixedClock));
    let config = empty().credential_value(old.clone()).unwrap().build().unwrap();
    assert!(config.policy().tls13.suites.is_empty());
    assert!(!config.policy().tls12.suites.is_empty());
    // Another key serves TLS 1.3.
    let config = server(Kind::P256).credential_value(old.clone()).unwrap().build().unwrap();
    assert!(!config.policy().tls13.suites.is_empty());
    let only_tls13 = empty().versions(Versions::Tls13).credential_value(old).unwrap().build();
    assert!(matches!(only_tls13, Err(ConfigError::NoSuiteForCredentials)), "{only_tls13:?}");
}

#[test]
fn invalid_suites_groups_and_schemes_are_rejected() {
    refused(client().suites(&[CipherSuite(0x1306)]), "unknown cipher suite");
    // The version to which the suite belongs is not spoken.
    let of_tls13 = [CipherSuite::TLS_AES_128_GCM_SHA256];
    refused(client().suites(&of_tls13).unwrap().versions(Versions::Tls12).build(), "no usable cipher suite");
    refused(client().suites(&[]).unwrap().build(), "no usable cipher suite");
    refused(client().groups(&[]).build(), "no usable group for the key exchange of TLS 1.3");
    refused(
        client().groups(&[NamedGroup::X448]).build(),
        "the provider does not support key agreement with x448",
    );
    let tls12 = || client().versions(Versions::Tls12);
    for groups in [&[][..], &[NamedGroup::FFDHE2048], &[NamedGroup::X25519MLKEM768]] {
        refused(tls12().groups(groups).build(), "no usable group for ECDHE in TLS 1.2");
    }
    refused(
        client().signature_schemes(&[]).build(),
        "no usable signature scheme to verify the peer's signatures",
    );
    refused(
        client().policy(Policy::Legacy).signature_schemes(&[SignatureScheme(0x0201)]).build(),
        "the provider cannot verify signatures with rsa_pkcs1_sha1",
    );
    refused(
        client().signature_schemes(&[SignatureScheme::ED25519]).build(),
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 is offered, but no signature scheme for it",
    );
    let mut poor = provider().clone();
    poor.aeads.clear();
    let suite = [CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256];
    refused(
        ClientConfig::builder_with(poor.clone()).trust(roots()).suites(&suite).unwrap().build(),
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 needs AES-128-GCM, which the provider does not support",
    );
    refused(ClientConfig::builder_with(poor).trust(roots()).build(), "no usable cipher suite");
}

#[test]
fn invalid_protocols_lifetimes_and_contexts_are_rejected() {
    refused(
        client().alpn([""]).build(),
        "the name of an application protocol has 0 bytes, expected 1 to 255",
    );
    refused(
        client().alpn(["x".repeat(256)]).build(),
        "the name of an application protocol has 256 bytes, expected 1 to 255",
    );
    refused(
        server(Kind::P256).alpn([""]).build(),
        "the name of an application protocol has 0 bytes, expected 1 to 255",
    );
    refused(
        client().alpn(vec!["x".repeat(255); 257]).build(),
        "protocol_name_list has 65792 bytes, expected at most 65534",
    );
    refused(
        client().session_lifetime(86_401).build(),
        "the lifetime of sessions is 86401 s, expected at most 86400 s (RFC 5246 appendix F.1.4)",
    );
    refused(
        server(Kind::P256).session_lifetime(86_401).build(),
        "the lifetime of sessions is 86401 s, expected at most 86400 s (RFC 5246 appendix F.1.4)",
    );
    assert!(client().session_lifetime(86_400).alpn(["x".repeat(255)]).build().is_ok());
}

#[test]
fn provider_without_randomness_is_rejected() {
    #[derive(Debug)]
    struct Dry;
    impl RandomSource for Dry {
        fn fill(&self, _: &mut [u8]) -> Result<(), CryptoError> {
            Err(CryptoError::RandomFailed)
        }
    }
    let mut dry = provider().clone();
    dry.random = Arc::new(Dry);
    let words = "cryptography: source of randomness failed";
    let client = || ClientConfig::builder_with(dry.clone());
    assert!(client().trust(roots()).build().is_ok(), "the context distinguishes its sessions");
    // If the caller verifies peers, sessions of different configurations can only be distinguished by a
    // context.
    refused(client().ask_for_verification().build(), words);
    assert!(client().ask_for_verification().context_id(b"mine").build().is_ok());
}

#[test]
fn tickets_that_the_provider_cannot_seal_are_rejected() {
    let with = |aeads: &[AeadAlgorithm]| {
        let mut provider = provider().clone();
        provider.aeads.retain(|aead| aeads.contains(&aead.algorithm()));
        let identity = server_identity(Kind::P256);
        let builder = ServerConfig::builder_with(provider).clock(Arc::new(FixedClock));
        builder.credential(&[identity.certificate()], identity.signing_key().clone()).unwrap()
    };
    let lacking = || with(&[AeadAlgorithm::Aes128Gcm]);
    let words = "tickets are to be issued (tickets), but the provider lacks HMAC-SHA-256, or AES-256-GCM and \
                 ChaCha20-Poly1305";
    refused(lacking().own_tickets().build(), words);
    refused(lacking().tickets(Arc::new(SharedKeys::new([]))).build(), words);
    for other in [lacking(), lacking().ask_for_tickets(), lacking().own_tickets().no_resumption()] {
        assert!(other.build().is_ok());
    }
    for aead in [AeadAlgorithm::Aes256Gcm, AeadAlgorithm::ChaCha20Poly1305] {
        assert!(with(&[aead]).own_tickets().build().is_ok(), "{aead:?}");
    }
}

#[test]
fn configuration_has_the_given_settings() {
    let identity = client_identity();
    let client = client()
        .groups(&[NamedGroup::SECP256R1])
        .signature_schemes(&[SignatureScheme::ECDSA_SECP256R1_SHA256, SignatureScheme::RSA_PSS_RSAE_SHA256])
        .alpn(["h2", "http/1.1"])
        .require_extended_master_secret()
        .allow_insecure_renegotiation_peers()
        .credential(&[identity.certificate()], identity.signing_key().clone())
        .unwrap()
        .no_resumption()
        .build()
        .unwrap();
    let policy = client.policy();
    assert_eq!(policy.groups, [NamedGroup::SECP256R1]);
    assert_eq!(policy.alpn_protocols, [&b"h2"[..], b"http/1.1"]);
    assert!(policy.resumption.is_none() && !policy.key_log);
    let server = server(Kind::P256).suite_order(cairn_handshake::SuiteOrder::Client).build().unwrap();
    assert!(server.policy().resumption.is_some());
    assert_eq!(server.policy().tls12.suites.len(), 6);
}

#[test]
fn settings_of_tls13_do_not_depend_on_the_order_of_the_calls() {
    let groups = [NamedGroup::X25519, NamedGroup::SECP256R1];
    let strong = Floor { bits: 192, ..Floor::default() };
    let suites = [CipherSuite::TLS_AES_256_GCM_SHA384];
    let clients = [
        client().versions(Versions::Both).policy(Policy::Compatible).floor(strong).groups(&groups),
        client().groups(&groups).floor(strong).policy(Policy::Compatible).versions(Versions::Both),
    ];
    for client in clients {
        let client = client.build().unwrap();
        let policy = client.policy();
        assert_eq!(policy.groups, groups);
        assert_eq!(policy.tls13.key_shares, [NamedGroup::X25519]);
        assert_eq!(policy.tls13.suites.iter().map(|suite| suite.id).collect::<Vec<_>>(), suites);
    }
    let servers = [
        server(Kind::P256).versions(Versions::Both).groups(&groups).floor(strong),
        server(Kind::P256).floor(strong).groups(&groups).versions(Versions::Both),
    ];
    for server in servers {
        let server = server.build().unwrap();
        let policy = server.policy();
        assert_eq!(policy.groups, groups);
        assert_eq!(policy.tls13.suites.iter().map(|suite| suite.id).collect::<Vec<_>>(), suites);
    }
    // Without a list, the hybrid groups are used with TLS 1.3 alone.
    for (versions, hybrids) in [(Versions::Tls12, false), (Versions::Both, true), (Versions::Tls13, true)] {
        let client = client().versions(versions).build().unwrap();
        assert_eq!(client.policy().groups.iter().any(|group| group.is_post_quantum()), hybrids);
        assert_eq!(client.policy().tls13.suites.is_empty(), !hybrids);
    }
}
