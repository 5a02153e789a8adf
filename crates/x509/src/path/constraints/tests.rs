use super::*;
use crate::testing::{element, sequence};

/// A `NameConstraints` with these names, each given as a complete element.
fn constraints(permitted: &[&[u8]], excluded: &[&[u8]]) -> Vec<u8> {
    let list = |number, names: &[&[u8]]| {
        let subtrees: Vec<Vec<u8>> = names.iter().map(|name| sequence(&[name])).collect();
        if names.is_empty() { Vec::new() } else { element(tlv::explicit(number), &[&subtrees.concat()]) }
    };
    sequence(&[&list(0, permitted), &list(1, excluded)])
}

fn dns(name: &str) -> Vec<u8> {
    element(tlv::context(2), &[name.as_bytes()])
}

/// Whether a DNS name is accepted if `base` is permitted, and if it is excluded; `None` if that cannot be
/// decided.
fn verdicts(name: &str, base: &str) -> (Option<bool>, Option<bool>) {
    let passes = |encoded: Vec<u8>| {
        let mut constraints = Constraints::default();
        constraints.add(&encoded).unwrap();
        match constraints.check_name(GeneralName::Dns(name.as_bytes()), Field::Subject) {
            Ok(()) => Some(true),
            Err(ChainError { reason: CertificateError::NameConstraint, .. }) => Some(false),
            Err(_) => None,
        }
    };
    let base = dns(base);
    (passes(constraints(&[&base], &[])), passes(constraints(&[], &[&base])))
}

#[test]
fn dns_constraint_covers_a_name_and_all_names_below() {
    for (name, base, is_within) in [
        ("example.com", "example.com", true),
        ("EXAMPLE.com", "example.COM", true),
        ("www.example.com", "example.com", true),
        ("badexample.com", "example.com", false),
        ("example.com", "www.example.com", false),
        ("example.org", "example.com", false),
        ("www.example.com", ".example.com", true),
        ("example.com", ".example.com", false),
        ("anything", "", true),
        ("*.example.com", "example.com", true),
        ("*.example.com", ".example.com", true),
        ("*.example.com", "com", true),
        ("*.example.com", "example.org", false),
    ] {
        assert_eq!(verdicts(name, base), (Some(is_within), Some(!is_within)), "{name} {base}");
    }
    // A wildcard also matches names outside the permitted subtree and names in an excluded one.
    assert_eq!(verdicts("*.example.com", "www.example.com"), (Some(false), Some(false)));
    assert_eq!(verdicts("*.example.com", "a.www.example.com"), (Some(false), Some(true)));
    // An invalid name is in no subtree.
    for name in ["", "a..b", "*", "a*.example.com", "a b", "*.*.example.com"] {
        assert_eq!(verdicts(name, "example.com"), (None, None), "{name}");
    }
}

#[test]
fn malformed_constraints_are_rejected() {
    let mask = |bytes: &[u8]| element(tlv::context(7), &[bytes]);
    let mail = |name: &str| element(tlv::context(1), &[name.as_bytes()]);
    let good = [
        dns("example.com"),
        dns(".example.com"),
        dns(""),
        mask(&[192, 0, 2, 0, 255, 255, 255, 0]),
        mask(&[0; 8]),
        mask(&[0xff; 32]),
        mail("a@example.com"),
        mail("*@example.com"),
        mail("example.com"),
        mail(".example.com"),
        element(tlv::explicit(4), &[&sequence(&[])]),
        element(tlv::explicit(0), &[]),
    ];
    for name in &good {
        assert!(Subtrees::parse(&constraints(&[name], &[])).is_ok(), "{name:x?}");
        assert!(Subtrees::parse(&constraints(&[], &[name])).is_ok(), "{name:x?}");
    }
    let bad = [
        dns("*.example.com"),
        dns("..example.com"),
        dns("a b"),
        mask(&[192, 0, 2, 0]),
        mask(&[192, 0, 2, 0, 255, 0, 255, 0]),
        mask(&[192, 0, 2, 0, 0, 255, 255, 255]),
        mail("@example.com"),
        mail("a@"),
        mail("a@.example.com"),
        element(tlv::context(4), &[&sequence(&[])]),
        element(0x0c, &[b"example.com"]),
    ];
    for name in &bad {
        assert!(Subtrees::parse(&constraints(&[name], &[])).is_err(), "{name:x?}");
        assert!(Subtrees::parse(&constraints(&[], &[name])).is_err(), "{name:x?}");
    }
    assert!(Subtrees::parse(&constraints(&[], &[])).is_err(), "none at all");
    assert!(Subtrees::parse(&sequence(&[&element(tlv::explicit(0), &[])])).is_err(), "an empty list");
    let minimum = sequence(&[&dns("a"), &element(tlv::context(0), &[&[1]])]);
    assert!(Subtrees::parse(&sequence(&[&element(tlv::explicit(0), &[&minimum])])).is_err(), "a minimum");
}

#[test]
fn mailboxes_uris_and_addresses_follow_rfc_5280() {
    for (name, base, expected) in [
        ("a@example.com", "a@example.com", Some(true)),
        ("a@EXAMPLE.com", "a@example.com", Some(true)),
        ("A@example.com", "a@example.com", Some(false)),
        ("a@example.com", "example.com", Some(true)),
        ("a@www.example.com", "example.com", Some(false)),
        ("a@www.example.com", ".example.com", Some(true)),
        ("a@example.com", ".example.com", Some(false)),
        ("\"a@b\"@example.com", "example.com", Some(true)),
        ("example.com", "example.com", None),
        ("a@", "example.com", None),
        ("a@b@example.com", "example.com", None),
    ] {
        assert_eq!(is_mail_within(name.as_bytes(), base.as_bytes()), expected, "{name} {base}");
    }
    for (uri, expected) in [
        ("https://example.com", Some("example.com")),
        ("https://example.com:8443/a?b#c", Some("example.com")),
        ("ftp://user:password@example.com/", Some("example.com")),
        ("https://example.com?a@example.org", Some("example.com")),
        ("https://192.0.2.1/", None),
        ("https://[2001:db8::1]/", None),
        ("urn:example:a", None),
        ("https:///a", None),
    ] {
        assert_eq!(uri_host(uri.as_bytes()), expected.map(str::as_bytes), "{uri}");
    }
    assert!(
        is_host_within(b"example.com", b"example.com") && !is_host_within(b"www.example.com", b"example.com")
    );
    assert!(is_host_within(b"www.example.com", b".example.com"));
    assert_eq!(is_address_within(&[192, 0, 2, 9], &[192, 0, 2, 1, 255, 255, 255, 0]), Some(true));
    assert_eq!(is_address_within(&[192, 0, 3, 9], &[192, 0, 2, 1, 255, 255, 255, 0]), Some(false));
}

#[test]
fn the_number_of_comparisons_is_bounded() {
    let base = dns("example.com");
    let encoded = constraints(&[base.as_slice(); 1000], &[]);
    let mut constraints = Constraints::default();
    constraints.add(&encoded).unwrap();
    let name = GeneralName::Dns(b"example.com");
    for _ in 0..MAX_COMPARISONS / 1000 {
        constraints.check_name(name, Field::Subject).unwrap();
    }
    let error = constraints.check_name(name, Field::Subject).unwrap_err();
    assert_eq!(error.reason, CertificateError::TooComplex);
}
