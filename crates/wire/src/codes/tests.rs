//! Code points and their names.

use alloc::string::ToString;
use std::collections::HashSet;

use super::*;

#[test]
fn names_go_both_ways() {
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
fn no_name_twice() {
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
fn grease() {
    for value in 0..=u16::MAX {
        let reserved = (0..16).any(|n: u16| value == (n << 12) | 0x0a00 | (n << 4) | 0x0a);
        assert_eq!(CipherSuite(value).is_grease(), reserved, "{value:#x}");
    }
    assert!(CipherSuite::KNOWN.iter().all(|suite| !suite.is_grease()));
    assert!(ExtensionType::KNOWN.iter().all(|extension| !extension.is_grease()));
    assert!(NamedGroup::KNOWN.iter().all(|group| !group.is_grease()));
}

#[test]
fn the_key_exchange_of_a_suite() {
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
fn fragment_lengths() {
    assert_eq!(MaxFragmentLengthCode::POW_2_9.bytes(), Some(512));
    assert_eq!(MaxFragmentLengthCode::POW_2_12.bytes(), Some(4096));
    assert_eq!(MaxFragmentLengthCode(0).bytes(), None);
    assert_eq!(MaxFragmentLengthCode(5).bytes(), None);
}
