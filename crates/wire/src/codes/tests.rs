//! Code points and their names.

use alloc::string::ToString;
use std::collections::HashSet;

use super::*;

#[test]
fn names_round_trip() {
    for suite in CipherSuite::KNOWN {
        let name = suite.name().unwrap();
        assert_eq!(CipherSuite::from_name(name), Some(*suite));
        assert_eq!(suite.to_string(), name);
    }
    assert_eq!(CipherSuite::from_name("tls_rsa_with_null_md5"), None);
    assert_eq!(CipherSuite::TLS_DH_anon_WITH_AES_128_CBC_SHA.0, 0x0034);
    assert_eq!(AlertDescription::HANDSHAKE_FAILURE.to_string(), "handshake_failure");
}

#[test]
fn code_points_and_names_are_unique() {
    fn unique<T: Copy + core::hash::Hash + Eq>(known: &[T], name: impl Fn(T) -> Option<&'static str>) {
        let codes: HashSet<_> = known.iter().copied().collect();
        let names: HashSet<_> = known.iter().copied().map(name).collect();
        assert_eq!(codes.len(), known.len());
        assert_eq!(names.len(), known.len());
    }
    unique(CipherSuite::KNOWN, CipherSuite::name);
    unique(ExtensionType::KNOWN, ExtensionType::name);
    unique(NamedGroup::KNOWN, NamedGroup::name);
    unique(SignatureScheme::KNOWN, SignatureScheme::name);
    unique(AlertDescription::KNOWN, AlertDescription::name);
    unique(HandshakeType::KNOWN, HandshakeType::name);
}

#[test]
fn unknown_values_print_as_numbers() {
    assert_eq!(CipherSuite(0x00fe).to_string(), "0x00fe");
    assert_eq!(ContentType(9).to_string(), "0x09");
    assert_eq!(alloc::format!("{:?}", NamedGroup(0x9999)), "0x9999");
    assert_eq!(alloc::format!("{:>6}", AlertLevel::FATAL), " fatal");
}

#[test]
fn is_grease_matches_rfc_8701() {
    for value in 0..=u16::MAX {
        let reserved = (0..16).any(|n: u16| value == (n << 12) | 0x0a00 | (n << 4) | 0x0a);
        assert_eq!(CipherSuite(value).is_grease(), reserved, "{value:#x}");
    }
    assert!(CipherSuite::KNOWN.iter().all(|suite| !suite.is_grease()));
    assert!(ExtensionType::KNOWN.iter().all(|extension| !extension.is_grease()));
    assert!(NamedGroup::KNOWN.iter().all(|group| !group.is_grease()));
}

#[test]
fn key_exchange_follows_from_suite_name() {
    use KeyExchangeAlgorithm as K;
    for (name, key_exchange) in [
        ("TLS_RSA_WITH_AES_128_CBC_SHA", Some(K::Rsa)),
        ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA", Some(K::Dhe)),
        ("TLS_DHE_DSS_WITH_AES_128_CBC_SHA", Some(K::Dhe)),
        ("TLS_DH_anon_WITH_AES_128_CBC_SHA", Some(K::DhAnon)),
        ("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", Some(K::Ecdhe)),
        ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", Some(K::Ecdhe)),
        ("TLS_ECDH_anon_WITH_NULL_SHA", Some(K::EcdhAnon)),
        ("TLS_PSK_WITH_AES_128_CCM", Some(K::Psk)),
        ("TLS_PSK_DHE_WITH_AES_128_CCM_8", Some(K::DhePsk)),
        ("TLS_DHE_PSK_WITH_AES_128_CCM", Some(K::DhePsk)),
        ("TLS_RSA_PSK_WITH_AES_128_GCM_SHA256", Some(K::RsaPsk)),
        ("TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256", Some(K::EcdhePsk)),
        ("TLS_DH_RSA_WITH_AES_128_CBC_SHA", None),
        ("TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA", None),
        ("TLS_SRP_SHA_WITH_AES_128_CBC_SHA", None),
        ("TLS_AES_128_GCM_SHA256", None),
        ("TLS_FALLBACK_SCSV", None),
    ] {
        assert_eq!(CipherSuite::from_name(name).unwrap().key_exchange(), key_exchange, "{name}");
    }
    assert_eq!(CipherSuite(0xffff).key_exchange(), None);
}

#[test]
fn max_fragment_length_codes_give_bytes() {
    assert_eq!(MaxFragmentLengthCode::POW_2_9.bytes(), Some(512));
    assert_eq!(MaxFragmentLengthCode::POW_2_12.bytes(), Some(4096));
    assert_eq!(MaxFragmentLengthCode(0).bytes(), None);
    assert_eq!(MaxFragmentLengthCode(5).bytes(), None);
}

/// Checks code points against the numbers in the RFCs. Tests that use the constants on both sides would not
/// notice a wrong number.
#[test]
fn code_points_match_the_rfcs() {
    use {AlertDescription as A, CipherSuite as S, ExtensionType as X, HandshakeType as H, NamedGroup as G};
    // RFC 5077 sections 3.2 and 3.3.
    assert_eq!((X::SESSION_TICKET.0, H::NEW_SESSION_TICKET.0), (35, 4));
    // RFC 6066 sections 1.1, 2, 3, 4, 8 and 9.
    assert_eq!((X::SERVER_NAME.0, X::MAX_FRAGMENT_LENGTH.0, X::STATUS_REQUEST.0), (0, 1, 5));
    assert_eq!(H::CERTIFICATE_STATUS.0, 22);
    assert_eq!((NameType::HOST_NAME.0, CertificateStatusType::OCSP.0), (0, 1));
    for (code, bytes) in (1..).zip([512, 1024, 2048, 4096]) {
        assert_eq!(MaxFragmentLengthCode(code).bytes(), Some(bytes));
    }
    assert_eq!((A::UNRECOGNIZED_NAME.0, A::BAD_CERTIFICATE_STATUS_RESPONSE.0), (112, 113));
    // RFC 7366 section 2, RFC 8449 section 6.
    assert_eq!((X::ENCRYPT_THEN_MAC.0, X::RECORD_SIZE_LIMIT.0), (22, 28));
    // RFC 7905 section 3.
    let chacha = [
        S::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        S::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        S::TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        S::TLS_PSK_WITH_CHACHA20_POLY1305_SHA256,
        S::TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256,
        S::TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256,
        S::TLS_RSA_PSK_WITH_CHACHA20_POLY1305_SHA256,
    ];
    assert!(chacha.iter().map(|suite| suite.0).eq(0xcca8..=0xccae));
    // RFC 7919 section 2.
    let fields = [G::FFDHE2048, G::FFDHE3072, G::FFDHE4096, G::FFDHE6144, G::FFDHE8192];
    assert!(fields.iter().map(|field| field.0).eq(256..=260));
    for group in 0..=u16::MAX {
        assert_eq!(G(group).is_ffdhe(), (256..512).contains(&group), "{group}");
    }
    // RFC 8422 sections 5.1, 5.1.1, 5.1.2, 5.1.3, 5.4, 5.5 and 6.
    assert_eq!((X::SUPPORTED_GROUPS.0, X::EC_POINT_FORMATS.0), (10, 11));
    let curves = [G::SECP256R1, G::SECP384R1, G::SECP521R1, G::X25519, G::X448];
    assert_eq!(curves.map(|curve| curve.0), [23, 24, 25, 29, 30]);
    assert_eq!((EcPointFormat::UNCOMPRESSED.0, EcCurveType::NAMED_CURVE.0), (0, 3));
    assert_eq!((SignatureScheme::ED25519.0, SignatureScheme::ED448.0), (0x0807, 0x0808));
    assert_eq!(ClientCertificateType::ECDSA_SIGN.0, 64);
    for (suite, number) in [
        ("TLS_ECDHE_ECDSA_WITH_NULL_SHA", 0xc006),
        ("TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA", 0xc008),
        ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", 0xc009),
        ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", 0xc00a),
        ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xc02b),
        ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 0xc02c),
        ("TLS_ECDHE_RSA_WITH_NULL_SHA", 0xc010),
        ("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", 0xc012),
        ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", 0xc013),
        ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", 0xc014),
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xc02f),
        ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0xc030),
        ("TLS_ECDH_anon_WITH_NULL_SHA", 0xc015),
        ("TLS_ECDH_anon_WITH_3DES_EDE_CBC_SHA", 0xc017),
        ("TLS_ECDH_anon_WITH_AES_128_CBC_SHA", 0xc018),
        ("TLS_ECDH_anon_WITH_AES_256_CBC_SHA", 0xc019),
    ] {
        assert_eq!(CipherSuite::from_name(suite), Some(CipherSuite(number)), "{suite}");
    }
}

#[test]
fn a_hybrid_group_is_post_quantum_through_one_of_two_components() {
    for group in NamedGroup::KNOWN {
        let Some(parts) = group.components() else { continue };
        assert!(group.is_post_quantum(), "{group}");
        assert_eq!(parts.iter().filter(|part| part.is_post_quantum()).count(), 1, "{group}");
        assert!(parts.iter().all(|part| part.components().is_none()), "{group}");
    }
    assert!(NamedGroup::MLKEM512.is_post_quantum() && !NamedGroup::X25519.is_post_quantum());
    assert!(!NamedGroup::FFDHE8192.is_post_quantum() && !NamedGroup::X25519KYBER768DRAFT00.is_post_quantum());
}
