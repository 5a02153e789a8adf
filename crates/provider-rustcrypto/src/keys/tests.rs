use super::*;
use crate::provider_with;
#[cfg(feature = "legacy")]
use crate::with_legacy_signatures;
use alloc::{vec, vec::Vec};
use cairn_crypto::{KeyKind, Provider, RandomSource};
use cairn_provider_parts::testing::{Constant, Replay, Seeded};
use cairn_wire::SignatureScheme as S;
use hex_literal::hex;

macro_rules! file {
    ($name:literal) => {
        &include_bytes!(concat!("../../../provider-aws-lc/tests/keys/", $name))[..]
    };
}

const KEYS: Keys = Keys { legacy: false };
const MESSAGE: &[u8] = b"what is signed";

/// A provider without randomness. The tests must not use its generator.
fn provider() -> Provider {
    struct None;
    impl RandomSource for None {
        fn fill(&self, _: &mut [u8]) -> Result<(), CryptoError> {
            Err(CryptoError::RandomFailed)
        }
    }
    provider_with(Arc::new(None))
}

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
fn keys_sign_with_their_schemes_only() {
    let provider = provider();
    for (der, kind, schemes) in good() {
        let key = KEYS.load(der).unwrap();
        assert_eq!((key.public_key().kind, key.schemes()), (kind, schemes), "{der:?}");
        for scheme in provider.schemes().into_iter().chain([S::RSA_PKCS1_SHA1, S::ECDSA_SHA1, S(0xffff)]) {
            let signed = key.sign(scheme, MESSAGE, &mut Seeded::new(1));
            if !schemes.contains(&scheme) {
                assert_eq!(signed, Err(CryptoError::Unsupported));
                continue;
            }
            let (bits, signature) = (&key.public_key().bits, signed.unwrap());
            let verifier = provider.verifier(kind, scheme).unwrap();
            assert_eq!(verifier.verify(bits, MESSAGE, &signature), Ok(()), "{verifier:?}");
            let bad = Err(CryptoError::BadSignature);
            assert_eq!(verifier.verify(bits, b"what was signed", &signature), bad);
            assert_eq!(verifier.verify(bits, MESSAGE, &signature[1..]), bad);
            assert_eq!(verifier.verify(bits, MESSAGE, &[&signature[..], &[0]].concat()), bad);
            assert_eq!(verifier.verify(&bits[1..], MESSAGE, &signature), bad);
            // The same randomness yields the same signature.
            assert_eq!(key.sign(scheme, MESSAGE, &mut Seeded::new(1)), Ok(signature));
        }
    }
}

#[test]
fn all_encodings_yield_the_same_public_key() {
    let bits = |der| KEYS.load(der).unwrap().public_key().bits.clone();
    use PrivateKeyDer::{Pkcs1, Pkcs8, Sec1};
    let rsa = Pkcs8(file!("rsa-2048.pkcs8.der"));
    assert_eq!(bits(rsa), bits(Pkcs1(file!("rsa-2048.pkcs1.der"))));
    #[cfg(feature = "legacy")]
    assert_eq!(bits(rsa), KEYS.load_decrypting(rsa).unwrap().public_key().bits);
    assert_eq!(bits(Pkcs8(file!("ec-p256.pkcs8.der"))), bits(Sec1(file!("ec-p256.sec1.der"))));
    assert_eq!(bits(Pkcs8(file!("ec-p384.pkcs8.der"))), bits(Sec1(file!("ec-p384.sec1.der"))));
    assert_eq!(bits(Pkcs8(file!("ec-p521.pkcs8.der"))), bits(Sec1(file!("ec-p521.sec1.der"))));
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
        assert_eq!(KEYS.load(der).err(), Some(CryptoError::BadPrivateKey), "{der:?}");
    }
}

/// Other bytes with the same label.
fn relabel<'a>(key: PrivateKeyDer<'_>, der: &'a [u8]) -> PrivateKeyDer<'a> {
    match key {
        PrivateKeyDer::Pkcs8(_) => PrivateKeyDer::Pkcs8(der),
        PrivateKeyDer::Pkcs1(_) => PrivateKeyDer::Pkcs1(der),
        _ => PrivateKeyDer::Sec1(der),
    }
}

#[test]
fn truncated_and_extended_keys_are_rejected() {
    for (key, ..) in good() {
        let whole = key.der();
        for end in 0..whole.len() {
            let loaded = KEYS.load(relabel(key, &whole[..end]));
            assert_eq!(loaded.err(), Some(CryptoError::BadPrivateKey), "{key:?} {end}");
        }
        let loaded = KEYS.load(relabel(key, &[whole, &[0]].concat()));
        assert_eq!(loaded.err(), Some(CryptoError::BadPrivateKey), "{key:?}");
    }
}

#[test]
fn flipped_bits_do_not_panic() {
    for (key, kind, _) in good() {
        // Loading an RSA key takes long.
        let step = if kind.is_rsa() { 41 } else { 1 };
        for position in (0..key.der().len()).step_by(step) {
            let mut der = key.der().to_vec();
            der[position] ^= 0x04;
            if let Ok(loaded) = KEYS.load(relabel(key, &der)) {
                assert_eq!(loaded.public_key().kind.is_rsa(), kind.is_rsa());
            }
        }
    }
}

#[test]
fn mismatched_public_key_is_rejected() {
    for der in [file!("ec-p256.sec1.der"), file!("ec-p384.sec1.der"), file!("ec-p521.sec1.der")] {
        let mut der = der.to_vec();
        *der.last_mut().unwrap() ^= 1;
        assert!(KEYS.load(PrivateKeyDer::Sec1(&der)).is_err());
    }
}

#[test]
fn generated_keys_sign_and_depend_on_the_seed() {
    let provider = provider();
    for (spec, kind) in [
        (KeySpec::Rsa { bits: 2048 }, KeyKind::Rsa),
        (KeySpec::EcP256, KeyKind::EcP256),
        (KeySpec::EcP384, KeyKind::EcP384),
        (KeySpec::EcP521, KeyKind::EcP521),
        (KeySpec::Ed25519, KeyKind::Ed25519),
    ] {
        let pkcs8 = KEYS.generate(spec, &mut Seeded::new(1)).unwrap();
        let key = KEYS.load(PrivateKeyDer::Pkcs8(pkcs8.expose())).unwrap();
        assert_eq!(key.public_key().kind, kind);
        let scheme = key.schemes()[0];
        let signature = key.sign(scheme, MESSAGE, &mut Seeded::new(2)).unwrap();
        provider.verifier(kind, scheme).unwrap().verify(&key.public_key().bits, MESSAGE, &signature).unwrap();
        assert_eq!(KEYS.generate(spec, &mut Seeded::new(1)).unwrap(), pkcs8);
        assert_eq!(KEYS.generate(spec, &mut Replay(&[])), Err(CryptoError::RandomFailed));
    }
}

#[test]
fn broken_generator_yields_no_key() {
    assert_eq!(KEYS.generate(KeySpec::EcP256, &mut Constant(0)), Err(CryptoError::RandomFailed));
    assert!(KEYS.generate(KeySpec::Rsa { bits: 2048 }, &mut Constant(0)).is_err());
    let rsa = KEYS.load(PrivateKeyDer::Pkcs8(file!("rsa-2048.pkcs8.der"))).unwrap();
    assert_eq!(rsa.sign(S::RSA_PKCS1_SHA256, MESSAGE, &mut Constant(0)), Err(CryptoError::RandomFailed));
}

#[test]
fn other_rsa_sizes_are_unsupported() {
    for bits in [0, 512, 1024, 2047, 2049, 8192, u16::MAX] {
        let made = KEYS.generate(KeySpec::Rsa { bits }, &mut Seeded::new(1));
        assert_eq!(made, Err(CryptoError::Unsupported), "{bits}");
    }
}

#[test]
fn rfc_8032_test_3() {
    let seed = hex!("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
    let pkcs8 = KEYS.generate(KeySpec::Ed25519, &mut Replay(&seed)).unwrap();
    let key = KEYS.load(PrivateKeyDer::Pkcs8(pkcs8.expose())).unwrap();
    assert_eq!(
        key.public_key().bits,
        hex!("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
    );
    let expected = hex!(
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    );
    assert_eq!(key.sign(S::ED25519, &hex!("af82"), &mut Replay(&[])).unwrap(), expected);
}

#[cfg(feature = "legacy")]
#[test]
fn legacy_signatures_must_be_requested_and_sha1_matches_openssl() {
    let (modern, legacy) = (provider(), with_legacy_signatures(with_legacy_signatures(provider())));
    assert_eq!(legacy.verifiers.len(), modern.verifiers.len() + 8);
    use PrivateKeyDer::{Pkcs1, Pkcs8, Sec1};
    for (der, scheme, openssl) in [
        (Pkcs1(file!("rsa-2048.pkcs1.der")), S::RSA_PKCS1_SHA1, file!("rsa-2048.sha1.sig")),
        (Pkcs8(file!("ec-p256.pkcs8.der")), S::ECDSA_SHA1, file!("ec-p256.sha1.sig")),
        (Sec1(file!("ec-p384.sec1.der")), S::ECDSA_SHA1, file!("ec-p384.sha1.sig")),
        (Pkcs8(file!("ec-p521.pkcs8.der")), S::ECDSA_SHA1, file!("ec-p521.sha1.sig")),
    ] {
        let (old, new) = (legacy.keys.load(der).unwrap(), modern.keys.load(der).unwrap());
        let sha224 = if scheme == S::ECDSA_SHA1 { S::ECDSA_SHA224 } else { S::RSA_PKCS1_SHA224 };
        assert_eq!(old.schemes(), [new.schemes(), &[sha224, scheme]].concat());
        let verifier = legacy.verifier(old.public_key().kind, scheme).unwrap();
        let own = old.sign(scheme, MESSAGE, &mut Seeded::new(1)).unwrap();
        for signature in [&own[..], openssl] {
            assert_eq!(verifier.verify(&old.public_key().bits, MESSAGE, signature), Ok(()), "{verifier:?}");
        }
        if scheme == S::RSA_PKCS1_SHA1 {
            assert_eq!(own, openssl);
        }
        assert!(modern.verifier(old.public_key().kind, scheme).is_none());
    }
    let pss = Pkcs8(file!("pss-any.pkcs8.der"));
    assert_eq!(legacy.keys.load(pss).unwrap().schemes(), modern.keys.load(pss).unwrap().schemes());
}
