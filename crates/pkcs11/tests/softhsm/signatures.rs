//! Signatures of each kind of key, verified by both providers.

use super::hsm::{Kind, generate, providers, with_softhsm};
use cairn_pkcs11::{Error, KeyFilter, KeyOptions};
use cairn_tls::{
    crypto::{CryptoError, KeyKind, PublicKey, SigningKey},
    default_provider,
    wire::SignatureScheme as S,
};
use cryptoki::{
    error::{Error as Cause, RvError},
    mechanism::{Mechanism, MechanismType},
    object::Attribute,
};

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
        let slot = hsm.new_token("agrees");
        let attribute = Attribute::Sign(false);
        let (public, ..) = generate(&hsm.session(slot), Kind::P256, "server", &[1], &[attribute]);
        assert!(matches!(hsm.open("agrees", &public), Err(Error::MayNotSign)));
    });
}

#[test]
fn a_key_that_requires_the_pin_for_each_signature_gets_it() {
    with_softhsm("signatures::a_key_that_requires_the_pin_for_each_signature_gets_it", |hsm| {
        let slot = hsm.new_token("card");
        let session = hsm.session(slot);
        let attribute = Attribute::AlwaysAuthenticate(true);
        let (public, _, private) = generate(&session, Kind::Rsa, "server", &[1], &[attribute]);
        // The login of the session is not enough for it.
        let refused = session.sign(&Mechanism::Sha256RsaPkcs, private, MESSAGE).unwrap_err();
        assert!(matches!(refused, Cause::Pkcs11(RvError::UserNotLoggedIn, _)), "{refused:?}");

        for expected_kind in [KeyKind::Rsa, KeyKind::RsaPss] {
            let public = PublicKey { kind: expected_kind, ..public.clone() };
            let key = hsm.open("card", &public).unwrap();
            let [(.., of_rsa), (.., of_pss), ..] = EXPECTED;
            assert_eq!(key.schemes(), if expected_kind == KeyKind::Rsa { of_rsa } else { of_pss });
            assert_eq!(key.max_sessions(), 1);
            // Several threads, which wait for each other.
            std::thread::scope(|scope| {
                for scheme in key.schemes() {
                    let (key, public) = (&key, &public);
                    scope.spawn(move || {
                        for _ in 0..3 {
                            let signature = key.sign_message(*scheme, MESSAGE).unwrap();
                            for provider in providers() {
                                let verifier = provider.verifier(public.kind, *scheme).unwrap();
                                verifier.verify(&public.bits, MESSAGE, &signature).unwrap();
                            }
                        }
                    });
                }
            });
            // A login that ended is repeated, too.
            session.logout().unwrap();
            key.sign_message(key.schemes()[0], MESSAGE).unwrap();
        }
    });
}

#[test]
fn a_key_that_requires_the_pin_for_each_signature_and_has_no_mechanism_for_it_is_refused() {
    let name =
        "signatures::a_key_that_requires_the_pin_for_each_signature_and_has_no_mechanism_for_it_is_refused";
    with_softhsm(name, |hsm| {
        let slot = hsm.new_token("card");
        let attribute = Attribute::AlwaysAuthenticate(true);
        let (public, ..) = generate(&hsm.session(slot), Kind::Ed25519, "server", &[1], &[attribute]);
        let error = hsm.open("card", &public).unwrap_err();
        assert!(matches!(error, Error::PinForEachSignature), "{error:?}");
        assert!(error.to_string().contains("CKA_ALWAYS_AUTHENTICATE"), "{error}");
    });
}
