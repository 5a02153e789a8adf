use super::{strength::*, *};
use cairn_crypto::{HashAlgorithm, KeyKind};
use cairn_schedule::SUITES;
use cairn_wire::{NamedGroup, SignatureScheme};

#[test]
fn modulus_strength_matches_the_nist_tables() {
    for (bits, strength) in [
        (0, 0),
        (1023, 0),
        (1024, 80),
        (2047, 80),
        (2048, 112),
        (3072, 128),
        (4096, 152),
        (6144, 176),
        (7680, 192),
        (8192, 200),
        (15360, 256),
        (usize::MAX, 256),
    ] {
        assert_eq!(of_modulus(bits), strength, "{bits}");
    }
}

#[test]
fn everything_that_can_be_negotiated_has_a_strength() {
    for suite in SUITES {
        let nothing = matches!(suite.protection, Protection::Null { .. });
        assert_eq!(of_cipher(suite.protection) == 0, nothing, "{}", suite.id);
        assert!(of_hash(suite.prf_hash) >= 128, "{}", suite.id);
        assert!(integrity(suite.protection).1 >= 64, "{}", suite.id);
    }
    let provider = cairn_provider_aws_lc::provider();
    for group in provider.groups.iter().map(|group| group.group()) {
        assert!(of_group(group) >= 112, "{group}");
        if crate::curves::is_for_ecdhe(group) {
            assert!(of_curve(group) >= 128, "{group}");
        }
    }
    for verifier in &provider.verifiers {
        assert!(of_scheme(verifier.scheme()) >= 128, "{}", verifier.scheme());
        assert!(of_key(verifier.key_kind(), 256) >= 112, "{}", verifier.key_kind());
    }
    assert_eq!(of_curve(NamedGroup::FFDHE2048), 0, "a field is not a curve");
    assert_eq!(of_group(NamedGroup::FFDHE2048), 112);
    assert_eq!(of_group(NamedGroup::X25519MLKEM768), 192, "the stronger part of a hybrid counts");
    assert_eq!(of_group(NamedGroup::X25519KYBER768DRAFT00), 0);
}

#[test]
fn proof_strength_is_the_minimum_of_key_and_hash() {
    let bits = |kind, scheme, length| Proof::signed(kind, scheme, length).bits();
    assert_eq!(bits(KeyKind::Rsa, SignatureScheme::RSA_PSS_RSAE_SHA256, 512), 128);
    assert_eq!(bits(KeyKind::Rsa, SignatureScheme::RSA_PKCS1_SHA512, 256), 112);
    assert_eq!(bits(KeyKind::EcP384, SignatureScheme::ECDSA_SECP256R1_SHA256, 100), 128);
    assert_eq!(bits(KeyKind::EcP256, SignatureScheme::ECDSA_SHA1, 70), 63);
    assert_eq!(bits(KeyKind::Ed25519, SignatureScheme::ED25519, 64), 128);
    assert_eq!(bits(KeyKind::Rsa, SignatureScheme(0xfefe), 256), 0, "an unknown scheme has no strength");
    assert_eq!(of_hash(HashAlgorithm::Sha1), 63);
    let sha1 = Some(Proof { key_bits: 112, scheme: Some(SignatureScheme::RSA_PKCS1_SHA1), delegated: false });
    let none = KeyExchangeEvidence::default();
    assert!(KeyExchangeEvidence { server_proof: sha1, ..none }.has_sha1_signature());
    assert!(KeyExchangeEvidence { client_proof: sha1, ..none }.has_sha1_signature());
    assert!(!none.has_sha1_signature());
}

#[test]
fn psk_strength_is_its_length() {
    assert_eq!((of_psk(0), of_psk(8), of_psk(32)), (0, 64, 256));
    assert_eq!(of_psk(usize::MAX), u16::MAX);
    let mut evidence = KeyExchangeEvidence { key_exchange_bits: 128, ..KeyExchangeEvidence::default() };
    evidence.set_psk(8, false);
    assert_eq!((evidence.key_exchange_bits, evidence.proof_bits()), (128, Some(64)));
    evidence.set_psk(8, true);
    assert_eq!(evidence.key_exchange_bits, 64);
}

#[test]
fn first_of_the_weakest_parts_is_reported() {
    let strength = Strength { cipher: 128, key_exchange: 112, hash: 128, proof: Some(112) };
    assert_eq!(strength.weakest(), (Part::KeyExchange, 112));
    assert_eq!(Strength { proof: Some(80), ..strength }.weakest(), (Part::Proof, 80));
    assert_eq!(Strength { proof: None, key_exchange: 200, ..strength }.bits(), 128);
}
