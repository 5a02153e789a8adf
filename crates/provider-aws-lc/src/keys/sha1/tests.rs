use super::*;
use crate::{provider, with_sha1_signatures};
use alloc::vec;
use cairn_provider_parts::testing::{Replay, Seeded};
use cairn_wire::SignatureScheme as S;

macro_rules! file {
    ($name:literal) => {
        &include_bytes!(concat!("../../../tests/keys/", $name))[..]
    };
}

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
    let provider = with_sha1_signatures(provider());
    for (der, kind, scheme, signature) in keys() {
        let public = Sha1Keys.load(der).unwrap().public_key().clone();
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
fn sha1_is_the_last_scheme_and_all_verify() {
    let provider = with_sha1_signatures(provider());
    for (der, kind, sha1, _) in keys() {
        let key = provider.keys.load(der).unwrap();
        let modern = Keys.load(der).unwrap();
        assert_eq!(key.public_key(), modern.public_key());
        assert_eq!(key.schemes().split_last(), Some((&sha1, modern.schemes())));
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
    let key = Sha1Keys.load(der).unwrap();
    for seed in 0..3 {
        assert_eq!(key.sign(scheme, MESSAGE, &mut Seeded::new(seed)).unwrap(), expected);
    }
    assert_eq!(key.sign(scheme, MESSAGE, &mut Replay(&[])), Err(CryptoError::RandomFailed));
}

#[test]
fn keys_without_sha1_schemes_are_unchanged() {
    let der = PrivateKeyDer::Pkcs8(file!("ed25519.pkcs8.der"));
    assert_eq!(Sha1Keys.load(der).unwrap().schemes(), [S::ED25519]);
    let der = PrivateKeyDer::Pkcs8(file!("pss-any.pkcs8.der"));
    assert_eq!(Sha1Keys.load(der).unwrap().schemes(), Keys.load(der).unwrap().schemes());
    let der = PrivateKeyDer::Pkcs8(file!("rsa-1024.pkcs8.der"));
    assert_eq!(Sha1Keys.load(der).err(), Some(CryptoError::BadPrivateKey));
}

#[test]
fn sha1_signatures_must_be_requested() {
    let sha1 = [S::RSA_PKCS1_SHA1, S::ECDSA_SHA1];
    let modern = provider();
    assert!(!modern.schemes().iter().any(|scheme| sha1.contains(scheme)));
    for (der, ..) in keys() {
        assert!(!modern.keys.load(der).unwrap().schemes().iter().any(|scheme| sha1.contains(scheme)));
    }
    let legacy = with_sha1_signatures(with_sha1_signatures(provider()));
    assert_eq!(legacy.verifiers.len(), modern.verifiers.len() + 4);
    assert_eq!(legacy.schemes(), [modern.schemes(), vec![S::RSA_PKCS1_SHA1, S::ECDSA_SHA1]].concat());
}

#[test]
fn pkcs1_encoding_must_be_exact() {
    let (der, kind, scheme, _) = keys()[0];
    let provider = with_sha1_signatures(provider());
    let verifier = provider.verifier(kind, scheme).unwrap();
    let public = Sha1Keys.load(der).unwrap().public_key().clone();
    let key = RsaKey::load(rsa_private_key(der).unwrap()).unwrap();
    let verified = |encoded: &[u8]| {
        let signature = key.sign(encoded, &mut Seeded::new(1)).unwrap();
        verifier.verify(&public.bits, MESSAGE, signature.expose())
    };
    let encoded = sha1::emsa_pkcs1(MESSAGE, key.len()).unwrap();
    assert_eq!(verified(&encoded), Ok(()));
    // Forgeries for small exponents rely on bytes after the hash instead of padding (RFC 5246 appendix D.4).
    let separator = encoded.len() - 36;
    for more in [1, 8, 100, 210] {
        for filler in [0, 0xff] {
            let wrong = [&encoded[..separator - more], &encoded[separator..], &vec![filler; more]].concat();
            assert_eq!(verified(&wrong), Err(CryptoError::BadSignature), "{more} of {filler}");
        }
    }
    // Without the NULL parameters the encoding differs. RFC 5246 section 4.7 requires accepting it, but
    // AWS-LC compares the whole encoding, as in RFC 8017 section 8.2.2.
    let short =
        [&b"\0\x30\x1f\x30\x07\x06\x05\x2b\x0e\x03\x02\x1a\x04\x14"[..], &encoded[encoded.len() - 20..]];
    let without = [&encoded[..separator], &[0xff; 2], &short.concat()].concat();
    assert_eq!(without.len(), encoded.len());
    assert_eq!(verified(&without), Err(CryptoError::BadSignature));
}
