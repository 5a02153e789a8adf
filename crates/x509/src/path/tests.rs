//! The cost of hostile chains in signature verifications.

use super::{
    rules::{Purpose, Rules},
    search::{Builder, MAX_SIGNATURES},
};
use crate::{
    certificate::Certificate,
    error::CertificateError,
    issue::{Identity, Template},
    testing::provider,
    trust::Roots,
    usage::KeyUsage,
    verifiers::for_verifiers,
    verify::MAX_CHAIN,
};
use alloc::{vec, vec::Vec};
use cairn_crypto::KeySpec;

const NOW: u64 = 100;

fn authority(name: &str) -> Identity {
    Template::authority(name).valid(0, 900).self_signed(&provider(), KeySpec::EcP256).unwrap()
}

fn issue(template: &Template, issuer: &Identity) -> Identity {
    template.clone().valid(0, 900).issue(&provider(), KeySpec::EcP256, issuer).unwrap()
}

/// The result for a client's chain, and the number of signatures verified.
fn search(root: &Identity, chain: &[Vec<u8>]) -> (Result<(), CertificateError>, usize) {
    let mut roots = Roots::new();
    roots.add_der(root.certificate()).unwrap();
    let algorithms = for_verifiers(&provider().verifiers, roots.anchors());
    let rules =
        Rules { roots: &roots, algorithms: &algorithms, schemes: None, purpose: Purpose::Client, now: NOW };
    let others: Vec<&[u8]> = chain[1..].iter().map(Vec::as_slice).collect();
    let mut builder = Builder::new(rules, Certificate::read(&chain[0]).unwrap(), &others);
    let found = builder.find();
    (found.map(|_| ()).map_err(|error| error.reason), builder.signatures())
}

fn der(identity: &Identity) -> Vec<u8> {
    identity.certificate().to_vec()
}

#[test]
fn valid_path_costs_one_signature_per_certificate() {
    let root = authority("Root");
    let middle = issue(&Template::authority("Middle"), &root);
    let leaf = issue(&Template::client("leaf"), &middle);
    assert_eq!(search(&root, &[der(&leaf), der(&middle)]), (Ok(()), 2));
    // The root itself and unrelated certificates may be in the chain.
    let needless = [der(&leaf), der(&root), der(&authority("Other")), der(&middle)];
    assert_eq!(search(&root, &needless), (Ok(()), 2));
}

#[test]
fn certificates_that_signed_nothing_cost_one_signature_each() {
    let root = authority("Root");
    let stranger = authority("Root");
    let leaf = issue(&Template::client("leaf"), &stranger);
    let mut chain = vec![der(&leaf)];
    chain.extend((1..MAX_CHAIN).map(|_| der(&authority("Root"))));
    let (verdict, signatures) = search(&root, &chain);
    assert!(verdict.is_err());
    assert!(signatures <= MAX_CHAIN, "{signatures}");
}

#[test]
fn key_is_tried_once_even_if_several_certificates_hold_it() {
    // All have the root's name and the same key, so that each signed each.
    let root = authority("Root");
    let first = authority("Root");
    let leaf = issue(&Template::client("leaf"), &first);
    let again = |_| {
        let template = Template::authority("Root").valid(0, 900);
        der(&template.self_signed_with(&provider(), first.key().clone()).unwrap())
    };
    let mut chain = vec![der(&leaf)];
    chain.extend((1..MAX_CHAIN).map(again));
    let (verdict, signatures) = search(&root, &chain);
    assert!(verdict.is_err());
    assert!(signatures <= MAX_SIGNATURES, "{signatures}");
}

#[test]
fn search_stops_at_its_limits() {
    // Each of these signed every other: different keys under the same name.
    let root = authority("Root");
    let keys: Vec<Identity> = (0..6).map(|_| authority("Root")).collect();
    let mut chain = vec![der(&issue(&Template::client("leaf"), &keys[0]))];
    for (number, subject) in keys.iter().enumerate() {
        let issuer = &keys[(number + 1) % keys.len()];
        let template = Template::authority("Root").valid(0, 900);
        chain.push(issuer.sign(&template, &provider(), subject.signing_key().public_key()).unwrap());
        let issuer = &keys[(number + 2) % keys.len()];
        chain.push(issuer.sign(&template, &provider(), subject.signing_key().public_key()).unwrap());
    }
    let (verdict, signatures) = search(&root, &chain);
    assert_eq!((verdict, signatures), (Err(CertificateError::TooComplex), MAX_SIGNATURES));
}

#[test]
fn unsuitable_issuers_cost_no_signature() {
    let root = authority("Root");
    let provider = provider();
    let unfit = [
        Template::authority("Root").valid(0, NOW - 1),
        Template::authority("Root").valid(NOW + 1, 900),
        Template::server("Root").valid(0, 900),
        Template::authority("Root").key_usage(Some(KeyUsage::NONE)).valid(0, 900),
    ];
    let stranger = authority("Root");
    let leaf = issue(&Template::client("leaf"), &stranger);
    let mut chain = vec![der(&leaf)];
    for template in unfit {
        chain.push(der(&template.self_signed(&provider, KeySpec::EcP256).unwrap()));
    }
    // The one signature verified is by the trusted authority's key.
    assert_eq!(search(&root, &chain).1, 1);
}
