use super::*;
use crate::{provider, with_legacy_signatures};
use alloc::vec;
use aws_lc_rs::digest;
use cairn_crypto::KeyKind;
use cairn_provider_parts::encoding::rsa_private_key;
use cairn_provider_parts::rsa::{
    RsaKey,
    pkcs1::{self, Parameters},
};
use cairn_provider_parts::testing::{Replay, Seeded};
use cairn_wire::SignatureScheme as S;

macro_rules! file {
    ($name:literal) => {
        &include_bytes!(concat!("../../tests/keys/", $name))[..]
    };
}

const MODERN: Keys = Keys { legacy: false };
const LEGACY: Keys = Keys { legacy: true };

const MESSAGE: &[u8] = b"what is signed";

/// Keys, and signatures with SHA-1 by OpenSSL.
fn keys() -> [(PrivateKeyDer<'static>, KeyKind, S, &'static [u8]); 4] {
    use PrivateKeyDer::{Pkcs1, Pkcs8, Sec1};
    [
        (Pkcs1(file!("rsa-2048.pkcs1.der")), KeyKind::Rsa, S::RSA_PKCS1_SHA1, file!("rsa-2048.sha1.sig")),
        (Pkcs8(file!("ec-p256.pkcs8.der")), KeyKind::EcP256, S::ECDSA_SHA1, file!("ec-p256.sha1.sig")),
        (Sec1(file!("ec-p384.sec1.der")), KeyKind::EcP384, S::ECDSA_SHA1, file!("ec-p384.sha1.sig")),
        (Pkcs8(file!("ec-p521.pkcs8.der")), KeyKind::EcP521, S::ECDSA_SHA1, file!("ec-p521.sha1.sig")),
    ]
}

#[test]
fn openssl_sha1_signatures_verify() {
    let provider = with_legacy_signatures(provider());
    for (der, kind, scheme, signature) in keys() {
        let public = LEGACY.load(der).unwrap().public_key().clone();
        let verifier = provider.verifier(kind, scheme).unwrap();
        assert_eq!(verifier.verify(&public.bits, MESSAGE, signature), Ok(()), "{verifier:?}");
        let bad = Err(CryptoError::BadSignature);
        assert_eq!(verifier.verify(&public.bits, b"what was signed", signature), bad);
        assert_eq!(verifier.verify(&public.bits, MESSAGE, &signature[..signature.len() - 1]), bad);
        assert_eq!(verifier.verify(&public.bits, MESSAGE, &[]), bad);
        assert_eq!(verifier.verify(&[], MESSAGE, signature), bad);
        assert_eq!(verifier.verify(&public.bits[1..], MESSAGE, signature), bad);
        for at in (0..signature.len()).step_by(7) {
            let mut changed = signature.to_vec();
            changed[at] ^= 1;
            assert_eq!(verifier.verify(&public.bits, MESSAGE, &changed), bad, "{verifier:?} {at}");
        }
    }
}

#[test]
fn legacy_schemes_are_the_last_and_all_verify() {
    let provider = with_legacy_signatures(provider());
    for (der, kind, sha1, _) in keys() {
        let key = provider.keys.load(der).unwrap();
        let modern = MODERN.load(der).unwrap();
        assert_eq!(key.public_key(), modern.public_key());
        let sha224 = if kind == KeyKind::Rsa { S::RSA_PKCS1_SHA224 } else { S::ECDSA_SHA224 };
        assert_eq!(key.schemes(), [modern.schemes(), &[sha224, sha1]].concat());
        for scheme in key.schemes() {
            let signature = key.sign(*scheme, MESSAGE, &mut provider.rng()).unwrap();
            let verifier = provider.verifier(kind, *scheme).unwrap();
            assert_eq!(verifier.verify(&key.public_key().bits, MESSAGE, &signature), Ok(()));
        }
        let unknown = key.sign(S(0xffff), MESSAGE, &mut provider.rng());
        assert_eq!(unknown, Err(CryptoError::Unsupported));
    }
}

#[test]
fn rsa_signature_does_not_depend_on_blinding() {
    let (der, _, scheme, expected) = keys()[0];
    let key = LEGACY.load(der).unwrap();
    for seed in 0..3 {
        assert_eq!(key.sign(scheme, MESSAGE, &mut Seeded::new(seed)).unwrap(), expected);
    }
    assert_eq!(key.sign(scheme, MESSAGE, &mut Replay(&[])), Err(CryptoError::RandomFailed));
}

#[test]
fn keys_without_legacy_schemes_are_unchanged() {
    let der = PrivateKeyDer::Pkcs8(file!("ed25519.pkcs8.der"));
    assert_eq!(LEGACY.load(der).unwrap().schemes(), [S::ED25519]);
    let der = PrivateKeyDer::Pkcs8(file!("pss-any.pkcs8.der"));
    assert_eq!(LEGACY.load(der).unwrap().schemes(), MODERN.load(der).unwrap().schemes());
    let der = PrivateKeyDer::Pkcs8(file!("rsa-1024.pkcs8.der"));
    assert_eq!(LEGACY.load(der).err(), Some(CryptoError::BadPrivateKey));
}

#[test]
fn legacy_signatures_must_be_requested() {
    let old = [S::RSA_PKCS1_SHA1, S::ECDSA_SHA1, S::RSA_PKCS1_SHA224, S::ECDSA_SHA224];
    let modern = provider();
    assert!(!modern.schemes().iter().any(|scheme| old.contains(scheme)));
    for (der, ..) in keys() {
        assert!(!modern.keys.load(der).unwrap().schemes().iter().any(|scheme| old.contains(scheme)));
    }
    let legacy = with_legacy_signatures(with_legacy_signatures(provider()));
    assert_eq!(legacy.verifiers.len(), modern.verifiers.len() + 8);
    let last = vec![S::RSA_PKCS1_SHA224, S::ECDSA_SHA224, S::RSA_PKCS1_SHA1, S::ECDSA_SHA1];
    assert_eq!(legacy.schemes(), [modern.schemes(), last].concat());
}

#[test]
fn pkcs1_encoding_must_be_exact() {
    let (der, kind, scheme, _) = keys()[0];
    let provider = with_legacy_signatures(provider());
    let verifier = provider.verifier(kind, scheme).unwrap();
    let public = LEGACY.load(der).unwrap().public_key().clone();
    let key = RsaKey::load(rsa_private_key(der).unwrap()).unwrap();
    let verified = |encoded: &[u8]| {
        let signature = key.sign(encoded, &mut Seeded::new(1)).unwrap();
        verifier.verify(&public.bits, MESSAGE, signature.expose())
    };
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, MESSAGE);
    let encoded = pkcs1::encode(pkcs1::oid::SHA1, Parameters::Null, hash.as_ref(), key.len()).unwrap();
    assert_eq!(verified(&encoded), Ok(()));
    // Forgeries for small exponents rely on bytes after the hash instead of padding (RFC 5246 appendix D.4).
    let separator = encoded.len() - 36;
    for more in [1, 8, 100, 210] {
        for filler in [0, 0xff] {
            let wrong = [&encoded[..separator - more], &encoded[separator..], &vec![filler; more]].concat();
            assert_eq!(verified(&wrong), Err(CryptoError::BadSignature), "{more} of {filler}");
        }
    }
    // Without the NULL parameters it is accepted too (RFC 5246 section 4.7); other parameters are not.
    let without = pkcs1::encode(pkcs1::oid::SHA1, Parameters::Absent, hash.as_ref(), key.len()).unwrap();
    assert_eq!(verified(&without), Ok(()));
    let mut other = encoded.clone();
    let null = other.len() - 20 - 4;
    assert_eq!(other[null..null + 2], [5, 0]);
    other[null] = 4;
    assert_eq!(verified(&other), Err(CryptoError::BadSignature));
}

#[test]
fn digest_info_without_parameters_verifies() {
    let (der, kind, ..) = keys()[0];
    let provider = with_legacy_signatures(provider());
    let public = LEGACY.load(der).unwrap().public_key().clone();
    let key = RsaKey::load(rsa_private_key(der).unwrap()).unwrap();
    for (scheme, hash, oid) in [
        (S::RSA_PKCS1_SHA256, &digest::SHA256, pkcs1::oid::SHA256),
        (S::RSA_PKCS1_SHA384, &digest::SHA384, pkcs1::oid::SHA384),
        (S::RSA_PKCS1_SHA512, &digest::SHA512, pkcs1::oid::SHA512),
        (S::RSA_PKCS1_SHA224, &digest::SHA224, pkcs1::oid::SHA224),
        (S::RSA_PKCS1_SHA1, &digest::SHA1_FOR_LEGACY_USE_ONLY, pkcs1::oid::SHA1),
    ] {
        let hash = digest::digest(hash, MESSAGE);
        let encoded = pkcs1::encode(oid, Parameters::Absent, hash.as_ref(), key.len()).unwrap();
        let signature = key.sign(&encoded, &mut Seeded::new(1)).unwrap();
        let verifier = provider.verifier(kind, scheme).unwrap();
        assert_eq!(verifier.verify(&public.bits, MESSAGE, signature.expose()), Ok(()), "{scheme}");
        if let Some(read) = verifier.read_key(&public.bits).unwrap() {
            assert_eq!(read.verify(MESSAGE, signature.expose()), Ok(()), "{scheme}");
            assert!(read.verify(b"what was signed", signature.expose()).is_err(), "{scheme}");
        }
    }
}
