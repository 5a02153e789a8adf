use super::*;
use crate::provider;
use alloc::{vec, vec::Vec};
use cairn_crypto::KeyKind;
use cairn_provider_parts::testing::{Constant, Replay, Seeded};
use cairn_wire::SignatureScheme as S;
use hex_literal::hex;

macro_rules! file {
    ($name:literal) => {
        &include_bytes!(concat!("../../tests/keys/", $name))[..]
    };
}

const MODERN: Keys = Keys { legacy: false };

const MESSAGE: &[u8] = b"what is signed";

/// All valid signing keys, with their kinds and schemes in order.
fn good() -> Vec<(PrivateKeyDer<'static>, KeyKind, &'static [S])> {
    const PLAIN: &[S] = &[
        S::RSA_PSS_RSAE_SHA256,
        S::RSA_PSS_RSAE_SHA384,
        S::RSA_PSS_RSAE_SHA512,
        S::RSA_PKCS1_SHA256,
        S::RSA_PKCS1_SHA384,
        S::RSA_PKCS1_SHA512,
    ];
    const PSS: &[S] = &[S::RSA_PSS_PSS_SHA256, S::RSA_PSS_PSS_SHA384, S::RSA_PSS_PSS_SHA512];
    const P256: &[S] = &[S::ECDSA_SECP256R1_SHA256, S::ECDSA_SECP384R1_SHA384, S::ECDSA_SECP521R1_SHA512];
    const P384: &[S] = &[S::ECDSA_SECP384R1_SHA384, S::ECDSA_SECP521R1_SHA512, S::ECDSA_SECP256R1_SHA256];
    const P521: &[S] = &[S::ECDSA_SECP521R1_SHA512, S::ECDSA_SECP384R1_SHA384, S::ECDSA_SECP256R1_SHA256];
    use PrivateKeyDer::{Pkcs1, Pkcs8, Sec1};
    vec![
        (Pkcs8(file!("rsa-2048.pkcs8.der")), KeyKind::Rsa, PLAIN),
        (Pkcs1(file!("rsa-2048.pkcs1.der")), KeyKind::Rsa, PLAIN),
        (Pkcs8(file!("pss-any.pkcs8.der")), KeyKind::RsaPss, PSS),
        (Pkcs8(file!("pss-sha384.pkcs8.der")), KeyKind::RsaPss, &[S::RSA_PSS_PSS_SHA384]),
        (Pkcs8(file!("ec-p256.pkcs8.der")), KeyKind::EcP256, P256),
        (Sec1(file!("ec-p256.sec1.der")), KeyKind::EcP256, P256),
        (Pkcs8(file!("ec-p384.pkcs8.der")), KeyKind::EcP384, P384),
        (Sec1(file!("ec-p384.sec1.der")), KeyKind::EcP384, P384),
        (Pkcs8(file!("ec-p521.pkcs8.der")), KeyKind::EcP521, P521),
        (Sec1(file!("ec-p521.sec1.der")), KeyKind::EcP521, P521),
        (Pkcs8(file!("ed25519.pkcs8.der")), KeyKind::Ed25519, &[S::ED25519]),
    ]
}

#[test]
fn keys_have_the_expected_kind_and_schemes() {
    for (der, kind, schemes) in good() {
        let key = MODERN.load(der).unwrap();
        assert_eq!((key.public_key().kind, key.schemes()), (kind, schemes), "{der:?}");
    }
}

#[test]
fn both_encodings_yield_the_same_public_key() {
    let bits = |der| MODERN.load(der).unwrap().public_key().bits.clone();
    use PrivateKeyDer::{Pkcs1, Pkcs8, Sec1};
    assert_eq!(bits(Pkcs8(file!("rsa-2048.pkcs8.der"))), bits(Pkcs1(file!("rsa-2048.pkcs1.der"))));
    assert_eq!(bits(Pkcs8(file!("ec-p256.pkcs8.der"))), bits(Sec1(file!("ec-p256.sec1.der"))));
    assert_eq!(bits(Pkcs8(file!("ec-p384.pkcs8.der"))), bits(Sec1(file!("ec-p384.sec1.der"))));
    assert_eq!(bits(Pkcs8(file!("ec-p521.pkcs8.der"))), bits(Sec1(file!("ec-p521.sec1.der"))));
}

#[test]
fn signatures_verify_for_their_key_message_and_scheme_only() {
    let provider = provider();
    let keys: Vec<_> = good().into_iter().map(|(der, ..)| MODERN.load(der).unwrap()).collect();
    for key in &keys {
        let public = key.public_key();
        for scheme in key.schemes() {
            let signature = key.sign(*scheme, MESSAGE, &mut provider.rng()).unwrap();
            let verifier = provider.verifier(public.kind, *scheme).unwrap();
            assert_eq!(verifier.verify(&public.bits, MESSAGE, &signature), Ok(()), "{verifier:?}");

            let bad = Err(CryptoError::BadSignature);
            assert_eq!(verifier.verify(&public.bits, b"what was signed", &signature), bad);
            assert_eq!(verifier.verify(&public.bits, b"", &signature), bad);
            assert_eq!(verifier.verify(&public.bits, MESSAGE, &[]), bad);
            assert_eq!(verifier.verify(&[], MESSAGE, &signature), bad);
            for end in [1, signature.len() - 1] {
                assert_eq!(verifier.verify(&public.bits, MESSAGE, &signature[..end]), bad);
            }
            let mut longer = signature.clone();
            longer.push(0);
            assert_eq!(verifier.verify(&public.bits, MESSAGE, &longer), bad);
            for position in (0..signature.len()).step_by(7) {
                let mut changed = signature.clone();
                changed[position] ^= 1;
                assert_eq!(verifier.verify(&public.bits, MESSAGE, &changed), bad, "{verifier:?} {position}");
            }
            // Other schemes for the same kind of key. (PSS_RSAE and PSS_PSS differ in the kind of key only.)
            for other in
                provider.verifiers.iter().filter(|v| v.key_kind() == public.kind && v.scheme() != *scheme)
            {
                assert_eq!(other.verify(&public.bits, MESSAGE, &signature), bad, "{other:?}");
            }
            // Other keys of any kind.
            for other in keys.iter().filter(|other| other.public_key().bits != public.bits) {
                assert_eq!(verifier.verify(&other.public_key().bits, MESSAGE, &signature), bad);
            }
        }
    }
}

#[test]
fn unlisted_schemes_are_unsupported() {
    let provider = provider();
    for (der, ..) in good() {
        let key = MODERN.load(der).unwrap();
        for scheme in provider.schemes().into_iter().chain([S(0x0201), S(0xffff)]) {
            if !key.schemes().contains(&scheme) {
                assert_eq!(key.sign(scheme, MESSAGE, &mut provider.rng()), Err(CryptoError::Unsupported));
            }
        }
    }
}

#[test]
fn unusable_keys_are_rejected() {
    use PrivateKeyDer::{Pkcs1, Pkcs8, Sec1};
    for der in [
        Pkcs8(file!("rsa-1024.pkcs8.der")),
        Pkcs8(file!("pss-salt-too-long.pkcs8.der")),
        Pkcs8(file!("pss-mixed-hashes.pkcs8.der")),
        Pkcs8(file!("ec-secp256k1.pkcs8.der")),
        Sec1(file!("ec-secp256k1.sec1.der")),
        Pkcs8(file!("ec-explicit.pkcs8.der")),
        Pkcs8(file!("ed448.pkcs8.der")),
        Pkcs8(file!("x25519.pkcs8.der")),
        // Valid keys with the wrong label.
        Pkcs1(file!("rsa-2048.pkcs8.der")),
        Pkcs8(file!("rsa-2048.pkcs1.der")),
        Sec1(file!("ec-p256.pkcs8.der")),
        Pkcs8(file!("ec-p256.sec1.der")),
        Pkcs1(file!("ec-p256.sec1.der")),
        Sec1(file!("rsa-2048.pkcs1.der")),
        Pkcs8(&[]),
        Pkcs1(&[]),
        Sec1(&[]),
    ] {
        assert_eq!(MODERN.load(der).err(), Some(CryptoError::BadPrivateKey), "{der:?}");
    }
}

#[test]
fn truncated_and_extended_keys_are_rejected() {
    for (key, ..) in good() {
        let again = |der: &[u8]| match key {
            PrivateKeyDer::Pkcs8(_) => MODERN.load(PrivateKeyDer::Pkcs8(der)).err(),
            PrivateKeyDer::Pkcs1(_) => MODERN.load(PrivateKeyDer::Pkcs1(der)).err(),
            _ => MODERN.load(PrivateKeyDer::Sec1(der)).err(),
        };
        let whole = key.der();
        for end in 0..whole.len() {
            assert_eq!(again(&whole[..end]), Some(CryptoError::BadPrivateKey), "{key:?} {end}");
        }
        let mut longer = whole.to_vec();
        longer.push(0);
        assert_eq!(again(&longer), Some(CryptoError::BadPrivateKey), "{key:?}");
    }
}

#[test]
fn flipped_bits_do_not_panic() {
    for (key, ..) in good() {
        if key.der().len() > 300 {
            continue; // RSA keys are checked at length on loading; one bit in many would take minutes.
        }
        let public = MODERN.load(key).unwrap().public_key().clone();
        for position in 0..key.der().len() {
            let mut der = key.der().to_vec();
            der[position] ^= 0x04;
            let changed = match key {
                PrivateKeyDer::Pkcs8(_) => PrivateKeyDer::Pkcs8(&der),
                _ => PrivateKeyDer::Sec1(&der),
            };
            if let Ok(loaded) = MODERN.load(changed) {
                assert_eq!(loaded.public_key().kind, public.kind);
            }
        }
    }
}

#[test]
fn mismatched_public_key_is_rejected() {
    let mut der = file!("ec-p256.sec1.der").to_vec();
    let last = der.len() - 1;
    der[last] ^= 1;
    assert!(MODERN.load(PrivateKeyDer::Sec1(&der)).is_err());
}

#[test]
fn generated_keys_sign() {
    let provider = provider();
    for (spec, kind) in [
        (KeySpec::Rsa { bits: 2048 }, KeyKind::Rsa),
        (KeySpec::EcP256, KeyKind::EcP256),
        (KeySpec::EcP384, KeyKind::EcP384),
        (KeySpec::EcP521, KeyKind::EcP521),
        (KeySpec::Ed25519, KeyKind::Ed25519),
    ] {
        let pkcs8 = MODERN.generate(spec, &mut provider.rng()).unwrap();
        let key = MODERN.load(PrivateKeyDer::Pkcs8(pkcs8.expose())).unwrap();
        assert_eq!(key.public_key().kind, kind);
        let scheme = key.schemes()[0];
        let signature = key.sign(scheme, MESSAGE, &mut provider.rng()).unwrap();
        provider.verifier(kind, scheme).unwrap().verify(&key.public_key().bits, MESSAGE, &signature).unwrap();
    }
}

#[test]
fn generated_keys_depend_on_the_seed() {
    for spec in [KeySpec::EcP256, KeySpec::EcP384, KeySpec::EcP521, KeySpec::Ed25519] {
        let make = |seed| MODERN.generate(spec, &mut Seeded::new(seed)).unwrap();
        assert_eq!(make(1), make(1));
        assert_ne!(make(1), make(2));
        assert_eq!(MODERN.generate(spec, &mut Replay(&[])), Err(CryptoError::RandomFailed));
    }
    assert_eq!(MODERN.generate(KeySpec::EcP256, &mut Constant(0)), Err(CryptoError::RandomFailed));
}

#[test]
fn other_rsa_sizes_are_unsupported() {
    for bits in [0, 512, 1024, 2047, 2049, 8192, u16::MAX] {
        let made = MODERN.generate(KeySpec::Rsa { bits }, &mut Seeded::new(1));
        assert_eq!(made, Err(CryptoError::Unsupported), "{bits}");
    }
}

#[test]
fn rfc_8032_test_3() {
    let pkcs8 = MODERN
        .generate(
            KeySpec::Ed25519,
            &mut Replay(&hex!("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")),
        )
        .unwrap();
    let key = MODERN.load(PrivateKeyDer::Pkcs8(pkcs8.expose())).unwrap();
    assert_eq!(
        key.public_key().bits,
        hex!("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
    );
    let expected = hex!(
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    );
    let signature = key.sign(S::ED25519, &hex!("af82"), &mut Constant(0)).unwrap();
    assert_eq!(signature, expected);
}

#[test]
fn deterministic_schemes_do_not_use_the_generator() {
    for (der, scheme) in [
        (PrivateKeyDer::Pkcs8(file!("rsa-2048.pkcs8.der")), S::RSA_PKCS1_SHA256),
        (PrivateKeyDer::Pkcs8(file!("ed25519.pkcs8.der")), S::ED25519),
    ] {
        let key = MODERN.load(der).unwrap();
        let sign = || key.sign(scheme, MESSAGE, &mut Replay(&[])).unwrap();
        assert_eq!(sign(), sign());
    }
}

#[cfg(feature = "legacy")]
#[test]
fn signing_and_decrypting_keys_have_the_same_public_key() {
    let der = PrivateKeyDer::Pkcs8(file!("rsa-2048.pkcs8.der"));
    assert_eq!(MODERN.load(der).unwrap().public_key(), MODERN.load_decrypting(der).unwrap().public_key());
}
