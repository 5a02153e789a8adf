use super::*;
use crate::testing::{cert, fixture};
use alloc::string::ToString;

#[test]
fn authorities_become_anchors_and_everything_is_trusted_for_itself() {
    let mut roots = Roots::new();
    assert!(roots.is_empty());
    let both = [fixture!("root.pem"), fixture!("leaf.pem")].concat();
    assert_eq!(roots.add_pem(&both).unwrap(), 2);
    assert_eq!(roots.authorities(), 1);
    assert!(roots.trusts_exactly(&cert!("root.pem")));
    assert!(roots.trusts_exactly(&cert!("leaf.pem")));
    assert!(!roots.trusts_exactly(&cert!("intermediate.pem")));
}

#[test]
fn the_same_certificate_twice_counts_once() {
    let mut roots = Roots::new();
    for _ in 0..2 {
        roots.add_der(&cert!("root.pem")).unwrap();
    }
    assert_eq!((roots.authorities(), roots.exact.len()), (1, 1));
}

#[test]
fn a_bad_certificate_is_named_by_its_number_and_nothing_is_added() {
    let mut roots = Roots::new();
    let bad = pem::encode_certificate(b"not a certificate");
    let file = [fixture!("root.pem"), bad.as_bytes()].concat();
    let error = roots.add_pem(&file).unwrap_err();
    assert_eq!(error.to_string(), "certificate number 2: a certificate is not well-formed X.509 version 3");
    assert!(roots.is_empty());
    assert!(matches!(roots.add_pem(b"nothing"), Err(TrustError::Pem(pem::PemError::NoCertificate))));
}

#[test]
fn names_of_authorities_are_as_in_their_certificates() {
    let mut roots = Roots::new();
    roots.add_der(&cert!("root.pem")).unwrap();
    let root = cert!("root.pem");
    assert_eq!(roots.authority_names(), [crate::read::Layout::parse(&root).unwrap().subject]);
}

#[cfg(feature = "std")]
#[test]
fn a_file_is_read_and_a_missing_one_is_an_error() {
    let mut roots = Roots::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    assert_eq!(roots.add_file(folder.join("root.pem")).unwrap(), 1);
    assert!(matches!(roots.add_file(folder.join("missing.pem")), Err(TrustError::Io(_))));
}

#[cfg(feature = "platform-roots")]
#[test]
fn the_roots_of_the_platform_are_anchors_only() {
    let mut roots = Roots::new();
    let found = roots.add_platform();
    std::println!("{found:?}");
    assert_eq!(roots.authorities(), found.added);
    assert!(roots.exact.is_empty());
}
