use super::*;
use crate::testing::{NOW, cert, provider};
use crate::{CertificateFacts, issue::Template};
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
fn a_good_chain_gives_the_key_and_its_uses() {
    let verifier = verifier(&[cert!("root.pem")]);
    let peer = server(&verifier, &good_chain(), "www.example.com").unwrap();
    assert_eq!(peer.public_key.kind, KeyKind::EcP256);
    assert_eq!(peer.key_usage, KeyUsage { digital_signature: true, ..KeyUsage::NONE });
    assert_eq!(peer.trusted_by, TrustedBy::Authority);
}

#[cfg(feature = "std")]
#[test]
fn the_key_of_an_authority_is_read_once_and_checked_with_ever_after() {
    let verifier = verifier(&[cert!("root.pem"), cert!("self-signed.pem")]);
    let read = || verifier.algorithms.iter().map(PkixAlgorithm::authorities_read).sum::<usize>();
    assert_eq!(read(), 0);
    for _ in 0..2 {
        assert!(server(&verifier, &good_chain(), "www.example.com").is_ok());
        assert_eq!(read(), 1);
    }
    // The last byte of an intermediate is in the authority's signature.
    let mut chain = good_chain();
    let last = chain.last_mut().and_then(|intermediate| intermediate.last_mut()).unwrap();
    *last ^= 1;
    assert_eq!(server(&verifier, &chain, "www.example.com"), Err(CertificateError::BadSignature));
    assert_eq!(read(), 1);
}

#[test]
fn the_key_of_an_authority_may_be_one_that_cannot_be_read_beforehand() {
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
fn names_are_compared_as_rfc_6125_has_it() {
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
fn order_and_needless_certificates_do_not_matter() {
    let verifier = verifier(&[cert!("root.pem")]);
    let chain = [
        cert!("leaf.pem"),
        cert!("self-signed.pem"),
        cert!("root.pem"),
        cert!("intermediate-1024.pem"),
        cert!("intermediate.pem"),
    ];
    assert!(server(&verifier, &chain, "www.example.com").is_ok());
    // Nor do ones that cannot be read at all; they are of no use, that is all.
    let chain = [cert!("leaf.pem"), b"rubbish".to_vec(), cert!("intermediate.pem")];
    assert!(server(&verifier, &chain, "www.example.com").is_ok());
}

#[test]
fn a_chain_that_leads_nowhere_is_unknown() {
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
fn the_length_of_a_chain_is_bounded_on_both_sides() {
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
fn dates_are_those_of_the_argument() {
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
fn signatures_of_every_kind_verify() {
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
}

#[test]
fn algorithms_that_are_not_there_are_unsupported() {
    let root = verifier(&[cert!("root.pem")]);
    let unsupported = Err(CertificateError::UnsupportedAlgorithm);
    assert_eq!(server(&root, &[cert!("leaf-sha1.pem")], "www.example.com"), unsupported);
    assert_eq!(server(&root, &[cert!("leaf-ed448.pem")], "www.example.com"), unsupported);
    // Nor are those that a policy took out of the provider.
    let mut provider = provider();
    provider.verifiers.retain(|verifier| verifier.key_kind() != KeyKind::EcP384);
    let mut roots = Roots::new();
    roots.add_der(&cert!("root.pem")).unwrap();
    let verifier = ChainVerifier::new(&provider, roots);
    assert_eq!(server(&verifier, &good_chain(), "www.example.com"), unsupported);
}

#[test]
fn schemes_that_are_not_taken_in_certificates_are_unsupported() {
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
    // What is trusted itself is signed by whomever.
    let trusted = verifier(&good_chain()[..1]).with_certificate_schemes(&[]);
    assert!(server(&trusted, &good_chain()[..1], "www.example.com").is_ok());
}

#[test]
fn weak_keys_are_named_as_such_wherever_they_are() {
    let weak = Err(CertificateError::KeyTooWeak { bits: 1024, minimum: MIN_RSA_BITS });
    let root = verifier(&[cert!("root.pem")]);
    assert_eq!(server(&root, &[cert!("leaf-1024.pem")], "www.example.com"), weak);
    let chain = [cert!("leaf-of-1024.pem"), cert!("intermediate-1024.pem")];
    assert_eq!(server(&root, &chain, "www.example.com"), weak);
}

#[test]
fn a_critical_extension_that_is_not_understood_is_refused() {
    let root = verifier(&[cert!("root.pem")]);
    assert_eq!(
        server(&root, &[cert!("leaf-critical.pem")], "www.example.com"),
        Err(CertificateError::UnknownCriticalExtension)
    );
    // Trusting the very certificate does not change what it says.
    let exact = verifier(&[cert!("leaf-critical.pem")]);
    assert_eq!(
        server(&exact, &[cert!("leaf-critical.pem")], "www.example.com"),
        Err(CertificateError::UnknownCriticalExtension)
    );
}

#[test]
fn a_self_signed_certificate_works_when_it_is_listed() {
    let chain = [cert!("self-signed.pem")];
    let facts = CertificateFacts::from_der(&chain[0]).unwrap();
    assert!(facts.is_ca, "openssl req -x509 says CA:TRUE");
    let listed = verifier(&chain);
    let peer = server(&listed, &chain, "localhost").unwrap();
    assert_eq!((peer.trusted_by, peer.key_usage), (TrustedBy::Itself, KeyUsage::ANY));
    assert!(server(&listed, &chain, "127.0.0.1").is_ok());
    // What else it says still counts.
    assert_eq!(server(&listed, &chain, "example.com"), Err(CertificateError::NameMismatch));
    let late = facts.not_after + 1;
    assert_eq!(
        server_at(&listed, &chain, "localhost", late),
        Err(CertificateError::Expired { not_after: facts.not_after, now: late })
    );
    // One that is not listed leads nowhere; that it says it is an authority is the lesser matter.
    let other = verifier(&[cert!("root.pem")]);
    assert_eq!(server(&other, &chain, "localhost"), Err(CertificateError::SelfSigned));
}

#[test]
fn a_listed_leaf_needs_no_issuer_and_vouches_for_nobody() {
    let listed = verifier(&[cert!("leaf.pem")]);
    let peer = server(&listed, &[cert!("leaf.pem")], "www.example.com").unwrap();
    assert_eq!(peer.trusted_by, TrustedBy::Itself);
    assert_eq!(listed.roots().authorities(), 0);
    assert_eq!(client(&listed, &[&cert!("leaf.pem")]), Err(CertificateError::NotForThisUse));
}

#[test]
fn a_certificate_is_for_its_use_only() {
    let root = verifier(&[cert!("root.pem")]);
    let chain = good_chain();
    let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    assert_eq!(client(&root, &chain), Err(CertificateError::NotForThisUse));
}

#[test]
fn a_certificate_of_version_1_is_an_end_entitys_at_most() {
    // It has no names, so it is no server's, and it cannot say that it is an authority's, so it is none.
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
    // Nor is it an authority in the middle of a chain.
    let sent = [cert!("leaf-of-v1.pem"), old];
    assert_eq!(server(&other, &sent, "www.example.com"), Err(CertificateError::NotCa));
}

#[test]
fn an_authority_may_be_a_server_by_the_names_that_it_has() {
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
fn no_byte_of_a_chain_can_be_changed() {
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
fn a_forged_signature_is_a_bad_one() {
    let root = verifier(&[cert!("root.pem")]);
    let mut chain = good_chain();
    // In the middle of the signature of the intermediate, which is RSA and has no structure to break.
    let position = chain[1].len() - 100;
    chain[1][position] ^= 1;
    assert_eq!(server(&root, &chain, "www.example.com"), Err(CertificateError::BadSignature));
}

#[test]
fn the_authority_of_the_platform_and_the_algorithms_are_shown_for_debugging() {
    let shown = alloc::format!("{:?}", verifier(&[cert!("root.pem")]));
    assert!(shown.contains("authorities: 1") && shown.contains("AWS-LC"), "{shown}");
    assert!(provider().hash(HashAlgorithm::Sha256).is_some());
}

#[test]
fn a_verdict_holds_until_the_first_certificate_of_the_path_expires() {
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
fn a_fingerprint_is_that_of_everything_a_verdict_rests_on() {
    let (root, other, leaf) = (cert!("root.pem"), cert!("self-signed.pem"), cert!("leaf.pem"));
    let of = |roots: &[Vec<u8>]| verifier(roots).fingerprint();
    let both = of(&[root.clone(), other.clone()]);
    assert_eq!(both, of(&[other.clone(), root.clone(), other.clone()]), "order and repetition do not count");
    let schemes = [SignatureScheme::RSA_PKCS1_SHA256, SignatureScheme::ED25519];
    let with_schemes = |schemes: &[SignatureScheme]| {
        verifier(&[root.clone(), other.clone()]).with_certificate_schemes(schemes).fingerprint()
    };
    let mut lean = provider();
    lean.verifiers.pop();
    let mut roots = Roots::new();
    roots.add_der(&root).unwrap();
    roots.add_der(&other).unwrap();
    let different = [
        both,
        of(&[]),
        of(core::slice::from_ref(&root)),
        of(core::slice::from_ref(&other)),
        of(&[root.clone(), other.clone(), leaf]),
        with_schemes(&[]),
        with_schemes(&schemes),
        with_schemes(&schemes[..1]),
        ChainVerifier::new(&lean, roots.clone()).fingerprint(),
    ];
    for (place, one) in different.iter().enumerate() {
        assert!(!different[..place].contains(one), "{place}");
    }
    assert_eq!(with_schemes(&schemes), with_schemes(&[schemes[1], schemes[0]]));
    // Without SHA-256 nothing can be compared, so nothing is alike.
    lean.hashes.clear();
    let verifier = ChainVerifier::new(&lean, roots);
    assert_ne!(verifier.fingerprint(), verifier.fingerprint());
}
