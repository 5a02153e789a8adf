use super::table::ALL;
use super::*;
use Authentication::{Anonymous, Ecdsa, Psk, Rsa};
use HashAlgorithm::{Sha1, Sha256, Sha384};
use KeyExchangeAlgorithm as Kx;
use alloc::{format, string::String, vec::Vec};

/// The parts of a suite's name: key exchange, cipher, and the hash at the end if there is one.
fn parts(suite: &Tls12Suite) -> (String, String, Option<HashAlgorithm>) {
    let name = format!("{}", suite.id);
    let (exchange, rest) = name.strip_prefix("TLS_").unwrap().split_once("_WITH_").unwrap();
    let (cipher, hash) = [("_SHA384", Sha384), ("_SHA256", Sha256), ("_SHA", Sha1)]
        .into_iter()
        .find_map(|(end, hash)| Some((rest.strip_suffix(end)?, Some(hash))))
        .unwrap_or((rest, None));
    (exchange.into(), cipher.into(), hash)
}

#[test]
fn suites_match_their_names() {
    for suite in ALL {
        let (exchange, cipher, hash) = parts(suite);
        let expected = match exchange.as_str() {
            "RSA" => (Kx::Rsa, Rsa),
            "DHE_RSA" => (Kx::Dhe, Rsa),
            "DH_anon" => (Kx::DhAnon, Anonymous),
            "ECDHE_RSA" => (Kx::Ecdhe, Rsa),
            "ECDHE_ECDSA" => (Kx::Ecdhe, Ecdsa),
            "ECDH_anon" => (Kx::EcdhAnon, Anonymous),
            "PSK" => (Kx::Psk, Psk),
            // RFC 6655 spells this `PSK_DHE` in two suites.
            "DHE_PSK" | "PSK_DHE" => (Kx::DhePsk, Psk),
            "RSA_PSK" => (Kx::RsaPsk, Psk),
            "ECDHE_PSK" => (Kx::EcdhePsk, Psk),
            other => panic!("{other}"),
        };
        assert_eq!((suite.key_exchange, suite.authentication), expected, "{}", suite.id);
        assert_eq!(suite.id.key_exchange(), Some(suite.key_exchange), "{}", suite.id);

        let aead = |algorithm| Protection::Aead { algorithm, nonce: NonceScheme::SaltAndExplicit };
        let mac = hash.unwrap_or(Sha256);
        let expected = match cipher.as_str() {
            "AES_128_GCM" => aead(AeadAlgorithm::Aes128Gcm),
            "AES_256_GCM" => aead(AeadAlgorithm::Aes256Gcm),
            "AES_128_CCM" => aead(AeadAlgorithm::Aes128Ccm),
            "AES_256_CCM" => aead(AeadAlgorithm::Aes256Ccm),
            "AES_128_CCM_8" => aead(AeadAlgorithm::Aes128Ccm8),
            "AES_256_CCM_8" => aead(AeadAlgorithm::Aes256Ccm8),
            "CHACHA20_POLY1305" => Protection::Aead {
                algorithm: AeadAlgorithm::ChaCha20Poly1305,
                nonce: NonceScheme::IvXorSequence,
            },
            "AES_128_CBC" => Protection::cbc(BlockCipherAlgorithm::Aes128, mac),
            "AES_256_CBC" => Protection::cbc(BlockCipherAlgorithm::Aes256, mac),
            "3DES_EDE_CBC" => Protection::cbc(BlockCipherAlgorithm::TripleDes, mac),
            "NULL" => Protection::Null { mac },
            other => panic!("{other}"),
        };
        assert_eq!(suite.protection, expected, "{}", suite.id);
        // The PRF hash is SHA-256 unless the name ends with SHA384.
        let prf = if hash == Some(Sha384) { Sha384 } else { Sha256 };
        assert_eq!(suite.prf_hash, prf, "{}", suite.id);
    }
}

#[test]
fn table_contains_all_supported_suites_of_the_registry() {
    let dead = [
        "NULL_WITH_NULL",
        "DSS",
        "_DH_RSA_",
        "_ECDH_RSA_",
        "_ECDH_ECDSA_",
        "EXPORT",
        "RC4",
        "RC2",
        "IDEA",
        "SEED",
    ]
    .into_iter()
    .chain(["_DES_", "DES40", "ARIA", "CAMELLIA", "MD5", "KRB5", "SRP", "ECCPWD", "GOST"]);
    let dead: Vec<&str> = dead.collect();
    let known = |id| ALL.iter().any(|suite| suite.id == id);
    for id in CipherSuite::KNOWN {
        let name = format!("{id}");
        if !name.contains("_WITH_") || dead.iter().any(|part| name.contains(part)) {
            assert!(!known(*id), "{name}");
        } else {
            assert!(known(*id), "{name}");
        }
    }
    assert_eq!(ALL.len(), 112);
}

#[test]
fn suites_are_unique() {
    for (i, suite) in ALL.iter().enumerate() {
        assert!(ALL.iter().skip(i + 1).all(|other| other.id != suite.id), "{}", suite.id);
    }
}

#[test]
fn prf_hashes_are_collision_resistant() {
    // RFC 7627 section 6.2: the session hash must not collide.
    for suite in ALL {
        assert!(matches!(suite.prf_hash, Sha256 | Sha384), "{}: {:?}", suite.id, suite.prf_hash);
    }
}

#[test]
fn suites_are_sorted_by_grade() {
    assert!(ALL.is_sorted_by_key(Tls12Suite::grade));
}

#[test]
fn ccm_8_suites_follow_aes_cbc_suites_of_the_same_grade() {
    for grade in [Grade::Compatible, Grade::Legacy] {
        let of_grade = ALL.iter().filter(|suite| suite.grade() == grade);
        let names: Vec<String> = of_grade.map(|suite| format!("{}", suite.id)).collect();
        let first_short = names.iter().position(|name| name.contains("CCM_8")).unwrap();
        let last_cbc = names.iter().rposition(|name| name.contains("AES") && name.contains("CBC")).unwrap();
        assert!(last_cbc < first_short, "{names:?}");
    }
}

#[test]
fn modern_certificate_suites() {
    let modern: Vec<_> = ALL
        .iter()
        .filter(|suite| suite.grade() == Grade::Modern && !suite.uses_psk())
        .map(|suite| suite.id)
        .collect();
    assert_eq!(
        modern,
        [
            CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
            CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
            CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
            CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
    );
}

#[test]
fn grades_follow_from_suite_names() {
    for suite in ALL {
        let (exchange, cipher, _) = parts(suite);
        let no_forward_secrecy = ["RSA", "PSK", "RSA_PSK"].contains(&exchange.as_str());
        let modern_cipher = cipher.ends_with("GCM") || cipher.starts_with("CHACHA");
        let expected = if exchange.ends_with("anon") || cipher == "NULL" {
            Grade::ByNameOnly
        } else if no_forward_secrecy || cipher.starts_with("3DES") {
            Grade::Legacy
        } else if exchange.starts_with("ECDHE") && modern_cipher {
            Grade::Modern
        } else {
            Grade::Compatible
        };
        assert_eq!(suite.grade(), expected, "{}", suite.id);
    }
}

#[test]
fn legacy_suites_use_cbc_null_dhe_or_rsa_key_exchange() {
    for suite in ALL {
        let (exchange, cipher, _) = parts(suite);
        let old_exchange =
            matches!(exchange.as_str(), "RSA" | "RSA_PSK" | "DHE_RSA" | "DHE_PSK" | "PSK_DHE" | "DH_anon");
        let old_cipher = cipher == "NULL" || cipher.ends_with("_CBC");
        assert_eq!(suite.is_legacy(), old_exchange || old_cipher, "{}", suite.id);
        assert!(!suite.is_legacy() || suite.grade() != Grade::Modern, "{}", suite.id);
    }
}

#[test]
fn legacy_suites_require_the_feature() {
    let kept: Vec<_> = ALL.iter().filter(|suite| cfg!(feature = "legacy") || !suite.is_legacy()).collect();
    assert_eq!(SUITES.iter().collect::<Vec<_>>(), kept);
    for one in ALL {
        assert_eq!(suite(one.id).is_none(), suite_needs_legacy(one.id));
        assert_eq!(suite_needs_legacy(one.id), one.is_legacy() && !cfg!(feature = "legacy"));
    }
    assert!(!suite_needs_legacy(CipherSuite::TLS_RSA_WITH_RC4_128_SHA));
}
