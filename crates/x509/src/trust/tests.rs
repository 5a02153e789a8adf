use super::*;
use crate::testing::{cert, fixture};
use alloc::string::ToString;

#[test]
fn authorities_become_anchors_and_all_certificates_are_trusted_exactly() {
    let mut roots = Roots::new();
    assert!(roots.is_empty());
    let both = [fixture!("root.pem"), fixture!("leaf.pem")].concat();
    assert_eq!(roots.add_pem(&both).unwrap().added, 2);
    assert_eq!(roots.authorities(), 1);
    assert!(roots.trusts_exactly(&cert!("root.pem")));
    assert!(roots.trusts_exactly(&cert!("leaf.pem")));
    assert!(!roots.trusts_exactly(&cert!("intermediate.pem")));
}

#[test]
fn duplicate_certificate_counts_once() {
    let mut roots = Roots::new();
    for _ in 0..2 {
        roots.add_der(&cert!("root.pem")).unwrap();
    }
    assert_eq!((roots.authorities(), roots.exact.len()), (1, 1));
}

#[test]
fn unusable_certificate_is_skipped_and_reported() {
    let mut roots = Roots::new();
    let bad = pem::encode_certificate(b"not a certificate");
    let error = roots.add_pem(bad.as_bytes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "certificate number 1: a certificate is not well-formed X.509 (Certificate)"
    );
    assert!(roots.is_empty());
    let file = [bad.as_bytes(), fixture!("root.pem"), bad.as_bytes()].concat();
    let added = roots.add_pem(&file).unwrap();
    assert_eq!((added.added, roots.authorities()), (1, 1));
    assert_eq!(added.skipped.iter().map(|skipped| skipped.number).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(added.skipped[0].error.reason, crate::error::CertificateError::BadEncoding);
    assert_eq!(added.skipped[0].certificate, b"not a certificate");
    assert!(matches!(roots.add_pem(b"nothing"), Err(TrustError::Pem(pem::PemError::NoCertificate))));
}

#[test]
fn authority_names_equal_the_subjects_in_their_certificates() {
    let mut roots = Roots::new();
    roots.add_der(&cert!("root.pem")).unwrap();
    let root = cert!("root.pem");
    assert_eq!(roots.authority_names(), [crate::read::RawCertificate::parse(&root).unwrap().subject]);
}

#[cfg(feature = "std")]
#[test]
fn missing_file_is_an_error() {
    let mut roots = Roots::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    assert_eq!(roots.add_file(folder.join("root.pem")).unwrap().added, 1);
    assert!(matches!(roots.add_file(folder.join("missing.pem")), Err(TrustError::Io(_))));
}

#[cfg(feature = "platform-roots")]
#[test]
fn platform_roots_are_anchors_and_not_exactly_trusted() {
    let mut roots = Roots::new();
    let found = roots.add_platform();
    std::println!("{found:?}");
    assert_eq!(roots.authorities(), found.added);
    assert!(roots.exact.is_empty());
}
