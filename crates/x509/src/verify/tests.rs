mod weak_hash;

use super::*;
use crate::{
    facts::CertificateFacts,
    issue::Template,
    testing::{NOW, cert, provider},
};
use alloc::vec;
use cairn_crypto::{HashAlgorithm, KeyKind};

fn verifier(roots: &[Vec<u8>]) -> ChainVerifier {
    let mut trusted = Roots::new();
    for root in roots {
        trusted.add_der(root).unwrap();
    }
    ChainVerifier::new(&provider(), trusted)
}

fn server(verifier: &ChainVerifier, chain: &[Vec<u8>], name: &str) -> Result<VerifiedPeer, CertificateError> {
    server_at(verifier, chain, name, NOW)
}

fn server_at(
    verifier: &ChainVerifier,
    chain: &[Vec<u8>],
    name: &str,
    now: u64,
) -> Result<VerifiedPeer, CertificateError> {
    let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    verifier.verify_server(&chain, &ServerName::parse(name).unwrap(), now).map_err(|error| error.reason)
}

fn client(verifier: &ChainVerifier, chain: &[&[u8]]) -> Result<VerifiedPeer, CertificateError> {
    verifier.verify_client(chain, NOW).map_err(|error| error.reason)
}

fn good_chain() -> Vec<Vec<u8>> {
    vec![cert!("leaf.pem"), cert!("intermediate.pem")]
}

#[test]
fn valid_chain_yields_key_and_key_usage() {
    let verifier = verifier(&[cert!("root.pem")]);
    let peer = server(&verifier, &good_chain(), "www.example.com").unwrap();
    assert_eq!(peer.public_key.kind, KeyKind::EcP256);
    assert_eq!(peer.key_usage, KeyUsage { digital_signature: true, ..KeyUsage::NONE });
    assert_eq!(peer.trusted_by, TrustedBy::Authority);
}

#[cfg(feature = "std")]
#[test]
fn authority_key_is_loaded_once_and_reused() {
    let verifier = verifier(&[cert!("root.pem"), cert!("self-signed.pem")]);
    let read = || verifier.algorithms.iter().map(PkixAlgorithm::authorities_read).sum::<usize>();
    assert_eq!(read(), 0);
    for _ in 0..2 {
        assert!(server(&verifier, &good_chain(), "www.example.com").is_ok());
        assert_eq!(read(), 1);
    }
    // The last byte of an intermediate is part of the authority's signature.
    let mut chain = good_chain();
    let last = chain.last_mut().and_then(|intermediate| intermediate.last_mut()).unwrap();
    *last ^= 1;
    assert_eq!(server(&verifier, &chain, "www.example.com"), Err(CertificateError::BadSignature));
    assert_eq!(read(), 1);
}

#[test]
fn authority_key_works_without_being_loaded_in_advance() {
    struct AtOnce(Arc<dyn cairn_crypto::SignatureVerifier>);
    impl cairn_crypto::Algorithm for AtOnce {
        fn implementation(&self) -> &'static str {
            "test"
        }
    }
    impl cairn_crypto::SignatureVerifier for AtOnce {
        fn key_kind(&self) -> KeyKind {
            self.0.key_kind()
        }
        fn scheme(&self) -> SignatureScheme {
            self.0.scheme()
        }
        fn verify(
            &self,
            key: &[u8],
            message: &[u8],
            signature: &[u8],
        ) -> Result<(), cairn_crypto::CryptoError> {
            self.0.verify(key, message, signature)
        }
    }
    let mut provider = provider();
    for verifier in &mut provider.verifiers {
        *verifier = Arc::new(AtOnce(Arc::clone(verifier)));
    }
    let mut roots = Roots::new();
    roots.add_der(&cert!("root.pem")).unwrap();
    let verifier = ChainVerifier::new(&provider, roots);
    assert!(server(&verifier, &good_chain(), "www.example.com").is_ok());
}

#[test]
fn names_are_matched_as_in_rfc_6125() {
    let verifier = verifier(&[cert!("root.pem")]);
    for name in ["www.example.com", "WWW.Example.COM.", "a.example.org", "192.0.2.1", "2001:db8:0:0::1"] {
        assert!(server(&verifier, &good_chain(), name).is_ok(), "{name}");
    }
    for name in [
        "example.com",
        "example.org",
        "a.b.example.org",
        "www.example.com.evil",
        "192.0.2.2",
        "2001:db8::2",
        "::1",
    ] {
        assert_eq!(server(&verifier, &good_chain(), name), Err(CertificateError::NameMismatch), "{name}");
    }
}

#[test]
fn order_and_extra_certificates_do_not_matter() {
    let verifier = verifier(&[cert!("root.pem")]);
    let chain = [
        cert!("leaf.pem"),
        cert!("self-signed.pem"),
        cert!("root.pem"),
        cert!("intermediate-1024.pem"),
        cert!("intermediate.pem"),
    ];
    assert!(server(&verifier, &chain, "www.example.com").is_ok());
    // Nor do malformed ones, which are ignored.
    let chain = [cert!("leaf.pem"), b"rubbish".to_vec(), cert!("intermediate.pem")];
    assert!(server(&verifier, &chain, "www.example.com").is_ok());
}

#[test]
fn chain_without_trusted_root_is_an_unknown_issuer_or_authority() {
    let root = verifier(&[cert!("root.pem")]);
    let unknown = Err(CertificateError::UnknownIssuer);
    assert_eq!(server(&root, &[cert!("leaf.pem")], "www.example.com"), unknown);
    assert_eq!(server(&verifier(&[]), &good_chain(), "www.example.com"), unknown);
    assert_eq!(server(&verifier(&[cert!("root-pss.pem")]), &good_chain(), "www.example.com"), unknown);
    let with_root = [good_chain(), vec![cert!("root.pem")]].concat();
    let error = CertificateError::UnknownAuthority;
    assert_eq!(server(&verifier(&[]), &with_root, "www.example.com"), Err(error));
}

#[test]
fn empty_and_too_long_chains_are_rejected() {
    let verifier = verifier(&[cert!("root.pem")]);
    assert_eq!(server(&verifier, &[], "a"), Err(CertificateError::EmptyChain));
    assert_eq!(client(&verifier, &[]), Err(CertificateError::EmptyChain));
    let mut chain = good_chain();
    chain.resize(MAX_CHAIN, cert!("root.pem"));
    assert!(server(&verifier, &chain, "www.example.com").is_ok());
    chain.push(cert!("root.pem"));
    let error = CertificateError::ChainTooLong { limit: MAX_CHAIN, got: MAX_CHAIN + 1 };
    assert_eq!(server(&verifier, &chain, "www.example.com"), Err(error));
}

#[test]
fn validity_is_checked_at_the_given_time() {
    let verifier = verifier(&[cert!("root.pem")]);
    let facts = CertificateFacts::from_der(&cert!("leaf.pem")).unwrap();
    let at = |now| server_at(&verifier, &good_chain(), "www.example.com", now).map(|_| ());
    assert_eq!(at(facts.not_before), Ok(()));
    let early = facts.not_before - 1;
    assert!(matches!(at(early), Err(CertificateError::NotYetValid { now, .. }) if now == early));
    assert!(matches!(at(facts.not_after + 1), Err(CertificateError::Expired { .. })));
    assert!(matches!(at(u64::MAX), Err(CertificateError::Expired { now: u64::MAX, .. })));
    assert!(matches!(at(0), Err(CertificateError::NotYetValid { now: 0, .. })));
}

#[test]
fn signatures_of_every_algorithm_verify() {
    let root = verifier(&[cert!("root.pem")]);
    for leaf in [
        cert!("leaf-p521.pem"),
        cert!("leaf-ed25519.pem"),
        cert!("leaf-pss-signed.pem"),
        cert!("leaf-sha512.pem"),
        cert!("leaf-names.pem"),
    ] {
        assert!(server(&root, &[leaf], "www.example.com").is_ok());
    }
    let pss = server(&verifier(&[cert!("root-pss.pem")]), &[cert!("leaf-of-pss.pem")], "www.example.com");
    assert_eq!(pss.map(|peer| peer.public_key.kind), Ok(KeyKind::RsaPss));
    let root = verifier(&[cert!("root-ml-dsa.pem")]);
    let ml_dsa = server(&root, &[cert!("leaf-ml-dsa.pem")], "www.example.com");
    assert_eq!(ml_dsa.map(|peer| peer.public_key.kind), Ok(KeyKind::MlDsa44));
    let mut altered = cert!("leaf-ml-dsa.pem");
    *altered.last_mut().unwrap() ^= 1;
    // Without key identifiers, the issuer could also be another authority with the same name.
    let refused = server(&root, &[altered], "www.example.com");
    assert_eq!(refused.err(), Some(CertificateError::OtherAuthorityKey));
}

#[test]
fn algorithms_missing_from_the_provider_are_unsupported() {
    let root = verifier(&[cert!("root.pem")]);
    let unsupported = Err(CertificateError::UnsupportedAlgorithm);
    assert_eq!(server(&root, &[cert!("leaf-ed448.pem")], "www.example.com"), unsupported);
    // Nor are algorithms that a policy removed from the provider.
    let mut provider = provider();
    provider.verifiers.retain(|verifier| verifier.key_kind() != KeyKind::EcP384);
    let mut roots = Roots::new();
    roots.add_der(&cert!("root.pem")).unwrap();
    let verifier = ChainVerifier::new(&provider, roots);
    assert_eq!(server(&verifier, &good_chain(), "www.example.com"), unsupported);
}

#[test]
fn schemes_not_permitted_in_certificates_are_unsupported() {
    let with = |schemes: &[SignatureScheme]| verifier(&[cert!("root.pem")]).with_certificate_schemes(schemes);
    let used: Vec<SignatureScheme> = good_chain()
        .iter()
        .filter_map(|der| CertificateFacts::from_der(der).unwrap().signature_scheme)
        .collect();
    assert_eq!(used, [SignatureScheme::ECDSA_SECP256R1_SHA256, SignatureScheme::RSA_PKCS1_SHA256]);
    assert!(server(&with(&used), &good_chain(), "www.example.com").is_ok());
    for scheme in used {
        let verdict = server(&with(&[scheme]), &good_chain(), "www.example.com");
        assert_eq!(verdict, Err(CertificateError::UnsupportedAlgorithm), "{scheme} alone");
    }
    // The signature of an exactly trusted certificate is not restricted.
    let trusted = verifier(&good_chain()[..1]).with_certificate_schemes(&[]);
    assert!(server(&trusted, &good_chain()[..1], "www.example.com").is_ok());
}

#[test]
fn weak_keys_are_rejected_at_any_position() {
    let weak = Err(CertificateError::KeyTooWeak { bits: 1024, minimum: MIN_RSA_BITS });
    let root = verifier(&[cert!("root.pem")]);
    assert_eq!(server(&root, &[cert!("leaf-1024.pem")], "www.example.com"), weak);
    let chain = [cert!("leaf-of-1024.pem"), cert!("intermediate-1024.pem")];
    assert_eq!(server(&root, &chain, "www.example.com"), weak);
}

#[test]
fn unrecognized_critical_extension_is_rejected() {
    let root = verifier(&[cert!("root.pem")]);
    assert_eq!(
        server(&root, &[cert!("leaf-critical.pem")], "www.example.com"),
        Err(CertificateError::UnknownCriticalExtension)
    );
    // Trusting the certificate exactly does not change its contents.
    let exact = verifier(&[cert!("leaf-critical.pem")]);
    assert_eq!(
        server(&exact, &[cert!("leaf-critical.pem")], "www.example.com"),
        Err(CertificateError::UnknownCriticalExtension)
    );
}

#[test]
fn self_signed_certificate_is_accepted_if_trusted() {
    let chain = [cert!("self-signed.pem")];
    let facts = CertificateFacts::from_der(&chain[0]).unwrap();
    assert!(facts.is_ca, "openssl req -x509 says CA:TRUE");
    let listed = verifier(&chain);
    let peer = server(&listed, &chain, "localhost").unwrap();
    assert_eq!((peer.trusted_by, peer.key_usage), (TrustedBy::Itself, KeyUsage::ANY));
    assert!(server(&listed, &chain, "127.0.0.1").is_ok());
    // Its other fields are still checked.
    assert_eq!(server(&listed, &chain, "example.com"), Err(CertificateError::NameMismatch));
    let late = facts.not_after + 1;
    assert_eq!(
        server_at(&listed, &chain, "localhost", late),
        Err(CertificateError::Expired { not_after: facts.not_after, now: late })
    );
    // Without trust there is no path; the CA flag does not matter then.
    let other = verifier(&[cert!("root.pem")]);
    assert_eq!(server(&other, &chain, "localhost"), Err(CertificateError::SelfSigned));
}

#[test]
fn trusted_leaf_needs_no_issuer_and_issues_nothing() {
    let listed = verifier(&[cert!("leaf.pem")]);
    let peer = server(&listed, &[cert!("leaf.pem")], "www.example.com").unwrap();
    assert_eq!(peer.trusted_by, TrustedBy::Itself);
    assert_eq!(listed.roots().authorities(), 0);
    assert_eq!(client(&listed, &[&cert!("leaf.pem")]), Err(CertificateError::NotForThisUse));
}

#[test]
fn extended_key_usage_is_enforced() {
    let root = verifier(&[cert!("root.pem")]);
    let chain = good_chain();
    let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    assert_eq!(client(&root, &chain), Err(CertificateError::NotForThisUse));
}

#[test]
fn version_1_certificate_is_not_an_authority() {
    // It has no names, so it is not valid for a server, and it cannot be marked as a CA.
    let old = cert!("root-v1.pem");
    assert_eq!(CertificateFacts::from_der(&old).unwrap().version, 1);
    let trusted = verifier(core::slice::from_ref(&old));
    assert_eq!(trusted.roots().authorities(), 0);
    let no_names = Err(CertificateError::NoNames);
    assert_eq!(server(&trusted, core::slice::from_ref(&old), "www.example.com"), no_names);
    assert_eq!(client(&trusted, &[&old]).map(|peer| peer.trusted_by), Ok(TrustedBy::Itself));
    let issued = server(&trusted, &[cert!("leaf-of-v1.pem")], "www.example.com");
    assert_eq!(issued, Err(CertificateError::UnknownIssuer));
    let other = verifier(&[cert!("root.pem")]);
    assert_eq!(client(&other, &[&old]), Err(CertificateError::SelfSigned));
    // Nor is it an intermediate.
    let sent = [cert!("leaf-of-v1.pem"), old];
    assert_eq!(server(&other, &sent, "www.example.com"), Err(CertificateError::NotCa));
}

#[test]
fn ca_certificate_may_be_a_server_certificate() {
    let root = verifier(&[cert!("root.pem")]);
    assert_eq!(
        server(&root, &[cert!("intermediate.pem")], "www.example.com"),
        Err(CertificateError::NoNames)
    );
    let provider = provider();
    let key = cairn_crypto::KeySpec::EcP256;
    let root = Template::authority("Root").valid(0, 900).self_signed(&provider, key).unwrap();
    let both = Template::authority("Both").dns("a.example").valid(0, 900);
    let both = both.issue(&provider, key, &root).unwrap();
    let by_root = verifier(&[root.certificate().to_vec()]);
    assert!(server_at(&by_root, &[both.certificate().to_vec()], "a.example", 100).is_ok());
}

#[test]
fn every_altered_byte_of_a_chain_is_detected() {
    let root = verifier(&[cert!("root.pem")]);
    let good = good_chain();
    for which in 0..good.len() {
        for position in 0..good[which].len() {
            let mut chain = good.clone();
            chain[which][position] ^= 1 << (position % 8);
            assert!(server(&root, &chain, "www.example.com").is_err(), "{which} {position}");
        }
        for end in 0..good[which].len() {
            let mut chain = good.clone();
            chain[which].truncate(end);
            assert!(server(&root, &chain, "www.example.com").is_err(), "{which} {end}");
        }
    }
}

#[test]
fn altered_signature_is_bad_signature() {
    let root = verifier(&[cert!("root.pem")]);
    let mut chain = good_chain();
    // In the middle of the intermediate's signature, which is RSA and has no structure.
    let position = chain[1].len() - 100;
    chain[1][position] ^= 1;
    assert_eq!(server(&root, &chain, "www.example.com"), Err(CertificateError::BadSignature));
}

#[test]
fn debug_shows_authorities_and_algorithms() {
    let shown = alloc::format!("{:?}", verifier(&[cert!("root.pem")]));
    assert!(shown.contains("authorities: 1") && shown.contains("AWS-LC"), "{shown}");
    assert!(provider().hash(HashAlgorithm::Sha256).is_some());
}

#[test]
fn result_holds_until_the_earliest_not_after_of_the_path() {
    let provider = provider();
    let key = cairn_crypto::KeySpec::EcP256;
    let root = Template::authority("Root").valid(0, 1000).self_signed(&provider, key).unwrap();
    let middle = |until| Template::authority("Middle").valid(0, until).issue(&provider, key, &root).unwrap();
    for (of_middle, of_leaf) in [(500, 900), (900, 500)] {
        let leaf = Template::server("a").dns("a.example").valid(0, of_leaf);
        let leaf = leaf.issue(&provider, key, &middle(of_middle)).unwrap();
        let chain: Vec<Vec<u8>> = leaf.chain().map(<[u8]>::to_vec).collect();
        let by_root = verifier(&[root.certificate().to_vec()]);
        assert_eq!(server_at(&by_root, &chain, "a.example", 100).unwrap().not_after, 500);
        let by_itself = verifier(&chain[..1]);
        assert_eq!(server_at(&by_itself, &chain, "a.example", 100).unwrap().not_after, of_leaf);
    }
}

#[test]
fn exactly_trusted_certificate_is_not_an_issuer() {
    let provider = provider();
    let key = cairn_crypto::KeySpec::EcP256;
    // As `openssl req -x509` makes it.
    let pinned = Template::server("a.example").dns("a.example").ca(true).key_usage(None).valid(0, 900);
    let pinned = pinned.self_signed(&provider, key).unwrap();
    let minted = Template::server("b.example").dns("b.example").valid(0, 900);
    let minted = minted.issue(&provider, key, &pinned).unwrap();
    let chain = [minted.certificate().to_vec(), pinned.certificate().to_vec()];

    let mut roots = Roots::new();
    roots.add_exactly_pem(pinned.certificate_pem().as_bytes()).unwrap();
    assert_eq!(roots.authorities(), 0);
    let exact = ChainVerifier::new(&provider, roots);
    let peer = server_at(&exact, &chain[1..], "a.example", 100).unwrap();
    assert_eq!(peer.trusted_by, TrustedBy::Itself);
    let refused = Err(CertificateError::UnknownAuthority);
    assert_eq!(server_at(&exact, &chain, "b.example", 100), refused);
    // Trusted as a CA, it may issue.
    let as_authority = verifier(&[pinned.certificate().to_vec()]);
    assert!(server_at(&as_authority, &chain, "b.example", 100).is_ok());
}

#[test]
fn authority_is_bound_by_its_own_certificate() {
    let provider = provider();
    let key = cairn_crypto::KeySpec::EcP256;
    let verdict = |root: Template, now: u64| {
        let root = root.self_signed(&provider, key).unwrap();
        let middle = Template::authority("Middle").valid(0, 900).issue(&provider, key, &root).unwrap();
        let leaf = Template::server("a.example").dns("a.example").valid(0, 900);
        let leaf = leaf.issue(&provider, key, &middle).unwrap();
        let chain: Vec<&[u8]> = leaf.chain().collect();
        let name = ServerName::parse("a.example").unwrap();
        let by_root = verifier(&[root.certificate().to_vec()]);
        by_root.verify_server(&chain, &name, now).map(|peer| peer.not_after)
    };
    let root = || Template::authority("Root").valid(10, 500);
    let purpose = |usage| root().extended_key_usage(Some(usage));
    let none = crate::facts::ExtendedKeyUsage::NONE;
    assert_eq!(verdict(root(), 100), Ok(500));
    assert_eq!(verdict(root().path_len(1), 100), Ok(500));
    let fault = |root, now| verdict(root, now).map_err(|error| (error.reason, error.certificate));
    assert_eq!(
        fault(root().path_len(0), 100),
        Err((CertificateError::PathTooLong, Some(Position::Chain(1))))
    );
    let authority = Some(Position::Authority(0));
    assert_eq!(
        fault(purpose(crate::facts::ExtendedKeyUsage { client_auth: true, ..none }), 100),
        Err((CertificateError::NotForThisUse, authority))
    );
    assert_eq!(verdict(purpose(crate::facts::ExtendedKeyUsage { any: true, ..none }), 100), Ok(500));
    assert_eq!(verdict(purpose(crate::facts::ExtendedKeyUsage { server_auth: true, ..none }), 100), Ok(500));
    assert_eq!(fault(root(), 501), Err((CertificateError::Expired { not_after: 500, now: 501 }, authority)));
    assert_eq!(fault(root(), 9), Err((CertificateError::NotYetValid { not_before: 10, now: 9 }, authority)));
    assert_eq!(
        fault(root().permit_dns("b.example"), 100),
        Err((CertificateError::NameConstraint, Some(Position::Chain(0))))
    );
}

#[test]
fn weak_key_of_a_trusted_authority_is_rejected() {
    let weak = verifier(&[cert!("root-1024.pem")]);
    let chain = [cert!("leaf-of-1024.pem"), cert!("intermediate-1024.pem")];
    let error = CertificateError::KeyTooWeak { bits: 1024, minimum: MIN_RSA_BITS };
    let name = ServerName::parse("www.example.com").unwrap();
    let fault = weak.verify_server(&[&chain[0], &chain[1]], &name, NOW).unwrap_err();
    assert_eq!(fault.reason, error);
}

#[test]
fn renewed_authority_key_is_distinguished_from_a_bad_signature() {
    let provider = provider();
    let key = cairn_crypto::KeySpec::EcP256;
    let root = |_| Template::authority("Root").valid(0, 900).self_signed(&provider, key).unwrap();
    let (old, new) = (root(1), root(2));
    let leaf = Template::server("a.example").dns("a.example").valid(0, 900);
    let leaf = leaf.issue(&provider, key, &new).unwrap();
    let by_old = verifier(&[old.certificate().to_vec()]);
    let other_key = Err(CertificateError::OtherAuthorityKey);
    assert_eq!(server_at(&by_old, &[leaf.certificate().to_vec()], "a.example", 100), other_key);
    // Also if the new root is in the chain.
    let chain = [leaf.certificate().to_vec(), new.certificate().to_vec()];
    assert_eq!(server_at(&by_old, &chain, "a.example", 100), other_key);
}

#[test]
fn path_may_have_the_maximum_chain_length() {
    let provider = provider();
    let key = cairn_crypto::KeySpec::EcP256;
    let root = Template::authority("CA 0").valid(0, 900).self_signed(&provider, key).unwrap();
    let by_root = verifier(&[root.certificate().to_vec()]);
    let mut above = root;
    for level in 1..MAX_CHAIN {
        let name = alloc::format!("CA {level}");
        above = Template::authority(&name).valid(0, 900).issue(&provider, key, &above).unwrap();
    }
    let leaf = Template::server("a.example").dns("a.example").valid(0, 900);
    let leaf = leaf.issue(&provider, key, &above).unwrap();
    let chain: Vec<Vec<u8>> = leaf.chain().map(<[u8]>::to_vec).collect();
    assert_eq!(chain.len(), MAX_CHAIN);
    assert!(server_at(&by_root, &chain, "a.example", 100).is_ok());
}
