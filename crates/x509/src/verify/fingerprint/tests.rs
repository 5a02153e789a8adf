use crate::{
    testing::{cert, provider},
    trust::Roots,
    verify::ChainVerifier,
};
use alloc::vec::Vec;
use cairn_wire::SignatureScheme;

fn verifier(trusted: &[Vec<u8>]) -> ChainVerifier {
    let mut roots = Roots::new();
    trusted.iter().for_each(|root| roots.add_der(root).unwrap());
    ChainVerifier::new(&provider(), roots)
}

#[test]
fn fingerprint_covers_every_input_of_verification() {
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
    // Without SHA-256 no two fingerprints are equal.
    lean.hashes.clear();
    let verifier = ChainVerifier::new(&lean, roots);
    assert_ne!(verifier.fingerprint(), verifier.fingerprint());
}
