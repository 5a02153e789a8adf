use super::*;
use crate::{
    error::CertificateError,
    issue::{Identity, Template},
    raw_key,
    testing::provider,
    usage::KeyUsage,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{KeyKind, KeySpec, PrivateKeyDer, PublicKey, SigningKey};
use cairn_wire::{AlertDescription, Decode, DelegatedCredential, SignatureScheme};

/// The certificate is valid from the first to the last.
const FROM: u64 = 1_700_000_000;
const NOW: u64 = 1_710_000_000;
const UNTIL: u64 = 1_720_000_000;

fn template() -> Template {
    Template::server("server").dns("server.test").valid(FROM, UNTIL).delegation_usage()
}

fn made(template: &Template) -> Identity {
    template.self_signed(&provider(), KeySpec::EcP256).unwrap()
}

fn key(spec: KeySpec) -> Arc<dyn SigningKey> {
    let pkcs8 = provider().keys.generate(spec, &mut provider().rng()).unwrap();
    provider().keys.load(PrivateKeyDer::Pkcs8(pkcs8.expose())).unwrap()
}

/// A credential for an Ed25519 key.
fn delegation(valid_until: u64) -> Delegation {
    Delegation::for_key(Holder::Server, &*key(KeySpec::Ed25519), valid_until).unwrap()
}

fn issued(delegation: &Delegation, by: &Identity) -> Result<Vec<u8>, DelegateError> {
    delegation.issue(by.certificate(), &**by.signing_key(), &provider(), NOW)
}

fn verified(encoded: &[u8], by: &Identity, now: u64) -> Result<DelegatedKey, CertificateError> {
    let credential = DelegatedCredential::decode_exact(encoded).unwrap();
    verify(&credential, by.certificate(), Holder::Server, &provider(), now)
}

fn invalid<T>(error: DelegationError) -> Result<T, CertificateError> {
    Err(CertificateError::Delegation(error))
}

/// A credential with any fields, signed by the certificate's key.
fn forged(
    by: &Identity,
    key: &dyn SigningKey,
    edit: impl FnOnce(&mut DelegatedCredential<'_>),
) -> Result<DelegatedKey, CertificateError> {
    let spki = raw_key::encode(key.public_key()).unwrap();
    let mut credential = DelegatedCredential {
        valid_time: u32::try_from(NOW - FROM).unwrap() + 60,
        dc_cert_verify_algorithm: key.schemes()[0],
        asn1_subject_public_key_info: &spki,
        algorithm: SignatureScheme::ECDSA_SECP256R1_SHA256,
        signature: &[],
    };
    edit(&mut credential);
    let content = verify::signed_content(&credential, by.certificate(), Holder::Server).unwrap();
    let scheme = SignatureScheme::ECDSA_SECP256R1_SHA256;
    let signature = by.signing_key().sign(scheme, &content, &mut provider().rng()).unwrap();
    credential.signature = &signature;
    verify(&credential, by.certificate(), Holder::Server, &provider(), NOW)
}

#[test]
fn issued_credential_is_valid_until_its_expiry() {
    let server = made(&template());
    let key = key(KeySpec::Ed25519);
    let delegation = Delegation::for_key(Holder::Server, &*key, NOW + 60).unwrap();
    let encoded = issued(&delegation, &server).unwrap();
    let expected = DelegatedKey {
        public_key: key.public_key().clone(),
        scheme: SignatureScheme::ED25519,
        not_after: NOW + 60,
    };
    assert_eq!(verified(&encoded, &server, NOW), Ok(expected.clone()));
    assert_eq!(verified(&encoded, &server, NOW + 60), Ok(expected));
    let late = NOW + 61;
    let expired = DelegationError::Expired { until: NOW + 60, now: late };
    assert_eq!(verified(&encoded, &server, late), invalid(expired));
}

#[test]
fn every_key_of_certificates_issues_for_every_key_that_is_allowed() {
    let ours = provider();
    for by in [KeySpec::EcP256, KeySpec::EcP384, KeySpec::Ed25519, KeySpec::Rsa { bits: 2048 }] {
        let server = template().self_signed(&ours, by).unwrap();
        for of in [KeySpec::EcP256, KeySpec::EcP384, KeySpec::EcP521, KeySpec::Ed25519] {
            let key = key(of);
            let delegation = Delegation::for_key(Holder::Server, &*key, NOW + 60).unwrap();
            let encoded = issued(&delegation, &server).unwrap();
            let delegated = verified(&encoded, &server, NOW).unwrap();
            assert_eq!(&delegated.public_key, key.public_key(), "{of:?} by {by:?}");
            // RSASSA-PKCS1-v1_5 is for certificates only.
            let credential = DelegatedCredential::decode_exact(&encoded).unwrap();
            let kind = KeyKind::for_certificate_verify(credential.algorithm);
            assert_eq!(kind, Some(server.signing_key().public_key().kind));
        }
    }
}

#[test]
fn credential_is_valid_for_at_most_seven_days_from_now() {
    let server = made(&template());
    let longest = issued(&delegation(NOW + MAX_VALIDITY), &server).unwrap();
    assert!(verified(&longest, &server, NOW).is_ok());
    let early = DelegationError::ValidTooLong { until: NOW + MAX_VALIDITY, now: NOW - 1 };
    assert_eq!(verified(&longest, &server, NOW - 1), invalid(early));
    let longer = DelegationError::ValidTooLong { until: NOW + MAX_VALIDITY + 1, now: NOW };
    assert_eq!(issued(&delegation(NOW + MAX_VALIDITY + 1), &server), Err(longer.into()));
    let past = DelegationError::Expired { until: NOW - 1, now: NOW };
    assert_eq!(issued(&delegation(NOW - 1), &server), Err(past.into()));
    // The largest valid_time does not overflow.
    let forever = forged(&server, &*key(KeySpec::Ed25519), |credential| credential.valid_time = u32::MAX);
    let until = FROM + u64::from(u32::MAX);
    assert_eq!(forever, invalid(DelegationError::ValidTooLong { until, now: NOW }));
}

#[test]
fn credential_does_not_outlive_its_certificate() {
    let server = made(&template().valid(FROM, NOW + 100));
    assert!(issued(&delegation(NOW + 100), &server).is_ok());
    let beyond = DelegateError::BeyondCertificate { not_after: NOW + 100 };
    assert_eq!(issued(&delegation(NOW + 101), &server), Err(beyond));
    // valid_time is counted from notBefore, which 1970 bounds.
    let ancient = made(&template().valid(0, UNTIL));
    assert_eq!(issued(&delegation(NOW + 60), &ancient), Err(DelegationError::BadNotBefore.into()));
    let forged = forged(&ancient, &*key(KeySpec::Ed25519), |credential| {
        credential.valid_time = u32::try_from(NOW).unwrap() + 60;
    });
    assert_eq!(forged, invalid(DelegationError::BadNotBefore));
}

#[test]
fn certificate_must_permit_delegation() {
    let without = Template::server("server").dns("server.test").valid(FROM, UNTIL);
    let sign = KeyUsage { digital_signature: true, ..KeyUsage::NONE };
    let agree = KeyUsage { key_agreement: true, ..KeyUsage::NONE };
    for (template, expected) in [
        (template(), None),
        (template().key_usage(Some(sign)), None),
        (without, Some(DelegationError::NoDelegationUsage)),
        (template().key_usage(Some(agree)), Some(DelegationError::NoDigitalSignature)),
        (template().key_usage(None), Some(DelegationError::NoDigitalSignature)),
    ] {
        let server = made(&template);
        let verified = forged(&server, &*key(KeySpec::Ed25519), |_| {}).map(|_| ());
        let issued = issued(&delegation(NOW + 60), &server).map(|_| ());
        assert_eq!(verified, expected.map_or(Ok(()), invalid));
        match expected {
            None => assert_eq!(issued, Ok(())),
            Some(error) => assert_eq!(issued, Err(CertificateError::from(error).into())),
        }
    }
}

#[test]
fn scheme_of_certificate_verify_must_be_allowed_and_fit_the_key() {
    use SignatureScheme as S;
    let server = made(&template());
    let ed25519 = key(KeySpec::Ed25519);
    for (scheme, expected) in [
        (S::RSA_PSS_RSAE_SHA256, DelegationError::SchemeNotAllowed(S::RSA_PSS_RSAE_SHA256)),
        (S::RSA_PSS_RSAE_SHA384, DelegationError::SchemeNotAllowed(S::RSA_PSS_RSAE_SHA384)),
        (S::RSA_PSS_RSAE_SHA512, DelegationError::SchemeNotAllowed(S::RSA_PSS_RSAE_SHA512)),
        (S::RSA_PKCS1_SHA256, DelegationError::SchemeNotAllowed(S::RSA_PKCS1_SHA256)),
        (S::ECDSA_SHA1, DelegationError::SchemeNotAllowed(S::ECDSA_SHA1)),
        (S(0x0a0a), DelegationError::SchemeNotAllowed(S(0x0a0a))),
        (
            S::ECDSA_SECP256R1_SHA256,
            DelegationError::SchemeNotForKey(S::ECDSA_SECP256R1_SHA256, KeyKind::Ed25519),
        ),
        (S::RSA_PSS_PSS_SHA256, DelegationError::SchemeNotForKey(S::RSA_PSS_PSS_SHA256, KeyKind::Ed25519)),
    ] {
        let forged = forged(&server, &*ed25519, |credential| credential.dc_cert_verify_algorithm = scheme);
        assert_eq!(forged, invalid(expected));
    }
    let delegation = delegation(NOW + 60).scheme(S::RSA_PSS_RSAE_SHA256);
    let expected = DelegationError::SchemeNotAllowed(S::RSA_PSS_RSAE_SHA256);
    assert_eq!(issued(&delegation, &server), Err(expected.into()));
}

#[test]
fn keys_with_rsa_encryption_are_not_delegated_to() {
    let rsa = key(KeySpec::Rsa { bits: 2048 });
    let refused = Delegation::for_key(Holder::Server, &*rsa, NOW + 60);
    assert_eq!(refused, Err(DelegationError::BadPublicKey));
    let server = made(&template());
    for (scheme, expected) in [
        (
            SignatureScheme::RSA_PSS_RSAE_SHA256,
            DelegationError::SchemeNotAllowed(SignatureScheme::RSA_PSS_RSAE_SHA256),
        ),
        // The scheme is for RSASSA-PSS keys.
        (
            SignatureScheme::RSA_PSS_PSS_SHA256,
            DelegationError::SchemeNotForKey(SignatureScheme::RSA_PSS_PSS_SHA256, KeyKind::Rsa),
        ),
    ] {
        let forged = forged(&server, &*rsa, |credential| credential.dc_cert_verify_algorithm = scheme);
        assert_eq!(forged, invalid(expected));
    }
    // The same key with the identifier of RSASSA-PSS.
    let public = PublicKey { kind: KeyKind::RsaPss, bits: rsa.public_key().bits.clone() };
    let spki = raw_key::encode(&public).unwrap();
    let scheme = SignatureScheme::RSA_PSS_PSS_SHA256;
    let content = |signature| DelegatedCredential {
        valid_time: u32::try_from(NOW - FROM).unwrap() + 60,
        dc_cert_verify_algorithm: scheme,
        asn1_subject_public_key_info: &spki,
        algorithm: SignatureScheme::ECDSA_SECP256R1_SHA256,
        signature,
    };
    let signed = verify::signed_content(&content(&[]), server.certificate(), Holder::Server).unwrap();
    let algorithm = SignatureScheme::ECDSA_SECP256R1_SHA256;
    let signature = server.signing_key().sign(algorithm, &signed, &mut provider().rng()).unwrap();
    let credential = content(&signature);
    let verified = verify(&credential, server.certificate(), Holder::Server, &provider(), NOW).unwrap();
    assert_eq!(verified.public_key, public);
    assert_eq!(verified.scheme, scheme);
}

#[test]
fn malformed_unsupported_and_weak_keys_are_rejected() {
    let server = made(&template());
    let ed25519 = key(KeySpec::Ed25519);
    let x25519 = [0x30, 10, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 1, 0];
    for spki in [&b"no DER"[..], &x25519] {
        let forged =
            forged(&server, &*ed25519, |credential| credential.asn1_subject_public_key_info = spki_of(spki));
        assert_eq!(forged, invalid(DelegationError::BadPublicKey));
    }
}

/// Bytes that live as long as the tests.
fn spki_of(bytes: &[u8]) -> &'static [u8] {
    bytes.to_vec().leak()
}

#[test]
fn algorithm_must_fit_the_key_of_the_certificate() {
    use SignatureScheme as S;
    let server = made(&template());
    for algorithm in [S::ECDSA_SECP384R1_SHA384, S::ECDSA_SHA1, S::ED25519, S::RSA_PKCS1_SHA256, S(0x1a1a)] {
        let forged = forged(&server, &*key(KeySpec::Ed25519), |credential| credential.algorithm = algorithm);
        assert_eq!(forged, invalid(DelegationError::AlgorithmNotForKey(algorithm, KeyKind::EcP256)));
    }
}

#[test]
fn signature_binds_certificate_role_and_every_field() {
    let (server, other) = (made(&template()), made(&template()));
    let encoded = issued(&delegation(NOW + 60), &server).unwrap();
    let credential = DelegatedCredential::decode_exact(&encoded).unwrap();
    let bad = || invalid(DelegationError::BadSignature);
    let check = |credential: &DelegatedCredential<'_>, by: &Identity, holder| {
        verify(credential, by.certificate(), holder, &provider(), NOW)
    };
    assert!(check(&credential, &server, Holder::Server).is_ok());
    assert_eq!(check(&credential, &server, Holder::Client), bad());
    assert_eq!(check(&credential, &other, Holder::Server), bad());
    // A certificate of the same key: "it ensures that credentials are only used with the certificate [...]
    // chosen by the delegator".
    let renewed = template().self_signed_with(&provider(), server.key().clone()).unwrap();
    assert_eq!(check(&credential, &renewed, Holder::Server), bad());
    let longer = DelegatedCredential { valid_time: credential.valid_time + 1, ..credential };
    assert_eq!(check(&longer, &server, Holder::Server), bad());
    let key = raw_key::encode(key(KeySpec::Ed25519).public_key()).unwrap();
    let other_key = DelegatedCredential { asn1_subject_public_key_info: &key, ..credential };
    assert_eq!(check(&other_key, &server, Holder::Server), bad());
    let mut signature = credential.signature.to_vec();
    *signature.last_mut().unwrap() ^= 1;
    let unsigned = DelegatedCredential { signature: &[], ..credential };
    let corrupt = DelegatedCredential { signature: &signature, ..credential };
    assert_eq!(check(&unsigned, &server, Holder::Server), bad());
    assert_eq!(check(&corrupt, &server, Holder::Server), bad());
}

#[test]
fn signer_must_hold_the_key_of_the_certificate() {
    let server = made(&template());
    let refused = delegation(NOW + 60).issue(server.certificate(), &*key(KeySpec::EcP256), &provider(), NOW);
    assert_eq!(refused, Err(DelegateError::KeyMismatch));
    let garbage = delegation(NOW + 60).issue(b"no DER", &**server.signing_key(), &provider(), NOW);
    assert_eq!(garbage, Err(CertificateError::BadEncoding.into()));
}

/// The certificate in RFC 9345 appendix B.
#[test]
fn certificate_of_the_rfc_permits_delegation() {
    let pem = include_bytes!("../../tests/fixtures/delegation.pem");
    let certificate = crate::testing::one(pem);
    let facts = crate::facts::CertificateFacts::from_der(&certificate).unwrap();
    assert!(facts.delegation_usage && facts.key_usage.digital_signature);
    assert_eq!(facts.dns_names[0], "kc2kdm.com");
    let ours = made(&template());
    assert!(crate::facts::CertificateFacts::from_der(ours.certificate()).unwrap().delegation_usage);
}

#[test]
fn delegation_usage_is_null_and_not_critical() {
    let server = made(&template());
    let encoded = [0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xda, 0x4b, 0x2c, 0x04, 0x02, 0x05, 0x00];
    let place = server.certificate().windows(encoded.len()).position(|part| part == encoded).unwrap();
    // The element has the same length with another type, but it is not NULL.
    let mut other = server.certificate().to_vec();
    other[place + encoded.len() - 2] = 0x04;
    let refused = crate::facts::CertificateFacts::from_der(&other);
    assert_eq!(refused, Err(CertificateError::BadEncoding));
}

#[test]
fn faults_of_credentials_are_illegal_parameter() {
    for error in [
        DelegationError::Expired { until: 1, now: 2 },
        DelegationError::ValidTooLong { until: 2, now: 1 },
        DelegationError::BadNotBefore,
        DelegationError::SchemeNotAllowed(SignatureScheme::ED25519),
        DelegationError::BadPublicKey,
        DelegationError::SchemeNotForKey(SignatureScheme::ED25519, KeyKind::EcP256),
        DelegationError::NoDelegationUsage,
        DelegationError::NoDigitalSignature,
        DelegationError::AlgorithmNotForKey(SignatureScheme::ED25519, KeyKind::EcP256),
        DelegationError::UnsupportedAlgorithm,
        DelegationError::BadSignature,
    ] {
        let error = CertificateError::from(error);
        assert_eq!(error.alert(), AlertDescription::ILLEGAL_PARAMETER);
        assert!(error.section().is_some_and(|section| section.starts_with("RFC 9345 section 4")));
    }
}
