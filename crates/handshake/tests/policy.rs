//! Presets, and the check of policies.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod support;

use cairn_crypto::{AeadAlgorithm, HashAlgorithm, KeySpec, Provider};
use cairn_handshake::{
    CertificateChain, CertificateCompression, ClientAuthentication, ClientPolicy, ExternalPskUse, Floor,
    Policy, PolicyError as E, ServerPolicy,
};
use cairn_schedule::Grade;
use cairn_wire::{
    CertificateCompressionAlgorithm, CipherSuite as S, EncodeError, NamedGroup, SignatureScheme,
};
use std::sync::Arc;
use support::{client_policy, compression::Words, credential, server_policy};

fn client(change: impl FnOnce(&mut ClientPolicy)) -> Result<(), E> {
    let mut policy = client_policy();
    change(&mut policy);
    policy.check()
}

fn server(change: impl FnOnce(&mut ServerPolicy)) -> Result<(), E> {
    let mut policy = server_policy();
    change(&mut policy);
    policy.check()
}

/// The same check for both roles.
macro_rules! both {
    ($change:expr, $expected:expr) => {
        assert_eq!(client($change), $expected);
        assert_eq!(server($change), $expected);
    };
}

#[test]
fn policies_of_these_tests_pass_the_check() {
    both!(|_| {}, Ok(()));
    both!(|policy| policy.resumption.as_mut().unwrap().lifetime = 0, Ok(()));
    both!(|policy| policy.resumption = None, Ok(()));
    both!(|policy| policy.alpn_protocols = vec![vec![b'a'; 255], b"h2".to_vec()], Ok(()));
}

#[test]
fn policy_check_rejects_suites_below_the_floor() {
    let suite = |name: &str| cairn_schedule::suite(S::from_name(name).unwrap()).unwrap();
    let floor = |authenticated_peer, forward_secrecy, bits| Floor {
        authenticated_peer,
        forward_secrecy,
        bits,
        ..Floor::default()
    };
    for (name, floor) in [
        ("TLS_DH_anon_WITH_AES_128_CBC_SHA", floor(true, false, 0)),
        ("TLS_RSA_WITH_AES_128_CBC_SHA", floor(false, true, 0)),
        ("TLS_PSK_WITH_AES_128_CBC_SHA", floor(false, true, 0)),
        ("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", floor(false, false, 113)),
        ("TLS_ECDHE_RSA_WITH_NULL_SHA", floor(false, false, 1)),
        // Its PRF and transcript use SHA-256.
        ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", floor(false, false, 129)),
    ] {
        let suite = suite(name);
        assert_eq!(
            client(|p| (p.tls12.suites, p.floor) = (vec![suite], floor)),
            Err(E::BelowFloor(suite.id))
        );
        assert_eq!(
            server(|p| (p.tls12.suites, p.floor) = (vec![suite], floor)),
            Err(E::BelowFloor(suite.id))
        );
    }
    let gcm = suite("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
    both!(|p| (p.tls12.suites, p.floor) = (vec![gcm], floor(false, true, 192)), Ok(()));
    // The client's identity is unknown if no certificate is requested.
    let unasked = server(|p| (p.tls12.suites, p.floor) = (vec![gcm], floor(true, true, 192)));
    assert_eq!(unasked, Err(E::ClientsNotAuthenticated(gcm.id)));
    // In TLS 1.3 an external PSK authenticates it too, but not beside a certificate (RFC 8773 section 7).
    let refused = Err(E::ClientsNotAuthenticated(S::TLS_AES_128_GCM_SHA256));
    for (external_psks, external_psk_use, expected) in [
        (false, ExternalPskUse::Alone, refused),
        (true, ExternalPskUse::Alone, Ok(())),
        (true, ExternalPskUse::WithCertificate, refused),
    ] {
        let checked = server(|p| {
            p.floor = floor(true, true, 128);
            *p = p.clone().with_tls13(Policy::Modern);
            p.tls12.suites.clear();
            p.tls13.external_psks = external_psks;
            p.tls13.external_psk_use = external_psk_use;
        });
        assert_eq!(checked, expected);
    }
    let psk = suite("TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384");
    both!(|p| (p.tls12.suites, p.floor) = (vec![psk], floor(true, true, 192)), Ok(()));
    assert_eq!(client(|p| (p.tls12.suites, p.floor) = (vec![gcm], floor(true, true, 192))), Ok(()));
}

#[test]
fn policy_check_reports_empty_lists() {
    both!(|policy| policy.tls12.suites.clear(), Err(E::NoSuites));
    both!(|policy| policy.groups.clear(), Err(E::NoGroups));
    both!(|policy| policy.groups = vec![NamedGroup::FFDHE2048, NamedGroup::X25519MLKEM768], Err(E::NoGroups));
    assert_eq!(client(|policy| policy.signature_schemes.clear()), Err(E::NoSignatureSchemes));
    // A server verifies signatures only of clients that send a certificate.
    assert_eq!(server(|policy| policy.signature_schemes.clear()), Ok(()));
    let asks = |policy: &mut ServerPolicy| {
        policy.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
    };
    assert_eq!(server(asks), Ok(()));
    let missing = server(|policy| {
        asks(policy);
        policy.signature_schemes.clear();
    });
    assert_eq!(missing, Err(E::NoSignatureSchemes));
}

#[test]
fn policy_check_reports_missing_primitives() {
    let suite = S::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384;
    let hash = HashAlgorithm::Sha384;
    let lacks_hash = Err(E::PrfHashNotInProvider { suite, hash });
    both!(|policy| policy.provider.hmacs.retain(|hmac| hmac.hash_algorithm() != hash), lacks_hash);
    both!(|policy| policy.provider.hashes.retain(|each| each.algorithm() != hash), lacks_hash);
    let aead = AeadAlgorithm::ChaCha20Poly1305;
    let suite = S::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256;
    let lacks_aead = Err(E::AeadNotInProvider { suite, aead });
    both!(|policy| policy.provider.aeads.retain(|each| each.algorithm() != aead), lacks_aead);
    let group = NamedGroup::SECP384R1;
    let lacks_group = Err(E::GroupNotInProvider(group));
    both!(|policy| policy.provider.groups.retain(|each| each.group() != group), lacks_group);
    let scheme = SignatureScheme::ED25519;
    let lacks = client(|policy| policy.provider.verifiers.retain(|each| each.scheme() != scheme));
    assert_eq!(lacks, Err(E::SchemeNotInProvider(scheme)));
}

#[test]
fn policy_check_reports_suites_without_signature_scheme() {
    let only_rsa = client(|policy| policy.signature_schemes = vec![SignatureScheme::RSA_PKCS1_SHA256]);
    assert_eq!(only_rsa, Err(E::SuiteWithoutScheme(S::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)));
    let only_ed25519 = client(|policy| policy.signature_schemes = vec![SignatureScheme::ED25519]);
    assert_eq!(only_ed25519, Err(E::SuiteWithoutScheme(S::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)));
}

#[test]
fn policy_check_reports_lists_that_are_too_long() {
    both!(|policy| policy.alpn_protocols = vec![vec![]], Err(E::ProtocolNameLength { length: 0 }));
    both!(|policy| policy.alpn_protocols = vec![vec![b'a'; 256]], Err(E::ProtocolNameLength { length: 256 }));
    let too_long = Err(E::ListTooLong { list: "protocol_name_list", length: 65_536, max: 65_534 });
    both!(|policy| policy.alpn_protocols = vec![vec![b'a'; 255]; 256], too_long);
    let too_long = Err(E::ListTooLong { list: "supported_groups", length: 80_000, max: 65_534 });
    both!(|policy| policy.groups = vec![NamedGroup::X25519; 40_000], too_long);

    let with = |authorities: Vec<Vec<u8>>| {
        server(|policy| policy.client_authentication = ClientAuthentication::Require { authorities })
    };
    assert_eq!(with(vec![b"0".to_vec()]), Ok(()));
    assert_eq!(with(vec![vec![]]), Err(E::AuthorityLength { length: 0 }));
    assert_eq!(with(vec![vec![0; 65_536]]), Err(E::AuthorityLength { length: 65_536 }));
    let length = 2 * 40_002;
    let too_long = E::ListTooLong { list: "certificate_authorities", length, max: 65_534 };
    assert_eq!(with(vec![vec![0; 40_000]; 2]), Err(too_long));
}

#[test]
fn policy_check_reports_too_long_session_lifetime() {
    let too_long = Err(E::SessionLifetimeTooLong { seconds: 86_401, max: 86_400 });
    both!(|policy| policy.resumption.as_mut().unwrap().lifetime = 86_401, too_long);
    let shown = E::SessionLifetimeTooLong { seconds: 86_401, max: 86_400 }.to_string();
    assert!(shown.contains("86401 s") && shown.contains("appendix F.1.4"), "{shown}");
}

#[test]
fn policy_check_reports_record_size_limits_out_of_range() {
    for bytes in [64, 65, 16_384] {
        both!(|policy| policy.record_size_limit = Some(bytes), Ok(()));
    }
    for bytes in [0, 63, 16_385, u16::MAX] {
        both!(|policy| policy.record_size_limit = Some(bytes), Err(E::RecordSizeLimit { bytes }));
    }
    assert!(E::RecordSizeLimit { bytes: 63 }.to_string().contains("expected 64 to 16384"));
}

#[test]
fn policy_check_reports_unsupported_certificate_schemes() {
    let scheme = SignatureScheme::ED25519;
    assert_eq!(client(|policy| policy.certificate_signature_schemes = vec![scheme]), Ok(()));
    let unknown = SignatureScheme::SM2SIG_SM3;
    let refused = client(|policy| policy.certificate_signature_schemes = vec![scheme, unknown]);
    assert_eq!(refused, Err(E::SchemeNotInProvider(unknown)));
    let too_long = client(|policy| policy.certificate_signature_schemes = vec![scheme; 40_000]);
    assert!(matches!(too_long, Err(E::ListTooLong { .. })), "{too_long:?}");
}

#[test]
fn policy_check_reports_empty_chains() {
    let empty = CertificateChain::new(&[]).unwrap_err();
    assert!(matches!(empty, EncodeError::TooShort { .. }));
    assert!(CertificateChain::new(&[b""]).is_err());
    let debug = format!("{:?}", credential(KeySpec::EcP256).0.chain);
    assert_eq!(debug, "CertificateChain(2 certificates, 22 bytes)");
}

#[test]
fn presets_pass_the_check_and_add_older_suites_in_order() {
    type Make<T> = fn(Provider) -> T;
    let presets: [(Policy, Grade, Make<ClientPolicy>, Make<ServerPolicy>); 3] = [
        (Policy::Modern, Grade::Modern, ClientPolicy::modern, ServerPolicy::modern),
        (Policy::Compatible, Grade::Compatible, ClientPolicy::compatible, ServerPolicy::compatible),
        (Policy::Legacy, Grade::Legacy, ClientPolicy::legacy, ServerPolicy::legacy),
    ];
    let by_provider = [
        cairn_provider_aws_lc::with_legacy_signatures(cairn_provider_aws_lc::provider()),
        cairn_provider_rustcrypto::with_legacy_signatures(cairn_provider_rustcrypto::provider()),
    ];
    for provider in by_provider {
        let mut last = (0, 0);
        for (preset, grade, client, server) in presets {
            let (client, server) = (client(provider.clone()), server(provider.clone()));
            assert_eq!((client.check(), server.check()), (Ok(()), Ok(())), "{preset:?}");
            for suites in [&client.tls12.suites, &server.tls12.suites] {
                assert!(suites.iter().all(|suite| suite.grade() <= grade && !suite.uses_psk()), "{preset:?}");
                assert!(suites.iter().any(|suite| suite.grade() == grade), "{preset:?}");
            }
            for schemes in [&client.signature_schemes, &server.signature_schemes] {
                let sha1 = schemes.contains(&SignatureScheme::ECDSA_SHA1);
                assert_eq!(sha1, preset == Policy::Legacy, "SHA-1 is for {:?} alone", Policy::Legacy);
            }
            let lengths = (client.tls12.suites.len(), server.tls12.suites.len());
            assert!(lengths.0 > last.0 && lengths.1 > last.1, "{preset:?} adds no suite");
            last = lengths;
        }
    }
}

#[test]
fn policy_error_message_has_its_section_once() {
    let suite = S::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    for error in [
        E::NoSuites,
        E::NoGroups,
        E::CertificateTypes,
        E::NoSignatureSchemes,
        E::PrfHashNotInProvider { suite, hash: HashAlgorithm::Sha256 },
        E::AeadNotInProvider { suite, aead: AeadAlgorithm::Aes128Gcm },
        E::SuiteWithoutScheme(suite),
        E::ProtocolNameLength { length: 0 },
        E::AuthorityLength { length: 0 },
        E::ListTooLong { list: "supported_groups", length: 70_000, max: 65_534 },
        E::RecordSizeLimit { bytes: 1 },
        E::SessionLifetimeTooLong { seconds: 86_401, max: 86_400 },
    ] {
        let shown = error.to_string();
        match error.section() {
            Some(section) => assert!(shown.ends_with(&format!(" ({section})")), "{shown}"),
            None => assert!(shown.contains("another provider"), "{shown}"),
        }
        assert_eq!(shown.matches("RFC ").count(), usize::from(error.section().is_some()), "{shown}");
    }
}

#[test]
fn algorithm_for_certificates_is_listed_once() {
    let code = |number| CertificateCompressionAlgorithm(0x4000 + number);
    let words = |numbers: &[u16]| -> Vec<Arc<dyn CertificateCompression>> {
        numbers
            .iter()
            .map(|number| -> Arc<dyn CertificateCompression> { Arc::new(Words(code(*number))) })
            .collect()
    };
    let all: Vec<u16> = (0..127).collect();
    let too_many: Vec<u16> = (0..128).collect();
    let too_long = E::ListTooLong { list: "compress_certificate", length: 256, max: 254 };
    let cases = [
        (&[][..], Ok(())),
        (&[1, 2], Ok(())),
        (&all, Ok(())),
        (&[1, 2, 1], Err(E::CompressionRepeated(code(1)))),
        (&too_many, Err(too_long)),
    ];
    for (numbers, expected) in cases {
        let (mut client, mut server) = (client_policy(), server_policy());
        client.tls13.certificate_compression = words(numbers);
        server.tls13.certificate_compression = words(numbers);
        assert_eq!(client.check(), expected);
        assert_eq!(server.check(), expected);
        // TLS 1.3 can be added before or after.
        assert_eq!(client.with_tls13(Policy::Modern).check(), expected);
        assert_eq!(server.with_tls13(Policy::Modern).check(), expected);
    }
}

#[test]
fn policy_check_reports_a_group_that_is_listed_twice() {
    let twice = Err(E::GroupListedTwice(NamedGroup::SECP256R1));
    let groups = || vec![NamedGroup::SECP256R1, NamedGroup::X25519, NamedGroup::SECP256R1];
    let of_client = |policy: &mut ClientPolicy| {
        *policy = policy.clone().with_tls13(Policy::Modern);
        policy.groups = groups();
        policy.choose_key_shares();
    };
    assert_eq!(client(of_client), twice);
    let of_server = |policy: &mut ServerPolicy| {
        *policy = policy.clone().with_tls13(Policy::Modern);
        policy.groups = groups();
    };
    assert_eq!(server(of_server), twice);
    both!(|policy| policy.groups = groups(), Ok(()));
}

/// RFC 9846 section 4.3.3: schemes with SHA-1 are "listed after all other algorithms".
#[test]
fn client_of_tls_1_3_lists_schemes_with_sha_1_last() {
    let provider = cairn_provider_aws_lc::with_legacy_signatures(cairn_provider_aws_lc::provider());
    let legacy = ClientPolicy::legacy(provider).with_tls13(Policy::Modern);
    assert_eq!(legacy.check(), Ok(()));
    let schemes = &legacy.signature_schemes;
    let is_sha1 = |scheme: &SignatureScheme| {
        [SignatureScheme::RSA_PKCS1_SHA1, SignatureScheme::ECDSA_SHA1].contains(scheme)
    };
    let first = schemes.iter().position(is_sha1).unwrap();
    assert!(schemes[first..].iter().all(is_sha1), "{schemes:?}");
    let mut early = legacy.clone();
    early.signature_schemes.rotate_right(1);
    let wrong = Err(E::Sha1SchemeNotLast(early.signature_schemes[0]));
    assert_eq!(early.check(), wrong);
    early.tls13.suites.clear();
    assert_eq!(early.check(), Ok(()), "RFC 5246 has no such rule");
    let mut for_certificates = legacy;
    for_certificates.certificate_signature_schemes.clone_from(&early.signature_schemes);
    assert_eq!(for_certificates.check(), wrong);
}
