//! Signatures of each kind of key, verified by both providers.

use super::hsm::{Kind, generate, providers, with_softhsm};
use cairn_pkcs11::{Error, KeyFilter, KeyOptions};
use cairn_tls::{
    crypto::{CryptoError, KeyKind, PublicKey, SigningKey},
    default_provider,
    wire::SignatureScheme as S,
};
use cryptoki::{mechanism::MechanismType, object::Attribute};

const MESSAGE: &[u8] = b"the message";

/// The schemes of each kind of key, in order.
const EXPECTED: [(Kind, KeyKind, &[S]); 6] = [
    (
        Kind::Rsa,
        KeyKind::Rsa,
        &[
            S::RSA_PSS_RSAE_SHA256,
            S::RSA_PSS_RSAE_SHA384,
            S::RSA_PSS_RSAE_SHA512,
            S::RSA_PKCS1_SHA256,
            S::RSA_PKCS1_SHA384,
            S::RSA_PKCS1_SHA512,
        ],
    ),
    (Kind::Rsa, KeyKind::RsaPss, &[S::RSA_PSS_PSS_SHA256, S::RSA_PSS_PSS_SHA384, S::RSA_PSS_PSS_SHA512]),
    (
        Kind::P256,
        KeyKind::EcP256,
        &[S::ECDSA_SECP256R1_SHA256, S::ECDSA_SECP384R1_SHA384, S::ECDSA_SECP521R1_SHA512],
    ),
    (
        Kind::P384,
        KeyKind::EcP384,
        &[S::ECDSA_SECP384R1_SHA384, S::ECDSA_SECP521R1_SHA512, S::ECDSA_SECP256R1_SHA256],
    ),
    (
        Kind::P521,
        KeyKind::EcP521,
        &[S::ECDSA_SECP521R1_SHA512, S::ECDSA_SECP384R1_SHA384, S::ECDSA_SECP256R1_SHA256],
    ),
    (Kind::Ed25519, KeyKind::Ed25519, &[S::ED25519]),
];

#[test]
fn each_key_signs_with_each_of_its_schemes() {
    with_softhsm("signatures::each_key_signs_with_each_of_its_schemes", |hsm| {
        for (number, (kind, expected_kind, schemes)) in EXPECTED.into_iter().enumerate() {
            let label = format!("token {number}");
            let (_, public) = hsm.token_with(&label, kind);
            let public = PublicKey { kind: expected_kind, ..public };
            let key = hsm.open(&label, &public).unwrap();
            assert_eq!((key.public_key(), key.schemes()), (&public, schemes));
            for scheme in schemes {
                // Many signatures, because the halves of ECDSA signatures differ in length.
                for _ in 0..if public.kind.is_ecdsa() { 30 } else { 2 } {
                    let signature = key.sign(*scheme, MESSAGE, &mut default_provider().rng()).unwrap();
                    for provider in providers() {
                        let verifier = provider.verifier(public.kind, *scheme).unwrap();
                        assert_eq!(
                            verifier.verify(&public.bits, MESSAGE, &signature),
                            Ok(()),
                            "{verifier:?}"
                        );
                        let bad = verifier.verify(&public.bits, b"another message", &signature);
                        assert_eq!(bad, Err(CryptoError::BadSignature));
                    }
                }
            }
            for scheme in S::KNOWN.iter().filter(|scheme| !schemes.contains(scheme)) {
                assert!(matches!(key.sign_message(*scheme, MESSAGE), Err(Error::Scheme(_))), "{scheme}");
                let result = key.sign(*scheme, MESSAGE, &mut default_provider().rng());
                assert_eq!(result, Err(CryptoError::Unsupported));
            }
        }
    });
}

#[test]
fn the_private_key_itself_proves_that_it_belongs_to_the_certificate() {
    with_softhsm("signatures::the_private_key_itself_proves_that_it_belongs_to_the_certificate", |hsm| {
        for (label, kind) in [("p256", Kind::P256), ("ed25519", Kind::Ed25519), ("rsa", Kind::Rsa)] {
            let slot = hsm.new_token(label);
            let session = hsm.session(slot);
            let (public, object, _) = generate(&session, kind, "server", &[1], &[]);
            // A token does not need to have the public key.
            session.destroy_object(object).unwrap();
            hsm.open(label, &public).unwrap();
            // The public half of a key that was deleted, with the same label and id.
            let (deleted, _, private) = generate(&session, kind, "server", &[1], &[]);
            session.destroy_object(private).unwrap();
            let key = hsm.open(label, &public).unwrap();
            let signature = key.sign_message(key.schemes()[0], MESSAGE).unwrap();
            let provider = default_provider();
            let verifier = provider.verifier(public.kind, key.schemes()[0]).unwrap();
            verifier.verify(&public.bits, MESSAGE, &signature).unwrap();
            drop(session);
            assert!(matches!(hsm.open(label, &deleted), Err(Error::KeyMismatch)));
        }
    });
}

#[test]
fn a_key_signs_with_its_allowed_mechanisms_only() {
    with_softhsm("signatures::a_key_signs_with_its_allowed_mechanisms_only", |hsm| {
        let slot = hsm.new_token("limited");
        let session = hsm.session(slot);
        let only = |mechanism| [Attribute::AllowedMechanisms(vec![mechanism])];
        let (pss, ..) = generate(&session, Kind::Rsa, "pss", &[1], &only(MechanismType::RSA_PKCS_PSS));
        let (none, ..) = generate(&session, Kind::Rsa, "none", &[2], &only(MechanismType::SHA256_RSA_PKCS));
        let open = |label, public: &PublicKey| {
            let filter = KeyFilter::any().label(label);
            let token = hsm.token("limited");
            token.key(&filter, &hsm.certify(public), &default_provider(), KeyOptions::default())
        };
        let key = open("pss", &pss).unwrap();
        let schemes = [S::RSA_PSS_RSAE_SHA256, S::RSA_PSS_RSAE_SHA384, S::RSA_PSS_RSAE_SHA512];
        assert_eq!(key.schemes(), schemes);
        key.sign_message(S::RSA_PSS_RSAE_SHA256, MESSAGE).unwrap();
        assert!(matches!(open("none", &none), Err(Error::NoScheme)));
    });
}

#[test]
fn a_key_that_may_not_sign_is_refused() {
    with_softhsm("signatures::a_key_that_may_not_sign_is_refused", |hsm| {
        for (label, attribute) in
            [("agrees", Attribute::Sign(false)), ("asks", Attribute::AlwaysAuthenticate(true))]
        {
            let slot = hsm.new_token(label);
            let (public, ..) = generate(&hsm.session(slot), Kind::P256, "server", &[1], &[attribute]);
            match hsm.open(label, &public) {
                Err(Error::MayNotSign) => assert_eq!(label, "agrees"),
                Err(Error::PinForEachSignature) => assert_eq!(label, "asks"),
                other => panic!("{label}: {other:?}"),
            }
        }
    });
}
