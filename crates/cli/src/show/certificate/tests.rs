#![allow(clippy::unwrap_used)]
use super::*;
use cairn_tls::{
    crypto::KeySpec,
    x509::{KeyUsage, issue::Template},
};

fn line(lines: &[Line], label: &str) -> String {
    let line = lines.iter().find(|line| line.label == label).unwrap_or_else(|| panic!("no {label}"));
    match &line.value {
        Value::One(value) => value.clone(),
        Value::Many(values) => values.join("; "),
    }
}

#[test]
fn everything_is_described() {
    let provider = crate::provider::provider().unwrap();
    let now = SystemClock.now().as_secs();
    let valid = |template: Template| template.valid(now - 86_400, now + 10 * 86_400 + 60);
    let ca = valid(Template::authority("Test CA").permit_dns("example.com"));
    let ca = ca.self_signed(&provider, KeySpec::EcP384).unwrap();
    let server = valid(Template::server("www").dns("www.example.com").ip([127, 0, 0, 1].into()));
    let server = server.issue(&provider, KeySpec::EcP256, &ca).unwrap();

    let leaf = lines(server.certificate());
    assert_eq!(line(&leaf, "subject"), "CN=www");
    assert_eq!(line(&leaf, "issuer"), "CN=Test CA");
    assert_eq!(line(&leaf, "names"), "DNS:www.example.com; IP:127.0.0.1");
    assert_eq!(line(&leaf, "key"), "EC P-256");
    assert_eq!(line(&leaf, "signature"), "ecdsa-with-SHA384");
    assert_eq!(line(&leaf, "key usage"), "digitalSignature (critical)");
    assert_eq!(line(&leaf, "extended usage"), "serverAuth");
    assert!(line(&leaf, "not after").ends_with("Z, in 10 days"), "{}", line(&leaf, "not after"));
    assert!(line(&leaf, "serial").split(':').all(|byte| byte.len() == 2));
    let hash = provider.hash(HashAlgorithm::Sha256).unwrap().hash(&[server.certificate()]).unwrap();
    assert_eq!(line(&leaf, "SHA-256"), colons(hash.as_bytes()));
    assert_eq!(line(&leaf, "SHA-1").len(), 20 * 3 - 1);
    assert!(line(&leaf, "key pin").starts_with("sha256//"));

    let root = lines(ca.certificate());
    assert_eq!(line(&root, "issuer"), "CN=Test CA (the subject itself)");
    assert!(line(&root, "authority").starts_with("yes"));
    assert_eq!(line(&root, "name constraints"), "permitted DNS:example.com (critical)");

    let text = full_chain([server.certificate(), ca.certificate()]);
    assert!(text.starts_with("certificate 1 of 2\n  subject"), "{text}");
    assert!(text.lines().any(|line| line.trim_start() == "IP:127.0.0.1"), "{text}");
}

#[test]
fn extension_with_an_empty_list_is_not_left_out() {
    let provider = crate::provider::provider().unwrap();
    let template = Template::server("a").valid(0, 1).key_usage(Some(KeyUsage::NONE));
    let made = template.self_signed(&provider, KeySpec::EcP256).unwrap();
    assert_eq!(line(&lines(made.certificate()), "key usage"), "none (critical)");
}

#[test]
fn malformed_certificate_has_an_error_and_fingerprints() {
    let text = full(b"no certificate");
    assert!(text.contains("error") && text.contains("SHA-256"), "{text}");
}

#[test]
fn times_are_told_in_relation_to_now() {
    assert_eq!(time_left(1000, 1000 + 86_400 * 3), "expired 3 days ago");
    assert_eq!(time_left(1000, 0), "in 16 minutes");
    assert_eq!(time_left(7200, 0), "in 2 hours");
    assert_eq!(not_yet(86_400 * 2, 0), ", not valid yet: in 2 days");
    assert_eq!(not_yet(5, 5), "");
    assert_eq!(date(0), "1970-01-01T00:00:00Z");
}

#[test]
fn timestamps_are_decoded() {
    // Version 1, a log, 2023-11-14T22:13:20Z in milliseconds, no extensions, an ECDSA signature.
    let mut sct = vec![0];
    sct.extend([7; 32]);
    sct.extend(1_700_000_000_000_u64.to_be_bytes());
    sct.extend([0, 0, 4, 3, 0, 2, 0xaa, 0xbb]);
    let log = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    let words = format!("2023-11-14T22:13:20Z by log {log} (ecdsa_secp256r1_sha256)");
    assert_eq!(timestamps::one(&sct), words);
    let length = u16::try_from(sct.len()).unwrap();
    let list = [&(length + 2).to_be_bytes()[..], &length.to_be_bytes(), &sct].concat();
    assert_eq!(timestamps::list(&list), Some(vec![words]));
    assert_eq!(timestamps::list(&list[..list.len() - 1]), None);
    assert!(timestamps::one(&sct[..40]).starts_with("malformed"));
    assert!(timestamps::one(&[1]).contains("unknown version, 2"));
}
